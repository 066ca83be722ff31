"""One notification to a real SMTP server: taken, refused, or in doubt, and who is mailed again (besluit B54)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bidn_operators.hooks.mail import MailHook
from include.errors import InstallatieFout
from include.rapportage.mail import Mail, notificatie
from include.steps.notificeren import Bezorging
from tests.plugins.postserver import Server, draaiend, verbind, vrije_poort

ADRES = "een@alfa.test"
AANGENOMEN, GEWEIGERD, ONBESTELBAAR, ONZEKER = Bezorging


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with draaiend(monkeypatch) as server:
        yield server


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
    assert vormen[0][1].split() == mail.tekst.split()
    assert vormen[1][1].split() == mail.html.split()
    assert list(bericht.iter_attachments()) == []


@pytest.mark.parametrize(
    ("stadium", "antwoord", "bezorging", "woorden"),
    [
        ("EHLO", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("MAIL", "451 4.3.0 try later", GEWEIGERD, "not taken, SMTPSenderRefused 451"),
        ("MAIL", "550 5.7.1 not you", ONBESTELBAAR, "not taken, SMTPSenderRefused 550"),
        ("MAIL", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("RCPT", "450 4.2.1 mailbox busy", GEWEIGERD, "not taken, SMTPRecipientsRefused 450"),
        ("RCPT", "550 5.1.1 een@alfa.test is unknown", ONBESTELBAAR, "not taken, SMTPRecipientsRefused 550"),
        ("RCPT", "", GEWEIGERD, "broke off before the mail was offered, SMTPServerDisconnected"),
        ("DATA", "451 4.7.1 greylisted", GEWEIGERD, "not taken, SMTPDataError 451"),
        ("DATA", "554 5.7.1 een@alfa.test is spam", ONBESTELBAAR, "not taken, SMTPDataError 554"),
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
    assert [hook.bezorg(mail, ADRES)[0] for _ in range(3)] == [ONBESTELBAAR, ONZEKER, AANGENOMEN]
    assert server.gemaild == [ADRES]


def test_no_server_at_all(monkeypatch: pytest.MonkeyPatch, mail: Mail) -> None:
    verbind(monkeypatch, vrije_poort())
    assert MailHook().bezorg(mail, ADRES) == (
        GEWEIGERD,
        "no connection to the mail server, ConnectionRefusedError",
    )


def test_no_connection_configured(monkeypatch: pytest.MonkeyPatch, mail: Mail) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    with pytest.raises(
        InstallatieFout, match=r"^Connection smtp_default is not there, .* AIRFLOW_CONN_SMTP_DEFAULT"
    ):
        MailHook().bezorg(mail, ADRES)


@pytest.mark.parametrize(
    ("adres", "op_de_lijn"),
    [
        ("een@gemeente-súdwest.test", "een@xn--gemeente-sdwest-cvb.test"),
        ("een@BÜCHER.test", "een@xn--bcher-kva.test"),
        ("een@Alfa.test", "een@alfa.test"),
    ],
)
def test_an_international_domain_goes_out_as_punycode(
    server: Server, mail: Mail, adres: str, op_de_lijn: str
) -> None:
    assert MailHook().bezorg(mail, adres) == (AANGENOMEN, "")
    [(aan, bericht)] = server.mails
    assert aan == bericht["To"] == op_de_lijn


@pytest.mark.parametrize("adres", ["één@alfa.test", "een@[alfa", "een(@alfa.test", "een@alfa..test"])
def test_an_odd_address_is_refused_or_taken_but_never_in_doubt(
    server: Server, mail: Mail, adres: str
) -> None:
    uitkomst, reden = MailHook().bezorg(mail, adres)
    assert uitkomst in (AANGENOMEN, ONBESTELBAAR)
    assert adres not in reden
    assert len(server.mails) == (uitkomst is AANGENOMEN)
