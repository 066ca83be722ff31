"""The portal as an application: its pages behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from include.portaal import inloggen
from include.portaal.fouten import registreer_fouten
from include.portaal.guard import Guard
from include.portaal.limieten import Limieten
from include.portaal.oidc import OidcSettings, oidc_settings
from include.portaal.paginas import (
    aanleveren,
    dashboard,
    detailrapport,
    instellingen,
    notificaties,
    ophalen,
    vast,
)
from include.portaal.settings import PortalSettings
from include.portaal.weergave import MAP
from include.steps.portaal.oordelen import Oordelaar
from include.steps.verwerking import Opslag

ROUTERS = (inloggen, dashboard, aanleveren, instellingen, ophalen, detailrapport, notificaties, vast)


def maak_app(opslag: Opslag, settings: PortalSettings, oidc: OidcSettings | None = None) -> FastAPI:
    """Return the portal on a storage; deliveries that wait for their judgement are taken up when it starts."""
    inlogdienst = oidc or oidc_settings(settings)
    oordelaar = Oordelaar(opslag)

    @asynccontextmanager
    async def leven(_app: FastAPI) -> AsyncIterator[None]:
        oordelaar.start()
        try:
            yield
        finally:
            oordelaar.stop()

    uitgever = urlsplit(inlogdienst.issuer)
    guard = Middleware(
        Guard,
        opslag=opslag,
        settings=settings,
        limieten=Limieten(settings.limits),
        inlogdienst=f"{uitgever.scheme}://{uitgever.netloc}",
    )
    app = FastAPI(
        title="BIDN portaal",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=leven,
        middleware=[guard],
    )
    app.state.settings, app.state.oidc, app.state.oordelaar = settings, inlogdienst, oordelaar
    for module in ROUTERS:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=MAP / "static"), name="static")
    registreer_fouten(app)
    return app


def routes(app: FastAPI) -> list[APIRoute]:
    """Every page of the portal, for who checks them all."""
    return [route for route in app.routes if isinstance(route, APIRoute)]
