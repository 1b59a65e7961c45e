"""Every rule, on Dockerfiles written for the tests.

Beside each faulty Dockerfile stands what is expected of it: a line a finding, the number of the line
and the rule, and below it the remedy.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.lint import lint
from pipeline.report import report
from pipeline.rules import DOCKERFILE, RULES

DOCKERFILES = Path(__file__).parents[2] / "dockerfiles"
FAULTY = sorted((DOCKERFILES / "faulty").glob("*.Dockerfile"))
GOOD = sorted((DOCKERFILES / "good").glob("*.Dockerfile"))


def expected(dockerfile: Path) -> list[tuple[int, str, str]]:
    lines = dockerfile.with_suffix(".expected").read_text().splitlines()
    heads = (line.split() for line in lines[::2])
    return [(int(n), rule, r.strip()) for (n, rule), r in zip(heads, lines[1::2], strict=True)]


@pytest.mark.parametrize("dockerfile", FAULTY, ids=lambda p: p.stem)
def test_what_is_wrong_is_found_with_its_line_and_remedy_and_nothing_else(dockerfile):
    found = lint(dockerfile.read_text(), dockerfile.name)
    assert [(f.line, f.rule, f.remedy) for f in found] == expected(dockerfile)
    for finding in found:
        assert finding.path == dockerfile.name
        assert finding.severity == RULES[finding.rule].severity
        assert finding.seen
        assert finding.expected


@pytest.mark.parametrize("dockerfile", GOOD, ids=lambda p: p.stem)
def test_a_good_dockerfile_raises_no_alarm(dockerfile):
    assert lint(dockerfile.read_text(), dockerfile.name) == []


def test_every_rule_is_tested_twice():
    counted = Counter(rule for path in FAULTY for _, rule, _ in expected(path))
    assert {rule.id: counted[rule.id] for rule in DOCKERFILE if counted[rule.id] < 2} == {}


def test_the_same_findings_where_lines_end_as_on_windows():
    for path in FAULTY:
        text = path.read_text()
        found = lint(text.replace("\n", "\r\n"), path.name)
        assert [(f.line, f.rule) for f in found] == [
            (f.line, f.rule) for f in lint(text, path.name)
        ]


def test_a_finding_says_what_is_seen_and_what_is_expected():
    [finding] = lint((DOCKERFILES / "faulty/uname.Dockerfile").read_text(), "Dockerfile")
    assert finding.seen == "uname -m on $BUILDPLATFORM: the build host's architecture"
    assert finding.expected == "the target's, x86_64 or aarch64 by $TARGETARCH"


def test_sarif_places_each_finding_on_its_line():
    path = DOCKERFILES / "faulty/no-cache-apt-pip.Dockerfile"
    document = json.loads(report("d/Dockerfile", lint(path.read_text(), "d/Dockerfile")).sarif())
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["no-cache-mount"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"d/Dockerfile"}
    assert [place["region"]["startLine"] for place in places] == [3, 4, 7, 8]
    assert {(r["ruleId"], r["level"]) for r in run["results"]} == {("no-cache-mount", "warning")}
    assert run["results"][3]["message"]["text"] == (
        "d/Dockerfile:8: cargo fetch without a cache, expected --mount=type=cache. "
        "Write in line 8: RUN --mount=type=cache,target=/usr/local/cargo/registry "
        "--mount=type=cache,target=/usr/local/cargo/git cargo fetch"
    )
