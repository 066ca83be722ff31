"""Airflow's REST API, as far as the launcher needs it: Airflow's own client, patient and with our errors."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from urllib3 import Retry
from urllib3.exceptions import HTTPError

from include.errors import InstallatieFout

if TYPE_CHECKING:
    from airflow_client.client import BackfillPostBody, DAGResponse, DAGRunResponse, TaskInstanceResponse

T = TypeVar("T")

FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
TIMEOUT = 30.0
CONFLICT, NOT_FOUND = 409, 404

PATIENCE = Retry(
    total=5,
    allowed_methods=None,
    status_forcelist=(500, 502, 503, 504),
    backoff_factor=0.5,
    raise_on_status=False,
)
"""Silence is asked again, and so is an error of Airflow's own: a SQLite that was locked for too long is one."""


class Refused(InstallatieFout):
    """Airflow answered, but not with what was asked for; ``status`` is HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class AirflowApi:
    """A logged-in client. Every method raises InstallatieFout when Airflow does not answer as expected."""

    def __init__(self, url: str, user: str, password: str, patience: Retry = PATIENCE) -> None:
        # The client is as large as the API: nobody who does not ask Airflow should wait for it.
        import airflow_client.client as client

        self._url, self._login, self._models = url, {"username": user, "password": password}, client
        # An empty proxy is none: Airflow is on this machine, whatever the environment says.
        self._client = client.ApiClient(client.Configuration(host=url, retries=patience, proxy=""))
        self._once = client.ApiClient(client.Configuration(host=url, retries=False, proxy=""))
        self._dags, self._runs = client.DAGApi(self._client), client.DagRunApi(self._client)
        self._tasks, self._backfills = client.TaskInstanceApi(self._client), client.BackfillApi(self._client)
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    def wait_until_healthy(self, check: Callable[[], None], timeout: float = 120) -> None:
        """Wait for API, scheduler and dag-processor; ``check`` raises when one of them has died."""

        def healthy() -> bool:
            try:
                health = self._models.MonitorApi(self._once).get_health(_request_timeout=TIMEOUT)
            except (self._models.ApiException, HTTPError, ValueError):
                return False
            parts = (health.metadatabase, health.scheduler, health.dag_processor)
            return all(part is not None and part.status == "healthy" for part in parts)

        wait_for(healthy, check, timeout, "Airflow is not healthy")
        self.log_in()

    def log_in(self) -> None:
        """Get a token for every later question."""
        answer = self._ask(
            self._client.rest_client.request,
            "POST",
            f"{self._url}/auth/token",
            headers={"Content-Type": "application/json"},
            body=self._login,
        )
        if not 200 <= answer.status < 300:
            raise Refused(
                f"Airflow did not let {self._login['username']} in (HTTP {answer.status}).", answer.status
            )
        self._client.configuration.access_token = json.loads(answer.read())["access_token"]

    def wait_until_parsed(
        self, dag_id: str, check: Callable[[], None], timeout: float = 90
    ) -> datetime | None:
        """Wait until the dag-processor has read ``dag_id``; return when its schedule starts the next run.

        Raises:
            InstallatieFout: it was not read in time; with Airflow's import error when there is one.
        """

        def parsed() -> DAGResponse | None:
            try:
                return self._ask(self._dags.get_dag, dag_id)
            except Refused as error:
                if error.status != NOT_FOUND:
                    raise
            for wrong in self._ask(self._models.ImportErrorApi(self._client).get_import_errors).import_errors:
                last = wrong.stack_trace.strip().splitlines()[-1]
                raise InstallatieFout(f"{wrong.filename} cannot be imported: {last}")
            return None

        found = wait_for(parsed, check, timeout, f"the dag-processor has not read {dag_id}")
        return found.next_dagrun_run_after

    def create_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool, or leave the one that is there as ops have set it."""
        pool = self._models.PoolBody(name=name, slots=slots, description=description, include_deferred=False)
        try:
            self._ask(self._models.PoolApi(self._client).post_pool, pool)
        except Refused as error:
            if error.status != CONFLICT:
                raise

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run ``dag_id``."""
        self._ask(self._dags.patch_dag, dag_id, self._models.DAGPatchBody(is_paused=False))

    def trigger(self, dag_id: str, partition_key: str | None, note: str) -> DAGRunResponse:
        """Start a run of ``dag_id``, for one partition (a ronde here) where it has those."""
        run_id = "__".join(filter(None, ("manual", partition_key, datetime.now(UTC).isoformat())))
        body = self._models.TriggerDAGRunPostBody(
            dag_run_id=run_id, logical_date=None, note=note, partition_key=partition_key
        )
        try:
            return self._ask(self._runs.trigger_dag_run, dag_id, body)
        except Refused as error:
            if error.status != CONFLICT:
                raise
            return self.run(dag_id, run_id)  # started when it was asked first, but the answer was lost

    def run(self, dag_id: str, run_id: str) -> DAGRunResponse:
        """Return the run as it is now."""
        return self._ask(self._runs.get_dag_run, dag_id, run_id)

    def latest_runs(self, dag_id: str, run_type: str | None = None) -> list[DAGRunResponse]:
        """Return the hundred runs that were created last, the newest first."""
        kinds = [run_type] if run_type else None
        return self._ask(
            self._runs.get_dag_runs, dag_id, run_type=kinds, order_by=["-id"], limit=100
        ).dag_runs

    def backfill_would_run(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> list[str]:
        """Return the partition keys that a backfill from ``first`` up to and including ``last`` would run."""
        wanted = self._backfill(dag_id, first, last, again=again)
        return [
            one.partition_key or ""
            for one in self._ask(self._backfills.create_backfill_dry_run, wanted).backfills
        ]

    def create_backfill(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> int:
        """Start a backfill, one run after another, and return its number; ``again``: also what ran before."""
        if self._ask(self._dags.get_dag, dag_id).is_paused:
            raise InstallatieFout(
                f"{dag_id} is paused, so its runs would wait for ever. Unpause it in Airflow first."
            )
        wanted = self._backfill(dag_id, first, last, again=again)
        return self._ask(self._backfills.create_backfill, wanted).id

    def is_open(self, backfill: int) -> bool:
        """Return whether a backfill still has runs to start or to finish."""
        return self._ask(self._backfills.get_backfill, backfill).completed_at is None

    def backfill_runs(self, dag_id: str, since: datetime) -> list[DAGRunResponse]:
        """Return the runs of backfills that were queued since a moment."""
        return [
            run for run in self.latest_runs(dag_id, "backfill") if run.queued_at and run.queued_at >= since
        ]

    def give_up(self, dag_id: str, run_id: str) -> None:
        """Mark a run, and what it was doing, as failed."""
        body = self._models.DAGRunPatchBody(
            state=self._models.DagRunMutableStates.FAILED, note="Interrupted: the installation stopped."
        )
        self._ask(self._runs.patch_dag_run, dag_id, run_id, body)

    def tasks(self, dag_id: str) -> dict[str, list[str]]:
        """Return the tasks of ``dag_id``, each with the tasks directly downstream of it."""
        tasks = self._ask(self._models.TaskApi(self._client).get_tasks, dag_id).tasks
        return {task.task_id or "": task.downstream_task_ids or [] for task in tasks}

    def task_instances(
        self, dag_id: str, run_id: str, since: datetime | None = None
    ) -> list[TaskInstanceResponse]:
        """Return every task instance of a run, or only those that changed ``since`` a moment."""
        found: list[TaskInstanceResponse] = []
        while True:
            page = self._ask(
                self._tasks.get_task_instances,
                *(dag_id, run_id),
                updated_at_gte=since,
                order_by=["id"],
                limit=100,
                offset=len(found),
            )
            found += page.task_instances
            if not page.task_instances or len(found) >= (page.total_entries or 0):
                return found

    def last_error(self, dag_id: str, run_id: str, task: TaskInstanceResponse) -> str | None:
        """Return what the last try of ``task`` ended with, as ``Class: message``; None if not in its log."""
        # Read here: the client's own model of a line leaves out everything but what it says.
        answer = self._ask(
            self._tasks.get_log_without_preload_content,
            *(dag_id, run_id, task.task_id, max(task.try_number, 1)),
            map_index=task.map_index,
            full_content=True,
            accept="application/json",
        )
        log = reversed(json.loads(answer.data).get("content", []))
        lines = [line for line in log if isinstance(line, dict)]
        for line in lines:
            for detail in line.get("error_detail") or []:
                return f"{detail.get('exc_type')}: {detail.get('exc_value')}"
        return next((line["event"] for line in lines if line.get("level") == "error"), None)

    def _backfill(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> BackfillPostBody:
        reprocess = self._models.ReprocessBehavior.COMPLETED if again else self._models.ReprocessBehavior.NONE
        return self._models.BackfillPostBody(
            dag_id=dag_id, from_date=first, to_date=last, reprocess_behavior=reprocess, max_active_runs=1
        )

    def _ask(self, call: Callable[..., T], *what: Any, **options: Any) -> T:
        try:
            return call(*what, _request_timeout=TIMEOUT, **options)
        except self._models.ApiException as error:
            raise Refused(
                f"Airflow refused {call.__name__} (HTTP {error.status}): {str(error.body)[:500]}",
                error.status,
            ) from None
        except HTTPError as error:
            raise InstallatieFout(
                f"Airflow does not answer at {self._url} ({type(error).__name__}). Is it up (make up), or is it "
                "overloaded? The log of its api-server is in the logs folder of the installation."
            ) from None


class Watch:
    """The task instances of one run, kept up to date by asking for what changed since the last time.

    Telling a hundred takes Airflow a second, and a ronde of the whole country has thousands.
    """

    OVERLAP = timedelta(minutes=2)
    """A change shows when its transaction ends, with the time at which it was made; a look of the scheduler at such
    a ronde is one transaction of half a minute."""

    def __init__(self, api: AirflowApi, dag_id: str, run_id: str) -> None:
        self._api, self._dag_id, self._run_id = api, dag_id, run_id
        self._known: dict[tuple[str, int], TaskInstanceResponse] = {}
        self._since: datetime | None = None

    def look(self) -> list[TaskInstanceResponse]:
        """Return every task instance as it is now."""
        asked = datetime.now(UTC)
        for one in self._api.task_instances(self._dag_id, self._run_id, self._since):
            if one.map_index >= 0:
                self._known.pop((one.task_id, -1), None)  # until it was known how many there would be
            self._known[(one.task_id, one.map_index)] = one
        self._since = asked - self.OVERLAP
        return list(self._known.values())


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
