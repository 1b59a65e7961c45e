"""Packages, with a program that stands in for apt-get."""

from __future__ import annotations

import os

import pytest

from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import apt
from buildkit_engine.mirror.apt import Archive

BOOKWORM = [
    "Packages|http://mirror.lan/debian/|bookworm|main|/usr/share/keyrings/lan.gpg",
    "Packages|http://mirror.lan/security/|bookworm-security|main|$(SIGNED_BY)",
    "Translations|http://mirror.lan/debian/|bookworm|main|",
    "Packages|http://mirror.lan/debian/|bookworm|contrib|",
    "Packages|http://mirror.lan/vendor/|nodistro|main|",
    "Packages|http://mirror.lan/debian/|stable|main|",
]
FROM_BOOKWORM = [
    "deb [signed-by=/usr/share/keyrings/lan.gpg] http://mirror.lan/debian/ bookworm main",
    "deb http://mirror.lan/security/ bookworm-security main",
]
APT = """\
case "$*" in
*indextargets*) printf '%s\\n' {targets} | sed '/^$/d' ;;
*update*) {update} ;;
*--print-uris*) echo "'http://mirror.lan/a' a_1_arm64.deb 10 SHA256:0" ;;
*) echo "$*" >>{here}/fetched; echo A >{debs}/a_1_arm64.deb ;;
esac
"""


@pytest.fixture
def archive(tmp_path, fake_path):
    """Packages of bookworm for arm64; `says` are the warnings that it gave."""
    says = []
    archive = Archive(State(tmp_path / "state"), "bookworm", "arm64", says.append)
    lists = archive.folder / "lists"

    def with_update(update: str, targets=BOOKWORM) -> Archive:
        text = APT.format(
            targets=" ".join(f"'{line}'" for line in targets) or "''",
            update=update,
            here=tmp_path,
            debs=archive.folder / "debs",
        )
        fake_path("apt-get", text)
        return archive

    brings = f"touch {lists}/mirror.lan_debian_dists_bookworm_main_binary-arm64_Packages"
    with_update.brings, with_update.says = brings, says
    return with_update


def fetched(tmp_path) -> list[str]:
    path = tmp_path / "fetched"
    return path.read_text().splitlines() if path.exists() else []


def test_packages_come_from_where_the_machines_own_apt_has_the_release(fake_path):
    fake_path("apt-get", "cat <<'END'\n" + "\n".join(BOOKWORM) + "\nEND")
    assert apt.sources("bookworm").splitlines() == FROM_BOOKWORM


def test_a_machine_of_another_debian_asks_its_own_mirrors_for_the_release(fake_path):
    targets = [line.replace("bookworm", "trixie") for line in BOOKWORM]
    fake_path("apt-get", "cat <<'END'\n" + "\n".join(targets) + "\nEND")
    assert apt.sources("bookworm").splitlines()[0] == FROM_BOOKWORM[0]


def test_where_no_debian_is_known_the_next_step_is_told(archive):
    message = (
        "^this machine's apt has no source of Debian packages to take 'bookworm' from: add one"
    )
    with pytest.raises(SetupError, match=message):
        archive("exit 0", targets=[]).alone(("a",))


def test_what_was_downloaded_once_is_not_fetched_again(archive, tmp_path):
    known = archive(archive.brings)
    debs = known.with_dependencies(("a",))
    assert debs == [known.folder / "debs" / "a_1_arm64.deb"]
    assert known.with_dependencies(("a",)) == debs
    [once] = fetched(tmp_path)
    assert once.endswith("install --download-only a")
    assert "-o APT::Architecture=arm64" in once
    assert f"-o Dir::State::lists={known.folder}/lists" in once
    assert (known.folder / "sources.list").read_text().splitlines() == FROM_BOOKWORM


def test_packages_alone_come_without_what_they_depend_on(archive, tmp_path):
    archive(archive.brings).alone(("a",))
    assert fetched(tmp_path)[0].endswith("download a")


def test_lists_are_brought_up_to_date_once_for_images_in_a_row(archive, tmp_path):
    known = archive(f"echo x >>{tmp_path}/updates; {archive.brings}")
    known.alone(("a",))
    known.alone(("a",))
    assert (tmp_path / "updates").read_text() == "x\n"
    os.utime(known.folder / "updated", (0, 0))
    known.alone(("a",))
    assert (tmp_path / "updates").read_text() == "x\nx\n"


def test_without_any_list_the_reason_is_told(archive):
    update = "echo \"E: Failed to fetch x  Could not resolve 'mirror.lan'\" >&2; exit 100"
    message = "^apt-get update failed while a stand-in was made, no network: Failed to fetch x"
    with pytest.raises(SetupError, match=message):
        archive(update).alone(("a",))


def test_with_lists_of_an_earlier_time_it_goes_on_and_says_so(archive):
    update = f"{archive.brings}; echo 'E: Failed to fetch x' >&2; exit 100"
    archive(update).alone(("a",))
    assert archive.says == [
        "Debian bookworm for arm64: not all package lists could be brought up to date, security "
        "fixes may be missing"
    ]
