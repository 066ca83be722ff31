"""``lever``: hand in as an organisation would (contracten §3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.steps.leveren import lees_aanvragen
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen
from tests.commands.hulp import eis_een_regel, eis_niemand
from tests.dags.wereld import ALFA, ARM, RIJK, VRAAGBESTANDEN


@pytest.fixture
def bestand(tmp_path: Path) -> Path:
    pad = tmp_path / "vraag [definitief].csv"
    pad.write_bytes(VRAAGBESTANDEN[ALFA].encode())
    return pad


@pytest.fixture
def alfa(bidn: Callable[..., Any]) -> str:
    bidn("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014")
    product = ("--product", "bijzondere-bijstand")
    bidn("aanmelding", "registreer", "--organisatie", ALFA, *product, "--ingang", "2026-01-01")
    return ALFA


def _regels(tekst: str) -> dict[str, str]:
    """What stands in the two columns of a table."""
    cellen = [[cel.strip() for cel in regel.split("│")] for regel in tekst.splitlines() if "│" in regel]
    return {rij[1]: rij[2] for rij in cellen}


def test_says_at_once_what_the_file_is_worth(bidn: Callable[..., Any], alfa: str, bestand: Path) -> None:
    resultaat = bidn("lever", "--organisatie", alfa, "--bestand", bestand, "--ontvangen", "2026-10-12T10:00")
    assert resultaat.exit_code == 0
    assert resultaat.stdout.splitlines()[0] == f"{ALFA}: vraag [definitief].csv voor ronde 2026-10"
    regels = _regels(resultaat.stdout)
    regels.pop("", None)  # the rest of a sentence that takes a second line
    fouten = {naam: regels.pop(naam) for naam in list(regels) if naam.startswith("Fout ")}
    assert regels == {
        "Status": "deels incorrect",
        "Rijen gelezen": "3",
        "Rijen geaccepteerd": "2",
        "Rijen afgekeurd": "1",
        "Lege regels overgeslagen": "0",
    }
    assert list(fouten) == ["Fout V053"]
    assert fouten["Fout V053"].startswith("1 keer: Het BSN van de aanvrager voldoet niet aan de elfproef")
    eis_niemand(resultaat.output)


@pytest.mark.parametrize(
    ("ontvangen", "ronde"),
    [
        ("2026-10-25T23:59", "2026-10"),  # Amsterdam, where no zone is given
        ("2026-10-26T00:00", "2026-11"),
        ("2026-10-26", "2026-11"),
        ("2026-10-25T22:59:59+0000", None),
        ("2026-10-25T22:59+0000", "2026-10"),
        ("2026-10-25T23:00+0000", "2026-11"),
        ("2026-10-25T23:59:59", "2026-10"),
    ],
)
def test_the_moment_of_receipt_as_typed(
    bidn: Callable[..., Any], alfa: str, bestand: Path, ontvangen: str, ronde: str | None
) -> None:
    resultaat = bidn("lever", "--organisatie", alfa, "--bestand", bestand, "--ontvangen", ontvangen)
    if ronde is None:
        assert resultaat.exit_code == 2
        assert "--ontvangen" in resultaat.output
    else:
        assert f"voor ronde {ronde}\n" in resultaat.stdout


def test_now_by_default(bidn: Callable[..., Any], alfa: str, bestand: Path) -> None:
    from datetime import UTC, datetime

    bidn("lever", "--organisatie", alfa, "--bestand", bestand)
    opslag = Opslag()
    with opslag.database.reading() as sessie:
        [levering] = find_leveringen(sessie)
    assert abs((datetime.now(UTC) - levering.ontvangen_op).total_seconds()) < 120


def test_what_it_replaces_and_what_not(bidn: Callable[..., Any], alfa: str, tmp_path: Path) -> None:
    gezegd = []
    for dag, (naam, bsn) in enumerate([("een", "999900018"), ("twee", "999900043"), ("drie", "123456789")]):
        pad = tmp_path / f"{naam}.csv"
        pad.write_text(f"0014;J;;{bsn};;;;;;\r\n")
        moment = f"2026-10-{12 + dag}T10:00"
        gezegd.append(
            _regels(bidn("lever", "--organisatie", alfa, "--bestand", pad, "--ontvangen", moment).stdout)
        )
    assert [(regels.get("Vervangt"), regels.get("Vervangt niet")) for regels in gezegd] == [
        (None, None),
        ("een.csv", None),
        (None, "een.csv, twee.csv"),
    ]
    assert gezegd[2]["Status"] == "afgekeurd"


def test_the_same_file_again(bidn: Callable[..., Any], alfa: str, bestand: Path) -> None:
    opties = ("--organisatie", alfa, "--bestand", bestand, "--ontvangen")
    bidn("lever", *opties, "2026-10-12T10:00")
    resultaat = bidn("lever", *opties, "2026-10-13T10:00")
    assert resultaat.exit_code == 0
    assert "al precies zo ingeleverd; er is niets veranderd." in resultaat.stdout


@pytest.mark.parametrize(
    ("regels", "status", "exit_code"),
    [
        ("0014;J;;999900018;;;;;;\r\n", "correct", 0),
        ("0014;J;;999900018;;;;;;\r\n0014;J;;123456789;;;;;;\r\n", "deels incorrect", 0),
        ("0014;J;;123456789;;;;;;\r\n", "afgekeurd", 3),
        ("", "afgekeurd", 3),
    ],
)
def test_the_exit_code_tells_whether_anything_can_be_used(
    bidn: Callable[..., Any], alfa: str, tmp_path: Path, regels: str, status: str, exit_code: int
) -> None:
    pad = tmp_path / "v.csv"
    pad.write_text(regels)
    for _ in range(2):  # the same file again ends the same
        resultaat = bidn("lever", "--organisatie", alfa, "--bestand", pad, "--ontvangen", "2026-10-12T10:00")
        assert (resultaat.exit_code, _regels(resultaat.stdout)["Status"]) == (exit_code, status)


def test_without_a_registration_nothing_is_kept(bidn: Callable[..., Any], alfa: str, bestand: Path) -> None:
    lever = ("lever", "--organisatie", alfa, "--bestand", bestand, "--ontvangen")
    eis_een_regel(
        bidn(*lever, "2025-12-31T23:59"),  # the day before it begins
        f"^NietAangemeld: organisation {alfa} has no active registration for bijzondere-bijstand on 2025-12-31, so "
        ".*register it with `aanmelding registreer`",
    )
    with Opslag().database.reading() as sessie:
        assert find_leveringen(sessie) == []
    assert bidn(*lever, "2026-01-01T00:00").exit_code == 0


def test_what_is_not_there(bidn: Callable[..., Any], alfa: str, bestand: Path, tmp_path: Path) -> None:
    eis_een_regel(
        bidn("lever", "--organisatie", "Gemeente Nergens", "--bestand", bestand),
        "^GegevensFout: organisation Gemeente Nergens is not registered: register it first",
    )
    eis_een_regel(
        bidn("lever", "--organisatie", alfa, "--bestand", tmp_path / "nergens.csv"),
        r"^BestandFout: .*nergens\.csv cannot be read: No such file or directory",
    )


@pytest.mark.parametrize("sleutel", ["sleutel", "sleutel_aangenomen", "sleutel_oordeel"])
def test_handing_the_same_file_in_again_mends_what_was_damaged(
    bidn: Callable[..., Any], alfa: str, bestand: Path, sleutel: str
) -> None:
    lever = ("lever", "--organisatie", alfa, "--bestand", bestand, "--ontvangen", "2026-10-12T10:00")
    bidn(*lever)
    opslag = Opslag()
    with opslag.database.reading() as sessie:
        [levering] = find_leveringen(sessie)
    opslag.bestanden.write(getattr(levering, sleutel), b"beschadigd")
    assert bidn(*lever).exit_code == 0
    assert opslag.bestanden.read(levering.sleutel) == bestand.read_bytes()
    assert lees_aanvragen(opslag, levering)["bsn"].tolist() == [int(RIJK), int(ARM)]
