"""The shared libraries of an image: what its programs load, and its final stage has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import crosscompile, packages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagger

    from pipeline.platforms import PlatformSpec

_BASE = "/base"
_OUT = "/out/libraries"


def needed(
    compiled: dagger.Container,
    spec: PlatformSpec,
    root: dagger.Directory,
    wanted: str,
    folders: Sequence[str] = (),
    *,
    on_device: Sequence[str] = (),
    with_families: bool = False,
) -> dagger.Directory:
    """What programs for the platform load and the root of a final stage has not, as it lies below /.

    Read from the programs' DT_NEEDED and, in turn, from that of the libraries; taken from the
    container that compiled them. The libc is never taken: it is of one piece with its loader.

    wanted: the folder of the programs, or names of libraries with spaces between.
    folders: where libraries may be before those of the platform's packages.
    on_device: names of libraries that the machine will have.
    with_families: also those that lie beside one and are named like it, which load one another by
    name when they run.
    """
    system = [f"/usr/lib/{spec.gnu_triple}", f"/lib/{spec.gnu_triple}"]
    found_in = [*folders, *system, crosscompile.folder_of_libraries(spec)]
    out = f"{_OUT}/usr/lib/{spec.gnu_triple}"
    return (
        packages.with_step(compiled, "take-libraries")
        .with_mounted_directory(_BASE, root)
        .with_exec(
            [
                f"{packages.STEPS}/take-libraries",
                wanted,
                out,
                _BASE,
                " ".join(on_device),
                ":".join(found_in),
                "families" if with_families else "",
            ]
        )
        .directory(_OUT)
    )
