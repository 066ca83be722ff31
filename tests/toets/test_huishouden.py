"""Leefvorm, zekerheid and belemmering huishouden (besluiten B22-B27), on 26 September 2026.

18 is who was born up to and including 2008-09-26. Anna asks; a case lists who is registered at her address.
"""

from dataclasses import replace

import pytest

from tests.toets.bouw import ANNA, BRAM, CARLA, DIRK, ELS, Omgeving, Persoon, Vraag, huishouden, leid_af

A = Persoon(ANNA)
GEHUWD, OUDER, ALLEEN, ONBEKEND = "Gehuwd/samenwonend", "Alleenstaande ouder", "Alleenstaand", "Onbekend"
ONZEKER = "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen."
ADRES = "Adressituatie kan niet worden vastgesteld: "


def wonend(bsn, **feiten):
    return Persoon(bsn, **feiten)


LEEFVORMEN = {
    # rule 1: an undissolved marriage or partnership with a resident
    "gehuwd met een bewoner": ([replace(A, gehuwd_met=(BRAM,)), wonend(BRAM)], 1, GEHUWD, "Hoog", BRAM),
    "gehuwd, en een huisgenoot": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM), wonend(CARLA)],
        1, GEHUWD, "Hoog", BRAM,
    ),
    "twee huwelijken met bewoners: het eerste": (
        [replace(A, gehuwd_met=(CARLA, BRAM)), wonend(BRAM), wonend(CARLA)],
        1, GEHUWD, "Hoog", CARLA,
    ),
    "twee huwelijken, het tweede met een bewoner": (
        [replace(A, gehuwd_met=(CARLA, BRAM)), wonend(BRAM)],
        1, GEHUWD, "Hoog", BRAM,
    ),
    "gehuwd met een minderjarige bewoner": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, geboren="2009-01-01")],
        1, GEHUWD, "Hoog", BRAM,
    ),
    "gehuwd met een bewoner die ook in kinderen staat": (
        [replace(A, gehuwd_met=(BRAM,), kinderen=(BRAM,)), wonend(BRAM)],
        1, GEHUWD, "Hoog", BRAM,
    ),
    # rule 2: married, but with nobody at home
    "gehuwd, partner woont elders": ([replace(A, gehuwd_met=(BRAM,))], 2, ONBEKEND, "Laag", 0),
    "gehuwd, partner zonder BSN": ([replace(A, gehuwd_met=(0,))], 2, ONBEKEND, "Laag", 0),
    "gehuwd met iemand zonder BSN, huisgenoot zonder BSN": (
        [replace(A, gehuwd_met=(0,)), wonend(0)],
        2, ONBEKEND, "Laag", 0,
    ),
    "gehuwd, partner heeft hier een briefadres": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, functieadres="B")],
        2, ONBEKEND, "Laag", 0,
    ),
    "gehuwd, partner is opgeschort": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, opgeschort=True)],
        2, ONBEKEND, "Laag", 0,
    ),
    "gehuwd met zichzelf is met niemand": ([replace(A, gehuwd_met=(ANNA,))], 2, ONBEKEND, "Laag", 0),
    "ontbonden huwelijk telt niet": (
        [replace(A, gescheiden_van=(BRAM,)), wonend(BRAM)],
        4, GEHUWD, "Middel", 0,
    ),
    "ontbonden en daarna opnieuw gehuwd": (
        [replace(A, gescheiden_van=(BRAM,), gehuwd_met=(BRAM,)), wonend(BRAM)],
        1, GEHUWD, "Hoog", BRAM,
    ),
    "gehuwd met zichzelf en met een bewoner": (
        [replace(A, gehuwd_met=(ANNA, BRAM)), wonend(BRAM)],
        1, GEHUWD, "Hoog", BRAM,
    ),
    "gehuwd met zichzelf, met een kind gemeen met een ander": (
        [replace(A, gehuwd_met=(ANNA,), kinderen=(CARLA,)), wonend(BRAM, kinderen=(CARLA,))],
        2, ONBEKEND, "Laag", 0,
    ),
    "twee zonder BSN zijn twee personen": ([A, wonend(0), wonend(0)], 5, ONBEKEND, "Laag", 0),
    "het huwelijk staat alleen bij de ander": ([A, wonend(BRAM, gehuwd_met=(ANNA,))], 4, GEHUWD, "Middel", 0),
    # rule 3: one other, with a child in common
    "kind gemeen dat meewoont": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM, kinderen=(CARLA,)), wonend(CARLA, geboren="2015-05-05")],
        3, GEHUWD, "Hoog", BRAM,
    ),
    "kind gemeen dat elders woont": (
        [replace(A, kinderen=(DIRK, CARLA)), wonend(BRAM, kinderen=(CARLA,))],
        3, GEHUWD, "Hoog", BRAM,
    ),
    "ieder een eigen kind": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM, kinderen=(DIRK,))],
        4, GEHUWD, "Middel", 0,
    ),
    "kind gemeen met een van twee anderen": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM, kinderen=(CARLA,)), wonend(ELS)],
        5, ONBEKEND, "Laag", 0,
    ),
    "kind gemeen met een minderjarige": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM, kinderen=(CARLA,), geboren="2008-09-27")],
        7, ALLEEN, "Hoog", 0,
    ),
    "kind gemeen met een eigen kind is geen kind gemeen met een ander": (
        [replace(A, kinderen=(BRAM, CARLA)), wonend(BRAM, kinderen=(CARLA,))],
        6, OUDER, "Hoog", 0,
    ),
    # rules 4 and 5
    "een ander, net 18": ([A, wonend(BRAM, geboren="2008-09-26")], 4, GEHUWD, "Middel", 0),
    "een ander, een dag te jong": ([A, wonend(BRAM, geboren="2008-09-27")], 7, ALLEEN, "Hoog", 0),
    "een ander zonder BSN": ([A, wonend(0)], 4, GEHUWD, "Middel", 0),
    "twee anderen": ([A, wonend(BRAM), wonend(CARLA)], 5, ONBEKEND, "Laag", 0),
    "een ander en een briefadres": ([A, wonend(BRAM), wonend(CARLA, functieadres="B")], 4, GEHUWD, "Middel", 0),
    "een ander, een ouder en een volwassen kind": (
        [replace(A, ouders=(CARLA,), kinderen=(DIRK,)), wonend(BRAM), wonend(CARLA), wonend(DIRK)],
        4, GEHUWD, "Middel", 0,
    ),
    "een broer telt als ander": (
        [replace(A, ouders=(CARLA,)), wonend(BRAM, ouders=(CARLA,))],
        4, GEHUWD, "Middel", 0,
    ),
    "wie alleen zelf zegt ouder te zijn telt als ander": ([A, wonend(BRAM, kinderen=(ANNA,))], 4, GEHUWD, "Middel", 0),
    # rules 6 and 7
    "minderjarig kind": ([replace(A, kinderen=(CARLA,)), wonend(CARLA, geboren="2015-05-05")], 6, OUDER, "Hoog", 0),
    "volwassen kind": ([replace(A, kinderen=(CARLA,)), wonend(CARLA, geboren="1999-05-05")], 6, OUDER, "Hoog", 0),
    "kind en ouder": (
        [replace(A, kinderen=(CARLA,), ouders=(DIRK,)), wonend(CARLA), wonend(DIRK)],
        6, OUDER, "Hoog", 0,
    ),
    "kind dat elders woont": ([replace(A, kinderen=(CARLA,))], 7, ALLEEN, "Hoog", 0),
    "kind op een briefadres": (
        [replace(A, kinderen=(CARLA,)), wonend(CARLA, functieadres="B")],
        7, ALLEEN, "Hoog", 0,
    ),
    "bij de ouders": ([replace(A, ouders=(BRAM, CARLA)), wonend(BRAM), wonend(CARLA)], 7, ALLEEN, "Hoog", 0),
    "alleen": ([A], 7, ALLEEN, "Hoog", 0),
}  # fmt: skip


