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
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.table import Table

from bidn_operators.pools import pools
from bidn_operators.roles import ROLES
from include.errors import InstallatieFout
from include.local import environment
from include.local.airflow_api import FINISHED, AirflowApi, Watch, wait_for
from include.local.config import HOST, Config, check_ports
from include.local.databases import prepare
from include.local.processes import Processes, bare, supervised
from include.local.progress import Progress

if TYPE_CHECKING:
    from airflow_client.client import DAGRunResponse

EXIT_FAILED = 1

# What cannot be missed. A source or the mailbox can: that a task notices, says so and waits.
AIRFLOW = ("api-server", "scheduler", "dag-processor")

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

EDITING = (
    "A change in dags/ is picked up within half a minute, one in include/normen/ by the next task. "
    "One in the code of include/ or plugins/ counts after Ctrl-C and make up again."
)


class Reports(Protocol):
    """What the launcher can tell of a run when it is done."""

    def report(self, config: Config, console: Console) -> None:
        """Print what the run has brought."""
        ...


class Demo(Reports, Protocol):
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


class Also(Reports, Protocol):
    """A DAG without rondes that is run after the ronde, on what its demo prepared."""

    dag_id: str


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
    processes = Processes(config.data, {})
    with _signals(), supervised(processes):
        known = environment.load_secrets(config.secrets)
        processes.environment = environment.build(config, known)
        start = Start(config, known, processes, console)
        # The preparation may still be at work when the body is left: its processes are stopped first, and then
        # the executor waits for a thread that has nothing left to do.
        with (
            environment.in_force(processes.environment),
            ThreadPoolExecutor(max_workers=1) as executor,
            _stopping(processes, console),
        ):
            check_ports(config)
            prepare(config.database_url, config.airflow_database_url)
            try:
                api = start.airflow(executor.submit(start.prepare, demo))
                codes = [start.run(api, config.dag_id, demo, demo.ronde())]
                codes += [start.run(api, one.dag_id, one) for one in also]
                if stay:
                    start.portal()
                    start.stay()
            except InstallatieFout:
                processes.check(*AIRFLOW)  # that one of them ended explains more
                raise
    return max(codes)


