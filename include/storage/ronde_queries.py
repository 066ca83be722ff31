"""What the ops page asks: rondes with their counts, who was mailed, and what a run worked on. Counts only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, distinct, func, select
from sqlalchemy.orm import Session

from include.schemas.domein import DeelnameStatus, Product
from include.storage.models import Deelname, Levering, Notificatie, Productbeheerder, Publicatie, RondeRow

PATIENCE = timedelta(minutes=10)
"""How long a claimed mail may be on its way before it counts as in doubt."""


@dataclass(frozen=True, slots=True)
class Mailstand:
    """The productbeheerders of one publication, by what became of their mail (besluit B54)."""

    verzonden: int
    onzeker: int
    """Claimed and never marked: it may have gone out, and is not sent again."""
    wachtend: int
    """Must still be mailed, or is being mailed now."""
    afgemeld: int
    """Opted out."""

    @property
    def niemand(self) -> bool:
        """Nobody was told of the publication, and nobody will be."""
        return not (self.verzonden or self.onzeker or self.wachtend)


def find_rondes(sessie: Session) -> list[RondeRow]:
    """Every ronde that was opened, the newest first."""
    return list(sessie.scalars(select(RondeRow).order_by(RondeRow.ronde.desc())))


def count_deelnames(sessie: Session) -> dict[str, dict[DeelnameStatus, int]]:
    """The number of organisations by status, for each ronde."""
    uit: dict[str, dict[DeelnameStatus, int]] = {}
    vraag = select(Deelname.ronde, Deelname.status, func.count()).group_by(Deelname.ronde, Deelname.status)
    for ronde, status, aantal in sessie.execute(vraag):
        uit.setdefault(ronde, {})[status] = aantal
    return uit


def count_aangeleverd(sessie: Session) -> dict[str, int]:
    """The number of organisations that handed in a vraagbestand, for each ronde, opened or not."""
    vraag = (
        select(Levering.ronde, func.count(distinct(Levering.organisatie_id)))
        .where(Levering.product == Product.BIJZONDERE_BIJSTAND)
        .group_by(Levering.ronde)
    )
    return {ronde: aantal for ronde, aantal in sessie.execute(vraag) if ronde is not None}


def count_mails(sessie: Session, publicaties: Collection[str], *, nu: datetime) -> dict[str, Mailstand]:
    """The state of the mails about each of these publications (ids); one without productbeheerders is left out."""
    mail = Notificatie.id.is_not(None)
    verzonden = Notificatie.verzonden_op.is_not(None)
    oud = Notificatie.geclaimd_op < nu - PATIENCE
    wil = Productbeheerder.notificaties
    vraag = (
        select(
            Publicatie.id,
            _count(verzonden),
            _count(and_(mail, ~verzonden, oud)),
            _count(case((mail, and_(~verzonden, ~oud)), else_=wil)),
            _count(and_(~mail, ~wil)),
        )
        .join(
            Productbeheerder,
            and_(
                Productbeheerder.organisatie_id == Publicatie.organisatie_id,
                Productbeheerder.product == Publicatie.product,
            ),
        )
        .outerjoin(
            Notificatie,
            and_(
                Notificatie.publicatie_id == Publicatie.id,
                Notificatie.productbeheerder_id == Productbeheerder.id,
            ),
        )
        .where(Publicatie.id.in_(publicaties))
        .group_by(Publicatie.id)
    )
    return {
        publicatie: Mailstand(verzonden=verzonden, onzeker=onzeker, wachtend=wachtend, afgemeld=afgemeld)
        for publicatie, verzonden, onzeker, wachtend, afgemeld in sessie.execute(vraag)
    }


def untold(sessie: Session, publicaties: Collection[Publicatie]) -> list[str]:
    """The organisations of publications that nobody was told of and nobody will be, by name (besluit B53a)."""
    mails = count_mails(sessie, [een.id for een in publicaties], nu=datetime.now(UTC))
    zonder = {een.organisatie.naam for een in publicaties if een.id not in mails or mails[een.id].niemand}
    return sorted(zonder)


def periodes_of_run(sessie: Session, product: Product, run: str) -> list[str]:
    """The rondes (Alleenverdieners: kenmerken of leveringen) that a DAG run worked on, the newest first.

    Known from the verwerkingen, whose names begin with that of the run; empty when it came to nothing yet.
    """
    gepubliceerd = (
        select(Publicatie.ronde, Levering.kenmerk)
        .join(Levering, Levering.id == Publicatie.levering_id)
        .where(Publicatie.product == product, Publicatie.verwerking.startswith(f"{run}/", autoescape=True))
        .distinct()
    )
    namen = {ronde or kenmerk for ronde, kenmerk in sessie.execute(gepubliceerd)}
    if product is Product.BIJZONDERE_BIJSTAND:
        deelgenomen = select(Deelname.ronde).where(Deelname.verwerking.startswith(f"{run}/", autoescape=True))
        namen |= set(sessie.scalars(deelgenomen.distinct()))
    return sorted((naam for naam in namen if naam), reverse=True)


def _count(waar: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((waar, 1), else_=0))
