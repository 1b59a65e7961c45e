"""A site builder: a package that the module needs and the engine has not, objects in chains."""

from __future__ import annotations

import pytest


@pytest.fixture
def call(module, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Hello\n\na | b\n--|--\n1 | 2\n")
    (tmp_path / "docs" / "about.md").write_text("About *us*\n")
    return module("site")


def test_a_page_is_made_by_the_modules_own_package(call):
    ran = call("--source=docs", "page", "--name=about", "with-title", "--title=Who", "html")
    assert (ran.code, ran.out) == (0, "<title>Who</title>\n<p>About <em>us</em></p>\n")


def test_the_whole_site_is_exported(call, tmp_path):
    ran = call("--source=./docs", "build", "export", "--path=site")
    assert (ran.code, ran.out) == (0, f"{tmp_path}/site")
    assert sorted(p.name for p in (tmp_path / "site").iterdir()) == ["about.html", "index.html"]
    assert "<td>2</td>" in (tmp_path / "site" / "index.html").read_text()


def test_each_page_of_a_list_has_its_functions(call):
    ran = call("--source=docs", "pages", "with-title", "--title=T", "title")
    assert ran.out == "T\nT\n"


def test_what_is_not_there_is_told_with_what_is(call):
    ran = call("--source=docs", "page", "--name=none")
    assert (ran.code, ran.refusal) == (1, "no page 'none': there are about, index")


def test_help_of_an_object_shows_its_fields_and_functions(call):
    found = call("page", "--help").help
    assert found["FUNCTIONS"] == [
        "html The page as a browser takes it.",
        "name -",
        "text -",
        "title -",
        "with-title The page with another title.",
    ]
