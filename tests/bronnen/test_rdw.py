"""RDW answers as they become the frame Voertuigen."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pydantic import ValidationError

from include.bronnen import rdw
from include.schemas import bronnen as schema
from tests.bronnen.hulp import BSNS, client
from tests.mock_sources.hulp import AUTO

A, B = 999900006, 999900018
GOLF = AUTO | {
    "datumEersteToelating": date(2012, 4, 1),
    "datumAanvangAansprakelijkheid": date(2020, 1, 1),
}


def _tabel(antwoorden: dict[int, list[dict[str, Any]]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"burgerservicenummer": str(bsn), "voertuigen": wagens} for bsn, wagens in antwoorden.items()],
        schema=rdw.VOERTUIGEN.schema,
    )


def test_a_vehicle_by_hand() -> None:
    einde = GOLF | {"datumEindeAansprakelijkheid": date(2026, 9, 25), "kenteken": "Y111YY"}
    frame = rdw.rdw_frames(_tabel({A: [GOLF, einde], B: []}))
    toegelaten, vanaf = pd.Timestamp(2012, 4, 1), pd.Timestamp(2020, 1, 1)
    auto = ("Personenauto", "VOLKSWAGEN", "GOLF", 1205, "Benzine", "", "hatchback", "", "normaal")
    rijen = list(frame.itertuples(index=False, name=None))
    assert rijen[0][:-1] == (A, "X999XX", *auto, toegelaten, vanaf)
    assert rijen[0][-1] is pd.NaT
    assert rijen[1] == (A, "Y111YY", *auto, toegelaten, vanaf, pd.Timestamp(2026, 9, 25))
    assert len(rijen) == 2


@pytest.mark.parametrize(
    ("brandstofsoorten", "first", "second"),
    [
        ([], "", ""),
        (["Benzine"], "Benzine", ""),
        (["Elektriciteit", "Benzine"], "Elektriciteit", "Benzine"),
        (["LPG", "Benzine", "Alcohol"], "LPG", "Benzine"),
        (["", "Benzine"], "", "Benzine"),
    ],
)
def test_the_first_two_fuels(brandstofsoorten: list[str], first: str, second: str) -> None:
    # Between others, so that a shift by one would show.
    anders = GOLF | {"brandstofsoorten": ["Diesel", "Waterstof"]}
    frame = rdw.rdw_frames(_tabel({A: [anders, GOLF | {"brandstofsoorten": brandstofsoorten}], B: [anders]}))
    soorten = list(zip(frame["brandstofsoort_1"], frame["brandstofsoort_2"], strict=True))
    assert soorten == [("Diesel", "Waterstof"), (first, second), ("Diesel", "Waterstof")]


@pytest.mark.parametrize(
    ("bijzonderheden", "joined"), [([], ""), (["Taxi"], "Taxi"), (["Taxi", "Export"], "Taxi, Export")]
)
def test_bijzonderheden_are_joined(bijzonderheden: list[str], joined: str) -> None:
    frame = rdw.rdw_frames(_tabel({A: [GOLF, GOLF | {"bijzonderheden": bijzonderheden}]}))
    assert frame["bijzonderheden"].tolist() == ["", joined]


@pytest.mark.parametrize("kenteken", ["", " "])
def test_a_vehicle_without_kenteken_is_no_answer(kenteken: str) -> None:
    """It cannot stand in a report, and would stop that of everybody else at the very end."""
    antwoord = {
        "antwoorden": [{"burgerservicenummer": str(A), "voertuigen": [GOLF | {"kenteken": kenteken}]}]
    }
    with pytest.raises(ValidationError, match="kenteken"):
        rdw.VOERTUIGEN.bericht.validate_python(antwoord)


def test_nobody_asked_gives_an_empty_frame() -> None:
    pd.testing.assert_frame_equal(
        rdw.rdw_frames(rdw.VOERTUIGEN.schema.empty_table()), schema.leeg(schema.Voertuigen)
    )


def test_vehicles_over_http(bronnen: SimpleNamespace) -> None:
    frame = rdw.rdw_frames(
        client(bronnen.url, bron="rdw").vraag(rdw.VOERTUIGEN, BSNS, peildatum="2026-09-26")
    )
    assert frame["bsn"].tolist() == BSNS.tolist()
    assert frame["kenteken"].tolist() == [f"X{nummer:03d}XX" for nummer in range(len(BSNS))]
