"""The leveringen of the doelgroepselectielijst: announced, fetched, compared to the byte."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from types import SimpleNamespace

import pytest

from include.bronnen import alleenverdieners
from include.errors import BronAntwoordFout, BronWeigering, GegevensFout
from include.schemas.bronberichten import AangekondigdeLevering
from tests.bronnen.hulp import BSNS, Verzoek, client, stub

LEVERING = {
    "levering": "avd_2026_01",
    "lijstjaar": 2026,
    "aangemaakt": "2026-03-02",
    "aantal": 812,
    "sha256": "0" * 64,
}


def test_what_is_announced_and_fetched(bronnen: SimpleNamespace) -> None:
    bron = client(bronnen.url, bron="belastingdienst")
    (levering,) = alleenverdieners.leveringen(bron)
    assert (levering["levering"], levering["aantal"]) == ("avd_2026_01", 1)
    assert levering["aangemaakt"] == date(2026, 3, 2)
    inhoud = alleenverdieners.haal_levering(bron, levering["levering"])
    assert inhoud == f"BSN;Gemeentecode\r\n{BSNS[0]};0014\r\n".encode()
    alleenverdieners.controleer_bytes(levering, inhoud)


def test_a_levering_that_is_not_there(bronnen: SimpleNamespace) -> None:
    with pytest.raises(BronWeigering, match="HTTP 404"):
        alleenverdieners.haal_levering(client(bronnen.url), "avd_1999_01")


@pytest.mark.parametrize("fault", ["missing_bsn", "duplicate_bsn", "foreign_bsn"])
def test_other_bytes_than_announced(bronnen: SimpleNamespace, fault: str) -> None:
    bron = client(bronnen.url)
    (levering,) = alleenverdieners.leveringen(bron)
    bronnen.beheer.storing("alleenverdieners", fault, endpoint="levering")
    inhoud = alleenverdieners.haal_levering(bron, levering["levering"])
    with pytest.raises(GegevensFout, match=r"avd_2026_01 does not have the sha-256") as fout:
        alleenverdieners.controleer_bytes(levering, inhoud)
    assert str(BSNS[0]) not in str(fout.value)


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    levering = AangekondigdeLevering(
        levering="avd",
        lijstjaar=2026,
        aangemaakt=date(2026, 3, 2),
        aantal=0,
        sha256=hashlib.sha256(b"inhoud").hexdigest().upper(),
    )
    alleenverdieners.controleer_bytes(levering, b"inhoud")
    with pytest.raises(GegevensFout):
        alleenverdieners.controleer_bytes(levering, b"Inhoud")


@pytest.mark.parametrize(
    "afwijking",
    [
        {"levering": "../../etc/passwd"},
        {"levering": ".."},
        {"levering": "a/b"},
        {"levering": ""},
        {"levering": "a\n"},
        {"aantal": -1},
        {"aantal": "812"},
        {"aantal": 812.5},
        {"sha256": "0" * 63},
        {"aangemaakt": "2026-02-30"},
        {"aangemaakt": "2026-03-02T10:00:00"},
        {"aangemaakt": 1772409600},
        {"lijstjaar": True},
    ],
)
def test_an_announcement_that_breaks_the_contract(afwijking: dict[str, object]) -> None:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.geef(json.dumps({"leveringen": [LEVERING, LEVERING | afwijking]}).encode())

    with (
        stub(antwoord) as server,
        pytest.raises(BronAntwoordFout, match=rf"leveringen.\*.{next(iter(afwijking))}"),
    ):
        alleenverdieners.leveringen(client(server.url))


def test_one_name_for_two_leveringen() -> None:
    with (
        stub(lambda v: v.geef(json.dumps({"leveringen": [LEVERING, LEVERING]}).encode())) as server,
        pytest.raises(BronAntwoordFout, match="two leveringen alleenverdieners under one name"),
    ):
        alleenverdieners.leveringen(client(server.url))


def test_a_name_is_one_step_of_a_path() -> None:
    with stub(lambda v: v.geef(b"", soort="text/csv")) as server:
        alleenverdieners.haal_levering(client(server.url), "a/../b?c")
    assert server.verzoeken[0].path == "/belastingdienst/alleenverdieners/a%2F..%2Fb%3Fc"
