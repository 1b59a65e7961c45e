"""From what is typed on a command line to what a function gets, by the argument's type."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildkit_engine.errors import EngineError, UsageError
from buildkit_engine.model.container import Container
from buildkit_engine.model.hosts import Host
from buildkit_engine.model.mounts import CacheVolume
from buildkit_engine.model.secrets import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.model.secrets import Secret
    from buildkit_engine.schema.context import Context
    from buildkit_engine.schema.typedefs import TypeDef

# containerd's names for what people write
_ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64", "x86-64": "amd64"}


@dataclass(frozen=True)
class Reader:
    """Reads values for one session; relative paths start at `folder`."""

    context: Context
    folder: Path
    enums: tuple[TypeDef, ...] = ()
    """Those of the module: an argument of such a type has its name alone."""

    def read(self, type_: TypeDef, texts: list[str], flag: str) -> Any:
        """The value of a flag given once or, for a list, several times.

        Raises UsageError where the text is not a value of the type.
        """
        if type_.kind == "LIST_KIND":
            assert type_.element
            # nothing at all is an empty list: what that means is for the function to say
            parts = [part for text in texts if text for part in _commas(text)]
            return [self._one(type_.element, part, flag) for part in parts]
        return self._one(type_, texts[-1], flag)

    def _one(self, type_: TypeDef, text: str, flag: str) -> Any:
        match type_.kind:
            case "INTEGER_KIND" | "FLOAT_KIND":
                return _number(type_, text, flag)
            case "BOOLEAN_KIND":
                if text not in ("true", "false"):
                    raise UsageError(f"{flag}: '{text}' is not one of true, false")
                return text == "true"
            case "SCALAR_KIND" if type_.name == "Platform":
                return self._platform(text)
            case "STRING_KIND" | "SCALAR_KIND":
                return text
            case "ENUM_KIND":
                return self._enum(type_.name, text, flag)
            case "OBJECT_KIND":
                return self._object(type_.name, text, flag)
        raise UsageError(f"{flag}: values of type {type_.kind} cannot be given on a command line")

    def _enum(self, name: str, text: str, flag: str) -> str:
        """A member by its name or value; of an enum of the API, the text is left as it is."""
        members = next((e.members for e in self.enums if e.name == name), None)
        if members is None:
            return text
        for member in members:
            if text in (member.name, member.value):
                return member.name
        accepted = ", ".join(m.value or m.name for m in members)
        raise UsageError(f"{flag}: '{text}' is not one of {accepted}")

    def _platform(self, text: str) -> str:
        """`current` is this machine's own; others are left for the function to judge."""
        if text == "current":
            return self.context.host_platform
        os_, slash, rest = text.partition("/")
        architecture, *variant = rest.split("/")
        architecture = _ARCHITECTURES.get(architecture, architecture)
        if architecture == "arm64" and variant == ["v8"]:
            variant = []
        return f"{os_}{slash}{'/'.join((architecture, *variant))}"

    def _object(self, name: str, text: str, flag: str) -> str:
        host = Host(str(self.folder), self.context.session_id)
        readers: dict[str, Callable[[], Any]] = {
            "Directory": lambda: host.directory(_local(text, flag)),
            "File": lambda: host.file(_local(text, flag)),
            "Secret": lambda: self._secret(text, flag),
            "Container": lambda: self._container(text),
            "CacheVolume": lambda: CacheVolume(text),
        }
        if name not in readers:
            raise UsageError(f"{flag}: a {name} cannot be given on this engine's command line")
        try:
            return self.context.objects.id_of(readers[name]())
        except UsageError:
            raise
        except EngineError as error:
            raise UsageError(f"{flag}: {error}") from None

    def _container(self, text: str) -> Container:
        base = self.context.images.resolve(text, self.context.host_platform)
        return Container(self.context.host_platform).from_(base)

    def _secret(self, text: str, flag: str) -> Secret:
        scheme, _, rest = text.partition(":")
        if scheme not in PROVIDERS or not rest:
            # the text is not repeated: it may be the secret itself
            raise UsageError(
                f"{flag}: expected a secret as env://NAME, file://PATH or cmd://COMMAND"
            )
        secret = self.context.secret_at(f"{scheme}://{rest.removeprefix('//')}")
        if secret.missing:
            raise UsageError(f"{flag}: {secret.missing}")
        return secret


def _number(type_: TypeDef, text: str, flag: str) -> int | float:
    is_whole = type_.kind == "INTEGER_KIND"
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        kind = "whole number" if is_whole else "number"
        raise UsageError(f"{flag}: '{text}' is not a {kind}") from None


def _local(text: str, flag: str) -> str:
    if "://" in text or text.startswith("git@"):
        raise UsageError(
            f"{flag}: '{text}' is not on this machine: this engine reads local paths only"
        )
    return str(Path(text).expanduser())


def _commas(text: str) -> list[str]:
    """One CSV record, as the flags of `dagger call` take lists."""
    return next(csv.reader(io.StringIO(text)), [""])
