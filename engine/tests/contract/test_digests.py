"""Digests of directories and files: of what is in them and of their metadata, never of times."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

HELLO = "Hello, World!"


def hello(permissions: int = 0o644) -> dagger.Directory:
    return dag.directory().with_new_file("foo.txt", HELLO, permissions=permissions)


async def test_a_directorys_digest(connection):
    expected = "sha256:48ac4b4b73af8a75a3c77e9dc6211d89321c6ed4f13c6987c6837ac58645bd89"
    assert await hello().digest() == expected


async def test_the_digest_of_an_empty_directory(connection):
    expected = "sha256:0e5db88383bce812f795689f5318a2b2f4fde740ef31c2a2365a46368aafddd2"
    assert await dag.directory().digest() == expected


async def test_a_files_digest(connection):
    expected = "sha256:8a887cdd3e476c79e1a14a65a6c401673b56071a24561dadb5e152605e72a613"
    assert await hello().file("foo.txt").digest() == expected


async def test_a_files_digest_without_its_metadata(connection):
    expected = "sha256:042a7d64a581ef2ee983f21058801cc35663b705e6c55f62fa8e0f18ecc70989"
    assert await hello().file("foo.txt").digest(exclude_metadata=True) == expected


async def test_directories_with_the_same_in_them_have_the_same_digest(connection):
    a = dag.directory().with_directory("a", hello()).directory("a")
    b = dag.directory().with_directory("b", hello().with_timestamps(1000)).directory("b")
    assert await a.digest() == await b.digest() == await hello().digest()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.with_new_file("foo.txt", "Hello, world!"),
        lambda d: d.with_new_file("bar.txt", ""),
        lambda d: d.with_new_directory("bar"),
        lambda d: d.with_symlink("foo.txt", "bar"),
        lambda d: d.chown("foo.txt", "1:1"),
        lambda d: dag.directory().with_file("foo.txt", d.file("foo.txt"), permissions=0o600),
        lambda d: dag.directory().with_file("bar.txt", d.file("foo.txt")),
    ],
)
async def test_a_directory_that_differs_has_another_digest(connection, change):
    assert await change(hello()).digest() != await hello().digest()


async def test_permissions_are_metadata_of_a_file(connection):
    other = hello(permissions=0o777).file("foo.txt")
    same = hello().file("foo.txt")
    assert await other.digest() != await same.digest()
    assert await other.digest(exclude_metadata=True) == await same.digest(exclude_metadata=True)


async def test_the_name_of_a_file_is_not_in_its_digest(connection):
    file = hello().file("foo.txt")
    assert await file.with_name("bar.txt").digest() == await file.digest()


async def test_a_link_has_a_digest_of_its_own(links):
    assert await links.directory("dir").digest() != await links.directory("real").digest()
    link, file = links.file("file"), links.file("real/f")
    assert await link.digest() != await file.digest()
    assert await link.digest(exclude_metadata=True) == await file.digest(exclude_metadata=True)


@pytest.mark.parametrize("exclude_metadata", [False, True])
async def test_a_file_that_does_not_exist_has_no_digest(files, exclude_metadata):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.file("nonesuch").digest(exclude_metadata=exclude_metadata)


async def test_a_directory_that_does_not_exist_has_no_digest(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.directory("nonesuch").digest()
