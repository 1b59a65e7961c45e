"""Runs a module's functions, in the module's own interpreter: a script, never imported.

It reads a line for each function to run, with the environment of the client that runs it, and
hands over to the SDK's own entrypoint. When the SDK is done it writes the exit code as a line to
the file descriptor that it was given.
"""

import contextlib
import json
import os
import sys


def main() -> None:
    done = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    from dagger.client._session import SharedConnection
    from dagger.mod import cli

    # now, while nobody waits; an error comes again below, where it can be reported
    with contextlib.suppress(Exception):
        cli.load_module()
    for line in sys.stdin:
        os.environ.update(json.loads(line))
        # a client of its own for each function: that is what tells them apart; closing the last
        # one left only its parameters behind
        SharedConnection()._params = None  # noqa: SLF001 - it has no public reset
        code = cli.app() or 0
        sys.stdout.flush()
        done.write(f"{code}\n")


if __name__ == "__main__":
    main()
