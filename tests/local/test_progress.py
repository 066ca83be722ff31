"""What is shown of a run while it goes."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from airflow_client.client import TaskInstanceResponse, TaskInstanceState
from rich.console import Console

from include.local.progress import Progress, in_order

TASKS = {"publiceren": [], "intake": ["huishouden"], "huishouden": ["publiceren"]}


def one(
    task_id: str, map_index: int, state: str | None, label: str | None = None, try_number: int = 1
) -> TaskInstanceResponse:
    ended = datetime(2026, 11, 1, tzinfo=UTC) if state in ("success", "failed") else None
    return TaskInstanceResponse.model_construct(
        task_id=task_id,
        map_index=map_index,
        rendered_map_index=label or str(map_index),
        state=TaskInstanceState(state) if state else None,
        duration=2.04 if ended else None,
        end_date=ended,
        try_number=try_number,
    )


def plain() -> tuple[Progress, io.StringIO]:
    text = io.StringIO()
    return Progress(Console(file=text, width=40), TASKS), text


def test_tasks_come_in_the_order_in_which_they_can_run() -> None:
    assert in_order(TASKS) == ["intake", "huishouden", "publiceren"]


def test_without_a_terminal_every_end_is_one_line_with_the_organisation() -> None:
    progress, text = plain()
    with progress:
        progress.show([one("intake", -1, "running")])
        progress.show([one("intake", -1, "success"), one("huishouden", 0, "running", "Groningen")])
        progress.show([one("intake", -1, "success"), one("huishouden", 0, "success", "Groningen")])
        progress.show([one("intake", -1, "success"), one("huishouden", 0, "success", "Groningen")])
    lines = [line.split(maxsplit=2)[2].split() for line in text.getvalue().splitlines()]
    assert lines == [["intake", "success", "2.0", "s"], ["Groningen", "huishouden", "success", "2.0", "s"]]


def test_a_failure_is_handed_back_once_for_every_try() -> None:
    progress, _ = plain()
    waiting = one("huishouden", 1, "up_for_retry", "Zwolle")
    failed = one("huishouden", 1, "failed", "Zwolle", try_number=2)
    shown = [progress.show([state]) for state in (waiting, waiting, failed, failed)]
    assert shown == [[waiting], [], [failed], []]
    assert progress.describe(failed) == "huishouden of Zwolle"


def _on_a_terminal(instances: list[TaskInstanceResponse]) -> str:
    text = io.StringIO()
    progress = Progress(Console(file=text, width=100, force_terminal=True, color_system=None), TASKS)
    with progress:
        progress.show(instances)
    return text.getvalue()


def test_on_a_terminal_every_organisation_has_a_column() -> None:
    shown = _on_a_terminal([one("intake", -1, "success"), one("huishouden", 0, "running", "Groningen")])
    assert "Groningen" in shown
    assert "✓ 2.0 s" in shown
    assert "▶" in shown


def test_many_organisations_are_counted_by_state() -> None:
    many = [one("huishouden", number, "success", f"Gemeente {number}") for number in range(20)]
    shown = _on_a_terminal([*many, one("huishouden", 20, "failed", "Zwolle")])
    assert "21 organisations" in shown
    assert "✗ 1  ✓ 20" in shown
