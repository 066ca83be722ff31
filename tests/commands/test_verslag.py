"""``verslag``: what was handed in, and why rows were rejected (contracten §2)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.steps.verwerking import Opslag
from include.storage import audit_log
from tests.commands.hulp import eis_een_regel, eis_niemand
from tests.dags.wereld import ALFA, GAMMA


def test_lists_every_delivery_and_names_nobody(bidn: Callable[..., Any], gepubliceerd: Opslag) -> None:
    resultaat = bidn("verslag", "--organisatie", GAMMA)
    assert resultaat.exit_code == 0
    assert "afgekeurd" in resultaat.stdout
    eis_niemand(resultaat.output)


def test_writes_out_which_cell_of_which_line_is_wrong(
    bidn: Callable[..., Any], gepubliceerd: Opslag, tmp_path: Path
) -> None:
    bidn("verslag", "--organisatie", ALFA, "--ronde", "2026-10", "--uit", tmp_path)
    map_ = tmp_path / "2026-10" / "gemeente-alfa" / "levering-1"
    tekst = (map_ / "verwerkingsverslag.csv").read_bytes().decode("utf-8-sig")
    [rij] = csv.DictReader(io.StringIO(tekst), delimiter=";")
    # The third line of alfa.csv holds 123456789, which is no BSN.
    assert (rij["Regel"], rij["Kolom"], rij["Foutcode"], rij["Waarde"]) == ("3", "D", "V053", "123456789")
    samenvatting = json.loads((map_ / "verwerkingsverslag.json").read_bytes())
    assert (samenvatting["status"], samenvatting["rijen_afgekeurd"]) == ("deels incorrect", 1)


def test_fetching_one_is_entered_in_the_logboek(
    bidn: Callable[..., Any], gepubliceerd: Opslag, tmp_path: Path
) -> None:
    bidn("verslag", "--organisatie", ALFA, "--uit", tmp_path)
    with gepubliceerd.database.reading() as sessie:
        namen = [regel.naam for regel in audit_log.entries(sessie)]
    assert namen.count("verslag-ophalen") == 1


def test_an_unknown_organisation_is_one_line(bidn: Callable[..., Any], gepubliceerd: Opslag) -> None:
    eis_een_regel(bidn("verslag", "--organisatie", "Niemand"), "organisation Niemand is not registered")


def test_a_ronde_that_cannot_be_is_not_one_without_deliveries(
    bidn: Callable[..., Any], gepubliceerd: Opslag
) -> None:
    eis_een_regel(bidn("verslag", "--organisatie", ALFA, "--ronde", "2026-9"), "'2026-9' is not a ronde")
