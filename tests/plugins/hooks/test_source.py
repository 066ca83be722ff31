"""The hooks: from an Airflow connection, however it is written, to a client that asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bidn_operators.hooks.bronnen import (
    ALLEENVERDIENERS,
    BelastingdienstHook,
    BijstandHook,
    Bronhook,
    BrpHook,
    RdwHook,
    UwvHook,
)
from include.bronnen.traffic import Grenzen
from include.errors import BronWeigering, InstallatieFout
from include.mock_sources import Beheer, mock_bronnen

BSNS = np.array([999900006, 999900018])
PEILDATUM = date(2026, 9, 26)
HOOKS: list[type[Bronhook]] = [BrpHook, UwvHook, BelastingdienstHook, RdwHook, BijstandHook]


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Sources that know nobody."""
    with mock_bronnen(tmp_path_factory.mktemp("populatie")) as url:
        yield url


@pytest.fixture
def connections(mock: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The five connections, as a deployment sets them."""
    host, port = mock.removeprefix("http://").split(":")
    waarde = {"conn_type": "http", "schema": "http", "host": host, "port": int(port), "password": "token"}
    for hook in HOOKS:
        monkeypatch.setenv(f"AIRFLOW_CONN_{hook.default_conn_name.upper()}", json.dumps(waarde))
    return mock


def _client_van(monkeypatch: pytest.MonkeyPatch, verbinding: str | dict[str, object]) -> object:
    tekst = verbinding if isinstance(verbinding, str) else json.dumps(verbinding)
    monkeypatch.setenv("AIRFLOW_CONN_BRON_BRP", tekst)
    return BrpHook().get_conn()


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
    assert _client_van(monkeypatch, connection).basis_url == basis_url  # type: ignore[attr-defined]


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
        BrpHook().get_conn()


@pytest.mark.parametrize("as_text", [True, False], ids=["in a URI", "in JSON"])
def test_the_extra_sets_the_limits(monkeypatch: pytest.MonkeyPatch, as_text: bool) -> None:
    extra = {
        "batchgrootte": 100, "gelijktijdig": 2, "pogingen": 1, "timeout": 7.5, "timeout_verbinden": 3,
        "timeout_antwoord": 30,
    }  # fmt: skip
    uri = "http://:t@b?" + "&".join(f"{naam}={waarde}" for naam, waarde in extra.items())
    volledig = {"conn_type": "http", "host": "b", "password": "t", "extra": extra}
    client = _client_van(monkeypatch, uri if as_text else volledig)
    assert client.grenzen == Grenzen(  # type: ignore[attr-defined]
        batchgrootte=100, gelijktijdig=2, pogingen=1, lezen=7.5, verbinden=3.0, antwoordtijd=30.0
    )


def test_a_ca_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import certifi

    bestand = tmp_path / "ca.pem"
    bestand.write_bytes(Path(certifi.where()).read_bytes())
    volledig = {"conn_type": "https", "host": "b", "password": "t", "extra": {"ca_bestand": str(bestand)}}
    assert _client_van(monkeypatch, volledig) is not None


@pytest.mark.parametrize("hook", HOOKS)
def test_trying_out_a_connection(connections: str, hook: type[Bronhook]) -> None:
    assert hook().test_connection() == (True, f"Source {hook.bron} answers at {connections}.")


@pytest.mark.parametrize("hook", HOOKS)
def test_trying_out_a_source_that_refuses(connections: str, hook: type[Bronhook]) -> None:
    with Beheer(connections) as beheer:
        beheer.storing(hook.bron, 403)
        goed, melding = hook().test_connection()
        beheer.herstel()
    assert not goed
    assert "HTTP 403 Forbidden" in melding


def test_every_question_reaches_its_endpoint_with_its_purpose(connections: str) -> None:
    with Beheer(connections) as beheer:
        beheer.wis_aanroepen()
        rijen = [
            BrpHook().vraag_brp(BSNS).num_rows,
            UwvHook().vraag_uwv(BSNS, date(2026, 6, 1), date(2026, 8, 31)).num_rows,
            BelastingdienstHook().vraag_vermogens(BSNS, 2025).num_rows,
            BelastingdienstHook().vraag_heffingskortingen(BSNS, 2025).num_rows,
            RdwHook().vraag_rdw(BSNS, PEILDATUM).num_rows,
            BijstandHook().vraag_bijstand(BSNS, PEILDATUM).num_rows,
        ]
        assert BelastingdienstHook(doelbinding=ALLEENVERDIENERS).leveringen() == []
        with pytest.raises(BronWeigering):
            BelastingdienstHook(doelbinding=ALLEENVERDIENERS).haal_levering("avd_2026_01")
        aanroepen = beheer.aanroepen()
    assert rijen == [2] * 6
    assert [(a["bron"], a["endpoint"], a["doelbinding"]) for a in aanroepen] == [
        ("brp", "adresvragen", "bijzondere-bijstand"),
        ("uwv", "inkomstenverhoudingen", "bijzondere-bijstand"),
        ("belastingdienst", "vermogens", "bijzondere-bijstand"),
        ("belastingdienst", "heffingskortingen", "bijzondere-bijstand"),
        ("rdw", "voertuigen", "bijzondere-bijstand"),
        ("bijstand", "uitkeringsverhoudingen", "bijzondere-bijstand"),
        ("alleenverdieners", "leveringen", "alleenverdieners"),
        ("alleenverdieners", "levering", "alleenverdieners"),
    ]


def test_one_hook_counts_what_it_asked_and_names_for_whom(connections: str) -> None:
    hook = BrpHook(betreft="Gemeente Testdam, ronde 2026-09")
    hook.vraag_brp(BSNS)
    hook.vraag_brp(BSNS[:1])
    assert (hook.client.statistiek.verzoeken, hook.client.statistiek.gevraagd) == (2, 3)
    with Beheer(connections) as beheer:
        beheer.storing("brp", 401)
        with pytest.raises(BronWeigering, match=r"^Gemeente Testdam, ronde 2026-09: source brp"):
            hook.vraag_brp(BSNS)
        beheer.herstel()


def test_another_connection_than_the_usual_one(connections: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BRP_PROEF", f"http://:t@{connections.removeprefix('http://')}")
    assert BrpHook("brp_proef").test_connection()[0]
