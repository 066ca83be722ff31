"""The portal beside the bare steps, in one run: a large vraagbestand, and many people at many organisations.

A file of 1,000,000 rows from click to verslag, against ``lever`` on the same bytes; and Dashboard and Ophalen for a
user of 300 organisations with 5,000 publications, 50 people at once, on PostgreSQL (BIDN_POSTGRES).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks.bench_intake import vraagbestand
from include.portaal.app import maak_app
from include.portaal.settings import MEGABYTE, PortalSettings
from include.schemas.domein import LeveringStatus, Product
from include.steps.leveren import lever
from include.steps.portaal.sessies import log_in
from include.steps.registreren import Beheerder, Inschrijving, Productaanmelding, schrijf_in
from include.steps.verwerking import Opslag
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.keys import new_hash_key, new_identity
from include.storage.migrations import migrate
from include.storage.models import Levering, Publicatie, PublicatieBestand, RondeRow
from include.storage.organisaties import find_organisatie
from tests.portaal.browser import serve

RIJEN = 1_000_000
ORGANISATIES, PUBLICATIES, MENSEN, VRAGEN = 300, 5_000, 50, 10
UITGEVER = "https://inloggen.example"
EMAIL = "anna@gemeente.example"
POORT = 8690
ADRES = f"http://127.0.0.1:{POORT}"
AIMS = (
    "aims: click to verslag at most twice the bare lever; p95 of a page below 150 ms with 50 people at once"
)


@contextmanager
def installatie(url: str, map_: Path) -> Iterator[Opslag]:
    """An empty installation."""
    os.environ |= {"BIDN_SLEUTELS": new_identity(), "BIDN_HASHSLEUTEL": new_hash_key()}
    migrate(url)
    database = Database(url)
    try:
        yield Opslag(database, FileStore((map_ / "opslag").as_uri()))
    finally:
        database.engine.dispose()


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    import psycopg

    server = os.environ.get("BIDN_POSTGRES") or "postgresql://postgres@127.0.0.1:5432"
    naam = f"bidn_bench_{uuid.uuid4().hex[:8]}"
    admin = urlsplit(server)._replace(path="/postgres").geturl()
    with psycopg.connect(admin, autocommit=True) as verbinding:
        verbinding.execute(f'CREATE DATABASE "{naam}"')
    try:
        yield urlsplit(server)._replace(scheme="postgresql+psycopg", path=f"/{naam}").geturl()
    finally:
        with psycopg.connect(admin, autocommit=True) as verbinding:
            verbinding.execute(f'DROP DATABASE IF EXISTS "{naam}" WITH (FORCE)')


def inschrijving(naam: str, codes: list[str]) -> Inschrijving:
    """An organisation that takes part, with our one user."""
    return Inschrijving(
        naam=naam,
        gemeentecodes=codes,
        productbeheerders=[Beheerder(naam="Anna", email=EMAIL, product=Product.BIJZONDERE_BIJSTAND)],
        aanmeldingen=[Productaanmelding(product=Product.BIJZONDERE_BIJSTAND, ingang=date(2023, 1, 1))],
    )


def bezoeker(opslag: Opslag) -> httpx.Client:
    """A browser that is logged in."""
    token = log_in(opslag, issuer=UITGEVER, sub="anna", email=EMAIL, email_geverifieerd=True, naam="Anna")
    return httpx.Client(base_url=ADRES, cookies={"bidn": token}, headers={"Origin": ADRES}, timeout=120)


def portaal(opslag: Opslag) -> object:
    """The portal on a port of its own."""
    os.environ["BIDN_OIDC_ISSUER"] = UITGEVER
    settings = PortalSettings(url=ADRES, max_upload=500 * MEGABYTE, limits="memory://", productie=False)
    return serve(maak_app(opslag, settings), POORT)


def gemeten(werk: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    begin = time.perf_counter()
    werk()
    return time.perf_counter() - begin


def groot_bestand(map_: Path) -> None:
    """Hand one large file in, through the portal and without it."""
    inhoud = vraagbestand(RIJEN, 0.1)
    with installatie(f"sqlite:///{map_ / 'bidn.sqlite'}", map_) as opslag, opslag_in(opslag):
        bloot = gemeten(
            lambda: lever(
                opslag,
                organisatie="Bloot",
                bestandsnaam="groot.csv",
                inhoud=inhoud,
                ontvangen=datetime.now(UTC),
            )
        )
        with portaal(opslag), bezoeker(opslag) as client:  # type: ignore[attr-defined]
            token = client.get("/").text.partition('name="token" value="')[2].partition('"')[0]
            client.post("/organisatie", data={"token": token, "organisatie": "Portaal"})

            def klik() -> None:
                antwoord = client.post(
                    "/bijzondere-bijstand/aanleveren",
                    data={"token": token},
                    files={"bestand": ("groot.csv", inhoud)},
                )
                pad = antwoord.headers["location"].partition("?")[0]
                while "data-klaar" not in client.get(f"{pad}/voortgang").text:
                    time.sleep(0.1)

            via = gemeten(klik)
    print(
        f"{RIJEN:,} rows, {len(inhoud) / MEGABYTE:.0f} MB: lever {bloot:.1f} s, click to verslag {via:.1f} s"
    )
    print(
        f"ratio {via / bloot:.2f}; memory of this process {psutil.Process().memory_info().rss / MEGABYTE:.0f} MB"
    )


@contextmanager
def opslag_in(opslag: Opslag) -> Iterator[None]:
    """Register who delivers the large file."""
    for naam in ("Bloot", "Portaal"):
        schrijf_in(opslag, inschrijving(naam, ["0014", "0034", "0363"]))
    yield


def veel_mensen(map_: Path) -> None:
    """Look at Dashboard and Ophalen as 50 people at once."""
    with postgres() as url, installatie(url, map_) as opslag:
        vul(opslag)
        with portaal(opslag), bezoeker(opslag) as client:  # type: ignore[attr-defined]
            for pad in ("/", "/bijzondere-bijstand/ophalen", "/bijzondere-bijstand/ophalen?blad=100"):
                client.get(pad)
                kijk = partial(client.get, pad)
                with ThreadPoolExecutor(MENSEN) as mensen:
                    tijden = sorted(mensen.map(gemeten, [kijk] * (MENSEN * VRAGEN)))
                alleen = statistics.median(gemeten(kijk) for _ in range(VRAGEN))
                p95 = tijden[int(0.95 * len(tijden))]
                print(f"{pad}: alone {1000 * alleen:.0f} ms; {MENSEN} at once: p95 {1000 * p95:.0f} ms")
            print(f"memory of this process {psutil.Process().memory_info().rss / MEGABYTE:.0f} MB")


def levering(organisatie_id: int, nu: datetime) -> Levering:
    """A delivery of this month, judged."""
    return Levering(
        id=str(uuid.uuid4()),
        product=Product.BIJZONDERE_BIJSTAND,
        organisatie_id=organisatie_id,
        ronde=f"{nu:%Y-%m}",
        volgnummer=1,
        ontvangen_op=nu,
        bestandsnaam="vraag.csv",
        sha256="0" * 64,
        omvang=100,
        status=LeveringStatus.CORRECT,
    )


def vul(opslag: Opslag) -> None:
    """300 organisations with 5,000 publications, as rows: nobody fetches their files here."""
    namen = [f"Gemeente {nummer:03d}" for nummer in range(ORGANISATIES)]
    for naam in namen:
        schrijf_in(opslag, inschrijving(naam, ["0014"]))
    oordelen = {
        toets: {"J": 1, "N": 2, "Niet getoetst": 0} for toets in ("Belemmering", "Inkomen", "Vermogen")
    }
    nu = datetime.now(UTC)
    with opslag.database.transaction() as sessie:
        wie = {naam: find_organisatie(sessie, naam) for naam in namen}
        leveringen = {naam: levering(wie[naam].id, nu) for naam in namen}
        sessie.add(RondeRow(ronde="2026-10", deelnamedatum=date(2026, 10, 26), geopend_op=nu, run="bench"))
        sessie.add_all(leveringen.values())
        sessie.flush()
        for nummer in range(PUBLICATIES):
            naam_van = namen[nummer % ORGANISATIES]
            sleutel = str(uuid.uuid4())
            sessie.add(
                Publicatie(
                    id=sleutel,
                    reeks=f"bench/{sleutel}",
                    versie=1,
                    product=Product.BIJZONDERE_BIJSTAND,
                    organisatie_id=wie[naam_van].id,
                    levering_id=leveringen[naam_van].id,
                    ronde="2026-10",
                    verwerking="bench",
                    inhoud_sha256="0" * 64,
                    manifest={"totalen": {"oordelen": oordelen}, "rapportagedatum": "2026-11-01"},
                    gepubliceerd_op=nu - timedelta(minutes=nummer),
                    verwijderen_op=date(2099, 1, 1),
                    bestanden=[
                        PublicatieBestand(
                            soort=soort, naam=naam, sleutel=f"publicaties/{sleutel}/{naam}", sha256="0" * 64,
                            omvang=1000, rijen=3,
                        )
                        for soort, naam in (("overzicht", "overzicht.csv"), ("detail", "detail.xml"))
                    ],
                )
            )  # fmt: skip


def main() -> None:
    """Run both and print what they took."""
    with tempfile.TemporaryDirectory() as tijdelijk:
        veel_mensen(Path(tijdelijk) / "veel")
        (Path(tijdelijk) / "groot").mkdir()
        groot_bestand(Path(tijdelijk) / "groot")
    print(AIMS)
