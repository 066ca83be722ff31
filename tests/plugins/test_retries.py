"""Which error is tried again, when, and which is not."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from bidn_operators.retries import Herhaalbeleid
from include import errors
from include.errors import (
    BestandFout,
    BidnFout,
    BronAntwoordFout,
    BronFout,
    BronWeigering,
    ControleFout,
    GegevensFout,
    InstallatieFout,
    MailFout,
    NormFout,
    OpslagFout,
    RondeFout,
)

OPNIEUW, NIET = RetryAction.RETRY, RetryAction.FAIL

BELEID: dict[type[BidnFout], RetryAction] = {
    BronFout: OPNIEUW,
    BronAntwoordFout: OPNIEUW,
    MailFout: OPNIEUW,
    OpslagFout: OPNIEUW,
    BidnFout: NIET,
    GegevensFout: NIET,
    BestandFout: NIET,
    RondeFout: NIET,
    NormFout: NIET,
    ControleFout: NIET,
    BronWeigering: NIET,
    InstallatieFout: NIET,
}


def _maak(soort: type[BaseException], **meer: Any) -> BaseException:
    return soort("mis", bron="uwv", **meer) if issubclass(soort, BronFout) else soort("mis")


def _beslis(fout: BaseException, try_number: int = 1, max_tries: int = 4, **taak: Any) -> Any:
    context: Any = {"task": SimpleNamespace(**taak)} if taak else None
    return Herhaalbeleid().evaluate(fout, try_number, max_tries, context)


@pytest.fixture(autouse=True)
def _vijf_minuten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIDN_HERHAALTIJD", raising=False)


def test_every_error_of_ours_is_decided_on() -> None:
    alle = {
        ding for ding in vars(errors).values() if isinstance(ding, type) and issubclass(ding, BaseException)
    }
    assert alle == set(BELEID)


@pytest.mark.parametrize("poging", [1, 2, 5])
@pytest.mark.parametrize("soort", BELEID)
def test_an_outage_is_waited_out_a_mistake_is_not_repeated(soort: type[BidnFout], poging: int) -> None:
    besluit = _beslis(_maak(soort), poging)
    assert besluit.action is (NIET if soort is BronAntwoordFout and poging > 2 else BELEID[soort])
    assert soort.__name__ in besluit.reason


@pytest.mark.parametrize(
    ("try_number", "max_tries", "besluit"),
    [(1, 24, OPNIEUW), (2, 24, OPNIEUW), (3, 24, NIET), (4, 27, OPNIEUW), (5, 27, OPNIEUW), (6, 27, NIET)],
)
def test_an_answer_that_breaks_the_contract_is_asked_for_three_times(
    try_number: int, max_tries: int, besluit: RetryAction
) -> None:
    """Whatever wait it asks for; after the task was cleared (it failed at 3) it counts anew."""
    fout = _maak(BronAntwoordFout, wachttijd=90.0)
    assert _beslis(fout, try_number, max_tries, retries=24).action is besluit


@pytest.mark.parametrize(
    ("fout", "poging", "besluit"),
    [
        (KeyError("x"), 1, OPNIEUW),
        (KeyError("x"), 2, NIET),
        (MemoryError(), 1, OPNIEUW),
        (OSError(), 2, NIET),
    ],
)
def test_what_is_not_ours_is_tried_once_more(fout: Exception, poging: int, besluit: RetryAction) -> None:
    assert _beslis(fout, poging).action is besluit


@pytest.mark.parametrize(("poging", "minuten"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (60, 60)])
def test_the_wait_doubles_up_to_an_hour(poging: int, minuten: int) -> None:
    for fout in (OpslagFout("vol"), MailFout("weg"), BronFout("stil", bron="uwv")):
        assert _beslis(fout, poging).retry_delay == timedelta(minutes=minuten)


@pytest.mark.parametrize(
    ("gevraagd", "wacht"),
    [
        (None, timedelta(minutes=20)),
        (0.0, timedelta(minutes=20)),  # "at once" is no help after three failures: our own wait
        (1.0, timedelta(seconds=1)),
        (90.0, timedelta(seconds=90)),
        (7_200.0, timedelta(hours=2)),  # longer than we would wait ourselves: they asked for it
        (200_000.0, timedelta(days=1)),
    ],
)
def test_a_source_that_says_when_to_come_back_is_obeyed(gevraagd: float | None, wacht: timedelta) -> None:
    assert _beslis(_maak(BronFout, wachttijd=gevraagd), 3).retry_delay == wacht


def test_the_first_wait_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIDN_HERHAALTIJD", "2.5")
    assert [_beslis(OpslagFout("x"), poging).retry_delay.total_seconds() for poging in (1, 2, 3)] == [
        2.5,
        5,
        10,
    ]
    assert _beslis(KeyError("x")).retry_delay.total_seconds() == 2.5


@pytest.mark.parametrize(
    ("try_number", "max_tries", "minuten"),
    [
        # Airflow counts on after a task was cleared: max_tries becomes the last try plus the retries of the task.
        (1, 4, 5),
        (2, 4, 10),
        (6, 9, 5),
        (7, 9, 10),
        (3, 6, 5),
    ],
)
def test_a_task_that_was_cleared_counts_anew(try_number: int, max_tries: int, minuten: int) -> None:
    besluit = _beslis(OpslagFout("x"), try_number, max_tries, retries=4)
    assert besluit.retry_delay == timedelta(minutes=minuten)
    vreemd = _beslis(KeyError("x"), try_number, max_tries, retries=4)
    assert vreemd.action is (OPNIEUW if minuten == 5 else NIET)


def test_the_reason_shows_no_text_of_the_error() -> None:
    for soort in [*BELEID, KeyError]:
        fout = soort("999900018", bron="x") if issubclass(soort, BronFout) else soort("999900018")
        assert "999900018" not in _beslis(fout).reason


def test_the_policy_can_be_told_from_another() -> None:
    assert Herhaalbeleid().serialize() == {"__type": "Herhaalbeleid"}
