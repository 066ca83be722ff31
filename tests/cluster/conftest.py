"""An object store for these tests: one server, a bucket that every test finds empty."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.cluster.objectopslag import leeg, s3


@pytest.fixture(scope="session")
def _s3() -> Iterator[dict[str, str]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with s3() as omgeving:
        yield omgeving


@pytest.fixture
def s3_omgeving(_s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of an empty bucket, in the environment too."""
    leeg(_s3)
    for naam, waarde in _s3.items():
        monkeypatch.setenv(naam, waarde)
    return _s3
