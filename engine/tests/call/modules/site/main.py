"""Builds web sites from Markdown."""

from typing import Annotated, Self

import dagger
import markdown
from dagger import Doc, dag, field, function, object_type


@object_type
class Page:
    """A page of a site."""

    name: str = field()
    text: str = field()
    title: str = field(default="Untitled")

    @function
    def with_title(self, title: str) -> Self:
        """The page with another title."""
        self.title = title
        return self

    @function
    def html(self) -> str:
        """The page as a browser takes it."""
        body = markdown.markdown(self.text, extensions=["tables"])
        return f"<title>{self.title}</title>\n{body}\n"


@object_type
class Site:
    """Builds web sites from Markdown."""

    source: Annotated[dagger.Directory, Doc("Folder with Markdown files")]

    @function
    async def pages(self) -> list[Page]:
        """All pages, by name."""
        names = sorted(await self.source.glob("*.md"))
        return [
            Page(name=n.removesuffix(".md"), text=await self.source.file(n).contents())
            for n in names
        ]

    @function
    async def page(self, name: Annotated[str, Doc("Name without .md")]) -> Page:
        """One page."""
        for page in await self.pages():
            if page.name == name:
                return page
        known = ", ".join([p.name for p in await self.pages()])
        message = f"no page '{name}': there are {known}"
        raise ValueError(message)

    @function
    async def build(self) -> dagger.Directory:
        """The whole site."""
        site = dag.directory()
        for page in await self.pages():
            site = site.with_new_file(f"{page.name}.html", page.html())
        return site
