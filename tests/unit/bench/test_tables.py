import pytest

from bench.cases import MAIN, Setting
from bench.figures import figures
from bench.tables import megabytes, seconds, settings, table
from tests.unit.bench.examples import MB, run


def test_a_table_has_a_row_a_rival_and_scenario_in_their_usual_order():
    found = figures(
        [
            run(12.0, "ko", "edited", daemon=None),
            run(2.0, "cross", "edited"),
            run(4.0, "cross", "edited"),
            run(0.5, "cross", "unchanged", pushed=0),
            run(6.0, "pipeline", "edited", pushed=None),
            run(99.0, "cross", "edited", Setting(("linux/amd64",), 1)),
        ]
    )
    assert table(found, MAIN).splitlines() == [
        "| scenario | who | median | fastest to slowest | runs | by `cross` | CPU | client | daemon "
        "| pushed |",
        "| :-- | :-- | --: | --: | --: | --: | --: | --: | --: | --: |",
        "| unchanged | `cross` | 0.50 s | - | 1 | 1.00 | 0.38 s | 5.0 MB | 200 MB | 0.0 MB |",
        "| edited | `pipeline` | 6.00 s | - | 1 | 2.00 | 4.50 s | 60.0 MB | 200 MB | - |",
        "| edited | `cross` | 3.00 s | 2.00 s to 4.00 s | 2 | 1.00 | 2.25 s | 40.0 MB | 200 MB "
        "| 3.0 MB |",
        "| edited | `ko` | 12.0 s | - | 1 | 4.00 | 6.00 s | 120 MB | - | 3.0 MB |",
    ]


def test_settings_come_in_the_order_in_which_they_were_measured():
    one = Setting(("linux/amd64",), 1)
    found = figures([run(1.0), run(2.0, setting=one), run(3.0, "ko")])
    assert settings(found) == [MAIN, one]


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.1234, "0.12 s"), (9.994, "9.99 s"), (10.0, "10.0 s"), (123.45, "123.5 s")],
)
def test_seconds_have_the_digits_that_mean_something(value, told):
    assert seconds(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(None, "-"), (0, "0.0 MB"), (99 * MB, "99.0 MB"), (1234 * MB, "1234 MB")]
)
def test_sizes_are_in_megabytes(value, told):
    assert megabytes(value) == told
