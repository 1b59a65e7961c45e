import os
import subprocess
import sys

from bench.processes import Process, Sampler, parse_stat, resident, seconds_used, table

MB = 1_000_000


def test_a_process_may_have_blanks_and_brackets_in_its_name():
    assert parse_stat("7 (a b) c) S 1 7 7") == ["S", "1", "7", "7"]


def test_a_tree_is_the_root_and_all_below_it():
    processes = {
        1: Process(0, 100),
        2: Process(1, 10),
        3: Process(2, 1),
        4: Process(1, 1000),
    }
    assert resident(processes, [2]) == 11
    assert resident(processes, [2, 4]) == 1011
    assert resident(processes, [5]) == 0


def test_the_table_has_this_process_with_its_parent_and_its_memory():
    own = table()[os.getpid()]
    assert own.parent == os.getppid()
    assert own.resident > 5 * MB


def test_the_largest_memory_of_a_tree_is_seen():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    grown = "import time; data = b'x' * 80_000_000; time.sleep(0.5)"
    process = subprocess.Popen([sys.executable, "-c", code, grown])
    with Sampler([process.pid], []) as sampler:
        process.wait()
    assert 80 * MB < sampler.client < 160 * MB
    assert sampler.daemon == 0


def test_processor_time_includes_that_of_children_that_have_ended():
    before = seconds_used(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    assert seconds_used(os.getpid()) > before
