"""What callers see: the exposed types, their functions and arguments."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from pipeline import Pipeline

MODULE = Pipeline.__dagger_module__
FUNCTIONS = {
    name: {fn.name: fn for fn in object_type.functions.values() if fn.name}
    for name, object_type in MODULE._objects.items()
}
# flags of `dagger call` itself (cmd/dagger in v0.21.8): an argument of that name could not be given
GLOBAL_FLAGS = {
    "allow-llm", "auto-apply", "cloud", "debug", "dot-focus-field", "dot-output", "dot-show-internal",
    "eager-runtime", "env", "help", "interactive", "interactive-command", "json", "lock", "mod",
    "model", "no-exit", "no-mod", "output", "progress", "quiet", "silent", "verbose", "web", "workspace",
}  # fmt: skip


def test_only_what_is_a_callers_concept_is_exposed():
    assert set(MODULE._objects) == {"Pipeline", "Image", "Report", "Finding"}
    assert set(FUNCTIONS["Pipeline"]) == {
        "plan", "doctor", "explain", "test", "build_stage", "runtime_stage", "artifacts", "build",
        "image", "verify", "report", "verify_published", "publish", "merge", "lint", "lint_report",
        "jetpacks", "cuda_stage", "jetson_runtime",
    }  # fmt: skip
    assert set(FUNCTIONS["Image"]) == {
        "container", "with_file", "with_container", "verify", "report", "publish",
        "oci_layout", "sizes",
    }  # fmt: skip
    assert set(FUNCTIONS["Report"]) == {"table", "as_json", "sarif"}
    assert set(FUNCTIONS["Finding"]) == set()
    assert set(MODULE._objects["Pipeline"].fields) == {"source", "secrets"}
    assert set(MODULE._objects["Image"].fields) == {"platforms", "variants", "bases", "artifacts"}
    assert set(MODULE._objects["Report"].fields) == {"subject", "findings"}
    assert set(MODULE._objects["Finding"].fields) == {
        "rule", "severity", "path", "seen", "expected", "remedy", "platform", "line", "from_base",
    }  # fmt: skip


@pytest.mark.parametrize("owner", FUNCTIONS)
def test_everything_is_documented(owner):
    for function in FUNCTIONS[owner].values():
        assert function.doc, f"{owner}.{function.name} has no docstring"
        for parameter in function.parameters.values():
            assert parameter.doc, f"{owner}.{function.name}({parameter.name}) has no Doc"


@pytest.mark.parametrize("owner", FUNCTIONS)
def test_no_object_of_the_api_is_in_a_private_field(owner):
    # an engine forgets it with the session, and hands out what holds it to the next
    hints = get_type_hints(MODULE._objects[owner].cls)
    of_the_api = {name for name, kind in hints.items() if "dagger." in repr(kind)}
    assert of_the_api <= set(MODULE._objects[owner].fields)


@pytest.mark.parametrize("owner", FUNCTIONS)
def test_no_argument_hides_behind_a_flag_of_the_command_line(owner):
    for function in FUNCTIONS[owner].values():
        names = {p.name.replace("_", "-") for p in function.parameters.values()}
        assert not names & GLOBAL_FLAGS


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("Pipeline", "doctor"),
        ("Pipeline", "publish"),
        ("Pipeline", "verify_published"),
        ("Image", "publish"),
    ],
)
def test_what_looks_outside_is_never_cached(owner, name):
    assert FUNCTIONS[owner][name].cache_policy == "never"