@pytest.mark.parametrize(
    ("adres", "regel", "leefvorm", "zekerheid", "partner"), LEEFVORMEN.values(), ids=LEEFVORMEN
)
def test_leefvorm(adres, regel, leefvorm, zekerheid, partner):
    uit = huishouden(Vraag(adres=tuple(adres)))
    assert (uit["leefvorm_regel"], uit["leefvorm"], uit["zekerheid"]) == (regel, leefvorm, zekerheid)
    assert uit["partner_bsn"] == partner
    assert uit["huishouden"] == ("N" if zekerheid == "Hoog" else "J")
    assert uit["huishouden_reden"] == ("" if zekerheid == "Hoog" else ONZEKER)


@pytest.mark.parametrize(
    ("adres", "regel", "leefvorm", "zekerheid", "partner"), LEEFVORMEN.values(), ids=LEEFVORMEN
)
def test_the_order_of_the_persons_decides_nothing(adres, regel, leefvorm, zekerheid, partner):
    uit = huishouden(Vraag(adres=tuple(reversed(adres))))
    assert (uit["leefvorm_regel"], uit["leefvorm"], uit["zekerheid"]) == (regel, leefvorm, zekerheid)
    assert uit["partner_bsn"] == partner


TWIJFEL = {
    "adres in onderzoek": ([replace(A, in_onderzoek=True)], 7, "Middel"),
    "adres van een huisgenoot in onderzoek": ([A, wonend(BRAM, geboren="2015-01-01", in_onderzoek=True)], 7, "Hoog"),
    "geboortedag van de aanvrager onbekend": ([replace(A, geboren="1980-03")], 7, "Middel"),
    "geboortedatum van de aanvrager onbekend": ([replace(A, geboren="")], 7, "Middel"),
    "huisgenoot misschien 18": ([A, wonend(BRAM, geboren="2008")], 7, "Middel"),
    "huisgenoot wordt dit jaar zeker geen 18": ([A, wonend(BRAM, geboren="2009")], 7, "Hoog"),
    "huisgenoot zeker 18": ([A, wonend(BRAM, geboren="2007")], 4, "Middel"),
    "kind misschien 18": ([replace(A, kinderen=(BRAM,)), wonend(BRAM, geboren="2008-09")], 6, "Middel"),
    "briefadres misschien 18": ([A, wonend(BRAM, geboren="2008", functieadres="B")], 7, "Hoog"),
    "gehuwd, partner misschien 18": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, geboren="")],
        1, "Middel",
    ),
    "gehuwd, partner zeker 18": ([replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, geboren="1980")], 1, "Hoog"),
    "laag blijft laag": ([replace(A, gehuwd_met=(BRAM,), in_onderzoek=True)], 2, "Laag"),
}  # fmt: skip


