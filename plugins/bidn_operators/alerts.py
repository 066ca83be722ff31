"""What ops hear of a failure: in the log of the task, and in one mail per run.

Both name task, organisation, ronde and the class of the error, say what it means for citizens, and lead to the
runbook. The mail holds no data and no error text.
"""

from __future__ import annotations

import html
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import BaseNotifier

from bidn_operators.operators.run import gevraagde_ronde, toestanden
from bidn_operators.operators.task import OnverwachteFout, soort
from include import errors
from include.errors import BidnFout
from include.pipeline import PIPELINES
from include.settings import omgeving

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context
    from airflow.sdk.definitions.mappedoperator import MappedOperator

log = logging.getLogger(__name__)

SLEUTEL = "melding"
"""Under this key a failed task leaves its Melding for the mail of its run."""
ONBEKEND = "unexpected-error"
"""Section of the runbook for what is no error of ours."""
MEESTE_REGELS = 40


@dataclass(frozen=True)
class Melding:
    """One failed task, in what may be told about it anywhere."""

    dag: str
    taak: str
    """Its task_id, with the group it is in."""
    plaats: int
    """Its position when it is mapped, -1 when it is not."""
    betreft: str
    """The organisation or levering, by the label that Airflow shows; empty for the run as a whole."""
    periode: str
    """The ronde; empty for a DAG without."""
    klasse: str
    """Name of the exception's class, empty when nobody knows: killed, or out of time."""
    sectie: str
    """The section of the runbook about this class of errors."""
    gevolg: str
    """What it means for citizens."""

    @classmethod
    def van(cls, context: Context) -> Melding:
        """Return the melding of the task that failed in ``context``."""
        ti, fout = context["ti"], context.get("exception")
        return cls(
            dag=ti.dag_id,
            taak=ti.task_id,
            plaats=ti.map_index if ti.map_index is not None else -1,
            betreft=_op_een_regel(getattr(ti, "rendered_map_index", None) or ""),
            periode=gevraagde_ronde(context) or "",
            klasse=soort(fout) if isinstance(fout, BaseException) else "",
            sectie=anker_fout(type(fout)),
            gevolg=gevolg(ti.dag_id, context["task"]),
        )

    @property
    def kenmerk(self) -> str:
        """The name by which Airflow tells the states of the tasks of a run."""
        return self.taak if self.plaats < 0 else f"{self.taak}_{self.plaats}"

    @property
    def links(self) -> list[str]:
        """Where the runbook speaks of this task and of this error."""
        return [runbook(anker_taak(self.dag, self.taak)), runbook(self.sectie)]

    def __str__(self) -> str:
        over = ", ".join(deel for deel in (self.betreft, self.periode and f"ronde {self.periode}") if deel)
        return (
            f"{self.taak}{f' ({over})' if over else ''}: {self.klasse or 'ended without an error of its own'}"
        )


class Foutmelding(BaseNotifier):
    """For every task: end its log with what ops need, and leave a line for the mail of the run."""

    def notify(self, context: Context) -> None:
        """Leave the melding, and log: what it means, where to read on, and last what to do."""
        melding, fout = Melding.van(context), context.get("exception")
        context["ti"].xcom_push(SLEUTEL, asdict(melding))
        # Airflow folds away what callbacks log: the fold ends here.
        log.info("::endgroup::")
        log.error("Failed for good: %s. Citizens: %s", melding, melding.gevolg)
        log.error("What to do: %s", " and ".join(melding.links))
        if isinstance(fout, (BidnFout, OnverwachteFout)):  # of others the words stay out
            log.error("%s", fout)


class Alarm(BaseNotifier):
    """For the closing task of a run: one mail about everything that failed in it, to BIDN_ALARM_AAN."""

    def notify(self, context: Context) -> None:
        """Gather what the failed tasks left, and mail; not of a run by hand that asked for a wrong ronde."""
        eigen = Melding.van(context)
        mislukt = {taak for taak, toestand in toestanden(context).items() if toestand == "failed"}
        meldingen = [
            melding for melding in _achtergelaten(context) if melding.kenmerk in mislukt - {eigen.kenmerk}
        ]
        gewacht = sum(toestand == "upstream_failed" for toestand in toestanden(context).values())
        zonder = sorted(mislukt - {melding.kenmerk for melding in meldingen} - {eigen.kenmerk})
        if _vergissing(context, meldingen) and not zonder:
            log.info("nobody is alarmed: whoever started this run by hand asked for a ronde that cannot run")
            return
        verzend(
            f"{len(meldingen) + len(zonder) or 1} failed, {eigen.dag} {eigen.periode}",
            tekst(meldingen or [eigen], zonder=zonder, gewacht=gewacht, run=run_url(context)),
        )


