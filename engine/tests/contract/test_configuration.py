"""What a container is configured with: variables, labels, user, workdir, entrypoint, platform."""

from __future__ import annotations

import dagger
import pytest
from dagger import NetworkProtocol, dag

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


async def variables(container: dagger.Container) -> list[tuple[str, str]]:
    return [(await v.name(), await v.value()) for v in await container.env_variables()]


async def labels(container: dagger.Container) -> dict[str, str]:
    return {await v.name(): await v.value() for v in await container.labels()}


# -- variables


async def test_env_variable_is_what_was_set(debian):
    assert await debian.with_env_variable("A", "b=c d").env_variable("A") == "b=c d"


async def test_env_variable_may_be_empty(debian):
    assert await debian.with_env_variable("A", "").env_variable("A") == ""


async def test_env_variable_that_is_not_set_is_none(debian):
    assert await debian.env_variable("NONESUCH") is None


async def test_an_image_brings_its_variables(debian):
    assert await variables(debian) == [("PATH", PATH)]


async def test_an_empty_container_has_no_variables(connection):
    assert await variables(dag.container()) == []


async def test_a_variable_is_replaced_where_it_is(debian):
    container = (
        debian.with_env_variable("B", "1").with_env_variable("A", "2").with_env_variable("B", "3")
    )
    assert await variables(container) == [("PATH", PATH), ("B", "3"), ("A", "2")]


async def test_a_variable_can_be_taken_away(debian):
    container = debian.with_env_variable("A", "b").without_env_variable("A")
    assert await container.env_variable("A") is None


async def test_taking_away_a_variable_that_is_not_set_is_no_error(debian):
    assert await variables(debian.without_env_variable("NONESUCH")) == [("PATH", PATH)]


async def test_a_variable_is_not_expanded_unless_asked(debian):
    assert await debian.with_env_variable("A", "$PATH").env_variable("A") == "$PATH"


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ("/x:$PATH", f"/x:{PATH}"),
        ("${B}c", "bc"),
        ("$B.c", "b.c"),
        ("[$NONESUCH]", "[]"),
        ("cost$", "cost$"),
        ("$1x", "x"),
        ("$$", ""),
        ("${B:-d}", ""),
        (r"\$B", r"\b"),
    ],
)
async def test_a_variable_is_expanded_from_those_before(debian, value, expanded):
    container = debian.with_env_variable("B", "b").with_env_variable("A", value, expand=True)
    assert await container.env_variable("A") == expanded


async def test_a_variable_can_be_expanded_from_itself(debian):
    container = debian.with_env_variable("PATH", "/x:${PATH}", expand=True)
    assert await container.env_variable("PATH") == f"/x:{PATH}"


# -- labels


async def test_label_is_what_was_set_last(connection):
    container = dag.container().with_label("a", "1").with_label("b", "2").with_label("a", "3")
    assert await container.label("a") == "3"
    assert await labels(container) == {"a": "3", "b": "2"}


async def test_label_that_is_not_set_is_none(connection):
    assert await dag.container().label("a") is None


async def test_label_may_be_empty(connection):
    assert await dag.container().with_label("a", "").label("a") == ""


async def test_a_label_can_be_taken_away(connection):
    container = dag.container().with_label("a", "1").without_label("a").without_label("nonesuch")
    assert await labels(container) == {}


# -- user and workdir


async def test_user_is_empty_unless_set(debian):
    assert await debian.user() == ""


async def test_user_is_what_was_set_whoever_it_is(debian):
    assert await debian.with_user("someone:else").user() == "someone:else"


async def test_an_image_brings_its_user(static):
    assert await static("linux/amd64").user() == "65532"


async def test_without_user_is_nobody_in_particular(static):
    assert await static("linux/amd64").without_user().user() == ""


async def test_workdir_is_empty_unless_set(debian):
    assert await debian.workdir() == ""


async def test_an_image_brings_its_workdir(static):
    assert await static("linux/amd64").workdir() == "/home/nonroot"


@pytest.mark.parametrize(
    ("path", "workdir"),
    [("/c", "/c"), ("c", "/a/b/c"), ("..", "/a"), (".", "/a/b"), ("/c/", "/c/")],
)
async def test_workdir_is_relative_to_the_workdir_before(debian, path, workdir):
    assert await debian.with_workdir("/a/b").with_workdir(path).workdir() == workdir


async def test_workdir_is_expanded_when_asked(debian):
    container = debian.with_env_variable("A", "/a").with_workdir("$A/b", expand=True)
    assert await container.workdir() == "/a/b"


async def test_without_workdir_is_the_root(debian):
    container = debian.with_workdir("/a").without_workdir()
    assert await container.workdir() == ""
    assert await container.with_exec(["pwd"]).stdout() == "/\n"


async def test_a_workdir_is_not_made_before_a_command_runs(debian):
    assert not await debian.with_workdir("/a").directory("/").exists("a")


# -- entrypoint and default args


async def test_an_image_brings_its_default_args(debian):
    assert await debian.default_args() == ["bash"]
    assert await debian.entrypoint() == []


