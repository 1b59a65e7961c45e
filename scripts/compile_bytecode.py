"""Compiles the module's bytecode once, where it is installed as editable, and not at each call.

A Dagger engine installs a module and the SDK that it vendors as editable, in a container from which
every function starts anew: what an installer only points to, it does not compile, and what Python
compiles itself when a function runs goes with the container. That was a second of each call.
"""

from __future__ import annotations

import compileall
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileBytecode(BuildHookInterface[Any]):
    """Called by hatchling before it builds a wheel, an editable one too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - as it is called
        """Compile the module, and the SDK where an engine has put it; a wheel is left as it is."""
        if version != "editable":
            return
        for folder in ("src", "sdk/src"):
            if (path := Path(self.root, folder)).is_dir():
                # what does not compile says so when it is imported
                compileall.compile_dir(path, quiet=2)
