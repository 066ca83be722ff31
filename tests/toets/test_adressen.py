"""Who is registered where, and whose kin count (besluiten, Household)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from include.toets.adressen import Adressen

ANNA, BRAM, KIND = 999900018, 999900031, 999900043
DEELNAMEDATUM = date(2026, 9, 26)


def _personen(*regels: tuple[int, int, str, str, bool]) -> pd.DataFrame:
    """Lines of (vraag_bsn, bsn, geboortedatum, functieadres, opgeschort); numbered from 10."""
    vraag, bsn, geboren, functie, opgeschort = zip(*regels, strict=True) if regels else ((),) * 5
    return pd.DataFrame(
        {
            "persoon": np.arange(len(regels)) + 10,
            "vraag_bsn": np.array(vraag, np.int64),
            "bsn": np.array(bsn, np.int64),
            "geboortedatum": pd.Series(geboren, dtype="str"),
            "functieadres": pd.Series(functie, dtype="str"),
            "opgeschort": np.array(opgeschort, bool),
        }
    )


def _lees(*regels: tuple[int, int, str, str, bool], bsn: tuple[int, ...] = (ANNA,)) -> Adressen:
    return Adressen.lees(np.array(bsn, np.int64), _personen(*regels), DEELNAMEDATUM)


@pytest.mark.parametrize(
    ("geboren", "volwassen", "minderjarig"),
    [
        ("2008-09-26", True, False),  # eighteen today
        ("2008-09-27", False, True),  # tomorrow
        ("2008-09", False, False),  # some days of that month are, some are not
        ("2008-08", True, False),
        ("2008", False, False),
        ("2009", False, True),
        ("", False, False),
    ],
)
def test_adult_or_minor_only_when_every_completion_is(
    geboren: str, volwassen: bool, minderjarig: bool
) -> None:
    adressen = _lees((ANNA, BRAM, geboren, "W", False))
    assert (adressen.volwassen[0], adressen.minderjarig[0]) == (volwassen, minderjarig)


@pytest.mark.parametrize(
    ("functie", "opgeschort", "bewoner"),
    [("W", False, True), ("B", False, False), ("", False, False), ("W", True, False)],
)
def test_a_resident_lives_there_and_is_not_suspended(functie: str, opgeschort: bool, bewoner: bool) -> None:
    assert _lees((ANNA, BRAM, "1980-01-01", functie, opgeschort)).bewoner[0] == bewoner


def test_a_relation_of_nobody_here_is_nobody_s() -> None:
    adressen = _lees((ANNA, ANNA, "1980-01-01", "W", False), (ANNA, KIND, "2015-01-01", "W", False))
    kinderen = pd.DataFrame({"persoon": [10, 99], "bsn": [KIND, BRAM]})
    aanvraag, sleutel = adressen.relaties_van(adressen.aanvrager, kinderen)
    assert aanvraag.tolist() == [0]
    assert sleutel.tolist() == [KIND]


def test_a_relation_of_a_stranger_is_not_that_of_the_last_person() -> None:
    # Position -1 must not stand for the last person, who is the aanvrager here.
    adressen = _lees((ANNA, KIND, "2015-01-01", "W", False), (ANNA, ANNA, "1980-01-01", "W", False))
    vreemd = pd.DataFrame({"persoon": [99], "bsn": [BRAM]})
    assert adressen.relaties_van(adressen.aanvrager, vreemd)[0].tolist() == []


def test_relations_without_any_person() -> None:
    adressen = _lees()
    kinderen = pd.DataFrame({"persoon": [99], "bsn": [KIND]})
    assert adressen.relaties_van(adressen.aanvrager, kinderen)[0].tolist() == []
