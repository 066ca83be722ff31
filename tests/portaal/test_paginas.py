"""What the pages say, on the world that is worked out by hand (tests/dags/wereld.py)."""

from __future__ import annotations

import re

import pytest
from lxml import html

from include.schemas.domein import DeelnameStatus
from include.steps.audit import laatste_regels
from include.steps.registreren import ingeschreven, kies_instellingen
from include.steps.verwerking import Opslag
from include.storage.models import Deelname, RondeRow
from tests.dags.wereld import ALFA, ARM, BETA, GAMMA, ONBEKEND, RIJK, RONDE
from tests.portaal.conftest import Als
from tests.portaal.wereld import ANNA, BRAM, CARLA
from tests.steps.hulp import Klok, versies
from tests.steps.hulp import inhoud as gepubliceerde_bytes

DETAIL = "/bijzondere-bijstand/detailrapport"
INSTELLINGEN = "/bijzondere-bijstand/instellingen"
OPHALEN = "/bijzondere-bijstand/ophalen"


def _tekst(pagina: str) -> str:
    """The text of the main part of a page, in one line."""
    [hoofd] = html.fromstring(pagina).xpath("//main")
    return " ".join(hoofd.text_content().split())


def _tabel(pagina: str, bijschrift: str) -> list[list[str]]:
    """The rows of the table with that caption."""
    [tabel] = html.fromstring(pagina).xpath(f"//table[contains(normalize-space(caption), '{bijschrift}')]")
    return [
        [" ".join(cel.text_content().split()) for cel in rij.xpath("./td|./th")]
        for rij in tabel.xpath(".//tbody/tr")
    ]


# -- dashboard ---------------------------------------------------------------------------------------------


def test_the_dashboard_says_what_is_due_and_what_is_new(als: Als) -> None:
    # 5 November 2026: what comes in counts for ronde 2026-11, until 26 November: 21 days.
    tekst = _tekst(als(ANNA).haal("/").text)
    assert "er is nog geen vraagbestand voor de ronde van november 2026" in tekst
    assert "kan nog 21 dagen, tot en met 25 november 2026" in tekst
    assert "1 nieuw resultaat om op te halen" in tekst


def test_the_dashboard_warns_of_what_goes_within_14_days(als: Als, klok: Klok) -> None:
    anna = als(ANNA)
    klok.verder(days=75)  # published 5 November, removed 90 days later: in 15 days
    assert "binnen 14 dagen. Sla" not in _tekst(als(ANNA).haal("/").text)
    klok.verder(days=2)
    assert "1 resultaat verdwijnt binnen 14 dagen" in _tekst(als(ANNA).haal("/").text)
    assert anna.haal("/").status_code == 303  # the old session was idle for longer than half an hour


def test_the_choice_of_an_organisation_is_followed_by_every_page(als: Als) -> None:
    bram = als(BRAM)
    assert {rij[0] for rij in _tabel(bram.haal("/").text, "Per organisatie")} == {ALFA, BETA, GAMMA}
    bram.kies(BETA)
    assert {rij[0] for rij in _tabel(bram.haal("/").text, "Per organisatie")} == {BETA}
    assert ALFA not in _tekst(bram.haal(OPHALEN).text)
    bram.kies("alle")
    assert f"Ronde oktober 2026, {ALFA}" in _tekst(bram.haal(OPHALEN).text)
    assert bram.stuur("/organisatie", organisatie="Gemeente Elders").status_code == 404


# -- ophalen -----------------------------------------------------------------------------------------------


