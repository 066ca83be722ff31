"""A ronde on Celery with two workers, one of which is killed as a machine is: at once, with all that it ran."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from include.local import config, environment, mail_catcher, sessions
from include.local.airflow_api import FINISHED, AirflowApi, DagRun, TaskInstance, wait_for
from include.local.config import HOST, Config
from include.local.demo import newest
from include.local.processes import Processes, supervised
from include.normen import laden
from include.schemas.domein import Product
from include.steps.leveren import lever
from include.steps.registreren import Inschrijving, lees_inschrijvingen, schrijf_in
from include.steps.verwerking import Opslag
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.migrations import migrate
from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties, read_published

RONDE = "2026-09"
ORGANISATIES = 20
PER_WORKER = 3
DAG = "bijzondere_bijstand"
OPS = "ops@bidn.example"

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(1200)]


def _ports(number: int) -> list[str]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind((HOST, 0))
    found = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found


@pytest.fixture
def broker(redis_url: str) -> Iterator[str]:
    """An empty Redis database, emptied again."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield redis_url
        client.flushdb()


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str, airflow_url: str) -> Config:
    names = ("BIDN_POORT_AIRFLOW", "BIDN_POORT_BRONNEN", "BIDN_POORT_MAIL")
    given = dict(zip(names, _ports(3), strict=True)) | {
        "BIDN_DATA": str(tmp_path / "data"),
        "BIDN_DATABASE_URL": postgres_url,
        "BIDN_AIRFLOW_DATABASE_URL": airflow_url,
        "BIDN_HERHAALTIJD": "2",
        "BIDN_ALARM_AAN": OPS,
    }
    return config.load(given, tmp_path / ".env")


