"""Besluit A2, case by case: what becomes of each row, and what rejects a levering as a whole.

The BSNs 999990019, 999990032, 999990044 and 012345672 pass the elfproef (9·9+8·9+7·9+6·9+5·9+4·0+3·0+2·1-9 = 308 =
28·11; and so on); 123456789 does not. Of the gemeentecodes: 0014 Groningen and 1979 Eemsdelta exist; 0003 Appingedam
became 1979 in 2021; 0001 Adorp became 0053 in 1990, that became 1651 (1992), that became 1966 Het Hogeland (2019);
1055 Elten ended in 1963 without successor; 1992 Voorne aan Zee began on 2023-01-01, when 0501 Brielle ended; 9998 never
was.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.intake.selectielijst import Oordeel, beoordeel
from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.normen.kalender import Maand
from include.schemas.domein import LeveringStatus
from include.schemas.selectielijst import HUISHOUDENS, overtredingen

KOP = "BSN;Gemeentecode\r\n"
PEILDATUM = date(2026, 3, 2)
A, B, C, KORT, SLECHT = "999990019", "999990032", "999990044", "12345672", "123456789"


def oordeel_over(*rijen: str, aantal: int | None = None, peildatum: date = PEILDATUM) -> Oordeel:
    inhoud = KOP + "".join(f"{rij}\r\n" for rij in rijen)
    return beoordeel(
        inhoud.encode(), aangekondigd=len(rijen) if aantal is None else aantal, peildatum=peildatum
    )


def fouten(oordeel: Oordeel) -> list[tuple[int, str]]:
    return list(oordeel.fouten.itertuples(index=False, name=None))


def aangenomen(oordeel: Oordeel) -> list[str]:
    return [f"{rij.bsn:09d};{rij.gemeentecode}" for rij in oordeel.huishoudens.itertuples()]


@pytest.mark.parametrize(
    ("rij", "verwacht"),
    [
        (f"{A};0014", f"{A};0014"),
        (f"{KORT};0014", f"0{KORT};0014"),  # 8 digits
        (f"0{KORT};0014", f"0{KORT};0014"),
        (f" {A}\u00a0;\t0014 ", f"{A};0014"),  # white space around a cell
        (f'"{A}";"0014"', f"{A};0014"),
        (f"{A};0003", f"{A};1979"),  # ended by herindeling
        (f"{A};0001", f"{A};1966"),  # a chain of three
        (f"{A};1651", f"{A};1966"),  # its last link
        (SLECHT + ";0014", ["S022"]),
        ("000000000;0014", ["S022"]),
        ("00000000;0014", ["S022"]),
        (f"{A[:7]};0014", ["S021"]),
        (f"{A}0;0014", ["S021"]),
        ("9999XX019;0014", ["S021"]),
        ("９９９９９００１９;0014", ["S021"]),  # digits are 0-9 only
        ("-99990019;0014", ["S021"]),
        (";0014", ["S021"]),
        (f"{A};", ["S031"]),
        (f"{A};14", ["S031"]),  # four digits, nothing is padded
        (f"{A};00014", ["S031"]),
        (f"{A};0O14", ["S031"]),
        (f"{A};9998", ["S032"]),
        (f"{A};0000", ["S032"]),
        (f"{A};1055", ["S033"]),
        (f"{SLECHT};9998", ["S022", "S032"]),  # every error of a row
        (";", ["S021", "S031"]),
        (A, ["S011"]),
        (f"{A};0014;", ["S011"]),  # nothing but BSN and gemeentecode (besluit A1)
        (f"{A};0014;Jansen", ["S011"]),
        (f"{A},0014", ["S011"]),
    ],
)
def test_one_row(rij: str, verwacht: str | list[str]) -> None:
    # A good row above it keeps the levering usable.
    oordeel = oordeel_over(f"{C};0014", rij)

    assert oordeel.status is (
        LeveringStatus.CORRECT if isinstance(verwacht, str) else LeveringStatus.DEELS_INCORRECT
    )
    if isinstance(verwacht, str):
        assert sorted(aangenomen(oordeel)) == sorted([f"{C};0014", verwacht])
        assert fouten(oordeel) == []
    else:
        assert aangenomen(oordeel) == [f"{C};0014"]
        assert fouten(oordeel) == [(3, code) for code in verwacht]
        assert (oordeel.gelezen, oordeel.geaccepteerd, oordeel.afgewezen, oordeel.dubbel) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("rijen", "over", "verwacht"),
    [
        # The same code: the first stays.
        ([f"{A};0014", f"{B};0014", f"{A};0014"], [f"{A};0014", f"{B};0014"], [(4, "S042")]),
        ([f"{A};0014"] * 3, [f"{A};0014"], [(3, "S042"), (4, "S042")]),
        # With and without the leading zero it is one BSN.
        ([f"{KORT};0014", f"0{KORT};0014"], [f"0{KORT};0014"], [(3, "S042")]),
        # Ended and new code are the same gemeente.
        ([f"{A};0003", f"{A};1979"], [f"{A};1979"], [(3, "S042")]),
        # Different codes: none of them.
        ([f"{A};0014", f"{B};0014", f"{A};1979"], [f"{B};0014"], [(2, "S041"), (4, "S041")]),
        (
            [f"{A};0014", f"{A};0014", f"{A};1979", f"{B};0014"],
            [f"{B};0014"],
            [(2, "S041"), (3, "S041"), (4, "S041")],
        ),
        # Which code is right is as unclear when one of them is of no gemeente.
        ([f"{A};0014", f"{A};9998", f"{B};0014"], [f"{B};0014"], [(2, "S041"), (3, "S032"), (3, "S041")]),
        ([f"{A};", f"{A};0014", f"{B};0014"], [f"{B};0014"], [(2, "S031"), (2, "S041"), (3, "S041")]),
        # Rejected twice for the same reason is not twice the same household.
        ([f"{A};9998", f"{A};9998", f"{B};0014"], [f"{B};0014"], [(2, "S032"), (3, "S032")]),
        # What is no BSN is nobody.
        ([f"{SLECHT};0014", f"{SLECHT};1979", f"{B};0014"], [f"{B};0014"], [(2, "S022"), (3, "S022")]),
    ],
)
def test_a_bsn_more_than_once(rijen: list[str], over: list[str], verwacht: list[tuple[int, str]]) -> None:
    oordeel = oordeel_over(*rijen)

    assert aangenomen(oordeel) == over
    assert fouten(oordeel) == verwacht
    assert oordeel.dubbel == sum(code == "S042" for _, code in verwacht)
    assert oordeel.gelezen == oordeel.geaccepteerd + oordeel.afgewezen + oordeel.dubbel


@pytest.mark.parametrize(
    ("inhoud", "aangekondigd", "verwacht", "gelezen"),
    [
        (b"", 0, ["S002"], 0),
        (b"\r\n\r\n", 0, ["S002"], 0),
        (f"{A};0014\r\n{B};0014\r\n".encode(), 2, ["S002"], 1),  # no header: a row stands in its place
        (f"Gemeentecode;BSN\r\n0014;{A}\r\n".encode(), 1, ["S002"], 1),
        (f"bsn;gemeentecode\r\n{A};0014\r\n".encode(), 1, ["S002"], 1),
        (f"BSN;Gemeentecode;\r\n{A};0014\r\n".encode(), 1, ["S002"], 1),
        (f"BSN;Gemeentecode;Naam\r\n{A};0014\r\n".encode(), 1, ["S002"], 1),
        (f"BSN,Gemeentecode\r\n{A},0014\r\n".encode(), 1, ["S002"], 1),
        (f"BSN\tGemeentecode\r\n{A}\t0014\r\n".encode(), 1, ["S002"], 1),
        (KOP.encode(), 0, ["S003"], 0),
        (KOP.encode(), 3, ["S003", "S004"], 0),
        (f"{KOP}{A};0014\r\n".encode(), 0, ["S004"], 1),
        (f"{KOP}{A};0014\r\n".encode(), 2, ["S004"], 1),
        (f"{KOP}{A};0014\r\n{SLECHT};0014\r\n".encode(), 1, ["S004", "S022"], 2),  # rejected rows count
        (f"{KOP}{SLECHT};0014\r\n".encode(), 1, ["S005", "S022"], 1),
        (f"{KOP}{A};0014\r\n".encode("utf-16"), 1, ["S001"], 0),
        (b"PK\x03\x04\x00\x00", 1, ["S001"], 0),
        (f'{KOP}"{A};0014\r\n{B};0014\r\n'.encode(), 2, ["S001"], 0),
        (b"BSN;Gemeentecode\r\n\xff\xfe\r\n", 1, ["S001"], 0),
    ],
)
def test_a_levering_that_is_rejected_as_a_whole(
    inhoud: bytes, aangekondigd: int, verwacht: list[str], gelezen: int
) -> None:
    oordeel = beoordeel(inhoud, aangekondigd=aangekondigd, peildatum=PEILDATUM)

    assert oordeel.status is LeveringStatus.AFGEKEURD
    assert list(oordeel.fouten["foutcode"]) == verwacht
    assert oordeel.fouten.loc[oordeel.fouten["foutcode"] <= "S005", "regel"].eq(0).all()
    assert len(oordeel.huishoudens) == 0
    assert (oordeel.gelezen, oordeel.geaccepteerd, oordeel.afgewezen) == (gelezen, 0, gelezen)
    HUISHOUDENS.validate(oordeel.huishoudens)


@pytest.mark.parametrize(
    "inhoud",
    [
        f"\ufeffBSN;Gemeentecode\r\n{A};0014\r\n",
        f"BSN;Gemeentecode\n{A};0014\n",
        f"BSN;Gemeentecode\r\n{A};0014",  # no line end at the end
        f"\r\nBSN;Gemeentecode\r\n\r\n{A};0014\r\n  \r\n\r\n",  # empty lines do not count
        f'"BSN";"Gemeentecode"\r\n"{A}";"0014"\r\n',
    ],
)
def test_ways_to_write_the_same_levering(inhoud: str) -> None:
    oordeel = beoordeel(inhoud.encode(), aangekondigd=1, peildatum=PEILDATUM)

    assert (oordeel.status, aangenomen(oordeel)) == (LeveringStatus.CORRECT, [f"{A};0014"])


def test_lines_are_those_of_the_file() -> None:
    inhoud = f"BSN;Gemeentecode\r\n\r\n{A};0014\r\n\r\n{SLECHT};0014\r\n"

    assert fouten(beoordeel(inhoud.encode(), aangekondigd=2, peildatum=PEILDATUM)) == [(5, "S022")]


@pytest.mark.parametrize(
    ("peildatum", "code", "verwacht"),
    [
        (date(2022, 12, 31), "0501", "0501"),
        (date(2023, 1, 1), "0501", "1992"),
        (date(2023, 1, 1), "1992", "1992"),
        (date(2022, 12, 31), "1992", "S033"),  # does not exist yet
        (date(2020, 12, 31), "0003", "0003"),
        (date(2021, 1, 1), "0003", "1979"),
    ],
)
def test_codes_are_judged_on_the_day_the_levering_was_made(peildatum: date, code: str, verwacht: str) -> None:
    oordeel = oordeel_over(f"{A};{code}", f"{B};0014", peildatum=peildatum)

    if verwacht.startswith("S"):
        assert fouten(oordeel) == [(2, verwacht)]
    else:
        assert f"{A};{verwacht}" in aangenomen(oordeel)


def test_herindelingen_are_counted_by_the_code_that_was_delivered() -> None:
    oordeel = oordeel_over(f"{A};0003", f"{B};0001", f"{KORT};0003", f"{C};1979", f"{SLECHT};0003")

    assert oordeel.heringedeeld == {"0001": 1, "0003": 2}
    assert oordeel.fouten_per_code == {"S022": 1}


def test_accepted_rows_are_in_order_and_of_the_right_shape() -> None:
    oordeel = oordeel_over(f"{B};1979", f"{C};0014", f"{A};1979", f"{KORT};0003")

    assert aangenomen(oordeel) == [f"{C};0014", f"0{KORT};1979", f"{A};1979", f"{B};1979"]
    assert list(oordeel.huishoudens["regel"]) == [3, 5, 4, 2]
    HUISHOUDENS.validate(oordeel.huishoudens)


def test_a_frame_of_another_shape_is_a_fault_of_ours_and_names_no_value() -> None:
    vreemd = pd.DataFrame({"regel": [0], "bsn": [999990019]})

    with pytest.raises(TypeError, match="not a frame SELECTIELIJST") as fout:
        overtredingen(vreemd)
    assert A not in str(fout.value)


# -- what always holds -----------------------------------------------------------------------------------

CELLEN = st.sampled_from([A, B, C, KORT, SLECHT, "", "x", '"', "0014", "1979", "0003", "9998", " "])
REGELS = st.lists(st.lists(CELLEN, min_size=1, max_size=3).map(";".join), max_size=12)


@settings(max_examples=200, deadline=None)
@given(rijen=REGELS, aantal=st.integers(0, 12))
def test_every_row_ends_in_one_place(rijen: list[str], aantal: int) -> None:
    oordeel = oordeel_over(*rijen, aantal=aantal)

    assert oordeel.gelezen == oordeel.geaccepteerd + oordeel.afgewezen + oordeel.dubbel
    assert oordeel.geaccepteerd == len(oordeel.huishoudens)
    assert oordeel.huishoudens["bsn"].is_unique
    assert (oordeel.status is LeveringStatus.AFGEKEURD) == (oordeel.geaccepteerd == 0)
    assert (oordeel.status is LeveringStatus.CORRECT) == (len(oordeel.fouten) == 0)
    if oordeel.status is not LeveringStatus.AFGEKEURD:
        assert oordeel.gelezen == aantal
        afgewezen = oordeel.fouten[oordeel.fouten["foutcode"] != "S042"]["regel"].nunique()
        assert afgewezen == oordeel.afgewezen
    HUISHOUDENS.validate(oordeel.huishoudens)


@settings(max_examples=100, deadline=None)
@given(rijen=st.lists(st.sampled_from([f"{b};{c}" for b in (A, B, C) for c in ("0014", "1979", "0003")])))
def test_which_households_are_accepted_does_not_hang_on_the_order(rijen: list[str]) -> None:
    heen, terug = oordeel_over(*rijen), oordeel_over(*reversed(rijen))

    assert aangenomen(heen) == aangenomen(terug)
    assert heen.fouten_per_code == terug.fouten_per_code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80).map(lambda rest: KOP.encode() + rest) | st.binary(max_size=80))
def test_no_file_makes_it_raise(inhoud: bytes) -> None:
    assert beoordeel(inhoud, aangekondigd=1, peildatum=PEILDATUM).gelezen >= 0


# -- the broken leveringen of the generator --------------------------------------------------------------

DEFECTEN = {
    # first words of the defect: status, codes, rows that are left of how many
    "corrupte regel": (LeveringStatus.DEELS_INCORRECT, {"S021": 1, "S031": 1}, 23, 24),
    "verkeerde kop": (LeveringStatus.AFGEKEURD, {"S002": 1}, 0, 24),
    "controletotaal": (LeveringStatus.AFGEKEURD, {"S004": 1}, 0, 24),
    "twee rijen": (LeveringStatus.DEELS_INCORRECT, {"S032": 1, "S033": 1}, 24, 26),
    "7 rijen": (LeveringStatus.CORRECT, {}, 31, 31),
    "één BSN tweemaal met d": (LeveringStatus.DEELS_INCORRECT, {"S042": 1}, 24, 25),
    "één BSN tweemaal met v": (LeveringStatus.DEELS_INCORRECT, {"S041": 2}, 23, 25),
    "geen enkele rij": (LeveringStatus.AFGEKEURD, {"S003": 1}, 0, 0),
}


@pytest.fixture(scope="module")
def leveringen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uit = tmp_path_factory.mktemp("populatie")
    genereer(Opdracht(aanvragers=30, seed=3, ronde=Maand(2026, 9), gebroken=True), uit)
    return uit / "alleenverdieners"


@pytest.mark.parametrize("gebrek", DEFECTEN)
def test_each_defect_of_the_generator(leveringen: Path, gebrek: str) -> None:
    gebroken = json.loads((leveringen / "gebroken.json").read_text())
    [naam] = [naam for naam, wat in gebroken.items() if wat.startswith(gebrek)]
    aangekondigd = json.loads((leveringen / "leveringen.json").read_text())["leveringen"]
    [aankondiging] = [wat for wat in aangekondigd if wat["levering"] == naam]
    inhoud = (leveringen / f"{naam}.csv").read_bytes()
    assert hashlib.sha256(inhoud).hexdigest() == aankondiging["sha256"]

    oordeel = beoordeel(
        inhoud,
        aangekondigd=aankondiging["aantal"],
        peildatum=date.fromisoformat(aankondiging["aangemaakt"]),
    )

    status, codes, over, gelezen = DEFECTEN[gebrek]
    assert (oordeel.status, oordeel.fouten_per_code) == (status, codes)
    assert (oordeel.geaccepteerd, oordeel.gelezen) == (over, gelezen)
    assert sum(oordeel.heringedeeld.values()) == (7 if gebrek == "7 rijen" else 0)


def test_every_defect_of_the_generator_is_in_the_table(leveringen: Path) -> None:
    gebroken = json.loads((leveringen / "gebroken.json").read_text())
    assert len(gebroken) == len(DEFECTEN)


def test_a_million_rows() -> None:
    """More than any levering has: judged in blocks, and exactly."""
    reeks = np.arange(100_000_000, 100_000_000 + 1_000_000)
    cijfers = np.stack([reeks // 10**plek % 10 for plek in range(8, -1, -1)])
    gewichten = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
    goed = (gewichten @ cijfers) % 11 == 0
    inhoud = (KOP + "".join(f"{bsn};0014\r\n" for bsn in reeks)).encode()

    oordeel = beoordeel(inhoud, aangekondigd=len(reeks), peildatum=PEILDATUM)

    assert oordeel.geaccepteerd == goed.sum() > 50_000
    assert oordeel.fouten_per_code == {"S022": int((~goed).sum())}
