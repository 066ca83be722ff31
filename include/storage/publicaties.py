"""Publishing in one step: files first, under new keys; then one transaction makes them current."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from include.errors import BidnFout, GegevensFout
from include.moments import day_of
from include.schemas.domein import DeelnameStatus, Product
from include.storage import audit_log
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.database import Database
from include.storage.file_store import Content, FileStore, StoredFile
from include.storage.leveringen import find_levering
from include.storage.models import Deelname, Levering, Organisatie, Publicatie, PublicatieBestand
from include.storage.organisaties import lock_organisatie
from include.storage.rondes import move_to

BEWAARTERMIJN = timedelta(days=90)
MANIFEST = "manifest"


def removal_date(gepubliceerd_op: datetime) -> date:
    """The first Amsterdam date on which a sweep removes what was published then (besluit B55).

    The day before is the last one on which it can surely be fetched: that is the date to tell.
    """
    return day_of(gepubliceerd_op) + BEWAARTERMIJN


@dataclass(frozen=True, slots=True)
class TePubliceren:
    """A file to publish.

    ``soort`` is unique within the publication (``overzicht``); ``naam`` is its name in storage and for the
    reader (``overzicht.csv``); ``content`` the bytes, a local file, an open file, or the key (str) of an
    intermediate; ``rijen`` the households or list rows in it.
    """

    soort: str
    naam: str
    inhoud: Content | str
    rijen: int


class Gepubliceerd(NamedTuple):
    """``nieuw`` is False when this was published already: the publication is the version that holds it (B56)."""

    publicatie: Publicatie
    nieuw: bool


def publish(
    database: Database,
    bestanden: FileStore,
    *,
    organisatie: Organisatie,
    levering: Levering,
    uitvoer: Sequence[TePubliceren],
    manifest: Mapping[str, Any],
    verwerking: str,
    nu: datetime,
    ronde: str | None = None,
    gemeentecode: str | None = None,
    inhoud_sha256: str | None = None,
) -> Gepubliceerd:
    """Publish the reports of one organisation, as a new version if there is one already (besluit B56).

    Files are written first, under keys nobody knows yet; then one transaction enters publication and files,
    marks the previous version replaced and, given ``ronde``, the participation published. Killed at any
    moment, the old or the new version is current and whole; files without a publication are swept later.
    Simultaneous calls for one organisation get successive versions.

    ``verwerking`` names who publishes (the DAG run and organisation). Repeating it with the same content
    returns what it published last. Content equal to that of the current version returns that version,
    whoever published it; a list only when it is of the same levering, for each levering accounts for its own
    rows. Anything else makes a new version. Content is compared by ``inhoud_sha256``, by default over the
    files: pass one that leaves Rapportagedatum out. ``manifest`` is kept as JSON, in the database and as
    ``manifest.json`` with the files' hashes added; no personal data in it.

    Raises OpslagFout (retry), GegevensFout when the delivery was removed or the organisation is not in the
    ronde. After either nothing was published.
    """
    publicatie = Publicatie(
        id=str(uuid.uuid4()),
        product=levering.product,
        organisatie_id=organisatie.id,
        levering_id=levering.id,
        ronde=ronde,
        gemeentecode=gemeentecode,
        reeks=_reeks(levering, organisatie, ronde, gemeentecode),
        verwerking=verwerking,
        gepubliceerd_op=nu,
        verwijderen_op=removal_date(nu),
    )
    geschreven: list[PublicatieBestand] = []
    try:
        for stuk in uitvoer:
            geschreven.append(_write(bestanden, publicatie, stuk))  # noqa: PERF401 - cleaned up when half
        publicatie.inhoud_sha256 = inhoud_sha256 or _inhoud_sha256(geschreven)
        publicatie.manifest = _manifest(manifest, geschreven, publicatie.inhoud_sha256)
        tekst = json.dumps(publicatie.manifest, ensure_ascii=False, sort_keys=True, indent=2).encode()
        geschreven.append(_write(bestanden, publicatie, TePubliceren(MANIFEST, "manifest.json", tekst, 0)))
        publicatie.bestanden = list(geschreven)
    except BaseException:
        _clean_up(bestanden, geschreven)
        raise
    # From here a failure leaves the files: a lost connection does not tell whether the commit arrived.
    uitkomst = _make_visible(database, publicatie)
    if not uitkomst.nieuw:
        _clean_up(bestanden, geschreven)
    return uitkomst


def _make_visible(database: Database, publicatie: Publicatie) -> Gepubliceerd:
    """The one transaction. The organisation's row is locked, so versions follow each other."""
    with database.transaction() as sessie:
        lock_organisatie(sessie, publicatie.organisatie_id)
        reeks = select(Publicatie).where(Publicatie.reeks == publicatie.reeks)
        eigen = sessie.scalar(
            reeks.where(Publicatie.verwerking == publicatie.verwerking, Publicatie.verwijderd_op.is_(None))
            .order_by(Publicatie.versie.desc())
            .limit(1)
        )
        if eigen is not None and eigen.inhoud_sha256 == publicatie.inhoud_sha256:
            return Gepubliceerd(eigen, nieuw=False)
        find_levering(sessie, publicatie.levering_id)
        _set_gepubliceerd(sessie, publicatie)
        vorige = sessie.scalar(reeks.where(Publicatie.vervangen_op.is_(None)))
        if vorige is not None and _holds_the_same(vorige, publicatie):
            return Gepubliceerd(vorige, nieuw=False)
        if vorige is not None:
            vorige.vervangen_op = publicatie.gepubliceerd_op
            sessie.flush()
        laatste = sessie.scalar(
            select(func.max(Publicatie.versie)).where(Publicatie.reeks == publicatie.reeks)
        )
        publicatie.versie = (laatste or 0) + 1
        sessie.add(publicatie)
        sessie.flush()
        if vorige is not None:
            vorige.vervangen_door = publicatie.id
        sessie.flush()
        sessie.refresh(publicatie)
        audit_log.record(sessie, _event(publicatie))
        return Gepubliceerd(publicatie, nieuw=True)


