"""``python -m bidn_operators.preload <command of airflow>``: Airflow, with what every task needs already in memory.

LocalExecutor forks every task from the scheduler, and Celery from the worker. Loading our modules and theirs, binding
the database models and building the schemas takes a task more than a second; most of its work takes less. Nothing
else differs from ``airflow``, whose commands and options this takes.
"""

from __future__ import annotations

import importlib
import logging
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from include.pipeline import BIJZONDERE_BIJSTAND, PIPELINES

log = logging.getLogger(__name__)

_OPERATORS = ("alleenverdieners", "bewaartermijn", "goedkeuring", "ronde", "step")
NEEDED_BY_TASKS = (
    "airflow.sdk.definitions.decorators.task_group",
    "bidn_operators.deadline",
    "bidn_operators.defaults",
    *(f"bidn_operators.operators.{name}" for name in _OPERATORS),
)


def preload() -> None:
    """Load what tasks need, and take a vraagbestand with nobody in it through all steps: no source is asked.

    Norms and gemeenten are forgotten again: a task judges by the files as they are when it runs.
    """
    from sqlalchemy.orm import configure_mappers

    for module in NEEDED_BY_TASKS:
        importlib.import_module(module)
    for pipeline in PIPELINES.values():
        for step in pipeline.steps:
            _ = step.call
    configure_mappers()

    from include.errors import BidnFout
    from include.normen import laden

    try:
        _rehearse()
    except BidnFout as error:
        log.warning("Nothing was rehearsed, and tasks will say so themselves: %s", error)

    laden.vergeet()


def _rehearse() -> None:
    from include.bronnen.client import Bronclient
    from include.intake.valideren import beoordeel
    from include.normen import laden
    from include.normen.gemeenten import actieve_gemeenten
    from include.normen.kalender import Maand
    from include.rapportage.kop import Kop
    from include.rapportage.verwerkingsverslag import verslag_csv
    from include.schemas.instellingen import Instellingen
    from include.steps.branch import Toetsing
    from include.steps.local_branch import LocalBranch
    from include.steps.workfiles import LocalFiles

    first, _ = laden.dekking()
    ronde = laden.ronde(Maand(first.year, first.month).plus(1))
    day = ronde.deelnamedatum
    intake = beoordeel(
        b"0014;J;;;;;;;;;\r\n",
        deelnamedatum=day,
        gemeentecodes=frozenset({"0014"}),
        actieve_gemeenten=actieve_gemeenten(day),
    )
    verslag_csv(intake)
    settings = Instellingen(vermogen=True, voertuigen=True, percentage=120)
    normen = laden.normen_op(day)
    client = Bronclient("http://localhost", "none", bron="none", doelbinding="none")
    with TemporaryDirectory() as folder:
        nobody = LocalBranch(
            step=next(BIJZONDERE_BIJSTAND.branch_steps),
            toetsing=Toetsing(ronde, normen, settings, intake.aanvragen, LocalFiles(Path(folder))),
            kop=Kop("Nobody", "none.csv", day, day, ronde, normen.normvariant),
            client=lambda _: client,
        )
        for step in BIJZONDERE_BIJSTAND.until("rapporten_maken"):
            step.call(replace(nobody, step=step))


def main() -> None:
    """Load, and become ``airflow scheduler``, ``airflow celery worker`` or what else the command line names."""
    preload()
    from airflow.__main__ import main as airflow

    sys.argv[0] = "airflow"
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
