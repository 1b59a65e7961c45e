import subprocess
import sys
import time

import pytest

from bench.measuring import Command, RivalError, measure


def command(tmp_path, code, *, name="log", **env):
    return Command([sys.executable, "-c", code], env, tmp_path, tmp_path / name)


def test_commands_run_at_once_and_count_until_the_last_has_ended(tmp_path):
    waits = [
        command(tmp_path, f"import time; time.sleep({s})", name=f"log-{s}") for s in (0.1, 1, 1)
    ]
    started = time.perf_counter()
    measured = measure(waits, None)
    assert 1 < measured.seconds <= time.perf_counter() - started
    assert measured.seconds < 2
    assert measured.client_cpu < measured.seconds * 2
    assert (measured.daemon_cpu, measured.daemon_memory) == (None, None)


def test_processor_time_is_that_of_a_commands_children_too(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert 0.5 < measure([command(tmp_path, code)], None).client_cpu < 2


def test_what_a_helper_takes_meanwhile_counts_too(tmp_path):
    busy = "import time\nwhile time.process_time() < 30: pass"
    waits = command(tmp_path, "import time; time.sleep(1)")
    alone = measure([waits], None)
    with subprocess.Popen([sys.executable, "-c", busy]) as helper:
        helped = measure([waits], None, [helper.pid])
        helper.kill()
    assert helped.client_cpu > alone.client_cpu + 0.3
    assert helped.client_memory > alone.client_memory


def test_a_helper_that_has_ended_takes_nothing(tmp_path):
    measured = measure([command(tmp_path, "pass")], None, [2**22 + 1])
    assert 0 < measured.client_cpu < 2


def test_a_command_has_its_environment_and_what_it_says_is_kept(tmp_path):
    code = "import os, sys; print(os.environ['SAID']); print(os.getcwd(), file=sys.stderr)"
    measure([command(tmp_path, code, SAID="hello")], None)
    assert sorted((tmp_path / "log").read_text().split()) == sorted(["hello", str(tmp_path)])


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path):
    code = "print('no space left'); raise SystemExit(3)"
    with pytest.raises(RivalError, match=r"ended with 3:\nno space left$"):
        measure([command(tmp_path, code)], None)
