"""How long a source that is unwell is waited for; at which faults is in tests/storingen/test_bronnen.py."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from include.errors import BronAntwoordFout, BronFout
from tests.bronnen.hulp import BSNS, Wachten, client, noemt_geen_bsn, vraag_brp

VIJF_BATCHES = {"batchgrootte": 5, "gelijktijdig": 1, "pogingen": 3}


def test_a_contract_that_is_broken_by_many_is_counted(bronnen: SimpleNamespace) -> None:
    bronnen.beheer.storing("brp", "wrong_types", vanaf=3)
    with pytest.raises(BronAntwoordFout, match=r"batch 3 of 5: .* list_type \(5x\) after 1 attempt"):
        vraag_brp(client(bronnen.url, **VIJF_BATCHES), BSNS)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(bronnen: SimpleNamespace, status: int) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", status, aantal=2, retry_after=17)
    tabel = vraag_brp(client(bronnen.url, wacht=wacht, **VIJF_BATCHES), BSNS)
    assert wacht == [17.0, 17.0]
    assert tabel.num_rows == len(BSNS)


def test_a_retry_after_beyond_our_patience_is_left_to_airflow(bronnen: SimpleNamespace) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", 503, retry_after=3600)
    with pytest.raises(BronFout, match=r"after 1 attempt, and the source asks to wait 3600 s") as fout:
        vraag_brp(client(bronnen.url, wacht=wacht, **VIJF_BATCHES), BSNS)
    assert fout.value.wachttijd == 3600.0
    assert wacht == []


def test_without_retry_after_the_waits_double_and_jitter(bronnen: SimpleNamespace) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", 500)
    grenzen = {"gelijktijdig": 1, "pogingen": 5, "wachten": 1.0, "wachten_max": 4.0}
    with pytest.raises(BronFout) as fout:
        vraag_brp(client(bronnen.url, wacht=wacht, **grenzen), BSNS)
    assert fout.value.wachttijd is None
    assert len(wacht) == 4
    for gewacht, hoogstens in zip(wacht, [1.0, 2.0, 4.0, 4.0], strict=True):
        assert hoogstens / 2 <= gewacht <= hoogstens


def test_a_slow_source_is_no_fault(bronnen: SimpleNamespace) -> None:
    bronnen.beheer.storing("brp", "latency", seconden=0.05)
    assert vraag_brp(client(bronnen.url, batchgrootte=5), BSNS).num_rows == len(BSNS)


def test_nobody_is_told_about_whom_was_asked(
    bronnen: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    """Not on a good day either, and not in the address."""
    caplog.set_level("DEBUG")
    vraag_brp(client(bronnen.url), BSNS)
    assert noemt_geen_bsn(caplog.text)
    assert re.search(r"23 BSNs", caplog.text)
