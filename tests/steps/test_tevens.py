"""Who was delivered by more than one organisation (besluit B52)."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.steps.tevens import TEVENS_KOLOMMEN, niemand_tevens, tevens_aangeleverd

A, B, C = 999900018, 999900031, 999900043


GSD_CODES = {"Alfa": "0034", "Beta": "0518", "Gamma": "0014", "Delta": "0193"}
GEMEENTEN = {"Alfa": "Almere", "Beta": "'s-Gravenhage", "Gamma": "Groningen", "Delta": "Zwolle"}
"""Each of these organisations delivers for one gemeente."""


def _rijen(*rijen: tuple[int, str]) -> pd.DataFrame:
    return pd.DataFrame(rijen, columns=["bsn", "gsd_code"]).astype({"bsn": "int64", "gsd_code": "str"})


def _tevens(aanvragers: dict[str, list[int]]) -> dict[str, list[tuple[int, str]]]:
    uit = tevens_aangeleverd(
        {naam: _rijen(*((bsn, GSD_CODES[naam]) for bsn in bsns)) for naam, bsns in aanvragers.items()}
    )
    return {naam: list(frame.itertuples(index=False, name=None)) for naam, frame in uit.items()}


@pytest.mark.parametrize(
    ("aanvragers", "verwacht"),
    [
        ({}, {}),
        ({"Alfa": []}, {}),
        ({"Alfa": [A, B]}, {}),
        ({"Alfa": [A], "Beta": [B]}, {}),
        ({"Alfa": [A, B], "Beta": [B]}, {"Alfa": [(1, "'s-Gravenhage")], "Beta": [(0, "Almere")]}),
        (
            {"Alfa": [A, B], "Beta": [B], "Gamma": []},
            {"Alfa": [(1, "'s-Gravenhage")], "Beta": [(0, "Almere")]},
        ),
        (
            # Everybody names the gemeenten of both others, in the order of the alphabet (besluit B49a).
            {"Gamma": [A], "Beta": [C, A], "Alfa": [A]},
            {
                "Alfa": [(0, "'s-Gravenhage"), (0, "Groningen")],
                "Beta": [(1, "Almere"), (1, "Groningen")],
                "Gamma": [(0, "'s-Gravenhage"), (0, "Almere")],
            },
        ),
        (
            {"Alfa": [A, B, C], "Beta": [C], "Gamma": [A]},
            {
                "Alfa": [(0, "Groningen"), (2, "'s-Gravenhage")],
                "Beta": [(0, "Almere")],
                "Gamma": [(0, "Almere")],
            },
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
            (plaats, gemeente)
            for plaats, bsn in enumerate(bsns)
            for gemeente, ander in sorted((GEMEENTEN[ander], ander) for ander in aanvragers)
            if ander != naam and bsn in aanvragers[ander]
        ]
        for naam, bsns in aanvragers.items()
    }
    assert _tevens(aanvragers) == {naam: paren for naam, paren in verwacht.items() if paren}


def test_a_gemeente_is_named_once_also_when_it_is_one_s_own() -> None:
    uit = tevens_aangeleverd(
        {
            "Almere": _rijen((A, "0034")),
            "Regeling": _rijen((B, "0014"), (A, "0034")),
            "Sociale dienst": _rijen((A, "0034")),
        }
    )
    assert {naam: list(frame.itertuples(index=False, name=None)) for naam, frame in uit.items()} == {
        "Almere": [(0, "Almere")],
        "Regeling": [(1, "Almere")],
        "Sociale dienst": [(0, "Almere")],
    }


def test_nobody_has_the_shape_of_somebody() -> None:
    gedeeld = tevens_aangeleverd({"Alfa": _rijen((A, "0014")), "Beta": _rijen((A, "0034"))})["Alfa"]
    assert tuple(niemand_tevens()) == tuple(gedeeld) == tuple(TEVENS_KOLOMMEN)
    assert niemand_tevens()["aanvraag"].dtype == gedeeld["aanvraag"].dtype
