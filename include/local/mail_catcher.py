"""A mailbox that catches everything: what the pipelines mail, on this machine only, one .eml per message.

``python -m include.local.mail_catcher --port 8025 --uit data/mail`` receives until it is stopped;
``python -m include.local.mail_catcher --uit data/mail --lijst`` shows what was caught.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import itertools
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from include.local.config import HOST


@dataclass(frozen=True)
class GevangenMail:
    """One message that was caught. ``aan`` is the recipient of the envelope, not what the header claims."""

    pad: Path
    aan: str
    ontvangen: datetime
    onderwerp: str
    tekst: str


class Postbus:
    """Writes every message it is handed to ``folder``; the handler that aiosmtpd asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message, once per recipient; the SMTP answer says that it was taken."""
        for recipient in envelope.rcpt_tos:
            self._keep(recipient, envelope.original_content or b"")
        return "250 Message caught"

    def _keep(self, recipient: str, content: bytes) -> None:
        # In order of arrival, also over several runs. Written aside first: nobody reads half a message.
        name = f"{time.time_ns() // 1_000_000:013d}-{next(self.numbers):04d}.eml"
        temporary = self.folder / f".{name}"
        temporary.write_bytes(b"X-Envelope-To: " + recipient.encode() + b"\r\n" + content)
        temporary.rename(self.folder / name)


def lijst(folder: Path) -> list[GevangenMail]:
    """Return what was caught in ``folder``, in order of arrival; empty when there is no such folder."""
    return [_read(path) for path in sorted(folder.glob("[0-9]*.eml"))]


def _read(path: Path) -> GevangenMail:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    return GevangenMail(
        pad=path,
        aan=str(message["X-Envelope-To"]),
        ontvangen=datetime.fromtimestamp(int(path.name.split("-")[0]) / 1000, tz=UTC),
        onderwerp=str(message["Subject"] or ""),
        tekst=body.get_content().replace("\r\n", "\n") if body else "",
    )


async def serve(port: int, folder: Path, host: str = HOST) -> None:
    """Catch mail on ``port`` of ``host``, this machine only by default, until SIGTERM or SIGINT."""
    handler = Postbus(folder)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, loop=loop), host, port)
    async with server:
        await stopped.wait()


def main() -> None:
    """Run from the command line: catch, or list."""
    parser = argparse.ArgumentParser(prog="python -m include.local.mail_catcher", description=__doc__)
    parser.add_argument(
        "--uit", type=Path, default=Path("data/mail"), help="folder with one .eml per message"
    )
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--lijst", action="store_true", help="show what was caught instead of catching")
    arguments = parser.parse_args()
    if not arguments.lijst:
        asyncio.run(serve(arguments.port, arguments.uit, arguments.host))
        return
    for mail in lijst(arguments.uit):
        print(f"{mail.pad}  {mail.aan}  {mail.onderwerp}")  # noqa: T201 - a command's own output


if __name__ == "__main__":
    main()
