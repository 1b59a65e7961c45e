"""What one file needs to start on a platform, or why it does not: the scan of it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.tables import columns

if TYPE_CHECKING:
    from pipeline.platforms import PlatformSpec

_OF_A_FILE = (
    "wrong-architecture",
    "corrupt-binary",
    "broken-shebang",
    "entrypoint-not-executable",
)
"""Rules that are about the file itself, whatever is around it."""
_WHAT = {
    "loader": "dynamic loader",
    "library": "shared library",
    "injected": "shared library of the NVIDIA driver: mounted by the machine that runs it",
    "interpreter": "interpreter of the script",
    "command": "program, found on PATH",
}
_VERBS = {"program": "starts", "script": "starts", "library": "can be loaded"}
_IN_TURN = "What these libraries need in turn they say themselves: verify looks at a whole image."


def explanation(name: str, spec: PlatformSpec, told: dict[str, Any]) -> str:
    """What the scan tells of a root that holds one file, by that name, as its command.

    Either what is wrong with the file, or all that it names itself: its loader or interpreter, each
    library, and the symbol versions that it must define.
    """
    wrong = [f for f in told["findings"] if f["rule"] in _OF_A_FILE]
    if wrong:
        return "\n".join(
            f"{name}: {f['seen']}, expected {f['expected']}. {f['remedy']}" for f in wrong
        )
    of_file = told["needs"] or {"kind": "program", "needs": []}
    start = f"{name} {_VERBS[of_file['kind']]} on {spec.platform}"
    needs = of_file["needs"]
    if not needs:
        return f"{start}, and needs nothing else."
    rows = [
        (need["name"], _WHAT[need["what"]] + _with(need["versions"]))
        for need in needs
    ]  # fmt: skip
    lines = [f"{start} where its image has", *(f"    {line}" for line in columns(rows))]
    has_libraries = any(need["what"] == "library" for need in needs)
    return "\n".join([*lines, *([_IN_TURN] if has_libraries else [])])


def _with(versions: list[str]) -> str:
    return f" with {', '.join(versions)}" if versions else ""
