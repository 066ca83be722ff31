"""The command line as one would use it: an installation in a folder, mock sources, and everything it prints."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from include.steps.verwerking import Opslag
from tests.steps import conftest as stappen
from tests.steps.hulp import Klok

_mock, bronnen, geen_fsync, klok = stappen._mock, stappen.bronnen, stappen.geen_fsync, stappen.klok
lege_sqlite, wereldmap, gepubliceerdmap = stappen.lege_sqlite, stappen.wereldmap, stappen.gepubliceerdmap
installatie = stappen.installatie

Opdrachtregel = Callable[..., Any]


@pytest.fixture
def bidn(installatie: Path) -> Opdrachtregel:
    """Run ``python -m include.cli`` in this process; arguments as on the command line."""
    from include.cli import app

    return lambda *argumenten: CliRunner().invoke(app, [str(argument) for argument in argumenten])


@pytest.fixture
def ingericht(installatie: Path, wereldmap: Path, klok: Klok) -> Opslag:
    """The installation, with the three organisations of tests/dags/wereld.py and their deliveries."""
    shutil.copytree(wereldmap, installatie)
    return Opslag(klok=klok)


@pytest.fixture
def gepubliceerd(installatie: Path, gepubliceerdmap: Path, klok: Klok) -> Opslag:
    """The same, with the reports of Alfa and Beta published."""
    shutil.copytree(gepubliceerdmap, installatie)
    return Opslag(klok=klok)
