from __future__ import annotations

import pytest

from pipeline.errors import ConfigError
from pipeline.stamp import Stamp


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("-s -w", "-s -w"),
        ("-X main.version={version}", "-X main.version=1.2"),
        ("-X main.v={version}-{platform}", "-X main.v=1.2-linux/arm64"),
        ("-X main.revision={revision}", None),
    ],
)
def test_a_template_is_filled_or_left_out_where_it_has_no_value(template, filled):
    assert Stamp(version="1.2").fill(template, platform="linux/arm64") == filled


@pytest.mark.parametrize("created", ["yesterday", "2026-01-31", "2026-01-31T12:00:00"])
def test_a_time_that_is_not_rfc_3339_is_refused(created):
    with pytest.raises(ConfigError, match=f"^created '{created}' is not a time: expected RFC 3339"):
        Stamp(created=created)


def test_a_time_with_a_zone_is_accepted():
    assert Stamp(created="2026-01-31T12:00:00Z").created == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize("field", ["version", "revision"])
@pytest.mark.parametrize("value", ["1 2", "1'2", '1"2', "1\n2"])
def test_what_would_break_a_linker_flag_is_refused(field, value):
    with pytest.raises(ConfigError, match=f"^{field} .* holds a space or a quote"):
        Stamp(**{field: value})
