"""What the tests of the sources share: BSNs, a client that never waits, and a server that misbehaves."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from include.bronnen import brp
from include.bronnen.client import Bronclient, Voortgang
from include.bronnen.traffic import Grenzen

# All pass the elfproef.
BSNS = np.array(
    [
        999900006, 999900018, 999900031, 999900043, 999900055, 999900067, 999900079, 999900080, 999900092,
        999900109, 999900110, 999900122, 999900134, 999900146, 999900158, 999900171, 999900183, 999900195,
        999900201, 999900213, 999900225, 999900237, 999900249,
    ]
)  # fmt: skip
TOKEN = "sleutel-van-de-test"


class Wachten(list[float]):
    """Stands in for the clock between attempts: notes how long was asked to wait, and does not."""

    async def __call__(self, seconden: float) -> None:
        self.append(seconden)


def client(url: str, *, wacht: Wachten | None = None, bron: str = "brp", **grenzen: float) -> Bronclient:
    """A client with short patience; ``grenzen`` as of Grenzen."""
    return Bronclient(
        url,
        TOKEN,
        bron=bron,
        doelbinding="bijzondere-bijstand",
        betreft="Gemeente Testdam, ronde 2026-09",
        grenzen=Grenzen(**{"lezen": 5.0, "verbinden": 5.0} | grenzen),  # type: ignore[arg-type]
        wacht=Wachten() if wacht is None else wacht,
    )


def vraag_brp(client: Bronclient, bsns: Any, voortgang: Voortgang | None = None) -> pa.Table:
    """Ask the BRP."""
    return client.vraag(brp.ADRESVRAGEN, bsns, voortgang)


class Verzoek(http.server.BaseHTTPRequestHandler):
    """One request to the stub; the test's own function answers it."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        self.inhoud = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.verzoeken.append(self)
        self.close_connection = True
        try:
            self.server.antwoord(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.opgehangen.set()

    do_GET = do_POST  # noqa: N815 - http.server's own name

    @property
    def bsns(self) -> list[str]:
        return json.loads(self.inhoud)["burgerservicenummers"]

    def geef(
        self,
        inhoud: bytes,
        status: int = 200,
        soort: str = "application/json",
        reden: str | None = None,
        **kop: str,
    ) -> None:
        """Send a whole answer; ``kop`` with underscores for hyphens."""
        vast = {"content_type": soort, "content_length": str(len(inhoud)), "connection": "close"}
        self.send_response(status, reden)
        for naam, waarde in (vast | kop).items():
            self.send_header(naam.replace("_", "-"), waarde)
        self.end_headers()
        self.wfile.write(inhoud)

    def wacht_op_ophangen(self) -> None:
        """Say nothing until the caller hangs up."""
        while self.connection.recv(1024):
            pass
        self.server.opgehangen.set()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stub(antwoord: Callable[[Verzoek], None]) -> Iterator[Any]:
    """A source that answers as the test says. Yields the server: ``url``, ``verzoeken``, ``opgehangen``."""
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Verzoek)
    server.daemon_threads = True
    server.antwoord, server.verzoeken, server.opgehangen = antwoord, [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    draad = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    draad.start()
    try:
        yield server
    finally:
        server.shutdown()
        draad.join()
        server.server_close()


def leeg(bsns: list[str]) -> bytes:
    """The BRP's answer when it knows nobody."""
    return json.dumps(
        {
            "antwoorden": [
                {"burgerservicenummer": bsn, "resultaat": {"letter": "G"}, "personen": []} for bsn in bsns
            ]
        }
    ).encode()


def noemt_geen_bsn(*teksten: str) -> bool:
    """Whether no text holds a BSN of this module, or any other 9 digits on their own."""
    return not any(re.search(r"(?<![0-9a-f])\d{9}(?![0-9a-f])", tekst) for tekst in teksten) and not any(
        str(bsn) in tekst for bsn in BSNS for tekst in teksten
    )
