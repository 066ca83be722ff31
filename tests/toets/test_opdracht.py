"""``toets … --toelichting BSN`` and ``--uitleg BSN``: printed to whoever asked, and to nobody else."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.mock_sources import mock_bronnen
from tests.toets.bouw import ANNA, BRAM, CARLA


def brp(bsn: int, geboren: str) -> str:
    return json.dumps(
        {
            "burgerservicenummer": f"{bsn:09d}",
            "naam": {"voorvoegsel": "", "geslachtsnaam": "Meer"},
            "geboorte": {"datum": geboren},
            "verblijfplaats": {
                "adresseerbaarObjectIdentificatie": f"0014{bsn:012d}",
                "functieAdres": {"code": "W"},
                "datumVan": "2015-06-01",
                "inOnderzoek": False,
            },
            "partners": [],
            "kinderen": [],
            "ouders": [],
            "opschortingBijhouding": None,
        }
    )


@pytest.fixture(scope="module")
def bronnen(tmp_path_factory):
    populatie = tmp_path_factory.mktemp("populatie")
    (populatie / "brp.jsonl").write_text(f"{brp(ANNA, '1980-03-17')}\n{brp(BRAM, '2015-01-01')}\n")
    with mock_bronnen(populatie) as url:
        yield url


@pytest.fixture
def toets(bronnen, tmp_path):
    vraagbestand = tmp_path / "vraag.csv"
    vraagbestand.write_text(f"0014;J;;{ANNA};;;;;;\n0014;J;;{BRAM};;;;;;\n0014;J;;{CARLA};te veel;;;;;\n")

    def run(*opties: str):
        opdracht = ["toets", "--ronde", "2026-09", "--organisatie", "Groningen", "--gemeentecodes", "0014"]
        opdracht += [
            "--vraagbestand",
            str(vraagbestand),
            "--bronnen",
            bronnen,
            "--uit",
            str(tmp_path / "uit"),
        ]
        return CliRunner().invoke(app, [*opdracht, "--rapportagedatum", "2026-10-05", *opties])

    return run


@pytest.mark.parametrize(
    ("bsn", "zin"),
    [
        (ANNA, "Belemmering: het inkomen € 0,00 is niet hoger dan nul (besluit B33)."),
        (BRAM, "Belemmering (besluit B22): Aanvrager jonger dan 18 jaar"),
    ],
)
def test_it_prints_the_steps_behind_one_outcome(toets, bsn, zin):
    uitkomst = toets("--toelichting", str(bsn))
    assert uitkomst.exit_code == 0
    assert f"Toelichting bij aanvrager {bsn} Meer\n" in uitkomst.output
    assert zin in uitkomst.output


@pytest.mark.parametrize(
    ("bsn", "zin"),
    [
        (ANNA, "- Wij vonden geen inkomen van u boven nul euro."),
        (BRAM, "- U was op 26 september 2026 jonger dan 18 jaar."),
    ],
)
def test_it_prints_what_a_citizen_can_be_told(toets, bsn, zin):
    uitkomst = toets("--uitleg", str(bsn))
    assert uitkomst.exit_code == 0
    assert f"burgerservicenummer {bsn}.\n" in uitkomst.output
    assert f"{zin}\n" in uitkomst.output


def test_both_can_be_asked_of_different_persons(toets):
    uitkomst = toets("--uitleg", str(ANNA), "--toelichting", str(BRAM))
    assert f"burgerservicenummer {ANNA}.\n" in uitkomst.output
    assert f"Toelichting bij aanvrager {BRAM} Meer\n" in uitkomst.output


def test_it_is_neither_stored_nor_logged(toets, tmp_path: Path, caplog):
    with caplog.at_level(logging.DEBUG):
        toets("--toelichting", str(ANNA), "--uitleg", str(ANNA))
    assert sorted(bestand.name for bestand in (tmp_path / "uit").iterdir()) == [
        "detail.xml",
        "overzicht.csv",
        "verwerkingsverslag.csv",
        "verwerkingsverslag.json",
    ]
    assert "Toelichting" not in (tmp_path / "uit" / "detail.xml").read_text()
    assert str(ANNA) not in caplog.text


def test_without_the_option_nothing_is_printed_about_a_person(toets):
    uitkomst = toets()
    assert uitkomst.exit_code == 0
    assert "Toelichting" not in uitkomst.output
    assert "Uitleg" not in uitkomst.output
    assert str(ANNA) not in uitkomst.output


@pytest.mark.parametrize("optie", ["--toelichting", "--uitleg"])
@pytest.mark.parametrize(
    ("getypt", "melding"),
    [
        (str(CARLA), "not the aanvrager of a valid row"),
        ("999990019", "not the aanvrager of a valid row"),
        ("12345", "8 or 9 digits"),
        ("99990001a", "8 or 9 digits"),
    ],
    ids=["a rejected row", "not in the file", "too short", "not a number"],
)
def test_somebody_it_cannot_explain_is_one_line_that_does_not_repeat_the_bsn(toets, optie, getypt, melding):
    uitkomst = toets(optie, getypt)
    assert uitkomst.exit_code == 2
    assert melding in uitkomst.stderr
    assert optie in uitkomst.stderr
    assert len(uitkomst.stderr.strip().splitlines()) == 1
    assert getypt not in uitkomst.output
