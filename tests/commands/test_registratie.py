"""``organisatie``, ``productbeheerder``, ``instellingen``, ``aanmelding``: who takes part, and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.schemas.domein import Product
from include.steps.verwerking import Opslag
from include.storage.organisaties import (
    find_aanmeldingen,
    find_organisatie,
    find_productbeheerders,
    instellingen_at,
)
from tests.commands.hulp import eis_een_regel
from tests.dags.wereld import ALFA

ADRES = "een@alfa.test"


@pytest.fixture
def alfa(bidn: Callable[..., Any]) -> str:
    bidn("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,34")
    return ALFA


def _stand() -> dict[str, Any]:
    """What is registered of Alfa."""
    opslag = Opslag()
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, ALFA)
        geldend = instellingen_at(sessie, wie, opslag.klok())
        return {
            "gemeentecodes": wie.gemeentecodes,
            "instellingen": (geldend.versie, geldend.vermogen, geldend.voertuigen, geldend.percentage),
            "productbeheerders": [
                (b.naam, b.email, b.product, b.notificaties) for b in find_productbeheerders(sessie, wie)
            ],
            "aanmeldingen": [(a.product, a.begin, a.einde) for a in find_aanmeldingen(sessie, wie)],
        }


def test_an_organisation_in_an_installation_where_nothing_was_ever_done(bidn: Callable[..., Any]) -> None:
    resultaat = bidn("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,34")
    assert (resultaat.exit_code, resultaat.stdout) == (0, f"{ALFA} is geregistreerd voor 0014, 0034.\n")
    assert _stand() == {
        "gemeentecodes": ("0014", "0034"),
        "instellingen": (0, False, False, 120),
        "productbeheerders": [],
        "aanmeldingen": [],
    }


def test_again_changes_the_gemeenten(bidn: Callable[..., Any], alfa: str) -> None:
    bidn("organisatie", "registreer", "--naam", alfa, "--gemeentecodes", "0193")
    assert _stand()["gemeentecodes"] == ("0193",)


def test_the_list(bidn: Callable[..., Any], alfa: str) -> None:
    bidn(
        "aanmelding",
        "registreer",
        "--organisatie",
        alfa,
        "--product",
        "alleenverdieners",
        "--ingang",
        "2026-03-01",
    )
    bidn("instellingen", "zet", "--organisatie", alfa, "--vermogen", "--percentage", "110")
    [regel] = [r for r in bidn("organisatie", "lijst").stdout.splitlines() if ALFA in r]
    cellen = [cel.strip() for cel in regel.split("│")[1:-1]]
    assert cellen == [ALFA, "0014, 0034", "ja", "nee", "110", "alleenverdieners vanaf 2026-03-01"]


def test_productbeheerders(bidn: Callable[..., Any], alfa: str) -> None:
    wie = ("--organisatie", alfa, "--email", ADRES)
    assert bidn("productbeheerder", "registreer", *wie, "--naam", "Eén").exit_code == 0
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, True)]
    resultaat = bidn("productbeheerder", "notificaties", *wie, "--uit")
    assert resultaat.stdout == "Notificaties voor bijzondere-bijstand staan uit.\n"
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, False)]
    # A name is mended; that they want no mail is theirs, until somebody says otherwise.
    bidn("productbeheerder", "registreer", *wie, "--naam", "Een")
    assert _stand()["productbeheerders"] == [("Een", ADRES, Product.BIJZONDERE_BIJSTAND, False)]
    bidn("productbeheerder", "registreer", *wie, "--naam", "Eén", "--notificaties")
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, True)]
    bidn("productbeheerder", "registreer", *wie, "--naam", "Twee", "--product", "alleenverdieners")
    assert {(naam, product) for naam, _, product, _ in _stand()["productbeheerders"]} == {
        ("Eén", Product.BIJZONDERE_BIJSTAND),
        ("Twee", Product.ALLEENVERDIENERS),
    }


def test_settings_are_kept_by_version(bidn: Callable[..., Any], alfa: str) -> None:
    zet = ("instellingen", "zet", "--organisatie", alfa)
    resultaat = bidn(*zet, "--vermogen", "--percentage", "110")
    assert resultaat.stdout == f"{ALFA}, versie 1: vermogen ja, voertuigen nee, percentage 110.\n"
    assert "versie 2: vermogen ja, voertuigen ja, percentage 110." in bidn(*zet, "--voertuigen").stdout
    assert "versie 2: " in bidn(*zet, "--voertuigen").stdout  # nothing changes: no new version
    assert "versie 3: vermogen nee, voertuigen ja" in bidn(*zet, "--geen-vermogen").stdout
    assert _stand()["instellingen"] == (3, False, True, 110)


def test_registrations_for_a_product(bidn: Callable[..., Any], alfa: str) -> None:
    meld = ("aanmelding", "registreer", "--organisatie", alfa, "--product", "alleenverdieners")
    bidn(*meld, "--ingang", "2026-03-01")
    bidn(*meld, "--ingang", "2026-03-01", "--einde", "2027-03-01")
    assert _stand()["aanmeldingen"] == [(Product.ALLEENVERDIENERS, date(2026, 3, 1), date(2027, 3, 1))]
    eis_een_regel(
        bidn(*meld, "--ingang", "2026-06-01"),
        f"^GegevensFout: organisation {ALFA} is already registered for alleenverdieners from 2026-03-01 until 2027",
    )
    eis_een_regel(bidn(*meld, "--ingang", "2028-06-01", "--einde", "2028-06-01"), "must end after it begins")


@pytest.mark.parametrize(
    ("argumenten", "woorden"),
    [
        (["organisatie", "registreer"], "^GegevensFout: give --naam and --gemeentecodes, or --bestand"),
        (["organisatie", "registreer", "--naam", ALFA], "give --naam and --gemeentecodes"),
        (["organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,9999"], "code 9999 on"),
        (["organisatie", "registreer", "--naam", " ", "--gemeentecodes", "0014"], "1 to 200 characters"),
        (["instellingen", "zet", "--organisatie", "Nergens"], "organisation Nergens is not registered"),
        (
            ["productbeheerder", "notificaties", "--organisatie", "Nergens", "--email", ADRES, "--aan"],
            "organisation Nergens is not registered",
        ),
        (
            ["productbeheerder", "notificaties", "--organisatie", ALFA, "--email", ADRES, "--aan"],
            "no productbeheerder",
        ),
        (
            ["productbeheerder", "registreer", "--organisatie", ALFA, "--naam", "x", "--email", "geen adres"],
            "the e-mail address given is not one",
        ),
    ],
)
def test_what_cannot_be_registered(
    bidn: Callable[..., Any], alfa: str, argumenten: list[str], woorden: str
) -> None:
    eis_een_regel(bidn(*argumenten), woorden)


def test_a_percentage_out_of_range_is_a_matter_of_usage(bidn: Callable[..., Any], alfa: str) -> None:
    assert bidn("instellingen", "zet", "--organisatie", alfa, "--percentage", "160").exit_code == 2
    assert _stand()["instellingen"][0] == 0


GOED = """
organisaties:
  - naam: Gemeente Alfa
    gemeentecodes: ["0014"]
    productbeheerders:
      - {naam: Een, email: een@alfa.test}
      - {naam: Twee, email: twee@alfa.test, notificaties: false, product: alleenverdieners}
    instellingen: {vermogen: true, normpercentage: 110}
    aanmeldingen:
      - {product: alleenverdieners, ingang: 2026-03-01}
  - naam: Regeling Beta
    gemeentecodes: ["0687", "0717"]
