"""``python -m include.portaal``: serve the portal on the database, file store and keys of this installation."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys

import uvicorn

from include.errors import BidnFout, InstallatieFout
from include.logfilter import installeer
from include.portaal.app import maak_app
from include.portaal.settings import portal_settings
from include.settings import neem_env_bestand_over
from include.steps.installation import open_opslag


def _opties() -> argparse.ArgumentParser:
    ontleder = argparse.ArgumentParser(prog="python -m include.portaal", description=__doc__)
    ontleder.add_argument("--host", default="127.0.0.1")
    ontleder.add_argument("--port", type=int, default=int(os.environ.get("BIDN_PORTAAL_POORT") or 8600))
    return ontleder


def _luister(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as fout:
        sock.close()
        raise InstallatieFout(
            f"port {port} on {host} is not free ({fout.strerror}); choose another with --port or BIDN_PORTAAL_POORT"
        ) from None
    return sock


def main(argumenten: list[str] | None = None) -> int:
    """Exit 0 after an interrupt; 2 with one line when it cannot be started."""
    neem_env_bestand_over()
    opties = _opties().parse_args(argumenten)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    installeer()
    try:
        sock = _luister(opties.host, opties.port)
        adres = f"http://{opties.host}:{sock.getsockname()[1]}"
        settings = portal_settings(url=adres)
        app = maak_app(open_opslag(), settings)
    except BidnFout as fout:
        sys.stderr.write(f"{fout}\n")
        return 2
    sys.stdout.write(f"portal on {settings.url}\n")
    sys.stdout.flush()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # the guard writes one without addresses
            server_header=False,
            ws="none",
            # X-Forwarded-Proto and -For count only from the proxy that is named here.
            proxy_headers=True,
            forwarded_allow_ips=os.environ.get("BIDN_PORTAAL_PROXY") or "127.0.0.1",
            timeout_graceful_shutdown=10,
        )
    )
    server.run(sockets=[sock])
    return 0


if __name__ == "__main__":
    sys.exit(main())
