"""Airflow works the deadline of a ronde out when it creates the run, and hands the alert what it needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from airflow.utils.session import create_session
from sqlalchemy import select
from wereld import Wereld

from bidn_operators import deadline

pytestmark = pytest.mark.slow


@pytest.fixture
def maak_run(dagbag: Any, airflow_db: str) -> Callable[[str], Any]:
    """Let Airflow create a run of a ronde, as scheduler, REST and backfill do, without running it."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import sync_bag_to_db
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(dagbag, "dags-folder", None)

    def maak(ronde: str) -> Any:
        with create_session() as sessie:
            dag = SerializedDagModel.get_dag("bijzondere_bijstand", session=sessie)
            return dag.create_dagrun(
                run_id=f"deadline-{ronde}",
                run_after=datetime(2026, 11, 1, tzinfo=UTC),
                partition_key=ronde,
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.TEST,
                state=DagRunState.QUEUED,
                session=sessie,
            ).id

    return maak


def test_a_run_in_time_gets_its_deadlines_and_one_of_the_past_none(
    maak_run: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models.deadline import Deadline
    from airflow.sdk.execution_time.callback_supervisor import execute_callback

    monkeypatch.setattr(deadline, "_nu", lambda: datetime(2026, 11, 5, tzinfo=UTC))
    in_tijd, te_laat = maak_run("2026-10"), maak_run("2026-09")
    gezien: list[str] = []
    monkeypatch.setattr(deadline, "verzend", lambda onderwerp, _: gezien.append(onderwerp))
    monkeypatch.setattr("include.steps.termijn.niet_gepubliceerd", lambda *_: ["Gemeente Alfa"])
    with create_session() as sessie:
        alle = list(sessie.scalars(select(Deadline).order_by(Deadline.deadline_time)))
        assert [een for een in alle if een.dagrun_id == te_laat] == []
        eigen = [een for een in alle if een.dagrun_id == in_tijd]
        assert [een.deadline_time for een in eigen] == [
            datetime(2026, 11, 25, 23, 0, tzinfo=UTC),  # five days ahead: the 26th begins
            datetime(2026, 11, 30, 23, 0, tzinfo=UTC),  # the 30th, the last day, is over
        ]
        # What the scheduler and the executor do when it passes.
        for een in eigen:
            een.handle_miss(sessie)
            data = een.callback.data
            gelukt, fout = execute_callback(data["path"], data["kwargs"], "", None, structlog.get_logger())
            assert gelukt, fout
    assert gezien == ["1 not published, ronde 2026-10 is due", "1 not published, ronde 2026-10 is late"]


def test_dag_test_runs_a_dag_with_deadlines(
    bidn: Wereld, draai: Callable[..., dict[str, str]], dagbag: Any
) -> None:
    # Nobody delivered for this ronde.
    assert draai("bijzondere_bijstand", ronde="2026-08")[""] == "success"
    assert len(dagbag.dags["bijzondere_bijstand"].deadline) == 2
