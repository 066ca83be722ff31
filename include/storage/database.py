"""Our own database: SQLite by default, PostgreSQL by one setting (BIDN_DATABASE_URL).

A transaction that writes takes SQLite's write lock when it begins (BEGIN IMMEDIATE): it then waits its turn,
where a lock asked for halfway fails at once. Keep transactions short: no file, source or mail inside one.
A connection to PostgreSQL, which costs more than most of what is asked over it, is kept for the next transaction of
the same ``Database``, and closed with it. A forked process never uses one it inherited.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, func, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from include.errors import InstallatieFout, OpslagFout
from include.settings import omgeving
from include.wire import require_tls

WAIT_MS = 30_000
"""How long a transaction waits for another one's lock, in milliseconds."""

_SQLITE: dict[str, Any] = {"poolclass": NullPool}
_POSTGRESQL: dict[str, Any] = {
    "poolclass": QueuePool,
    "pool_size": 1,
    "max_overflow": 9,
    "pool_pre_ping": True,  # PostgreSQL may have been restarted since
    "connect_args": {"connect_timeout": 10, "application_name": "bidn"},
}
_ENGINES: weakref.WeakSet[Engine] = weakref.WeakSet()


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for ``url`` with the settings every connection of ours needs.

    ``foreign_keys=False`` is for migrations only: SQLite changes a table by rebuilding it. Raises
    InstallatieFout when the URL or its driver is unknown.
    """
    try:
        target = make_url(url)
        sqlite = target.get_backend_name() == "sqlite"
        if sqlite and target.database and target.database != ":memory:":
            Path(target.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = create_engine(target, hide_parameters=True, **(_SQLITE if sqlite else _POSTGRESQL))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise InstallatieFout("BIDN_DATABASE_URL is not a URL of SQLite or PostgreSQL") from None
    except OSError as error:
        raise OpslagFout(
            f"the folder of the database cannot be made: {error.strerror}. Mend BIDN_DATABASE_URL, or the rights and "
            "the mount of where it points"
        ) from None
    if not sqlite:
        _require_tls(target)
    if sqlite:
        _set_up_sqlite(engine, foreign_keys=foreign_keys)
    _ENGINES.add(engine)
    return engine


def _require_tls(target: URL) -> None:
    """Raise InstallatieFout when production would go to a database over a network in the clear; as libpq reads it."""
    mode = target.normalized_query.get("sslmode", (os.environ.get("PGSSLMODE", ""),))[-1]
    named = [name for key in ("host", "hostaddr") for name in target.normalized_query.get(key, ())]
    for hosts in [target.host or "", *named] if target.host or named else [os.environ.get("PGHOST", "")]:
        for host in hosts.split(","):
            require_tls(
                "the database of BIDN_DATABASE_URL",
                host.rpartition(":")[0] if host.count(":") == 1 else host,
                encrypted=mode in ("require", "verify-ca", "verify-full"),
                remedy="end its URL in ?sslmode=verify-full (with sslrootcert=…), or at least ?sslmode=require",
            )


def _forget_inherited_connections() -> None:
    for engine in list(_ENGINES):
        engine.dispose(close=False)  # they are still those of the parent


os.register_at_fork(after_in_child=_forget_inherited_connections)


def _set_up_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def _verbonden(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        switch = "ON" if foreign_keys else "OFF"
        connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA foreign_keys = {switch}")

    @event.listens_for(engine, "begin")
    def _begonnen(connection: Connection) -> None:
        reading = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class Database:
    """Gives sessions. Objects read in one stay usable after it ended (nothing expires at commit)."""

    def __init__(self, url: str | None = None) -> None:
        """``url`` as SQLAlchemy writes it; None takes the one of the installation. Connects on first use."""
        self.engine = make_engine(url or omgeving().database_url)
        self._reader = self.engine.execution_options(read_only=True)
        weakref.finalize(self, self.engine.dispose)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind when an exception passes.

        Raises OpslagFout when the database cannot be reached or stays locked, InstallatieFout when it was
        not migrated. Their texts hold no statement and no values.
        """
        with _translated(), Session(self.engine, expire_on_commit=False) as sessie, sessie.begin():
            yield sessie

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: waits for nobody and nobody waits for it. Errors as ``transaction``."""
        with _translated(), Session(self._reader, expire_on_commit=False) as sessie:
            yield sessie


def take_turns(sessie: Session, subject: str) -> None:
    """Make other transactions that ask for the same ``subject`` wait until this one ends.

    For what has no row to lock. SQLite has one lock for all: it is enough that the transaction has begun.
    """
    if sessie.connection().dialect.name == "postgresql":
        sessie.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"bidn {subject}"))))


_ADVICE = (
    # what a driver calls it: SQLite by name, PostgreSQL by SQLSTATE; what that means; what to do
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01", "53300"),
        "is busy",
        "Another process holds it, or too many do at once; a retry waits anew. When it stays so, look which.",
    ),
    (
        ("SQLITE_FULL", "53100", "53200"),
        "is full",
        "Make room on the disk of the database; nothing of this transaction was kept.",
    ),
    (
        ("SQLITE_READONLY", "25006"),
        "is read-only",
        "Mend the rights or the mount of its disk, or point BIDN_DATABASE_URL at the primary instead of a standby.",
    ),
    (
        ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM"),
        "cannot be opened, read or written",
        "Look at its disk, and the rights of its file and folder: BIDN_DATABASE_URL names them, or else BIDN_DATA.",
    ),
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"),
        "is damaged",
        "Pause the DAGs and restore it from the backup.",
    ),
)
_AWAY = (
    "cannot be reached, or the connection was lost",
    "Check that it is up, and its address and password in BIDN_DATABASE_URL.",
)


@contextmanager
def _translated() -> Iterator[None]:
    """Driver errors as ours: SQLAlchemy's own text quotes statements."""
    try:
        yield
    except DBAPIError as error:
        if _table_is_missing(error):
            raise InstallatieFout(
                "the database lacks tables or columns; run: python -m include.storage migreer"
            ) from None
        kind = _kind(error)
        what, advice = next((line[1:] for line in _ADVICE if kind.startswith(line[0])), _AWAY)
        message = f"the database {what} ({kind}). {advice}"
        if what == "is damaged":
            raise InstallatieFout(message) from None
        if what != _AWAY[0] or isinstance(error, OperationalError) or error.connection_invalidated:
            raise OpslagFout(message) from None
        if isinstance(error, IntegrityError):
            raise OpslagFout(
                f"the database refused a row that breaks a constraint ({kind}): entered by another "
                "process at the same moment, or refers to what is not there"
            ) from None
        raise


def _table_is_missing(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in ("42P01", "42703"):
        return True
    return str(error.orig).startswith(("no such table", "no such column"))


def _kind(error: DBAPIError) -> str:
    """The kind of driver error, without its text: that may quote values."""
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return str(name or type(error.orig).__name__)
