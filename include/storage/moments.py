"""Moments are UTC, days are Amsterdam: the two conversions between them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def as_utc(moment: datetime) -> datetime:
    """``moment`` in UTC; ValueError when it has no time zone, because guessing one moves deliveries."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be placed; give it one")
    return moment.astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The Europe/Amsterdam calendar date on which ``moment`` falls."""
    return as_utc(moment).astimezone(AMSTERDAM).date()


def start_of(dag: date) -> datetime:
    """00:00 Europe/Amsterdam of ``dag``, in UTC: 22:00 or 23:00 of the day before."""
    return datetime.combine(dag, time(), tzinfo=AMSTERDAM).astimezone(UTC)
