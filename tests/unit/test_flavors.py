"""Flavors: what is theirs to say, what a mistake is told, and the tags they get."""

from __future__ import annotations

import pytest

from pipeline import flavors, project, publishing
from pipeline.errors import ConfigError

TEXT = """
platforms = ["linux/amd64", "linux/arm64"]
[go]
tags = ["a", "b"]
ldflags = ["-s"]
[runtime]
base = "debian:12"
env = { A = "1", B = "2" }
[flavors.slim]
platforms = ["linux/arm64"]
[flavors.slim.go]
tags = ["c"]
[flavors.slim.runtime]
env = { B = "3", C = "4" }
[flavors.debug]
suffix = "_dbg"
"""


def test_a_flavor_says_some_keys_otherwise_and_keeps_the_rest():
    found = project.load(TEXT, flavor="slim")
    assert found.platforms == ("linux/arm64",)
    assert (found.go.tags, found.go.ldflags) == (("c",), ("-s",))
    assert found.runtime.base == "debian:12"
    assert found.runtime.env == {"A": "1", "B": "3", "C": "4"}


PACKAGES = """
[runtime]
base = "debian:12"
packages = ["tini", "curl=7.88.1-10"]
packages_image = "apt"
[flavors.debug.runtime]
packages = ["gdb"]
[flavors.bare.runtime]
packages = []
[flavors.jammy.runtime]
base = "ubuntu:22.04"
packages_image = ""
"""


@pytest.mark.parametrize(
    ("flavor", "base", "packages", "image"),
    [
        ("plain", "debian:12", ("tini", "curl=7.88.1-10"), "apt"),
        # a list is one value: what both shall have is in both
        ("debug", "debian:12", ("gdb",), "apt"),
        ("bare", "debian:12", (), "apt"),
        ("jammy", "ubuntu:22.04", ("tini", "curl=7.88.1-10"), ""),
    ],
)
def test_a_flavors_list_of_packages_takes_the_place_of_the_projects(flavor, base, packages, image):
    found = project.load(PACKAGES, flavor=flavor).runtime
    assert (found.base, found.packages, found.packages_image) == (base, packages, image)


@pytest.mark.parametrize("name", ["", "plain"])
def test_the_plain_project_has_nothing_of_its_flavors(name):
    found = project.load(TEXT, flavor=name)
    assert found.platforms == ("linux/amd64", "linux/arm64")
    assert found.go.tags == ("a", "b")
    assert found.suffix(name) == ""


def test_tags_end_in_the_suffix_or_the_name():
    found = project.load(TEXT, flavor="debug")
    assert (found.suffix("slim"), found.suffix("debug")) == ("-slim", "_dbg")
    target = publishing.destination("r.example.com/a:1.2", ("latest",), suffix="-slim")
    assert target.tags == ("1.2-slim", "latest-slim")
    assert publishing.destination("r.example.com/a", suffix="-slim").tags == ("latest-slim",)


@pytest.mark.parametrize(
    ("text", "flavor", "message"),
    [
        (TEXT, "fat", "flavor 'fat' is not known: expected one of slim, debug, plain, as in [flavors.NAME]"),
        ("", "fat", "flavor 'fat' is not known: expected one of plain, as in [flavors.NAME]"),
        ("[flavors.plain]", "", "flavor 'plain' is how the project without a flavor is called: choose another name"),
        ('[flavors."a/b"]', "", "flavor 'a/b' cannot be in a tag: expected lower case letters, digits, . _ -"),
        ('[flavors.a]\nsuffix = "/x"', "", "suffix '/x' of flavor 'a' cannot be in a tag: expected letters, digits, '.', '_' and '-'"),
        ('[flavors.a]\nsuffix = "-b"\n[flavors.b]', "", "suffix '-b' is that of two flavors, 'a' and 'b': expected another for each"),
        ("[flavors.a]\nnme = 1", "", "[flavors.a] unknown key 'nme': expected one of platforms, go, cuda, rust, cmake, dockerfile, build, test, runtime, fetch, verify, suffix"),
        ("[flavors.a.go]\nfoo = 1", "", "[flavors.a.go] unknown key 'foo': expected one of packages, image, ldflags, tags, env, cgo, libraries"),
        ("[flavors.a.go]\ntags = 1", "", "[flavors.a.go] tags has the wrong type (number): expected a list"),
        ("[flavors.a]\nplatforms = 1", "", "[flavors.a] platforms has the wrong type (number): expected a list"),
        ("[[flavors.a.fetch]]", "", "[[flavors.a.fetch]] url is missing: expected it in every such table"),
        ("[flavors.a.runtime]\nexpose = [0]", "", "[flavors.a.runtime] port '0' is not a TCP port: expected 1 to 65535"),
        ('[flavors.a.runtime]\npackages = ["tini", "tini=1"]', "", "[flavors.a.runtime] package 'tini' is given twice: expected each once"),
        ("[flavors]\na = 1", "", "[flavors] a has the wrong type (number): expected a table"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(text, flavor, message):
    with pytest.raises(ConfigError) as raised:
        project.load(text, flavor=flavor)
    assert str(raised.value) == f"pipeline.toml: {message}"


def test_a_flavor_that_is_not_selected_is_checked_as_well():
    with pytest.raises(ConfigError, match=r"\[flavors\.b\.verify\] rule 'x' is not known"):
        project.load('[flavors.a]\n[flavors.b.verify]\nignore = ["x"]', flavor="a")


@pytest.mark.parametrize(
    ("given", "default", "names"),
    [(None, "", [""]), (None, "a", ["a"]), (["plain", "b"], "a", ["plain", "b"])],
)
def test_what_is_published_together(given, default, names):
    assert flavors.distinct(given, default) == names


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "No flavor given: expected at least one, such as plain"),
        (["a", "b", "a"], "flavor 'a' is given twice: name each flavor once"),
    ],
)
def test_flavors_that_cannot_be_published_together_are_refused(given, message):
    with pytest.raises(ConfigError) as raised:
        flavors.distinct(given, "")
    assert str(raised.value) == message
