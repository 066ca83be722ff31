"""Logging in to the portal and out again: attempts, sessions, and what the logboek says of them.

A session ends 30 minutes after it was last used, 8 hours after it began, when the user logs out, and when no mandate
is left. Only hashes of tokens are stored.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from include.email_address import as_address
from include.errors import BidnFout
from include.steps.audit import noteer, wijziging
from include.steps.portaal.toegang import Gebruiker, NietGevonden, gebruiker_in
from include.steps.verwerking import Opslag
from include.storage import audit_log, portal_accounts, portal_sessions
from include.storage.actor import acting_as
from include.storage.audit_log import AuditEvent, AuditStatus, ProcessingActivity
from include.storage.database import take_turns
from include.storage.portal_models import PortaalAccount, PortaalSessie

ONGEBRUIKT = timedelta(minutes=30)
"""After this long without a request a session ends."""
HOOGSTENS = timedelta(hours=8)
"""After this long a session ends, whatever happens."""
POGING = timedelta(minutes=10)
"""How long somebody may take at the identity provider."""
_BIJGEWERKT = timedelta(minutes=1)
"""How old the moment of last use may get before it is written anew: a page is not to cost a write."""

ONBEKEND = "onbekend"
EMAIL_ONTBREEKT = "email-ontbreekt"
EMAIL_NIET_GEVERIFIEERD = "email-niet-geverifieerd"


class InlogGeweigerd(BidnFout):
    """Somebody proved who they are, and is nobody of ours; ``reden`` is one of the three above."""

    def __init__(self, reden: str) -> None:
        super().__init__(f"log-in refused: {reden}")
        self.reden = reden


@dataclass(frozen=True)
class Inlogpoging:
    """What was agreed with a browser before it went to the identity provider."""

    nonce: str
    code_verifier: str
    naar: str


@dataclass(frozen=True)
class Sessie:
    """A session; ``verloopt_op`` is when it ends if nothing more is asked, ``organisatie`` None is all of one's own."""

    id_hash: str
    csrf: str
    verloopt_op: datetime
    organisatie: str | None


@dataclass(frozen=True)
class Aangemeld:
    """Who is logged in, and in which session."""

    sessie: Sessie
    gebruiker: Gebruiker


def begin_inlogpoging(
    opslag: Opslag, *, state: str, nonce: str, code_verifier: str, naar: str, browser: str
) -> None:
    """Remember an attempt until its answer comes, for ten minutes; what nobody came back from makes way.

    ``state``, ``nonce`` and ``code_verifier`` are what goes along to the identity provider, ``naar`` the path of the
    portal to go to after logging in, ``browser`` a secret that only the browser of this attempt knows.
    """
    nu = opslag.klok()
    with opslag.database.transaction() as sessie:
        portal_sessions.remove_attempts(sessie, begun_before=nu - POGING)
        portal_sessions.start_attempt(
            sessie, state=state, browser=browser, nonce=nonce, code_verifier=code_verifier, naar=naar, nu=nu
        )


def neem_inlogpoging(opslag: Opslag, *, state: str, browser: str) -> Inlogpoging | None:
    """Return an attempt once; None when it is unknown, used, older than ten minutes or of another browser."""
    nu = opslag.klok()
    with opslag.database.transaction() as sessie:
        poging = portal_sessions.take_attempt(sessie, state)
    if poging is None or poging.begonnen_op <= nu - POGING:
        return None
    if not secrets.compare_digest(poging.browser_hash, portal_sessions.hash_of(browser)):
        return None
    return Inlogpoging(poging.nonce, poging.code_verifier, poging.naar)


def log_in(
    opslag: Opslag, *, issuer: str, sub: str, email: str | None, email_geverifieerd: bool, naam: str | None
) -> str:
    """Begin a session for who proved to be ``sub`` of ``issuer``, and return its token (32 random bytes, base64url).

    A verified address couples the account to every productbeheerder with that address that is nobody's yet. What was
    coupled before counts, whatever the address is now; nobody's coupling is ever taken over.

    Raises:
        InlogGeweigerd: no mandate is left or found. The logboek says so, without who it was.
    """
    nu, token = opslag.klok(), secrets.token_urlsafe(32)
    with wijziging(opslag) as sessie:
        take_turns(sessie, "inloggen")  # of two accounts with one address the first is coupled
        portal_sessions.remove_expired_sessions(sessie, nu=nu, unused_since=nu - ONGEBRUIKT)
        account = portal_accounts.find_account(sessie, issuer, sub)
        nieuw = portal_accounts.find_uncoupled(sessie, email) if email and email_geverifieerd else []
        if account is None and nieuw:
            account = portal_accounts.make_account(
                sessie, issuer=issuer, sub=sub, naam=nieuw[0].naam, email=nieuw[0].email, nu=nu
            )
        if account is not None:
            portal_accounts.couple(sessie, account, nieuw)
            mandaten = len(portal_accounts.find_mandates(sessie, account.id))
            if mandaten:
                _werk_bij(account, naam=naam, email=email if email_geverifieerd else None, nu=nu)
                portal_sessions.start_session(
                    sessie,
                    account.id,
                    token=token,
                    csrf=secrets.token_urlsafe(32),
                    nu=nu,
                    verloopt_op=nu + HOOGSTENS,
                )
                _noteer(sessie, "inloggen", account.id, mandaten=mandaten, gekoppeld=len(nieuw))
                return token
    reden = EMAIL_ONTBREEKT if not email else ONBEKEND if email_geverifieerd else EMAIL_NIET_GEVERIFIEERD
    noteer_weigering(opslag, reden, account_id=account.id if account else None)
    raise InlogGeweigerd(reden)


