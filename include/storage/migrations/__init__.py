"""Alembic migrations, run from code: no alembic.ini, no second place that knows the database URL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from include.errors import InstallatieFout, OpslagFout
from include.settings import omgeving
from include.storage.database import make_engine

VERSION_TABLE = "bidn_alembic_version"


def alembic_config(verbinding: Connection) -> Config:
    """Alembic's configuration for our migrations on this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["verbinding"] = verbinding
    return config


def current_revision(verbinding: Connection) -> str | None:
    """The revision this database stands on; None when it is empty."""
    return MigrationContext.configure(
        verbinding, opts={"version_table": VERSION_TABLE}
    ).get_current_revision()


def migrate(url: str | None = None, *, naar: str = "head") -> str | None:
    """Bring the database to revision ``naar`` (``head``, ``base`` or an id) and return where it stands.

    One transaction under a lock: several processes may start this at once, and a failure changes nothing.
    Raises OpslagFout when the database cannot be reached, InstallatieFout for an unknown revision.
    """
    engine = make_engine(url or omgeving().database_url, vreemde_sleutels=False)
    try:
        with engine.begin() as verbinding:
            if verbinding.dialect.name == "postgresql":
                verbinding.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('bidn migreer'))")
            config = alembic_config(verbinding)
            huidig = current_revision(verbinding)
            if naar == "base" or (huidig and _lies_back(config, huidig, naar)):
                command.downgrade(config, naar)
            else:
                command.upgrade(config, naar)
            return current_revision(verbinding)
    except CommandError:
        raise InstallatieFout(
            f"revision '{naar}', or the one the database stands on, is unknown here"
        ) from None
    except DBAPIError as fout:
        raise OpslagFout(f"the database could not be migrated ({type(fout.orig).__name__})") from fout
    finally:
        engine.dispose()


def _lies_back(config: Config, huidig: str, naar: str) -> bool:
    """Whether ``naar`` is an earlier revision than ``huidig``."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)
    doel = script.get_revision(naar)
    eerder = {revisie.revision for revisie in script.iterate_revisions(huidig, "base")}
    return doel is not None and doel.revision != huidig and doel.revision in eerder
