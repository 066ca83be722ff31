"""A mail that is sent comes out of the mailbox as it went in."""

from __future__ import annotations

import contextlib
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from include.local import mail_catcher
from include.local.config import ROOT
from include.local.launcher import catch_mail


@pytest.fixture
def port(tmp_path: Path, free_ports: Callable, wait_until: Callable) -> Iterator[int]:
    port = free_ports(1)[0]
    process = subprocess.Popen([sys.executable, "-m", *catch_mail(port, tmp_path)], cwd=ROOT)

    def answers() -> bool:
        with contextlib.suppress(OSError):
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
            return True
        return False

    wait_until(answers)
    yield port
    process.terminate()
    process.wait(timeout=30)


def _mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noreply@bidn.example", "alle beheerders", subject
    message.set_content("Er staan 2 rapporten klaar: één per soort.\n")
    message.add_alternative("<p>Er staan 2 rapporten klaar</p>", subtype="html")
    return message


def test_every_recipient_of_every_mail_is_caught_in_order(port: int, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    many = [f"beheerder-{number}@groningen.test" for number in range(9)]  # more than a line of a header holds
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(_mail("Eerste – ronde 2026-09"), to_addrs=many)
        server.send_message(_mail("Tweede"), to_addrs=["c@zwolle.test"])
    caught = mail_catcher.lijst(tmp_path)
    assert [(mail.aan, mail.onderwerp) for mail in caught] == [
        *((one, "Eerste – ronde 2026-09") for one in many),
        ("c@zwolle.test", "Tweede"),
    ]
    assert caught[0].tekst == "Er staan 2 rapporten klaar: één per soort.\n"
    assert before <= caught[0].ontvangen <= caught[-1].ontvangen <= datetime.now(UTC)


def test_nothing_caught_is_an_empty_list(tmp_path: Path) -> None:
    assert mail_catcher.lijst(tmp_path / "nooit gemaakt") == []
