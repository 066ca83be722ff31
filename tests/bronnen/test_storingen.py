"""The fault matrix of the sources: every fault of the mock, on the first, a middle and the last request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest

from include.bronnen import alleenverdieners, belastingdienst, bijstand, brp, rdw, uwv
from include.bronnen.client import Bronclient
from include.fouten import BronAntwoordFout, BronFout, BronWeigering
from tests.bronnen.hulp import BSNS, Wachten, client, noemt_geen_bsn

FINISHES = None
EERSTE, MIDDEN, LAATSTE = 1, 3, 5
VIJF_BATCHES = {"batchgrootte": 5, "gelijktijdig": 1, "pogingen": 3}


def grenzen_bij(fault: str) -> dict[str, float]:
    """Short patience only where silence is the fault: a busy machine must not add faults of its own."""
    return VIJF_BATCHES | ({"lezen": 0.25} if fault == "timeout" else {})


# fault             once: ...        for good: ends as   attempts   in the words
FAULTS = [
    ("timeout",        FINISHES,         BronFout,         3, "silent for 0.25 s"),
    ("429",            FINISHES,         BronFout,         3, "HTTP 429 Too Many Requests"),
    ("408",            FINISHES,         BronFout,         3, "HTTP 408 Request Timeout"),
    ("500",            FINISHES,         BronFout,         3, "HTTP 500 Internal Server Error"),
    ("503",            FINISHES,         BronFout,         3, "HTTP 503 Service Unavailable"),
    ("truncated",      FINISHES,         BronFout,         3, "the connection broke off"),
    ("malformed_json", FINISHES,         BronAntwoordFout, 3, "not valid JSON"),
    ("400",            BronWeigering,    BronWeigering,    1, "HTTP 400 Bad Request"),
    ("401",            BronWeigering,    BronWeigering,    1, "renew the password"),
    ("403",            BronWeigering,    BronWeigering,    1, "has no right"),
    ("404",            BronWeigering,    BronWeigering,    1, "HTTP 404 Not Found"),
    ("content_type",   BronAntwoordFout, BronAntwoordFout, 1, "not application/json"),
    ("wrong_types",    BronAntwoordFout, BronAntwoordFout, 1, "list_type (5x)"),
    ("null_list",      BronAntwoordFout, BronAntwoordFout, 1, "list_type (1x)"),
    ("missing_bsn",    BronAntwoordFout, BronAntwoordFout, 1, "1 missing, 0 double, 0 foreign"),
    ("duplicate_bsn",  BronAntwoordFout, BronAntwoordFout, 1, "0 missing, 1 double, 0 foreign"),
    ("foreign_bsn",    BronAntwoordFout, BronAntwoordFout, 1, "0 missing, 0 double, 1 foreign"),
]  # fmt: skip
LAST_BATCH_OF_THREE = {"wrong_types": "list_type (3x)"}


@pytest.mark.parametrize("batch", [EERSTE, MIDDEN, LAATSTE])
@pytest.mark.parametrize(("fault", "once"), [(fault[0], fault[1]) for fault in FAULTS])
def test_a_fault_that_comes_once(
    bronnen: SimpleNamespace, fault: str, once: type[Exception] | None, batch: int
) -> None:
    undisturbed = brp.vraag_brp(client(bronnen.url, **grenzen_bij(fault)), BSNS)
    bronnen.beheer.storing("brp", fault, vanaf=batch, aantal=1)
    if once is FINISHES:
        wacht = Wachten()
        bron = client(bronnen.url, wacht=wacht, **grenzen_bij(fault))
        assert brp.vraag_brp(bron, BSNS).equals(undisturbed)
        assert len(wacht) == 1
        assert (bron.statistiek.verzoeken, bron.statistiek.herhalingen) == (6, 1)
    else:
        with pytest.raises(once):
            brp.vraag_brp(client(bronnen.url, **grenzen_bij(fault)), BSNS)


@pytest.mark.parametrize("batch", [EERSTE, MIDDEN, LAATSTE])
@pytest.mark.parametrize(("fault", "_once", "ends_as", "attempts", "words"), FAULTS)
def test_a_fault_that_stays(
    bronnen: SimpleNamespace,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    _once: object,
    ends_as: type[Exception],
    attempts: int,
    words: str,
    batch: int,
) -> None:
    caplog.set_level("DEBUG")
    bronnen.beheer.storing("brp", fault, vanaf=batch)
    bron = client(bronnen.url, **grenzen_bij(fault))
    with pytest.raises(ends_as) as fout:
        brp.vraag_brp(bron, BSNS)
    melding = str(fout.value)
    assert melding.startswith("Gemeente Testdam, ronde 2026-09: source brp, POST http://127.0.0.1:")
    assert f"/brp/adresvragen, batch {batch} of 5: " in melding
    assert (LAST_BATCH_OF_THREE.get(fault, words) if batch == LAATSTE else words) in melding
    assert f"after {attempts} attempt" in melding
    # Nothing more was asked, and the last X-Request-ID is the one the source has in its log.
    aanroepen = bronnen.beheer.aanroepen("brp")
    assert len(aanroepen) == batch - 1 + attempts
    assert aanroepen[-1]["request_id"] in melding
    assert noemt_geen_bsn(melding, caplog.text)
    assert fout.value.__cause__ is fout.value.__context__ is None
    if isinstance(fout.value, BronFout):
        assert fout.value.bron == "brp"


PEILDATUM = date(2026, 9, 26)
Vraag = Callable[[Bronclient], pa.Table]
QUESTIONS: dict[str, tuple[str, Vraag]] = {
    "uwv": ("uwv", lambda c: uwv.vraag_uwv(c, BSNS, date(2026, 6, 1), date(2026, 8, 31))),
    "vermogens": ("belastingdienst", lambda c: belastingdienst.vraag_vermogens(c, BSNS, 2025)),
    "heffingskortingen": (
        "belastingdienst",
        lambda c: belastingdienst.vraag_heffingskortingen(c, BSNS, 2025),
    ),
    "rdw": ("rdw", lambda c: rdw.vraag_rdw(c, BSNS, PEILDATUM)),
    "bijstand": ("bijstand", lambda c: bijstand.vraag_bijstand(c, BSNS, PEILDATUM)),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("fault", "_once", "ends_as", "attempts", "words"), FAULTS)
def test_every_source_takes_a_fault_alike(
    bronnen: SimpleNamespace,
    caplog: pytest.LogCaptureFixture,
    question: str,
    fault: str,
    _once: object,
    ends_as: type[Exception],
    attempts: int,
    words: str,
) -> None:
    bron, vraag = QUESTIONS[question]
    bronnen.beheer.storing(bron, fault, vanaf=MIDDEN)
    with pytest.raises(ends_as) as fout:
        vraag(client(bronnen.url, bron=bron, **grenzen_bij(fault)))
    assert words in str(fout.value)
    assert f"after {attempts} attempt" in str(fout.value)
    assert noemt_geen_bsn(str(fout.value), caplog.text)


LEVERING_FAULTS = [
    ("timeout", BronFout), ("429", BronFout), ("500", BronFout), ("503", BronFout), ("truncated", BronFout),
    ("401", BronWeigering), ("404", BronWeigering), ("content_type", BronAntwoordFout),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "ends_as"), LEVERING_FAULTS)
def test_fetching_a_levering_takes_a_fault_alike(
    bronnen: SimpleNamespace, fault: str, ends_as: type[Exception]
) -> None:
    bron = client(bronnen.url, bron="belastingdienst", **grenzen_bij(fault))
    bronnen.beheer.storing("alleenverdieners", fault)
    with pytest.raises(ends_as):
        alleenverdieners.leveringen(bron)
    with pytest.raises(ends_as):
        alleenverdieners.haal_levering(bron, "avd_2026_01")


@pytest.mark.parametrize("fault", ["malformed_json", "wrong_types", "null_list"])
def test_an_announcement_that_is_none_is_refused(bronnen: SimpleNamespace, fault: str) -> None:
    bronnen.beheer.storing("alleenverdieners", fault)
    with pytest.raises(BronAntwoordFout):
        alleenverdieners.leveringen(client(bronnen.url, **grenzen_bij(fault)))


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(bronnen: SimpleNamespace, status: int) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", status, aantal=2, retry_after=17)
    tabel = brp.vraag_brp(client(bronnen.url, wacht=wacht, **VIJF_BATCHES), BSNS)
    assert wacht == [17.0, 17.0]
    assert tabel.num_rows == len(BSNS)


def test_a_retry_after_beyond_our_patience_is_left_to_airflow(bronnen: SimpleNamespace) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", 503, retry_after=3600)
    with pytest.raises(BronFout, match=r"after 1 attempt, and the source asks to wait 3600 s") as fout:
        brp.vraag_brp(client(bronnen.url, wacht=wacht, **VIJF_BATCHES), BSNS)
    assert fout.value.wachttijd == 3600.0
    assert wacht == []


def test_without_retry_after_the_waits_double_and_jitter(bronnen: SimpleNamespace) -> None:
    wacht = Wachten()
    bronnen.beheer.storing("brp", 500)
    grenzen = {"gelijktijdig": 1, "pogingen": 5, "wachten": 1.0, "wachten_max": 4.0}
    with pytest.raises(BronFout) as fout:
        brp.vraag_brp(client(bronnen.url, wacht=wacht, **grenzen), BSNS)
    assert fout.value.wachttijd is None
    assert len(wacht) == 4
    for gewacht, hoogstens in zip(wacht, [1.0, 2.0, 4.0, 4.0], strict=True):
        assert hoogstens / 2 <= gewacht <= hoogstens


def test_a_slow_source_is_no_fault(bronnen: SimpleNamespace) -> None:
    bronnen.beheer.storing("brp", "latency", seconden=0.05)
    assert brp.vraag_brp(client(bronnen.url, batchgrootte=5), BSNS).num_rows == len(BSNS)


def test_nobody_is_told_about_whom_was_asked(
    bronnen: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    """Not on a good day either, and not in the address."""
    caplog.set_level("DEBUG")
    brp.vraag_brp(client(bronnen.url), BSNS)
    assert noemt_geen_bsn(caplog.text)
    assert re.search(r"23 BSNs", caplog.text)
