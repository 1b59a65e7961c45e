"""What is said of one file, from the scan of a root that holds nothing else."""

from __future__ import annotations

import pytest

from pipeline.platforms import parse
from pipeline.probes import probe
from pipeline.scan.__main__ import scan
from pipeline.verification import explanation, request

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


def dynamic(loader: bytes) -> bytes:
    """The program for arm64, with a loader that it asks for."""
    size = len(ARM64) + 56
    name = loader + b"\0"
    header = bytearray(ARM64[:64])
    header[24] += 56  # e_entry, behind one segment more
    header[56] = 2  # e_phnum
    interp = b"".join(
        n.to_bytes(w, "little")
        for n, w in (
            (3, 4),
            (4, 4),
            (size, 8),
            (0, 8),
            (0, 8),
            (len(name), 8),
            (len(name), 8),
            (1, 8),
        )
    )
    return bytes(header) + interp + ARM64[64:] + name


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
        (
            "app", dynamic(b"/lib/ld-musl-aarch64.so.1"), "linux/arm64",
            "app starts on linux/arm64 where its image has /lib/ld-musl-aarch64.so.1.",
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
        ("run.sh", b"#!/bin/sh\necho\n", "linux/s390x",
         "run.sh starts on linux/s390x where its image has /bin/sh."),
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


def test_a_mode_that_lets_nobody_execute_it_is_said(tmp_path):
    assert explained(tmp_path, "app", ARM64, "linux/arm64", 0o644) == (
        "app: mode 0644, expected a file with mode 0755. "
        "Set the executable bit where it comes from: chmod +x."
    )
