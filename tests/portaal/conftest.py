"""The portal on the world of the steps: three organisations, of which two have reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from include.steps.verwerking import Opslag
from tests.portaal.wereld import Bezoeker, bevolk, bezoeker, bouw
from tests.steps.conftest import (  # noqa: F401 - the same installations
    _mock,
    bronnen,
    geen_fsync,
    gepubliceerd,
    gepubliceerdmap,
    klok,
    lege_sqlite,
    opslag,
    wereld,
    wereldmap,
)

Als = Callable[[str | None], Bezoeker]


@pytest.fixture
def inhoud(gepubliceerd: Opslag) -> Opslag:  # noqa: F811
    """The installation behind the portal, with its people registered."""
    bevolk(gepubliceerd)
    return gepubliceerd


@pytest.fixture
def portaal(inhoud: Opslag) -> FastAPI:
    return bouw(inhoud)


@pytest.fixture
def als(portaal: FastAPI, inhoud: Opslag) -> Iterator[Als]:
    """Visit the portal as somebody, by address; None is a stranger."""
    open_: list[Bezoeker] = []

    def bezoek(email: str | None = None) -> Bezoeker:
        open_.append(bezoeker(portaal, inhoud, email))
        return open_[-1]

    yield bezoek
    for een in open_:
        een.client.close()
