"""The table of JetPack for people to read."""

from __future__ import annotations

from pipeline.jetpack.releases import RELEASES
from pipeline.tables import columns

_HEADER = (
    "JETPACK", "L4T", "BOARDS", "SM", "UBUNTU", "CUDA", "CUDNN", "TENSORRT", "TARGET", "CUDA COMES FROM",
)  # fmt: skip


def table() -> str:
    """A line a release, oldest first; below, what of it no source was seen for."""
    rows: list[tuple[str, ...]] = [_HEADER]
    notes: dict[str, list[str]] = {}
    for release in RELEASES:
        rows.append(
            (
                ", ".join(release.jetpacks),
                release.suite,
                ", ".join(release.boards),
                ", ".join(str(sm) for sm in release.architectures),
                release.ubuntu.version,
                release.toolkit.version,
                release.cudnn,
                release.tensorrt,
                release.toolkit.target_dir,
                "the device" if release.mounts_cuda else "the image",
            )
        )
        for note in (*release.unverified, *release.toolkit.unverified):
            notes.setdefault(note, []).append(release.suite)
    lines = [f"{', '.join(suites)}: {note}" for note, suites in notes.items()]
    return "\n".join([*columns(rows), "", "Not confirmed by a source:", *lines])
