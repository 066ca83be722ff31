"""Leveringen of the doelgroepselectielijst: found at the Belastingdienst, fetched, verified and judged (A1, A2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from include.bronnen import alleenverdieners as bron
from include.bronnen.client import Bronclient
from include.errors import GegevensFout
from include.intake.selectielijst import Oordeel, beoordeel
from include.moments import day_of
from include.normen.gemeenten import opvolgers
from include.rapportage.leveringsverslag import verslag_csv, verslag_json
from include.schemas.bronberichten import AangekondigdeLevering
from include.schemas.domein import LeveringStatus, Product
from include.schemas.selectielijst import PER_CODE
from include.steps.audit import recorded
from include.steps.installation import eis_bijeen
from include.steps.judged import basis_of, is_current, keep_accepted, keep_basis, read_accepted
from include.steps.leveren import lees_samenvatting
from include.steps.verwerking import Opslag
from include.storage.delivery_terms import delivery_terms
from include.storage.leveringen import Beoordeling, find_leveringen, record_beoordeling, register_levering
from include.storage.models import Levering

TERMIJN = timedelta(days=90)
"""How long after the delivery rows that were held back may still be published; that day included (besluit A3)."""

Aankondiging = dict[str, Any]
"""An announced levering in plain values: ``levering``, ``lijstjaar``, ``aangemaakt`` (ISO), ``aantal``, ``sha256``."""


def zoek(opslag: Opslag, client: Bronclient, gevraagd: str | None = None) -> list[Aankondiging]:
    """Ask the Belastingdienst what it has, and return what must be taken in.

    That is every levering which was not judged yet as it is announced now: a rejected one comes back only when the
    Belastingdienst changes the file or its announcement. With ``gevraagd`` it is that levering, known or not.

    Raises:
        BronFout: the source does not answer as it should.
        GegevensFout: the levering asked for is not announced, and not kept here either.
    """
    aangekondigd = [_plat(levering) for levering in bron.leveringen(client)]
    if gevraagd is None:
        return [aankondiging for aankondiging in aangekondigd if not _is_beoordeeld(opslag, aankondiging)]
    gevonden = [aankondiging for aankondiging in aangekondigd if aankondiging["levering"] == gevraagd]
    if not gevonden and laatste_levering(opslag, gevraagd) is None:
        bekend = ", ".join(aankondiging["levering"] for aankondiging in aangekondigd) or "none"
        raise GegevensFout(
            f"levering {gevraagd}: the Belastingdienst does not announce it and it is not kept here (any more). "
            f"Announced: {bekend}. Start a new run with the name of one of those."
        )
    return gevonden


def haal_binnen(opslag: Opslag, client: Bronclient, aankondiging: Aankondiging) -> dict[str, Any]:
    """Fetch a levering, verify that it is what was announced, keep it and judge it; may be repeated.

    Every time it is judged anew, so that a mended table of gemeenten helps a levering that is asked for again.

    Returns:
        ``levering``, ``levering_id``, ``status`` and the numbers of rows.

    Raises:
        BronFout: the source does not answer as it should.
        GegevensFout: other bytes came than announced (nothing is kept, the next run tries again), or the levering
            is afgekeurd as a whole: nothing of it is published, its verslag says why.
        InstallatieFout: database and file store do not belong together.
    """
    eis_bijeen(opslag)
    naam = aankondiging["levering"]
    audited = recorded(opslag, client, doelbinding=Product.ALLEENVERDIENERS, onderwerp=naam)
    inhoud = bron.haal_levering(audited, naam)
    bron.controleer_bytes(_uit_plat(aankondiging), inhoud)
    levering = register_levering(
        opslag.database,
        opslag.bestanden,
        inhoud=inhoud,
        bestandsnaam=f"{naam}.csv",
        nu=opslag.klok(),
        product=Product.ALLEENVERDIENERS,
        kenmerk=naam,
    ).levering
    oordeel = _beoordeel(inhoud, aankondiging)
    levering = _bewaar(opslag, levering, oordeel, aankondiging)
    if levering.status is LeveringStatus.AFGEKEURD:
        raise GegevensFout(_afgekeurd(levering, oordeel, aankondiging))
    return {
        "levering": naam,
        "levering_id": levering.id,
        "status": str(oordeel.status),
        "gelezen": oordeel.gelezen,
        "geaccepteerd": oordeel.geaccepteerd,
        "afgewezen": oordeel.afgewezen,
        "dubbel": oordeel.dubbel,
        "heringedeeld": sum(oordeel.heringedeeld.values()),
        "fouten": oordeel.fouten_per_code,
    }


@dataclass(frozen=True)
class Aangenomen:
    """What was accepted of a levering when it was judged; counts of rows."""

    huishoudens: pd.DataFrame
    """The accepted rows: a frame ``HUISHOUDENS``."""
    afgewezen: int
    dubbel: int
    heringedeeld: dict[str, int]


def lees_aangenomen(opslag: Opslag, levering: Levering) -> Aangenomen:
    """Return what was accepted of a judged levering; judge it again if the code lists or the rules have changed.

    Raises:
        GegevensFout: it would be judged differently now; nothing may be published on that.
    """
    samenvatting = lees_samenvatting(opslag, levering)
    aankondiging = samenvatting["aankondiging"]
    if not is_current(opslag, levering, _basis(levering, aankondiging)):
        oordeel = _beoordeel(opslag.bestanden.read(levering.sleutel, sha256=levering.sha256), aankondiging)
        if oordeel.geaccepteerd != levering.rijen_goedgekeurd or oordeel.gelezen != levering.rijen_gelezen:
            raise GegevensFout(
                f"levering {levering.kenmerk}: {levering.rijen_goedgekeurd} rows were accepted when it came in and "
                f"{oordeel.geaccepteerd} would be now: the table of gemeenten or the rules have changed. Start a run "
                "with this levering to judge and publish it anew."
            )
        _bewaar(opslag, levering, oordeel, aankondiging)
    return Aangenomen(
        huishoudens=read_accepted(opslag, levering),
        afgewezen=samenvatting["rijen_afgewezen"],
        dubbel=samenvatting["rijen_dubbel"],
        heringedeeld=samenvatting["heringedeeld"],
    )


def laatste_levering(opslag: Opslag, kenmerk: str, *, bruikbaar: bool = False) -> Levering | None:
    """Return the levering that came in last under a name and is still kept; with ``bruikbaar`` not a rejected one."""
    alle = [levering for levering in _bewaard(opslag) if levering.kenmerk == kenmerk]
    return next((levering for levering in reversed(alle) if not bruikbaar or is_bruikbaar(levering)), None)


def open_leveringen(opslag: Opslag) -> list[Levering]:
    """Return, in order of arrival, the levering that counts under each name, while it is within its ``TERMIJN``.

    As in besluit B2 a newer one takes the place of an older one, but a rejected one does not.
    """
    per_naam = {levering.kenmerk: levering for levering in _bewaard(opslag) if is_bruikbaar(levering)}
    return [levering for levering in per_naam.values() if is_op_tijd(levering, opslag.vandaag)]


def _bewaard(opslag: Opslag) -> list[Levering]:
    """Return the leveringen that have days left, in order of arrival: the sweep wins over besluit A3 (besluit B55)."""
    with opslag.database.reading() as sessie:
        return [
            term.levering
            for term in delivery_terms(sessie)
            if term.levering.product is Product.ALLEENVERDIENERS and term.removal_day > opslag.vandaag
        ]


def is_bruikbaar(levering: Levering) -> bool:
    """Tell whether a levering was judged, and not rejected."""
    return levering.status is not None and levering.status is not LeveringStatus.AFGEKEURD


def is_op_tijd(levering: Levering, dag: date) -> bool:
    """Tell whether rows of the levering that were held back may be published on ``dag`` (besluit A3)."""
    return dag <= day_of(levering.ontvangen_op) + TERMIJN


def _is_beoordeeld(opslag: Opslag, aankondiging: Aankondiging) -> bool:
    """Tell whether this levering was judged exactly as it is announced; after its removal the hash must do."""
    with opslag.database.reading() as sessie:
        alle = find_leveringen(
            sessie, product=Product.ALLEENVERDIENERS, kenmerk=aankondiging["levering"], ook_verwijderd=True
        )
    if not alle or alle[-1].status is None or alle[-1].sha256 != aankondiging["sha256"]:
        return False
    if alle[-1].verwijderd_op is not None:
        return True
    bekend: bool = lees_samenvatting(opslag, alle[-1])["aankondiging"] == aankondiging
    return bekend


def _beoordeel(inhoud: bytes, aankondiging: Aankondiging) -> Oordeel:
    return beoordeel(
        inhoud,
        aangekondigd=aankondiging["aantal"],
        peildatum=date.fromisoformat(aankondiging["aangemaakt"]),
    )


def _bewaar(opslag: Opslag, levering: Levering, oordeel: Oordeel, aankondiging: Aankondiging) -> Levering:
    feiten = {"aankondiging": aankondiging, "ontvangen_op": levering.ontvangen_op.isoformat()}
    accepted = keep_accepted(opslag, levering, oordeel.huishoudens)
    beoordeeld = record_beoordeling(
        opslag.database,
        opslag.bestanden,
        levering.id,
        Beoordeling(
            status=oordeel.status,
            rijen_gelezen=oordeel.gelezen,
            rijen_goedgekeurd=oordeel.geaccepteerd,
            rijen_afgewezen=oordeel.afgewezen + oordeel.dubbel,
            fouten=oordeel.fouten_per_code,
        ),
        verslag_csv=verslag_csv(oordeel),
        verslag_json=verslag_json(oordeel, feiten),
        herzien=True,
    )
    keep_basis(opslag, levering, basis=_basis(levering, aankondiging), accepted=accepted)
    return beoordeeld


def _basis(levering: Levering, aankondiging: Aankondiging) -> str:
    gemeenten = opvolgers(date.fromisoformat(aankondiging["aangemaakt"]))
    return basis_of(levering, aankondiging=aankondiging, gemeenten=dict(gemeenten))


def _plat(levering: AangekondigdeLevering) -> Aankondiging:
    return {
        **levering,
        "aangemaakt": levering["aangemaakt"].isoformat(),
        "sha256": levering["sha256"].lower(),
    }


def _uit_plat(aankondiging: Aankondiging) -> AangekondigdeLevering:
    return AangekondigdeLevering(
        levering=aankondiging["levering"],
        lijstjaar=aankondiging["lijstjaar"],
        aangemaakt=date.fromisoformat(aankondiging["aangemaakt"]),
        aantal=aankondiging["aantal"],
        sha256=aankondiging["sha256"],
    )


def _afgekeurd(levering: Levering, oordeel: Oordeel, aankondiging: Aankondiging) -> str:
    heel = oordeel.fouten.loc[oordeel.fouten["regel"] == 0, "foutcode"]
    redenen = " ".join(f"{code} {PER_CODE[code].omschrijving}" for code in heel)
    return (
        f"levering {levering.kenmerk} is afgekeurd: {redenen} {oordeel.gelezen} rows were read, "
        f"{aankondiging['aantal']} announced; errors by code: {oordeel.fouten_per_code}. Nothing of it is published, "
        f"other leveringen go on. Its verslag, without BSNs, is {levering.sleutel_verslag}: send it to the "
        "Belastingdienst. A levering that it mends is taken in by the next run."
    )
