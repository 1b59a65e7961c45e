"""A linter: all of it is Python, it starts no container."""

import enum
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore, Name, check, field, function, object_type


@dagger.enum_type
class Severity(enum.Enum):
    """How bad a fault is."""

    NOTE = "a matter of taste"
    """Nothing to worry about"""
    WARNING = "better mended"
    ERROR = "must be mended"


_ORDER = list(Severity)


@object_type
class Finding:
    """One fault of style."""

    path: str = field()
    """The file it is in"""
    line: int = field()
    message: str = field()
    severity: Severity = field()

    @function
    def location(self, *, column: int | None = None) -> str:
        """Where it is, as editors take it."""
        where = f"{self.path}:{self.line}"
        return f"{where}:{column}" if column else where


@object_type
class Linter:
    """Finds faults of style."""

    source: Annotated[
        dagger.Directory, Doc("What is looked at"), DefaultPath("samples"), Ignore(["**/*.min.*"])
    ]
    width: Annotated[int, Doc("Longest line that is no fault")] = 40

    @function
    async def findings(
        self, at_least: Annotated[Severity, Doc("The mildest that is told")] = Severity.NOTE
    ) -> list[Finding]:
        """All faults, by file and line.

        A file that is no text is left out.
        """
        found = []
        for path in await self.source.glob("**/*.sh"):
            text = await self.source.file(path).contents()
            for number, line in enumerate(text.splitlines(), start=1):
                found += [
                    Finding(path=path, line=number, message=message, severity=severity)
                    for message, severity in self._faults(line)
                    if _ORDER.index(severity) >= _ORDER.index(at_least)
                ]
        return found

    def _faults(self, line: str) -> list[tuple[str, Severity]]:
        faults = []
        if "\t" in line:
            faults.append(("a tab", Severity.ERROR))
        if line != line.rstrip():
            faults.append(("spaces at the end", Severity.WARNING))
        if len(line) > self.width:
            faults.append((f"{len(line)} letters", Severity.NOTE))
        return faults

    @function
    async def worst(self) -> Finding | None:
        """The first of the worst kind, if there is any."""
        found = await self.findings()
        return max(found, key=lambda f: _ORDER.index(f.severity), default=None)

    @function
    @check
    async def gate(self) -> None:
        """Fail where a fault must be mended."""
        if found := await self.findings(at_least=Severity.ERROR):
            where = ", ".join(f.location() for f in found)
            message = f"{len(found)} fault(s) must be mended: {where}"
            raise ValueError(message)

    @function
    def severities(
        self, without: Annotated[list[Severity] | None, Doc("Those to leave out")] = None
    ) -> list[Severity]:
        """The kinds of faults."""
        return [s for s in Severity if s not in (without or [])]

    @function
    def grade(
        self,
        faults: Annotated[int, Doc("How many were found")],
        weight: Annotated[float, Doc("What one costs")] = 0.5,
        *,
        strict: bool = False,
    ) -> float:
        """A number from 10 downwards."""
        return 0 if strict and faults else 10 - faults * weight

    @function
    def rule(
        self,
        names: list[str],
        from_: Annotated[str, Name("from"), Doc("Where the rule is from")] = "here",
        note: str | None = None,
    ) -> str:
        """What was asked for, as it arrived."""
        return f"{names} {from_} {note}"

    @function
    async def mended(self) -> dagger.Directory:
        """The source without spaces at the ends of lines."""
        mended = self.source
        for path in await self.source.glob("**/*.sh"):
            text = await self.source.file(path).contents()
            lines = [line.rstrip() for line in text.splitlines()]
            mended = mended.with_new_file(path, "\n".join(lines) + "\n")
        return mended

    @function
    async def files(self) -> list[dagger.File]:
        """Every file that is looked at."""
        return [self.source.file(path) for path in await self.source.glob("**/*.sh")]

    @function
    def motto(self) -> str | None:
        """Nothing."""
        return None
