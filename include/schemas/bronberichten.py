"""What the sources answer over HTTP, field by field, as the contract fixes it.

These are the JSON messages; ``include/bronnen`` turns them into the frames of :mod:`include.schemas.bronnen`.
Amounts are whole euro cents and dates whole days; a BRP birth date may be incomplete. Fields that a source
adds are ignored, fields that change type or go missing are an error of the source.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    FailFast,
    Field,
    GetPydanticSchema,
    StringConstraints,
    with_config,
)
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypedDict

Bsn = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
Cent = Annotated[int, Field(strict=True, ge=-(10**13), le=10**13)]
Dag = Annotated[
    date,
    GetPydanticSchema(
        lambda _soort, _verder: core_schema.chain_schema(
            [
                core_schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
                core_schema.date_schema(strict=False),
            ]
        )
    ),
]
"""``JJJJ-MM-DD`` and nothing else: left to itself pydantic reads a number in a text as seconds since 1970."""


def _bestaat(datum: str) -> str:
    date.fromisoformat(f"{datum}-01-01"[:10])
    return datum


OnvolledigeDatum = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_bestaat)
]
"""``JJJJ-MM-DD``, ``JJJJ-MM`` or ``JJJJ``; 30 February and month 13 are no dates."""
Tekst = Annotated[str, StringConstraints(max_length=1000)]
GevuldeTekst = Annotated[str, StringConstraints(max_length=1000, pattern=r"\S")]

T = TypeVar("T")
Lijst = Annotated[list[T], FailFast(), Field(max_length=10_000)]
"""A list inside an answer. Its length is bounded and its first error ends it, so that a hostile answer cannot
make millions of objects, or millions of errors, out of a few megabytes."""


def _periode(begin: str, einde: str) -> AfterValidator:
    """Return what refuses a fact whose day ``einde``, if it has one, lies before its day ``begin``."""

    def in_volgorde(feit: dict[str, Any]) -> dict[str, Any]:
        if feit[einde] is not None and feit[einde] < feit[begin]:
            raise PydanticCustomError("ends_before_it_begins", "ends before it begins")
        return feit

    return AfterValidator(in_volgorde)


streng = with_config(ConfigDict(strict=True, extra="ignore"))


@streng
class Antwoorden(TypedDict, Generic[T]):
    """A source's whole answer: an entry per BSN asked, at most 250, with room to count doubles."""

    antwoorden: Annotated[list[T], Field(max_length=500)]


@streng
class Code(TypedDict):
    """A value of a BRP code table."""

    code: Tekst


@streng
class Resultaat(TypedDict):
    """How the BRP's search ended: only A carries persons."""

    letter: Literal["A", "G", "P", "T", "Z"]
    code: NotRequired[int]


@streng
class Naam(TypedDict):
    """A person's name; the voorvoegsel is apart."""

    voorvoegsel: NotRequired[Tekst | None]
    geslachtsnaam: NotRequired[Tekst | None]


@streng
class Geboorte(TypedDict):
    """A birth, its date possibly incomplete or unknown."""

    datum: NotRequired[OnvolledigeDatum | None]


@streng
class Verblijfplaats(TypedDict):
    """The Dutch address at which a person is registered."""

    functieAdres: Code
    inOnderzoek: NotRequired[bool | None]


@streng
class Aanwezig(TypedDict):
    """An object of which only the presence counts: what it holds is neither judged nor kept."""


@streng
class Verbintenis(TypedDict):
    """A marriage or registered partnership; dissolved when ``ontbindingHuwelijkPartnerschap`` is not null."""

    burgerservicenummer: NotRequired[Bsn | None]
    ontbindingHuwelijkPartnerschap: NotRequired[Aanwezig | None]


@streng
class Verwant(TypedDict):
    """A child or parent; without BSN when the BRP knows none."""

    burgerservicenummer: NotRequired[Bsn | None]


@streng
class Persoon(TypedDict):
    """A person registered at the address asked for."""

    burgerservicenummer: NotRequired[Bsn | None]
    naam: NotRequired[Naam | None]
    geboorte: NotRequired[Geboorte | None]
    verblijfplaats: NotRequired[Verblijfplaats | None]
    partners: NotRequired[Lijst[Verbintenis]]
    kinderen: NotRequired[Lijst[Verwant]]
    ouders: NotRequired[Lijst[Verwant]]
    opschortingBijhouding: NotRequired[Aanwezig | None]


