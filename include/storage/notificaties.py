"""Who is mailed about a publication, at most once (besluit B54).

A mail is claimed before it goes out and marked after. The claim is committed first, so a process killed after
sending never sends again; one killed in between leaves a claim that ``onzekere_claims`` shows to ops. Claim,
send and mark one recipient at a time: then at most one mail is ever in doubt.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from include.storage.database import Database
from include.storage.models import Notificatie, Productbeheerder, Publicatie


@dataclass(frozen=True, slots=True)
class Recipient:
    """A productbeheerder to mail."""

    productbeheerder_id: int
    naam: str
    email: str


@dataclass(frozen=True, slots=True)
class MailClaim:
    """The right to send one mail about these publications (ids) to this productbeheerder."""

    productbeheerder_id: int
    publicaties: tuple[str, ...]


def recipients(sessie: Session, publicaties: Collection[str]) -> list[Recipient]:
    """Who must still be mailed about any of these publications (ids), by address.

    The productbeheerders of that organisation and product who have not opted out and for whom no mail about
    it was claimed yet (besluit B54).
    """
    vraag = (
        select(Productbeheerder)
        .where(
            Productbeheerder.notificaties,
            exists(Publicatie.id).where(_is_about(publicaties)).correlate(Productbeheerder),
        )
        .order_by(Productbeheerder.email)
    )
    return [Recipient(rij.id, rij.naam, rij.email) for rij in sessie.scalars(vraag)]


def claim_mail(
    database: Database, publicaties: Collection[str], ontvanger: Recipient, *, nu: datetime
) -> MailClaim | None:
    """Claim the mail about these publications (ids) to ``ontvanger``; committed when this returns.

    The claim holds those not claimed yet: that many reports the mail announces. None when nothing was left,
    or the productbeheerder opted out meanwhile: then do not send. Of simultaneous calls one gets it.
    """
    with database.transaction() as sessie:
        beheerder = sessie.scalar(
            select(Productbeheerder)
            .where(Productbeheerder.id == ontvanger.productbeheerder_id)
            .with_for_update()
        )
        if beheerder is None or not beheerder.notificaties:
            return None
        vraag = (
            select(Publicatie.id)
            .join(Productbeheerder, _is_about(publicaties))
            .where(Productbeheerder.id == beheerder.id)
            .order_by(Publicatie.reeks)
        )
        nieuw = tuple(sessie.scalars(vraag))
        for publicatie_id in nieuw:
            sessie.add(
                Notificatie(publicatie_id=publicatie_id, productbeheerder_id=beheerder.id, geclaimd_op=nu)
            )
        return MailClaim(beheerder.id, nieuw) if nieuw else None


def mark_sent(database: Database, claim: MailClaim, *, nu: datetime) -> None:
    """Record that the mail server took the mail."""
    with database.transaction() as sessie:
        sessie.execute(update(Notificatie).where(_of(claim)).values(verzonden_op=nu))


def release_claim(database: Database, claim: MailClaim) -> None:
    """Give a claim back, so that a retry sends it: only when the mail server surely did not take the mail."""
    with database.transaction() as sessie:
        sessie.execute(delete(Notificatie).where(_of(claim), Notificatie.verzonden_op.is_(None)))


def uncertain_claims(sessie: Session, publicaties: Collection[str]) -> int:
    """How many mails about these publications were claimed and never marked: sent or not, nobody knows."""
    vraag = select(Notificatie.productbeheerder_id).where(
        Notificatie.publicatie_id.in_(publicaties), Notificatie.verzonden_op.is_(None)
    )
    return len(set(sessie.scalars(vraag)))


def count_sent(sessie: Session, publicaties: Collection[str]) -> int:
    """To how many productbeheerders a mail about any of these publications went out."""
    vraag = select(Notificatie.productbeheerder_id).where(
        Notificatie.publicatie_id.in_(publicaties), Notificatie.verzonden_op.is_not(None)
    )
    return len(set(sessie.scalars(vraag)))


def _is_about(publicaties: Collection[str]) -> ColumnElement[bool]:
    """These publications, of the productbeheerder's organisation and product, without a claim of theirs."""
    return and_(
        Publicatie.id.in_(publicaties),
        Publicatie.organisatie_id == Productbeheerder.organisatie_id,
        Publicatie.product == Productbeheerder.product,
        ~exists()
        .where(
            Notificatie.publicatie_id == Publicatie.id,
            Notificatie.productbeheerder_id == Productbeheerder.id,
        )
        .correlate(Publicatie, Productbeheerder),
    )


def _of(claim: MailClaim) -> ColumnElement[bool]:
    return and_(
        Notificatie.productbeheerder_id == claim.productbeheerder_id,
        Notificatie.publicatie_id.in_(claim.publicaties),
    )
