"""Directory.search and File.search: where files contain a pattern."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

GO = 'package main\n\nfunc main() {\n\tfmt.Println("Hello")\n}\n\nfunc another() {\n\tfmt.Println("Hello")\n}\n'


@pytest.fixture
def tree(connection):
    return (
        dag.directory()
        .with_new_file("a.txt", "hello\nworld hello hello\nHello")
        .with_new_file("src/main.go", GO)
        .with_new_file("src/sub/c.md", "say hello\n")
        .with_new_file(".hidden/h", "hello hidden\n")
    )


async def told(results: list[dagger.SearchResult]) -> list[tuple]:
    """Path, line, offset, lines and matches; files come in no order on a Dagger engine."""
    return sorted(
        [
            (
                await r.file_path(),
                await r.line_number(),
                await r.absolute_offset(),
                await r.matched_lines(),
                [(await s.text(), await s.start(), await s.end()) for s in await r.submatches()],
            )
            for r in results
        ]
    )


async def paths(results: list[dagger.SearchResult]) -> list[str]:
    return sorted({await r.file_path() for r in results})


async def test_a_result_is_a_line_with_all_matches_in_it(tree):
    assert await told(await tree.search("hello", globs=["*.txt"])) == [
        ("a.txt", 1, 0, "hello\n", [("hello", 0, 5)]),
        ("a.txt", 2, 6, "world hello hello\n", [("hello", 6, 11), ("hello", 12, 17)]),
    ]


async def test_hidden_files_are_searched_unless_told_otherwise(tree):
    assert await paths(await tree.search("hello")) == [".hidden/h", "a.txt", "src/sub/c.md"]
    found = await tree.search("hello", skip_hidden=True)
    assert await paths(found) == ["a.txt", "src/sub/c.md"]


async def test_a_pattern_is_a_regular_expression(tree):
    [found] = await told(await tree.search(r"^func \w+another|^func (m)a.n\("))
    assert found == ("src/main.go", 3, 14, "func main() {\n", [("func main(", 0, 10)])


async def test_a_literal_pattern_is_none(tree):
    found = await told(await tree.search('Println("', literal=True))
    assert [(line, matches) for _, line, _, _, matches in found] == [
        (4, [('Println("', 5, 14)]),
        (8, [('Println("', 5, 14)]),
    ]
    assert await tree.search("h.llo", literal=True) == []


async def test_a_pattern_may_begin_with_a_hyphen(connection):
    made = dag.directory().with_new_file("f", "--flag\n")
    assert await paths(await made.search("--flag", literal=True)) == ["f"]


async def test_case_matters_unless_told_otherwise(tree):
    found = await told(await tree.search("HELLO", insensitive=True, paths=["a.txt"]))
    assert [line for _, line, *_ in found] == [1, 2, 3]
    assert await tree.search("HELLO") == []


async def test_multiline_patterns_span_lines(tree):
    found = await told(await tree.search(r"main\(\) \{\n.*Println", multiline=True))
    lines = 'func main() {\n\tfmt.Println("Hello")\n'
    match = ("main() {\n\tfmt.Println", 5, 26)
    assert found == [("src/main.go", 3, 14, lines, [match])]


async def test_a_dot_is_a_newline_only_with_dotall(tree):
    options = {"multiline": True, "paths": ["src/main.go"]}
    assert await tree.search("main.*another", **options) == []
    [found] = await told(await tree.search("main.*another", dotall=True, **options))
    assert found[1] == 1


async def test_a_newline_needs_multiline(tree):
    with pytest.raises(dagger.QueryError, match="is not allowed in a regex"):
        await tree.search("hello\nworld")


async def test_a_pattern_that_is_none_is_refused(tree):
    with pytest.raises(dagger.QueryError, match="pars"):
        await tree.search("(")


async def test_files_only_tells_paths_and_no_more(tree):
    found = await told(await tree.search("hello", files_only=True, skip_hidden=True))
    assert found == [("a.txt", 0, 0, "", []), ("src/sub/c.md", 0, 0, "", [])]


async def test_a_limit_is_of_results(tree):
    assert len(await tree.search("hello", limit=2)) == 2
    assert len(await tree.search("hello", limit=100)) == 4


@pytest.mark.parametrize(
    ("globs", "found"),
    [
        (["*.md"], ["src/sub/c.md"]),
        (["*.md", "*.txt"], ["a.txt", "src/sub/c.md"]),
        (["*.{md,txt}"], ["a.txt", "src/sub/c.md"]),
        (["!*.md"], [".hidden/h", "a.txt"]),
        (["src/**"], ["src/sub/c.md"]),
        (["src/*"], []),
        (["/a.txt"], ["a.txt"]),
        (["*.none"], []),
    ],
)
async def test_globs_choose_files(tree, globs, found):
    assert await paths(await tree.search("hello", globs=globs)) == found


@pytest.mark.parametrize(
    ("within", "found"),
    [
        (["src"], ["src/sub/c.md"]),
        (["/src/"], ["src/sub/c.md"]),
        (["src/../src"], ["src/sub/c.md"]),
        (["src", "a.txt"], ["a.txt", "src/sub/c.md"]),
        (["src/main.go"], []),
    ],
)
async def test_paths_choose_where_to_search(tree, within, found):
    assert await paths(await tree.search("hello", paths=within)) == found


@pytest.mark.parametrize("path", ["..", "../x", "src/../../x"])
async def test_a_path_that_leaves_the_directory_is_refused(tree, path):
    with pytest.raises(dagger.QueryError, match="path cannot escape directory"):
        await tree.search("hello", paths=[path])


async def test_a_path_that_does_not_exist_is_refused(tree):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: .*No such file or directory"):
        await tree.search("hello", paths=["nonesuch"])


async def test_links_are_followed_where_they_are_named_and_never_out_of_the_directory(connection):
    made = (
        dag.directory()
        .with_new_file("symlink", "im innocent")
        .with_new_file("subdir/etc/passwd", "root:world")
        .with_symlink("/etc/passwd", "subdir/symlink")
    )
    scoped = made.directory("subdir")
    [found] = await told(await scoped.search("root", paths=["symlink"]))
    assert found[3] == "root:world"
    assert await paths(await scoped.search("root")) == ["etc/passwd"]


async def test_ignored_files_are_searched_unless_told_otherwise(tree):
    ruled = tree.with_new_file(".rgignore", "src\n*.txt\n")
    assert len(await paths(await ruled.search("hello"))) == 3
    assert await paths(await ruled.search("hello", skip_ignored=True)) == [".hidden/h"]


async def test_gitignore_files_count_within_a_repository(tree):
    ruled = tree.with_new_file(".gitignore", "*.txt\n")
    assert "a.txt" in await paths(await ruled.search("hello", skip_ignored=True))
    repository = ruled.with_new_directory(".git")
    assert "a.txt" not in await paths(await repository.search("hello", skip_ignored=True))


async def test_files_that_are_no_text_are_left_out(connection, debian):
    made = debian.with_workdir("/w").with_exec(
        ["sh", "-c", r"printf 'hello\0' > b; echo hello > t"]
    )
    assert await paths(await made.directory("/w").search("hello")) == ["t"]


async def test_nothing_is_found_in_an_empty_directory(connection):
    assert await dag.directory().search("hello") == []


async def test_results_in_a_subdirectory_are_relative_to_it(tree):
    assert await paths(await tree.directory("src").search("hello")) == ["sub/c.md"]


async def test_a_file_is_searched_by_its_name(tree):
    assert await told(await tree.file("src/sub/c.md").search("hello")) == [
        ("c.md", 1, 0, "say hello\n", [("hello", 4, 9)])
    ]
    assert await tree.file("a.txt").search("nothing") == []