@dataclass
class Start:
    """One installation on its way up, and what is run in it."""

    config: Config
    secrets: dict[str, str]
    processes: Processes
    console: Console
    clock: Clock = field(default_factory=Clock)

    def prepare(self, demo: Demo) -> None:
        """Have the sources and the mailbox answer, and the organisations registered."""
        config, processes = self.config, self.processes
        with self.clock.phase("sources"):
            demo.prepare_sources(config, processes)
            serve = ["--populatie", str(config.populatie), "--port", str(config.port_bronnen)]
            processes.start("bronnen", ["include.mock_sources", *serve], bare())
            processes.start("mail", catch_mail(config.port_mail, config.mail), bare())
            for port in (config.port_bronnen, config.port_mail):
                wait_for(partial(_answers, port), processes.check, 60, f"nothing answers on port {port}")
        with self.clock.phase("organisations"):
            demo.prepare_organisations(config)

    def airflow(self, prepared: Future[None]) -> AirflowApi:
        """Start Airflow, and return its API when everything, the preparation too, is ready for a run."""
        config, processes = self.config, self.processes
        self.console.print("Starting Airflow and its sources …")
        environment.write_logins(config, self.secrets)
        with self.clock.phase("Airflow database"):
            processes.run("airflow-db", ["airflow", "db", "migrate"])

        def check() -> None:
            processes.check()
            if prepared.done():
                prepared.result()

        with self.clock.phase("Airflow start"):
            served = ["--host", HOST, "--port", str(config.port_airflow)]
            processes.start("api-server", ["airflow", "api-server", *served])
            processes.start("scheduler", ["bidn_operators.preload", "scheduler", "--skip-serve-logs"])
            processes.start("dag-processor", ["airflow", "dag-processor"])
            user = environment.LAUNCHER
            api = AirflowApi(config.airflow_url, user, self.secrets[f"login_{user}"])
            api.wait_until_healthy(check)
            for pool in pools(config.pool_slots):
                api.create_pool(*pool)
        with self.clock.phase("waiting for the preparation"):
            wait_for(prepared.done, check, 300, "the sources and organisations are not ready")
            prepared.result()
        return api

    def run(self, api: AirflowApi, dag_id: str, what: Reports, ronde: str | None = None) -> int:
        """Run ``dag_id`` to its end, tell what it brought, and return the exit code."""
        name = f"Ronde {ronde}" if ronde else dag_id
        run = self._begin(api, dag_id, ronde)
        self.console.print(
            f"\n{name} runs in Airflow: {self.config.airflow_url}/dags/{dag_id}/runs/{run.dag_run_id}"
        )
        with self.clock.phase("run" if ronde else dag_id):
            run = self._follow(api, dag_id, run)
        what.report(self.config, self.console)
        self.console.print(f"{name}: {run.state.value}. {self.clock}", highlight=False, soft_wrap=True)
        return 0 if run.state == "success" else EXIT_FAILED

    def _begin(self, api: AirflowApi, dag_id: str, ronde: str | None) -> DAGRunResponse:
        """Return the run that the schedule starts when it is due, otherwise a new one; of ``ronde``, if given."""
        check, started = self.processes.check, datetime.now(UTC)
        due = api.wait_until_parsed(dag_id, check)

        def new() -> list[DAGRunResponse]:
            return [run for run in api.latest_runs(dag_id) if run.queued_at and run.queued_at >= started]

        for left in api.latest_runs(dag_id):
            old = left.queued_at and left.queued_at < started
            if old and left.state not in FINISHED and (left.partition_key or ronde is None):
                api.give_up(dag_id, left.dag_run_id)
        api.unpause(dag_id)
        if due and due <= datetime.now(UTC):
            wait_for(new, check, 120, "the scheduler has not started the run that is due")
        mine = [run for run in new() if run.partition_key == ronde]
        return mine[0] if mine else api.trigger(dag_id, ronde, "Started by the local installation.")

    def _follow(self, api: AirflowApi, dag_id: str, run: DAGRunResponse) -> DAGRunResponse:
        """Show the run until it ends, with the error of every task that fails."""
        watch = Watch(api, dag_id, run.dag_run_id)
        with Progress(self.console, api.tasks(dag_id)) as progress:
            while True:
                looked = time.monotonic()
                run = api.run(dag_id, run.dag_run_id)
                for one in progress.show(watch.look()):
                    error = api.last_error(dag_id, run.dag_run_id, one) or "its log does not say why"
                    verb = "FAILED" if one.state == "failed" else "Will be tried again"
                    self._alarm(f"{verb}: {progress.describe(one)}: {error}")
                if run.state in FINISHED:
                    return run
                self.processes.check(*AIRFLOW)
                # Of a large run Airflow tells thousands of tasks: it is not to be busy telling.
                time.sleep(max(0.7, min(30.0, 15 * (time.monotonic() - looked))))

    def portal(self) -> None:
        """Start the portal, and the identity provider that the demo's people log in with."""
        config, processes = self.config, self.processes
        served = ["--port", str(config.port_inlogdienst), "--gebruikers", str(config.gebruikers)]
        processes.start("inlogdienst", ["include.mock_sources", "inlogdienst", *served], bare())
        found = {**processes.environment, "BIDN_OIDC_ISSUER": config.inlogdienst_url}
        processes.start("portaal", ["include.portaal", "--port", str(config.port_portaal)], found)
        for port in (config.port_inlogdienst, config.port_portaal):
            wait_for(partial(_answers, port), processes.check, 60, f"nothing answers on port {port}")

    def stay(self) -> None:
        """Wait for Ctrl-C. What Airflow can do without, a source or the mailbox, is missed aloud and once."""
        self._show_addresses()
        told: set[str] = set()
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                self.processes.check(*AIRFLOW)
                for name, story in self.processes.ended().items():
                    if name not in told:
                        told.add(name)
                        self._alarm(
                            f"{story}\nTasks that need it will wait and say so. "
                            "To have it back: Ctrl-C and make up again."
                        )
                time.sleep(1)

    def _show_addresses(self) -> None:
        table = Table(title="This stays up until Ctrl-C", title_justify="left", box=None, show_header=False)
        table.add_row("Airflow", f"{self.config.airflow_url}/dags/{self.config.dag_id}")
        for user, role in ROLES.items():
            table.add_row(f"  log in as {user}", f"{self.secrets[f'login_{user}']}   (role {role})")
        table.add_row("Portal", f"{self.config.portaal_url}   (choose one of the demo's people to log in as)")
        table.add_row("Mock sources", self.config.bronnen_url)
        table.add_row("Caught mail", str(self.config.mail))
        table.add_row("Logs", str(self.config.logs))
        self.console.print(table, highlight=False)
        self.console.print(EDITING, soft_wrap=True)

    def _alarm(self, text: str) -> None:
        self.console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)


def catch_mail(port: int, folder: Path) -> list[str]:
    """Return the command of the mail catcher."""
    return [
        *("aiosmtpd", "-n", "-u", "-l", f"{HOST}:{port}"),
        *("-c", "include.local.mail_catcher.Postbus", str(folder)),
    ]


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _stopping(processes: Processes, console: Console) -> Iterator[None]:
    """Stop everything at the end, say that this is what one waits for, and let nothing interrupt it."""
    try:
        yield
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        console.print("Stopping what was started …")
        processes.stop()


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
