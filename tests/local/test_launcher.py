"""A real Airflow: from an empty folder to a finished run and back to nothing, through failures and crashes."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from rich.console import Console

from include.errors import InstallatieFout
from include.local import config, environment, launcher
from include.local.airflow_api import AirflowApi, wait_for
from include.local.backfill import backfill
from include.local.config import Config
from include.local.processes import Processes
from include.normen import laden
from include.steps.verwerking import Opslag
from include.storage.migrations import migrate

RONDE = laden.nieuwste_ronde(datetime.now(ZoneInfo("Europe/Amsterdam")).date()).naam

DAG = '''
    """A ronde as small as it can be: three organisations, two tasks each."""
    import json, time
    from datetime import datetime
    from pathlib import Path
    from airflow.sdk import CronPartitionTimetable, dag, task, task_group

    LABEL = {"map_index_template": "{{ task.op_kwargs['organisatie'] }}"}
    FOLDER = Path("FOLDER")

    @dag(
        schedule=CronPartitionTimetable("0 0 1 * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m"),
        start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=2,
    )
    def proef():
        @task
        def openen(**context):
            return [context["dag_run"].partition_key + naam for naam in (" Aalten", " Urk", " Zwolle")]

        @task_group
        def toetsing(organisatie):
            @task(pool="bron_brp", **LABEL)
            def huishouden(organisatie):
                begin = time.time()
                (FOLDER / "begun").touch()
                time.sleep(60 if (FOLDER / "slow").exists() else 1)
                with (FOLDER / "logboek").open("a") as boek:
                    boek.write(json.dumps([organisatie, begin, time.time()]) + "\\n")
                return organisatie

            @task(**LABEL)
            def regels(organisatie, gevonden):
                from include.errors import BestandFout
                if gevonden.endswith("Urk") and (FOLDER / "stuk").exists():
                    raise BestandFout("Het bestand is stuk.")

            regels(organisatie=organisatie, gevonden=huishouden(organisatie=organisatie))

        toetsing.expand(organisatie=openen())

    proef()
'''


@dataclass
class Demo:
    """Does next to nothing, and remembers that it was asked; runs ``body`` while the whole of Airflow is up."""

    body: Callable[[Config], None] = lambda _: None
    asked: list[str] = field(default_factory=list)

    def ronde(self) -> str:
        return RONDE

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        config.populatie.mkdir(parents=True, exist_ok=True)
        self.asked.append("sources")

    def prepare_organisations(self, config: Config) -> None:
        migrate(config.database_url)
        self.asked.append("organisations")

    def report(self, config: Config, console: Console) -> None:
        self.asked.append("report")
        self.body(config)


@pytest.fixture
def settings(tmp_path: Path, free_ports: Callable[[int], list[int]]) -> Config:
    names = ("BIDN_POORT_AIRFLOW", "BIDN_POORT_BRONNEN", "BIDN_POORT_MAIL")
    ports = dict(zip(names, map(str, free_ports(3)), strict=True))
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "proef.py").write_text(textwrap.dedent(DAG).replace('FOLDER")', f'{tmp_path}")'))
    loaded = config.load({"BIDN_DATA": str(tmp_path / "data"), **ports}, tmp_path / ".env")
    return replace(loaded, dags=tmp_path / "dags", dag_id="proef")


def _launch(settings: Config, demo: Demo, ends: int = 0) -> str:
    """Launch to the end; nothing that was started may be left, and nothing that others can read."""
    text = io.StringIO()
    try:
        assert launcher.launch(settings, demo, Console(file=text, width=200), stay=False) == ends
    finally:
        assert _of(settings.data) == []
        written = [path for path in (settings.data, *settings.data.rglob("*")) if not path.is_symlink()]
        assert [path for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    return text.getvalue()


def _of(folder: Path) -> list[str]:
    """The processes whose environment or command line names this folder."""

    def named() -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                theirs = [process.environ().get("BIDN_DATA", ""), *process.cmdline()]
                if process.status() != psutil.STATUS_ZOMBIE and any(str(folder) in text for text in theirs):
                    yield process
            except psutil.Error:
                continue

    return [f"{process.pid} {process.name()}" for process in named()]


def _runs(settings: Config) -> list[tuple[str, float, float]]:
    """Of every question to the source: the ronde, when it began, and when it ended."""
    lines = (settings.dags.parent / "logboek").read_text().splitlines()
    return [(organisatie.split()[0], begin, end) for organisatie, begin, end in map(json.loads, lines)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_failing_ronde_says_why_and_the_next_start_runs_it_anew_and_others_too(
    settings: Config, tmp_path: Path
) -> None:
    (tmp_path / "stuk").touch()
    demo = Demo()
    shown = _launch(settings, demo, ends=1)
    assert f"FAILED: toetsing.regels of {RONDE} Urk: BestandFout: Het bestand is stuk." in shown
    assert re.search(rf"{RONDE} Zwolle +toetsing\.regels +success", shown)
    assert "/runs/scheduled__" in shown  # the run that the schedule itself owed
    assert demo.asked == ["sources", "organisations", "report"]

    (tmp_path / "stuk").unlink()
    said = io.StringIO()

    def missed_months(settings: Config) -> None:
        (tmp_path / "logboek").unlink()
        # Airflow's own command, two at once: the pool of the source holds for all runs together.
        range_ = ("--from-date", "2026-06-01", "--to-date", "2026-07-31", "--max-active-runs", "2")
        command = [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", "proef", *range_]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        airflow = AirflowApi(settings.airflow_url, "engineer", _password(settings))
        airflow.log_in()
        wait_for(lambda: not airflow.is_open(1), lambda: None, 180, "the backfill is still open")
        # What has just been run is left alone; one month more is run.
        months = {"van": "2026-06", "tot": "2026-08"}
        options: dict[str, Any] = {"dag_id": "proef", **months, "again": False, "yes": True}
        assert backfill(airflow, Opslag(), Console(file=said, width=160), **options) == 0

    shown = _launch(settings, Demo(missed_months))
    assert f"Ronde {RONDE}: success." in shown
    assert re.search(rf"{RONDE} Urk +toetsing\.regels +success", shown)
    assert "/runs/manual__" in shown
    runs = _runs(settings)
    assert sorted(ronde for ronde, _, _ in runs) == [*["2026-06"] * 3, *["2026-07"] * 3, *["2026-08"] * 3]
    assert (
        max(sum(begin <= other < end for _, other, _ in runs) for _, begin, end in runs)
        <= settings.pool_slots
    )
    text = said.getvalue()
    assert "Ronde 2026-06: ran before, left alone" in text
    assert "Ronde 2026-08: will run" in text
    assert "Runs: 1, of which failed: 0." in text


def _password(settings: Config) -> str:
    return environment.load_secrets(settings.secrets)["login_engineer"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_whatever_is_killed_in_the_middle_of_a_step_a_next_start_works(
    settings: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Doomed(Processes):
        """Kills one of Airflow's components as soon as a task is at work."""

        victim = ""

        def check(self, *names: str) -> None:
            if self.victim and (tmp_path / "begun").exists():
                self._running[self.victim].kill()
                self._running[self.victim].wait()
            super().check(*names)

    monkeypatch.setattr(launcher, "Processes", Doomed)
    (tmp_path / "slow").touch()
    for victim in launcher.AIRFLOW:
        (tmp_path / "begun").unlink(missing_ok=True)
        monkeypatch.setattr(Doomed, "victim", victim)
        with pytest.raises(InstallatieFout, match=rf"^{victim} ended with exit code -9"):
            _launch(settings, Demo())
    (tmp_path / "slow").unlink()
    monkeypatch.setattr(Doomed, "victim", "")
    assert f"Ronde {RONDE}: success." in _launch(settings, Demo())


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [*launcher.ENDINGS], ids=lambda number: number.name)
def test_a_request_to_end_leaves_nothing(settings: Config, number: int) -> None:
    ports = (
        ("AIRFLOW", settings.port_airflow),
        ("BRONNEN", settings.port_bronnen),
        ("MAIL", settings.port_mail),
    )
    given = {f"BIDN_POORT_{name}": str(port) for name, port in ports} | {"BIDN_DATA": str(settings.data)}
    paths = os.pathsep.join([str(config.ROOT), str(config.ROOT / "plugins")])
    command = [sys.executable, "-m", "include.local", "up"]
    with subprocess.Popen(
        command, env=os.environ | given | {"PYTHONPATH": paths}, cwd=config.ROOT
    ) as process:
        wait_for((settings.data / "airflow" / "airflow.sqlite").exists, lambda: None, 120, "nothing started")
        process.send_signal(number)
    assert process.returncode == 130
    assert _of(settings.data) == []
