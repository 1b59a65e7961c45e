"""Makes stand-ins and puts them into the registry on loopback."""

from __future__ import annotations

import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit.daemons import host_platform
from buildkit_engine.buildkit.layouts import LAYER, Layout, as_json
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.buildkit.tools import locate
from buildkit_engine.errors import RegistryError, RequestError
from buildkit_engine.mirror import golang, own, roots
from buildkit_engine.mirror.apt import Archive
from buildkit_engine.mirror.layers import Layer
from buildkit_engine.mirror.recipes import (
    ARCHITECTURES,
    LABEL,
    TOOLS,
    UNPACKED_LABEL,
    UNPACKED_NOTE,
    Recipe,
    nearest,
    recipe_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.state import State

_RECIPE = "dev.buildkit-engine.recipe"
"""A field of a stand-in's configuration: which recipe made it. No label, since those are inherited."""
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Mirror:
    """The stand-ins of one state folder. Safe to use from several threads and processes."""

    state: State
    crane: Crane
    registry: str
    say: Callable[[str], None]

    def provide(self, reference: Reference, platform: str) -> tuple[str, bytes]:
        """The digest and the configuration of one platform's image; made, unless it is there.

        Raises RequestError where no stand-in is known for the reference, or the platform.
        """
        held = self.held(reference, platform)
        if held:
            return held
        recipe = _recipe(reference, platform)
        # a path with a colon is two to the programs that it is given to
        name = re.sub(r"[/:]", "_", f"{recipe.reference}-{platform}")
        # one process at a time makes one image; another may have just finished it
        with self.state.locked(f"mirror-{name}"):
            held = self.held(reference, platform)
            if held:
                return held
            with Scratch(self.state.folder("mirror", "making"), f"{name}-") as made:
                return self._make(recipe, platform, made.folder)

    def provide_all(self, wanted: Iterable[tuple[Reference, str]]) -> None:
        """Makes several at the same time: references with a platform each.

        Raises RequestError for one that cannot be made before any is.
        """
        wanted = list(wanted)
        for reference, platform in wanted:
            _recipe(reference, platform)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(lambda each: self.provide(*each), wanted))

    def held(self, reference: Reference, platform: str) -> tuple[str, bytes] | None:
        """What the registry has already; None for a stand-in that another recipe made."""
        source = reference.mirrored(self.registry)
        try:
            digest = reference.digest or self.crane.digest(source, platform)
            raw = self.crane.config(source.at(digest), platform, is_there=not reference.digest)
        except RegistryError:
            return None
        recipe, made_by = recipe_for(reference), json.loads(raw).get(_RECIPE, "")
        is_stand_in = LABEL in (json.loads(raw).get("config", {}).get("Labels") or {})
        # what somebody else put there is used as it is
        current = not is_stand_in or reference.digest or (recipe and made_by == recipe.digest)
        return (digest, raw) if current else None

    def _make(self, recipe: Recipe, platform: str, scratch: Path) -> tuple[str, bytes]:
        started = time.monotonic()
        self.say(f"making a stand-in for {recipe.reference} ({platform})")
        env = dict(recipe.env)
        makers = [self._root(recipe, platform, scratch)]
        if recipe.go:
            architecture = ARCHITECTURES[platform].go
            version = golang.exact(recipe.go, architecture)
            env |= {"GOLANG_VERSION": version, **dict(golang.settings())}
            makers.append(lambda layer: golang.toolchain(version, architecture, layer))
        if recipe.tools:
            built = locate(self.state).bin
            makers.append(lambda layer: own.tools(built, recipe.tools, TOOLS, layer))
        if recipe.trusts_as_here:
            # above the packages' own, which the layer of the root has
            makers.append(own.certificates)
        with ThreadPoolExecutor(max_workers=len(makers)) as pool:
            files = [scratch / f"{number}.tar.gz" for number in range(len(makers))]
            layers = list(pool.map(_layer, files, makers))
        config = _config(recipe, platform, env, layers)
        layout = Layout(scratch / "image")
        kept = [layout.keep(layer.path, layer.digest, LAYER) for layer in layers]
        image = layout.add_image(as_json(config), kept)
        layout.set_index({"schemaVersion": 2, "manifests": [image]})
        digest = image["digest"]
        self._push(recipe, platform, scratch / "image", digest)
        size = sum(layer.size for layer in layers) / 1_000_000
        seconds = time.monotonic() - started
        self.say(f"made {recipe.reference} ({platform}): {size:.1f} MB in {seconds:.1f} s")
        target = Reference.parse(recipe.reference).mirrored(self.registry)
        return digest, self.crane.config(target.at(digest), platform)

    def _root(self, recipe: Recipe, platform: str, scratch: Path) -> Callable[[Layer], None]:
        of = host_platform() if recipe.root == "data" else platform
        archive = Archive(self.state, recipe.suite, ARCHITECTURES[of].debian, self.say)

        def make(layer: Layer) -> None:
            if recipe.root != "debian":
                architecture = ARCHITECTURES[platform].debian
                roots.bare(
                    archive, recipe.packages, layer, recipe.left_out, architecture=architecture
                )
            elif platform == host_platform():
                roots.configured(archive, recipe.packages, layer, scratch, recipe.left_out)
            else:
                roots.unpacked(archive, recipe.packages, layer, recipe.left_out)
            for name in recipe.folders:
                layer.add_folder(name, mode=0o755)
            for name, target in recipe.links:
                layer.add_link(name, target)

        return make

    def _push(self, recipe: Recipe, platform: str, image: Path, digest: str) -> None:
        """Pushes the image without a tag, and then the index with it in one request."""
        target = Reference.parse(recipe.reference).mirrored(self.registry)
        self.crane.run("push", str(image), f"{target.name}@{digest}")
        with self.state.locked(f"mirror-{recipe.reference.replace('/', '_')}"):
            by_platform = {**self.platforms(target), platform: digest}
            append = ["index", "append", "--tag", str(target)]
            for _, each in sorted(by_platform.items()):
                append += ["--manifest", f"{target.name}@{each}"]
            self.crane.run(*append)

    def platforms(self, target: Reference) -> dict[str, str]:
        """Digests by platform of what the registry holds under a name."""
        try:
            index: Any = self.crane.manifest(target)
        except RegistryError:
            return {}
        return {
            "/".join(filter(None, (p["os"], p["architecture"], p.get("variant")))): each["digest"]
            for each in index.get("manifests") or []
            for p in [each["platform"]]
        }


