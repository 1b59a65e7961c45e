"""Reports: as a table, as JSON, as SARIF."""

from __future__ import annotations

import json

import pytest

from pipeline.errors import FindingsError
from pipeline.report import Finding, report, require_no_errors
from pipeline.rules import DOCKERFILE, IMAGE, RULES

WRONG = Finding(
    rule="wrong-architecture",
    severity="error",
    platform="linux/arm64",
    path="/usr/local/bin/app",
    seen="x86-64",
    expected="AArch64",
    remedy="Compile it for linux/arm64.",
)
ROOT = Finding(
    rule="runs-as-root",
    severity="warning",
    platform="linux/arm64",
    path="/",
    seen="root",
    expected="another user",
    remedy="Set [runtime] user.",
    from_base=True,
)
LINE = Finding(
    rule="unpinned-base",
    severity="warning",
    path="Dockerfile",
    line=3,
    seen="debian:12",
    expected="a digest",
    remedy="Write debian:12@sha256:….",
)


def test_a_report_has_errors_first_and_the_bases_last():
    assert report("app", [ROOT, LINE, WRONG]).findings == [WRONG, LINE, ROOT]


def test_a_table_has_a_line_a_finding_its_remedy_and_a_summary():
    assert report("app", [ROOT, LINE, WRONG]).table().splitlines() == [
        "SEVERITY        RULE                PLATFORM     WHERE               SEEN       EXPECTED",
        "error           wrong-architecture  linux/arm64  /usr/local/bin/app  x86-64     AArch64",
        "    Compile it for linux/arm64.",
        "warning         unpinned-base       -            Dockerfile:3        debian:12  a digest",
        "    Write debian:12@sha256:….",
        "warning (base)  runs-as-root        linux/arm64  /                   root       another user",
        "    Set [runtime] user.",
        "app: 1 error, 2 warnings",
    ]


def test_a_report_without_findings_says_so():
    assert report("app", []).table() == "app: nothing found"


def test_warnings_do_not_fail_and_errors_fail_with_the_summary_and_the_table():
    assert require_no_errors(report("app", [LINE])) == report("app", [LINE]).table()
    failing = report("app", [LINE, WRONG])
    with pytest.raises(FindingsError) as raised:
        require_no_errors(failing)
    *rows, summary = failing.table().splitlines()
    assert str(raised.value).splitlines() == [summary, *rows]


def test_json_has_every_field_of_a_finding():
    document = json.loads(report("app", [LINE]).as_json())
    assert document == {
        "subject": "app",
        "findings": [
            {
                "rule": "unpinned-base",
                "severity": "warning",
                "platform": "",
                "path": "Dockerfile",
                "line": 3,
                "fromBase": False,
                "seen": "debian:12",
                "expected": "a digest",
                "remedy": "Write debian:12@sha256:….",
            }
        ],
    }


def test_sarif_has_each_rule_once_and_a_place_for_each_result():
    [run] = json.loads(report("app", [WRONG, WRONG, LINE]).sarif())["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "wrong-architecture",
        "unpinned-base",
    ]
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]
    assert run["results"][0]["message"] == {
        "text": "/usr/local/bin/app (linux/arm64): x86-64, expected AArch64. "
        "Compile it for linux/arm64."
    }
    assert run["results"][2]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "Dockerfile"},
                "region": {"startLine": 3},
            }
        }
    ]


@pytest.mark.parametrize("rule", [*IMAGE, *DOCKERFILE], ids=lambda r: r.id)
def test_a_rule_has_an_id_of_its_own_and_a_sentence(rule):
    assert RULES[rule.id] is rule
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")


def test_the_rules_of_images_and_dockerfiles_share_no_id():
    assert len(RULES) == len(IMAGE) + len(DOCKERFILE)
