"""Patterns of Directory.glob: those of .dockerignore files, with all that is odd about them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WILDCARDS = re.compile(r"\*\*/?|\*|\?|\\(?s:.)|\[|\]|[^*?\\\[\]]+")


def glob_matcher(pattern: str) -> Callable[[str], object]:
    """Tells whether a path matches; raises RequestError for a pattern that is none.

    `**` is any depth, `*` and `?` stay within a name, [a-c] is one letter of several.
    """
    text = pattern.strip()
    if not text:
        msg = "failed to create glob pattern matcher: empty pattern"
        raise RequestError(msg)
    text = posixpath.normpath(text).replace("//", "/", 1)
    _check(text.removeprefix("!"))
    if text.startswith("!"):
        # an exception to no other pattern
        return lambda _path: False
    plain = text.removeprefix("**").removesuffix("**")
    if not re.search(r"[*?\\\[\]]", plain):
        match text.startswith("**"), text.endswith("**"):
            case False, False:
                return text.__eq__
            case False, True:
                return lambda path: path.startswith(plain)
            case True, False:
                return lambda path: path.endswith(plain) or f"/{path}" == plain
            case _ if text == "**":
                return lambda _path: True
    try:
        return re.compile("".join(_expression(text)), re.ASCII).fullmatch
    except re.error:
        raise _bad_pattern() from None


def _expression(text: str) -> Iterator[str]:
    in_class = False
    for part in _WILDCARDS.finditer(text):
        match part[0]:
            case "**" | "**/":
                # in front of a name it is whole folders, also where there is no slash between
                yield ".*" if part.end() == len(text) else "(?:.*/)?"
            case "*":
                yield "[^/]*"
            case "?":
                yield "[^/]"
            case "[":
                yield r"\[" if in_class else "["
                in_class = True
            case "]":
                yield "]"
                in_class = False
            case escape if escape[0] == "\\":
                yield escape
            case plain:
                yield re.sub(r"[.+()|{}$]", r"\\\g<0>", plain)


def _check(text: str) -> None:
    """Raises RequestError for brackets that do not end or hold nothing, and a last backslash."""
    letter = r"(?:\\(?s:.)|[^\\\]-])"
    ranges = rf"\[\^?{letter}(?:-{letter})?(?:{letter}(?:-{letter})?)*\]"
    if not re.fullmatch(rf"(?:\\(?s:.)|{ranges}|[^\\\[])*", text):
        raise _bad_pattern()


def _bad_pattern() -> RequestError:
    return RequestError("failed to create glob pattern matcher: syntax error in pattern")
