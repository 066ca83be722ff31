"""Who gets which rows of a levering, and where every row of it is (besluiten A3, A4).

Nothing is kept about rows that are held back: what is published is in the register, the rows are in the levering, and
what is left follows from the two.

A row belongs to the gemeente that its accepted code stands for *today*: herindelingen after the peildatum are
followed too. A list is always that of a whole gemeente. It goes to every organisation that serves the gemeente and
has an active registration today; are there two, then both get it, and the rows count once. An organisation that
still names an ended gemeente gets nothing for it, not even its successor: only a new registration says who may have
those rows.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypedDict

from include.errors import ControleFout, GegevensFout
from include.moments import day_of
from include.normen.gemeenten import actieve_gemeenten, opvolgers
from include.schemas.domein import Product
from include.steps.selectielijsten import (
    Aangenomen,
    is_bruikbaar,
    is_op_tijd,
    laatste_levering,
    lees_aangenomen,
    open_leveringen,
)
from include.steps.verwerking import Opslag
from include.storage.models import Levering, Organisatie, Publicatie
from include.storage.organisaties import find_aangemeld
from include.storage.publicaties import find_publicaties

log = logging.getLogger(__name__)


class Verdeelregel(TypedDict):
    """A ``Verdeling`` in plain values, as one task hands it to the next; ``naam`` is what its branch is called."""

    run: str
    levering: str
    levering_id: str
    organisatie: str
    organisatie_id: int
    gemeenten: list[str]
    opnieuw: bool
    naam: str


@dataclass(frozen=True)
class Verdeling:
    """The lists of one levering for one organisation in one run: what a task passes to the next, and all it passes.

    ``opnieuw`` says that the levering was asked for: lists that were published before are made again, and a new
    version is published of those that changed (B56).
    """

    run: str
    levering: str
    levering_id: str
    organisatie: str
    organisatie_id: int
    gemeenten: tuple[str, ...]
    opnieuw: bool

    @property
    def kenmerk(self) -> str:
        """Names this verdeling in the database and, hashed, in the file store."""
        return f"{self.run}/{self.levering_id}/{self.organisatie_id}"

    @property
    def betreft(self) -> str:
        """Whom and which levering it is about: opens every message to ops."""
        return f"organisation {self.organisatie}, levering {self.levering}"

    def als_dict(self) -> Verdeelregel:
        """Return it as plain values."""
        return Verdeelregel(
            run=self.run,
            levering=self.levering,
            levering_id=self.levering_id,
            organisatie=self.organisatie,
            organisatie_id=self.organisatie_id,
            gemeenten=list(self.gemeenten),
            opnieuw=self.opnieuw,
            naam=f"{self.organisatie} ({self.levering})",
        )

    @classmethod
    def uit_dict(cls, waarden: Mapping[str, Any]) -> Verdeling:
        """Read what ``als_dict`` wrote; other keys are ignored."""
        eigen = {naam: waarden[naam] for naam in cls.__dataclass_fields__}
        return cls(**eigen | {"gemeenten": tuple(waarden["gemeenten"])})


@dataclass(frozen=True)
class Stand:
    """How far the distribution of one levering is, today."""

    levering: Levering
    aangenomen: Aangenomen
    aangemeld: tuple[Organisatie, ...]
    """Who has an active registration today, by name."""
    publicaties: tuple[Publicatie, ...] = field(repr=False)
    """Every publication of this levering, replaced and removed ones too."""
    bestemming: dict[str, str]
    """For each accepted gemeentecode the one that stands for it today; left out when nothing does."""
    bestaand: frozenset[str] = field(repr=False)
    """The gemeenten that exist today."""
    op_tijd: bool
    """Whether rows that were held back may still go out (besluit A3)."""

    @cached_property
    def rijen(self) -> dict[str, int]:
        """Accepted rows by gemeentecode as accepted."""
        aantal = self.aangenomen.huishoudens["gemeentecode"].value_counts()
        return {str(code): int(n) for code, n in aantal.items()}

    @cached_property
    def bediend(self) -> frozenset[str]:
        """The existing gemeenten that somebody is registered for."""
        return frozenset(code for wie in self.aangemeld for code in self.gemeenten_van(wie))

    def gemeenten_van(self, organisatie: Organisatie) -> tuple[str, ...]:
        """Return the gemeenten of the organisation that exist today."""
        return tuple(code for code in organisatie.gemeentecodes if code in self.bestaand)

    def is_nodig(self, gemeente: str, organisatie: Organisatie, *, opnieuw: bool) -> bool:
        """Tell whether a registered organisation is to get the list of a gemeente now.

        In time: when it does not have it, or the levering was asked for. Later: only a new version of what it has.
        """
        heeft = self.heeft(gemeente, organisatie.id)
        return (opnieuw or not heeft) if self.op_tijd else (opnieuw and heeft)

    def heeft(self, gemeente: str, organisatie_id: int) -> bool:
        """Tell whether all rows of a gemeente, as it is today, were published to an organisation."""
        eigen = [publicatie for publicatie in self.publicaties if publicatie.organisatie_id == organisatie_id]
        codes = [code for code in self.rijen if self.bestemming.get(code) == gemeente]
        if codes:
            return self._bereikt(eigen).issuperset(codes)
        return any(self.bestemming.get(publicatie.gemeentecode or "") == gemeente for publicatie in eigen)

    def tellingen(self) -> dict[str, int]:
        """Return where the rows of the levering are; together they are all of it.

        ``gepubliceerd``, ``te_publiceren`` (none are left when a run succeeds), ``aangehouden`` (nobody is
        registered, or it is too late), ``afgewezen`` and ``dubbel``.

        Raises:
            ControleFout: a row is not accounted for.
        """
        bereikt = self._bereikt(self.publicaties)
        open_ = {code: n for code, n in self.rijen.items() if code not in bereikt}
        aan_de_beurt = sum(
            n for code, n in open_.items() if self.op_tijd and self.bestemming.get(code) in self.bediend
        )
        uit = {
            "gepubliceerd": sum(self.rijen.values()) - sum(open_.values()),
            "te_publiceren": aan_de_beurt,
            "aangehouden": sum(open_.values()) - aan_de_beurt,
            "afgewezen": self.aangenomen.afgewezen,
            "dubbel": self.aangenomen.dubbel,
        }
        if sum(uit.values()) != self.levering.rijen_gelezen:
            raise ControleFout(
                f"levering {self.levering.kenmerk}: {self.levering.rijen_gelezen} rows came in, but they went: {uit}"
            )
        return uit

    @property
    def zonder_aanmelding(self) -> list[str]:
        """The gemeenten, as they are today, whose rows are held back; ascending."""
        bereikt = self._bereikt(self.publicaties)
        codes = {self.bestemming.get(code, code) for code in self.rijen if code not in bereikt}
        return sorted(codes - self.bediend if self.op_tijd else codes)

    def _bereikt(self, gepubliceerd: Iterable[Publicatie]) -> frozenset[str]:
        """Return the accepted codes whose rows are in these publications: of what was their gemeente that day."""
        per_dag: dict[date, set[str | None]] = defaultdict(set)
        for publicatie in gepubliceerd:
            per_dag[day_of(publicatie.gepubliceerd_op)].add(publicatie.gemeentecode)
        return frozenset(
            code
            for dag, gemeenten in per_dag.items()
            for code in self.rijen
            if opvolgers(dag).get(code) in gemeenten
        )


def bepaal_stand(opslag: Opslag, levering: Levering) -> Stand:
    """Return how far a levering is. Raises GegevensFout when it would be judged differently now."""
    vandaag = opslag.vandaag
    with opslag.database.reading() as sessie:
        gepubliceerd = find_publicaties(sessie, levering=levering, ook_vervangen=True, ook_verwijderd=True)
        deelnemers = find_aangemeld(sessie, Product.ALLEENVERDIENERS, vandaag)
    return Stand(
        levering=levering,
        aangenomen=lees_aangenomen(opslag, levering),
        aangemeld=tuple(deelnemers),
        publicaties=tuple(gepubliceerd),
        bestemming=dict(opvolgers(vandaag)),
        bestaand=actieve_gemeenten(vandaag),
        op_tijd=is_op_tijd(levering, vandaag),
    )


def verdeel(
    opslag: Opslag, run: str, *, gevraagd: str | None = None, mislukt: Collection[str] = ()
) -> list[Verdeling]:
    """Return what is to be published now: per levering, in order of arrival, one verdeling per organisation by name.

    Every open levering is looked at: so a registration that came later finds the rows that were held back. What
    this very run published already stays in the list, for its tasks may have to be repeated.

    Args:
        opslag: where leveringen, registrations and publications are.
        run: the DAG run.
        gevraagd: the one levering to publish, whatever was published of it before (besluit B56).
        mislukt: names of leveringen that this run could not take in: one that was asked for then stays as it is.
    """
    if gevraagd is None:
        leveringen = open_leveringen(opslag)
    else:
        levering = laatste_levering(opslag, gevraagd)
        leveringen = [levering] if levering and is_bruikbaar(levering) and gevraagd not in mislukt else []
    verdelingen: list[Verdeling] = []
    for levering in leveringen:
        try:
            verdelingen += _verdeel(opslag, levering, run, gevraagd is not None)
        except GegevensFout as fout:  # the others go on; the summary of the run fails on this one
            log.error("%s", fout)
    return verdelingen


def _verdeel(opslag: Opslag, levering: Levering, run: str, opnieuw: bool) -> Iterator[Verdeling]:
    stand = bepaal_stand(opslag, levering)
    for organisatie in stand.aangemeld:
        leeg = Verdeling(
            run, str(levering.kenmerk), levering.id, organisatie.naam, organisatie.id, (), opnieuw
        )
        eigen = {p.gemeentecode for p in stand.publicaties if p.verwerking == leeg.kenmerk}
        gemeenten = tuple(
            code
            for code in stand.gemeenten_van(organisatie)
            if code in eigen or stand.is_nodig(code, organisatie, opnieuw=opnieuw)
        )
        if gemeenten:
            yield replace(leeg, gemeenten=gemeenten)
