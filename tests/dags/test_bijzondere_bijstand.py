"""The monthly DAG, run whole against the real mock sources and a real SMTP server."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from wereld import (
    AANGEMELD,
    ALFA,
    ARM,
    BETA,
    BIJSTAND,
    GAMMA,
    NAMEN,
    ONBEKEND,
    PERSONEN,
    RIJK,
    RONDE,
    Wereld,
)

from include.schemas.domein import DeelnameStatus
from include.steps.leveren import lever
from include.steps.registreren import Inschrijving, ProductInstellingen, schrijf_in
from include.storage.leveringen import find_leveringen
from include.storage.models import RondeRow
from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties, read_published
from include.storage.rondes import find_deelnames

Draai = Callable[..., dict[str, str]]
pytestmark = pytest.mark.slow

DELTA = "Gemeente Delta"

TAK = (
    "huishouden_brp",
    "bijstand_ophalen",
    "uwv_ophalen",
    "belastingdienst_ophalen",
    "rdw_ophalen",
    "regels_toetsen",
    "rapporten_maken",
    "goedkeuren",
    "publiceren",
    "notificeren",
)


def _overzicht(wereld: Wereld, organisatie: str) -> dict[str, dict[str, str]]:
    """The lines of the current overzicht, by BSN."""
    with wereld.opslag.database.reading() as sessie:
        [publicatie] = find_publicaties(
            sessie, organisatie=find_organisatie(sessie, organisatie), ronde=RONDE
        )
    tekst = read_published(wereld.opslag.bestanden, publicatie.bestand("overzicht")).decode("utf-8-sig")
    return {rij["Aanvrager BSN"]: rij for rij in csv.DictReader(io.StringIO(tekst), delimiter=";")}


def _versies(wereld: Wereld, organisatie: str) -> list[int]:
    with wereld.opslag.database.reading() as sessie:
        alle = find_publicaties(
            sessie, organisatie=find_organisatie(sessie, organisatie), ronde=RONDE, ook_vervangen=True
        )
    return sorted(publicatie.versie for publicatie in alle)


def _cellen(rij: dict[str, str], namen: str) -> list[str]:
    return [rij[naam] for naam in namen.split(",")]


INKOMEN = (
    "Leefvorm,Belemmering,Inkomen,Inkomensnorm,Toetspercentage,Toetsbedrag,Reden(bedrag),Reden (percentage)"
)


def test_a_ronde_publishes_reports_that_agree_with_what_was_worked_out_by_hand(
    bidn: Wereld, draai: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    uit = draai("bijzondere_bijstand", ronde=RONDE)

    assert uit[""] == "success"
    for organisatie in (ALFA, BETA):
        assert {taak: uit[f"toetsing.{taak}[{organisatie}]"] for taak in TAK} == dict.fromkeys(TAK, "success")
    # Not one valid row: the branch is skipped, not failed (besluit B53).
    assert uit[f"intake[{GAMMA}]"] == "success"
    assert uit[f"toetsing.huishouden_brp[{GAMMA}]"] == "skipped"
    assert uit[f"toetsing.publiceren[{GAMMA}]"] == "skipped"

    alfa, beta = _overzicht(bidn, ALFA), _overzicht(bidn, BETA)
    assert list(alfa) == [RIJK, ARM]
    # 2000.00 - 400.00 + 1000.00 - 100.00 = 2500.00; norm 2027.79; 120 % = 2433.348; 2500.00 / 2027.79 = 123.29 %.
    assert _cellen(alfa[RIJK], INKOMEN) == [
        "Gehuwd/samenwonend",
        "J",
        "J",
        "2028",
        "120",
        "2433",
        "2500",
        "123",
    ]
    # 1700.00 - 200.00 = 1500.00 < 1703.352 = 120 % of 1419.46.
    assert _cellen(alfa[ARM], INKOMEN) == ["Alleenstaand", "N", "N", "", "120", "", "", ""]
    # Row order: GSD-code first (besluit B50).
    assert list(beta) == [BIJSTAND, RIJK, ONBEKEND]
    assert _cellen(beta[BIJSTAND], INKOMEN) == [
        "Alleenstaande ouder",
        "N",
        "Niet getoetst",
        "",
        "",
        "",
        "",
        "",
    ]
    assert beta[BIJSTAND]["Uitkeringen"] == "PW"
    # Column C asks for 110 %: 2230.569.
    assert _cellen(beta[RIJK], INKOMEN) == [
        "Gehuwd/samenwonend",
        "J",
        "J",
        "2028",
        "110",
        "2231",
        "2500",
        "123",
    ]
    assert beta[ONBEKEND]["Reden(en)"] == "Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden"

    # Both organisations delivered RIJK (besluit B52).
    with bidn.opslag.database.reading() as sessie:
        [publicatie] = find_publicaties(sessie, organisatie=find_organisatie(sessie, ALFA), ronde=RONDE)
    detail = read_published(bidn.opslag.bestanden, publicatie.bestand("detail")).decode()
    assert detail.count("<BSNTevensAangeleverd>Veere</BSNTevensAangeleverd>") == 1

    assert bidn.mails == ["een@alfa.test", "een@beta.test", "twee@beta.test"]
    # Nobody with bijstand, and nobody without a household, is asked about at UWV (besluiten B22, B28).
    gevraagd = {bsn for aanroep in bidn.bronnen.bevraagd("uwv") for bsn in aanroep}
    assert gevraagd == {RIJK, "999900031", ARM}
    assert not bidn.opslag.bestanden.list("tussenresultaten")

    geschreven = "".join(capfd.readouterr())
    assert "Bijzondere" in geschreven or "bijzondere" in geschreven
    for kanarie in (*PERSONEN, *NAMEN):
        assert kanarie not in geschreven


def test_a_second_run_with_the_same_outcome_publishes_and_mails_nothing(bidn: Wereld, draai: Draai) -> None:
    draai("bijzondere_bijstand", ronde=RONDE)
    draai("bijzondere_bijstand", ronde=RONDE)

    assert _versies(bidn, ALFA) == [1]  # besluit B56
    assert len(bidn.mails) == 3
    with bidn.opslag.database.reading() as sessie:
        standen = {rij.organisatie.naam: rij.status for rij in find_deelnames(sessie, RONDE)}
    assert standen == {
        ALFA: DeelnameStatus.GEPUBLICEERD,
        BETA: DeelnameStatus.GEPUBLICEERD,
        GAMMA: DeelnameStatus.AFGEKEURD,
    }


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ({}, "does not say which ronde"),
        ({"ronde": "2031-01"}, "its rapportagemaand 2031-02 begins on 2031-02-01"),
        ({"ronde": "2020-05"}, "2020-05-26"),
    ],
    ids=["no ronde", "too early", "before the norms"],
)
def test_a_ronde_that_cannot_run_asks_no_source_and_says_why(
    bidn: Wereld, draai: Draai, capfd: pytest.CaptureFixture[str], conf: dict[str, Any], words: str
) -> None:
    uit = draai("bijzondere_bijstand", **conf)

    assert uit[""] == "failed"
    assert uit["ronde_openen"] == "failed"
    assert words in "".join(capfd.readouterr())
    assert bidn.bronnen.aanroepen() == []


def test_a_ronde_in_which_nobody_delivered_ends_well(bidn: Wereld, draai: Draai) -> None:
    uit = draai("bijzondere_bijstand", ronde="2026-08")

    assert uit[""] == "success"
    assert uit["ronde_openen"] == "success"
    assert bidn.bronnen.aanroepen() == []
    assert bidn.mails == []


@pytest.mark.parametrize("weg", [[ALFA], [ALFA, BETA, GAMMA]], ids=["one organisation", "everybody"])
def test_a_run_for_deliveries_that_are_gone_ends_failed_and_publishes_the_others(
    bidn: Wereld, draai: Draai, capfd: pytest.CaptureFixture[str], weg: list[str]
) -> None:
    with bidn.opslag.database.transaction() as sessie:
        for naam in weg:
            for levering in find_leveringen(sessie, organisatie=find_organisatie(sessie, naam)):
                levering.verwijderd_op = bidn.opslag.klok()

    uit = draai("bijzondere_bijstand", ronde=RONDE)

    assert uit[""] == uit["ronde_afsluiten"] == "failed"
    geschreven = "".join(capfd.readouterr())
    if len(weg) == 1:
        assert uit[f"toetsing.huishouden_brp[{ALFA}]"] == uit[f"toetsing.notificeren[{ALFA}]"] == "skipped"
        assert uit[f"toetsing.notificeren[{BETA}]"] == "success"
        assert f"ronde {RONDE}: 1 organisation got no reports" in geschreven
        assert (_versies(bidn, ALFA), _versies(bidn, BETA)) == ([], [1])
    else:
        assert f"gone (besluit B55): {ALFA}, {BETA}." in geschreven  # Gamma's is afgekeurd
        assert uit["ronde_openen"] == "failed"
        assert bidn.bronnen.aanroepen() == []
        with bidn.opslag.database.reading() as sessie:
            assert sessie.get(RondeRow, RONDE) is None


def test_who_is_registered_after_the_opening_is_named_until_the_run_has_its_branch(
    bidn: Wereld, draai: Draai, wis: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    assert draai("bijzondere_bijstand", ronde=RONDE)[""] == "success"
    schrijf_in(
        bidn.opslag,
        Inschrijving(
            naam=DELTA, gemeentecodes=["0197"], instellingen=ProductInstellingen(), aanmeldingen=[AANGEMELD]
        ),
    )
    ontvangen = datetime(2026, 10, 12, 11, 0, tzinfo=UTC)
    lever(
        bidn.opslag,
        organisatie=DELTA,
        bestandsnaam="delta.csv",
        inhoud=f"0197;J;;{ARM};;;;;;\r\n".encode(),
        ontvangen=ontvangen,
    )

    # The closing does not wait for the opening, and fails either way: it met one at work, or it names Delta.
    assert wis("bijzondere_bijstand", "ronde_openen", "ronde_afsluiten")[""] == "failed"
    assert wis("bijzondere_bijstand", "ronde_afsluiten")[""] == "failed"
    assert f"made no reports of what was delivered by {DELTA}. Clear ronde_openen" in "".join(
        capfd.readouterr()
    )
    assert _versies(bidn, DELTA) == []

    # Done as it says: Delta has its branch, and Alfa is published anew, for Delta delivers ARM too (besluit B52).
    uit = wis("bijzondere_bijstand", "ronde_openen", downstream=True)
    assert uit[""] == uit[f"toetsing.notificeren[{DELTA}]"] == "success"
    assert [_versies(bidn, naam) for naam in (ALFA, BETA, DELTA)] == [[1, 2], [1], [1]]
