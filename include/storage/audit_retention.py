"""The term of the logboek: whole months that have expired go from its oldest end (besluit B55a).

A sealed checkpoint comes in their place, to which what follows is linked. The database lets nothing go that no
checkpoint covers, and ``audit_log.verify`` begins at the last one.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from include.errors import ControleFout
from include.moments import AMSTERDAM, as_utc, day_of, start_of
from include.storage import audit_log
from include.storage.audit_log import Anchor, AuditEvent, ProcessingActivity
from include.storage.audit_models import AuditCheckpoint, AuditEntry, AuditSubjects
from include.storage.database import Database, take_turns
from include.storage.file_store import FileStore
from include.storage.models import Vernietiging
from include.storage.pseudonyms import Pseudonyms

KLASSE = "logboek"


def first_day_kept(vandaag: date, maanden: int) -> date:
    """The first of the month so many months before that of ``vandaag``: what is from before it has expired."""
    jaar, maand = divmod(vandaag.year * 12 + vandaag.month - 1 - maanden, 12)
    return date(jaar, maand + 1, 1)


def expired_until(sessie: Session, anker: Anchor | None, *, nu: datetime, maanden: int) -> int | None:
    """The number of the last logregel of the whole months that have expired; None when there is nothing to remove.

    Whatever follows one that has not expired stays with it. So does the logregel that was anchored.
    """
    grens = start_of(first_day_kept(day_of(nu), maanden))
    jong = sessie.scalar(select(func.min(AuditEntry.volgnummer)).where(AuditEntry.einde_op >= grens))
    laatste = sessie.scalar(select(func.max(AuditEntry.volgnummer)))
    blijft = min(nummer for nummer in (jong, laatste, anker and anker.aantal, 2**31) if nummer is not None)
    return sessie.scalar(select(func.max(AuditEntry.volgnummer)).where(AuditEntry.volgnummer < blijft))


def shorten(
    database: Database, bestanden: FileStore, *, nu: datetime, maanden: int
) -> AuditCheckpoint | None:
    """Remove the months that have expired, and enter that; None when there are none.

    Raises ControleFout when that part of the logboek is not as it was written, or the anchor does not hold: it is
    then the only evidence, and stays.
    """
    anker = audit_log.read_anchor(bestanden)
    with database.reading() as sessie:
        houdt = anker is not None and audit_log.anchor_holds(sessie, anker)
        laatste = expired_until(sessie, anker if houdt else None, nu=nu, maanden=maanden)
    if laatste is None:
        return None
    if not houdt:
        raise ControleFout(
            "the logboek was not shortened, for its anchor in the file store does not hold: run `logboek controleer`, "
            "and see docs/privacy.md on what to do with a break"
        )
    with database.reading() as sessie:
        breuk = audit_log.verify(sessie, anker, tot=laatste).first_break
    if breuk:
        raise ControleFout(
            f"the logboek was not shortened, for logregel {breuk.volgnummer} is not as it was written "
            f"({breuk.reason}): run `logboek controleer`, and see docs/privacy.md on what to do with a break"
        )
    with database.transaction() as sessie:
        take_turns(sessie, "logboek")
        return _replace_by_checkpoint(sessie, laatste, nu)


def _replace_by_checkpoint(sessie: Session, laatste: int, nu: datetime) -> AuditCheckpoint | None:
    vorige = sessie.scalar(select(AuditCheckpoint).order_by(AuditCheckpoint.nummer.desc()).limit(1))
    vorige = vorige or audit_log.NO_CHECKPOINT
    if vorige.laatste >= laatste:
        return None  # another sweep was first
    gaat = AuditEntry.volgnummer <= laatste
    aantal, begin, einde = sessie.execute(
        select(func.count(), func.min(AuditEntry.einde_op), func.max(AuditEntry.einde_op)).where(gaat)
    ).one()
    zegels = hashlib.sha256()
    zegel = ""
    for zegel in sessie.scalars(select(AuditEntry.zegel).where(gaat).order_by(AuditEntry.volgnummer)):
        zegels.update(zegel.encode())
    punt = AuditCheckpoint(
        nummer=vorige.nummer + 1,
        laatste=laatste,
        laatste_zegel=zegel,
        aantal=aantal,
        van=_month(begin),
        tot=_month(einde),
        gemaakt_op=as_utc(nu),
        vorig_zegel=vorige.zegel,
    )
    punt.zegel = audit_log.seal_of_checkpoint(punt, Pseudonyms())
    sessie.add(punt)
    sessie.flush()
    if sessie.connection().dialect.name == "postgresql":  # with the rights of the owner: see roles.py
        sessie.execute(text("SELECT bidn_logboek_opschonen()"))
    else:
        sessie.execute(delete(AuditSubjects).where(AuditSubjects.volgnummer <= laatste))
        sessie.execute(delete(AuditEntry).where(gaat))
    sessie.expire_all()
    sessie.add(
        Vernietiging(
            klasse=KLASSE,
            sleutel=f"logboek/{punt.van}/{punt.tot}",
            rijen=aantal,
            sha256=zegels.hexdigest(),
            begonnen_op=nu,
            vernietigd_op=nu,
        )
    )
    sessie.flush()
    details = {"controlepunt": punt.nummer, "laatste": laatste, "van": punt.van, "tot": punt.tot}
    audit_log.record(
        sessie,
        AuditEvent(
            "logboek-inkorten", ProcessingActivity.VERNIETIGING, aantal=aantal, bijzonderheden=details
        ),
    )
    return punt


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%Y-%m}"
