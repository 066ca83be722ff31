"""Whatever an alert links to is there, and what the runbook says of citizens is what the alert says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from bidn_operators.alerts import anker_fout, anker_taak, eigen_fouten, gevolg, runbook
from include import errors

DOCS = Path(__file__).resolve().parents[1] / "docs"


def anker(kop: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", kop.lower().strip()).replace(" ", "-")


@cache
def secties(bestand: str = "runbook.md") -> dict[str, str]:
    """The text under every heading, by its anchor, on one line."""
    delen = re.split(r"^#{1,4} (.+)$", (DOCS / bestand).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    ankers = [anker(kop) for kop in delen[::2]]
    assert len(set(ankers)) == len(ankers), "two sections of one name"
    return dict(zip(ankers, (" ".join(tekst.split()) for tekst in delen[1::2]), strict=True))


@pytest.fixture(scope="module")
def taken(airflow_db: str) -> dict[str, str]:
    """What the failure of every task of every DAG means, by the anchor of the task."""
    from airflow.dag_processing.dagbag import DagBag

    dags = DagBag(dag_folder=str(DOCS.parent / "dags"), collect_dags=True).dags
    return {
        anker_taak(dag_id, taak.task_id): gevolg(dag_id, taak)
        for dag_id, dag in dags.items()
        for taak in dag.tasks
    }


def test_every_task_has_a_section_that_tells_what_it_means_for_citizens(taken: dict[str, str]) -> None:
    assert len(taken) >= 24
    for naam, betekenis in taken.items():
        assert betekenis
        assert naam in secties(), f"no section for {naam}"
        assert f"**Citizens:** {betekenis}" in secties()[naam], naam


@pytest.mark.parametrize("soort", eigen_fouten(), ids=lambda soort: soort.__name__)
def test_every_error_of_ours_has_a_section(soort: type[Exception]) -> None:
    assert len(secties()[anker_fout(soort)].split()) > 10


def test_every_class_of_fouten_is_known() -> None:
    in_bestand = re.findall(
        r"^class (\w+)", Path(str(errors.__file__)).read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert [soort.__name__ for soort in eigen_fouten()] == in_bestand


class Bijzonder(errors.BronAntwoordFout):
    """A kind of error that is defined somewhere else."""


def test_a_kind_of_error_of_ours_is_told_in_its_section_and_what_is_not_ours_in_another() -> None:
    assert anker_fout(Bijzonder) == "bronantwoordfout"
    assert anker_fout(KeyError) == anker_fout(type(None)) == "unexpected-error"
    assert {"unexpected-error", "deadline"} <= set(secties())


@pytest.mark.parametrize("bestand", sorted(pad.name for pad in DOCS.glob("*.md")))
def test_every_link_between_the_documents_resolves(bestand: str) -> None:
    tekst = (DOCS / bestand).read_text(encoding="utf-8")
    for doel in re.findall(r"\]\(([^)\s]+)\)", tekst):
        if "://" in doel:
            continue
        pad, _, plaats = doel.partition("#")
        assert not pad or (DOCS / pad).exists(), doel
        if plaats and (not pad or pad.endswith(".md")):
            assert plaats in secties(pad or bestand), doel


def test_the_runbook_can_be_somewhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runbook("deadline") == "docs/runbook.md#deadline"
    monkeypatch.setenv("BIDN_RUNBOOK", "https://wiki.bidn.test/runbook")
    assert runbook("deadline") == "https://wiki.bidn.test/runbook#deadline"
