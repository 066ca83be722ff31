"""What every component is started with."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from include.local import config, environment, processes

NOWHERE = Path("/does/not/exist/.env")


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    return config.load({"BIDN_DATA": str(tmp_path), "BIDN_POORT_BRONNEN": "8511"}, NOWHERE)


def test_secrets_are_made_once_and_are_for_the_owner_only(settings: config.Config) -> None:
    made = environment.load_secrets(settings.secrets)
    assert environment.load_secrets(settings.secrets) == made
    assert stat.S_IMODE(settings.secrets.stat().st_mode) == 0o600
    assert len(set(made.values())) == len(made)


def test_a_new_secret_joins_those_that_are_there(settings: config.Config) -> None:
    settings.secrets.write_text(json.dumps({"fernet_key": "van vroeger"}))
    assert environment.load_secrets(settings.secrets)["fernet_key"] == "van vroeger"
    assert environment.load_secrets(settings.secrets)["jwt_secret"]


def test_another_airflow_on_the_machine_does_not_leak_in(
    settings: config.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_ELDERS", "http://elders")
    built = environment.build(settings, environment.load_secrets(settings.secrets))
    assert built["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONN_ELDERS" not in built


def test_every_source_has_a_connection_with_a_token(settings: config.Config) -> None:
    known = environment.load_secrets(settings.secrets)
    built = environment.build(settings, known)
    for bron in ("BRP", "UWV", "BELASTINGDIENST", "RDW", "BIJSTAND"):
        assert json.loads(built[f"AIRFLOW_CONN_BRON_{bron}"]) == {
            "conn_type": "http",
            "schema": "http",
            "host": "127.0.0.1",
            "port": 8511,
            "password": known["bron_token"],
        }


def test_what_knows_nothing_of_airflow_gets_none_of_its_keys(settings: config.Config) -> None:
    known = environment.load_secrets(settings.secrets)
    with environment.in_force(environment.build(settings, known) | {"BIDN_HASHSLEUTEL": "geheim"}):
        assert os.environ["AIRFLOW__CORE__FERNET_KEY"] == known["fernet_key"]
        bare = processes.bare()
    assert not set(bare.values()) & {*known.values(), "geheim"}
    assert not [name for name in bare if name.startswith(("AIRFLOW", "BIDN"))]
    assert bare["PYTHONPATH"] == str(config.ROOT)


def test_a_setting_of_the_developer_reaches_the_tasks(tmp_path: Path) -> None:
    settings = config.load({"BIDN_DATA": str(tmp_path), "BIDN_HERHAALTIJD": "60"}, NOWHERE)
    built = environment.build(settings, environment.load_secrets(settings.secrets))
    assert built["BIDN_HERHAALTIJD"] == "60"
    assert built["BIDN_DATABASE_URL"] == f"sqlite:///{tmp_path}/bidn.sqlite"


def test_on_postgresql_airflow_uses_one_driver_for_both_its_ways(tmp_path: Path) -> None:
    settings = config.load({"BIDN_DATA": str(tmp_path), "BIDN_POSTGRES": "postgresql://rol@db"}, NOWHERE)
    built = environment.build(settings, environment.load_secrets(settings.secrets))
    assert built["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg://rol@db/bidn_airflow"
    assert built["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] == "postgresql+psycopg://rol@db/bidn_airflow"


def test_the_logins_are_those_of_the_secrets(settings: config.Config) -> None:
    known = environment.load_secrets(settings.secrets)
    path = environment.write_logins(settings, known)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    logins = {user: known[f"login_{user}"] for user in ("engineer", "ops", "viewer")}
    assert json.loads(path.read_text()) == logins
