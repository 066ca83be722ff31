"""### Doelgroepselectielijst Alleenverdieners

Brings every gemeente the list of households that the Belastingdienst selected (art. 78gg Participatiewet): one CSV
per gemeente, to the organisations with an active registration (mutatieformulier) for this product. Nothing is selected
here; the lists hold burgerservicenummers and gemeentecodes and nothing else.

**Every morning** the DAG looks for leveringen it has not taken in yet. If there is nothing new, `levering_innemen` and
`verdeling` stay pink (skipped) and the run is green. A levering is taken in once. One that is rejected as a whole fails
in `levering_innemen`, once, with its verslag; others go on. It is taken in again as soon as the Belastingdienst changes
the file or what it announces of it.

**Rows without a destination** (nobody is registered for their gemeente) are held back and counted. A run after the
registration publishes them, up to and including the 90th day after the delivery.

**On demand.** Trigger a run with the parameter `levering` to take in that one, or to look again at one that was
published before. A list that changed then gets a new version, and the previous one stays retrievable until its own 90
days end. Of a list that did not change nothing is published and nobody is mailed.

**Starts paused**, as every DAG here, so that no list goes out before the installation is complete and the
organisations are registered: unpause it then.

**Clear or start anew?** To finish a failed task in this run, clear it *with everything after it* (*Downstream*).
Clearing never publishes or mails twice. Or leave it: the next run finds what is not published and publishes it. A mail
that was not sent is sent only by clearing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, chain, task_group

from bidn_operators.defaults import SLOT, STANDAARD
from bidn_operators.operators.alleenverdieners import (
    LeveringenZoekenOperator,
    RunAfsluitenOperator,
    VerdelingMakenOperator,
)
from bidn_operators.operators.bewaartermijn import BewaartermijnToepassenOperator
from bidn_operators.operators.step import LeveringStep, VerdelingStep
from include.pipeline import ALLEENVERDIENERS, BELASTINGDIENST

with DAG(
    dag_id=ALLEENVERDIENERS.dag_id,
    dag_display_name="Alleenverdieners: doelgroepselectielijst",
    description="Brings every gemeente the list of the households that the Belastingdienst selected in it.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 6 * * *", timezone="Europe/Amsterdam"),
    start_date=datetime(2022, 1, 1),  # noqa: DTZ001 - Airflow reads it in the timetable's zone
    catchup=False,
    max_active_runs=1,
    default_args=STANDAARD,
    params={
        "levering": Param(
            None,
            type=["null", "string"],
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$",
            title="Levering",
            description=(
                "Name of one levering, as the Belastingdienst announces it (avd_2026_01): takes in and publishes only "
                "that one, again if it was published before. Empty: whatever is new or still to be published."
            ),
        )
    },
    tags=["alleenverdieners", "dagelijks"],
):
    zoeken = LeveringenZoekenOperator(task_id="leveringen_zoeken", pool=BELASTINGDIENST.connection)
    innemen = LeveringStep.partial(
        task_id="levering_innemen",
        pool=BELASTINGDIENST.connection,
        map_index_template="{{ task.aankondiging['levering'] }}",
    ).expand(aankondiging=zoeken.output)
    # Whatever became of new leveringen: earlier ones may have rows that can go out now.
    maken = VerdelingMakenOperator(
        task_id="verdeling_maken",
        gezocht=zoeken.output,
        ingenomen=innemen.output,
        trigger_rule="all_done",
    )

    @task_group(group_id=ALLEENVERDIENERS.group)
    def verdeling(verdeling: dict[str, Any]) -> None:
        """One organisation: its lists, one per gemeente."""
        chain(
            *(
                VerdelingStep(
                    task_id=step.name,
                    pool=step.pool,
                    verdeling=verdeling,
                    map_index_template="{{ task.verdeling['naam'] }}",
                )
                for [step] in ALLEENVERDIENERS.branch
            )
        )

    takken = verdeling.expand(verdeling=maken.output)
    bewaartermijn = BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen", trigger_rule="all_done")
    afsluiten = RunAfsluitenOperator(task_id="run_afsluiten", gezocht=zoeken.output, **SLOT)
    takken >> bewaartermijn
    [takken, bewaartermijn] >> afsluiten
