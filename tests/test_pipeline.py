"""The table of the pipeline holds: what it names is there, the DAGs are made of it, and a rule is near its task."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from bidn_operators.operators.step import VerwerkingStep
from bidn_operators.pools import pools
from include.errors import GegevensFout
from include.pipeline import PIPELINES, SOURCES, Pipeline, Source, Step
from include.steps.verwerking import Opslag, Verwerking
from tests.dags.wereld import ALFA
from tests.harness import take
from tests.plugins.operators import conftest as operators
from tests.plugins.operators.hulp import context
from tests.steps.hulp import begin_run

_mock, bronnen, geen_fsync, klok = operators._mock, operators.bronnen, operators.geen_fsync, operators.klok
lege_sqlite, wereldmap = operators.lege_sqlite, operators.wereldmap
wereld, installatie = operators.wereld, operators.installatie

ROOT = Path(__file__).resolve().parents[1]
STEPS = {f"{pipeline.dag_id}.{step.name}": step for pipeline in PIPELINES.values() for step in pipeline.steps}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_every_function_is_there_and_every_source_has_questions(step: Step) -> None:
    assert callable(step.call)
    assert step.call.__doc__
    assert step.function == f"{step.call.__module__}:{step.call.__name__}"
    if step.source:
        assert {vraag.endpoint.bron for vraag in step.source.questions} == {step.source.name}


def test_every_answer_has_a_name_of_its_own() -> None:
    names = [vraag.naam for source in SOURCES for vraag in source.questions]
    assert names == ["brp", "bijstand", "uwv", "vermogens", "heffingskortingen", "rdw"]


@pytest.fixture(scope="module")
def dags(airflow_db: str) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(ROOT / "dags"), collect_dags=True).dags


@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
def test_a_dag_has_the_tasks_the_pools_and_the_order_of_its_table(dags: Any, pipeline: Pipeline) -> None:
    dag, group = dags[pipeline.dag_id], pipeline.group
    stages = [
        *({step.name: step} for step in pipeline.opening),
        *({f"{group}.{step.name}": step for step in stage} for stage in pipeline.branch),
        *({step.name: step} for step in pipeline.closing),
    ]
    before: set[str] = set()
    for stage in stages:
        for task_id, step in stage.items():
            task = dag.get_task(task_id)
            assert task.pool == step.pool
            assert task.get_flat_relative_ids(upstream=True) == before, task_id
        before |= set(stage)
    assert before == set(dag.task_ids)


@pytest.mark.parametrize(
    ("name", "rule"), [("huishouden_brp", "leid_huishoudens_af"), ("regels_toetsen", "toets")]
)
def test_from_a_task_to_its_rule_is_four_functions(
    installatie: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, name: str, rule: str
) -> None:
    deelnemer = begin_run(installatie)[ALFA]
    for step in PIPELINES["bijzondere_bijstand"].until(name):
        if step.name != name:
            take(installatie, Verwerking.uit_dict(deelnemer), step.name, bronnen.url)

    def broken(*_: object) -> NoReturn:
        raise GegevensFout("here is the rule")

    monkeypatch.setattr(f"include.steps.toetsing.{rule}", broken)
    with pytest.raises(GegevensFout, match="here is the rule") as caught:
        VerwerkingStep(task_id=name, verwerking=deelnemer).execute(context())

    frames = list({id(entry.frame): entry for entry in caught.traceback}.values())
    ours = [entry.name for entry in frames if {"include", "plugins"} & set(Path(entry.path).parts)]
    assert frames[-1].name == "broken"
    assert len(ours) <= 4
    assert len(set(ours)) == len(ours), ours


PLACES_OF_A_SOURCE = {
    "its questions, and its answers as frames": ("include/bronnen/rdw.py",),
    "the table": ("include/pipeline.py",),
    "its rule, and the frames that are handed to it": (
        "include/toets/",
        "include/schemas/",
        "include/steps/toetsing.py",
    ),
    "its mock": ("include/mock_sources/",),
}
"""All that a programmer touches to add one; everything else reads the table."""


def test_a_source_is_named_in_four_places() -> None:
    naming = {
        path.relative_to(ROOT).as_posix()
        for folder in ("include", "plugins", "dags", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"(?<![a-z])rdw(?![a-z])", path.read_text(encoding="utf-8"))
    }
    places = {
        file: [p for p, known in PLACES_OF_A_SOURCE.items() if file.startswith(known)] for file in naming
    }
    assert all(places.values()), places
    assert {place for [place] in places.values()} == set(PLACES_OF_A_SOURCE)
    assert len(PLACES_OF_A_SOURCE) <= 4


@pytest.mark.parametrize("manifest", ["docker-compose.yaml", "deploy/helm/values.yaml"])
def test_a_manifest_mounts_the_connection_of_every_source(manifest: str) -> None:
    # A manifest cannot read the table: it lists the secrets by name.
    mounted = set(re.findall(r"AIRFLOW_CONN_(BRON_\w+)", (ROOT / manifest).read_text(encoding="utf-8")))
    assert mounted == {source.connection.upper() for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_has_a_pool(source: Source) -> None:
    assert {pool.name: pool.description for pool in pools()}[
        source.connection
    ] == f"Requests to {source.title}"
