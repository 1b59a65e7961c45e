"""A test runner whose database is a file: state from step to step, containers, exit codes."""

from __future__ import annotations

import pytest


@pytest.fixture
def call(module):
    return module("db-tests")


def test_state_goes_from_step_to_step(call):
    ran = call("insert", "--rows=ann:3,bob:4", "insert", "--rows=cy:5", "database", "contents")
    assert (ran.code, ran.out) == (0, "name,age\nann,3\nbob,4\ncy,5\n")


def test_a_constructor_is_a_function_as_well(call):
    assert call("--header=n,a", "steps").out == "create n,a\n"


def test_an_image_is_given_by_its_address(call):
    ran = call("--image=debian:bookworm-slim", "insert", "--rows=ann:3", "query", "--name=ann")
    assert (ran.code, ran.out) == (0, "ann,3\n")


def test_a_command_that_fails_gives_its_exit_code(call):
    ran = call("insert", "--rows=ann:3", "query", "--name=zed")
    assert (ran.code, ran.out) == (1, "")
    ran = call("run", "--script=echo said; echo wrong >&2; exit 42")
    assert (ran.code, ran.out) == (42, "")
    assert "wrong" in ran.error


@pytest.mark.parametrize("address", ["env://TOKEN", "file://token", "cmd://printf hunter2"])
def test_a_secret_is_used_and_never_shown(call, tmp_path, address):
    (tmp_path / "token").write_text("hunter2")
    ran = call("login", "--token", address, env={"TOKEN": "hunter2"})
    assert (ran.code, ran.out) == (0, "7")
    assert "hunter2" not in ran.error.replace(address, "")


def test_a_report_is_exported(call, tmp_path):
    ran = call("insert", "--rows=a:1,b:2", "report", "export", "--path=out/report.txt")
    assert ran.out == f"{tmp_path}/out/report.txt"
    assert (tmp_path / "out" / "report.txt").read_text() == "1. create name,age\n2. insert 2\n"


def test_a_report_is_exported_into_a_folder_that_exists_with_output(call, tmp_path):
    assert call("report", "--name=r.txt", "-o", ".").code == 0
    assert (tmp_path / "r.txt").read_text() == "1. create name,age\n"
