"""All rules, applied to one Dockerfile."""

from __future__ import annotations

from pipeline.lint import (
    arguments,
    caches,
    compiles,
    dockerfile,
    downloads,
    emulation,
    host,
    ignores,
    jetson,
    stages,
)
from pipeline.lint.problem import Problem

_RULES = (
    host.host_architecture,
    compiles.untargeted_compile,
    compiles.constant_target,
    arguments.undeclared,
    arguments.defaulted,
    stages.build_platform_final,
    stages.constant_platform,
    stages.single_stage,
    emulation.emulated_compile,
    emulation.emulated_install,
    caches.no_cache_mount,
    downloads.unchecked_download,
    downloads.unpinned_base,
    jetson.l4t_without_dev,
    jetson.copied_libcuda,
)


def problems(text: str, target: str = "") -> list[Problem]:
    """What is wrong with the text of a Dockerfile and is not ignored, by line.

    With a target, its stages up to that one.
    """
    try:
        parsed = dockerfile.parse(text)
    except dockerfile.InvalidDockerfileError as error:
        return [
            Problem(
                "invalid-dockerfile",
                error.line,
                str(error),
                "a Dockerfile that BuildKit can read",
                "Mend this line; nothing else was checked.",
            )
        ]
    parsed = (parsed.up_to(target) if target else None) or parsed
    comments = ignores.find(parsed)
    # what an ONBUILD brings to several stages is told once
    found = dict.fromkeys(problem for rule in _RULES for problem in rule(parsed))
    kept = [p for p in found if not any(comment.hides(p) for comment in comments)]
    return sorted([*kept, *ignores.unknown(comments)], key=lambda problem: problem.line)
