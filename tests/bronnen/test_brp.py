"""BRP answers as they become the five frames: a table by hand, and what holds for any answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.bronnen import brp, snapshot
from include.errors import BronAntwoordFout, GegevensFout
from include.schemas import bronnen as schema

A, B, C, D = 999900006, 999900018, 999900031, 999900043


def _tabel(*antwoorden: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(antwoorden), schema=brp.ADRESVRAGEN.schema)


def _antwoord(bsn: int, letter: str, *personen: dict[str, Any]) -> dict[str, Any]:
    return {
        "burgerservicenummer": f"{bsn:09d}",
        "resultaat": {"letter": letter},
        "personen": list(personen),
    }


def _rijen(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


EVERYTHING = {
    "burgerservicenummer": str(A),
    "naam": {"voorvoegsel": "van der", "geslachtsnaam": "Meer"},
    "geboorte": {"datum": "1980-03-17"},
    "verblijfplaats": {"functieAdres": {"code": "W"}, "inOnderzoek": True},
    "partners": [
        {"burgerservicenummer": str(B), "ontbindingHuwelijkPartnerschap": {"datum": "2015-01-01"}},
        {"burgerservicenummer": str(C), "ontbindingHuwelijkPartnerschap": None},
        # A dissolution of which nothing is known is a dissolution; a partner may be without BSN.
        {"burgerservicenummer": None, "ontbindingHuwelijkPartnerschap": {}},
        {},
    ],
    "kinderen": [{"burgerservicenummer": str(D)}, {"burgerservicenummer": None}, {}],
    "ouders": [{}, {"burgerservicenummer": "000012345"}, {"burgerservicenummer": "000000000"}],
    "opschortingBijhouding": None,
}
NOTHING: dict[str, Any] = {}
ALL_NULL = {
    "burgerservicenummer": None,
    "naam": None,
    "geboorte": {"datum": None},
    "verblijfplaats": None,
    "partners": [],
    "opschortingBijhouding": {},
}
SUSPENDED = {
    "burgerservicenummer": str(C),
    "naam": {"voorvoegsel": None, "geslachtsnaam": "Ne\x00e\tÇ"},
    "geboorte": {"datum": "1980"},
    "verblijfplaats": {"functieAdres": {"code": "B"}, "inOnderzoek": None},
    "kinderen": [{"burgerservicenummer": str(A)}],
    "opschortingBijhouding": {"reden": {"code": "O"}},
}


def test_every_field_finds_its_place() -> None:
    frames = brp.brp_frames(
        _tabel(
            _antwoord(A, "A", EVERYTHING, NOTHING, ALL_NULL),
            _antwoord(B, "G"),
            _antwoord(C, "A", SUSPENDED),
        )
    )
    assert _rijen(frames.resultaten) == [(A, "A"), (B, "G"), (C, "A")]
    # persoon, vraag_bsn, bsn, voorvoegsel, geslachtsnaam, geboortedatum, functieadres,
    # in_onderzoek, opgeschort
    assert _rijen(frames.personen) == [
        (0, A, A, "van der", "Meer", "1980-03-17", "W", True, False),
        (1, A, 0, "", "", "", "", False, False),
        (2, A, 0, "", "", "", "", False, True),
        (3, C, C, "", "Ne\ufffde\tÇ", "1980", "B", False, True),
    ]
    assert _rijen(frames.verbintenissen) == [(0, B, True), (0, C, False), (0, 0, True), (0, 0, False)]
    assert _rijen(frames.kinderen) == [(0, D), (3, A)]
    assert _rijen(frames.ouders) == [(0, 12345)]


def test_nobody_asked_gives_empty_frames() -> None:
    frames = brp.brp_frames(brp.ADRESVRAGEN.schema.empty_table())
    for naam, model in [
        ("resultaten", schema.BrpResultaten),
        ("personen", schema.BrpPersonen),
        ("verbintenissen", schema.BrpVerbintenissen),
        ("kinderen", schema.BrpVerwanten),
        ("ouders", schema.BrpVerwanten),
    ]:
        pd.testing.assert_frame_equal(getattr(frames, naam), schema.leeg(model))


def test_a_snapshot_of_another_shape_is_refused() -> None:
    with pytest.raises(GegevensFout, match="another shape than this version reads"):
        brp.brp_frames(pa.table({"burgerservicenummer": [str(A)]}))


def test_an_answer_that_fits_no_frame_is_told_without_its_values() -> None:
    with pytest.raises(BronAntwoordFout) as fout:
        brp.brp_frames(_tabel(_antwoord(A, "A", {"geboorte": {"datum": "17-3-1980"}}), _antwoord(B, "Q")))
    assert str(fout.value).startswith("The answers of source brp do not fit BrpResultaten: letter isin(")
    assert "(1x)" in str(fout.value)
    assert str(B) not in str(fout.value)
    assert fout.value.__context__ is None


# --- what holds for any answer ------------------------------------------------------------------------------
bsns = st.integers(0, 999_999_999).map(lambda bsn: f"{bsn:09d}") | st.none()
teksten = st.text(st.characters(codec="utf-8"), max_size=5) | st.none()
aanwezig = st.sampled_from([None, {}, {"datum": "2015-01-01"}])


def veld(**velden: st.SearchStrategy) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=velden)


verwanten = st.lists(veld(burgerservicenummer=bsns), max_size=3)
personen = veld(
    burgerservicenummer=bsns,
    naam=veld(voorvoegsel=teksten, geslachtsnaam=teksten) | st.none(),
    geboorte=veld(datum=st.sampled_from(["1980-03-17", "1980-03", "1980", None])) | st.none(),
    verblijfplaats=st.none()
    | st.fixed_dictionaries(
        {"functieAdres": st.fixed_dictionaries({"code": st.sampled_from(["W", "B", "?"])})},
        optional={"inOnderzoek": st.booleans() | st.none()},
    ),
    partners=st.lists(veld(burgerservicenummer=bsns, ontbindingHuwelijkPartnerschap=aanwezig), max_size=3),
    kinderen=verwanten,
    ouders=verwanten,
    opschortingBijhouding=aanwezig,
)
antwoorden = st.lists(
    st.tuples(st.integers(1, 999_999_999), st.sampled_from(list("AGPTZ")), st.lists(personen, max_size=4)),
    max_size=6,
    unique_by=lambda antwoord: antwoord[0],
)


def _bsn(iets: dict[str, Any]) -> int:
    return int(iets.get("burgerservicenummer") or 0)


def _leesbaar(tekst: str | None) -> str:
    return "".join(
        "\ufffd" if (t < " " and t not in "\t\n\r") or t in "\ufffe\uffff" else t for t in tekst or ""
    )


def _verwacht(persoon: dict[str, Any]) -> dict[str, Any]:
    """A person as the frames should tell it, from the JSON in plain Python."""
    naam, verblijf = persoon.get("naam") or {}, persoon.get("verblijfplaats") or {}
    return {
        "bsn": _bsn(persoon),
        "naam": (_leesbaar(naam.get("voorvoegsel")), _leesbaar(naam.get("geslachtsnaam"))),
        "geboren": (persoon.get("geboorte") or {}).get("datum") or "",
        "adres": (verblijf.get("functieAdres", {}).get("code", ""), bool(verblijf.get("inOnderzoek"))),
        "opgeschort": persoon.get("opschortingBijhouding") is not None,
        "partners": [
            (_bsn(p), p.get("ontbindingHuwelijkPartnerschap") is not None)
            for p in persoon.get("partners", [])
        ],
        "kinderen": [_bsn(k) for k in persoon.get("kinderen", []) if _bsn(k)],
        "ouders": [_bsn(o) for o in persoon.get("ouders", []) if _bsn(o)],
    }


def _teruggevonden(frames: schema.Brp, persoon: Any) -> dict[str, Any]:
    def van(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["persoon"] == persoon.persoon].drop(columns="persoon")

    return {
        "bsn": persoon.bsn,
        "naam": (persoon.voorvoegsel, persoon.geslachtsnaam),
        "geboren": persoon.geboortedatum,
        "adres": (persoon.functieadres, persoon.in_onderzoek),
        "opgeschort": persoon.opgeschort,
        "partners": _rijen(van(frames.verbintenissen)),
        "kinderen": van(frames.kinderen)["bsn"].tolist(),
        "ouders": van(frames.ouders)["bsn"].tolist(),
    }


@settings(max_examples=60, deadline=None)
@given(antwoorden)
def test_flattened_and_grouped_again_it_says_the_same(
    vragen: list[tuple[int, str, list[dict[str, Any]]]],
) -> None:
    tabel = _tabel(*[_antwoord(bsn, letter, *mensen) for bsn, letter, mensen in vragen])
    frames = brp.brp_frames(snapshot.uit_bytes(snapshot.naar_bytes(tabel)))
    assert _rijen(frames.resultaten) == [(bsn, letter) for bsn, letter, _ in vragen]
    for bsn, _, mensen in vragen:
        gevonden = frames.personen[frames.personen["vraag_bsn"] == bsn]
        assert [_teruggevonden(frames, rij) for rij in gevonden.itertuples()] == [
            _verwacht(persoon) for persoon in mensen
        ]
