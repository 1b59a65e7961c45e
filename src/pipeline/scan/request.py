"""What is to be checked: an image's platform and configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What a root is checked against."""

    platform: str
    machines: tuple[str, ...]
    """ELF machines that the platform executes, by the names of <elf.h>; its own first."""
    bits: int
    is_little_endian: bool
    gnu_triple: str
    arm_version: int = 0
    """The ARM architecture that code may be for; 0 where there is no such limit."""
    hwcaps: str = ""
    """The best subfolder of glibc-hwcaps that every processor of the platform uses."""
    command: tuple[str, ...] = ()
    """Entrypoint and default arguments."""
    user: str = ""
    workdir: str = "/"
    path: str = ""
    """PATH of the image; empty where it has none."""
    library_path: str = ""
    """LD_LIBRARY_PATH of the image."""
    gpus: tuple[int, ...] = ()
    """Compute capabilities that the image says it is for: 87 for sm_87."""
    mounted: tuple[str, ...] = ()
    """Libraries that the device mounts besides those of its driver, by what DT_NEEDED says."""
    budget: int = 0
    """Bytes that the files may take; 0 for no limit."""
