"""Secrets hidden in a stream, as the shim does it for the commands that it runs."""

from __future__ import annotations

import re

_HIDDEN = b"***"


class Scrubber:
    """Hides secrets in what is fed to it; what may be the beginning of one waits for the rest."""

    def __init__(self, values: list[bytes]) -> None:
        known = {form for value in values for form in (value, value.strip()) if form}
        # the longest first: the pattern takes the first that fits
        self._secrets = sorted(known, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(s) for s in self._secrets) or b"(?!)")
        self._waiting = b""

    def feed(self, data: bytes, *, ended: bool = False) -> bytes:
        """What may be shown by now."""
        text = self._waiting + data
        end = len(text) if ended else self._decided(text)
        self._waiting = text[end:]
        return self._pattern.sub(_HIDDEN, text[:end])

    def _decided(self, text: bytes) -> int:
        """Where the first secret begins that may go on beyond the text."""
        longest = len(self._secrets[0]) if self._secrets else 0
        found = [match.span() for match in self._pattern.finditer(text)]
        for at in range(max(0, len(text) - longest + 1), len(text)):
            rest = text[at:]
            is_open = any(len(s) > len(rest) and s.startswith(rest) for s in self._secrets)
            if is_open and not any(start < at < end for start, end in found):
                return at
        return len(text)
