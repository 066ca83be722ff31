"""Registering organisations and what they agreed, one by one or from a YAML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.orm import Session

from include.errors import GegevensFout
from include.normen import laden
from include.normen.gemeenten import actieve_gemeenten
from include.schemas.domein import Product
from include.steps.audit import wijziging
from include.steps.verwerking import Opslag
from include.storage import models as tabellen
from include.storage import organisaties as register
from include.storage.models import Aanmelding, Organisatie, Productbeheerder
from include.storage.organisaties import GeldendeInstellingen

Instellingen: TypeAlias = GeldendeInstellingen
"""One version of the settings, for who shows them."""


class _Streng(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Gebruikersbeheerder(_Streng):
    """Who may sign for the productbeheerders of an organisation (besluit B53a)."""

    naam: str
    email: str


class Beheerder(_Streng):
    """A productbeheerder of one product: whoever manages two is named twice (besluit B53a).

    Without ``notificaties`` they stay as they are, and whoever is new gets them.
    """

    naam: str
    email: str
    product: Product
    notificaties: bool | None = None


class ProductInstellingen(_Streng):
    """The settings for Bijzondere Bijstand (besluit B8)."""

    vermogen: bool = False
    voertuigen: bool = False
    normpercentage: Annotated[int, Field(ge=100, le=150)] = 120


class Productaanmelding(_Streng):
    """A mutatieformulier: from ``ingang`` up to but not including ``einde``; its reference and who signed it."""

    product: Product
    ingang: date
    einde: date | None = None
    kenmerk: str | None = None
    getekend_door: str | None = None


class Inschrijving(_Streng):
    """Everything about one organisation."""

    naam: str
    gemeentecodes: list[Annotated[str, StringConstraints(pattern=r"^\d{4}$")]]
    productbeheerders: list[Beheerder] = []
    gebruikersbeheerders: list[Gebruikersbeheerder] = []
    instellingen: ProductInstellingen | None = None
    aanmeldingen: list[Productaanmelding] = []
    vraagbestand: str | None = None
    """A file that belongs to it, for demonstrations; not registered."""


class Inschrijvingen(_Streng):
    """The YAML file as a whole."""

    organisaties: list[Inschrijving]


def lees_inschrijvingen(pad: Path) -> list[Inschrijving]:
    """Read a YAML file of organisations.

    Raises:
        GegevensFout: it is not there, not YAML, or not of this form; names the place.
    """
    try:
        inhoud = yaml.safe_load(pad.read_text(encoding="utf-8"))
        return Inschrijvingen.model_validate(inhoud).organisaties
    except OSError as fout:
        raise GegevensFout(f"{pad} cannot be read: {fout.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise GegevensFout(f"{pad} is not YAML in UTF-8") from None
    except ValidationError as fout:
        eerste = fout.errors(include_input=False, include_url=False, include_context=False)[0]
        plaats = ".".join(str(deel) for deel in eerste["loc"]) or "the file as a whole"
        # YAML reads 0014 as a number, and an octal one at that.
        raad = "; put it between quotes" if eerste["type"] == "string_type" else ""
        raise GegevensFout(f"{pad}, {plaats}: {eerste['msg']}{raad}") from None


def schrijf_in(opslag: Opslag, inschrijving: Inschrijving) -> Organisatie:
    """Register an organisation with all that goes with it, in one transaction; repeating it changes what differs.

    Raises:
        GegevensFout: a gemeentecode does not exist today, or what the register itself refuses.
    """
    eis_bestaande_gemeenten(inschrijving.naam, inschrijving.gemeentecodes, opslag.vandaag)
    nu = opslag.klok()
    with wijziging(opslag) as sessie:
        organisatie = register.register_organisatie(
            sessie, inschrijving.naam, inschrijving.gemeentecodes, nu=nu
        )
        for beheerder in inschrijving.productbeheerders:
            register.register_productbeheerder(sessie, organisatie, **beheerder.model_dump())
        for tekenaar in inschrijving.gebruikersbeheerders:
            register.register_gebruikersbeheerder(sessie, organisatie, **tekenaar.model_dump())
        if inschrijving.instellingen:
            gekozen = inschrijving.instellingen
            register.set_instellingen(
                sessie,
                organisatie,
                nu=nu,
                vermogen=gekozen.vermogen,
                voertuigen=gekozen.voertuigen,
                percentage=gekozen.normpercentage,
            )
        for aanmelding in inschrijving.aanmeldingen:
            _meld_aan(sessie, organisatie, aanmelding)
        return organisatie


def schrijf_in_als_nieuw(opslag: Opslag, inschrijving: Inschrijving) -> Organisatie:
    """Register an organisation that is not known yet; one that is known stays exactly as somebody left it.

    For a file that only describes an example: what was changed or withdrawn since is not undone by it. Raises as
    ``schrijf_in``.
    """
    with opslag.database.reading() as sessie:
        bekend = register.known_organisatie(sessie, inschrijving.naam)
    return bekend or schrijf_in(opslag, inschrijving)


def registreer(opslag: Opslag, naam: str, gemeentecodes: Sequence[str]) -> Organisatie:
    """Register an organisation for the gemeenten that it serves. Raises as ``schrijf_in``."""
    return schrijf_in(opslag, Inschrijving(naam=naam, gemeentecodes=list(gemeentecodes)))


def registreer_beheerder(opslag: Opslag, organisatie: str, beheerder: Beheerder) -> None:
    """Register a productbeheerder, or change the one with this address. Raises GegevensFout."""
    with wijziging(opslag) as sessie:
        register.register_productbeheerder(
            sessie, register.find_organisatie(sessie, organisatie), **beheerder.model_dump()
        )


def trek_beheerder_in(opslag: Opslag, organisatie: str, *, email: str, product: Product) -> None:
    """Withdraw a productbeheerder of one product. Raises GegevensFout when unknown."""
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.withdraw_productbeheerder(sessie, wie, email=email, product=product)


def registreer_gebruikersbeheerder(opslag: Opslag, organisatie: str, beheerder: Gebruikersbeheerder) -> None:
    """Register a gebruikersbeheerder, or change the name of the one with this address. Raises GegevensFout."""
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.register_gebruikersbeheerder(sessie, wie, **beheerder.model_dump())


def trek_gebruikersbeheerder_in(opslag: Opslag, organisatie: str, *, email: str) -> None:
    """Withdraw a gebruikersbeheerder. Raises GegevensFout when unknown."""
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.withdraw_gebruikersbeheerder(sessie, wie, email=email)


def trek_organisatie_in(opslag: Opslag, organisatie: str) -> None:
    """Remove an organisation that never delivered anything. Raises GegevensFout when unknown, or when it did."""
    with wijziging(opslag) as sessie:
        register.withdraw_organisatie(sessie, register.find_organisatie(sessie, organisatie))


def zet_mails(opslag: Opslag, organisatie: str, *, email: str, product: Product, aan: bool) -> None:
    """Switch the mails to a productbeheerder on or off (besluit B54). Raises GegevensFout when unknown."""
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.set_notificaties(sessie, wie, email=email, aan=aan, product=product)


def kies_instellingen(
    opslag: Opslag,
    organisatie: str,
    *,
    vermogen: bool | None = None,
    voertuigen: bool | None = None,
    percentage: int | None = None,
) -> GeldendeInstellingen:
    """Enter a new version of the settings; what is None stays as it is (besluit B8). Raises GegevensFout."""
    with wijziging(opslag) as sessie:
        return register.set_instellingen(
            sessie,
            register.find_organisatie(sessie, organisatie),
            nu=opslag.klok(),
            vermogen=vermogen,
            voertuigen=voertuigen,
            percentage=percentage,
        )


def herstel_instellingen(opslag: Opslag, organisatie: str) -> GeldendeInstellingen:
    """Enter a new version that holds the defaults again (besluit B8). Raises GegevensFout."""
    standaard = laden.standaardinstellingen_op(opslag.vandaag)
    return kies_instellingen(opslag, organisatie, **asdict(standaard))


def meld_aan(opslag: Opslag, organisatie: str, aanmelding: Productaanmelding) -> None:
    """Register an organisation for a product, or change the registration that begins on that day."""
    with wijziging(opslag) as sessie:
        _meld_aan(sessie, register.find_organisatie(sessie, organisatie), aanmelding)


def meld_af(opslag: Opslag, organisatie: str, product: Product, *, per: date | None = None) -> date:
    """Withdraw the registration for a product from a day on, by default today; return that day.

    Raises:
        GegevensFout: there is no registration on that day or after it.
    """
    dag = per or opslag.vandaag
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, organisatie)
        register.withdraw_aanmelding(sessie, wie, product, per=dag)
    return dag


def _meld_aan(sessie: Session, organisatie: Organisatie, aanmelding: Productaanmelding) -> None:
    register.register_aanmelding(
        sessie,
        organisatie,
        aanmelding.product,
        begin=aanmelding.ingang,
        einde=aanmelding.einde,
        kenmerk=aanmelding.kenmerk,
        getekend_door=aanmelding.getekend_door,
    )


class Ingeschreven(NamedTuple):
    """An organisation, its settings of today and every version of them, its registrations and its beheerders."""

    organisatie: Organisatie
    instellingen: GeldendeInstellingen
    versies: list[GeldendeInstellingen]
    """What was entered, the newest first."""
    aanmeldingen: list[Aanmelding]
    productbeheerders: list[Productbeheerder]
    gebruikersbeheerders: list[tabellen.Gebruikersbeheerder]


def ingeschreven(opslag: Opslag, organisatie: str | None = None) -> list[Ingeschreven]:
    """Return every organisation by name, or the one that is named. Raises GegevensFout when that is unknown."""
    with opslag.database.reading() as sessie:
        return [
            Ingeschreven(
                wie,
                register.instellingen_at(sessie, wie, opslag.klok()),
                register.find_instellingen(sessie, wie),
                register.find_aanmeldingen(sessie, wie),
                register.find_productbeheerders(sessie, wie),
                register.find_gebruikersbeheerders(sessie, wie),
            )
            for wie in (
                register.find_organisaties(sessie)
                if organisatie is None
                else [register.find_organisatie(sessie, organisatie)]
            )
        ]


def eis_bestaande_gemeenten(naam: str, codes: list[str], op: date) -> None:
    """Refuse gemeentecodes that do not exist on a day. Raises GegevensFout naming them."""
    if onbekend := sorted(set(codes) - actieve_gemeenten(op)):
        raise GegevensFout(
            f"organisation {naam}: no gemeente has code {', '.join(onbekend)} on {op}; see include/normen/gemeenten.csv"
        )
