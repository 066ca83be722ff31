"""``rapporten`` and ``detail``: what was published, and only to whom it belongs (contracten §3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.steps.registreren import kies_instellingen
from include.steps.verwerking import Opslag
from tests.commands.hulp import eis_een_regel, eis_niemand
from tests.dags.wereld import ALFA, ARM, BETA, GAMMA, ONBEKEND, RIJK
from tests.harness import take_until
from tests.steps.hulp import inhoud, versies, verwerking_van


def _rijen(tekst: str) -> list[list[str]]:
    return [[cel.strip() for cel in r.split("│")[1:-1]] for r in tekst.splitlines() if r.startswith("│")]


def test_nothing_published_yet(bidn: Callable[..., Any]) -> None:
    resultaat = bidn("rapporten")
    assert (resultaat.exit_code, resultaat.stdout) == (0, "Er is niets gepubliceerd.\n")


def test_lists_what_is_current(
    bidn: Callable[..., Any], gepubliceerd: Opslag, bronnen: SimpleNamespace
) -> None:
    kies_instellingen(gepubliceerd, ALFA, percentage=110)  # so that there is something new to publish
    take_until(gepubliceerd, verwerking_van(gepubliceerd, ALFA, "run-2"), bronnen.url)
    wanneer = ["2026-11-05", "2027-02-03"]
    alfa1 = [ALFA, "bijzondere-bijstand", "2026-10", "1", "2", *wanneer, "vervangen"]
    alfa2 = [ALFA, "bijzondere-bijstand", "2026-10", "2", "2", *wanneer, "actueel"]
    beta = [BETA, "bijzondere-bijstand", "2026-10", "1", "3", *wanneer, "actueel"]
    resultaat = bidn("rapporten")
    assert sorted(_rijen(resultaat.stdout)) == [alfa2, beta]
    eis_niemand(resultaat.output)
    assert sorted(_rijen(bidn("rapporten", "--alles").stdout)) == [alfa1, alfa2, beta]
    assert _rijen(bidn("rapporten", "--organisatie", BETA).stdout) == [beta]
    assert _rijen(bidn("rapporten", "--ronde", "2026-10", "--organisatie", ALFA).stdout) == [alfa2]
    for leeg in (["--ronde", "2026-09"], ["--organisatie", GAMMA]):
        assert bidn("rapporten", *leeg).stdout == "Er is niets gepubliceerd.\n"


def test_writes_out_what_was_published(
    bidn: Callable[..., Any], gepubliceerd: Opslag, tmp_path: Path
) -> None:
    uit = tmp_path / "leesbaar"
    resultaat = bidn("rapporten", "--organisatie", ALFA, "--uit", uit)
    folder = uit / "2026-10" / "gemeente-alfa" / "v1"
    assert [regel for regel in resultaat.stdout.splitlines() if regel.startswith(str(uit))] == [
        str(folder / "detail.xml"),
        str(folder / "overzicht.csv"),
    ]
    [publicatie] = versies(gepubliceerd, ALFA)
    assert {pad.name for pad in folder.iterdir()} == {"detail.xml", "overzicht.csv"}
    assert (folder / "overzicht.csv").read_bytes() == inhoud(gepubliceerd, publicatie, "overzicht")
    assert (folder / "detail.xml").read_bytes() == inhoud(gepubliceerd, publicatie, "detail")


def test_shows_the_detail_of_one_aanvrager(bidn: Callable[..., Any], gepubliceerd: Opslag) -> None:
    resultaat = bidn("detail", "--organisatie", ALFA, "--bsn", RIJK)
    assert resultaat.exit_code == 0
    regels = [regel.split(maxsplit=1) for regel in resultaat.stdout.splitlines()]
    assert resultaat.stdout.splitlines()[0] == f"{ALFA}, ronde 2026-10, versie 1"
    assert ["BSN", RIJK] in regels
    assert ["Leefvorm", "Gehuwd/samenwonend"] in regels
    assert ARM not in resultaat.stdout
    ook = bidn("detail", "--organisatie", ALFA, "--bsn", RIJK, "--ronde", "2026-10")
    assert ook.stdout == resultaat.stdout


@pytest.mark.parametrize(
    ("organisatie", "bsn", "meer", "woorden"),
    [
        (BETA, ARM, [], f"^GegevensFout: not found: {BETA} has no report about this BSN"),  # Alfa's
        (ALFA, ONBEKEND, [], f"not found: {ALFA}"),  # Beta's
        (ALFA, "999900031", [], "not found"),  # a partner, not an aanvrager
        (ALFA, "999999990", [], "not found"),  # nobody's
        (GAMMA, RIJK, [], "not found"),  # delivered, afgekeurd
        (ALFA, RIJK, ["--ronde", "2026-09"], "not found: .* in 2026-09"),
        (ALFA, RIJK, ["--ronde", "2026-9"], "^RondeFout: '2026-9' is not a ronde"),
        ("Gemeente Nergens", RIJK, [], "Gemeente Nergens is not registered"),
        (ALFA, "99990003", [], "not found"),  # eight digits: 099990003
        (ALFA, "9999000189", [], "^GegevensFout: that is not a BSN"),
        (ALFA, "99990001x", [], "^GegevensFout: that is not a BSN"),
        (ALFA, "", [], "^GegevensFout: that is not a BSN"),
    ],
)
def test_another_organisations_aanvrager_is_not_found(
    bidn: Callable[..., Any],
    gepubliceerd: Opslag,
    organisatie: str,
    bsn: str,
    meer: list[str],
    woorden: str,
) -> None:
    eis_een_regel(bidn("detail", "--organisatie", organisatie, "--bsn", bsn, *meer), woorden)


@pytest.mark.parametrize(
    ("opties", "woorden"),
    [
        (["--organisatie", "Gemeente Nergens"], "Gemeente Nergens is not registered"),
        (["--ronde", "oktober"], "^RondeFout: 'oktober' is not a ronde"),
    ],
)
def test_a_list_of_what_cannot_be(bidn: Callable[..., Any], opties: list[str], woorden: str) -> None:
    eis_een_regel(bidn("rapporten", *opties), woorden)


@pytest.mark.parametrize(
    ("soort", "naam"),
    [("overzicht", "overzicht.csv"), ("manifest", "manifest.json"), ("index", "detail.index")],
)
def test_a_damaged_file_is_noticed_and_keeps_no_other_from_its_reader(
    bidn: Callable[..., Any], gepubliceerd: Opslag, installatie: Path, tmp_path: Path, soort: str, naam: str
) -> None:
    [publicatie] = versies(gepubliceerd, ALFA)
    pad = installatie / "opslag" / publicatie.bestand(soort).sleutel
    pad.write_bytes(pad.read_bytes()[:-1] + b"?")
    uit = tmp_path / "uit"
    resultaat = bidn("rapporten", "--uit", uit)
    assert resultaat.exit_code == 2
    welk, samen = resultaat.stderr.splitlines()
    assert welk.startswith(f"{ALFA}, 2026-10, version 1, {naam}: ")
    assert samen == "ControleFout: 1 file could not be read, see above; all other reports were written out"
    alle = {
        f"2026-10/{wie}/v1/{wat}"
        for wie in ("gemeente-alfa", "regeling-beta")
        for wat in ("detail.xml", "overzicht.csv")
    }
    beschadigd = {"2026-10/gemeente-alfa/v1/overzicht.csv"} if soort == "overzicht" else set()
    assert {str(een.relative_to(uit)) for een in uit.rglob("*.*")} == alle - beschadigd
    eis_niemand(resultaat.output)
