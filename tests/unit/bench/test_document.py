import re

import pytest

from bench.cases import COMPILING
from bench.document import page
from bench.results import Results
from tests.unit.bench.examples import results, run


def test_the_page_says_what_was_found_by_scenario():
    told = page(results([run(2.0), run(3.0, "pipeline"), run(0.5, "ko", "unchanged")]))
    assert "- **unchanged**: `ko` 0.50 s\n- **edited**: `pipeline` 3.00 s (1.50 times), `cross` 2.00 s\n" in told  # fmt: skip
    assert "cold**: `" not in told
    assert "Made by `make bench` on 2026-01-02 03:04 UTC, in 12 minutes." in told


def test_the_page_tells_how_much_longer_emulated_compiling_takes():
    runs = [run(9.0, "cross", "cold", COMPILING, compiling=3.0)]
    assert "under QEMU" not in page(results(runs)).partition("## ")[0]
    runs.append(run(90.0, "emulated", "cold", COMPILING, compiling=60.0))
    assert "takes 3.00 s by cross-compiling and 60.0 s under QEMU: 20.0 times as long." in page(
        results(runs)
    )


def test_the_page_tells_how_much_of_a_publish_on_dagger_any_call_takes():
    runs = [run(3.3, "dagger", "unchanged")]
    assert "On a Dagger engine" not in page(results(runs))
    runs.append(run(3.0, "dagger-nothing", "unchanged", pushed=None))
    assert (
        "On a Dagger engine, publishing what has not changed takes 3.30 s, and a function that does "
        "nothing 3.00 s: 1.10 times as long."
    ) in page(results(runs))


@pytest.mark.parametrize(("load", "is_provisional"), [(0.9, False), (1.1, True)])
def test_figures_of_a_busy_machine_are_provisional(load, is_provisional):
    assert ("**Provisional.**" in page(results([run(1.0)], load=load))) is is_provisional


def test_rivals_that_were_not_measured_are_told_with_the_reason():
    told = page(results([run(1.0)], skipped={"dagger": "no `dagger` command on PATH"}))
    assert "Not measured here:\n\n- `dagger`: no `dagger` command on PATH\n" in told
    assert "Not measured here" not in page(results([run(1.0)]))


def test_rivals_that_failed_are_told_with_what_was_said():
    told = page(results([run(1.0)], failed={"ko, 4 applications at once": "Error: no"}))
    assert "Not measured here:\n\n- `ko, 4 applications at once`: Error: no\n" in told


def test_every_setting_has_its_table():
    told = page(results([run(1.0), run(9.0, "cross", "cold", COMPILING)]))
    assert re.findall(r"^### (.*)$", told, re.MULTILINE) == [
        "1 application, linux/amd64, linux/arm64",
        "1 application, linux/arm64",
    ]


def test_what_is_saved_is_read_again(tmp_path):
    saved = results([run(1.0), run(2.0, "ko", daemon=None, pushed=None, compiling=1.5)])
    saved.save(tmp_path / "benchmarks.json")
    assert Results.load_from(tmp_path / "benchmarks.json") == saved


@pytest.mark.parametrize("text", ["[]", "{}", '{"runs": [{}]}'])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"^'{path}' holds no results of this version"):
        Results.load_from(path)
