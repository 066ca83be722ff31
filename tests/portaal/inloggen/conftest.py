"""The login of the portal with a provider beside it, both over real HTTP."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import anyio
import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from include.mock_sources.draaien import mock_inlogdienst
from include.mock_sources.inlogdienst import CLIENT_ID, CLIENT_SECRET, Gebruiker, Inlogdienst
from include.portaal import inloggen
from include.portaal.oidc import OidcSettings, inlogdienst
from include.portaal.settings import PortalSettings
from include.schemas.domein import Product
from include.steps.portaal.sessies import vind_sessie
from include.steps.registreren import Beheerder, Inschrijving, schrijf_in
from include.steps.verwerking import Opslag
from include.storage import audit_log
from include.storage.audit_models import AuditEntry

ANNA = Gebruiker("sub-anna", "Anna de Wit", "anna@alfa.test")
VREEMDE = Gebruiker("sub-vreemd", "Vera Vreemd", "vera@elders.test")
GEBRUIKERS = (ANNA, VREEMDE)
EXTRA_CONTROLE = "urn:test:twee-factoren"


@pytest.fixture
def opslag(opslag: Opslag) -> Opslag:
    """One organisation, of which ANNA is productbeheerder."""
    anna = Beheerder(naam=ANNA.naam, email=ANNA.email, product=Product.BIJZONDERE_BIJSTAND)
    schrijf_in(opslag, Inschrijving(naam="Gemeente Alfa", gemeentecodes=["0014"], productbeheerders=[anna]))
    return opslag


@pytest.fixture(scope="session")
def _provider() -> Iterator[Inlogdienst]:
    with mock_inlogdienst(GEBRUIKERS) as dienst:
        yield dienst


@pytest.fixture
def provider(_provider: Inlogdienst) -> Iterator[Inlogdienst]:
    """The provider without faults; the portal forgets what it told before."""
    inlogdienst.cache_clear()
    _provider.aanroepen.clear()
    yield _provider
    _provider.fouten.clear()
    _provider.alg = "PS256"


class Browser(httpx.Client):
    """Follows links and forms as a person would, and keeps cookies."""

    def __init__(self, portaal: str, provider: Inlogdienst) -> None:
        super().__init__(base_url=portaal, timeout=30)
        self.portaal, self.provider = portaal, provider

    def volg(self, antwoord: httpx.Response) -> httpx.Response:
        """Follow redirects for as long as there are any."""
        while antwoord.is_redirect:
            antwoord = self.get(antwoord.headers["location"])
        return antwoord

    def log_in(self, wie: Gebruiker = ANNA, pad: str = "/inloggen") -> httpx.Response:
        """Go through the whole log-in, and return the last page."""
        keuze = self.volg(self.get(pad))
        if keuze.url.path != "/authorize":
            return keuze
        return self.volg(self.kies(keuze, wie))

    def kies(self, keuze: httpx.Response, wie: Gebruiker) -> httpx.Response:
        """Press the button with the name of somebody on the page of the provider."""
        [formulier] = [
            een for een in re.findall(r"<form.*?</form>", keuze.text) if f">{wie.naam}</button>" in een
        ]
        velden = re.findall(r'name="(.*?)" value="(.*?)"', formulier)
        return self.post(
            f"{self.provider.issuer}/authorize", data={naam: unescape(waarde) for naam, waarde in velden}
        )


@pytest.fixture
def acr() -> tuple[str, ...]:
    return ()


def maak_app(provider: Inlogdienst, url: str) -> FastAPI:
    """The routes of the log-in alone, behind a layer that knows who is logged in, as the guard does.

    On ``app.state.opslag``, which is to be set.
    """
    app = FastAPI()
    app.state.settings = PortalSettings(url=url, max_upload=1, limits="memory://", productie=False)
    app.state.oidc = OidcSettings(provider.issuer, CLIENT_ID, CLIENT_SECRET, f"{url}/inloggen/terug")

    @app.middleware("http")
    async def wie(request: Request, verder):
        token = request.cookies.get(app.state.settings.cookie)
        opslag = request.state.opslag = app.state.opslag
        request.state.aangemeld = (
            await anyio.to_thread.run_sync(vind_sessie, opslag, token) if token else None
        )
        return await verder(request)

    app.include_router(inloggen.router)

    @app.get("/{pad:path}")
    def bladzij(pad: str, request: Request) -> dict[str, str | None]:
        aangemeld = request.state.aangemeld
        return {"pad": f"/{pad}", "naam": aangemeld.gebruiker.naam if aangemeld else None}

    return app


@pytest.fixture(scope="session")
def _app(_provider: Inlogdienst) -> Iterator[FastAPI]:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    app = maak_app(_provider, f"http://127.0.0.1:{sock.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    draad = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    draad.start()
    while not server.started:
        assert draad.is_alive()
        time.sleep(0.005)
    yield app
    server.should_exit = True
    draad.join(timeout=10)


@pytest.fixture
def portaal(_app: FastAPI, opslag: Opslag, acr: tuple[str, ...]) -> str:
    """The address of the running log-in, on the storage of this test."""
    _app.state.opslag = opslag
    _app.state.oidc = replace(_app.state.oidc, acr=acr)
    url: str = _app.state.settings.url
    return url


@pytest.fixture
def bezoeker(portaal: str, provider: Inlogdienst) -> Iterator[Browser]:
    with Browser(portaal, provider) as bezoeker:
        yield bezoeker


def regels(opslag: Opslag, naam: str | None = None) -> list[AuditEntry]:
    """The logboek of the log-in."""
    with opslag.database.reading() as sessie:
        return [
            regel for regel in audit_log.entries(sessie, naam=naam) if regel.activiteit.endswith(":toegang")
        ]
