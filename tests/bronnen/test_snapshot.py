"""Snapshots as bytes: the same answers, the same bytes; damaged bytes are noticed."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.bronnen import brp, snapshot, uwv
from include.errors import GegevensFout
from tests.bronnen.hulp import BSNS, client, vraag_brp


def test_there_and_back(bronnen: SimpleNamespace) -> None:
    tabel = client(bronnen.url, bron="uwv").vraag(
        uwv.INKOMSTENVERHOUDINGEN, BSNS, periodeVan="2026-06-01", periodeTotEnMet="2026-08-31"
    )
    terug = snapshot.uit_bytes(snapshot.naar_bytes(tabel))
    assert terug.equals(tabel, check_metadata=True)
    assert snapshot.kenmerken(terug) == {
        "bron": "uwv",
        "endpoint": "/uwv/inkomstenverhoudingen",
        "periodeVan": "2026-06-01",
        "periodeTotEnMet": "2026-08-31",
        "gevraagd": 23,
    }


def test_the_parts_of_a_table_do_not_show(bronnen: SimpleNamespace) -> None:
    heel = vraag_brp(client(bronnen.url), BSNS)
    delen = pa.concat_tables([heel.slice(0, 7), heel.slice(7, 1), heel.slice(8)])
    assert delen.column(0).num_chunks == 3
    inhoud = snapshot.naar_bytes(delen)
    assert inhoud == snapshot.naar_bytes(heel)


def test_nothing_asked_is_a_snapshot_too() -> None:
    leeg = brp.ADRESVRAGEN.schema.empty_table()
    terug = snapshot.uit_bytes(snapshot.naar_bytes(leeg))
    assert terug.equals(leeg)
    assert snapshot.kenmerken(terug) == {"gevraagd": 0}


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(inhoud: bytes) -> None:
    with pytest.raises(GegevensFout, match="bronsnapshot is damaged"):
        snapshot.uit_bytes(inhoud)


def test_a_snapshot_that_was_cut_off_is_refused(bronnen: SimpleNamespace) -> None:
    inhoud = snapshot.naar_bytes(vraag_brp(client(bronnen.url), BSNS))
    for lengte in (8, len(inhoud) // 2, len(inhoud) - 100):
        with pytest.raises(GegevensFout, match="clear the task that fetched it"):
            snapshot.uit_bytes(inhoud[:lengte])
