"""What is said of one file, from the scan of a root that holds nothing else."""

from __future__ import annotations

import pytest
from elves import program

from pipeline.explanations import explanation
from pipeline.platforms import parse
from pipeline.probes import probe
from pipeline.scan.__main__ import scan
from pipeline.verification import request

ARM64 = probe(parse("linux/arm64"))


def explained(folder, name: str, content: bytes, platform: str, mode: int = 0o755) -> str:
    root, base = folder / "root", folder / "base"
    root.mkdir()
    base.mkdir()
    (root / name).write_bytes(content)
    (root / name).chmod(mode)
    spec = parse(platform)
    told = scan(root, base, request(spec, command=(f"/{name}",), user="nobody"))
    return explanation(name, spec, told)


@pytest.mark.parametrize(
    ("name", "content", "platform", "told"),
    [
        ("app", ARM64, "linux/arm64", "app starts on linux/arm64, and needs nothing else."),
        (
            "app", ARM64, "linux/amd64",
            "app: AARCH64 (64-bit, little-endian), expected X86_64 (64-bit, little-endian). "
            "Compile it for linux/amd64, or copy it from an image of linux/amd64.",
        ),
        (
            "app", ARM64[:100], "linux/arm64",
            "app: an ELF file that cannot be read (expected 8, found 4), expected a whole file. "
            "Copy it again from where it was built; look for cut downloads and text-mode copies.",
        ),
        ("data", b"\0\1", "linux/amd64",
         "data: neither a program nor a script, expected a program, or a script that begins with "
         "#!. Look at what writes it: a failed build or copy, or a link that was never made."),
        ("empty", b"", "linux/amd64",
         "empty: an empty file, expected a program, or a script that begins with #!. "
         "Look at what writes it: a failed build or copy, or a link that was never made."),
        ("x", b"echo\n", "linux/amd64",
         "x: a text file without a #! line, expected #! and the path of an interpreter. "
         "Begin it with #!/bin/sh."),
        ("run.sh", b"#!/usr/bin/env python3 -u\n", "linux/amd64",
         "run.sh: env with 'python3 -u', which is one word to it, expected #! and the path of an "
         "interpreter. Write #!/usr/bin/env -S python3 -u."),
        (
            "run.sh", b"#!/bin/sh\r\necho\r\n", "linux/amd64",
            "run.sh: #!/bin/sh with a carriage return: Windows line ends, expected #! and the path "
            "of an interpreter. Save it with Unix line ends (dos2unix), and add '* text eol=lf' "
            "to .gitattributes.",
        ),
    ],
)  # fmt: skip
def test_a_file_is_explained_by_what_is_in_it(tmp_path, name, content, platform, told):
    assert explained(tmp_path, name, content, platform) == told


GLIBC = ("GLIBC_2.17", "GLIBC_2.34", "GLIBC_2.4", "GLIBC_ABI_DT_RELR")
CUDA_APP = program(
    "arm64",
    interpreter="/lib/ld-linux-aarch64.so.1",
    needed=("libcudart.so.12", "libcuda.so.1", "libc.so.6", "ld-linux-aarch64.so.1"),
    needs={"libc.so.6": GLIBC},
)
IN_TURN = "What these libraries need in turn they say themselves: verify looks at a whole image."


@pytest.mark.parametrize(
    ("name", "content", "platform", "told"),
    [
        (
            "app", CUDA_APP, "linux/arm64",
            [
                "app starts on linux/arm64 where its image has",
                "    /lib/ld-linux-aarch64.so.1  dynamic loader",
                "    libcudart.so.12             shared library",
                "    libcuda.so.1                shared library of the NVIDIA driver: mounted by the "
                "machine that runs it",
                "    libc.so.6                   shared library with GLIBC_2.4, GLIBC_2.17, "
                "GLIBC_2.34, GLIBC_ABI_DT_RELR",
                IN_TURN,
            ],
        ),
        (
            "app", program("amd64", interpreter="/lib/ld-musl-x86_64.so.1"), "linux/amd64",
            [
                "app starts on linux/amd64 where its image has",
                "    /lib/ld-musl-x86_64.so.1  dynamic loader",
            ],
        ),
        (
            "libapp.so", program("amd64", soname="libapp.so", needed=("libm.so.6",)), "linux/amd64",
            [
                "libapp.so can be loaded on linux/amd64 where its image has",
                "    libm.so.6  shared library",
                IN_TURN,
            ],
        ),
        (
            "libapp.so", program("amd64", soname="libapp.so"), "linux/amd64",
            ["libapp.so can be loaded on linux/amd64, and needs nothing else."],
        ),
        (
            "run.sh", b"#!/bin/sh\necho\n", "linux/s390x",
            [
                "run.sh starts on linux/s390x where its image has",
                "    /bin/sh  interpreter of the script",
            ],
        ),
        (
            "run.py", b"#!/usr/bin/env -S PYTHONUNBUFFERED=1 python3 -u\n", "linux/amd64",
            [
                "run.py starts on linux/amd64 where its image has",
                "    /usr/bin/env  interpreter of the script",
                "    python3       program, found on PATH",
            ],
        ),
    ],
)  # fmt: skip
def test_all_that_a_file_names_is_listed(tmp_path, name, content, platform, told):
    assert explained(tmp_path, name, content, platform).splitlines() == told


def test_a_mode_that_lets_nobody_execute_it_is_said(tmp_path):
    assert explained(tmp_path, "app", ARM64, "linux/arm64", 0o644) == (
        "app: mode 0644, expected a file with mode 0755. "
        "Set the executable bit where it comes from: chmod +x."
    )