def tekst(meldingen: Sequence[Melding], *, zonder: Sequence[str], gewacht: int, run: str) -> str:
    """Return the body of the mail about a run.

    Args:
        meldingen: what failed.
        zonder: tasks that failed without leaving a melding: killed, or out of time.
        gewacht: number of tasks that did not run because of it.
        run: address of the run in Airflow.
    """
    regels = [f"Run: {run}", ""]
    for melding in meldingen[:MEESTE_REGELS]:
        regels += [
            f"* {melding}",
            f"  Citizens: {melding.gevolg}",
            f"  What to do: {' and '.join(melding.links)}",
            "",
        ]
    if len(meldingen) > MEESTE_REGELS:
        regels += [f"* and {len(meldingen) - MEESTE_REGELS} more", ""]
    if zonder:
        regels += [
            f"* ended without an error of their own (killed, or out of time): {', '.join(zonder[:MEESTE_REGELS])}",
            f"  What to do: {runbook(ONBEKEND)}",
            "",
        ]
    if gewacht:
        regels += [f"{gewacht} tasks did not run because of it.", ""]
    return "\n".join([*regels, "What went wrong is in the log of each task; this mail holds no data."])


def verzend(onderwerp: str, inhoud: str) -> int:
    """Mail an alert to every address in BIDN_ALARM_AAN (separated by commas); return how many were taken.

    Nothing is sent when it is not set, or the mail server does not take it: the log says so, and no exception, for
    the failure that the alert is about must not be hidden by another.
    """
    adressen = [adres.strip() for adres in os.environ.get("BIDN_ALARM_AAN", "").split(",") if adres.strip()]
    if not adressen:
        log.warning("No alert was mailed (%s): BIDN_ALARM_AAN is not set.", onderwerp)
        return 0
    from bidn_operators.hooks.mail import MailHook
    from include.rapportage.mail import Mail
    from include.steps.notificeren import Bezorging

    waarschuwing = "" if omgeving().is_productie else f"[{omgeving().soort.upper()}] "
    mail = Mail(
        onderwerp=f"{waarschuwing}BIDN: {_op_een_regel(onderwerp)}",
        tekst=inhoud,
        html=f"<pre>{html.escape(inhoud)}</pre>",
        taal="en",
    )
    antwoorden = [MailHook().bezorg(mail, adres) for adres in adressen]
    for bezorging, antwoord in antwoorden:
        if bezorging is not Bezorging.AANGENOMEN:
            log.error("An alert was not mailed (%s): %s.", onderwerp, antwoord)
    return sum(bezorging is Bezorging.AANGENOMEN for bezorging, _ in antwoorden)


def gevolg(dag: str, taak: BaseOperator | MappedOperator) -> str:
    """Return what it means for citizens when a task fails: the pipeline says so, or the operator itself."""
    if pipeline := PIPELINES.get(dag):
        return pipeline.step(taak.task_id).failure
    return getattr(taak, "gevolg", "")


def runbook(anker: str) -> str:
    """Return the address of a section of the runbook; BIDN_RUNBOOK says where ops read it."""
    return f"{os.environ.get('BIDN_RUNBOOK') or 'docs/runbook.md'}#{anker}"


def anker_taak(dag: str, taak: str) -> str:
    """Return the section about a task; the group it is in does not matter."""
    return f"{dag}-{taak.rsplit('.', 1)[-1]}"


def anker_fout(klasse: type) -> str:
    """Return the section about a class of errors: of what it is a kind of, or that of what is not ours."""
    eigen = [soort for soort in klasse.__mro__ if soort in eigen_fouten()]
    return eigen[0].__name__.lower() if eigen else ONBEKEND


def eigen_fouten() -> list[type[BidnFout]]:
    """Return every class of include/errors.py."""
    return [
        soort for soort in vars(errors).values() if isinstance(soort, type) and issubclass(soort, BidnFout)
    ]


def _vergissing(context: Context, meldingen: Sequence[Melding]) -> bool:
    """Tell whether nothing went wrong but the ronde that somebody asked for, who sees the run end."""
    met_de_hand = getattr(context["dag_run"], "run_type", None) == "manual"
    return met_de_hand and [melding.klasse for melding in meldingen] == [errors.RondeFout.__name__]


def _achtergelaten(context: Context) -> list[Melding]:
    taken = list(context["dag"].task_ids)
    gevonden: list[dict[str, Any] | None] = context["ti"].xcom_pull(task_ids=taken, key=SLEUTEL)
    return [Melding(**melding) for melding in gevonden if melding]


def run_url(context: Context) -> str:
    """Return the address of a run in Airflow."""
    run = context["dag_run"]
    return f"{_airflow()}/dags/{run.dag_id}/runs/{quote(run.run_id, safe='')}"


def rondes_url(ronde: str) -> str:
    """Return the address of the page Rondes, at one ronde."""
    return f"{_airflow()}/bidn/rondes/?periode={ronde}"


def _airflow() -> str:
    from airflow.sdk.configuration import conf

    return str(conf.get("api", "base_url", fallback="")).rstrip("/")


def _op_een_regel(tekst_: str) -> str:
    return " ".join(tekst_.split())
