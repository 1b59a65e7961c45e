"""What a command finds beside its image."""

from __future__ import annotations

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import BindMount, LocalSource, MakeFile, Owner, SecretMount, TempMount
from buildkit_engine.model.container import Container, Streams
from buildkit_engine.model.files import Directory
from buildkit_engine.model.mounts import GivenSecret, Mounted
from buildkit_engine.model.secrets import named

SHIM = LocalSource("load shim", "/shim", "session")
FILES = SHIM.output
EMPTY = Container("linux/amd64")
TOKEN, KEY = named("token"), named("key")


def flags(container: Container) -> list[str]:
    """What the shim is told."""
    args = container.last.args
    return list(args[args.index("-meta") + 2 : args.index("--")])


def run(container: Container, **options) -> Container:
    return container.with_exec(("true",), shim=SHIM, **options)


def test_secrets_are_known_to_buildkit_by_their_handles():
    given = EMPTY.with_secret(GivenSecret(TOKEN, variable="T"))
    given = given.with_secret(GivenSecret(KEY, path="/k", owner=Owner(1, 2), mode=0o440))
    ran = run(given)
    assert ran.last.secret_env == (("T", TOKEN.handle),)
    assert ran.last.mounts[-1] == SecretMount("/k", KEY.handle, 1, 2, 0o440)
    assert flags(ran) == ["-secret-env", '["T"]', "-secret-files", '["/k"]']


def test_of_secrets_in_one_place_the_last_is_given():
    given = EMPTY
    for secret in (TOKEN, KEY):
        given = given.with_secret(GivenSecret(secret, variable="T"))
        given = given.with_secret(GivenSecret(secret, path="/k"))
    ran = run(given)
    assert ran.last.secret_env == (("T", KEY.handle),)
    assert [m.secret_id for m in ran.last.mounts if isinstance(m, SecretMount)] == [KEY.handle]
    before = run(given.without_mount("/k"))
    assert [m.secret_id for m in before.last.mounts if isinstance(m, SecretMount)] == [TOKEN.handle]


def test_volatile_variables_are_given_like_secrets_but_shown():
    ran = run(EMPTY.with_volatile("V"))
    assert ran.last.secret_env == (("V", "volatile:V"),)
    assert flags(ran) == []


@pytest.mark.parametrize("kind", ["secret", "volatile"])
def test_what_is_not_for_everyone_is_never_expanded(kind):
    given = EMPTY.with_secret(GivenSecret(TOKEN, variable="secret")).with_volatile("volatile")
    message = f'^expand cannot be used with {kind} env variable "{kind}"$'
    with pytest.raises(RequestError, match=message):
        given.expanded(f"${{{kind}}}", expand=True)
    assert given.expanded(f"${kind}", expand=False) == f"${kind}"


def test_what_a_command_reads_is_a_file_and_no_argument():
    ran = run(EMPTY, streams=Streams(stdin="text"))
    [mount] = [m for m in ran.last.mounts if getattr(m, "selector", "") == "/stdin"]
    assert mount.readonly
    assert mount.source.op.actions == (MakeFile("/stdin", b"text", mode=0o444),)
    assert flags(ran) == ["-stdin", mount.dest]


def test_redirections_are_told_to_the_shim():
    streams = Streams("", "/in", "out", "err")
    expected = ["-redirect-stdin", "/in", "-redirect-stdout", "out", "-redirect-stderr", "err"]
    assert flags(run(EMPTY, streams=streams)) == expected


def test_a_read_only_mount_is_as_it_was_after_a_command():
    source = Directory(FILES)
    mounted = EMPTY.with_mounted(Mounted("/m", source, readonly=True))
    ran = run(mounted)
    assert ran.last.mounts[-1] == BindMount("/m", FILES, "", readonly=True)
    assert ran.mounts[0].directory is source


def test_a_folder_in_memory_has_its_size():
    assert run(EMPTY.with_mounted(Mounted("/t", size=9))).last.mounts[-1] == TempMount("/t", 9)


def test_a_mount_at_a_path_that_is_taken_away_goes_too():
    mounted = EMPTY.with_mounted(Mounted("/m", Directory(FILES)))
    assert mounted.without_path("/m").mounts == ()
    assert mounted.without_path("/m/x").mounts[0].target == "/m"


def test_different_secrets_make_different_containers():
    keys = [
        EMPTY.with_secret(GivenSecret(secret, variable=name)).key()
        for secret in (TOKEN, KEY)
        for name in ("A", "B")
    ]
    assert len({str(key) for key in keys}) == 4
