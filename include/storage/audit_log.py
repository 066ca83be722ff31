"""The logboek: append-only and chained, so that a change, a removal or a gap shows.

Every logregel is sealed (HMAC-SHA256) over its own fields and the seal before it. Three things tell where the
end is: the numbering, the sealed row of AuditHead, and an anchor in the file store, outside the database.
The key of the seals is not in the database either: who can write there alone cannot write history.
What does not fit is never made to fit by writing on: the work goes on, and the breuk stays to be found.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from include.errors import BidnFout, ControleFout
from include.moments import as_utc
from include.storage.actor import actor, trace_id
from include.storage.audit_models import AuditCheckpoint, AuditEntry, AuditHead, AuditSubjects
from include.storage.database import Database, take_turns
from include.storage.file_store import FileStore
from include.storage.pseudonyms import Pseudonyms

log = logging.getLogger(__name__)

ANCHOR = "logboek/anker.json"
START = "0" * 64
_WHAT_NOW = (
    "Run `logboek controleer`, which names what is not as it was written; leave database and file "
    "store as they are, and tell the privacy officer"
)
ACCEPTED = "logboek-aanvaarden"
"""The logregel by which a human accepts a break that is known."""
MOST_BREAKS = 1000
"""So many are named; with more something is wrong with all of it, such as another hashsleutel."""


class ProcessingActivity(StrEnum):
    """The verwerkingsactiviteiten, as the register van verwerkingen in docs/privacy.md describes them."""

    LEVERING = "urn:bidn:verwerking:levering"
    BRONBEVRAGING = "urn:bidn:verwerking:bronbevraging"
    PUBLICATIE = "urn:bidn:verwerking:publicatie"
    RAADPLEGING = "urn:bidn:verwerking:raadpleging"
    VERNIETIGING = "urn:bidn:verwerking:vernietiging"
    REGISTRATIE = "urn:bidn:verwerking:registratie"
    TOEGANG = "urn:bidn:verwerking:toegang"


class AuditStatus(StrEnum):
    """How it ended, in the words of the standard; UNSET is what had not ended when it was entered."""

    UNSET = "Unset"
    OK = "Ok"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is to be entered.

    ``organisatie`` is for whom it was done, ``doelbinding`` why (the product), ``onderwerp`` the id of what it
    was about (a levering, a publicatie). ``betrokkene`` is the BSN of the one person it was about,
    ``betrokkenen`` those of many; only keyed hashes of them are kept. ``bijzonderheden`` are counts, ids and
    hashes: never personal data. Who does it and when are found out, unless they are given.
    """

    naam: str
    activiteit: ProcessingActivity
    begin_op: datetime = field(default_factory=lambda: datetime.now(UTC))
    einde_op: datetime = field(default_factory=lambda: datetime.now(UTC))
    uitvoerder: str = field(default_factory=actor)
    trace_id: str = field(default_factory=trace_id)
    organisatie: str | None = None
    doelbinding: str | None = None
    ronde: str | None = None
    onderwerp: str | None = None
    betrokkene: int | None = None
    betrokkenen: Sequence[int] | None = None
    aantal: int | None = None
    status: AuditStatus = AuditStatus.OK
    parent_span_id: str | None = None
    bijzonderheden: Mapping[str, Any] = field(default_factory=dict)


class AuditBreak(NamedTuple):
    """A place where the logboek is not what was written, and why.

    ``kenmerk`` is a hash of what is there instead: who accepts this break accepts no other change at that place.
    """

    volgnummer: int
    reason: str
    kenmerk: str = ""

    @property
    def is_of_anchor(self) -> bool:
        """Whether it is the anchor that does not fit: one that is accepted makes way for another."""
        return "anchor" in self.reason


class Anchor(NamedTuple):
    """What is in the file store: how many logregels there were, and the seal of the last."""

    aantal: int
    zegel: str


NO_ANCHOR = Anchor(0, "")
"""What is in its place, but is no anchor: holds for no logboek."""


class AuditCheck(NamedTuple):
    """What ``verify`` found: the number of the last logregel, the breaks, and those that a human has accepted."""

    aantal: int
    breaks: tuple[AuditBreak, ...] = ()
    accepted: tuple[tuple[AuditBreak, AuditEntry], ...] = ()

    @property
    def first_break(self) -> AuditBreak | None:
        """The first break that nobody accepted."""
        return self.breaks[0] if self.breaks else None

    @property
    def stopped(self) -> bool:
        """Whether there were so many that the rest was not looked at."""
        return len(self.breaks) + len(self.accepted) > MOST_BREAKS


