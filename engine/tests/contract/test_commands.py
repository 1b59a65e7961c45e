"""Container.withExec and what it leaves: expectations as Dagger documents them."""

from __future__ import annotations

import time
import uuid

import dagger
import pytest
from dagger import ReturnType, dag


def sh(container: dagger.Container, script: str, **options) -> dagger.Container:
    return container.with_exec(["sh", "-c", script], **options)


async def test_stdout_and_stderr_are_apart(debian):
    ran = sh(debian, "echo out; echo err >&2")
    assert await ran.stdout() == "out\n"
    assert await ran.stderr() == "err\n"


async def test_combined_output_has_both_in_the_order_they_were_written(debian):
    ran = sh(debian, "echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c")
    assert await ran.combined_output() == "a\nb\nc\n"


async def test_a_process_left_in_the_background_is_not_waited_for(debian):
    started = time.monotonic()
    await sh(debian, f"sleep 60 & echo {uuid.uuid4()}").sync()
    assert time.monotonic() - started < 30


async def test_an_unexpected_exit_code_is_an_exec_error_with_all_that_was_said(debian):
    with pytest.raises(dagger.ExecError, match="exit code: 3") as raised:
        await sh(debian, "echo out; echo err >&2; exit 3").sync()
    error = raised.value
    assert (error.command, error.exit_code) == (["sh", "-c", "echo out; echo err >&2; exit 3"], 3)
    assert (error.stdout, error.stderr) == ("out", "err")


