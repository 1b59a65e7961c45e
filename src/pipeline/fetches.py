"""Files that differ by platform: fetched from where they are published, checked, and unpacked."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, FetchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.options import FetchOptions
    from pipeline.platforms import PlatformSpec

_ARCHIVE, _MEMBER = "/fetch/archive", "/fetch/member"
_UNPACK = """\
import shutil, sys, tarfile, zipfile
archive, name, target = sys.argv[1:]
if zipfile.is_zipfile(archive):
    bundle = zipfile.ZipFile(archive)
    names, open_member = bundle.namelist(), bundle.open
elif tarfile.is_tarfile(archive):
    bundle = tarfile.open(archive)
    names, open_member = bundle.getnames(), bundle.extractfile
else:
    sys.exit("neither a zip nor a tar file")
found = next((n for n in names if n.removeprefix("./") == name.removeprefix("./")), None)
if found is None:
    sys.exit(f"no '{name}' in it, but {', '.join(sorted(names)[:10])}")
source = open_member(found)
if source is None:
    sys.exit(f"'{name}' in it is no file")
with source, open(target, "wb") as out:
    shutil.copyfileobj(source, out)
"""


@dataclass(frozen=True)
class Fetched:
    """A file for one platform's image."""

    destination: str
    mode: int
    file: dagger.File


async def load(
    fetches: Sequence[FetchOptions],
    specs: Sequence[PlatformSpec],
    *,
    python: str,
    host: PlatformSpec,
) -> dict[str, tuple[Fetched, ...]]:
    """What each platform's image gets, all of it fetched and checked; by platform.

    `python` is the image, for the build host's platform, in which archives are unpacked.
    Raises ConfigError for a platform without a URL or checksum, FetchError where a file cannot be
    had, is another than its checksum says, or lacks the member that is wanted.
    """
    unpacker = bases.from_(python, host)
    # all recipes first: what is missing in pipeline.toml is told before anything is fetched
    recipes = [[(o, recipe(o, spec, unpacker)) for o in fetches] for spec in specs]
    files = await concurrently(
        *(
            concurrently(*(_one(options, spec, file) for options, file in of_spec))
            for spec, of_spec in zip(specs, recipes, strict=True)
        )
    )
    return {spec.platform: tuple(of_spec) for spec, of_spec in zip(specs, files, strict=True)}


def planned(fetches: Sequence[FetchOptions], spec: PlatformSpec) -> list[tuple[str, str]]:
    """URL and destination of each file for a platform; raises ConfigError where one is missing."""
    for options in fetches:
        sha256_of(options, spec)
    return [(url_of(options, spec), options.destination) for options in fetches]


def url_of(options: FetchOptions, spec: PlatformSpec) -> str:
    """Where the platform's file is; raises ConfigError where nothing is said for it."""
    return _filled(_of(options, "url", options.url, spec), spec)


def sha256_of(options: FetchOptions, spec: PlatformSpec) -> str:
    """The platform's checksum; raises ConfigError where there is none."""
    return _of(options, "sha256", options.sha256, spec)


def recipe(options: FetchOptions, spec: PlatformSpec, unpacker: dagger.Container) -> dagger.File:
    """The file for a platform, of an archive its member."""
    url = url_of(options, spec)
    checksum = f"sha256:{sha256_of(options, spec)}"
    downloaded = dag.http(url, checksum=checksum)
    if not options.member:
        return downloaded
    member = _filled(options.member, spec)
    return (
        unpacker.with_mounted_file(_ARCHIVE, downloaded)
        .with_exec(["python3", "-c", _UNPACK, _ARCHIVE, member, _MEMBER])
        .file(_MEMBER)
    )


async def _one(options: FetchOptions, spec: PlatformSpec, file: dagger.File) -> Fetched:
    """The file for a platform, once it is there."""
    where = f"[[fetch]] {options.destination} for {spec.platform}"
    url = url_of(options, spec)
    try:
        return Fetched(options.destination, options.mode, await file.sync())
    except dagger.ExecError as error:
        reason = error.stderr.strip().rpartition("\n")[2]
        msg = f"{where}: {posixpath.basename(url)} cannot be unpacked: {reason}"
        raise FetchError(msg) from None
    except dagger.QueryError as error:
        expected = sha256_of(options, spec)
        msg = f"{where}: {url} with sha256 {expected} cannot be had: {error}"
        raise FetchError(msg) from None


def _of(options: FetchOptions, key: str, value: str | dict[str, str], spec: PlatformSpec) -> str:
    if isinstance(value, str):
        return value
    if spec.platform not in value:
        known = ", ".join(value)
        msg = (
            f"[[fetch]] {options.destination} has no {key} for {spec.platform}, "
            f"only for {known}: add one"
        )
        raise ConfigError(msg)
    return value[spec.platform]


def _filled(text: str, spec: PlatformSpec) -> str:
    return text.format(
        os=spec.os,
        arch=spec.architecture,
        variant=spec.variant,
        gnu_triple=spec.gnu_triple,
        debian_arch=spec.debian_arch,
        rust_triple=spec.rust_triple,
    )
