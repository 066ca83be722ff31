"""``make backfill``: what it says, what it asks, and what Airflow's own scheduler then runs."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from include.errors import NormFout, RondeFout
from include.local import config, environment
from include.local.airflow_api import AirflowApi, DagRun
from include.local.backfill import backfill
from include.local.config import Config
from include.local.launcher import launch
from include.local.processes import Processes
from include.normen import laden
from include.steps.leveren import lever
from include.steps.registreren import Inschrijving, schrijf_in
from include.steps.verwerking import Opslag
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.migrations import migrate

NU = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ALFA = "Gemeente Alfa"


@pytest.fixture
def opslag(tmp_path: Path) -> Opslag:
    """One organisation that delivered for ronde 2026-09."""
    url = f"sqlite:///{tmp_path / 'bidn.sqlite'}"
    migrate(url)
    opslag = Opslag(Database(url), FileStore((tmp_path / "opslag").as_uri()), lambda: NU)
    schrijf_in(opslag, Inschrijving(naam=ALFA, gemeentecodes=["0014"]))
    lever(
        opslag,
        organisatie=ALFA,
        bestandsnaam="alfa.csv",
        inhoud=b"0014;J;;999900018;;;;;;\r\n",
        ontvangen=datetime(2026, 9, 12, 10, 0, tzinfo=UTC),
    )
    return opslag


@dataclass
class FakeAirflow:
    """Answers as Airflow would: runs everything in the range that is not in ``ran``, and ends in ``ending``."""

    ran: tuple[str, ...] = ()
    ending: str = "success"
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    looks: int = 0

    def backfill_would_run(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> list[str]:
        assert (first.hour, first.tzinfo) == (0, ZoneInfo("Europe/Amsterdam"))
        months = {str(ronde) for ronde in (laden.ronde("2026-08"), laden.ronde("2026-09"))}
        within = {month for month in months if f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}"}
        return sorted(within if again else within - set(self.ran))

    def create_backfill(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> int:
        self.asked.append((f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", again))
        return 7

    def is_open(self, backfill: int) -> bool:
        assert backfill == 7
        self.looks += 1
        return self.looks < 2

    def backfill_runs(self, dag_id: str, since: datetime) -> list[DagRun]:
        state = "running" if self.looks < 2 else self.ending
        return [
            DagRun("backfill__a", state, "2026-08", since),
            DagRun("backfill__b", state, "2026-09", since),
        ]


def _backfill(airflow: FakeAirflow, opslag: Opslag, **options: bool) -> tuple[int, str]:
    text = io.StringIO()
    options = {"again": False, "yes": True} | options
    code = backfill(
        airflow,
        opslag,
        Console(file=text, width=200),
        dag_id="bijzondere_bijstand",
        van="2026-08",
        tot="2026-09",
        again=options["again"],
        yes=options["yes"],
    )
    return code, text.getvalue()


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.local.backfill.POLL_SECONDS", 0.01)


class TestWhatItSays:
    def test_what_will_happen_before_it_does(self, opslag: Opslag) -> None:
        airflow = FakeAirflow()
        code, text = _backfill(airflow, opslag)
        assert code == 0
        shown = text[: text.index("2026-08  running")]
        assert "Ronde 2026-08: will run" in shown
        assert "nobody delivered" in shown
        # Rapportagemaand October, so peilmaand August; the norms of 26 September 2026.
        assert "peilmaand 2026-08, belastingjaar 2025; norms of that day: alleenstaand 1419.46" in shown
        assert "2026-09-12 correct" in shown
        assert "v0: 120 %, vermogen nee, voertuigen nee" in shown
        assert "first publication" in shown
        assert airflow.asked == [("2026-08-01", "2026-09-01", False)]
        assert "Runs: 2, of which failed: 0." in text

    def test_what_ran_before_is_left_alone_unless_asked(self, opslag: Opslag) -> None:
        airflow = FakeAirflow(ran=("2026-08", "2026-09"))
        code, text = _backfill(airflow, opslag)
        assert (code, airflow.asked) == (0, [])
        assert text.count("ran before, left alone") == 2
        assert "stays as it is" in text
        _backfill(airflow, opslag, again=True)
        assert airflow.asked == [("2026-08-01", "2026-09-01", True)]

    def test_a_failed_run_is_told(self, opslag: Opslag) -> None:
        code, text = _backfill(FakeAirflow(ending="failed"), opslag)
        assert code == 1
        assert "2026-09  failed   backfill__b" in text
        assert "Runs: 2, of which failed: 2." in text

    def test_it_asks_and_without_an_answer_starts_nothing(
        self, opslag: Opslag, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow = FakeAirflow()
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        code, text = _backfill(airflow, opslag, yes=False)
        assert (code, airflow.asked) == (0, [])
        assert "Nothing was started." in text


class TestWhatItRefuses:
    @pytest.mark.parametrize(
        ("van", "tot", "error"),
        [
            ("2026-10", "2026-11", RondeFout),
            ("2027-01", "2027-01", RondeFout),
            ("2021-12", "2022-01", NormFout),
        ],
        ids=["its rapportagemaand has not begun", "the future", "before the norms"],
    )
    def test_before_airflow_is_asked(
        self, opslag: Opslag, van: str, tot: str, error: type[Exception]
    ) -> None:
        airflow = FakeAirflow()
        with pytest.raises(error):
            backfill(
                airflow,
                opslag,
                Console(file=io.StringIO()),
                dag_id="x",
                van=van,
                tot=tot,
                again=False,
                yes=True,
            )
        assert airflow.asked == []


# -- Airflow's own scheduler --------------------------------------------------------------------------------------

DAG = '''
    """Each run puts four tasks in the pool of a source, which has room for two."""
    import json, time
    from datetime import datetime
    from airflow.sdk import CronPartitionTimetable, dag, task

    @dag(
        schedule=CronPartitionTimetable("0 0 1 * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m"),
        start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1,
    )
    def proef():
        @task(pool="bron_brp")
        def vraag(nummer, **context):
            begin = time.time()
            time.sleep(0.5)
            with open("LOGBOEK", "a") as boek:
                boek.write(json.dumps([context["dag_run"].partition_key, begin, time.time()]) + "\\n")

        vraag.expand(nummer=[1, 2, 3, 4])

    proef()
'''


@dataclass
class Demo:
    """Runs its body while the whole of Airflow is up."""

    body: Callable[[Config], None]

    def ronde(self) -> str:
        return laden.nieuwste_ronde(datetime.now(ZoneInfo("Europe/Amsterdam")).date()).naam

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        config.populatie.mkdir(parents=True, exist_ok=True)

    def prepare_organisations(self, config: Config) -> None:
        migrate(config.database_url)

    def report(self, config: Config, console: Console) -> None:
        self.body(config)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_airflow_runs_exactly_the_rondes_asked_for_and_the_pool_holds(
    tmp_path: Path, free_ports: Callable[[int], list[int]]
) -> None:
    names = ("BIDN_POORT_AIRFLOW", "BIDN_POORT_BRONNEN", "BIDN_POORT_MAIL")
    ports = dict(zip(names, map(str, free_ports(3)), strict=True))
    logboek = tmp_path / "logboek"
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "proef.py").write_text(textwrap.dedent(DAG).replace("LOGBOEK", str(logboek)))
    settings = replace(
        config.load({"BIDN_DATA": str(tmp_path / "data"), **ports}, tmp_path / ".env"),
        dags=tmp_path / "dags",
        dag_id="proef",
    )
    shown = io.StringIO()

    def with_airflow_up(settings: Config) -> None:
        known = environment.load_secrets(settings.secrets)
        logboek.unlink()
        _cli(
            settings, known, "--from-date", "2026-06-01", "--to-date", "2026-07-31", "--max-active-runs", "2"
        )
        with closing(AirflowApi(settings.airflow_url, "engineer", known["login_engineer"])) as airflow:
            airflow.log_in()
            _wait_for_rows(logboek, 8)
            opslag = Opslag(Database(settings.database_url), FileStore((tmp_path / "opslag").as_uri()))
            # What has just been run is left alone; one month more is run.
            _wait_until_closed(airflow)
            code = backfill(
                airflow,
                opslag,
                Console(file=shown, width=160),
                dag_id="proef",
                van="2026-06",
                tot="2026-08",
                again=False,
                yes=True,
            )
            assert code == 0

    assert launch(settings, Demo(with_airflow_up), Console(file=io.StringIO()), stay=False) == 0

    rows = [json.loads(line) for line in logboek.read_text().splitlines()]
    assert sorted(row[0] for row in rows) == ["2026-06"] * 4 + ["2026-07"] * 4 + ["2026-08"] * 4
    at_once = max(sum(begin <= other[1] < end for other in rows) for _, begin, end in rows)
    assert at_once <= config.POOL_SLOTS
    text = shown.getvalue()
    assert "Ronde 2026-06: ran before, left alone" in text
    assert "Ronde 2026-08: will run" in text
    assert "Runs: 1, of which failed: 0." in text


def _cli(settings: Config, known: dict[str, str], *options: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", "proef", *options],
        env=environment.build(settings, known),
        cwd=settings.data,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr


def _wait_for_rows(logboek: Path, number: int) -> None:
    _wait(lambda: logboek.exists() and len(logboek.read_text().splitlines()) >= number)


def _wait_until_closed(airflow: AirflowApi) -> None:
    _wait(lambda: not airflow.is_open(1))


def _wait(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not look():
        assert time.monotonic() < deadline, "waited three minutes in vain"
        time.sleep(0.2)
