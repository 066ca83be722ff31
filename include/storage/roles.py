"""Who may do what in our database, where it is PostgreSQL: the one place of its rights (docs/privacy.md).

The owner migrates and is used by nothing else. The others cannot drop a trigger, and of the logboek they only add to
it. What has expired goes through ``bidn_logboek_opschonen``, which runs with the owner's rights and removes what a
checkpoint covers: so the sweep, which runs where the tasks run, needs no login that could remove more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from psycopg import sql
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

import include.storage.audit_models
import include.storage.portal_models  # noqa: F401 - their tables are in the metadata too
from include.errors import InstallatieFout
from include.settings import omgeving
from include.storage.database import make_engine
from include.storage.migrations import VERSION_TABLE
from include.storage.models import Base


class Role(StrEnum):
    """The logins beside the owner's, as the secrets name them: ``BIDN_DATABASE_URL_<ROLE>``."""

    WRITER = "WRITER"
    """Tasks and commands: everything a ronde and a sweep need."""
    READER = "READER"
    """The page Rondes: nothing of the logboek."""
    PORTAL = "PORTAL"
    """The portal: enters what people do there; shortens nothing."""


READ, ADD, KEEP, ALL = "SELECT", "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE, DELETE"

EXCEPT: Mapping[Role, Mapping[str, str]] = {
    Role.WRITER: {
        "logboek": ADD,
        "logboek_betrokkenen": ADD,
        "logboek_controlepunt": ADD,
        "logboek_stand": KEEP,
        "vernietiging": KEEP,
        VERSION_TABLE: READ,
    },
    Role.READER: {
        "logboek": "",
        "logboek_betrokkenen": "",
        "logboek_controlepunt": "",
        "logboek_stand": "",
    },
    Role.PORTAL: {
        "logboek": ADD,
        "logboek_betrokkenen": ADD,
        "logboek_controlepunt": READ,
        "logboek_stand": KEEP,
        "vernietiging": READ,
        VERSION_TABLE: READ,
    },
}
"""What differs from USUAL, by table."""
USUAL = {Role.WRITER: ALL, Role.READER: READ, Role.PORTAL: ALL}


def rights(role: Role) -> dict[str, str]:
    """What a role may do with each table of ours."""
    tables = [*Base.metadata.tables, VERSION_TABLE]
    return {table: EXCEPT[role].get(table, USUAL[role]) for table in tables}


def apply_roles(url: str | None = None, logins: Mapping[Role, str] | None = None) -> list[Role]:
    """Make the logins that the environment names, with their passwords, and give each its rights and no others.

    ``url`` is the owner's, ``logins`` the URL of each role; only user and password of those are used. To be done after
    each migration: a table that is new has no rights yet. Returns the roles that were named.

    Raises:
        InstallatieFout: a URL is none, or the owner may not make a login that is not there.
    """
    if logins is None:
        named = {role: os.environ.get(f"BIDN_DATABASE_URL_{role}") for role in Role}
        logins = {role: login for role, login in named.items() if login}
    engine = make_engine(url or omgeving().database_url)
    try:
        if logins and engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('bidn migreer'))")
                for role, login in logins.items():
                    _apply(connection, role, login)
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or type(error.orig).__name__
        raise InstallatieFout(
            f"the rights of the database could not be set ({state}). When the owner may not make logins, have those of "
            f"{', '.join(f'BIDN_DATABASE_URL_{role}' for role in logins)} made by whoever runs PostgreSQL, and run "
            "this again"
        ) from None
    finally:
        engine.dispose()
    return list(logins)


def _apply(connection: Connection, role: Role, login: str) -> None:
    try:
        target = make_url(login)
    except ArgumentError:
        raise InstallatieFout(f"BIDN_DATABASE_URL_{role} is not a URL of PostgreSQL") from None
    if not target.username or target.username == connection.engine.url.username:
        raise InstallatieFout(
            f"BIDN_DATABASE_URL_{role} names no login of its own: give it another user than the owner's"
        )

    def run(statement: str, **parts: sql.Composable) -> None:
        composed = sql.SQL(statement).format(name=sql.Identifier(str(target.username)), **parts)
        connection.exec_driver_sql(composed.as_string().replace("%", "%%"))

    known = connection.exec_driver_sql(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", (target.username,)
    ).scalar()
    if not known:
        run("CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    if target.password:
        run("ALTER ROLE {name} PASSWORD {password}", password=sql.Literal(str(target.password)))
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    database = connection.exec_driver_sql("SELECT current_database()").scalar_one()
    where = sql.Identifier(str(schema))
    run("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC", database=sql.Identifier(str(database)))
    run("REVOKE ALL ON DATABASE {database} FROM {name}", database=sql.Identifier(str(database)))
    run("GRANT CONNECT ON DATABASE {database} TO {name}", database=sql.Identifier(str(database)))
    run("REVOKE ALL ON SCHEMA {where} FROM {name}", where=where)
    run("REVOKE CREATE ON SCHEMA {where} FROM PUBLIC", where=where)
    run("GRANT USAGE ON SCHEMA {where} TO {name}", where=where)
    run("REVOKE ALL ON ALL TABLES IN SCHEMA {where} FROM {name}", where=where)
    run("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {where} FROM {name}", where=where)
    run("REVOKE ALL ON FUNCTION {where}.bidn_logboek_opschonen() FROM {name}", where=where)
    for table, right in rights(role).items():
        if right:
            run(
                "GRANT {right} ON {where}.{table} TO {name}",
                right=sql.SQL(right),
                where=where,
                table=sql.Identifier(table),
            )
    if role is not Role.READER:
        run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {where} TO {name}", where=where)
    if role is Role.WRITER:
        run("GRANT EXECUTE ON FUNCTION {where}.bidn_logboek_opschonen() TO {name}", where=where)
