"""The numbers that belong to nobody."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum.nl import bsn as stdnum_bsn

from include.mock_sources.genereren import nummers


@pytest.mark.parametrize(
    ("acht", "cijfer"),
    # 9·9 + 9·8 + 9·7 + 9·6 + 9·5 + 0·4 + 0·3 + 1·2 = 317 = 28·11 + 9; 270 = 24·11 + 6; 69 = 6·11 + 3
    [(99_999_001, 9), (99_990_000, 6), (11_122_233, 3)],
)
def test_the_ninth_digit(acht, cijfer):
    assert nummers.controlecijfer(acht) == cijfer


def test_some_eight_digits_have_no_ninth():
    # 9·9 + 9·8 + 9·7 + 9·6 + 1·4 = 274 = 24·11 + 10: a ninth digit cannot be ten
    assert nummers.controlecijfer(99_990_100) is None


def test_the_first_9091_start_with_9999_and_then_the_prefix_widens():
    reeks = list(islice(nummers.bsns(), 9_200))
    assert len(set(reeks)) == 9_200
    assert all(bsn.startswith("9999") for bsn in reeks[:9_091])
    assert all(bsn.startswith("999") and not bsn.startswith("9999") for bsn in reeks[9_091:])


@given(st.integers(0, 10**9))
def test_every_bsn_passes_the_elfproef(begin):
    for bsn in islice(nummers.bsns(begin), 20):
        assert stdnum_bsn.is_valid(bsn)
    for kort in islice(nummers.korte_bsns(begin), 20):
        assert len(kort) == 8
        assert kort.startswith("9999")
        assert stdnum_bsn.is_valid(f"0{kort}")


@given(st.integers(0, 10**10 - 1))
def test_account_numbers_check_out_and_are_at_no_bank(nummer):
    for naam, letters in nummers.BANKEN:
        rekening = nummers.iban(letters, nummer)
        assert stdnum_iban.is_valid(rekening, check_country=False)
        assert rekening[4:8] == letters
        assert naam


def test_number_plates_are_unique_and_of_a_shape_that_is_not_issued():
    platen = list(islice(nummers.kentekens(), 250_000))
    assert len(set(platen)) == 250_000
    assert all(set(plaat) <= set("AEIOUY0123456789") and len(plaat) == 6 for plaat in platen)
