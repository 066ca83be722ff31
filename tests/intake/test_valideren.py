"""The outcome of a delivery as a whole: status, counts, order, frames, and what never leaks."""

import dataclasses
import datetime as dt
import logging

import pandas as pd
import pytest

from include.intake.foutenlijst import MAX_WAARDE
from include.intake.lezen import lees
from include.intake.valideren import Intake, beoordeel
from include.schemas.aanvragen import Aanvragen
from include.schemas.domein import LeveringStatus
from include.schemas.vraagbestand import Fouten

GOED = "0014;J;;999990019;;;;;;"
GOED_2 = "0034;J;;999990020;;;;;;"
FOUT = "0014;J;99;999990032;;;;;;"


def lever(inhoud: bytes | str, **anders) -> Intake:
    if isinstance(inhoud, str):
        inhoud = inhoud.encode()
    loket = {
        "deelnamedatum": dt.date(2026, 9, 26),
        "gemeentecodes": {"0014", "0034"},
        "actieve_gemeenten": {"0014", "0034", "0363"},
    }
    return beoordeel(inhoud, **(loket | anders))


@pytest.mark.parametrize(
    ("inhoud", "status", "gelezen", "geaccepteerd", "afgekeurd", "overgeslagen"),
    [
        (f"{GOED}\n{GOED_2}\n", "correct", 2, 2, 0, 0),
        (f"\n{GOED}\n\n;;;\n{GOED_2}", "correct", 2, 2, 0, 3),
        (f"{GOED}\n{FOUT}\n", "deels incorrect", 2, 1, 1, 0),
        (f"GSD;BRP;;;;;;;;\n{GOED}\n", "deels incorrect", 2, 1, 1, 0),
        (f"{GOED}\n{GOED}\n{GOED};x\n", "deels incorrect", 3, 1, 2, 0),
        (f"{FOUT}\n\n", "afgekeurd", 1, 0, 1, 1),
        ("GSD;BRP;;;;;;;;\n", "afgekeurd", 1, 0, 1, 0),
        ("GSD;BRP\n0014;J\n", "afgekeurd", 0, 0, 0, 0),
        ("", "afgekeurd", 0, 0, 0, 0),
    ],
)
def test_status_and_counts(inhoud, status, gelezen, geaccepteerd, afgekeurd, overgeslagen):
    intake = lever(inhoud)
    assert intake.status == status
    telling = (intake.gelezen, intake.geaccepteerd, intake.afgekeurd, intake.overgeslagen)
    assert telling == (gelezen, geaccepteerd, afgekeurd, overgeslagen)


def test_accepted_rows_come_by_gsd_code_then_bsn():
    """Not in the order of the file, nor by BSN alone (besluit B50)."""
    intake = lever(
        "34;J;;999990019;;;;;;\n14;J;;999990032;;;;;;\n0014;J;;999990020;;;;;;\n34;J;;99990003;;;;;;\n"
    )
    rijen = intake.aanvragen[["gsd_code", "bsn", "regel"]].to_numpy().tolist()
    assert rijen == [
        ["0014", 999990020, 3],
        ["0014", 999990032, 2],
        ["0034", 99990003, 4],
        ["0034", 999990019, 1],
    ]


def test_accepted_rows_are_aanvragen():
    intake = lever(
        "14;n;115; 999990019;van der  Meer;19310317;1;99990003;Ölç;19000101\n"
        "14;N;;999990020;O’Neill;20260926;2;;;\n"
        "34;j;100;999990032;;;;;;\n"
    )
    verwacht = pd.DataFrame(
        {
            "regel": [1, 2, 3],
            "gsd_code": ["0014", "0014", "0034"],
            "brp_bevragen": [False, False, True],
            "normpercentage": pd.array([115, None, 100], dtype="Int64"),
            "bsn": [999990019, 999990020, 999990032],
            "naam": ["van der  Meer", "O’Neill", ""],
            "geboortedatum": pd.to_datetime(["1931-03-17", "2026-09-26", None]).astype("datetime64[s]"),
            "leefvorm": [1, 2, 0],
            "partner_bsn": [99990003, 0, 0],
            "partner_naam": ["Ölç", "", ""],
            "partner_geboortedatum": pd.to_datetime(["1900-01-01", None, None]).astype("datetime64[s]"),
        }
    )
    pd.testing.assert_frame_equal(intake.aanvragen, verwacht)
    Aanvragen.validate(intake.aanvragen)