def _holds_the_same(huidig: Publicatie, publicatie: Publicatie) -> bool:
    """Tell whether what is to be published can be fetched already, as the current version (besluit B56)."""
    gelijk = huidig.verwijderd_op is None and huidig.inhoud_sha256 == publicatie.inhoud_sha256
    return gelijk and (publicatie.ronde is not None or huidig.levering_id == publicatie.levering_id)


def _event(publicatie: Publicatie) -> AuditEvent:
    """A publication is in the logboek with the transaction that makes it visible, or it is not visible."""
    return AuditEvent(
        "publicatie",
        ProcessingActivity.PUBLICATIE,
        organisatie=publicatie.organisatie.naam,
        doelbinding=publicatie.product.value,
        ronde=publicatie.ronde,
        onderwerp=publicatie.id,
        aantal=max((bestand.rijen or 0 for bestand in publicatie.bestanden), default=0),
        bijzonderheden={
            "levering": publicatie.levering_id,
            "versie": publicatie.versie,
            "gemeentecode": publicatie.gemeentecode,
            "sha256": {bestand.soort: bestand.sha256 for bestand in publicatie.bestanden},
        },
    )


def _set_gepubliceerd(sessie: Session, publicatie: Publicatie) -> None:
    if publicatie.ronde is None:
        return
    deelname = sessie.get(Deelname, (publicatie.ronde, publicatie.organisatie_id))
    if deelname is None:
        raise GegevensFout(
            f"organisation number {publicatie.organisatie_id} does not take part in ronde "
            f"{publicatie.ronde}: nothing was published"
        )
    move_to(deelname, DeelnameStatus.GEPUBLICEERD, nu=publicatie.gepubliceerd_op)


def find_publicatie(sessie: Session, publicatie_id: str) -> Publicatie:
    """The publication. Raises GegevensFout when it is unknown or its 90 days are over (besluit B55)."""
    publicatie = sessie.get(Publicatie, publicatie_id)
    if publicatie is None:
        raise GegevensFout(f"publication {publicatie_id} is unknown")
    if publicatie.verwijderd_op is not None:
        raise GegevensFout(
            f"publication {publicatie_id} was removed on {publicatie.verwijderd_op:%Y-%m-%d} (besluit B55)"
        )
    return publicatie


