"""The label of a mapped task: one that does not render fails the task, after its work is done."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from include.steps.verwerking import Verwerking

DAG = Path(__file__).resolve().parents[3] / "dags" / "bijzondere_bijstand.py"
VERWERKING = Verwerking("2026-10", "run-1", 7, "Gemeente {{ 's-Gravenhage }}", "levering").als_dict()


@pytest.fixture(scope="module")
def gemapt() -> dict[str, Any]:
    """The mapped tasks of the monthly DAG: those that are there once for every organisation."""
    spec = importlib.util.spec_from_file_location("bijzondere_bijstand_labels", DAG)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        taak.task_id: taak
        for taak in module.takken.dag.tasks
        if taak.task_id == "intake" or taak.task_id.startswith("toetsing.")
    }


def test_every_mapped_task_is_called_by_its_organisation(gemapt: dict[str, Any]) -> None:
    assert {"intake", "toetsing.huishouden_brp", "toetsing.notificeren"} <= set(gemapt)
    for taak_id, taak in gemapt.items():
        sjabloon = SandboxedEnvironment(undefined=StrictUndefined).from_string(taak.map_index_template)
        label = sjabloon.render(task=SimpleNamespace(verwerking=VERWERKING, deelnemer=VERWERKING))
        assert label == VERWERKING["organisatie"], taak_id


def test_what_a_label_reads_is_filled_in_before(gemapt: dict[str, Any]) -> None:
    for taak_id, taak in gemapt.items():
        [veld] = re.findall(r"task\.(\w+)", taak.map_index_template)
        assert veld in taak.template_fields, taak_id
