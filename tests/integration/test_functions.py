"""Every function of the module, called from the command line."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

from tests.integration.conftest import GO_APP, ROOT
from tests.integration.registries import elf_machine


def test_plan_says_what_would_be_built_and_why(call):
    ran = call("plan", "--platforms=linux/arm64,linux/arm/v7", "--version=1.2", source=GO_APP)
    assert ran.code == 0, ran.error
    lines = [line.split(maxsplit=1) for line in ran.out.splitlines() if line]
    settings = {line[0]: line[1] for line in lines if len(line) == 2}
    assert settings["platforms"].split("  ")[0] == "linux/arm64, linux/arm/v7"
    assert settings["platforms"].endswith("argument or .env")
    assert settings["builder"].split()[0] == "docker.io/library/golang:1.26-bookworm"
    assert "compile linux/arm/v7" in ran.out
    assert "assemble linux/arm64" in ran.out
    assert "linux/arm/v7: built here and not executed" in ran.out
    assert "buildinfo.version=1.2" in ran.out


def test_plan_takes_platforms_from_the_file_where_none_are_given(call):
    ran = call("plan", source=GO_APP)
    [platforms] = [line for line in ran.out.splitlines() if line.startswith("platforms")]
    assert "linux/amd64, linux/arm64" in platforms
    assert platforms.endswith("pipeline.toml")


def test_defaults_come_from_the_env_file(call):
    ran = call("plan")
    assert ran.code == 0, ran.error
    assert "go-app" in ran.out


def test_defaults_are_found_upwards_and_their_paths_start_at_the_current_folder(call):
    ran = call("plan", cwd=ROOT / "docs")
    assert ran.code == 1
    assert "docs/examples" in ran.error
    assert call("plan", cwd=ROOT / "docs", source=GO_APP).code == 0


def test_test_prints_what_the_tests_print(call):
    ran = call("test", source=GO_APP)
    assert ran.code == 0, ran.error
    assert "ok  \texample.com/go-app/internal/api" in ran.out


def test_artifacts_are_exported_one_folder_a_platform(call, tmp_path):
    target = tmp_path / "out"
    ran = call(
        "artifacts", "--platforms=linux/arm64,linux/arm/v7", "export", f"--path={target}",
        source=GO_APP,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    assert sorted(p.name for p in target.iterdir()) == ["linux_arm64", "linux_arm_v7"]
    assert elf_machine((target / "linux_arm64/server").read_bytes()) == "EM_AARCH64"
    assert elf_machine((target / "linux_arm_v7/healthcheck").read_bytes()) == "EM_ARM"


def test_build_gives_one_platforms_files(call, tmp_path):
    target = tmp_path / "rootfs"
    ran = call(
        "build", "--platform=linux/arm64", "rootfs", "export", f"--path={target}", source=GO_APP
    )
    assert ran.code == 0, ran.error
    assert elf_machine((target / "usr/local/bin/server").read_bytes()) == "EM_AARCH64"
    assert (target / "etc/passwd").exists()


def test_build_gives_a_container_to_ask(call):
    ran = call("build", "--platform=linux/arm64", "platform", source=GO_APP)
    assert ran.out == "linux/arm64"
    ran = call("build", "--platform=linux/arm64", "entrypoint", source=GO_APP)
    assert ran.out == "/usr/local/bin/server"


def test_the_build_stage_is_of_the_hosts_platform_and_set_to_compile(call):
    ran = call(
        "build-stage", "--platform=linux/arm64", "with-exec", "--args=go,env,GOARCH", "stdout",
        source=GO_APP,
    )  # fmt: skip
    assert (ran.code, ran.out) == (0, "arm64"), ran.error
    host = call("build-stage", "--platform=linux/arm64", "platform", source=GO_APP)
    assert host.out in ("linux/amd64", "linux/arm64")


def test_the_runtime_stage_has_no_files_of_the_application(call):
    stage = ["runtime-stage", "--platform=linux/arm64"]
    assert call(*stage, "user", source=GO_APP).out == "65532:65532"
    entries = call(*stage, "rootfs", "directory", "--path=usr/local", "entries", source=GO_APP)
    assert entries.code == 0 or "no such file" in entries.error
    assert "bin" not in entries.out


def test_the_image_lists_its_platforms_in_the_order_given(call):
    ran = call("image", "--platforms=linux/arm64,linux/amd64", "platforms", source=GO_APP)
    assert ran.out.split() == ["linux/arm64", "linux/amd64"]


def test_an_oci_layout_holds_every_platform(call, tmp_path):
    target = tmp_path / "image.tar"
    ran = call("image", "oci-layout", "export", f"--path={target}", source=GO_APP)
    assert ran.code == 0, ran.error
    with tarfile.open(target) as tar:
        assert json.load(tar.extractfile("oci-layout"))["imageLayoutVersion"] == "1.0.0"

        def manifests(index: dict) -> list[dict]:
            found = []
            for entry in index["manifests"]:
                if "platform" in entry:
                    found.append(entry)
                else:
                    digest = entry["digest"].replace(":", "/")
                    found += manifests(json.load(tar.extractfile(f"blobs/{digest}")))
            return found

        platforms = [m["platform"] for m in manifests(json.load(tar.extractfile("index.json")))]
    assert [p["architecture"] for p in platforms] == ["amd64", "arm64"]


def test_sizes_are_a_table(call):
    ran = call("image", "--platforms=linux/arm64", "sizes", source=GO_APP)
    head, row = ran.out.splitlines()
    assert head.split("  ")[0] == "PLATFORM"
    assert row.startswith("linux/arm64")
    assert row.count(" MB") == 2
    assert "  0.0 MB" not in row


def test_a_file_is_added_to_every_variant_and_published(call, repository, registry, tmp_path):
    notice = tmp_path / "NOTICE"
    notice.write_text("made for a test\n")
    ran = call(
        "image", "--platforms=linux/amd64,linux/arm64",
        "with-file", "--path=/NOTICE", f"--file={notice}", "--permissions=256",
        "publish", f"--address={repository}:noticed",
        source=GO_APP,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    for platform in ("linux/amd64", "linux/arm64"):
        info, data = registry.files(f"{repository}:noticed", platform)["NOTICE"]
        assert (data, info.mode, info.mtime) == (b"made for a test\n", 0o400, 0)


def test_a_variant_can_be_replaced_or_added(call):
    ran = call(
        "image", "--platforms=linux/arm64",
        "with-container", "--container=gcr.io/distroless/static-debian12:nonroot", "platforms",
        source=GO_APP,
    )  # fmt: skip
    assert ran.out.split() == ["linux/arm64", "linux/amd64"], ran.error


def test_a_variant_that_the_image_lacks_is_refused(call):
    ran = call(
        "image", "--platforms=linux/arm64", "container", "--platform=linux/amd64", source=GO_APP
    )
    assert ran.code == 1
    assert "The image has no variant for 'linux/amd64': expected one of linux/arm64" in ran.error


def test_files_of_the_source_are_added_with_modes_that_no_checkout_changes(
    call, app, repository, registry
):
    (app / "run.sh").write_text("#!/bin/sh\n")
    (app / "run.sh").chmod(0o775)
    (app / "app.toml").write_text("a = 1\n")
    (app / "app.toml").chmod(0o664)
    (app / "static").mkdir()
    (app / "static/index.html").write_text("<p>")
    (app / "static/index.html").chmod(0o600)
    with (app / "pipeline.toml").open("a") as toml:
        toml.write(
            '\n[runtime.files]\n"/etc/app.toml" = "app.toml"\n"/opt/run" = "run.sh"\n"/srv" = "static"\n'
        )
    ran = call(
        "publish", "--platforms=linux/arm64", f"--address={repository}", "--skip-tests", source=app
    )
    assert ran.code == 0, ran.error
    files = registry.files(f"{repository}:latest", "linux/arm64")
    names = ("etc/app.toml", "opt/run", "srv/index.html")
    assert {name: (files[name][0].mode, files[name][0].mtime) for name in names} == {
        "etc/app.toml": (0o644, 0),
        "opt/run": (0o755, 0),
        "srv/index.html": (0o644, 0),
    }
    assert files["srv/index.html"][1] == b"<p>"


def test_the_whole_help_can_be_read(call):
    for words in ([], ["publish"], ["image"], ["image", "with-file"]):
        ran = call(*words, "--help")
        assert ran.code == 0
        assert "--help" in ran.out or "USAGE" in ran.out
    flags = call("publish", "--help").out
    for flag in ("--platforms", "--address", "--tags", "--username", "--password", "--skip-tests"):
        assert flag in flags


def test_no_file_is_left_behind(call):
    before = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True
    )
    call("plan", source=GO_APP)
    after = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True
    )
    assert before.stdout == after.stdout
    assert Path(GO_APP / "server").exists() is False
