"""Organisations, their beheerders, instellingen by version and product registrations."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from include.email_address import as_address
from include.errors import GegevensFout
from include.moments import as_utc, day_of, start_of
from include.normen import laden
from include.schemas.domein import Product
from include.storage.actor import actor
from include.storage.audit_log import record_change
from include.storage.models import (
    Aanmelding,
    Bediening,
    Gebruikersbeheerder,
    InstellingenRow,
    Levering,
    Organisatie,
    Productbeheerder,
    Publicatie,
)

# -- organisations -------------------------------------------------------------------------------------


def register_organisatie(
    sessie: Session, naam: str, gemeentecodes: Collection[str], *, nu: datetime
) -> Organisatie:
    """Register an organisation, or replace the gemeenten that a known one serves.

    ``gemeentecodes`` are 4-digit strings, at least one; whether they exist is for the caller to check against
    the table of gemeenten. Raises GegevensFout for an unusable name or code.
    """
    naam = " ".join(naam.split())
    if not naam or len(naam) > 200 or not naam.isprintable():
        raise GegevensFout("the name of an organisation must have 1 to 200 characters, all of them printable")
    codes = sorted(set(gemeentecodes))
    if not codes or not all(re.fullmatch(r"[0-9]{4}", code) for code in codes):
        raise GegevensFout(f"organisation {naam}: give the gemeentecodes it serves as 4 digits, at least one")
    organisatie = sessie.scalar(select(Organisatie).where(Organisatie.naam == naam))
    if organisatie is None:
        organisatie = Organisatie(naam=naam, geregistreerd_op=nu, gemeenten=[])
        sessie.add(organisatie)
    bekend = {bediening.gemeentecode: bediening for bediening in organisatie.gemeenten}
    organisatie.gemeenten = [bekend.get(code) or Bediening(gemeentecode=code) for code in codes]
    record_change(sessie, "organisatie-registreren", naam, gemeentecodes=codes)
    return organisatie


def find_organisatie(sessie: Session, naam: str) -> Organisatie:
    """The organisation of that name. Raises GegevensFout when it was never registered."""
    organisatie = known_organisatie(sessie, naam)
    if organisatie is None:
        raise GegevensFout(
            f"organisation {naam} is not registered: register it first, with its gemeentecodes"
        )
    return organisatie


def known_organisatie(sessie: Session, naam: str) -> Organisatie | None:
    """The organisation of that name, None when it was never registered."""
    return sessie.scalar(select(Organisatie).where(Organisatie.naam == " ".join(naam.split())))


def withdraw_organisatie(sessie: Session, organisatie: Organisatie) -> None:
    """Remove an organisation with all that was registered of it.

    Raises GegevensFout when it delivered anything: what was delivered must stay known to be of somebody.
    """
    lock_organisatie(sessie, organisatie.id)
    geleverd = or_(
        exists().where(Levering.organisatie_id == organisatie.id),
        exists().where(Publicatie.organisatie_id == organisatie.id),
    )
    if sessie.scalar(select(geleverd)):
        raise GegevensFout(
            f"organisation {organisatie.naam} delivered files or has reports, so it stays known: withdraw its "
            "registrations (aanmelding trek-in) and its productbeheerders (productbeheerder trek-in) instead"
        )
    sessie.delete(organisatie)
    record_change(sessie, "organisatie-intrekken", organisatie.naam)


def find_organisaties(sessie: Session) -> list[Organisatie]:
    """All organisations by name."""
    return list(sessie.scalars(select(Organisatie).order_by(Organisatie.naam)))


def lock_organisatie(sessie: Session, organisatie_id: int) -> None:
    """Make other transactions about this organisation wait until this one ends.

    On SQLite the transaction has the whole database already. Raises GegevensFout when there is no such row.
    """
    vraag = select(Organisatie.id).where(Organisatie.id == organisatie_id).with_for_update()
    if sessie.scalar(vraag) is None:
        raise GegevensFout(f"organisation number {organisatie_id} is not registered")


# -- beheerders ----------------------------------------------------------------------------------------


def register_productbeheerder(
    sessie: Session,
    organisatie: Organisatie,
    *,
    naam: str,
    email: str,
    product: Product,
    notificaties: bool | None = None,
) -> Productbeheerder:
    """Register a productbeheerder of this product alone, or change the one with this e-mail address.

    Without ``notificaties`` who is known keeps them as they are, for to opt out is theirs (besluit B54); who is new
    gets them.

    Raises GegevensFout, without the address, when it cannot be one.
    """
    naam, email = _person(organisatie, naam, email, rol="productbeheerder")
    lock_organisatie(sessie, organisatie.id)
    beheerder = _productbeheerder(sessie, organisatie, product, email)
    if beheerder is None:
        beheerder = Productbeheerder(
            organisatie_id=organisatie.id, product=product, email=email, notificaties=True
        )
        sessie.add(beheerder)
    beheerder.naam = naam
    if notificaties is not None:
        beheerder.notificaties = notificaties
    record_change(sessie, "productbeheerder-registreren", organisatie.naam, product=product.value)
    return beheerder


def find_productbeheerders(
    sessie: Session, organisatie: Organisatie, product: Product | None = None
) -> list[Productbeheerder]:
    """The productbeheerders of an organisation, of one product or of all, by address."""
    vraag = select(Productbeheerder).where(Productbeheerder.organisatie_id == organisatie.id)
    if product is not None:
        vraag = vraag.where(Productbeheerder.product == product)
    return list(sessie.scalars(vraag.order_by(Productbeheerder.email, Productbeheerder.product)))


def set_notificaties(
    sessie: Session,
    organisatie: Organisatie,
    *,
    email: str,
    aan: bool,
    product: Product,
) -> Productbeheerder:
    """Switch the mails to one productbeheerder on or off (besluit B54). Raises GegevensFout when unknown."""
    beheerder = _known_productbeheerder(sessie, organisatie, product, email)
    beheerder.notificaties = aan
    record_change(sessie, "notificaties-zetten", organisatie.naam, product=product.value, aan=aan)
    return beheerder


def withdraw_productbeheerder(
    sessie: Session, organisatie: Organisatie, *, email: str, product: Product
) -> None:
    """Remove a productbeheerder of one product, and which mails went to it. Raises GegevensFout when unknown."""
    sessie.delete(_known_productbeheerder(sessie, organisatie, product, email))
    record_change(sessie, "productbeheerder-intrekken", organisatie.naam, product=product.value)


def register_gebruikersbeheerder(
    sessie: Session, organisatie: Organisatie, *, naam: str, email: str
) -> Gebruikersbeheerder:
    """Register a gebruikersbeheerder, or change the name of the one with this e-mail address (besluit B53a).

    Raises GegevensFout as ``register_productbeheerder``.
    """
    naam, email = _person(organisatie, naam, email, rol="gebruikersbeheerder")
    lock_organisatie(sessie, organisatie.id)
    beheerder = _gebruikersbeheerder(sessie, organisatie, email)
    if beheerder is None:
        beheerder = Gebruikersbeheerder(organisatie_id=organisatie.id, email=email)
        sessie.add(beheerder)
    beheerder.naam = naam
    record_change(sessie, "gebruikersbeheerder-registreren", organisatie.naam)
    return beheerder


def find_gebruikersbeheerders(sessie: Session, organisatie: Organisatie) -> list[Gebruikersbeheerder]:
    """The gebruikersbeheerders of an organisation, by address."""
    vraag = select(Gebruikersbeheerder).where(Gebruikersbeheerder.organisatie_id == organisatie.id)
    return list(sessie.scalars(vraag.order_by(Gebruikersbeheerder.email)))


def withdraw_gebruikersbeheerder(sessie: Session, organisatie: Organisatie, *, email: str) -> None:
    """Remove a gebruikersbeheerder. Raises GegevensFout when unknown."""
    beheerder = _gebruikersbeheerder(sessie, organisatie, _address(organisatie, email))
    if beheerder is None:
        raise GegevensFout(f"organisation {organisatie.naam} has no gebruikersbeheerder with that address")
    sessie.delete(beheerder)
    record_change(sessie, "gebruikersbeheerder-intrekken", organisatie.naam)


def _person(organisatie: Organisatie, naam: str, email: str, *, rol: str) -> tuple[str, str]:
    """Name and address without stray white space. Raises GegevensFout when either cannot be one."""
    return _line_of_text(organisatie, naam, f"a {rol} needs a name"), _address(organisatie, email)


def _line_of_text(organisatie: Organisatie, tekst: str, wat: str) -> str:
    tekst = " ".join(tekst.split())
    if not tekst or len(tekst) > 200 or not tekst.isprintable():
        raise GegevensFout(f"organisation {organisatie.naam}: {wat} of 1 to 200 characters")
    return tekst


def _gebruikersbeheerder(sessie: Session, organisatie: Organisatie, email: str) -> Gebruikersbeheerder | None:
    return sessie.scalar(
        select(Gebruikersbeheerder).where(
            Gebruikersbeheerder.organisatie_id == organisatie.id,
            func.lower(Gebruikersbeheerder.email) == email.lower(),
        )
    )


def _known_productbeheerder(
    sessie: Session, organisatie: Organisatie, product: Product, email: str
) -> Productbeheerder:
    beheerder = _productbeheerder(sessie, organisatie, product, _address(organisatie, email))
    if beheerder is None:
        raise GegevensFout(
            f"organisation {organisatie.naam} has no productbeheerder with that address for {product}"
        )
    return beheerder


def _address(organisatie: Organisatie, email: str) -> str:
    try:
        return as_address(email)
    except ValueError:
        raise GegevensFout(f"organisation {organisatie.naam}: the e-mail address given is not one") from None


def _productbeheerder(
    sessie: Session, organisatie: Organisatie, product: Product, email: str
) -> Productbeheerder | None:
    return sessie.scalar(
        select(Productbeheerder).where(
            Productbeheerder.organisatie_id == organisatie.id,
            Productbeheerder.product == product,
            func.lower(Productbeheerder.email) == email.lower(),
        )
    )


# -- instellingen --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GeldendeInstellingen:
    """The settings in force at some moment, of an organisation or by default (besluit B8).

    ``versie`` counts per organisation from 1, 0 means the defaults; ``percentage`` is the norm percentage.
    """

    versie: int
    vermogen: bool
    voertuigen: bool
    percentage: int
    ingevoerd_op: datetime | None = None
    ingevoerd_door: str | None = field(default=None, compare=False)


def instellingen_at(sessie: Session, organisatie: Organisatie, moment: datetime) -> GeldendeInstellingen:
    """The version in force at ``moment``: the last entered at or before it, or the defaults (besluit B8)."""
    gevonden = sessie.scalar(
        select(InstellingenRow)
        .where(InstellingenRow.organisatie_id == organisatie.id, InstellingenRow.ingevoerd_op <= moment)
        .order_by(InstellingenRow.ingevoerd_op.desc(), InstellingenRow.versie.desc())
        .limit(1)
    )
    return _in_force(gevonden) if gevonden else _default(day_of(moment))


def instellingen_of_versie(
    sessie: Session, organisatie: Organisatie, versie: int, *, op: date
) -> GeldendeInstellingen:
    """A given version; 0 is the defaults of day ``op``. Raises GegevensFout when there is no such version."""
    if versie == 0:
        return _default(op)
    gevonden = sessie.scalar(
        select(InstellingenRow).where(
            InstellingenRow.organisatie_id == organisatie.id, InstellingenRow.versie == versie
        )
    )
    if gevonden is None:
        raise GegevensFout(f"organisation {organisatie.naam} has no version {versie} of its instellingen")
    return _in_force(gevonden)


def find_instellingen(sessie: Session, organisatie: Organisatie) -> list[GeldendeInstellingen]:
    """Every version that was entered, the newest first."""
    vraag = select(InstellingenRow).where(InstellingenRow.organisatie_id == organisatie.id)
    return [_in_force(rij) for rij in sessie.scalars(vraag.order_by(InstellingenRow.versie.desc()))]


def set_instellingen(
    sessie: Session,
    organisatie: Organisatie,
    *,
    nu: datetime,
    vermogen: bool | None = None,
    voertuigen: bool | None = None,
    percentage: int | None = None,
) -> GeldendeInstellingen:
    """Enter a new version at ``nu``; what is None stays as it was then. No new version when nothing changes.

    Raises GegevensFout for a percentage outside 100–150.
    """
    if percentage is not None and not 100 <= percentage <= 150:
        raise GegevensFout(f"organisation {organisatie.naam}: the percentage must lie between 100 and 150")
    lock_organisatie(sessie, organisatie.id)
    huidig = instellingen_at(sessie, organisatie, nu)
    nieuw = {
        "vermogen": huidig.vermogen if vermogen is None else vermogen,
        "voertuigen": huidig.voertuigen if voertuigen is None else voertuigen,
        "percentage": huidig.percentage if percentage is None else percentage,
    }
    if huidig.versie and all(getattr(huidig, naam) == waarde for naam, waarde in nieuw.items()):
        return huidig
    laatste = sessie.scalar(
        select(func.max(InstellingenRow.versie)).where(InstellingenRow.organisatie_id == organisatie.id)
    )
    versie = InstellingenRow(
        organisatie_id=organisatie.id,
        versie=(laatste or 0) + 1,
        ingevoerd_op=nu,
        ingevoerd_door=actor()[:500],
        **nieuw,
    )
    sessie.add(versie)
    record_change(sessie, "instellingen-zetten", organisatie.naam, versie=versie.versie, **nieuw)
    return _in_force(versie)


def instellingen_for_ronde(
    sessie: Session, organisatie: Organisatie, *, laatste_dag: date, nu: datetime
) -> GeldendeInstellingen:
    """The version for a run that asks the sources at ``nu``, its rapportagemaand ending on ``laatste_dag``.

    During the rapportagemaand the version in force now; after it the one in force at its end (besluit B8).
    """
    na_afloop = start_of(laatste_dag + timedelta(days=1))
    return instellingen_at(sessie, organisatie, min(as_utc(nu), na_afloop - timedelta(microseconds=1)))


def _default(dag: date) -> GeldendeInstellingen:
    return GeldendeInstellingen(versie=0, **asdict(laden.standaardinstellingen_op(dag)))


def _in_force(instellingen: InstellingenRow) -> GeldendeInstellingen:
    return GeldendeInstellingen(
        versie=instellingen.versie,
        vermogen=instellingen.vermogen,
        voertuigen=instellingen.voertuigen,
        percentage=instellingen.percentage,
        ingevoerd_op=instellingen.ingevoerd_op,
        ingevoerd_door=instellingen.ingevoerd_door,
    )


# -- registrations for a product -----------------------------------------------------------------------


def register_aanmelding(
    sessie: Session,
    organisatie: Organisatie,
    product: Product,
    *,
    begin: date,
    einde: date | None = None,
    kenmerk: str | None = None,
    getekend_door: str | None = None,
) -> Aanmelding:
    """Register the organisation for a product (mutatieformulier), in force on the days of [begin, einde).

    ``einde`` is the first day no longer registered; None is open-ended. A registration with the same begin is
    changed; its ``kenmerk`` (of the form) and ``getekend_door`` stay when they are not given.

    Raises GegevensFout when einde is not after begin, another registration overlaps, or a text cannot be kept.
    """
    if einde is not None and einde <= begin:
        raise GegevensFout(f"organisation {organisatie.naam}: a registration must end after it begins")
    lock_organisatie(sessie, organisatie.id)
    aanmelding = None
    for bestaand in find_aanmeldingen(sessie, organisatie, product):
        if bestaand.begin == begin:
            aanmelding = bestaand
        elif (einde is None or bestaand.begin < einde) and (bestaand.einde is None or begin < bestaand.einde):
            raise GegevensFout(
                f"organisation {organisatie.naam} is already registered for {product} from {bestaand.begin}"
                + (f" until {bestaand.einde}" if bestaand.einde else "")
                + ": end that registration first"
            )
    if aanmelding is None:
        aanmelding = Aanmelding(organisatie_id=organisatie.id, product=product, begin=begin)
        sessie.add(aanmelding)
    aanmelding.einde = einde
    if kenmerk is not None:
        aanmelding.kenmerk = _line_of_text(organisatie, kenmerk, "a kenmerk is a text")
    if getekend_door is not None:
        aanmelding.getekend_door = _line_of_text(organisatie, getekend_door, "who signed is a name")
    record_change(
        sessie,
        "aanmelding-registreren",
        organisatie.naam,
        product=product.value,
        begin=begin.isoformat(),
        einde=einde.isoformat() if einde else None,
    )
    return aanmelding


def withdraw_aanmelding(sessie: Session, organisatie: Organisatie, product: Product, *, per: date) -> None:
    """Let the organisation be registered for ``product`` no longer, from the day ``per`` on.

    The registration of that day ends; one that would begin later, or on it, is removed. Raises GegevensFout when
    there is none.
    """
    lock_organisatie(sessie, organisatie.id)
    geraakt = [
        aanmelding
        for aanmelding in find_aanmeldingen(sessie, organisatie, product)
        if aanmelding.einde is None or aanmelding.einde > per
    ]
    if not geraakt:
        raise GegevensFout(
            f"organisation {organisatie.naam} has no registration for {product} on or after {per}"
        )
    for aanmelding in geraakt:
        if aanmelding.begin < per:
            aanmelding.einde = per
        else:
            sessie.delete(aanmelding)
    record_change(
        sessie, "aanmelding-intrekken", organisatie.naam, product=product.value, per=per.isoformat()
    )


def find_aanmeldingen(
    sessie: Session, organisatie: Organisatie, product: Product | None = None
) -> list[Aanmelding]:
    """All registrations of an organisation, past and future, by product and begin."""
    vraag = select(Aanmelding).where(Aanmelding.organisatie_id == organisatie.id)
    if product is not None:
        vraag = vraag.where(Aanmelding.product == product)
    return list(sessie.scalars(vraag.order_by(Aanmelding.product, Aanmelding.begin)))


def find_aangemeld(sessie: Session, product: Product, op: date) -> list[Organisatie]:
    """The organisations with an active registration for ``product`` on that day, by name (besluiten A3, B53a)."""
    return list(
        sessie.scalars(
            select(Organisatie).join(Aanmelding).where(in_force_on(product, op)).order_by(Organisatie.naam)
        )
    )


def is_aangemeld(sessie: Session, organisatie: Organisatie, product: Product, op: date) -> bool:
    """Whether the organisation has an active registration for ``product`` on that day (besluit B53a)."""
    vraag = select(exists().where(Aanmelding.organisatie_id == organisatie.id, in_force_on(product, op)))
    return bool(sessie.scalar(vraag))


def in_force_on(product: Product, op: date) -> ColumnElement[bool]:
    """A registration for ``product`` covers that day."""
    return and_(
        Aanmelding.product == product,
        Aanmelding.begin <= op,
        or_(Aanmelding.einde.is_(None), Aanmelding.einde > op),
    )
