"""An OpenID Connect provider for development: whoever is on its page may be chosen, without a password.

``python -m include.mock_sources inlogdienst`` serves it. It does what the standard asks of the code flow (PKCE S256,
a code that works once, signed ID tokens), so that the portal logs in here as it does in production. A test gives
``maak_inlogdienst`` a set of FOUTEN to show, and may change that set while it serves.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import html
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import yaml
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from include.errors import InstallatieFout

CLIENT_ID = "bidn-portaal"
CLIENT_SECRET = "ontwikkeling"  # noqa: S105 - no secret: this provider lets anybody be anybody
CODE_GELDIG = 60
TOKEN_GELDIG = 300
"""Seconds."""
_VREEMD = "https://een-ander.example"
_UUR = 3600

Claims = dict[str, Any]

CLAIMFOUTEN: Mapping[str, Callable[[Claims, float], Claims]] = {
    "nonce-anders": lambda claims, _: claims | {"nonce": "een andere"},
    "nonce-weg": lambda claims, _: _zonder(claims, "nonce"),
    "iss-anders": lambda claims, _: claims | {"iss": _VREEMD},
    "aud-anders": lambda claims, _: claims | {"aud": "een-andere-client"},
    "azp-anders": lambda claims, _: claims | {"aud": [claims["aud"], "ander"], "azp": "ander"},
    "azp-weg": lambda claims, _: claims | {"aud": [claims["aud"], "ander"]},
    "sub-raar": lambda claims, _: claims | {"sub": claims["sub"] + "\0"},
    "sub-weg": lambda claims, _: _zonder(claims, "sub"),
    "exp-voorbij": lambda claims, nu: claims | {"iat": int(nu) - 2 * _UUR, "exp": int(nu) - _UUR},
    "exp-weg": lambda claims, _: _zonder(claims, "exp"),
    "iat-toekomst": lambda claims, nu: claims | {"iat": int(nu) + _UUR, "exp": int(nu) + 2 * _UUR},
    "nbf-toekomst": lambda claims, nu: claims | {"nbf": int(nu) + _UUR},
    "acr-weg": lambda claims, _: _zonder(claims, "acr"),
    "acr-laag": lambda claims, _: claims | {"acr": "laag"},
    "email-weg": lambda claims, _: _zonder(claims, "email"),
    "email-onbevestigd": lambda claims, _: claims | {"email_verified": False},
    "email-tekst": lambda claims, _: claims | {"email_verified": "true"},
}
"""What is wrong in what an ID token says."""
TOKENFOUTEN = frozenset(
    {"alg-none", "alg-hs256", "sleutel-onbekend", "sleutel-vreemd", "token-vervormd", "token-weg"}
)
"""What is wrong in how an ID token is signed, or that it is not there."""
ANTWOORDFOUTEN: Mapping[str, Response | None] = {
    "500": Response("kapot", 500),
    "html": HTMLResponse("<p>onderhoud</p>"),
    "lijst": JSONResponse([1]),
    "reuze": Response(b'{"x": "' + b"x" * 5_000_000 + b'"}', media_type="application/json"),
    "traag": None,
}
"""What an endpoint may do instead of answering; a fault is named ``<endpoint>-<one of these>``."""
ENDPOINTS = ("discovery", "jwks", "token")
FOUTEN = frozenset(
    {
        *CLAIMFOUTEN,
        *TOKENFOUTEN,
        *(f"{endpoint}-{soort}" for endpoint in ENDPOINTS for soort in ANTWOORDFOUTEN),
        *("discovery-iss", "geweigerd", "storing", "code-gebruikt", "client-geweigerd", "antwoord-iss"),
    }
)
"""Everything that can be switched on."""


@dataclass(frozen=True)
class Gebruiker:
    """Somebody who can be chosen."""

    sub: str
    naam: str
    email: str


@dataclass(frozen=True)
class _Vergunning:
    """What a code was given out for."""

    gebruiker: Gebruiker
    vraag: Mapping[str, str]
    tot: float


def lees_gebruikers(pad: Path) -> list[Gebruiker]:
    """Read a YAML file ``gebruikers:`` with of each ``sub``, ``naam`` and ``email``.

    Raises InstallatieFout when it is not there, or not of this form.
    """
    try:
        inhoud = yaml.safe_load(pad.read_text(encoding="utf-8"))
        gebruikers = [
            Gebruiker(str(een["sub"]), str(een["naam"]), str(een["email"])) for een in inhoud["gebruikers"]
        ]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        raise InstallatieFout(
            f"{pad} cannot be read as a list `gebruikers` of sub, naam and email, in YAML"
        ) from None
    if len({een.sub for een in gebruikers}) < len(gebruikers):
        raise InstallatieFout(f"{pad}: every user needs a `sub` of their own")
    return gebruikers


def demogebruikers() -> list[Gebruiker]:
    """Everybody who is registered in the demo (``genereer``), by address."""
    from include.mock_sources.genereren.organisaties import beschrijving, kies

    vandaag = dt.datetime.now(dt.UTC).date()
    beschreven = [beschrijving(organisatie, vandaag) for organisatie in kies(3, vandaag)]
    mensen = {
        een["email"]: een["naam"]
        for organisatie in beschreven
        for een in (*organisatie["productbeheerders"], *organisatie["gebruikersbeheerders"])
    }
    return [
        Gebruiker(f"demo-{nummer}", naam, email)
        for nummer, (email, naam) in enumerate(sorted(mensen.items()), start=1)
    ]


class Inlogdienst:
    """One provider: its users, its keys, the codes it gave out, and the faults it shows.

    ``alg`` is what it signs with, ``aanroepen`` how often each of its endpoints was called.
    """

    def __init__(self, issuer: str, gebruikers: Sequence[Gebruiker], fouten: set[str] | None = None) -> None:
        self.issuer = issuer
        self.gebruikers = {een.sub: een for een in gebruikers}
        self.fouten = set() if fouten is None else fouten
        self.nieuwe_sleutels()
        self.alg = "PS256"
        self.aanroepen: Counter[str] = Counter()
        self._codes: dict[str, _Vergunning] = {}

    def nieuwe_sleutels(self) -> None:
        """Sign with other keys from now on, as a provider does now and then."""
        self.sleutels = {alg: _sleutel(alg) for alg in ("PS256", "RS256")}

    def discovery(self) -> Claims:
        """What it tells about itself."""
        return {
            "issuer": _VREEMD if "discovery-iss" in self.fouten else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(self.sleutels),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email", "profile"],
        }

    def jwks(self) -> Claims:
        """Its public keys."""
        return {"keys": [sleutel.as_dict(private=False) for sleutel in self.sleutels.values()]}

    def geef_code(self, sub: str, vraag: Mapping[str, str]) -> str:
        """Give out a code for a user that was chosen. Raises KeyError for an unknown one."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Vergunning(self.gebruikers[sub], vraag, time.time() + CODE_GELDIG)
        return code

    def wissel_in(self, velden: Mapping[str, str], client: tuple[str, str]) -> tuple[int, Claims]:
        """Answer the token endpoint: its status and what it says."""
        if client != (CLIENT_ID, CLIENT_SECRET) or "client-geweigerd" in self.fouten:
            return 401, {"error": "invalid_client"}
        vergunning = self._codes.pop(velden.get("code", ""), None)
        if vergunning is None or vergunning.tot < time.time() or "code-gebruikt" in self.fouten:
            return 400, {"error": "invalid_grant"}
        uitdaging = _base64(hashlib.sha256(velden.get("code_verifier", "").encode()).digest())
        if (uitdaging, velden.get("redirect_uri"), velden.get("grant_type")) != (
            vergunning.vraag["code_challenge"],
            vergunning.vraag["redirect_uri"],
            "authorization_code",
        ):
            return 400, {"error": "invalid_grant"}
        antwoord: Claims = {
            "access_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": TOKEN_GELDIG,
        }
        if "token-weg" not in self.fouten:
            antwoord["id_token"] = self._id_token(vergunning)
        return 200, antwoord

    def _id_token(self, vergunning: _Vergunning) -> str:
        nu, wie, vraag = time.time(), vergunning.gebruiker, vergunning.vraag
        claims: Claims = {
            "iss": self.issuer,
            "sub": wie.sub,
            "aud": CLIENT_ID,
            "iat": int(nu),
            "auth_time": int(nu),
            "exp": int(nu) + TOKEN_GELDIG,
            "nonce": vraag.get("nonce", ""),
            "name": wie.naam,
            "email": wie.email,
            "email_verified": True,
        }
        if acr := vraag.get("acr_values", "").split():
            claims["acr"] = acr[0]
        for fout in sorted(self.fouten & CLAIMFOUTEN.keys()):
            claims = CLAIMFOUTEN[fout](claims, nu)
        return self._onderteken(claims)

    def _onderteken(self, claims: Claims) -> str:
        sleutel = self.sleutels[self.alg]
        kop = {"alg": self.alg, "kid": sleutel.kid}
        if "alg-none" in self.fouten:
            delen = (json.dumps(deel).encode() for deel in ({"alg": "none", "kid": sleutel.kid}, claims))
            return ".".join([*map(_base64, delen), ""])
        if "alg-hs256" in self.fouten:
            geheim = OctKey.import_key(CLIENT_SECRET.ljust(32, "0"))
            return jwt.encode({"alg": "HS256", "kid": sleutel.kid}, claims, geheim)
        if "sleutel-vreemd" in self.fouten or "sleutel-onbekend" in self.fouten:
            vreemd = _vreemde_sleutel(self.alg)
            if "sleutel-onbekend" in self.fouten:
                kop["kid"] = "nooit-van-gehoord"
            return jwt.encode(kop, claims, vreemd, registry=JWSRegistry(algorithms=[self.alg]))
        token = jwt.encode(kop, claims, sleutel, registry=JWSRegistry(algorithms=[self.alg]))
        return token[: len(token) // 2] if "token-vervormd" in self.fouten else token


def maak_app(issuer: str, gebruikers: Path | None) -> FastAPI:
    """The provider with the users of a file, or those of the demo. Raises as ``lees_gebruikers``."""
    bekend = demogebruikers() if gebruikers is None else lees_gebruikers(gebruikers)
    return maak_inlogdienst(Inlogdienst(issuer, bekend))


def maak_inlogdienst(dienst: Inlogdienst) -> FastAPI:
    """A provider over HTTP."""
    app = FastAPI(title="BIDN inlogdienst", docs_url=None, redoc_url=None, openapi_url=None)
    web = _Web(dienst)
    app.add_route("/.well-known/openid-configuration", web.discovery, ["GET"])
    app.add_route("/jwks", web.jwks, ["GET"])
    app.add_route("/authorize", web.authorize, ["GET"])
    app.add_route("/authorize", web.kies, ["POST"])
    app.add_route("/token", web.token, ["POST"])
    return app


class _Web:
    """What each address of the provider answers."""

    def __init__(self, dienst: Inlogdienst) -> None:
        self._dienst = dienst

    async def discovery(self, _: Request) -> Response:
        return await self._antwoord("discovery", JSONResponse(self._dienst.discovery()))

    async def jwks(self, _: Request) -> Response:
        return await self._antwoord("jwks", JSONResponse(self._dienst.jwks()))

    async def authorize(self, request: Request) -> Response:
        """The page with a form for every user."""
        vraag, dienst = dict(request.query_params), self._dienst
        if fout := _onjuist(vraag):
            return HTMLResponse(_bladzij(f"<p>{html.escape(fout)}</p>"), 400)
        for fout, code in (("geweigerd", "access_denied"), ("storing", "temporarily_unavailable")):
            if fout in dienst.fouten:
                return _terug(vraag, {"error": code})
        return HTMLResponse(_bladzij("".join(_formulier(een, vraag) for een in dienst.gebruikers.values())))

    async def kies(self, request: Request) -> Response:
        """A user was chosen: send the browser back with a code."""
        vraag, dienst = dict(parse_qsl((await request.body()).decode())), self._dienst
        sub = vraag.pop("sub", "")
        fout = _onjuist(vraag) or (None if sub in dienst.gebruikers else "Deze gebruiker is er niet.")
        if fout:
            return HTMLResponse(_bladzij(f"<p>{html.escape(fout)}</p>"), 400)
        iss = _VREEMD if "antwoord-iss" in dienst.fouten else dienst.issuer
        return _terug(vraag, {"code": dienst.geef_code(sub, vraag), "iss": iss})

    async def token(self, request: Request) -> Response:
        velden = dict(parse_qsl((await request.body()).decode()))
        status, inhoud = self._dienst.wissel_in(velden, _client(request, velden))
        return await self._antwoord(
            "token", JSONResponse(inhoud, status, headers={"Cache-Control": "no-store"})
        )

    async def _antwoord(self, endpoint: str, goed: Response) -> Response:
        self._dienst.aanroepen[endpoint] += 1
        for soort, anders in ANTWOORDFOUTEN.items():
            if f"{endpoint}-{soort}" in self._dienst.fouten:
                if anders is not None:
                    return anders
                await asyncio.sleep(30)
        return goed


def _onjuist(vraag: Mapping[str, str]) -> str | None:
    """What is wrong with an authorisation request; None when nothing is."""
    if vraag.get("client_id") != CLIENT_ID:
        return "Deze client is hier niet bekend."
    if urlsplit(vraag.get("redirect_uri", "")).scheme not in ("http", "https"):
        return "De redirect_uri is geen webadres."
    eisen = {"response_type": "code", "code_challenge_method": "S256"}
    if any(vraag.get(naam) != waarde for naam, waarde in eisen.items()) or not vraag.get("code_challenge"):
        return "Alleen response_type code met PKCE (S256) wordt aangenomen."
    if "openid" not in vraag.get("scope", "").split():
        return "De scope openid ontbreekt."
    return None


def _terug(vraag: Mapping[str, str], velden: Mapping[str, str]) -> RedirectResponse:
    mee = {"state": vraag["state"], **velden} if "state" in vraag else dict(velden)
    teken = "&" if urlsplit(vraag["redirect_uri"]).query else "?"
    return RedirectResponse(f"{vraag['redirect_uri']}{teken}{urlencode(mee)}", 303)


def _client(request: Request, velden: Mapping[str, str]) -> tuple[str, str]:
    """Who asks for a token: in the header, or in the form."""
    soort, _, waarde = request.headers.get("authorization", "").partition(" ")
    if soort.lower() != "basic":
        return velden.get("client_id", ""), velden.get("client_secret", "")
    try:
        wie, _, geheim = base64.b64decode(waarde).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(wie), unquote_plus(geheim)


def _formulier(gebruiker: Gebruiker, vraag: Mapping[str, str]) -> str:
    velden = "".join(
        f'<input type="hidden" name="{html.escape(naam)}" value="{html.escape(waarde)}">'
        for naam, waarde in {**vraag, "sub": gebruiker.sub}.items()
    )
    knop = f'<button type="submit">{html.escape(gebruiker.naam)}</button>'
    return f'<form method="post" action="/authorize">{velden}{knop} {html.escape(gebruiker.email)}</form>\n'


def _bladzij(inhoud: str) -> str:
    return (
        '<!doctype html><html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Inlogdienst voor ontwikkeling</title><style>"
        "body{font:1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
        "form{margin:.75rem 0}button{font:inherit;padding:.5rem 1rem;min-height:2.75rem;margin-right:.5rem}"
        "</style></head><body><main><h1>Als wie wilt u inloggen?</h1>"
        "<p>Dit is de inlogdienst voor ontwikkeling: er is geen wachtwoord, en iedereen hier is verzonnen.</p>"
        f"{inhoud}</main></body></html>"
    )


def _sleutel(alg: str) -> RSAKey:
    kenmerken: Any = {"use": "sig", "alg": alg, "kid": f"{alg.lower()}-{secrets.token_hex(4)}"}
    return RSAKey.generate_key(2048, kenmerken)


@cache
def _vreemde_sleutel(alg: str) -> RSAKey:
    """A key that no provider ever told of."""
    return _sleutel(alg)


def _zonder(claims: Claims, naam: str) -> Claims:
    return {claim: waarde for claim, waarde in claims.items() if claim != naam}


def _base64(inhoud: bytes) -> str:
    return base64.urlsafe_b64encode(inhoud).rstrip(b"=").decode()
