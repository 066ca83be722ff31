"""The deadline of a ronde: reports are out by the last day of the rapportagemaand (besluit B3).

Airflow works a deadline out when a run is created and alerts when it passes and the run has not succeeded. Without a
run there is no deadline: the DAG ``termijnbewaking`` looks after that.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import DAG
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from bidn_operators.alerts import runbook, verzend
from include.errors import BidnFout

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

VOORAF_DAGEN = 5


@dataclass(eq=False)
class EindeRapportagemaand(BaseDeadlineReference):
    """The first moment after the rapportagemaand of the ronde that a run is for, ``dagen`` days earlier if given.

    None, so no alert, for a run that says no ronde, and for one created after that moment: a backfill of the past
    cannot be in time any more.
    """

    dagen: int = 0
    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str) -> datetime | None:
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        vraag = select(DagRun.partition_key, DagRun.conf).where(
            DagRun.dag_id == dag_id, DagRun.run_id == run_id
        )
        rij = session.execute(vraag).one_or_none()
        moment = self.moment((rij.partition_key or (rij.conf or {}).get("ronde")) if rij else None)
        return moment if moment and moment > _nu() else None

    def moment(self, ronde: str | None) -> datetime | None:
        """Return the moment for a ronde, in UTC; None when the text is no ronde."""
        from include.moments import start_of
        from include.normen import laden

        try:
            einde = laden.ronde(str(ronde)).rapportagemaand.plus(1).eerste_dag
        except BidnFout:
            return None
        return start_of(einde - timedelta(days=self.dagen))

    def serialize_reference(self) -> dict[str, Any]:
        """Return what tells two of them apart."""
        return super().serialize_reference() | {"dagen": self.dagen}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> EindeRapportagemaand:
        """Read what ``serialize_reference`` wrote."""
        return cls(dagen=reference_data["dagen"])


def waarschuw(context: dict[str, Any], dagen: int) -> None:
    """Mail ops who has no reports yet; silent when everybody has. Runs outside any task, when a deadline passes."""
    from include.normen import laden
    from include.steps.termijn import niet_gepubliceerd
    from include.steps.verwerking import Opslag

    run = context["dag_run"]
    ronde = laden.ronde(str(run.get("partition_key") or (run.get("conf") or {}).get("ronde")))
    namen = niet_gepubliceerd(Opslag(), ronde)
    if not namen:
        log.info("ronde %s: everybody is published, no alert", ronde)
        return
    laatste = ronde.rapportagemaand.laatste_dag
    wanneer = f"due in {dagen} days, on {laatste}" if dagen else f"late: due on {laatste}"
    verzend(
        f"{len(namen)} not published, ronde {ronde} is {'due' if dagen else 'late'}",
        "\n".join(
            [
                f"Ronde {ronde}: the reports of {len(namen)} organisations are {wanneer}.",
                "",
                *(f"* {naam}" for naam in namen),
                "",
                f"Run: {run['dag_run_id']} of {run['dag_id']} ({run['state']})",
                "Citizens: their gemeente cannot act on this month's toets until the reports are out.",
                f"What to do: {runbook('deadline')}",
            ]
        ),
    )


def _nu() -> datetime:
    return datetime.now(UTC)


def _alert(naam: str, dagen: int) -> DeadlineAlert:
    return DeadlineAlert(
        reference=EindeRapportagemaand(dagen),
        interval=timedelta(0),
        callback=SyncCallback(f"{__name__}.{waarschuw.__name__}", kwargs={"dagen": dagen}),
        name=naam,
    )


class DagMetTermijn(DAG):
    """A DAG with deadlines on which ``dag.test()`` works.

    Airflow 3.3.2 looks the deadlines of a run that succeeded up by the ids they got when they were stored, and those
    a run of ``dag.test()`` does not have: it would end in an error. Such a run, which only tries, has no deadline.
    """

    def test(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as DAG.test
        """Run it once in this process; see ``DAG.test``."""
        termijn, self.deadline = self.deadline, None
        try:
            return super().test(*args, **kwargs)
        finally:
            self.deadline = termijn


TERMIJN = [_alert("five days ahead", VOORAF_DAGEN), _alert("end of the rapportagemaand", 0)]
"""The ``deadline`` of a DAG whose runs are rondes."""
