"""The table of rules, the elfproef, and the model that holds them."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn as stdnum_bsn

from include.schemas.controles import CONTROLES, KOLOMMEN, PER_CODE, elfproef
from include.schemas.vraagbestand import Vraagbestand, overtredingen


@given(st.lists(st.integers(0, 999_999_999), min_size=1, max_size=50))
def test_elfproef_agrees_with_stdnum(bsns):
    assert elfproef(np.array(bsns)).tolist() == [stdnum_bsn.is_valid(f"{bsn:09d}") for bsn in bsns]


@pytest.mark.parametrize("begin", [0, 123_456_000, 999_900_000, 999_999_000])
def test_elfproef_agrees_with_stdnum_on_a_run(begin):
    bsns = np.arange(begin, begin + 1000)
    assert elfproef(bsns).tolist() == [stdnum_bsn.is_valid(f"{bsn:09d}") for bsn in bsns]


@pytest.mark.parametrize(
    ("bsn", "goed"),
    [
        (999_990_019, True),  # 9*9 + 8*9 + 7*9 + 6*9 + 5*9 + 2*1 - 9 = 308 = 28 * 11
        (999_990_018, False),
        (99_990_003, True),  # eight digits: 8*9 + 7*9 + 6*9 + 5*9 - 3 = 231 = 21 * 11
        (0, False),
        (-1, False),
        (-999_990_019, False),
        (9_999_900_190, False),
        (1_000_000_000, False),
    ],
)
def test_elfproef_boundaries(bsn, goed):
    assert elfproef(np.array([bsn], np.int64)).tolist() == [goed]


def test_elfproef_takes_any_kind_of_whole_number():
    for soort in (np.int32, np.uint32, np.int64):
        assert elfproef(np.array([999_990_019, 999_990_018, 0], soort)).tolist() == [True, False, False]


def test_codes_are_unique_and_in_order():
    codes = [controle.code for controle in CONTROLES]
    assert codes == sorted(set(codes))
    assert list(PER_CODE) == codes
    assert all(re.fullmatch("V[0-9]{3}", code) for code in codes)


def test_errors_of_a_row_come_in_the_order_of_the_columns():
    kolommen = [controle.kolom.letter for controle in CONTROLES if controle.kolom.letter != "*"]
    assert kolommen == sorted(kolommen)
    assert set(kolommen) == {kolom.letter for kolom in KOLOMMEN}


@pytest.mark.parametrize("controle", CONTROLES, ids=lambda controle: controle.code)
def test_sentences_are_one_dutch_sentence_for_a_municipality(controle):
    zin = controle.omschrijving
    assert zin[0].isupper()
    assert zin.endswith(".")
    assert zin.count(". ") == 0
    assert ";" not in zin
    assert len(zin) < 200
    assert ("{" in zin) <= (controle.kolom.veld == "Bestand")


def test_every_rule_about_one_row_is_a_check_of_the_model():
    checks = {check.name for check in Vraagbestand.to_schema().checks}
    assert checks == {controle.code for controle in CONTROLES if controle.klopt is not None}


RIJ = {
    "regel": 7,
    "gsd_code": 14,
    "brp_bevragen": 0,
    "normpercentage": -1,
    "bsn": 999990019,
    "naam": 6,
    "geboortedatum": 19800317,
    "leefvorm": 3,
    "partner_bsn": -1,
    "partner_naam": -1,
    "partner_geboortedatum": -1,
    "gemeente_actief": True,
    "gemeente_bediend": True,
    "deelnamedatum": 20260926,
}


def frame(*rijen: dict) -> pd.DataFrame:
    soorten = dict.fromkeys(RIJ, "int32") | {
        "regel": "int64",
        "gemeente_actief": "bool",
        "gemeente_bediend": "bool",
    }
    return pd.DataFrame([RIJ | rij for rij in rijen]).astype(soorten)


def test_overtredingen_are_flags_per_code():
    rijen = frame({}, {"bsn": 999990018, "normpercentage": 99}, {"bsn": -1}, {"bsn": 999990018})
    gevonden = {code: vlaggen.tolist() for code, vlaggen in overtredingen(rijen).items()}
    assert gevonden == {
        "V041": [False, True, False, False],
        "V051": [False, False, True, False],
        "V053": [False, True, False, True],
    }
    assert list(gevonden) == sorted(gevonden)
    assert overtredingen(frame({})) == {}
    assert overtredingen(frame({}).iloc[:0]) == {}


@pytest.mark.parametrize(
    "kapot",
    [
        lambda rijen: rijen.drop(columns="naam"),
        lambda rijen: rijen.assign(extra=1),
        lambda rijen: rijen.assign(bsn="999990019"),
        lambda rijen: rijen.assign(regel=0),
    ],
)
def test_a_frame_of_another_shape_is_our_own_fault_and_tells_no_value(kapot):
    with pytest.raises(TypeError) as fout:
        overtredingen(kapot(frame({}, {"bsn": 999990018})))
    assert "9999" not in str(fout.value)
    assert fout.value.__context__ is None
