"""Ports that a container exposes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit_engine.model.ports import Port, exposed
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


@serves("Container", "exposedPorts")
def exposed_ports(_context: Context, container: Container) -> list[Port]:
    return exposed(container.config.ports, container.ports)


@serves("Container", "withExposedPort")
def with_exposed_port(
    _context: Context,
    container: Container,
    *,
    port: int,
    protocol: str | None = None,
    description: str | None = None,
    experimental_skip_healthcheck: bool | None = None,
) -> Container:
    added = Port(port, protocol or "TCP", description, bool(experimental_skip_healthcheck))
    return container.changed(
        config=container.config.with_port(added.name),
        ports=(*(p for p in container.ports if p.name != added.name), added),
    )


@serves("Container", "withoutExposedPort")
def without_exposed_port(
    _context: Context, container: Container, *, port: int, protocol: str | None = None
) -> Container:
    name = Port(port, protocol or "TCP").name
    config = container.config
    return container.changed(
        config=replace(config, ports=tuple(p for p in config.ports if p != name)),
        ports=tuple(p for p in container.ports if p.name != name),
    )


@serves("Port", "port")
def port_number(_context: Context, port: Port) -> int:
    return port.port


@serves("Port", "protocol")
def port_protocol(_context: Context, port: Port) -> str:
    return port.protocol


@serves("Port", "description")
def port_description(_context: Context, port: Port) -> str | None:
    return port.description


@serves("Port", "experimentalSkipHealthcheck")
def port_skips_healthcheck(_context: Context, port: Port) -> bool:
    return port.skip_healthcheck
