"""NVIDIA's apt repositories, with the keys that sign them.

The keys' fingerprints were seen in public build files that check them before they trust a key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_JETSON = "https://repo.download.nvidia.com/jetson"
_CUDA = "https://developer.download.nvidia.com/compute/cuda/repos"


@dataclass(frozen=True, kw_only=True)
class AptSource:
    """One repository: where it is, for which machines, and who signs it."""

    url: str
    suite: str
    component: str = ""
    """Empty for a flat repository, whose suite is a path that ends in a slash."""
    architecture: str
    """Debian's name of the machines whose packages are read from it."""
    key_url: str
    fingerprint: str
    """Of the key's primary key, in hexadecimal digits without spaces."""
    key_sha256: str = ""
    """Of the file at `key_url`; empty where no source has it."""

    def line(self, keyring: str) -> str:
        """What /etc/apt/sources.list.d holds; `keyring` is the path of the key in the image."""
        options = f"arch={self.architecture} signed-by={keyring}"
        return f"deb [{options}] {self.url} {self.suite} {self.component}".rstrip()

    def at(self, mirror: str) -> AptSource:
        """The same repository at a mirror that keeps NVIDIA's paths; the key stays NVIDIA's.

        `mirror` takes the place of scheme and host: https://mirror.example.com/nvidia.
        """
        return replace(
            self,
            url=_moved(self.url, mirror),
            key_url=_moved(self.key_url, mirror),
        )


def _moved(url: str, mirror: str) -> str:
    path = url.split("/", 3)[3]
    return f"{mirror.rstrip('/')}/{path}"


def jetson(suite: str, repository: str = "common", architecture: str = "arm64") -> AptSource:
    """NVIDIA's repository for Jetson: `common` is enough to compile, others are of a board."""
    return AptSource(
        url=f"{_JETSON}/{repository}",
        suite=suite,
        component="main",
        architecture=architecture,
        key_url=f"{_JETSON}/jetson-ota-public.asc",
        fingerprint="3C6D1FF3100C8C3ABB0869C0E6543461A9996195",
        key_sha256="576f852981855e5c6cfb9b625ffb51b984ca451f1181b2e70435b005034fad55",
    )


def cuda(ubuntu: str, repository: str) -> AptSource:
    """NVIDIA's repository of CUDA for an amd64 machine with Ubuntu, such as `22.04`.

    `repository` is x86_64 for the compiler, cross-linux-aarch64 or cross-linux-sbsa for the files
    of the target: their packages are for all machines.
    """
    distribution = "ubuntu" + ubuntu.replace(".", "")
    return AptSource(
        url=f"{_CUDA}/{distribution}/{repository}",
        suite="/",
        architecture="amd64",
        key_url=f"{_CUDA}/{distribution}/x86_64/3bf863cc.pub",
        fingerprint="EB693B3035CD5710E231E123A4B469963BF863CC",
    )
