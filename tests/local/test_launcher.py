"""A real Airflow, from an empty folder to a finished run and back to nothing."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from rich.console import Console

from include.local import config, launcher
from include.local.airflow_api import DagRun, NoAnswer, TaskInstance
from include.local.config import Config
from include.local.launcher import launch
from include.local.processes import Processes
from include.normen import laden

RONDE = laden.nieuwste_ronde(datetime.now(ZoneInfo("Europe/Amsterdam")).date()).naam

DAG = '''
    """A ronde as small as it can be: three organisations, two tasks each."""
    from datetime import datetime
    from airflow.sdk import CronPartitionTimetable, dag, task, task_group

    LABEL = {"map_index_template": "{{ task.op_kwargs['organisatie'] }}"}

    @dag(
        schedule=CronPartitionTimetable("0 0 1 * *", timezone="Europe/Amsterdam", run_offset=-1, key_format="%Y-%m"),
        start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1,
    )
    def proef():
        @task
        def openen(**context):
            return [context["dag_run"].partition_key + naam for naam in (" Aalten", " Urk", " Zwolle")]

        @task_group
        def toetsing(organisatie):
            @task(pool="bron_brp", **LABEL)
            def huishouden(organisatie):
                return organisatie

            @task(**LABEL)
            def regels(organisatie, gevonden):
                from pathlib import Path
                from include.errors import BestandFout
                if gevonden.endswith("Urk") and Path("STUK").exists():
                    raise BestandFout("Het bestand is stuk.")

            regels(organisatie=organisatie, gevonden=huishouden(organisatie=organisatie))

        toetsing.expand(organisatie=openen())

    proef()
'''


@dataclass
class SmallDemo:
    """Does next to nothing, and remembers that it was asked."""

    asked: list[str] = field(default_factory=list)

    def ronde(self) -> str:
        return RONDE

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        config.populatie.mkdir(parents=True, exist_ok=True)
        self.asked.append("sources")

    def prepare_organisations(self, config: Config) -> None:
        self.asked.append("organisations")

    def report(self, config: Config, console: Console) -> None:
        self.asked.append("report")


@pytest.fixture
def settings(tmp_path: Path, free_ports: Callable[[int], list[int]]) -> Config:
    names = ("BIDN_POORT_AIRFLOW", "BIDN_POORT_BRONNEN", "BIDN_POORT_MAIL")
    ports = dict(zip(names, map(str, free_ports(3)), strict=True))
    (tmp_path / "dags").mkdir()
    stuk = tmp_path / "stuk"
    (tmp_path / "dags" / "proef.py").write_text(textwrap.dedent(DAG).replace("STUK", str(stuk)))
    loaded = config.load({"BIDN_DATA": str(tmp_path / "data"), **ports}, tmp_path / ".env")
    return config.Config(**{**vars(loaded), "dags": tmp_path / "dags", "dag_id": "proef"})


def _of(folder: Path) -> list[str]:
    """The processes whose environment or command line names this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = str(folder) in process.environ().get("BIDN_DATA", "")
        except psutil.Error:
            continue
        if mine and process.status() != psutil.STATUS_ZOMBIE:
            found.append(f"{process.pid} {process.name()}")
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_failing_ronde_says_why_and_a_next_start_runs_it_anew(settings: Config, tmp_path: Path) -> None:
    (tmp_path / "stuk").touch()
    demo, text = SmallDemo(), io.StringIO()
    assert launch(settings, demo, Console(file=text, width=200), stay=False) == 1
    shown = text.getvalue()
    assert f"FAILED: toetsing.regels of {RONDE} Urk: BestandFout: Het bestand is stuk." in shown
    assert re.search(rf"{RONDE} Zwolle +toetsing\.regels +success", shown)
    assert "/runs/scheduled__" in shown  # the run that the schedule itself owed
    assert demo.asked == ["sources", "organisations", "report"]
    assert _of(settings.data) == []

    (tmp_path / "stuk").unlink()
    text = io.StringIO()
    assert launch(settings, SmallDemo(), Console(file=text, width=200), stay=False) == 0
    shown = text.getvalue()
    assert f"Ronde {RONDE}: success." in shown
    assert re.search(rf"{RONDE} Urk +toetsing\.regels +success", shown)
    assert "/runs/manual__" in shown
    assert _of(settings.data) == []


class Busy:
    """An Airflow that answers only now and then; the run ends at its third answer."""

    def __init__(self, silences: list[int]) -> None:
        self.silences, self.answers = silences, 0

    def tasks(self, _: str) -> dict[str, list[str]]:
        return {"regels": []}

    def run(self, _: str, run_id: str) -> DagRun:
        if self.silences and self.silences[0]:
            self.silences[0] -= 1
            raise NoAnswer("Airflow did not answer")
        self.silences = self.silences[1:]
        self.answers += 1
        return DagRun(run_id, "success" if self.answers == 3 else "running", RONDE, None)

    def task_instances(self, *_: object) -> list[TaskInstance]:
        return []


def test_an_airflow_that_is_busy_is_asked_again_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher.time, "sleep", lambda _: None)
    nothing = Processes(tmp_path, tmp_path, tmp_path / "register", {})
    begun = DagRun("run-1", "running", RONDE, None)

    def follow(*silences: int) -> str:
        airflow: Any = Busy(list(silences))
        return launcher._follow("proef", airflow, nothing, begun, Console(file=io.StringIO())).state

    assert follow(0, launcher.PATIENCE, launcher.PATIENCE) == "success"
    with pytest.raises(NoAnswer):
        follow(0, launcher.PATIENCE + 1)
