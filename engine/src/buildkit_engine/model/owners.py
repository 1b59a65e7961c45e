"""Owners of files by name, looked up in the filesystem that the files go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError, SolveError
from buildkit_engine.llb.ops import Owner
from buildkit_engine.model.files import File

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.llb.ops import Output


def owner_of(text: str, root: Output | None, read: Callable[[File], bytes]) -> Owner | None:
    """The owner that user, user:group or 1000:1000 names; without a group, its id is the user's.

    Raises RequestError for a name that `root` does not know.
    """
    if not text:
        return None
    user, _, group = text.partition(":")
    try:
        uid = _id(user, "user", File(root, "/etc/passwd"), read)
        gid = _id(group, "group", File(root, "/etc/group"), read) if group else uid
    except RequestError as error:
        raise RequestError(f"failed to resolve ownership for {text}: {error}") from None
    return Owner(uid, gid)


def _id(name: str, kind: str, table: File, read: Callable[[File], bytes]) -> int:
    if name.isdigit():
        return int(name)
    try:
        lines = read(table).decode(errors="replace").splitlines()
    except (RequestError, SolveError) as error:
        raise RequestError(f"open {table.path}: {error}") from None
    for line in lines:
        known, _, id_, *_ = [*line.split(":"), "", ""]
        if known == name and id_.isdigit():
            return int(id_)
    raise RequestError(f"no such {kind}: {name}")
