"""Packages of a distribution in a final stage, put there without executing anything of its platform.

A container of the build host's platform, of the base's own release, has apt choose, fetch and verify
them, and dpkg unpack them into a copy of the base; what is new or changed goes into the image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases, images, packages
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.options import RuntimeOptions
    from pipeline.platforms import PlatformSpec

_RELEASE = "/etc/os-release"
_ROOT, _OUT, _DOWNLOADS = "/target", "/out/packages", "/var/cache/pipeline/downloads"
_FIELD = re.compile(r"""^([A-Z_]+)=["']?(.*?)["']?$""", re.MULTILINE)
_CODENAME = re.compile(r"\(([A-Za-z]+)")
_EPOCH = 0


@dataclass(frozen=True)
class Added:
    """What packages make of a final stage.

    `scripts` has a line a package whose scripts would have been executed when it was installed:
    its name, and which.
    """

    stage: dagger.Container
    scripts: tuple[str, ...] = ()


async def add(
    stage: dagger.Container,
    options: RuntimeOptions,
    spec: PlatformSpec,
    *,
    base: str,
    host: PlatformSpec,
) -> Added:
    """The stage with the packages of [runtime], and with what they depend on.

    `base` is what the stage's image is called. Raises ConfigError for a base that is not of Debian
    or Ubuntu, for a package or a version that there is not for the platform, and for those that
    cannot be together.
    """
    image = options.packages_image or await _image(stage, base)
    made = recipe(stage, options, spec, builder=bases.from_(image, host), image=image)
    try:
        removed = await made.file("removed").contents()
        scripts = await made.file("scripts").contents()
    except dagger.ExecError as error:
        reason = error.stderr.strip().rpartition("\n")[2]
        msg = f"[runtime] packages for {spec.platform} on '{base}': {reason}"
        raise ConfigError(msg) from None
    if gone := removed.splitlines():
        # of packages of the base that a newer version took the place of
        stage = stage.without_files(gone)
    new = made.directory("files").with_timestamps(_EPOCH)
    return Added(stage.with_directory("/", new), tuple(scripts.splitlines()))


def recipe(
    stage: dagger.Container,
    options: RuntimeOptions,
    spec: PlatformSpec,
    *,
    builder: dagger.Container,
    image: str,
) -> dagger.Directory:
    """What the step that adds the packages leaves: files, removed, scripts.

    `builder` is a container of `image`, in which it runs.
    """
    # a package of the same name and version is another one in another release
    name = re.sub(r"[^a-z0-9.]+", "-", image)
    cache = dag.cache_volume(f"pipeline-runtime-apt-{spec.debian_arch}-{name}")
    return (
        packages.with_step(builder, "add-packages")
        .with_user("root")
        .with_env_variable("DEBIAN_FRONTEND", "noninteractive")
        .with_mounted_directory(_ROOT, stage.rootfs())
        .with_mounted_cache(_DOWNLOADS, cache, sharing=dagger.CacheSharingMode.LOCKED)
        .with_exec(
            [
                f"{packages.STEPS}/add-packages",
                _ROOT,
                spec.debian_arch,
                _DOWNLOADS,
                _OUT,
                *options.packages,
            ]
        )
        .directory(_OUT)
    )


def image_of(release: str, base: str) -> str:
    """The image with the apt of a base's release, by the text of its os-release.

    Raises ConfigError where it is of another distribution, or does not say which release it is.
    """
    fields = dict(_FIELD.findall(release))
    known = images.PACKAGES.get(fields.get("ID", ""))
    # distroless says it in VERSION alone
    in_words = _CODENAME.search(fields.get("VERSION", ""))
    codename = fields.get("VERSION_CODENAME") or (in_words[1].lower() if in_words else "")
    version = fields.get("VERSION_ID", "")
    if known and codename and version:
        return known.format(codename=codename, version=version)
    name = fields.get("PRETTY_NAME") or fields.get("ID") or "of an unknown distribution"
    msg = (
        f"[runtime] packages: the base '{base}' is {name}: expected a base of Debian or Ubuntu, or "
        "packages_image, an image with apt of its release"
    )
    raise ConfigError(msg)


def told(platform: str, scripts: tuple[str, ...]) -> str:
    """A line about packages whose own scripts did not run; empty where all is as if they had."""
    if not scripts:
        return ""
    names = "; ".join(f"{name} ({', '.join(which)})" for name, *which in map(str.split, scripts))
    return (
        f"{platform}: scripts of packages are not executed: {names}; users, alternatives and caches "
        "that they would make are not there, and dpkg lists those with a postinst as unpacked"
    )


async def _image(stage: dagger.Container, base: str) -> str:
    try:
        release = await stage.file(_RELEASE).contents()
    except dagger.QueryError:
        msg = (
            f"[runtime] packages: the base '{base}' has no {_RELEASE}: "
            "expected a base of Debian or Ubuntu"
        )
        raise ConfigError(msg) from None
    return image_of(release, base)
