"""What every request passes before a page sees it, and every answer before it leaves: the one door of the portal.

As an ASGI layer of its own, for a framework reads a whole upload before it asks whether somebody is logged in.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response

from include.errors import soort_en_plaats
from include.portaal.fouten import foutpagina
from include.portaal.limieten import Limieten
from include.portaal.settings import PortalSettings, is_this_machine
from include.portaal.weergave import naar
from include.steps.portaal.sessies import Aangemeld, vind_sessie
from include.steps.portaal.toegang import handelt_als
from include.steps.verwerking import Opslag

log = logging.getLogger("bidn.portaal")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

OPENBAAR = frozenset(
    {"/inloggen", "/inloggen/terug", "/toegankelijkheid", "/privacy", "/.well-known/security.txt", "/gezond"}
)
"""What needs no login (contracten §4); and the style sheets below STATISCH."""
STATISCH = "/static/"
UPLOAD = "/bijzondere-bijstand/aanleveren"
"""The one path that takes a file; it reads the form itself, while it streams."""
GROOTSTE_FORMULIER = 64 * 1024
"""Bytes of a form without a file."""
RUIMTE_FORMULIER = 64 * 1024
"""Bytes of an upload that are not the file: the other fields and what lies between."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'{inlogdienst}; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=63072000; includeSubDomains"


