"""Container: a root filesystem, its configuration, and what is mounted when a command runs."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import BindMount, ExecOp, FileOp, ImageSource, MakeDir, MakeFile
from buildkit_engine.model import titles
from buildkit_engine.model.config import BaseImage, ImageConfig
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.mounts import volatile_id
from buildkit_engine.model.paths import absolute, below

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.llb.ops import LocalSource, Mount, Output
    from buildkit_engine.model.mounts import GivenSecret, Mounted
    from buildkit_engine.model.ports import Port

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What Dagger gives a command where the image says nothing."""
NO_COMMAND = "no command has been set"
_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?0-9-]|[a-zA-Z_][a-zA-Z0-9_]*)|\{)")
"""What Go's os.Expand takes for one: also $$ and ${, which no variable has for its name."""
SHIM_FOLDER = "/.buildkit-engine/shim"
META_FOLDER = "/.buildkit-engine/meta"
STDIN_FILE = "/.buildkit-engine/stdin"
_META = FileOp("[internal] meta", None, (MakeDir(META_FOLDER, mode=0o777),)).output
"""Where the shim leaves what a command said: whoever the command's user is may write there."""

Expect = Literal["any", "success", "failure"]


@dataclass(frozen=True)
class Streams:
    """Where a command's standard streams come from and go to, beside what is kept of them."""

    stdin: str = ""
    """What the command reads."""
    redirect_stdin: str = ""
    """The path of what it reads, instead."""
    redirect_stdout: str = ""
    redirect_stderr: str = ""

    @property
    def flags(self) -> list[str]:
        """What the shim is told."""
        paths = {
            "-stdin": STDIN_FILE if self.stdin else "",
            "-redirect-stdin": self.redirect_stdin,
            "-redirect-stdout": self.redirect_stdout,
            "-redirect-stderr": self.redirect_stderr,
        }
        return [word for flag, path in paths.items() if path for word in (flag, path)]

    @property
    def mounts(self) -> tuple[Mount, ...]:
        if not self.stdin:
            return ()
        # whoever the command's user is reads it
        file = MakeFile("/stdin", self.stdin.encode(), mode=0o444)
        source = FileOp("[internal] standard input", None, (file,)).output
        return (BindMount(STDIN_FILE, source, "/stdin", readonly=True),)


