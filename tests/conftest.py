"""What every test run shares: an environment of its own, and the services some tests need.

Nothing of the developer's machine leaks in, and nothing a test does leaks out: before anything imports
Airflow or our settings, every ``AIRFLOW*`` and ``BIDN_*`` variable makes way for one that points into a
temporary folder.

Two settings come through: ``BIDN_POSTGRES`` runs everything that stores on PostgreSQL instead of SQLite, and
``BIDN_TEST_VEREIST_DIENSTEN=1`` (CI) turns a missing PostgreSQL or Redis from a skip into a failure.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPORARY = Path(tempfile.mkdtemp(prefix="bidn-test-"))

POSTGRES = os.environ.get("BIDN_POSTGRES", "")
POSTGRES_OR_DEFAULT = POSTGRES or "postgresql://postgres@127.0.0.1:5432"
REDIS = os.environ.get("BIDN_TEST_REDIS", "redis://127.0.0.1:6379/15")
SERVICES_REQUIRED = os.environ.get("BIDN_TEST_VEREIST_DIENSTEN") == "1"

SLEUTEL = "AGE-SECRET-KEY-1TPX54G4WEQHL9CFLS844RY0AWJRCM6ATG3HLSLGCW8953JYD4F3QDW5EHT"  # geen geheim
HASHSLEUTEL = "dGVzdGVuIGhlYmJlbiBlZW4gZWlnZW4gc2xldXRlbCE="
"""Every test run encrypts and hashes with these; tests about keys make their own."""

HOW_TO_GET = {
    "PostgreSQL": (
        "Start one (docker run --rm -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:16) "
        "or point at one whose role may create databases: BIDN_POSTGRES=postgresql://role:password@host:5432"
    ),
    "Redis": (
        "Start one (docker run --rm -p 127.0.0.1:6379:6379 redis:7) "
        "or point at one, with a database number to spare: BIDN_TEST_REDIS=redis://host:6379/15"
    ),
}


def _isolate() -> None:
    for name in [name for name in os.environ if name.startswith(("AIRFLOW", "BIDN_"))]:
        del os.environ[name]
    os.environ.pop("COLUMNS", None)  # pytest-xdist sets the width of a screen that nobody looks at
    data, home = TEMPORARY / "data", TEMPORARY / "airflow"
    data.mkdir()
    home.mkdir()
    ours, airflows = f"sqlite:///{data / 'bidn.sqlite'}", f"sqlite:///{home / 'airflow.sqlite'}"
    if POSTGRES:
        ours, airflows = _create_database("bidn"), _create_database("airflow")
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = airflows
    os.environ |= {
        "BIDN_DATA": str(data),
        "BIDN_SLEUTELS": SLEUTEL,
        "BIDN_HASHSLEUTEL": HASHSLEUTEL,
        "BIDN_HERHALINGEN": "4",
        "BIDN_DATABASE_URL": ours,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflows,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _admin_url() -> str:
    """Return the URL of the server's maintenance database."""
    return urlsplit(POSTGRES_OR_DEFAULT)._replace(path="/postgres").geturl()


def _create_database(purpose: str) -> str:
    import psycopg

    name = f"bidn_test_{purpose}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_admin_url(), autocommit=True, connect_timeout=5) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(POSTGRES_OR_DEFAULT)._replace(scheme="postgresql+psycopg", path=f"/{name}").geturl()


def _drop_database(url: str) -> None:
    import psycopg

    with psycopg.connect(_admin_url(), autocommit=True, connect_timeout=5) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')


def _missing(service: str, why: Exception) -> None:
    message = f"{service} does not answer ({type(why).__name__}). {HOW_TO_GET[service]}"
    if SERVICES_REQUIRED:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


_isolate()


def pytest_unconfigure() -> None:
    """Remove what this process made: the temporary folder and, on PostgreSQL, its databases."""
    if POSTGRES:
        if airflow_settings := sys.modules.get("airflow.settings"):
            airflow_settings.dispose_orm(do_log=False)
        _drop_database(os.environ["BIDN_DATABASE_URL"])
        _drop_database(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    shutil.rmtree(TEMPORARY, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share Airflow's database in one process, when pytest runs with several."""
    for item in items:
        if "airflow_db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("airflow"))


@pytest.fixture(scope="session")
def airflow_db() -> str:
    """An empty, migrated Airflow database, ready for ``dag.test()``; returns its URL. One per test run."""
    from airflow.utils.db import initdb

    initdb()
    return os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of the test's own: SQLite, or PostgreSQL when BIDN_POSTGRES is set."""
    if not POSTGRES:
        yield f"sqlite:///{tmp_path / 'bidn.sqlite'}"
        return
    url = _create_database("eigen")
    yield url
    _drop_database(url)


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own, dropped afterwards."""
    import psycopg

    try:
        url = _create_database("eigen")
    except psycopg.OperationalError as why:
        _missing("PostgreSQL", why)
        raise
    yield url
    _drop_database(url)


@pytest.fixture
def airflow_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for an Airflow of the test's own, beside ours; dropped afterwards."""
    url = _create_database("airflow")
    yield url
    _drop_database(url)


@pytest.fixture
def redis_url() -> str:
    """The URL of a Redis database that the test may fill and empty."""
    import socket

    address = urlsplit(REDIS)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", address.port or 6379), timeout=5).close()
    except OSError as why:
        _missing("Redis", why)
    return REDIS
