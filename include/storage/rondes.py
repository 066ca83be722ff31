"""Rondes and who takes part: the delivery that counted, the instellingen used, how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.errors import GegevensFout
from include.schemas.domein import DeelnameStatus
from include.storage.models import Deelname, Levering, Organisatie, RondeRow
from include.storage.organisaties import (
    GeldendeInstellingen,
    instellingen_for_ronde,
    instellingen_of_versie,
    lock_organisatie,
)


def open_ronde(sessie: Session, ronde: str, *, deelnamedatum: date, run: str, nu: datetime) -> RondeRow:
    """The ronde, registered when it was not yet and open again when it was closed; from now on it is this run's.

    Raises GegevensFout when it was opened before with another deelnamedatum: deliveries were counted by that.
    """
    rij = sessie.get(RondeRow, ronde)
    if rij is None:
        rij = RondeRow(ronde=ronde, deelnamedatum=deelnamedatum, geopend_op=nu)
        sessie.add(rij)
    elif rij.deelnamedatum != deelnamedatum:
        raise GegevensFout(
            f"ronde {ronde} was opened with deelnamedatum {rij.deelnamedatum}, now it is {deelnamedatum}: "
            "the table of exceptions was changed after the fact"
        )
    rij.run, rij.afgesloten_op = run, None
    sessie.flush()
    return rij


def close_ronde(
    sessie: Session, ronde: str, *, run: str, samenvatting: Mapping[str, Any], nu: datetime
) -> RondeRow:
    """Close the ronde with its summary (counts only, no personal data). Raises as ``keep_samenvatting``."""
    rij = keep_samenvatting(sessie, ronde, run=run, samenvatting=samenvatting)
    rij.afgesloten_op = nu
    return rij


def keep_samenvatting(sessie: Session, ronde: str, *, run: str, samenvatting: Mapping[str, Any]) -> RondeRow:
    """Keep what there is to say of a ronde that stays open (counts only, no personal data).

    Raises GegevensFout when another run opened the ronde since: what there is to say is then about that run.
    """
    rij = _ronde(sessie, ronde)
    if rij.run != run:
        raise GegevensFout(
            f"ronde {ronde} was opened by run '{rij.run}' since, so run '{run}' does not close it. Leave it to "
            f"'{rij.run}'; or, if that has ended and '{run}' is to process the ronde again, clear ronde_openen of "
            f"'{run}' with everything after it."
        )
    rij.samenvatting = dict(samenvatting)
    return rij


def earlier_samenvattingen(sessie: Session, ronde: str) -> list[tuple[str, dict[str, Any]]]:
    """The summaries of the rondes before this one, the newest first, each with the name of its ronde."""
    vraag = select(RondeRow).where(RondeRow.ronde < ronde).order_by(RondeRow.ronde.desc())
    return [(rij.ronde, rij.samenvatting) for rij in sessie.scalars(vraag) if rij.samenvatting]


def enter_deelname(
    sessie: Session,
    ronde: str,
    organisatie: Organisatie,
    levering: Levering,
    *,
    verwerking: str,
    nu: datetime,
) -> Deelname:
    """Enter which delivery of the organisation counts in this ronde (besluit B2).

    Repeating it within one ``verwerking`` (the DAG run and organisation, any string) keeps instellingen and
    status; another verwerking, or another delivery, starts anew.
    """
    _ronde(sessie, ronde)
    lock_organisatie(sessie, organisatie.id)
    rij = sessie.get(Deelname, (ronde, organisatie.id))
    if rij is None:
        rij = Deelname(ronde=ronde, organisatie_id=organisatie.id)
        sessie.add(rij)
    elif rij.verwerking == verwerking and rij.levering_id == levering.id:
        return rij
    rij.levering_id, rij.verwerking, rij.instellingen_versie = levering.id, verwerking, None
    move_to(rij, DeelnameStatus.OPEN, nu=nu)
    sessie.flush()
    return rij


def settle_instellingen(
    sessie: Session, ronde: str, organisatie: Organisatie, *, verwerking: str, laatste_dag: date, nu: datetime
) -> GeldendeInstellingen:
    """The instellingen this verwerking tests with, recorded with the ronde when it first asks (besluit B8).

    ``laatste_dag`` is the last day of the rapportagemaand. All tasks of one verwerking get the same version,
    also when the organisation changes its settings meanwhile; a later verwerking determines it again.
    """
    rij = find_deelname(sessie, ronde, organisatie)
    if rij.verwerking == verwerking and rij.instellingen_versie is not None:
        return instellingen_of_versie(sessie, organisatie, rij.instellingen_versie, op=laatste_dag)
    geldend = instellingen_for_ronde(sessie, organisatie, laatste_dag=laatste_dag, nu=nu)
    rij.verwerking, rij.instellingen_versie, rij.gewijzigd_op = verwerking, geldend.versie, nu
    return geldend


def set_status(
    sessie: Session, ronde: str, organisatie: Organisatie, status: DeelnameStatus, *, nu: datetime
) -> Deelname:
    """Record how far the organisation is; publishing does this itself."""
    return move_to(find_deelname(sessie, ronde, organisatie), status, nu=nu)


def refuse(
    sessie: Session, ronde: str, organisatie: Organisatie, *, door: str, reden: str, nu: datetime
) -> Deelname:
    """Record that a human turned the publication down: the name of the user, and what had shifted."""
    rij = set_status(sessie, ronde, organisatie, DeelnameStatus.MISLUKT, nu=nu)
    rij.geweigerd_door, rij.geweigerd_om, rij.geweigerd_reden = door[:200], nu, reden[:500]
    return rij


def move_to(deelname: Deelname, status: DeelnameStatus, *, nu: datetime) -> Deelname:
    """Move a participation on; whatever was refused before is history."""
    deelname.status, deelname.gewijzigd_op = status, nu
    deelname.geweigerd_door = deelname.geweigerd_om = deelname.geweigerd_reden = None
    return deelname


def find_deelname(sessie: Session, ronde: str, organisatie: Organisatie) -> Deelname:
    """The participation. Raises GegevensFout when the organisation is not in the ronde (besluit B53)."""
    rij = sessie.get(Deelname, (ronde, organisatie.id))
    if rij is None:
        raise GegevensFout(
            f"organisation {organisatie.naam} does not take part in ronde {ronde}: no delivery counted"
        )
    return rij


def find_deelnames(sessie: Session, ronde: str) -> list[Deelname]:
    """Everybody in the ronde, by name of the organisation."""
    vraag = select(Deelname).join(Organisatie).where(Deelname.ronde == ronde).order_by(Organisatie.naam)
    return list(sessie.scalars(vraag))


def _ronde(sessie: Session, ronde: str) -> RondeRow:
    rij = sessie.get(RondeRow, ronde)
    if rij is None:
        raise GegevensFout(f"ronde {ronde} was not opened")
    return rij
