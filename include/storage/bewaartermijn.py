"""Retention: what has to go, and that it went (besluit B55).

Every removal is entered in the register before a file is touched and completed after, so a sweep that was cut
short is finished by the next. What cannot be removed is tried again then, and reported by every sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from include.errors import BidnFout, OpslagFout
from include.logfilter import zonder_bsns
from include.schemas.domein import Product
from include.storage import audit_log
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.bewaarklassen import (
    BEWAARKLASSEN,
    QUARANTINE,
    Bewaarklasse,
    FileToRemove,
    IntermediateFiles,
    Removal,
    quarantine_key,
    read_quarantine_key,
)
from include.storage.database import Database, take_turns
from include.storage.file_store import FileStore, intermediates_folder
from include.storage.models import Vernietiging

_REASONS = 5
"""How many of them the error says: enough to begin with."""


@dataclass(slots=True)
class SweepReport:
    """What a sweep did, by soort: files removed, the rows in them, put out of sight, and what it could not remove."""

    files: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    """Why, of what never came to the register."""

    def add_obstacle(self, klasse: str, reden: str) -> None:
        """Count what is in the way of a removal."""
        self.failed[klasse] += 1
        if reden not in self.reasons:
            self.reasons.append(reden)

    def __str__(self) -> str:
        def told(counts: Counter[str]) -> str:
            return ", ".join(f"{aantal} {soort}" for soort, aantal in sorted(counts.items()))

        return (
            f"removed {told(self.files) or 'nothing'}"
            + (f"; put out of sight {told(self.set_aside)}" if self.set_aside else "")
            + (f"; could not remove {told(self.failed)}" if self.failed else "")
        )


def preview_sweep(
    database: Database, bestanden: FileStore, *, nu: datetime, klassen: Sequence[Bewaarklasse] = BEWAARKLASSEN
) -> list[Removal]:
    """What ``sweep`` would remove at ``nu``, unfinished removals first; changes nothing."""
    with database.reading() as sessie:
        begonnen = [
            Removal(
                klasse=regel.klasse,
                onderwerp=regel.sleutel,
                files=(FileToRemove(regel.klasse, regel.sleutel, regel.rijen, regel.sha256),),
                product=regel.product,
                ronde=regel.ronde,
            )
            for regel in _unfinished(sessie)
        ]
    verslag = SweepReport()
    return begonnen + [
        vondst for klasse in klassen for vondst in _find(database, bestanden, klasse, nu, verslag)
    ]


def sweep(
    database: Database, bestanden: FileStore, *, nu: datetime, klassen: Sequence[Bewaarklasse] = BEWAARKLASSEN
) -> SweepReport:
    """Remove everything that is due at ``nu``, from database and storage, and register it.

    Raises OpslagFout with the counts when some files could not be removed or a name is not ours, after removing
    all others, of every class; and at once when the database is away.
    Sweeping twice, or twice at the same time, does no harm.
    """
    verslag = SweepReport()
    with database.reading() as sessie:
        begonnen = _unfinished(sessie)
    wissers = {soort: klasse for klasse in klassen for soort in klasse.kinds}

    def maak_af(regel: Vernietiging) -> None:
        if not _rewritten(bestanden, regel):
            wissers[regel.klasse].erase(bestanden, regel.sleutel, regel.begonnen_op)

    _erase(database, [regel for regel in begonnen if regel.klasse in wissers], maak_af, nu, verslag)
    for klasse in klassen:
        for vondst in _find(database, bestanden, klasse, nu, verslag):
            if vondst.quarantine_until:
                _set_aside(database, bestanden, vondst, vondst.quarantine_until, verslag)
            else:
                _remove(database, bestanden, klasse, vondst, nu, verslag)
    return _checked(verslag)


def bring_back(database: Database, bestanden: FileStore, *, reden: str) -> int:
    """Put everything in quarantine back where it was; return how many files. Entered in the logboek, with the reason.

    What the database does not know by the next sweep is put out of sight again. Raises OpslagFout.
    """
    found = {file.key: read_quarantine_key(file.key) for file in bestanden.list(QUARANTINE)}
    keys = {key: read[1] for key, read in found.items() if read}
    with database.transaction() as sessie:
        _record_move(sessie, "quarantaine-terug", len(keys), reden=zonder_bsns(reden))
    return sum(bestanden.move(key, back) for key, back in keys.items() if not bestanden.exists(back))


def _set_aside(
    database: Database, bestanden: FileStore, vondst: Removal, until: date, verslag: SweepReport
) -> None:
    """Enter in the logboek that these go out of sight, and move them; the register has them when they are removed."""
    with database.transaction() as sessie:
        _record_move(sessie, "quarantaine", len(vondst.files), tot=str(until))
    for stuk in vondst.files:
        try:
            moved = bestanden.move(stuk.sleutel, quarantine_key(stuk.sleutel, until))
        except BidnFout as fout:
            verslag.failed[stuk.soort] += 1
            verslag.reasons.append(str(fout))
        else:
            verslag.set_aside[stuk.soort] += moved


def _record_move(sessie: Session, naam: str, aantal: int, **bijzonderheden: str) -> None:
    audit_log.record(
        sessie,
        AuditEvent(
            naam, ProcessingActivity.VERNIETIGING, bijzonderheden={"bestanden": aantal, **bijzonderheden}
        ),
    )


def remove_intermediates(
    database: Database,
    bestanden: FileStore,
    verwerking: str,
    *,
    nu: datetime,
    product: Product = Product.BIJZONDERE_BIJSTAND,
) -> SweepReport:
    """Remove and register everything this verwerking fetched or computed, as soon as it has published (B55).

    Repeating it finishes what was cut short. Raises OpslagFout as ``sweep``; the publication stands, and the
    sweep takes what is left.
    """
    verslag = SweepReport()
    klasse = IntermediateFiles()
    map_ = intermediates_folder(verwerking, product)
    with database.reading() as sessie:
        begonnen = [regel for regel in _unfinished(sessie) if regel.sleutel.startswith(f"{map_}/")]
    _erase(
        database,
        begonnen,
        lambda regel: klasse.erase(bestanden, regel.sleutel, regel.begonnen_op),
        nu,
        verslag,
    )
    stukken = tuple(FileToRemove(klasse.naam, bestand.key) for bestand in bestanden.list(map_))
    if stukken:
        _remove(database, bestanden, klasse, Removal(klasse.naam, map_, stukken), nu, verslag)
    return _checked(verslag)


def vernietigingsregister(sessie: Session) -> list[Vernietiging]:
    """The destruction register, oldest first; lines without ``vernietigd_op`` are unfinished."""
    return list(sessie.scalars(select(Vernietiging).order_by(Vernietiging.begonnen_op, Vernietiging.id)))


def _find(
    database: Database, bestanden: FileStore, klasse: Bewaarklasse, nu: datetime, verslag: SweepReport
) -> list[Removal]:
    """What of this class is due and can go; what is in the way is counted, for other classes have theirs to do."""
    with database.reading() as sessie:
        try:
            vondsten = klasse.find(sessie, bestanden, nu)
        except BidnFout as fout:  # of storage: the database's own become ours only outside this block
            verslag.add_obstacle(klasse.naam, str(fout))
            return []
    for vondst in vondsten:
        if vondst.obstacle:
            verslag.add_obstacle(vondst.klasse, vondst.obstacle)
    return [vondst for vondst in vondsten if not vondst.obstacle]


def _remove(
    database: Database,
    bestanden: FileStore,
    klasse: Bewaarklasse,
    vondst: Removal,
    nu: datetime,
    verslag: SweepReport,
) -> None:
    """Enter and make invisible in one transaction; only then touch the files."""
    bekend = [_with_fingerprint(klasse, bestanden, stuk) for stuk in vondst.files]
    with database.transaction() as sessie:
        take_turns(sessie, "bewaartermijn")  # else two sweeps enter the same file
        try:
            stukken = klasse.withdraw(sessie, bestanden, replace(vondst, files=tuple(bekend)), nu)
        except BidnFout as fout:  # of storage, as in _vind: nothing was entered, so nothing is touched
            verslag.add_obstacle(vondst.klasse, str(fout))
            return
        begonnen = {regel.sleutel for regel in _unfinished(sessie)}
        regels = [
            Vernietiging(
                klasse=stuk.soort,
                sleutel=stuk.sleutel,
                product=vondst.product,
                ronde=vondst.ronde,
                rijen=stuk.rijen,
                sha256=stuk.sha256,
                begonnen_op=nu,
            )
            for stuk in stukken
            if stuk.sleutel not in begonnen
        ]
        sessie.add_all(regels)
    _erase(
        database,
        regels,
        lambda regel: klasse.erase(bestanden, regel.sleutel, regel.begonnen_op),
        nu,
        verslag,
    )


def _erase(
    database: Database,
    regels: Sequence[Vernietiging],
    wis: Callable[[Vernietiging], None],
    nu: datetime,
    verslag: SweepReport,
) -> None:
    """Remove the files of these register lines and complete the lines of those that are gone."""
    klaar: list[Vernietiging] = []
    for regel in regels:
        try:
            wis(regel)
        except BidnFout:
            verslag.failed[regel.klasse] += 1
        else:
            klaar.append(regel)
    if not klaar:
        return
    with database.transaction() as sessie:
        sessie.execute(
            update(Vernietiging)
            .where(Vernietiging.id.in_([regel.id for regel in klaar]), Vernietiging.vernietigd_op.is_(None))
            .values(vernietigd_op=nu)
        )
        audit_log.record(sessie, _event(klaar))
    for regel in klaar:
        verslag.files[regel.klasse] += 1
        verslag.rows[regel.klasse] += regel.rijen or 0


def _event(regels: Sequence[Vernietiging]) -> AuditEvent:
    """The lines of the register that were completed, as one logregel."""
    producten, rondes = {regel.product for regel in regels}, {regel.ronde for regel in regels}
    product = producten.pop() if len(producten) == 1 else None
    return AuditEvent(
        "vernietiging",
        ProcessingActivity.VERNIETIGING,
        doelbinding=product.value if product else None,
        ronde=rondes.pop() if len(rondes) == 1 else None,
        aantal=sum(regel.rijen or 0 for regel in regels),
        bijzonderheden={
            "bestanden": dict(Counter(regel.klasse for regel in regels)),
            "register": [min(regel.id for regel in regels), max(regel.id for regel in regels)],
        },
    )


def _rewritten(bestanden: FileStore, regel: Vernietiging) -> bool:
    """Whether a verwerking that was run again wrote the same intermediate anew since its removal began.

    What was to go is gone then. Told by content: the clocks of storage and of this process may differ. That of
    storage, so ``sleutels roteer`` leaves alone what is being removed.
    """
    if regel.klasse != IntermediateFiles.naam or regel.sha256 is None or not bestanden.exists(regel.sleutel):
        return False
    return bestanden.fingerprint(regel.sleutel) != regel.sha256


def _with_fingerprint(klasse: Bewaarklasse, bestanden: FileStore, stuk: FileToRemove) -> FileToRemove:
    if stuk.sha256 is not None:
        return stuk
    try:
        return replace(stuk, sha256=klasse.fingerprint(bestanden, stuk.sleutel))
    except BidnFout:  # unreadable or just gone: removing it matters more than its hash
        return stuk


def _unfinished(sessie: Session) -> list[Vernietiging]:
    vraag = select(Vernietiging).where(Vernietiging.vernietigd_op.is_(None)).order_by(Vernietiging.id)
    return list(sessie.scalars(vraag))


def _checked(verslag: SweepReport) -> SweepReport:
    if verslag.failed:
        redenen = "".join(f"{reden.rstrip('.')}. " for reden in verslag.reasons[:_REASONS])
        if len(verslag.reasons) > _REASONS:
            redenen += f"And {len(verslag.reasons) - _REASONS} more such. "
        raise OpslagFout(
            f"retention: {verslag}. {redenen}The next sweep tries again: look "
            "at the rights and the state of the file store, and of Airflow's log folder when it is about airflow-log"
        )
    return verslag
