"""What NVIDIA's container runtime mounts from a Jetson's or server's own driver when it starts."""

from __future__ import annotations

_LIBRARIES = (
    "libcuda.so",
    "libcudadebugger.so",
    "libnvcuvid.so",
    "libnvidia-",
    "libnvbuf",
    "libnvdla",
    "libnvinfer_dla",
    "libnvmedia",
    "libnvos",
    "libnvrm",
    "libnvsci",
    "libnvscf",
    "libEGL_nvidia.so",
    "libGLESv2_nvidia.so",
    "libGLX_nvidia.so",
)
_FOLDERS = ("/tegra", "/tegra-egl", "/nvidia")


def is_library(name: str) -> bool:
    """Whether the driver has a library of that name: it must not be in an image."""
    return name.startswith(_LIBRARIES)


def is_folder(folder: str) -> bool:
    """Whether the driver's libraries appear in that folder."""
    return folder.rstrip("/").endswith(_FOLDERS)
