"""Container: a root filesystem, its configuration, and what is mounted when a command runs."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import (
    BindMount,
    CacheMount,
    ExecOp,
    FileOp,
    ImageSource,
    MakeDir,
    TempMount,
)
from buildkit_engine.model import titles
from buildkit_engine.model.config import BaseImage, ImageConfig
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.paths import absolute, below

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.llb.ops import LocalSource, Mount, Output

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What Dagger gives a command where the image says nothing."""
NO_COMMAND = "no command has been set"
_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?0-9-]|[a-zA-Z_][a-zA-Z0-9_]*)|\{)")
"""What Go's os.Expand takes for one: also $$ and ${, which no variable has for its name."""
SHIM_FOLDER = "/.buildkit-engine/shim"
META_FOLDER = "/.buildkit-engine/meta"
_META = FileOp("[internal] meta", None, (MakeDir(META_FOLDER, mode=0o777),)).output
"""Where the shim leaves what a command said: whoever the command's user is may write there."""

Expect = Literal["any", "success", "failure"]


@dataclass(frozen=True)
class CacheVolume:
    """A folder that outlives builds, named for all of an engine's users."""

    name: str

    def key(self) -> object:
        return self.name


@dataclass(frozen=True, eq=False)
class Mounted:
    """Something mounted at `target` when a command runs; never part of the image."""

    target: str
    directory: Directory | None = None
    """A directory or, with `is_file`, the one file at its path. Writes stay for later commands."""
    is_file: bool = False
    cache: CacheVolume | None = None
    sharing: Literal["SHARED", "PRIVATE", "LOCKED"] = "SHARED"

    def key(self) -> object:
        source = self.directory and self.directory.key()
        return [self.target, source, self.is_file, self.cache and self.cache.key(), self.sharing]

    def for_exec(self) -> Mount:
        source = self.directory.output if self.directory else None
        selector = self.directory.path if self.directory and self.directory.path != "/" else ""
        if self.cache:
            return CacheMount(self.target, self.cache.name, source, selector, self.sharing)
        if self.directory is None:
            return TempMount(self.target)
        return BindMount(self.target, source, selector)


@dataclass(frozen=True)
class Credentials:
    """For one registry; the password by its secret's id."""

    address: str
    username: str
    secret_id: str