TWEE_KEER = {
    "een ander die twee keer op het adres staat": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM, kinderen=(CARLA,)), wonend(BRAM)],
        3, GEHUWD, "Hoog", BRAM,
    ),
    "een ander die twee keer op het adres staat, eerst zonder het kind": (
        [replace(A, kinderen=(CARLA,)), wonend(BRAM), wonend(BRAM, kinderen=(CARLA,))],
        4, GEHUWD, "Middel", 0,
    ),
    "de aanvrager staat twee keer op het adres, eerst ongehuwd": (
        [A, wonend(BRAM), replace(A, gehuwd_met=(BRAM,))],
        4, GEHUWD, "Middel", 0,
    ),
    "wie eerst met een briefadres staat is geen bewoner": (
        [A, wonend(BRAM, functieadres="B"), wonend(BRAM)],
        7, ALLEEN, "Hoog", 0,
    ),
}  # fmt: skip
"""Somebody who is listed twice is one person, as the first record says (so here the order does decide)."""


@pytest.mark.parametrize(
    ("adres", "regel", "leefvorm", "zekerheid", "partner"), TWEE_KEER.values(), ids=TWEE_KEER
)
def test_who_is_listed_twice_is_one_person(adres, regel, leefvorm, zekerheid, partner):
    uit = huishouden(Vraag(adres=tuple(adres)))
    assert (uit["leefvorm_regel"], uit["leefvorm"], uit["zekerheid"]) == (regel, leefvorm, zekerheid)
    assert uit["partner_bsn"] == partner


