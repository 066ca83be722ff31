"""What is wrong with a database is said before anything starts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from include.errors import InstallatieFout
from include.local.databases import prepare


def test_a_file_that_is_whole_or_not_there_yet_passes(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "airflow.sqlite") as database:
        database.execute("CREATE TABLE dag_run (id)")
    prepare(f"sqlite:///{tmp_path}/airflow.sqlite", f"sqlite:///{tmp_path}/nowhere.sqlite")
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "airflow.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE dag_run (id)")
        database.executemany("INSERT INTO dag_run VALUES (?)", [("x" * 100,)] * 999)
    database.close()
    content = bytearray(path.read_bytes())
    content[8192:16384] = b"\xff" * 8192
    path.write_bytes(content)
    with pytest.raises(InstallatieFout, match=rf"^The database {path} is damaged \(.*may be removed instead"):
        prepare(f"sqlite:///{path}")


def test_a_server_that_is_away_is_named_without_its_password(free_ports: Callable[[int], list[int]]) -> None:
    [port] = free_ports(1)
    with pytest.raises(InstallatieFout, match=rf"^Database bidn on 127\.0\.0\.1:{port} cannot be") as refused:
        prepare(f"postgresql+psycopg://rol:geheim@127.0.0.1:{port}/bidn")
    assert "geheim" not in str(refused.value)
