"""What the image starts, and as whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import accounts, foreign
from .elf import MAGIC
from .found import Found
from .rootfs import EXECUTE, READ

if TYPE_CHECKING:
    from .accounts import User
    from .image import Image
    from .rootfs import Entry


def check(image: Image) -> Iterator[Found]:
    """The command is there and may be executed, by somebody who is there and is not root."""
    asked = image.request.user
    user = None
    try:
        user = accounts.find(image.root, asked)
    except accounts.UnknownError as error:
        yield Found(
            "unknown-user",
            "/",
            str(error),
            "a user and group of the image, or numbers",
            "Set [runtime] user to numbers, such as 65532:65532, or add the name to the image.",
        )
    if image.request.command:
        yield from _command(image, image.request.command[0], user)
    if asked.partition(":")[0] in ("", "root") or (user and user.is_root):
        yield Found(
            "runs-as-root",
            "/",
            f"user '{asked}'" if asked else "no user",
            "a user without privileges",
            "Set [runtime] user, such as 65532:65532.",
        )


def _command(image: Image, name: str, user: User | None) -> Iterator[Found]:
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
    if not entry.is_file or not (entry.allows(user, EXECUTE) if user else entry.is_executable):
        yield Found(
            "entrypoint-not-executable",
            entry.path,
            "a folder" if entry.is_folder else _mode(entry),
            "a file with mode 0755",
            "Set the executable bit where it comes from: chmod +x.",
        )
    elif user:
        yield from _reached(image, entry, name, user)


def _reached(image: Image, entry: Entry, name: str, user: User) -> Iterator[Found]:
    """Whether a user gets to a command that it may execute: each folder above has to let it."""
    folders = image.root.folders_to(image.place(name))
    closed = next((folder for folder in folders if not folder.allows(user, EXECUTE)), None)
    if closed:
        yield Found(
            "entrypoint-not-executable",
            entry.path,
            f"below {closed.path}, a folder of {_mode(closed)}",
            f"folders that user '{image.request.user}' may enter",
            f"Set the folder's mode where it comes from: chmod a+x {closed.path}.",
        )
    elif image.root.head(entry, 2) == b"#!" and not entry.allows(user, READ):
        yield Found(
            "entrypoint-not-executable",
            entry.path,
            f"a script of {_mode(entry)}",
            f"a script that user '{image.request.user}' may read, as its interpreter has to",
            "Set its mode where it comes from: chmod a+rx.",
        )


def _mode(entry: Entry) -> str:
    status = entry.status
    owner = f" of {status.st_uid}:{status.st_gid}" if status.st_mode & 0o111 else ""
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
