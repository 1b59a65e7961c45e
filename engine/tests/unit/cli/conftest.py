"""A module as it would register itself, and the grammar that it gives."""

from __future__ import annotations

import pytest

from buildkit_engine.cli.chain import Grammar
from buildkit_engine.schema.declared import client_source, sdl
from buildkit_engine.schema.executable import executable
from buildkit_engine.schema.typedefs import (
    EnumMember,
    FieldTypeDef,
    Function,
    FunctionArg,
    Module,
    TypeDef,
)

STRING = TypeDef("STRING_KIND")
BOOLEAN = TypeDef("BOOLEAN_KIND", optional=True)
PLATFORM = TypeDef("SCALAR_KIND", "Platform")
PLATFORMS = TypeDef("LIST_KIND", element=PLATFORM)
CONTAINER = TypeDef("OBJECT_KIND", "Container")
IMAGE = TypeDef("OBJECT_KIND", "Image")


def module() -> Module:
    return Module(
        description="Images for several platforms.\n\nMore about it.",
        objects=(
            TypeDef(
                "OBJECT_KIND",
                "Pipeline",
                constructor=Function(
                    "",
                    TypeDef("OBJECT_KIND", "Pipeline"),
                    args=(
                        FunctionArg(
                            "source",
                            TypeDef("OBJECT_KIND", "Directory"),
                            description="The application's\n  source",
                            default_path="/",
                        ),
                        FunctionArg("flavor", STRING, default='""'),
                    ),
                ),
                functions=(
                    Function(
                        "publish",
                        TypeDef("LIST_KIND", element=STRING),
                        "Pushes the image.\nThen more.",
                        args=(
                            FunctionArg("platforms", PLATFORMS, "Which platforms"),
                            FunctionArg("address", STRING, "Where to", default='"127.0.0.1/x"'),
                            FunctionArg("skipTests", BOOLEAN, "Do not test", default="false"),
                        ),
                    ),
                    Function("build_stage", CONTAINER, args=(FunctionArg("platform", PLATFORM),)),
                    Function("image", IMAGE),
                ),
                fields=(FieldTypeDef("name", STRING, "The application's name"),),
            ),
            TypeDef(
                "OBJECT_KIND",
                "Image",
                functions=(Function("container", CONTAINER, "One platform's image"),),
            ),
        ),
        enums=(
            TypeDef(
                "ENUM_KIND",
                "Strategy",
                members=(EnumMember("CROSS", "cross"), EnumMember("NATIVE", "")),
            ),
        ),
    )


@pytest.fixture(scope="session")
def grammar():
    _, path = client_source()
    return Grammar(module(), executable(sdl(path.read_text())), "Pipeline")
