"""Ports that an image's configuration exposes."""

from __future__ import annotations

from buildkit_engine.model.ports import Port, exposed


def test_ports_are_those_of_the_configuration_with_what_is_known_of_them():
    known = Port(80, description="web")
    assert exposed(("443/tcp", "53/udp", "80/tcp"), (known, Port(81))) == [
        Port(443),
        Port(53, "UDP"),
        known,
    ]


def test_what_is_no_port_is_left_out():
    assert exposed(("80-90/tcp", "80", "80/sctp"), ()) == []
