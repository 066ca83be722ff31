"""The hook of the sources: from an Airflow connection, however it is written, to a client that asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bidn_operators.hooks.source import SourceHook
from include.bronnen.alleenverdieners import haal_levering, leveringen
from include.bronnen.client import Bronclient
from include.bronnen.traffic import Grenzen
from include.errors import BronWeigering, InstallatieFout
from include.mock_sources import Beheer, mock_bronnen
from include.normen import laden
from include.pipeline import BELASTINGDIENST, BRP, SOURCES, Source
from include.schemas.domein import Product
from tests.bronnen.hulp import vraag_brp
from tests.harness import connections

BSNS = [999900006, 999900018]


def client_of(
    source: Source, doelbinding: str = Product.BIJZONDERE_BIJSTAND, betreft: str = ""
) -> Bronclient:
    return SourceHook(source, doelbinding=doelbinding, betreft=betreft).get_conn()


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Sources that know nobody."""
    with mock_bronnen(tmp_path_factory.mktemp("populatie")) as url:
        yield url


@pytest.fixture
def sources(mock: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where they are; with the connections to them, as a deployment sets these."""
    for naam, waarde in connections(mock).items():
        monkeypatch.setenv(naam, waarde)
    return mock


def _client_van(monkeypatch: pytest.MonkeyPatch, verbinding: str | dict[str, object]) -> Bronclient:
    tekst = verbinding if isinstance(verbinding, str) else json.dumps(verbinding)
    monkeypatch.setenv("AIRFLOW_CONN_BRON_BRP", tekst)
    return client_of(BRP)


@pytest.mark.parametrize(
    ("connection", "basis_url"),
    [
        ("http://:token@127.0.0.1:8500", "http://127.0.0.1:8500"),
        ("https://:token@bron.example", "https://bron.example"),
        ("http://:token@bron.example/https", "https://bron.example"),
        ("https://:token@bron.example:8443/api", "https://bron.example:8443/api"),
        ("https://:token@bron.example/gateway%2Fv1", "https://bron.example/gateway/v1"),
        ({"conn_type": "http", "host": "bron.example", "password": "t"}, "http://bron.example"),
        ({"conn_type": "http", "host": "b", "schema": "https", "port": 1, "password": "t"}, "https://b:1"),
        (
            {"conn_type": "http", "host": "https://bron.example/v1/", "password": "t"},
            "https://bron.example/v1",
        ),
        ({"conn_type": "generic", "host": "http://127.0.0.1:8500", "password": "t"}, "http://127.0.0.1:8500"),
    ],
)
def test_where_a_connection_points(
    monkeypatch: pytest.MonkeyPatch, connection: str | dict[str, object], basis_url: str
) -> None:
    assert _client_van(monkeypatch, connection).basis_url == basis_url


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ("http://127.0.0.1:8500", "Source brp: no usable token"),
        ({"conn_type": "http", "password": "t"}, "Source brp: its address is not of the form"),
        (
            {"conn_type": "generic", "host": "b", "password": "t"},
            "Source brp: its address is not of the form",
        ),
        ("http://:t@b?timeot=5", "unknown in its extra: timeot; known are batchgrootte"),
        ("http://:t@b?timeout=lang", "Connection bron_brp: a value in its extra is not a number"),
        ("http://:t@b?batchgrootte=251", "batchgrootte 1-250"),
        ("http://:t@b?ca_bestand=/nergens/ca.pem", "ca_bestand cannot be read"),
    ],
)
def test_a_connection_that_is_none(
    monkeypatch: pytest.MonkeyPatch, connection: str | dict[str, object], words: str
) -> None:
    with pytest.raises(InstallatieFout, match=words):
        _client_van(monkeypatch, connection)


def test_a_connection_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_BRON_BRP", raising=False)
    with pytest.raises(InstallatieFout, match=r"^Connection bron_brp is not there, .* AIRFLOW_CONN_BRON_BRP"):
        client_of(BRP)


@pytest.mark.parametrize("as_text", [True, False], ids=["in a URI", "in JSON"])
def test_the_extra_sets_the_limits(monkeypatch: pytest.MonkeyPatch, as_text: bool) -> None:
    extra = {
        "batchgrootte": 100, "gelijktijdig": 2, "pogingen": 1, "timeout": 7.5, "timeout_verbinden": 3,
        "timeout_antwoord": 30,
    }  # fmt: skip
    uri = "http://:t@b?" + "&".join(f"{naam}={waarde}" for naam, waarde in extra.items())
    volledig = {"conn_type": "http", "host": "b", "password": "t", "extra": extra}
    client = _client_van(monkeypatch, uri if as_text else volledig)
    assert client.grenzen == Grenzen(
        batchgrootte=100, gelijktijdig=2, pogingen=1, lezen=7.5, verbinden=3.0, antwoordtijd=30.0
    )


def test_a_ca_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import certifi

    bestand = tmp_path / "ca.pem"
    bestand.write_bytes(Path(certifi.where()).read_bytes())
    volledig = {"conn_type": "https", "host": "b", "password": "t", "extra": {"ca_bestand": str(bestand)}}
    assert _client_van(monkeypatch, volledig) is not None


def test_every_question_reaches_its_endpoint_with_its_purpose(sources: str) -> None:
    ronde = laden.ronde("2026-09")
    with Beheer(sources) as beheer:
        beheer.wis_aanroepen()
        for source in SOURCES:
            for vraag in source.questions:
                antwoord = client_of(source).vraag(vraag.endpoint, BSNS, **vraag.criteria(ronde))
                assert antwoord.num_rows == 2
        belastingdienst = client_of(BELASTINGDIENST, Product.ALLEENVERDIENERS)
        assert leveringen(belastingdienst) == []
        with pytest.raises(BronWeigering):
            haal_levering(belastingdienst, "avd_2026_01")
        aanroepen = beheer.aanroepen()
    assert [(a["bron"], a["endpoint"], a["doelbinding"]) for a in aanroepen] == [
        ("brp", "adresvragen", "bijzondere-bijstand"),
        ("bijstand", "uitkeringsverhoudingen", "bijzondere-bijstand"),
        ("uwv", "inkomstenverhoudingen", "bijzondere-bijstand"),
        ("belastingdienst", "vermogens", "bijzondere-bijstand"),
        ("belastingdienst", "heffingskortingen", "bijzondere-bijstand"),
        ("rdw", "voertuigen", "bijzondere-bijstand"),
        ("alleenverdieners", "leveringen", "alleenverdieners"),
        ("alleenverdieners", "levering", "alleenverdieners"),
    ]


def test_a_client_counts_what_it_asked_and_names_for_whom(sources: str) -> None:
    client = client_of(BRP, betreft="Gemeente Testdam, ronde 2026-09")
    vraag_brp(client, BSNS)
    vraag_brp(client, BSNS[:1])
    assert (client.statistiek.verzoeken, client.statistiek.gevraagd) == (2, 3)
    with Beheer(sources) as beheer:
        beheer.storing("brp", 401)
        with pytest.raises(BronWeigering, match=r"^Gemeente Testdam, ronde 2026-09: source brp"):
            vraag_brp(client, BSNS)
        beheer.herstel()