"""


def test_all_of_a_file_at_once_and_again(bidn: Callable[..., Any], tmp_path: Path) -> None:
    pad = tmp_path / "organisaties.yaml"
    pad.write_text(GOED)
    for _ in range(2):
        resultaat = bidn("organisatie", "registreer", "--bestand", pad)
        assert resultaat.stdout == "Gemeente Alfa is geregistreerd.\nRegeling Beta is geregistreerd.\n"
        assert _stand() == {
            "gemeentecodes": ("0014",),
            "instellingen": (1, True, False, 110),
            "productbeheerders": [
                ("Een", "een@alfa.test", Product.ALLEENVERDIENERS, True),
                ("Een", "een@alfa.test", Product.BIJZONDERE_BIJSTAND, True),
                ("Twee", "twee@alfa.test", Product.ALLEENVERDIENERS, False),
            ],
            "aanmeldingen": [(Product.ALLEENVERDIENERS, date(2026, 3, 1), None)],
        }


def test_a_file_that_cannot_be_read(bidn: Callable[..., Any], tmp_path: Path) -> None:
    eis_een_regel(
        bidn("organisatie", "registreer", "--bestand", tmp_path / "nergens.yaml"),
        r"^GegevensFout: .*nergens\.yaml cannot be read: No such file",
    )
