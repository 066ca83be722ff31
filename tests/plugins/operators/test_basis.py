"""Which ronde a run is for, and what an operator does besides its step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from bidn_operators.operators.basis import VerwerkingOperator, bepaal_ronde, mislukte_taken, sla_over
from bidn_operators.operators.toetsing import (
    BelastingdienstOphalenOperator,
    BijstandOphalenOperator,
    HuishoudenBrpOperator,
    NotificerenOperator,
    PublicerenOperator,
    RapportenMakenOperator,
    RdwOphalenOperator,
    RegelsToetsenOperator,
    UwvOphalenOperator,
)
from include.errors import RondeFout
from include.steps.verwerking import Opslag
from tests.dags.wereld import ALFA, BETA, NAMEN, PERSONEN
from tests.plugins.operators.hulp import context
from tests.steps.hulp import begin_run, gepubliceerde, versies

MIDDEN: list[type[VerwerkingOperator]] = [
    BijstandOphalenOperator,
    UwvOphalenOperator,
    BelastingdienstOphalenOperator,
    RdwOphalenOperator,
    RegelsToetsenOperator,
    RapportenMakenOperator,
]
TAK = [HuishoudenBrpOperator, *MIDDEN, PublicerenOperator]


@pytest.mark.parametrize(
    ("gegeven", "ronde"),
    [
        ({"partition_key": "2026-09"}, "2026-09"),
        ({"ronde": "2026-10"}, "2026-10"),
        ({"partition_key": "2026-09", "ronde": "2026-10"}, "2026-09"),
        ({"partition_key": "", "ronde": "2026-10"}, "2026-10"),
    ],
)
def test_the_ronde_of_a_run(gegeven: dict[str, str], ronde: str) -> None:
    assert bepaal_ronde(context(**gegeven)).naam == ronde


@pytest.mark.parametrize(
    ("gegeven", "woorden"),
    [
        ({}, "does not say which ronde it is for. Trigger it with the parameter ronde"),
        ({"ronde": None}, "does not say which ronde"),
        ({"ronde": ""}, "does not say which ronde"),
        ({"partition_key": "2026-13"}, "'2026-13' is not a ronde"),
        ({"partition_key": "2026-9"}, "'2026-9' is not a ronde"),
        ({"partition_key": "2026-09-01"}, "'2026-09-01' is not a ronde"),
        ({"ronde": "september"}, "'september' is not a ronde"),
        ({"ronde": 202609}, "'202609' is not a ronde"),
    ],
)
def test_a_run_that_is_for_no_ronde(gegeven: dict[str, Any], woorden: str) -> None:
    with pytest.raises(RondeFout, match=woorden):
        bepaal_ronde(context(**gegeven))


def test_a_run_of_an_airflow_without_partitions_has_its_parameter() -> None:
    zonder = context(ronde="2026-10")
    zonder["dag_run"] = SimpleNamespace(dag_id="x", run_id="y")
    assert bepaal_ronde(zonder).naam == "2026-10"


def test_skipping_says_why() -> None:
    with pytest.raises(AirflowSkipException, match=r"^Gemeente Gamma: afgekeurd$"):
        sla_over("Gemeente Gamma: afgekeurd")


def _tak(installatie: Opslag, organisatie: str, taken: list[type[VerwerkingOperator]]) -> list[Any]:
    deelnemer = begin_run(installatie)[organisatie]
    return [taak(task_id=taak.__name__, verwerking=deelnemer).execute(context()) for taak in taken]


def test_a_branch_from_operator_to_operator(installatie: Opslag, logregels: pytest.LogCaptureFixture) -> None:
    [brp, bijstand, uwv, belastingdienst, rdw, regels, rapporten, publicatie] = _tak(installatie, BETA, TAK)
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
def test_a_step_in_the_middle_does_nothing_once_the_reports_are_out(
    na_afloop: Opslag, taak: type[VerwerkingOperator]
) -> None:
    verwerking = gepubliceerde(na_afloop, ALFA).als_dict()
    assert taak(task_id="taak", verwerking=verwerking).execute(context()) == {"afgerond": True}
    assert len(versies(na_afloop, ALFA)) == 1


def test_clearing_a_whole_branch_publishes_nothing_new_when_nothing_changed(na_afloop: Opslag) -> None:
    assert _tak(na_afloop, ALFA, TAK)[-1]["nieuw"] is False
    assert len(versies(na_afloop, ALFA)) == 1


def test_a_source_that_is_away_is_named_with_the_organisation(
    installatie: Opslag, bronnen: SimpleNamespace
) -> None:
    from include.errors import BronFout

    bronnen.beheer.storing("brp", 503)
    with pytest.raises(BronFout, match=f"^organisation {ALFA}, ronde 2026-10: source brp, POST .* HTTP 503"):
        _tak(installatie, ALFA, [HuishoudenBrpOperator])


def test_the_operator_hands_its_verwerking_to_airflow_to_fill_in() -> None:
    # A mapped argument is a promise until Airflow renders it.
    for taak in [*TAK, NotificerenOperator]:
        assert "verwerking" in taak.template_fields


def test_what_failed_is_named_with_whose_it_is_and_what_waited_for_it_is_not() -> None:
    toestanden = {
        "toetsing.uwv_ophalen_1": "failed",
        "toetsing.regels_toetsen_1": "upstream_failed",
        "toetsing.uwv_ophalen_0": "success",
        "bewaartermijn_toepassen": "failed",
        "ronde_afsluiten": "running",
    }
    ti = SimpleNamespace(task_id="ronde_afsluiten", get_task_states=lambda **_: {"run": toestanden})
    context: Any = {"ti": ti, "dag_run": SimpleNamespace(dag_id="dag", run_id="run")}
    assert mislukte_taken(context, ["Alfa", "Beta"]) == [
        "bewaartermijn_toepassen",
        "toetsing.uwv_ophalen (Beta)",
    ]
