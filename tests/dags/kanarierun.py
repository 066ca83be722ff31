"""Run both DAGs on canaries, with an error in every task, and leave all they wrote in one folder.

A process of its own, with its own Airflow: ``python -m tests.dags.kanarierun FOLDER``; test_kanarie.py searches the
folder. Each task runs as it does in production, in a process of its own with a supervisor that writes its log. The log
filter is off: it is the last line of defence, and this is about the first.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

from tests.dags.kanaries import BSNS, DATUMS, NAMEN, NUMMERS, WOORDEN, populatie, vraagbestanden

ROOT = Path(__file__).resolve().parents[2]
VOORGOED = ("toetsing.notificeren", "verdeling.notificeren")
"""Fails at every attempt; every other task at the first only. Of mapped tasks the first: the others do well."""
SOURCES = ("brp", "uwv", "belastingdienst", "rdw", "bijstand")


# -- the errors, each with canaries in its words and in its variables ------------------------------------


def _woorden() -> str:
    return f"{BSNS[0]} {NAMEN[0]} {DATUMS[0]} {' '.join(NUMMERS)} {' '.join(WOORDEN)}"


def waarde() -> None:
    inhoud = _woorden()
    raise ValueError(inhoud)


def sleutel() -> None:
    wie = int(BSNS[0])
    {}[wie]


def genoteerd() -> None:
    fout = RuntimeError("broken")
    fout.add_note(_woorden())
    raise fout


def rijen() -> None:
    import pandas as pd
    import pandera.pandas as pa

    rijen = pd.DataFrame({"bsn": [int(bsn) for bsn in BSNS], "naam": _woorden()})
    pa.DataFrameSchema({"bsn": pa.Column(int, pa.Check.lt(0)), "naam": pa.Column(int)}).validate(
        rijen, lazy=True
    )


def opdracht() -> None:
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as verbinding:
        verbinding.execute(text("CREATE TABLE persoon (bsn TEXT UNIQUE, naam TEXT)"))
        for _ in range(2):
            verbinding.execute(
                text("INSERT INTO persoon VALUES (:bsn, :naam)"), {"bsn": BSNS[0], "naam": _woorden()}
            )


def opmaak() -> None:
    from lxml import etree

    etree.fromstring(f"<persoon><{NAMEN[0]}>{BSNS[0]}</persoon>")


def antwoord() -> None:
    import httpx

    verzoek = httpx.Request("GET", f"http://bron.test/{BSNS[0]}")
    lichaam = httpx.Response(500, text=_woorden(), request=verzoek)
    raise httpx.HTTPStatusError(lichaam.text, request=verzoek, response=lichaam)


def tekens() -> None:
    f"é{_woorden()}".encode("ascii")


def samen() -> None:
    raise ExceptionGroup(_woorden(), [ValueError(_woorden()), KeyError(BSNS[0])])


def eigen() -> None:
    from include.errors import OpslagFout

    try:
        waarde()
    except ValueError as fout:
        raise OpslagFout("the database is away") from fout


def eigen_tijdens() -> None:
    from include.errors import BronFout

    try:
        sleutel()
    except KeyError:
        raise BronFout("source brp is away", bron="brp")  # noqa: B904 - as it happens by accident


def airflows() -> None:
    from airflow.sdk.exceptions import AirflowException

    try:
        waarde()
    except ValueError as fout:
        raise AirflowException("something of Airflow") from fout


FOUTEN: tuple[Callable[[], None], ...] = (
    waarde,
    sleutel,
    genoteerd,
    rijen,
    opdracht,
    opmaak,
    antwoord,
    tekens,
    samen,
    eigen,
    eigen_tijdens,
    airflows,
)


@contextmanager
def _kapot() -> Iterator[None]:
    """Let the storage of every task fail when it is opened, each with another error."""
    from airflow.sdk import get_current_context

    from include.steps import verwerking

    echt = verwerking.Opslag

    def opslag() -> Any:
        context = get_current_context()
        ti = context["ti"]
        if ti.map_index <= 0 and (ti.try_number == 1 or ti.task_id in VOORGOED):
            FOUTEN[list(context["dag"].task_dict).index(ti.task_id) % len(FOUTEN)]()
        return echt()

    verwerking.Opslag = opslag  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        verwerking.Opslag = echt  # type: ignore[misc]


# -- Airflow ---------------------------------------------------------------------------------------------


def _als_in_productie(ti: Any, task: Any) -> Any:
    """Run a task of ``dag.test()`` in its own process, under the supervisor that writes its log file."""
    from airflow.executors.workloads import BundleInfo, ExecuteTask
    from airflow.models.taskinstance import TaskInstance
    from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor, supervise_task
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as sessie:
        werk = ExecuteTask.make(
            sessie.get(TaskInstance, ti.id),
            dag_rel_path=Path(task.dag.fileloc),
            bundle_info=BundleInfo(name="dags-folder"),
        )
    supervise_task(
        ti=werk.ti,
        bundle_info=werk.bundle_info,
        dag_rel_path=werk.dag_rel_path,
        token="",
        client=InProcessTestSupervisor._api_client(task.dag),
        log_path=werk.log_path,
        subprocess_logs_to_stdout=True,
    )
    with create_session() as sessie:  # by its name: to be tried again, it got another id
        toestand = sessie.scalar(
            select(TaskInstance.state).filter_by(
                dag_id=ti.dag_id, run_id=ti.run_id, task_id=ti.task_id, map_index=ti.map_index
            )
        )
    return SimpleNamespace(ti=SimpleNamespace(state=toestand, task=task), msg=None)


def _draai(dag_id: str, **conf: Any) -> dict[str, str]:
    from airflow.dag_processing.dagbag import DagBag

    run = DagBag(dag_folder=str(ROOT / "dags"), collect_dags=True).dags[dag_id].test(run_conf=conf)
    return {f"{ti.task_id}[{ti.map_index}]": str(ti.state) for ti in run.get_task_instances()} | {
        "": str(run.state)
    }


class Collector(BaseHTTPRequestHandler):
    """Keeps what Airflow sends an OpenTelemetry collector."""

    map_: Path

    def do_POST(self) -> None:
        inhoud = self.rfile.read(int(self.headers["content-length"]))
        naam = f"{self.path.strip('/').replace('/', '-')}-{hashlib.sha256(inhoud).hexdigest()}"
        (self.map_ / naam).write_bytes(inhoud)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _collector(map_: Path) -> Iterator[str]:
    map_.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Hier", (Collector,), {"map_": map_}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"  # to the end of the process, for what is sent at the last moment


def _kondig_aan(map_: Path) -> None:
    """A levering Alleenverdieners that is good, and one of which a row is missing."""
    from tests.dags.wereld import ARM, BIJSTAND, RIJK

    map_.mkdir()
    inhoud = f"BSN;Gemeentecode\r\n{RIJK};0014\r\n{ARM};0014\r\n{BIJSTAND};0687\r\n".encode()
    leveringen = []
    for naam, aantal in (("avd_goed", 3), ("avd_fout", 4)):
        (map_ / f"{naam}.csv").write_bytes(inhoud)
        leveringen.append(
            {
                "levering": naam,
                "lijstjaar": 2026,
                "aangemaakt": "2026-10-02",
                "aantal": aantal,
                "sha256": hashlib.sha256(inhoud).hexdigest(),
            }
        )
    (map_ / "leveringen.json").write_text(json.dumps({"leveringen": leveringen}))


def _richt_in(opslag: Any) -> None:
    """Everything tested for everybody; and Alfa and Beta get the lists of Alleenverdieners."""
    from include.schemas.domein import Product
    from include.steps.registreren import Inschrijving, ProductInstellingen, schrijf_in
    from include.storage.organisaties import (
        find_organisatie,
        register_aanmelding,
        register_productbeheerder,
    )
    from tests.dags.wereld import AANGEMELD, ALFA, BETA, GAMMA
    from tests.steps.hulp import GEMEENTEN

    for naam in (ALFA, BETA, GAMMA):
        instellingen = ProductInstellingen(vermogen=True, voertuigen=True)
        schrijf_in(
            opslag,
            Inschrijving(
                naam=naam,
                gemeentecodes=GEMEENTEN[naam],
                instellingen=instellingen,
                aanmeldingen=[AANGEMELD],
            ),
        )
    with opslag.database.transaction() as sessie:
        for naam in (ALFA, BETA):
            organisatie = find_organisatie(sessie, naam)
            register_aanmelding(sessie, organisatie, Product.ALLEENVERDIENERS, begin=date(2026, 1, 1))
            register_productbeheerder(
                sessie, organisatie, naam="Avi", email="avi@x.test", product=Product.ALLEENVERDIENERS
            )


def main(map_: Path) -> None:
    """Run, and write the states of the tasks to ``uit.json``."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    from tests.dags.wereld import RONDE, wereld

    initdb()
    for bron in SOURCES:
        Pool.create_or_update_pool(f"bron_{bron}", 4, "", include_deferred=False)
    url = f"sqlite:///{map_ / 'bidn.sqlite'}"
    anders = {"BIDN_ALARM_AAN": "ops@bidn.test", "BIDN_HERHALINGEN": "2"}
    with wereld(map_, url, anders, populatie=populatie(), vraagbestanden=vraagbestanden()) as gemaakt:
        os.environ |= gemaakt.omgeving
        _richt_in(gemaakt.opslag)
        _kondig_aan(map_ / "populatie" / "alleenverdieners")
        uit = {"bijzondere_bijstand, clean": _draai("bijzondere_bijstand", ronde=RONDE)}
        from airflow.sdk.execution_time import supervisor

        supervisor.MIN_HEARTBEAT_INTERVAL = 0.2  # type: ignore[assignment] - so long it waits for a task that ended
        supervisor.run_task_in_process = _als_in_productie  # type: ignore[assignment]
        with _kapot():
            uit["bijzondere_bijstand"] = _draai("bijzondere_bijstand", ronde=RONDE)
            uit["alleenverdieners"] = _draai("alleenverdieners")
        uit["alleenverdieners, clean"] = _draai("alleenverdieners", levering="avd_goed")
    (map_ / "uit.json").write_text(json.dumps(uit))


if __name__ == "__main__":
    doel = Path(sys.argv[1])
    with _collector(doel / "telemetrie") as adres:
        os.environ |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": adres,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_TRACES_EXPORTER": "otlp_proto_http",
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "AIRFLOW__TRACES__OTEL_ON": "True",
        }
        assert tempfile.gettempdir() == str(doel / "tmp")
        main(doel)
