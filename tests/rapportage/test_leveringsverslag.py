from __future__ import annotations

import csv
import io
import json
from datetime import date

from include.intake.selectielijst import beoordeel
from include.rapportage.leveringsverslag import KOLOMMEN, VOORBEELDEN, verslag_csv, verslag_json

KOP = "BSN;Gemeentecode\r\n"
A, B, SLECHT = "999990019", "999990032", "123456789"


def oordeel(*rijen: str, aantal: int | None = None):
    inhoud = KOP + "".join(f"{rij}\r\n" for rij in rijen)
    return beoordeel(
        inhoud.encode(), aangekondigd=len(rijen) if aantal is None else aantal, peildatum=date(2026, 3, 2)
    )


def lees(verslag: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(verslag.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_one_line_per_error_by_line() -> None:
    verslag = verslag_csv(oordeel(f"{A};0014", f"{SLECHT};9998", "x", f"{A};0014"))

    kop, *regels = lees(verslag)
    assert tuple(kop) == KOLOMMEN
    assert [regel[:4] for regel in regels] == [
        ["3", "A", "BSN", "S022"],
        ["3", "B", "Gemeentecode", "S032"],
        ["4", "*", "Rij", "S011"],
        ["5", "A", "BSN", "S042"],
    ]
    assert regels[0][4] == "Het BSN voldoet niet aan de elfproef."
    assert verslag.startswith(b"\xef\xbb\xbf")
    assert verslag.count(b"\r\n") == verslag.count(b"\n") == 5


def test_an_error_of_the_whole_levering_is_on_line_0() -> None:
    [_, regel] = lees(verslag_csv(beoordeel(b"x", aangekondigd=1, peildatum=date(2026, 3, 2))))

    # The sentence has a semicolon in it, and is one cell all the same.
    assert regel == [
        "0",
        "*",
        "Bestand",
        "S002",
        "De eerste regel is niet precies de kopregel BSN;Gemeentecode.",
    ]


def test_a_correct_levering_has_only_the_header() -> None:
    assert lees(verslag_csv(oordeel(f"{A};0014"))) == [list(KOLOMMEN)]


def test_the_summary_counts_and_names_lines() -> None:
    uit = json.loads(
        verslag_json(
            oordeel(f"{A};0003", f"{SLECHT};0014", f"{A};1979", f"{SLECHT};1979"), {"levering": "avd"}
        )
    )

    assert uit == {
        "levering": "avd",
        "status": "deels incorrect",
        "rijen_gelezen": 4,
        "rijen_geaccepteerd": 1,
        "rijen_afgewezen": 2,
        "rijen_dubbel": 1,
        "heringedeeld": {"0003": 1},
        "fouten_per_code": {"S022": 2, "S042": 1},
        "regels_per_code": {"S022": [3, 5], "S042": [4]},
    }


def test_neither_names_anybody() -> None:
    slecht = oordeel(f"{A};0014", f"{SLECHT};0014", f"{B};0014", f"{B};1979", f"{A};0014", aantal=9)
    tekst = verslag_csv(slecht).decode() + verslag_json(slecht).decode()

    assert not any(bsn in tekst for bsn in (A, B, SLECHT))


def test_a_thousand_errors_are_all_in_the_csv_and_the_first_in_the_summary() -> None:
    slecht = oordeel(f"{A};0014", *[f"{SLECHT};0014"] * 1_000)

    assert len(lees(verslag_csv(slecht))) == 1_001
    assert json.loads(verslag_json(slecht))["regels_per_code"]["S022"] == list(range(3, 3 + VOORBEELDEN))
