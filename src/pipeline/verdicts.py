"""What a measurement means: how an engine runs a platform, or why it does not, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import probes
from pipeline.binfmt import FOLDER, Binfmt, Registration
from pipeline.causes import ILLEGAL_INSTRUCTION
from pipeline.tables import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.platforms import PlatformSpec

_INSTALLER = "docker run --privileged --rm docker.io/tonistiigi/binfmt"
_NOT_FOUND = "no such file or directory"
_NO_EMULATOR = "no emulator"
_NATIVE = "native"
# what a kernel says of a program for another processor, by the words that a container engine has for it
_FOREIGN = "exec format error"

_WHEN = (
    "Building needs nothing of this. To execute programs of another platform here, in a container",
    "that is started or in a Dockerfile's RUN, do as root on the engine's machine:",
)


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what was said about it; without a code where it was refused."""

    code: int | None
    said: str = ""

    @property
    def well(self) -> bool:
        return self.code == probes.EXIT_CODE


@dataclass(frozen=True)
class Measured:
    """One platform: how its own program ended in a container of it, and how the host's did there.

    An engine's own emulator is started for whatever a container of the platform executes: the
    host's program fails under it. The kernel chooses an emulator by the program: the host's runs.
    The kernel of another machine, which is of the platform, does not take the host's.
    """

    spec: PlatformSpec
    own: Ran
    hosts: Ran


@dataclass(frozen=True)
class Remedy:
    """What mends it: a sentence, and commands for the engine's machine."""

    why: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One line of the table; `remedy` where something can be done for this platform alone."""

    spec: PlatformSpec
    runs: bool
    how: str
    remedy: Remedy | None = None

    @property
    def is_native(self) -> bool:
        """Whether a processor of the platform executes it."""
        return self.runs and self.how.startswith(_NATIVE)


def verdict(host: PlatformSpec, measured: Measured, binfmt: Binfmt) -> Verdict:
    """How the platform runs, or why it does not."""
    spec = measured.spec
    registration = binfmt.of(probes.probe(spec))
    if measured.own.well:
        return Verdict(spec, runs=True, how=_how(host, measured, binfmt, registration))
    how, remedy = _why_not(measured, binfmt, registration)
    return Verdict(spec, runs=False, how=how, remedy=remedy)


def _how(
    host: PlatformSpec, measured: Measured, binfmt: Binfmt, registration: Registration | None
) -> str:
    if not measured.hosts.well:
        is_refused = _FOREIGN in measured.hosts.said.lower()
        return f"{_NATIVE}, on a machine of its own" if is_refused else "the engine's own QEMU"
    if registration and registration.is_enabled and binfmt.is_enabled:
        return _named(registration)
    if binfmt.is_readable or host.executes(measured.spec):
        return _NATIVE
    return "by the kernel; binfmt_misc cannot be read"


def _why_not(
    measured: Measured, binfmt: Binfmt, registration: Registration | None
) -> tuple[str, Remedy | None]:
    spec, own = measured.spec, measured.own
    if own.code == ILLEGAL_INSTRUCTION:
        return f"the processor lacks instructions of {spec.platform}", None
    if registration:
        return _why_not_by(registration, own, binfmt)
    if own.code is None:
        return own.said.strip().rpartition("\n")[2], None
    if not binfmt.is_readable and _NOT_FOUND in own.said:
        return "an emulator without the F flag", _install_again(spec)
    return _NO_EMULATOR, None


def _why_not_by(registration: Registration, own: Ran, binfmt: Binfmt) -> tuple[str, Remedy | None]:
    name = registration.name
    if not binfmt.is_enabled:
        remedy = Remedy("binfmt_misc is switched off.", (f"echo 1 > {FOLDER}/status",))
        return "binfmt_misc is switched off", remedy
    if not registration.is_enabled:
        remedy = Remedy(f"{name} is switched off.", (f"echo 1 > {FOLDER}/{name}",))
        return f"binfmt_misc {name} is switched off", remedy
    if not registration.is_fixed:
        return f"{_named(registration)}: without F", _fix(registration)
    said = own.said.strip() or f"exit code {own.code}"
    return f"{_named(registration)}: {said}", None


def _named(registration: Registration) -> str:
    return f"binfmt_misc {registration.name}, flags {registration.flags or 'none'}"


def _fix(registration: Registration) -> Remedy:
    return Remedy(
        f"{registration.name} is registered without the F flag: containers do not find its "
        f"interpreter {registration.interpreter}.",
        tuple(registration.again(f"{registration.flags}F")),
    )


def _install_again(spec: PlatformSpec) -> Remedy:
    return Remedy(
        f"{spec.platform}: an emulator is registered that containers do not find: "
        "it lacks the F flag.",
        (
            f"{_INSTALLER} --uninstall {spec.qemu}",
            f"{_INSTALLER} --install {spec.goarch}",
        ),
    )


def _install(lacking: Sequence[Verdict], binfmt: Binfmt) -> Remedy:
    """For the platforms that have no emulator at all, together."""
    names = ", ".join(v.spec.platform for v in lacking)
    wanted = ",".join(dict.fromkeys(v.spec.goarch for v in lacking))
    commands: list[str] = []
    if not binfmt.is_in_kernel:
        commands.append("modprobe binfmt_misc")
    if binfmt.is_readable and not binfmt.is_mounted:
        commands.append(f"mount -t binfmt_misc binfmt_misc {FOLDER}")
    commands += [
        f"{_INSTALLER} --install {wanted}",
        "# or, on Debian and Ubuntu",
        "apt-get install qemu-user-static binfmt-support",
    ]
    return Remedy(f"Without an emulator: {names}.", tuple(commands))


def report(host: PlatformSpec, measured: Sequence[Measured], binfmt: Binfmt) -> str:
    """The table, and below it what mends what does not run."""
    verdicts = [verdict(host, each, binfmt) for each in measured]
    rows = [("PLATFORM", "RUNS", "HOW", "A BUILD HERE NEEDS")]
    rows += [
        (v.spec.platform, "yes" if v.runs else "no", v.how, _needs(host, v.spec)) for v in verdicts
    ]
    lines = [*columns(rows), "", f"host         {host.platform}", f"binfmt_misc  {_state(binfmt)}"]
    remedies = [v.remedy for v in verdicts if v.remedy]
    if lacking := [v for v in verdicts if v.how == _NO_EMULATOR]:
        remedies.append(_install(lacking, binfmt))
    if remedies:
        lines += ["", *_WHEN]
    for remedy in dict.fromkeys(remedies):
        lines += ["", remedy.why, *(f"    {command}" for command in remedy.commands)]
    return "\n".join(lines)


def _needs(host: PlatformSpec, spec: PlatformSpec) -> str:
    return "nothing" if host.executes(spec) else "nothing: it is cross-compiled"


def _state(binfmt: Binfmt) -> str:
    if not binfmt.is_readable:
        return "cannot be read: containers of this engine may not mount it"
    if not binfmt.is_in_kernel:
        return "is not in the kernel, or its module is not loaded"
    if not binfmt.is_mounted:
        return "is not mounted"
    if not binfmt.is_enabled:
        return "is switched off"
    return f"{len(binfmt.registrations)} registered"
