"""Asking Airflow: patiently, and without asking for everything again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from airflow_client.client import TaskInstanceResponse

from include.errors import InstallatieFout
from include.local.airflow_api import PATIENCE, AirflowApi, Watch


class Airflow(HTTPServer):
    """Answers a question with the next status of ``statuses``, and always success after those."""

    statuses: list[int]
    asked: list[tuple[str, str]]


class Answers(BaseHTTPRequestHandler):
    server: Airflow

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, str(json.loads(content).get("name"))))
        body = json.dumps({"name": "bron_brp", "slots": 2} | _POOL).encode()
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 201)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


_POOL = dict.fromkeys(
    ("occupied_slots", "running_slots", "queued_slots", "scheduled_slots", "open_slots", "deferred_slots"), 0
) | {"include_deferred": False}


@pytest.fixture
def airflow() -> Iterator[Airflow]:
    with Airflow(("127.0.0.1", 0), Answers) as server:
        server.statuses, server.asked = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _api(port: int) -> AirflowApi:
    return AirflowApi(f"http://127.0.0.1:{port}", "engineer", "geheim", PATIENCE.new(backoff_factor=0))


@pytest.mark.parametrize(
    ("statuses", "questions"),
    [([], 1), ([500], 2), ([500, 503, 500], 4), ([409], 1)],
    ids=["at once", "a locked database", "busy for a while", "the pool is there"],
)
def test_an_error_of_airflow_itself_is_asked_again(
    airflow: Airflow, statuses: list[int], questions: int
) -> None:
    airflow.statuses = statuses
    _api(airflow.server_port).create_pool("bron_brp", 2, "Requests to the BRP")
    assert airflow.asked == [("/api/v2/pools", "bron_brp")] * questions


@pytest.mark.parametrize(
    ("statuses", "questions", "says"),
    [
        ([500] * 6, 6, r"refused post_pool \(HTTP 500\)"),
        ([422], 1, r"refused post_pool \(HTTP 422\)"),
    ],
    ids=["not for ever", "a wrong question not at all"],
)
def test_a_refusal_is_a_sentence(airflow: Airflow, statuses: list[int], questions: int, says: str) -> None:
    airflow.statuses = statuses
    with pytest.raises(InstallatieFout, match=says):
        _api(airflow.server_port).create_pool("bron_brp", 2, "Requests to the BRP")
    assert len(airflow.asked) == questions


def test_an_airflow_that_is_not_there_is_a_sentence(free_ports: Any) -> None:
    [port] = free_ports(1)
    with pytest.raises(InstallatieFout, match=rf"does not answer at http://127\.0\.0\.1:{port} \(.*make up"):
        _api(port).log_in()


# -- Following a run ------------------------------------------------------------------------------------------------


def _one(task: str, index: int, state: str | None) -> TaskInstanceResponse:
    return TaskInstanceResponse.model_construct(task_id=task, map_index=index, state=state)


class Run:
    """Tells of a run what it is given, answer by answer, and remembers since when it was asked."""

    def __init__(self, *answers: list[TaskInstanceResponse]) -> None:
        self.answers, self.since = list(answers), list[datetime | None]()

    def task_instances(
        self, dag_id: str, run_id: str, since: datetime | None = None
    ) -> list[TaskInstanceResponse]:
        assert (dag_id, run_id) == ("proef", "run-1")
        self.since.append(since)
        return self.answers.pop(0)


def _watch(run: Any) -> Watch:
    return Watch(run, "proef", "run-1")


def test_what_did_not_change_is_still_there_and_was_not_told_again() -> None:
    opened, waits = _one("openen", -1, "success"), _one("regels", -1, None)
    urk, ede = _one("regels", 0, "running"), _one("regels", 1, "queued")
    watch = _watch(Run([opened, waits], [urk, ede], [_one("regels", 1, "success")]))
    assert watch.look() == [opened, waits]
    # Until the organisations are known there is one, without a number.
    assert watch.look() == [opened, urk, ede]
    assert watch.look() == [opened, urk, _one("regels", 1, "success")]


def test_it_asks_from_before_the_last_answer() -> None:
    run = Run([], [])
    before = datetime.now(UTC)
    watch = _watch(run)
    watch.look()
    watch.look()
    never, then = run.since
    assert never is None
    assert then is not None
    assert before - Watch.OVERLAP <= then <= datetime.now(UTC) - timedelta(minutes=1)
