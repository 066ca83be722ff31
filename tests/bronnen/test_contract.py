"""The Arrow schemas of the snapshots keep to the messages of the contract."""

from __future__ import annotations

import json
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pytest
from pydantic import TypeAdapter, ValidationError
from typing_extensions import is_typeddict

from include.bronnen import belastingdienst, bijstand, brp, rdw, uwv
from include.bronnen.client import Endpoint
from include.schemas import bronberichten as bericht

ENDPOINTS = {
    brp.ADRESVRAGEN: bericht.Adresantwoord,
    uwv.INKOMSTENVERHOUDINGEN: bericht.Inkomensantwoord,
    belastingdienst.VERMOGENS: bericht.Vermogensantwoord,
    belastingdienst.HEFFINGSKORTINGEN: bericht.Heffingskortingantwoord,
    rdw.VOERTUIGEN: bericht.Voertuigantwoord,
    bijstand.UITKERINGSVERHOUDINGEN: bericht.Uitkeringsantwoord,
}
# Checked, but not kept: nothing is done with it.
LEFT_OUT = {"code"}
SCALARS = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), date: pa.date32()}


def _arrow(soort: Any) -> pa.DataType:
    oorsprong, delen = get_origin(soort), get_args(soort)
    if oorsprong is Annotated:
        return _arrow(delen[0])
    if oorsprong in (Union, UnionType):
        (deel,) = [deel for deel in delen if deel is not NoneType]
        return _arrow(deel)
    if oorsprong is Literal:
        return _arrow(type(delen[0]))
    if oorsprong is list:
        return pa.list_(_arrow(delen[0]))
    if is_typeddict(soort):
        return pa.struct(list(_velden(soort)))
    return SCALARS[soort]


def _velden(soort: Any) -> list[pa.Field]:
    weg = LEFT_OUT if soort is bericht.Resultaat else set()
    return [pa.field(naam, _arrow(deel)) for naam, deel in get_type_hints(soort).items() if naam not in weg]


@pytest.mark.parametrize(
    ("endpoint", "antwoord"), ENDPOINTS.items(), ids=lambda iets: getattr(iets, "pad", "")
)
def test_every_field_of_the_message_is_kept(endpoint: Endpoint, antwoord: Any) -> None:
    assert endpoint.schema.equals(pa.schema(_velden(antwoord)))


@pytest.mark.parametrize(
    ("datum", "is_one"),
    [
        ("1980-03-17", True), ("1980-03", True), ("1980", True), ("2024-02-29", True), (None, True),
        ("2025-02-29", False), ("1980-13", False), ("1980-00-00", False), ("0000", False), ("", False),
        ("17-03-1980", False), ("1980-3-17", False), ("1980-03-17\n", False), (1980, False),
    ],
)  # fmt: skip
def test_a_birth_date_is_a_date_as_far_as_it_goes(datum: object, is_one: bool) -> None:
    soort = TypeAdapter(bericht.Geboorte)
    tekst = json.dumps({"datum": datum})
    if is_one:
        assert soort.validate_json(tekst) == {"datum": datum}
    else:
        with pytest.raises(ValidationError):
            soort.validate_json(tekst)


DAGEN = [
    ("2025-07-01", True), ("2024-02-29", True),
    ("2025-02-29", False), ("1751328000", False), ("1751328000.0", False), ("2025-07-01T00:00:00", False),
    ("2025-07", False), ("20250701", False), ("", False), (" 2025-07-01", False), ("2025-07-01\n", False),
    (1751328000, False), (None, False),
]  # fmt: skip


@pytest.mark.parametrize(("dag", "is_one"), DAGEN)
def test_a_day_is_a_day_of_the_calendar_and_no_number(dag: object, is_one: bool) -> None:
    uitkering = {"regeling": "PW", "datumAanvang": dag, "datumEinde": None}
    soort, tekst = TypeAdapter(bericht.Uitkering), json.dumps(uitkering)
    if is_one:
        assert soort.validate_json(tekst)["datumAanvang"] == date.fromisoformat(str(dag))
    else:
        with pytest.raises(ValidationError):
            soort.validate_json(tekst)


AUTO = {
    "kenteken": "X", "voertuigsoort": "", "merk": "", "handelsbenaming": "", "massaLedigVoertuig": 1,
    "brandstofsoorten": [], "inrichting": "", "bijzonderheden": [], "status": "",
    "datumEersteToelating": "2012-04-01",
}  # fmt: skip
BEDRAGEN = dict.fromkeys(("lnLbPh", "wrdPrGebrAut", "ingLbPh", "bijdrZvw"), 0)
PERIODEN = {
    "opgave": (
        bericht.Inkomstenverhouding,
        {"codeSoortInkomstenverhouding": "15"},
        "inkomstenopgaven",
        BEDRAGEN,
        ("datumAanvang", "datumEinde"),
    ),
    "voertuig": (
        bericht.Voertuigantwoord,
        {"burgerservicenummer": "999900018"},
        "voertuigen",
        AUTO,
        ("datumAanvangAansprakelijkheid", "datumEindeAansprakelijkheid"),
    ),
    "uitkering": (
        bericht.Uitkeringsantwoord,
        {"burgerservicenummer": "999900018"},
        "uitkeringen",
        {"regeling": "PW"},
        ("datumAanvang", "datumEinde"),
    ),
}


@pytest.mark.parametrize(("soort", "antwoord", "lijst", "feit", "velden"), PERIODEN.values(), ids=PERIODEN)
@pytest.mark.parametrize(
    ("einde", "is_one"), [("2026-08-31", True), ("2026-08-03", True), ("2026-08-02", False)]
)
def test_a_period_does_not_end_before_it_begins(
    soort: Any, antwoord: dict, lijst: str, feit: dict, velden: tuple[str, str], einde: str, is_one: bool
) -> None:
    tekst = json.dumps(antwoord | {lijst: [feit | dict(zip(velden, ("2026-08-03", einde), strict=True))]})
    if is_one:
        assert len(TypeAdapter(soort).validate_json(tekst)[lijst]) == 1
    else:
        with pytest.raises(ValidationError) as fout:
            TypeAdapter(soort).validate_json(tekst)
        [geval] = fout.value.errors()
        assert (geval["loc"], geval["type"]) == ((lijst, 0), "ends_before_it_begins")


@pytest.mark.parametrize("bedrag", ["100", "1e2", "100.0", '"100"', "true", "null", "99999999999999"])
def test_an_amount_is_a_whole_number_of_cents(bedrag: str) -> None:
    soort = TypeAdapter(bericht.Heffingskorting)
    tekst = '{"code": "AHK", "bedrag": %s}' % bedrag  # noqa: UP031
    if bedrag == "100":
        assert soort.validate_json(tekst)["bedrag"] == 100
    else:
        with pytest.raises(ValidationError):
            soort.validate_json(tekst)
