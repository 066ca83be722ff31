"""The fault matrix of the mail server, at the productbeheerder in the middle of three: both services, one real server.

Taken, surely not taken, or in doubt: who was surely not reached is mailed by the next attempt, and nobody twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from bidn_operators.hooks.mail import MailHook
from bidn_operators.retries import Herhaalbeleid
from include.errors import BidnFout, GegevensFout, InstallatieFout, MailFout
from tests.dags.wereld import ALFA, BETA, NAMEN, PERSONEN
from tests.plugins.postserver import Server, draaiend, verbind, vrije_poort
from tests.storingen.installatie import Halte, Installatie, beeld

EEN, TWEE, DRIE = "een", "twee", "drie"
ALLEN = Counter({EEN: 1, TWEE: 1, DRIE: 1})
MIDDEN = EEN
"""They are mailed by address: drie, een, twee."""
DOUBT = None


class Fout(NamedTuple):
    """When the server answers what (nothing: it hangs up), and then what the task says of it."""

    wanneer: str
    antwoord: str
    zegt: str | None


FAULTS = {
    # what happens                     when     the server says    the task: 1 of 3 notifications were not sent (…)
    "refused, for now":           Fout("RCPT",  "450 busy",        "the mail was not taken, SMTPRecipientsRefused 450"),
    "refused, for good":          Fout("RCPT",  "550 unknown",     "the mail was not taken, SMTPRecipientsRefused 550"),
    "sender refused":             Fout("MAIL",  "451 later",       "the mail was not taken, SMTPSenderRefused 451"),
    "mail refused, for now":      Fout("DATA",  "451 greylisted",  "the mail was not taken, SMTPDataError 451"),
    "mail refused, for good":     Fout("DATA",  "554 spam",        "the mail was not taken, SMTPDataError 554"),
    "cut at the greeting":        Fout("EHLO",  "",                "it broke off before the mail was offered, SMTPS"),
    "cut before the mail":        Fout("RCPT",  "",                "it broke off before the mail was offered, SMTPS"),
    "cut during the mail":        Fout("DATA",  "",                DOUBT),
    "cut after it was delivered": Fout("TAKEN", "",                DOUBT),
}  # fmt: skip
DAGEN = {"bijzondere_bijstand": ALFA, "alleenverdieners": BETA}


@pytest.fixture(params=DAGEN)
def halte(request: pytest.FixtureRequest, haltes_bb: dict[str, Halte], haltes_avd: dict[str, Halte]) -> Halte:
    haltes = haltes_bb if request.param == "bijzondere_bijstand" else haltes_avd
    return haltes[f"notificeren[{DAGEN[request.param]}]"]


@pytest.fixture
def nu(halte: Halte, werk: Path) -> Iterator[Installatie]:
    """The reports of everybody are published; it is mailed with the hook of the operators."""
    nu = halte.begin(werk)
    nu.bezorg = lambda mail, adres: MailHook().bezorg(mail, adres)  # type: ignore[method-assign]
    yield nu
    # Whatever came of the mail: the publications are as they were, and nobody else's mails were touched.
    gezien = beeld(nu)
    for naam, wat in halte.beeld_voor.items():
        zonder_mails = {ding: deel for ding, deel in gezien[naam].items() if not ding.startswith("mail ")}
        assert zonder_mails == {ding: deel for ding, deel in wat.items() if not ding.startswith("mail ")}
        assert naam == halte.taak.van or gezien[naam] == wat


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with draaiend(monkeypatch) as server:
        yield server


def _gemaild(server: Server) -> Counter[str]:
    return Counter(adres.partition("@")[0] for adres in server.gemaild)


def _mislukt(halte: Halte, nu: Installatie, soort: type[BidnFout], airflow: RetryAction) -> str:
    with pytest.raises(soort) as gevangen:
        halte.taak.draai(nu)
    assert Herhaalbeleid().evaluate(gevangen.value, 1, 4).action is airflow
    assert "@" not in str(gevangen.value)
    return str(gevangen.value)


def _stand(nu: Installatie, halte: Halte) -> tuple[int, int, int]:
    stand = nu.xcom[str(halte.taak)]
    return stand["verzonden"], stand["nu_verzonden"], stand["onzeker"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_middle(
    halte: Halte, nu: Installatie, server: Server, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.WARNING)
    fout, van = FAULTS[fault], halte.taak.van
    kort = van.split()[-1].lower()
    server.grillen = [(f"{MIDDEN}@{kort}.test", fout.wanneer, fout.antwoord)]
    if fout.wanneer in ("EHLO", "MAIL"):  # before the server knows for whom it is, so it is the first
        server.grillen = [("", fout.wanneer, fout.antwoord)]
        eerste = DRIE
    else:
        eerste = MIDDEN
    if fout.zegt is DOUBT:
        halte.taak.draai(nu)
        assert _stand(nu, halte)[2] == 1
        assert f"organisation {van}, " in caplog.text
        assert "of 1 notifications nobody knows whether they went out" in caplog.text
    elif fault.endswith("for good"):
        melding = _mislukt(halte, nu, GegevensFout, RetryAction.FAIL)
        assert melding.startswith(f"organisation {van}, ")
        assert "the mail server refuses 1 of 3 notifications for good (productbeheerder number " in melding
        assert fout.zegt in melding
        assert _gemaild(server) == ALLEN - Counter([eerste])
    else:
        melding = _mislukt(halte, nu, MailFout, RetryAction.RETRY)
        assert melding.startswith(f"organisation {van}, ")
        assert f": 1 of 3 notifications were not sent ({fout.zegt}" in melding
        assert "The publication stands; a retry mails only who was not reached yet" in melding
        assert _gemaild(server) == ALLEN - Counter([eerste])
    voor = _gemaild(server)
    halte.taak.draai(nu)
    assert _gemaild(server) - voor == Counter([eerste] if fout.zegt else [])
    # Once more changes nothing: everybody was told once, but for one of whom nobody knows.
    halte.taak.draai(nu)
    assert _stand(nu, halte) == (3 if fout.zegt else 2, 0, 0 if fout.zegt else 1)
    assert _gemaild(server) == (ALLEN - Counter([MIDDEN]) if fault == "cut during the mail" else ALLEN)


def test_no_server(halte: Halte, nu: Installatie, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away is not refused: the words say so, and the next attempt mails everybody."""
    verbind(monkeypatch, vrije_poort())
    melding = _mislukt(halte, nu, MailFout, RetryAction.RETRY)
    assert "3 of 3 notifications were not sent (no connection to the mail server, Connection" in melding
    assert "Check that the mail server is up and the connection smtp_default" in melding
    assert "refused" not in melding.replace("ConnectionRefusedError", "")
    with draaiend(monkeypatch) as server:
        halte.taak.draai(nu)
        assert _stand(nu, halte) == (3, 3, 0)
        assert _gemaild(server) == ALLEN


def test_no_connection(halte: Halte, nu: Installatie, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to wait for: ops must act. Nobody is left in doubt."""
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    melding = _mislukt(halte, nu, InstallatieFout, RetryAction.FAIL)
    assert melding.startswith("Connection smtp_default is not there")
    with draaiend(monkeypatch) as server:
        halte.taak.draai(nu)
        assert _stand(nu, halte) == (3, 3, 0)
        assert _gemaild(server) == ALLEN


def test_without_faults_everybody_is_told_once_and_nothing_of_a_person(
    halte: Halte, nu: Installatie, server: Server
) -> None:
    for _ in range(3):
        halte.taak.draai(nu)
    assert _gemaild(server) == ALLEN
    for _, bericht in server.mails:
        assert bericht["Subject"].startswith("[ONTWIKKELING] ")
        assert not any(geheim in bericht.as_string() for geheim in (*PERSONEN, *NAMEN))
