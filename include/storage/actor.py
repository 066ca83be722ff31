"""Who is at work: the task of a DAG run, a user of a web page, or the user of this machine."""

from __future__ import annotations

import getpass
import hashlib
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_USER: ContextVar[str | None] = ContextVar("gebruiker", default=None)
_TRACE_OF_BLOCK: ContextVar[str | None] = ContextVar("trace", default=None)
_TRACE = secrets.token_hex(16)


@contextmanager
def acting_as(user: str | None, *, trace: str | None = None) -> Iterator[None]:
    """What happens in this block is done by that user: for a page or service where somebody is logged in.

    Args:
        user: who it is; None leaves it as it was outside the block.
        trace: the id (32 hex digits) that all of this block shares, as of one request; None leaves it as it was.
    """
    user_before = _USER.set(user if user is not None else _USER.get())
    trace_before = _TRACE_OF_BLOCK.set(trace if trace is not None else _TRACE_OF_BLOCK.get())
    try:
        yield
    finally:
        _TRACE_OF_BLOCK.reset(trace_before)
        _USER.reset(user_before)


def actor() -> str:
    """Return who is at work: ``gebruiker:…``, ``airflow:<dag>/<run>/<task>[<map index>]`` or ``os:…``."""
    if user := _USER.get():
        return f"gebruiker:{user}"
    if ti := _task():
        index = f"[{ti.map_index}]" if (ti.map_index or 0) >= 0 and ti.map_index is not None else ""
        return f"airflow:{ti.dag_id}/{ti.run_id}/{ti.task_id}{index}"
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):
        return "os:unknown"


def trace_id() -> str:
    """Return the id (32 hex digits) shared by all that one request, one DAG run, or else this process does."""
    if trace := _TRACE_OF_BLOCK.get():
        return trace
    if ti := _task():
        return hashlib.sha256(f"{ti.dag_id}/{ti.run_id}".encode()).hexdigest()[:32]
    return _TRACE


def _task() -> Any | None:  # noqa: ANN401 - Airflow's, which is not imported here
    """Return the task instance that runs here; Airflow is not imported to find that out."""
    airflow = sys.modules.get("airflow.sdk")
    if airflow is None:
        return None
    try:
        return airflow.get_current_context()["ti"]
    except (AttributeError, KeyError, RuntimeError):
        return None
