"""Makes stand-ins and puts them into the registry on loopback."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.errors import RegistryError, RequestError
from buildkit_engine.mirror import roots
from buildkit_engine.mirror.recipes import FIXED, HOST, LABEL, Recipe, known, recipe_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.state import State

_HOST_PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


@dataclass(frozen=True)
class Mirror:
    """The stand-ins of one state folder."""

    state: State
    crane: Crane
    registry: str
    say: Callable[[str], None]

    def provide(self, reference: Reference) -> None:
        """Makes the stand-in, unless the registry has it.

        Raises RequestError where none is known for the reference.
        """
        recipe = recipe_for(reference)
        if recipe is None:
            raise RequestError(
                f"no stand-in for '{reference}', and its registry does not answer from here: "
                f"expected one of {', '.join(known())}; or give the engine a network and "
                "start it anew (buildkit-engine clean, buildkit-engine up)"
            )
        # one process at a time makes one image; another may have just finished it
        with self.state.locked(f"mirror-{recipe.reference.replace('/', '_')}"):
            if not self.has(recipe):
                self.say(f"making a stand-in for {recipe.reference}")
                self._make(recipe)

    def provide_all(self, references: list[Reference]) -> None:
        """Makes several at the same time."""
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(self.provide, references))

    def has(self, recipe: Recipe) -> bool:
        try:
            self.crane.digest(self._target(recipe))
        except RegistryError:
            return False
        return True

    def _target(self, recipe: Recipe) -> Reference:
        return Reference.parse(recipe.reference).mirrored(self.registry)

    def _make(self, recipe: Recipe) -> None:
        with Scratch(self.state.folder("mirror"), "make-") as made:
            scratch = made.folder
            layers, env = [scratch / "root.tar"], dict(recipe.env)
            if recipe.bootstrapped:
                roots.bootstrapped(recipe.suite, recipe.packages, layers[0])
            else:
                roots.unpacked(recipe.packages, layers[0], scratch)
            if recipe.go:
                layers.append(scratch / "go.tar")
                env["GOLANG_VERSION"] = roots.go_toolchain(recipe.go, layers[1])
                env.update(roots.go_settings())
            self._push(recipe, layers, env)

    def _push(self, recipe: Recipe, layers: list[Path], env: dict[str, str]) -> None:
        target = self._target(recipe)
        platforms = [host_platform() if p == HOST else p for p in recipe.platforms]
        staging = f"{target.name}:{target.tag}-staging"
        append = ["append", "--oci-empty-base", "--new_tag", staging]
        for layer in layers:
            append += ["--new_layer", str(layer)]
        self.crane.run(*append)
        digests = []
        for each in platforms:
            mutate = ["mutate", staging, "--set-platform", each]
            mutate += ["--label", f"{LABEL}={recipe.reference}"]
            for name, value in env.items():
                mutate += ["--env", f"{name}={value}"]
            if recipe.user:
                mutate += ["--user", recipe.user]
            if recipe.workdir:
                mutate += ["--workdir", recipe.workdir]
            if recipe.command:
                mutate += ["--cmd", ",".join(recipe.command)]
            mutate += ["--tag", f"{staging}-{each.replace('/', '-')}"]
            digests.append(self.crane.run(*mutate).strip())
        index = ["index", "append", "--tag", str(target)]
        for digest in digests:
            index += ["--manifest", digest]
        self.crane.run(*index)


def host_platform() -> str:
    """This machine's own platform."""
    machine = platform.machine()
    return _HOST_PLATFORMS.get(machine, f"linux/{machine}")


def fixed() -> list[Reference]:
    """The stand-ins whose tags are known beforehand."""
    return [Reference.parse(recipe.reference) for recipe in FIXED]
