"""A module as it would register itself, and the grammar that it gives."""

from __future__ import annotations

from dataclasses import replace

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
                    Function("images", TypeDef("LIST_KIND", element=IMAGE)),
                    Function("stages", TypeDef("LIST_KIND", element=CONTAINER)),
                    Function("check", TypeDef("VOID_KIND")),
                    Function("strategy", TypeDef("ENUM_KIND", "Strategy")),
                    Function("base", TypeDef("INTERFACE_KIND", "Base")),
                    Function("merge", STRING, args=(FunctionArg("with", IMAGE),)),
                    Function(
                        "add",
                        IMAGE,
                        args=(
                            FunctionArg("image", replace(IMAGE, optional=True)),
                            FunctionArg(
                                "strategy", TypeDef("ENUM_KIND", "Strategy", optional=True)
                            ),
                        ),
                    ),
                ),
                fields=(FieldTypeDef("name", STRING, "The application's name"),),
            ),
            TypeDef(
                "OBJECT_KIND",
                "Image",
                functions=(
                    Function("container", CONTAINER, "One platform's image"),
                    Function("platforms", TypeDef("LIST_KIND", element=STRING)),
                ),
                fields=(FieldTypeDef("tag", STRING),),
            ),
            TypeDef("INTERFACE_KIND", "Base", functions=(Function("name", STRING),)),
        ),
        enums=(
            TypeDef(
                "ENUM_KIND",
                "Strategy",
                members=(EnumMember("NATIVE", "on the host"), EnumMember("crossCompile", "")),
            ),
        ),
    )


@pytest.fixture(scope="session")
def grammar():
    _, path = client_source()
    return Grammar(module(), executable(sdl(path.read_text())), "Pipeline")
