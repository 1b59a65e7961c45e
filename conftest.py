"""Options that both test trees share, and the rule that a run without integration tests fails."""

from __future__ import annotations

import pytest

INTEGRATION = "tests/integration/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("embedded", "dagger"),
        default="embedded",
        help="what integration and contract tests run on: this repository's engine, or the one "
        "that the `dagger` command reaches",
    )
    parser.addoption(
        "--save-verified",
        action="store_true",
        help="keep which fields of the API the contract tests asked for, if all of them pass",
    )
    parser.addoption(
        "--require-integration",
        action="store_true",
        help="fail where no integration test was executed, whatever else was",
    )


class _Counter:
    """Counts the integration tests that were executed, and not skipped."""

    def __init__(self) -> None:
        self.executed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and not report.skipped and report.nodeid.startswith(INTEGRATION):
            self.executed += 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.executed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"{self.executed} integration tests were executed")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--require-integration"):
        config.pluginmanager.register(_Counter())
