"""A step of the table as a task: from operator to operator, and again once the reports are out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bidn_operators.operators.bewaartermijn import BewaartermijnToepassenOperator
from bidn_operators.operators.goedkeuring import GoedkeurenOperator
from bidn_operators.operators.step import (
    IntakeStep,
    LeveringStep,
    StepOperator,
    VerdelingStep,
    VerwerkingStep,
)
from include.errors import BronFout
from include.steps.verwerking import Opslag
from tests.dags.wereld import ALFA, BETA, NAMEN, PERSONEN
from tests.plugins.operators.hulp import context
from tests.steps.hulp import Klok, begin_run, gepubliceerde, versies

MIDDEN = (
    "bijstand_ophalen",
    "uwv_ophalen",
    "belastingdienst_ophalen",
    "rdw_ophalen",
    "regels_toetsen",
    "rapporten_maken",
)
TAK = ("huishouden_brp", *MIDDEN, "publiceren")


def _tak(installatie: Opslag, organisatie: str, *taken: str) -> list[Any]:
    deelnemer = begin_run(installatie)[organisatie]
    return [VerwerkingStep(task_id=taak, verwerking=deelnemer).execute(context()) for taak in taken]


def test_a_branch_from_operator_to_operator(installatie: Opslag, logregels: pytest.LogCaptureFixture) -> None:
    [brp, bijstand, uwv, belastingdienst, rdw, regels, rapporten, publicatie] = _tak(installatie, BETA, *TAK)
    assert (brp["aanvragen"], brp["gevraagd"], brp["beantwoord"]) == (3, 3, 3)
    assert bijstand["bijstand_gevraagd"] == 3
    assert uwv["uwv_gevraagd"] == belastingdienst["heffingskortingen_gevraagd"] == 2
    assert belastingdienst["vermogens_gevraagd"] == rdw["rdw_gevraagd"] == 0
    assert regels["inkomen"] == {"J": 1, "N": 0, "Niet getoetst": 2}
    assert rapporten["rijen"] == 3
    assert {
        naam: publicatie[naam] for naam in ("publicatie", "versie", "nieuw", "rijen", "verwijderen_op")
    } == {
        "publicatie": versies(installatie, BETA)[0].id,
        "versie": 1,
        "nieuw": True,
        "rijen": 3,
        "verwijderen_op": "2027-02-03",
    }
    assert logregels.text.count(f"organisation {BETA}, ronde 2026-10: ") == len(TAK)
    for geheim in (*PERSONEN, *NAMEN):
        assert geheim not in logregels.text


@pytest.mark.parametrize("taak", MIDDEN)
def test_a_step_in_the_middle_does_nothing_once_the_reports_are_out(na_afloop: Opslag, taak: str) -> None:
    verwerking = gepubliceerde(na_afloop, ALFA).als_dict() | {"status": "deels incorrect"}
    assert VerwerkingStep(task_id=taak, verwerking=verwerking).execute(context()) == {"afgerond": True}
    assert len(versies(na_afloop, ALFA)) == 1


def test_clearing_a_whole_branch_publishes_nothing_new_when_nothing_changed(na_afloop: Opslag) -> None:
    assert _tak(na_afloop, ALFA, *TAK)[-1]["nieuw"] is False
    assert len(versies(na_afloop, ALFA)) == 1


def test_a_source_that_is_away_is_named_with_the_organisation(
    installatie: Opslag, bronnen: SimpleNamespace
) -> None:
    bronnen.beheer.storing("brp", 503)
    with pytest.raises(BronFout, match=f"^organisation {ALFA}, ronde 2026-10: source brp, POST .* HTTP 503"):
        _tak(installatie, ALFA, "huishouden_brp")


def test_an_outage_over_a_weekend_is_mended_by_clearing(
    installatie: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    """Besluit B55: the sweeps of three nights leave what an unfinished branch has fetched."""
    wie, toen = begin_run(installatie)[ALFA], klok.nu

    def neem(*taken: str) -> None:
        for taak in taken:
            VerwerkingStep(task_id=taak, verwerking=wie).execute(context())

    neem("huishouden_brp", "bijstand_ophalen")
    bronnen.beheer.storing("uwv", 503)
    with pytest.raises(BronFout):
        neem("uwv_ophalen")
    for nacht in (1, 2, 3):
        klok.nu = datetime.now(UTC) + timedelta(days=nacht)  # of files the store tells when they were written
        BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen").execute(context())
    klok.nu = toen
    bronnen.beheer.herstel("uwv")

    neem(
        "uwv_ophalen",
        "belastingdienst_ophalen",
        "rdw_ophalen",
        "regels_toetsen",
        "rapporten_maken",
        "publiceren",
    )
    assert [publicatie.versie for publicatie in versies(installatie, ALFA)] == [1]


@pytest.mark.parametrize(
    ("operator", "field"),
    [
        (IntakeStep, "deelnemer"),
        (VerwerkingStep, "verwerking"),
        (GoedkeurenOperator, "verwerking"),
        (LeveringStep, "aankondiging"),
        (VerdelingStep, "verdeling"),
    ],
)
def test_the_operator_hands_what_it_is_mapped_over_to_airflow_to_fill_in(
    operator: type[StepOperator], field: str
) -> None:
    # A mapped argument is a promise until Airflow renders it.
    assert operator.template_fields == (field,)
