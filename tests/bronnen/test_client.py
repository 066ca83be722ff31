"""Asking about many: everyone once, in the order asked, whatever the batches; one failure ends all."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.bronnen import brp, snapshot
from include.bronnen.traffic import Statistiek
from include.errors import BronWeigering
from tests.bronnen.hulp import BSNS, Verzoek, client, leeg, stub, vraag_brp


def _gevraagd(tabel: object) -> list[int]:
    return [int(bsn) for bsn in tabel.column("burgerservicenummer").to_pylist()]  # type: ignore[attr-defined]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    volgorde=st.permutations(BSNS.tolist()),
    batchgrootte=st.integers(1, 30),
    gelijktijdig=st.integers(1, 8),
)
def test_batches_and_concurrency_never_change_the_result(
    bronnen: SimpleNamespace, volgorde: list[int], batchgrootte: int, gelijktijdig: int
) -> None:
    bsns = np.array(volgorde)
    een_voor_een = vraag_brp(client(bronnen.url, gelijktijdig=1), bsns)
    anders = vraag_brp(client(bronnen.url, batchgrootte=batchgrootte, gelijktijdig=gelijktijdig), bsns)
    assert _gevraagd(anders) == volgorde
    assert snapshot.naar_bytes(anders) == snapshot.naar_bytes(een_voor_een)


def test_a_bsn_that_comes_twice_is_asked_once(bronnen: SimpleNamespace) -> None:
    """The aanvrager of one household can be the partner in another."""
    a, b, c = BSNS[:3]
    tabel = vraag_brp(client(bronnen.url, batchgrootte=2), pd.Series([c, a, c, b, a]))
    assert _gevraagd(tabel) == [c, a, b]
    assert sorted(map(len, bronnen.beheer.bevraagd("brp"))) == [1, 2]


def test_asking_about_nobody_asks_nothing(bronnen: SimpleNamespace) -> None:
    tabel = vraag_brp(client(bronnen.url), np.array([], np.int64))
    assert tabel.num_rows == 0
    assert tabel.schema.equals(brp.ADRESVRAGEN.schema)
    assert bronnen.beheer.aanroepen() == []


@pytest.mark.parametrize(
    "bsns",
    [np.array([999900006.0]), np.array(["999900006"]), np.array([0]), np.array([-1]), np.array([10**9])],
)
def test_what_cannot_be_a_bsn_is_our_own_mistake(bsns: np.ndarray) -> None:
    with pytest.raises(ValueError, match="BSNs"):
        vraag_brp(client("http://127.0.0.1:9"), bsns)


def test_leading_zeros_go_along_and_come_back() -> None:
    with stub(lambda verzoek: verzoek.geef(leeg(verzoek.bsns))) as server:
        tabel = vraag_brp(client(server.url), np.array([12345]))
        assert server.verzoeken[0].bsns == ["000012345"]
    assert brp.brp_frames(tabel).resultaten["vraag_bsn"].tolist() == [12345]


def test_progress_and_statistics(bronnen: SimpleNamespace) -> None:
    stappen: list[tuple[int, int]] = []
    bronnen.beheer.storing("brp", 503, vanaf=2, aantal=1)
    bron = client(bronnen.url, batchgrootte=10)
    vraag_brp(bron, BSNS, lambda klaar, totaal: stappen.append((klaar, totaal)))
    assert stappen == [(1, 3), (2, 3), (3, 3)]
    telling = bron.statistiek
    assert telling == Statistiek(4, 23, 23, 1, telling.bytes, telling.duur)
    assert telling.bytes > 0
    assert telling.duur > 0
    vraag_brp(bron, BSNS[:1])
    assert (bron.statistiek.verzoeken, bron.statistiek.gevraagd) == (5, 24)


@pytest.mark.timeout(30)
def test_one_failure_ends_what_is_under_way() -> None:
    """Without that, this would wait an hour for the batches that hang."""

    def antwoord(verzoek: Verzoek) -> None:
        if verzoek.bsns == [str(BSNS[2])]:
            verzoek.geef(b"", 401)
        else:
            verzoek.wacht_op_ophangen()

    with stub(antwoord) as server:
        with pytest.raises(BronWeigering, match=r"batch 3 of 23: HTTP 401"):
            vraag_brp(client(server.url, batchgrootte=1, lezen=3600, antwoordtijd=3600), BSNS)
        assert server.opgehangen.wait(10)
        assert len(server.verzoeken) <= 4


class Onderbroken(BaseException):
    """As Airflow's time-out or Ctrl-C: raised in the caller's thread by a signal."""


@pytest.mark.timeout(30)
def test_a_signal_ends_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def onderbreek(*_: object) -> None:
        raise Onderbroken

    def antwoord(verzoek: Verzoek) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        verzoek.wacht_op_ophangen()

    vorige = signal.signal(signal.SIGUSR1, onderbreek)
    try:
        with stub(antwoord) as server:
            with pytest.raises(Onderbroken):
                vraag_brp(client(server.url, lezen=3600, antwoordtijd=3600), BSNS)
            assert server.opgehangen.wait(10)
    finally:
        signal.signal(signal.SIGUSR1, vorige)


def test_an_error_in_the_progress_bar_is_not_swallowed(bronnen: SimpleNamespace) -> None:
    def kapot(klaar: int, totaal: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        vraag_brp(client(bronnen.url), BSNS, kapot)


async def _in_een_lus(url: str) -> int:
    return vraag_brp(client(url), BSNS).num_rows


def test_it_works_where_an_event_loop_is_running(bronnen: SimpleNamespace) -> None:
    import asyncio

    assert asyncio.run(_in_een_lus(bronnen.url)) == len(BSNS)
