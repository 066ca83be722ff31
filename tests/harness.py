"""The services without Airflow: whatever test takes a step takes it from the table of the pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from include.bronnen.client import Bronclient
from include.pipeline import ALLEENVERDIENERS, BIJZONDERE_BIJSTAND, SOURCES, Source, Step
from include.rapportage.mail import Mail
from include.steps.lijsten import ListBranch
from include.steps.notificeren import Bezorger, Bezorging
from include.steps.stored_branch import Outside, StoredBranch
from include.steps.verdeling import Verdeling
from include.steps.verwerking import Opslag, Verwerking
from tests.bronnen.hulp import client


def geen_post(mail: Mail, adres: str) -> tuple[Bezorging, str]:
    """A mail server that nobody should need."""
    raise AssertionError("this test mails nobody")


def outside(url: str, bezorg: Bezorger = geen_post, **grenzen: float) -> Outside:
    """All sources below one address; ``grenzen`` as of the client."""
    return Outside(lambda source, _: client(url, bron=source.name, **grenzen), bezorg)


def connections(url: str, **extra: float) -> dict[str, str]:
    """Environment variables with the Airflow connection of every source, all below one address."""
    host, port = url.removeprefix("http://").split(":")
    connection = {"conn_type": "http", "host": host, "port": int(port), "password": "geheim", "extra": extra}
    return {f"AIRFLOW_CONN_{source.connection.upper()}": json.dumps(connection) for source in SOURCES}


def unasked(source: Source, betreft: str) -> Bronclient:
    """A source that nobody should ask."""
    raise AssertionError(f"{source.name} was asked")


def branch(
    opslag: Opslag, verwerking: Verwerking, name: str, world: str | Outside | None = None
) -> StoredBranch:
    """One organisation at the step with this name; ``world`` is where the sources are, if they are needed."""
    step = BIJZONDERE_BIJSTAND.step(name)
    if isinstance(world, str):
        world = outside(world)
    return StoredBranch(opslag, verwerking, step, world or Outside(unasked, geen_post))


def take(opslag: Opslag, verwerking: Verwerking, name: str, world: str | Outside | None = None) -> Any:
    """Take one step of one organisation, as its task does."""
    at = branch(opslag, verwerking, name, world)
    return at.step.call(at)


def take_until(
    opslag: Opslag,
    verwerking: Verwerking,
    world: str | Outside,
    *,
    van: str = "huishouden_brp",
    tot: str = "publiceren",
) -> Any:
    """Take the steps from ``van`` up to and including ``tot``; return what the last returned."""
    namen = [step.name for step in BIJZONDERE_BIJSTAND.branch_steps]
    for name in namen[namen.index(van) : namen.index(tot) + 1]:
        uitkomst = take(opslag, verwerking, name, world)
    return uitkomst


def before(patch: pytest.MonkeyPatch, step: Step, do: Callable[[Any], None]) -> None:
    """Let something happen whenever this step is about to be taken; an error of it is one of the step."""
    take_it = step.call

    def first(branch: Any) -> Any:
        do(branch)
        return take_it(branch)

    patch.setitem(vars(step), "call", first)


def take_list_step(opslag: Opslag, verdeling: Verdeling, name: str, bezorg: Bezorger = geen_post) -> Any:
    """Take one step for the lists of one organisation, as its task does."""
    call: Callable[[ListBranch], Any] = ALLEENVERDIENERS.step(name).call
    return call(ListBranch(opslag, verdeling, bezorg))
