"""From nothing to a finished run, and back to nothing: what ``make run`` and ``make up`` do."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from rich.console import Console
from rich.table import Table

from include.local import environment
from include.local.airflow_api import FINISHED, AirflowApi, DagRun, NoAnswer, Watch, is_due, wait_for
from include.local.config import HOST, Config, check_ports
from include.local.databases import create_missing
from include.local.processes import Processes, supervised
from include.local.progress import Progress

EXIT_FAILED = 1

# What cannot be missed. A source or the mailbox can: that a task notices, says so and waits.
AIRFLOW = ("api-server", "scheduler", "dag-processor")

PATIENCE = 5
"""Questions in a row that Airflow may leave unanswered."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Demo(Protocol):
    """What is run: the work before and after the run that the launcher knows nothing about."""

    def ronde(self) -> str:
        """Return the partition key to run."""
        ...

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        """Make what the sources serve, when it is not there yet."""
        ...

    def prepare_organisations(self, config: Config) -> None:
        """Fill our own database with what the run needs. The sources may be asked."""
        ...

    def report(self, config: Config, console: Console) -> None:
        """Print what the run has brought."""
        ...


class Also(Protocol):
    """A DAG without rondes that is run after the ronde, on what its demo prepared."""

    dag_id: str

    def report(self, config: Config, console: Console) -> None:
        """Print what the run has brought."""
        ...


