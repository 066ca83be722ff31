"""The two services, each told once: every step in order, what it calls, whom it asks, and what its failure means.

The DAGs, the operators, the pools, the preload, the metrics, the page *Rondes*, the command line, ``docs/DAGS.md`` and
the tests read these tables. A step that is added here is in all of them. Functions are named, not imported: a DAG file
is parsed every few seconds, and must not load pandas for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain
from pkgutil import resolve_name
from typing import Any

from include.schemas.domein import Product


@dataclass(frozen=True)
class Source:
    """A source of facts about persons: a module of ``include/bronnen``, an Airflow connection and a pool."""

    name: str
    title: str

    @property
    def connection(self) -> str:
        """Name of the Airflow connection, and of the pool that bounds how many tasks ask it at once."""
        return f"bron_{self.name}"

    @property
    def questions(self) -> tuple[Any, ...]:
        """The ``VRAGEN`` that this source is asked for the toets, in order."""
        vragen: tuple[Any, ...] = resolve_name(f"include.bronnen.{self.name}:VRAGEN")
        return vragen


BRP = Source("brp", "the BRP")
BIJSTAND = Source("bijstand", "the bijstand register")
UWV = Source("uwv", "UWV")
BELASTINGDIENST = Source("belastingdienst", "the Belastingdienst")
RDW = Source("rdw", "the RDW")


class Again(Enum):
    """What a step does when it is run again, after a failure or because ops cleared it."""

    ANEW = "begins anew"
    UNTIL_PUBLISHED = "is repeated, and has nothing left to do once this run has published"
    FINISH = "finishes what was cut short, and repeats nothing"


@dataclass(frozen=True)
class Step:
    """One task of a DAG.

    ``function`` is ``module:name`` of what does the work; ``summary`` says what that is, for the docs; ``failure``
    what its failure means for citizens, for the alert and the runbook.
    """

    name: str
    function: str
    summary: str
    failure: str
    source: Source | None = None
    again: Again = Again.UNTIL_PUBLISHED

    @property
    def pool(self) -> str:
        """The pool that its task takes a slot of."""
        return self.source.connection if self.source else "default_pool"

    @cached_property
    def call(self) -> Callable[..., Any]:
        """The function itself, imported when it is first asked for."""
        function: Callable[..., Any] = resolve_name(self.function)
        return function


Stage = tuple[Step, ...]
"""Steps that do not wait for each other."""


@dataclass(frozen=True)
class Pipeline:
    """One service: what happens first, then per organisation (mapped, in ``group``), then at the end."""

    product: Product
    dag_id: str
    opening: tuple[Step, ...]
    group: str
    branch: tuple[Stage, ...]
    closing: tuple[Step, ...]
    of_organisation: tuple[str, ...]
    """Tasks outside the group that are mapped over the organisations too."""

    @property
    def branch_steps(self) -> Iterator[Step]:
        """The steps of one organisation, in order."""
        return chain.from_iterable(self.branch)

    @property
    def steps(self) -> Iterator[Step]:
        """Every step, in order."""
        return chain(self.opening, self.branch_steps, self.closing)

    @property
    def branch_tasks(self) -> tuple[str, ...]:
        """The task_ids that carry the name of one organisation, in order."""
        return (*self.of_organisation, *(f"{self.group}.{step.name}" for step in self.branch_steps))

    def step(self, task_id: str) -> Step:
        """Return the step of a task, with or without the group it is in. Raises KeyError."""
        name = task_id.rsplit(".", 1)[-1]
        return {step.name: step for step in self.steps}[name]

    def until(self, name: str) -> Iterator[Step]:
        """The steps of one organisation up to and including the one with this name."""
        for step in self.branch_steps:
            yield step
            if step.name == name:
                return


_RONDE_WAITS = "no source was asked and nothing was published; every organisation waits for its reports."
_ORGANISATION_WAITS = (
    "nobody gets a wrong outcome; nothing of this organisation was published in this run, and its reports are late "
    "when this is not mended before the end of the rapportagemaand."
)
_LISTS_WAIT = "this organisation waits for its lists, of this levering only; nobody gets a wrong list."
SWEEP = Step(
    "bewaartermijn_toepassen",
    "include.steps.audit:ruim_op",
    "Remove and register everything that is due; with `voorbeeld` only say what would go (besluit B55).",
    "personal data may be kept longer than the 90 days of the law until this is mended.",
    again=Again.FINISH,
)

BIJZONDERE_BIJSTAND = Pipeline(
    product=Product.BIJZONDERE_BIJSTAND,
    dag_id="bijzondere_bijstand",
    opening=(
        Step(
            "ronde_openen",
            "include.steps.rondes:open_voor_verwerking",
            "Check that the ronde can run and name the organisations that take part (besluiten B2, B3, B9, B53a).",
            _RONDE_WAITS,
            again=Again.ANEW,
        ),
        Step(
            "intake",
            "include.steps.rondes:neem_in",
            "Settle which delivery of one organisation counts and which of its rows are accepted (besluiten B2, "
            "B10-B21).",
            "this organisation was not tested, no source was asked about its households. The others go on; but if "
            "nobody can tell whom it delivered, the reports of the others wait too (besluit B52).",
            again=Again.ANEW,
        ),
        Step(
            "ronde_samenstellen",
            "include.steps.rondes:stel_samen",
            "List every organisation with its intake, and find who was delivered by more than one (besluit B52).",
            _RONDE_WAITS,
            again=Again.ANEW,
        ),
    ),
    of_organisation=("intake",),
    group="toetsing",
    branch=(
        (
            Step(
                "huishouden_brp",
                "include.steps.toetsing:bepaal_huishoudens",
                "Ask the BRP and derive every household (besluiten B22-B27); skips an organisation without rows to "
                "test (besluit B53).",
                _ORGANISATION_WAITS,
                source=BRP,
                again=Again.ANEW,
            ),
        ),
        (
            Step(
                "bijstand_ophalen",
                "include.steps.toetsing:bevraag",
                "Ask the bijstand register who has a running uitkering: that decides who is asked about at UWV "
                "(besluit B28).",
                _ORGANISATION_WAITS,
                source=BIJSTAND,
            ),
        ),
        (
            Step(
                "uwv_ophalen",
                "include.steps.toetsing:bevraag",
                "Ask UWV for income in peilmaand and pension window (besluiten B4, B5).",
                _ORGANISATION_WAITS,
                source=UWV,
            ),
            Step(
                "belastingdienst_ophalen",
                "include.steps.toetsing:bevraag",
                "Ask the Belastingdienst for accounts and heffingskortingen (besluiten B6, B34, B36).",
                _ORGANISATION_WAITS,
                source=BELASTINGDIENST,
            ),
            Step(
                "rdw_ophalen",
                "include.steps.toetsing:bevraag",
                "Ask the RDW for vehicles, when the organisation wants them shown (besluit B41).",
                _ORGANISATION_WAITS,
                source=RDW,
            ),
        ),
        (
            Step(
                "regels_toetsen",
                "include.steps.toetsing:toets_regels",
                "Apply the rules to what was fetched (besluiten B28-B51).",
                _ORGANISATION_WAITS,
            ),
        ),
        (
            Step(
                "rapporten_maken",
                "include.steps.rapporten:maak_rapporten",
                "Write overzicht and detailrapportage, read them back and compare them (besluiten B44-B53).",
                _ORGANISATION_WAITS,
            ),
        ),
        (
            Step(
                "goedkeuren",
                "include.steps.publicatie:vergelijk",
                "Compare the outcomes with the last ronde that had the same instellingen; when they shifted and "
                "BIDN_GOEDKEURING asks it, wait for a human, and fail when that human turns the publication down.",
                _ORGANISATION_WAITS,
            ),
        ),
        (
            Step(
                "publiceren",
                "include.steps.publicatie:publiceer_rapporten",
                "Make both reports visible at once, as a new version if the content changed, and remove the "
                "intermediates (besluiten B55, B56).",
                "the reports of this organisation are out whole or not at all. If they are not out, what was fetched "
                "about its households is kept until this is mended, or until the sweep takes it, 7 days after it "
                "was written.",
                again=Again.FINISH,
            ),
        ),
        (
            Step(
                "notificeren",
                "include.steps.publicatie:meld_rapporten",
                "Mail the productbeheerders that the reports are ready, at most once each (besluit B54).",
                "the reports are published and can be fetched; not everybody at the organisation has heard of them.",
                again=Again.FINISH,
            ),
        ),
    ),
    closing=(
        SWEEP,
        Step(
            "ronde_afsluiten",
            "include.steps.rondes:sluit",
            "Close the ronde with its summary, and fail the run when a task of it failed or an organisation is not "
            "done.",
            "what was published is right and stays; the organisations that are not published wait for their reports.",
            again=Again.ANEW,
        ),
    ),
)

ALLEENVERDIENERS = Pipeline(
    product=Product.ALLEENVERDIENERS,
    dag_id="alleenverdieners",
    opening=(
        Step(
            "leveringen_zoeken",
            "include.steps.selectielijsten:zoek",
            "Ask the Belastingdienst which leveringen it has, and find those that were not taken in yet (besluit A1).",
            "nothing new is taken in or published until this is mended; what was published stays.",
            source=BELASTINGDIENST,
            again=Again.ANEW,
        ),
        Step(
            "levering_innemen",
            "include.steps.selectielijsten:haal_binnen",
            "Fetch one levering, verify and judge it; one that is rejected as a whole fails here (besluit A2).",
            "nothing of this levering is published, so no gemeente can act on it yet; other leveringen go on.",
            source=BELASTINGDIENST,
            again=Again.ANEW,
        ),
        Step(
            "verdeling_maken",
            "include.steps.verdeling:verdeel",
            "Find which organisation is to get which lists, of new leveringen and of rows held back before (besluit "
            "A3).",
            "nothing is published in this run; what was published stays.",
            again=Again.ANEW,
        ),
    ),
    of_organisation=(),
    group="verdeling",
    branch=(
        (
            Step(
                "lijsten_maken",
                "include.steps.lijsten:maak_lijsten",
                "Write one list per gemeente of the organisation, and read it back (besluit A4).",
                _LISTS_WAIT,
                again=Again.FINISH,
            ),
        ),
        (
            Step(
                "publiceren",
                "include.steps.lijsten:publiceer_lijsten",
                "Make the lists visible and remove the intermediates (besluiten B55, B56, A5).",
                "each list of this organisation is out whole or not at all; clearing publishes what is missing.",
                again=Again.FINISH,
            ),
        ),
        (
            Step(
                "notificeren",
                "include.steps.lijsten:meld_lijsten",
                "Mail the productbeheerders that the lists are ready, at most once each (besluit B54).",
                "the lists are published and can be fetched; not everybody at the organisation has heard of them.",
                again=Again.FINISH,
            ),
        ),
    ),
    closing=(
        SWEEP,
        Step(
            "run_afsluiten",
            "include.steps.lijsten:verantwoord",
            "Account for every row, and fail the run when any task of it failed.",
            "what was published is right and stays; gemeenten whose lists are not published wait for them.",
            again=Again.ANEW,
        ),
    ),
)

PIPELINES = {pipeline.dag_id: pipeline for pipeline in (BIJZONDERE_BIJSTAND, ALLEENVERDIENERS)}
SOURCES = tuple(
    dict.fromkeys(step.source for pipeline in PIPELINES.values() for step in pipeline.steps if step.source)
)
"""Every source that is asked, each once."""