@pytest.mark.parametrize(
    "inhoud", [b"", b"\0", GOED.encode(), FOUT.encode(), b"GSD;B;;;;;;;;", b"x;y\n" + GOED.encode()]
)
def test_frames_keep_their_shape_when_empty(inhoud):
    intake = lever(inhoud)
    Aanvragen.validate(intake.aanvragen)
    Fouten.validate(intake.fouten)


def test_the_whole_file_is_one_error_on_line_0():
    fouten = lever(b"PK\x03\x04 \x00").fouten.to_dict("records")
    assert [(fout["regel"], fout["kolom"], fout["veld"], fout["foutcode"]) for fout in fouten] == [
        (0, "*", "Bestand", "V003")
    ]
    assert fouten[0]["omschrijving"].startswith("Dit is geen tekstbestand")
    assert fouten[0]["waarde"] == ""


def test_the_reason_of_a_whole_file_has_its_numbers_filled_in():
    fouten = lever(f'{GOED}\n\n0034;J;;9;"x;;;;;\n').fouten
    assert fouten["omschrijving"].tolist() == [
        "In de rij die op regel 3 begint staat een aanhalingsteken dat nergens wordt gesloten: sluit of verwijder het."
    ]


def test_errors_per_code_and_duplicates():
    intake = lever(f"{GOED}\n{FOUT}\n{FOUT}\n{GOED}\n{GOED};x\n")
    assert intake.fouten_per_code == {"V041": 2, "V054": 1, "V012": 1} | intake.fouten_per_code
    assert intake.dubbel == 1
    assert (lever(GOED).fouten_per_code, lever(GOED).dubbel) == ({}, 0)


def test_the_value_is_the_cell_as_delivered():
    intake = lever(f'{GOED}\n 34 ;J; 110% ;"9,9";;;;;;\n034;x;"12""\n3";8;;;;;;\n0034;J\n')
    waarden = intake.fouten.set_index(["regel", "kolom"])["waarde"].to_dict()
    assert waarden == {
        (2, "C"): "110%",
        (2, "D"): "9,9",
        (3, "B"): "x",
        (3, "C"): '12"\n3',
        (3, "D"): "8",
        (5, "*"): "0034;J",
    }


def test_a_value_of_hostile_length_is_cut_off_and_says_so():
    intake = lever(f"{GOED}\n0034;N;;999990020;{'é1' * 5000};19800317;3;;;\n0034;J;{'x' * 500}\n")
    assert intake.fouten["waarde"].tolist() == [
        "é1" * (MAX_WAARDE // 2) + "… [afgekapt na 200 tekens]",
        ("0034;J;" + "x" * 500)[:MAX_WAARDE] + "… [afgekapt na 200 tekens]",
    ]
    assert lever(f"{GOED}\n0034;J;{'x' * 193}\n").fouten["waarde"].tolist() == ["0034;J;" + "x" * 193]


def test_gemeenten_and_deelnamedatum_are_what_the_caller_says():
    assert lever(GOED, gemeentecodes={"0034"}).fouten["foutcode"].tolist() == ["V024"]
    assert lever(GOED, gemeentecodes=set(), actieve_gemeenten=set()).fouten["foutcode"].tolist() == ["V023"]
    rij = "14;N;;999990019;Jansen;20260926;3;;;"
    assert lever(rij).status is LeveringStatus.CORRECT
    assert lever(rij, deelnamedatum=dt.date(2026, 9, 25)).fouten["foutcode"].tolist() == ["V075"]


KANARIES = ["Kanarievogel", "999990018", "19771231", "999990021"]


@pytest.mark.parametrize(
    "inhoud",
    [
        "14;N;;999990018;Kanarievogel1;19771231;1;999990021;Kanarievogel;19771231\n",
        "14;N;;999990018;Kanarievogel;19771231;3;;;;x\n" + GOED,
        'GSD;Kanarievogel;999990018;19771231;999990021\n14;N;"999990018;Kanarievogel;19771231',
        "14;N;;999990018;Kanarievogel;19771231\n",
        "14;N;;999990018;Kanarievogel;19771231\0\n",
    ],
)
def test_no_value_in_logs_or_in_what_is_printed_of_an_outcome(inhoud, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    intake = lever(inhoud)
    sporen = [repr(intake), str(intake), caplog.text, *capfd.readouterr(), *intake.fouten["omschrijving"]]
    try:
        sporen.append(repr(lees(inhoud.encode())))
    except Exception as fout:  # noqa: BLE001 - whatever it is, it must not tell
        sporen += [str(fout), repr(fout), repr(fout.__context__), repr(fout.__cause__)]
    assert not [spoor for spoor in sporen for kanarie in KANARIES if kanarie in spoor]


def test_an_outcome_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        lever(GOED).status = LeveringStatus.AFGEKEURD
