"""Whether database and file store belong together: both carry the mark of one installation (besluit B55).

The mark is a random id, made once, when neither holds anything yet: first in the database, then in the store, so
that what was cut short between the two is finished later. From then on a wrong BIDN_DATABASE_URL, a wrong
BIDN_OPSLAG, a mount that is not there or a copy of an installation shows. Only a human binds again what parted.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.errors import ControleFout, GegevensFout
from include.logfilter import zonder_bsns
from include.storage import audit_log
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.backends import UNFINISHED
from include.storage.database import Database, take_turns
from include.storage.file_store import FileStore
from include.storage.models import Installatie, Levering, Publicatie

MARK = "installatie/kenmerk.json"
_UNREADABLE = "unreadable"


class Pair(NamedTuple):
    """The mark of the database and that of the file store; empty where there is none."""

    database: str
    store: str

    @property
    def misfit(self) -> str:
        """Why the two do not belong together, and what to do; empty when they do."""
        if self.database and self.database == self.store:
            return ""
        database, store = (mark[:8] or "none" for mark in self)
        return (
            f"database and file store do not belong together (mark of the database: {database}, of the file store: "
            f"{store}): point BIDN_DATABASE_URL and BIDN_OPSLAG at the same installation. When you have seen that "
            "these two do belong together, after a restore for instance: python -m include.cli installatie bind"
        )


def pair(database: Database, bestanden: FileStore, nu: datetime) -> Pair:
    """Return both marks; where database and file store hold nothing yet they get one first, the same."""
    with database.reading() as sessie:
        found = _read(sessie, bestanden)
        fresh = not found.store and _has_no_data(sessie)
    if not found.misfit:
        return found
    if not fresh or not _is_empty(database, bestanden):
        with database.reading() as sessie:  # another process may have made them meanwhile
            return _read(sessie, bestanden)
    with database.transaction() as sessie:
        take_turns(sessie, "installatie")
        row = sessie.get(Installatie, 1)
        if row is None:
            row = Installatie(id=1, kenmerk=secrets.token_hex(16), gemaakt_op=nu)
            sessie.add(row)
    _write(bestanden, row.kenmerk)
    return Pair(row.kenmerk, row.kenmerk)


def bind(database: Database, bestanden: FileStore, *, reden: str, nu: datetime) -> Pair:
    """Give database and file store a new mark, and anchor the logboek anew; return the marks they had.

    Deliberate and by hand: from now on files that this database does not know are orphans. What was there (marks,
    and an anchor that does not hold for this logboek) is entered in the logboek, with the reason. Copies of the
    database or the store keep the old mark, and fit no more. May be repeated when it was cut short.
    """
    anchor = audit_log.read_anchor(bestanden)
    with database.transaction() as sessie:
        take_turns(sessie, "installatie")
        were = _read(sessie, bestanden)
        row = sessie.get(Installatie, 1) or Installatie(id=1, gemaakt_op=nu)
        row.kenmerk = secrets.token_hex(16)
        sessie.add(row)
        details = {"was": dict(were._asdict()), "is": row.kenmerk, "reden": zonder_bsns(reden)}
        if anchor and not audit_log.anchor_holds(sessie, anchor):
            details["anker_was"] = dict(anchor._asdict())
        audit_log.record(
            sessie,
            AuditEvent("installatie-binden", ProcessingActivity.REGISTRATIE, bijzonderheden=details),
        )
    _write(bestanden, row.kenmerk)
    audit_log.write_anchor(database, bestanden, accept=anchor)
    return were


def _read(sessie: Session, bestanden: FileStore) -> Pair:
    row = sessie.get(Installatie, 1)
    return Pair(row.kenmerk if row else "", _read_mark(bestanden))


def _read_mark(bestanden: FileStore) -> str:
    try:
        return str(json.loads(bestanden.read(MARK))["kenmerk"])
    except (ControleFout, ValueError, KeyError, TypeError):
        return _UNREADABLE
    except GegevensFout:  # there is none
        return ""


def _write(bestanden: FileStore, kenmerk: str) -> None:
    bestanden.write(MARK, json.dumps({"kenmerk": kenmerk}).encode())


def _has_no_data(sessie: Session) -> bool:
    """Whether no row refers to a file, or did before retention removed it."""
    return not any(sessie.scalar(select(table.id).limit(1)) for table in (Levering, Publicatie))


def _is_empty(database: Database, bestanden: FileStore) -> bool:
    """Whether nothing lies in the file store but what is being written, and the anchor of this very logboek."""
    inventory = bestanden.inventory()
    if inventory.error:
        raise inventory.error
    names = {file.key for file in [*inventory.files, *inventory.foreign]} - {audit_log.ANCHOR}
    if any(not name.startswith(f"{UNFINISHED}/") for name in names):
        return False
    anchor = audit_log.read_anchor(bestanden)
    with database.reading() as sessie:
        return anchor is None or audit_log.anchor_holds(sessie, anchor)
