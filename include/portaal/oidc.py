"""The identity provider: OpenID Connect with the authorisation code flow, PKCE and a signed ID token.

What a provider says is believed only when its signature (PS256, RS256), issuer, audience, times and nonce are right.
No claim is ever logged; who may what is not in a claim either (include/steps/portaal/toegang.py).
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from include.errors import BidnFout, InstallatieFout
from include.portaal.settings import PortalSettings, is_this_machine

ALGORITMEN = ("PS256", "RS256")
SPELING = 60
"""How far its clock and ours may differ, in seconds."""
WACHTTIJD = 5.0
"""How long to wait for it, in seconds; an answer as a whole may take twice that."""
GROOTSTE_ANTWOORD = 256 * 1024
"""Bytes; discovery, keys and a token take a few thousand."""
LANGSTE_SUB = 255
"""ASCII characters, says OpenID Connect."""
BEWAAR = 3600
"""How long discovery and keys are kept, in seconds; an unknown key is asked for at once."""
_TIJDEN = frozenset({"exp", "iat", "nbf"})


class OidcFout(BidnFout):
    """The provider could not be asked, or what came back may not be believed; ``reden`` is a code for the logboek."""

    def __init__(self, reden: str, uitleg: str) -> None:
        super().__init__(f"the identity provider: {uitleg}")
        self.reden = reden


class Onbereikbaar(OidcFout):
    """It does not answer, or not as OpenID Connect says."""

    def __init__(self, uitleg: str) -> None:
        super().__init__("onbereikbaar", uitleg)


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Which provider, and as whom we ask it; ``acr`` is how strongly somebody must have proved who they are."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    acr: tuple[str, ...] = ()


def oidc_settings(portaal: PortalSettings) -> OidcSettings:
    """Read BIDN_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET and _ACR (several with a space between: any of them will do).

    Outside production the development provider is the default (``python -m include.mock_sources inlogdienst``).

    Raises:
        InstallatieFout: production without any of the first three, or with a provider on plain HTTP or this machine.
    """
    standaard = {
        "BIDN_OIDC_ISSUER": "http://127.0.0.1:8601",
        "BIDN_OIDC_CLIENT_ID": "bidn-portaal",
        "BIDN_OIDC_CLIENT_SECRET": "ontwikkeling",
    }
    gezet = {naam: os.environ.get(naam, "").strip() for naam in standaard}
    issuer = gezet["BIDN_OIDC_ISSUER"]
    if portaal.productie:
        if leeg := [naam for naam, waarde in gezet.items() if not waarde]:
            raise InstallatieFout(
                f"BIDN_OMGEVING is productie, and {', '.join(leeg)} is not set: name the identity provider, and mount "
                "the secret (docs/deployment.md)"
            )
        if not issuer.startswith("https://") or is_this_machine(urlsplit(issuer).hostname or ""):
            raise InstallatieFout(
                "BIDN_OIDC_ISSUER must be an identity provider on https:// and on another machine in production: the "
                "development provider lets anybody be anybody"
            )
    elif issuer and urlsplit(issuer).scheme not in ("http", "https"):
        raise InstallatieFout("BIDN_OIDC_ISSUER must be the address of an identity provider: https://…")
    waarden = {naam: gezet[naam] or standaard[naam] for naam in standaard}
    return OidcSettings(
        issuer=waarden["BIDN_OIDC_ISSUER"],
        client_id=waarden["BIDN_OIDC_CLIENT_ID"],
        client_secret=waarden["BIDN_OIDC_CLIENT_SECRET"],
        redirect_uri=f"{portaal.url}/inloggen/terug",
        acr=tuple(os.environ.get("BIDN_OIDC_ACR", "").split()),
    )


class Identiteit(NamedTuple):
    """Whom the provider says somebody is: ``sub`` is theirs for ever, the rest may change."""

    issuer: str
    sub: str
    email: str | None
    email_geverifieerd: bool
    naam: str | None


class _Metadata(NamedTuple):
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_in_body: bool


class Inlogdienst:
    """One provider, with what it told about itself kept for an hour. Safe for several threads."""

    def __init__(self, settings: OidcSettings, *, klok: Callable[[], float] = time.time) -> None:
        """``klok`` tells the seconds since 1970. Nothing is asked yet."""
        self.settings = settings
        self._klok = klok
        self._lock = threading.Lock()
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def adres(self, *, state: str, nonce: str, code_verifier: str) -> str:
        """Return where to send the browser. Raises Onbereikbaar."""
        adres = prepare_grant_uri(
            self._vraag_metadata().authorization_endpoint,
            self.settings.client_id,
            "code",
            redirect_uri=self.settings.redirect_uri,
            scope="openid email profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(code_verifier),
            code_challenge_method="S256",
            acr_values=" ".join(self.settings.acr) or None,
        )
        return str(adres)

    def wissel_in(self, *, code: str, nonce: str, code_verifier: str) -> Identiteit:
        """Exchange a code for whom it is about.

        Raises:
            OidcFout: the provider refused, does not answer, or its answer may not be believed.
        """
        metadata = self._vraag_metadata()
        velden = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": code_verifier,
        }
        wie = (self.settings.client_id, self.settings.client_secret)
        if metadata.secret_in_body:
            velden |= {"client_id": wie[0], "client_secret": wie[1]}
        antwoord = _vraag(
            "POST",
            metadata.token_endpoint,
            data=velden,
            auth=None if metadata.secret_in_body else (quote_plus(wie[0]), quote_plus(wie[1])),
        )
        token = antwoord.get("id_token")
        if not isinstance(token, str):
            raise Onbereikbaar("the answer of the token endpoint holds no ID token")
        return self._lees(token, nonce)

    def _lees(self, token: str, nonce: str) -> Identiteit:
        claims = self._geldige_claims(token)
        settings = self.settings
        register = jwt.JWTClaimsRegistry(
            now=int(self._klok()),
            leeway=SPELING,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            register.validate(claims)
        except ClaimError as fout:
            if fout.claim in _TIJDEN and not isinstance(fout, MissingClaimError):
                raise OidcFout(
                    "klok", f"the times of its ID token are not those of now ({fout.claim})"
                ) from None
            raise OidcFout("ongeldig", f"its ID token has a wrong or missing claim {fout.claim}") from None
        meer_dan_wij = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if meer_dan_wij else settings.client_id) != settings.client_id:
            raise OidcFout("ongeldig", "its ID token was given to another client (azp)")
        if settings.acr and claims.get("acr") not in settings.acr:
            raise OidcFout("acr", "somebody proved who they are less strongly than BIDN_OIDC_ACR demands")
        sub, email, naam = claims["sub"], claims.get("email"), claims.get("name")
        if not (sub.isascii() and sub.isprintable() and 0 < len(sub) <= LANGSTE_SUB):
            raise OidcFout("ongeldig", "its ID token has a sub that OpenID Connect does not allow")
        return Identiteit(
            settings.issuer,
            sub,
            email if isinstance(email, str) and email else None,
            claims.get("email_verified") is True,
            naam if isinstance(naam, str) else None,
        )

    def _geldige_claims(self, token: str) -> dict[str, Any]:
        """The claims of a token with a signature of the provider; an unknown key is asked for once."""
        register = JWSRegistry(algorithms=list(ALGORITMEN))
        try:
            kop = json.loads(_base64(token.split(".", maxsplit=1)[0]))
            kid = kop.get("kid")
            sleutels = self._vraag_sleutels()
            if kid is not None and all(sleutel.kid != kid for sleutel in sleutels):
                sleutels = self._vraag_sleutels(opnieuw=True)
            return jwt.decode(token, sleutels.get_by_kid(kid), registry=register).claims
        except (JoseError, ValueError, AttributeError, RecursionError) as fout:
            raise OidcFout(
                "handtekening", f"its ID token is not signed as it should ({type(fout).__name__})"
            ) from None

    def _vraag_metadata(self) -> _Metadata:
        with self._lock:
            bewaard = self._metadata
        if bewaard and self._klok() - bewaard[0] < BEWAAR:
            return bewaard[1]
        issuer = self.settings.issuer
        gevonden = _vraag("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if gevonden.get("issuer") != issuer:
            raise Onbereikbaar("it names another issuer than BIDN_OIDC_ISSUER")
        adressen = [gevonden.get(naam) for naam in _Metadata._fields[:3]]
        if not all(isinstance(adres, str) and _even_veilig(adres, issuer) for adres in adressen):
            raise Onbereikbaar("its discovery lacks an endpoint, or has one that is not on https")
        manieren = gevonden.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        authorization, token, sleutels = map(str, adressen)
        metadata = _Metadata(authorization, token, sleutels, "client_secret_basic" not in manieren)
        with self._lock:
            self._metadata = (self._klok(), metadata)
        return metadata

    def _vraag_sleutels(self, *, opnieuw: bool = False) -> KeySet:
        with self._lock:
            bewaard = self._keys
        if bewaard and not opnieuw and self._klok() - bewaard[0] < BEWAAR:
            return bewaard[1]
        gevonden = _vraag("GET", self._vraag_metadata().jwks_uri)
        try:
            sleutels = KeySet.import_key_set({"keys": gevonden["keys"]})
        except (JoseError, KeyError, TypeError, ValueError):
            raise Onbereikbaar("its keys cannot be read") from None
        with self._lock:
            self._keys = (self._klok(), sleutels)
        return sleutels


@cache
def inlogdienst(settings: OidcSettings) -> Inlogdienst:
    """The one Inlogdienst of this process for these settings."""
    return Inlogdienst(settings)


def _base64(tekst: str) -> bytes:
    return base64.urlsafe_b64decode(tekst + "=" * (-len(tekst) % 4))


def _even_veilig(adres: str, issuer: str) -> bool:
    """Whether an endpoint is on TLS, or the issuer is not either (development)."""
    schema = urlsplit(adres).scheme
    return schema == "https" or (schema == "http" and issuer.startswith("http://"))


def _vraag(
    methode: str, adres: str, *, data: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object that the provider answers with. Raises OidcFout, without any of its words."""
    tot = time.monotonic() + 2 * WACHTTIJD
    inhoud = b""
    try:
        with (
            httpx.Client(timeout=WACHTTIJD, headers={"Accept": "application/json"}) as client,
            client.stream(methode, adres, data=data, auth=auth) as antwoord,
        ):
            for stuk in antwoord.iter_bytes():
                inhoud += stuk
                if len(inhoud) > GROOTSTE_ANTWOORD:
                    raise Onbereikbaar("its answer is larger than it can be")
                if time.monotonic() > tot:
                    raise Onbereikbaar("its answer takes too long")
    except (httpx.HTTPError, httpx.InvalidURL) as fout:
        raise Onbereikbaar(f"it cannot be reached ({type(fout).__name__})") from None
    try:
        gelezen = json.loads(inhoud)
    except (ValueError, RecursionError):
        raise Onbereikbaar(f"its answer is no JSON (HTTP {antwoord.status_code})") from None
    if not isinstance(gelezen, dict):
        raise Onbereikbaar(f"its answer is no object (HTTP {antwoord.status_code})")
    if data and antwoord.status_code in (400, 401, 403) and isinstance(gelezen.get("error"), str):
        if gelezen["error"] == "invalid_grant":
            raise OidcFout("code", "it refused the code: used before, or too old")
        raise Onbereikbaar("it refused our client: see BIDN_OIDC_CLIENT_ID and BIDN_OIDC_CLIENT_SECRET")
    if not antwoord.is_success:
        raise Onbereikbaar(f"it answers with HTTP {antwoord.status_code}")
    return gelezen
