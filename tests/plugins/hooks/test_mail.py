"""One notification to a real SMTP server: taken, refused, or in doubt, and who is mailed again (besluit B54)."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from bidn_operators.hooks.mail import MailHook
from include.rapportage.mail import Mail, notificatie
from include.stappen.notificeren import Bezorging

ADRES = "een@alfa.test"
AANGENOMEN, GEWEIGERD, ONZEKER = Bezorging


class Server:
    """Takes mail; told so, says something else, or hangs up, at one stage of the conversation with one recipient.

    ``grillen`` are the whims to come, each (recipient or empty for anybody, stage, answer); no answer hangs up.
    """

    def __init__(self) -> None:
        self.grillen: list[tuple[str, str, str]] = []
        self.mails: list[tuple[str, EmailMessage]] = []

    def gril(self, stadium: str, server: SMTP, wie: str = "") -> str | None:
        for plaats, (aan, wanneer, antwoord) in enumerate(self.grillen):
            if wanneer == stadium and aan in ("", wie):
                del self.grillen[plaats]
                if not antwoord:
                    server.transport.abort()
                return antwoord or "421 gone"
        return None

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        antwoord = self.gril("EHLO", server)
        return [antwoord] if antwoord else responses

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if antwoord := self.gril("MAIL", server):
            return antwoord
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if antwoord := self.gril("RCPT", server, address):
            return antwoord
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        [aan] = envelope.rcpt_tos
        if antwoord := self.gril("DATA", server, aan):
            return antwoord
        bericht = email.message_from_bytes(envelope.content, EmailMessage, policy=email.policy.default)
        self.mails.append((aan, bericht))
        if antwoord := self.gril("TAKEN", server, aan):
            return antwoord
        return "250 taken"

    @property
    def gemaild(self) -> list[str]:
        return [aan for aan, _ in self.mails]


def _vrije_poort() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _verbind(monkeypatch: pytest.MonkeyPatch, poort: int) -> None:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.test", "timeout": 20}
    verbinding = {"conn_type": "smtp", "host": "127.0.0.1", "port": poort, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(verbinding))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    handler = Server()
    post = Controller(handler, hostname="127.0.0.1", port=_vrije_poort(), enable_SMTPUTF8=False)
    post.start()
    _verbind(monkeypatch, post.port)
    yield handler
    post.stop()


@pytest.fixture
def mail() -> Mail:
    from datetime import date

    return notificatie(
        product="bijzondere-bijstand",
        periode="2026-10",
        aantal_rapporten=2,
        ophalen_tot=date(2027, 2, 3),
        omgeving="test",
        organisatie="Gemeente 's-Gravenhage",
    )


def test_a_mail_that_is_taken(server: Server, mail: Mail) -> None:
    assert MailHook().bezorg(mail, ADRES) == (AANGENOMEN, "")
    [(aan, bericht)] = server.mails
    assert aan == bericht["To"] == ADRES
    assert bericht["From"] == "noreply@bidn.test"
    assert bericht["Subject"] == mail.onderwerp
    assert bericht["Content-Language"] == "nl"
    assert bericht["Auto-Submitted"] == "auto-generated"
    assert bericht["Date"]
    assert bericht["Message-ID"]
    vormen = [(deel.get_content_type(), deel.get_content()) for deel in bericht.iter_parts()]
    assert [soort for soort, _ in vormen] == ["text/plain", "text/html"]
    assert vormen[0][1].strip() == mail.tekst.strip()
    assert vormen[1][1].strip() == mail.html.strip()
    assert list(bericht.iter_attachments()) == []


@pytest.mark.parametrize(
    ("stadium", "antwoord", "bezorging", "woorden"),
    [
        ("EHLO", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("MAIL", "451 4.3.0 try later", GEWEIGERD, "not taken, SMTPSenderRefused 451"),
        ("MAIL", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("RCPT", "450 4.2.1 mailbox busy", GEWEIGERD, "not taken, SMTPRecipientsRefused 450"),
        ("RCPT", "550 5.1.1 een@alfa.test is unknown", GEWEIGERD, "not taken, SMTPRecipientsRefused 550"),
        ("RCPT", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("DATA", "451 4.7.1 greylisted", GEWEIGERD, "not taken, SMTPDataError 451"),
        ("DATA", "554 5.7.1 een@alfa.test is spam", GEWEIGERD, "not taken, SMTPDataError 554"),
        ("DATA", "", ONZEKER, "broke off after the mail was offered, SMTPServerDisconnected"),
        ("TAKEN", "", ONZEKER, "broke off after the mail was offered, SMTPServerDisconnected"),
    ],
)
def test_a_mail_that_is_not(
    server: Server, mail: Mail, stadium: str, antwoord: str, bezorging: Bezorging, woorden: str
) -> None:
    server.grillen = [("", stadium, antwoord)]
    uitkomst, reden = MailHook().bezorg(mail, ADRES)
    assert uitkomst is bezorging
    assert woorden in reden
    assert ADRES not in reden
    # Offered once: what Airflow's own sending would do on each of these is try again.
    assert len(server.mails) == (stadium == "TAKEN")


def test_the_same_hook_goes_on_after_a_lost_connection(server: Server, mail: Mail) -> None:
    hook = MailHook()
    server.grillen = [("", "DATA", ""), ("", "RCPT", "550 no")]
    # The first whim that fits is had: the refusal comes earlier in a conversation than the loss.
    assert [hook.bezorg(mail, ADRES)[0] for _ in range(3)] == [GEWEIGERD, ONZEKER, AANGENOMEN]
    assert server.gemaild == [ADRES]


def test_no_server_at_all(monkeypatch: pytest.MonkeyPatch, mail: Mail) -> None:
    _verbind(monkeypatch, _vrije_poort())
    assert MailHook().bezorg(mail, ADRES) == (
        GEWEIGERD,
        "no connection to the mail server, ConnectionRefusedError",
    )


def test_no_connection_configured(monkeypatch: pytest.MonkeyPatch, mail: Mail) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    uitkomst, reden = MailHook().bezorg(mail, ADRES)
    assert uitkomst is GEWEIGERD
    assert reden == "no connection to the mail server, AirflowException"


@pytest.mark.parametrize("adres", ["één@alfa.test", "een@[alfa", "een(@alfa.test", "een@alfa..test"])
def test_an_odd_address_is_refused_or_taken_but_never_in_doubt(
    server: Server, mail: Mail, adres: str
) -> None:
    uitkomst, reden = MailHook().bezorg(mail, adres)
    assert uitkomst in (AANGENOMEN, GEWEIGERD)
    assert adres not in reden
    assert len(server.mails) == (uitkomst is AANGENOMEN)
