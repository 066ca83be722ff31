"""Birth dates that may be incomplete: what holds for every completion (besluiten, Household)."""

from datetime import date

import pandas as pd
import pytest

from include.toets.datums import Geboortedatums

ACHTTIEN = date(2008, 9, 26)
"""The last birth date with which one is 18 on 26 September 2026."""


@pytest.mark.parametrize(
    ("tekst", "vroegst", "laatst", "zeker_op_of_voor", "zeker_na", "volledig"),
    [
        ("2008-09-26", "2008-09-26", "2008-09-26", True, False, True),
        ("2008-09-27", "2008-09-27", "2008-09-27", False, True, True),
        ("2008-08", "2008-08-01", "2008-08-31", True, False, False),
        ("2008-09", "2008-09-01", "2008-09-30", False, False, False),
        ("2008-10", "2008-10-01", "2008-10-31", False, True, False),
        ("2007", "2007-01-01", "2007-12-31", True, False, False),
        ("2008", "2008-01-01", "2008-12-31", False, False, False),
        ("2009", "2009-01-01", "2009-12-31", False, True, False),
        ("2008-02", "2008-02-01", "2008-02-29", True, False, False),
        ("", None, None, False, False, False),
    ],
)
def test_every_completion(tekst, vroegst, laatst, zeker_op_of_voor, zeker_na, volledig):
    datums = Geboortedatums.lees(pd.Series([tekst], dtype="str"))
    assert str(datums.vroegst[0]) == str(vroegst or "NaT")
    assert str(datums.laatst[0]) == str(laatst or "NaT")
    assert datums.zeker_op_of_voor(ACHTTIEN)[0] == zeker_op_of_voor
    assert datums.zeker_na(ACHTTIEN)[0] == zeker_na
    assert datums.volledig[0] == volledig


def test_dates_of_every_length_keep_their_places():
    datums = Geboortedatums.lees(pd.Series(["1980", "", "1979-05-06", "1978-03", "1977-02-01"], dtype="str"))
    assert [str(dag) for dag in datums.laatst] == [
        "1980-12-31",
        "NaT",
        "1979-05-06",
        "1978-03-31",
        "1977-02-01",
    ]


def test_nobody_at_all():
    datums = Geboortedatums.lees(pd.Series([], dtype="str"))
    assert len(datums.vroegst) == len(datums.volledig) == 0
