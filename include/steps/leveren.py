"""Handing in a vraagbestand: kept as it came, judged at once, and counted for its ronde (besluiten B2, B10-B21)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

import pandas as pd

from include.errors import GegevensFout
from include.intake.valideren import Voortgang, beoordeel, niemand
from include.moments import day_of
from include.normen import laden
from include.normen.gemeenten import actieve_gemeenten
from include.normen.kalender import Maand, Ronde
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json
from include.schemas.domein import LeveringStatus, Product
from include.steps.audit import veranker
from include.steps.installation import eis_bijeen
from include.steps.judged import basis_of, is_current, keep_accepted, keep_basis, read_accepted
from include.steps.verwerking import Opslag
from include.storage.delivery_terms import delivery_terms
from include.storage.file_store import Content
from include.storage.leveringen import (
    Beoordeling,
    Telling,
    counting_levering,
    find_levering,
    record_beoordeling,
    register_levering,
)
from include.storage.models import Levering, Organisatie
from include.storage.organisaties import find_aangemeld, find_organisatie, is_aangemeld


class NietAangemeld(GegevensFout):
    """The organisation has no active registration for the product on the day of receipt (besluit B53a)."""


@dataclass(frozen=True)
class Ontvangst:
    """A delivery that is kept, and for which organisation and ronde it is to be judged."""

    levering: Levering
    organisatie: Organisatie
    ronde: Ronde
    nieuw: bool
    """False when these very bytes were already the latest delivery of the ronde."""


@dataclass(frozen=True)
class Ingeleverd:
    """What a municipality is told when it hands in a file."""

    levering: Levering
    ronde: Ronde
    nieuw: bool
    """False when these very bytes were already the latest delivery of the ronde, and are judged as before."""
    samenvatting: dict[str, Any]
    """The summary of the verwerkingsverslag."""


def ronde_van_ontvangst(dag: date) -> Ronde:
    """Return the ronde for which a delivery received on ``dag`` counts (besluit B2)."""
    ronde = laden.ronde(Maand(dag.year, dag.month))
    return ronde if dag < ronde.deelnamedatum else laden.ronde(ronde.maand.plus(1))


def lever(
    opslag: Opslag, *, organisatie: str, bestandsnaam: str, inhoud: Content, ontvangen: datetime
) -> Ingeleverd:
    """Keep a vraagbestand and judge it.

    A file that cannot be used is not an error: it ends as afgekeurd, with the reason in its verwerkingsverslag.
    Raises as ``ontvang``.
    """
    ontvangst = ontvang(
        opslag, organisatie=organisatie, bestandsnaam=bestandsnaam, inhoud=inhoud, ontvangen=ontvangen
    )
    return beoordeel_ontvangen(opslag, ontvangst)


def ontvang(
    opslag: Opslag, *, organisatie: str, bestandsnaam: str, inhoud: Content, ontvangen: datetime
) -> Ontvangst:
    """Keep a vraagbestand as it came: registered and entered in the logboek when this returns, not yet judged.

    Raises:
        GegevensFout: the organisation is unknown; nothing was kept.
        NietAangemeld: it is not registered for Bijzondere Bijstand on the day of receipt; nothing was kept.
        OpslagFout: it could not be kept; nothing was registered.
        InstallatieFout: database and file store do not belong together.
    """
    eis_bijeen(opslag)
    dag = day_of(ontvangen)
    ronde = ronde_van_ontvangst(dag)
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie)
        if not is_aangemeld(sessie, wie, Product.BIJZONDERE_BIJSTAND, dag):
            raise NietAangemeld(
                f"organisation {wie.naam} has no active registration for {Product.BIJZONDERE_BIJSTAND} on {dag}, so "
                "nothing was kept (besluit B53a): register it with `aanmelding registreer`, with the start date and "
                "kenmerk of its mutatieformulier and who signed it, and hand the file in again"
            )
    registratie = register_levering(
        opslag.database,
        opslag.bestanden,
        inhoud=inhoud,
        bestandsnaam=bestandsnaam,
        nu=ontvangen,
        organisatie=wie,
        ronde=ronde.naam,
    )
    veranker(opslag)
    return Ontvangst(registratie.levering, wie, ronde, registratie.nieuw)


def ontvangst_van(opslag: Opslag, levering_id: str) -> Ontvangst:
    """Return a delivery that was received before, to judge it. Raises GegevensFout when it is unknown or removed."""
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, levering_id)
    assert levering.organisatie is not None  # noqa: S101 - a vraagbestand belongs to one, and to a ronde
    return Ontvangst(levering, levering.organisatie, laden.ronde(str(levering.ronde)), nieuw=True)


def moet_beoordeeld(opslag: Opslag, ontvangst: Ontvangst) -> bool:
    """Tell whether a delivery was not judged yet, or for other gemeenten than its organisation serves today."""
    return ontvangst.levering.status is None or _is_achterhaald(
        opslag, ontvangst.levering, ontvangst.organisatie
    )


def beoordeel_ontvangen(opslag: Opslag, ontvangst: Ontvangst, voortgang: Voortgang = niemand) -> Ingeleverd:
    """Judge what was received, unless that is done and still holds. May be repeated."""
    levering, wie, ronde = ontvangst.levering, ontvangst.organisatie, ontvangst.ronde
    herzien = levering.status is not None and _is_achterhaald(opslag, levering, wie)
    if levering.status is None or herzien:
        levering = beoordeel_levering(opslag, levering, wie, ronde, herzien=herzien, voortgang=voortgang)
    else:  # it may have been cut short before the judgement was complete
        levering = actualiseer(opslag, levering, wie, ronde)
    return Ingeleverd(levering, ronde, ontvangst.nieuw or herzien, lees_samenvatting(opslag, levering))


def tel(
    opslag: Opslag, organisatie: Organisatie, ronde: Ronde, *, ook_verwijderd: bool = False
) -> Telling | None:
    """Return which delivery of the organisation counts for the ronde, and what it replaced (besluit B2).

    ``ook_verwijderd`` counts those that had their 90 days too: see ``meetellende_levering``.
    """
    with opslag.database.reading() as sessie:
        return counting_levering(
            sessie,
            organisatie,
            ronde_van=ronde.vorige_deelnamedatum,
            ronde_tot=ronde.deelnamedatum,
            ook_verwijderd=ook_verwijderd,
        )


def tel_allen(opslag: Opslag, ronde: Ronde) -> list[tuple[Organisatie, Levering]]:
    """Return who takes part in the ronde, by name, each with the delivery that counts (besluiten B2, B53a)."""
    with opslag.database.reading() as sessie:
        aangemeld = find_aangemeld(sessie, Product.BIJZONDERE_BIJSTAND, ronde.deelnamedatum)
    return [
        (organisatie, telling.levering)
        for organisatie in aangemeld
        if (telling := tel(opslag, organisatie, ronde, ook_verwijderd=True))
    ]


def moet_nog_leveren(opslag: Opslag, organisatie: Organisatie, ronde: Ronde) -> bool:
    """Tell whether an organisation is registered today, and delivered nothing for the ronde so far."""
    with opslag.database.reading() as sessie:
        aangemeld = is_aangemeld(sessie, organisatie, Product.BIJZONDERE_BIJSTAND, opslag.vandaag)
    return aangemeld and tel(opslag, organisatie, ronde, ook_verwijderd=True) is None


def vervallen_op(opslag: Opslag, levering: Levering) -> date | None:
    """Return the day on which a delivery was removed, or should have been; None while it has its days (besluit B55).

    What is past its term is used no more, also when no sweep has come by yet.
    """
    if levering.verwijderd_op is not None:
        return day_of(levering.verwijderd_op)
    with opslag.database.reading() as sessie:
        termen = delivery_terms(sessie, levering.id)
    return next((term.removal_day for term in termen if term.removal_day <= opslag.vandaag), None)


def beoordeel_levering(
    opslag: Opslag,
    levering: Levering,
    organisatie: Organisatie,
    ronde: Ronde,
    *,
    herzien: bool = False,
    voortgang: Voortgang = niemand,
) -> Levering:
    """Judge a kept delivery; keep its accepted rows and its verwerkingsverslag beside it. May be repeated.

    ``herzien`` judges it anew, for the gemeenten that the organisation serves today.
    """
    codes = organisatie.gemeentecodes if herzien else _gemeentecodes(opslag, levering, organisatie)
    return _beoordeel(opslag, levering, organisatie, ronde, codes, herzien=herzien, voortgang=voortgang)


def actualiseer(opslag: Opslag, levering: Levering, organisatie: Organisatie, ronde: Ronde) -> Levering:
    """Judge a delivery that was judged before once more, if code lists or rules have changed since.

    The gemeenten that the organisation served then are in the verwerkingsverslag: those stay.

    Raises:
        GegevensFout: what was delivered is damaged or gone; says whose it is and what to do.
    """
    try:
        opslag.bestanden.read(levering.sleutel, sha256=levering.sha256)
        codes = _gemeentecodes(opslag, levering, organisatie)
    except GegevensFout as fout:
        raise GegevensFout(
            f"organisation {organisatie.naam}, ronde {ronde}: its stored delivery cannot be read ({fout}). Restore it "
            "from the backup of the file store, or let the organisation hand it in again; then clear its intake with "
            "everything after it."
        ) from None
    if is_current(opslag, levering, _basis(levering, codes, ronde)):
        return levering
    return _beoordeel(opslag, levering, organisatie, ronde, codes, herzien=True)


def is_actueel(opslag: Opslag, levering: Levering) -> bool:
    """Tell whether a vraagbestand was judged, and judging it again would come to the accepted rows that are kept."""
    if levering.status is None or levering.organisatie is None or levering.ronde is None:
        return False
    try:
        codes = _gemeentecodes(opslag, levering, levering.organisatie)
    except GegevensFout:
        return False
    return is_current(opslag, levering, _basis(levering, codes, laden.ronde(levering.ronde)))


def lees_aanvragen(opslag: Opslag, levering: Levering) -> pd.DataFrame:
    """Return the accepted rows of a judged vraagbestand: a frame ``Aanvragen``.

    Raises:
        GegevensFout: they are damaged or gone; says whose they are and what to do.
    """
    return _lees(opslag, levering)


def lees_aanvragers(opslag: Opslag, levering: Levering) -> pd.DataFrame:
    """Return ``bsn`` and ``gsd_code`` of the accepted rows, in report order. Raises as ``lees_aanvragen``."""
    return _lees(opslag, levering, ["bsn", "gsd_code"])


def _lees(opslag: Opslag, levering: Levering, columns: list[str] | None = None) -> pd.DataFrame:
    try:
        return read_accepted(opslag, levering, columns)
    except GegevensFout as fout:
        wie = levering.organisatie.naam if levering.organisatie else ""
        raise GegevensFout(
            f"organisation {wie}, ronde {levering.ronde}: the accepted rows of its delivery cannot be read ({fout}). "
            "Clear its intake with everything after it: the delivery is then judged again."
        ) from None


def lees_samenvatting(opslag: Opslag, levering: Levering) -> dict[str, Any]:
    """Return the summary of the verwerkingsverslag of a judged delivery."""
    samenvatting: dict[str, Any] = json.loads(opslag.bestanden.read(levering.sleutel_verslag_json))
    return samenvatting


def _gemeentecodes(opslag: Opslag, levering: Levering, organisatie: Organisatie) -> tuple[str, ...]:
    if levering.status is None:
        return organisatie.gemeentecodes
    return tuple(lees_samenvatting(opslag, levering)["gemeentecodes"])


def _is_achterhaald(opslag: Opslag, levering: Levering, organisatie: Organisatie) -> bool:
    """Tell whether a delivery was judged for other gemeenten than the organisation serves today.

    Who was registered without one of its gemeenten hands the same file in again once that is mended.
    """
    return _gemeentecodes(opslag, levering, organisatie) != organisatie.gemeentecodes


def _beoordeel(
    opslag: Opslag,
    levering: Levering,
    organisatie: Organisatie,
    ronde: Ronde,
    codes: tuple[str, ...],
    *,
    herzien: bool,
    voortgang: Voortgang = niemand,
) -> Levering:
    intake = beoordeel(
        opslag.bestanden.read(levering.sleutel, sha256=levering.sha256),
        deelnamedatum=ronde.deelnamedatum,
        gemeentecodes=frozenset(codes),
        actieve_gemeenten=actieve_gemeenten(ronde.deelnamedatum),
        voortgang=voortgang,
    )
    eerdere = _eerdere(tel(opslag, organisatie, ronde), levering)
    afgekeurd = intake.status is LeveringStatus.AFGEKEURD
    feiten = {
        "bestandsnaam": levering.bestandsnaam,
        "sha256": levering.sha256,
        "ronde": ronde.naam,
        "ontvangen_op": levering.ontvangen_op.isoformat(),
        "gemeentecodes": list(codes),
        # An afgekeurde delivery does not replace a usable one; both facts show (besluit B2).
        "vervangt": [] if afgekeurd else eerdere,
        "vervangt_niet": eerdere if afgekeurd else [],
    }
    accepted = keep_accepted(opslag, levering, intake.aanvragen)
    beoordeeld = record_beoordeling(
        opslag.database,
        opslag.bestanden,
        levering.id,
        Beoordeling(
            status=intake.status,
            rijen_gelezen=intake.gelezen,
            rijen_goedgekeurd=intake.geaccepteerd,
            rijen_afgewezen=intake.afgekeurd,
            fouten=intake.fouten_per_code,
        ),
        verslag_csv=verslag_csv(intake),
        verslag_json=verslag_json(intake, feiten),
        herzien=herzien,
    )
    keep_basis(opslag, levering, basis=_basis(levering, codes, ronde), accepted=accepted)
    return beoordeeld


def _basis(levering: Levering, codes: tuple[str, ...], ronde: Ronde) -> str:
    return basis_of(
        levering,
        deelnamedatum=ronde.deelnamedatum.isoformat(),
        gemeentecodes=codes,
        actieve_gemeenten=actieve_gemeenten(ronde.deelnamedatum),
    )


def _eerdere(telling: Telling | None, levering: Levering) -> list[str]:
    """Return the names of the usable files that came in before this one in the same window, oldest first."""
    if telling is None:
        return []
    venster = (*telling.vervangt, telling.levering, *telling.zonder_gevolg)
    eerdere = takewhile(lambda eerder: eerder.id != levering.id, venster)
    return [eerder.bestandsnaam for eerder in eerdere if eerder.status is not LeveringStatus.AFGEKEURD]