def record(sessie: Session, handeling: AuditEvent, pseudoniemen: Pseudonyms | None = None) -> AuditEntry:
    """Enter a handeling at the end, in the caller's transaction: it stands or falls with what it is about.

    Other writers wait until that transaction ends: enter it last. When the logboek does not end where its stand
    says, one number is left out: nobody can fill that in, so ``verify`` tells from then on.
    """
    pseudoniemen = pseudoniemen or Pseudonyms()
    # Hashing a large list takes long: before others are made to wait.
    lijst = None if handeling.betrokkenen is None else pseudoniemen.hashes(handeling.betrokkenen)
    take_turns(sessie, "logboek")
    vorige, stand = _last(sessie), sessie.get(AuditHead, 1)
    einde, vorig_zegel = (vorige.volgnummer, vorige.zegel) if vorige else (0, START)
    if (vorige or stand) and not _is_head(stand, einde, vorig_zegel, pseudoniemen):
        einde += 1
        log.error(
            "the logboek does not end where its stand says: logregel %d is left out. %s", einde, _WHAT_NOW
        )
    regel = AuditEntry(
        volgnummer=einde + 1,
        trace_id=handeling.trace_id,
        span_id=secrets.token_hex(8),
        parent_span_id=handeling.parent_span_id,
        naam=handeling.naam,
        begin_op=as_utc(handeling.begin_op),
        einde_op=as_utc(handeling.einde_op),
        status=handeling.status.value,
        uitvoerder=handeling.uitvoerder[:500],
        activiteit=handeling.activiteit.value,
        organisatie=handeling.organisatie,
        doelbinding=handeling.doelbinding,
        ronde=handeling.ronde,
        onderwerp=handeling.onderwerp,
        betrokkene=None if handeling.betrokkene is None else pseudoniemen.of(handeling.betrokkene),
        aantal=handeling.aantal,
        lijst_sha256=None if lijst is None else hashlib.sha256(lijst).hexdigest(),
        bijzonderheden=json.loads(
            json.dumps(dict(handeling.bijzonderheden))
        ),  # as the database gives it back
        vorig_zegel=vorig_zegel,
    )
    regel.zegel = _seal(regel, pseudoniemen)
    sessie.add(regel)
    sessie.flush()
    if lijst is not None:
        sessie.add(AuditSubjects(volgnummer=regel.volgnummer, hashes=lijst))
    stand = stand or AuditHead(id=1)
    stand.aantal, stand.zegel = regel.volgnummer, _seal_of_head(regel.volgnummer, regel.zegel, pseudoniemen)
    sessie.add(stand)
    sessie.flush()
    return regel


def record_change(sessie: Session, naam: str, organisatie: str, **bijzonderheden: Any) -> None:
    """Enter that the registration of an organisation is changed by what this session is about to write.

    Nothing is entered when it changes nothing. The values themselves are not kept: they are in the register.
    """
    if not (sessie.new or sessie.deleted or any(sessie.is_modified(rij) for rij in sessie.dirty)):
        return
    sessie.flush()
    record(
        sessie,
        AuditEvent(
            naam, ProcessingActivity.REGISTRATIE, organisatie=organisatie, bijzonderheden=bijzonderheden
        ),
    )


def write_anchor(database: Database, bestanden: FileStore, *, accept: Anchor | None = None) -> None:
    """Write down in the file store where the logboek ends. Failing at it stops nothing: the next one does it.

    An anchor that does not hold is all that is left of what was there: it stays, and every call says so. Unless it is
    the one that a human accepted: ``accept``.
    """
    try:
        anker = read_anchor(bestanden)  # before the logboek is read: that only grows
        with database.reading() as sessie:
            laatste = _last(sessie)
            houdt = anker is None or anchor_holds(sessie, anker)
        aanvaard = anker is not None and anker == accept and not houdt
        if not houdt and not aanvaard:
            log.error(
                "the anchor in the file store does not hold for the logboek: not replaced. %s", _WHAT_NOW
            )
        elif laatste and (aanvaard or anker is None or anker.aantal < laatste.volgnummer):
            nieuw = Anchor(laatste.volgnummer, laatste.zegel)
            bestanden.write(ANCHOR, json.dumps(nieuw._asdict()).encode())
    except BidnFout as fout:
        log.warning("the logboek could not be anchored in the file store (%s)", type(fout).__name__)


