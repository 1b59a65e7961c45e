"""A test runner. Its database is a file that goes from step to step; no service is needed."""

from typing import Annotated, Self

import dagger
from dagger import Doc, dag, field, function, object_type

_DATABASE = "/data/db.csv"


@object_type
class DbTests:
    """Tests of a program against a database that is a file."""

    base: dagger.Container
    steps: list[str] = field(default=list)
    """What was done to the database, in order"""

    @classmethod
    async def create(
        cls,
        image: Annotated[
            dagger.Container | None, Doc("Where the tests run; a shell is needed")
        ] = None,
        header: Annotated[str, Doc("The columns of the table")] = "name,age",
    ) -> Self:
        container = image or dag.container().from_("debian:bookworm-slim")
        base = container.with_new_file(_DATABASE, header + "\n").with_mounted_cache(
            "/cache", dag.cache_volume("db-tests")
        )
        return cls(base=base, steps=[f"create {header}"])

    @function
    def insert(self, rows: Annotated[list[str], Doc("Rows to add, as name:age")]) -> Self:
        """Add rows to the table."""
        script = 'for row in "$@"; do echo "$row" | tr : , >> "$0"; done'
        self.base = self.base.with_exec(["sh", "-c", script, _DATABASE, *rows])
        self.steps.append(f"insert {len(rows)}")
        return self

    @function
    def database(self) -> dagger.File:
        """The database as it is."""
        return self.base.file(_DATABASE)

    @function
    async def count(self) -> int:
        """How many rows there are."""
        return len((await self.database().contents()).splitlines()) - 1

    @function
    async def query(self, name: str) -> str:
        """The row of a name, as the test program finds it."""
        found = self.base.with_exec(["grep", f"^{name},", _DATABASE])
        return await found.stdout()

    @function
    async def run(self, script: str) -> str:
        """What a shell prints."""
        return await self.base.with_exec(["sh", "-c", script]).stdout()

    @function
    async def login(self, token: Annotated[dagger.Secret, Doc("What the program needs")]) -> str:
        """Say how long the secret is that the program gets."""
        return str(len(await token.plaintext()))

    @function
    def report(self, name: str = "report.txt") -> dagger.File:
        """What was done, as a file."""
        lines = "".join(f"{number}. {step}\n" for number, step in enumerate(self.steps, start=1))
        return dag.directory().with_new_file(name, lines).file(name)
