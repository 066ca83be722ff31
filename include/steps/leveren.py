"""Handing in a vraagbestand: kept as it came, judged at once, and counted for its ronde (besluiten B2, B10-B21)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from include.errors import GegevensFout
from include.intake.valideren import Intake, beoordeel
from include.normen import laden
from include.normen.gemeenten import actieve_gemeenten
from include.normen.kalender import Maand, Ronde
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json
from include.steps.audit import veranker
from include.steps.verwerking import Opslag
from include.storage.leveringen import (
    Beoordeling,
    Telling,
    counting_levering,
    record_beoordeling,
    register_levering,
)
from include.storage.models import Levering, LeveringStatus, Organisatie
from include.storage.moments import day_of
from include.storage.organisaties import find_organisatie


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
    opslag: Opslag, *, organisatie: str, bestandsnaam: str, inhoud: bytes, ontvangen: datetime
) -> Ingeleverd:
    """Keep a vraagbestand and judge it.

    A file that cannot be used is not an error: it ends as afgekeurd, with the reason in its verwerkingsverslag.

    Raises:
        GegevensFout: the organisation is unknown.
        OpslagFout: it could not be kept; nothing was registered.
    """
    ronde = ronde_van_ontvangst(day_of(ontvangen))
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie)
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
    levering = registratie.levering
    herzien = levering.status is not None and _is_achterhaald(opslag, levering, wie)
    if levering.status is None or herzien:
        levering = beoordeel_levering(opslag, levering, wie, ronde, herzien=herzien)
    return Ingeleverd(levering, ronde, registratie.nieuw or herzien, lees_samenvatting(opslag, levering))


def tel(
    opslag: Opslag, organisatie: Organisatie, ronde: Ronde, *, ook_verwijderd: bool = False
) -> Telling | None:
    """Return which delivery of the organisation counts for the ronde, and what it replaced (besluit B2).

    ``ook_verwijderd`` counts those that had their 90 days too: see ``counting_levering``.
    """
    with opslag.database.reading() as sessie:
        return counting_levering(
            sessie,
            organisatie,
            ronde_van=ronde.vorige_deelnamedatum,
            ronde_tot=ronde.deelnamedatum,
            ook_verwijderd=ook_verwijderd,
        )


def beoordeel_levering(
    opslag: Opslag, levering: Levering, organisatie: Organisatie, ronde: Ronde, *, herzien: bool = False
) -> Levering:
    """Judge a kept delivery and keep its verwerkingsverslag beside it; may be repeated.

    ``herzien`` judges it anew, for the gemeenten that the organisation serves today.
    """
    codes = organisatie.gemeentecodes if herzien else _gemeentecodes(opslag, levering, organisatie)
    intake = _beoordeel(opslag, levering, codes, ronde)
    eerdere = _eerdere(tel(opslag, organisatie, ronde), levering)
    afgekeurd = LeveringStatus(intake.status) is LeveringStatus.AFGEKEURD
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
    return record_beoordeling(
        opslag.database,
        opslag.bestanden,
        levering.id,
        Beoordeling(
            status=LeveringStatus(intake.status),
            rijen_gelezen=intake.gelezen,
            rijen_goedgekeurd=intake.geaccepteerd,
            rijen_afgewezen=intake.afgekeurd,
            fouten=intake.fouten_per_code,
        ),
        verslag_csv=verslag_csv(intake),
        verslag_json=verslag_json(intake, feiten),
        herzien=herzien,
    )


def lees_levering(opslag: Opslag, levering: Levering, organisatie: Organisatie, ronde: Ronde) -> Intake:
    """Read and judge the bytes of a delivery as they were judged when they came in.

    The gemeenten that the organisation served then are in the verwerkingsverslag: what was accepted stays so.

    Raises:
        GegevensFout: what was stored is damaged or gone; says whose it is and what to do.
    """
    try:
        return _beoordeel(opslag, levering, _gemeentecodes(opslag, levering, organisatie), ronde)
    except GegevensFout as fout:
        raise GegevensFout(
            f"organisation {organisatie.naam}, ronde {ronde}: its stored delivery cannot be read ({fout}). Restore it "
            "from the backup of the file store, or let the organisation hand it in again; then clear the failed tasks."
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


def _beoordeel(opslag: Opslag, levering: Levering, codes: tuple[str, ...], ronde: Ronde) -> Intake:
    return beoordeel(
        opslag.bestanden.read(levering.sleutel, sha256=levering.sha256),
        deelnamedatum=ronde.deelnamedatum,
        gemeentecodes=frozenset(codes),
        actieve_gemeenten=actieve_gemeenten(ronde.deelnamedatum),
    )


def _eerdere(telling: Telling | None, levering: Levering) -> list[str]:
    """Return the names of the usable files that came in before this one in the same window, oldest first."""
    if telling is None:
        return []
    venster = (*telling.vervangt, telling.levering, *telling.zonder_gevolg)
    eerdere = takewhile(lambda eerder: eerder.id != levering.id, venster)
    return [eerder.bestandsnaam for eerder in eerdere if eerder.status is not LeveringStatus.AFGEKEURD]
