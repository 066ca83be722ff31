"""What the scheduler and the workers load before they fork tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bidn_operators import preload
from include.errors import NormFout
from include.settings import PROJECT

PROBE = """
import json, sys
from bidn_operators.preload import preload
preload()
from include.normen import gemeenten, laden
read = [laden.tabellen.cache_info().currsize, gemeenten.actieve_gemeenten.cache_info().currsize]
before = set(sys.modules)
from datetime import date
from include.intake.valideren import beoordeel
from sqlalchemy import select
from include.storage.models import Organisatie
from include.steps import publicatie, rondes
intake = beoordeel(
    b"0014;J;;999900018;;;;;;\\r\\n",
    deelnamedatum=date(2026, 10, 26),
    gemeentecodes=frozenset({"0014"}),
    actieve_gemeenten=gemeenten.actieve_gemeenten(date(2026, 10, 26)),
)
str(select(Organisatie))
print(json.dumps({"read": read, "accepted": intake.geaccepteerd, "loaded": sorted(set(sys.modules) - before)}))
"""


def test_a_task_finds_everything_loaded_but_reads_the_norms_itself() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'plugins'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout.splitlines()[-1]) == {"read": [0, 0], "accepted": 1, "loaded": []}


def test_a_norm_file_that_is_not_right_keeps_no_scheduler_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    def malformed() -> None:
        raise NormFout("bijstandsnormen.yaml, line 3: not an amount.")

    monkeypatch.setattr(preload, "_rehearse", malformed)
    monkeypatch.setattr(preload.log, "warning", lambda text, *of: said.append(text % of))
    preload.preload()
    assert said == [
        "Nothing was rehearsed, and tasks will say so themselves: bijstandsnormen.yaml, line 3: not an amount."
    ]
