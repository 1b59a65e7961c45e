"""An image's configuration, as the OCI image specification has it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

_OWN = ("Env", "User", "WorkingDir", "Entrypoint", "Cmd", "Labels", "ExposedPorts")


@dataclass(frozen=True)
class ImageConfig:
    """The `config` object of an image. `rest` is what this engine does not look at."""

    env: tuple[tuple[str, str], ...] = ()
    user: str = ""
    workdir: str = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    ports: tuple[str, ...] = ()
    """Each as "8080/tcp"."""
    rest: str = "{}"

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> ImageConfig:
        """From the `config` object of an image's configuration."""
        env = [entry.partition("=") for entry in raw.get("Env") or ()]
        return cls(
            env=tuple((name, value) for name, _, value in env),
            user=raw.get("User") or "",
            workdir=raw.get("WorkingDir") or "",
            entrypoint=tuple(raw.get("Entrypoint") or ()),
            cmd=tuple(raw.get("Cmd") or ()),
            labels=tuple(sorted((raw.get("Labels") or {}).items())),
            ports=tuple(sorted(raw.get("ExposedPorts") or {})),
            rest=json.dumps({k: v for k, v in raw.items() if k not in _OWN}, sort_keys=True),
        )

    def over(self, former: ImageConfig) -> ImageConfig:
        """This configuration where one was before: of it, what this one does not set of its own."""
        env = {**dict(former.env), **dict(self.env)}
        labels = {**dict(former.labels), **dict(self.labels)}
        ports = {*former.ports, *self.ports}
        return replace(
            self,
            env=tuple(env.items()),
            labels=tuple(sorted(labels.items())),
            ports=tuple(sorted(ports)),
        )

    def as_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {
            **json.loads(self.rest),
            "Env": [f"{name}={value}" for name, value in self.env],
            "User": self.user,
            "WorkingDir": self.workdir,
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.cmd),
            "Labels": dict(self.labels),
            "ExposedPorts": {port: {} for port in self.ports},
        }
        return {k: v for k, v in values.items() if v not in ("", [], {})}

    def variable(self, name: str) -> str | None:
        return dict(self.env).get(name)

    def with_variable(self, name: str, value: str) -> ImageConfig:
        """Replaced in place: the order of variables is part of an image's digest."""
        if self.variable(name) is None:
            return replace(self, env=(*self.env, (name, value)))
        return replace(self, env=tuple((n, value if n == name else v) for n, v in self.env))

    def without_variable(self, name: str) -> ImageConfig:
        return replace(self, env=tuple((n, v) for n, v in self.env if n != name))

    def with_label(self, name: str, value: str) -> ImageConfig:
        return replace(self, labels=tuple(sorted({**dict(self.labels), name: value}.items())))

    def without_label(self, name: str) -> ImageConfig:
        return replace(self, labels=tuple((n, v) for n, v in self.labels if n != name))

    def other(self, name: str) -> Any:
        """What this engine does not look at, by its name in the configuration."""
        return json.loads(self.rest).get(name)

    def with_other(self, name: str, value: Any) -> ImageConfig:
        """With a value that can be written as JSON; without it, where that is None."""
        values = {**json.loads(self.rest), name: value}
        kept = {k: v for k, v in values.items() if v is not None}
        return replace(self, rest=json.dumps(kept, sort_keys=True))

    def with_port(self, port: str) -> ImageConfig:
        return replace(self, ports=tuple(sorted({*self.ports, port})))


@dataclass(frozen=True)
class BaseImage:
    """The image that a container stands on, resolved to its digest."""

    ref: str
    raw: bytes = field(repr=False)
    """Its configuration, byte for byte."""

    @property
    def platform(self) -> str:
        """The platform that the image's own configuration names."""
        raw = json.loads(self.raw)
        parts = [raw.get("os") or "linux", raw.get("architecture") or ""]
        variant = raw.get("variant") or ""
        if (parts[1], variant) not in (("arm64", "v8"), ("amd64", "v1")) and variant:
            parts.append(variant)
        return "/".join(parts)

    @property
    def config(self) -> ImageConfig:
        return ImageConfig.parse(json.loads(self.raw).get("config") or {})

    @property
    def diff_ids(self) -> list[str]:
        return json.loads(self.raw)["rootfs"]["diff_ids"]  # type: ignore[no-any-return]

    @property
    def history(self) -> list[dict[str, Any]]:
        """One non-empty entry for every layer: without, BuildKit cannot tell the base's layers."""
        found: list[dict[str, Any]] = json.loads(self.raw).get("history") or []
        layers = len(self.diff_ids)
        if sum(not entry.get("empty_layer") for entry in found) == layers:
            return found
        return [{"created": "1970-01-01T00:00:00Z", "created_by": self.ref}] * layers