def noteer_weigering(opslag: Opslag, reden: str, *, account_id: str | None = None) -> None:
    """Enter in the logboek that somebody could not log in, and why: a code, never who it may have been."""
    with acting_as(account_id):
        noteer(
            opslag,
            AuditEvent(
                "inloggen-geweigerd",
                ProcessingActivity.TOEGANG,
                onderwerp=account_id,
                status=AuditStatus.ERROR,
                bijzonderheden={"reden": reden},
            ),
        )


def vind_sessie(opslag: Opslag, token: str) -> Aangemeld | None:
    """Return who is logged in with a token, and enter that the session is used, at most once a minute.

    None when there is no such session (any more). One without mandates is ended.
    """
    return _gebruik(opslag, token, na=_BIJGEWERKT)


def verleng(opslag: Opslag, token: str) -> Aangemeld | None:
    """Begin the 30 minutes of a session anew; the 8 hours stay. None as ``vind_sessie``."""
    return _gebruik(opslag, token, na=timedelta(0))


def log_uit(opslag: Opslag, token: str) -> None:
    """End the session of a token, if there is one."""
    _beeindig(opslag, portal_sessions.hash_of(token), reden="uitgelogd")


def log_overal_uit(opslag: Opslag, account_id: str) -> int:
    """End every session of an account; return how many there were."""
    with wijziging(opslag) as sessie:
        aantal = portal_sessions.end_sessions(sessie, account_id)
        _noteer(sessie, "overal-uitloggen", account_id, sessies=aantal)
    return aantal


def kies_organisatie(opslag: Opslag, token: str, organisatie: str | None) -> None:
    """Choose which organisation this session is about; None is all of one's own.

    Raises NietGevonden when there is no such session, or the user does not work for that organisation.
    """
    nu = opslag.klok()
    with opslag.database.transaction() as sessie:
        gevonden = portal_sessions.find_session(sessie, token, nu=nu, unused_since=nu - ONGEBRUIKT)
        if gevonden is None:
            raise NietGevonden("there is no such session")
        if organisatie is not None:
            gebruiker = gebruiker_in(sessie, gevonden.account_id)
            if organisatie not in gebruiker.organisaties():
                raise NietGevonden("the user does not work for this organisation")
        portal_sessions.choose_organisatie(sessie, gevonden.id_hash, organisatie)


def ruim_sessies_op(opslag: Opslag) -> int:
    """Remove sessions and attempts whose time is over; return how many there were."""
    nu = opslag.klok()
    with opslag.database.transaction() as sessie:
        return portal_sessions.remove_expired_sessions(
            sessie, nu=nu, unused_since=nu - ONGEBRUIKT
        ) + portal_sessions.remove_attempts(sessie, begun_before=nu - POGING)


def _gebruik(opslag: Opslag, token: str, *, na: timedelta) -> Aangemeld | None:
    nu = opslag.klok()
    with opslag.database.reading() as sessie:
        gevonden = portal_sessions.find_session(sessie, token, nu=nu, unused_since=nu - ONGEBRUIKT)
        gebruiker = gebruiker_in(sessie, gevonden.account_id) if gevonden else None
    if gevonden is None or gebruiker is None:
        return None
    if not gebruiker.mandaten:
        _beeindig(opslag, gevonden.id_hash, reden="geen mandaat meer")
        return None
    gebruikt_op = gevonden.laatst_gebruikt_op
    if nu - gebruikt_op >= na:
        with opslag.database.transaction() as sessie:
            portal_sessions.use_session(sessie, gevonden.id_hash, nu=nu)
        gebruikt_op = nu
    return Aangemeld(_als_sessie(gevonden, gebruikt_op), gebruiker)


def _als_sessie(sessie: PortaalSessie, gebruikt_op: datetime) -> Sessie:
    return Sessie(
        sessie.id_hash, sessie.csrf, min(sessie.verloopt_op, gebruikt_op + ONGEBRUIKT), sessie.organisatie
    )


def _beeindig(opslag: Opslag, id_hash: str, *, reden: str) -> None:
    with wijziging(opslag) as sessie:
        account_id = portal_sessions.end_session(sessie, id_hash)
        if account_id is not None:
            _noteer(sessie, "uitloggen", account_id, reden=reden)


def _werk_bij(account: PortaalAccount, *, naam: str | None, email: str | None, nu: datetime) -> None:
    schoon = " ".join((naam or "").split())[:200]
    account.naam = schoon if schoon.isprintable() and schoon else account.naam
    with suppress(ValueError):
        account.email = as_address(email or account.email)
    account.laatst_ingelogd_op = nu


def _noteer(sessie: Session, naam: str, account_id: str, **bijzonderheden: Any) -> None:
    """Enter what an account did, in the transaction that does it."""
    with acting_as(account_id):
        audit_log.record(
            sessie,
            AuditEvent(naam, ProcessingActivity.TOEGANG, onderwerp=account_id, bijzonderheden=bijzonderheden),
        )
