"""How often somebody may do something, also when two replicas count."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

import pytest

from include.portaal.limieten import Limieten


def _statussen(replicas: list[Limieten], keer: int, *sleutel: str) -> list[bool]:
    """Ask in turns, and tell which were let through."""
    return [replicas[nummer % len(replicas)].wachttijd("aanleveren", *sleutel) == 0 for nummer in range(keer)]


def test_ten_files_a_minute_for_each_organisation() -> None:
    limieten = [Limieten("memory://")]
    assert _statussen(limieten, 12, "Alfa") == [True] * 10 + [False] * 2
    assert _statussen(limieten, 1, "Beta") == [True]
    assert 0 < limieten[0].wachttijd("aanleveren", "Alfa") <= 60


@pytest.mark.redis
def test_replicas_count_together(redis_url: str) -> None:
    replicas = [Limieten(redis_url), Limieten(redis_url)]
    wie = uuid.uuid4().hex
    assert _statussen(replicas, 12, wie) == [True] * 10 + [False] * 2


def test_a_counter_that_is_away_stops_nobody_and_is_told(
    caplog: pytest.LogCaptureFixture, redis_url: str
) -> None:
    weg = urlsplit(redis_url)._replace(netloc="127.0.0.1:1").geturl()
    assert _statussen([Limieten(weg)], 12, "Alfa") == [True] * 12
    assert "rate limits are not counted" in caplog.text
    assert "BIDN_PORTAAL_LIMIETEN" in caplog.text
