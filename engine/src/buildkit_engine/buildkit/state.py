"""Where the engine keeps what outlives a call."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets as random
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit_engine.buildkit.nodes import Node

STATE_VARIABLE = "BUILDKIT_ENGINE_STATE"
_LOOPBACK = re.compile(r"127\.0\.0\.1:\d{1,5}")


@dataclass(frozen=True)
class State:
    """The state folder: BUILDKIT_ENGINE_STATE, else buildkit-engine in the user's state folder."""

    root: Path

    @classmethod
    def of_user(cls) -> State:
        if chosen := os.environ.get(STATE_VARIABLE):
            return cls(Path(chosen).absolute())
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(Path(base) / "buildkit-engine")

    def folder(self, *parts: str) -> Path:
        """A folder in the state, made if it is missing; readable by this user alone."""
        path = self.root.joinpath(*parts)
        # the root first: with `parents`, only the last folder gets the mode
        for folder in (self.root, path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    @property
    def socket(self) -> Path:
        return self.root / "buildkitd.sock"

    @property
    def trace_socket(self) -> Path:
        return self.root / "traces.sock"

    @property
    def served(self) -> Path:
        """What the web server on loopback serves, once it was made."""
        return self.root / "mirror" / "served"

    @property
    def forks(self) -> Path:
        """Where the fork servers of modules' interpreters have their sockets."""
        return self.root / "forks"

    @property
    def temporary(self) -> Path:
        """What the daemon has as TMPDIR: it mounts snapshots there, which stay if it is killed."""
        return self.folder("tmp")

    @property
    def secret_salt(self) -> bytes:
        """Random bytes, made once: with them, handles of secrets say nothing of their values."""
        path = self.folder() / "secret-salt"
        with self.locked("secret-salt"):
            if not path.exists():
                path.touch(mode=0o600)
                path.write_bytes(random.token_bytes(32))
            return path.read_bytes()

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """One process at a time; the kernel lets go when the holder ends, however it ends."""
        with (self.folder("locks") / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True)
class Running:
    """What `up` started, as later calls find it."""

    daemon_pid: int
    registry_pid: int
    registry: str
    """host:port of the registry on loopback."""
    stand_ins: bool
    """True where the usual registries did not answer: base images come from the mirror."""
    daemon: str = ""
    """The program that the daemon is, by which another version of the engine can end it."""
    registry_program: str = ""
    decided: bool = True
    """Whether it is known if base images come from the mirror: not while only the registry runs."""
    address: str = ""
    """Of a daemon of the user's own, in place of the engine's; never saved."""
    nodes: tuple[Node, ...] = ()
    """Daemons of the user's own, each for its platforms, in place of one; never saved."""

    def daemon_address(self, state: State) -> str:
        return self.address or f"unix://{state.socket}"

    def save(self, state: State) -> None:
        path = state.folder() / "running.json"
        new = path.with_suffix(".new")
        saved = asdict(replace(self, address="", nodes=()))
        del saved["nodes"]
        new.write_text(json.dumps(saved, indent=2))
        new.replace(path)

    @classmethod
    def load(cls, state: State) -> Running | None:
        """None where there is no record, or one that this version cannot read."""
        try:
            found = cls(**json.loads((state.root / "running.json").read_text()))
            pids = isinstance(found.daemon_pid, int) and isinstance(found.registry_pid, int)
            return found if pids and _LOOPBACK.fullmatch(found.registry) else None
        except (FileNotFoundError, ValueError, TypeError):
            return None

    @staticmethod
    def forget(state: State) -> None:
        (state.root / "running.json").unlink(missing_ok=True)


@contextmanager
def telling_of_the_disk(state: State) -> Iterator[None]:
    """A disk that is full or not to be written is told in one line."""
    try:
        yield
    except OSError as error:
        where = error.filename or state.root
        raise SetupError(
            f"cannot write '{where}': {error.strerror}: free some space or mend its permissions, "
            f"or choose another folder with {STATE_VARIABLE}"
        ) from None
