"""Text that remembers the lines of the file it was joined from."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Text:
    """Pieces of a file, joined; every offset has the number of its line."""

    def __init__(self, pieces: Iterable[tuple[int, str]]) -> None:
        """Joins pieces, each given with the number of the line it is on."""
        self._lines: list[int] = []
        self._starts: list[int] = []
        joined: list[str] = []
        at = 0
        for line, piece in pieces:
            self._lines.append(line)
            self._starts.append(at)
            joined.append(piece)
            at += len(piece)
        self.text = "".join(joined)

    @property
    def pieces(self) -> list[tuple[int, str]]:
        """What it was joined from."""
        ends = [*self._starts[1:], len(self.text)]
        spans = zip(self._lines, self._starts, ends, strict=True)
        return [(line, self.text[start:end]) for line, start, end in spans]

    def line_at(self, offset: int) -> int:
        """The line of the character at `offset`."""
        return self._lines[bisect_right(self._starts, offset) - 1]

    def line_of(self, part: str) -> int:
        """The line on which `part` first stands; the first line where it does not."""
        return self.line_at(max(self.text.find(part), 0))

    def after(self, offset: int) -> Text:
        """What stands from `offset` on."""
        return self.between(offset, len(self.text))

    def between(self, start: int, stop: int) -> Text:
        """What stands from one offset to another."""
        starts = zip(self._starts, self.pieces, strict=True)
        cut = (
            (line, piece[max(start - at, 0) : max(stop - at, 0)]) for at, (line, piece) in starts
        )
        return Text((line, piece) for line, piece in cut if piece)
