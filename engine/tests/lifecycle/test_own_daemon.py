"""BUILDKIT_HOST: a daemon of the user's own in place of the engine's."""

from __future__ import annotations

import pytest


@pytest.mark.long
def test_a_daemon_of_the_users_own_is_used_and_left_alone(start):
    theirs, engine = start("theirs"), start("state")
    theirs("up")
    address = f"unix://{theirs.state.socket}"
    engine.env["BUILDKIT_HOST"] = address
    assert engine("up").startswith(f"buildkitd at {address}, registry at 127.0.0.1:")
    # its own images: no stand-in of ours is known to it, but what its registry has
    lines = engine("status").splitlines()
    assert f"daemon     {address} (BUILDKIT_HOST)" in lines
    assert "base images  as that daemon gets them: no stand-ins" in lines
    registry = theirs.running.registry
    image = f"{registry}/docker.io/library/debian:bookworm-slim"
    if theirs.running.stand_ins:
        said = engine.solve_in(image, "echo theirs", "--publish", f"{engine.running.registry}/x:v1")
        assert said.startswith(f"theirs\n{engine.running.registry}/x:v1@sha256:")
    assert engine.running.daemon_pid == 0
    engine("down")
    assert theirs.answers


def test_a_daemon_that_does_not_answer_is_told(engine):
    engine.env["BUILDKIT_HOST"] = "tcp://127.0.0.1:1"
    said = engine("up", code=1)
    assert "Error: no BuildKit daemon answers at BUILDKIT_HOST 'tcp://127.0.0.1:1': " in said