@pytest.mark.parametrize(("adres", "regel", "zekerheid"), TWIJFEL.values(), ids=TWIJFEL)
def test_doubt_makes_hoog_middel(adres, regel, zekerheid):
    uit = huishouden(Vraag(adres=tuple(adres)))
    assert (uit["leefvorm_regel"], uit["zekerheid"]) == (regel, zekerheid)
    if zekerheid != "Hoog":
        assert (uit["partner_bsn"], uit["partner_naam"], uit["partner_geboortedatum"]) == (0, "", "")


def bewoners(aantal):
    """Anna with so many residents in all, each other one a minor."""
    anderen = (999_999_999 - nummer for nummer in range(aantal - 1))
    return [A, *(wonend(bsn, geboren="2015-01-01") for bsn in anderen)]


MINDERJARIG = replace(A, geboren="2008-09-27")
REDENEN = {
    "niets gevonden": (Vraag(letter="G"), ADRES + "Geen gegevens gevonden"),
    "te veel gevonden": (Vraag(letter="P"), ADRES + "Te veel zoekresultaten"),
    "afgebroken": (Vraag(letter="T"), ADRES + "Zoekproces afgebroken"),
    "niet verstrekt": (Vraag(letter="Z"), ADRES + "Geen PL-en die aan de verstrekkingscondities voldoen"),
    "niemand": (Vraag(adres=()), "Geen gegevens BRP"),
    "aanvrager niet bij de personen": (Vraag(adres=(wonend(BRAM),)), "Geen gegevens BRP"),
    "opgeschort gaat voor jong": (Vraag(adres=(replace(MINDERJARIG, opgeschort=True),)), "Geen gegevens BRP"),
    "een dag te jong": (Vraag(adres=(MINDERJARIG,)), "Aanvrager jonger dan 18 jaar"),
    "jong gaat voor briefadres": (
        Vraag(adres=(replace(MINDERJARIG, functieadres="B"),)),
        "Aanvrager jonger dan 18 jaar",
    ),
    "zeker te jong, dag onbekend": (
        Vraag(adres=(replace(A, geboren="2008-10"),)),
        "Aanvrager jonger dan 18 jaar",
    ),
    "misschien te jong": (Vraag(adres=(replace(A, geboren="2008"),)), ONZEKER),
    "briefadres": (Vraag(adres=(replace(A, functieadres="B"),)), "Aanvrager voert geen woonadres"),
    "geen adres": (Vraag(adres=(replace(A, functieadres=""),)), "Aanvrager voert geen woonadres"),
    "briefadres gaat voor te veel": (
        Vraag(adres=(replace(A, functieadres="B"), *bewoners(33)[1:])),
        "Aanvrager voert geen woonadres",
    ),
    "31 bewoners": (
        Vraag(adres=tuple(bewoners(31))),
        ADRES + "Resultaat te groot, te veel personen op 1 adres",
    ),
    "30 bewoners": (Vraag(adres=tuple(bewoners(30))), ""),
    "30 bewoners en een briefadres": (Vraag(adres=(*bewoners(30), wonend(BRAM, functieadres="B"))), ""),
    "net 18": (Vraag(adres=(replace(A, geboren="2008-09-26"),)), ""),
}


@pytest.mark.parametrize(("vraag", "reden"), REDENEN.values(), ids=REDENEN)
def test_belemmering_huishouden(vraag, reden):
    uit = huishouden(vraag)
    assert uit["huishouden_reden"] == reden
    assert uit["huishouden"] == ("J" if reden else "N")
    if reden and reden != ONZEKER:
        assert (uit["leefvorm"], uit["zekerheid"], uit["leefvorm_regel"]) == (ONBEKEND, "Geen", 0)
        assert not uit["telling"]


def test_a_result_we_do_not_know_is_not_taken_for_found():
    with pytest.raises(ValueError, match="non-finite"):
        huishouden(Vraag(letter="X"))


