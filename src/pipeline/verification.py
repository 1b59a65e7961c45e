"""Proof of an image: what is in it is read from the image itself, never from a file's name."""

from __future__ import annotations

import fnmatch
import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import dagger
from dagger import dag

from pipeline import bases, jetpack, lint, platforms
from pipeline.bundle import scan_bundle
from pipeline.concurrency import concurrently
from pipeline.explanations import explanation
from pipeline.report import Finding, Report, report
from pipeline.rules import RULES
from pipeline.scan.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.platforms import PlatformSpec

_MOUNTS_CUDA = "NVIDIA_REQUIRE_JETPACK"
"""The variable that makes a device with JetPack 4 mount its CUDA, of which images have nothing."""
_BUNDLE = "/scan/bundle.txt"
_LIBRARY = "/scan/lib"
_ROOT, _BASE = "/scan/root", "/scan/base"
_UNPACK = f"""\
import base64, compileall, io, zipfile
packed = base64.b64decode(open({_BUNDLE!r}).read())
zipfile.ZipFile(io.BytesIO(packed)).extractall({_LIBRARY!r})
compileall.compile_dir({_LIBRARY!r}, quiet=2)
"""


@dataclass(frozen=True)
class Linted:
    """The Dockerfile that an image is made from: its path, its text, the stage that is the image."""

    path: str
    text: str
    target: str


@dataclass(frozen=True)
class Checks:
    """How images are checked: where the scan runs, what is ignored, what a platform may weigh."""

    image: str
    host: str
    ignored: list[str]
    budgets: dict[str, int]
    """Bytes by platform; a platform without one has no limit."""
    dockerfile: Linted | None = None


@dataclass(frozen=True)
class Variant:
    """One platform's image, and the root of its base; without one where it is not known."""

    spec: PlatformSpec
    container: dagger.Container
    base: dagger.Directory | None = None


def scanner(checks: Checks) -> dagger.Container:
    """The container, of the build host's platform, in which images are looked at."""
    return (
        bases.from_(checks.image, platforms.parse(checks.host))
        .with_new_file(_BUNDLE, scan_bundle())
        .with_exec(["python3", "-c", _UNPACK])
        .with_env_variable("PYTHONPATH", _LIBRARY)
    )


def scan(
    container: dagger.Container,
    root: dagger.Directory,
    base: dagger.Directory | None,
    asked: Request,
) -> dagger.Container:
    """The scan of one image: its root is mounted where the scan runs, and never copied out."""
    return (
        container.with_mounted_directory(_ROOT, root, read_only=True)
        .with_mounted_directory(_BASE, base or dag.directory(), read_only=True)
        .with_exec(["python3", "-m", "scan", _ROOT, _BASE, json.dumps(asdict(asked))])
    )


def request(spec: PlatformSpec, **configuration: Any) -> Request:
    """What the scan is asked of an image of the platform, with its configuration."""
    return Request(
        platform=spec.platform,
        machines=(spec.elf_machine, *spec.elf_also),
        bits=spec.elf_bits,
        is_little_endian=spec.elf_is_little_endian,
        gnu_triple=spec.gnu_triple,
        arm_version=int(spec.goarm or 0),
        hwcaps=spec.hwcaps,
        **configuration,
    )


async def verify(variants: Sequence[Variant], checks: Checks, subject: str) -> Report:
    """What is wrong with the variants, all looked at at the same time.

    Where a Dockerfile makes them, what is wrong with that comes first: with an error in it nothing
    is built.
    """
    of_file = _linted(checks.dockerfile)
    if any(f.severity == "error" for f in of_file):
        return report(subject, of_file)
    host = platforms.parse(checks.host)
    # nothing is executed before it is known what the scanner's image is for
    _, *wanted = await concurrently(
        bases.require_platform(
            bases.from_(checks.image, host), host, image=checks.image, setting="[verify] image"
        ),
        *(_wanted(v, checks) for v in variants),
    )
    container = scanner(checks)
    looked_at = await concurrently(
        *(_look(v, container, w) for v, w in zip(variants, wanted, strict=True))
    )
    findings = [f for found, _ in looked_at for f in found]
    findings += _identical(variants, [fingerprint for _, fingerprint in looked_at])
    kept = [f for f in findings if not _is_ignored(f, checks.ignored)]
    return report(subject, [*of_file, *kept])


def _linted(dockerfile: Linted | None) -> list[Finding]:
    return lint.lint(dockerfile.text, dockerfile.path, dockerfile.target) if dockerfile else []


def skip(addresses: Sequence[str]) -> None:
    """Says that nobody has looked, where whoever publishes wants it so.

    On standard error, which a command line shows as what the function says: what it returns are
    references, for scripts.
    """
    for address in addresses:
        said = f"{address} is to be published without proof of what is in it: --skip-verify"
        print(said, file=sys.stderr, flush=True)


