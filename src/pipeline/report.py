"""Report and Finding: what was found wrong, for people, for programs and for code hosts."""

from __future__ import annotations

import json
from typing import Annotated, Any

from dagger import Doc, field, function, object_type

from pipeline.errors import FindingsError
from pipeline.rules import RULES
from pipeline.tables import columns

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"error": "error", "warning": "warning"}


@object_type
class Finding:
    """One thing that is wrong, and what mends it."""

    rule: Annotated[str, Doc("Stable id of the rule.")] = field()
    severity: Annotated[str, Doc("error or warning.")] = field()
    path: Annotated[str, Doc("File in the image, or the Dockerfile.")] = field()
    seen: Annotated[str, Doc("What is there.")] = field()
    expected: Annotated[str, Doc("What should be there.")] = field()
    remedy: Annotated[str, Doc("What to do about it.")] = field()
    platform: Annotated[str, Doc("Platform of the image; empty for a Dockerfile.")] = field(
        default=""
    )
    line: Annotated[int, Doc("Line of the Dockerfile; 0 for an image.")] = field(default=0)
    from_base: Annotated[bool, Doc("Whether it comes from the base image.")] = field(default=False)

    @property
    def where(self) -> str:
        """Where it is, as people write it."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, as they are published."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "platform": self.platform,
            "path": self.path,
            "line": self.line,
            "fromBase": self.from_base,
            "seen": self.seen,
            "expected": self.expected,
            "remedy": self.remedy,
        }


@object_type
class Report:
    """What was looked at, and what was found."""

    subject: Annotated[str, Doc("What was looked at.")] = field()
    findings: Annotated[list[Finding], Doc("What is wrong, errors first.")] = field()

    @property
    def errors(self) -> list[Finding]:
        """What keeps an image from being published."""
        return [f for f in self.findings if f.severity == "error"]

    @function
    def table(self) -> str:
        """Return the findings as a table, with a summary below it."""
        return "\n".join([*_table(self.findings), self.summary()])

    @function
    def as_json(self) -> str:
        """Return the findings as JSON."""
        document = {"subject": self.subject, "findings": [f.as_dict() for f in self.findings]}
        return json.dumps(document, indent=2)

    @function
    def sarif(self) -> str:
        """Return the findings as SARIF 2.1.0, as code hosts show it beside the code."""
        rules = [RULES[rule] for rule in dict.fromkeys(f.rule for f in self.findings)]
        driver = {
            "name": "pipeline",
            "rules": [
                {
                    "id": rule.id,
                    "shortDescription": {"text": f"{rule.title}."},
                    "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
                }
                for rule in rules
            ],
        }
        run = {
            "tool": {"driver": driver},
            "results": [_sarif_result(finding) for finding in self.findings],
        }
        return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)

    def summary(self) -> str:
        """One line: how many errors and warnings."""
        errors = len(self.errors)
        warnings = len(self.findings) - errors
        if not self.findings:
            return f"{self.subject}: nothing found"
        return f"{self.subject}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def report(subject: str, findings: list[Finding]) -> Report:
    """A report in the order that matters: errors, then warnings, those of the base image last."""
    ordered = sorted(findings, key=lambda f: (f.severity != "error", f.from_base))
    return Report(subject=subject, findings=ordered)


def require_no_errors(report: Report) -> str:
    """The table of a report. Raises FindingsError, with that table, where a finding is an error."""
    if report.errors:
        # the summary first: a command line writes "Error: " before it, and the columns stay aligned
        raise FindingsError("\n".join([report.summary(), *_table(report.findings)]))
    return report.table()


def _sarif_result(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {
        "artifactLocation": {"uri": finding.path.lstrip("/") or "."},
    }
    if finding.line:
        location["region"] = {"startLine": finding.line}
    where = f" ({finding.platform})" if finding.platform else ""
    text = f"{finding.where}{where}: {finding.seen}, expected {finding.expected}. {finding.remedy}"
    return {
        "ruleId": finding.rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }


def _table(findings: list[Finding]) -> list[str]:
    if not findings:
        return []
    head = ("SEVERITY", "RULE", "PLATFORM", "WHERE", "SEEN", "EXPECTED")
    rows = [
        (
            f.severity + (" (base)" if f.from_base else ""),
            f.rule,
            f.platform or "-",
            f.where,
            f.seen,
            f.expected,
        )
        for f in findings
    ]
    first, *others = columns([head, *rows])
    # each remedy below its finding: as a column it would make every line too long to read
    pairs = zip(others, findings, strict=True)
    return [first, *(text for line, f in pairs for text in (line, f"    {f.remedy}"))]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
