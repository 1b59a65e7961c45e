"""What is read of a makefile."""

from __future__ import annotations

import pytest

from pipeline import makefiles


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (["Makefile", "main.c"], "Makefile"),
        (["GNUmakefile", "Makefile"], "GNUmakefile"),
        (["Makefile", "makefile"], "makefile"),
        (["Makefile.am"], ""),
    ],
)
def test_the_makefile_is_the_one_that_make_reads(entries, found):
    assert makefiles.find(entries) == found


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("all: app\n\ntest: app\n\t./app --self-test\n", "test"),
        ("check: all\n", "check"),
        ("check:\ntest:\n", "test"),
        (".PHONY: all check\nall check:: app\n", "check"),
        (".PHONY: test\n", ""),
        ("test := a b\n", ""),
        ("test:= a b\n", ""),
        ("all:\n\ttest: x\n", ""),
        ("tests: all\n", ""),
        ("# test: no\n", ""),
        ("", ""),
    ],
)
def test_a_target_that_tests_is_found(text, target):
    assert makefiles.test_target(text) == target
