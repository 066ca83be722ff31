"""Deliveries over time: kept as handed in, judged once, and which of them counts (besluit B2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from include.errors import BidnFout, GegevensFout
from include.logfilter import zonder_bsns
from include.moments import start_of
from include.schemas.domein import LeveringStatus, Product
from include.storage import audit_log
from include.storage.actor import actor
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.database import Database, take_turns
from include.storage.file_store import Content, FileStore
from include.storage.models import Levering, Organisatie
from include.storage.organisaties import lock_organisatie


class Registratie(NamedTuple):
    """What became of a file handed in.

    ``nieuw`` is False when these very bytes were already the organisation's latest delivery of the ronde:
    ``levering`` is then that one. ``gelijk_aan`` is an earlier delivery with the same bytes, if there is one:
    also for a new delivery that repeats one that had been replaced, or one of another ronde.
    """

    levering: Levering
    nieuw: bool
    gelijk_aan: Levering | None


@dataclass(frozen=True, slots=True)
class Beoordeling:
    """Outcome of intake. Rows are lines that hold data; ``fouten`` counts errors by code (besluit B21)."""

    status: LeveringStatus
    rijen_gelezen: int
    rijen_goedgekeurd: int
    rijen_afgewezen: int
    fouten: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Telling:
    """The delivery that counts for a ronde and how it got there (besluit B2), each tuple in order of arrival.

    ``vervangt``: the earlier deliveries of the window it replaces. ``zonder_gevolg``: later ones that were
    afgekeurd and therefore do not replace it.
    """

    levering: Levering
    vervangt: tuple[Levering, ...]
    zonder_gevolg: tuple[Levering, ...]


def register_levering(
    database: Database,
    bestanden: FileStore,
    *,
    inhoud: Content,
    bestandsnaam: str,
    nu: datetime,
    product: Product = Product.BIJZONDERE_BIJSTAND,
    organisatie: Organisatie | None = None,
    ronde: str | None = None,
    kenmerk: str | None = None,
) -> Registratie:
    """Keep a delivery as it was handed in at ``nu``: first its bytes, then one row.

    A vraagbestand belongs to an ``organisatie`` and to the ``ronde`` it counts for; an Alleenverdieners list
    has a ``kenmerk``, the name the Belastingdienst gave it. Handing in the same bytes again as the latest
    delivery of that ronde (or under that kenmerk) is recognised and adds nothing, but mends its file; that one may
    still wait
    for its judgement (``status`` None) when its process was killed. ``bestandsnaam`` is kept for the report
    (the part after the last slash, at most 255 characters) and never used as a path. ``inhoud`` may still be coming
    in: what its ``read`` raises passes, and nothing is kept.

    Raises OpslagFout when storage or database fail: nothing is registered then, at most an orphan file is
    left for the sweep. Raises ValueError when the combination above is not respected.
    """
    if (product is Product.BIJZONDERE_BIJSTAND) != (organisatie is not None and ronde is not None):
        raise ValueError("a vraagbestand needs organisatie and ronde")
    if (product is Product.ALLEENVERDIENERS) != (organisatie is None and kenmerk is not None):
        raise ValueError("an Alleenverdieners list needs a kenmerk and belongs to no organisatie")
    levering = Levering(
        id=str(uuid.uuid4()),
        product=product,
        organisatie_id=organisatie.id if organisatie else None,
        ronde=ronde,
        kenmerk=kenmerk,
        ontvangen_op=nu,
        bestandsnaam=_filename(bestandsnaam),
        ingeleverd_door=actor()[:500],
    )
    bestand = bestanden.write(levering.sleutel, inhoud)
    levering.sha256, levering.omvang = bestand.sha256, bestand.size
    registratie = _register(database, levering)  # failed: the sweep takes the file, as in publiceer
    if not registratie.nieuw:
        with bestanden.open_read(levering.sleutel) as zelfde:  # what was kept of it before may be damaged
            bestanden.write(registratie.levering.sleutel, zelfde)
        with suppress(BidnFout):
            bestanden.remove(levering.sleutel)
    return registratie


def _register(database: Database, levering: Levering) -> Registratie:
    with database.transaction() as sessie:
        if levering.organisatie_id is not None:
            lock_organisatie(sessie, levering.organisatie_id)
        else:
            take_turns(sessie, f"levering {levering.kenmerk}")
        zelfde_bron = (
            Levering.product == levering.product,
            Levering.organisatie_id.is_not_distinct_from(levering.organisatie_id),
            Levering.kenmerk.is_not_distinct_from(levering.kenmerk),
        )
        reeks = (*zelfde_bron, Levering.ronde.is_not_distinct_from(levering.ronde))
        gelijk_aan = sessie.scalar(
            select(Levering)
            .where(*zelfde_bron, Levering.sha256 == levering.sha256, Levering.verwijderd_op.is_(None))
            .order_by(Levering.ontvangen_op.desc(), Levering.volgnummer.desc())
            .limit(1)
        )
        laatste = sessie.scalar(
            select(Levering)
            .where(*reeks)
            .order_by(Levering.ontvangen_op.desc(), Levering.volgnummer.desc())
            .limit(1)
        )
        if laatste is not None and laatste is gelijk_aan and laatste.ontvangen_op <= levering.ontvangen_op:
            return Registratie(laatste, nieuw=False, gelijk_aan=laatste)
        levering.volgnummer = 1 + (sessie.scalar(select(func.max(Levering.volgnummer)).where(*reeks)) or 0)
        sessie.add(levering)
        sessie.flush()
        sessie.refresh(levering)
        audit_log.record(
            sessie,
            AuditEvent(
                "levering-ontvangen",
                ProcessingActivity.LEVERING,
                organisatie=levering.organisatie.naam if levering.organisatie else None,
                doelbinding=levering.product.value,
                ronde=levering.ronde,
                onderwerp=levering.id,
                bijzonderheden={"sha256": levering.sha256, "kenmerk": levering.kenmerk},
            ),
        )
        return Registratie(levering, nieuw=True, gelijk_aan=gelijk_aan)


def record_beoordeling(
    database: Database,
    bestanden: FileStore,
    levering_id: str,
    beoordeling: Beoordeling,
    *,
    verslag_csv: Content,
    verslag_json: Content,
    herzien: bool = False,
) -> Levering:
    """Keep the verwerkingsverslag of a delivery beside it, and its outcome in the database.

    May be repeated with the same outcome (a task that is run again; the verslag is then written anew); with
    ``herzien`` also with another one, which then takes the place of the first. Raises GegevensFout when the
    delivery was judged differently before, is unknown or was removed.
    """
    with database.reading() as sessie:
        levering = find_levering(sessie, levering_id)
    if not herzien:
        _require_same(levering, beoordeling)
    bestanden.write(levering.sleutel_verslag, verslag_csv)
    bestanden.write(levering.sleutel_verslag_json, verslag_json)
    with database.transaction() as sessie:
        open_ = [] if herzien else [Levering.status.is_(None)]
        sessie.execute(
            update(Levering)
            .where(Levering.id == levering_id, Levering.verwijderd_op.is_(None), *open_)
            .values(_fields(beoordeling))
        )
        levering = find_levering(sessie, levering_id)
        _require_same(levering, beoordeling)
        return levering


def _fields(beoordeling: Beoordeling) -> dict[str, Any]:
    return {
        "status": beoordeling.status,
        "rijen_gelezen": beoordeling.rijen_gelezen,
        "rijen_goedgekeurd": beoordeling.rijen_goedgekeurd,
        "rijen_afgewezen": beoordeling.rijen_afgewezen,
        "fouten": dict(beoordeling.fouten),
    }


def _require_same(levering: Levering, beoordeling: Beoordeling) -> None:
    if levering.status is None:
        return
    if any(getattr(levering, naam) != waarde for naam, waarde in _fields(beoordeling).items()):
        raise GegevensFout(
            f"delivery {levering.id} was judged '{levering.status}' before and now differently: a delivery "
            "is judged once; let the organisation hand it in again"
        )


def find_levering(sessie: Session, levering_id: str) -> Levering:
    """The delivery. Raises GegevensFout when it is unknown or its retention has ended (besluit B55)."""
    levering = sessie.get(Levering, levering_id)
    if levering is None:
        raise GegevensFout(f"delivery {levering_id} is unknown")
    if levering.verwijderd_op is not None:
        raise GegevensFout(
            f"delivery {levering_id} was removed on {levering.verwijderd_op:%Y-%m-%d} (besluit B55)"
        )
    return levering


def find_leveringen(
    sessie: Session,
    *,
    organisatie: Organisatie | None = None,
    product: Product | None = None,
    ronde: str | None = None,
    kenmerk: str | None = None,
    ook_verwijderd: bool = False,
) -> list[Levering]:
    """Deliveries in order of arrival, narrowed by what is given; removed ones only when asked for."""
    vraag = select(Levering)
    if organisatie is not None:
        vraag = vraag.where(Levering.organisatie_id == organisatie.id)
    if product is not None:
        vraag = vraag.where(Levering.product == product)
    if ronde is not None:
        vraag = vraag.where(Levering.ronde == ronde)
    if kenmerk is not None:
        vraag = vraag.where(Levering.kenmerk == kenmerk)
    if not ook_verwijderd:
        vraag = vraag.where(Levering.verwijderd_op.is_(None))
    return list(sessie.scalars(vraag.order_by(Levering.ontvangen_op, Levering.volgnummer)))


def counting_levering(
    sessie: Session,
    organisatie: Organisatie,
    *,
    ronde_van: date,
    ronde_tot: date,
    ook_verwijderd: bool = False,
) -> Telling | None:
    """The delivery of the organisation that counts for a ronde; None when it delivered nothing (besluit B2).

    The window runs from 00:00 on ``ronde_van`` (the previous deelnamedatum) to before 00:00 on ``ronde_tot``
    (the deelnamedatum), Europe/Amsterdam. The last delivery in it counts, except that an afgekeurde one does
    not replace a usable one; are all afgekeurd, then the last of them is returned for its verslag. A delivery
    that was not judged yet is taken as usable: judge it and ask again. With ``ook_verwijderd`` those of which only
    the register is left (besluit B55) are counted too: has the one that counts been removed, then what an older or
    an afgekeurde one would give is not the outcome of that ronde.
    """
    nog_daar = [] if ook_verwijderd else [Levering.verwijderd_op.is_(None)]
    rij = list(
        sessie.scalars(
            select(Levering)
            .where(
                Levering.organisatie_id == organisatie.id,
                Levering.product == Product.BIJZONDERE_BIJSTAND,
                Levering.ontvangen_op >= start_of(ronde_van),
                Levering.ontvangen_op < start_of(ronde_tot),
                *nog_daar,
            )
            .order_by(Levering.ontvangen_op, Levering.volgnummer)
        )
    )
    if not rij:
        return None
    bruikbaar = [plek for plek, levering in enumerate(rij) if levering.status is not LeveringStatus.AFGEKEURD]
    plek = bruikbaar[-1] if bruikbaar else len(rij) - 1
    return Telling(levering=rij[plek], vervangt=tuple(rij[:plek]), zonder_gevolg=tuple(rij[plek + 1 :]))


def _filename(bestandsnaam: str) -> str:
    """The last part of a file name as delivered, without control characters, and without a BSN.

    It is kept in clear and stands in reports and mails, where no BSN may be.
    """
    naam = bestandsnaam.replace("\\", "/").rsplit("/", 1)[-1]
    return zonder_bsns("".join(teken for teken in naam if teken.isprintable())[:255])
