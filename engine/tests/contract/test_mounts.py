"""Mounted directories, files, cache volumes and temporary folders."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import CacheSharingMode, dag


def sh(container: dagger.Container, script: str) -> dagger.Container:
    return container.with_exec(["sh", "-c", script])


@pytest.fixture
def cache(connection):
    return dag.cache_volume(f"contract-{uuid.uuid4()}")


# -- directories


async def test_a_command_sees_a_mounted_directory(debian, files):
    mounted = debian.with_mounted_directory("/m", files.directory("sub"))
    assert await mounted.with_exec(["ls", "/m"]).stdout() == "b.txt\ndeep\n"


async def test_a_mount_is_relative_to_the_workdir(debian, files):
    mounted = debian.with_workdir("/w").with_mounted_directory("m", files)
    assert await mounted.with_exec(["ls", "/w/m"]).stdout() == "a.txt\nsub\n"


@pytest.mark.parametrize("path", [".", "sub"])
async def test_what_is_written_to_a_mount_is_there_for_the_next_command(debian, files, path):
    written = sh(debian.with_mounted_directory("/m", files.directory(path)), "echo 1 > /m/new")
    assert await written.with_exec(["cat", "/m/new"]).stdout() == "1\n"
    assert await written.directory("/m").exists("new")
    assert await written.file("/m/new").contents() == "1\n"


async def test_the_mounted_directory_is_not_changed(debian, files):
    await sh(debian.with_mounted_directory("/m", files), "echo 1 > /m/new").sync()
    assert await files.entries() == [".hidden", "a.txt", "sub/"]


async def test_a_path_below_a_mount_is_in_the_mounted_directory(debian, files):
    mounted = debian.with_mounted_directory("/m", files)
    assert await mounted.directory("/m/sub").entries() == ["b.txt", "deep/"]
    assert await mounted.file("/m/sub/b.txt").contents() == "B"


async def test_files_are_put_into_and_taken_out_of_a_mount(debian, files):
    mounted = debian.with_mounted_directory("/m", files).without_file("/m/a.txt")
    changed = mounted.with_new_file("/m/n", "1").with_directory("/m/d", files.directory("sub"))
    assert await changed.with_exec(["ls", "/m"]).stdout() == "d\nn\nsub\n"
    assert await changed.directory("/m/d").entries() == ["b.txt", "deep/"]


async def test_neither_a_mount_nor_its_place_is_in_the_rootfs(debian, files):
    ran = sh(debian.with_mounted_directory("/m/n/o", files), "echo 1 > /m/n/o/new")
    assert not await ran.rootfs().exists("m")


async def test_a_mount_hides_what_is_at_its_path(debian, files):
    mounted = debian.with_new_file("/m/hidden", "").with_mounted_directory("/m", files)
    assert await mounted.with_exec(["ls", "/m"]).stdout() == "a.txt\nsub\n"
    assert await mounted.rootfs().entries(path="m") == ["hidden"]


async def test_a_mount_replaces_the_one_at_its_path(debian, files):
    mounted = debian.with_mounted_directory("/m", files)
    replaced = mounted.with_mounted_directory("/m", files.directory("sub"))
    assert await replaced.with_exec(["ls", "/m"]).stdout() == "b.txt\ndeep\n"


async def test_a_mount_can_be_below_another(debian, files):
    outer = debian.with_mounted_directory("/m", files)
    both = outer.with_mounted_directory("/m/sub", files.directory("sub/deep"))
    assert await both.with_exec(["ls", "/m", "/m/sub"]).stdout() == (
        "/m:\na.txt\nsub\n\n/m/sub:\nc.go\n"
    )


async def test_a_mount_can_be_taken_away(debian, files):
    mounted = debian.with_mounted_directory("/m", files).without_mount("/m")
    assert await sh(mounted, "ls -d /m || echo none").stdout() == "none\n"


async def test_taking_away_what_is_not_mounted_is_no_error(debian):
    assert await debian.without_mount("/m").with_exec(["echo", "hi"]).stdout() == "hi\n"


async def test_a_folder_above_a_mount_is_not_there_by_it(debian, files):
    with pytest.raises(dagger.QueryError, match=r"/m: no such file or directory"):
        await debian.with_mounted_directory("/m/n", files).directory("/m").entries()


async def test_a_directory_that_does_not_exist_cannot_be_mounted(debian, files):
    mounted = debian.with_mounted_directory("/m", files.directory("nonesuch"))
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await mounted.with_exec(["ls", "/m"]).sync()


async def test_mounts_are_told_by_their_paths(debian, files, cache):
    mounted = debian.with_workdir("/w").with_mounted_directory("a", files).with_mounted_temp("/t")
    assert await mounted.with_mounted_cache("/c", cache).mounts() == ["/w/a", "/t", "/c"]


async def test_a_mounted_directory_can_be_somebodys(debian, files):
    mounted = debian.with_mounted_directory("/m", files, owner="www-data:daemon")
    ran = mounted.with_exec(["stat", "-c", "%u:%g", "/m", "/m/a.txt", "/m/sub/b.txt"])
    assert await ran.stdout() == "33:1\n" * 3


async def test_a_read_only_mount_cannot_be_written(debian, files):
    mounted = debian.with_mounted_directory("/m", files, read_only=True)
    assert await sh(mounted, "cat /m/a.txt; touch /m/new || echo refused").stdout() == "Arefused\n"
    assert await sh(mounted, "true").file("/m/a.txt").contents() == "A"


async def test_a_mounts_path_is_expanded_when_asked(debian, files):
    mounted = debian.with_env_variable("P", "m").with_mounted_directory("/$P", files, expand=True)
    assert await mounted.mounts() == ["/m"]
    assert await mounted.without_mount("/$P", expand=True).mounts() == []


async def test_taking_away_the_path_of_a_mount_takes_the_mount_away(debian, files):
    container = debian.with_new_file("/m/below", "").with_mounted_directory("/m", files)
    assert not await container.without_directory("/m").exists("/m")


# -- files


async def test_a_mounted_file_can_be_somebodys(debian, files):
    mounted = debian.with_mounted_file("/f", files.file("a.txt"), owner="1000:1001")
    assert await mounted.with_exec(["stat", "-c", "%u:%g", "/f"]).stdout() == "1000:1001\n"


async def test_a_command_sees_a_mounted_file_and_none_beside_it(debian, files):
    mounted = debian.with_mounted_file("/m/f", files.file("sub/b.txt"))
    assert await sh(mounted, "ls -A /m; cat /m/f").stdout() == "f\nB"


async def test_a_mounted_file_is_relative_to_the_workdir(debian, files):
    mounted = debian.with_workdir("/w").with_mounted_file("f", files.file("a.txt"))
    assert await mounted.with_exec(["cat", "/w/f"]).stdout() == "A"


async def test_a_mounted_file_is_seen_without_a_command(debian, files):
    mounted = debian.with_mounted_file("/m/f", files.file("a.txt"))
    assert await mounted.file("/m/f").contents() == "A"


async def test_what_is_written_to_a_mounted_file_is_there_for_the_next_command(debian, files):
    written = sh(debian.with_mounted_file("/m/f", files.file("a.txt")), "echo 1 >> /m/f")
    assert await written.with_exec(["cat", "/m/f"]).stdout() == "A1\n"
    assert await written.file("/m/f").contents() == "A1\n"


async def test_a_mounted_file_is_not_in_the_rootfs(debian, files):
    ran = debian.with_mounted_file("/m/f", files.file("a.txt")).with_exec(["true"])
    assert not await ran.rootfs().exists("m")


# -- temporary folders


async def test_a_temporary_folder_is_empty_for_each_command(debian):
    mounted = debian.with_mounted_temp("/t")
    assert await sh(sh(mounted, "echo 1 > /t/f"), "ls /t").stdout() == ""


async def test_a_temporary_folder_is_in_memory_and_everyones(debian):
    ran = sh(debian.with_mounted_temp("/t"), "stat -f -c %T /t; stat -c %a /t")
    assert await ran.stdout() == "tmpfs\n1777\n"


async def test_a_temporary_folder_can_have_a_size(debian):
    ran = sh(debian.with_mounted_temp("/t", size=64 * 1024), "stat -f -c '%S %b' /t")
    block, blocks = (await ran.stdout()).split()
    assert int(block) * int(blocks) == 64 * 1024


async def test_nothing_can_be_taken_out_of_or_put_into_a_temporary_folder(debian):
    mounted = debian.with_mounted_temp("/t")
    with pytest.raises(dagger.QueryError, match="/t: cannot retrieve path from tmpfs"):
        await mounted.directory("/t").entries()
    with pytest.raises(dagger.QueryError, match="/t/f: cannot retrieve path from tmpfs"):
        await mounted.with_new_file("/t/f", "").sync()


# -- cache volumes


async def test_a_cache_volume_is_the_same_wherever_it_is_mounted(debian, cache):
    await sh(debian.with_mounted_cache("/a", cache), "echo 1 > /a/f").sync()
    assert await sh(debian.with_mounted_cache("/b", cache), "cat /b/f").stdout() == "1\n"


async def test_cache_volumes_with_one_name_are_one(debian):
    name = f"contract-{uuid.uuid4()}"
    await sh(debian.with_mounted_cache("/c", dag.cache_volume(name)), "echo 1 > /c/f").sync()
    again = debian.with_mounted_cache("/c", dag.cache_volume(name))
    assert await again.with_exec(["cat", "/c/f"]).stdout() == "1\n"


async def test_cache_volumes_with_different_names_are_apart(debian):
    first, second = (dag.cache_volume(f"contract-{uuid.uuid4()}") for _ in range(2))
    await sh(debian.with_mounted_cache("/c", first), "echo 1 > /c/f").sync()
    assert await sh(debian.with_mounted_cache("/c", second), "ls /c").stdout() == ""


async def test_an_equal_command_runs_again_for_another_cache_volume(debian):
    for _ in range(2):
        cache = dag.cache_volume(f"contract-{uuid.uuid4()}")
        mounted = debian.with_mounted_cache("/c", cache)
        await sh(mounted, "echo 1 > /c/f").sync()
        assert await sh(mounted, "cat /c/f").stdout() == "1\n"


async def test_a_cache_volume_begins_with_a_copy_of_its_source(debian, files, cache):
    mounted = debian.with_mounted_cache("/c", cache, source=files.directory("sub"))
    assert await mounted.with_exec(["ls", "/c"]).stdout() == "b.txt\ndeep\n"


async def test_a_cache_volume_is_roots(debian, cache):
    mounted = debian.with_mounted_cache("/c", cache)
    assert await mounted.with_exec(["stat", "-c", "%a %u:%g", "/c"]).stdout() == "755 0:0\n"


async def test_a_cache_volume_can_be_somebodys(debian, cache, files):
    mounted = debian.with_mounted_cache("/c", cache, owner="1000:1001")
    assert await mounted.with_exec(["stat", "-c", "%u:%g", "/c"]).stdout() == "1000:1001\n"
    filled = debian.with_mounted_cache("/c", cache, source=files, owner="1000:1001")
    ran = filled.with_exec(["stat", "-c", "%u:%g", "/c", "/c/a.txt"])
    assert await ran.stdout() == "1000:1001\n" * 2


@pytest.mark.parametrize("sharing", list(CacheSharingMode))
async def test_a_cache_volume_can_be_written_whatever_the_sharing(debian, cache, sharing):
    mounted = debian.with_mounted_cache("/c", cache, sharing=sharing)
    assert await sh(mounted, "echo 1 > /c/f; cat /c/f").stdout() == "1\n"


async def test_a_cache_volume_is_not_in_the_rootfs(debian, cache):
    ran = sh(debian.with_mounted_cache("/c", cache), "echo 1 > /c/f")
    assert not await ran.rootfs().exists("c")


async def test_nothing_can_be_taken_out_of_or_put_into_a_cache_volume(debian, cache):
    mounted = debian.with_mounted_cache("/c", cache)
    with pytest.raises(dagger.QueryError, match="/c/f: cannot retrieve path from cache"):
        await mounted.file("/c/f").contents()
    with pytest.raises(dagger.QueryError, match="/c/f: cannot retrieve path from cache"):
        await mounted.with_new_file("/c/f", "").sync()


async def test_a_cache_volume_can_be_taken_away(debian, cache):
    mounted = debian.with_mounted_cache("/c", cache).without_mount("/c")
    assert await sh(mounted, "ls -d /c || echo none").stdout() == "none\n"
