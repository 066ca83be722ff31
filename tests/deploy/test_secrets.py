from __future__ import annotations

import json
import stat
from itertools import count
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pyrage import x25519

from deploy.secrets import files, main, write


def _numbered() -> dict[str, str]:
    numbers = count(1)
    return files({}, lambda: f"w{next(numbers)}")


def test_what_holds_a_password_holds_the_one_of_its_service() -> None:
    made = _numbered()
    assert made["postgres_bidn"] in made["BIDN_DATABASE_URL"]
    assert made["BIDN_DATABASE_URL_READER"] == (
        f"postgresql+psycopg://bidn_reader:{made['postgres_bidn_reader']}@postgres-bidn:5432/bidn"
    )
    assert made["postgres_airflow"] in made["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert made["AIRFLOW__CELERY__RESULT_BACKEND"] == f"db+{made['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}"
    assert made["redis"] in made["AIRFLOW__CELERY__BROKER_URL"]
    assert json.loads(made["AIRFLOW_CONN_OPSLAG"])["password"] == made["objectopslag"]
    assert json.loads(made["AIRFLOW_CONN_BRON_RDW"])["password"] == made["bron_token"]


def test_the_keys_are_of_the_kind_that_is_asked_for() -> None:
    made = _numbered()
    Fernet(made["AIRFLOW__CORE__FERNET_KEY"])
    x25519.Identity.from_str(made["BIDN_SLEUTELS"].split()[-1])
    # Production refuses a key that says it was made for development.
    assert "ontwikkelsleutel" not in made["BIDN_SLEUTELS"]


def test_what_is_there_stays_and_what_follows_from_it_fits() -> None:
    made = files({"postgres_bidn": "van p/s", "BIDN_SLEUTELS": "oud"}, lambda: "nieuw")
    assert made["BIDN_SLEUTELS"] == "oud"
    assert made["BIDN_DATABASE_URL"] == "postgresql+psycopg://bidn:van%20p%2Fs@postgres-bidn:5432/bidn"


def test_it_writes_once_for_the_owner_and_prints_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "secrets"
    main(["--folder", str(folder)])
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert write(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == first

    (folder / "redis").unlink()
    assert write(folder) == ["redis"]
    printed = capsys.readouterr().out
    assert not [name for name, value in first.items() if value in printed]
