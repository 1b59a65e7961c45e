"""Go's own distribution, with a program that stands in for go."""

from __future__ import annotations

import json
import tarfile

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import golang, own
from buildkit_engine.mirror.layers import Layer


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.26.1", "1.26.1"), ("1.26", "1.26.10"), ("1.2", "1.2.9")],
)
def test_of_a_go_version_without_a_patch_the_newest_is_taken(fake_path, version, expected):
    listed = " ".join(
        f"v0.0.1-go{v}.linux-amd64"
        for v in ("1.26.2", "1.26.10", "1.26rc1", "1.26.3.rc", "1.2.9", "1.27.99")
    )
    fake_path("go", f"echo 'golang.org/toolchain {listed} v0.0.1-go1.26.77.linux-arm64'")
    assert golang.exact(version, "amd64") == expected


def test_a_go_version_that_is_not_published_is_refused(fake_path):
    fake_path("go", "echo golang.org/toolchain")
    with pytest.raises(SetupError, match=r"^no Go toolchain '1\.99' for linux/amd64 is published$"):
        golang.exact("1.99", "amd64")


def test_only_settings_that_are_not_gos_defaults_are_handed_on(fake_path):
    fake_path("go", """echo '{"GOPROXY": "http://proxy", "GOFLAGS": "-x", "GOPRIVATE": ""}'""")
    assert golang.settings() == (("GOPROXY", "http://proxy"),)


def test_settings_with_credentials_are_not_handed_on(fake_path):
    fake_path("go", """echo '{"GOPROXY": "http://me:secret@proxy", "GOPRIVATE": "x.lan"}'""")
    assert golang.settings() == (("GOPRIVATE", "x.lan"),)


def test_a_toolchain_is_the_module_of_the_architecture_with_executable_programs(
    fake_path, tmp_path, monkeypatch
):
    module = tmp_path / "module"
    (module / "bin").mkdir(parents=True)
    (module / "bin" / "go").write_text("go")
    (module / "VERSION").write_text("go1.26.3")
    asked = tmp_path / "asked"
    answer = json.dumps({"Dir": str(module)})
    fake_path("go", f"echo \"$@\" >{asked}; echo '{answer}'")
    authorities = tmp_path / "authorities"
    authorities.write_text("A CLOSED NETWORK'S")
    monkeypatch.setattr(own, "_CERTIFICATES", authorities)
    with Layer(tmp_path / "go.tar.gz") as layer:
        golang.toolchain("1.26.3", "arm64", layer)
    wanted = "mod download -json golang.org/toolchain@v0.0.1-go1.26.3.linux-arm64"
    assert asked.read_text().strip() == wanted
    with tarfile.open(layer.path) as tar:
        modes = {info.name: info.mode for info in tar if info.isfile()}
        trusted = tar.extractfile("etc/ssl/certs/ca-certificates.crt").read()
    assert modes == {
        "usr/local/go/bin/go": 0o755,
        "usr/local/go/VERSION": 0o644,
        "etc/ssl/certs/ca-certificates.crt": 0o644,
    }
    assert trusted == b"A CLOSED NETWORK'S"


def test_without_go_it_is_told(monkeypatch):
    monkeypatch.setattr(golang.shutil, "which", lambda _name: None)
    message = "^Go is not installed: stand-ins for golang images are made with it$"
    with pytest.raises(SetupError, match=message):
        golang.exact("1.26", "amd64")