def read_anchor(bestanden: FileStore) -> Anchor | None:
    """Return the anchor, None when there is none, NO_ANCHOR when something else is in its place.

    Raises as FileStore.read when the file store is away.
    """
    if not bestanden.exists(ANCHOR):
        return None
    try:
        inhoud = json.loads(bestanden.read(ANCHOR))
    except (ControleFout, ValueError):
        return NO_ANCHOR
    match inhoud:
        case {"aantal": int(aantal), "zegel": str(zegel)} if aantal > 0:
            return Anchor(aantal, zegel)
    return NO_ANCHOR


def anchor_holds(sessie: Session, anker: Anchor) -> bool:
    """Whether the logregel that was anchored is there, and still the same: not so for an older or foreign database."""
    laatste = _last(sessie)
    if laatste is None or not 0 < anker.aantal <= laatste.volgnummer:
        return False
    regel = sessie.get(AuditEntry, anker.aantal)
    return regel is not None and regel.zegel == anker.zegel


def last_moment(sessie: Session) -> datetime | None:
    """When the last logregel ended, by the clock of who entered it; None when there is none."""
    laatste = _last(sessie)
    return laatste.einde_op if laatste else None


def moments_since(sessie: Session, begin: datetime) -> Iterator[datetime]:
    """When each logregel after ``begin`` ended, in that order, a few at a time."""
    yield from sessie.scalars(
        select(AuditEntry.einde_op)
        .where(AuditEntry.einde_op > begin)
        .order_by(AuditEntry.einde_op)
        .execution_options(yield_per=1000)
    )


def verify(
    sessie: Session,
    anker: Anchor | None,
    pseudoniemen: Pseudonyms | None = None,
    *,
    tot: int | None = None,
) -> AuditCheck:
    """Go through the whole logboek, in bounded memory, and name everything that is not as it was written.

    It begins at the last sealed checkpoint: what that covers has expired and is gone (besluit B55a). With ``tot`` it
    ends at that logregel, and does not look at the end. Read the anchor first and give a session that read nothing
    yet: others may go on writing meanwhile.
    """
    pseudoniemen = pseudoniemen or Pseudonyms()
    if sessie.connection().dialect.name == "postgresql":  # SQLite shows one moment by itself
        sessie.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    accepted = _accepted(sessie, pseudoniemen)
    breaks, begin = _checkpoints(sessie, pseudoniemen)
    verwacht, zegel, anchored = begin.laatste + 1, begin.laatste_zegel or None, False
    for regel in _entries(sessie):
        nummer = regel.volgnummer
        if (tot is not None and nummer > tot) or len(breaks) > MOST_BREAKS:
            break
        if nummer < verwacht:
            breaks.append(_break(nummer, "it is from before the first that can be there", regel.zegel))
            continue
        if nummer > verwacht:
            breaks.append(
                _break(verwacht, "it was removed, or the stand was changed", nummer, regel.vorig_zegel)
            )
            zegel = None
        if breuk := _break_in(sessie, regel, zegel, pseudoniemen):
            breaks.append(breuk)
        if anker and nummer == anker.aantal:
            anchored = True
            if regel.zegel != anker.zegel:
                breaks.append(_break(nummer, "it is another one than was anchored", *anker))
        # After one that was changed the next proves nothing about it that is not said already.
        verwacht, zegel = nummer + 1, None if breuk else regel.zegel
    laatste = verwacht - 1
    if tot is None and len(breaks) <= MOST_BREAKS:
        breaks += _breaks_at_the_end(sessie, laatste, anker, pseudoniemen, anchored=anchored)
    breaks.sort(key=lambda breuk: breuk.volgnummer)
    return AuditCheck(
        laatste,
        tuple(breuk for breuk in breaks if breuk.kenmerk not in accepted),
        tuple((breuk, accepted[breuk.kenmerk]) for breuk in breaks if breuk.kenmerk in accepted),
    )


def entries_about(sessie: Session, bsn: int, pseudoniemen: Pseudonyms | None = None) -> Iterator[AuditEntry]:
    """Yield every logregel that is about this person, alone or among others, oldest first (AVG art. 15)."""
    pseudoniemen = pseudoniemen or Pseudonyms()
    alleen = pseudoniemen.of(bsn)
    for regel in _entries(sessie):
        lijst = sessie.get(AuditSubjects, regel.volgnummer) if regel.lijst_sha256 else None
        if regel.betrokkene == alleen or (lijst and pseudoniemen.is_in(lijst.hashes, bsn)):
            yield regel
        if lijst:
            sessie.expunge(lijst)


