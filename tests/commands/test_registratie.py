"""``organisatie``, ``…beheerder``, ``instellingen``, ``aanmelding``: who takes part, and how (besluit B53a)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.moments import AMSTERDAM
from include.schemas.domein import Product
from include.steps.verwerking import Opslag
from include.storage.organisaties import (
    find_aanmeldingen,
    find_gebruikersbeheerders,
    find_organisatie,
    find_productbeheerders,
    instellingen_at,
)
from tests.commands.hulp import eis_een_regel
from tests.dags.wereld import ALFA

ADRES = "een@alfa.test"
BB = ("--product", "bijzondere-bijstand")
AV = ("--product", "alleenverdieners")


@pytest.fixture
def alfa(bidn: Callable[..., Any]) -> str:
    bidn("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,34")
    return ALFA


def _tabel(resultaat: Any) -> list[list[str]]:
    """The cells of the tables on the screen, without their headings."""
    assert resultaat.exit_code == 0, resultaat.output
    return [
        [cel.strip() for cel in regel.split("│")[1:-1]]
        for regel in resultaat.stdout.splitlines()
        if regel.startswith("│")
    ]


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
            "gebruikersbeheerders": [(b.naam, b.email) for b in find_gebruikersbeheerders(sessie, wie)],
        }


def test_an_organisation_in_an_installation_where_nothing_was_ever_done(bidn: Callable[..., Any]) -> None:
    resultaat = bidn("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,34")
    assert (resultaat.exit_code, resultaat.stdout) == (0, f"{ALFA} is geregistreerd voor 0014, 0034.\n")
    assert _stand() == {
        "gemeentecodes": ("0014", "0034"),
        "instellingen": (0, False, False, 120),
        "productbeheerders": [],
        "aanmeldingen": [],
        "gebruikersbeheerders": [],
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
    assert bidn("productbeheerder", "registreer", *wie, *BB, "--naam", "Eén").exit_code == 0
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, True)]
    resultaat = bidn("productbeheerder", "notificaties", *wie, *BB, "--uit")
    assert resultaat.stdout == "Notificaties voor bijzondere-bijstand staan uit.\n"
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, False)]
    # A name is mended; that they want no mail is theirs, until somebody says otherwise.
    bidn("productbeheerder", "registreer", *wie, *BB, "--naam", "Een")
    assert _stand()["productbeheerders"] == [("Een", ADRES, Product.BIJZONDERE_BIJSTAND, False)]
    bidn("productbeheerder", "registreer", *wie, *BB, "--naam", "Eén", "--notificaties")
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, True)]
    bidn("productbeheerder", "registreer", *wie, "--naam", "Twee", *AV)
    assert {(naam, product) for naam, _, product, _ in _stand()["productbeheerders"]} == {
        ("Eén", Product.BIJZONDERE_BIJSTAND),
        ("Twee", Product.ALLEENVERDIENERS),
    }


def test_a_productbeheerder_is_one_of_the_product_that_is_named_alone(
    bidn: Callable[..., Any], alfa: str
) -> None:
    wie = ("--organisatie", alfa, "--email", ADRES)
    # Alfa uses both products; the productbeheerder is named for one.
    for product in (BB, AV):
        bidn("aanmelding", "registreer", "--organisatie", alfa, *product, "--ingang", "2026-01-01")
    assert bidn("productbeheerder", "registreer", *wie, "--naam", "Eén").exit_code == 2  # of which product?
    assert _stand()["productbeheerders"] == []
    bidn("productbeheerder", "registreer", *wie, *BB, "--naam", "Eén")
    assert _stand()["productbeheerders"] == [("Eén", ADRES, Product.BIJZONDERE_BIJSTAND, True)]


def test_productbeheerders_are_listed_and_withdrawn_per_product(bidn: Callable[..., Any], alfa: str) -> None:
    wie = ("--organisatie", alfa, "--email", ADRES)
    bidn("productbeheerder", "registreer", *wie, *BB, "--naam", "Eén")
    bidn("productbeheerder", "registreer", *wie, *AV, "--naam", "Eén", "--no-notificaties")
    bb, av = [alfa, BB[1], "Eén", ADRES, "ja"], [alfa, AV[1], "Eén", ADRES, "nee"]
    assert _tabel(bidn("productbeheerder", "lijst")) == [av, bb]
    assert _tabel(bidn("productbeheerder", "lijst", "--organisatie", alfa, *BB)) == [bb]

    trek_in = ("productbeheerder", "trek-in", "--organisatie", alfa, "--email", ADRES.upper())
    resultaat = bidn(*trek_in, *BB)
    assert resultaat.stdout == f"Productbeheerder van {alfa} ingetrokken voor bijzondere-bijstand.\n"
    assert _tabel(bidn("productbeheerder", "lijst")) == [av]
    eis_een_regel(bidn(*trek_in, *BB), "has no productbeheerder with that address for bijzondere-bijstand")


def test_a_gebruikersbeheerder_is_no_productbeheerder(bidn: Callable[..., Any], alfa: str) -> None:
    wie = ("--organisatie", alfa, "--email", ADRES)
    bidn("gebruikersbeheerder", "registreer", *wie, "--naam", "Drie")
    bidn("gebruikersbeheerder", "registreer", *wie, "--naam", "Vier")  # a name is mended
    assert _stand()["gebruikersbeheerders"] == [("Vier", ADRES)]
    assert _stand()["productbeheerders"] == []
    assert _tabel(bidn("gebruikersbeheerder", "lijst")) == [[alfa, "Vier", ADRES]]
    bidn("gebruikersbeheerder", "trek-in", *wie)
    assert _stand()["gebruikersbeheerders"] == []
    eis_een_regel(
        bidn("gebruikersbeheerder", "trek-in", *wie), "has no gebruikersbeheerder with that address"
    )


def test_settings_are_kept_by_version(bidn: Callable[..., Any], alfa: str) -> None:
    zet = ("instellingen", "zet", "--organisatie", alfa)
    resultaat = bidn(*zet, "--vermogen", "--percentage", "110")
    assert resultaat.stdout == f"{ALFA}, versie 1: vermogen ja, voertuigen nee, percentage 110.\n"
    assert "versie 2: vermogen ja, voertuigen ja, percentage 110." in bidn(*zet, "--voertuigen").stdout
    assert "versie 2: " in bidn(*zet, "--voertuigen").stdout  # nothing changes: no new version
    assert "versie 3: vermogen nee, voertuigen ja" in bidn(*zet, "--geen-vermogen").stdout
    assert _stand()["instellingen"] == (3, False, True, 110)


def test_settings_are_shown_with_every_version_when_and_by_whom(
    bidn: Callable[..., Any], alfa: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    zet = ("instellingen", "zet", "--organisatie", alfa)
    for gebruiker, keuze in (("anna", "--vermogen"), ("bram", "--voertuigen")):
        monkeypatch.setattr("getpass.getuser", lambda gebruiker=gebruiker: gebruiker)
        bidn(*zet, keuze)
    resultaat = bidn("instellingen", "trek-in", "--organisatie", alfa)
    assert resultaat.stdout == f"{alfa}, versie 3: vermogen nee, voertuigen nee, percentage 120.\n"

    getoond = bidn("instellingen", "toon", "--organisatie", alfa)
    assert getoond.stdout.startswith(f"{alfa}, nu versie 3: vermogen nee, voertuigen nee, percentage 120.\n")
    regels = _tabel(getoond)
    assert [[*regel[:4], regel[5]] for regel in regels] == [
        ["3", "nee", "nee", "120", "os:bram"],
        ["2", "ja", "ja", "120", "os:bram"],
        ["1", "ja", "nee", "120", "os:anna"],
    ]
    for regel in regels:
        ingevoerd = datetime.strptime(regel[4], "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM)
        assert timedelta() <= datetime.now(UTC) - ingevoerd < timedelta(minutes=5)
    assert _tabel(bidn("instellingen", "lijst")) == [[alfa, "3", "nee", "nee", "120"]]


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


def test_a_registration_keeps_its_form_and_who_signed_it(bidn: Callable[..., Any], alfa: str) -> None:
    meld = ("aanmelding", "registreer", "--organisatie", alfa, *BB, "--ingang", "2026-01-01")
    formulier = ("--kenmerk", "MF-2026-017", "--getekend-door", "G. de Boer")
    resultaat = bidn(*meld, *formulier)
    assert resultaat.stdout == f"{alfa} is aangemeld voor bijzondere-bijstand vanaf 2026-01-01.\n"
    # A later form ends it: what is not said again stays.
    bidn(*meld, "--einde", "2027-01-01")
    bb = [alfa, BB[1], "2026-01-01", "2027-01-01", "MF-2026-017", "G. de Boer"]
    bidn("aanmelding", "registreer", "--organisatie", alfa, *AV, "--ingang", "2026-03-01")
    av = [alfa, AV[1], "2026-03-01", "", "", ""]
    assert _tabel(bidn("aanmelding", "lijst")) == [av, bb]
    assert _tabel(bidn("aanmelding", "lijst", *BB)) == [bb]
    assert _tabel(bidn("aanmelding", "toon", "--organisatie", alfa)) == [av, bb]
    getoond = _tabel(bidn("organisatie", "toon", "--organisatie", alfa))
    assert ["Gemeentecodes", "0014, 0034"] in getoond
    assert [regel for regel in getoond if len(regel) == 6] == [av, bb]
    eis_een_regel(bidn(*meld, "--kenmerk", " "), "a kenmerk is a text of 1 to 200 characters")


@pytest.mark.parametrize(
    ("per", "over"),
    [
        # Registered from 1 January until 1 June, and again from 1 August 2026.
        ("2026-03-01", [(date(2026, 1, 1), date(2026, 3, 1))]),
        ("2026-01-01", []),
        ("2026-07-01", [(date(2026, 1, 1), date(2026, 6, 1))]),
        ("2026-09-01", [(date(2026, 1, 1), date(2026, 6, 1)), (date(2026, 8, 1), date(2026, 9, 1))]),
    ],
)
def test_a_registration_is_withdrawn_from_a_day_on(
    bidn: Callable[..., Any], alfa: str, per: str, over: list[tuple[date, date]]
) -> None:
    meld = ("aanmelding", "registreer", "--organisatie", alfa, *BB, "--ingang")
    bidn(*meld, "2026-01-01", "--einde", "2026-06-01")
    bidn(*meld, "2026-08-01")
    trek_in = ("aanmelding", "trek-in", "--organisatie", alfa, *BB, "--per", per)
    resultaat = bidn(*trek_in)
    assert resultaat.stdout == f"{alfa} is per {per} niet meer aangemeld voor bijzondere-bijstand.\n"
    assert [(begin, einde) for _, begin, einde in _stand()["aanmeldingen"]] == over
    eis_een_regel(bidn(*trek_in), f"has no registration for bijzondere-bijstand on or after {per}")


def test_an_organisation_is_withdrawn_until_it_delivers(
    bidn: Callable[..., Any], alfa: str, tmp_path: Path
) -> None:
    bidn("aanmelding", "registreer", "--organisatie", alfa, *BB, "--ingang", "2026-01-01")
    bidn("productbeheerder", "registreer", "--organisatie", alfa, *BB, "--naam", "Eén", "--email", ADRES)
    trek_in = ("organisatie", "trek-in", "--organisatie", alfa)
    assert bidn(*trek_in).stdout == f"{alfa} is ingetrokken.\n"
    assert _tabel(bidn("organisatie", "lijst")) == []
    eis_een_regel(bidn(*trek_in), "is not registered")

    bidn("organisatie", "registreer", "--naam", alfa, "--gemeentecodes", "0014")
    assert _stand()["aanmeldingen"] == _stand()["productbeheerders"] == []  # nothing of before came back
    bidn("aanmelding", "registreer", "--organisatie", alfa, *BB, "--ingang", "2026-01-01")
    bestand = tmp_path / "v.csv"
    bestand.write_text("0014;J;;999900018;;;;;;\r\n")
    bidn("lever", "--organisatie", alfa, "--bestand", bestand, "--ontvangen", "2026-09-12")
    eis_een_regel(bidn(*trek_in), "delivered files or has reports, so it stays known")


@pytest.mark.parametrize(
    ("argumenten", "woorden"),
    [
        (["organisatie", "registreer"], "^GegevensFout: give --naam and --gemeentecodes, or --bestand"),
        (["organisatie", "registreer", "--naam", ALFA], "give --naam and --gemeentecodes"),
        (["organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014,9999"], "code 9999 on"),
        (["organisatie", "registreer", "--naam", " ", "--gemeentecodes", "0014"], "1 to 200 characters"),
        (["instellingen", "zet", "--organisatie", "Nergens"], "organisation Nergens is not registered"),
        (
            ["productbeheerder", "notificaties", "--organisatie", "Nergens", *BB, "--email", ADRES, "--aan"],
            "organisation Nergens is not registered",
        ),
        (
            ["productbeheerder", "notificaties", "--organisatie", ALFA, *BB, "--email", ADRES, "--aan"],
            "no productbeheerder",
        ),
        (
            [
                "productbeheerder",
                "registreer",
                "--organisatie",
                ALFA,
                *BB,
                "--naam",
                "x",
                "--email",
                "geen adres",
            ],
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
      - {naam: Een, email: een@alfa.test, product: bijzondere-bijstand}
      - {naam: Een, email: een@alfa.test, product: alleenverdieners}
      - {naam: Twee, email: twee@alfa.test, notificaties: false, product: alleenverdieners}
    gebruikersbeheerders:
      - {naam: Drie, email: drie@alfa.test}
    instellingen: {vermogen: true, normpercentage: 110}
    aanmeldingen:
      - {product: alleenverdieners, ingang: 2026-03-01, kenmerk: MF-2, getekend_door: Drie}
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
            "gebruikersbeheerders": [("Drie", "drie@alfa.test")],
        }
        [regel] = _tabel(bidn("aanmelding", "lijst"))
        assert regel[4:] == ["MF-2", "Drie"]


def test_a_file_that_cannot_be_read(bidn: Callable[..., Any], tmp_path: Path) -> None:
    eis_een_regel(
        bidn("organisatie", "registreer", "--bestand", tmp_path / "nergens.yaml"),
        r"^GegevensFout: .*nergens\.yaml cannot be read: No such file",
    )
