"""Directory.dockerBuild: what a Dockerfile makes."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import BuildArg, dag

FROM = "FROM debian:bookworm-slim\n"


def dockerfile(text: str, path: str = "Dockerfile") -> dagger.Directory:
    return dag.directory().with_new_file(path, text)


async def test_a_dockerfile_makes_files_and_configuration(files):
    text = (
        FROM + 'WORKDIR /src\nCOPY a.txt .\nRUN echo made > made\nENV A=b\nCMD ["cat", "a.txt"]\n'
    )
    text += "LABEL l=v\nUSER 33\nEXPOSE 80\n"
    built = files.with_new_file("Dockerfile", text).docker_build()
    assert await built.with_exec([]).stdout() == "A"
    assert await built.file("made").contents() == "made\n"
    assert await built.env_variable("A") == "b"
    assert await built.label("l") == "v"
    assert (await built.user(), await built.workdir()) == ("33", "/src")
    assert [await port.port() for port in await built.exposed_ports()] == [80]


async def test_a_dockerfile_may_have_any_path_below_the_directory(files):
    directory = files.with_new_file("build/My.Dockerfile", FROM + "COPY a.txt /f\n")
    built = directory.docker_build(dockerfile="build/My.Dockerfile")
    assert await built.file("/f").contents() == "A"


async def test_a_subdirectory_can_be_built(files):
    directory = files.with_new_file("sub/Dockerfile", FROM + "COPY b.txt /f\n").directory("sub")
    assert await directory.docker_build().file("/f").contents() == "B"


async def test_a_folder_of_this_machine_can_be_built(host_folder):
    folder = host_folder / f"build-{uuid.uuid4()}"
    folder.mkdir()
    (folder / "Dockerfile").write_text(FROM + "COPY f /f\n")
    (folder / "f").write_text("text")
    (folder / "left-out").write_text("text")
    built = dag.host().directory(str(folder)).docker_build()
    assert await built.file("/f").contents() == "text"
    filtered = dag.host().directory(str(folder), exclude=["f"]).docker_build()
    with pytest.raises(dagger.QueryError, match=r"/f.*(not found|no such file)"):
        await filtered.sync()


async def test_a_stage_can_be_chosen():
    text = FROM.replace("\n", " AS first\n") + "RUN echo 1 > /f\nFROM first\nRUN echo 2 > /f\n"
    directory = dockerfile(text)
    assert await directory.docker_build(target="first").file("/f").contents() == "1\n"
    assert await directory.docker_build().file("/f").contents() == "2\n"


async def test_build_args_are_given(connection):
    directory = dockerfile(FROM + "ARG NAME=none\nRUN echo $NAME > /f\n")
    assert await directory.docker_build().file("/f").contents() == "none\n"
    built = directory.docker_build(build_args=[BuildArg(name="NAME", value="a,b='c'")])
    assert await built.file("/f").contents() == "a,b='c'\n"


async def test_what_is_ignored_is_not_in_the_context(files):
    directory = files.with_new_file(".dockerignore", "sub\n!sub/deep\n")
    directory = directory.with_new_file("Dockerfile", FROM + "COPY . /c\n")
    built = directory.docker_build().directory("/c")
    assert await built.glob("**/*.txt") == ["a.txt"]
    assert await built.exists("sub/deep/c.go")


async def test_the_platform_is_what_was_asked_for(connection):
    text = "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY f /f\n"
    directory = dockerfile(text).with_new_file("f", "text")
    built = directory.docker_build(platform=dagger.Platform("linux/arm64"))
    assert await built.platform() == "linux/arm64"
    assert await built.file("/f").contents() == "text"


NAMES = [f"BUILD{part}" for part in ("PLATFORM", "OS", "ARCH", "VARIANT")]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, ["linux/arm/v7", "linux", "arm", "v7"]),
        ({"BUILDPLATFORM": "linux/amd64", "BUILDARCH": "amd64", "BUILDVARIANT": ""}, ["linux/amd64", "linux", "amd64", ""]),
    ],
    ids=["unless told, the platform itself", "what it is told"],
)  # fmt: skip
async def test_what_builds_is(connection, given, seen):
    shown = "".join(f"ARG {name}\nENV SEEN_{name}=${name}\n" for name in NAMES)
    directory = dockerfile(f"FROM --platform=$BUILDPLATFORM scratch AS any\nFROM scratch\n{shown}")
    built = directory.docker_build(
        platform=dagger.Platform("linux/arm/v7"),
        build_args=[BuildArg(name=name, value=value) for name, value in given.items()],
    )
    assert [await built.env_variable(f"SEEN_{name}") for name in NAMES] == seen


async def test_a_run_sees_a_secret_by_its_name_and_so_do_later_commands(connection):
    name, value = f"contract-{uuid.uuid4()}", f"value-{uuid.uuid4()}"
    mount = f"RUN --mount=type=secret,id={name} "
    text = FROM + mount + f"wc -c < /run/secrets/{name} > /f\n"
    built = dockerfile(text).docker_build(secrets=[dag.set_secret(name, value)])
    assert await built.file("/f").contents() == f"{len(value)}\n"
    assert await built.with_exec(["cat", f"/run/secrets/{name}"]).stdout() == "***"


async def test_a_run_that_prints_a_secret_prints_stars(connection):
    name, value = f"contract-{uuid.uuid4()}", f"value-{uuid.uuid4()}"
    mount = f"RUN --mount=type=secret,id={name} "
    text = FROM + mount + f"cat /run/secrets/{name}; exit 1\n"
    with pytest.raises(dagger.ExecError) as raised:
        await dockerfile(text).docker_build(secrets=[dag.set_secret(name, value)]).sync()
    assert raised.value.stdout == "***"
    assert value not in str(raised.value)


async def test_a_run_that_fails_is_an_exec_error(connection):
    text = FROM + "RUN echo out; echo err >&2; exit 3\n"
    with pytest.raises(dagger.ExecError, match="exit code: 3") as raised:
        await dockerfile(text).docker_build().sync()
    error = raised.value
    assert error.command == ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]
    assert (error.exit_code, error.stdout, error.stderr) == (3, "out", "err")


@pytest.mark.parametrize(
    "line", ["# syntax=docker/dockerfile:1", "# syntax = docker.io/docker/dockerfile:1.7-labs"]
)
async def test_the_usual_syntax_lines_change_nothing(connection, line):
    built = dockerfile(f"{line}\n{FROM}RUN echo made > /f\n").docker_build()
    assert await built.file("/f").contents() == "made\n"


async def test_another_syntax_is_refused(connection):
    text = f"# escape=`\n# syntax = example.com/custom/dockerfile:1\n{FROM}"
    message = 'syntax frontend "example.com/custom/dockerfile:1" is unsupported'
    with pytest.raises(dagger.QueryError, match=message):
        await dockerfile(text).docker_build().sync()


async def test_what_is_no_dockerfile_is_refused(connection):
    with pytest.raises(dagger.QueryError, match="unknown instruction: FRO"):
        await dockerfile("FRO debian\n").docker_build().sync()


async def test_a_dockerfile_that_is_missing_is_named(files):
    with pytest.raises(
        dagger.QueryError, match=r'failed to read Dockerfile "none": .*no such file'
    ):
        await files.docker_build(dockerfile="none").sync()


async def test_a_file_that_is_not_in_the_context_is_named(connection):
    with pytest.raises(dagger.QueryError, match="/nonesuch"):
        await dockerfile(FROM + "COPY nonesuch /\n").docker_build().sync()


async def test_a_secret_needs_a_name(connection):
    secret = dag.secret("env://PATH")
    with pytest.raises(dagger.QueryError, match="secret has no name and cannot be referenced"):
        await dockerfile(FROM).docker_build(secrets=[secret]).sync()


async def test_the_image_is_published_as_it_is(registry):
    directory = dockerfile(FROM + "RUN echo 1 > /f\n")
    first, second = [
        await directory.docker_build().publish(f"{registry.address}/contract/{uuid.uuid4()}:t")
        for _ in range(2)
    ]
    assert registry.config(first)["rootfs"] == registry.config(second)["rootfs"]
    assert await dag.container().from_(first).file("/f").contents() == "1\n"


@pytest.mark.usefixtures("this_engine_only")
async def test_a_base_image_that_cannot_be_had_is_named(connection):
    with pytest.raises(dagger.QueryError, match=r"nonesuch-[0-9a-f-]+"):
        await dockerfile(f"FROM nonesuch-{uuid.uuid4()}:1\n").docker_build().sync()


@pytest.mark.usefixtures("this_engine_only")
async def test_an_ssh_socket_is_refused_by_its_name(connection):
    directory = dockerfile(FROM)
    with pytest.raises(dagger.QueryError, match=r"not served by this engine"):
        await directory.docker_build(ssh=dag.host().unix_socket("/run/none")).sync()
