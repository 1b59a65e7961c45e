"""Healthchecks in an image's configuration."""

from __future__ import annotations

import pytest

from buildkit_engine.model.config import ImageConfig
from buildkit_engine.model.healthcheck import HealthcheckConfig

RAW = {"Test": ["CMD", "true"], "Interval": 1, "StartInterval": 2, "Retries": 3}


def test_a_healthcheck_is_read_and_written_as_it_is():
    check = HealthcheckConfig.parse(RAW)
    assert check == HealthcheckConfig(("true",), interval=1, start_interval=2, retries=3)
    assert check.as_json() == RAW


def test_a_shells_healthcheck_is_one_word():
    raw = {"Test": ["CMD-SHELL", "exit 1"]}
    check = HealthcheckConfig.parse(raw)
    assert check
    assert (check.shell, check.args, check.as_json()) == (True, ("exit 1",), raw)


@pytest.mark.parametrize("raw", [None, {}, {"Test": []}, {"Test": ["NONE"]}])
def test_there_may_be_none(raw):
    assert HealthcheckConfig.parse(raw) is None


def test_a_configuration_keeps_what_is_beside_it():
    config = ImageConfig.parse({"StopSignal": "INT", "Healthcheck": RAW})
    assert config.other("Healthcheck") == RAW
    assert config.with_other("Healthcheck", None).as_json() == {"StopSignal": "INT"}
    assert config.with_other("Healthcheck", {"Test": ["NONE"]}).other("Healthcheck") == {
        "Test": ["NONE"]
    }
