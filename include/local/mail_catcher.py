"""A mailbox that catches everything: what the pipelines mail, on this machine only, one .eml per message.

``python -m aiosmtpd -n -u -l 127.0.0.1:8025 -c include.local.mail_catcher.Postbus data/mail`` receives until it is
stopped.
"""

from __future__ import annotations

import email
import email.policy
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from pathlib import Path

from aiosmtpd import handlers


@dataclass(frozen=True)
class GevangenMail:
    """One message that was caught. ``aan`` is a recipient of the envelope, not what the header claims."""

    pad: Path
    aan: str
    ontvangen: datetime
    onderwerp: str
    tekst: str


class Postbus(handlers.Message):
    """Writes every message it is handed to ``folder``; the handler that aiosmtpd asks for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @classmethod
    def from_cli(cls, _parser: ArgumentParser, folder: str) -> Postbus:
        """Make it as the command line asks."""
        return cls(Path(folder))

    def handle_message(self, message: Message) -> None:
        """Keep one message, in order of arrival. Written aside first: nobody reads half a message."""
        name = f"{time.time_ns()}.eml"
        (self.folder / f".{name}").write_bytes(message.as_bytes())
        (self.folder / f".{name}").rename(self.folder / name)


def lijst(folder: Path) -> list[GevangenMail]:
    """Return what was caught in ``folder`` for each recipient, in order of arrival."""
    return [mail for path in sorted(folder.glob("[0-9]" * 19 + ".eml")) for mail in _read(path)]


def _read(path: Path) -> list[GevangenMail]:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    received = datetime.fromtimestamp(int(path.stem) / 1e9, tz=UTC)
    text = body.get_content().replace("\r\n", "\n") if body else ""
    return [
        GevangenMail(path, recipient, received, str(message["Subject"] or ""), text)
        for recipient in map(str.strip, str(message["X-RcptTo"]).split(","))
    ]
