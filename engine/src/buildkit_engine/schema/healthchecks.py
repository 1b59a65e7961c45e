"""Healthchecks of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model import durations
from buildkit_engine.model.healthcheck import HealthcheckConfig
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context

_HEALTHCHECK = "Healthcheck"


@serves("Container", "withDockerHealthcheck")
def with_docker_healthcheck(
    _context: Context,
    container: Container,
    *,
    args: list[str],
    shell: bool | None = None,
    interval: str | None = None,
    timeout: str | None = None,
    start_period: str | None = None,
    start_interval: str | None = None,
    retries: int | None = None,
) -> Container:
    if shell and len(args) != 1:
        msg = "WithHealthcheck args must be a single element when shell mode is set"
        raise RequestError(msg)
    if not args:
        msg = "WithHealthcheck args is missing"
        raise RequestError(msg)
    check = HealthcheckConfig(
        tuple(args),
        bool(shell),
        interval=durations.nanoseconds(interval or "0"),
        timeout=durations.nanoseconds(timeout or "0"),
        start_period=durations.nanoseconds(start_period or "0"),
        start_interval=durations.nanoseconds(start_interval or "0"),
        retries=retries or 0,
    )
    return container.with_config(lambda c: c.with_other(_HEALTHCHECK, check.as_json()))


@serves("Container", "withoutDockerHealthcheck")
def without_docker_healthcheck(_context: Context, container: Container) -> Container:
    return container.with_config(lambda c: c.with_other(_HEALTHCHECK, None))


@serves("Container", "dockerHealthcheck")
def docker_healthcheck(_context: Context, container: Container) -> HealthcheckConfig | None:
    return HealthcheckConfig.parse(container.config.other(_HEALTHCHECK))


@serves("HealthcheckConfig", "args")
def healthcheck_args(_context: Context, check: HealthcheckConfig) -> list[str]:
    return list(check.args)


@serves("HealthcheckConfig", "shell")
def healthcheck_shell(_context: Context, check: HealthcheckConfig) -> bool:
    return check.shell


@serves("HealthcheckConfig", "interval")
def healthcheck_interval(_context: Context, check: HealthcheckConfig) -> str:
    return durations.text(check.interval)


@serves("HealthcheckConfig", "timeout")
def healthcheck_timeout(_context: Context, check: HealthcheckConfig) -> str:
    return durations.text(check.timeout)


@serves("HealthcheckConfig", "startPeriod")
def healthcheck_start_period(_context: Context, check: HealthcheckConfig) -> str:
    return durations.text(check.start_period)


@serves("HealthcheckConfig", "startInterval")
def healthcheck_start_interval(_context: Context, check: HealthcheckConfig) -> str:
    return durations.text(check.start_interval)


@serves("HealthcheckConfig", "retries")
def healthcheck_retries(_context: Context, check: HealthcheckConfig) -> int:
    return check.retries
