"""``python -m bidn_operators.preload <command of airflow>``: Airflow, with what every task needs already in memory.

LocalExecutor forks every task from the scheduler, and Celery from the worker. Loading our modules and theirs, binding
the database models and building the schemas takes a task more than a second; most of its work takes less. Nothing
else differs from ``airflow``, whose commands and options this takes.
"""

from __future__ import annotations

import importlib
import io
import logging
import sys

log = logging.getLogger(__name__)

NEEDED_BY_TASKS = (
    "airflow.sdk.definitions.decorators.task_group",
    "bidn_operators.deadline",
    "bidn_operators.operators.alleenverdieners",
    "bidn_operators.operators.bewaartermijn",
    "bidn_operators.operators.goedkeuring",
    "bidn_operators.operators.ronde",
    "bidn_operators.operators.toetsing",
    "bidn_operators.defaults",
    "include.bronnen.client",
    "include.steps.notificeren",
    "include.steps.organisaties",
    "include.steps.rondes",
)


def preload() -> None:
    """Load what tasks need, and take a vraagbestand with nobody in it through all steps: no source is asked.

    Norms and gemeenten are forgotten again: a task judges by the files as they are when it runs.
    """
    from sqlalchemy.orm import configure_mappers

    for module in NEEDED_BY_TASKS:
        importlib.import_module(module)
    configure_mappers()

    from include.errors import BidnFout
    from include.normen import gemeenten, laden

    try:
        _rehearse()
    except BidnFout as error:
        log.warning("Nothing was rehearsed, and tasks will say so themselves: %s", error)

    laden.vergeet()
    gemeenten.vergeet()


def _rehearse() -> None:
    from include.bronnen.client import Bronclient
    from include.intake.valideren import beoordeel
    from include.normen import laden
    from include.normen.gemeenten import actieve_gemeenten
    from include.normen.kalender import Maand
    from include.rapportage.kop import Kop
    from include.rapportage.verwerkingsverslag import verslag_csv
    from include.schemas.instellingen import Instellingen
    from include.steps import rapporteren, toetsing

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
    nobody = toetsing.Toetsing(ronde, normen, settings, intake.aanvragen, toetsing.InGeheugen())
    client = Bronclient("http://localhost", "none", bron="none", doelbinding="none")
    for ask in (toetsing.bepaal_huishoudens, *toetsing.BEVRAGINGEN.values()):
        ask(nobody, client)
    toetsing.toets_regels(nobody)
    kop = Kop("", "", day, day, ronde, normen.normvariant)
    outcome = [toetsing.lees_uitkomst(nobody.werk)]
    rapporteren.schrijf_rapporten(outcome, kop, rapporteren.niemand_tevens(), io.BytesIO(), io.BytesIO())


def main() -> None:
    """Load, and become ``airflow scheduler``, ``airflow celery worker`` or what else the command line names."""
    preload()
    from airflow.__main__ import main as airflow

    sys.argv[0] = "airflow"
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
