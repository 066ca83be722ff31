"""The storage as a command finds it: made first on a developer's machine; and whether its two halves are one."""

from __future__ import annotations

from sqlalchemy import inspect, text

from include.errors import InstallatieFout
from include.settings import Soort, omgeving
from include.steps.verwerking import Opslag
from include.storage.installation import Pair, bind, pair
from include.storage.models import Organisatie


def open_opslag() -> Opslag:
    """Return the storage of this installation.

    On a developer's machine a SQLite database that was never migrated gets its tables first: whoever tries a command
    has no reason to know of migrations. Anywhere else, and once it has tables, that stays a deliberate act: the
    command then ends with the InstallatieFout that says so.

    Raises:
        InstallatieFout, OpslagFout: the database is misconfigured, or cannot be made.
    """
    opslag = Opslag()
    engine = opslag.database.engine
    if omgeving().soort is Soort.ONTWIKKELING and engine.dialect.name == "sqlite":
        with opslag.database.reading() as sessie:
            nooit = not inspect(sessie.connection()).has_table(Organisatie.__tablename__)
        if nooit:
            prepare_database()
    return opslag


def prepare_database() -> None:
    """Bring the database to the newest revision: its tables, and what guards them. Raises as ``migreer``."""
    from include.storage.migrations import migrate  # half a second, once

    migrate()


def require_reachable(opslag: Opslag) -> None:
    """Ask the database something. Raises OpslagFout when it does not answer."""
    with opslag.database.reading() as sessie:
        sessie.execute(text("SELECT 1"))


def hoort_bijeen(opslag: Opslag) -> Pair:
    """Return the marks of database and file store; when both hold nothing yet they get them first."""
    return pair(opslag.database, opslag.bestanden, opslag.klok())


def eis_bijeen(opslag: Opslag) -> None:
    """Refuse to take anything in when database and file store do not belong together. Raises InstallatieFout."""
    if misfit := hoort_bijeen(opslag).misfit:
        raise InstallatieFout(f"nothing was kept: {misfit}")


def bind_bijeen(opslag: Opslag, reden: str) -> Pair:
    """Bind database and file store as a human decided; return the marks they had. Raises OpslagFout."""
    return bind(opslag.database, opslag.bestanden, reden=reden, nu=opslag.klok())
