"""Running the service: on a fixed port for a demonstration, or on a free one for the length of a test."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from include.errors import InstallatieFout
from include.mock_sources import inlogdienst
from include.mock_sources.app import maak_app
from include.mock_sources.inlogdienst import Gebruiker, Inlogdienst, maak_inlogdienst

_STARTTIJD = 30.0


def _server(app: FastAPI) -> uvicorn.Server:
    # No access log: its lines would say nothing the call log does not. Calls that hang on purpose must not
    # keep the service alive, hence the short grace.
    return uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
    )


def _luister(host: str, port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as fout:
        sock.close()
        raise InstallatieFout(
            f"port {port} on {host} is not free ({fout.strerror}); choose another with --port"
        ) from None
    return sock


def serveer(populatie: Path, host: str, port: int) -> None:
    """Serve a population until interrupted.

    Raises PopulatieFout (malformed population) or InstallatieFout (port taken).
    """
    sock = _luister(host, port)
    app = maak_app(populatie)
    bekend = ", ".join(f"{bron} {aantal}" for bron, aantal in app.state.mock.populatie.aantallen().items())
    sys.stdout.write(f"mock sources on http://{host}:{port} ({bekend})\n")
    sys.stdout.flush()
    _server(app).run(sockets=[sock])


def serveer_inlogdienst(gebruikers: Path | None, host: str, port: int) -> None:
    """Serve the development provider until interrupted; without a file it knows the people of the demo.

    Raises InstallatieFout: the file cannot be read, or the port is taken.
    """
    sock = _luister(host, port)
    issuer = f"http://{host}:{sock.getsockname()[1]}"
    app = inlogdienst.maak_app(issuer, gebruikers)
    sys.stdout.write(f"development identity provider, without passwords, on {issuer}\n")
    sys.stdout.flush()
    _server(app).run(sockets=[sock])


@contextmanager
def mock_bronnen(populatie: Path, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """A running service on a free port (or on ``port``), as its base URL; stopped on leaving.

    Raises PopulatieFout, or InstallatieFout when the port is taken or the server does not start.
    """
    app = maak_app(populatie)
    with _draaiend(_luister(host, port), lambda _: app) as url:
        yield url


@contextmanager
def mock_inlogdienst(gebruikers: Sequence[Gebruiker]) -> Iterator[Inlogdienst]:
    """A running development provider on a free port; its ``fouten`` may be changed while it runs."""
    diensten: list[Inlogdienst] = []

    def maak(issuer: str) -> FastAPI:
        diensten.append(Inlogdienst(issuer, gebruikers))
        return maak_inlogdienst(diensten[0])

    with _draaiend(_luister("127.0.0.1", 0), maak):
        yield diensten[0]


@contextmanager
def _draaiend(sock: socket.socket, maak: Callable[[str], FastAPI]) -> Iterator[str]:
    """What ``maak`` makes of its base URL, served for as long as the block lasts."""
    host, port = sock.getsockname()
    url = f"http://{host}:{port}"
    server = _server(maak(url))
    draad = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name=f"mock-{port}", daemon=True)
    draad.start()
    tot = time.monotonic() + _STARTTIJD
    while not server.started:
        if not draad.is_alive() or time.monotonic() > tot:
            raise InstallatieFout("the mock sources did not start")
        time.sleep(0.005)
    try:
        yield url
    finally:
        server.should_exit = True
        draad.join(timeout=10)
        sock.close()
