from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.errors import GegevensFout
from include.schemas.domein import DeelnameStatus
from include.storage.organisaties import register_organisatie, set_instellingen
from include.storage.rondes import (
    close_ronde,
    enter_deelname,
    find_deelname,
    find_deelnames,
    open_ronde,
    refuse,
    set_status,
    settle_instellingen,
)

LAATSTE_DAG = date(2026, 10, 31)


def oktober(dag: int) -> datetime:
    return datetime(2026, 10, dag, 6, 0, tzinfo=UTC)


def test_all_tasks_of_a_verwerking_get_the_same_instellingen(database, organisatie, levering):
    def bepaal(dag: int, verwerking: str) -> tuple[int, int]:
        with database.transaction() as sessie:
            geldend = settle_instellingen(
                sessie,
                "2026-09",
                organisatie,
                verwerking=verwerking,
                laatste_dag=LAATSTE_DAG,
                nu=oktober(dag),
            )
            return geldend.versie, geldend.percentage

    assert bepaal(1, "run-1/1") == (0, 120)
    with database.transaction() as sessie:
        set_instellingen(sessie, organisatie, percentage=150, nu=oktober(2))
    assert bepaal(3, "run-1/1") == (0, 120)  # a later task, or the same one again
    assert bepaal(3, "run-2/1") == (1, 150)  # a new run of the ronde
    with database.reading() as sessie:
        assert find_deelname(sessie, "2026-09", organisatie).instellingen_versie == 1


def test_taking_part_again_in_one_verwerking_changes_nothing(database, organisatie, levering):
    def opnieuw(verwerking: str) -> DeelnameStatus:
        with database.transaction() as sessie:
            return enter_deelname(
                sessie, "2026-09", organisatie, levering, verwerking=verwerking, nu=oktober(2)
            ).status

    with database.transaction() as sessie:
        set_status(sessie, "2026-09", organisatie, DeelnameStatus.MISLUKT, nu=oktober(1))
    assert opnieuw("run-1/1") is DeelnameStatus.MISLUKT
    assert opnieuw("run-2/1") is DeelnameStatus.OPEN


def test_a_refusal_stands_until_the_participation_moves_on(database, organisatie, levering):
    with database.transaction() as sessie:
        rij = refuse(sessie, "2026-09", organisatie, door="ops", reden="Inkomen: 45% J", nu=oktober(1))
    assert (rij.status, rij.geweigerd_door, rij.geweigerd_om) == (DeelnameStatus.MISLUKT, "ops", oktober(1))
    with database.transaction() as sessie:
        rij = set_status(sessie, "2026-09", organisatie, DeelnameStatus.GEPUBLICEERD, nu=oktober(2))
    assert (rij.geweigerd_door, rij.geweigerd_om, rij.geweigerd_reden) == (None, None, None)


def test_a_ronde_is_opened_closed_and_opened_again(database):
    with database.transaction() as sessie:
        open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 26), run="run-1", nu=oktober(1))
        ronde = close_ronde(sessie, "2026-09", run="run-1", samenvatting={"organisaties": 3}, nu=oktober(2))
    assert (ronde.afgesloten_op, ronde.samenvatting) == (oktober(2), {"organisaties": 3})
    with database.transaction() as sessie:
        ronde = open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 26), run="run-2", nu=oktober(3))
    assert (ronde.geopend_op, ronde.afgesloten_op) == (oktober(1), None)
    with pytest.raises(GegevensFout, match="2026-09-24"), database.transaction() as sessie:
        open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 24), run="run-2", nu=oktober(4))
    with (
        pytest.raises(
            GegevensFout, match="was opened by run 'run-2' since, so run 'run-1' does not close it"
        ),
        database.transaction() as sessie,
    ):
        close_ronde(sessie, "2026-09", run="run-1", samenvatting={}, nu=oktober(4))


def test_who_delivered_nothing_is_not_in_the_ronde(database, organisatie, levering):
    with database.transaction() as sessie:
        ander = register_organisatie(sessie, "Gemeente Zeist", ["0355"], nu=oktober(1))
        assert [rij.organisatie.naam for rij in find_deelnames(sessie, "2026-09")] == [
            "Gemeente Stichtse Vecht"
        ]
    with (
        pytest.raises(GegevensFout, match="Gemeente Zeist does not take part"),
        database.reading() as sessie,
    ):
        find_deelname(sessie, "2026-09", ander)


def test_a_ronde_that_was_not_opened_is_named(database, organisatie, levering):
    with pytest.raises(GegevensFout, match="2026-07"), database.transaction() as sessie:
        enter_deelname(sessie, "2026-07", organisatie, levering, verwerking="run-1/1", nu=oktober(1))
