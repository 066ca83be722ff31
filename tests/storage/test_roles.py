"""Each login may do what it is for and no more: tried with real roles of PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from include.errors import InstallatieFout
from include.storage import audit_log
from include.storage.audit_log import AuditCheck
from include.storage.audit_retention import shorten
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.migrations import migrate
from include.storage.organisaties import register_organisatie
from include.storage.roles import Role, apply_roles
from tests.storage.test_audit_log import ARM, RIJK, _controle, _handeling

pytestmark = pytest.mark.postgres
LONG_AGO = datetime(2024, 1, 9, 8, tzinfo=UTC)


@pytest.fixture
def logins(postgres_url: str) -> Iterator[dict[Role, str]]:
    """The URL of each role on a migrated database; applied twice, as at every start."""
    migrate(postgres_url)
    ours = f"bidn_test_{uuid.uuid4().hex[:8]}"
    urls = {
        role: make_url(postgres_url)
        .set(username=f"{ours}_{role.lower()}", password="p%s'w")
        .render_as_string(hide_password=False)
        for role in Role
    }
    for _ in range(2):
        assert apply_roles(postgres_url, urls) == list(Role)
    yield urls
    owner = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner, autocommit=True) as connection:
        for role in Role:
            connection.execute(f"DROP OWNED BY {ours}_{role.lower()}")
            connection.execute(f"DROP ROLE {ours}_{role.lower()}")


@pytest.fixture
def writer(logins: dict[Role, str], bestanden: FileStore) -> Database:
    """The database as a worker has it: it has entered an organisation and two logregels, one of long ago."""
    database = Database(logins[Role.WRITER])
    for moment in (LONG_AGO, datetime.now(UTC)):
        with database.transaction() as sessie:
            regel = _handeling("h", begin_op=moment, einde_op=moment, betrokkenen=[ARM, RIJK])
            audit_log.record(sessie, regel)
    with database.transaction() as sessie:
        register_organisatie(sessie, "Gemeente Stichtse Vecht", ["1904"], nu=LONG_AGO)
    audit_log.write_anchor(database, bestanden)
    return database


REFUSED = [
    # who         , what
    *[
        (role, statement)
        for role in Role
        for statement in (
            "DELETE FROM logboek",
            "UPDATE logboek SET naam = 'x'",
            "DELETE FROM logboek_betrokkenen",
            "TRUNCATE logboek_betrokkenen",
            "UPDATE logboek_controlepunt SET laatste = 9",
            "DELETE FROM logboek_stand",
            "DELETE FROM vernietiging",
            "DROP TRIGGER logboek_alleen_erbij ON logboek",
            "ALTER TABLE logboek DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "DROP TABLE organisatie",
            "CREATE TABLE eigen (x int)",
            "UPDATE bidn_alembic_version SET version_num = 'x'",
        )
    ],
    (Role.READER, "SELECT 1 FROM logboek"),
    (Role.READER, "UPDATE organisatie SET naam = 'x'"),
    (Role.READER, "SELECT bidn_logboek_opschonen()"),
    (Role.PORTAL, "SELECT bidn_logboek_opschonen()"),
    (Role.PORTAL, "INSERT INTO logboek_controlepunt SELECT 1, 9, 'x', 1, 'x', 'x', now(), 'x', 'x'"),
]


def _refusal(url: str, statement: str) -> str | None:
    """The SQLSTATE with which the database refuses a statement; None when it does not."""
    try:
        with Database(url).transaction() as sessie:
            sessie.execute(text(statement))
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None))
    return None


def test_nobody_but_the_owner_can_change_what_was_entered(writer, logins, bestanden):
    insufficient_privilege = "42501"
    found = {(role, statement): _refusal(logins[role], statement) for role, statement in REFUSED}
    assert found == dict.fromkeys(REFUSED, insufficient_privilege)
    assert _controle(writer, bestanden) == AuditCheck(3)


def test_each_can_do_its_work(writer, logins, bestanden):
    with Database(logins[Role.READER]).reading() as sessie:
        assert sessie.scalar(text("SELECT naam FROM organisatie")) == "Gemeente Stichtse Vecht"
    portal = Database(logins[Role.PORTAL])
    with portal.reading() as sessie:
        assert sessie.scalar(text("SELECT count(*) FROM portaal_sessie")) == 0
    with portal.transaction() as sessie:
        audit_log.record(sessie, _handeling("detail", betrokkenen=[RIJK]))
    audit_log.write_anchor(portal, bestanden)
    punt = shorten(writer, bestanden, nu=datetime(2025, 8, 20, tzinfo=UTC), maanden=18)
    assert (punt.laatste, punt.aantal) == (1, 1)
    assert _controle(writer, bestanden) == AuditCheck(5)


def test_a_role_that_is_the_owner_is_refused(postgres_url):
    migrate(postgres_url)
    with pytest.raises(InstallatieFout, match="BIDN_DATABASE_URL_WRITER names no login of its own"):
        apply_roles(postgres_url, {Role.WRITER: postgres_url})
