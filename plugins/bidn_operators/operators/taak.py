"""What every operator of ours is: a task of which no error tells anything about a person.

Our own errors say what happened without personal data (include/errors.py). All others are written by people who know
nothing of ours: ``KeyError: 999900018``, a ValueError that quotes a name, a statement with its parameters, the rows
that do not fit a schema. Airflow logs them in full. So here, where an error leaves a task, those words end.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException

from include.errors import BidnFout, soort_en_plaats

if TYPE_CHECKING:
    from airflow.sdk import Context

T = TypeVar("T")
_VAN_BUITEN = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""Not errors: somebody ends the process."""


class OnverwachteFout(Exception):
    """Stands for an error that is not ours: its kind, its place and its traceback, but not its words."""

    def __init__(self, fout: BaseException) -> None:
        super().__init__(
            f"{soort_en_plaats(fout)}. Its own words are left out, for they may be about a person; the traceback "
            "leads to the place."
        )
        self.soort = type(fout).__name__


class Taak(BaseOperator):
    """An operator whose errors may be read by anybody; it does its work in ``voer_uit``."""

    def execute(self, context: Context) -> Any:  # noqa: ANN401 - whatever the task returns
        """Do the work; see ``besloten``."""
        return besloten(lambda: self.voer_uit(context))

    def voer_uit(self, context: Context) -> Any:  # noqa: ANN401 - whatever the task returns
        """Do the work of this operator."""
        raise NotImplementedError


def besloten(stap: Callable[[], T]) -> T:
    """Take a step, and let no words of others out when it fails.

    Errors of ours and of Airflow pass, without what caused them; any other becomes an OnverwachteFout. The variables
    of the step are forgotten, so no traceback can show them.
    """
    try:
        return stap()
    except BaseException as fout:  # noqa: BLE001 - it is raised again, in other words
        gevangen = fout
    traceback.clear_frames(gevangen.__traceback__)
    veilig = _zonder_woorden(gevangen)
    del gevangen
    raise veilig  # outside the except clause: what is handled there would travel along


def soort(fout: BaseException) -> str:
    """Return the class of an error by name; of an OnverwachteFout that of what it stands for."""
    return fout.soort if isinstance(fout, OnverwachteFout) else type(fout).__name__


def _zonder_woorden(fout: BaseException) -> BaseException:
    if isinstance(fout, _VAN_BUITEN):
        return fout
    if not (isinstance(fout, BidnFout) or _is_van_airflow(fout)):
        return OnverwachteFout(fout).with_traceback(fout.__traceback__)
    oorzaak = fout.__cause__ or (None if fout.__suppress_context__ else fout.__context__)
    if oorzaak is not None:
        fout.add_note(f"Caused by {soort_en_plaats(oorzaak)}.")
    fout.__cause__ = fout.__context__ = None
    return fout


def _is_van_airflow(fout: BaseException) -> bool:
    """Tell whether it is one of Airflow's own; a time-out is, and is no Exception."""
    return isinstance(fout, AirflowException) or type(fout).__module__.partition(".")[0] == "airflow"
