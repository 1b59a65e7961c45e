"""THE table of Jetson boards: the compute capability of each, and the names it goes by.

Source: dusty-nv/jetson-containers l4t_version.py (get_cuda_arch) and jetson-stats' CUDA_TABLE.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Board:
    """A family of Jetson modules with one GPU."""

    name: str
    title: str
    """Its modules, as people call them."""
    architecture: int
    """Compute capability without the point. Code for another of the same major number does not run
    on it: Jetsons have no such compatibility, unlike other GPUs."""
    aliases: tuple[str, ...] = ()
    former_architecture: int = 0
    """What older CUDA called the same GPU; 0 where it always had this number."""


BOARDS = (
    Board(
        name="nano",
        title="Jetson Nano and TX1",
        architecture=53,
        aliases=("tx1",),
    ),
    Board(name="tx2", title="Jetson TX2", architecture=62, aliases=("tx2-nx",)),
    Board(
        name="xavier",
        title="Jetson Xavier",
        architecture=72,
        aliases=("agx-xavier", "xavier-nx"),
    ),
    Board(
        name="orin",
        title="Jetson Orin",
        architecture=87,
        aliases=("agx-orin", "orin-nx", "orin-nano"),
    ),
    Board(
        # ptxas 12.9 knows sm_101 and not sm_110, ptxas 13.0 the other way round (measured)
        name="thor",
        title="Jetson Thor",
        architecture=110,
        aliases=("agx-thor",),
        former_architecture=101,
    ),
)


def of_architecture(architecture: int) -> Board | None:
    """The board with that GPU, by its present or its former number."""
    return next(
        (b for b in BOARDS if architecture in (b.architecture, b.former_architecture)), None
    )


def named(written: str) -> Board | None:
    """The board that a person means, by any of its names."""
    name = written.strip().lower().replace(" ", "-").replace("_", "-").removeprefix("jetson-")
    return next((b for b in BOARDS if name in (b.name, *b.aliases)), None)
