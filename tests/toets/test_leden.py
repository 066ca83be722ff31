"""Households and persons: who counts where, and what becomes of strangers."""

import numpy as np
import pandas as pd

from include.toets.leden import Leden, eerste_van, loopt_op
from tests.toets.bouw import ANNA, BRAM, CARLA, DIRK

# Anna with Bram, Carla alone, and Bram with Anna: both partners asked.
LEDEN = Leden.van(np.array([ANNA, CARLA, BRAM]), np.array([BRAM, 0, ANNA]))


def per_persoon(**bedragen: int) -> np.ndarray:
    wie = {"anna": ANNA, "bram": BRAM, "carla": CARLA, "dirk": DIRK}
    nummers = LEDEN.nummers(pd.Series([wie[naam] for naam in bedragen]))
    return LEDEN.per_persoon(nummers, np.array(list(bedragen.values())))


def test_everybody_has_one_number_and_no_partner_has_none():
    assert LEDEN.personen.tolist() == [ANNA, CARLA, BRAM]
    assert (LEDEN.aanvrager.tolist(), LEDEN.partner.tolist()) == ([0, 1, 2], [2, -1, 0])


def test_a_household_adds_up_aanvrager_and_partner():
    bedragen = per_persoon(anna=100, bram=20, carla=3)
    assert LEDEN.per_huishouden(bedragen).tolist() == [120, 3, 120]


def test_a_stranger_counts_nowhere():
    assert LEDEN.per_huishouden(per_persoon(dirk=1_000)).tolist() == [0, 0, 0]


def test_lines_are_counted_when_no_amounts_are_given():
    nummers = LEDEN.nummers(pd.Series([ANNA, DIRK, ANNA, CARLA]))
    assert LEDEN.per_huishouden(LEDEN.per_persoon(nummers)).tolist() == [2, 1, 2]


def test_cents_are_exact_far_beyond_any_income():
    assert per_persoon(anna=9_007_199_254_740_990, carla=1).max() == 9_007_199_254_740_990


def test_one_of_both_is_enough():
    assert LEDEN.een_van_beiden(per_persoon(bram=1) > 0).tolist() == [True, False, True]
    assert LEDEN.een_van_beiden(per_persoon(anna=1) > 0).tolist() == [True, False, True]
    assert LEDEN.een_van_beiden(per_persoon(carla=1) > 0).tolist() == [False, True, False]


def test_lines_come_by_household_the_aanvragers_first_in_the_order_of_the_source():
    bsn = pd.Series([BRAM, CARLA, ANNA, DIRK, BRAM])
    huishouden, regel = LEDEN.regels(LEDEN.nummers(bsn), np.array([True, True, True]))
    assert huishouden.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert regel.tolist() == [2, 0, 4, 1, 0, 4, 2]


def test_lines_of_households_not_chosen_stay_out():
    bsn = pd.Series([BRAM, CARLA, ANNA])
    huishouden, regel = LEDEN.regels(LEDEN.nummers(bsn), np.array([False, False, True]))
    assert list(zip(huishouden.tolist(), regel.tolist(), strict=True)) == [(2, 0), (2, 2)]


def test_no_lines_and_no_households():
    leeg = pd.Series([], dtype="int64")
    for gekozen in ([True, True, True], [False, False, False]):
        huishouden, regel = LEDEN.regels(LEDEN.nummers(leeg), np.array(gekozen))
        assert len(huishouden) == len(regel) == 0


def test_the_first_of_each_combination():
    assert eerste_van(np.array([1, 1, 2, 1, 2]), np.array([7, 8, 7, 7, 7])).tolist() == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert eerste_van(np.array([], dtype=np.int64)).tolist() == []


def test_a_period_runs_from_its_first_up_to_its_last_day():
    dag = np.datetime64("2026-09-26")
    gevallen = [
        ("2026-09-26", None, True),
        ("2026-09-27", None, False),
        ("2020-01-01", "2026-09-26", True),
        ("2020-01-01", "2026-09-25", False),
        ("2020-01-01", "2026-09-27", True),
        ("2026-09-26", "2026-09-26", True),
    ]
    aanvang, einde, loopt = zip(*gevallen, strict=True)
    kolommen = [
        pd.Series(pd.to_datetime(pd.Series(kolom))).astype("datetime64[s]") for kolom in (aanvang, einde)
    ]
    assert loopt_op(*kolommen, dag).tolist() == list(loopt)