@dataclass(frozen=True, eq=False)
class Container:
    """An image to be, at some point of its making."""

    platform: str
    fs: Output | None = None
    config: ImageConfig = field(default_factory=ImageConfig)
    base: BaseImage | None = None
    mounts: tuple[Mounted, ...] = ()
    credentials: tuple[Credentials, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    last: ExecOp | None = None
    """The last command, whose output is asked for."""

    def key(self) -> object:
        """What makes it this container: equal keys are equal containers."""
        return [
            self.platform,
            "" if self.fs is None else self.fs.key,
            repr(self.config),
            self.base and self.base.ref,
            [m.key() for m in self.mounts],
            [repr(c) for c in self.credentials],
            self.annotations,
            self.last and self.last.digest,
        ]

    # -- where it comes from

    def from_(self, base: BaseImage) -> Container:
        """The image's filesystem and configuration; its platform too, whatever was asked for.

        Of what was configured before, variables, labels and ports stay where the image has no own.
        """
        title = f"[{base.platform}] from {base.ref.partition('@')[0]}"
        source = ImageSource(title, base.ref, base.platform)
        config = base.config.over(self.config)
        return replace(self, platform=base.platform, fs=source.output, config=config, base=base)

    @property
    def rootfs(self) -> Directory:
        return Directory(self.fs)

    def with_rootfs(self, directory: Directory) -> Container:
        fs = Directory().with_directory("/", directory).output
        return replace(self, fs=fs, base=None)

    def with_config(self, change: Callable[[ImageConfig], ImageConfig]) -> Container:
        return replace(self, config=change(self.config))

    def expanded(self, text: str, *, expand: bool | None) -> str:
        """`text` with the container's variables in place of $NAME and ${NAME}, if `expand`."""
        if not expand:
            return text
        return _VARIABLE.sub(lambda m: self.config.variable(m[1] or m[2]) or "", text)

    # -- files

    def at(self, path: str) -> str:
        """A path as a command in the container would see it."""
        return absolute(path, self.config.workdir or "/")

    def directory(self, path: str) -> Directory:
        directory, _, inner = self._located(self.at(path))
        return directory.directory(inner)

    def file(self, path: str) -> File:
        directory, _, inner = self._located(self.at(path))
        return directory.file(inner)

    def edit(self, path: str, change: Callable[[Directory, str], Directory]) -> Container:
        """`change` applied to whatever holds `path`: the root, or the mount it is below."""
        directory, mount, inner = self._located(self.at(path))
        changed = change(directory, inner)
        if mount is None:
            return replace(self, fs=changed.output)
        # only what is mounted changes: of a mounted file, `changed` is the folder that it is in
        assert mount.directory
        written = replace(mount.directory, output=changed.output)
        return replace(
            self,
            mounts=tuple(replace(m, directory=written) if m is mount else m for m in self.mounts),
        )

    def _located(self, path: str) -> tuple[Directory, Mounted | None, str]:
        for mount in reversed(self.mounts):
            inner = below(path, mount.target)
            if inner is None:
                continue
            if mount.directory is None or mount.cache:
                kind = "cache" if mount.cache else "tmpfs"
                raise RequestError(f"{path}: cannot retrieve path from {kind}")
            if mount.is_file:
                folder, _, name = mount.directory.path.rpartition("/")
                return replace(mount.directory, path=folder or "/"), mount, name
            return mount.directory, mount, inner
        return self.rootfs, None, path

    # -- mounts

    def with_mounted(self, mounted: Mounted) -> Container:
        """Mounted over what was mounted at the same path or below it."""
        target = self.at(mounted.target)
        others = tuple(m for m in self.mounts if below(m.target, target) is None)
        return replace(self, mounts=(*others, replace(mounted, target=target)))

    def without_mount(self, path: str) -> Container:
        target = self.at(path)
        return replace(self, mounts=tuple(m for m in self.mounts if m.target != target))

    # -- commands

    def with_exec(
        self,
        args: tuple[str, ...],
        *,
        shim: LocalSource,
        use_entrypoint: bool = False,
        expect: Expect = "success",
    ) -> Container:
        """With what the command leaves behind. The shim keeps its output and exit code."""
        command = args or self.config.cmd
        if use_entrypoint:
            command = (*self.config.entrypoint, *command)
        if not command:
            raise RequestError(NO_COMMAND)
        run = [f"{SHIM_FOLDER}/shim", "run", "-expect", expect, "-meta", META_FOLDER]
        if caches := [m.cache.name for m in self.mounts if m.cache]:
            run += ["-caches", json.dumps(caches)]
        env = self.config.env
        if self.config.variable("PATH") is None:
            env = (("PATH", DEFAULT_PATH), *env)
        exec_ = ExecOp(
            title=titles.of_command(self.platform, command, self.config, self.base),
            args=(*run, "--", *command),
            on=self.platform,
            mounts=(
                BindMount("/", self.fs),
                BindMount(SHIM_FOLDER, shim.output, readonly=True),
                BindMount(META_FOLDER, _META, META_FOLDER),
                *(m.for_exec() for m in self.mounts),
            ),
            env=tuple(f"{name}={value}" for name, value in env),
            cwd=self.config.workdir or "/",
            user=self.config.user,
        )
        return replace(
            self,
            fs=exec_.output_of("/"),
            mounts=tuple(self._after(m, exec_) for m in self.mounts),
            last=exec_,
        )

    def _after(self, mounted: Mounted, exec_: ExecOp) -> Mounted:
        if mounted.directory is None or mounted.cache:
            return mounted
        written = replace(mounted.directory, output=exec_.output_of(mounted.target))
        return replace(mounted, directory=written)

    def told(self, name: str) -> File:
        """One of the last command's stdout, stderr, combined and exitCode, as a file."""
        if self.last is None:
            raise RequestError(NO_COMMAND)
        return File(self.last.output_of(META_FOLDER), f"{META_FOLDER}/{name}")


def with_source(
    container: Container, path: str, source: Directory | File, **options: object
) -> Container:
    """`source` copied to `path`; a file to a whole path that ends in / keeps its name."""
    keep_name = isinstance(source, File) and path.startswith("/") and path.endswith("/")
    target = posixpath.join(path, source.name) if keep_name else path  # type: ignore[union-attr]

    def change(directory: Directory, inner: str) -> Directory:
        if isinstance(source, File):
            return directory.with_file(inner, source, **options)  # type: ignore[arg-type]
        return directory.with_directory(inner, source, **options)  # type: ignore[arg-type]

    return container.edit(target, change)
