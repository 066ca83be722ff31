from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.mock_sources import Beheer, mock_bronnen
from tests.bronnen.hulp import BSNS


def _schrijf(pad: Path, regels: list[dict]) -> None:
    pad.write_text("".join(json.dumps(regel) + "\n" for regel in regels))


@pytest.fixture(scope="session")
def populatie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyone in BSNS, two to an address, with something at every source."""
    folder = tmp_path_factory.mktemp("populatie")
    mensen = [str(bsn) for bsn in BSNS]
    _schrijf(
        folder / "brp.jsonl",
        [
            {
                "burgerservicenummer": bsn,
                "naam": {"voorvoegsel": None, "geslachtsnaam": f"Naam{nummer}"},
                "geboorte": {"datum": "1980-03-17"},
                "verblijfplaats": {
                    "adresseerbaarObjectIdentificatie": f"{14010000000000 + nummer // 2:016d}",
                    "functieAdres": {"code": "W"},
                    "inOnderzoek": False,
                },
                "partners": [],
                "kinderen": [{"burgerservicenummer": mensen[-1]}] if nummer % 3 == 0 else [],
                "ouders": [],
                "opschortingBijhouding": None,
            }
            for nummer, bsn in enumerate(mensen)
        ],
    )
    opgave = {"datumAanvang": "2026-08-01", "datumEinde": "2026-08-31"}
    geld = {"lnLbPh": 152000, "wrdPrGebrAut": 0, "ingLbPh": 21000, "bijdrZvw": 0}
    _schrijf(
        folder / "uwv.jsonl",
        [
            {
                "burgerservicenummer": bsn,
                "inkomstenverhoudingen": [
                    {
                        "naamAdministratieveEenheid": "Bakkerij Jansen",
                        "loonheffingennummer": "001234567L01",
                        "codeSoortInkomstenverhouding": "15",
                        "inkomstenopgaven": [opgave | geld],
                    }
                ],
            }
            for bsn in mensen[::2]
        ],
    )
    rekening = {"saldo": 1, "rente": 0, "bank": "B", "product": "P", "tenaamstelling": "T"}
    _schrijf(
        folder / "belastingdienst.jsonl",
        [
            {
                "burgerservicenummer": bsn,
                "verificatie": "geslaagd",
                "rekeningen": {"2025": [rekening | {"rekeningnummer": f"NL00TEST{nummer:010d}"}]},
                "heffingskortingen": {"2025": [{"code": "AHK", "bedrag": 311500}]},
            }
            for nummer, bsn in enumerate(mensen)
        ],
    )
    voertuig = {
        "voertuigsoort": "Personenauto", "merk": "VOLKSWAGEN", "handelsbenaming": "GOLF",
        "massaLedigVoertuig": 1205, "brandstofsoorten": ["Benzine"], "inrichting": "hatchback",
        "bijzonderheden": [], "status": "normaal", "datumEersteToelating": "2012-04-01",
        "datumAanvangAansprakelijkheid": "2020-01-01", "datumEindeAansprakelijkheid": None,
    }  # fmt: skip
    _schrijf(
        folder / "rdw.jsonl",
        [
            {"burgerservicenummer": bsn, "voertuigen": [voertuig | {"kenteken": f"X{nummer:03d}XX"}]}
            for nummer, bsn in enumerate(mensen)
        ],
    )
    _schrijf(
        folder / "bijstand.jsonl",
        [
            {
                "burgerservicenummer": bsn,
                "uitkeringen": [{"regeling": "PW", "datumAanvang": "2024-01-01", "datumEinde": None}],
            }
            for bsn in mensen[::4]
        ],
    )
    levering = f"BSN;Gemeentecode\r\n{mensen[0]};0014\r\n".encode()
    (folder / "alleenverdieners").mkdir()
    (folder / "alleenverdieners" / "avd_2026_01.csv").write_bytes(levering)
    (folder / "alleenverdieners" / "leveringen.json").write_text(
        json.dumps(
            {
                "leveringen": [
                    {
                        "levering": "avd_2026_01",
                        "lijstjaar": 2026,
                        "aangemaakt": "2026-03-02",
                        "aantal": 1,
                        "sha256": hashlib.sha256(levering).hexdigest(),
                    }
                ]
            }
        )
    )
    return folder


@pytest.fixture(scope="session")
def _mock(populatie: Path) -> Iterator[str]:
    with mock_bronnen(populatie) as url:
        yield url


@pytest.fixture
def bronnen(_mock: str) -> Iterator[SimpleNamespace]:
    """The mock sources, without faults or memory of earlier calls: ``url`` and ``beheer``."""
    with Beheer(_mock) as beheer:
        beheer.herstel()
        beheer.wis_aanroepen()
        yield SimpleNamespace(url=_mock, beheer=beheer)
        beheer.herstel()
