"""An image as large as those with CUDA: the scan reads it in little memory."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from elves import program

from pipeline.bundle import scan_bundle
from pipeline.platforms import parse
from pipeline.verification import request

MIB = 1024 * 1024
MOST_MEMORY = 256 * MIB
"""Of the scan's process, whatever the image weighs: small runners have 2 GiB for all."""
MOST_SECONDS = 60
"""Of a processor, however many others want it."""
MEASURED = """\
import runpy, sys
try:
    runpy.run_module("scan", run_name="__main__", alter_sys=True)
finally:
    with open("/proc/self/status") as status:
        sys.stderr.write(next(line for line in status if line.startswith("VmHWM")))
"""
"""The scan, and what it had in memory at most: what wait4 tells of a child counts its parent too."""
FOLDERS, SCRIPTS, LIBRARIES = 200, 150, 10
LARGE = ("amd64", "amd64", "amd64", "arm64")


def base_of(base: Path) -> None:
    """32,000 files, 2,000 of them libraries."""
    for number in range(FOLDERS):
        folder = base / "usr" / "share" / f"package-{number}"
        folder.mkdir(parents=True)
        for each in range(SCRIPTS):
            (folder / f"{each}.py").write_text(f"#!/usr/bin/python3\nprint({each})\n")
        libraries(base / "usr" / "lib" / f"lib-{number}")


def libraries(folder: Path) -> None:
    folder.mkdir(parents=True)
    for each in range(LIBRARIES):
        name = f"{folder.name}-{each}.so"
        (folder / name).write_bytes(program(soname=name, padding=f"{name}\0".encode() * 999))


def image_of(root: Path, base: Path) -> None:
    """The base's files, 2,000 libraries more, and four of 512 MiB: one for another machine."""
    shutil.copytree(base, root, copy_function=os.link)
    for number in range(FOLDERS):
        libraries(root / "opt" / f"lib-{number}")
    for number, machine in enumerate(LARGE):
        path = root / "opt" / f"libcu{number}.so.12"
        path.write_bytes(program(machine, soname=path.name))
        # a hole of zeros: it takes no room on the disk, and as long to read as code
        os.truncate(path, 512 * MIB)


@pytest.mark.long
def test_two_gigabytes_are_scanned_in_a_quarter_of_one(tmp_path):
    root, base, library = tmp_path / "root", tmp_path / "base", tmp_path / "lib"
    base_of(base)
    image_of(root, base)
    sizes = [p.stat().st_size for p in root.rglob("*") if p.is_file()]
    assert (len(sizes) > 30_000, sum(sizes) > 2048 * MIB) == (True, True)
    # as a container gets it, without the module around it
    zipfile.ZipFile(io.BytesIO(base64.b64decode(scan_bundle()))).extractall(library)

    asked = request(parse("linux/amd64"), command=("/opt/libcu0.so.12",), user="65532")
    words = ["-c", MEASURED, str(root), str(base), json.dumps(asdict(asked))]
    with subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(library)},
    ) as process:
        assert process.stdout
        assert process.stderr
        told = json.loads(process.stdout.read())
        said = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    seconds, memory = used.ru_utime + used.ru_stime, int(said.split()[1]) * 1024
    print(
        f"{len(sizes)} files, {sum(sizes) / MIB:.0f} MiB: {seconds:.1f} s, {memory / MIB:.0f} MiB"
    )
    assert [(f["rule"], f["path"]) for f in told["findings"] if f["is_certain"]] == [
        ("wrong-architecture", "/opt/libcu3.so.12"),
        ("entrypoint-not-executable", "/opt/libcu0.so.12"),
    ]
    assert memory < MOST_MEMORY
    assert seconds < MOST_SECONDS
