"""The operators outside Airflow: the world of the steps as the installation, and a context that is not one."""

from __future__ import annotations

import json
import logging
from functools import partial
from types import SimpleNamespace

import pytest
from airflow.sdk import BaseOperator

from include.stappen import verwerking
from include.stappen.verwerking import Opslag
from tests.stappen import conftest as stappen
from tests.stappen.hulp import Klok

_mock, bronnen, geen_fsync = stappen._mock, stappen.bronnen, stappen.geen_fsync
klok, lege_sqlite, wereldmap, wereld = stappen.klok, stappen.lege_sqlite, stappen.wereldmap, stappen.wereld


@pytest.fixture
def installatie(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> Opslag:
    """The three organisations as what an operator finds when it opens the storage, and connections to the sources."""
    monkeypatch.setattr(
        verwerking, "Opslag", partial(Opslag, database=wereld.database, bestanden=wereld.bestanden, klok=klok)
    )
    host, poort = bronnen.url.removeprefix("http://").split(":")
    verbinding = {"conn_type": "http", "host": host, "port": int(poort), "password": "t"}
    for bron in ("brp", "uwv", "belastingdienst", "rdw", "bijstand"):
        waarde = json.dumps(verbinding | {"extra": {"pogingen": 1}})
        monkeypatch.setenv(f"AIRFLOW_CONN_BRON_{bron.upper()}", waarde)
    return wereld


@pytest.fixture
def logregels(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What operators log: Airflow's own loggers keep it from pytest."""
    monkeypatch.setattr(BaseOperator, "log", logging.getLogger("operators"))
    caplog.set_level(logging.INFO)
    return caplog
