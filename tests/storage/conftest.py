"""A migrated database of the test's own, on SQLite and on PostgreSQL, and a file store in a folder."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url, text

from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.leveringen import register_levering
from include.storage.migrations import migrate
from include.storage.models import Base, Levering, Organisatie
from include.storage.organisaties import register_organisatie
from include.storage.rondes import enter_deelname, open_ronde


@pytest.fixture(autouse=True, scope="session")
def geen_fsync() -> Iterator[None]:
    """Do not wait for the disk: these tests kill processes, they do not pull the plug."""

    def _zonder_wachten(verbinding: object, _: object) -> None:
        if isinstance(verbinding, sqlite3.Connection):
            verbinding.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", _zonder_wachten)
    with pytest.MonkeyPatch.context() as zonder:
        zonder.setattr(os, "fsync", lambda _: None)
        yield
    event.remove(Engine, "connect", _zonder_wachten)


@pytest.fixture(scope="session")
def lege_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating once is enough."""
    pad = tmp_path_factory.mktemp("sqlite") / "leeg.sqlite"
    migrate(f"sqlite:///{pad}")
    return pad


BEIDE = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BEIDE)
def verse_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, migrated database: for tests that change the tables themselves."""
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'vers.sqlite'}"
    migrate(url)
    return url


@pytest.fixture(scope="session")
def gedeelde_postgres() -> Iterator[dict[str, str]]:
    """Holds one migrated PostgreSQL database, made by the first test that asks: making one takes long."""
    houder: dict[str, str] = {}
    yield houder
    if houder:
        with psycopg.connect(houder["beheer"], autocommit=True) as verbinding:
            verbinding.execute(f'DROP DATABASE "{houder["naam"]}" WITH (FORCE)')


def _vul(houder: dict[str, str], voorbeeld: str) -> None:
    """Make the shared database on the server of ``voorbeeld``."""
    adres = make_url(voorbeeld).set(drivername="postgresql")
    beheer = adres.set(database="postgres").render_as_string(hide_password=False)
    naam = f"bidn_test_opslag_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(beheer, autocommit=True) as verbinding:
        verbinding.execute(f'CREATE DATABASE "{naam}"')
        verbinding.execute(f'ALTER DATABASE "{naam}" SET synchronous_commit = off')
    url = make_url(voorbeeld).set(database=naam).render_as_string(hide_password=False)
    houder.update(beheer=beheer, naam=naam, url=url)
    migrate(url)


@pytest.fixture(params=BEIDE)
def url(request: pytest.FixtureRequest, tmp_path: Path, lege_sqlite: Path) -> str:
    """The URL of an empty, migrated database."""
    if request.param == "sqlite":
        shutil.copy(lege_sqlite, tmp_path / "bidn.sqlite")
        return f"sqlite:///{tmp_path / 'bidn.sqlite'}"
    houder: dict[str, str] = request.getfixturevalue("gedeelde_postgres")
    if not houder:
        _vul(houder, request.getfixturevalue("postgres_url"))
    with Database(houder["url"]).transaction() as sessie:
        # Without triggers: the logboek refuses to be emptied.
        sessie.execute(text("SET LOCAL session_replication_role = replica"))
        namen = ", ".join(tabel.name for tabel in Base.metadata.sorted_tables)
        sessie.execute(text(f"TRUNCATE {namen}"))
    return houder["url"]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def wortel(tmp_path: Path) -> Path:
    return tmp_path / "opslag"


@pytest.fixture
def bestanden(wortel: Path) -> FileStore:
    return FileStore(wortel.as_uri())


@pytest.fixture
def nu() -> datetime:
    """Halfway through the rapportagemaand of ronde 2026-09."""
    return datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


@pytest.fixture
def organisatie(database: Database) -> Organisatie:
    with database.transaction() as sessie:
        return register_organisatie(
            sessie, "Gemeente Stichtse Vecht", ["1904"], nu=datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        )


@pytest.fixture
def levering(database: Database, bestanden: FileStore, organisatie: Organisatie) -> Levering:
    """A delivery for ronde 2026-09, which the organisation takes part in with it."""
    ontvangen = datetime(2026, 9, 12, 8, 0, tzinfo=UTC)
    levering = register_levering(
        database,
        bestanden,
        inhoud=b"1904;J;;999900018;;;;;;\r\n",
        bestandsnaam="vraag.csv",
        nu=ontvangen,
        organisatie=organisatie,
        ronde="2026-09",
    ).levering
    with database.transaction() as sessie:
        open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 26), run="run-1", nu=ontvangen)
        enter_deelname(sessie, "2026-09", organisatie, levering, verwerking="run-1/1", nu=ontvangen)
    return levering
