"""What stand-ins get from this machine: the engine's own tools, and whom it trusts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit_engine.mirror.layers import Layer

_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATES = Path("/", _BUNDLE)


def certificates(layer: Layer) -> None:
    """What this machine trusts, its containers trust: closed networks have an authority of their
    own in front of their proxies.
    """
    if _CERTIFICATES.exists():
        layer.add_file(_BUNDLE, _CERTIFICATES.read_bytes())


def tools(built: Path, names: tuple[str, ...], folder: str, layer: Layer) -> None:
    """The named programs of the folder with the engine's tools, in a folder of the image."""
    for name in names:
        layer.add_file(f"{folder.lstrip('/')}/{name}", (built / name).read_bytes(), mode=0o755)
    certificates(layer)