def _recipe(reference: Reference, platform: str) -> Recipe:
    recipe = recipe_for(reference)
    if recipe is None:
        raise RequestError(
            f"no stand-in for '{reference}', and its registry does not answer from here: "
            f"expected one of {', '.join(nearest(reference))}; or give the engine a network and "
            "start it anew (buildkit-engine clean, buildkit-engine up)"
        )
    if reference.digest:
        raise RequestError(
            f"no stand-in has the digest of '{reference}', and its registry does not answer from "
            f"here: name the tag alone, '{recipe.reference}'"
        )
    if platform not in recipe.platforms:
        raise RequestError(
            f"no stand-in for '{reference}' on '{platform}': "
            f"expected one of {', '.join(recipe.platforms)}"
        )
    return recipe


def _layer(path: Path, make: Callable[[Layer], None]) -> Layer:
    with Layer(path) as layer:
        make(layer)
    return layer


def _config(
    recipe: Recipe, platform: str, env: dict[str, str], layers: list[Layer]
) -> dict[str, Any]:
    os_, architecture, *variant = platform.split("/")
    labels = {LABEL: recipe.reference}
    if recipe.root == "debian" and platform != host_platform():
        labels[UNPACKED_LABEL] = UNPACKED_NOTE
    settings = {
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": labels,
        "User": recipe.user,
        "WorkingDir": recipe.workdir,
        "Cmd": list(recipe.command),
    }
    by = f"stand-in for {recipe.reference}: {' '.join(recipe.packages)}"
    return {
        "architecture": architecture,
        "os": os_,
        **({"variant": variant[0]} if variant else {}),
        "created": _EPOCH,
        _RECIPE: recipe.digest,
        "config": {name: value for name, value in settings.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        "history": [{"created": _EPOCH, "created_by": by} for _ in layers],
    }