def entries(
    sessie: Session, *, organisatie: str | None = None, naam: str | None = None, laatste: int | None = None
) -> list[AuditEntry]:
    """Return logregels, oldest first, narrowed by what is given; with ``laatste`` the last so many."""
    vraag = select(AuditEntry).order_by(AuditEntry.volgnummer.desc()).limit(laatste)
    if organisatie is not None:
        vraag = vraag.where(AuditEntry.organisatie == organisatie)
    if naam is not None:
        vraag = vraag.where(AuditEntry.naam == naam)
    return list(sessie.scalars(vraag))[::-1]


def as_ldv(regel: AuditEntry) -> dict[str, Any]:
    """Return a logregel with the field names of the standard Logboek Dataverwerkingen.

    What the standard has no name for is under ``bidn.``. Times are milliseconds since 1970.
    """
    attributen = {
        "dpl.core.processing_activity_id": regel.activiteit,
        "dpl.core.data_subject_id": regel.betrokkene,
        "dpl.core.data_subject_id_type": "BSN" if regel.betrokkene or regel.lijst_sha256 else None,
        "bidn.betrokkenen.sha256": regel.lijst_sha256,
        "bidn.volgnummer": regel.volgnummer,
        "bidn.zegel": regel.zegel,
        **{
            f"bidn.{naam}": getattr(regel, naam)
            for naam in ("uitvoerder", "organisatie", "doelbinding", "ronde", "onderwerp", "aantal")
        },
        **{f"bidn.{naam}": waarde for naam, waarde in regel.bijzonderheden.items()},
    }
    return {
        "trace_id": regel.trace_id,
        "span_id": regel.span_id,
        "parent_span_id": regel.parent_span_id,
        "name": regel.naam,
        "start_time": int(regel.begin_op.timestamp() * 1000),
        "end_time": int(regel.einde_op.timestamp() * 1000),
        "status": regel.status,
        "resource": {"attributes": {"service.name": "bidn"}},
        "attributes": {naam: waarde for naam, waarde in attributen.items() if waarde is not None},
    }


def _last(sessie: Session) -> AuditEntry | None:
    return sessie.scalar(select(AuditEntry).order_by(AuditEntry.volgnummer.desc()).limit(1))


def _entries(sessie: Session) -> Iterator[AuditEntry]:
    """Yield all logregels in order, a few at a time: the session keeps none of them."""
    vorige = -(2**31)
    while True:
        vraag = (
            select(AuditEntry)
            .where(AuditEntry.volgnummer > vorige)
            .order_by(AuditEntry.volgnummer)
            .limit(500)
        )
        deel = list(sessie.scalars(vraag))
        if not deel:
            return
        yield from deel
        vorige = deel[-1].volgnummer
        sessie.expunge_all()


def _break(volgnummer: int, reason: str, *stand: object) -> AuditBreak:
    """A break, with a hash of what is there now."""
    gezien = json.dumps([volgnummer, reason, *stand])
    return AuditBreak(volgnummer, reason, hashlib.sha256(gezien.encode()).hexdigest()[:32])


def _accepted(sessie: Session, pseudoniemen: Pseudonyms) -> dict[str, AuditEntry]:
    """The breaks that a human accepted, by kenmerk, with the logregel that says so: only where that is sealed."""
    regels = sessie.scalars(select(AuditEntry).where(AuditEntry.naam == ACCEPTED)).all()
    found = {
        regel.bijzonderheden["kenmerk"]: regel
        for regel in regels
        if regel.zegel == _seal(regel, pseudoniemen)
    }
    for regel in found.values():
        sessie.expunge(regel)
    return found


NO_CHECKPOINT = AuditCheckpoint(nummer=0, laatste=0, laatste_zegel=START, zegel=START)
"""Where a logboek of which nothing was removed begins."""


def _checkpoints(sessie: Session, pseudoniemen: Pseudonyms) -> tuple[list[AuditBreak], AuditCheckpoint]:
    """What is wrong with the chain of checkpoints, and the last one that is sealed: there the logboek begins."""
    breaks: list[AuditBreak] = []
    vorige = begin = NO_CHECKPOINT
    for punt in sessie.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.nummer)):
        gezien = (punt.nummer, punt.zegel)
        if punt.nummer != vorige.nummer + 1:
            reason = f"checkpoint {vorige.nummer + 1} was removed"
            breaks.append(_break(vorige.laatste + 1, reason, *gezien))
        if not hmac.compare_digest(punt.zegel.encode(), seal_of_checkpoint(punt, pseudoniemen).encode()):
            reason = f"checkpoint {punt.nummer} was changed or made outside this program"
            breaks.append(_break(vorige.laatste + 1, reason, seal_of_checkpoint(punt, pseudoniemen), *gezien))
            vorige = punt
            continue
        if punt.nummer == vorige.nummer + 1 and punt.vorig_zegel != vorige.zegel:
            reason = f"checkpoint {punt.nummer} does not follow the one before it"
            breaks.append(_break(vorige.laatste + 1, reason, vorige.zegel, *gezien))
        vorige = begin = punt
    return breaks, begin


