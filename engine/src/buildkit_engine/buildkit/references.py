"""Image references, and where they are really read from."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from buildkit_engine.errors import RequestError

_REFERENCE = re.compile(
    r"(?P<name>[a-zA-Z0-9.\-_/:\[\]]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_REGISTRY = re.compile(
    r"(?P<host>\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?"
)
_PATH = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
_DOCKER_HUB = ("docker.io", "index.docker.io")


@dataclass(frozen=True)
class Reference:
    """registry/repository[:tag][@digest], complete: as Docker reads a short one."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Raises RequestError where `text` is not a reference."""
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise RequestError(_invalid(text))
        name = match["name"]
        first, _, rest = name.partition("/")
        if rest and ("." in first or ":" in first or first == "localhost"):
            registry, repository = first, rest
        else:
            registry, repository = "docker.io", name
        if registry in _DOCKER_HUB:
            registry = "docker.io"
            repository = repository if "/" in repository else f"library/{repository}"
        if not (_REGISTRY.fullmatch(registry) and _PATH.fullmatch(repository)):
            raise RequestError(_invalid(text))
        digest = match["digest"] or ""
        return cls(registry, repository, match["tag"] or ("" if digest else "latest"), digest)

    @property
    def name(self) -> str:
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return self.name + tag + digest

    def at(self, digest: str) -> Reference:
        return replace(self, digest=digest)

    @property
    def on_loopback(self) -> bool:
        match = _REGISTRY.fullmatch(self.registry)
        host = match["host"].strip("[]") if match else ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def mirrored(self, registry: str) -> Reference:
        """Where the mirror at `registry` keeps it."""
        return replace(self, registry=registry, repository=self.name)


def _invalid(text: str) -> str:
    return f"invalid reference format '{text}': expected [registry/]repository[:tag][@sha256:…]"
