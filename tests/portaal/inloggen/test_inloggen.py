"""Logging in over real HTTP: with a provider that behaves, and with one that does not."""

from __future__ import annotations

from tests.portaal.inloggen.conftest import ANNA, Browser, regels


def test_a_productbeheerder_logs_in_and_comes_where_they_wanted_to_be(browser: Browser, opslag):
    laatste = browser.log_in(pad="/inloggen?naar=/alleenverdieners/ophalen")
    assert laatste.json() == {"pad": "/alleenverdieners/ophalen", "naam": ANNA.naam}
    assert [regel.naam for regel in regels(opslag)] == ["inloggen"]
