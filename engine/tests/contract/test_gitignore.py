"""Host.directory with what .gitignore files say."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag


@pytest.fixture
def repository(folder):
    """A Git repository with .gitignore files in it and below."""
    files = {
        ".git/HEAD": "",
        ".gitignore": "**.txt\n.git/\n!subdir/e.txt\n*.md\ninternal/foo/\n",
        "b.md": "",
        "c.txt.rar": "",
        "subdir/b.md": "",
        "subdir/e.txt": "",
        "subdir/g.txt": "",
        "subdir/h.yaml": "",
        "subdir2/.gitignore": "*.yaml\n.gitignore\n",
        "subdir2/foo.go": "",
        "subdir2/bar.txt": "",
        "subdir2/bool.yaml": "",
        "internal/foo/x.go": "",
        "internal/y.go": "",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


async def test_gitignore_files_are_no_filter_unless_they_are_asked_for(repository):
    loaded = dag.host().directory(repository.name)
    assert await loaded.entries() == [
        ".git/",
        ".gitignore",
        "b.md",
        "c.txt.rar",
        "internal/",
        "subdir/",
        "subdir2/",
    ]


async def test_what_gitignore_files_name_is_left_out(repository):
    loaded = dag.host().directory(repository.name, gitignore=True)
    assert await loaded.glob("**") == [
        ".gitignore",
        "c.txt.rar",
        "internal/",
        "internal/y.go",
        "subdir/",
        "subdir/e.txt",
        "subdir/h.yaml",
        "subdir2/",
        "subdir2/foo.go",
    ]


async def test_gitignore_files_of_the_folders_above_count_up_to_the_repositorys_root(repository):
    loaded = dag.host().directory(f"{repository.name}/subdir", gitignore=True)
    assert await loaded.entries() == ["e.txt", "h.yaml"]


async def test_an_ignored_folder_is_not_there(repository):
    with pytest.raises(dagger.QueryError, match="internal/foo: no such file or directory"):
        await dag.host().directory(f"{repository.name}/internal/foo", gitignore=True).entries()


async def test_a_gitignore_file_counts_also_where_it_is_excluded_itself(repository):
    loaded = dag.host().directory(repository.name, gitignore=True, exclude=[".gitignore"])
    assert await loaded.entries() == ["c.txt.rar", "internal/", "subdir/", "subdir2/"]


async def test_exclude_patterns_start_at_the_folder_that_is_asked_for(repository):
    loaded = dag.host().directory(
        f"{repository.name}/subdir", gitignore=True, exclude=["e.txt", "subdir/h.yaml"]
    )
    assert await loaded.entries() == ["h.yaml"]


async def test_a_folder_is_read_with_gitignore_files_after_it_was_read_without(folder):
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("a.txt\n")
    (folder / "a.txt").touch()
    (folder / "b.txt").touch()
    whole = dag.host().directory(folder.name)
    assert await whole.entries() == [".git/", ".gitignore", "a.txt", "b.txt"]
    kept = dag.host().directory(folder.name, gitignore=True)
    assert await kept.entries() == [".git/", ".gitignore", "b.txt"]


async def test_a_file_in_an_ignored_folder_may_be_taken_back(folder):
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("temp/\n!temp/keep.txt\n")
    (folder / "temp").mkdir()
    (folder / "temp/keep.txt").touch()
    (folder / "temp/other.txt").touch()
    loaded = dag.host().directory(folder.name, gitignore=True, exclude=[".git"])
    assert await loaded.glob("**") == [".gitignore", "temp/", "temp/keep.txt"]
