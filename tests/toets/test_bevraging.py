"""Who is asked about where: never more than the tests need (besluiten B22, B28, B34, B36, B41)."""

import numpy as np
import pytest

from include.normen import laden
from include.schemas import bronnen as schemas
from include.schemas.instellingen import Instellingen
from include.toets import bevraging
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    ELS,
    FATIMA,
    Omgeving,
    Persoon,
    Uitkering,
    Vraag,
    frame,
    leid_af,
)

OMGEVING = Omgeving()
PEILDATUM = np.datetime64(laden.ronde("2026-09").deelnamedatum)
PAAR = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM), Persoon(FATIMA, "2015-01-01")))
ALLEEN = Vraag(CARLA)
ONZEKER = Vraag(DIRK, (Persoon(DIRK), Persoon(ELS)))
"""A belemmering huishouden."""


def afgeleid(*vragen):
    aanvragen, _, huishoudens = leid_af(vragen, OMGEVING)
    return aanvragen, huishoudens


def test_the_brp_is_asked_about_the_rows_that_say_so_in_order_of_bsn():
    vragen = (Vraag(CARLA), Vraag(BRAM, leefvorm=3, geboren="1980-01-01"), Vraag(ANNA))
    assert bevraging.te_bevragen_brp(afgeleid(*vragen)[0]).tolist() == [ANNA, CARLA]


def test_bijstand_is_asked_about_aanvrager_and_partner_unless_huishouden_is_j():
    assert bevraging.te_bevragen_bijstand(*afgeleid(ALLEEN, PAAR, ONZEKER)).tolist() == [ANNA, BRAM, CARLA]


def test_a_partner_as_supplied_is_asked_about_too():
    vraag = Vraag(DIRK, leefvorm=1, geboren="1980-01-01", partner=ELS, partner_geboren="1980-01-01")
    assert bevraging.te_bevragen_bijstand(*afgeleid(vraag)).tolist() == [DIRK, ELS]


def test_a_minor_as_supplied_is_not_asked_about_nor_the_partner():
    vraag = Vraag(DIRK, leefvorm=1, geboren="2010-01-01", partner=ELS, partner_geboren="1980-01-01")
    assert bevraging.te_bevragen_bijstand(*afgeleid(vraag)).tolist() == []


def test_somebody_in_two_households_is_asked_about_once():
    paar = (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, gehuwd_met=(ANNA,)))
    assert bevraging.te_bevragen_bijstand(*afgeleid(Vraag(ANNA, paar), Vraag(BRAM, paar))).tolist() == [
        ANNA,
        BRAM,
    ]


@pytest.mark.parametrize(
    ("uitkering", "gevraagd"),
    [
        (None, [ANNA, BRAM, CARLA]),
        (Uitkering(BRAM), [CARLA]),
        (Uitkering(ANNA), [CARLA]),
        (Uitkering(CARLA), [ANNA, BRAM]),
        (Uitkering(DIRK), [ANNA, BRAM, CARLA]),
        (Uitkering(BRAM, einde="2026-09-25"), [ANNA, BRAM, CARLA]),
        (Uitkering(BRAM, einde="2026-09-26"), [CARLA]),
        (Uitkering(BRAM, aanvang="2026-09-27"), [ANNA, BRAM, CARLA]),
    ],
)
def test_uwv_is_not_asked_about_a_household_with_running_bijstand(uitkering, gevraagd):
    uitkeringen = frame(schemas.Uitkeringen, [uitkering] if uitkering else [])
    aanvragen, huishoudens = afgeleid(ALLEEN, PAAR, ONZEKER)
    gekozen = bevraging.te_bevragen_inkomen(aanvragen, huishoudens, uitkeringen, PEILDATUM)
    assert gekozen.tolist() == gevraagd


@pytest.mark.parametrize("vermogen", [True, False])
@pytest.mark.parametrize("voertuigen", [True, False])
def test_accounts_and_vehicles_only_when_the_setting_is_on(vermogen, voertuigen):
    instellingen = Instellingen(vermogen, voertuigen, 120)
    rijen = afgeleid(ALLEEN, PAAR, ONZEKER)
    iedereen = [ANNA, BRAM, CARLA]
    assert bevraging.te_bevragen_vermogen(*rijen, instellingen).tolist() == (iedereen if vermogen else [])
    assert bevraging.te_bevragen_voertuigen(*rijen, instellingen).tolist() == (iedereen if voertuigen else [])


def test_nobody_to_ask_about():
    rijen = afgeleid(ONZEKER)
    assert bevraging.te_bevragen_bijstand(*rijen).tolist() == []
    assert bevraging.te_bevragen_brp(afgeleid(Vraag(leefvorm=3, geboren="1980-01-01"))[0]).tolist() == []
