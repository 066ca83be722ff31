"""The services without Airflow: whatever test takes a step takes it from the table of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from include.bronnen.client import Bronclient
from include.pipeline import ALLEENVERDIENERS, BIJZONDERE_BIJSTAND, Source
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


def take_list_step(opslag: Opslag, verdeling: Verdeling, name: str, bezorg: Bezorger = geen_post) -> Any:
    """Take one step for the lists of one organisation, as its task does."""
    call: Callable[[ListBranch], Any] = ALLEENVERDIENERS.step(name).call
    return call(ListBranch(opslag, verdeling, bezorg))
