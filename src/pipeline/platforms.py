"""THE table of platforms: one frozen record each, with every tool's name for it.

Sources of the columns
- platform: OCI image index, platform object; normalised as containerd's platforms package does.
- goos, goarch, goarm, goamd64: go.dev/doc/install/source, "optional environment variables".
- rust_triple: doc.rust-lang.org/nightly/rustc/platform-support.html.
- gnu_triple: wiki.debian.org/Multiarch/Tuples.
- debian_arch: debian.org/ports, `dpkg-architecture -L`.
- cmake_processor: what `uname -m` prints there, as CMAKE_SYSTEM_PROCESSOR is defined.
- elf_machine, elf_bits, elf_is_little_endian: e_machine, EI_CLASS and EI_DATA in the System V ABI's
  list, the machine by its name in <elf.h>.
- qemu: what its emulator is called in binfmt_misc, qemu's scripts/qemu-binfmt-conf.sh.
- cuda: which of CUDA's two kinds of machines have it, server or jetson; "" where there is no CUDA.
- cuda_crosses_to: platforms whose code NVIDIA's compiler there is for too, docs.nvidia.com's guide on
  cross-compilation.
- elf_also: machines whose programs every processor of the platform executes as well.

Nothing outside of this file may compare architectures: it reads a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True)
class PlatformSpec:
    """One platform, and what each tool calls it."""

    platform: str
    goarch: str
    rust_triple: str
    gnu_triple: str
    debian_arch: str
    cmake_processor: str
    elf_machine: str
    qemu: str
    elf_bits: int = 64
    elf_is_little_endian: bool = True
    elf_also: tuple[str, ...] = ()
    goos: str = "linux"
    goarm: str = ""
    goamd64: str = ""
    cuda: str = ""
    cuda_crosses_to: tuple[str, ...] = ()

    @property
    def os(self) -> str:
        return self.platform.split("/")[0]

    @property
    def architecture(self) -> str:
        return self.platform.split("/")[1]

    @property
    def variant(self) -> str:
        return "".join(self.platform.split("/")[2:])

    @property
    def slug(self) -> str:
        """The platform as a folder's name, as BuildKit's local exporter writes it."""
        return self.platform.replace("/", "_")

    @property
    def hwcaps(self) -> str:
        """The subfolder of glibc-hwcaps that all its processors use (ld.so(8)); "" for none."""
        return f"x86-64-{self.goamd64}" if self.goamd64 else ""

    @property
    def march(self) -> str:
        """GCC's -march of the level, which it calls as glibc does; "" for the compiler's default."""
        return self.hwcaps

    @property
    def go_env(self) -> dict[str, str]:
        """The environment in which Go compiles for the platform."""
        env = {"GOOS": self.goos, "GOARCH": self.goarch}
        if self.goarm:
            env["GOARM"] = self.goarm
        if self.goamd64:
            env["GOAMD64"] = self.goamd64
        return env

    def named(self, prefix: str) -> dict[str, str]:
        """The platform and its parts by the names of BuildKit's: TARGETARCH with prefix TARGET."""
        parts = (self.platform, self.os, self.architecture, self.variant)
        names = ("PLATFORM", "OS", "ARCH", "VARIANT")
        return {f"{prefix}{name}": part for name, part in zip(names, parts, strict=True)}

    def executes(self, other: PlatformSpec) -> bool:
        """Whether a processor of this platform takes programs of the other, of any of its levels."""
        return other.elf_machine in (self.elf_machine, *self.elf_also)


def _amd64(platform: str, level: str) -> PlatformSpec:
    """The levels of x86-64 differ only in what compilers may use."""
    return PlatformSpec(
        platform=platform,
        goarch="amd64",
        goamd64=level,
        rust_triple="x86_64-unknown-linux-gnu",
        gnu_triple="x86_64-linux-gnu",
        debian_arch="amd64",
        cmake_processor="x86_64",
        elf_machine="EM_X86_64",
        qemu="qemu-x86_64",
        elf_also=("EM_386",),
        cuda="server",
        cuda_crosses_to=("linux/arm64",),
    )


