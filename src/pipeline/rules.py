"""THE table of rules: what is found wrong in an image or in a Dockerfile, and how much it matters.

An error keeps an image from being published; a warning is told. Ids are stable: pipeline.toml and
comments in Dockerfiles ignore findings by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong; `title` says it as a sentence without a full stop."""

    id: str
    severity: Severity
    title: str


IMAGE = (
    Rule("wrong-platform", "error", "An image's configuration names another platform"),
    Rule("wrong-architecture", "error", "A program or library is for another architecture"),
    Rule("corrupt-binary", "error", "A program or library is cut off or damaged"),
    Rule("identical-variants", "error", "Two platforms hold the same compiled files"),
    Rule("missing-interpreter", "error", "A program's dynamic loader is not in the image"),
    Rule("missing-library", "error", "A shared library that a program needs is not in the image"),
    Rule("missing-symbol-version", "error", "A library is older than a program needs it"),
    Rule("missing-gpu-code", "error", "A program holds no code for a GPU that the image is for"),
    Rule("foreign-rpath", "warning", "A program looks for libraries where none should be"),
    Rule("broken-shebang", "error", "A script's first line cannot be followed"),
    Rule("missing-script-interpreter", "error", "A script's interpreter is not in the image"),
    Rule("missing-entrypoint", "error", "The image's command is not in it"),
    Rule("entrypoint-not-executable", "error", "The image's command may not be executed"),
    Rule("unknown-user", "error", "The image's user or group is not in it"),
    Rule("build-tools", "error", "A compiler or development package is left in the image"),
    Rule("package-cache", "warning", "A package manager's or build's cache is left in the image"),
    Rule("version-control", "error", "A folder of version control is left in the image"),
    Rule("private-key", "error", "A private key is left in the image"),
    Rule("setuid-added", "error", "A file that runs as another user was added over the base image"),
    Rule("runs-as-root", "warning", "The image's command runs as root"),
    Rule("over-budget", "error", "A platform is larger than its budget in pipeline.toml"),
)

NEVER_IGNORED = ("wrong-platform", "wrong-architecture", "identical-variants")
"""What images are verified for. Of files that are meant to be so, the paths can be named."""

DOCKERFILE = (
    Rule("invalid-dockerfile", "error", "The Dockerfile cannot be read"),
    Rule("unknown-rule", "error", "A comment ignores a rule that does not exist"),
    Rule("host-architecture", "error", "A cross stage asks the build host for its architecture"),
    Rule("untargeted-compile", "error", "A cross stage compiles without naming the target"),
    Rule("undeclared-platform-arg", "error", "A platform argument is used without an ARG"),
    Rule("defaulted-platform-arg", "error", "A platform argument has a default"),
    Rule("build-platform-final", "error", "The final stage is of the build host's platform"),
    Rule("constant-platform-final", "error", "The final stage is pinned to one platform"),
    Rule("constant-platform", "warning", "A stage is pinned to one platform"),
    Rule("single-stage", "warning", "The final stage holds a compiler"),
    Rule("emulated-compile", "warning", "A stage that compiles runs on the target's platform"),
    Rule("emulated-install", "warning", "Heavy work runs on the target's platform"),
    Rule("no-cache-mount", "warning", "A package manager or compiler has no cache mount"),
    Rule("unchecked-download", "warning", "A file is fetched without a checksum"),
    Rule("unpinned-base", "warning", "A base image is named without a digest"),
    Rule("l4t-without-dev", "warning", "A stage on l4t-base has no packages to compile CUDA with"),
    Rule("copied-libcuda", "error", "The driver's libcuda is copied into the image"),
)

RULES = {rule.id: rule for rule in (*IMAGE, *DOCKERFILE)}
