"""From what is typed on a command line to what a function gets, by the argument's type."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildkit_engine.errors import EngineError, UsageError
from buildkit_engine.model.container import Container
from buildkit_engine.model.hosts import Host
from buildkit_engine.model.mounts import CacheVolume
from buildkit_engine.model.secrets import PROVIDERS

if TYPE_CHECKING:
    from buildkit_engine.model.secrets import Secret
    from buildkit_engine.schema.context import Context
    from buildkit_engine.schema.typedefs import EnumMember, TypeDef

# containerd's names for what people write
_ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64", "x86-64": "amd64"}
# as Go reads them
_BOOLEANS = dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "FALSE", "False"), False
)


@dataclass(frozen=True)
class Reader:
    """Reads values for one session; relative paths start at `folder`."""

    context: Context
    folder: Path
    members: Callable[[TypeDef], tuple[EnumMember, ...]] = lambda type_: type_.members
    """Those of an enum, which an argument may have by its name alone."""

    def read(
        self, type_: TypeDef, texts: list[str], flag: str, exclude: tuple[str, ...] = ()
    ) -> Any:
        """The value of a flag given once or, for a list, several times.

        `exclude` is what is left out of a folder. Raises UsageError where the text is not a value
        of the type.
        """
        if type_.kind == "LIST_KIND":
            assert type_.element
            # nothing at all is an empty list: what that means is for the function to say
            parts = [part for text in texts if text for part in _commas(text)]
            if type_.element.kind != "STRING_KIND":
                parts = [part.strip(" \"'`") for part in parts]
            return [self._one(type_.element, part, flag, exclude) for part in parts]
        return self._one(type_, texts[-1], flag, exclude)

    def _one(self, type_: TypeDef, text: str, flag: str, exclude: tuple[str, ...]) -> Any:
        match type_.kind:
            case "INTEGER_KIND" | "FLOAT_KIND" | "BOOLEAN_KIND":
                return _parsed(type_.kind, text, flag)
            case "SCALAR_KIND" if type_.name == "Platform":
                if not text:
                    raise _invalid(text, flag, "platform cannot be empty")
                return self._platform(text)
            case "STRING_KIND" | "SCALAR_KIND":
                return text
            case "ENUM_KIND":
                return self._enum(type_, text, flag)
            case "INPUT_KIND":
                return _input(type_.name, text, flag)
            case "OBJECT_KIND":
                return self._object(type_.name, text, flag, exclude)
        raise UsageError(f"{flag}: values of type {type_.kind} cannot be given on a command line")

    def _enum(self, type_: TypeDef, text: str, flag: str) -> str:
        """A member by its name, in upper or lower case."""
        members = self.members(type_)
        for member in members:
            if text.casefold() == member.name.casefold():
                return member.value
        accepted = ",".join(sorted(m.name for m in members))
        raise _invalid(text, flag, f"value should be one of {accepted}")

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

    def _object(self, name: str, text: str, flag: str, exclude: tuple[str, ...]) -> str:
        host = Host(str(self.folder), self.context.snapshots)
        readers: dict[str, Callable[[], Any]] = {
            "Directory": lambda: host.directory(_local(text, flag), exclude=exclude),
            "File": lambda: host.file(_local(text, flag)),
            "Secret": lambda: self._secret(text, flag),
            "Container": lambda: self._container(text),
            "CacheVolume": lambda: CacheVolume(text),
        }
        if not text and name != "Secret":
            raise _invalid(text, flag, f"a {name} cannot have an empty address")
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


def _invalid(text: str, flag: str, cause: str) -> UsageError:
    """In Dagger's words for a flag; what is no flag is a variable of a .env file."""
    if flag.startswith("--"):
        return UsageError(f'invalid argument "{text}" for "{flag}" flag: {cause}')
    return UsageError(f'{flag}: invalid value "{text}": {cause}')


def _whole(text: str) -> int:
    """As Go reads it: 0x and 0o may be before it, and 010 is octal."""
    return int(text, 8) if re.fullmatch(r"[+-]?0[0-7]+", text) else int(text, 0)


_PLAIN: dict[str, tuple[Callable[[str], Any], str]] = {
    "INTEGER_KIND": (_whole, "expected a whole number"),
    "FLOAT_KIND": (float, "expected a number"),
    "BOOLEAN_KIND": (_BOOLEANS.__getitem__, "expected true or false"),
}


def _parsed(kind: str, text: str, flag: str) -> Any:
    parse, expected = _PLAIN[kind]
    try:
        return parse(text)
    except (ValueError, KeyError):
        raise _invalid(text, flag, expected) from None


def _input(name: str, text: str, flag: str) -> dict[str, Any]:
    if name == "BuildArg":
        key, equals, value = text.strip('"').partition("=")
        if not (key and equals):
            raise _invalid(text, flag, "expected name=value")
        return {"name": key, "value": value}
    frontend, colon, backend = text.partition(":")
    if not (colon and frontend.isdecimal() and backend.isdecimal()):
        raise _invalid(text, flag, "expected frontend:backend, two ports")
    return {"frontend": int(frontend), "backend": int(backend)}


def _local(text: str, flag: str) -> str:
    path = text.removeprefix("file://")
    if "://" in path or path.startswith("git@"):
        raise UsageError(
            f"{flag}: '{text}' is not on this machine: this engine reads local paths only"
        )
    return path


def _commas(text: str) -> list[str]:
    """One CSV record, as the flags of `dagger call` take lists."""
    return next(csv.reader(io.StringIO(text)), [""])