PLATFORMS: tuple[PlatformSpec, ...] = (
    _amd64("linux/amd64", ""),
    _amd64("linux/amd64/v2", "v2"),
    _amd64("linux/amd64/v3", "v3"),
    PlatformSpec(
        platform="linux/arm64",
        goarch="arm64",
        rust_triple="aarch64-unknown-linux-gnu",
        gnu_triple="aarch64-linux-gnu",
        debian_arch="arm64",
        cmake_processor="aarch64",
        elf_machine="EM_AARCH64",
        qemu="qemu-aarch64",
        cuda="jetson",
    ),
    PlatformSpec(
        platform="linux/arm/v7",
        goarch="arm",
        goarm="7",
        rust_triple="armv7-unknown-linux-gnueabihf",
        gnu_triple="arm-linux-gnueabihf",
        debian_arch="armhf",
        cmake_processor="armv7l",
        elf_machine="EM_ARM",
        qemu="qemu-arm",
        elf_bits=32,
    ),
    PlatformSpec(
        # Debian's armel is the only distribution port that runs on ARMv6: soft floats in calls
        platform="linux/arm/v6",
        goarch="arm",
        goarm="6",
        rust_triple="arm-unknown-linux-gnueabi",
        gnu_triple="arm-linux-gnueabi",
        debian_arch="armel",
        cmake_processor="armv6l",
        elf_machine="EM_ARM",
        qemu="qemu-arm",
        elf_bits=32,
    ),
    PlatformSpec(
        platform="linux/386",
        goarch="386",
        rust_triple="i686-unknown-linux-gnu",
        gnu_triple="i686-linux-gnu",
        debian_arch="i386",
        cmake_processor="i686",
        elf_machine="EM_386",
        qemu="qemu-i386",
        elf_bits=32,
    ),
    PlatformSpec(
        platform="linux/riscv64",
        goarch="riscv64",
        rust_triple="riscv64gc-unknown-linux-gnu",
        gnu_triple="riscv64-linux-gnu",
        debian_arch="riscv64",
        cmake_processor="riscv64",
        elf_machine="EM_RISCV",
        qemu="qemu-riscv64",
    ),
    PlatformSpec(
        platform="linux/ppc64le",
        goarch="ppc64le",
        rust_triple="powerpc64le-unknown-linux-gnu",
        gnu_triple="powerpc64le-linux-gnu",
        debian_arch="ppc64el",
        cmake_processor="ppc64le",
        elf_machine="EM_PPC64",
        qemu="qemu-ppc64le",
    ),
    PlatformSpec(
        platform="linux/s390x",
        goarch="s390x",
        rust_triple="s390x-unknown-linux-gnu",
        gnu_triple="s390x-linux-gnu",
        debian_arch="s390x",
        cmake_processor="s390x",
        elf_machine="EM_S390",
        qemu="qemu-s390x",
        elf_is_little_endian=False,
    ),
)

_BY_NAME = {spec.platform: spec for spec in PLATFORMS}

# containerd's normalizeArch (platforms/database.go): (architecture, variant) as people write them
_ARCHITECTURES = {
    ("x86_64", ""): ("amd64", ""),
    ("x86-64", ""): ("amd64", ""),
    ("amd64", "v1"): ("amd64", ""),
    ("i386", ""): ("386", ""),
    ("i486", ""): ("386", ""),
    ("i586", ""): ("386", ""),
    ("i686", ""): ("386", ""),
    ("aarch64", ""): ("arm64", ""),
    ("arm64", "8"): ("arm64", ""),
    ("arm64", "v8"): ("arm64", ""),
    ("aarch64", "v8"): ("arm64", ""),
    ("armhf", ""): ("arm", "v7"),
    ("armel", ""): ("arm", "v6"),
    ("arm", ""): ("arm", "v7"),
    ("arm", "7"): ("arm", "v7"),
    ("arm", "6"): ("arm", "v6"),
}


def normalize(platform: str) -> str:
    """`platform` as an image index names it: aarch64 is arm64, armhf is arm/v7, v8 is left out."""
    os_, _, rest = platform.strip().lower().partition("/")
    architecture, _, variant = rest.partition("/")
    architecture, variant = _ARCHITECTURES.get((architecture, variant), (architecture, variant))
    return "/".join(part for part in (os_, architecture, variant) if part)


def parse(platform: str) -> PlatformSpec:
    """The record of a platform.

    Raises PlatformError for one that is not in the table.
    """
    spec = _BY_NAME.get(normalize(platform))
    if spec is None:
        accepted = ", ".join(_BY_NAME)
        msg = f"Unsupported platform '{platform}': expected one of {accepted}"
        raise PlatformError(msg)
    return spec


def parse_all(platforms: Iterable[str]) -> tuple[PlatformSpec, ...]:
    """The records of several platforms, in the order given.

    Raises PlatformError for an empty list, an unknown platform, or one that is named twice.
    """
    given = list(platforms)
    if not given:
        msg = "No platform given: expected at least one, such as linux/amd64,linux/arm64"
        raise PlatformError(msg)
    seen: dict[str, str] = {}
    specs = []
    for written in given:
        spec = parse(written)
        if spec.platform in seen:
            first = seen[spec.platform]
            msg = (
                f"Platform '{written}' is given twice (as '{first}' before): "
                "name each platform once"
            )
            raise PlatformError(msg)
        seen[spec.platform] = written
        specs.append(spec)
    return tuple(specs)