def test_a_report_is_fetched_as_it_was_published_and_remembered(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    pagina = anna.haal(OPHALEN).text
    assert "nieuw" in _tekst(pagina)
    assert "Op te halen tot en met 2 februari 2027" in _tekst(pagina)  # 5 November + 90 days is 3 February
    rijen = _tabel(pagina, "Bestanden")
    assert [(rij[0], rij[2], rij[4]) for rij in rijen] == [
        ("bijzondere-bijstand_2026-10_overzicht_v1.csv", "2", "nog niet"),
        ("bijzondere-bijstand_2026-10_detail_v1.xml", "2", "nog niet"),
    ]
    [pad, _] = re.findall(r'href="(/bijzondere-bijstand/bestanden/[^"]+)"', pagina)

    antwoord = anna.haal(pad)

    [publicatie] = versies(inhoud, ALFA)
    assert antwoord.content == gepubliceerde_bytes(inhoud, publicatie, "overzicht")
    assert antwoord.headers["content-disposition"].endswith(
        'filename="bijzondere-bijstand_2026-10_overzicht_v1.csv"'
    )
    pagina = anna.haal(OPHALEN).text
    assert [rij[4] for rij in _tabel(pagina, "Bestanden")] == ["5 november 2026, 10:00", "nog niet"]
    assert "nog niet door u; wel door een collega" in als(BRAM).haal(OPHALEN).text
    [regel] = laatste_regels(inhoud, organisatie=ALFA, handeling="rapport-ophalen", aantal=9)
    assert regel.uitvoerder.startswith("gebruiker:")
    assert ANNA not in regel.uitvoerder


def test_a_damaged_report_is_not_sent(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    [pad, _] = re.findall(r'href="(/bijzondere-bijstand/bestanden/[^"]+)"', anna.haal(OPHALEN).text)
    [publicatie] = versies(inhoud, ALFA)
    inhoud.bestanden.write(publicatie.bestand("overzicht").sleutel, b"iets anders")
    antwoord = anna.haal(pad)
    assert (antwoord.status_code, "Er ging bij ons iets mis" in antwoord.text) == (500, True)
    assert laatste_regels(inhoud, organisatie=ALFA, handeling="rapport-ophalen", aantal=9) == []


def test_a_summary_counts_outcomes_and_bands_of_the_norm(als: Als) -> None:
    # Alfa: RIJK has 2500.00 of 2027.79, 123 %: J. ARM has 1500.00 of 1419.46, 105 %: N. The third row was rejected.
    pagina = als(ANNA).haal(OPHALEN).text
    assert _tabel(pagina, "Uitkomst per toets") == [
        ["Eindoordeel", "1", "1", "0"],
        ["Inkomen", "1", "1", "0"],
        ["Vermogen", "0", "0", "2"],
        ["Huishouden", "0", "2", "0"],
    ]
    banden = {rij[0]: rij[1] for rij in _tabel(pagina, "Inkomens ten opzichte van de norm")}
    assert banden == {
        "Geen inkomen, of lager dan 0": "0",
        "Tot 100% van de norm": "0",
        "100% tot 110%": "1",
        "110% tot 120%": "0",
        "120% tot 130%": "1",
        "130% tot 150%": "0",
        "150% of meer": "0",
    }


def test_nothing_to_fetch_is_said(als: Als) -> None:
    assert "Er zijn nu geen rapportages" in _tekst(als(CARLA).haal("/alleenverdieners/ophalen").text)


# -- detailrapport -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bsn", [ARM, f" {ARM[:4]}.{ARM[4:6]}.{ARM[6:]} ", f"{ARM[:3]} {ARM[3:6]} {ARM[6:]}"])
def test_an_aanvrager_is_found_however_the_bsn_is_typed(als: Als, bsn: str) -> None:
    tekst = _tekst(als(ANNA).stuur(DETAIL, bsn=bsn, ronde=RONDE).text)
    assert f"{ALFA}, ronde oktober 2026" in tekst
    assert "Wij vonden niets dat bijzondere bijstand in de weg staat." in tekst
    assert f"BSN {ARM}" in tekst


def test_a_j_is_explained_with_its_details(als: Als) -> None:
    pagina = als(ANNA).stuur(DETAIL, bsn=RIJK).text
    tekst = _tekst(pagina)
    assert "Wij kunnen niet automatisch vaststellen" in tekst
    assert "Totaal netto-inkomen (euro) 2500" in tekst
    assert "Toetsbedrag (euro) 2433" in tekst  # 2027.79 x 120 % = 2433.35
    assert _tabel(pagina, "Inkomstenverhouding")


@pytest.mark.parametrize(
    ("bsn", "ronde", "zin"),
    [
        ("", "", "Vul een BSN in."),
        ("12345678x", "", "Dit is geen geldig BSN"),
        ("999900044", "", "Dit is geen geldig BSN"),
        (ARM, "2020-01", "Van deze ronde is er voor u geen rapport"),
    ],
)
def test_a_mistake_is_told_by_its_field(als: Als, bsn: str, ronde: str, zin: str) -> None:
    antwoord = als(ANNA).stuur(DETAIL, bsn=bsn, ronde=ronde)
    assert antwoord.status_code == 422
    assert zin in _tekst(antwoord.text)
    assert "Fout:" in html.fromstring(antwoord.text).findtext(".//title")


def test_who_was_not_delivered_by_ones_own_organisation_is_not_found(als: Als) -> None:
    assert "Er is geen rapport over deze aanvrager" in _tekst(als(ANNA).stuur(DETAIL, bsn=ONBEKEND).text)
    bram = als(BRAM)
    assert f"{BETA}, ronde oktober 2026" in _tekst(bram.stuur(DETAIL, bsn=ONBEKEND).text)


def test_every_look_up_is_in_the_logboek(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    anna.stuur(DETAIL, bsn=ARM)
    anna.stuur(DETAIL, bsn=ONBEKEND)
    regels = laatste_regels(inhoud, organisatie=ALFA, handeling="detail-opzoeken", aantal=9)
    assert [regel.bijzonderheden["gevonden"] for regel in regels] == [True, False]
    assert len({regel.trace_id for regel in regels}) == 2


def test_fishing_is_stopped(als: Als, caplog: pytest.LogCaptureFixture) -> None:
    anna = als(ANNA)
    token = anna.csrf()
    statussen = [anna.stuur(DETAIL, token=token, bsn=ONBEKEND).status_code for _ in range(31)]
    assert statussen == [200] * 30 + [429]
    assert "looks up more persons than anybody does" in caplog.text


# -- instellingen and notificaties -------------------------------------------------------------------------


def test_settings_are_entered_with_who_and_when(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    antwoord = anna.stuur(INSTELLINGEN, vermogen="ja", voertuigen="nee", percentage="110")
    assert (antwoord.status_code, antwoord.headers["location"]) == (303, f"{INSTELLINGEN}?gedaan=opgeslagen")
    pagina = anna.haal(INSTELLINGEN, gedaan="opgeslagen").text
    assert "Uw wijziging is opgeslagen." in pagina
    assert _tabel(pagina, "Wijzigingen") == [["5 november 2026, 10:00", "Anna de Vries", "ja", "nee", "110%"]]
    [alfa] = ingeschreven(inhoud, ALFA)
    assert (alfa.instellingen.vermogen, alfa.instellingen.voertuigen, alfa.instellingen.percentage) == (
        True,
        False,
        110,
    )


def test_who_entered_it_on_the_command_line_is_bidn(als: Als, inhoud: Opslag) -> None:
    kies_instellingen(inhoud, ALFA, percentage=130)
    assert _tabel(als(ANNA).haal(INSTELLINGEN).text, "Wijzigingen")[0][1] == "BIDN"


@pytest.mark.parametrize(
    ("velden", "zin"),
    [
        ({"vermogen": "ja", "voertuigen": "nee", "percentage": "99"}, "van 100 tot en met 150"),
        ({"vermogen": "ja", "voertuigen": "nee", "percentage": "110%"}, "van 100 tot en met 150"),
        ({"vermogen": "misschien", "voertuigen": "nee", "percentage": "110"}, "Kies of u het vermogen wilt toetsen"),
        ({"vermogen": "ja", "percentage": "110"}, "Kies of u voertuigen wilt tonen"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(
    als: Als, inhoud: Opslag, velden: dict[str, str], zin: str
) -> None:
    antwoord = als(ANNA).stuur(INSTELLINGEN, **velden)
    assert (antwoord.status_code, zin in _tekst(antwoord.text)) == (422, True)
    assert ingeschreven(inhoud, ALFA)[0].versies == []


def test_while_a_ronde_is_processed_a_change_is_confirmed(als: Als, inhoud: Opslag) -> None:
    with inhoud.database.transaction() as sessie:
        [alfa] = [deelname for deelname in sessie.query(Deelname) if deelname.organisatie.naam == ALFA]
        alfa.status = DeelnameStatus.OPEN
        sessie.get_one(RondeRow, RONDE).afgesloten_op = None
    anna = als(ANNA)
    wijziging = {"vermogen": "ja", "voertuigen": "nee", "percentage": "110"}
    antwoord = anna.stuur(INSTELLINGEN, **wijziging)
    assert (antwoord.status_code, "wordt de ronde van oktober 2026 verwerkt" in _tekst(antwoord.text)) == (
        409,
        True,
    )
    assert ingeschreven(inhoud, ALFA)[0].versies == []
    assert anna.stuur(INSTELLINGEN, **wijziging, bevestig="ja").status_code == 303
    assert ingeschreven(inhoud, ALFA)[0].instellingen.percentage == 110


def test_settings_ask_for_an_organisation_first(als: Als) -> None:
    bram = als(BRAM)
    assert "Kies eerst een organisatie" in _tekst(bram.haal(INSTELLINGEN).text)
    assert bram.stuur(INSTELLINGEN, vermogen="ja", voertuigen="ja", percentage="120").status_code == 422


def test_everybody_chooses_their_own_mails(als: Als, inhoud: Opslag) -> None:
    anna, bram = als(ANNA), als(BRAM)
    assert anna.stuur("/bijzondere-bijstand/notificaties", notificaties="nee").status_code == 303
    bram.stuur("/bijzondere-bijstand/notificaties", organisatie=GAMMA, notificaties="nee")
    aan = {
        (wie.organisatie.naam, beheerder.email, beheerder.product): beheerder.notificaties
        for wie in ingeschreven(inhoud)
        for beheerder in wie.productbeheerders
    }
    uit = {sleutel for sleutel, keuze in aan.items() if not keuze}
    assert uit == {(ALFA, ANNA, "bijzondere-bijstand"), (GAMMA, BRAM, "bijzondere-bijstand")}
    assert (
        anna.stuur("/bijzondere-bijstand/notificaties", organisatie=BETA, notificaties="nee").status_code
        == 404
    )
    assert anna.stuur("/bijzondere-bijstand/notificaties", notificaties="").status_code == 422


# -- what needs no login -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pad", ["/toegankelijkheid", "/privacy", "/.well-known/security.txt", "/gezond"])
def test_some_pages_need_no_login(als: Als, pad: str) -> None:
    assert als(None).haal(pad).status_code == 200


@pytest.mark.parametrize("blad", ["x", "0", "-3", "999999"])
def test_a_page_number_that_is_none_is_no_error(als: Als, blad: str) -> None:
    antwoord = als(ANNA).haal(OPHALEN, blad=blad)
    assert antwoord.status_code == (404 if blad == "x" else 200)
    assert "<html lang=" in antwoord.text
