"""Shifted outcomes: noted by default, shown to a human when asked, published or not by the answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskAwaitingInput

from bidn_operators.operators import goedkeuring
from bidn_operators.operators.goedkeuring import GoedkeurenOperator, goedkeuring_gevraagd
from include.errors import ControleFout
from include.steps.samenvatting import Aandeel, Vergelijking, Verschuiving
from tests.plugins.operators.hulp import context

VERWERKING = {
    "ronde": "2026-10",
    "run": "run-1",
    "organisatie_id": 1,
    "organisatie": "Gemeente Alfa",
    "levering_id": "levering-1",
    "status": "correct",
}


class Wachtrij:
    """What the operator did: who was asked, and what was mailed."""

    def __init__(self) -> None:
        self.gevraagd: list[dict[str, Any]] = []
        self.mails: list[tuple[str, str]] = []
        self.geweigerd: list[tuple[str, str]] = []


@pytest.fixture
def wachtrij(monkeypatch: pytest.MonkeyPatch) -> Wachtrij:
    rij = Wachtrij()
    opslag = SimpleNamespace(klok=lambda: None, database=SimpleNamespace(transaction=_Leeg, reading=_Leeg))
    monkeypatch.setattr("include.steps.verwerking.Opslag", lambda: opslag)
    monkeypatch.setattr("include.steps.stored_branch.StoredBranch.organisatie", None)
    monkeypatch.setattr("include.steps.stored_branch.StoredBranch.is_done", False)
    monkeypatch.setattr("include.steps.publicatie.oordelen", lambda _: {})
    monkeypatch.setattr(
        "include.steps.stored_branch.StoredBranch.toetsing", SimpleNamespace(instellingen=None)
    )
    monkeypatch.setattr(
        "include.steps.publicatie.refuse",
        lambda *_, door, reden, nu: rij.geweigerd.append((door, reden)),  # noqa: ARG005 - the interface
    )
    monkeypatch.setattr(goedkeuring, "verzend", lambda *mail: rij.mails.append(mail))
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail",
        lambda **vraag: rij.gevraagd.append(vraag),
    )
    return rij


class _Leeg:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


SHIFT = "Inkomen: 45% J (45 of 100), in ronde 2026-09 10% J (5 of 50)"


def _vergeleken(patch: pytest.MonkeyPatch, uitkomst: Vergelijking) -> None:
    patch.setattr("include.steps.publicatie.vergelijk_met_eerder", lambda *_: uitkomst)


@pytest.fixture
def verschoven(monkeypatch: pytest.MonkeyPatch) -> None:
    gevonden = [Verschuiving("Inkomen", Aandeel(45, 100), Aandeel(5, 50), "2026-09")]
    _vergeleken(monkeypatch, Vergelijking("2026-09", gevonden))


@pytest.fixture
def niet_verschoven(monkeypatch: pytest.MonkeyPatch) -> None:
    _vergeleken(monkeypatch, Vergelijking(None))


def _operator() -> GoedkeurenOperator:
    return GoedkeurenOperator(task_id="toetsing.goedkeuren", verwerking=VERWERKING)


def _context(**toestanden: str) -> Any:
    gegeven = context(partition_key="2026-10", taak="toetsing.goedkeuren", toestanden=toestanden)
    gegeven["ti"].id = "ti-1"
    gegeven["task_instance"] = gegeven["ti"]
    return gegeven


@pytest.mark.parametrize(
    ("waarde", "gevraagd"), [("", False), ("nee", False), ("ja", True), ("JA ", True), ("1", True)]
)
def test_the_setting(monkeypatch: pytest.MonkeyPatch, waarde: str, gevraagd: bool) -> None:
    monkeypatch.setenv("BIDN_GOEDKEURING", waarde)
    assert goedkeuring_gevraagd() is gevraagd


@pytest.mark.usefixtures("verschoven")
class TestVerschoven:
    def test_only_noted_unless_it_is_asked(self, wachtrij: Wachtrij) -> None:
        uitkomst = _operator().execute(_context())
        assert uitkomst == {
            "organisatie": "Gemeente Alfa",
            "verschuivingen": 1,
            "vergeleken_met": "2026-09",
        }
        assert (wachtrij.gevraagd, wachtrij.mails) == ([], [])

    def test_waits_for_a_human_when_it_is_asked(
        self, wachtrij: Wachtrij, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BIDN_GOEDKEURING", "ja")
        with pytest.raises(TaskAwaitingInput):
            _operator().execute(_context())
        [vraag] = wachtrij.gevraagd
        assert vraag["subject"] == "Publish the reports of Gemeente Alfa, ronde 2026-10?"
        assert vraag["options"] == ["Publish", "Do not publish"]
        assert vraag["defaults"] is None  # nothing is published because nobody looked
        assert vraag["body"].startswith("Outcomes have shifted against ronde 2026-09, ")
        assert f"* {SHIFT}\n" in vraag["body"]
        assert "/bidn/rondes/?periode=2026-10" in vraag["body"]
        [(onderwerp, tekst)] = wachtrij.mails
        assert onderwerp == "publication waits for you, ronde 2026-10"
        assert f"* {SHIFT}\n" in tekst
        assert "/dags/bijzondere_bijstand/runs/run-1/required_actions" in tekst
        assert "docs/runbook.md#bijzondere_bijstand-goedkeuren" in tekst

    def test_the_second_of_a_run_waits_without_a_mail(
        self, wachtrij: Wachtrij, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BIDN_GOEDKEURING", "ja")
        with pytest.raises(TaskAwaitingInput):
            _operator().execute(_context(**{"toetsing.goedkeuren_0": "awaiting_input"}))
        assert (len(wachtrij.gevraagd), wachtrij.mails) == (1, [])


@pytest.mark.usefixtures("niet_verschoven")
def test_what_did_not_shift_goes_on(wachtrij: Wachtrij, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIDN_GOEDKEURING", "ja")
    uitkomst = _operator().execute(_context())
    assert (uitkomst["verschuivingen"], uitkomst["vergeleken_met"]) == (0, None)
    assert (wachtrij.gevraagd, wachtrij.mails) == ([], [])


def _antwoord(keuze: str) -> dict[str, Any]:
    from datetime import UTC, datetime

    moment = datetime(2026, 11, 2, tzinfo=UTC)
    return {
        "chosen_options": [keuze],
        "params_input": {},
        "responded_at": moment,
        "responded_by_user": {"id": "1", "name": "ops"},
    }


def test_approved(wachtrij: Wachtrij) -> None:
    uitkomst = _operator().execute_complete(_context(), _antwoord("Publish"))
    assert uitkomst == {"organisatie": "Gemeente Alfa", "goedgekeurd": True}
    assert wachtrij.geweigerd == []


@pytest.mark.usefixtures("verschoven")
def test_turned_down_fails_the_branch_with_who_why_and_what_to_do(wachtrij: Wachtrij) -> None:
    with pytest.raises(ControleFout) as gevangen:
        _operator().execute_complete(_context(), _antwoord("Do not publish"))
    assert str(gevangen.value).startswith(
        "organisation Gemeente Alfa, ronde 2026-10: ops turned the publication down, so nothing of it was published "
        f"({SHIFT}). Mend the cause and start a new run of the ronde."
    )
    assert wachtrij.geweigerd == [("ops", SHIFT)]