def _is_ignored(finding: Finding, ignored: Sequence[str]) -> bool:
    """Whether the project does not want to know: of a rule, or of a rule at some paths."""
    return any(
        rule == finding.rule and (not path or fnmatch.fnmatchcase(finding.path, path))
        for rule, _, path in (each.partition(":") for each in ignored)
    )


async def _wanted(variant: Variant, checks: Checks) -> tuple[dagger.Platform, Request]:
    """The platform that a variant is really of, and what the scan is asked of it."""
    spec, image = variant.spec, variant.container
    # alone: it has the engine name all that the image is made of, once; the rest rely on that
    platform = await image.platform()
    entrypoint, args, user, workdir, path, library_path, mounts, gpus = await concurrently(
        image.entrypoint(),
        image.default_args(),
        image.user(),
        image.workdir(),
        image.env_variable("PATH"),
        image.env_variable("LD_LIBRARY_PATH"),
        image.env_variable(_MOUNTS_CUDA),
        image.label(jetpack.ARCHITECTURES_LABEL),
    )
    asked = request(
        spec,
        command=(*entrypoint, *args),
        user=user or "",
        workdir=workdir or "/",
        path=path or "",
        library_path=library_path or "",
        gpus=jetpack.labelled_architectures(gpus or ""),
        mounted=jetpack.mounted_sonames() if mounts else (),
        budget=checks.budgets.get(spec.platform, 0),
    )
    return platform, asked


async def _look(
    variant: Variant, container: dagger.Container, wanted: tuple[dagger.Platform, Request]
) -> tuple[list[Finding], str]:
    """One variant's findings, and what its programs are."""
    spec, (platform, asked) = variant.spec, wanted
    found = []
    if platforms.normalize(platform) != spec.platform:
        found.append(_wrong_platform(spec, platform))
    told: dict[str, Any] = json.loads(
        await scan(container, variant.container.rootfs(), variant.base, asked).stdout()
    )
    found += [finding(spec, each) for each in told["findings"]]
    return found, told["fingerprint"]


async def explain(program: dagger.File, spec: PlatformSpec, checks: Checks) -> str:
    """Why a program or script does not start on the platform, or all that it needs to.

    Raises PlatformError where the image to look in is of another platform than the build host.
    """
    host = platforms.parse(checks.host)
    await bases.require_platform(
        bases.from_(checks.image, host), host, image=checks.image, setting="[verify] image"
    )
    name = await program.name()
    asked = request(spec, command=(f"/{name}",), user="nobody")
    alone = dag.directory().with_file(name, program)
    told = json.loads(await scan(scanner(checks), alone, None, asked).stdout())
    return explanation(name, spec, told)


def finding(spec: PlatformSpec, told: dict[str, Any]) -> Finding:
    """What the scan tells, with its weight: what comes from the base image is nobody's error here.

    Except for what the image starts, and for a base image of another platform: neither would run.
    """
    rule = RULES[told["rule"]]
    is_own = not told["from_base"] or told["is_command"] or rule.id == "wrong-architecture"
    is_grave = told["is_certain"] and is_own
    return Finding(
        rule=rule.id,
        severity=rule.severity if is_grave else "warning",
        platform=dagger.Platform(spec.platform),
        path=told["path"],
        seen=told["seen"],
        expected=told["expected"],
        remedy=told["remedy"],
        from_base=told["from_base"],
    )


def _wrong_platform(spec: PlatformSpec, platform: str) -> Finding:
    return Finding(
        rule="wrong-platform",
        severity=RULES["wrong-platform"].severity,
        platform=dagger.Platform(spec.platform),
        path="/",
        seen=platform,
        expected=spec.platform,
        # a Dagger engine takes what a Dockerfile makes FROM scratch for its own platform
        remedy=f"Choose a base image that exists for {spec.platform}, not scratch in a Dockerfile.",
    )


def _identical(variants: Sequence[Variant], fingerprints: Sequence[str]) -> list[Finding]:
    """A finding for each variant that holds the programs of one before it, for another machine."""
    first: dict[str, PlatformSpec] = {}
    found = []
    for variant, fingerprint in zip(variants, fingerprints, strict=True):
        spec = variant.spec
        before = first.setdefault(fingerprint, spec)
        if fingerprint and before.elf_machine != spec.elf_machine:
            found.append(
                Finding(
                    rule="identical-variants",
                    severity=RULES["identical-variants"].severity,
                    platform=dagger.Platform(spec.platform),
                    path="/",
                    seen=f"the programs of {before.platform}",
                    expected=f"programs compiled for {spec.platform}",
                    remedy="Look for a stage that is pinned to one platform, or a cache without it.",
                )
            )
    return found
