"""What processes take while they run: memory of whole trees, processor time."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_INTERVAL = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# fields of /proc/PID/stat after the name, as proc(5) counts them from 3
_PARENT, _TIMES, _RSS = 4 - 3, slice(14 - 3, 18 - 3), 24 - 3


@dataclass(frozen=True)
class Process:
    """One line of the kernel's table."""

    parent: int
    resident: int
    """Bytes."""


def parse_stat(text: str) -> list[str]:
    """The fields of /proc/PID/stat that follow the name, which may hold blanks and brackets."""
    return text.rpartition(")")[2].split()


def table() -> dict[int, Process]:
    """All processes of this moment, by their ids."""
    found: dict[int, Process] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - many times a second
        if entry.isdigit():
            try:
                fields = parse_stat(Path(f"/proc/{entry}/stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            found[int(entry)] = Process(int(fields[_PARENT]), int(fields[_RSS]) * _PAGE)
    return found


def resident(processes: dict[int, Process], roots: Iterable[int]) -> int:
    """Bytes that the trees below `roots` hold; pages that two share count twice."""
    children: dict[int, list[int]] = defaultdict(list)
    for pid, process in processes.items():
        children[process.parent].append(pid)
    total, waiting = 0, [pid for pid in roots if pid in processes]
    while waiting:
        pid = waiting.pop()
        total += processes[pid].resident
        waiting += children[pid]
    return total


def seconds_used(pid: int) -> float:
    """Processor seconds of a process and of its children that have ended."""
    fields = parse_stat(Path(f"/proc/{pid}/stat").read_text())
    return sum(int(n) for n in fields[_TIMES]) / _TICKS


class Sampler:
    """Looks at two sets of trees ten times a second, and keeps the largest that it saw."""

    def __init__(self, clients: Iterable[int], daemons: Iterable[int]) -> None:
        self._clients, self._daemons = tuple(clients), tuple(daemons)
        self.client = self.daemon = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            now = table()
            self.client = max(self.client, resident(now, self._clients))
            self.daemon = max(self.daemon, resident(now, self._daemons))
            if self._end.wait(_INTERVAL):
                return
