"""Answers of the bijstand register as they become the frame Uitkeringen."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa

from include.bronnen import bijstand
from include.schemas import bronnen as schema
from tests.bronnen.hulp import BSNS, client

A, B = 999900006, 999900018


def test_uitkeringen_by_hand() -> None:
    begin, einde = date(2024, 1, 1), date(2025, 6, 30)
    frame = bijstand.bijstand_frames(
        pa.Table.from_pylist(
            [
                {"burgerservicenummer": str(A), "uitkeringen": []},
                {
                    "burgerservicenummer": str(B),
                    "uitkeringen": [
                        {"regeling": "IOAW", "datumAanvang": begin, "datumEinde": einde},
                        {"regeling": "PW", "datumAanvang": einde, "datumEinde": None},
                    ],
                },
            ],
            schema=bijstand.UITKERINGSVERHOUDINGEN.schema,
        )
    )
    assert frame["bsn"].tolist() == [B, B]
    assert frame["regeling"].tolist() == ["IOAW", "PW"]
    assert frame["aanvang"].tolist() == [pd.Timestamp(begin), pd.Timestamp(einde)]
    assert frame["einde"].tolist() == [pd.Timestamp(einde), pd.NaT]


def test_nobody_asked_gives_an_empty_frame() -> None:
    frame = bijstand.bijstand_frames(bijstand.UITKERINGSVERHOUDINGEN.schema.empty_table())
    pd.testing.assert_frame_equal(frame, schema.leeg(schema.Uitkeringen))


def test_uitkeringen_over_http(bronnen: SimpleNamespace) -> None:
    vraag = client(bronnen.url, bron="bijstand")
    frame = bijstand.bijstand_frames(
        vraag.vraag(bijstand.UITKERINGSVERHOUDINGEN, BSNS, peildatum="2026-09-26")
    )
    assert frame["bsn"].tolist() == BSNS[::4].tolist()
