from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.mock_sources import Beheer, mock_bronnen
from tests.bronnen.hulp import BSNS
from tests.mock_sources.hulp import AUTO, leg_levering_neer, persoon, schrijf


@pytest.fixture(scope="session")
def populatie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyone in BSNS, two to an address, with something at every source."""
    mensen = [str(bsn) for bsn in BSNS]
    loon = {"lnLbPh": 152000, "wrdPrGebrAut": 0, "ingLbPh": 21000, "bijdrZvw": 0}
    verhouding = {
        "naamAdministratieveEenheid": "Bakkerij Jansen",
        "loonheffingennummer": "001234567L01",
        "codeSoortInkomstenverhouding": "15",
        "inkomstenopgaven": [{"datumAanvang": "2026-08-01", "datumEinde": "2026-08-31"} | loon],
    }
    rekening = {"saldo": 1, "rente": 0, "bank": "B", "product": "P", "tenaamstelling": "T"}
    uitkering = {"regeling": "PW", "datumAanvang": "2024-01-01", "datumEinde": None}
    folder = schrijf(
        tmp_path_factory.mktemp("populatie"),
        brp=[
            persoon(
                bsn,
                adres=f"{14010000000000 + nummer // 2:016d}",
                naam={"voorvoegsel": None, "geslachtsnaam": f"Naam{nummer}"},
                kinderen=[{"burgerservicenummer": mensen[-1]}] if nummer % 3 == 0 else [],
            )
            for nummer, bsn in enumerate(mensen)
        ],
        uwv=[{"burgerservicenummer": bsn, "inkomstenverhoudingen": [verhouding]} for bsn in mensen[::2]],
        belastingdienst=[
            {
                "burgerservicenummer": bsn,
                "verificatie": "geslaagd",
                "rekeningen": {"2025": [rekening | {"rekeningnummer": f"NL00TEST{nummer:010d}"}]},
                "heffingskortingen": {"2025": [{"code": "AHK", "bedrag": 311500}]},
            }
            for nummer, bsn in enumerate(mensen)
        ],
        rdw=[
            {"burgerservicenummer": bsn, "voertuigen": [AUTO | {"kenteken": f"X{nummer:03d}XX"}]}
            for nummer, bsn in enumerate(mensen)
        ],
        bijstand=[{"burgerservicenummer": bsn, "uitkeringen": [uitkering]} for bsn in mensen[::4]],
    )
    leg_levering_neer(folder, f"{mensen[0]};0014")
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
