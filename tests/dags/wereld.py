"""A world small enough to check by hand: three organisations, six people, every source, a mailbox.

Ronde 2026-10: deelnamedatum 26 October 2026, rapportagemaand November, peilmaand September (besluit B4). The norms of
that day are 1419.46 (alleenstaand) and 2027.79 (gehuwd); the organisations test at 120 %.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from include.local.mail_catcher import Postbus, lijst
from include.mock_sources import mock_bronnen
from include.mock_sources.beheer import Beheer
from include.schemas.domein import Product
from include.steps.leveren import lever
from include.steps.registreren import (
    Beheerder,
    Inschrijving,
    Productaanmelding,
    ProductInstellingen,
    schrijf_in,
)
from include.steps.verwerking import Opslag
from include.storage.migrations import migrate
from tests.harness import connections

RONDE = "2026-10"
AANGEMELD = Productaanmelding(product=Product.BIJZONDERE_BIJSTAND, ingang=date(2023, 1, 1))
"""A registration for Bijzondere Bijstand (besluit B53a) on every day that the tests are about."""
ALFA, BETA, GAMMA = "Gemeente Alfa", "Regeling Beta", "Gemeente Gamma"

RIJK, RIJK_PARTNER = "999900018", "999900031"
"""Married; together they earn 2500.00 net."""
ARM = "999900043"
"""Single; earns 1500.00 net."""
BIJSTAND, KIND = "999900055", "999900067"
"""A single parent with bijstand, and her child."""
ONBEKEND = "999900079"
"""The BRP knows nobody by this number."""
PERSONEN = (RIJK, RIJK_PARTNER, ARM, BIJSTAND, KIND, ONBEKEND)
NAMEN = ("Kanariepiet", "Goudvink", "Zilvermeeuw", "Roodborst")

VRAAGBESTANDEN = {
    ALFA: f"0014;J;;{RIJK};;;;;;\r\n0014;J;;{ARM};;;;;;\r\n0014;J;;123456789;;;;;;\r\n",
    BETA: f"0687;J;;{BIJSTAND};;;;;;\r\n0717;J;110;{RIJK};;;;;;\r\n0718;J;;{ONBEKEND};;;;;;\r\n",
    GAMMA: "0193;J;;123456789;;;;;;\r\n",
}


def _persoon(bsn: str, naam: str, geboren: str, adres: str, **meer: Any) -> dict[str, Any]:
    return {
        "burgerservicenummer": bsn,
        "naam": {"voorvoegsel": None, "geslachtsnaam": naam},
        "geboorte": {"datum": geboren},
        "verblijfplaats": {
            "adresseerbaarObjectIdentificatie": adres,
            "functieAdres": {"code": "W"},
            "datumVan": "2015-06-01",
            "inOnderzoek": False,
        },
        "partners": [],
        "kinderen": [],
        "ouders": [],
        "opschortingBijhouding": None,
    } | meer


def _huwelijk(bsn: str) -> list[dict[str, Any]]:
    return [
        {
            "burgerservicenummer": bsn,
            "soortVerbintenis": {"code": "H"},
            "aangaanHuwelijkPartnerschap": {"datum": "2010-05-05"},
            "ontbindingHuwelijkPartnerschap": None,
        }
    ]


def _loon(bsn: str, bruto: int, ingehouden: int) -> dict[str, Any]:
    opgave = {"datumAanvang": "2026-09-01", "datumEinde": "2026-09-30", "wrdPrGebrAut": 0, "bijdrZvw": 0}
    return {
        "burgerservicenummer": bsn,
        "inkomstenverhoudingen": [
            {
                "naamAdministratieveEenheid": "Bakkerij",
                "loonheffingennummer": "001234567L01",
                "codeSoortInkomstenverhouding": "15",
                "inkomstenopgaven": [opgave | {"lnLbPh": bruto, "ingLbPh": ingehouden}],
            }
        ],
    }


POPULATIE: dict[str, list[dict[str, Any]]] = {
    "brp": [
        _persoon(RIJK, NAMEN[0], "1980-03-17", "0014010000000001", partners=_huwelijk(RIJK_PARTNER)),
        _persoon(RIJK_PARTNER, NAMEN[1], "1981-04-18", "0014010000000001", partners=_huwelijk(RIJK)),
        _persoon(ARM, NAMEN[2], "1990-01-01", "0014010000000002"),
        _persoon(
            BIJSTAND, NAMEN[3], "1985-06-06", "0687010000000001", kinderen=[{"burgerservicenummer": KIND}]
        ),
        _persoon(
            KIND, NAMEN[3], "2015-07-07", "0687010000000001", ouders=[{"burgerservicenummer": BIJSTAND}]
        ),
    ],
    "uwv": [_loon(RIJK, 200_000, 40_000), _loon(RIJK_PARTNER, 100_000, 10_000), _loon(ARM, 170_000, 20_000)],
    "belastingdienst": [
        {
            "burgerservicenummer": RIJK,
            "verificatie": "geslaagd",
            "rekeningen": {},
            "heffingskortingen": {"2025": [{"code": "AHK", "bedrag": 311_500}]},
        }
    ],
    "bijstand": [
        {
            "burgerservicenummer": BIJSTAND,
            "uitkeringen": [{"regeling": "PW", "datumAanvang": "2024-01-01", "datumEinde": None}],
        }
    ],
}


class Brievenbus(Postbus):
    """A mail catcher that can be told how to answer: ``weigert`` answers so many mails with an error first."""

    weigert: list[str]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.weigert = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.weigert:
            return self.weigert.pop(0)
        return await super().handle_DATA(server, session, envelope)


@dataclass
class Wereld:
    """What a test needs of the world: its storage, its sources and its mailbox."""

    opslag: Opslag
    bronnen: Beheer
    bus: Brievenbus
    map: Path
    omgeving: dict[str, str] = field(default_factory=dict)

    @property
    def mails(self) -> list[str]:
        """To whom was mailed, in alphabetical order."""
        return sorted(mail.aan for mail in lijst(self.bus.folder))


@contextmanager
def wereld(
    folder: Path,
    database_url: str,
    anders: Mapping[str, str] | None = None,
    *,
    populatie: Mapping[str, list[dict[str, Any]]] = POPULATIE,
    vraagbestanden: Mapping[str, str] = VRAAGBESTANDEN,
) -> Iterator[Wereld]:
    """Build the world in ``folder`` and keep it for the length of the block; ``anders`` are other settings."""
    bestanden, data = folder / "populatie", folder / "data"
    bestanden.mkdir(parents=True)
    for bron, regels in populatie.items():
        tekst = "".join(json.dumps(regel) + "\n" for regel in regels)
        (bestanden / f"{bron}.jsonl").write_text(tekst, encoding="utf-8")
    bus = Brievenbus(folder / "mail")
    post = Controller(bus, hostname="127.0.0.1", port=_vrije_poort())
    post.start()
    try:
        with mock_bronnen(bestanden) as basis, Beheer(basis) as beheer:
            omgeving = _omgeving(basis, post.port, data, database_url) | dict(anders or {})
            migrate(database_url)
            opslag = _opslag(omgeving)
            _lever(opslag, vraagbestanden)
            yield Wereld(opslag, beheer, bus, folder, omgeving)
    finally:
        post.stop()


def _omgeving(basis: str, mailpoort: int, data: Path, database_url: str) -> dict[str, str]:
    smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mailpoort}
    smtp["extra"] = {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.test"}
    return {
        "BIDN_DATA": str(data),
        "BIDN_OPSLAG": (data / "opslag").as_uri(),
        "BIDN_DATABASE_URL": database_url,
        "BIDN_HERHAALTIJD": "0",
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(smtp),
    } | connections(basis, pogingen=1, timeout=5)


def _opslag(omgeving: dict[str, str]) -> Opslag:
    from include.storage.database import Database
    from include.storage.file_store import FileStore

    return Opslag(
        database=Database(omgeving["BIDN_DATABASE_URL"]), bestanden=FileStore(omgeving["BIDN_OPSLAG"])
    )


def _lever(opslag: Opslag, vraagbestanden: Mapping[str, str]) -> None:
    gemeenten = {ALFA: ["0014"], BETA: ["0687", "0717", "0718"], GAMMA: ["0193"]}
    for naam, codes in gemeenten.items():
        kort = naam.split()[-1].lower()
        schrijf_in(
            opslag,
            Inschrijving(
                naam=naam,
                gemeentecodes=codes,
                productbeheerders=[
                    Beheerder(naam="Eén", email=f"een@{kort}.test", product=Product.BIJZONDERE_BIJSTAND),
                    Beheerder(
                        naam="Twee",
                        email=f"twee@{kort}.test",
                        product=Product.BIJZONDERE_BIJSTAND,
                        notificaties=naam != ALFA,
                    ),
                ],
                aanmeldingen=[AANGEMELD],
                instellingen=ProductInstellingen(vermogen=False, voertuigen=False, normpercentage=120),
            ),
        )
        lever(
            opslag,
            organisatie=naam,
            bestandsnaam=f"{kort}.csv",
            inhoud=vraagbestanden[naam].encode(),
            ontvangen=datetime(2026, 10, 12, 10, 0, tzinfo=UTC),
        )


def _vrije_poort() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
