"""What changes on the host while a session lasts: it is seen where it was not looked at before."""

from __future__ import annotations

import uuid
from pathlib import Path

import dagger
import pytest
from dagger import dag


def save(folder: Path) -> None:
    (folder / "a.txt").write_text("later")
    (folder / "new.txt").touch()


@pytest.mark.parametrize("options", [{}, {"no_cache": False}])
async def test_a_host_directory_stays_what_it_was_when_it_was_first_read(source, options):
    loaded = dag.host().directory(source.name, **options)
    assert await loaded.entries() == ["a.txt", "link", "sub/"]
    save(source)
    for again in (loaded, dag.host().directory(source.name, **options)):
        assert await again.entries() == ["a.txt", "link", "sub/"]
        assert await again.file("a.txt").contents() == "A"


async def test_what_is_built_of_a_host_directory_is_of_the_first_reading_too(debian, source):
    loaded = dag.host().directory(source.name)
    mounted = debian.with_directory("/src", loaded)
    assert await mounted.with_exec(["cat", "/src/a.txt"]).stdout() == "A"
    save(source)
    # a command that has not run yet, on a filesystem that has not been built yet
    command = ["sh", "-c", "cat /src/a.txt; ls /src"]
    assert await mounted.with_exec(command).stdout() == "Aa.txt\nlink\nsub\n"


async def test_a_host_directory_without_cache_is_read_by_each_query(source):
    loaded = dag.host().directory(source.name, no_cache=True)
    assert await loaded.entries() == ["a.txt", "link", "sub/"]
    save(source)
    assert await loaded.entries() == ["a.txt", "link", "new.txt", "sub/"]
    assert await loaded.file("a.txt").contents() == "later"


async def test_a_host_directory_without_cache_that_was_synced_stays_as_it_is(source):
    loaded = await dag.host().directory(source.name, no_cache=True).sync()
    save(source)
    assert await loaded.entries() == ["a.txt", "link", "sub/"]
    assert await loaded.file("a.txt").contents() == "A"


async def test_two_readings_of_one_host_directory_do_not_mix(source):
    before = await dag.host().directory(source.name, no_cache=True).sync()
    save(source)
    after = await dag.host().directory(source.name, no_cache=True).sync()
    both = dag.directory().with_directory("before", before).with_directory("after", after)
    assert await both.file("before/a.txt").contents() == "A"
    assert await both.file("after/a.txt").contents() == "later"


async def test_a_host_file_stays_what_it_was_when_it_was_first_read(source):
    loaded = dag.host().file(f"{source.name}/a.txt")
    assert await loaded.contents() == "A"
    save(source)
    assert await loaded.contents() == "A"
    assert await dag.host().file(f"{source.name}/a.txt").contents() == "A"


async def test_a_host_file_without_cache_is_read_by_each_query(source):
    loaded = dag.host().file(f"{source.name}/a.txt", no_cache=True)
    assert await loaded.contents() == "A"
    save(source)
    assert await loaded.contents() == "later"


async def test_a_folder_that_was_missing_may_be_made_and_read(folder):
    loaded = dag.host().directory(f"{folder.name}/late")
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await loaded.entries()
    (folder / "late").mkdir()
    (folder / "late/a").touch()
    assert await loaded.entries() == ["a"]


# -- findUp


async def test_a_name_is_found_upward_as_seen_from_where_the_client_runs(host_folder):
    beside = host_folder / f"{uuid.uuid4()}.txt"
    above = host_folder.parent / f"{uuid.uuid4()}.txt"
    beside.write_text("beside")
    above.write_text("above")
    assert await dag.host().find_up(beside.name) == beside.name
    assert await dag.host().find_up(above.name) == f"../{above.name}"
    assert await dag.host().file(f"../{above.name}").contents() == "above"


async def test_a_name_below_is_not_found_upward(folder):
    below = folder / f"{uuid.uuid4()}.txt"
    below.touch()
    assert not await dag.host().find_up(below.name)


async def test_what_was_not_found_upward_is_found_later_only_without_cache(host_folder):
    later = host_folder / str(uuid.uuid4())
    assert not await dag.host().find_up(later.name)
    later.touch()
    assert not await dag.host().find_up(later.name)
    assert await dag.host().find_up(later.name, no_cache=True) == later.name
