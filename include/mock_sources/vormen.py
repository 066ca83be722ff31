# The keys are those of the sources; the classes are named after the keys they describe.
# ruff: noqa: D101, N815
"""The shape of one line in each population file (contract §1), and of each request.

These are deliberately the mock's own: the pipeline validates what it receives against *its* contract
(``include/schemas``), so a mistake in one of the two shows as a failing test instead of being shared.

msgspec decodes and checks a line in a few microseconds, which is what lets a national population start in
seconds. A line may carry more keys than these: they are passed on as they are.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Bsn = Annotated[str, Meta(pattern=r"\A[0-9]{9}\Z")]
OnvolledigeDatum = Annotated[
    str, Meta(pattern=r"\A[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z")
]
Cent = Annotated[int, Meta(ge=-(10**13), le=10**13)]
Belastingjaar = Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]


# --- BRP ---
class Naam(Struct):
    geslachtsnaam: str
    voorvoegsel: str | None = None


class Geboorte(Struct):
    datum: OnvolledigeDatum | None = None

    def __post_init__(self) -> None:
        if self.datum:
            try:
                dt.date.fromisoformat(f"{self.datum}-01-01"[:10])
            except ValueError:
                raise ValueError(
                    "datum is not in the calendar"
                ) from None  # msgspec adds where; the value stays out


class Code(Struct):
    code: str


class Functieadres(Struct):
    code: Literal["W", "B"]


class Verblijfplaats(Struct):
    functieAdres: Functieadres
    adresseerbaarObjectIdentificatie: str | None = None
    datumVan: OnvolledigeDatum | None = None
    inOnderzoek: bool = False


class Datum(Struct):
    datum: OnvolledigeDatum | None = None


class Partner(Struct):
    burgerservicenummer: Bsn | None = None
    soortVerbintenis: Code | None = None
    aangaanHuwelijkPartnerschap: Datum | None = None
    ontbindingHuwelijkPartnerschap: Datum | None = None


class Verwant(Struct):
    burgerservicenummer: Bsn | None = None


class Opschortingsreden(Struct):
    code: Literal["O", "E", "M", "R", "F"]


class Opschorting(Struct):
    reden: Opschortingsreden


class AdresvraagResultaat(Struct):
    letter: Literal["A", "G", "P", "T", "Z"]
    code: int | None = None
    omschrijving: str | None = None


class Persoon(Struct):
    """A line of ``brp.jsonl``. Keys that may be absent are filled in the answer, so that it is complete."""

    burgerservicenummer: Bsn
    naam: Naam
    geboorte: Geboorte
    verblijfplaats: Verblijfplaats | UnsetType | None = UNSET
    partners: list[Partner] | UnsetType = UNSET
    kinderen: list[Verwant] | UnsetType = UNSET
    ouders: list[Verwant] | UnsetType = UNSET
    opschortingBijhouding: Opschorting | UnsetType | None = UNSET
    adresvraagResultaat: AdresvraagResultaat | UnsetType | None = UNSET


# --- UWV ---
class Inkomstenopgave(Struct):
    datumAanvang: dt.date
    datumEinde: dt.date
    lnLbPh: Cent
    wrdPrGebrAut: Cent
    ingLbPh: Cent
    bijdrZvw: Cent


class Inkomstenverhouding(Struct):
    naamAdministratieveEenheid: str
    loonheffingennummer: str
    codeSoortInkomstenverhouding: str
    inkomstenopgaven: list[Inkomstenopgave]


class UwvRegel(Struct):
    burgerservicenummer: Bsn
    inkomstenverhoudingen: list[Inkomstenverhouding]


# --- Belastingdienst ---
class Rekening(Struct):
    rekeningnummer: str
    saldo: Cent
    rente: Cent
    bank: str
    product: str
    tenaamstelling: str


class Heffingskorting(Struct):
    code: str
    bedrag: Cent


class BelastingdienstRegel(Struct):
    burgerservicenummer: Bsn
    verificatie: Literal["geslaagd", "mislukt"] = "geslaagd"
    rekeningen: dict[Belastingjaar, list[Rekening]] = {}
    heffingskortingen: dict[Belastingjaar, list[Heffingskorting]] = {}


# --- RDW, bijstand, alleenverdieners ---
class Voertuig(Struct):
    kenteken: Annotated[str, Meta(pattern=r"\S")]
    voertuigsoort: str
    merk: str
    handelsbenaming: str
    massaLedigVoertuig: Annotated[int, Meta(ge=0, le=10**9)]
    brandstofsoorten: list[str]
    inrichting: str
    bijzonderheden: list[str]
    status: str
    datumEersteToelating: dt.date
    datumAanvangAansprakelijkheid: dt.date
    datumEindeAansprakelijkheid: dt.date | UnsetType | None = UNSET


class RdwRegel(Struct):
    burgerservicenummer: Bsn
    voertuigen: list[Voertuig]


class Uitkering(Struct):
    regeling: Literal["PW", "IOAW", "IOAZ", "AIO"]
    datumAanvang: dt.date
    datumEinde: dt.date | UnsetType | None = UNSET


class BijstandRegel(Struct):
    burgerservicenummer: Bsn
    uitkeringen: list[Uitkering]


class AangekondigdeLevering(Struct):
    levering: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]+\Z")]
    lijstjaar: int
    aangemaakt: dt.date
    aantal: int
    sha256: str


class Leveringen(Struct):
    leveringen: list[AangekondigdeLevering]


# --- requests ---
class Vraag(Struct):
    """What every request carries; how many BSNs it may hold is judged apart, for a clear reason."""

    burgerservicenummers: list[Bsn]


class Adresvraag(Vraag):
    pass


class Periodevraag(Vraag):
    periodeVan: dt.date
    periodeTotEnMet: dt.date


class Jaarvraag(Vraag):
    belastingjaar: Annotated[int, Meta(ge=1900, le=9999)]


class Peildatumvraag(Vraag):
    peildatum: dt.date
