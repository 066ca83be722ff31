"""What the filter takes out, and what it must leave: log lines stay of use."""

from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.logfilter import Logregel, is_bsn, processor, redigeer

WEG = [
    ("BSN 999900018 not found", "BSN [BSN] not found"),
    ("['999900018', '999900031']", "['[BSN]', '[BSN]']"),
    ("bsn=999900018;saldo=1", "bsn=[BSN];saldo=1"),
    ("burgerservicenummer999900018x", "burgerservicenummer[BSN]x"),
    ("999900018", "[BSN]"),
    ("0363;J;;999900018;;;", "0363;J;;[BSN];;;"),
    ("/brp/999900018?x=1", "/brp/[BSN]?x=1"),
    ("int64 10000008 of 8 digits", "int64 [BSN] of 8 digits"),
    ("999900018.", "[BSN]."),
    ("0014,J,110,999900018,,", "0014,J,110,[BSN],,"),
    ("[999900018,999900031]", "[[BSN],[BSN]]"),
    ("code999900018", "code[BSN]"),
    ("999900018-1980-03-17", "[BSN]-1980-03-17"),
    ("account NL91ABNA0417164300 has", "account [rekeningnummer] has"),
    ("NL91 ABNA 0417 1643 00", "[rekeningnummer]"),
    ("kenteken X999XX", "kenteken [kenteken]"),
    ("kenteken 12-XXX-3,", "kenteken [kenteken],"),
]
BLIJFT = [
    "999900019 fails the elfproef",
    "2026-11-21T22:30:33.046958Z",
    "2026-11-21T22:30:33.999900018Z",
    "took 0.999900018 s",
    "ronde 2026-09, rapportagedatum 20261105, deelnamedatum 20260926",
    "run manual__2026-11-21T22:30:33.046958+00:00",
    "sha256 1d999900018aaf0c999900018f",
    "99990001-8000-4a00-8aaa-999900018aaa",
    "at 0x999900018",
    "1791972000123 ms since 1970",
    "1791972000 s since 1970",
    "error V001 in column AB, HTTP 503, SHA256, UTF8, AES256",
    "bijzondere_bijstand/run-1/7: 123456 rows, pid 41234",
    "organisation Gemeente Stichtse Vecht, ronde 2026-09",
]


@pytest.mark.parametrize(("tekst", "verwacht"), WEG)
def test_what_is_personal_goes(tekst, verwacht):
    assert redigeer(tekst) == verwacht


@pytest.mark.parametrize("tekst", BLIJFT)
def test_what_ops_need_stays(tekst):
    assert redigeer(tekst) == tekst


@given(
    st.integers(10_000_000, 999_999_999), st.sampled_from([" ", "'", "\n", ";", "=", "/", "n", '"', ":", "("])
)
def test_exactly_what_passes_the_elfproef_goes(getal, naast):
    cijfers = str(getal)
    # besluit B15: nine times the first digit, eight times the second, …, minus the last one
    som = sum(int(c) * g for c, g in zip(f"{getal:09d}", [9, 8, 7, 6, 5, 4, 3, 2, -1], strict=True))
    assert is_bsn(cijfers) == (som % 11 == 0)
    datum = len(cijfers) == 8 and cijfers[:2] in ("19", "20") and "01" <= cijfers[4:6] <= "12"
    if not datum:
        assert (cijfers in redigeer(f"a{naast}{cijfers}{naast}z")) == (som % 11 != 0)


def test_structured_values_are_filtered_at_every_depth():
    event = {
        "timestamp": "2026-11-21T22:30:33.046958Z",
        "lineno": 999900018,
        "event": "asked 999900018",
        "bsn": 999900018,
        "float": 999900018.0,
        "aantal": 2,
        "deel": 0.5,
        "waar": True,
        "lijst": [{"bsn": "999900018"}, ("NL91ABNA0417164300",)],
        "fout": ValueError("999900018"),
        "exception": [{"exc_type": "KeyError", "exc_value": "'999900018'", "frames": [{"lineno": 3}]}],
    }
    assert processor(None, "info", event) == {
        "timestamp": "2026-11-21T22:30:33.046958Z",
        "lineno": 999900018,
        "event": "asked [BSN]",
        "bsn": "[BSN]",
        "float": "[BSN]",
        "aantal": 2,
        "deel": 0.5,
        "waar": True,
        "lijst": [{"bsn": "[BSN]"}, ["[rekeningnummer]"]],
        "fout": "[BSN]",
        "exception": [{"exc_type": "KeyError", "exc_value": "'[BSN]'", "frames": [{"lineno": 3}]}],
    }


def test_a_traceback_that_was_not_formatted_yet_is():
    try:
        raise ValueError("999900018")
    except ValueError:
        event = processor(None, "error", {"event": "x", "exc_info": True})
    assert "exc_info" not in event
    assert "ValueError: [BSN]" in event["exception"]


def test_ordinary_logging_is_filtered_message_arguments_and_traceback():
    uit = io.StringIO()
    logger = logging.getLogger("test.logfilter")
    logger.propagate = False
    logger.handlers = [logging.StreamHandler(uit)]
    oud = logging.getLogRecordFactory()
    logging.setLogRecordFactory(Logregel)
    try:
        logger.warning("asked %s, %d rows", "999900018", 3)
        try:
            raise KeyError("999900018")
        except KeyError:
            logger.exception("failed")
    finally:
        logging.setLogRecordFactory(oud)
    assert "asked [BSN], 3 rows" in uit.getvalue()
    assert "KeyError: '[BSN]'" in uit.getvalue()
    assert "999900018" not in uit.getvalue()


def test_a_process_that_dies_says_nothing_either():
    programma = "from include.logfilter import installeer; installeer(); raise ValueError(999900018)"
    klaar = subprocess.run([sys.executable, "-c", programma], capture_output=True, text=True)
    assert klaar.returncode == 1
    assert "ValueError: [BSN]" in klaar.stderr
    assert "\n999900018" not in klaar.stderr


def test_it_is_fast_enough_to_be_on_every_line():
    """Without a clock: a line of a megabyte, and one made to be slow, are done within the time-out of a test."""
    redigeer("x" * 1_000_000 + " 1-" * 100_000)
    redigeer("9" * 1_000_000)
    redigeer("NL91 " * 200_000)
