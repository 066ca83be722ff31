"""Kill a process between any two steps it takes in storage or database.

A step is everything another process could notice: opening, flushing, renaming or removing a file, a
statement, a commit. A test runs the same work again and again, killed (SIGKILL) one step further each time,
until it reaches the end.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

STAPPEN_IN_OS = ("open", "fsync", "replace", "unlink", "rmdir")
ZICHTBAAR_IN_OS = ("replace", "unlink")
"""Those by which a file appears under its own name, or goes: of the others nobody sees anything."""


def _tel_af(stappen: int, in_os: tuple[str, ...], *, binnen_transacties: bool) -> None:
    """From here on, die before step number ``stappen`` (counted from 0)."""
    over = stappen

    def stap(*_: Any) -> None:
        nonlocal over
        if over == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        over -= 1

    def met_stap(functie: Callable[..., Any]) -> Callable[..., Any]:
        def gestapt(*argumenten: Any, **opties: Any) -> Any:
            stap()
            return functie(*argumenten, **opties)

        return gestapt

    for naam in in_os:
        setattr(os, naam, met_stap(getattr(os, naam)))
    if binnen_transacties:
        event.listen(Engine, "before_cursor_execute", stap)
    event.listen(Engine, "commit", stap)


def sterf_na(
    stappen: int,
    werk: Callable[[], object],
    *,
    binnen_transacties: bool = True,
    in_os: tuple[str, ...] = STAPPEN_IN_OS,
) -> bool:
    """Run ``werk`` in a child process that dies before step number ``stappen``; True when it ended by itself.

    Without ``binnen_transacties`` a statement is no step, only the commit that makes it visible.
    AssertionError when the work fails on its own account.
    """
    kind = os.fork()
    if kind == 0:
        code = 1
        try:
            _tel_af(stappen, in_os, binnen_transacties=binnen_transacties)
            werk()
            code = 0
        except BaseException:  # noqa: BLE001 - there is nobody left to raise it to
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(kind, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, f"the work itself failed, {stappen} steps allowed"
    return True