async def test_an_exec_error_has_what_was_said_without_the_space_around(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await sh(debian, r"printf '\n  out \n\n'; exit 1").sync()
    assert raised.value.stdout == "out"


async def test_exit_code_of_a_command_that_succeeds_is_0(debian):
    assert await debian.with_exec(["true"]).exit_code() == 0


@pytest.mark.parametrize("code", [0, 1, 3, 127, 192, 255])
async def test_any_exit_code_can_be_expected(debian, code):
    assert await sh(debian, f"exit {code}", expect=ReturnType.ANY).exit_code() == code


@pytest.mark.parametrize("code", [1, 127, 192])
async def test_a_failure_can_be_expected(debian, code):
    assert await sh(debian, f"exit {code}", expect=ReturnType.FAILURE).exit_code() == code


async def test_what_an_expected_failure_said_and_wrote_stays(debian):
    ran = sh(debian, "echo out; echo kept > /file; exit 3", expect=ReturnType.FAILURE)
    assert await ran.stdout() == "out\n"
    assert await ran.file("/file").contents() == "kept\n"


async def test_a_success_where_a_failure_is_expected_is_an_exec_error_with_exit_code_0(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await sh(debian, "echo out; echo err >&2", expect=ReturnType.FAILURE).sync()
    error = raised.value
    assert (error.exit_code, error.stdout, error.stderr) == (0, "out", "err")


@pytest.mark.parametrize("expect", list(ReturnType))
async def test_a_command_that_a_signal_ends_is_never_expected(debian, expect):
    with pytest.raises(dagger.ExecError) as raised:
        await sh(debian, "kill -9 $$", expect=expect).sync()
    assert raised.value.exit_code == 137


async def test_a_program_that_does_not_exist_is_an_exec_error(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await debian.with_exec(["nonesuch"]).sync()
    error = raised.value
    assert (error.command, error.exit_code) == (["nonesuch"], 1)
    assert error.stderr == 'exec: "nonesuch": executable file not found in $PATH'


async def test_a_program_that_does_not_exist_is_a_failure_like_others(debian):
    ran = debian.with_exec(["nonesuch"], expect=ReturnType.ANY)
    assert await ran.exit_code() == 1


async def test_a_file_that_may_not_be_executed_is_an_exec_error(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await debian.with_new_file("/file", "text").with_exec(["/file"]).sync()
    assert raised.value.stderr.splitlines()[0] == "fork/exec /file: permission denied"


async def test_a_script_without_its_interpreter_is_an_exec_error(debian):
    script = debian.with_new_file("/script", "#!/nonesuch\n", permissions=0o755)
    with pytest.raises(dagger.ExecError) as raised:
        await script.with_exec(["/script"]).sync()
    said = raised.value.stderr.splitlines()[0]
    assert said == "fork/exec /script: no such file or directory"


async def test_nothing_can_be_executed_in_an_empty_container(connection):
    with pytest.raises(dagger.ExecError, match="exit code: 1"):
        await dag.container().with_exec(["true"]).sync()


@pytest.mark.parametrize("field", ["stdout", "stderr", "combined_output", "exit_code"])
async def test_output_without_a_command_is_refused(debian, field):
    with pytest.raises(dagger.QueryError, match="no command has been set"):
        await getattr(debian, field)()


async def test_output_is_the_last_commands(debian):
    ran = debian.with_exec(["echo", "1"]).with_exec(["echo", "2"])
    assert await ran.stdout() == "2\n"


async def test_output_stays_when_files_are_added(debian):
    ran = debian.with_exec(["echo", "1"]).with_new_file("/file", "")
    assert await ran.stdout() == "1\n"


async def test_output_stays_when_the_filesystem_is_replaced(debian, files):
    ran = debian.with_exec(["echo", "1"])
    assert await ran.with_rootfs(files).stdout() == "1\n"


async def test_a_command_runs_once_whatever_is_asked_of_it(debian):
    ran = sh(debian, f"cat /proc/sys/kernel/random/uuid | tee /file # {uuid.uuid4()}")
    said = await ran.stdout()
    assert await ran.file("/file").contents() == said
    assert await ran.combined_output() == said


async def test_equal_commands_run_once(debian):
    script = f"cat /proc/sys/kernel/random/uuid # {uuid.uuid4()}"
    assert await sh(debian, script).stdout() == await sh(debian, script).stdout()


async def test_a_command_that_failed_runs_again(debian):
    cache = dag.cache_volume(f"contract-{uuid.uuid4()}")
    once = "test -e /cache/second && exit 0; touch /cache/second; exit 1"
    ran = sh(debian.with_mounted_cache("/cache", cache), once)
    with pytest.raises(dagger.ExecError):
        await ran.sync()
    assert await ran.exit_code() == 0


async def test_standard_input_is_empty(debian):
    assert await debian.with_exec(["cat"]).stdout() == ""


async def test_with_exec_runs_the_default_args_when_given_none(debian):
    assert await debian.with_default_args(["echo", "hi"]).with_exec([]).stdout() == "hi\n"


async def test_with_exec_of_nothing_is_refused_without_default_args(debian):
    with pytest.raises(dagger.QueryError, match="no command has been set"):
        await debian.without_default_args().with_exec([]).sync()


async def test_with_exec_leaves_the_entrypoint_out(debian):
    container = debian.with_entrypoint(["nonesuch"]).with_default_args(["echo", "hi"])
    assert await container.with_exec(["echo", "args"]).stdout() == "args\n"
    assert await container.with_exec([]).stdout() == "hi\n"


async def test_an_entrypoint_is_no_command_of_its_own(debian):
    with pytest.raises(dagger.QueryError, match="no command has been set"):
        await debian.with_entrypoint(["echo", "hi"]).with_exec([]).sync()


async def test_use_entrypoint_puts_the_entrypoint_before_the_args(debian):
    container = debian.with_entrypoint(["echo", "entry"])
    assert await container.with_exec(["args"], use_entrypoint=True).stdout() == "entry args\n"


async def test_use_entrypoint_puts_the_entrypoint_before_the_default_args(debian):
    container = debian.with_entrypoint(["echo", "entry"]).with_default_args(["default"])
    assert await container.with_exec([], use_entrypoint=True).stdout() == "entry default\n"


async def test_use_entrypoint_without_one_runs_the_args(debian):
    assert await debian.with_exec(["echo", "args"], use_entrypoint=True).stdout() == "args\n"


async def test_args_are_not_expanded_unless_asked(debian):
    container = debian.with_env_variable("A", "b")
    assert await container.with_exec(["echo", "$A"]).stdout() == "$A\n"


async def test_args_are_expanded_with_the_containers_variables(debian):
    container = debian.with_env_variable("A", "b")
    args = ["echo", "$A", "${A}", "[$NONESUCH]", "x$A.y"]
    assert await container.with_exec(args, expand=True).stdout() == "b b [] xb.y\n"


async def test_a_command_runs_in_the_root_without_a_workdir(debian):
    assert await debian.with_exec(["pwd"]).stdout() == "/\n"


async def test_a_workdir_is_made_for_the_command(debian):
    assert await debian.with_workdir("/a/b").with_exec(["pwd"]).stdout() == "/a/b\n"


@pytest.mark.parametrize(
    ("user", "ids"),
    [
        ("www-data", "33:33"),
        ("33", "33:33"),
        ("1000:1001", "1000:1001"),
        ("www-data:daemon", "33:1"),
        ("12345", "12345:0"),
    ],
)
async def test_a_command_runs_as_the_user(debian, user, ids):
    ran = sh(debian.with_user(user), "echo $(id -u):$(id -g)")
    assert await ran.stdout() == ids + "\n"


async def test_the_user_has_its_own_home(debian):
    assert await sh(debian.with_user("www-data"), "echo $HOME").stdout() == "/var/www\n"


async def test_an_unknown_user_is_refused(debian):
    with pytest.raises(dagger.QueryError, match="unable to find user nonesuch"):
        await debian.with_user("nonesuch").with_exec(["true"]).sync()


async def test_a_command_sees_the_variables(debian):
    ran = sh(debian.with_env_variable("A", "b c"), 'echo "$A"')
    assert await ran.stdout() == "b c\n"


async def test_a_command_has_a_path_where_the_image_names_none(debian):
    ran = sh(debian.without_env_variable("PATH"), "echo $PATH")
    assert await ran.stdout() == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"


async def test_a_command_has_the_usual_capabilities(debian):
    ran = sh(debian, "grep CapEff /proc/self/status | cut -f2")
    assert await ran.stdout() == "00000000a80425fb\n"


async def test_what_a_command_writes_is_there_for_the_next(debian):
    ran = sh(debian, "echo 1 > /file").with_exec(["cat", "/file"])
    assert await ran.stdout() == "1\n"


async def test_sync_gives_the_container_back(debian):
    synced = await sh(debian, "echo 1 > /file").sync()
    assert await synced.file("/file").contents() == "1\n"
