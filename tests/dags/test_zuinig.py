"""What reading a DAG file may cost: a budget on imports and on deeds, not on seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BESTANDEN = sorted((ROOT / "dags").glob("*.py"))

HEAVY = (
    "pandas",
    "pandera",
    "numpy",
    "pyarrow",
    "lxml",
    "alembic",
    "airflow.models",
    "airflow.providers.smtp",
)
"""Imported by the task that needs it. What `import airflow.sdk` brings by itself does not count."""
MOST_OWN_MODULES = 30
"""Of ours, all DAG files together: parsing is a walk over operators and wiring, not over the product."""

MEASURE = """
import json, os, runpy, sys
# Airflow's own, loaded when it is first asked for.
from airflow.sdk import DAG, CronPartitionTimetable, CronTriggerTimetable, Param, task_group
import airflow.providers.standard.operators.hitl, airflow.sdk.definitions.deadline, airflow.timetables.trigger, croniter

before, deeds = set(sys.modules), []

def watch(event, args):
    if event in ("socket.connect", "subprocess.Popen", "os.system", "os.remove", "os.mkdir", "sqlite3.connect"):
        deeds.append(f"{event} {args[:1]}")
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        if not str(args[0]).endswith(".pyc") and "__pycache__" not in str(args[0]):
            deeds.append(f"open for writing {args[0]}")

sys.addaudithook(watch)
for file in sys.argv[1:]:
    runpy.run_path(file)
print(json.dumps({"modules": sorted(set(sys.modules) - before), "deeds": deeds}))
"""


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    """The modules that reading every DAG file brought in, and what it did; in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, BESTANDEN)],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_reading_the_dags_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert [name for name in parsed["modules"] if name.startswith(HEAVY)] == []


def test_reading_the_dags_imports_little_of_ours(parsed: dict[str, Any]) -> None:
    ours = [name for name in parsed["modules"] if name.startswith(("include", "bidn_operators"))]
    assert "bidn_operators.operators.step" in ours
    assert len(ours) <= MOST_OWN_MODULES, ours
    assert [
        name for name in ours if name.startswith(("include.storage", "include.toets", "include.steps"))
    ] == []


def test_reading_the_dags_does_nothing(parsed: dict[str, Any]) -> None:
    assert parsed["deeds"] == []
