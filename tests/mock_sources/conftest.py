"""The sources, really running on a population of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from include.mock_sources import mock_bronnen
from tests.mock_sources.hulp import Bronnen


@pytest.fixture
def start() -> Iterator[Callable[[Path], Bronnen]]:
    with ExitStack() as stapel:

        def _start(map_: Path) -> Bronnen:
            bronnen = Bronnen(stapel.enter_context(mock_bronnen(map_)))
            stapel.callback(bronnen.sluit)
            return bronnen

        yield _start
