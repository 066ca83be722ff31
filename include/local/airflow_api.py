"""Airflow's REST API, as far as the launcher needs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from include.errors import InstallatieFout

T = TypeVar("T")

FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


@dataclass(frozen=True)
class TaskInstance:
    """One task instance: its state, its ``label`` when it is mapped and has started, its time in seconds."""

    task_id: str
    map_index: int
    label: str | None
    state: str | None
    seconds: float | None
    ended: str | None
    try_number: int


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG."""

    run_id: str
    state: str
    partition_key: str | None
    queued: datetime | None


class NoAnswer(InstallatieFout):
    """Airflow did not answer in time: it may when asked again."""


class AirflowApi:
    """A logged-in client. Every method raises InstallatieFout when Airflow does not answer as expected."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._login = {"username": user, "password": password}
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def wait_until_healthy(self, check: Callable[[], None], timeout: float = 120) -> None:
        """Wait for API, scheduler and dag-processor; ``check`` raises when one of them has died."""

        def healthy() -> bool:
            try:
                answer = self._client.get("/api/v2/monitor/health")
                parts = answer.json() if answer.is_success else {}
            except (httpx.HTTPError, ValueError):
                return False
            needed = ("metadatabase", "scheduler", "dag_processor")
            return all((parts.get(part) or {}).get("status") == "healthy" for part in needed)

        wait_for(healthy, check, timeout, "Airflow is not healthy")
        self.log_in()

    def log_in(self) -> None:
        """Get a token for every later question."""
        try:
            answer = self._client.post("/auth/token", json=self._login)
        except httpx.HTTPError as error:
            raise InstallatieFout(
                f"Airflow does not answer at {self._client.base_url} ({type(error).__name__}). Is it up? Start it "
                "with: make up"
            ) from None
        if not answer.is_success:
            raise InstallatieFout(
                f"Airflow did not let {self._login['username']} in (HTTP {answer.status_code})."
            )
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def wait_until_parsed(
        self, dag_id: str, check: Callable[[], None], timeout: float = 90
    ) -> dict[str, Any]:
        """Wait until the dag-processor has read ``dag_id`` and return what Airflow knows of it.

        Raises:
            InstallatieFout: it was not read in time; with Airflow's import error when there is one.
        """

        def parsed() -> dict[str, Any] | None:
            answer = self._client.get(f"/api/v2/dags/{dag_id}")
            if answer.status_code != httpx.codes.NOT_FOUND:
                return self._json(answer)
            errors = self._get("/api/v2/importErrors")["import_errors"]
            if errors:
                last = str(errors[0]["stack_trace"]).strip().splitlines()[-1]
                raise InstallatieFout(f"{errors[0]['filename']} cannot be imported: {last}")
            return None

        return wait_for(parsed, check, timeout, f"the dag-processor has not read {dag_id}")

    def create_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool, or leave the one that is there as ops have set it."""
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        answer = self._client.post("/api/v2/pools", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            self._json(answer)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run ``dag_id``."""
        self._json(self._client.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}))

    def trigger(self, dag_id: str, partition_key: str | None, note: str) -> DagRun:
        """Start a run of ``dag_id``, for one partition (a ronde here) where it has those."""
        body = {"logical_date": None, "note": note}
        if partition_key is not None:
            body["partition_key"] = partition_key
        return _run(self._json(self._client.post(f"/api/v2/dags/{dag_id}/dagRuns", json=body)))

    def run(self, dag_id: str, run_id: str) -> DagRun:
        """Return the run as it is now."""
        return _run(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def latest_runs(self, dag_id: str) -> list[DagRun]:
        """Return the hundred runs that were created last, the newest first."""
        query = {"order_by": "-id", "limit": 100}
        return [_run(found) for found in self._get(f"/api/v2/dags/{dag_id}/dagRuns", query)["dag_runs"]]

    def backfill_would_run(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> list[str]:
        """Return the partition keys that a backfill from ``first`` up to and including ``last`` would run."""
        answer = self._client.post(
            "/api/v2/backfills/dry_run", json=_backfill(dag_id, first, last, again=again)
        )
        return [one["partition_key"] for one in self._json(answer)["backfills"]]

    def create_backfill(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> int:
        """Start a backfill, one run after another, and return its number; ``again``: also what ran before."""
        if self._get(f"/api/v2/dags/{dag_id}")["is_paused"]:
            raise InstallatieFout(
                f"{dag_id} is paused, so its runs would wait for ever. Unpause it in Airflow first."
            )
        answer = self._client.post("/api/v2/backfills", json=_backfill(dag_id, first, last, again=again))
        number: int = self._json(answer)["id"]
        return number

    def is_open(self, backfill: int) -> bool:
        """Return whether a backfill still has runs to start or to finish."""
        return self._get(f"/api/v2/backfills/{backfill}")["completed_at"] is None

    def backfill_runs(self, dag_id: str, since: datetime) -> list[DagRun]:
        """Return the runs of backfills that were queued since a moment."""
        query = {"run_type": "backfill", "order_by": "-id", "limit": 100}
        runs = [_run(found) for found in self._get(f"/api/v2/dags/{dag_id}/dagRuns", query)["dag_runs"]]
        return [run for run in runs if run.queued and run.queued >= since]

    def give_up(self, dag_id: str, run_id: str) -> None:
        """Mark a run, and what it was doing, as failed."""
        url = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        self._json(
            self._client.patch(
                url, json={"state": "failed", "note": "Interrupted: the installation stopped."}
            )
        )

    def tasks(self, dag_id: str) -> dict[str, list[str]]:
        """Return the tasks of ``dag_id``, each with the tasks directly downstream of it."""
        tasks = self._get(f"/api/v2/dags/{dag_id}/tasks")["tasks"]
        return {task["task_id"]: task["downstream_task_ids"] for task in tasks}

    def task_instances(self, dag_id: str, run_id: str, since: datetime | None = None) -> list[TaskInstance]:
        """Return every task instance of a run, or only those that changed ``since`` a moment."""
        found: list[dict[str, Any]] = []
        total = 1
        changed = {"updated_at_gte": since.isoformat()} if since else {}
        while len(found) < total:
            query = {"limit": 100, "offset": len(found), "order_by": "id"} | changed
            page = self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", query)
            total = page["total_entries"]
            found += page["task_instances"]
            if not page["task_instances"]:
                break
        return [
            TaskInstance(
                task_id=one["task_id"],
                map_index=one["map_index"],
                # Until the label is there, Airflow gives the number instead.
                label=one["rendered_map_index"]
                if one["rendered_map_index"] != str(one["map_index"])
                else None,
                state=one["state"],
                seconds=one["duration"],
                ended=one["end_date"],
                try_number=one["try_number"],
            )
            for one in found
        ]

    def last_error(self, dag_id: str, run_id: str, task: TaskInstance) -> str | None:
        """Return what the last try of ``task`` ended with, as ``Class: message``; None if not in its log."""
        url = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs"
        log = self._get(
            f"{url}/{max(task.try_number, 1)}", {"map_index": task.map_index, "full_content": True}
        )["content"]
        for line in reversed([line for line in log if isinstance(line, dict)]):
            details = line.get("error_detail") or []
            if details:
                return f"{details[0].get('exc_type')}: {details[0].get('exc_value')}"
        errors = [
            str(line["event"]) for line in log if isinstance(line, dict) and line.get("level") == "error"
        ]
        return errors[-1] if errors else None

    def _get(self, url: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self._json(self._client.get(url, params=query))
        except httpx.HTTPError as error:
            raise NoAnswer(
                f"Airflow did not answer GET {url} at {self._client.base_url} ({type(error).__name__}). Has its "
                "api-server ended, or is it overloaded? Its log is in the logs folder of the installation."
            ) from None

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        if answer.is_success:
            content: dict[str, Any] = answer.json()
            return content
        request = f"{answer.request.method} {answer.request.url.path}"
        raise InstallatieFout(f"Airflow refused {request} (HTTP {answer.status_code}): {answer.text[:500]}")


class Watch:
    """The task instances of one run, kept up to date by asking for what changed since the last time.

    Telling a hundred takes Airflow a second, and a ronde of the whole country has thousands.
    """

    OVERLAP = timedelta(minutes=2)
    """A change shows when its transaction ends, with the time at which it was made; a look of the scheduler at such
    a ronde is one transaction of half a minute."""

    def __init__(self, api: AirflowApi, dag_id: str, run_id: str) -> None:
        self._api, self._dag_id, self._run_id = api, dag_id, run_id
        self._known: dict[tuple[str, int], TaskInstance] = {}
        self._since: datetime | None = None

    def look(self) -> list[TaskInstance]:
        """Return every task instance as it is now. Raises NoAnswer; the next look then makes up for it."""
        asked = datetime.now(UTC)
        for one in self._api.task_instances(self._dag_id, self._run_id, self._since):
            if one.map_index >= 0:
                self._known.pop((one.task_id, -1), None)  # until it was known how many there would be
            self._known[one.task_id, one.map_index] = one
        self._since = asked - self.OVERLAP
        return list(self._known.values())


def is_due(dag: dict[str, Any]) -> bool:
    """Whether the schedule itself starts a run as soon as the DAG is not paused."""
    moment = dag.get("next_dagrun_run_after")
    return bool(moment) and datetime.fromisoformat(str(moment)) <= datetime.now(UTC)


def wait_for(look: Callable[[], T | None], check: Callable[[], None], timeout: float, problem: str) -> T:
    """Look until there is something, and return it; ``check`` may raise in between.

    Raises:
        InstallatieFout: nothing yet after ``timeout`` seconds: ``problem``.
    """
    deadline = time.monotonic() + timeout
    while not (found := look()):
        check()
        if time.monotonic() > deadline:
            raise InstallatieFout(f"{problem} after {timeout:.0f} seconds.")
        time.sleep(0.3)
    return found


def _backfill(dag_id: str, first: datetime, last: datetime, *, again: bool) -> dict[str, Any]:
    return {
        "dag_id": dag_id,
        "from_date": first.isoformat(),
        "to_date": last.isoformat(),
        "reprocess_behavior": "completed" if again else "none",
        "max_active_runs": 1,
    }


def _run(found: dict[str, Any]) -> DagRun:
    queued = found["queued_at"]
    return DagRun(
        run_id=found["dag_run_id"],
        state=found["state"],
        partition_key=found["partition_key"],
        queued=datetime.fromisoformat(queued) if queued else None,
    )