@dataclass
class Clock:
    """How long each phase took, in seconds. Phases overlap; ``total`` is what one waited."""

    phases: dict[str, float] = field(default_factory=dict)
    start: float = field(default_factory=time.monotonic)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure the body as ``name``."""
        begin = time.monotonic()
        yield
        self.phases[name] = time.monotonic() - begin

    def __str__(self) -> str:
        parts = [f"{name} {seconds:.1f} s" for name, seconds in self.phases.items()]
        return f"{', '.join(parts)}; {time.monotonic() - self.start:.1f} s in all"


def launch(config: Config, demo: Demo, console: Console, *, stay: bool, also: Sequence[Also] = ()) -> int:
    """Start everything, run one ronde, report, and stop everything; with ``stay``, only when interrupted.

    After the ronde, whatever became of it, the DAGs of ``also`` are run one by one.

    Returns the exit code: 0, or ``EXIT_FAILED`` when a run failed. An interruption (Ctrl-C, a request to
    end, a closed terminal) passes as KeyboardInterrupt.

    Raises:
        InstallatieFout: something could not be started; by then everything is stopped again.
    """
    known = environment.load_secrets(config.secrets)
    processes = Processes(
        root=config.root,
        logs=config.logs,
        register=config.data / "lokaal" / "processes.json",
        environment=environment.build(config, known),
    )
    clock = Clock()
    # The preparation may still be at work when the body is left: its processes are stopped first, and then
    # the executor waits for a thread that has nothing left to do.
    with _signals(), ThreadPoolExecutor(max_workers=1) as executor, supervised(processes), _stopping(console):
        check_ports(config)
        create_missing(config.database_url, config.airflow_database_url)
        prepared = executor.submit(_prepare, config, demo, processes, clock)
        with contextlib.closing(_start_airflow(config, known, processes, prepared, clock, console)) as api:
            codes = [_run_ronde(config, demo, api, processes, clock, console)]
            codes += [_run_also(config, one, api, processes, clock, console) for one in also]
            if stay:
                _show_addresses(config, known, console)
                _stay(processes, console)
    return max(codes)


def _prepare(config: Config, demo: Demo, processes: Processes, clock: Clock) -> None:
    with clock.phase("sources"):
        demo.prepare_sources(config, processes)
        processes.start(
            "bronnen", _module("include.mock_sources", populatie=config.populatie, port=config.port_bronnen)
        )
        processes.start("mail", _module("include.local.mail_catcher", uit=config.mail, port=config.port_mail))
        for port in (config.port_bronnen, config.port_mail):
            wait_for(partial(_answers, port), processes.check, 60, f"nothing answers on port {port}")
    with clock.phase("organisations"):
        demo.prepare_organisations(config)


def _start_airflow(
    config: Config,
    known: dict[str, str],
    processes: Processes,
    prepared: Future[None],
    clock: Clock,
    console: Console,
) -> AirflowApi:
    console.print("Starting Airflow and its sources …")
    environment.write_logins(config, known)
    with clock.phase("Airflow database"):
        processes.run("airflow-db", ["airflow", "db", "migrate"])
    user = next(iter(environment.USERS))
    api = AirflowApi(config.airflow_url, user, known[f"login_{user}"])

    def check() -> None:
        processes.check()
        if prepared.done():
            prepared.result()

    with clock.phase("Airflow start"):
        processes.start(
            "api-server", ["airflow", "api-server", "--host", HOST, "--port", str(config.port_airflow)]
        )
        processes.start("scheduler", ["include.local.scheduler", "--skip-serve-logs"])
        processes.start("dag-processor", ["airflow", "dag-processor"])
        api.wait_until_healthy(check)
        for name, description in environment.POOLS.items():
            api.create_pool(name, config.pool_slots, description)
    with clock.phase("waiting for the preparation"):
        wait_for(prepared.done, check, 300, "the sources and organisations are not ready")
        prepared.result()
    return api


def _run_ronde(
    config: Config, demo: Demo, api: AirflowApi, processes: Processes, clock: Clock, console: Console
) -> int:
    ronde = demo.ronde()
    with clock.phase("DAG parsed"):
        run = _start_run(config.dag_id, api, processes, ronde)
    console.print(
        f"Ronde {ronde} runs in Airflow: {config.airflow_url}/dags/{config.dag_id}/runs/{run.run_id}"
    )
    with clock.phase("run"):
        run = _follow(config.dag_id, api, processes, run, console)
    demo.report(config, console)
    console.print(f"Ronde {ronde}: {run.state}. {clock}", highlight=False, soft_wrap=True)
    return 0 if run.state == "success" else EXIT_FAILED


def _run_also(
    config: Config, also: Also, api: AirflowApi, processes: Processes, clock: Clock, console: Console
) -> int:
    run = _start_run(also.dag_id, api, processes, None)
    console.print(
        f"\n{also.dag_id} runs in Airflow: {config.airflow_url}/dags/{also.dag_id}/runs/{run.run_id}"
    )
    with clock.phase(also.dag_id):
        run = _follow(also.dag_id, api, processes, run, console)
    also.report(config, console)
    console.print(f"{also.dag_id}: {run.state}. {clock}", highlight=False, soft_wrap=True)
    return 0 if run.state == "success" else EXIT_FAILED


def _start_run(dag_id: str, api: AirflowApi, processes: Processes, ronde: str | None) -> DagRun:
    """Return the run that the schedule starts when it is due, otherwise a new one; of ``ronde``, if given."""
    started = datetime.now(UTC)
    dag = api.wait_until_parsed(dag_id, processes.check)
    for left in api.latest_runs(dag_id):
        if (
            left.state in ("queued", "running")
            and left.queued
            and left.queued < started
            and (left.partition_key or ronde is None)
        ):
            api.give_up(dag_id, left.run_id)

    def new() -> list[DagRun]:
        return [run for run in api.latest_runs(dag_id) if run.queued and run.queued >= started]

    api.unpause(dag_id)
    if is_due(dag):
        wait_for(new, processes.check, 30, "the scheduler has not started the run that is due")
    mine = [run for run in new() if run.partition_key == ronde]
    return mine[0] if mine else api.trigger(dag_id, ronde, "Started by the local installation.")


def _follow(dag_id: str, api: AirflowApi, processes: Processes, run: DagRun, console: Console) -> DagRun:
    """Show the run until it ends, with the error of every task that fails.

    Raises NoAnswer when Airflow stays silent: busy with a large run it may, for a while.
    """
    silent = 0
    watch = Watch(api, dag_id, run.run_id)
    with Progress(console, api.tasks(dag_id)) as progress:
        while True:
            looked = time.monotonic()
            try:
                run = api.run(dag_id, run.run_id)
                for one in progress.show(watch.look()):
                    error = api.last_error(dag_id, run.run_id, one) or "its log does not say why"
                    verb = "FAILED" if one.state == "failed" else "Will be tried again"
                    line = f"{verb}: {progress.describe(one)}: {error}"
                    console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
                silent = 0
            except NoAnswer:
                silent += 1
                if silent > PATIENCE:
                    raise
            if run.state in FINISHED:
                return run
            processes.check(*AIRFLOW)
            # Of a large run Airflow tells thousands of tasks: it is not to be busy telling.
            time.sleep(max(0.7, min(30.0, 15 * (time.monotonic() - looked))))


def _show_addresses(config: Config, known: dict[str, str], console: Console) -> None:
    table = Table(
        title="This stays up until Ctrl-C", title_justify="left", box=None, padding=(0, 2), show_header=False
    )
    table.add_row("Airflow", f"{config.airflow_url}/dags/{config.dag_id}")
    for user, role in environment.USERS.items():
        table.add_row(f"  log in as {user}", f"{known[f'login_{user}']}   (role {role})")
    table.add_row("Mock sources", config.bronnen_url)
    table.add_row("Caught mail", str(config.mail))
    table.add_row("Logs", str(config.logs))
    console.print(table, highlight=False)


def _stay(processes: Processes, console: Console) -> None:
    """Wait for Ctrl-C. What Airflow can do without, a source or the mailbox, is missed aloud and once."""
    told: set[str] = set()
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            processes.check(*AIRFLOW)
            for name, story in processes.ended().items():
                if name not in told:
                    told.add(name)
                    advice = (
                        "Tasks that need it will wait and say so. To have it back: Ctrl-C and make up again."
                    )
                    console.print(
                        f"{story}\n{advice}", style="red", markup=False, highlight=False, soft_wrap=True
                    )
            time.sleep(1)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def _module(name: str, **options: object) -> list[str]:
    return [name, *(part for key, value in options.items() for part in (f"--{key}", str(value)))]


@contextlib.contextmanager
def _stopping(console: Console) -> Iterator[None]:
    """Say what the waiting at the end is for, and let nothing interrupt it."""
    try:
        yield
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        console.print("Stopping what was started …")


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Treat a request to end, from the system or a closed terminal, as Ctrl-C.

    Ctrl-C too: a shell starts what it puts in the background with that one ignored.
    """

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, interrupt) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