@streng
class Adresantwoord(TypedDict):
    """The BRP's answer for one BSN."""

    burgerservicenummer: Bsn
    resultaat: Resultaat
    personen: Lijst[Persoon]


@streng
class Inkomstenopgave(TypedDict):
    """One wage declaration; amounts in euro cents, negative when corrected."""

    datumAanvang: Dag
    datumEinde: Dag
    lnLbPh: Cent
    wrdPrGebrAut: Cent
    ingLbPh: Cent
    bijdrZvw: Cent


@streng
class Inkomstenverhouding(TypedDict):
    """An income relation of a person with one employer or benefit agency."""

    naamAdministratieveEenheid: NotRequired[Tekst | None]
    loonheffingennummer: NotRequired[Tekst | None]
    codeSoortInkomstenverhouding: Tekst
    inkomstenopgaven: Lijst[Annotated[Inkomstenopgave, _periode("datumAanvang", "datumEinde")]]


@streng
class Inkomensantwoord(TypedDict):
    """UWV's answer for one BSN."""

    burgerservicenummer: Bsn
    inkomstenverhoudingen: Lijst[Inkomstenverhouding]


@streng
class Rekening(TypedDict):
    """A bank account on 31 December of the belastingjaar; saldo and rente in euro cents."""

    rekeningnummer: Tekst
    saldo: Cent
    rente: Cent
    bank: NotRequired[Tekst | None]
    product: NotRequired[Tekst | None]
    tenaamstelling: NotRequired[Tekst | None]


@streng
class Vermogensantwoord(TypedDict):
    """Belastingdienst's answer on assets for one BSN."""

    burgerservicenummer: Bsn
    verificatie: Literal["geslaagd", "mislukt"]
    rekeningen: Lijst[Rekening]


@streng
class Heffingskorting(TypedDict):
    """A tax credit of the belastingjaar; bedrag in euro cents."""

    code: Tekst
    bedrag: Cent


@streng
class Heffingskortingantwoord(TypedDict):
    """Belastingdienst's answer on tax credits for one BSN."""

    burgerservicenummer: Bsn
    heffingskortingen: Lijst[Heffingskorting]


@streng
class Voertuig(TypedDict):
    """A vehicle and the period in which the person answers for it."""

    kenteken: GevuldeTekst
    voertuigsoort: Tekst
    merk: Tekst
    handelsbenaming: Tekst
    massaLedigVoertuig: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    brandstofsoorten: Lijst[Tekst]
    inrichting: Tekst
    bijzonderheden: Lijst[Tekst]
    status: Tekst
    datumEersteToelating: Dag
    datumAanvangAansprakelijkheid: Dag
    datumEindeAansprakelijkheid: Dag | None


@streng
class Voertuigantwoord(TypedDict):
    """RDW's answer for one BSN."""

    burgerservicenummer: Bsn
    voertuigen: Lijst[
        Annotated[Voertuig, _periode("datumAanvangAansprakelijkheid", "datumEindeAansprakelijkheid")]
    ]


@streng
class Uitkering(TypedDict):
    """A bijstandsuitkering with its period."""

    regeling: Literal["PW", "IOAW", "IOAZ", "AIO"]
    datumAanvang: Dag
    datumEinde: Dag | None


@streng
class Uitkeringsantwoord(TypedDict):
    """The bijstand register's answer for one BSN."""

    burgerservicenummer: Bsn
    uitkeringen: Lijst[Annotated[Uitkering, _periode("datumAanvang", "datumEinde")]]


@streng
class AangekondigdeLevering(TypedDict):
    """A levering of the doelgroepselectielijst as the Belastingdienst announces it."""

    levering: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
    lijstjaar: int
    aangemaakt: Dag
    aantal: Annotated[int, Field(strict=True, ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]


@streng
class Aankondiging(TypedDict):
    """Which leveringen the Belastingdienst has for us."""

    leveringen: Lijst[AangekondigdeLevering]
