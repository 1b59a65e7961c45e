"""What a session holds beside containers and files: its version, secrets, what is unserved."""

from __future__ import annotations

import importlib.metadata
import uuid

import dagger
import pytest
from dagger import dag


async def test_the_engines_version_is_the_sdks(connection):
    assert await dag.version() == "v" + importlib.metadata.version("dagger-io")


async def test_the_default_platform_is_that_of_linux_on_this_machine(connection):
    assert await dag.default_platform() in {"linux/amd64", "linux/arm64"}


# -- secrets


@pytest.mark.parametrize("text", ["s3cret", "ñ\n", " spaces ", ""])
async def test_a_secret_has_its_name_and_plaintext(connection, text):
    name = f"contract-{uuid.uuid4()}"
    secret = dag.set_secret(name, text)
    assert await secret.name() == name
    assert await secret.plaintext() == text


async def test_a_secret_set_again_is_another(connection):
    name = f"contract-{uuid.uuid4()}"
    assert await dag.set_secret(name, "1").plaintext() == "1"
    assert await dag.set_secret(name, "2").plaintext() == "2"


# -- what this engine does not serve


@pytest.mark.usefixtures("this_engine_only")
async def test_a_field_that_is_not_served_refuses_by_its_name(debian):
    message = "'Container.asService' is not served by this engine: run with a Dagger engine"
    with pytest.raises(dagger.QueryError, match=message):
        await debian.as_service().hostname()


@pytest.mark.usefixtures("this_engine_only")
async def test_an_unserved_field_of_the_root_refuses_by_its_name(connection):
    with pytest.raises(dagger.QueryError, match=r"'Query\.git' is not served by this engine"):
        await dag.git("https://example.com/x.git").head().commit()


@pytest.mark.usefixtures("this_engine_only")
async def test_an_argument_that_is_not_served_refuses_by_its_name(debian):
    message = (
        r"'Container\.withExec\(experimentalPrivilegedNesting:\)' is not served by this engine"
    )
    with pytest.raises(dagger.QueryError, match=message):
        await debian.with_exec(["true"], experimental_privileged_nesting=True).sync()


@pytest.mark.usefixtures("this_engine_only")
async def test_a_command_is_refused_the_api(debian):
    message = r"'Container\.withExec\(experimentalPrivilegedNesting:\)' is not served"
    with pytest.raises(dagger.QueryError, match=message):
        await debian.with_exec(["true"], experimental_privileged_nesting=True).sync()


async def test_an_unserved_argument_left_at_its_default_is_no_error(files):
    copied = files.with_directory("x", files.directory("sub"), gitignore=False)
    assert await copied.exists("x/b.txt")