def find_publicaties(
    sessie: Session,
    *,
    organisatie: Organisatie | None = None,
    product: Product | None = None,
    ronde: str | None = None,
    levering: Levering | None = None,
    ook_vervangen: bool = False,
    ook_verwijderd: bool = False,
) -> list[Publicatie]:
    """Publications, newest first, narrowed by what is given; replaced and removed ones when asked for."""
    vraag = select(Publicatie)
    if organisatie is not None:
        vraag = vraag.where(Publicatie.organisatie_id == organisatie.id)
    if product is not None:
        vraag = vraag.where(Publicatie.product == product)
    if ronde is not None:
        vraag = vraag.where(Publicatie.ronde == ronde)
    if levering is not None:
        vraag = vraag.where(Publicatie.levering_id == levering.id)
    if not ook_vervangen:
        vraag = vraag.where(Publicatie.vervangen_op.is_(None))
    if not ook_verwijderd:
        vraag = vraag.where(Publicatie.verwijderd_op.is_(None))
    volgorde = (Publicatie.gepubliceerd_op.desc(), Publicatie.reeks, Publicatie.versie.desc())
    return list(sessie.scalars(vraag.order_by(*volgorde)))


def came_to(deelname: Deelname, verwerking: str, van_ronde: Iterable[Publicatie]) -> Publicatie | None:
    """Which publication a verwerking ended with, if any; ``van_ronde`` are those of its organisation and ronde.

    That is what it published last. When its participation is published, it is the current version, which another
    verwerking may have published before with the same content (besluit B56).
    """
    afgerond = deelname.verwerking == verwerking and deelname.status is DeelnameStatus.GEPUBLICEERD
    eigen = (
        publicatie
        for publicatie in van_ronde
        if (publicatie.vervangen_op is None if afgerond else publicatie.verwerking == verwerking)
    )
    return max(eigen, key=lambda publicatie: publicatie.versie, default=None)


def read_published(bestanden: FileStore, bestand: PublicatieBestand) -> bytes:
    """The contents of a published file. Raises ControleFout when they are not what was published."""
    return bestanden.read(bestand.sleutel, sha256=bestand.sha256)


def _reeks(levering: Levering, organisatie: Organisatie, ronde: str | None, gemeentecode: str | None) -> str:
    """What versions are versions of: a ronde, or a list and gemeente, of one organisation.

    A list is known by its kenmerk: one that the Belastingdienst corrects and delivers again is a new version.
    """
    if (levering.product is Product.BIJZONDERE_BIJSTAND) != (ronde is not None and gemeentecode is None):
        raise ValueError("reports of Bijzondere Bijstand are published per ronde, without gemeentecode")
    if (levering.product is Product.ALLEENVERDIENERS) != (ronde is None and gemeentecode is not None):
        raise ValueError("Alleenverdieners lists are published per gemeentecode, without ronde")
    return f"{levering.product}/{organisatie.id}/{ronde or f'{levering.kenmerk}/{gemeentecode}'}"


def _write(bestanden: FileStore, publicatie: Publicatie, stuk: TePubliceren) -> PublicatieBestand:
    sleutel = f"publicaties/{publicatie.product}/{publicatie.id}/{stuk.naam}"
    bestand: StoredFile
    if isinstance(stuk.inhoud, str):
        with bestanden.open_read(stuk.inhoud) as bron:
            bestand = bestanden.write(sleutel, bron)
    else:
        bestand = bestanden.write(sleutel, stuk.inhoud)
    return PublicatieBestand(
        soort=stuk.soort,
        naam=stuk.naam,
        sleutel=sleutel,
        sha256=bestand.sha256,
        omvang=bestand.size,
        rijen=None if stuk.soort == MANIFEST else stuk.rijen,
    )


def _inhoud_sha256(geschreven: Iterable[PublicatieBestand]) -> str:
    regels = sorted(f"{bestand.soort}:{bestand.sha256}\n" for bestand in geschreven)
    return hashlib.sha256("".join(regels).encode()).hexdigest()


def _manifest(
    manifest: Mapping[str, Any], geschreven: Sequence[PublicatieBestand], inhoud_sha256: str
) -> dict[str, Any]:
    uitvoer = {
        bestand.soort: {
            "naam": bestand.naam,
            "sha256": bestand.sha256,
            "omvang": bestand.omvang,
            "rijen": bestand.rijen,
        }
        for bestand in geschreven
    }
    return {**manifest, "inhoud_sha256": inhoud_sha256, "uitvoer": uitvoer}


def _clean_up(bestanden: FileStore, geschreven: Iterable[PublicatieBestand]) -> None:
    """Remove files that will not be published; what stays behind is swept as an orphan."""
    for bestand in geschreven:
        with suppress(BidnFout):
            bestanden.remove(bestand.sleutel)
