"""Comments that ignore findings."""

from __future__ import annotations

import pytest

from pipeline.lint import lint


def found(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in lint(text, "Dockerfile")]


def test_a_comment_above_an_instruction_is_for_that_instruction():
    text = "FROM scratch\n{}ADD https://example.com/a /a\nADD https://example.com/b /b\n"
    assert found(text.format("")) == [(2, "unchecked-download"), (3, "unchecked-download")]
    ignoring = text.format("# pipeline: ignore=unchecked-download\n")
    assert found(ignoring) == [(4, "unchecked-download")]


def test_a_comment_in_an_instruction_is_for_all_of_it():
    text = "FROM scratch\nRUN a && \\\n  # pipeline: ignore=unchecked-download\n  curl x | sh\n"
    assert found(text) == []


def test_a_comment_above_the_first_from_is_for_the_whole_file():
    text = "# pipeline: ignore=unpinned-base\nARG X\nFROM debian:12\nFROM alpine:3\n"
    assert found(text) == []


def test_a_comment_ignores_only_the_rules_that_it_names():
    text = "FROM scratch\n# pipeline: ignore=unpinned-base\nADD https://example.com/a /a\n"
    assert found(text) == [(3, "unchecked-download")]


@pytest.mark.parametrize("rule", ["unpinned", "wrong-architecture", "", "unknown-rule"])
def test_a_rule_that_does_not_exist_is_an_error_with_the_accepted_set(rule):
    [finding] = lint(f"# pipeline: ignore={rule}\nFROM scratch\n", "Dockerfile")
    assert (finding.rule, finding.severity, finding.line) == ("unknown-rule", "error", 1)
    assert finding.seen == f"ignore={rule}"
    assert finding.remedy == (
        "Write one of host-architecture, untargeted-compile, undeclared-platform-arg, "
        "defaulted-platform-arg, build-platform-final, constant-platform-final, "
        "constant-platform, single-stage, emulated-compile, emulated-install, no-cache-mount, "
        "unchecked-download, unpinned-base, l4t-without-dev, copied-libcuda."
    )
