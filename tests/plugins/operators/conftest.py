"""The operators outside Airflow: the world of the steps as the installation, and a context that is not one."""

from __future__ import annotations

import logging
from functools import partial
from types import SimpleNamespace

import pytest
from airflow.sdk import BaseOperator

from include.steps import verwerking
from include.steps.verwerking import Opslag
from tests.harness import connections
from tests.steps import conftest as stappen

_mock, bronnen, geen_fsync, klok = stappen._mock, stappen.bronnen, stappen.geen_fsync, stappen.klok
lege_sqlite, wereldmap, gepubliceerdmap = stappen.lege_sqlite, stappen.wereldmap, stappen.gepubliceerdmap
wereld, gepubliceerd = stappen.wereld, stappen.gepubliceerd


def _richt_in(opslag: Opslag, bronnen: str, patch: pytest.MonkeyPatch) -> Opslag:
    patch.setattr(
        verwerking,
        "Opslag",
        partial(Opslag, database=opslag.database, bestanden=opslag.bestanden, klok=opslag.klok),
    )
    for naam, waarde in connections(bronnen, pogingen=1).items():
        patch.setenv(naam, waarde)
    return opslag


@pytest.fixture
def installatie(wereld: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Opslag:
    """The three organisations as what an operator finds when it opens the storage, and connections to the sources."""
    return _richt_in(wereld, bronnen.url, monkeypatch)


@pytest.fixture
def na_afloop(gepubliceerd: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Opslag:
    """The same, with the reports of Alfa and Beta published by run-1."""
    return _richt_in(gepubliceerd, bronnen.url, monkeypatch)


@pytest.fixture
def logregels(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What operators log: Airflow's own loggers keep it from pytest."""
    monkeypatch.setattr(BaseOperator, "log", logging.getLogger("operators"))
    caplog.set_level(logging.INFO)
    return caplog
