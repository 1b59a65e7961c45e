"""Include and exclude patterns, which mean the same wherever they are given."""

from __future__ import annotations

import pytest
from dagger import dag

FILES = [".hidden", "a.txt", "sub/", "sub/b.txt", "sub/deep/", "sub/deep/c.go"]
SUB = ["sub/", "sub/b.txt", "sub/deep/", "sub/deep/c.go"]
CASES = [
    # include, exclude, what is left
    ([], [], FILES),
    (["*.txt"], [], ["a.txt"]),
    (["**/*.txt"], [], ["a.txt", "sub/", "sub/b.txt"]),
    (["sub"], [], SUB),
    (["sub/"], [], SUB),
    (["sub/*"], [], SUB),
    (["sub/deep"], [], ["sub/", "sub/deep/", "sub/deep/c.go"]),
    (["deep"], [], []),
    (["**/deep"], [], ["sub/", "sub/deep/", "sub/deep/c.go"]),
    (["a.txt", "sub/b.txt"], [], ["a.txt", "sub/", "sub/b.txt"]),
    (["**", "!sub"], [], [".hidden", "a.txt"]),
    (["nonesuch"], [], []),
    ([], ["*.txt"], [".hidden", *SUB]),
    ([], ["**/*.txt"], [".hidden", "sub/", "sub/deep/", "sub/deep/c.go"]),
    ([], ["sub"], [".hidden", "a.txt"]),
    ([], ["sub/"], [".hidden", "a.txt"]),
    ([], ["sub/*"], [".hidden", "a.txt", "sub/"]),
    ([], ["deep"], FILES),
    ([], ["**/deep"], [".hidden", "a.txt", "sub/", "sub/b.txt"]),
    ([], ["[ab].txt"], [".hidden", *SUB]),
    ([], ["*", "!a.txt"], ["a.txt"]),
    ([], ["*", "!sub/b.txt"], ["sub/", "sub/b.txt"]),
    ([], ["sub", "!sub/deep"], [".hidden", "a.txt", "sub/", "sub/deep/", "sub/deep/c.go"]),
    (["sub"], ["sub/deep"], ["sub/", "sub/b.txt"]),
    (["**"], ["**/*.txt"], [".hidden", "sub/", "sub/deep/", "sub/deep/c.go"]),
    (["**/*.go"], ["sub/deep"], []),
]


@pytest.mark.parametrize(("include", "exclude", "left"), CASES)
async def test_filter(files, include, exclude, left):
    assert await files.filter(include=include, exclude=exclude).glob("**") == left


@pytest.mark.parametrize(("include", "exclude", "left"), CASES)
async def test_with_directory_copies_what_the_patterns_leave(files, include, exclude, left):
    copied = dag.directory().with_directory("/", files, include=include, exclude=exclude)
    assert await copied.glob("**") == left


@pytest.mark.parametrize(("include", "exclude", "left"), CASES)
async def test_a_host_directory_has_what_the_patterns_leave(
    host_folder, include, exclude, left, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("filters", numbered=True)
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            (folder / path).touch()
    loaded = dag.host().directory(str(folder), include=include, exclude=exclude)
    assert await loaded.glob("**") == left


@pytest.mark.parametrize("pattern", ["/a.txt", "../a.txt"])
async def test_a_pattern_that_leaves_the_directory_matches_nothing(files, pattern):
    assert await files.filter(include=[pattern]).glob("**") == []
    assert await files.filter(exclude=[pattern]).glob("**") == FILES


async def test_patterns_are_relative_to_the_directory_they_filter(files):
    assert await files.directory("sub").filter(include=["*.txt"]).glob("**") == ["b.txt"]
    left = await files.directory("sub").filter(exclude=["sub/deep"]).glob("**")
    assert left == ["b.txt", "deep/", "deep/c.go"]


async def test_include_makes_only_the_folders_of_what_it_takes(files):
    filtered = files.with_new_directory("empty/e").filter(include=["**/*.txt"])
    assert await filtered.glob("**") == ["a.txt", "sub/", "sub/b.txt"]


async def test_include_keeps_the_permissions_of_folders(connection):
    source = dag.directory().with_new_directory("d", permissions=0o711).with_new_file("d/f", "")
    assert await source.filter(include=["d/f"]).stat("d").permissions() == 0o711


# -- .gitignore files

RULES = "*.log\n!keep.log\nbuild/\n/top\n# none\nsub/*.tmp\n"


@pytest.fixture
def repository(connection):
    made = dag.directory().with_new_file(".gitignore", RULES)
    for path in ("a.log", "keep.log", "src/a.log", "build/x", "src/build/y", "build.txt"):
        made = made.with_new_file(path, "")
    for path in ("top", "src/top", "sub/a.tmp", "src/sub/a.tmp", "src/own", "src/deep/own"):
        made = made.with_new_file(path, "")
    return made.with_new_file("src/.gitignore", "own\n!a.log\n")


FOLLOWED = [".gitignore", "build.txt", "keep.log", "src/.gitignore", "src/a.log"]
FOLLOWED += ["src/sub/a.tmp", "src/top"]


async def files_of(directory):
    return [path for path in await directory.glob("**") if not path.endswith("/")]


async def test_what_gitignore_files_name_is_left_out(repository):
    assert await files_of(repository.filter(gitignore=True)) == FOLLOWED
    copied = dag.directory().with_directory("x", repository, gitignore=True)
    assert await files_of(copied.directory("x")) == FOLLOWED


async def test_gitignore_files_and_patterns_leave_out_together(repository):
    filtered = repository.filter(gitignore=True, include=["src"], exclude=["**/.gitignore"])
    assert await files_of(filtered) == ["src/a.log", "src/sub/a.tmp", "src/top"]


async def test_gitignore_files_above_a_subdirectory_count(repository):
    filtered = repository.directory("src/build").filter(gitignore=True)
    assert await files_of(filtered) == []
