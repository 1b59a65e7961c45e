"""What is typed on a command line, by the argument's type."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.cli.values import Reader
from buildkit_engine.errors import RegistryError, UsageError
from buildkit_engine.model.config import BaseImage
from buildkit_engine.model.mounts import CacheVolume
from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.schema.typedefs import EnumMember, TypeDef

STRING = TypeDef("STRING_KIND")
INTEGER = TypeDef("INTEGER_KIND")
FLOAT = TypeDef("FLOAT_KIND")
BOOLEAN = TypeDef("BOOLEAN_KIND")
PLATFORM = TypeDef("SCALAR_KIND", "Platform")
STRATEGY = TypeDef("ENUM_KIND", "Strategy")
MEMBERS = (EnumMember("NATIVE", "NATIVE"), EnumMember("CROSS_COMPILE", "crossCompile"))
BUILD_ARG = TypeDef("INPUT_KIND", "BuildArg")
PORT_FORWARD = TypeDef("INPUT_KIND", "PortForward")


class Images:
    """Knows one image."""

    def resolve(self, address: str, platform: str) -> BaseImage:
        if address != "debian":
            raise RegistryError(f"no {address} for {platform}")
        raw = b'{"os": "linux", "architecture": "amd64"}'
        return BaseImage("docker.io/library/debian@sha256:" + "1" * 64, raw)


@pytest.fixture
def context(snapshots, tmp_path):
    return Context(
        objects=Objects(),
        evaluator=SimpleNamespace(secrets={}),
        images=Images(),
        host_platform="linux/arm64",
        snapshots=snapshots,
        version="v0.0.1",
        host_folder=str(tmp_path),
    )


@pytest.fixture
def reader(context, tmp_path):
    return Reader(context, tmp_path, lambda type_: {"Strategy": MEMBERS}[type_.name])


def object_(name: str) -> TypeDef:
    return TypeDef("OBJECT_KIND", name)


def list_of(element: TypeDef) -> TypeDef:
    return TypeDef("LIST_KIND", element=element)


def refused(message: str):
    return pytest.raises(UsageError, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(
    ("type_", "texts", "expected"),
    [
        (STRING, ["a"], "a"),
        (STRING, ["a", "b"], "b"),
        (STRING, [""], ""),
        (INTEGER, ["-3"], -3),
        (FLOAT, ["1.5"], 1.5),
        (BOOLEAN, ["true"], True),
        (BOOLEAN, ["false"], False),
        (TypeDef("SCALAR_KIND", "JSON"), ["{}"], "{}"),
        (INTEGER, ["0x1F"], 31),
        (INTEGER, ["0600"], 384),
        (INTEGER, ["-010"], -8),
        (BOOLEAN, ["1"], True),
        (BOOLEAN, ["F"], False),
        (STRATEGY, ["NATIVE"], "NATIVE"),
        (STRATEGY, ["cross_compile"], "crossCompile"),
        (BUILD_ARG, ["VERSION=a=b"], {"name": "VERSION", "value": "a=b"}),
        (BUILD_ARG, ["VERSION="], {"name": "VERSION", "value": ""}),
        (PORT_FORWARD, ["80:8080"], {"frontend": 80, "backend": 8080}),
        (list_of(STRATEGY), ["native, cross_compile"], ["NATIVE", "crossCompile"]),
        (list_of(BOOLEAN), ["true,false"], [True, False]),
        (list_of(STRING), ["a,b", "c"], ["a", "b", "c"]),
        (list_of(STRING), ['"a,b",c'], ["a,b", "c"]),
        (list_of(INTEGER), ["1,2"], [1, 2]),
        (list_of(STRING), [""], []),
        (list_of(STRING), ["a", ""], ["a"]),
        (list_of(STRING), ["a,,b"], ["a", "", "b"]),
        (list_of(PLATFORM), ["current,linux/aarch64"], ["linux/arm64", "linux/arm64"]),
    ],
)
def test_a_value_is_read_by_its_type(reader, type_, texts, expected):
    assert reader.read(type_, texts, "--flag") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("current", "linux/arm64"),
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64/v8", "linux/arm64"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("linux/bogus99", "linux/bogus99"),
        ("linux", "linux"),
    ],
)
def test_platforms_get_their_usual_names_and_unknown_ones_are_left_to_the_function(
    reader, text, expected
):
    assert reader.read(PLATFORM, [text], "--platform") == expected


@pytest.mark.parametrize(
    ("type_", "texts", "message"),
    [
        (INTEGER, ["1.5"], 'invalid argument "1.5" for "--flag" flag: expected a whole number'),
        (FLOAT, ["x"], 'invalid argument "x" for "--flag" flag: expected a number'),
        (BOOLEAN, ["yes"], 'invalid argument "yes" for "--flag" flag: expected true or false'),
        (
            STRATEGY,
            ["cross"],
            'invalid argument "cross" for "--flag" flag: value should be one of CROSS_COMPILE,NATIVE',
        ),
        (PLATFORM, [""], 'invalid argument "" for "--flag" flag: platform cannot be empty'),
        (BUILD_ARG, ["=x"], 'invalid argument "=x" for "--flag" flag: expected name=value'),
        (
            PORT_FORWARD,
            ["80"],
            'invalid argument "80" for "--flag" flag: expected frontend:backend, two ports',
        ),
        (
            object_("Directory"),
            [""],
            'invalid argument "" for "--flag" flag: a Directory cannot have an empty address',
        ),
        (
            TypeDef("INTERFACE_KIND", "X"),
            ["a"],
            "--flag: values of type INTERFACE_KIND cannot be given on a command line",
        ),
        (
            object_("Service"),
            ["a"],
            "--flag: a Service cannot be given on this engine's command line",
        ),
    ],
)
def test_what_is_no_value_of_the_type_is_refused(reader, type_, texts, message):
    with refused(message):
        reader.read(type_, texts, "--flag")


# -- objects


def test_folders_and_files_are_read_from_where_relative_paths_start(
    reader, context, freezer, tmp_path
):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.txt").touch()
    folder = context.objects.get(reader.read(object_("Directory"), ["src"], "--source"))
    assert folder.path == "/"
    file = context.objects.get(reader.read(object_("File"), ["src/a.txt"], "--file"))
    assert file.path == "/a.txt"
    assert freezer.asked == [
        Selection(str(tmp_path / "src")),
        Selection(str(tmp_path / "src"), include=("a.txt",)),
    ]


def test_a_folder_may_be_a_url_or_below_the_users_home(
    reader, context, freezer, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (f"file://{tmp_path}", "file://.", "~"):
        reader.read(object_("Directory"), [text], "--source")
    # what is asked for again is not copied again
    assert {wanted.root for wanted in freezer.asked} == {str(tmp_path)}


def test_what_the_module_ignores_is_left_out_of_a_folder(reader, freezer):
    reader.read(object_("Directory"), ["."], "--source", ("**/*.log",))
    assert "**/*.log" in freezer.asked[0].exclude


@pytest.mark.parametrize("text", ["https://host/repository", "git@host:repository"])
def test_what_is_not_on_this_machine_is_refused(reader, text):
    with refused(f"--source: '{text}' is not on this machine: this engine reads local paths only"):
        reader.read(object_("Directory"), [text], "--source")


def test_a_missing_folder_is_refused_with_the_flags_name(reader, tmp_path):
    message = f"--source: host directory 'none': no such file or directory ({tmp_path}/none)"
    with refused(message):
        reader.read(object_("Directory"), ["none"], "--source")


def test_a_container_is_an_image_for_this_machine(reader, context):
    found = context.objects.get(reader.read(object_("Container"), ["debian"], "--base"))
    assert (found.platform, found.base.ref.partition("@")[0]) == (
        "linux/amd64",
        "docker.io/library/debian",
    )
    with refused("--base: no other for linux/arm64"):
        reader.read(object_("Container"), ["other"], "--base")


def test_a_cache_volume_is_its_name(reader, context):
    id_ = reader.read(object_("CacheVolume"), ["go"], "--cache")
    assert context.objects.get(id_) == CacheVolume("go")


# -- secrets


@pytest.mark.parametrize(
    ("text", "uri", "expected"),
    [
        ("env://TOKEN", "env://TOKEN", b"from env"),
        ("env:TOKEN", "env://TOKEN", b"from env"),
        ("file://token.txt", "file://token.txt", b"from file\n"),
        ("file:./token.txt", "file://./token.txt", b"from file\n"),
        ("cmd://printf 'a:%s\n' b", "cmd://printf 'a:%s\n' b", b"a:b\n"),
    ],
)
def test_a_secret_is_read_from_where_it_is_kept(
    reader, context, tmp_path, monkeypatch, text, uri, expected
):
    monkeypatch.setenv("TOKEN", "from env")
    (tmp_path / "token.txt").write_bytes(b"from file\n")
    secret = context.objects.get(reader.read(object_("Secret"), [text], "--password"))
    assert (secret.uri, secret.name) == (uri, "")
    assert context.evaluator.secrets == {secret.handle: expected}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("env://MISSING", '--password: secret env var not found: "MIS..."'),
        ("cmd://exit 3", '--password: failed to run secret command "exit 3": exit status 3'),
        (
            "file://none",
            '--password: failed to read secret file "none": no such file or directory',
        ),
    ],
)
def test_a_secret_that_cannot_be_had_is_refused(reader, monkeypatch, text, message):
    monkeypatch.delenv("MISSING", raising=False)
    with refused(message):
        reader.read(object_("Secret"), [text], "--password")


@pytest.mark.parametrize("text", ["hunter2", "vault://hunter2", "hunter2:more", ""])
def test_what_may_be_the_secret_itself_is_never_repeated(reader, text):
    with refused("--password: expected a secret as env://NAME, file://PATH or cmd://COMMAND"):
        reader.read(object_("Secret"), [text], "--password")
