"""What a CMakeLists.txt says of itself: the project's name, and the programs that it makes."""

from __future__ import annotations

import re

FILE = "CMakeLists.txt"
_COMMENTS = re.compile(r"#\[(=*)\[.*?\]\1\]|#[^\n]*", re.DOTALL)
_PROJECT = re.compile(r"\bproject\s*\(\s*\"?([\w.+-]+)", re.IGNORECASE)
_LANGUAGES = re.compile(r"\b(?:project|enable_language)\s*\(([^)]*)\)", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"")
_PROGRAM = re.compile(
    r"\badd_executable\s*\(\s*([\w.+-]+)(?!\s+(?:IMPORTED|ALIAS)\b)[\s)]", re.IGNORECASE
)
_TESTS = re.compile(
    r"\b(?:add_test\s*\(\s*(?:NAME\s+[^\s)]+\s+COMMAND\s+)|(?:gtest|catch|doctest)_(?:discover|add)_tests\s*\(\s*)"
    r"(?:\$<TARGET_FILE:)?([\w.+-]+)",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^[ \t]*(if|endif)\s*\(([^)]*)\)", re.IGNORECASE | re.MULTILINE)


def project_name(text: str) -> str:
    """The name in project(); "" where it is no literal."""
    found = _PROJECT.search(_COMMENTS.sub("", text))
    return found[1].lower() if found else ""


def uses_cuda(text: str) -> bool:
    """Whether project() or enable_language() names CUDA."""
    found = _LANGUAGES.finditer(_QUOTED.sub("", _COMMENTS.sub("", text)))
    return any("CUDA" in each[1].split() for each in found)


def programs(text: str) -> tuple[str, ...]:
    """The targets of add_executable that are literal names and no tests, in their order.

    Tests are what add_test and its like execute, and what is only made with BUILD_TESTING.
    """
    text = _without_testing(_COMMENTS.sub("", text))
    tests = {found[1] for found in _TESTS.finditer(text)}
    names = dict.fromkeys(found[1] for found in _PROGRAM.finditer(text))
    return tuple(name for name in names if name not in tests)


def _without_testing(text: str) -> str:
    """The text without what is between if(BUILD_TESTING) and its endif()."""
    kept, depth, start = [], 0, 0
    for found in _BLOCK.finditer(text):
        if depth:
            depth += 1 if found[1].lower() == "if" else -1
            start = start if depth else found.end()
        elif found[1].lower() == "if" and "BUILD_TESTING" in found[2].split():
            kept.append(text[start : found.start()])
            depth = 1
    return "".join([*kept, "" if depth else text[start:]])