@dataclass(frozen=True, eq=False)
class Container:
    """An image to be, at some point of its making."""

    platform: str
    fs: Output | None = None
    config: ImageConfig = field(default_factory=ImageConfig)
    base: BaseImage | None = None
    image_ref: str = ""
    """The image that this is, as long as nothing was changed."""
    mounts: tuple[Mounted, ...] = ()
    secrets: tuple[GivenSecret, ...] = ()
    volatile: tuple[str, ...] = ()
    """Names of variables whose values the session holds."""
    ports: tuple[Port, ...] = ()
    """What is known of ports beyond the image's configuration."""
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
            self.image_ref,
            [m.key() for m in self.mounts],
            [s.key() for s in self.secrets],
            self.volatile,
            [p.key() for p in self.ports],
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
        return replace(
            self,
            platform=base.platform,
            fs=source.output,
            config=config,
            base=base,
            image_ref=base.ref,
        )

    def changed(self, **values: object) -> Container:
        """With other values, and so no longer the image that it was made from."""
        return replace(self, image_ref="", **values)  # type: ignore[arg-type]

    @property
    def rootfs(self) -> Directory:
        return Directory(self.fs)

    def with_rootfs(self, directory: Directory) -> Container:
        fs = Directory().with_directory("/", directory).output
        return self.changed(fs=fs, base=None)

    def with_config(self, change: Callable[[ImageConfig], ImageConfig]) -> Container:
        return self.changed(config=change(self.config))

    def expanded(self, text: str, *, expand: bool | None) -> str:
        """`text` with the container's variables in place of $NAME and ${NAME}, if `expand`.

        Raises RequestError for a variable whose value is not for everyone's eyes.
        """
        if not expand:
            return text
        kinds = dict.fromkeys(self.volatile, "volatile")
        kinds |= {s.variable: "secret" for s in self.secrets if s.variable}

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2] or ""
            if kind := kinds.get(name):
                raise RequestError(f'expand cannot be used with {kind} env variable "{name}"')
            return self.config.variable(name) or ""

        return _VARIABLE.sub(value, text)

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
            return self.changed(fs=changed.output)
        # only what is mounted changes: of a mounted file, `changed` is the folder that it is in
        assert mount.directory
        written = replace(mount.directory, output=changed.output)
        return self.changed(
            mounts=tuple(replace(m, directory=written) if m is mount else m for m in self.mounts)
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
        return self.changed(mounts=(*others, replace(mounted, target=target)))

    def without_mount(self, path: str) -> Container:
        """Without what is mounted there, secrets too."""
        target = self.at(path)
        secrets = [s for s in self.secrets if s.path == target]
        return self.changed(
            mounts=tuple(m for m in self.mounts if m.target != target),
            secrets=tuple(s for s in self.secrets if s not in secrets[-1:]),
        )

    def without_path(self, path: str) -> Container:
        """Without what is at the path, wildcards allowed; a mount there is taken away as well."""
        target = self.at(path)
        if any(m.target == target for m in self.mounts):
            return self.without_mount(target).without_path(target)
        return self.edit(target, lambda directory, inner: directory.without(inner))

    # -- variables that are not the image's

    def with_secret(self, given: GivenSecret) -> Container:
        """A variable's secret in place of the one before; files add up, the last one is seen."""
        if not given.variable:
            return self.changed(secrets=(*self.secrets, given))
        names = [s.variable for s in self.secrets]
        if given.variable not in names:
            return self.changed(secrets=(*self.secrets, given))
        return self.changed(
            secrets=tuple(given if s.variable == given.variable else s for s in self.secrets)
        )

    def without_secret_variable(self, name: str) -> Container:
        return self.changed(secrets=tuple(s for s in self.secrets if s.variable != name))

    def with_volatile(self, name: str) -> Container:
        return self.changed(volatile=tuple(dict.fromkeys((*self.volatile, name))))

    def without_volatile(self, name: str) -> Container:
        return self.changed(volatile=tuple(n for n in self.volatile if n != name))

    # -- commands

    def with_exec(
        self,
        args: tuple[str, ...],
        *,
        shim: LocalSource,
        use_entrypoint: bool = False,
        expect: Expect = "success",
        streams: Streams = Streams(),  # noqa: B008 - it is immutable
        insecure: bool = False,
    ) -> Container:
        """With what the command leaves behind. The shim keeps its output and exit code."""
        command = args or self.config.cmd
        if use_entrypoint:
            command = (*self.config.entrypoint, *command)
        if not command:
            raise RequestError(NO_COMMAND)
        env = self.config.env
        if self.config.variable("PATH") is None:
            env = (("PATH", DEFAULT_PATH), *env)
        variables = [s for s in self.secrets if s.variable]
        files = {s.path: s for s in self.secrets if not s.variable}
        exec_ = ExecOp(
            title=titles.of_command(self.platform, command, self.config, self.base),
            args=(*self._shim(expect, streams), "--", *command),
            on=self.platform,
            mounts=(
                BindMount("/", self.fs),
                BindMount(SHIM_FOLDER, shim.output, readonly=True),
                BindMount(META_FOLDER, _META, META_FOLDER),
                *streams.mounts,
                *(m.for_exec() for m in self.mounts),
                *(s.for_exec() for s in files.values()),
            ),
            env=tuple(f"{name}={value}" for name, value in env),
            cwd=self.config.workdir or "/",
            user=self.config.user,
            secret_env=(
                *((name, volatile_id(name)) for name in self.volatile),
                *((s.variable, s.secret.handle) for s in variables),
            ),
            insecure=insecure,
        )
        return self.changed(
            fs=exec_.output_of("/"),
            mounts=tuple(self._after(m, exec_) for m in self.mounts),
            last=exec_,
        )

    def _shim(self, expect: Expect, streams: Streams) -> list[str]:
        run = [f"{SHIM_FOLDER}/shim", "run", "-expect", expect, "-meta", META_FOLDER]
        lists = {
            "-caches": [m.cache.name for m in self.mounts if m.cache],
            "-secret-env": [s.variable for s in self.secrets if s.variable],
            "-secret-files": [s.path for s in self.secrets if s.path],
        }
        for flag, items in lists.items():
            if items:
                run += [flag, json.dumps(items)]
        return [*run, *streams.flags]

    def _after(self, mounted: Mounted, exec_: ExecOp) -> Mounted:
        if not mounted.is_written:
            return mounted
        assert mounted.directory
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
