"""What the image starts, and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import foreign
from .elf import MAGIC
from .found import Found

if TYPE_CHECKING:
    from .image import Image
    from .rootfs import Entry

_ROOT = ("", "0", "root")


def check(image: Image) -> Iterator[Found]:
    """The command is there and may be executed, by somebody else than root."""
    if image.request.command:
        yield from _command(image, image.request.command[0])
    user = image.request.user.partition(":")[0]
    if user in _ROOT:
        yield Found(
            "runs-as-root",
            "/",
            f"user '{image.request.user}'" if user else "no user",
            "a user without privileges",
            "Set [runtime] user, such as 65532:65532.",
        )


def _command(image: Image, name: str) -> Iterator[Found]:
    entry = image.command
    if entry is None:
        yield Found(
            "missing-entrypoint",
            name,
            "not in the image",
            "the program that the image starts",
            "Set [runtime] entrypoint to a path of the image.",
        )
        return
    if entry.is_file:
        yield from _format(image, entry)
    if not entry.is_executable_by(image.request.user):
        yield Found(
            "entrypoint-not-executable",
            entry.path,
            "a folder" if entry.is_folder else _mode(entry),
            "a file with mode 0755",
            "Set the executable bit where it comes from: chmod +x.",
        )


def _mode(entry: Entry) -> str:
    status = entry.status
    owner = f" of {status.st_uid}:{status.st_gid}" if entry.is_executable else ""
    return f"mode {status.st_mode & 0o7777:04o}{owner}"


def _format(image: Image, entry: Entry) -> Iterator[Found]:
    """The kernel starts programs and scripts: what is neither is no command."""
    head = image.root.head(entry, foreign.HEAD)
    if not head:
        seen = "an empty file"
    elif head.startswith(MAGIC):
        if image.elf(entry.path) or entry.path in image.corrupt:
            return
        seen = "an ELF file that is no program, such as an object file"
    elif image.is_script(entry) or foreign.system(head):
        return
    else:
        seen = "neither a program nor a script"
    yield Found(
        "corrupt-binary",
        entry.path,
        seen,
        "a program, or a script that begins with #!",
        "Look at what writes it: a failed build or copy, or a link that was never made.",
    )
