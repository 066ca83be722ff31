from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import InstallatieFout
from include.settings import PROJECT, Soort, neem_env_bestand_over, omgeving
from include.storage.database import Database
from include.storage.migrations import migrate

NAMEN = ("BIDN_OMGEVING", "BIDN_DATA", "BIDN_OPSLAG", "BIDN_POSTGRES", "BIDN_DATABASE_URL")


@pytest.mark.parametrize(
    ("gezet", "soort", "data", "opslag", "database_url"),
    [
        (
            {},
            Soort.ONTWIKKELING,
            PROJECT / "data",
            (PROJECT / "data" / "opslag").as_uri(),
            f"sqlite:///{PROJECT}/data/bidn.sqlite",
        ),
        (
            {"BIDN_DATA": "/srv/bidn", "BIDN_OMGEVING": "test"},
            Soort.TEST,
            Path("/srv/bidn"),
            "file:///srv/bidn/opslag",
            "sqlite:////srv/bidn/bidn.sqlite",
        ),
        (
            {"BIDN_DATA": "/srv/bidn", "BIDN_POSTGRES": "postgresql://rol:geheim@db:5433/"},
            Soort.ONTWIKKELING,
            Path("/srv/bidn"),
            "file:///srv/bidn/opslag",
            "postgresql+psycopg://rol:geheim@db:5433/bidn",
        ),
        (
            {
                "BIDN_OMGEVING": "productie",
                "BIDN_DATA": "/srv/bidn",
                "BIDN_OPSLAG": "s3://opslag@bidn/rapporten",
                "BIDN_DATABASE_URL": "postgresql+psycopg://bidn@db/bidn",
            },
            Soort.PRODUCTIE,
            Path("/srv/bidn"),
            "s3://opslag@bidn/rapporten",
            "postgresql+psycopg://bidn@db/bidn",
        ),
        (
            {
                "BIDN_OMGEVING": "",
                "BIDN_DATA": "",
                "BIDN_OPSLAG": "",
                "BIDN_DATABASE_URL": "",
            },  # an empty .env line
            Soort.ONTWIKKELING,
            PROJECT / "data",
            (PROJECT / "data" / "opslag").as_uri(),
            f"sqlite:///{PROJECT}/data/bidn.sqlite",
        ),
    ],
)
def test_every_setting_has_a_default_under_data(monkeypatch, gezet, soort, data, opslag, database_url):
    for naam in NAMEN:
        monkeypatch.delenv(naam, raising=False)
    for naam, waarde in gezet.items():
        monkeypatch.setenv(naam, waarde)
    gevonden = omgeving()
    assert (gevonden.soort, gevonden.data, gevonden.opslag, gevonden.database_url) == (
        soort,
        data,
        opslag,
        database_url,
    )
    assert gevonden.is_productie is (soort is Soort.PRODUCTIE)


def test_a_typo_does_not_turn_production_into_development(monkeypatch):
    monkeypatch.setenv("BIDN_OMGEVING", "produktie")
    with pytest.raises(InstallatieFout, match=r"'produktie'.*productie"):
        omgeving()


def test_production_does_not_work_on_a_database_that_nobody_named(monkeypatch):
    """A command in a container without its secrets once said: the database stands on revision 0003."""
    for naam in NAMEN:
        monkeypatch.delenv(naam, raising=False)
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    for werk in (migrate, Database):
        with pytest.raises(InstallatieFout, match=r"no database is named.*BIDN_DATABASE_URL.*/entrypoint"):
            werk()


def test_env_bestand_vult_aan_wat_de_omgeving_niet_zegt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "# eigen map\nBIDN_DATA=/uit/bestand\nBIDN_OMGEVING=test\n", encoding="utf-8"
    )
    monkeypatch.setenv("BIDN_DATA", "/uit/omgeving")
    monkeypatch.setenv("BIDN_OMGEVING", "")  # remembered, so that it is put back
    monkeypatch.delenv("BIDN_OMGEVING")
    neem_env_bestand_over(tmp_path / ".env")
    assert (omgeving().data, omgeving().soort) == (Path("/uit/omgeving"), Soort.TEST)
