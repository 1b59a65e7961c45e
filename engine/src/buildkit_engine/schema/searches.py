"""Where files contain a pattern: Directory.search and File.search."""

from __future__ import annotations

import posixpath
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.files import File
    from buildkit_engine.schema.context import Context


@dataclass(frozen=True)
class SearchSubmatch:
    """A match within the lines that it is on."""

    text: str
    start: int
    end: int

    def key(self) -> object:
        return asdict(self)


@dataclass(frozen=True)
class SearchResult:
    """The lines that matches are on; with files only, no more than a path."""

    path: str
    line: int
    offset: int
    lines: str
    submatches: tuple[SearchSubmatch, ...]

    def key(self) -> object:
        return asdict(self)


@serves("Directory", "search")
def search(
    context: Context,
    directory: Directory,
    *,
    paths: list[str] | None = None,
    globs: list[str] | None = None,
    **options: object,
) -> list[SearchResult]:
    inside = [_inside(path) for path in paths or ()]
    if directory.output is None:
        # raises where it is not the root of nothing
        context.evaluator.tree(directory)
        return []
    return _found(context, directory, paths=inside, globs=globs or [], **options)


@serves("File", "search")
def file_search(
    context: Context,
    file: File,
    *,
    paths: list[str] | None = None,  # noqa: ARG001 - of a file Dagger takes no heed of them
    globs: list[str] | None = None,  # noqa: ARG001
    **options: object,
) -> list[SearchResult]:
    context.evaluator.file_entry(file)
    folder, name = posixpath.split(file.path)
    return _found(context, Directory(file.output, folder), paths=[name], **options)


def _found(context: Context, directory: Directory, **options: object) -> list[SearchResult]:
    """Raises SolveError for a pattern that is none."""
    answers = context.evaluator.ask("search", directory.output, directory.path, **options)
    return [
        SearchResult(**{**a, "submatches": tuple(SearchSubmatch(**s) for s in a["submatches"])})
        for a in answers
    ]


def _inside(path: str) -> str:
    clean = posixpath.normpath(path.lstrip("/") or ".")
    if clean.split("/")[0] == "..":
        raise RequestError(f"path cannot escape directory: {path}")
    return clean


@serves("SearchResult", "filePath")
def file_path(_context: Context, result: SearchResult) -> str:
    return result.path


@serves("SearchResult", "lineNumber")
def line_number(_context: Context, result: SearchResult) -> int:
    return result.line


@serves("SearchResult", "absoluteOffset")
def absolute_offset(_context: Context, result: SearchResult) -> int:
    return result.offset


@serves("SearchResult", "matchedLines")
def matched_lines(_context: Context, result: SearchResult) -> str:
    return result.lines


@serves("SearchResult", "submatches")
def submatches(_context: Context, result: SearchResult) -> list[SearchSubmatch]:
    return list(result.submatches)


@serves("SearchSubmatch", "text")
def text(_context: Context, submatch: SearchSubmatch) -> str:
    return submatch.text


@serves("SearchSubmatch", "start")
def start(_context: Context, submatch: SearchSubmatch) -> int:
    return submatch.start


@serves("SearchSubmatch", "end")
def end(_context: Context, submatch: SearchSubmatch) -> int:
    return submatch.end
