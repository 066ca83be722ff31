"""The fault matrix of the sources: what happens at which fault, of both services.

Every fault that the mock sources know (include/mock_sources/storingen.py), at the first, a middle and the last call;
the two calls of Alleenverdieners are made once a task.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from bidn_operators.retries import Herhaalbeleid
from include.bronnen import alleenverdieners, belastingdienst, bijstand, rdw, uwv
from include.bronnen.client import Bronclient
from include.errors import BronAntwoordFout, BronFout, BronWeigering, GegevensFout
from tests.bronnen.hulp import Wachten, client, noemt_geen_bsn, vraag_brp
from tests.dags.wereld import ALFA, ARM, BIJSTAND, RIJK, RONDE
from tests.storingen.bevolking import LEVERINGEN, NIEUWE_LEVERING, OUDE_LEVERING
from tests.storingen.installatie import BIJZONDERE_BIJSTAND, Halte, Run, Taak, beeld

AGAIN, FAILS = RetryAction.RETRY, RetryAction.FAIL


class Afloop(NamedTuple):
    """Whether the task tries the call again; when the fault stays, as what error it ends and what Airflow does then."""

    in_de_taak: bool
    fout: type[Exception] | None = None
    airflow: RetryAction | None = None
    raad: str = ""


AFLOOP = {
    # the word    the task tries again   it stays: ends as   Airflow    ops are told
    "fine":    Afloop(False),
    "outage":  Afloop(True,              BronFout,           AGAIN,     "check that the source is up and report it"),
    "garbled": Afloop(True,              BronAntwoordFout,   AGAIN,     "Nothing of it was used; when a new attempt"),
    "wrong":   Afloop(False,             BronAntwoordFout,   AGAIN,     "Nothing of it was used; when a new attempt"),
    "refused": Afloop(False,             BronWeigering,      FAILS,     ""),
    "changed": Afloop(False,             GegevensFout,       FAILS,     "ask for a new levering"),
}  # fmt: skip

MATRIX = """
fault          | asking about BSNs                     | the list of leveringen           | the file of a levering
---------------+---------------------------------------+----------------------------------+----------------------------
latency        | fine                                  | fine                             | fine
timeout        | outage: silent for 0.2 s              | outage: silent for 0.2 s         | outage: silent for 0.2 s
408            | outage: HTTP 408 Request Timeout      | outage: HTTP 408                 | outage: HTTP 408
429            | outage: HTTP 429 Too Many Requests    | outage: HTTP 429                 | outage: HTTP 429
500            | outage: HTTP 500 Internal Server      | outage: HTTP 500                 | outage: HTTP 500
503            | outage: HTTP 503 Service Unavailable  | outage: HTTP 503                 | outage: HTTP 503
truncated      | outage: connection broke off          | outage: connection broke off     | outage: broke off
malformed_json | garbled: not valid JSON               | garbled: not valid JSON          | changed: the sha-256
400            | refused: compare what we send         | refused: compare what            | refused: compare what
401            | refused: renew the password           | refused: renew the password      | refused: renew the password
403            | refused: has no right to this         | refused: has no right            | refused: has no right
404            | refused: check the address            | refused: check the address       | refused: or what was asked
content_type   | wrong: not application/json           | wrong: not application/json      | wrong: not text/csv
wrong_types    | wrong: list_type (1x)                 | wrong: leveringen list_type (1x) | fine
null_list      | wrong: list_type (1x)                 | wrong: leveringen list_type (1x) | fine
missing_bsn    | wrong: 1 missing, 0 double, 0 foreign | fine                             | changed: the sha-256
duplicate_bsn  | wrong: 0 missing, 1 double, 0 foreign | fine                             | changed: the sha-256
foreign_bsn    | wrong: 0 missing, 0 double, 1 foreign | fine                             | changed: the sha-256
"""


def _cellen() -> dict[tuple[str, str], tuple[str, str]]:
    kop, _, *regels = [[cel.strip() for cel in regel.split("|")] for regel in MATRIX.strip().splitlines()]
    return {
        (regel[0], kolom): (cel.partition(":")[0], cel.partition(":")[2].strip())
        for regel in regels
        for kolom, cel in zip(kop[1:], regel[1:], strict=True)
    }


CELLEN = _cellen()
FAULTS = list(dict.fromkeys(fault for fault, _ in CELLEN))
BSNS, LIJST, BESTAND = dict.fromkeys(kolom for _, kolom in CELLEN)

PERSONEN = np.array([int(bsn) for bsn in (RIJK, ARM, BIJSTAND)])
FIRST, MIDDLE, LAST = 1, 2, 3
JAAR, PEILDATUM = 2025, "2026-10-26"


@dataclass(frozen=True)
class Vraag:
    """A question to a source: how the mock knows it, its task, and how to put it."""

    bron: str
    endpoint: str | None
    pad: str
    taak: str
    stel: Callable[[Bronclient], Any]
    kolom: str = BSNS


VRAGEN = {
    "brp": Vraag("brp", None, "POST /brp/adresvragen", "huishouden_brp", lambda c: vraag_brp(c, PERSONEN)),
    "bijstand": Vraag(
        "bijstand", None, "POST /bijstand/uitkeringsverhoudingen", "bijstand_ophalen",
        lambda c: c.vraag(bijstand.UITKERINGSVERHOUDINGEN, PERSONEN, peildatum=PEILDATUM),
    ),
    "uwv": Vraag(
        "uwv", None, "POST /uwv/inkomstenverhoudingen", "uwv_ophalen",
        lambda c: c.vraag(uwv.INKOMSTENVERHOUDINGEN, PERSONEN, periodeVan="2026-07-01", periodeTotEnMet="2026-09-30"),
    ),
    "vermogens": Vraag(
        "belastingdienst", "vermogens", "POST /belastingdienst/vermogens", "belastingdienst_ophalen",
        lambda c: c.vraag(belastingdienst.VERMOGENS, PERSONEN, belastingjaar=JAAR),
    ),
    "heffingskortingen": Vraag(
        "belastingdienst", "heffingskortingen", "POST /belastingdienst/heffingskortingen", "belastingdienst_ophalen",
        lambda c: c.vraag(belastingdienst.HEFFINGSKORTINGEN, PERSONEN, belastingjaar=JAAR),
    ),
    "rdw": Vraag(
        "rdw", None, "POST /rdw/voertuigen", "rdw_ophalen",
        lambda c: c.vraag(rdw.VOERTUIGEN, PERSONEN, peildatum=PEILDATUM),
    ),
    "leveringen": Vraag(
        "alleenverdieners", "leveringen", "GET /belastingdienst/alleenverdieners", "leveringen_zoeken",
        alleenverdieners.leveringen, LIJST,
    ),
    "levering": Vraag(
        "alleenverdieners", "levering", f"GET /belastingdienst/alleenverdieners/{OUDE_LEVERING}", "levering_innemen",
        lambda c: alleenverdieners.haal_levering(c, OUDE_LEVERING), BESTAND,
    ),
}  # fmt: skip
CALLS = [
    (vraag, call)
    for vraag, wat in VRAGEN.items()
    for call in ((FIRST, MIDDLE, LAST) if wat.kolom == BSNS else (FIRST,))
]


def _storing(bronnen: SimpleNamespace, vraag: Vraag, fault: str, **opties: Any) -> None:
    seconden = {"seconden": 0.02} if fault == "latency" else {}
    bronnen.beheer.storing(vraag.bron, fault, endpoint=vraag.endpoint, **opties, **seconden)


def _stel(bronnen: SimpleNamespace, vraag: Vraag, *, stil: bool = False) -> tuple[Any, Bronclient]:
    """Put the question, one person a call; with short patience only where silence is the fault."""
    grenzen = {"batchgrootte": 1, "gelijktijdig": 1, "pogingen": 2, "lezen": 0.2 if stil else 20.0}
    bron = client(bronnen.url, bron=vraag.bron, wacht=Wachten(), **grenzen)
    return vraag.stel(bron), bron


@pytest.mark.parametrize(("naam", "call"), CALLS, ids=[f"{naam}-{call}" for naam, call in CALLS])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_call(
    bronnen: SimpleNamespace, caplog: pytest.LogCaptureFixture, fault: str, naam: str, call: int
) -> None:
    caplog.set_level("DEBUG")
    vraag, stil = VRAGEN[naam], fault == "timeout"
    woord, woorden = CELLEN[fault, vraag.kolom]
    afloop = AFLOOP[woord]
    goed, _ = _stel(bronnen, vraag)
    if woord == "changed":  # comes back whole: it is the task that sees what it is, below
        _storing(bronnen, vraag, fault)
        assert _stel(bronnen, vraag)[0] != goed
        return

    # It comes once.
    _storing(bronnen, vraag, fault, vanaf=call, aantal=1)
    if afloop.fout is None or afloop.in_de_taak:
        antwoord, bron = _stel(bronnen, vraag, stil=stil)
        assert antwoord == goed
        assert bron.statistiek.herhalingen == int(afloop.in_de_taak)
    else:
        with pytest.raises(afloop.fout):
            _stel(bronnen, vraag)

    # It stays.
    _storing(bronnen, vraag, fault, vanaf=call)
    bronnen.beheer.wis_aanroepen()
    if afloop.fout is None:
        assert _stel(bronnen, vraag)[0] == goed
        return
    with pytest.raises(afloop.fout) as gevangen:
        _stel(bronnen, vraag, stil=stil)
    fout, melding = gevangen.value, str(gevangen.value)
    methode, pad = vraag.pad.split()
    deel = f", batch {call} of 3" if vraag.kolom == BSNS else ""
    pogingen = 2 if afloop.in_de_taak else 1
    assert melding.startswith(
        f"Gemeente Testdam, ronde 2026-09: source {vraag.bron}, {methode} {bronnen.url}{pad}{deel}: "
    )
    assert woorden in melding
    assert afloop.raad in melding
    assert f"after {pogingen} attempt" in melding
    assert Herhaalbeleid().evaluate(fout, 1, 4).action is afloop.airflow
    # Nothing more was asked, and the source finds this request in its own log.
    aanroepen = bronnen.beheer.aanroepen(vraag.bron)
    assert len(aanroepen) == call - 1 + pogingen
    assert aanroepen[-1]["request_id"] in melding
    assert noemt_geen_bsn(melding, caplog.text)
    assert fout.__cause__ is fout.__context__ is None


# One fault of every kind: the same at the level of the task, where it leaves traces or not.
IN_EEN_TAAK = [
    (naam, fault)
    for naam, vraag in VRAGEN.items()
    for fault in {CELLEN[fault, vraag.kolom][0]: fault for fault in FAULTS}.values()
]


@pytest.mark.parametrize(("naam", "fault"), IN_EEN_TAAK)
def test_a_task_leaves_everything_or_nothing(
    haltes_bb: dict[str, Halte],
    haltes_avd: dict[str, Halte],
    bronnen: SimpleNamespace,
    werk: Path,
    naam: str,
    fault: str,
) -> None:
    vraag = VRAGEN[naam]
    woord, woorden = CELLEN[fault, vraag.kolom]
    halte = haltes_bb.get(f"{vraag.taak}[{ALFA}]") or haltes_avd[vraag.taak]
    bij = MIDDLE if vraag.kolom == BSNS else FIRST

    if AFLOOP[woord].fout is None or AFLOOP[woord].in_de_taak:
        _storing(bronnen, vraag, fault, vanaf=bij, aantal=1)
        eens = halte.begin(werk)
        halte.taak.draai(eens)
        assert beeld(eens) == halte.beeld_na

    if AFLOOP[woord].fout is not None:
        _storing(bronnen, vraag, fault, vanaf=bij)
        blijft = halte.begin(werk)
        with pytest.raises(AFLOOP[woord].fout) as gevangen:
            halte.taak.draai(blijft)
        over_wie = {
            BSNS: f"organisation {ALFA}, ronde {RONDE}: ",
            BESTAND: f"levering {NIEUWE_LEVERING}",
            LIJST: "",
        }
        assert str(gevangen.value).lower().startswith(over_wie[vraag.kolom].lower())
        assert woorden in str(gevangen.value)
        assert AFLOOP[woord].raad in str(gevangen.value)
        assert Herhaalbeleid().evaluate(gevangen.value, 1, 4).action is AFLOOP[woord].airflow
        assert noemt_geen_bsn(str(gevangen.value))
        halte.eis_heel(beeld(blijft))
        # Airflow's next attempt, or that after ops cleared the task.
        bronnen.beheer.herstel()
        halte.taak.draai(blijft)
        assert beeld(blijft) == halte.beeld_na


def test_a_run_that_meets_faults_at_every_source_ends_with_the_same_reports(
    hele_run: Run, bronnen: SimpleNamespace, werk: Path
) -> None:
    vragen = {vraag.taak: vraag for vraag in VRAGEN.values()}
    nu = hele_run.begin(werk)
    gefaald = 0
    for taak in hele_run.taken:
        if vraag := vragen.get(taak.naam):
            gefaald += _mislukt_eerst(bronnen, vraag, taak, nu)
        taak.draai(nu)
        bronnen.beheer.herstel()
    # Five sources of two organisations; the list of leveringen and one levering.
    assert gefaald == (10 if hele_run.taken is BIJZONDERE_BIJSTAND else 2)
    hele_run.eis_zelfde_einde(nu)


def _mislukt_eerst(bronnen: SimpleNamespace, vraag: Vraag, taak: Taak, installatie: Any) -> int:
    """Let a task be refused first; leave outages on at its first calls and later ones for its next attempt."""
    bronnen.beheer.storing(vraag.bron, 403)
    with pytest.raises(BronWeigering):
        taak.draai(installatie)
    bronnen.beheer.storingen(vraag.bron, ("503", 1), ("truncated", 3), ("429", 5), ("500", 7))
    return 1


def test_the_matrix_has_every_fault_that_the_mock_sources_know() -> None:
    from include.mock_sources import storingen

    beschreven = set(re.findall(r"^``([a-z_]+)``", storingen.__doc__ or "", re.MULTILINE))
    assert beschreven == {fault for fault in FAULTS if not fault.isdigit()}
    assert {"429", "500", "503"} < set(FAULTS)
    assert set(LEVERINGEN) == {OUDE_LEVERING, NIEUWE_LEVERING}
