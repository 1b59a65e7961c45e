"""What a solve's result becomes: the records of buildctl's --output."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class TarToStdout:
    """A tar stream, which keeps owners; returned as bytes."""

    def record(self) -> str:
        return csv_record({"type": "tar", "dest": "-"})


@dataclass(frozen=True)
class LocalFolder:
    """Files written into a folder of this machine, beside what it holds or, with `wipe`, in place
    of it.
    """

    dest: str
    wipe: bool = False

    def record(self) -> str:
        mode = {"mode": "delete"} if self.wipe else {}
        return csv_record({"type": "local", "dest": self.dest, **mode})


@dataclass(frozen=True)
class LayoutFolder:
    """An OCI layout in a folder of this machine: an image that has no more than its platform."""

    dest: str
    platform: dict[str, str]

    def record(self) -> str:
        config = {**self.platform, "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}
        return csv_record(
            {
                "type": "oci",
                "dest": self.dest,
                "tar": "false",
                "containerimage.config": json.dumps(config, sort_keys=True),
            }
        )


@dataclass(frozen=True)
class PushByDigest:
    """One platform's image, pushed without a tag.

    `config` is the image's, `base_config` that of the image it stands on: with it, the base's
    layers are left as they are. Times are fixed so that the same files give the same digest;
    `rewrite_times` for layers with files that bear the time of their making: each such push
    packs them anew.
    """

    repository: str
    config: dict[str, object]
    base_config: bytes | None
    compression: str = ""
    oci: bool = True
    rewrite_times: bool = True
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """What progress shows of the push."""
        parts = (self.config.get(key) for key in ("os", "architecture", "variant"))
        return f"[{'/'.join(str(part) for part in parts if part)}] push {self.repository}"

    def record(self) -> str:
        values = {
            **_pushed(self.repository, oci=self.oci, rewrite_times=self.rewrite_times),
            "containerimage.config": json.dumps(self.config, sort_keys=True),
        }
        if self.base_config is not None:
            values["containerimage.base.config"] = self.base_config.decode()
        if self.compression:
            values |= {"compression": self.compression, "force-compression": "true"}
        values |= {f"annotation.{name}": value for name, value in self.annotations}
        return csv_record(values)


@dataclass(frozen=True)
class PushAsBuilt:
    """An image whose configuration a frontend has made, pushed without a tag, times fixed."""

    repository: str

    def record(self) -> str:
        return csv_record(_pushed(self.repository, oci=True, rewrite_times=True))


def _pushed(repository: str, *, oci: bool, rewrite_times: bool) -> dict[str, str]:
    """What every push without a tag has, times fixed."""
    return {
        "type": "image",
        "name": repository,
        "push": "true",
        "push-by-digest": "true",
        "oci-mediatypes": "true" if oci else "false",
        "source-date-epoch": "0",
        "rewrite-timestamp": "true" if rewrite_times else "false",
    }


Exporter = TarToStdout | LocalFolder | LayoutFolder | PushByDigest | PushAsBuilt


def csv_record(values: dict[str, str]) -> str:
    """One CSV record, as buildctl's flags take them: a config is full of commas and quotes."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([f"{k}={v}" for k, v in values.items()])
    return line.getvalue()
