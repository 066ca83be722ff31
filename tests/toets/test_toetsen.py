"""The whole toets: the shapes that go in and come out, and rows in their own order."""

from dataclasses import fields
from random import Random

import pytest

from include.normen import laden
from include.schemas import bronnen as schemas
from include.schemas.aanvragen import Aanvragen
from include.schemas.uitkomst import MODELLEN, Huishoudens
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    Omgeving,
    Populatie,
    Vraag,
    invoer,
    loon,
    toets_invoer,
    toets_populatie,
)
from tests.toets.willekeurig import KADERS, willekeurige_populatie

VAN_BRP = {
    "resultaten": schemas.BrpResultaten,
    "personen": schemas.BrpPersonen,
    "verbintenissen": schemas.BrpVerbintenissen,
    "kinderen": schemas.BrpVerwanten,
    "ouders": schemas.BrpVerwanten,
}
VAN_BRONNEN = {
    "uitkeringen": schemas.Uitkeringen,
    "opgaven": schemas.Inkomstenopgaven,
    "verificaties": schemas.Verificaties,
    "rekeningen": schemas.Rekeningen,
    "heffingskortingen": schemas.Heffingskortingen,
    "voertuigen": schemas.Voertuigen,
}


@pytest.mark.parametrize(
    "populatie",
    [willekeurige_populatie(Random(5), KADERS[0], 60), Populatie((Vraag(letter="G"),)), Populatie()],
    ids=["many", "nothing known", "nothing earned"],
)
def test_every_frame_is_of_its_model(populatie):
    gegeven, huishoudens = invoer(populatie)
    Aanvragen.validate(gegeven.aanvragen)
    Huishoudens.validate(huishoudens)
    for naam, model in VAN_BRP.items():
        model.validate(getattr(gegeven.brp, naam))
    for veld in fields(gegeven.bronnen):
        VAN_BRONNEN[veld.name].validate(getattr(gegeven.bronnen, veld.name))
    for naam, frame in toets_invoer(gegeven, huishoudens).frames().items():
        MODELLEN[naam].validate(frame)
        assert frame.index.tolist() == list(range(len(frame)))


def test_outcomes_stand_in_the_order_of_the_rows():
    vragen = (Vraag(CARLA, gsd_code="0034"), Vraag(ANNA, letter="G"), Vraag(BRAM))
    uit = toets_populatie(Populatie(vragen, (loon(5, BRAM), loon(7, CARLA)))).uitkomsten
    assert uit["bsn"].tolist() == [CARLA, ANNA, BRAM]
    assert uit["gsd_code"].tolist() == ["0034", "0014", "0014"]
    assert uit["totaal"].tolist() == [7, 0, 5]
    assert uit["brp_bevraagd"].all()
    assert uit.index.tolist() == [0, 1, 2]


def test_the_norms_are_those_of_the_deelnamedatum():
    assert toets_populatie(Populatie(), Omgeving(laden.ronde("2024-02"))).uitkomsten["norm"].tolist() == [
        128_383
    ]
