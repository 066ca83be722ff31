"""No error leaves a task with the words of others: they may be about a person."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, AirflowTaskTimeout
from structlog.tracebacks import ExceptionDictTransformer

from bidn_operators import operators
from bidn_operators.alerts import Melding
from bidn_operators.operators.task import OnverwachteFout, Task
from bidn_operators.retries import Herhaalbeleid
from include.errors import BidnFout, GegevensFout
from include.steps.verwerking import Verwerking
from tests.dags.kanarierun import FOUTEN
from tests.dags.kanaries import BSNS, kanaries_in


def _operatoren() -> list[type[BaseOperator]]:
    modules = [
        importlib.import_module(f"{operators.__name__}.{een.name}")
        for een in pkgutil.iter_modules(operators.__path__)
    ]
    return [
        soort
        for module in modules
        for soort in vars(module).values()
        if isinstance(soort, type) and issubclass(soort, BaseOperator) and soort.__module__ == module.__name__
    ]


class Does(Task):
    """A task that does what a test says."""

    def __init__(self, *, what: Callable[[], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.what = what

    def work(self, context: Any) -> Any:
        return self.what()


def execute(what: Callable[[], Any]) -> Any:
    return Does(task_id="does", what=what).execute({})


@pytest.mark.parametrize("soort", _operatoren(), ids=lambda soort: soort.__name__)
def test_every_operator_of_ours_is_a_task_and_leaves_execute_to_it(soort: type[BaseOperator]) -> None:
    assert issubclass(soort, Task)
    assert soort is Task or "execute" not in vars(soort)


def test_there_are_operators() -> None:
    assert len(_operatoren()) >= 15


@pytest.mark.parametrize("maak", FOUTEN, ids=lambda maak: maak.__name__)
def test_the_words_and_the_variables_of_others_stay_inside(maak: Callable[[], None]) -> None:
    with pytest.raises(Exception) as gevangen:  # noqa: PT011 - each is another one
        maak()
    eigen = isinstance(gevangen.value, (BidnFout, AirflowException))

    with pytest.raises((BidnFout, AirflowException) if eigen else OnverwachteFout) as buiten:
        execute(maak)

    fout = buiten.value
    als_tekst = "".join(traceback.format_exception(fout))
    assert kanaries_in(als_tekst.encode()) == set()
    assert f"in {maak.__name__}" in als_tekst  # where it happened is still to be seen
    spoor = fout.__traceback__.tb_next  # type: ignore[union-attr] - without the frame of this test
    als_velden = ExceptionDictTransformer(show_locals=True, use_rich=False)((type(fout), fout, spoor))
    assert kanaries_in(repr(als_velden).encode()) == set()
    assert fout.__cause__ is fout.__context__ is None
    if eigen:
        assert str(fout) == str(gevangen.value)
        assert fout.__notes__[0].startswith("Caused by ")
    else:
        assert str(fout).startswith(type(gevangen.value).__name__)


def test_it_names_the_innermost_line_of_ours() -> None:
    plaats = r"^KeyError in include/steps/verwerking\.py, line \d+ \([\w<>]+\)\. Its own words are left out"
    with pytest.raises(OnverwachteFout, match=plaats):
        execute(lambda: Verwerking.uit_dict({}))


@pytest.mark.parametrize(
    "fout",
    [GegevensFout("a delivery is gone"), AirflowSkipException("nothing to do"), AirflowTaskTimeout("late")],
)
def test_what_is_ours_or_airflows_passes_as_it_is(fout: BaseException) -> None:
    def stap() -> None:
        raise fout

    with pytest.raises(type(fout)) as buiten:
        execute(stap)
    assert buiten.value is fout
    assert not hasattr(fout, "__notes__")


class Paniek(BaseException):
    """As a library in another language raises: not an Exception."""


def test_a_panic_of_a_library_says_no_more_than_any_other() -> None:
    def stap() -> None:
        raise Paniek(BSNS[0])

    with pytest.raises(OnverwachteFout) as buiten:
        execute(stap)
    assert BSNS[0] not in "".join(traceback.format_exception(buiten.value))


def test_who_ends_the_process_is_obeyed() -> None:
    def stap() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(stap)


def test_what_a_task_returns_passes() -> None:
    assert execute(lambda: {"rijen": 3}) == {"rijen": 3}


def test_the_alert_and_the_retries_go_by_what_it_stands_for() -> None:
    fout = OnverwachteFout(KeyError(BSNS[0]))
    beleid = Herhaalbeleid().evaluate(fout, 1, 4)
    assert (beleid.action.value, beleid.reason) == (
        "retry",
        "KeyError: not an error of ours, tried once more",
    )
    assert Herhaalbeleid().evaluate(fout, 2, 4).reason == "KeyError: twice; see the traceback"
    ti: Any = SimpleNamespace(dag_id="d", task_id="t", map_index=-1)
    context: Any = {
        "ti": ti,
        "exception": fout,
        "task": None,
        "dag_run": SimpleNamespace(partition_key="2026-10"),
        "params": {},
    }
    melding = Melding.van(context)
    assert (melding.klasse, melding.sectie) == ("KeyError", "unexpected-error")
