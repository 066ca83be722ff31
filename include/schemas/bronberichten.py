"""What the sources answer over HTTP, field by field, as the contract fixes it.

These are the JSON messages; ``include/bronnen`` turns them into the frames of :mod:`include.schemas.bronnen`.
Amounts are whole euro cents and dates whole days; a BRP birth date may be incomplete. Fields that a source adds
are ignored, fields that change type or go missing are an error of the source.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, with_config
from typing_extensions import TypedDict

Bsn = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")]
Cent = Annotated[int, Field(strict=True, ge=-(10**13), le=10**13)]
Dag = Annotated[date, Field(strict=False)]
OnvolledigeDatum = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""``JJJJ-MM-DD``, ``JJJJ-MM`` or ``JJJJ``."""
Tekst = Annotated[str, StringConstraints(max_length=1000)]

streng = with_config(ConfigDict(strict=True, extra="ignore"))


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
class Verbintenis(TypedDict):
    """A marriage or registered partnership; dissolved when ``ontbindingHuwelijkPartnerschap`` is not null."""

    burgerservicenummer: NotRequired[Bsn | None]
    ontbindingHuwelijkPartnerschap: NotRequired[dict[str, object] | None]


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
    partners: NotRequired[list[Verbintenis]]
    kinderen: NotRequired[list[Verwant]]
    ouders: NotRequired[list[Verwant]]
    opschortingBijhouding: NotRequired[dict[str, object] | None]


@streng
class Adresantwoord(TypedDict):
    """The BRP's answer for one BSN."""

    burgerservicenummer: Bsn
    resultaat: Resultaat
    personen: list[Persoon]


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
    inkomstenopgaven: list[Inkomstenopgave]


@streng
class Inkomensantwoord(TypedDict):
    """UWV's answer for one BSN."""

    burgerservicenummer: Bsn
    inkomstenverhoudingen: list[Inkomstenverhouding]


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
    rekeningen: list[Rekening]


@streng
class Heffingskorting(TypedDict):
    """A tax credit of the belastingjaar; bedrag in euro cents."""

    code: Tekst
    bedrag: Cent


@streng
class Heffingskortingantwoord(TypedDict):
    """Belastingdienst's answer on tax credits for one BSN."""

    burgerservicenummer: Bsn
    heffingskortingen: list[Heffingskorting]


@streng
class Voertuig(TypedDict):
    """A vehicle and the period in which the person answers for it."""

    kenteken: Tekst
    voertuigsoort: Tekst
    merk: Tekst
    handelsbenaming: Tekst
    massaLedigVoertuig: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    brandstofsoorten: list[Tekst]
    inrichting: Tekst
    bijzonderheden: list[Tekst]
    status: Tekst
    datumEersteToelating: Dag
    datumAanvangAansprakelijkheid: Dag
    datumEindeAansprakelijkheid: Dag | None


@streng
class Voertuigantwoord(TypedDict):
    """RDW's answer for one BSN."""

    burgerservicenummer: Bsn
    voertuigen: list[Voertuig]


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
    uitkeringen: list[Uitkering]


@streng
class AangekondigdeLevering(TypedDict):
    """A levering of the doelgroepselectielijst as the Belastingdienst announces it."""

    levering: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
    lijstjaar: int
    aangemaakt: Dag
    aantal: Annotated[int, Field(strict=True, ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
