"""Who was delivered by more than one organisation (besluit B52)."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.steps.tevens import TEVENS_KOLOMMEN, niemand_tevens, tevens_aangeleverd

A, B, C = 999900018, 999900031, 999900043


def _tevens(aanvragers: dict[str, list[int]]) -> dict[str, list[tuple[int, str]]]:
    uit = tevens_aangeleverd({naam: pd.Series(bsns, dtype="int64") for naam, bsns in aanvragers.items()})
    return {naam: list(frame.itertuples(index=False, name=None)) for naam, frame in uit.items()}


@pytest.mark.parametrize(
    ("aanvragers", "verwacht"),
    [
        ({}, {}),
        ({"Alfa": []}, {}),
        ({"Alfa": [A, B]}, {}),
        ({"Alfa": [A], "Beta": [B]}, {}),
        ({"Alfa": [A, B], "Beta": [B]}, {"Alfa": [(1, "Beta")], "Beta": [(0, "Alfa")]}),
        ({"Alfa": [A, B], "Beta": [B], "Gamma": []}, {"Alfa": [(1, "Beta")], "Beta": [(0, "Alfa")]}),
        (
            # Everybody names both others, in the order of the alphabet (besluit B49a).
            {"Gamma": [A], "Beta": [C, A], "Alfa": [A]},
            {
                "Alfa": [(0, "Beta"), (0, "Gamma")],
                "Beta": [(1, "Alfa"), (1, "Gamma")],
                "Gamma": [(0, "Alfa"), (0, "Beta")],
            },
        ),
        (
            {"Alfa": [A, B, C], "Beta": [C], "Gamma": [A]},
            {"Alfa": [(0, "Gamma"), (2, "Beta")], "Beta": [(0, "Alfa")], "Gamma": [(0, "Alfa")]},
        ),
    ],
)
def test_who_was_delivered_by_whom(
    aanvragers: dict[str, list[int]], verwacht: dict[str, list[tuple[int, str]]]
) -> None:
    assert _tevens(aanvragers) == verwacht


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["Alfa", "Beta", "Gamma", "Delta"]),
        st.lists(st.sampled_from(range(999900000, 999900008)), unique=True),
    )
)
def test_everybody_shared_is_named_and_nobody_else(aanvragers: dict[str, list[int]]) -> None:
    verwacht = {
        naam: [
            (plaats, ander)
            for plaats, bsn in enumerate(bsns)
            for ander in sorted(aanvragers)
            if ander != naam and bsn in aanvragers[ander]
        ]
        for naam, bsns in aanvragers.items()
    }
    assert _tevens(aanvragers) == {naam: paren for naam, paren in verwacht.items() if paren}


def test_nobody_has_the_shape_of_somebody() -> None:
    gedeeld = tevens_aangeleverd({"Alfa": pd.Series([A]), "Beta": pd.Series([A])})["Alfa"]
    assert tuple(niemand_tevens()) == tuple(gedeeld) == tuple(TEVENS_KOLOMMEN)
    assert niemand_tevens()["aanvraag"].dtype == gedeeld["aanvraag"].dtype
