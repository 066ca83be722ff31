"""Registering organisations and what they agreed, one by one or from a YAML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from include.errors import GegevensFout
from include.normen.gemeenten import actieve_gemeenten
from include.schemas.domein import Product
from include.steps.audit import wijziging
from include.steps.verwerking import Opslag
from include.storage import organisaties as register
from include.storage.models import Organisatie


class _Streng(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Beheerder(_Streng):
    """A productbeheerder of every product the organisation uses, unless one is named.

    Without ``notificaties`` they stay as they are, and whoever is new gets them.
    """

    naam: str
    email: str
    notificaties: bool | None = None
    product: Product | None = None


class ProductInstellingen(_Streng):
    """The settings for Bijzondere Bijstand (besluit B8)."""

    vermogen: bool = False
    voertuigen: bool = False
    normpercentage: Annotated[int, Field(ge=100, le=150)] = 120


class Productaanmelding(_Streng):
    """A mutatieformulier: from ``ingang`` up to but not including ``einde``."""

    product: Product
    ingang: date
    einde: date | None = None


class Inschrijving(_Streng):
    """Everything about one organisation."""

    naam: str
    gemeentecodes: list[Annotated[str, StringConstraints(pattern=r"^\d{4}$")]]
    productbeheerders: list[Beheerder] = []
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
            producten = [beheerder.product] if beheerder.product else _producten(inschrijving)
            for product in producten:
                register.register_productbeheerder(
                    sessie,
                    organisatie,
                    naam=beheerder.naam,
                    email=beheerder.email,
                    product=product,
                    notificaties=beheerder.notificaties,
                )
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
            register.register_aanmelding(
                sessie, organisatie, aanmelding.product, begin=aanmelding.ingang, einde=aanmelding.einde
            )
        return organisatie


def eis_bestaande_gemeenten(naam: str, codes: list[str], op: date) -> None:
    """Refuse gemeentecodes that do not exist on a day. Raises GegevensFout naming them."""
    if onbekend := sorted(set(codes) - actieve_gemeenten(op)):
        raise GegevensFout(
            f"organisation {naam}: no gemeente has code {', '.join(onbekend)} on {op}; see include/normen/gemeenten.csv"
        )


def _producten(inschrijving: Inschrijving) -> list[Product]:
    aangemeld = {aanmelding.product for aanmelding in inschrijving.aanmeldingen}
    return sorted(aangemeld | {Product.BIJZONDERE_BIJSTAND})