def _break_in(
    sessie: Session, regel: AuditEntry, vorig_zegel: str | None, pseudoniemen: Pseudonyms
) -> AuditBreak | None:
    zegel = _seal(regel, pseudoniemen)
    if regel.zegel != zegel:
        reason = "its seal does not fit: it was changed, or the hashsleutel is another one"
        return _break(regel.volgnummer, reason, zegel, regel.zegel)
    if vorig_zegel is not None and regel.vorig_zegel != vorig_zegel:
        return _break(regel.volgnummer, "it does not follow the one before it", regel.zegel, vorig_zegel)
    if regel.lijst_sha256 is None:
        return None
    lijst = sessie.get(AuditSubjects, regel.volgnummer)
    if lijst is None:
        return _break(regel.volgnummer, "its list of betrokkenen was removed", regel.zegel)
    sha256 = hashlib.sha256(lijst.hashes).hexdigest()
    sessie.expunge(lijst)
    if sha256 != regel.lijst_sha256:
        return _break(regel.volgnummer, "its list of betrokkenen was changed", regel.zegel, sha256)
    return None


def _breaks_at_the_end(
    sessie: Session, aantal: int, anker: Anchor | None, pseudoniemen: Pseudonyms, *, anchored: bool
) -> list[AuditBreak]:
    """What the stand and the anchor tell of what is not there; without a kenmerk where the next logregel changes it."""
    stand, laatste = sessie.get(AuditHead, 1), sessie.get(AuditEntry, aantal)
    if stand is None and not aantal and not anker:
        return []
    breaks = []
    if stand is None or stand.aantal > aantal:
        breaks.append(AuditBreak(aantal + 1, "the end was removed"))
    elif not _is_head(stand, aantal, laatste.zegel if laatste else START, pseudoniemen):
        breaks.append(
            AuditBreak(stand.aantal + 1, "it was added outside this program, or the stand was changed")
        )
    if anker is None:
        reason = "there is no anchor in the file store, so the end may have been removed"
        breaks.append(_break(aantal, reason))
    elif anker == NO_ANCHOR:
        reason = "the anchor in the file store was damaged, so the end may have been removed"
        breaks.append(_break(aantal, reason))
    elif anker.aantal > aantal:
        reason = f"the end was removed: {anker.aantal} logregels were anchored"
        breaks.append(_break(anker.aantal, reason, *anker))
    elif not anchored:
        breaks.append(_break(anker.aantal, "it was anchored, and is not there", *anker))
    return breaks


def _is_head(stand: AuditHead | None, aantal: int, zegel: str, pseudoniemen: Pseudonyms) -> bool:
    """Whether the stand says that this is where the logboek ends."""
    if stand is None or stand.aantal != aantal:
        return False
    return stand.zegel == _seal_of_head(aantal, zegel, pseudoniemen)


def _seal(regel: AuditEntry, pseudoniemen: Pseudonyms) -> str:
    return _sealed(regel, "logboek", pseudoniemen)


def seal_of_checkpoint(punt: AuditCheckpoint, pseudoniemen: Pseudonyms) -> str:
    """The seal that belongs to this checkpoint."""
    return _sealed(punt, "logboekcontrolepunt", pseudoniemen)


def _sealed(rij: AuditEntry | AuditCheckpoint, doel: str, pseudoniemen: Pseudonyms) -> str:
    """The seal over all that stands in a row, but for the seal itself."""
    waarden = {
        kolom.name: getattr(rij, kolom.name) for kolom in rij.__table__.columns if kolom.name != "zegel"
    }
    for naam, waarde in waarden.items():
        if isinstance(waarde, datetime):
            waarden[naam] = as_utc(waarde).isoformat(timespec="microseconds")
    tekst = json.dumps(waarden, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(pseudoniemen.derived_key(doel), tekst.encode(), "sha256").hexdigest()


def _seal_of_head(aantal: int, zegel: str, pseudoniemen: Pseudonyms) -> str:
    return hmac.new(
        pseudoniemen.derived_key("logboekstand"), f"{aantal} {zegel}".encode(), "sha256"
    ).hexdigest()
