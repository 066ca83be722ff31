"""Which vehicles show (besluiten B41-B43, B49), on 26 September 2026: nine years old is 2017-09-26."""

from dataclasses import replace

import pandas as pd
import pytest

from include.normen import laden
from include.schemas.instellingen import Instellingen
from include.toets.voertuigen import is_exclusief, is_motorvoertuig
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    Omgeving,
    Persoon,
    Populatie,
    Uitkering,
    Voertuig,
    Vraag,
    toets_populatie,
)

NORMEN = laden.normen_op(laden.ronde("2026-09").deelnamedatum)
GEHUWD = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))
OUD = Voertuig(ANNA, "OUD", eerste_toelating="2010-01-01")
TWEE = replace(OUD, kenteken="TWEE")
JONG = replace(OUD, kenteken="JONG", eerste_toelating="2024-01-01")
FIETS = replace(OUD, kenteken="FIETS", voertuigsoort="Bromfiets")


def getoond(vraag, *voertuigen, omgeving=None, **feiten):
    details = toets_populatie(Populatie((vraag,), voertuigen=voertuigen, **feiten), omgeving).voertuigdetails
    return details["kenteken"].tolist()


TONEN = {
    "one old car": ([OUD], []),
    "one young car": ([JONG], ["JONG"]),
    "nine years to the day": ([replace(JONG, eerste_toelating="2017-09-26")], []),
    "a day less than nine years": ([replace(JONG, eerste_toelating="2017-09-27")], ["JONG"]),
    "an old car of an exclusive brand": ([replace(OUD, merk="AUDI")], ["OUD"]),
    "two old cars": ([OUD, TWEE], ["OUD", "TWEE"]),
    "one old car and a moped": ([OUD, FIETS], []),
    "a young moped never shows": ([replace(FIETS, eerste_toelating="2025-01-01", merk="AUDI")], []),
    "two mopeds and a young car": ([FIETS, replace(FIETS, kenteken="F2"), JONG], ["JONG"]),
    "one car of each": ([OUD, replace(TWEE, bsn=BRAM)], ["OUD", "TWEE"]),
    "one car of both counts once": ([OUD, replace(OUD, bsn=BRAM)], []),
    "one young car of both shows once": ([JONG, replace(JONG, bsn=BRAM)], ["JONG"]),
    "one car twice in the answer counts once": ([OUD, OUD], []),
    "one car in two spellings counts once": (
        [replace(OUD, kenteken="XX-999-X"), replace(OUD, kenteken="xx999 x")],
        [],
    ),
    "one young car in two spellings shows as first delivered": (
        [replace(JONG, kenteken="XX999X"), replace(JONG, kenteken="XX-999-X")],
        ["XX999X"],
    ),
    "one young car of both in two spellings shows as with the aanvrager": (
        [replace(JONG, bsn=BRAM, kenteken="XX999X"), replace(JONG, kenteken="xx\u2010999\u00a0x")],
        ["xx\u2010999\u00a0x"],
    ),
    "an ended spelling does not show for the running one": (
        [
            replace(JONG, kenteken="XX999X", aansprakelijk_tot_en_met="2025-01-01"),
            replace(JONG, kenteken="XX-999-X"),
        ],
        ["XX-999-X"],
    ),
    "two cars, one of them in two spellings": (
        [replace(OUD, kenteken="XX-999-X"), OUD, replace(OUD, kenteken="XX999X")],
        ["OUD", "XX-999-X"],
    ),
    "somebody else's car": ([OUD, replace(TWEE, bsn=CARLA)], []),
    "three cars in the order aanvrager, partner, kenteken": (
        [replace(OUD, bsn=BRAM, kenteken="A"), replace(OUD, kenteken="Z"), replace(OUD, kenteken="B")],
        ["B", "Z", "A"],
    ),
    # registered on the deelnamedatum
    "a second car since today": ([OUD, replace(TWEE, aansprakelijk_vanaf="2026-09-26")], ["OUD", "TWEE"]),
    "a second car from tomorrow": ([OUD, replace(TWEE, aansprakelijk_vanaf="2026-09-27")], []),
    "a second car up to today": (
        [OUD, replace(TWEE, aansprakelijk_tot_en_met="2026-09-26")],
        ["OUD", "TWEE"],
    ),
    "a second car up to yesterday": ([OUD, replace(TWEE, aansprakelijk_tot_en_met="2026-09-25")], []),
    "sold and bought back": (
        [
            replace(JONG, aansprakelijk_tot_en_met="2025-01-01"),
            replace(JONG, aansprakelijk_vanaf="2026-01-01"),
        ],
        ["JONG"],
    ),
    "sold by the aanvrager to the partner": (
        [replace(JONG, aansprakelijk_tot_en_met="2025-01-01"), replace(JONG, bsn=BRAM)],
        ["JONG"],
    ),
}


@pytest.mark.parametrize(("voertuigen", "kentekens"), TONEN.values(), ids=TONEN)
def test_vehicles_of_a_couple(voertuigen, kentekens):
    assert getoond(GEHUWD, *voertuigen) == kentekens


def test_a_car_of_both_shows_on_the_aanvrager():
    details = toets_populatie(
        Populatie((GEHUWD,), voertuigen=(replace(JONG, bsn=BRAM), JONG))
    ).voertuigdetails
    assert details["bsn"].tolist() == [ANNA]


def test_households_do_not_mix():
    populatie = Populatie((Vraag(ANNA), Vraag(BRAM)), voertuigen=(OUD, replace(TWEE, bsn=BRAM)))
    assert toets_populatie(populatie).voertuigdetails.empty