class Guard:
    """Checks address, session, origin, token, size and rate of every request; sets the headers of every answer."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], *, opslag: Opslag, settings: PortalSettings,
        limieten: Limieten, inlogdienst: str = "",
    ) -> None:  # fmt: skip
        """``inlogdienst`` is the origin of the identity provider, to which logging in may send the browser."""
        self._app, self._opslag, self._settings, self._limieten = app, opslag, settings, limieten
        extra = f" {inlogdienst}" if inlogdienst else ""
        self._headers = {naam: waarde.replace("{inlogdienst}", extra) for naam, waarde in HEADERS.items()}
        if settings.secure:
            self._headers["Strict-Transport-Security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no page uses another
            return
        begin, status, begonnen = time.monotonic(), 500, False

        async def met_headers(bericht: MutableMapping[str, Any]) -> None:
            nonlocal status, begonnen
            if bericht["type"] == "http.response.start":
                status, begonnen = bericht["status"], True
                bericht["headers"] = self._antwoordheaders(scope, list(bericht.get("headers", [])))
            await send(bericht)

        scope["state"] = {
            **scope.get("state", {}),
            "opslag": self._opslag,
            "aangemeld": None,
            "formulier": {},
        }
        scope["state"]["limieten"] = self._limieten
        try:
            await self._behandel(scope, receive, met_headers)
        except Exception as fout:  # noqa: BLE001 - passed on, its words would be in the log of the server
            log.error("a page could not be shown: %s", soort_en_plaats(fout))
            if not begonnen:
                await foutpagina(Request(scope), 500)(scope, receive, met_headers)
        finally:
            # The template of the route, never the address itself: somebody may have typed a BSN there.
            route = getattr(scope.get("route"), "path", "-")
            duur = round(1000 * (time.monotonic() - begin))
            log.info("%s %s %d %d ms", scope["method"], route, status, duur)

    async def _behandel(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if weigering := self._adres(request):
            await weigering(scope, receive, send)
            return
        if token := request.cookies.get(self._settings.cookie):
            scope["state"]["aangemeld"] = await anyio.to_thread.run_sync(vind_sessie, self._opslag, token)
        aangemeld: Aangemeld | None = scope["state"]["aangemeld"]
        wie = aangemeld.gebruiker.account_id if aangemeld else None
        with handelt_als(wie, trace=secrets.token_hex(16)):
            antwoord = self._toegang(request, aangemeld) or self._tempo(request, wie)
            if antwoord is None and request.method == "POST":
                antwoord, receive = await self._formulier(request, aangemeld)
            await (antwoord or self._app)(scope, receive, send)

    def _adres(self, request: Request) -> Response | None:
        """Refuse another host, a plain connection in production, and methods that no page has."""
        if request.method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("method not allowed", 405, {"Allow": "GET, HEAD, POST"})
        if request.url.path == "/gezond":  # asked by who watches the container, by its own address
            return None
        host = request.headers.get("host", "")
        eigen = urlsplit(self._settings.url).netloc
        hier = not self._settings.productie and is_this_machine(urlsplit(f"//{host}").hostname or "")
        if host.lower() != eigen.lower() and not hier:
            return PlainTextResponse("this portal is not at that address", 421)
        if self._settings.productie and request.url.scheme != "https":
            return PlainTextResponse(
                "this portal is only served over TLS: let the proxy in front say so with X-Forwarded-Proto",
                403,
            )
        return None

    def _toegang(self, request: Request, aangemeld: Aangemeld | None) -> Response | None:
        pad = request.url.path
        if aangemeld or pad in OPENBAAR or pad.startswith(STATISCH):
            return None
        vraag = {} if request.method == "POST" or pad == "/" else {"naar": pad}
        if request.method == "POST" or self._settings.cookie in request.cookies:
            vraag["reden"] = "verlopen"
        antwoord = naar("/inloggen", **vraag)
        if request.method == "POST":  # what it carries is not read
            antwoord.headers["Connection"] = "close"
        return antwoord

    def _tempo(self, request: Request, wie: str | None) -> Response | None:
        pad = request.url.path
        if pad.startswith(STATISCH) or pad == "/gezond":
            return None
        if wie:
            wacht = self._limieten.wachttijd("vraag", wie)
        elif pad.startswith("/inloggen"):
            wacht = self._limieten.wachttijd("inloggen", request.client.host if request.client else "")
        else:
            wacht = 0
        return te_vaak(request, wacht) if wacht else None

    async def _formulier(
        self, request: Request, aangemeld: Aangemeld | None
    ) -> tuple[Response | None, Receive]:
        """Check where a form comes from and its token; a form without a file is read here."""
        soort = request.headers.get("content-type", "").split(";")[0].strip().lower()
        lengte = request.headers.get("content-length", "")
        if not self._van_ons(request):
            return self._weiger(request, 403), request.receive
        if soort == "multipart/form-data" and request.url.path == UPLOAD:
            grens = self._settings.max_upload + RUIMTE_FORMULIER
            if lengte.isdigit() and int(lengte) > grens:
                return te_groot(request, self._settings.max_upload), request.receive
            return None, request.receive
        if soort != "application/x-www-form-urlencoded":
            return self._weiger(request, 415), request.receive
        inhoud = b""
        async for stuk in request.stream():
            inhoud += stuk
            if len(inhoud) > GROOTSTE_FORMULIER:
                return self._weiger(request, 413), request.receive
        velden = dict(
            parse_qsl(inhoud.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
        )
        if aangemeld is None or not token_klopt(velden.get("token"), aangemeld):
            return self._weiger(request, 403), request.receive
        request.scope["state"]["formulier"] = velden
        return None, request.receive

    def _van_ons(self, request: Request) -> bool:
        """Tell whether a form was sent by a page of ours: a browser says so, and no page can make it lie."""
        herkomst, ophaal = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if ophaal is not None:
            return ophaal == "same-origin"
        if herkomst is None:
            return False
        delen = urlsplit(herkomst)
        hier = not self._settings.productie and is_this_machine(delen.hostname or "")
        return herkomst == self._settings.origin or (hier and delen.netloc == request.headers.get("host"))

    def _weiger(self, request: Request, status: int) -> Response:
        antwoord = foutpagina(request, status)
        antwoord.headers["Connection"] = "close"
        return antwoord

    def _antwoordheaders(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        gezet = {naam.lower() for naam, _ in headers}
        eigen = dict(self._headers)
        if scope["path"].startswith(STATISCH):
            eigen["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            eigen["Cache-Control"] = "no-store"
        extra = [
            (naam.lower().encode(), waarde.encode())
            for naam, waarde in eigen.items()
            if naam.lower().encode() not in gezet
        ]
        return [*(paar for paar in headers if paar[0].lower() != b"server"), *extra]


def token_klopt(token: str | None, aangemeld: Aangemeld) -> bool:
    """Tell whether the hidden token of a form is that of the session."""
    return hmac.compare_digest((token or "").encode(), aangemeld.sessie.csrf.encode())


def te_vaak(request: Request, seconden: int) -> Response:
    """The page that says to wait."""
    antwoord = foutpagina(request, 429)
    antwoord.headers["Retry-After"] = str(seconden)
    return antwoord


def te_groot(request: Request, grens: int) -> Response:
    """The page that names the largest size of a file; the rest of what was sent is not read."""
    antwoord = foutpagina(request, 413, grens=grens)
    antwoord.headers["Connection"] = "close"
    return antwoord
