"""Storage of the test's own with a clock that stands still, and one set of mock sources for all."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, event

from include.mock_sources import Beheer, mock_bronnen
from include.steps.verwerking import Opslag, Verwerking
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.migrations import migrate
from tests.dags.wereld import ALFA, BETA, GAMMA, POPULATIE
from tests.harness import take_until
from tests.steps.hulp import Klok, begin_run, lever_in, schrijf_in


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


@pytest.fixture
def installatie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation in which nothing was ever done."""
    folder = tmp_path / "data"
    monkeypatch.setenv("BIDN_DATA", str(folder))
    monkeypatch.setenv("BIDN_DATABASE_URL", f"sqlite:///{folder / 'bidn.sqlite'}")
    monkeypatch.setenv("BIDN_OPSLAG", (folder / "opslag").as_uri())
    monkeypatch.setenv("BIDN_OMGEVING", "ontwikkeling")
    return folder


@pytest.fixture(scope="session")
def lege_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating once is enough."""
    pad = tmp_path_factory.mktemp("sqlite") / "leeg.sqlite"
    migrate(f"sqlite:///{pad}")
    return pad


@pytest.fixture
def klok() -> Klok:
    return Klok()


def _in(folder: Path, klok: Klok) -> Opslag:
    return Opslag(
        Database(f"sqlite:///{folder / 'bidn.sqlite'}"), FileStore((folder / "opslag").as_uri()), klok
    )


@pytest.fixture
def opslag(tmp_path: Path, lege_sqlite: Path, klok: Klok) -> Opslag:
    """An empty installation on SQLite."""
    shutil.copy(lege_sqlite, tmp_path / "bidn.sqlite")
    return _in(tmp_path, klok)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def beide(request: pytest.FixtureRequest, tmp_path: Path, lege_sqlite: Path, klok: Klok) -> Opslag:
    """An empty installation, on SQLite and on PostgreSQL: for what happens where transactions meet."""
    if request.param == "sqlite":
        (tmp_path / "beide").mkdir()
        shutil.copy(lege_sqlite, tmp_path / "beide" / "bidn.sqlite")
        return _in(tmp_path / "beide", klok)
    url = request.getfixturevalue("postgres_url")
    migrate(url)
    return Opslag(Database(url), FileStore((tmp_path / "beide").as_uri()), klok)


@pytest.fixture(scope="session")
def wereldmap(tmp_path_factory: pytest.TempPathFactory, lege_sqlite: Path) -> Path:
    """An installation to copy: the three organisations of tests/dags/wereld.py, each with its delivery."""
    folder = tmp_path_factory.mktemp("wereld")
    shutil.copy(lege_sqlite, folder / "bidn.sqlite")
    opslag = _in(folder, Klok())
    for naam in (GAMMA, BETA, ALFA):
        schrijf_in(opslag, naam)
        lever_in(opslag, naam)
    return folder


@pytest.fixture
def wereld(wereldmap: Path, tmp_path: Path, klok: Klok) -> Opslag:
    """The three organisations, each with its vraagbestand handed in."""
    shutil.copytree(wereldmap, tmp_path, dirs_exist_ok=True)
    return _in(tmp_path, klok)


@pytest.fixture(scope="session")
def gepubliceerdmap(tmp_path_factory: pytest.TempPathFactory, wereldmap: Path, _mock: str) -> Path:
    """The same, with the reports of Alfa and Beta published by run-1."""
    folder = tmp_path_factory.mktemp("gepubliceerd")
    shutil.copytree(wereldmap, folder, dirs_exist_ok=True)
    opslag = _in(folder, Klok())
    alle = begin_run(opslag)
    for naam in (ALFA, BETA):
        take_until(opslag, Verwerking.uit_dict(alle[naam]), _mock)
    return folder


@pytest.fixture
def gepubliceerd(gepubliceerdmap: Path, tmp_path: Path, klok: Klok) -> Opslag:
    """The three organisations, with the reports of Alfa and Beta published by run-1."""
    shutil.copytree(gepubliceerdmap, tmp_path, dirs_exist_ok=True)
    return _in(tmp_path, klok)


@pytest.fixture(scope="session")
def _mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("populatie")
    for bron, regels in POPULATIE.items():
        tekst = "".join(json.dumps(regel) + "\n" for regel in regels)
        (folder / f"{bron}.jsonl").write_text(tekst, encoding="utf-8")
    with mock_bronnen(folder) as url:
        yield url


@pytest.fixture
def bronnen(_mock: str) -> Iterator[SimpleNamespace]:
    """The mock sources, without faults or memory of earlier calls: ``url`` and ``beheer``."""
    with Beheer(_mock) as beheer:
        beheer.herstel()
        beheer.wis_aanroepen()
        yield SimpleNamespace(url=_mock, beheer=beheer)
        beheer.herstel()