def test_each_household_has_its_own_lines_in_report_order():
    populatie = Populatie(
        (Vraag(ANNA), Vraag(BRAM), Vraag(CARLA)),
        voertuigen=(replace(JONG, bsn=CARLA), OUD, replace(JONG, bsn=ANNA, kenteken="JA")),
    )
    details = toets_populatie(populatie).voertuigdetails
    assert details[["aanvraag", "kenteken"]].to_numpy().tolist() == [[0, "JA"], [0, "OUD"], [2, "JONG"]]


def test_without_the_setting_nothing_shows():
    assert getoond(Vraag(), JONG, omgeving=Omgeving(instellingen=Instellingen(True, False, 120))) == []


def test_a_belemmering_huishouden_shows_nothing():
    assert getoond(Vraag(letter="G"), JONG) == []


def test_a_belemmering_huishouden_shows_nothing_that_was_fetched_for_another():
    # Bram's car is asked about for Anna, his wife; in his own row, with Carla at home, the huishouden is J (B41).
    onzeker = Vraag(BRAM, (Persoon(BRAM), Persoon(CARLA)))
    populatie = Populatie((GEHUWD, onzeker), voertuigen=(replace(JONG, bsn=BRAM),))
    details = toets_populatie(populatie).voertuigdetails
    assert details[["aanvraag", "kenteken"]].to_numpy().tolist() == [[0, "JONG"]]


def test_running_bijstand_does_not_hide_them():
    assert getoond(Vraag(), JONG, uitkeringen=(Uitkering(),)) == ["JONG"]


@pytest.mark.parametrize(
    ("soort", "motorvoertuig"),
    [
        ("Personenauto", True),
        ("Bestelauto", True),
        ("Motorfiets", True),
        ("Driewielig motorrijtuig", True),
        ("Land- of bosbouwtrekker", True),
        ("", True),
        ("Bromfiets", False),
        ("bromfiets", False),
        ("BROMFIETS", False),
        ("Snorfiets", False),
        ("Scootmobiel", False),
        ("Gehandicaptenvoertuig", False),
        ("Aanhangwagen", False),
        ("Oplegger", False),
        ("Middenasaanhangwagen", False),
        ("Autonome aanhangwagen", False),
        ("LAND- OF BOSB AANHW OF GETR UITR STUK", False),
    ],
)
def test_motorvoertuig(soort, motorvoertuig):
    assert is_motorvoertuig(pd.Series([soort]), NORMEN).tolist() == [motorvoertuig]


MERKEN = {
    # merk
    ("AUDI", "A4"): True,
    ("audi", "A4"): True,
    ("MERCEDES-BENZ", "E 200"): True,
    ("MERCEDES BENZ", "E 200"): True,
    ("MERCEDESBENZ", "E 200"): True,
    ("Mercedes\u2011Benz", "E 200"): True,
    ("MERCEDES", "E 200"): False,
    ("MERCEDES-AMG", "GT"): True,
    ("MERCEDES-MAYBACH", "S"): True,
    ("BMW I", "I3"): True,
    ("BMWI", "I3"): True,
    ("BMW", "318"): True,
    ("BMW ALPINA", "B3"): False,
    ("ROLLS-ROYCE", "GHOST"): True,
    ("ROLLSROYCE", "GHOST"): True,
    ("LÖTUS", "ELISE"): True,
    ("VOLKSWAGEN", "GOLF"): False,
    ("", ""): False,
    ("AUDI QUATTRO", "X"): False,
    # handelsbenaming
    ("LAND ROVER", "DEFENDER"): True,
    ("ONBEKEND", "RANGE ROVER"): True,
    ("ONBEKEND", "Range Rover Sport"): True,
    ("ONBEKEND", "RANGE-ROVER EVOQUE"): True,
    ("ONBEKEND", "RANGEROVER"): True,
    ("ONBEKEND", "RANGE"): False,
    ("ONBEKEND", "SUPER RANGE ROVER"): False,
    ("CHEVROLET", "CORVETTE"): True,
    ("CHEVROLET", "CORVETTE C7"): True,
    ("CHEVROLET", "CORVETTES"): False,
    ("ONBEKEND", "AUDITORIUM"): False,
    ("ONBEKEND", "AUDI-TT"): True,
    ("ONBEKEND", "AUDI_TT"): True,
    ("ONBEKEND", "A4 AUDI"): False,
    ("ONBEKEND", "ÁUDI 80"): True,
    ("ONBEKEND", "BMW I3"): True,
    ("ONBEKEND", "MERCEDES-AMG GT"): False,
    ("ONBEKEND", "MERCEDES BENZ 190"): True,
}


@pytest.mark.parametrize(("auto", "exclusief"), MERKEN.items(), ids=[" ".join(auto) for auto in MERKEN])
def test_exclusive_brands(auto, exclusief):
    voertuigen = pd.DataFrame([auto], columns=["merk", "handelsbenaming"])
    assert is_exclusief(voertuigen, NORMEN).tolist() == [exclusief]


def test_every_brand_of_the_manual_is_exclusive_by_its_own_name_and_at_the_head_of_a_model():
    merken = pd.Series(NORMEN.exclusieve_merken)
    leeg = pd.Series([""] * len(merken))
    assert is_exclusief(pd.DataFrame({"merk": merken, "handelsbenaming": leeg}), NORMEN).all()
    assert is_exclusief(
        pd.DataFrame({"merk": leeg, "handelsbenaming": merken.str.upper() + " GT"}), NORMEN
    ).all()
