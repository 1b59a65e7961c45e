from bench.cases import COMPILING, MAIN, Setting
from bench.figures import figures
from bench.plots import Dot, Line, by_apps, by_platforms, dots, draw
from tests.unit.bench.examples import run

ONE = Setting(MAIN.platforms[:1], 1)
FOUR_APPS = Setting(MAIN.platforms, 4)


def test_dots_are_medians_with_spreads_of_the_usual_setting():
    found = figures(
        [
            run(3.0, "ko"),
            run(1.0),
            run(2.0),
            run(6.0),
            run(9.0, setting=ONE),
            run(9.0, "ko", "cold"),
        ]
    )
    assert dots(found, "edited") == [Dot("cross", 2.0, 1.0, 6.0), Dot("ko", 3.0, 3.0, 3.0)]


def test_lines_go_by_the_number_of_platforms_and_leave_out_the_foreign_one_alone():
    found = figures(
        [
            run(2.0),
            run(1.0, setting=ONE),
            run(7.0, setting=COMPILING),
            run(5.0, setting=FOUR_APPS),
            run(3.0, "ko"),
        ]
    )
    # ko has one point, which shows no growth
    assert by_platforms(found, "edited") == [Line("cross", (1, 2), (1.0, 2.0))]


def test_lines_go_by_the_number_of_applications():
    found = figures([run(5.0, setting=FOUR_APPS), run(2.0), run(1.0, setting=ONE)])
    assert by_apps(found, "edited") == [Line("cross", (1, 4), (2.0, 5.0))]


def test_without_figures_of_the_usual_setting_no_picture_is_left(tmp_path):
    path = tmp_path / "benchmarks.png"
    path.write_bytes(b"of an earlier run")
    draw(figures([run(1.0, setting=ONE)]), path)
    assert not path.exists()
