"""One small population with everything in it, generated once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.normen.kalender import Maand


class Gegenereerd:
    """The files of a generated population, read back."""

    def __init__(self, map_: Path) -> None:
        self.map = map_

    def bron(self, naam: str) -> dict[str, dict[str, Any]]:
        regels = (self.map / f"{naam}.jsonl").read_text(encoding="utf-8").splitlines()
        return {regel["burgerservicenummer"]: regel for regel in map(json.loads, regels)}


@pytest.fixture(scope="session")
def opdracht() -> Opdracht:
    return Opdracht(aanvragers=900, seed=7, ronde=Maand(2026, 9), gebroken=True)


@pytest.fixture(scope="session")
def populatie(opdracht, tmp_path_factory) -> Gegenereerd:
    map_ = tmp_path_factory.mktemp("gegenereerd")
    genereer(opdracht, map_)
    return Gegenereerd(map_)
