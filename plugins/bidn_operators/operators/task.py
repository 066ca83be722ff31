"""What every operator of ours is: a task of which no error tells anything about a person.

Our own errors say what happened without personal data (include/errors.py). All others are written by people who know
nothing of ours: ``KeyError: 999900018``, a ValueError that quotes a name, a statement with its parameters, the rows
that do not fit a schema. Airflow logs them in full. So when such an error leaves a task, its words are left out.
"""

from __future__ import annotations

import traceback
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException

from include.errors import BidnFout, soort_en_plaats

if TYPE_CHECKING:
    from airflow.sdk import Context

_FROM_OUTSIDE = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""Not errors: somebody ends the process."""
RUN_COLOR, BRANCH_COLOR = "#f4ead9", "#e8f0fa"
"""Of the tasks of a run as a whole, and of those of one organisation."""


class OnverwachteFout(Exception):
    """Stands for an error that is not ours: its kind, its place and its traceback, but not its words."""

    def __init__(self, fout: BaseException) -> None:
        super().__init__(
            f"{soort_en_plaats(fout)}. Its own words are left out, for they may be about a person; the traceback "
            "leads to the place."
        )
        self.soort = type(fout).__name__


class Task(BaseOperator):
    """An operator whose errors may be read by anybody; it does its work in ``work``."""

    ui_color = RUN_COLOR

    def execute(self, context: Context) -> Any:  # noqa: ANN401 - whatever the task returns
        """Do the work.

        If it fails, no words of others get out: errors of ours and of Airflow pass, without what caused them; any
        other becomes an OnverwachteFout. The variables of the step are forgotten, so no traceback can show them.
        """
        try:
            return self.work(context)
        except BaseException as fout:  # noqa: BLE001 - it is raised again, in other words
            safe = sealed(fout)
        raise safe  # outside the except clause: what is handled there would travel along

    @abstractmethod
    def work(self, context: Context) -> Any:  # noqa: ANN401 - whatever the task returns
        """Do the work of this operator."""


def sealed(fout: BaseException) -> BaseException:
    """Return the error that may leave a task in the place of ``fout``; its variables are forgotten."""
    traceback.clear_frames(fout.__traceback__)
    if isinstance(fout, _FROM_OUTSIDE):
        return fout
    if not (isinstance(fout, BidnFout) or _is_of_airflow(fout)):
        return OnverwachteFout(fout).with_traceback(fout.__traceback__)
    oorzaak = fout.__cause__ or (None if fout.__suppress_context__ else fout.__context__)
    if oorzaak is not None:
        fout.add_note(f"Caused by {soort_en_plaats(oorzaak)}.")
    fout.__cause__ = fout.__context__ = None
    return fout


def soort(fout: BaseException) -> str:
    """Return the class of an error by name; of an OnverwachteFout that of what it stands for."""
    return fout.soort if isinstance(fout, OnverwachteFout) else type(fout).__name__


def _is_of_airflow(fout: BaseException) -> bool:
    """Tell whether it is one of Airflow's own; a time-out is, and is no Exception."""
    return isinstance(fout, AirflowException) or type(fout).__module__.partition(".")[0] == "airflow"
