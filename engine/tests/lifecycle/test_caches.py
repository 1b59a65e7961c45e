"""The build cache of one engine, read by another."""

from __future__ import annotations

import pytest

COMPILE = "sleep 1; date +%s.%N > /made; cat /made"


@pytest.mark.parametrize("kind", ["local", pytest.param("registry", marks=pytest.mark.long)])
def test_what_one_engine_built_another_has_from_the_cache(start, tmp_path, kind):
    one, two = start("one"), start("two")
    one("up")
    shared = one.running.registry
    if kind == "local":
        written, read = f"type=local,dest={tmp_path}/c,mode=max", f"type=local,src={tmp_path}/c"
    else:
        written, read = f"type=registry,ref={shared}/cache:v1,mode=max", f"{shared}/cache:v1"
    publish = ("--publish", f"{shared}/app:v1")
    first = one.solve(COMPILE, *publish, "--cache-to", written).splitlines()
    # had the command run again, it would have printed another time
    second = two.solve(COMPILE, *publish, "--cache-from", read).splitlines()
    assert second[0] == first[0]


def test_a_cache_that_cannot_be_written_is_an_error_after_the_work(engine):
    said = engine.solve("echo done", "--cache-to", "127.0.0.1:1/cache:v1", code=1)
    assert said.startswith("done\n")
    assert "Error: the cache could not be written: " in said


@pytest.mark.long
def test_pruning_removes_the_cache_and_leaves_images_under_tags(engine):
    engine("up")
    address = f"{engine.running.registry}/app:v1"
    engine.solve("head -c 5000000 /dev/urandom > /made; echo made", "--publish", address)
    assert "removed " in engine("prune")
    assert "app:v1@sha256:" in engine("inspect", address)
    assert engine.solve("echo works") == "works\n"
