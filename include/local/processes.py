"""The components as processes: started apart, watched together, and all stopped in the end, whatever happens.

Every component leads a session of its own, and the sessions are written down in one file per data folder. Who has
that file locked is the launcher of the folder. When it can no longer stop what it started (killed hard, or out of
memory), its guard does: this module as a program, which has the same lock and waits for the launcher's end of a pipe.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import psutil

from include.errors import InstallatieFout
from include.settings import PROJECT

GRACE_SECONDS = 15.0
FULL_BYTES = 50 * 1024**2
"""With less than this left a disk is full: SQLite and Airflow's logs no longer have room to write."""


@dataclass
class Processes:
    """What this launcher has started, with the logs and the register in the folder ``data``.

    ``environment`` is what a component gets unless it says otherwise. ``grace`` is the number of seconds that what is
    stopped gets to end by itself.
    """

    data: Path
    environment: Mapping[str, str]
    grace: float = GRACE_SECONDS
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def register(self) -> Path:
        """The launcher on the first line, then a line for every session: its number and when it began."""
        return self.data / "lokaal" / "processes"

    @property
    def logs(self) -> Path:
        """One file per component: what it printed."""
        return self.data / "logs"

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start ``python -m <command>`` in a session of its own; it prints to ``<logs>/<name>.log``."""
        with self._lock:
            if self._stopped:
                raise InstallatieFout(f"{name} was not started: everything is being stopped.")
            with self._log(name).open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", *command],
                    cwd=PROJECT,
                    env=dict(self.environment if environment is None else environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._running[name] = process
            with self.register.open("a") as register, contextlib.suppress(psutil.NoSuchProcess):
                register.write(f"{process.pid} {psutil.Process(process.pid).create_time()}\n")
        return process

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run ``python -m <command>`` to its end.

        Raises:
            InstallatieFout: it failed; the message ends with the last lines it printed.
        """
        if code := self.start(name, command, environment).wait():
            raise InstallatieFout(self._story(name, code))
        with self._lock:
            self._running.pop(name, None)

    def check(self, *names: str) -> None:
        """Make sure that the components with these names still run; without names, all that were started.

        Raises:
            InstallatieFout: one has ended; names it, with the last lines it printed.
        """
        for name, story in self.ended().items():
            if not names or name in names:
                raise InstallatieFout(story)

    def ended(self) -> dict[str, str]:
        """Return which components have ended, and with what last words."""
        codes = {name: process.poll() for name, process in list(self._running.items())}
        return {name: self._story(name, code) for name, code in codes.items() if code is not None}

    def stop(self) -> None:
        """Stop all of it, and return when nothing is left."""
        with self._lock:
            self._stopped = True
        stop({process.pid for process in self._running.values()}, self.grace)
        for process in self._running.values():
            process.wait()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _story(self, name: str, code: int) -> str:
        path = self._log(name)
        printed = path.read_text(encoding="utf-8", errors="replace").splitlines()
        lines = [line for line in printed if line.strip()]
        last = "\n".join(f"    {line}" for line in lines[-8:]) or "    (it printed nothing)"
        story = f"{name} ended with exit code {code}. Its last lines, from {path}:\n{last}"
        free = shutil.disk_usage(self.data).free
        if free < FULL_BYTES:
            story += (
                f"\nThe disk of {self.data} is full ({free // 1024**2} MB left): make room, and start again."
            )
        return story


@contextlib.contextmanager
def supervised(processes: Processes) -> Iterator[Processes]:
    """Run the body with ``processes``; afterwards, whatever happened, nothing that it started is left.

    What an earlier launcher on this folder left behind, because it and its guard were killed, is stopped first.

    Raises:
        InstallatieFout: another launcher runs on the same folder.
        OSError: the folder cannot be written.
    """
    with _locked(processes.data, processes.register) as register:
        left, lines = _sessions(processes.register), processes.register.read_text().splitlines()[1:]
        _write(register, lines)
        stop(left, processes.grace)
        _write(register, [])
        guard = subprocess.Popen(
            [sys.executable, "-m", "include.local.processes", processes.register, str(processes.grace)],
            cwd=PROJECT,
            env=bare(),
            stdin=subprocess.PIPE,
            pass_fds=[register.fileno()],
            start_new_session=True,
        )
        try:
            yield processes
        finally:
            processes.stop()
            guard.communicate()


def bare() -> dict[str, str]:
    """Return the environment of a program that needs to know nothing of Airflow, and none of its keys."""
    needed = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in needed if name in os.environ} | {"PYTHONPATH": str(PROJECT)}


@contextlib.contextmanager
def _locked(data: Path, register: Path) -> Iterator[TextIO]:
    for folder in (data, data / "logs", register.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    register.touch(mode=0o600)
    with register.open("a+") as file:
        while not _lock(file):
            file.seek(0)
            holder = file.readline().strip()
            # Else it has not said yet who it is, or it was killed and its guard stops what it left.
            if holder and psutil.pid_exists(int(holder)):
                raise InstallatieFout(
                    f"An installation already runs on {data} (process {holder}). "
                    "Stop it first, or set BIDN_DATA and the ports in .env to run another beside it."
                )
            time.sleep(0.1)
        yield file


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(register: TextIO, sessions: Sequence[str]) -> None:
    register.truncate(0)
    register.write("\n".join([str(os.getpid()), *sessions, ""]))
    register.flush()


def _sessions(register: Path) -> set[int]:
    """Return the sessions written down, but for a number that another process has been given since."""
    found = set()
    for line in register.read_text().splitlines()[1:]:
        session, began = line.split()
        with contextlib.suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(int(session)).create_time() - float(began)) >= 1:
                continue
        found.add(int(session))
    return found


def members(sessions: Collection[int]) -> list[psutil.Process]:
    """Return the living processes of the sessions with these leaders; zombies do not live.

    Airflow gives each task a process group of its own *within* a session, so the session, not the group, is what
    has to be empty in the end.
    """
    found = []
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in sessions and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def stop(sessions: Collection[int], grace: float) -> None:
    """Ask the leaders to end (SIGTERM), and kill what is left of their sessions after ``grace`` seconds.

    Only the leader is asked: it tells its own children. A signal to all of them at once can kill one of
    Airflow's workers while it holds the lock of their queue, and then the others never end.
    """
    for session in sessions:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(session, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while left := members(sessions):
        if time.monotonic() > deadline:
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        time.sleep(0.1)


def guard(register: Path, grace: float) -> None:
    """Wait until the launcher has ended, however it did, and stop what it left; what is gone costs nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    stop(_sessions(register), grace)


if __name__ == "__main__":
    guard(Path(sys.argv[1]), float(sys.argv[2]))
