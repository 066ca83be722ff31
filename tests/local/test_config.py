"""Ports, paths and databases: what `.env` and the environment make of them."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import InstallatieFout
from include.local import config

NOWHERE = Path("/does/not/exist/.env")


def test_without_settings_everything_has_a_default() -> None:
    settings = config.load({}, NOWHERE)
    assert (settings.port_airflow, settings.port_bronnen, settings.port_mail) == (8080, 8500, 8025)
    assert settings.data == config.ROOT / "data"
    assert settings.database_url == f"sqlite:///{config.ROOT}/data/bidn.sqlite"
    assert settings.airflow_database_url == f"sqlite:///{config.ROOT}/data/airflow/airflow.sqlite"


def test_the_example_says_what_the_defaults_are() -> None:
    documented = config.load({}, config.ROOT / ".env.example")
    assert dataclasses.replace(documented, settings={}) == config.load({}, NOWHERE)


@pytest.mark.parametrize(
    ("environment", "ours", "airflows"),
    [
        (
            {"BIDN_POSTGRES": "postgresql://rol:geheim@db:5433/"},
            "postgresql+psycopg://rol:geheim@db:5433/bidn",
            "postgresql+psycopg://rol:geheim@db:5433/bidn_airflow",
        ),
        (
            {"BIDN_POSTGRES": "postgresql://rol@db", "BIDN_DATABASE_URL": "sqlite:////elders/bidn.sqlite"},
            "sqlite:////elders/bidn.sqlite",
            "postgresql+psycopg://rol@db/bidn_airflow",
        ),
        (
            {"BIDN_DATA": "/elders", "BIDN_AIRFLOW_DATABASE_URL": "postgresql+psycopg://rol@db/flow"},
            "sqlite:////elders/bidn.sqlite",
            "postgresql+psycopg://rol@db/flow",
        ),
    ],
)
def test_one_setting_moves_both_databases_and_each_can_be_named_apart(
    environment: dict[str, str], ours: str, airflows: str
) -> None:
    settings = config.load(environment, NOWHERE)
    assert (settings.database_url, settings.airflow_database_url) == (ours, airflows)


def test_the_environment_wins_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# poorten\n\nBIDN_POORT_MAIL=2525\nBIDN_POORT_BRONNEN = '2526'\nBIDN_HERHAALTIJD=9\n")
    settings = config.load({"BIDN_POORT_MAIL": "3535", "PATH": "/bin"}, file)
    assert (settings.port_mail, settings.port_bronnen) == (3535, 2526)
    assert settings.settings == {
        "BIDN_POORT_MAIL": "3535",
        "BIDN_POORT_BRONNEN": "2526",
        "BIDN_HERHAALTIJD": "9",
    }


@pytest.mark.parametrize("line", ["BIDN_POORT_MAIL", "BIDN POORT=1", "=1"])
def test_a_line_that_is_no_setting_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# eerst\n{line}\n")
    with pytest.raises(InstallatieFout, match=r"^\.env, line 2 is not NAME=value\.$"):
        config.load({}, file)


@pytest.mark.parametrize("value", ["0", "65536", "8o80", "-1", "²"])
def test_a_port_that_cannot_be_is_refused_by_name(value: str) -> None:
    with pytest.raises(InstallatieFout, match=f"BIDN_POORT_AIRFLOW is '{value}'"):
        config.load({"BIDN_POORT_AIRFLOW": value}, NOWHERE)


NAMES = ("BIDN_POORT_AIRFLOW", "BIDN_POORT_BRONNEN", "BIDN_POORT_MAIL")


def test_ports_that_cannot_be_used_are_named_with_the_setting_that_moves_them(
    free_ports: Callable[[int], list[int]],
) -> None:
    first, second, third = free_ports(3)

    def problems(*ports: int) -> str:
        try:
            config.check_ports(config.load(dict(zip(NAMES, map(str, ports), strict=True)), NOWHERE))
        except InstallatieFout as error:
            return str(error)
        return ""

    assert problems(first, second, third) == ""
    assert problems(first, second, first) == (
        f"BIDN_POORT_AIRFLOW and BIDN_POORT_MAIL in .env are both {first}: give each a port of its own."
    )
    with socket.create_server(("127.0.0.1", second)):
        assert problems(first, second, third) == (
            f"Port {second}, for the mock sources, is in use: stop what uses it, "
            "or set BIDN_POORT_BRONNEN in .env to a free port."
        )
