"""Sessions of the portal, and attempts to log in that are under way; tokens are known here by their hash only."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from include.storage.portal_models import PortaalInlogpoging, PortaalSessie


def hash_of(token: str) -> str:
    """What is kept of a random token. It holds 32 random bytes: nothing slower than one SHA-256 is needed."""
    return sha256(token.encode()).hexdigest()


def start_attempt(
    sessie: Session, *, state: str, browser: str, nonce: str, code_verifier: str, naar: str, nu: datetime
) -> None:
    """Enter that a browser was sent to the identity provider."""
    sessie.add(
        PortaalInlogpoging(
            state_hash=hash_of(state),
            browser_hash=hash_of(browser),
            nonce=nonce,
            code_verifier=code_verifier,
            naar=naar,
            begonnen_op=nu,
        )
    )


def take_attempt(sessie: Session, state: str) -> PortaalInlogpoging | None:
    """Remove an attempt and return it: of two that ask at once, one gets it."""
    gone = delete(PortaalInlogpoging).where(PortaalInlogpoging.state_hash == hash_of(state))
    return sessie.scalar(gone.returning(PortaalInlogpoging))


def start_session(
    sessie: Session, account_id: str, *, token: str, csrf: str, nu: datetime, verloopt_op: datetime
) -> None:
    """Enter a session."""
    sessie.add(
        PortaalSessie(
            id_hash=hash_of(token),
            account_id=account_id,
            csrf=csrf,
            begonnen_op=nu,
            laatst_gebruikt_op=nu,
            verloopt_op=verloopt_op,
            organisatie=None,
        )
    )


def find_session(
    sessie: Session, token: str, *, nu: datetime, unused_since: datetime
) -> PortaalSessie | None:
    """The session of a token, unless its end has come or it was last used at or before ``unused_since``."""
    return sessie.scalar(
        select(PortaalSessie).where(
            PortaalSessie.id_hash == hash_of(token),
            PortaalSessie.verloopt_op > nu,
            PortaalSessie.laatst_gebruikt_op > unused_since,
        )
    )


def use_session(sessie: Session, id_hash: str, *, nu: datetime) -> None:
    """Enter that a session was used; one that was ended meanwhile stays ended."""
    sessie.execute(
        update(PortaalSessie).where(PortaalSessie.id_hash == id_hash).values(laatst_gebruikt_op=nu)
    )


def choose_organisatie(sessie: Session, id_hash: str, organisatie: str | None) -> None:
    """Enter which organisation this session is about; None is all of one's own."""
    sessie.execute(
        update(PortaalSessie).where(PortaalSessie.id_hash == id_hash).values(organisatie=organisatie)
    )


def end_session(sessie: Session, id_hash: str) -> str | None:
    """End a session, and return whose it was; None when there was none."""
    gone = delete(PortaalSessie).where(PortaalSessie.id_hash == id_hash)
    return sessie.scalar(gone.returning(PortaalSessie.account_id))


def end_sessions(sessie: Session, account_id: str) -> int:
    """End every session of an account; return how many there were."""
    gone = delete(PortaalSessie).where(PortaalSessie.account_id == account_id)
    return len(sessie.scalars(gone.returning(PortaalSessie.id_hash)).all())


def remove_expired_sessions(sessie: Session, *, nu: datetime, unused_since: datetime) -> int:
    """Remove what ``find_session`` no longer finds; return how many there were."""
    ended = or_(PortaalSessie.verloopt_op <= nu, PortaalSessie.laatst_gebruikt_op <= unused_since)
    return len(sessie.scalars(delete(PortaalSessie).where(ended).returning(PortaalSessie.id_hash)).all())


def remove_attempts(sessie: Session, *, begun_before: datetime) -> int:
    """Remove attempts that were begun at or before a moment; return how many there were."""
    gone = delete(PortaalInlogpoging).where(PortaalInlogpoging.begonnen_op <= begun_before)
    return len(sessie.scalars(gone.returning(PortaalInlogpoging.state_hash)).all())