@pytest.mark.parametrize(
    ("vraag", "bekend", "naam", "geboren"),
    [
        (Vraag(letter="G"), False, "", ""),
        (Vraag(adres=(wonend(BRAM),)), False, "", ""),
        (Vraag(adres=(replace(A, opgeschort=True),)), True, "Meer", "1980-03-17"),
        (Vraag(adres=(replace(A, geboren="1980"),)), True, "Meer", "1980"),
        (Vraag(adres=(replace(A, voorvoegsel="van der"),)), True, "van der Meer", "1980-03-17"),
        (Vraag(adres=(replace(A, geslachtsnaam=""),)), True, "", "1980-03-17"),
        (Vraag(adres=(replace(A, geslachtsnaam="."),)), True, "", "1980-03-17"),
        (Vraag(adres=(replace(A, voorvoegsel="van der", geslachtsnaam="."),)), True, "", "1980-03-17"),
        (Vraag(adres=(replace(A, geslachtsnaam="St. Jago"),)), True, "St. Jago", "1980-03-17"),
    ],
)
def test_name_and_birth_date_stay_empty_only_without_a_record(vraag, bekend, naam, geboren):
    uit = huishouden(vraag)
    assert (uit["persoon_bekend"], uit["naam"], uit["geboortedatum"]) == (bekend, naam, geboren)


def test_a_partner_whose_name_is_unknown_keeps_number_and_birth_date():
    uit = huishouden(Vraag(adres=(replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, geslachtsnaam="."))))
    assert (uit["partner_bsn"], uit["partner_naam"], uit["partner_geboortedatum"]) == (BRAM, "", "1980-03-17")


def test_the_partner_columns_hold_the_resident_as_the_brp_knows_them():
    anna = replace(A, gehuwd_met=(BRAM,))
    bram = wonend(BRAM, geboren="1979-11", voorvoegsel="de", geslachtsnaam="Boer")
    uit = huishouden(Vraag(adres=(anna, bram)))
    assert (uit["partner_bsn"], uit["partner_naam"], uit["partner_geboortedatum"]) == (
        BRAM,
        "de Boer",
        "1979-11",
    )


TELLINGEN = {
    "alleen": ([A], 1, 1, False),
    "gehuwd": ([replace(A, gehuwd_met=(BRAM,)), wonend(BRAM)], 2, 2, False),
    "gehuwd met een volwassen kind": (
        [replace(A, gehuwd_met=(BRAM,), kinderen=(CARLA,)), wonend(BRAM), wonend(CARLA)],
        3, 3, True,
    ),
    "gehuwd met een minderjarige partner": (
        [replace(A, gehuwd_met=(BRAM,)), wonend(BRAM, geboren="2009-01-01")],
        2, 1, False,
    ),
    "gehuwd met een minderjarige partner en een volwassen kind": (
        [replace(A, gehuwd_met=(BRAM,), kinderen=(CARLA,)), wonend(BRAM, geboren="2009-01-01"), wonend(CARLA)],
        3, 2, True,
    ),
    "gehuwd, maar met Middel zijn er geen partnerkolommen": (
        [replace(A, gehuwd_met=(BRAM,), in_onderzoek=True), wonend(BRAM)],
        2, 2, True,
    ),
    "alleenstaande ouder van een minderjarige": (
        [replace(A, kinderen=(CARLA,)), wonend(CARLA, geboren="2015-01-01")],
        2, 1, False,
    ),
    "ouder van wie het kind misschien 18 is": (
        [replace(A, kinderen=(CARLA,)), wonend(CARLA, geboren="2008")],
        2, 1, False,
    ),
    "bij de ouders": ([replace(A, ouders=(BRAM,)), wonend(BRAM)], 2, 2, True),
    "een ander": ([A, wonend(BRAM)], 2, 2, True),
    "briefadressen en opgeschorten tellen niet": (
        [A, wonend(BRAM, functieadres="B"), wonend(CARLA, opgeschort=True)],
        1, 1, False,
    ),
    "wie twee keer op het adres staat telt een keer": ([A, wonend(BRAM), wonend(BRAM), A], 2, 2, True),
    # with B22 a and b there is no line, with c, d, e and f there is
    "aanvrager niet op het adres": ([wonend(BRAM), wonend(CARLA)], 2, 2, False),
    "aanvrager opgeschort": ([replace(A, opgeschort=True), wonend(BRAM)], 1, 1, False),
    "minderjarige aanvrager bij een ouder": (
        [replace(A, geboren="2010-01-01", ouders=(BRAM,)), wonend(BRAM)],
        2, 1, True,
    ),
    "minderjarige aanvrager alleen": ([replace(A, geboren="2010-01-01")], 1, 0, False),
    "minderjarige aanvrager, gehuwd met een bewoner": (
        [replace(A, geboren="2010-01-01", gehuwd_met=(BRAM,)), wonend(BRAM)],
        2, 1, True,
    ),
    "aanvrager zonder woonadres, twee bewoners": (
        [replace(A, functieadres="B"), wonend(BRAM), wonend(CARLA)],
        2, 2, True,
    ),
    "aanvrager zonder woonadres, alleen": ([replace(A, functieadres="B")], 0, 0, False),
    "31 bewoners, alle anderen minderjarig": (bewoners(31), 31, 1, False),
    "31 bewoners en een volwassene": ([*bewoners(31), wonend(BRAM)], 32, 2, True),
}  # fmt: skip


