"""Accounts against the vermogensgrens (besluiten B36-B40): 8000 for a single person, 16000 for a couple in 2026."""

import pytest

from include.schemas.instellingen import Instellingen
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    Omgeving,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Vraag,
    aanvraag,
    loon,
    toets_populatie,
)

GEHUWD = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))


def getoetst(vraag, *rekeningen, **feiten):
    return aanvraag(Populatie((vraag,), (loon(1_000),), rekeningen=rekeningen, **feiten))


def saldo(bedrag, bsn=ANNA, nummer="A", rente=0):
    return Rekening(bsn, nummer, bedrag, rente)


@pytest.mark.parametrize(
    ("vraag", "bedrag", "oordeel"),
    [
        (Vraag(), 799_999, "N"),
        (Vraag(), 800_000, "J"),
        (GEHUWD, 1_599_999, "N"),
        (GEHUWD, 1_600_000, "J"),
        (Vraag(), -5_000_000, "N"),
    ],
)
def test_saldo_against_the_grens(vraag, bedrag, oordeel):
    uit = getoetst(vraag, saldo(bedrag), saldo(0, BRAM, "B"))
    assert (uit["saldo"], uit["vermogen"], uit["belemmering"]) == (bedrag, oordeel, oordeel)


@pytest.mark.parametrize(
    ("vraag", "rente", "oordeel"),
    [
        (Vraag(), 8_000, "N"),
        (Vraag(), 8_001, "J"),
        (GEHUWD, 16_000, "N"),
        (GEHUWD, 16_001, "J"),
        (Vraag(), -9, "N"),
    ],
)
def test_rente_must_be_more_than_one_percent(vraag, rente, oordeel):
    uit = getoetst(vraag, saldo(0, rente=rente), saldo(0, BRAM, "B"))
    assert (uit["rente"], uit["vermogen"]) == (rente, oordeel)


KIND = (Persoon(ANNA, kinderen=(CARLA,)), Persoon(CARLA, "2008-09-27"))
GROOT_KIND = (Persoon(ANNA, kinderen=(CARLA,)), Persoon(CARLA, "2008-09-26"))
OUD_EN_JONG = (
    Persoon(ANNA, kinderen=(CARLA, BRAM)),
    Persoon(CARLA, "1999-01-01"),
    Persoon(BRAM, "2015-01-01"),
)
GRENZEN = {
    "alone": (Vraag(), 800_000),
    "a couple": (GEHUWD, 1_600_000),
    "a parent of somebody of 17": (Vraag(ANNA, KIND), 1_600_000),
    "a parent of somebody of 18": (Vraag(ANNA, GROOT_KIND), 800_000),
    "a parent of both": (Vraag(ANNA, OUD_EN_JONG), 1_600_000),
    "a couple as supplied": (
        Vraag(leefvorm=1, geboren="1980-01-01", partner=BRAM, partner_geboren="1980-01-01"),
        1_600_000,
    ),
    "a parent as supplied": (Vraag(leefvorm=2, geboren="1980-01-01"), 1_600_000),
    "alone as supplied": (Vraag(leefvorm=3, geboren="1980-01-01"), 800_000),
    "alone, a minor of somebody else at home": (
        Vraag(ANNA, (Persoon(ANNA), Persoon(CARLA, "2015-01-01"))),
        800_000,
    ),
}


@pytest.mark.parametrize(("vraag", "grens"), GRENZEN.values(), ids=GRENZEN)
def test_grens_by_leefvorm(vraag, grens):
    assert getoetst(vraag)["grens"] == grens


