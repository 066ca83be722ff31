"""The databases of the local installation: PostgreSQL's are made when they do not exist, SQLite makes its own file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

from include.errors import InstallatieFout


def prepare(*urls: str) -> None:
    """Create each PostgreSQL database named by ``urls`` (SQLAlchemy's form); look whether a SQLite file is whole.

    Raises:
        InstallatieFout: the server cannot be reached, its role may not create a database, or a file is damaged.
    """
    for url in urls:
        if url.startswith("postgresql"):
            _create(url)
        elif (path := Path(url.removeprefix("sqlite:///"))).exists():
            _check(path)


def _check(path: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise InstallatieFout(
            f"The database {path} is damaged ({verdict.splitlines()[-1]}). Restore it from a backup. "
            "Airflow's own, airflow.sqlite, may be removed instead: then only its history of runs is gone."
        )


def _create(url: str) -> None:
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    server = parts._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        # The driver's own text can hold the password of the URL.
        raise InstallatieFout(
            f"Database {name} on {parts.hostname}:{parts.port or 5432} cannot be reached or created "
            f"({type(error).__name__}). Check BIDN_POSTGRES: is the server up, may its role create databases?"
        ) from None