async def test_an_empty_container_has_neither_entrypoint_nor_default_args(connection):
    assert await dag.container().entrypoint() == []
    assert await dag.container().default_args() == []


async def test_entrypoint_is_what_was_set(debian):
    assert await debian.with_entrypoint(["a", "b"]).entrypoint() == ["a", "b"]


async def test_an_entrypoint_takes_the_default_args_away(debian):
    assert await debian.with_entrypoint(["a"]).default_args() == []


async def test_an_entrypoint_can_keep_the_default_args(debian):
    container = debian.with_entrypoint(["a"], keep_default_args=True)
    assert await container.default_args() == ["bash"]


async def test_without_entrypoint_takes_the_default_args_away(debian):
    container = debian.with_entrypoint(["a"]).with_default_args(["b"]).without_entrypoint()
    assert await container.entrypoint() == []
    assert await container.default_args() == []


async def test_without_entrypoint_can_keep_the_default_args(debian):
    container = debian.with_entrypoint(["a"]).with_default_args(["b"])
    assert await container.without_entrypoint(keep_default_args=True).default_args() == ["b"]


async def test_default_args_are_replaced_whole(debian):
    assert await debian.with_default_args(["a", "b"]).default_args() == ["a", "b"]


async def test_default_args_can_be_taken_away(debian):
    assert await debian.without_default_args().default_args() == []


# -- platform


async def test_a_container_has_the_engines_platform_unless_told_otherwise(connection):
    assert await dag.container().platform() == await dag.default_platform()


async def test_a_container_has_the_platform_that_it_was_told(connection):
    container = dag.container(platform=dagger.Platform("linux/riscv64"))
    assert await container.platform() == "linux/riscv64"


@pytest.mark.parametrize(
    ("platform", "canonical"),
    [
        ("linux/aarch64", "linux/arm64"),
        ("linux/x86_64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("arm64", "linux/arm64"),
        ("linux/bogus99", "linux/bogus99"),
    ],
)
async def test_a_platform_has_one_name(connection, platform, canonical):
    assert await dag.container(platform=dagger.Platform(platform)).platform() == canonical


@pytest.mark.parametrize(
    ("platform", "message"),
    [
        ("a/b/c/d", "cannot parse platform specifier"),
        ("bogus", "unknown operating system or architecture"),
    ],
)
async def test_what_is_no_platform_is_refused(connection, platform, message):
    with pytest.raises(dagger.QueryError, match=message):
        await dag.container(platform=dagger.Platform(platform)).platform()


# -- ports


async def ports(container: dagger.Container) -> set[tuple]:
    return {
        (
            await p.port(),
            await p.protocol(),
            await p.description(),
            await p.experimental_skip_healthcheck(),
        )
        for p in await container.exposed_ports()
    }


async def test_ports_are_what_was_exposed_last(connection):
    container = (
        dag.container()
        .with_exposed_port(80)
        .with_exposed_port(53, protocol=NetworkProtocol.UDP, description="names")
        .with_exposed_port(80, experimental_skip_healthcheck=True)
    )
    assert await ports(container) == {
        (80, NetworkProtocol.TCP, None, True),
        (53, NetworkProtocol.UDP, "names", False),
    }


async def test_a_port_can_be_taken_away(connection):
    container = (
        dag.container()
        .with_exposed_port(80)
        .with_exposed_port(80, protocol=NetworkProtocol.UDP)
        .without_exposed_port(80)
        .without_exposed_port(443)
    )
    assert await ports(container) == {(80, NetworkProtocol.UDP, None, False)}


# -- healthchecks


async def test_a_healthcheck_is_what_was_set(connection):
    container = dag.container().with_docker_healthcheck(
        ["curl", "-f", "http://localhost"],
        interval="90s",
        timeout="1500ms",
        start_period="1m",
        start_interval="5s",
        retries=3,
    )
    check = container.docker_healthcheck()
    assert await check.args() == ["curl", "-f", "http://localhost"]
    assert await check.shell() is False
    assert [await check.interval(), await check.timeout()] == ["1m30s", "1.5s"]
    assert [await check.start_period(), await check.start_interval()] == ["1m0s", "5s"]
    assert await check.retries() == 3


async def test_a_healthcheck_has_defaults(connection):
    container = dag.container().with_docker_healthcheck(["exit 1"], shell=True)  # noqa: S604 - an image's
    check = container.docker_healthcheck()
    assert await check.shell() is True
    assert [await check.interval(), await check.timeout()] == ["0s", "0s"]
    assert await check.retries() == 0


async def test_a_healthcheck_can_be_taken_away(connection):
    container = dag.container().with_docker_healthcheck(["true"]).without_docker_healthcheck()
    with pytest.raises(dagger.InvalidQueryError, match="got a null response"):
        await container.docker_healthcheck().args()


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ([], {}, "WithHealthcheck args is missing"),
        (["a", "b"], {"shell": True}, "args must be a single element when shell mode is set"),
        (["a"], {"interval": "soon"}, "invalid duration"),
    ],
)
async def test_what_is_no_healthcheck_is_refused(connection, args, options, message):
    with pytest.raises(dagger.QueryError, match=message):
        await dag.container().with_docker_healthcheck(args, **options).sync()
