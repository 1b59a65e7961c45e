"""Debian packages as files: the same bytes whenever they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit_engine.mirror.layers import Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_AR_HEADER = "{name:<16}0           0     0     100644  {size:<10}`\n"


@dataclass(frozen=True)
class Control:
    """What a package says of itself, in the order of the fields."""

    fields: Mapping[str, str]
    scripts: Mapping[str, str]
    """Maintainer scripts by name."""

    @property
    def file_name(self) -> str:
        values = self.fields
        return f"{values['Package']}_{values['Version']}_{values['Architecture']}.deb"

    @property
    def text(self) -> str:
        return "".join(f"{name}: {value}\n" for name, value in self.fields.items() if value)


def write(control: Control, fill: Callable[[Layer], None], target: Path) -> None:
    """Makes the package at `target`; `fill` adds its files."""
    data, about = target.with_suffix(".data"), target.with_suffix(".control")
    with Layer(data) as layer:
        fill(layer)
    with Layer(about) as layer:
        layer.add_file("control", control.text.encode())
        for name, script in sorted(control.scripts.items()):
            layer.add_file(name, script.encode(), mode=0o755)
    with target.open("wb") as deb:
        deb.write(b"!<arch>\n")
        members = ("debian-binary", b"2.0\n"), ("control.tar.gz", about), ("data.tar.gz", data)
        for name, source in members:
            content = source if isinstance(source, bytes) else source.read_bytes()
            deb.write(_AR_HEADER.format(name=name, size=len(content)).encode())
            deb.write(content + b"\n" * (len(content) % 2))
    data.unlink()
    about.unlink()
