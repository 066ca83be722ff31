"""What the portal shows of many organisations at once: one query a page, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from include.moments import start_of
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.storage.models import Aanmelding, Deelname, Levering, Publicatie, PublicatieBestand, RondeRow
from include.storage.organisaties import in_force_on
from include.storage.portal_models import PortaalOphaling

SOORTEN = {
    Product.BIJZONDERE_BIJSTAND: ("overzicht", "detail"),
    Product.ALLEENVERDIENERS: ("lijst",),
}
"""The files of a publication that a municipality fetches; the others serve look-ups."""


class Stand(NamedTuple):
    """What is new and what goes soon, of one organisation and product."""

    nieuw: int
    verdwijnt: int


def publications_page(
    sessie: Session, product: Product, organisaties: Collection[int], *, offset: int, limit: int
) -> tuple[list[Publicatie], int]:
    """Return publications that can still be fetched, newest first, and how many there are in all."""
    eigen = (
        Publicatie.product == product,
        Publicatie.organisatie_id.in_(organisaties),
        Publicatie.verwijderd_op.is_(None),
    )
    aantal = sessie.scalar(select(func.count()).select_from(Publicatie).where(*eigen)) or 0
    vraag = (
        select(Publicatie)
        .where(*eigen)
        .options(selectinload(Publicatie.bestanden), joinedload(Publicatie.organisatie))
        .order_by(Publicatie.gepubliceerd_op.desc(), Publicatie.reeks, Publicatie.versie.desc())
        .offset(offset)
        .limit(limit)
    )
    return list(sessie.scalars(vraag)), aantal


def published_file(
    sessie: Session, product: Product, organisaties: Collection[int], openbaar_id: str
) -> tuple[Publicatie, PublicatieBestand] | None:
    """Return a file that these organisations may fetch; None for another's as for one that is not there."""
    rij = sessie.execute(
        select(Publicatie, PublicatieBestand)
        .join(PublicatieBestand, PublicatieBestand.publicatie_id == Publicatie.id)
        .where(
            PublicatieBestand.openbaar_id == openbaar_id,
            PublicatieBestand.soort.in_(SOORTEN[product]),
            Publicatie.product == product,
            Publicatie.organisatie_id.in_(organisaties),
            Publicatie.verwijderd_op.is_(None),
        )
    ).one_or_none()
    return (rij[0], rij[1]) if rij else None


def fetched(sessie: Session, account_id: str, bestanden: Collection[int]) -> Mapping[int, datetime]:
    """Return when an account last fetched each of these files; what it never fetched is left out."""
    vraag = (
        select(PortaalOphaling.bestand_id, func.max(PortaalOphaling.opgehaald_op))
        .where(PortaalOphaling.account_id == account_id, PortaalOphaling.bestand_id.in_(bestanden))
        .group_by(PortaalOphaling.bestand_id)
    )
    return dict(sessie.execute(vraag).all())


def fetchers(sessie: Session, bestanden: Collection[int]) -> Mapping[int, int]:
    """Return by how many accounts each of these files was fetched."""
    vraag = (
        select(PortaalOphaling.bestand_id, func.count(PortaalOphaling.account_id.distinct()))
        .where(PortaalOphaling.bestand_id.in_(bestanden))
        .group_by(PortaalOphaling.bestand_id)
    )
    return dict(sessie.execute(vraag).all())


def record_fetch(sessie: Session, account_id: str, bestand_id: int, *, nu: datetime) -> None:
    """Remember that an account fetched a file; it goes with the file."""
    sessie.add(PortaalOphaling(account_id=account_id, bestand_id=bestand_id, opgehaald_op=nu))


def publication_counts(
    sessie: Session, account_id: str, product: Product, organisaties: Collection[int], *, verdwijnt_voor: date
) -> Mapping[int, Stand]:
    """Return per organisation how many current publications the account did not fetch yet, and how many go soon."""
    opgehaald = exists().where(
        PortaalOphaling.bestand_id == PublicatieBestand.id,
        PublicatieBestand.publicatie_id == Publicatie.id,
        PortaalOphaling.account_id == account_id,
    )
    vraag = (
        select(
            Publicatie.organisatie_id,
            func.count().filter(~opgehaald),
            func.count().filter(Publicatie.verwijderen_op < verdwijnt_voor),
        )
        .where(
            Publicatie.product == product,
            Publicatie.organisatie_id.in_(organisaties),
            Publicatie.verwijderd_op.is_(None),
            Publicatie.vervangen_op.is_(None),
        )
        .group_by(Publicatie.organisatie_id)
    )
    return {organisatie: Stand(nieuw, weg) for organisatie, nieuw, weg in sessie.execute(vraag)}


def last_deliveries(
    sessie: Session, organisaties: Collection[int], *, van: date, tot: date
) -> Mapping[int, tuple[LeveringStatus | None, datetime]]:
    """Return per organisation the status and moment of its last usable delivery in a window, or else of its last."""
    bruikbaar = func.coalesce(Levering.status != LeveringStatus.AFGEKEURD, True)
    rang = func.row_number().over(
        partition_by=Levering.organisatie_id,
        order_by=(bruikbaar.desc(), Levering.ontvangen_op.desc(), Levering.volgnummer.desc()),
    )
    binnen = (
        select(Levering.organisatie_id, Levering.status, Levering.ontvangen_op, rang.label("rang"))
        .where(
            Levering.organisatie_id.in_(organisaties),
            Levering.product == Product.BIJZONDERE_BIJSTAND,
            Levering.ontvangen_op >= start_of(van),
            Levering.ontvangen_op < start_of(tot),
        )
        .subquery()
    )
    vraag = select(binnen.c.organisatie_id, binnen.c.status, binnen.c.ontvangen_op).where(binnen.c.rang == 1)
    return {organisatie: (status, op) for organisatie, status, op in sessie.execute(vraag)}


def registered_on(
    sessie: Session, product: Product, organisaties: Collection[int], dag: date
) -> frozenset[int]:
    """Return which of these organisations are registered for a product on a day (besluit B53a)."""
    vraag = select(Aanmelding.organisatie_id).where(
        in_force_on(product, dag), Aanmelding.organisatie_id.in_(organisaties)
    )
    return frozenset(sessie.scalars(vraag))


def being_processed(sessie: Session, organisatie_id: int) -> Sequence[str]:
    """Return the rondes that are open and in which this organisation is not finished (manual 3.3)."""
    voorwaarde: ColumnElement[bool] = and_(
        Deelname.organisatie_id == organisatie_id,
        Deelname.status == DeelnameStatus.OPEN,
        RondeRow.afgesloten_op.is_(None),
    )
    vraag = select(RondeRow.ronde).join(Deelname, Deelname.ronde == RondeRow.ronde).where(voorwaarde)
    return list(sessie.scalars(vraag.order_by(RondeRow.ronde)))


def reported_rondes(sessie: Session, organisaties: Collection[int]) -> list[str]:
    """Return the rondes of which these organisations have a current report, newest first."""
    vraag = (
        select(Publicatie.ronde)
        .where(
            Publicatie.product == Product.BIJZONDERE_BIJSTAND,
            Publicatie.organisatie_id.in_(organisaties),
            Publicatie.verwijderd_op.is_(None),
            Publicatie.vervangen_op.is_(None),
        )
        .distinct()
    )
    return sorted((ronde for ronde in sessie.scalars(vraag) if ronde), reverse=True)
