"""Containers of the build host's own platform that compile C and C++ for another one.

Any image of Debian's or Ubuntu's is taken: compilers are its own release's, and so is every library
of the target, side by side with the host's as multi-arch has it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline import bases, crosscompile, packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagger

    from pipeline.platforms import PlatformSpec

# the native compiler is there for tests, and for what a build makes to execute itself
TOOLS = ("ca-certificates", "g++", "make", "pkg-config")


def stage(
    image: str,
    spec: PlatformSpec,
    host: PlatformSpec,
    *,
    tools: Sequence[str] = (),
    libraries: Sequence[str] = (),
    setting: str,
) -> dagger.Container:
    """A container of `image` on the host's platform, with compilers for the platform, and its CC, ….

    tools: further packages of the host's. libraries: packages of the target, which `setting` of
    pipeline.toml names.
    """
    prepared = packages.prepared(bases.from_(image, host), _volume(image, host))
    # what all platforms need comes first: it is one step for them together
    container = packages.installed(prepared, (*TOOLS, *tools))
    compilers = crosscompile.compilers(spec, host)
    if compilers.is_cross:
        container = packages.installed(container, compilers.packages)
    container = packages.finished(packages.installed_for(container, spec, libraries, setting))
    for name, value in crosscompile.environment(spec, host).items():
        container = container.with_env_variable(name, value)
    return container


def _volume(image: str, host: PlatformSpec) -> str:
    """Where apt keeps what it fetched: another release has other packages of the same names."""
    return f"pipeline-apt-{host.debian_arch}-{re.sub('[^a-z0-9.]+', '-', image.lower())}"
