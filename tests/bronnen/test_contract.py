"""The Arrow schemas of the snapshots keep to the messages of the contract."""

from __future__ import annotations

from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pytest
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
LEFT_OUT = {"code", "loonheffingennummer"}
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
    weg = LEFT_OUT if soort in (bericht.Resultaat, bericht.Inkomstenverhouding) else set()
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
    import json

    from pydantic import TypeAdapter, ValidationError

    soort = TypeAdapter(bericht.Geboorte)
    tekst = json.dumps({"datum": datum})
    if is_one:
        assert soort.validate_json(tekst) == {"datum": datum}
    else:
        with pytest.raises(ValidationError):
            soort.validate_json(tekst)


@pytest.mark.parametrize("bedrag", ["100", "1e2", "100.0", '"100"', "true", "null", "99999999999999"])
def test_an_amount_is_a_whole_number_of_cents(bedrag: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    soort = TypeAdapter(bericht.Heffingskorting)
    tekst = '{"code": "AHK", "bedrag": %s}' % bedrag  # noqa: UP031
    if bedrag == "100":
        assert soort.validate_json(tekst)["bedrag"] == 100
    else:
        with pytest.raises(ValidationError):
            soort.validate_json(tekst)
