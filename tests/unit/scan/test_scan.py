"""The scan of root filesystems, without an engine: a corpus of faults, and of good images."""

from __future__ import annotations

import json

import pytest
from faulty import FAULTY
from good import GOOD
from roots import written

from pipeline import jetpack, platforms, verification
from pipeline.rules import IMAGE
from pipeline.scan.__main__ import scan


def findings(tmp_path, case):
    """What the module makes of what the scan tells."""
    spec = platforms.parse(case.platform)
    request = verification.request(
        spec,
        command=case.command,
        user=case.user,
        path=case.path,
        library_path=case.library_path,
        gpus=jetpack.labelled_architectures(case.gpus),
        mounted=jetpack.mounted_sonames() if case.mounts_cuda else (),
        budget=case.budget,
    )
    root = written(tmp_path / "root", {**case.base, **case.files})
    base = written(tmp_path / "base", case.base)
    told = json.loads(json.dumps(scan(root, base, request)).encode())
    return [verification.finding(spec, each) for each in told["findings"]]


@pytest.mark.parametrize("case", FAULTY, ids=lambda c: c.name)
def test_every_fault_is_found_with_its_cause(case, tmp_path):
    found = findings(tmp_path, case)
    assert [(f.rule, f.path) for f in found] == list(case.expected)
    assert [f.severity == "warning" for f in found] == [
        f.rule in (*case.warnings, "runs-as-root", "foreign-rpath", "package-cache") for f in found
    ]
    assert case.seen in " ".join(f"{f.seen} {f.expected}" for f in found)
    assert case.remedy in " ".join(f.remedy for f in found)
    assert all(f.remedy.endswith(".") for f in found)


@pytest.mark.parametrize("case", GOOD, ids=lambda c: c.name)
def test_a_good_image_has_no_findings(case, tmp_path):
    assert findings(tmp_path, case) == []


def test_every_fault_of_the_corpus_says_what_is_to_be_seen():
    assert [case.name for case in FAULTY if not case.seen] == []


def test_every_rule_of_images_is_met():
    met = {rule for case in FAULTY for rule, _ in case.expected}
    # of configurations and of several images, not of one root: tests/unit/test_variants.py
    assert {rule.id for rule in IMAGE} - met == {"wrong-platform", "identical-variants"}


def test_the_corpus_is_of_the_size_that_proves_something():
    assert len(FAULTY) >= 40
    assert len(GOOD) >= 10
