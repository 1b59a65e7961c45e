"""What stand-ins get from this machine."""

from __future__ import annotations

import tarfile

from buildkit_engine.mirror import own
from buildkit_engine.mirror.layers import Layer


def test_tools_may_be_executed_and_trust_whom_the_machine_trusts(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    for name in ("crane", "registry"):
        (tmp_path / "bin" / name).write_bytes(name.encode())
    authorities = tmp_path / "authorities"
    authorities.write_text("A CLOSED NETWORK'S")
    monkeypatch.setattr(own, "_CERTIFICATES", authorities)
    with Layer(tmp_path / "layer.tar.gz") as layer:
        own.tools(tmp_path / "bin", ("crane",), "/ko-app", layer)
    with tarfile.open(layer.path) as tar:
        files = {i.name: (i.mode, tar.extractfile(i).read()) for i in tar if i.isfile()}
    assert files == {
        "ko-app/crane": (0o755, b"crane"),
        "etc/ssl/certs/ca-certificates.crt": (0o644, b"A CLOSED NETWORK'S"),
    }
