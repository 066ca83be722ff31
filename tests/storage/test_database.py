"""Which connection a transaction gets: kept from the one before, never from another process, closed in the end."""

from __future__ import annotations

import gc
import os
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text

from include.storage.database import Database

pytestmark = pytest.mark.postgres
WIE = text("SELECT pg_backend_pid()")


def _verbinding(database: Database) -> int:
    with database.reading() as sessie:
        return int(sessie.execute(WIE).scalar_one())


def _in_een_kind(database: Database) -> int:
    """The same, asked by a process forked from this one."""
    uit, inn = os.pipe()
    if not (kind := os.fork()):
        try:
            os.write(inn, str(_verbinding(database)).encode())
        finally:
            os._exit(0)
    os.waitpid(kind, 0)
    os.close(inn)
    with open(uit) as pijp:
        return int(pijp.read())


def test_a_connection_is_kept_for_the_next_transaction(postgres_url: str) -> None:
    database = Database(postgres_url)
    eerst = _verbinding(database)
    with database.transaction() as sessie:
        assert sessie.execute(WIE).scalar_one() == eerst
    assert _verbinding(database) == eerst


def test_a_forked_process_makes_its_own(postgres_url: str) -> None:
    database = Database(postgres_url)
    eigen = _verbinding(database)
    assert _in_een_kind(database) != eigen
    assert _verbinding(database) == eigen  # and did no harm to ours


def test_what_a_restart_of_the_server_broke_is_made_anew(postgres_url: str) -> None:
    database = Database(postgres_url)
    eerst = _verbinding(database)
    with closing(psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True)) as ander:
        ander.execute("SELECT pg_terminate_backend(%s)", [eerst])
    assert _verbinding(database) != eerst


def test_it_is_closed_with_its_database(postgres_url: str) -> None:
    database = Database(postgres_url)
    eerst = _verbinding(database)
    del database
    gc.collect()
    with closing(psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True)) as ander:
        for _ in range(100):
            [(leeft,)] = ander.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [eerst])
            if not leeft:
                return
    pytest.fail("the connection outlives its Database")