SOMMEN = {
    "two accounts": ([saldo(100, rente=1), saldo(20, nummer="B", rente=2)], 120, 3, 2),
    "debts count": ([saldo(100), saldo(-300, nummer="B", rente=-4)], -200, -4, 2),
    "partner too": ([saldo(100), saldo(20, BRAM, "B")], 120, 0, 2),
    "a joint account once": ([saldo(100, rente=5), saldo(100, BRAM, rente=5)], 100, 5, 1),
    "the record of the aanvrager counts": ([saldo(70, BRAM, rente=7), saldo(100, rente=5)], 100, 5, 1),
    "of one person the first record": ([saldo(100), saldo(70)], 100, 0, 1),
    "two joint and one alone": (
        [saldo(1, nummer="A"), saldo(2, nummer="B"), saldo(1, BRAM, "A"), saldo(2, BRAM, "B"), saldo(4, BRAM, "C")],
        7, 0, 3,
    ),
    "a stranger's account does not count": ([saldo(100, CARLA)], 0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize(("rekeningen", "som", "rente", "aantal"), SOMMEN.values(), ids=SOMMEN)
def test_sums_over_the_household(rekeningen, som, rente, aantal):
    uit = getoetst(GEHUWD, *rekeningen)
    assert (uit["saldo"], uit["rente"], uit["rekeningen"]) == (som, rente, aantal)


def test_a_joint_account_of_people_who_are_no_household_counts_for_each():
    rekeningen = (saldo(100), saldo(100, BRAM))
    uit = toets_populatie(Populatie((Vraag(ANNA), Vraag(BRAM)), rekeningen=rekeningen)).uitkomsten
    assert uit["saldo"].tolist() == [100, 100]


VERIFICATIES = {
    "both verified": (set(), "N", False, False, False),
    "aanvrager failed": ({ANNA}, "J", True, False, False),
    "partner failed": ({BRAM}, "J", False, True, False),
    "both failed": ({ANNA, BRAM}, "J", True, True, False),
    "somebody else failed": ({CARLA}, "N", False, False, False),
}


@pytest.mark.parametrize(
    ("mislukt", "oordeel", "aanvrager", "partner", "geen_gegevens"), VERIFICATIES.values(), ids=VERIFICATIES
)
def test_a_failed_verification_is_a_belemmering(mislukt, oordeel, aanvrager, partner, geen_gegevens):
    uit = getoetst(GEHUWD, saldo(1), saldo(1, BRAM, "B"), mislukt=frozenset(mislukt))
    assert uit["vermogen"] == oordeel
    assert uit["verificatie_mislukt_aanvrager"] == aanvrager
    assert uit["verificatie_mislukt_partner"] == partner
    assert uit["geen_gegevens"] == geen_gegevens
    assert uit["huishouden"] == "N"


@pytest.mark.parametrize(
    ("rekeningen", "mislukt", "geen_gegevens"),
    [
        ([], set(), True),
        ([saldo(1)], set(), True),
        ([saldo(1, BRAM)], set(), True),
        ([saldo(1), saldo(1, BRAM)], set(), False),
        ([], {ANNA}, True),
        ([saldo(1)], {BRAM}, False),
        ([], {ANNA, BRAM}, False),
    ],
)
def test_a_verified_person_without_accounts_is_mentioned(rekeningen, mislukt, geen_gegevens):
    uit = getoetst(GEHUWD, *rekeningen, mislukt=frozenset(mislukt))
    assert uit["geen_gegevens"] == geen_gegevens
    assert uit["vermogen"] == ("J" if mislukt else "N")


def test_a_failed_verification_is_a_belemmering_for_both_partners_who_ask():
    # Anna is the aanvrager of the first row and the partner in the second (B39).
    paar = (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, gehuwd_met=(ANNA,)))
    populatie = Populatie((Vraag(ANNA, paar), Vraag(BRAM, paar)), mislukt=frozenset({ANNA}))
    uit = toets_populatie(populatie).uitkomsten
    assert uit["vermogen"].tolist() == ["J", "J"]
    assert uit["verificatie_mislukt_aanvrager"].tolist() == [True, False]
    assert uit["verificatie_mislukt_partner"].tolist() == [False, True]


def test_without_the_setting_assets_are_not_tested():
    omgeving = Omgeving(instellingen=Instellingen(False, True, 120))
    uit = aanvraag(Populatie(rekeningen=(saldo(9_000_000),), mislukt=frozenset({ANNA})), omgeving)
    assert (uit["vermogen"], uit["saldo"], uit["grens"]) == ("Niet getoetst", 0, 0)
    assert not uit["verificatie_mislukt_aanvrager"]
    assert not uit["geen_gegevens"]


def test_a_belemmering_huishouden_stops_it():
    uit = getoetst(Vraag(letter="G"), saldo(9_000_000))
    assert (uit["vermogen"], uit["saldo"], uit["rekeningen"]) == ("Niet getoetst", 0, 0)


def test_running_bijstand_does_not_stop_it():
    uit = getoetst(Vraag(), saldo(800_000), uitkeringen=(Uitkering(),))
    assert (uit["inkomen"], uit["vermogen"], uit["belemmering"]) == ("Niet getoetst", "J", "J")
