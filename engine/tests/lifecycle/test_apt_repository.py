"""Stand-ins for NVIDIA's packages: made once, installed in a container, gone with the engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from buildkit_engine.buildkit import webserver
from buildkit_engine.buildkit.state import Running
from buildkit_engine.mirror.cuda.repository import KEY
from buildkit_engine.mirror.cuda.signing import new_signer
from engine.tests.lifecycle.conftest import link

pytestmark = pytest.mark.long

TRUST = """\
set -e
echo '{key}' > /usr/share/keyrings/cuda.asc
echo 'deb [signed-by=/usr/share/keyrings/cuda.asc] {url} {suite} {component}' \\
    > /etc/apt/sources.list.d/cuda.list
"""
# of Debian's packages, none is needed
UPDATE = "apt-get -qq update -o Dir::Etc::sourcelist=/dev/null"
INSTALL = """\
apt-get -qq install --no-install-recommends libnvjpeg-dev-13-2 cuda-cudart-13-2 > /dev/null
readlink -f /usr/local/cuda/lib64/libnvjpeg.so
ldconfig -p | grep -o 'libcudart.so.13 .*'
"""


@pytest.fixture(scope="module")
def made(built) -> Path:
    """Repositories as they are served: made once in the user's state, some minutes on small machines."""
    if not Running.load(built).stand_ins:
        pytest.skip("the usual registries answer: no stand-ins are made")
    program = Path(sys.executable).with_name("buildkit-engine")
    subprocess.run([program, "apt-repository"], check=True, capture_output=True)
    return built.served


@pytest.fixture
def engine(start, made):
    engine = start()
    shutil.copytree(made, engine.state.folder("mirror") / "served", copy_function=link)
    return engine


def settings(engine) -> dict[str, dict[str, str]]:
    # what was made is there: nothing else is said
    return json.loads(engine("apt-repository"))


def test_apt_in_a_container_installs_what_the_key_has_signed(engine):
    setting = settings(engine)["linux/amd64"]
    trust = TRUST.format(key=(engine.state.served / KEY).read_text(), **without_key(setting))
    assert engine.solve(f"{trust}{UPDATE}\n{INSTALL}").splitlines() == [
        "/usr/local/cuda-13.2/targets/x86_64-linux/lib/libnvjpeg.so.13",
        "libcudart.so.13 (libc6,x86-64) => /usr/local/cuda/targets/x86_64-linux/lib/libcudart.so.13",
    ]


def test_apt_in_a_container_refuses_another_key(engine):
    setting = settings(engine)["linux/amd64"]
    with new_signer() as other:
        trust = TRUST.format(key=other.key, **without_key(setting))
    said = engine.solve(f"{trust}{UPDATE} 2>&1 || echo it ended with $?")
    assert "is not signed" in said
    assert said.endswith("it ended with 100\n")


def without_key(setting: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in setting.items() if name != "key"}


def test_the_server_ends_with_the_engine_and_is_back_with_it(engine):
    before = settings(engine)
    assert settings(engine) == before
    address = webserver.address_of(engine.state.served)
    assert f"apt        http://{address} " in engine("status")
    assert engine("down") == "ended\n"
    assert webserver.address_of(engine.state.served) == ""
    assert "apt  " not in engine("status")
    engine("up")
    assert webserver.address_of(engine.state.served)
    assert {each["fingerprint"] for each in settings(engine).values()} == {
        each["fingerprint"] for each in before.values()
    }
