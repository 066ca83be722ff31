"""Until when each delivery is kept (besluit B55): the one place that counts those days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from include.normen.kalender import lees_maand
from include.schemas.domein import LeveringStatus
from include.storage.models import Levering, Publicatie
from include.storage.publicaties import BEWAARTERMIJN, removal_date

WARNING_TIME = timedelta(days=14)
"""So long before it would be removed, ops hear of a delivery that counts and was never published."""


@dataclass(frozen=True, slots=True)
class DeliveryTerm:
    """A delivery that is still kept, and what decides how long."""

    levering: Levering
    first_removal: date | None
    """The day on which the first publication that used it is removed; None when none did."""
    replaced: bool
    """Whether a later delivery of the same ronde (Alleenverdieners: the same kenmerk) took its place."""

    @property
    def counts(self) -> bool:
        """Whether it is, or would be, what reports are made of."""
        return not self.replaced and self.levering.status is not LeveringStatus.AFGEKEURD

    @property
    def removal_day(self) -> date:
        """The first Amsterdam date on which a sweep removes it.

        90 days after the first publication that used it. Was it never used, then 90 days after the last day of its
        rapportagemaand, so that a missed month can still be run; and 90 days after receipt for one that does not
        count, and for a list of the Belastingdienst, which has no rapportagemaand (besluit A3).
        """
        if self.first_removal:
            return self.first_removal
        if self.levering.ronde is None or not self.counts:
            return removal_date(self.levering.ontvangen_op)
        return lees_maand(self.levering.ronde).plus(1).laatste_dag + BEWAARTERMIJN

    def is_lost_soon(self, vandaag: date) -> bool:
        """Whether it counts, was never published, and is about to be removed."""
        never_published = self.counts and self.first_removal is None
        return never_published and self.removal_day - WARNING_TIME <= vandaag


def delivery_terms(sessie: Session, levering_id: str | None = None) -> list[DeliveryTerm]:
    """The terms of all deliveries that are still kept, in order of arrival; of one when its id is given."""
    later = aliased(Levering)
    replaced = exists().where(
        later.product == Levering.product,
        later.organisatie_id.is_not_distinct_from(Levering.organisatie_id),
        later.ronde.is_not_distinct_from(Levering.ronde),
        or_(Levering.ronde.is_not(None), later.kenmerk == Levering.kenmerk),
        or_(
            later.ontvangen_op > Levering.ontvangen_op,
            (later.ontvangen_op == Levering.ontvangen_op) & (later.volgnummer > Levering.volgnummer),
        ),
        # One that was not judged yet may be found afgekeurd, and then it replaces nothing (besluit B2).
        later.status.is_not(None),
        later.status != LeveringStatus.AFGEKEURD,
    )
    first_removal = (
        select(func.min(Publicatie.verwijderen_op))
        .where(Publicatie.levering_id == Levering.id)
        .scalar_subquery()
    )
    question = select(Levering, first_removal, replaced).where(Levering.verwijderd_op.is_(None))
    if levering_id is not None:
        question = question.where(Levering.id == levering_id)
    return [
        DeliveryTerm(levering, removal, bool(was_replaced))
        for levering, removal, was_replaced in sessie.execute(
            question.order_by(Levering.ontvangen_op, Levering.volgnummer, Levering.id)
        )
    ]
