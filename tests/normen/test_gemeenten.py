"""Which gemeenten exist when, and which one stands for another after a herindeling (besluiten B12, A2).

The cases are the herindelingen of 2019-2023 as they were published, chains included.
"""

from datetime import date

import pytest

from include.normen import gemeenten

NU = date(2026, 9, 26)


@pytest.mark.parametrize(
    ("code", "datum", "actief"),
    [
        ("0014", date(2022, 1, 1), True),  # Groningen, always
        ("0370", date(2021, 12, 31), True),  # Beemster until 2022
        ("0370", date(2022, 1, 1), False),
        ("0457", date(2022, 3, 23), True),  # Weesp joined Amsterdam on 24 March 2022
        ("0457", date(2022, 3, 24), False),
        ("1980", date(2021, 12, 31), False),  # Dijk en Waard from 2022
        ("1980", date(2022, 1, 1), True),
        ("0501", date(2022, 12, 31), True),  # Brielle until 2023
        ("0501", date(2023, 1, 1), False),
        ("1992", date(2022, 12, 26), False),  # Voorne aan Zee from 2023
        ("1992", date(2023, 1, 1), True),
        ("9999", NU, False),
    ],
)
def test_a_code_is_active_from_its_first_day_until_its_end(code, datum, actief):
    assert (code in gemeenten.actieve_gemeenten(datum)) is actief


@pytest.mark.parametrize(
    ("datum", "aantal"),
    [
        (date(2021, 12, 31), 352),
        (date(2022, 1, 1), 345),
        (date(2022, 3, 24), 344),
        (date(2023, 1, 1), 342),
        (NU, 342),
    ],
)
def test_the_number_of_gemeenten_is_the_published_one(datum, aantal):
    assert len(gemeenten.actieve_gemeenten(datum)) == aantal


@pytest.mark.parametrize(
    ("code", "datum", "opvolger"),
    [
        ("0014", NU, "0014"),
        ("0501", date(2022, 12, 31), "0501"),  # Brielle -> Voorne aan Zee
        ("0501", date(2023, 1, 1), "1992"),
        ("0530", NU, "1992"),
        ("0614", NU, "1992"),
        ("0398", NU, "1980"),  # Heerhugowaard -> Dijk en Waard
        ("0416", NU, "1980"),
        ("0756", NU, "1982"),  # Boxmeer -> Land van Cuijk
        ("0856", NU, "1991"),  # Uden -> Maashorst
        ("0370", NU, "0439"),  # Beemster -> Purmerend
        ("0457", NU, "0363"),  # Weesp -> Amsterdam
        ("0004", NU, "1966"),  # Baflo -> Winsum (1990) -> Het Hogeland (2019)
        ("0004", date(2018, 12, 31), "0053"),
        ("0006", NU, "1895"),  # Beerta -> 1661 Reiderland (1991) -> Oldambt (2010)
        ("0927", NU, "1954"),  # Jabeek -> Schinveld -> Onderbanken (both 1982) -> Beekdaelen (2019)
        ("1992", date(2022, 12, 31), None),  # does not exist yet
        ("9999", NU, None),
        ("14", NU, None),
    ],
)
def test_an_ended_code_is_followed_to_the_one_that_stands_for_it(code, datum, opvolger):
    assert gemeenten.opvolgers(datum).get(code) == opvolger


def test_names_stay_known_after_the_end():
    assert gemeenten.gemeentenaam("0457") == "Weesp"
    assert gemeenten.gemeentenaam("1992") == "Voorne aan Zee"
    assert gemeenten.gemeentenaam("0051") == "Skarsterlân"
    assert gemeenten.gemeentenaam("9999") is None


def test_a_code_that_ended_without_successor_stands_for_nothing(tmp_path):
    bestand = tmp_path / "gemeenten.csv"
    bestand.write_text(
        "gemeentecode;naam;ingang;einde;nieuwe_code\n0001;Adorp;;2020-01-01;0002\n0002;Aduard;;2022-01-01;\n"
    )

    tabel = gemeenten.lees_gemeenten(bestand)
    assert gemeenten.zoek_opvolgers(tabel, date(2021, 12, 31)) == {"0001": "0002", "0002": "0002"}
    assert gemeenten.zoek_opvolgers(tabel, date(2022, 1, 1)) == {}


@pytest.mark.parametrize("datum", [date(2019, 1, 1), date(2022, 1, 26), NU])
def test_whoever_stands_for_a_code_is_active_and_stands_for_itself(datum):
    opvolgers, actief = gemeenten.opvolgers(datum), gemeenten.actieve_gemeenten(datum)

    assert set(opvolgers.values()) == actief
    assert all(opvolgers[code] == code for code in actief)


def test_the_tables_cannot_be_changed():
    with pytest.raises(TypeError):
        gemeenten.opvolgers(NU)["0014"] = "0034"
    assert isinstance(gemeenten.actieve_gemeenten(NU), frozenset)
