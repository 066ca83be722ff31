"""What the trigger form answers, and what it makes of a good ronde."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from bidn_operators.trigger import RondeOfTrigger, with_ronde
from include.errors import RondeFout

NOVEMBER = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
URL = "/api/v2/dags/bijzondere_bijstand/dagRuns"


def _filled_in(**asked: Any) -> Any:
    return json.loads(with_ronde(json.dumps(asked).encode(), NOVEMBER))


@pytest.mark.parametrize(
    "asked", [{"conf": {"ronde": "2026-09"}}, {"partition_key": "2026-09", "conf": None}]
)
def test_a_run_by_hand_carries_its_ronde(asked: dict[str, Any]) -> None:
    made = _filled_in(**asked, note="late")
    assert (made["partition_key"], made["note"]) == ("2026-09", "late")
    assert made["dag_run_id"] == "manual__2026-09__2026-11-28T12:00:00+00:00"


def test_a_run_id_that_was_chosen_stays() -> None:
    assert _filled_in(dag_run_id="mine", conf={"ronde": "2026-09"})["dag_run_id"] == "mine"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            {"conf": {"ronde": None}},
            "Fill in Ronde: which month is this run for[?] The newest that can run is 2026-10.",
        ),
        ({}, "Fill in Ronde"),
        ({"conf": {"ronde": "2026-13"}}, "'2026-13' is not a ronde: write it as JJJJ-MM"),
        (
            {"conf": {"ronde": "2026-11"}},
            "ronde 2026-11 cannot run yet: .* The newest that can run is 2026-10.",
        ),
        ({"partition_key": "2026-08", "conf": {"ronde": "2026-09"}}, "2026-08 and Ronde 2026-09 differ"),
    ],
)
def test_a_wrong_ronde_gets_a_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RondeFout, match=sentence):
        _filled_in(**asked)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"conf": "text"}'])
def test_what_is_no_trigger_at_all_is_left_to_airflow(body: bytes) -> None:
    assert with_ronde(body, NOVEMBER) == body


def test_it_stands_before_the_trigger_of_the_monthly_dag_and_nothing_else() -> None:
    app = FastAPI()

    @app.post("/api/v2/dags/{dag_id}/dagRuns")
    async def trigger(request: Request) -> Any:
        return await request.json()

    app.add_middleware(RondeOfTrigger)
    client = TestClient(app)

    refused = client.post(URL, json={"conf": {"ronde": "september"}})
    assert (refused.status_code, refused.json()["detail"][:27]) == (400, "'september' is not a ronde:")
    assert client.post(URL, json={"conf": {"ronde": "2026-09"}}).json()["partition_key"] == "2026-09"
    assert client.post(URL.replace("bijzondere_bijstand", "termijnbewaking"), json={}).json() == {}
