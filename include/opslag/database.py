"""Our own database: SQLite by default, PostgreSQL by one setting (BIDN_DATABASE_URL).

A transaction that writes takes SQLite's write lock when it begins (BEGIN IMMEDIATE): it then waits its turn,
where a lock asked for halfway fails at once. Keep transactions short: no file, source or mail inside one.
Nothing is pooled: a task does few transactions, and a forked worker must never inherit a connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from include.fouten import InstallatieFout, OpslagFout
from include.omgeving import omgeving

WACHTTIJD_MS = 30_000
"""How long a transaction waits for another one's lock, in milliseconds."""


def maak_engine(url: str, *, vreemde_sleutels: bool = True) -> Engine:
    """An engine for ``url`` with the settings every connection of ours needs.

    ``vreemde_sleutels=False`` is for migrations only: SQLite changes a table by rebuilding it. Raises
    InstallatieFout when the URL or its driver is unknown.
    """
    try:
        doel = make_url(url)
        sqlite = doel.get_backend_name() == "sqlite"
        if sqlite and doel.database and doel.database != ":memory:":
            Path(doel.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(
            doel,
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={} if sqlite else {"connect_timeout": 10, "application_name": "bidn"},
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise InstallatieFout("BIDN_DATABASE_URL is not a URL of SQLite or PostgreSQL") from None
    except OSError as fout:
        raise OpslagFout(f"the folder of the database cannot be made: {fout.strerror}") from None
    if sqlite:
        _stel_sqlite_in(engine, vreemde_sleutels=vreemde_sleutels)
    return engine


def _stel_sqlite_in(engine: Engine, *, vreemde_sleutels: bool) -> None:
    @event.listens_for(engine, "connect")
    def _verbonden(verbinding: DBAPIConnection, _: object) -> None:
        verbinding.isolation_level = None  # we say BEGIN ourselves, below
        sleutels = "ON" if vreemde_sleutels else "OFF"
        verbinding.execute(f"PRAGMA busy_timeout = {WACHTTIJD_MS}")
        verbinding.execute("PRAGMA journal_mode = WAL")
        verbinding.execute(f"PRAGMA foreign_keys = {sleutels}")

    @event.listens_for(engine, "begin")
    def _begonnen(verbinding: Connection) -> None:
        lezen = verbinding.get_execution_options().get("alleen_lezen", False)
        verbinding.exec_driver_sql("BEGIN" if lezen else "BEGIN IMMEDIATE")


class Database:
    """Gives sessions. Objects read in one stay usable after it ended (nothing expires at commit)."""

    def __init__(self, url: str | None = None) -> None:
        """``url`` as SQLAlchemy writes it; None takes the one of the installation. Connects on first use."""
        self.engine = maak_engine(url or omgeving().database_url)
        self._lezer = self.engine.execution_options(alleen_lezen=True)

    @contextmanager
    def transactie(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind when an exception passes.

        Raises OpslagFout when the database cannot be reached or stays locked, InstallatieFout when it was
        not migrated. Their texts hold no statement and no values.
        """
        with _vertaald(), Session(self.engine, expire_on_commit=False) as sessie, sessie.begin():
            yield sessie

    @contextmanager
    def raadpleging(self) -> Iterator[Session]:
        """A session that only reads: waits for nobody and nobody waits for it. Errors as ``transactie``."""
        with _vertaald(), Session(self._lezer, expire_on_commit=False) as sessie:
            yield sessie


def om_de_beurt(sessie: Session, onderwerp: str) -> None:
    """Make other transactions that ask for the same ``onderwerp`` wait until this one ends.

    For what has no row to lock. SQLite has one lock for all: it is enough that the transaction has begun.
    """
    if sessie.connection().dialect.name == "postgresql":
        sessie.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"bidn {onderwerp}"))))


@contextmanager
def _vertaald() -> Iterator[None]:
    """Driver errors as ours: SQLAlchemy's own text quotes statements."""
    try:
        yield
    except DBAPIError as fout:
        if _tabel_ontbreekt(fout):
            raise InstallatieFout(
                "the database lacks tables or columns; run: python -m include.opslag migreer"
            ) from None
        if isinstance(fout, OperationalError) or fout.connection_invalidated:
            raise OpslagFout(
                f"the database cannot be reached, is busy, full or read-only ({_soort(fout)})"
            ) from None
        if isinstance(fout, IntegrityError):
            raise OpslagFout(
                f"the database refused a row that breaks a constraint ({_soort(fout)}): entered by another "
                "process at the same moment, or refers to what is not there"
            ) from None
        raise


def _tabel_ontbreekt(fout: DBAPIError) -> bool:
    if getattr(fout.orig, "sqlstate", None) in ("42P01", "42703"):
        return True
    return str(fout.orig).startswith(("no such table", "no such column"))


def _soort(fout: DBAPIError) -> str:
    """The kind of driver error, without its text: that may quote values."""
    naam = getattr(fout.orig, "sqlite_errorname", None) or getattr(fout.orig, "sqlstate", None)
    return str(naam or type(fout.orig).__name__)