def _celery(settings: Config, broker: str) -> dict[str, str]:
    """What makes the local installation a cluster; the scheduler notices within half a minute who is gone."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(2 * PER_WORKER),
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{settings.airflow_database_url}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(PER_WORKER),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        # For a task that the dead worker had taken and not begun: no run has begun, so no heartbeat fails.
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
    }


def _lever(settings: Config, ronde: str) -> tuple[Opslag, list[Inschrijving]]:
    """Register everybody, and hand in their vraagbestanden in time for the ronde."""
    migrate(settings.database_url)
    received = datetime.combine(
        laden.ronde(ronde).deelnamedatum - timedelta(days=10), datetime.min.time(), tzinfo=UTC
    )
    opslag = Opslag(
        Database(settings.database_url), FileStore((settings.data / "opslag").as_uri()), lambda: received
    )
    ingeschreven = lees_inschrijvingen(settings.populatie / "organisaties.yaml")
    for inschrijving in ingeschreven:
        schrijf_in(opslag, inschrijving)
        file = settings.populatie / str(
            inschrijving.vraagbestand or f"vraagbestanden/{inschrijving.naam}.csv"
        )
        lever(
            opslag,
            organisatie=inschrijving.naam,
            bestandsnaam=file.name,
            inhoud=file.read_bytes(),
            ontvangen=received,
        )
    return opslag, ingeschreven


@pytest.fixture
def cluster(settings: Config, broker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """Everything but the workers, started; what is started here is stopped, whatever happens."""
    known = environment.load_secrets(settings.secrets)
    environment.write_logins(settings, known)
    # Whoever stores here does so with the keys of the components.
    monkeypatch.setenv("BIDN_DATA", str(settings.data))
    built = environment.build(settings, known) | _celery(settings, broker)
    processes = Processes(
        root=settings.root,
        logs=settings.logs,
        register=settings.data / "lokaal" / "processes.json",
        environment=built,
    )
    with supervised(processes):
        processes.run(
            "population",
            [
                *(
                    "include.mock_sources",
                    "genereer",
                    "--per-organisatie",
                    "--aanvragers",
                    "4",
                    "--seed",
                    "7",
                ),
                *("--organisaties", str(ORGANISATIES), "--ronde", RONDE, "--uit", str(settings.populatie)),
            ],
        )
        processes.run("airflow-db", ["airflow", "db", "migrate"])
        bronnen = ["--populatie", str(settings.populatie), "--port", str(settings.port_bronnen)]
        processes.start("bronnen", ["include.mock_sources", *bronnen])
        post = ["--uit", str(settings.mail), "--port", str(settings.port_mail)]
        processes.start("mail", ["include.local.mail_catcher", *post])
        processes.start("api-server", ["airflow", "api-server", "--port", str(settings.port_airflow)])
        processes.start("scheduler", ["airflow", "scheduler", "--skip-serve-logs"])
        processes.start("dag-processor", ["airflow", "dag-processor"])
        yield processes


def _api(settings: Config, processes: Processes) -> AirflowApi:
    user = next(iter(environment.USERS))
    api = AirflowApi(settings.airflow_url, user, environment.load_secrets(settings.secrets)[f"login_{user}"])
    api.wait_until_healthy(processes.check)
    for name in environment.POOLS:
        api.create_pool(name, 2, name)
    return api


def _worker(processes: Processes, name: str) -> int:
    """Start a worker; returns its session."""
    options = ["--celery-hostname", f"{name}@%h", "--skip-serve-logs", "--pid", str(processes.logs / name)]
    return processes.start(name, ["deploy.worker", *options]).pid


def _ready(processes: Processes, name: str) -> bool:
    return " ready." in (processes.logs / f"{name}.log").read_text(errors="replace")


def _begin(api: AirflowApi, processes: Processes) -> DagRun:
    api.wait_until_parsed(DAG, processes.check)
    api.unpause(DAG)
    return api.trigger(DAG, RONDE, "test")


def _halfway(instances: list[TaskInstance]) -> bool:
    """Part of the branches has begun, and much is still to come."""
    return sum(one.task_id.startswith("toetsing.") and one.state == "success" for one in instances) >= 20


def _kill_at_work(worker: int, airflow_url: str) -> set[tuple[str, int]]:
    """Kill a worker while it runs tasks, and return those; let it go on when it has none.

    It is frozen before anybody asks what it runs: a task takes less time than the question.
    """
    import psycopg

    server = urlsplit(airflow_url)._replace(scheme="postgresql").geturl()
    frozen: dict[int, psutil.Process] = {}
    while new := [one for one in sessions.members({worker}) if one.pid not in frozen]:
        for process in new:
            with suppress(psutil.NoSuchProcess):  # it ended by itself just now
                process.suspend()
                frozen[process.pid] = process
    running = "SELECT task_id, map_index FROM task_instance WHERE state = 'running' AND pid = ANY(%s)"
    with psycopg.connect(server, autocommit=True) as connection:
        held = set(connection.execute(running, [list(frozen)]).fetchall())
        time.sleep(1)  # what it said just before it was frozen has been written down by then
        held &= set(connection.execute(running, [list(frozen)]).fetchall())
    for process in frozen.values():
        if held:
            process.kill()
        else:
            process.resume()
    return held


def test_a_ronde_completes_once_when_a_worker_is_killed(
    settings: Config, cluster: Processes, airflow_url: str
) -> None:
    workers = {name: _worker(cluster, name) for name in ("worker-1", "worker-2")}
    opslag, ingeschreven = _lever(settings, RONDE)
    assert len(ingeschreven) == ORGANISATIES
    api = _api(settings, cluster)
    for name in workers:
        wait_for(partial(_ready, cluster, name), cluster.check, 120, f"{name} is not ready")
    run = _begin(api, cluster)
    wait_for(lambda: _halfway(api.task_instances(DAG, run.run_id)), cluster.check, 400, "not halfway")
    killed = wait_for(
        partial(_kill_at_work, workers["worker-1"], airflow_url), cluster.check, 60, "worker-1 has no work"
    )

    alive = ("api-server", "scheduler", "dag-processor", "worker-2", "bronnen", "mail")
    run = wait_for(
        partial(_ended, api, run.run_id), partial(cluster.check, *alive), 600, "the ronde has not ended"
    )
    instances = api.task_instances(DAG, run.run_id)
    failed = [(one.task_id, one.label) for one in instances if one.state not in ("success", "skipped")]
    assert (run.state, failed) == ("success", [])
    # The kill was felt: something was tried a second time, and all that was had been running on that worker.
    again = {(one.task_id, one.map_index) for one in instances if one.try_number > 1}
    assert killed <= again
    assert len(again) <= PER_WORKER

    for inschrijving in ingeschreven:
        with opslag.database.reading() as sessie:
            alle = find_publicaties(
                sessie,
                organisatie=find_organisatie(sessie, inschrijving.naam),
                ronde=RONDE,
                ook_vervangen=True,
            )
        assert [publicatie.versie for publicatie in alle] == [1], inschrijving.naam
        for bestand in alle[0].bestanden:
            assert read_published(opslag.bestanden, bestand)  # raises when it is not what was published
    mails = Counter(mail.aan for mail in mail_catcher.lijst(settings.mail))
    assert mails == Counter(
        beheerder.email
        for inschrijving in ingeschreven
        for beheerder in inschrijving.productbeheerders
        if beheerder.notificaties and beheerder.product in (None, Product.BIJZONDERE_BIJSTAND)
    )
    assert not opslag.bestanden.list("tussenresultaten")

    _let_a_deadline_pass(settings, cluster, api, airflow_url)
    api.close()


def _ended(api: AirflowApi, run_id: str) -> DagRun | None:
    run = api.run(DAG, run_id)
    return run if run.state in FINISHED else None


def _let_a_deadline_pass(settings: Config, processes: Processes, api: AirflowApi, airflow_url: str) -> None:
    """A ronde that is not in time: Airflow hands the alert to the executor, and its scheduler stops when that refuses.

    Here and not in a test of its own, for there is one broker.
    """
    import psycopg

    ronde = newest().naam
    _lever(settings, ronde)
    processes.run("pause", ["airflow", "dags", "pause", "--yes", DAG])
    api.trigger(DAG, ronde, "test")  # it waits, for the DAG is paused
    server = urlsplit(airflow_url)._replace(scheme="postgresql").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        passed = connection.execute(
            "UPDATE deadline SET deadline_time = now() - interval '1 minute'"
        ).rowcount

        def ended() -> list[tuple[str]]:
            states = connection.execute("SELECT state FROM callback").fetchall()
            return states if {state for (state,) in states} <= {"success", "failed"} else []

        alive = partial(processes.check, "api-server", "scheduler", "worker-2", "mail")
        states = wait_for(ended, alive, 240, "the alert has not run")
    assert [state for (state,) in states] == ["success"] * passed
    told = [mail.onderwerp for mail in mail_catcher.lijst(settings.mail) if mail.aan == OPS]
    assert len(told) == passed >= 1
    for onderwerp in told:
        assert f"{ORGANISATIES} not published, ronde {ronde} is " in onderwerp
