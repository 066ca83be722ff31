"""Following a run without asking for everything again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.local.airflow_api import NoAnswer, TaskInstance, Watch


def _one(task: str, index: int, state: str | None) -> TaskInstance:
    return TaskInstance(task, index, None, state, None, None, 1)


class Airflow:
    """Tells what it is given, answer by answer, and remembers since when it was asked."""

    def __init__(self, *answers: list[TaskInstance] | NoAnswer) -> None:
        self.answers, self.since = list(answers), list[datetime | None]()

    def task_instances(self, dag_id: str, run_id: str, since: datetime | None = None) -> list[TaskInstance]:
        assert (dag_id, run_id) == ("proef", "run-1")
        self.since.append(since)
        answer = self.answers.pop(0)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer


def _watch(airflow: Any) -> Watch:
    return Watch(airflow, "proef", "run-1")


def test_what_did_not_change_is_still_there_and_was_not_told_again() -> None:
    opened, waits = _one("openen", -1, "success"), _one("regels", -1, None)
    urk, ede = _one("regels", 0, "running"), _one("regels", 1, "queued")
    airflow = Airflow([opened, waits], [urk, ede], [_one("regels", 1, "success")])
    watch = _watch(airflow)
    assert watch.look() == [opened, waits]
    # Until the organisations are known there is one, without a number.
    assert watch.look() == [opened, urk, ede]
    assert watch.look() == [opened, urk, _one("regels", 1, "success")]


def test_it_asks_from_before_the_last_answer_and_after_silence_from_the_one_before() -> None:
    airflow = Airflow([], NoAnswer("busy"), [])
    watch = _watch(airflow)
    before = datetime.now(UTC)
    watch.look()
    with pytest.raises(NoAnswer):
        watch.look()
    watch.look()
    never, first, second = airflow.since
    assert never is None
    assert first == second
    assert first is not None
    assert before - Watch.OVERLAP <= first <= datetime.now(UTC) - timedelta(minutes=1)
