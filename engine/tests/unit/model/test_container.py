"""Containers: what a command sees, and what it leaves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import (
    BindMount,
    CacheMount,
    Copy,
    CopyFile,
    ImageSource,
    LocalSource,
    MakeDir,
    MakeFile,
    Owner,
    TempMount,
)
from buildkit_engine.model.config import BaseImage, ImageConfig
from buildkit_engine.model.container import (
    DEFAULT_PATH,
    Container,
    with_source,
)
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.mounts import CacheVolume, Mounted

SHIM = LocalSource("load shim", "/shim", "session")
FILES = ImageSource("files", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output
RAW = {
    "os": "linux",
    "architecture": "arm64",
    "config": {"Env": ["PATH=/image", "A=image"], "Cmd": ["serve"], "Entrypoint": ["/entry"]},
}
BASE = BaseImage("docker.io/library/debian:12@sha256:" + "1" * 64, json.dumps(RAW).encode())
IMAGE = Container("linux/arm64").from_(BASE)
EMPTY = Container("linux/amd64")


def run(container: Container, *args: str, **options) -> Container:
    return container.with_exec(args, shim=SHIM, **options)


def command_of(container: Container) -> tuple[str, ...]:
    """The command behind the shim."""
    args = container.last.args
    return args[args.index("--") + 1 :]


# -- where it comes from


def test_an_image_gives_its_platform_whatever_was_asked_for():
    found = Container("linux/amd64").from_(BASE)
    assert found.platform == "linux/arm64"
    assert found.fs.op.digest == ImageSource("", BASE.ref, "linux/arm64").digest
    assert found.base is BASE


def test_variables_that_the_image_does_not_set_are_kept():
    before = Container("linux/amd64", config=ImageConfig(env=(("A", "own"), ("B", "own"))))
    assert dict(before.from_(BASE).config.env) == {"PATH": "/image", "A": "image", "B": "own"}


def test_a_new_root_stands_on_no_image():
    changed = IMAGE.with_rootfs(Directory(FILES, "/root"))
    assert changed.base is None
    assert changed.fs.op.actions == (Copy(FILES, "/root", "/", contents=True),)
    assert changed.config == IMAGE.config


def test_equal_containers_have_equal_keys():
    again = Container("linux/arm64").from_(BASE)
    assert again.key() == IMAGE.key()
    assert json.loads(json.dumps(again.key()))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: replace(c, platform="linux/amd64"),
        lambda c: c.with_config(lambda config: config.with_label("a", "b")),
        lambda c: c.with_mounted(Mounted("/tmp")),  # noqa: S108 - a container's
        lambda c: c.with_rootfs(Directory(FILES)),
        lambda c: run(c, "true"),
    ],
    ids=["platform", "config", "mount", "root", "command"],
)
def test_containers_that_differ_have_different_keys(change):
    assert change(IMAGE).key() != IMAGE.key()


# -- paths


@pytest.mark.parametrize(
    ("workdir", "path", "expected"),
    [("", "a", "/a"), ("/src", "a", "/src/a"), ("/src", "/a", "/a"), ("/src", "..", "/")],
)
def test_paths_are_as_a_command_would_see_them(workdir, path, expected):
    container = IMAGE.with_config(lambda c: replace(c, workdir=workdir))
    assert container.file(path).path == expected
    assert container.directory(path).path == expected


def test_what_is_mounted_is_found_where_it_is_mounted():
    container = IMAGE.with_mounted(Mounted("/src", Directory(FILES, "/code")))
    found = container.file("/src/a/b")
    assert (found.output, found.path) == (FILES, "/code/a/b")
    assert container.directory("/src").key() == Directory(FILES, "/code").key()
    assert container.file("/srcs/a").output is IMAGE.fs


def test_a_mounted_file_is_found_at_its_target():
    mounted = Mounted("/etc/conf", Directory(FILES, "/deep/my.conf"), is_file=True)
    found = IMAGE.with_mounted(mounted).file("/etc/conf")
    assert (found.output, found.path) == (FILES, "/deep/my.conf")


@pytest.mark.parametrize(
    ("mounted", "kind"),
    [
        (Mounted("/m", cache=CacheVolume("c")), "cache"),
        (Mounted("/m", Directory(FILES), cache=CacheVolume("c")), "cache"),
        (Mounted("/m"), "tmpfs"),
    ],
    ids=["cache", "seeded cache", "tmpfs"],
)
def test_nothing_can_be_taken_from_what_ends_with_the_command(mounted, kind):
    with pytest.raises(RequestError, match=rf"^/m/a: cannot retrieve path from {kind}$"):
        IMAGE.with_mounted(mounted).file("/m/a")


# -- mounts


def targets(container: Container) -> list[str]:
    return [mounted.target for mounted in container.mounts]


def test_a_mount_replaces_what_was_mounted_at_its_path_or_below_it():
    container = IMAGE
    for target in ("/a/b", "/ab", "/a", "/c/d", "/c"):
        container = container.with_mounted(Mounted(target))
    assert targets(container) == ["/ab", "/a", "/c"]


def test_the_target_of_a_mount_starts_at_the_working_directory():
    container = IMAGE.with_config(lambda c: replace(c, workdir="/src")).with_mounted(Mounted("a"))
    assert targets(container) == ["/src/a"]
    assert targets(container.without_mount("a")) == []
    assert targets(container.without_mount("/a")) == ["/src/a"]


def test_writing_below_a_mount_changes_what_is_mounted_and_not_the_root():
    container = IMAGE.with_mounted(Mounted("/src", Directory(FILES, "/code")))
    changed = container.edit("/src/a", lambda d, inner: d.with_new_file(inner, b"x"))
    assert changed.fs is IMAGE.fs
    [mounted] = changed.mounts
    assert mounted.directory.path == "/code"
    assert mounted.directory.output.op.base is FILES
    assert mounted.directory.output.op.actions[-1] == MakeFile("/code/a", b"x")


def test_writing_to_a_mounted_file_leaves_that_file_mounted():
    container = IMAGE.with_mounted(
        Mounted("/conf", Directory(FILES, "/deep/my.conf"), is_file=True)
    )
    changed = container.edit("/conf", lambda d, inner: d.with_new_file(inner, b"x"))
    [mounted] = changed.mounts
    assert mounted.directory.path == "/deep/my.conf"
    assert mounted.directory.output.op.actions[-1] == MakeFile("/deep/my.conf", b"x")
    [*_, mount] = run(changed, "true").last.mounts
    assert mount == BindMount("/conf", mounted.directory.output, "/deep/my.conf")


# -- commands


def test_a_command_runs_with_the_containers_configuration():
    config = ImageConfig(env=(("PATH", "/bin"), ("A", "1")), user="me", workdir="/src")
    ran = run(replace(IMAGE, config=config), "go", "build", expect="any")
    op = ran.last
    assert (op.env, op.user, op.cwd) == (("PATH=/bin", "A=1"), "me", "/src")
    assert op.on == "linux/arm64"
    assert op.args == (
        "/.buildkit-engine/shim/shim",
        "run",
        "-expect",
        "any",
        "-meta",
        "/.buildkit-engine/meta",
        "--",
        "go",
        "build",
    )
    assert op.mounts == (
        BindMount("/", IMAGE.fs),
        BindMount("/.buildkit-engine/shim", op.mounts[1].source, readonly=True),
        BindMount("/.buildkit-engine/meta", op.mounts[2].source, "/.buildkit-engine/meta"),
    )
    assert op.mounts[1].source.op is SHIM
    assert op.mounts[2].source.op.actions == (MakeDir("/.buildkit-engine/meta", mode=0o777),)
    assert op.title == "[linux/arm64] A=1 go build"


def test_where_nothing_says_where_programs_are_the_usual_places_are_searched():
    op = run(EMPTY, "true").last
    assert op.env == (f"PATH={DEFAULT_PATH}",)
    assert (op.cwd, op.user) == ("/", "")


def test_the_default_path_does_not_become_part_of_the_image():
    assert run(EMPTY, "true").config == EMPTY.config


@pytest.mark.parametrize(
    ("args", "use_entrypoint", "expected"),
    [
        (("a", "b"), False, ("a", "b")),
        (("a", "b"), True, ("/entry", "a", "b")),
        ((), False, ("serve",)),
        ((), True, ("/entry", "serve")),
    ],
)
def test_the_entrypoint_is_used_only_where_it_is_asked_for(args, use_entrypoint, expected):
    assert command_of(run(IMAGE, *args, use_entrypoint=use_entrypoint)) == expected


def test_without_any_command_there_is_nothing_to_run():
    with pytest.raises(RequestError, match=r"^no command has been set$"):
        run(EMPTY)


def test_a_command_leaves_its_root_and_its_output():
    ran = run(IMAGE, "true")
    assert ran.fs.key == f"{ran.last.digest}:0"
    told = ran.told("stdout")
    assert (told.output.key, told.path) == (
        f"{ran.last.digest}:1",
        "/.buildkit-engine/meta/stdout",
    )


def test_the_output_asked_for_is_that_of_the_last_command():
    ran = run(run(IMAGE, "first"), "second")
    assert command_of(ran) == ("second",)
    assert ran.last.mounts[0].source.op.args[-1] == "first"


def test_there_is_no_output_without_a_command():
    with pytest.raises(RequestError, match=r"^no command has been set$"):
        IMAGE.told("stdout")


def test_writes_to_a_mount_go_to_later_commands():
    first = run(IMAGE.with_mounted(Mounted("/src", Directory(FILES, "/code"))), "first")
    second = run(first, "second")
    assert first.last.mounts[-1] == BindMount("/src", FILES, "/code")
    [mounted] = first.mounts
    assert (mounted.directory.output.key, mounted.directory.path) == (
        f"{first.last.digest}:2",
        "/code",
    )
    assert second.last.mounts[-1] == BindMount("/src", mounted.directory.output, "/code")


def test_caches_and_temporary_folders_are_mounted_for_every_command():
    container = IMAGE.with_mounted(
        Mounted("/cache", Directory(FILES, "/seed"), cache=CacheVolume("go"), sharing="LOCKED")
    ).with_mounted(Mounted("/scratch"))
    for ran in (run(container, "first"), run(run(container, "first"), "second")):
        assert ran.last.mounts[-2:] == (
            CacheMount("/cache", "go", FILES, "/seed", "LOCKED"),
            TempMount("/scratch"),
        )


def test_the_names_of_caches_are_part_of_what_makes_a_command():
    ran = [run(IMAGE.with_mounted(Mounted("/c", cache=CacheVolume(n))), "true") for n in "ab"]
    assert '["a"]' in ran[0].last.args
    assert ran[0].last.digest != ran[1].last.digest


def test_what_a_command_said_is_still_known_after_its_root_is_replaced():
    ran = run(IMAGE, "true")
    assert ran.with_rootfs(Directory(FILES)).last is ran.last


# -- copies


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/bin/app", "/bin/app"), ("/bin/", "/bin/tool"), ("app", "/src/app"), ("app/", "/src/app")],
)
def test_a_file_that_is_copied_into_a_folder_keeps_its_name(path, expected):
    container = IMAGE.with_config(lambda c: replace(c, workdir="/src"))
    changed = with_source(container, path, File(FILES, "/out/tool"), mode=0o755)
    assert changed.fs.op.actions[-1] == CopyFile(FILES, "/out/tool", expected, mode=0o755)
    assert changed.fs.op.base is IMAGE.fs


def test_a_copied_directory_gets_its_owner():
    changed = with_source(IMAGE, "/app", Directory(FILES), owner=Owner(5, 5))
    assert changed.fs.op.actions[-1] == Copy(FILES, "/", "/app", contents=True, owner=Owner(5, 5))
