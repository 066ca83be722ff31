"""The components as processes: started apart, watched together, and all stopped in the end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from include.errors import InstallatieFout
from include.local import sessions


@dataclass
class Processes:
    """What this launcher has started. ``register`` lists it on disk, for the next start after a crash.

    ``grace`` is the number of seconds that what is stopped gets to end by itself.
    """

    root: Path
    logs: Path
    register: Path
    environment: Mapping[str, str]
    grace: float = sessions.GRACE_SECONDS
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stopped: bool = False
    _guard: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start ``python -m <command>`` in a session of its own; it prints to ``<logs>/<name>.log``."""
        with self._lock:
            if self._stopped:
                raise InstallatieFout(f"{name} was not started: everything is being stopped.")
            with self._log(name).open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", *command],
                    cwd=self.root,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._running[name] = process
            self._write_register()
            if self._guard and self._guard.stdin:
                self._guard.stdin.write(f"{process.pid}\n".encode())
                self._guard.stdin.flush()
        return process

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run ``python -m <command>`` to its end.

        Raises:
            InstallatieFout: it failed; the message ends with the last lines it printed.
        """
        process = self.start(name, command)
        code = process.wait()
        if code:
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
            running = list(self._running.values())
        leaders = {process.pid for process in running}
        sessions.stop(leaders, grace=self.grace, reap=lambda: [process.poll() for process in running])
        self._running.clear()
        self.register.unlink(missing_ok=True)

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _story(self, name: str, code: int) -> str:
        path = self._log(name)
        lines = [
            line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
        last = "\n".join(f"    {line}" for line in lines[-8:]) or "    (it printed nothing)"
        return f"{name} ended with exit code {code}. Its last lines, from {path}:\n{last}"

    def _write_register(self) -> None:
        known = [_identity(os.getpid()), *(_identity(process.pid) for process in self._running.values())]
        self.register.write_text(json.dumps([entry for entry in known if entry]), encoding="utf-8")


@contextlib.contextmanager
def supervised(processes: Processes) -> Iterator[Processes]:
    """Run the body with ``processes``; afterwards, whatever happened, nothing that it started is left.

    Raises:
        InstallatieFout: another launcher runs on the same data folder.
    """
    processes.logs.mkdir(parents=True, exist_ok=True)
    processes.register.parent.mkdir(parents=True, exist_ok=True)
    clear_stale(processes.register, processes.grace)
    guard = subprocess.Popen(
        [sys.executable, "-m", "include.local.guard", str(processes.grace)],
        cwd=processes.root,
        env=dict(processes.environment),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    processes._guard = guard
    try:
        yield processes
    finally:
        processes.stop()
        _close(guard.stdin)
        guard.wait()


def clear_stale(register: Path, grace: float = sessions.GRACE_SECONDS) -> None:
    """Stop what an earlier launcher on this data folder left behind when it and its guard were killed.

    A process counts as left behind only when it started at the moment written down: a number can be reused.

    Raises:
        InstallatieFout: that launcher still runs.
    """
    try:
        launcher, *components = json.loads(register.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    if _is_alive(launcher):
        raise InstallatieFout(
            f"An installation already runs on {register.parent.parent} (process {launcher['pid']}). "
            "Stop it first, or set BIDN_DATA and the ports in .env to run another beside it."
        )
    sessions.stop({int(entry["pid"]) for entry in components if _is_alive(entry)}, grace=grace)
    register.unlink(missing_ok=True)


def _identity(pid: int) -> dict[str, float] | None:
    try:
        return {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return None


def _is_alive(entry: dict[str, float]) -> bool:
    now = _identity(int(entry["pid"]))
    return now is not None and abs(now["started"] - entry["started"]) < 1.0


def _close(pipe: IO[bytes] | None) -> None:
    with contextlib.suppress(OSError):
        if pipe:
            pipe.close()
