"""Handing in: which ronde a delivery is for, which one counts, and what its verwerkingsverslag says (besluit B2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from include.errors import GegevensFout
from include.moments import day_of
from include.normen import laden
from include.schemas.domein import LeveringStatus, Product
from include.steps.installation import hoort_bijeen
from include.steps.leveren import actualiseer, lees_aanvragen, lees_samenvatting, ronde_van_ontvangst, tel
from include.steps.registreren import Productaanmelding, meld_aan, registreer
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen, register_levering
from tests.dags.wereld import AANGEMELD, ALFA
from tests.steps.hulp import OP_TIJD, lever_in, schrijf_in

GOED = "0014;J;;999900018;;;;;;\r\n"
ANDERS = "0014;J;;999900043;;;;;;\r\n"
DERDE = "0014;J;;999900055;;;;;;\r\n"
SLECHT = "0014;J;;123456789;;;;;;\r\n"
"""No row of it is valid: the BSN fails the elfproef."""


@pytest.mark.parametrize(
    ("ontvangen", "ronde"),
    [
        ("2026-09-25T23:59:59+02:00", "2026-09"),  # the last second before the deelnamedatum
        ("2026-09-26T00:00:00+02:00", "2026-10"),  # on it
        ("2026-09-25T21:59:59+00:00", "2026-09"),  # the same two, as UTC has them
        ("2026-09-25T22:00:00+00:00", "2026-10"),
        ("2026-09-30T12:00:00+02:00", "2026-10"),
        ("2026-10-25T23:59:59+01:00", "2026-10"),  # the clock went back that night
        ("2026-10-25T22:59:59+00:00", "2026-10"),
        ("2026-10-25T23:00:00+00:00", "2026-11"),
        ("2026-03-25T22:59:59+00:00", "2026-03"),  # winter time still: it goes forward on the 29th
        ("2026-03-25T23:00:00+00:00", "2026-04"),
        ("2026-12-25T22:59:59+00:00", "2026-12"),
        ("2026-12-25T23:00:00+00:00", "2027-01"),  # over the year
        ("2026-12-31T23:30:00+00:00", "2027-01"),
        ("2027-01-25T22:59:59+00:00", "2027-01"),
        ("2024-02-29T12:00:00+01:00", "2024-03"),
    ],
)
def test_the_moment_of_receipt_decides_the_ronde(ontvangen: str, ronde: str) -> None:
    assert ronde_van_ontvangst(day_of(datetime.fromisoformat(ontvangen))).naam == ronde


@pytest.mark.parametrize(
    ("bestanden", "telt", "vervangt", "vervangt_niet"),
    [
        # Files in order of arrival; which counts; what the verslag of the last says.
        ("goed", "goed", [], []),
        ("goed anders", "anders", ["goed"], []),
        ("goed anders derde", "derde", ["goed", "anders"], []),
        ("slecht", "slecht", [], []),
        ("slecht goed", "goed", [], []),  # one that could not be used is not replaced
        ("goed slecht", "goed", [], ["goed"]),
        ("goed anders slecht", "anders", [], ["goed", "anders"]),
        ("goed slecht anders", "anders", ["goed"], []),
    ],
)
def test_the_last_usable_delivery_counts_and_the_verslag_says_what_it_replaces(
    opslag: Opslag, bestanden: str, telt: str, vervangt: list[str], vervangt_niet: list[str]
) -> None:
    organisatie = schrijf_in(opslag, ALFA)
    soorten = {"goed": GOED, "anders": ANDERS, "derde": DERDE, "slecht": SLECHT}
    for dag, naam in enumerate(bestanden.split()):
        moment = OP_TIJD + timedelta(days=dag)
        laatste = lever_in(opslag, ALFA, soorten[naam], ontvangen=moment, naam=f"{naam}.csv")

    telling = tel(opslag, organisatie, laden.ronde("2026-10"))
    assert telling is not None
    assert telling.levering.bestandsnaam == f"{telt}.csv"
    assert laatste.samenvatting["vervangt"] == [f"{naam}.csv" for naam in vervangt]
    assert laatste.samenvatting["vervangt_niet"] == [f"{naam}.csv" for naam in vervangt_niet]


@pytest.mark.parametrize(
    ("ontvangen", "aangenomen"),
    [
        # Registered from 12 October 2026 until 1 November, which is the first day no longer; and from 1 December on.
        ("2026-10-11T23:59:59+02:00", False),  # the day before
        ("2026-10-12T00:00:00+02:00", True),  # the first day, by the calendar of Amsterdam
        ("2026-10-11T22:00:00+00:00", True),  # the same moment: in UTC it is the day before
        ("2026-10-31T23:59:59+01:00", True),  # the last day
        ("2026-10-31T23:00:00+00:00", False),  # 00:00 on 1 November
        ("2026-11-15T12:00:00+01:00", False),  # between the two
        ("2026-12-01T00:00:00+01:00", True),  # registered again
        ("2027-12-01T00:00:00+01:00", True),  # without an end
    ],
)
def test_a_delivery_needs_a_registration_on_the_day_of_receipt(
    opslag: Opslag, ontvangen: str, aangenomen: bool
) -> None:
    registreer(opslag, ALFA, ["0014"])
    for ingang, einde in ((date(2026, 10, 12), date(2026, 11, 1)), (date(2026, 12, 1), None)):
        meld_aan(opslag, ALFA, Productaanmelding(product=AANGEMELD.product, ingang=ingang, einde=einde))
    # One for the other product does not count.
    meld_aan(opslag, ALFA, Productaanmelding(product=Product.ALLEENVERDIENERS, ingang=date(2026, 1, 1)))
    moment = datetime.fromisoformat(ontvangen)
    if aangenomen:
        assert lever_in(opslag, ALFA, GOED, ontvangen=moment).levering.status is LeveringStatus.CORRECT
    else:
        with pytest.raises(
            GegevensFout, match=f"no active registration for bijzondere-bijstand on {day_of(moment)}"
        ):
            lever_in(opslag, ALFA, GOED, ontvangen=moment)
        with opslag.database.reading() as sessie:
            assert find_leveringen(sessie, ook_verwijderd=True) == []
        assert not opslag.bestanden.list("leveringen")


def test_a_delivery_of_the_previous_ronde_is_not_replaced_by_one_of_this(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    lever_in(opslag, ALFA, GOED, ontvangen=datetime.fromisoformat("2026-09-25T23:59:59+02:00"))
    later = lever_in(opslag, ALFA, ANDERS, ontvangen=datetime.fromisoformat("2026-09-26T00:00:00+02:00"))
    assert later.ronde.naam == "2026-10"
    assert later.samenvatting["vervangt"] == []


def test_of_two_at_the_same_moment_the_second_counts(opslag: Opslag) -> None:
    organisatie = schrijf_in(opslag, ALFA)
    lever_in(opslag, ALFA, GOED, naam="een.csv")
    tweede = lever_in(opslag, ALFA, ANDERS, naam="twee.csv")
    telling = tel(opslag, organisatie, tweede.ronde)
    assert telling is not None
    assert telling.levering.id == tweede.levering.id
    assert tweede.samenvatting["vervangt"] == ["een.csv"]


def test_the_summary_says_what_the_municipality_must_know(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    uitkomst = lever_in(opslag, ALFA, GOED + SLECHT + "\r\n", naam="C:\\map\\vraag.csv")
    assert uitkomst.nieuw
    assert uitkomst.samenvatting == {
        "bestandsnaam": "vraag.csv",
        "sha256": uitkomst.levering.sha256,
        "ronde": "2026-10",
        "ontvangen_op": "2026-10-12T10:00:00+00:00",
        "gemeentecodes": ["0014"],
        "vervangt": [],
        "vervangt_niet": [],
        "status": "deels incorrect",
        "rijen_gelezen": 2,
        "rijen_geaccepteerd": 1,
        "rijen_afgekeurd": 1,
        "rijen_dubbel": 0,
        "lege_regels_overgeslagen": 1,
        "tekenset": "UTF-8",
        "scheidingsteken": ";",
        "fouten_per_code": uitkomst.levering.fouten,
    }
    assert sum(uitkomst.levering.fouten.values()) == 1


def test_the_same_bytes_again_add_nothing(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    eerste = lever_in(opslag, ALFA, GOED)
    opnieuw = lever_in(opslag, ALFA, GOED, ontvangen=OP_TIJD + timedelta(days=1))
    assert not opnieuw.nieuw
    assert opnieuw.levering.id == eerste.levering.id
    assert opnieuw.samenvatting == eerste.samenvatting
    assert (
        len(opslag.bestanden.list("leveringen")) == 5
    )  # the file, its verslag twice over, and its judgement


def test_the_same_bytes_count_again_after_something_else_came_between(opslag: Opslag) -> None:
    organisatie = schrijf_in(opslag, ALFA)
    for dag, inhoud in enumerate([GOED, ANDERS, GOED]):
        laatste = lever_in(opslag, ALFA, inhoud, ontvangen=OP_TIJD + timedelta(days=dag))
    assert laatste.nieuw
    telling = tel(opslag, organisatie, laatste.ronde)
    assert telling is not None
    assert telling.levering.id == laatste.levering.id


def test_the_same_bytes_are_judged_anew_once_a_forgotten_gemeente_is_registered(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA, ["0034"])
    eerste = lever_in(opslag, ALFA, GOED)
    assert eerste.levering.status is LeveringStatus.AFGEKEURD
    schrijf_in(opslag, ALFA, ["0014", "0034"])
    opnieuw = lever_in(opslag, ALFA, GOED, ontvangen=OP_TIJD + timedelta(days=1))
    assert opnieuw.nieuw
    assert opnieuw.levering.id == eerste.levering.id
    assert opnieuw.levering.status is LeveringStatus.CORRECT
    assert opnieuw.samenvatting["gemeentecodes"] == ["0014", "0034"]
    assert opnieuw.samenvatting["vervangt"] == []


def test_what_was_accepted_stays_so_when_the_organisation_serves_other_gemeenten_later(
    opslag: Opslag,
) -> None:
    schrijf_in(opslag, ALFA)
    ingeleverd = lever_in(opslag, ALFA, GOED)
    later = schrijf_in(opslag, ALFA, ["0034"])
    levering = actualiseer(opslag, ingeleverd.levering, later, ingeleverd.ronde)
    assert lees_aanvragen(opslag, levering)["bsn"].tolist() == [999900018]


def test_a_delivery_whose_judgement_was_cut_short_is_judged_when_it_comes_again(opslag: Opslag) -> None:
    organisatie = schrijf_in(opslag, ALFA)
    hoort_bijeen(opslag)
    kaal = register_levering(
        opslag.database,
        opslag.bestanden,
        inhoud=GOED.encode(),
        bestandsnaam="vraag.csv",
        nu=OP_TIJD,
        organisatie=organisatie,
        ronde="2026-10",
    ).levering
    assert kaal.status is None
    opnieuw = lever_in(opslag, ALFA, GOED, ontvangen=OP_TIJD + timedelta(minutes=5))
    assert opnieuw.levering.id == kaal.id
    assert opnieuw.levering.status is LeveringStatus.CORRECT


@pytest.mark.parametrize("inhoud", [b"", b"\x00\x01binair", b"PK\x03\x04werkblad", b"a;b;c\r\n"])
def test_a_file_that_is_no_vraagbestand_is_kept_and_afgekeurd(opslag: Opslag, inhoud: bytes) -> None:
    schrijf_in(opslag, ALFA)
    uitkomst = lever_in(opslag, ALFA, inhoud)
    assert uitkomst.levering.status is LeveringStatus.AFGEKEURD
    assert opslag.bestanden.read(uitkomst.levering.sleutel) == inhoud
    assert len(opslag.bestanden.read(uitkomst.levering.sleutel_verslag).splitlines()) == 2


def test_the_summary_holds_no_personal_data(opslag: Opslag) -> None:
    schrijf_in(opslag, ALFA)
    rij = "0014;N;;999900018;Kanariepiet;19800317;3;;;\r\n0014;N;;123456789;Goudvink;19810418;3;;;\r\n"
    uitkomst = lever_in(opslag, ALFA, rij)
    tekst = str(lees_samenvatting(opslag, uitkomst.levering))
    for geheim in ("999900018", "123456789", "Kanariepiet", "Goudvink", "19800317", "19810418"):
        assert geheim not in tekst


def test_an_unknown_organisation_leaves_nothing_behind(opslag: Opslag) -> None:
    with pytest.raises(GegevensFout, match="Gemeente Nergens is not registered"):
        lever_in(opslag, "Gemeente Nergens", GOED)
    with opslag.database.reading() as sessie:
        assert find_leveringen(sessie) == []
    assert [een.key for een in opslag.bestanden.list()] == ["installatie/kenmerk.json"]
