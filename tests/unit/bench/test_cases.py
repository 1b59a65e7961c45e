import pytest

from bench.cases import COMPILING, MAIN, QUICK, SCENARIOS, Setting, chosen, every


def test_every_rival_is_measured_in_every_scenario_but_those_that_say_one_thing():
    measured = {(c.rival, c.scenario) for c in every(5) if c.setting == MAIN and c.rival in QUICK}
    assert measured == {(rival, scenario) for rival in QUICK for scenario in SCENARIOS}
    others = [(c.rival, c.scenario, c.setting) for c in every(5) if c.rival not in QUICK]
    assert others == [
        ("emulated", "cold", COMPILING),
        ("dagger-nothing", "unchanged", MAIN),
    ]


def test_the_foreign_platform_is_compiled_for_before_others_have_anything_cached():
    first = [(c.rival, c.scenario, c.setting) for c in every(5)][:2]
    assert first == [(name, "cold", COMPILING) for name in ("cross", "emulated")]


def test_every_case_is_measured_once_in_a_run():
    cases = [(case.rival, case.scenario, case.setting) for case in every(5)]
    assert len(cases) == len(set(cases))


def test_what_is_slow_is_repeated_less_often():
    often = {(c.rival, c.scenario, c.setting): c.repeats for c in every(5)}
    assert often["pipeline", "unchanged", MAIN] == 5
    assert often["pipeline", "cold", MAIN] == 3
    assert often["emulated", "cold", COMPILING] == 1
    assert often["cross", "cold", COMPILING] == 3
    assert often["ko", "edited", Setting(MAIN.platforms, 4)] == 3
    assert often["ko", "edited", Setting(MAIN.platforms, 16)] == 1
    assert {case.repeats for case in every(1)} == {1}


def test_one_two_and_four_platforms_and_one_four_and_sixteen_applications_are_measured():
    for rival in QUICK:
        edited = [c.setting for c in every(5) if (c.rival, c.scenario) == (rival, "edited")]
        sizes = {(len(setting.platforms), setting.apps) for setting in edited}
        assert sizes == {(2, 1), (1, 1), (4, 1), (2, 4), (2, 16)}


def test_words_of_one_kind_are_alternatives_and_of_two_kinds_are_both_needed():
    found = chosen(every(5), ["ko", "cross", "cold", "2-platforms"])
    assert {(c.rival, c.scenario, c.setting) for c in found} == {
        ("ko", "cold", MAIN),
        ("cross", "cold", MAIN),
    }


def test_without_words_all_are_chosen():
    assert chosen(every(5), []) == every(5)


def test_the_foreign_platform_alone_is_chosen_with_one_platform():
    found = chosen(every(5), ["emulated", "1-platform"])
    assert {case.setting for case in found} == {COMPILING}


def test_a_word_that_no_case_has_is_refused():
    with pytest.raises(ValueError, match=r"^--only 'warm' is not known: expected some of cross, "):
        chosen(every(5), ["warm"])
