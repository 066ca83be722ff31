"""A real SMTP server that can be told to refuse or to hang up, and Airflow's connection to it."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


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


def vrije_poort() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def verbind(monkeypatch: pytest.MonkeyPatch, poort: int) -> None:
    """Point Airflow's SMTP connection at a port of this machine."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.test", "timeout": 20}
    verbinding = {"conn_type": "smtp", "host": "127.0.0.1", "port": poort, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(verbinding))


@contextmanager
def draaiend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Run the server for the length of the block."""
    handler = Server()
    post = Controller(handler, hostname="127.0.0.1", port=vrije_poort(), enable_SMTPUTF8=False)
    post.start()
    verbind(monkeypatch, post.port)
    try:
        yield handler
    finally:
        post.stop()
