"""The pools that keep a source from being asked too much at once, however many runs there are."""

from __future__ import annotations

from typing import NamedTuple

from include.pipeline import SOURCES

SLOTS = 2


class Pool(NamedTuple):
    """A pool in Airflow. It is called what the connection of its source is called."""

    name: str
    slots: int
    description: str


def pools(slots: int = SLOTS) -> list[Pool]:
    """Return the pools that the pipelines need: one for each source, each with so many requests at once."""
    return [Pool(source.connection, slots, f"Requests to {source.title}") for source in SOURCES]
