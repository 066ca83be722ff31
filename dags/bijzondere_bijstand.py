"""### Inkomens- en vermogenstoets categoriale Bijzondere Bijstand

Tests, once a month, the households of every organisation that handed in a vraagbestand, and publishes an
overzichtsrapportage (CSV) and a detailrapportage (XML) per organisation.

**Run = ronde.** A run is for one ronde (`JJJJ-MM`, the month of the deelnamedatum) and starts on the 1st of the
month after it, the rapportagemaand. The reports are due on its last day. Everything follows from the ronde, so a
missed one can be run later: *backfill* its month, or trigger a run with the parameter `ronde`.

**One branch per organisation.** The branches in `toetsing` carry the organisation's name. One that fails stops
only itself; the run then ends failed. Mend the cause that the task names, and clear *only the failed tasks* of this
run: the branch resumes and the run ends green. If `intake` failed, its branch was skipped: clear that `intake` with
everything after it (*Downstream*). What was published is not published or mailed again, unless `huishouden_brp` is
cleared and a source now answers differently.

**Only one fact crosses organisations**: a report says who was delivered by others too (besluit B52). If neither a
delivery nor its accepted rows can be read, nobody can say that: the reports of the others then fail in
`rapporten_maken`, name that organisation, and come along when its `intake` is cleared with everything after it.

**Starts paused**, as every DAG here, so that no source is asked before the installation is complete and the
organisations are registered: unpause it then.

**Clear or start anew?** Clear to finish what failed. Start a new run of the same ronde to reprocess it: what
changed is published as a new version, and the previous one stays retrievable until its own 90 days end. When the
content is the same, nothing is published and nobody is mailed.

**A branch in pink** (skipped) has nothing to test, and its log says why: its delivery has no valid row (the
organisation has its verwerkingsverslag and gets no reports), its delivery is past its term and gone, or its intake
failed.

**A delivery that is gone** (besluit B55: 90 days after its first publication, or after the rapportagemaand when it was
never published) cannot be tested. The others are published, the ronde is closed, and the run ends failed and names
whose it was. If every delivery is gone, `ronde_openen` fails. Clearing helps in neither case.

**Registered or delivered too late** for the opening (besluit B53a): the run ends failed and names who. Clear
`ronde_openen` with everything after it, or start a new run. A run that finds that another one has opened its ronde
since ends failed too, and leaves it as it is.

**Outcomes that shifted** (twice the share of J of a test, by default) against the last ronde of the organisation with
the same instellingen are noted by `goedkeuren`. With `BIDN_GOEDKEURING=ja` the reports of those organisations wait for
a human, under *Required actions* of the run; all others go on. *Do not publish* fails that branch, and the run: mend
the cause and start a new run.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from airflow.sdk import CronPartitionTimetable, Param, cross_downstream, task_group

from bidn_operators.deadline import TERMIJN, DagMetTermijn
from bidn_operators.defaults import SLOT, STANDAARD
from bidn_operators.operators.bewaartermijn import BewaartermijnToepassenOperator
from bidn_operators.operators.goedkeuring import GoedkeurenOperator
from bidn_operators.operators.ronde import (
    RondeAfsluitenOperator,
    RondeOpenenOperator,
    RondeSamenstellenOperator,
)
from bidn_operators.operators.step import IntakeStep, VerwerkingStep
from include.pipeline import BIJZONDERE_BIJSTAND

with DagMetTermijn(
    dag_id=BIJZONDERE_BIJSTAND.dag_id,
    dag_display_name="Bijzondere Bijstand: inkomens- en vermogenstoets",
    description="Tests, once a month, the households that organisations handed in, and publishes their reports.",
    doc_md=__doc__,
    # At 00:00, so that a run by hand and a backfill of the same ronde know each other.
    schedule=CronPartitionTimetable(
        "0 0 1 * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m"
    ),
    start_date=datetime(2022, 1, 1),  # noqa: DTZ001 - Airflow reads it in the timetable's zone
    catchup=False,
    max_active_runs=1,
    deadline=TERMIJN,
    default_args=STANDAARD,
    params={
        "ronde": Param(
            None,
            type=["null", "string"],
            pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
            title="Ronde",
            description=(
                "Month of the deelnamedatum, as JJJJ-MM (2026-09), for a run started by hand without a partition key. "
                "Its rapportagemaand (the month after it) must have begun."
            ),
        )
    },
    tags=["bijzondere-bijstand", "maandelijks"],
):
    openen = RondeOpenenOperator(task_id="ronde_openen")
    intake = IntakeStep.partial(
        task_id="intake", map_index_template="{{ task.deelnemer['organisatie'] }}"
    ).expand(deelnemer=openen.output)
    samenstellen = RondeSamenstellenOperator(
        task_id="ronde_samenstellen",
        deelnemers=openen.output,
        ingenomen=intake.output,
        trigger_rule="all_done_min_one_success",
    )

    @task_group(group_id=BIJZONDERE_BIJSTAND.group)
    def toetsing(verwerking: dict[str, Any]) -> None:
        """One organisation: its household, its sources, the rules, its reports."""
        stages = [
            [
                (GoedkeurenOperator if step.name == "goedkeuren" else VerwerkingStep)(
                    task_id=step.name,
                    pool=step.pool,
                    verwerking=verwerking,
                    map_index_template="{{ task.verwerking['organisatie'] }}",
                )
                for step in stage
            ]
            for stage in BIJZONDERE_BIJSTAND.branch
        ]
        for before, after in pairwise(stages):
            cross_downstream(before, after)

    takken = toetsing.expand(verwerking=samenstellen.output)
    bewaartermijn = BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen", trigger_rule="all_done")
    afsluiten = RondeAfsluitenOperator(task_id="ronde_afsluiten", **SLOT)
    takken >> bewaartermijn
    [takken, bewaartermijn] >> afsluiten
