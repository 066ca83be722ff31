from __future__ import annotations

from pathlib import Path

import pytest

from include.fouten import InstallatieFout
from include.omgeving import PROJECT, Soort, omgeving

NAMEN = ("BIDN_OMGEVING", "BIDN_DATA", "BIDN_OPSLAG", "BIDN_DATABASE_URL")


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
