from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, select

from include.errors import InstallatieFout, OpslagFout
from include.storage.__main__ import main
from include.storage.database import Database, make_engine
from include.storage.migrations import VERSION_TABLE, migrate
from include.storage.models import Base, Organisatie
from include.storage.organisaties import register_organisatie


def _tabellen(url: str) -> set[str]:
    return set(inspect(make_engine(url)).get_table_names())


def test_the_migrations_make_exactly_the_models(verse_url):
    with make_engine(verse_url).connect() as verbinding:
        context = MigrationContext.configure(
            verbinding,
            opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_are_those_of_the_models_too(verse_url):
    """compare_metadata does not look at them."""
    inspecteur = inspect(make_engine(verse_url))
    verwacht = {
        (tabel.name, beperking.name)
        for tabel in Base.metadata.tables.values()
        for beperking in tabel.constraints
        if isinstance(beperking, CheckConstraint)
    }
    gevonden = {
        (tabel, beperking["name"])
        for tabel in Base.metadata.tables
        for beperking in inspecteur.get_check_constraints(tabel)
    }
    assert gevonden == verwacht
    assert len(verwacht) > 5


def test_up_keeps_data_down_empties_and_up_works_again(verse_url, nu):
    with Database(verse_url).transaction() as sessie:
        register_organisatie(sessie, "Gemeente Stichtse Vecht", ["1904"], nu=nu)

    assert migrate(verse_url) == "0002"  # already there: nothing is lost
    with Database(verse_url).reading() as sessie:
        assert sessie.scalars(select(Organisatie.naam)).all() == ["Gemeente Stichtse Vecht"]

    assert migrate(verse_url, naar="base") is None
    assert _tabellen(verse_url) == {VERSION_TABLE}

    assert migrate(verse_url) == "0002"
    assert _tabellen(verse_url) == {*Base.metadata.tables, VERSION_TABLE}
    with Database(verse_url).reading() as sessie:
        assert sessie.scalars(select(Organisatie.naam)).all() == []


def test_several_processes_may_migrate_at_once(verse_url):
    migrate(verse_url, naar="base")
    with ThreadPoolExecutor(4) as tegelijk:
        assert list(tegelijk.map(lambda _: migrate(verse_url), range(4))) == ["0002"] * 4


def test_an_unknown_revision_is_named(verse_url):
    with pytest.raises(InstallatieFout, match="revision '9999'"):
        migrate(verse_url, naar="9999")


def test_a_database_without_tables_says_what_to_run(tmp_path):
    with (
        pytest.raises(InstallatieFout, match="run: python -m"),
        Database(f"sqlite:///{tmp_path / 'leeg.sqlite'}").reading() as sessie,
    ):
        sessie.scalars(select(Organisatie)).all()


def test_the_command_migrates_the_installation(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BIDN_DATABASE_URL", f"sqlite:///{tmp_path / 'map' / 'bidn.sqlite'}")
    assert main(["migreer"]) == 0
    assert "revision 0002" in capsys.readouterr().out
    assert main(["migreer", "--naar", "base"]) == 0
    assert "(empty)" in capsys.readouterr().out


def test_the_command_ends_2_with_one_line_when_the_database_is_away(monkeypatch, capsys):
    monkeypatch.setenv("BIDN_DATABASE_URL", "postgresql+psycopg://iemand:geheim@127.0.0.1:1/bidn")
    assert main(["migreer"]) == 2
    fout = capsys.readouterr().err
    assert fout.count("\n") == 1
    assert "geheim" not in fout


def test_a_moment_without_time_zone_is_refused(url):
    with (
        pytest.raises(Exception, match="time zone"),
        Database(url).transaction() as sessie,
    ):
        register_organisatie(sessie, "Gemeente Zonder Tijd", ["1904"], nu=datetime(2026, 1, 5, 9, 0))  # noqa: DTZ001


def test_moments_come_back_in_utc_to_the_microsecond(url):
    moment = datetime(2026, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)
    with Database(url).transaction() as sessie:
        register_organisatie(sessie, "Gemeente Stichtse Vecht", ["1904"], nu=moment)
    with Database(url).reading() as sessie:
        gelezen = sessie.scalars(select(Organisatie.geregistreerd_op)).one()
    assert gelezen == moment
    assert gelezen.tzinfo is UTC


def test_a_locked_sqlite_is_an_outage_without_statement_or_values(tmp_path, lege_sqlite, monkeypatch):
    monkeypatch.setattr("include.storage.database.WAIT_MS", 10)
    database = Database(f"sqlite:///{lege_sqlite}")
    with database.transaction() as eerste:
        eerste.connection()
        with pytest.raises(OpslagFout) as gevangen, database.transaction() as tweede:
            register_organisatie(tweede, "Gemeente Stichtse Vecht", ["1904"], nu=datetime.now(UTC))
    assert "Stichtse" not in str(gevangen.value)
    assert "INSERT" not in str(gevangen.value)
