"""What running past rondes would do, before anything is run: everything follows from the ronde (besluit B7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from include.errors import RondeFout
from include.moments import day_of
from include.normen import laden
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.domein import LeveringStatus, Product
from include.steps.leveren import tel, vervallen_op
from include.steps.verwerking import Opslag
from include.storage.delivery_terms import delivery_terms
from include.storage.leveringen import Telling
from include.storage.models import Organisatie, Publicatie
from include.storage.organisaties import GeldendeInstellingen, find_aangemeld, instellingen_for_ronde
from include.storage.publicaties import find_publicaties


@dataclass(frozen=True)
class Deelnameplan:
    """One organisation in a ronde that is to be run."""

    organisatie: str
    telling: Telling
    """The delivery that counts (besluit B2), gone or not."""
    instellingen: GeldendeInstellingen
    """In force when the sources are asked, or at the end of a rapportagemaand that has passed (besluit B8)."""
    gepubliceerd: Publicatie | None
    """The last version there was of this ronde, removed or not."""
    vervallen_op: date | None
    """The day on which its delivery was removed, or is past its term: there is nothing left to test (besluit B55)."""
    verwijderen_op: date | None
    """The day on which its delivery will be removed; None when it is gone."""

    @property
    def is_beloofd(self) -> bool:
        """Whether running the ronde gives this organisation reports."""
        return self.telling.levering.status is not LeveringStatus.AFGEKEURD and self.vervallen_op is None

    @property
    def gevolg(self) -> str:
        """What running the ronde does to this organisation, in words for ops."""
        if self.telling.levering.status is LeveringStatus.AFGEKEURD:
            return "skipped: not one valid row (besluit B53)"
        if self.vervallen_op:
            return f"NO REPORTS: its delivery is gone, its term ended on {self.vervallen_op} (besluit B55)"
        if self.gepubliceerd is None:
            return f"first publication; its delivery is kept until {self.verwijderen_op}"
        oud, dag = self.gepubliceerd, day_of(self.gepubliceerd.gepubliceerd_op)
        return f"version {oud.versie + 1} if its content differs from version {oud.versie}, of {dag}"


@dataclass(frozen=True)
class Rondeplan:
    """One ronde that is to be run: its calendar, its norms, and who takes part, by name."""

    ronde: Ronde
    normen: Toetsnormen
    deelnames: list[Deelnameplan]

    @property
    def vervallen(self) -> list[str]:
        """The organisations that would have had reports if their delivery were not gone: the run will end failed."""
        return [
            deelname.organisatie
            for deelname in self.deelnames
            if deelname.vervallen_op and deelname.telling.levering.status is not LeveringStatus.AFGEKEURD
        ]

    @property
    def beloofd(self) -> list[str]:
        """The organisations that will have reports when the run has ended."""
        return [deelname.organisatie for deelname in self.deelnames if deelname.is_beloofd]


def rondes_van_tot(van: str, tot: str) -> list[Ronde]:
    """Return the rondes from ``van`` up to and including ``tot``, both written ``JJJJ-MM``.

    Raises:
        RondeFout: one of them is not a month, or they are the wrong way round.
        NormFout: a norm file is malformed.
    """
    eerste, laatste = laden.ronde(van), laden.ronde(tot)
    if laatste < eerste:
        raise RondeFout(f"ronde {tot} comes before {van}: name the first ronde first.")
    maanden = [eerste.maand]
    while maanden[-1] != laatste.maand:
        maanden.append(maanden[-1].plus(1))
    return [laden.ronde(maand) for maand in maanden]


def plan(opslag: Opslag, van: str, tot: str) -> list[Rondeplan]:
    """Return what running the rondes from ``van`` up to and including ``tot`` would do today; changes nothing.

    Raises:
        RondeFout: the rapportagemaand of one of them has not begun (besluit B3), or as ``rondes_van_tot``. Airflow
            itself would start such a ronde, and keep the backfill open.
        NormFout: the norms of one of them are not known (besluit B9).
    """
    rondes = rondes_van_tot(van, tot)
    for ronde in rondes:
        ronde.eis_begonnen(opslag.vandaag)
    normen = [laden.normen_op(ronde.deelnamedatum) for ronde in rondes]
    with opslag.database.reading() as sessie:
        return [
            Rondeplan(ronde, norm, _deelnames(opslag, sessie, ronde))
            for ronde, norm in zip(rondes, normen, strict=True)
        ]


def _deelnames(opslag: Opslag, sessie: Session, ronde: Ronde) -> list[Deelnameplan]:
    aangemeld = find_aangemeld(sessie, Product.BIJZONDERE_BIJSTAND, ronde.deelnamedatum)
    return [plan for wie in aangemeld if (plan := _deelname(opslag, sessie, ronde, wie))]


def _deelname(opslag: Opslag, sessie: Session, ronde: Ronde, organisatie: Organisatie) -> Deelnameplan | None:
    telling = tel(opslag, organisatie, ronde, ook_verwijderd=True)
    if telling is None:
        return None
    eerder = find_publicaties(
        sessie,
        organisatie=organisatie,
        product=Product.BIJZONDERE_BIJSTAND,
        ronde=ronde.naam,
        ook_vervangen=True,
        ook_verwijderd=True,
    )
    termen = delivery_terms(sessie, telling.levering.id)
    return Deelnameplan(
        organisatie=organisatie.naam,
        telling=telling,
        vervallen_op=vervallen_op(opslag, telling.levering),
        verwijderen_op=termen[0].removal_day if termen else None,
        instellingen=instellingen_for_ronde(
            sessie, organisatie, laatste_dag=ronde.rapportagemaand.laatste_dag, nu=opslag.klok()
        ),
        gepubliceerd=max(eerder, key=lambda publicatie: publicatie.versie, default=None),
    )


def niet_uitgekomen(opslag: Opslag, een: Rondeplan) -> list[str]:
    """Return the organisations that the plan promised reports of this ronde, and that have none, by name.

    Reports that were there before are as good: a run that finds nothing changed publishes nothing anew (besluit B56).
    """
    with opslag.database.reading() as sessie:
        gepubliceerd = find_publicaties(sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=een.ronde.naam)
    hebben = {publicatie.organisatie.naam for publicatie in gepubliceerd}
    return [naam for naam in een.beloofd if naam not in hebben]
