"""Answers of the Belastingdienst as they become frames."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa

from include.bronnen import belastingdienst as bd
from include.schemas import bronnen as schema
from tests.bronnen.hulp import BSNS, client

A, B, C = 999900006, 999900018, 999900031


def _rekening(nummer: str, saldo: int, rente: int, **rest: str | None) -> dict[str, Any]:
    return {"rekeningnummer": nummer, "saldo": saldo, "rente": rente, **rest}


def _rijen(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def test_vermogens_by_hand() -> None:
    wie = {"bank": "ABN AMRO", "product": "spaarrekening", "tenaamstelling": "A van der Meer"}
    vermogen = bd.vermogen_frames(
        pa.Table.from_pylist(
            [
                {
                    "burgerservicenummer": str(A),
                    "verificatie": "geslaagd",
                    "rekeningen": [
                        _rekening("NL91ABNA0417164300", 312050, 1205, **wie),
                        _rekening("NL02ABNA0123456789", -5000, 0, bank=None),
                    ],
                },
                {"burgerservicenummer": str(B), "verificatie": "mislukt", "rekeningen": []},
                {
                    "burgerservicenummer": str(C),
                    "verificatie": "geslaagd",
                    # A joint account comes with each holder.
                    "rekeningen": [_rekening("NL91ABNA0417164300", 312050, 1205)],
                },
            ],
            schema=bd.VERMOGENS.schema,
        )
    )
    assert _rijen(vermogen.verificaties) == [(A, True), (B, False), (C, True)]
    assert _rijen(vermogen.rekeningen) == [
        (A, "NL91ABNA0417164300", 312050, 1205, "ABN AMRO", "spaarrekening", "A van der Meer"),
        (A, "NL02ABNA0123456789", -5000, 0, "", "", ""),
        (C, "NL91ABNA0417164300", 312050, 1205, "", "", ""),
    ]


def test_heffingskortingen_by_hand() -> None:
    frame = bd.heffingskorting_frames(
        pa.Table.from_pylist(
            [
                {"burgerservicenummer": str(A), "heffingskortingen": []},
                {
                    "burgerservicenummer": str(B),
                    "heffingskortingen": [{"code": "AHK", "bedrag": 311500}, {"code": "XYZ", "bedrag": -1}],
                },
            ],
            schema=bd.HEFFINGSKORTINGEN.schema,
        )
    )
    assert _rijen(frame) == [(B, "AHK", 311500), (B, "XYZ", -1)]


def test_nobody_asked_gives_empty_frames() -> None:
    vermogen = bd.vermogen_frames(bd.VERMOGENS.schema.empty_table())
    pd.testing.assert_frame_equal(vermogen.verificaties, schema.leeg(schema.Verificaties))
    pd.testing.assert_frame_equal(vermogen.rekeningen, schema.leeg(schema.Rekeningen))
    kortingen = bd.heffingskorting_frames(bd.HEFFINGSKORTINGEN.schema.empty_table())
    pd.testing.assert_frame_equal(kortingen, schema.leeg(schema.Heffingskortingen))


def test_the_belastingjaar_goes_along(bronnen: SimpleNamespace) -> None:
    vraag = client(bronnen.url, bron="belastingdienst")
    assert len(bd.vermogen_frames(vraag.vraag(bd.VERMOGENS, BSNS, belastingjaar=2025)).rekeningen) == len(
        BSNS
    )
    assert bd.vermogen_frames(vraag.vraag(bd.VERMOGENS, BSNS, belastingjaar=2024)).rekeningen.empty
    assert len(bd.heffingskorting_frames(vraag.vraag(bd.HEFFINGSKORTINGEN, BSNS, belastingjaar=2025))) == len(
        BSNS
    )
    assert bd.heffingskorting_frames(vraag.vraag(bd.HEFFINGSKORTINGEN, BSNS, belastingjaar=2024)).empty