@pytest.mark.parametrize(("adres", "aantal", "meerderjarig", "telling"), TELLINGEN.values(), ids=TELLINGEN)
def test_count_line(adres, aantal, meerderjarig, telling):
    uit = huishouden(Vraag(adres=tuple(adres)))
    assert (uit["bewoners"], uit["meerderjarigen"], uit["telling"]) == (aantal, meerderjarig, telling)


@pytest.mark.parametrize(
    ("geboren", "leefvorm", "partner", "oordeel", "reden"),
    [
        ("2008-09-26", 1, BRAM, "Niet getoetst", ""),
        ("2008-09-27", 1, BRAM, "J", "Aanvrager jonger dan 18 jaar"),
        ("1980-03-17", 2, 0, "Niet getoetst", ""),
        ("1980-03-17", 3, 0, "Niet getoetst", ""),
    ],
)
def test_a_supplied_household_is_taken_as_it_is(geboren, leefvorm, partner, oordeel, reden):
    vraag = Vraag(
        leefvorm=leefvorm, geboren=geboren, partner=partner, partner_geboren="1979-01-01" if partner else ""
    )
    uit = huishouden(vraag)
    assert uit["leefvorm"] == {1: GEHUWD, 2: OUDER, 3: ALLEEN}[leefvorm]
    assert (uit["zekerheid"], uit["leefvorm_regel"]) == ("Geen", 0)
    assert (uit["huishouden"], uit["huishouden_reden"]) == (oordeel, reden)
    assert (uit["bewoners"], uit["meerderjarigen"], uit["telling"], uit["kind_onder_18"]) == (
        0,
        0,
        False,
        False,
    )
    assert (uit["naam"], uit["geboortedatum"], uit["persoon_bekend"]) == ("de Vries", geboren, True)
    assert (uit["partner_bsn"], uit["partner_naam"]) == (partner, "Bakker" if partner else "")
    assert uit["partner_geboortedatum"] == ("1979-01-01" if partner else "")


def test_rows_with_and_without_brp_keep_their_places():
    vragen = (
        Vraag(ANNA, leefvorm=3, geboren="1980-03-17"),
        Vraag(BRAM),
        Vraag(CARLA, leefvorm=2, geboren="1980-03-17"),
        Vraag(DIRK, adres=(Persoon(DIRK, gehuwd_met=(ELS,)), Persoon(ELS))),
    )
    uit = leid_af(vragen, Omgeving())[2]
    assert uit["naam"].tolist() == ["de Vries", "Meer", "de Vries", "Meer"]
    assert uit["leefvorm"].tolist() == [ALLEEN, ALLEEN, OUDER, GEHUWD]
    assert uit["zekerheid"].tolist() == ["Geen", "Hoog", "Geen", "Hoog"]
    assert uit["partner_bsn"].tolist() == [0, 0, 0, ELS]


def test_the_same_person_can_live_at_two_addresses_asked_for():
    anna, bram = Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, gehuwd_met=(ANNA,))
    uit = leid_af((Vraag(ANNA, (anna, bram)), Vraag(BRAM, (anna, bram))), Omgeving())[2]
    assert uit["partner_bsn"].tolist() == [BRAM, ANNA]
