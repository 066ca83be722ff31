"""A migrated database of the test's own, on SQLite and on PostgreSQL, and a file store in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from include.opslag.bestanden import Bestandsopslag
from include.opslag.database import Database
from include.opslag.leveringen import registreer_levering
from include.opslag.migraties import migreer
from include.opslag.modellen import Levering, Organisatie
from include.opslag.organisaties import registreer_organisatie
from include.opslag.rondes import neem_deel, open_ronde


@pytest.fixture(scope="session")
def lege_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating once is enough."""
    pad = tmp_path_factory.mktemp("sqlite") / "leeg.sqlite"
    migreer(f"sqlite:///{pad}")
    return pad


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, lege_sqlite: Path) -> str:
    """The URL of an empty, migrated database."""
    if request.param == "sqlite":
        shutil.copy(lege_sqlite, tmp_path / "bidn.sqlite")
        return f"sqlite:///{tmp_path / 'bidn.sqlite'}"
    postgres: str = request.getfixturevalue("postgres_url")
    migreer(postgres)
    return postgres


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def wortel(tmp_path: Path) -> Path:
    return tmp_path / "opslag"


@pytest.fixture
def bestanden(wortel: Path) -> Bestandsopslag:
    return Bestandsopslag(wortel.as_uri())


@pytest.fixture
def nu() -> datetime:
    """Halfway through the rapportagemaand of ronde 2026-09."""
    return datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


@pytest.fixture
def organisatie(database: Database) -> Organisatie:
    with database.transactie() as sessie:
        return registreer_organisatie(
            sessie, "Gemeente Stichtse Vecht", ["1904"], nu=datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        )


@pytest.fixture
def levering(database: Database, bestanden: Bestandsopslag, organisatie: Organisatie) -> Levering:
    """A delivery for ronde 2026-09, which the organisation takes part in with it."""
    ontvangen = datetime(2026, 9, 12, 8, 0, tzinfo=UTC)
    levering = registreer_levering(
        database,
        bestanden,
        inhoud=b"1904;J;;999900018;;;;;;\r\n",
        bestandsnaam="vraag.csv",
        nu=ontvangen,
        organisatie=organisatie,
        ronde="2026-09",
    ).levering
    with database.transactie() as sessie:
        open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 26), nu=ontvangen)
        neem_deel(sessie, "2026-09", organisatie, levering, verwerking="run-1/1", nu=ontvangen)
    return levering
