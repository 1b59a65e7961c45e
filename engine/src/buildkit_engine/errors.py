"""Every error that this engine raises on purpose.

EngineError                 one line for the user: what, the value, what to do next
├── SetupError              the machine lacks something, or the daemon cannot be started
├── UsageError              the command line or a .env file is wrong
├── RequestError            an API call that cannot be answered: wrong argument, missing path
│   └── UnservedError       a field of Dagger's API that this engine does not serve
├── SolveError              BuildKit could not build it
│   └── MissingImageError   a Dockerfile's base image is not there (in buildkit/frontend.py)
├── ExecError               a command of the user's ended with an exit code that was not expected
├── RegistryError           a registry refused or does not answer
├── StoppedError            it was not begun, since the session has ended
└── ModuleError             the user's module failed to load, or one of its functions raised
"""

from __future__ import annotations


class EngineError(Exception):
    """One line for the user: what, the value, what to do next."""

    @property
    def extensions(self) -> dict[str, object]:
        """What a GraphQL answer carries beside the message."""
        return {}


class SetupError(EngineError):
    """The machine lacks something, or the daemon cannot be started."""


class UsageError(EngineError):
    """The command line or a .env file is wrong."""


class RequestError(EngineError):
    """An API call that cannot be answered: wrong argument, missing path."""


class UnservedError(RequestError):
    """A field of Dagger's API that this engine does not serve."""

    def __init__(self, field: str) -> None:
        super().__init__(f"'{field}' is not served by this engine: run with a Dagger engine")


class SolveError(EngineError):
    """BuildKit could not build it.

    `vertex` is the digest of the LLB operation that failed, where BuildKit names one;
    `logs` are that operation's last lines.
    """

    def __init__(self, message: str, *, vertex: str = "", logs: str = "") -> None:
        super().__init__(message)
        self.vertex = vertex
        self.logs = logs


class ExecError(EngineError):
    """A command of the user's ended with an exit code that was not expected.

    The SDK rebuilds its own `dagger.ExecError` from the extensions.
    """

    def __init__(self, *, cmd: tuple[str, ...], exit_code: int, stdout: str, stderr: str) -> None:
        super().__init__(f"exit code: {exit_code}")
        self.cmd = cmd
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr

    @property
    def extensions(self) -> dict[str, object]:
        return {
            "_type": "EXEC_ERROR",
            "cmd": list(self.cmd),
            "exitCode": self.exit_code,
            "stdout": self.stdout,
            "stderr": self.stderr,
        }


class RegistryError(EngineError):
    """A registry refused or does not answer."""


class StoppedError(EngineError):
    """It was not begun, since the session has ended."""

    def __init__(self) -> None:
        super().__init__("stopped")


class ModuleError(EngineError):
    """The user's module failed to load, or one of its functions raised.

    `details` are the extensions that the SDK sent along.
    """

    def __init__(self, message: str, details: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.details = details or {}

    @property
    def extensions(self) -> dict[str, object]:
        return self.details
