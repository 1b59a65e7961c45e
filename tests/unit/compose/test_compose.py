"""The example of a dependent module: what it asks of ours, by names that ours really has."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import dagger
import pytest

from buildkit_engine.cli.source import ModuleSource

if TYPE_CHECKING:
    from buildkit_engine.schema.typedefs import Module

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "examples" / "compose"
ANSWERS = {
    "Container.stdout": '{"version": "1.2", "platform": "linux/arm64"}\n',
    "PipelineImage.verify": "linux/amd64, linux/arm64: no findings",
    "PipelineImage.publish": ["r.example.com/app:1.2@sha256:00"],
}
NOTICE = (
    'withFile(path: "/usr/share/doc/app/NOTICE.txt", '
    'file: currentModule.source.file(path: "NOTICE.txt"))'
)
IMAGE = f'pipeline(source: directory).image(version: "1.2").{NOTICE}'
VARIANT = (
    'pipeline(source: directory).image(platforms: ["linux/arm64"], version: "1.2").'
    f'{NOTICE}.container(platform: "linux/arm64")'
)


def test_its_dependency_is_this_module_on_the_same_engine():
    theirs, ours = (json.loads((folder / "dagger.json").read_text()) for folder in (COMPOSE, ROOT))
    assert [d["name"] for d in theirs["dependencies"]] == [ours["name"]]
    assert [(COMPOSE / d["source"]).resolve() for d in theirs["dependencies"]] == [ROOT]
    assert theirs["engineVersion"] == ours["engineVersion"]
    assert theirs["sdk"] == ours["sdk"]


def test_its_main_object_is_found_where_the_sdk_looks_for_it(compose):
    source = ModuleSource.named(str(COMPOSE))
    package, _, name = source.entry_point.partition(":")
    assert (source.project_name, package, name) == ("compose", compose.__name__, "Compose")
    assert getattr(compose, name).__dagger_module__._objects.keys() == {"Compose"}


def test_everything_is_documented(compose):
    types = compose.Compose.__dagger_module__._objects["Compose"]
    for function in (*types.functions.values(), types.get_constructor()):
        assert function.original_name in ("", "__init__") or function.doc
        assert all(parameter.doc for parameter in function.parameters.values())


def test_its_default_paths_are_there(compose):
    types = compose.Compose.__dagger_module__._objects["Compose"]
    source = types.get_constructor().parameters["source"]
    assert (ROOT / source.default_path.lstrip("/") / "go.mod").is_file()
    assert (COMPOSE / compose.main.NOTICE).is_file()


async def test_its_test_asks_the_variant_of_the_engines_platform_over_http(release, our_types):
    app, engine = release(our_types, ANSWERS)
    assert await app.test() == '{"version": "1.2", "platform": "linux/arm64"}'
    platform, answer = engine.asked
    assert platform == "defaultPlatform"
    client = 'container.from(address: "docker.io/library/python:3.11-slim")'
    service = f'withServiceBinding(alias: "app", service: {VARIANT}.asService(useEntrypoint: true))'
    assert answer.startswith(f"{client}.{service}.withExec(args: ")
    assert answer.endswith('"http://app:8080/version"]).stdout')


async def test_a_program_of_another_version_fails_and_is_not_published(release, our_types):
    app, engine = release(our_types, ANSWERS | {"Container.stdout": '{"version": "dev"}'})
    with pytest.raises(
        ValueError, match=r"^The program says it is version 'dev': expected '1\.2'$"
    ):
        await app.publish("r.example.com/app")
    assert not [chain for chain in engine.asked if ".publish" in chain]


async def test_it_verifies_the_image_with_its_file_in_every_variant(release, our_types):
    app, engine = release(our_types, ANSWERS)
    assert await app.verify() == ANSWERS["PipelineImage.verify"]
    assert engine.asked == [f"{IMAGE}.verify"]


async def test_it_publishes_what_it_tested_under_a_tag_of_its_own(release, our_types):
    app, engine = release(our_types, ANSWERS)
    password = dagger.dag.secret("env://TOKEN")
    found = await app.publish("r.example.com/app", "robot", password)
    assert found == ANSWERS["PipelineImage.publish"]
    *_, tested, published = engine.asked
    assert VARIANT in tested
    assert published == (
        f'{IMAGE}.publish(address: "r.example.com/app", tags: ["1.2"], username: "robot", '
        'password: secret(uri: "env://TOKEN"))'
    )


def renamed(types: Module, owner: str, function: str, argument: str = "") -> Module:
    """The same types with another name of a function, or of one of its arguments."""

    def other(found):
        if found.name != function:
            return found
        if not argument:
            return replace(found, name="renamed")
        args = (replace(a, name="renamed") if a.name == argument else a for a in found.args)
        return replace(found, args=tuple(args))

    objects = (
        replace(o, functions=tuple(map(other, o.functions))) if o.name == owner else o
        for o in types.objects
    )
    return replace(types, objects=tuple(objects))


@pytest.mark.parametrize(
    ("owner", "name", "argument"),
    [
        ("Pipeline", "image", ""),
        ("Pipeline", "image", "platforms"),
        ("Image", "with_file", ""),
        ("Image", "container", ""),
        ("Image", "publish", ""),
        ("Image", "publish", "tags"),
    ],
)
async def test_another_name_of_what_it_uses_would_break_it(
    release, our_types, owner, name, argument
):
    types = renamed(our_types, owner, name, argument)
    assert types != our_types
    app, _ = release(types, ANSWERS)
    with pytest.raises((AttributeError, TypeError)) as raised:
        await app.publish("r.example.com/app")
    assert (argument or name) in str(raised.value)


@pytest.mark.parametrize(
    ("language", "start"),
    [("python", "dag.pipeline"), ("go", "dag.Pipeline"), ("typescript", ".pipeline")],
)
def test_what_the_documentation_calls_is_there(our_types, language, start):
    [code] = re.findall(
        rf"^```{language}\n(.*?)^```",
        (ROOT / "docs/compose.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    functions = {f.name.replace("_", "") for o in our_types.objects for f in o.functions}
    called = re.findall(r"\.\s*([a-zA-Z_]+)\(", code[code.index(start) + len(start) :])
    # Python and Go write names in other ways
    ours = [name.replace("_", "").lower() for name in called]
    assert {"image", "withfile", "publish"} <= set(ours)
    assert set(ours) - {"currentmodule", "source", "file"} <= functions
