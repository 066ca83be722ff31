"""### Bewaartermijn

Removes, every night, what has had its 90 days: reports after publication, deliveries and their verwerkingsverslag
after the first publication that used them (never used: after the rapportagemaand; replaced or afgekeurd: after
receipt), logs of runs after their last line. What a run fetched goes too, unless its branch has not ended and it is
younger than 7 days. Each removal is entered in the destruction register. The monthly DAG sweeps too; this one keeps
the legal limit from being overshot in between.

Trigger it by hand with `voorbeeld` to see what would go, without removing anything.

**Starts paused**, as every DAG here, so that nothing is removed before the installation is complete. While it is
paused, data is kept too long: unpause it then.

**Clear or start anew?** Either. A sweep that was cut short is finished by the next, this one or that of the monthly
DAG; a file that cannot be removed fails the task after everything else is gone.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronTriggerTimetable, Param

from bidn_operators.defaults import ALARM, STANDAARD
from bidn_operators.operators.bewaartermijn import BewaartermijnToepassenOperator

with DAG(
    dag_id="bewaartermijn",
    dag_display_name="Bewaartermijn: opruimen na 90 dagen",
    description="Removes every night what has had its 90 days, and enters it in the destruction register.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 0 * * *", timezone="Europe/Amsterdam"),
    start_date=datetime(2022, 1, 1),  # noqa: DTZ001 - Airflow reads it in the timetable's zone
    catchup=False,
    max_active_runs=1,
    default_args=STANDAARD,
    params={
        "voorbeeld": Param(
            False,
            type="boolean",
            title="Preview only",
            description="List what would be removed; remove nothing.",
        )
    },
    tags=["bewaartermijn", "dagelijks"],
):
    BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen", on_failure_callback=ALARM)
