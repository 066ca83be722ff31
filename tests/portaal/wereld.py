"""Who works in the portal of these tests: on the world of tests/dags/wereld.py, of which Alfa and Beta have reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import httpx
from fastapi import FastAPI
from starlette.testclient import TestClient

from include.portaal.app import maak_app
from include.portaal.oidc import OidcSettings
from include.portaal.settings import PortalSettings
from include.schemas.domein import Product
from include.steps.portaal.sessies import log_in
from include.steps.registreren import (
    Beheerder,
    Gebruikersbeheerder,
    Productaanmelding,
    meld_aan,
    registreer_beheerder,
    registreer_gebruikersbeheerder,
)
from include.steps.verwerking import Opslag
from tests.dags.wereld import ALFA, BETA, GAMMA

ADRES = "http://127.0.0.1:8600"
UITGEVER = "http://127.0.0.1:8601"
ANNA = "anna@alfa.example"
"""Productbeheerder of Bijzondere Bijstand for Alfa."""
BRAM = "bram@beta.example"
"""Of both products for Beta, and of Bijzondere Bijstand for Alfa and Gamma: chooses between organisations."""
CARLA = "carla@alfa.example"
"""Of Alleenverdieners for Alfa only."""
DIRK = "dirk@alfa.example"
"""Gebruikersbeheerder of Alfa: may sign, has no rights here (besluit B53a)."""
EVA = "eva@alfa.example"
"""Was productbeheerder of Alfa until yesterday."""
NAMEN = {
    ANNA: "Anna de Vries",
    BRAM: "Bram Öztürk",
    CARLA: "Carla Jansen",
    DIRK: "Dirk Smit",
    EVA: "Eva Bakker",
}
BB, AV = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS
MANDATEN = [
    (ALFA, ANNA, BB),
    (BETA, BRAM, BB),
    (BETA, BRAM, AV),
    (ALFA, BRAM, BB),
    (GAMMA, BRAM, BB),
    (ALFA, CARLA, AV),
]

SETTINGS = PortalSettings(url=ADRES, max_upload=1024 * 1024, limits="memory://", productie=False)


def bevolk(opslag: Opslag) -> None:
    """Register everybody above."""
    for organisatie, email, product in [*MANDATEN, (ALFA, EVA, BB)]:
        registreer_beheerder(opslag, organisatie, Beheerder(naam=NAMEN[email], email=email, product=product))
    registreer_gebruikersbeheerder(opslag, ALFA, Gebruikersbeheerder(naam=NAMEN[DIRK], email=DIRK))
    meld_aan(opslag, BETA, Productaanmelding(product=AV, ingang=date(2026, 1, 1)))


def bouw(opslag: Opslag) -> FastAPI:
    """The portal on a storage, with an identity provider that nobody asks anything."""
    return maak_app(opslag, SETTINGS, OidcSettings(UITGEVER, "bidn-portaal", "x", f"{ADRES}/inloggen/terug"))


def token_van(opslag: Opslag, email: str) -> str:
    """Log somebody in as the identity provider would, and return the session token."""
    return log_in(
        opslag, issuer=UITGEVER, sub=f"sub-{email}", email=email, email_geverifieerd=True, naam=NAMEN[email]
    )


@dataclass
class Bezoeker:
    """A browser without JavaScript, of somebody who is logged in or not."""

    client: TestClient
    email: str | None = None

    def haal(self, pad: str, **vraag: str) -> httpx.Response:
        return self.client.get(pad, params=vraag, follow_redirects=False)

    def csrf(self) -> str:
        """The hidden token, as any form of any page has it."""
        gevonden = re.search(r'name="token" value="([^"]+)"', self.client.get("/").text)
        return gevonden.group(1) if gevonden else "geen"

    def stuur(self, pad: str, *, token: str | None = None, **velden: str) -> httpx.Response:
        """Send a form from a page of ours."""
        return self.client.post(
            pad,
            data={"token": self.csrf() if token is None else token, **velden},
            headers={"Origin": ADRES},
            follow_redirects=False,
        )

    def kies(self, organisatie: str) -> None:
        assert self.stuur("/organisatie", organisatie=organisatie).status_code == 303


def bezoeker(app: FastAPI, opslag: Opslag, email: str | None = None) -> Bezoeker:
    """Somebody with a session of their own, or nobody."""
    cookies = {SETTINGS.cookie: token_van(opslag, email)} if email else {}
    return Bezoeker(TestClient(app, base_url=ADRES, cookies=cookies, raise_server_exceptions=False), email)
