"""What a sweep may do: nothing irreversible on a word that may be wrong (besluit B55).

Four things can make it remove what should stay: another database than that of the file store, a database that lacks
rows, a clock that jumped, a table or rule that says too much is due. The first two keep the classes that rest on
them; the last two stop everything. Only a human lets pass what was stopped, and that is entered in the logboek.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from include.errors import InstallatieFout
from include.moments import AMSTERDAM
from include.schemas.domein import Ondanks
from include.settings import Soort, omgeving
from include.storage import audit_log
from include.storage.bewaarklassen import Bewaarklasse, LeveringFiles, OrphanFiles, PublicatieFiles, RestsOn
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.installation import pair
from include.storage.models import Installatie, Vernietiging

SLACK = timedelta(minutes=5)
"""So far the clocks of two machines may be apart."""
SILENCE = timedelta(days=40)
"""A sweep comes every night: longer without one and without a logregel, the clock is likelier to be wrong."""
SMALL = 100
"""A sweep of so many files is never far larger than usual."""
FAR_LARGER = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The classes that may be swept, and why others may not: sentences."""

    klassen: Sequence[Bewaarklasse]
    held: Sequence[str]


def judge(
    database: Database,
    bestanden: FileStore,
    klassen: Iterable[Bewaarklasse],
    *,
    nu: datetime,
    ondanks: Collection[Ondanks] = (),
) -> Verdict:
    """Say which of these classes may be swept at ``nu``.

    Raises InstallatieFout when none may: the clock jumped, or far more is due than ever before. Its message says what
    was found and what to do.
    """
    misfit = pair(database, bestanden, nu).misfit
    anchor = audit_log.read_anchor(bestanden)
    with database.reading() as sessie:
        if Ondanks.KLOK not in ondanks and (jump := _jump(sessie, nu)):
            raise InstallatieFout(_stopped(jump, Ondanks.KLOK))
        holds = anchor is None or audit_log.anchor_holds(sessie, anchor)
        sound = RestsOn.NOTHING if misfit else RestsOn.ALL_ROWS if holds else RestsOn.PAIR
        allowed = [klasse for klasse in klassen if klasse.rests_on <= sound]
        if Ondanks.OMVANG not in ondanks and (excess := _excess(sessie, bestanden, allowed, nu)):
            raise InstallatieFout(_stopped(excess, Ondanks.OMVANG))
    held = [misfit] if misfit else [] if holds else [_ANCHOR_AHEAD]
    if Ondanks.WEZEN in ondanks:
        allowed = [
            OrphanFiles(een.grace, however_many=True) if isinstance(een, OrphanFiles) else een
            for een in allowed
        ]
    return Verdict(allowed, held)


def begin(database: Database, nu: datetime) -> None:
    """Write down that a sweep began, for the next to compare its clock with."""
    with database.transaction() as sessie:
        if row := sessie.get(Installatie, 1):
            row.geveegd_op = nu


_ANCHOR_AHEAD = (
    "the anchor in the file store is not of this logboek, so the database is an older one, or lost its end: only what "
    "it surely knows was removed. Run `logboek controleer` and look for the newer database. When this is the one to go "
    "on with: python -m include.cli installatie bind"
)


def _stopped(what: str, ondanks: Ondanks) -> str:
    return (
        f"the sweep stopped before it removed anything: {what}. When you have seen that it is right: "
        f"python -m include.cli installatie veeg --ondanks {ondanks}"
    )


def _jump(sessie: Session, nu: datetime) -> str:
    """How the clock contradicts what was written down by it; empty when it does not.

    ``nu`` may be a given one: what entered itself in the logboek did so by the clock of the machine.
    """
    last, now = audit_log.last_moment(sessie), datetime.now(UTC)
    if last and now < last - SLACK:
        return _back(now, "logregel", last)
    row = sessie.get(Installatie, 1)
    if row is None:
        return ""
    if row.geveegd_op and nu < row.geveegd_op - SLACK:
        return _back(nu, "sweep", row.geveegd_op)
    since = row.geveegd_op or row.gemaakt_op
    if nu - since <= SILENCE or omgeving().soort is Soort.ONTWIKKELING:  # there it is off most of the time
        return ""
    for before, after in pairwise([since, *audit_log.moments_since(sessie, since), nu]):
        if after - before > SILENCE:
            return (
                f"the clock says {_told(nu)}, and nothing was swept or entered between {_told(before)} and "
                f"{_told(after)}: it went ahead, or this installation was off for long"
            )
    return ""


def _back(now: datetime, what: str, then: datetime) -> str:
    return f"the clock says {_told(now)}, and the last {what} was at {_told(then)}: it went back, or was ahead then"


def _told(moment: datetime) -> str:
    return moment.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M")


def _excess(sessie: Session, bestanden: FileStore, klassen: Iterable[Bewaarklasse], nu: datetime) -> str:
    """How much more is due by the database than any sweep before removed; empty when it is not, or is the first."""
    due = sum(
        len(removal.files)
        for klasse in klassen
        if isinstance(klasse, PublicatieFiles | LeveringFiles)
        for removal in klasse.find(sessie, bestanden, nu)
    )
    soorten = PublicatieFiles.kinds | LeveringFiles.kinds
    per_sweep = (
        select(func.count()).where(Vernietiging.klasse.in_(soorten)).group_by(Vernietiging.begonnen_op)
    )
    most = max(sessie.scalars(per_sweep), default=None)
    if most is None or due <= max(SMALL, FAR_LARGER * most):
        return ""
    return f"{due} files of deliveries and publications are due, and the largest sweep so far took {most}"
