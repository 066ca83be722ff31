"""UWV answers as they become the frame Inkomstenopgaven."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from include.bronnen import uwv
from include.schemas import bronnen as schema
from tests.bronnen.hulp import BSNS, client

A, B, C = 999900006, 999900018, 999900031
JULI, AUGUSTUS = (date(2026, 7, 1), date(2026, 7, 31)), (date(2026, 8, 1), date(2026, 8, 31))


def _periode(maand: tuple[date, date]) -> dict[str, str]:
    return {"periodeVan": maand[0].isoformat(), "periodeTotEnMet": maand[1].isoformat()}


def _opgave(maand: tuple[date, date], loon: int, auto: int, heffing: int, zvw: int) -> dict[str, Any]:
    return {
        "datumAanvang": maand[0],
        "datumEinde": maand[1],
        "lnLbPh": loon,
        "wrdPrGebrAut": auto,
        "ingLbPh": heffing,
        "bijdrZvw": zvw,
    }


def _verhouding(soort: str, *opgaven: dict[str, Any], **naam: str | None) -> dict[str, Any]:
    return {**naam, "codeSoortInkomstenverhouding": soort, "inkomstenopgaven": list(opgaven)}


def _tabel(antwoorden: dict[int, list[dict[str, Any]]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"burgerservicenummer": f"{b:09d}", "inkomstenverhoudingen": v} for b, v in antwoorden.items()],
        schema=uwv.INKOMSTENVERHOUDINGEN.schema,
    )


def test_every_opgave_is_a_line_of_its_relation() -> None:
    frame = uwv.uwv_frames(
        _tabel(
            {
                A: [
                    _verhouding(
                        "15",
                        _opgave(JULI, 150000, 1, 20000, 2),
                        _opgave(AUGUSTUS, 152000, 0, 21000, 0),
                        naamAdministratieveEenheid="Bakkerij Jansen",
                        loonheffingennummer="001234567L01",
                    ),
                    _verhouding("42", naamAdministratieveEenheid="Zonder opgaven"),
                ],
                B: [],
                C: [
                    _verhouding("56", _opgave(AUGUSTUS, -5, -4, -3, -2), naamAdministratieveEenheid=None),
                    _verhouding("56", _opgave(AUGUSTUS, 7, 0, 0, 0)),
                ],
            }
        )
    )
    juli, augustus = map(pd.Timestamp, JULI), map(pd.Timestamp, AUGUSTUS)
    (j1, j31), (a1, a31) = juli, augustus
    assert list(frame.itertuples(index=False, name=None)) == [
        (A, 0, "001234567L01", "Bakkerij Jansen", "15", j1, j31, 150000, 1, 20000, 2),
        (A, 0, "001234567L01", "Bakkerij Jansen", "15", a1, a31, 152000, 0, 21000, 0),
        (C, 2, "", "", "56", a1, a31, -5, -4, -3, -2),
        (C, 3, "", "", "56", a1, a31, 7, 0, 0, 0),
    ]
    assert frame["einde"].dtype == "datetime64[s]"


def test_nobody_asked_gives_an_empty_frame() -> None:
    frame = uwv.uwv_frames(uwv.INKOMSTENVERHOUDINGEN.schema.empty_table())
    pd.testing.assert_frame_equal(frame, schema.leeg(schema.Inkomstenopgaven))


def test_the_period_goes_along(bronnen: SimpleNamespace) -> None:
    vraag = client(bronnen.url, bron="uwv")
    augustus = uwv.uwv_frames(vraag.vraag(uwv.INKOMSTENVERHOUDINGEN, BSNS, **_periode(AUGUSTUS)))
    assert augustus["bsn"].tolist() == BSNS[::2].tolist()
    assert uwv.uwv_frames(vraag.vraag(uwv.INKOMSTENVERHOUDINGEN, BSNS, **_periode(JULI))).empty


bedragen = st.integers(-(10**13), 10**13)
dagen = st.dates(date(1, 1, 1), date(9999, 12, 31))
opgaven = st.builds(_opgave, st.tuples(dagen, dagen), bedragen, bedragen, bedragen, bedragen)
verhoudingen = st.lists(
    st.builds(lambda soort, opg: _verhouding(soort, *opg), st.sampled_from(["15", "42"]), st.lists(opgaven)),
    max_size=3,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.integers(1, 999_999_999), verhoudingen, max_size=5))
def test_flattened_and_grouped_again_it_says_the_same(
    antwoorden: dict[int, list[dict[str, Any]]],
) -> None:
    frame = uwv.uwv_frames(_tabel(antwoorden))
    terug: dict[int, list[dict[str, Any]]] = {}
    for (bsn, _, soort), groep in frame.groupby(["bsn", "inkomstenverhouding", "soort"], sort=False):
        regels = [
            _opgave((r.aanvang.date(), r.einde.date()), r.loon, r.auto, r.loonheffing, r.zvw)
            for r in groep.itertuples()
        ]
        terug.setdefault(bsn, []).append(_verhouding(soort, *regels))
    met_opgaven = {b: [v for v in vs if v["inkomstenopgaven"]] for b, vs in antwoorden.items()}
    assert terug == {bsn: vs for bsn, vs in met_opgaven.items() if vs}
