import pytest

from bench.cases import COMPILING, MAIN, Setting
from bench.figures import compile_seconds, figures, find, ratio
from tests.unit.bench.examples import MB, run


def test_a_figure_is_the_median_with_the_ends_of_its_runs():
    [figure] = figures([run(4.0), run(10.0), run(1.0)])
    assert (figure.runs, figure.seconds, figure.fastest, figure.slowest) == (3, 4.0, 1.0, 10.0)


def test_the_median_of_two_runs_lies_between_them():
    [figure] = figures([run(1.0), run(4.0)])
    assert figure.seconds == 2.5


def test_memory_is_the_largest_of_all_runs_and_processor_time_that_of_both_sides():
    [figure] = figures([run(4.0), run(10.0), run(1.0)])
    assert (figure.client_memory, figure.daemon_memory) == (100 * MB, 200 * MB)
    assert figure.cpu == 4.0 / 2 + 4.0 / 4


def test_a_rival_without_a_daemon_or_a_registry_that_can_be_asked_has_none():
    [figure] = figures([run(4.0, "ko", daemon=None, pushed=None)])
    assert (figure.daemon_memory, figure.pushed) == (None, None)
    assert figure.cpu == 2.0


def test_runs_of_different_cases_are_not_mixed():
    runs = [run(1.0), run(2.0, "ko"), run(3.0, scenario="cold"), run(4.0, setting=Setting(("linux/amd64",), 1))]  # fmt: skip
    assert [figure.seconds for figure in figures(runs)] == [1.0, 2.0, 3.0, 4.0]


def test_a_ratio_is_to_the_best_dockerfile_of_the_same_scenario_and_setting():
    found = figures(
        [run(2.0), run(3.0, "pipeline"), run(8.0, scenario="cold"), run(4.0, "ko", "cold")]
    )
    told = {(f.case.rival, f.case.scenario): ratio(f, found) for f in found}
    assert told == {
        ("cross", "edited"): 1.0,
        ("pipeline", "edited"): 1.5,
        ("cross", "cold"): 1.0,
        ("ko", "cold"): 0.5,
    }


def test_there_is_no_ratio_without_the_reference():
    found = figures([run(3.0, "pipeline")])
    assert ratio(found[0], found) is None
    assert find(found, "cross", "edited", MAIN) is None


@pytest.mark.parametrize(("rival", "seconds"), [("cross", 3.0), ("emulated", 60.0), ("ko", None)])
def test_the_step_that_compiles_counts_where_the_foreign_platform_is_alone(rival, seconds):
    runs = [
        run(9.0, "cross", "cold", COMPILING, compiling=2.0),
        run(9.0, "cross", "cold", COMPILING, compiling=4.0),
        run(9.0, "emulated", "cold", COMPILING, compiling=60.0),
        run(9.0, "cross", "cold", MAIN, compiling=50.0),
        run(9.0, "ko", "cold", COMPILING),
    ]
    assert compile_seconds(runs, rival) == seconds
