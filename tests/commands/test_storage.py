"""The database makes itself on a developer's machine, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from include.commands.storage import open_opslag
from include.errors import InstallatieFout
from include.settings import omgeving
from include.storage.database import make_engine
from include.storage.organisaties import find_organisaties


def _eis_migratie() -> None:
    with (
        pytest.raises(InstallatieFout, match=r"run: python -m include\.storage migreer"),
        open_opslag().database.reading() as sessie,
    ):
        find_organisaties(sessie)


def test_the_first_command_of_all_finds_a_database(installatie: Path) -> None:
    assert not (installatie / "bidn.sqlite").exists()
    with open_opslag().database.reading() as sessie:
        assert find_organisaties(sessie) == []


def test_the_second_leaves_it_as_it_is(installatie: Path) -> None:
    from include.storage.organisaties import register_organisatie

    opslag = open_opslag()
    with opslag.database.transaction() as sessie:
        register_organisatie(sessie, "Gemeente Alfa", ["0014"], nu=opslag.klok())
    with open_opslag().database.reading() as sessie:
        assert [organisatie.naam for organisatie in find_organisaties(sessie)] == ["Gemeente Alfa"]


@pytest.mark.parametrize("soort", ["productie", "test"])
def test_elsewhere_a_migration_is_a_deliberate_act(
    installatie: Path, monkeypatch: pytest.MonkeyPatch, soort: str
) -> None:
    monkeypatch.setenv("BIDN_OMGEVING", soort)
    _eis_migratie()


@pytest.mark.postgres
def test_so_it_is_on_postgresql(
    installatie: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setenv("BIDN_DATABASE_URL", postgres_url)
    _eis_migratie()


def test_a_database_of_an_older_version_is_not_changed_in_passing(installatie: Path) -> None:
    open_opslag()
    engine = make_engine(omgeving().database_url)
    with engine.begin() as verbinding:
        verbinding.execute(text("ALTER TABLE organisatie DROP COLUMN geregistreerd_op"))
    _eis_migratie()
    assert "geregistreerd_op" not in {kolom["name"] for kolom in inspect(engine).get_columns("organisatie")}
