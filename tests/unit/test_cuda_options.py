"""[cuda]: what it takes, and every refusal with its message."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.cuda_options import CudaOptions
from pipeline.errors import ConfigError

APT = '[cuda.apt."linux/arm64"]\nurl = "https://apt.example.com"\n'
KEY = 'key = "https://apt.example.com/key.asc"\nfingerprint = "{}"\n'
DIGITS = "0123456789ABCDEF0123456789ABCDEF01234567"


def test_a_table_of_its_own_makes_it_a_project_with_cuda():
    found = project.load('[cuda]\njetpack = "6.2"\n')
    assert project.infer_toolchain(["CMakeLists.txt", "go.mod"], found) == "cuda"


@pytest.mark.parametrize(
    ("entries", "toolchain"),
    [(["go.mod", "kernel.cu"], "go"), (["saxpy.cu"], "cuda"), (["CMakeLists.txt"], "cmake")],
)
def test_without_a_table_files_decide(entries, toolchain):
    assert project.infer_toolchain(entries, project.Project()) == toolchain


def test_a_flavor_says_another_jetpack():
    text = """\
[cuda]
jetpack = "7.2"
libraries = ["cublas"]
[flavors.jp62.cuda]
jetpack = "6.2"
"""
    plain, jp62 = project.load(text), project.load(text, flavor="jp62")
    assert (plain.cuda.jetpack, jp62.cuda.jetpack) == ("7.2", "6.2")
    assert jp62.cuda.libraries == ("cublas",)
    assert plain.suffix("jp62") == "-jp62"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[cuda]\njetpack = "6.9"\n', "[cuda] jetpack '6.9' is not known (nearest: 6.2.3, 6.2.2, 6.2.1): expected"),
        ('[cuda]\njetpack = "7.2"\narchitectures = ["53"]\n',
         "[cuda] sm_53 cannot be compiled by CUDA 13.2 of JetPack 7.2 (L4T r39.2), which knows sm_75 to sm_121: expected "
         "sm_87, sm_110; for Jetson Nano and TX1 take JetPack 4.4-dp to 4.6.6"),
        ('[cuda]\njetpack = "6.2"\nserver_architectures = ["110"]\n',
         "[cuda] CUDA 12.6 does not compile for sm_110: expected one of sm_50, sm_52"),
        ('[cuda]\njetpack = "6.2"\nlibraries = ["cublass"]\n', "[cuda] Library 'cublass' is not known (nearest: cublas"),
        ('[cuda]\nstrategy = "qemu"\n', "[cuda] strategy 'qemu' is not known: expected 'cross', 'native' or 'emulate'"),
        ('[cuda]\ncudart = "none"\n', "[cuda] cudart 'none' is not known: expected 'static' or 'shared'"),
        ('[cuda]\ncmake = ["-DCMAKE_CUDA_ARCHITECTURES=75"]\n',
         "[cuda] cmake sets CMAKE_CUDA_ARCHITECTURES, which [cuda] decides: expected other arguments"),
        ('[cuda]\nprograms = ["bin/app"]\n', "[cuda] program 'bin/app' cannot be one: expected names of files, each once"),
        ('[cuda]\nprograms = ["a", "a"]\n', "[cuda] program 'a' cannot be one: expected names of files, each once"),
        ('[cuda]\nmirror = "mirror.example.com"\n',
         "[cuda] address 'mirror.example.com' cannot be read: expected one that starts with https://"),
        ('[cuda]\nimage = { "linux/bogus" = "x" }\n', "Unsupported platform 'linux/bogus'"),
        ("[cuda]\njetpak = 1\n", "[cuda] unknown key 'jetpak': expected one of jetpack, board, architectures"),
        (f'{APT}suite = "r1"\n{KEY.format(DIGITS)}',
         "[cuda.apt.\"linux/arm64\"] suite 'r1' with component '' is no repository: expected a suite and a component, or a "
         "path that ends in / and no component"),
        (f'{APT}suite = "r1"\ncomponent = "main"\n{KEY.format("12 34")}',
         "[cuda.apt.\"linux/arm64\"] fingerprint '1234' is not one: expected 40 hexadecimal digits"),
        (f'{APT}suite = "r1"\ncomponent = "main"\n', '[cuda.apt."linux/arm64"] key is missing'),
        ('[go]\n[cuda]\njetpack = "6.2"\n',
         "[cuda] is the table of another toolchain: this project's is 'go': expected [go], or no table"),
        ('toolchain = "cuda"\n[go]\n',
         "[go] is the table of another toolchain: this project's is 'cuda': expected [cuda], or no table"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(text, message):
    with pytest.raises(ConfigError) as raised:
        project.load(text)
    assert str(raised.value).startswith(f"pipeline.toml: {message}")
    assert "\n" not in str(raised.value)


def test_a_jetpack_is_needed_before_anything_is_built():
    with pytest.raises(ConfigError) as raised:
        CudaOptions().target()
    assert str(raised.value) == (
        "[cuda] jetpack is needed: expected a JetPack (6.2), an L4T release (r36.4) or a board "
        "(orin); `jetpacks` lists them"
    )
