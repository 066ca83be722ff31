"""Stopping a component with everything that it started itself.

Every component leads a session of its own. Airflow gives each task a process group of its own *within* that
session, so the session, not the group, is what has to be empty in the end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection

import psutil

GRACE_SECONDS = 15.0


def members(sessions: Collection[int]) -> list[psutil.Process]:
    """Return the living processes of the sessions with these leaders; zombies do not live."""
    found = []
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in sessions and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def stop(
    sessions: Collection[int],
    *,
    grace: float = GRACE_SECONDS,
    reap: Callable[[], object] = lambda: None,
) -> None:
    """Ask the leaders to end (SIGTERM), and kill what is left of their sessions after ``grace`` seconds.

    Only the leader is asked: it tells its own children. A signal to all of them at once can kill one of
    Airflow's workers while it holds the lock of their queue, and then the others never end. ``reap`` is
    called while waiting; the parent of the leaders collects their exit codes there.
    """
    for session in sessions:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(session, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while left := members(sessions):
        reap()
        if time.monotonic() > deadline:
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    process.kill()
        time.sleep(0.1)
    reap()
