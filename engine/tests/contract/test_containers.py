"""Container's filesystem: where it comes from, and files that are put into it."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag


async def owners(container: dagger.Container, *paths: str) -> list[str]:
    ran = container.with_exec(["stat", "-c", "%u:%g", *paths])
    return (await ran.stdout()).splitlines()


# -- from


async def test_from_takes_the_platform_of_the_image(static):
    assert await static("linux/arm64").platform() == "linux/arm64"


async def test_from_finds_a_platform_by_its_variant(static):
    assert await static("linux/arm64/v8").platform() == "linux/arm64"


async def test_a_short_address_is_that_of_docker_hub(debian):
    full = dag.container().from_("docker.io/library/debian:bookworm-slim")
    assert await full.default_args() == await debian.default_args() == ["bash"]


async def test_from_replaces_files_user_workdir_and_commands(debian, static):
    before = static("linux/amd64").with_new_file("/file", "").with_entrypoint(["a"])
    after = before.from_("debian:bookworm-slim")
    assert not await after.rootfs().exists("file")
    assert (await after.user(), await after.workdir(), await after.entrypoint()) == ("", "", [])
    assert await after.default_args() == ["bash"]


async def test_from_keeps_labels_and_variables_that_the_image_does_not_set(connection):
    before = dag.container().with_label("a", "1").with_env_variable("A", "1")
    after = before.with_env_variable("PATH", "x").from_("debian:bookworm-slim")
    assert await after.label("a") == "1"
    assert [await v.name() for v in await after.env_variables()] == ["A", "PATH"]
    assert (await after.env_variable("PATH") or "").startswith("/usr/local/sbin:")


async def test_from_keeps_mounts(debian, files):
    mounted = debian.with_mounted_directory("/m", files).from_("debian:bookworm-slim")
    assert await mounted.directory("/m").entries() == [".hidden", "a.txt", "sub/"]


async def test_an_image_that_does_not_exist_is_refused(connection):
    message = r'failed to resolve image "docker.io/library/debian:nonesuch"'
    with pytest.raises(dagger.QueryError, match=message):
        await dag.container().from_("debian:nonesuch").sync()


async def test_an_image_without_the_platform_is_refused(static):
    message = r'failed to resolve image "gcr.io/.*" \(platform: "linux/riscv64"\)'
    with pytest.raises(dagger.QueryError, match=message):
        await static("linux/riscv64").sync()


@pytest.mark.parametrize("address", ["", "UPPER case"])
async def test_what_is_no_address_is_refused(connection, address):
    with pytest.raises(dagger.QueryError, match="invalid reference format"):
        await dag.container().from_(address).sync()


# -- rootfs


async def test_rootfs_of_a_new_container_is_empty(connection):
    assert await dag.container().rootfs().entries() == []


async def test_an_empty_container_can_be_synced(connection):
    assert await (await dag.container().sync()).rootfs().entries() == []


async def test_rootfs_has_what_was_put_in(connection):
    assert await dag.container().with_new_file("/a/b", "x").rootfs().glob("**") == ["a/", "a/b"]


async def test_with_rootfs_replaces_all_files(debian, files):
    assert await debian.with_rootfs(files.directory("sub")).rootfs().entries() == ["b.txt", "deep/"]


async def test_with_rootfs_keeps_the_configuration(debian, files):
    container = debian.with_env_variable("A", "b").with_workdir("/w").with_rootfs(files)
    assert await container.env_variable("A") == "b"
    assert (await container.workdir(), await container.default_args()) == ("/w", ["bash"])


async def test_a_command_runs_in_a_rootfs(debian):
    ran = dag.container().with_rootfs(debian.rootfs()).with_exec(["echo", "hi"])
    assert await ran.stdout() == "hi\n"


# -- directory and file


async def test_directory_is_relative_to_the_workdir(debian):
    container = debian.with_workdir("/w").with_new_file("x/f", "")
    assert await container.directory("x").entries() == ["f"]
    assert await container.directory("..").exists("w/x/f")


async def test_file_is_relative_to_the_workdir(debian):
    container = debian.with_workdir("/w").with_new_file("/w/x/f", "1")
    assert await container.file("x/f").contents() == "1"
    assert await container.file("../w/x/f").contents() == "1"


async def test_paths_are_expanded_when_asked(debian):
    container = debian.with_env_variable("A", "/a").with_new_file("/a/f", "1")
    assert await container.directory("$A", expand=True).entries() == ["f"]
    assert await container.file("${A}/f", expand=True).contents() == "1"


async def test_links_are_followed_within_the_container(debian):
    assert "ID=debian" in await debian.file("/etc/os-release").contents()
    assert await debian.directory("/bin").exists("sh")


async def test_paths_that_do_not_exist_are_refused(debian):
    with pytest.raises(dagger.QueryError, match=r"/nonesuch: no such file or directory"):
        await debian.file("/nonesuch").contents()
    with pytest.raises(dagger.QueryError, match=r"/nonesuch: no such file or directory"):
        await debian.directory("/nonesuch").entries()


async def test_a_directory_is_no_file_and_a_file_no_directory(debian):
    with pytest.raises(dagger.QueryError, match="/etc is a directory, not a file"):
        await debian.file("/etc").contents()
    with pytest.raises(dagger.QueryError, match="/etc/passwd is a file, not a directory"):
        await debian.directory("/etc/passwd").entries()


# -- withDirectory


@pytest.mark.parametrize(
    ("path", "target"), [("/x", "/x"), ("x", "/w/v/x"), (".", "/w/v"), ("../x", "/w/x")]
)
async def test_a_directory_is_copied_relative_to_the_workdir(debian, files, path, target):
    container = debian.with_workdir("/w/v").with_directory(path, files)
    assert await container.directory(target).entries() == [".hidden", "a.txt", "sub/"]


async def test_a_directory_is_copied_to_an_expanded_path_when_asked(debian, files):
    container = debian.with_env_variable("A", "/a").with_directory("$A/x", files, expand=True)
    assert await container.directory("/a/x").exists("a.txt")


async def test_a_directory_is_copied_into_the_folder_that_a_link_leads_to(debian, files):
    ran = debian.with_directory("/bin", files).with_exec(["ls", "/usr/bin/a.txt", "/bin/sh"])
    assert await ran.stdout() == "/bin/sh\n/usr/bin/a.txt\n"


async def test_a_copied_directory_belongs_to_root_unless_told_otherwise(debian, files):
    container = debian.with_user("www-data").with_directory("/x", files)
    assert await owners(container, "/x", "/x/sub/b.txt") == ["0:0", "0:0"]


@pytest.mark.parametrize(
    ("owner", "ids"),
    [
        ("1000", "1000:1000"),
        ("1000:1001", "1000:1001"),
        ("www-data", "33:33"),
        ("games", "5:5"),
        ("games:games", "5:60"),
        ("7:games", "7:60"),
        ("games:0", "5:0"),
    ],
)
async def test_an_owner_is_an_id_or_a_name_of_the_container(debian, files, owner, ids):
    container = debian.with_directory("/x/y", files, owner=owner)
    assert await owners(container, "/x", "/x/y", "/x/y/sub/b.txt") == ["0:0", ids, ids]


async def test_an_owner_that_the_container_does_not_know_is_refused(debian, files):
    with pytest.raises(dagger.QueryError, match="no such user: nonesuch"):
        await debian.with_directory("/x", files, owner="nonesuch").sync()
    with pytest.raises(dagger.QueryError, match="no such group: nonesuch"):
        await debian.with_directory("/x", files, owner="games:nonesuch").sync()


async def test_an_empty_container_knows_no_owner_by_name(connection):
    with pytest.raises(dagger.QueryError, match=r"/etc/passwd: no such file or directory"):
        await dag.container().with_new_file("/f", "", owner="www-data").sync()


async def test_only_what_the_patterns_leave_is_copied(debian, files):
    container = debian.with_directory("/x", files, include=["**/*.txt"], exclude=["a.*"])
    assert await container.directory("/x").glob("**") == ["sub/", "sub/b.txt"]


async def test_a_copy_below_a_folder_leaves_its_permissions(debian, files):
    made = debian.with_exec(["mkdir", "-m", "1777", "/open"])
    container = made.with_directory("/open/x", files).with_new_file("/open/f", "")
    assert await container.with_exec(["stat", "-c", "%a", "/open"]).stdout() == "1777\n"


# -- withFile and withNewFile


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/x", "/x"),
        ("x", "/etc/x"),
        ("x/y", "/etc/x/y"),
        ("../x", "/x"),
        ("/x/", "/x/a.txt"),
        # the slash counts at the end of a whole path only
        ("x/", "/etc/x"),
        ("/usr", "/usr/a.txt"),
        (".", "/etc/a.txt"),
    ],
)
async def test_a_file_is_copied_relative_to_the_workdir(debian, files, path, target):
    container = debian.with_workdir("/etc").with_file(path, files.file("a.txt"))
    assert await container.file(target).contents() == "A"


async def test_a_copied_file_can_be_given_permissions_and_an_owner(debian, files):
    container = debian.with_file("/x", files.file("a.txt"), permissions=0o640, owner="games:0")
    ran = container.with_exec(["stat", "-c", "%a %u:%g", "/x"])
    assert await ran.stdout() == "640 5:0\n"


async def test_a_file_is_copied_to_an_expanded_path_when_asked(debian, files):
    container = debian.with_env_variable("A", "/a")
    copied = container.with_file("$A/f", files.file("a.txt"), expand=True)
    assert await copied.file("/a/f").contents() == "A"


async def test_a_new_file_belongs_to_root_and_has_permissions_0644(debian):
    container = debian.with_user("www-data").with_new_file("/f", "1")
    ran = container.with_exec(["stat", "-c", "%a %u:%g", "/f"])
    assert await ran.stdout() == "644 0:0\n"


async def test_a_new_file_can_be_given_permissions_and_an_owner(debian):
    container = debian.with_new_file("/x/f", "1", permissions=0o600, owner="games")
    ran = container.with_exec(["stat", "-c", "%a %u:%g", "/x", "/x/f"])
    assert await ran.stdout() == "755 0:0\n600 5:5\n"


async def test_a_new_file_is_written_to_an_expanded_path_with_its_text_as_it_is(debian):
    container = debian.with_env_variable("A", "/a").with_new_file("$A/f", "$A", expand=True)
    assert await container.file("/a/f").contents() == "$A"


async def test_a_new_file_can_be_executed(debian):
    script = debian.with_new_file("/script", "#!/bin/sh\necho hi\n", permissions=0o755)
    assert await script.with_exec(["/script"]).stdout() == "hi\n"


async def test_a_new_file_is_written_below_what_a_link_leads_to(debian):
    ran = debian.with_new_file("/bin/f", "1").with_exec(["cat", "/usr/bin/f"])
    assert await ran.stdout() == "1"


# -- withoutFile and withoutDirectory


@pytest.mark.parametrize(
    ("path", "left"), [("/w/a", ["b"]), ("a", ["b"]), ("*", []), ("nonesuch", ["a", "b"])]
)
async def test_without_file_is_relative_to_the_workdir(debian, path, left):
    container = debian.with_workdir("/w").with_new_file("a", "").with_new_file("b", "")
    assert await container.without_file(path).directory("/w").entries() == left


async def test_without_directory_takes_all_of_it_away(debian):
    container = debian.with_new_file("/x/y/f", "").without_directory("/x")
    assert not await container.rootfs().exists("x")
