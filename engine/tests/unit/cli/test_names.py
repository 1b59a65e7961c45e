"""Names as Dagger writes them."""

from __future__ import annotations

import pytest

from buildkit_engine.cli import names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("publish", "publish"),
        ("withExec", "with-exec"),
        ("build_stage", "build-stage"),
        ("with-file", "with-file"),
        ("loadHTTPState", "load-http-state"),
        ("l4tVersion", "l-4-t-version"),
        ("sha256", "sha-256"),
        ("fromID", "from-id"),
    ],
)
def test_on_a_command_line(name, expected):
    assert names.kebab(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pipeline", "Pipeline"),
        ("my-pipeline", "MyPipeline"),
        ("my_ciThing", "MyCiThing"),
        ("my.ci thing", "MyCiThing"),
        ("k8sDeploy", "K8SDeploy"),
        ("HTTPServer", "Httpserver"),
    ],
)
def test_of_a_modules_class(name, expected):
    assert names.camel(name) == expected


@pytest.mark.parametrize(
    ("module", "project", "package"),
    [("db-tests", "db-tests", "db_tests"), ("dbTests", "db-tests", "db_tests")],
)
def test_of_a_modules_project_and_package(module, project, package):
    assert names.project(module) == project
    assert names.package(project) == package


@pytest.mark.parametrize(
    ("name", "expected"),
    [("HIGH", "HIGH"), ("V1_2", "V1_2"), ("high", "HIGH"), ("crossCompile", "CROSS_COMPILE")],
)
def test_of_a_member_of_an_enum(name, expected):
    assert names.member(name) == expected


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Image", "PipelineImage"),
        ("Pipeline", "Pipeline"),
        ("PipelineImage", "PipelineImage"),
        ("Pipelines", "PipelinePipelines"),
    ],
)
def test_of_a_type_in_the_schema(type_, expected):
    assert names.namespaced(type_, "pipeline") == expected
