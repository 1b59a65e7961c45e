"""Secrets: what commands find of them, and that nobody else does."""

from __future__ import annotations

import asyncio
import os
import uuid
from pathlib import Path

import dagger
import pytest
from dagger import dag

VALUE = "s3cret-value"


def sh(container: dagger.Container, script: str, **options) -> dagger.Container:
    return container.with_exec(["sh", "-c", script], **options)


@pytest.fixture
def secret(connection):
    return dag.set_secret(f"contract-{uuid.uuid4()}", VALUE)


async def output_of(*command: str, given: str = "") -> bytes:
    """What a program of this machine prints."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    return (await process.communicate(given.encode()))[0]


def a_secret(value: str) -> dagger.Secret:
    return dag.set_secret(f"contract-{uuid.uuid4()}", value)


# -- variables


async def test_a_command_sees_a_secret_variable(debian, secret):
    ran = sh(debian.with_secret_variable("TOKEN", secret), f'test "$TOKEN" = {VALUE} && echo yes')
    assert await ran.stdout() == "yes\n"


async def test_a_secret_variable_is_no_variable_of_the_container(debian, secret):
    container = debian.with_secret_variable("TOKEN", secret)
    assert await container.env_variable("TOKEN") is None


async def test_a_secret_variable_wins_over_a_plain_one(debian, secret):
    container = debian.with_secret_variable("TOKEN", secret).with_env_variable("TOKEN", "plain")
    assert await sh(container, f'test "$TOKEN" = {VALUE} && echo yes').stdout() == "yes\n"


async def test_the_last_secret_of_a_variable_is_seen(debian, secret):
    container = debian.with_secret_variable("TOKEN", a_secret("before"))
    container = container.with_secret_variable("TOKEN", secret)
    assert await sh(container, f'test "$TOKEN" = {VALUE} && echo yes').stdout() == "yes\n"


async def test_a_secret_variable_can_be_taken_away(debian, secret):
    container = debian.with_secret_variable("TOKEN", secret).without_secret_variable("TOKEN")
    assert await sh(container, 'echo "[$TOKEN]"').stdout() == "[]\n"


async def test_a_secret_variable_is_never_expanded(debian, secret):
    container = debian.with_secret_variable("TOKEN", secret)
    with pytest.raises(
        dagger.QueryError, match='expand cannot be used with secret env variable "TOKEN"'
    ):
        await container.with_exec(["echo", "$TOKEN"], expand=True).sync()


# -- files


async def test_a_command_sees_a_mounted_secret(debian, secret):
    container = debian.with_mounted_secret("/run/token", secret)
    script = f'test "$(cat /run/token)" = {VALUE} && stat -c "%a %u:%g" /run/token'
    assert await sh(container, script).stdout() == "400 0:0\n"


async def test_a_mounted_secret_has_the_owner_and_the_mode(debian, secret):
    container = debian.with_mounted_secret("token", secret, owner="www-data:daemon", mode=0o440)
    assert await sh(container, 'stat -c "%a %u:%g" /token').stdout() == "440 33:1\n"


async def test_a_mounted_secret_may_hold_any_bytes(debian, host_folder):
    (host_folder / "binary-secret").write_bytes(b"\0\xff\n" * 50_000)
    read = dag.secret(f"file://{host_folder}/binary-secret")
    container = debian.with_mounted_secret("/token", read)
    assert await sh(container, "wc -c < /token").stdout() == "150000\n"


async def test_a_mounted_secret_is_seen_by_commands_only(debian, secret):
    ran = sh(debian.with_mounted_secret("/run/token", secret), "test -s /run/token")
    assert not await ran.exists("/run/token")
    assert await ran.mounts() == []


async def test_a_mounted_secret_can_be_taken_away(debian, secret):
    container = debian.with_mounted_secret("/token", secret).without_mount("/token")
    assert await sh(container, "test -e /token || echo none").stdout() == "none\n"


async def test_a_secret_is_seen_over_a_file_that_is_mounted_at_its_path(debian, secret, files):
    container = debian.with_mounted_secret("/token", secret)
    container = container.with_mounted_file("/token", files.file("a.txt"))
    script = f'test "$(cat /token)" = {VALUE} && echo yes'
    assert await sh(container, script).stdout() == "yes\n"
    assert await container.file("/token").contents() == "A"


async def test_a_secret_can_be_standard_input(debian, secret):
    ran = debian.with_mounted_secret("/token", secret).with_exec(
        ["tr", "a-z", "A-Z"], redirect_stdin="/token", redirect_stdout="/out"
    )
    assert await ran.file("/out").contents() == VALUE.upper()


# -- what is said


async def test_a_command_that_prints_a_secret_prints_stars(debian, secret):
    container = debian.with_secret_variable("A", secret).with_mounted_secret("/b", a_secret("two"))
    ran = sh(container, 'echo "1 $A."; cat /b >&2')
    assert await ran.stdout() == "1 ***.\n"
    assert await ran.stderr() == "***"
    assert "***" in await ran.combined_output()
    assert VALUE not in await ran.combined_output()


async def test_a_secret_that_is_printed_in_parts_is_stars(debian, secret):
    container = debian.with_secret_variable("A", secret)
    ran = sh(container, "printf s3cr; sleep 0.2; printf 'et-value s3cret-v'")
    assert await ran.stdout() == "*** s3cret-v"


async def test_the_longest_secret_is_hidden(debian):
    container = debian.with_secret_variable("A", a_secret("abc"))
    container = container.with_secret_variable("B", a_secret("abcdef"))
    assert await sh(container, "echo abc abcdef abcde").stdout() == "*** *** ***de\n"


async def test_a_secret_without_the_space_around_it_is_hidden_too(debian):
    container = debian.with_secret_variable("A", a_secret("very\nsecret\n"))
    assert await sh(container, 'echo "$A"; printf "very\nsecret;"').stdout() == "***\n***;"


async def test_an_empty_secret_hides_nothing(debian):
    container = debian.with_secret_variable("A", a_secret(""))
    assert await sh(container, "echo hello").stdout() == "hello\n"


async def test_a_redirected_stream_has_stars_too(debian, secret):
    container = debian.with_secret_variable("A", secret)
    ran = sh(container, "echo $A", redirect_stdout="/out")
    assert await ran.file("/out").contents() == "***\n"


async def test_an_exec_error_has_stars(debian, secret):
    container = debian.with_secret_variable("A", secret)
    with pytest.raises(dagger.ExecError) as raised:
        await sh(container, "echo $A; echo $A >&2; exit 1").sync()
    error = raised.value
    assert (error.stdout, error.stderr) == ("***", "***")
    assert VALUE not in str(error)


@pytest.mark.parametrize("name", ['contract secret, "quoted"', ""])
async def test_a_secret_may_have_any_name(debian, name):
    container = debian.with_secret_variable("A", dag.set_secret(name, VALUE))
    assert await sh(container, f'test "$A" = {VALUE} && echo yes').stdout() == "yes\n"


async def test_a_secret_is_in_no_id(debian, secret):
    assert VALUE not in await secret.id()
    assert VALUE not in await debian.with_secret_variable("A", secret).id()


@pytest.mark.long
@pytest.mark.usefixtures("this_engine_only")
async def test_a_secret_is_on_no_disk_and_in_no_process(debian):
    from buildkit_engine.buildkit.state import State

    value = f"contract-{uuid.uuid4()}"
    container = debian.with_secret_variable("A", a_secret(value))
    container = container.with_mounted_secret("/b", a_secret(value))
    ran = sh(container, 'echo "$A" | cat - /b; sleep 2')
    look = "sleep 1; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    _, arguments = await asyncio.gather(ran.sync(), output_of("sh", "-c", look))
    assert b"shim run" in arguments
    assert value.encode() not in arguments
    state = str(State.of_user().root)
    assert await output_of("grep", "-rlF", "-f", "-", state, given=value) == b""


# -- what runs again


async def test_a_command_does_not_run_again_for_another_value_of_a_secret_set_by_name(debian):
    name = f"contract-{uuid.uuid4()}"
    script = "cat /proc/sys/kernel/random/uuid"
    said = [
        await sh(debian.with_secret_variable("A", dag.set_secret(name, value)), script).stdout()
        for value in ("1", "2")
    ]
    assert said[0] == said[1]


async def test_a_command_runs_again_for_another_value_of_a_secret_with_an_address(
    debian, host_folder
):
    path = host_folder / f"secret-{uuid.uuid4()}"
    script = f"cat /proc/sys/kernel/random/uuid # {path}"
    said = []
    for value in ("1", "1", "2"):
        path.write_text(value)
        container = debian.with_secret_variable("A", dag.secret(f"file://{path}"))
        said.append(await sh(container, script).stdout())
    assert said[0] == said[1] != said[2]


async def test_a_cache_key_says_when_a_command_runs_again(debian):
    script = f"cat /proc/sys/kernel/random/uuid # {uuid.uuid4()}"
    said = []
    for command, key in (("echo 1", "a"), ("echo 2", "a"), ("echo 1", "b")):
        read = dag.secret(f"cmd://{command}", cache_key=key)
        said.append(await sh(debian.with_secret_variable("A", read), script).stdout())
    assert said[0] == said[1] != said[2]


# -- addresses


@pytest.mark.parametrize("provider", ["file://", "cmd://cat "])
async def test_a_secret_has_the_value_that_its_address_names(host_folder, provider):
    # of secrets with equal values, a Dagger engine tells the address of one
    path = host_folder / f"secret-{uuid.uuid4()}"
    path.write_text(f"{path.name}\n")
    secret = dag.secret(f"{provider}{path}")
    assert await secret.plaintext() == f"{path.name}\n"
    assert (await secret.uri(), await secret.name()) == (f"{provider}{path}", "")


async def test_a_secret_can_be_a_variable_of_this_machine(connection):
    assert await dag.secret("env://PATH").plaintext() == os.environ["PATH"]


async def test_a_variable_that_is_not_set_is_said_in_part(debian):
    message = r'secret env var not found: "NON\.\.\."'
    secret = dag.secret("env://NONESUCH")
    with pytest.raises(dagger.QueryError, match=message):
        await secret.plaintext()
    with pytest.raises(dagger.QueryError, match=message):
        await debian.with_secret_variable("A", secret).with_exec(["true"]).sync()


async def test_a_secrets_file_that_is_missing_is_an_error(host_folder):
    missing = Path(host_folder, "none")
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await dag.secret(f"file://{missing}").plaintext()


async def test_a_secrets_command_that_fails_is_an_error(connection):
    with pytest.raises(dagger.QueryError, match="failed to run secret command"):
        await dag.secret("cmd://exit 1").plaintext()


@pytest.mark.parametrize(
    ("uri", "message"),
    [("wtf://x", 'unsupported secret provider: "wtf"'), ("wtf", "malformed id")],
)
async def test_an_unknown_address_is_refused(connection, uri, message):
    with pytest.raises(dagger.QueryError, match=message):
        await dag.secret(uri).plaintext()


# -- variables whose values do not matter


async def test_a_command_sees_a_volatile_variable_and_does_not_run_again_for_it(debian):
    script = f"echo $A; cat /proc/sys/kernel/random/uuid # {uuid.uuid4()}"
    said = [
        await sh(debian.with_volatile_variable("A", value), script).stdout() for value in ("1", "2")
    ]
    assert said[0].startswith("1\n")
    assert said[0] == said[1]


async def test_a_volatile_variable_can_be_taken_away(debian):
    container = debian.with_volatile_variable("A", "1").without_volatile_variable("A")
    assert await sh(container, 'echo "[$A]"').stdout() == "[]\n"


async def test_a_volatile_variable_is_never_expanded(debian):
    container = debian.with_volatile_variable("A", "1")
    with pytest.raises(
        dagger.QueryError, match='expand cannot be used with volatile env variable "A"'
    ):
        await container.with_env_variable("B", "$A", expand=True).sync()
