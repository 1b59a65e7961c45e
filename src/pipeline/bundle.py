"""The scan and what it needs, as text: how it gets into a container without a network."""

from __future__ import annotations

import base64
import io
import zipfile
from functools import cache
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip file can hold: the same bundle each time, so that it is cached."""
_PARTS = ("elf", "common", "construct", "dwarf", "ehabi")


@cache
def scan_bundle() -> str:
    """A zip file, in base64, with the packages `scan` and `elftools` side by side."""
    import elftools

    library = Path(str(elftools.__file__)).parent
    scan = Path(__file__).with_name("scan")
    files = [*scan.rglob("*.py"), library / "__init__.py"]
    files += [path for part in _PARTS for path in (library / part).rglob("*.py")]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in sorted(files):
            root = scan.parent if path.is_relative_to(scan) else library.parent
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _EPOCH)
            bundle.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return base64.b64encode(archive.getvalue()).decode()
