"""### Termijnbewaking

Looks every morning at what no run can tell, because there is none:

* **Does the ronde run?** If anybody delivered for the ronde, it must have been opened by the 2nd of the
  rapportagemaand. If it was not, this DAG fails and ops are mailed, every day until it is.
* **Is a delivery about to be lost?** One that counts and was never published is named every day from 14 days before it
  is removed (besluit B55), and this DAG fails: after that day nobody can make its reports any more.
* **Do the norms last?** From two months before a table of norms ends, ops are mailed every Monday: extend the file
  that the message names. On other days it is only in the log.

The deadline itself, five days ahead and when the rapportagemaand is over, is an alert of the run of
`bijzondere_bijstand`, and silent for organisations that have their reports.

**Starts paused**, as every DAG here, so that nobody is alarmed before the installation is complete. While it is
paused, nobody is warned: unpause it then.

**Clear or start anew?** Neither is needed: mend the cause, and the next morning is green. Trigger it by hand to see
at once whether it is mended.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, CronTriggerTimetable

from bidn_operators.defaults import ALARM, STANDAARD
from bidn_operators.operators.termijn import TermijnenBewakenOperator

with DAG(
    dag_id="termijnbewaking",
    dag_display_name="Termijnbewaking: loopt alles op tijd",
    description="Tells ops when a ronde did not start, a delivery is about to be lost, or norms run out.",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 7 * * *", timezone="Europe/Amsterdam"),
    start_date=datetime(2022, 1, 1),  # noqa: DTZ001 - Airflow reads it in the timetable's zone
    catchup=False,
    max_active_runs=1,
    default_args=STANDAARD,
    tags=["termijn", "dagelijks"],
):
    TermijnenBewakenOperator(task_id="termijnen_bewaken", on_failure_callback=ALARM)
