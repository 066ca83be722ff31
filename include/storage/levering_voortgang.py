"""How far the judging of a delivery is, and which process has it in hand: one row for as long as it lasts.

A process that judges holds the row by a lease that it renews; what one left behind when it was killed is free again
when the lease has run out. When the judgement is complete the row goes: the delivery itself then says its outcome.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from include.schemas.domein import Product, Stap
from include.storage.database import Database, take_turns
from include.storage.models import Levering
from include.storage.portal_models import LeveringVoortgang

LEASE = timedelta(seconds=60)
"""How long a delivery stays with a process that does not report; and how long one that failed is left alone."""
FAILED = "mislukt"
"""Stands for the process of a judgement that failed."""


def await_judgement(sessie: Session, levering_id: str, *, nu: datetime) -> None:
    """Enter that a delivery waits to be judged, unless it does already."""
    take_turns(sessie, "oordelen")
    if sessie.get(LeveringVoortgang, levering_id) is None:
        sessie.add(_row(levering_id, houder=None, nu=nu))


def claim_next(database: Database, houder: str, *, nu: datetime) -> str | None:
    """Take the oldest delivery that waits to be judged, and return its id; None when there is none.

    Of simultaneous calls one gets it. Deliveries of one organisation are judged in order of arrival, so that the
    verslag of the second knows what became of the first (besluit B2); what failed before comes after all others.
    A delivery without a row is one whose reception was cut short, or that another program has in hand: it is left
    alone for the length of a lease.
    """
    question = _waiting(nu)
    with database.reading() as sessie:
        if sessie.scalar(question) is None:
            return None
    with database.transaction() as sessie:
        take_turns(sessie, "oordelen")
        levering_id = sessie.scalar(question)
        if levering_id is None:
            return None
        row = sessie.get(LeveringVoortgang, levering_id)
        if row is None:
            sessie.add(_row(levering_id, houder=houder, nu=nu))
        else:
            row.stap, row.gedaan, row.totaal, row.houder, row.bijgewerkt_op = Stap.ONTVANGEN, 0, 0, houder, nu
        return levering_id


def report(
    database: Database, levering_id: str, houder: str, stap: Stap, *, gedaan: int, totaal: int, nu: datetime
) -> bool:
    """Enter how far the judging is, in rows, and renew the lease; False when another process has taken it over."""
    return _update(database, levering_id, houder, stap=stap, gedaan=gedaan, totaal=totaal, bijgewerkt_op=nu)


def renew(database: Database, levering_id: str, houder: str, *, nu: datetime) -> bool:
    """Renew the lease of what is being judged; False when another process has taken it over."""
    return _update(database, levering_id, houder, bijgewerkt_op=nu)


def fail(database: Database, levering_id: str, houder: str, *, nu: datetime) -> None:
    """Enter that judging failed: it is tried again when a lease has passed."""
    _update(database, levering_id, houder, houder=FAILED, bijgewerkt_op=nu)


def complete(database: Database, levering_id: str, houder: str) -> None:
    """Enter that the judgement is complete."""
    with database.transaction() as sessie:
        sessie.execute(delete(LeveringVoortgang).where(*_held(levering_id, houder)))


def find_voortgang(sessie: Session, levering_id: str) -> LeveringVoortgang | None:
    """How far the judging is; None when nobody judges it."""
    return sessie.get(LeveringVoortgang, levering_id)


def _row(levering_id: str, *, houder: str | None, nu: datetime) -> LeveringVoortgang:
    return LeveringVoortgang(
        levering_id=levering_id, stap=Stap.ONTVANGEN, gedaan=0, totaal=0, houder=houder, bijgewerkt_op=nu
    )


def _waiting(nu: datetime) -> Select[str]:
    """Select the delivery that is first to be judged."""
    row, earlier, taken = LeveringVoortgang, aliased(Levering), aliased(LeveringVoortgang)
    run_out = nu - LEASE
    free = or_(
        and_(row.levering_id.is_(None), Levering.status.is_(None), Levering.ontvangen_op <= run_out),
        and_(row.levering_id.is_not(None), or_(row.houder.is_(None), row.bijgewerkt_op <= run_out)),
    )
    before_it = (
        exists()
        .where(
            earlier.organisatie_id == Levering.organisatie_id,
            earlier.id == taken.levering_id,
            earlier.id != Levering.id,
            taken.houder.is_not(None),
            taken.houder != FAILED,
            taken.bijgewerkt_op > run_out,
        )
        .correlate(Levering)
    )
    return (
        select(Levering.id)
        .outerjoin(row, row.levering_id == Levering.id)
        .where(
            Levering.product == Product.BIJZONDERE_BIJSTAND,
            Levering.verwijderd_op.is_(None),
            free,
            ~before_it,
        )
        .order_by(row.houder.is_not_distinct_from(FAILED), Levering.ontvangen_op, Levering.volgnummer)
        .limit(1)
    )


def _held(levering_id: str, houder: str) -> tuple[ColumnElement[bool], ...]:
    return LeveringVoortgang.levering_id == levering_id, LeveringVoortgang.houder == houder


def _update(database: Database, levering_id: str, held_by: str, **values: object) -> bool:
    with database.transaction() as sessie:
        held = update(LeveringVoortgang).where(*_held(levering_id, held_by)).values(**values)
        return sessie.scalar(held.returning(LeveringVoortgang.levering_id)) is not None
