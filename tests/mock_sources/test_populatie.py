"""Malformed population files stop the start, saying where and not who; and the command that serves."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import httpx
import pytest

from include.mock_sources import PopulatieFout, maak_app
from tests.mock_sources.hulp import AUTO, persoon, schrijf

ANNA, BRAM = "999990019", "999990020"
GOED = json.dumps(persoon(ANNA))


@pytest.mark.parametrize(
    ("bestand", "inhoud", "melding"),
    [
        ("brp", "{", r"brp.jsonl line 1: .*truncated"),
        ("brp", f"{GOED}\n\nniet json\n", r"brp.jsonl line 3: JSON is malformed"),
        ("brp", f"{GOED}\n{GOED}\n", r"brp.jsonl line 2: .* already on line 1"),
        ("brp", json.dumps(persoon("99999001")), r"line 1: .*burgerservicenummer"),
        ("brp", json.dumps(persoon("99999001X")), r"line 1: .*burgerservicenummer"),
        ("brp", json.dumps(persoon(ANNA, geboorte={"datum": "17-3-1980"})), r"line 1: .*geboorte.datum"),
        ("brp", json.dumps(persoon(ANNA, geboorte={"datum": "1980-13"})), r"line 1: .*geboorte.datum"),
        ("brp", json.dumps(persoon(ANNA, geboorte={"datum": "1980-02-30"})), r"line 1: .*calendar.*geboorte"),
        ("brp", json.dumps(persoon(ANNA, geboorte={"datum": "0000"})), r"line 1: .*calendar.*geboorte"),
        ("brp", json.dumps(persoon(ANNA, kinderen=None)), r"line 1: Expected `array`.*kinderen"),
        ("brp", json.dumps(persoon(ANNA, adresvraagResultaat={"letter": "Q"})), r"line 1: .*letter"),
        (
            "uwv",
            json.dumps({"burgerservicenummer": ANNA, "inkomstenverhoudingen": None}),
            r"uwv.jsonl line 1: .*inkomstenverhoudingen",
        ),
        (
            "belastingdienst",
            json.dumps({"burgerservicenummer": ANNA, "verificatie": "misschien"}),
            r"belastingdienst.jsonl line 1: value not allowed - at `\$.verificatie`",
        ),
        (
            "belastingdienst",
            json.dumps({"burgerservicenummer": ANNA, "rekeningen": {"2025": None}}),
            r"line 1: .*rekeningen",
        ),
        (
            "rdw",
            json.dumps({"burgerservicenummer": ANNA, "voertuigen": [AUTO | {"massaLedigVoertuig": "zwaar"}]}),
            r"rdw.jsonl line 1: Expected `int`",
        ),
        (
            "rdw",
            json.dumps({"burgerservicenummer": ANNA, "voertuigen": [AUTO | {"merk": None}]}),
            r"line 1: .*merk",
        ),
        (
            "rdw",
            json.dumps({"burgerservicenummer": ANNA, "voertuigen": [AUTO | {"kenteken": " "}]}),
            r"line 1: .*kenteken",
        ),
        (
            "rdw",
            json.dumps({"burgerservicenummer": ANNA, "voertuigen": [AUTO | {"massaLedigVoertuig": -1}]}),
            r"line 1: .*massaLedigVoertuig",
        ),
        (
            "belastingdienst",
            json.dumps(
                {
                    "burgerservicenummer": ANNA,
                    "heffingskortingen": {"2025": [{"code": "AHK", "bedrag": 10**13 + 1}]},
                }
            ),
            r"line 1: .*bedrag",
        ),
        (
            "bijstand",
            json.dumps(
                {
                    "burgerservicenummer": ANNA,
                    "uitkeringen": [{"regeling": "XYZ", "datumAanvang": "2026-01-01"}],
                }
            ),
            r"line 1: value not allowed.*regeling",
        ),
        (
            "bijstand",
            json.dumps(
                {
                    "burgerservicenummer": ANNA,
                    "uitkeringen": [{"regeling": "PW", "datumAanvang": "2026-02-30"}],
                }
            ),
            r"bijstand.jsonl line 1: .*datumAanvang",
        ),
    ],
)
def test_a_malformed_line_is_named_by_file_line_and_reason(tmp_path, bestand, inhoud, melding):
    (tmp_path / f"{bestand}.jsonl").write_text(inhoud)
    with pytest.raises(PopulatieFout, match=melding) as fout:
        maak_app(tmp_path)
    gelekt = ["9999", "17-3-1980", "misschien", "zwaar", "X999XX", "Meer", "2026-02-30"]
    assert not [waarde for waarde in gelekt if waarde in str(fout.value)]
    assert "\n" not in str(fout.value)


def test_what_has_no_end_is_told_with_an_end_of_null(start, tmp_path):
    """The contract has the key in every answer; a line of the population may leave it out."""
    loopt = {"regeling": "PW", "datumAanvang": "2024-01-01"}
    liep = {"regeling": "IOAW", "datumAanvang": "2020-01-01", "datumEinde": "2023-12-31"}
    auto = {naam: waarde for naam, waarde in AUTO.items() if naam != "datumEindeAansprakelijkheid"}
    schrijf(
        tmp_path,
        bijstand=[{"burgerservicenummer": ANNA, "uitkeringen": [loopt, liep]}],
        rdw=[{"burgerservicenummer": ANNA, "voertuigen": [auto]}],
    )
    bronnen = start(tmp_path)
    bijstand = bronnen.antwoorden("/bijstand/uitkeringsverhoudingen", [ANNA], peildatum="2026-09-26")
    assert bijstand[ANNA]["uitkeringen"] == [loopt | {"datumEinde": None}, liep]
    rdw = bronnen.antwoorden("/rdw/voertuigen", [ANNA], peildatum="2026-09-26")
    assert rdw[ANNA]["voertuigen"] == [AUTO]


def test_invalid_utf8_is_malformed(tmp_path):
    (tmp_path / "brp.jsonl").write_bytes(GOED.replace("Meer", "M\xe9er").encode("latin-1"))
    with pytest.raises(PopulatieFout, match=r"brp.jsonl line 1"):
        maak_app(tmp_path)


def test_a_malformed_list_of_leveringen_stops_the_start(tmp_path):
    (tmp_path / "alleenverdieners").mkdir()
    (tmp_path / "alleenverdieners" / "leveringen.json").write_text('{"leveringen": [{"levering": "a/b"}]}')
    with pytest.raises(PopulatieFout, match=r"alleenverdieners/leveringen.json: .*levering"):
        maak_app(tmp_path)


@pytest.mark.parametrize("vorm", ["bom", "crlf", "no newline at the end"])
def test_how_the_lines_end_does_not_matter(start, tmp_path, vorm):
    inhoud = f"{GOED}\n{json.dumps(persoon(BRAM))}".encode()
    inhoud = {"bom": b"\xef\xbb\xbf" + inhoud, "crlf": inhoud.replace(b"\n", b"\r\n")}.get(vorm, inhoud)
    (tmp_path / "brp.jsonl").write_bytes(inhoud)
    antwoord = start(tmp_path).antwoorden("/brp/adresvragen", [ANNA])
    assert antwoord[ANNA]["personen"] == [persoon(ANNA), persoon(BRAM)]


def commando(*argumenten: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "include.mock_sources", *argumenten],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class TestCommando:
    def test_it_serves_until_it_is_stopped(self, tmp_path):
        with socket.socket() as vrij:
            vrij.bind(("127.0.0.1", 0))
            poort = str(vrij.getsockname()[1])
        with commando("--populatie", str(schrijf(tmp_path, brp=[persoon(ANNA)])), "--port", poort) as proces:
            assert proces.stdout.readline().startswith(f"mock sources on http://127.0.0.1:{poort} (brp 1,")
            client = httpx.Client(transport=httpx.HTTPTransport(retries=20))
            assert client.get(f"http://127.0.0.1:{poort}/gezond").json()["personen"]["brp"] == 1
            proces.terminate()
            assert proces.wait(timeout=10) is not None

    @pytest.mark.parametrize(
        ("reden", "verwacht"), [("malformed", "line 1"), ("missing", "no such"), ("port", "not free")]
    )
    def test_what_is_wrong_is_one_line_and_exit_2(self, tmp_path, reden, verwacht):
        poort = "0"
        with socket.socket() as bezet:
            bezet.bind(("127.0.0.1", 0))
            bezet.listen()
            if reden == "malformed":
                (tmp_path / "brp.jsonl").write_text(f'{{"burgerservicenummer": {ANNA}}}')
            if reden == "port":
                poort = str(bezet.getsockname()[1])
            map_ = tmp_path / "elders" if reden == "missing" else tmp_path
            proces = commando("--populatie", str(map_), "--port", poort)
            uit, fout = proces.communicate(timeout=20)
        assert proces.returncode == 2
        assert verwacht in fout
        assert len(fout.splitlines()) == 1
        assert "9999" not in uit + fout
