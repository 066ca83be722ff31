"""Hostile input: XML that reaches outside itself, names that lead elsewhere, cells that a spreadsheet would run."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.commands import rapporten, toets
from include.errors import BestandFout, ControleFout, GegevensFout
from include.rapportage.detail import OPENING
from include.rapportage.detail_lezen import valideer
from include.rapportage.opzoeken import maak_index, zoek
from include.steps.registreren import lees_inschrijvingen

BOM = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE x [%s]>\n'
ENTITEITEN = [
    pytest.param(b'<!ENTITY a SYSTEM "file:///etc/passwd">', id="file"),
    pytest.param(b'<!ENTITY a SYSTEM "http://127.0.0.1:9/x">', id="network"),
    pytest.param(b'<!ENTITY %% a SYSTEM "http://127.0.0.1:9/x"> %%a;', id="parameter entity"),
    pytest.param(
        b'<!ENTITY a0 "x">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)),
        id="a thousand million laughs",
    ),
]


@pytest.mark.parametrize("entiteit", ENTITEITEN)
def test_a_report_with_a_doctype_is_refused_before_it_is_parsed(entiteit):
    rest = OPENING.split(b"?>", 1)[1]
    with pytest.raises(ControleFout, match="does not begin as ours do"):
        valideer(io.BytesIO(BOM % entiteit + rest + b"&a;"))


@pytest.mark.parametrize("stuk", [b"<Aanvraag>&a;</Aanvraag>", b"<!DOCTYPE x><Aanvraag/>", b"<Aanvraag>"])
def test_a_look_up_expands_nothing(stuk):
    import numpy as np

    index = maak_index(np.array([999900018]), np.array([0, len(stuk)]))
    with pytest.raises(ControleFout):
        zoek(index, io.BytesIO(stuk), 999900018)


@pytest.mark.parametrize(
    "naam", ["../../etc", "/etc/passwd", "..", "a/b\\c", "C:\\x", "\0", "~root", "CON", "a\nb", "é" * 150]
)
def test_the_name_of_an_organisation_leads_nowhere(tmp_path: Path, monkeypatch, naam: str):
    class Bestand(SimpleNamespace):
        soort, naam = "overzicht", "overzicht.csv"

    publicatie: Any = SimpleNamespace(
        ronde="2026-09",
        versie=1,
        organisatie=SimpleNamespace(naam=naam, id=7),
        bestanden=[Bestand()],
        manifest={"periode": "2026-09"},
    )
    monkeypatch.setattr(rapporten, "haal_op", lambda *_: b"x")
    uit = tmp_path / "uit"
    [pad] = rapporten.schrijf_uit(None, publicatie, uit)  # type: ignore[arg-type]
    assert pad.resolve().is_relative_to(uit.resolve())
    assert len(pad.relative_to(uit).parts) == 4
    assert [gevonden.name for gevonden in tmp_path.iterdir()] == ["uit"]


def test_no_two_organisations_share_a_folder():
    """They are told apart by name, to the letter; where a folder cannot hold that, by number."""
    namen = ["Gemeente A B", "Gemeente A-B", "Gemeente A, B", "gemeente a b", "A" * 130, "A" * 131, "…", "!"]
    register: list[Any] = [SimpleNamespace(naam=naam, id=nummer) for nummer, naam in enumerate(namen)]
    mappen = [rapporten.mapnaam(organisatie) for organisatie in register]
    assert mappen[0] == "gemeente-a-b"
    assert len({map_.casefold() for map_ in mappen}) == len(namen)
    assert all(len(map_.encode()) < 255 for map_ in mappen)


def test_no_two_leveringen_share_a_folder():
    """The Belastingdienst names them as it likes; a folder that another levering filled would hide its list."""
    namen = [
        "avd_2026_01",
        "avd 2026_01",
        "avd/2026_01",
        "AVD_2026_01",
        "../avd_2026_01",
        "a" * 130,
        "a" * 131,
    ]
    mappen = [rapporten.periodemap(naam) for naam in namen]
    assert mappen[0] == "avd_2026_01"
    assert len({map_.casefold() for map_ in mappen}) == len(namen)
    assert all(re.fullmatch(r"[\w.-]{1,254}", map_) and not map_.startswith(".") for map_ in mappen)
    assert rapporten.periodemap("2026-09") == "2026-09"


@pytest.mark.parametrize(
    "tekst",
    ["!!python/object/apply:os.system ['true']", "organisaties: !!python/name:os.system", "&a [*a]", "\t- x"],
)
def test_yaml_of_organisations_runs_nothing(tmp_path: Path, tekst: str):
    (tmp_path / "o.yaml").write_text(tekst, encoding="utf-8")
    with pytest.raises(GegevensFout):
        lees_inschrijvingen(tmp_path / "o.yaml")


def test_a_file_without_an_end_is_not_read_to_it(monkeypatch):
    monkeypatch.setattr(toets, "MEESTE_BYTES", 2_000_000)
    with pytest.raises(BestandFout, match=r"^/dev/zero is larger than 2 MB: that is no vraagbestand$"):
        toets.lees_bestand(Path("/dev/zero"))


def test_every_reader_of_xml_is_closed():
    """Without network, and without a document type but our own XSD: also those that are written tomorrow."""
    gevonden = []
    for pad in (Path(__file__).parents[1] / "include").rglob("*.py"):
        tekst = pad.read_text(encoding="utf-8")
        assert not re.search(
            r"^\s*(?:import|from) xml\b|etree\.(?:HTML|XML|XMLID|iterparse)\(", tekst, re.MULTILINE
        ), pad
        gevonden += re.findall(r"etree\.(?:XMLParser|XMLPullParser|parse|fromstring)\(.*", tekst)
    assert len(gevonden) == 4
    for aanroep in gevonden:
        assert "no_network=True" in aanroep or aanroep.endswith((", lezer)", "parse(XSD))")), aanroep
