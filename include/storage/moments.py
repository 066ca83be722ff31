"""Moments are UTC, days are Amsterdam: the two conversions between them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def als_utc(moment: datetime) -> datetime:
    """``moment`` in UTC; ValueError when it has no time zone, because guessing one moves deliveries."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be placed; give it one")
    return moment.astimezone(UTC)


def dag_van(moment: datetime) -> date:
    """The Europe/Amsterdam calendar date on which ``moment`` falls."""
    return als_utc(moment).astimezone(AMSTERDAM).date()


def begin_van(dag: date) -> datetime:
    """00:00 Europe/Amsterdam of ``dag``, in UTC: 22:00 or 23:00 of the day before."""
    return datetime.combine(dag, time(), tzinfo=AMSTERDAM).astimezone(UTC)
