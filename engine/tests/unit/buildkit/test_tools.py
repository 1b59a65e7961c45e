"""Where the engine's own programs are kept."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit import tools
from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import SetupError


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Folders of source that stand in for the package's own."""
    for name in ("tools", "shim", "freeze"):
        (tmp_path / "package" / name).mkdir(parents=True)
        (tmp_path / "package" / name / "go.mod").write_text("module x\n")
    monkeypatch.setattr(tools, "_HERE", tmp_path / "package")
    return tmp_path / "package"


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state")


def test_tools_of_another_version_are_kept_elsewhere(sources, state):
    before = tools.locate(state)
    assert tools.locate(state) == before
    (sources / "tools" / "go.mod").write_text("module y\n")
    after = tools.locate(state)
    assert after.bin != before.bin
    assert (after.shim, after.freeze) == (before.shim, before.freeze)


def test_the_programs_are_in_the_folder_of_their_version(sources, state):
    found = tools.locate(state)
    assert found.bin.parent == state.root / "tools"
    names = ("buildkitd", "buildctl", "crane", "registry")
    assert [getattr(found, name) for name in names] == [str(found.bin / name) for name in names]


def test_without_go_missing_tools_are_told_with_what_to_install(sources, state, monkeypatch):
    monkeypatch.setattr(tools.shutil, "which", lambda _name: None)
    message = "^Go is not installed: the engine's tools are built with Go 1.26 or later$"
    with pytest.raises(SetupError, match=message):
        tools.ensure(state)


def test_without_runc_the_tools_are_of_no_use(sources, state, monkeypatch):
    found = tools.locate(state)
    programs = (*(found.bin / name for name in tools.GO_TOOLS), found.shim / "shim", found.freeze)
    for path in programs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(tools.shutil, "which", lambda _name: None)
    with pytest.raises(SetupError, match=r"^runc is not installed: .*apt-get install runc"):
        tools.ensure(state)
    monkeypatch.setattr(tools.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert tools.ensure(state) == found


def test_a_build_that_fails_is_told_in_gos_own_words(sources, state, tmp_path, monkeypatch):
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(tools.shutil, "which", lambda _name: str(go))
    message = r"^go install -ldflags=-s -w tool failed in .*/tools: no such module$"
    with pytest.raises(SetupError, match=message):
        tools.ensure(state)


def test_a_build_that_is_broken_off_leaves_nothing_that_looks_whole(
    sources, state, tmp_path, monkeypatch
):
    go = tmp_path / "go"
    half = 'for name in buildkitd buildctl crane registry; do echo half > "$GOBIN/$name"; done'
    go.write_text(f"#!/bin/sh\n{half}\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(tools.shutil, "which", lambda _name: str(go))
    with pytest.raises(SetupError, match="failed in"):
        tools.ensure(state)
    assert list((state.root / "tools").iterdir()) == []
    assert not tools.built(tools.locate(state))


def test_what_is_built_is_all_that_is_kept(sources, state, tmp_path, monkeypatch):
    go = tmp_path / "go"
    go.write_text(
        "#!/bin/sh\n"
        'touch "$GOTMPDIR/work"\n'
        'case "$1" in\n'
        'install) for name in buildkitd buildctl crane registry; do touch "$GOBIN/$name"; done ;;\n'
        'build) touch "$4" ;;\n'
        "esac\n"
    )
    go.chmod(0o755)
    monkeypatch.setattr(tools.shutil, "which", lambda _name: str(go))
    found = tools.ensure(state)
    assert sorted(path.name for path in found.bin.iterdir()) == sorted(tools.GO_TOOLS)
    assert [path.name for path in found.shim.iterdir()] == ["shim"]
    assert [path.name for path in found.freeze.parent.iterdir()] == ["freeze"]


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux/arm64", {"GOOS": "linux", "GOARCH": "arm64"}),
        ("linux/arm/v7", {"GOOS": "linux", "GOARCH": "arm", "GOARM": "7"}),
    ],
)
def test_the_program_for_another_platform_is_built_once_beside_the_hosts(
    sources, state, monkeypatch, platform, expected
):
    built = []

    def go(_args, source, target, **env):
        built.append((source.name, env))
        (target / "shim").touch()

    monkeypatch.setattr(tools, "host_platform", lambda: "linux/amd64")
    monkeypatch.setattr(tools, "_go", go)
    for _ in range(2):
        tools.ensure_shim(state, platform)
    assert built == [("shim", expected)]
    found = tools.locate(state)
    folder = found.shim_for(platform)
    assert folder.name == f"{found.shim.name}-{platform.replace('/', '-')}"
    assert (folder / "shim").exists()
    assert found.shim_for("linux/amd64") == found.shim
