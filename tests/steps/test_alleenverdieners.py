"""Alleenverdieners over days and weeks: who gets which rows, when, how often, and where every row is.

0014 is Groningen, 0193 Zwolle, 0687/0717/0718 Middelburg, Veere and Vlissingen.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from include.errors import ControleFout, GegevensFout, OpslagFout
from include.rapportage.mail import Mail
from include.schemas.domein import LeveringStatus, Product
from include.steps import lijsten, selectielijsten
from include.steps.notificeren import Bezorging
from include.steps.verdeling import Verdeling, verdeel
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen
from include.storage.organisaties import register_aanmelding, register_organisatie
from tests.harness import take_list_step
from tests.steps.land import Land, Run

A, B, C, D, E = "999990019", "999990032", "999990044", "999990056", "999990068"
SLECHT = "123456789"
AVD = "avd_2026_01"
GRONINGEN, WALCHEREN, ZWOLLE = "Gemeente Groningen", "Orionis Walcheren", "Gemeente Zwolle"


@pytest.fixture
def land(opslag: Opslag) -> Land:
    """A country in which nothing was delivered and nobody is registered."""
    return Land(opslag)


@pytest.fixture
def gewoon(land: Land) -> Land:
    """A levering of five rows; Groningen and Walcheren are registered, Zwolle is not."""
    land.bron.maak(AVD, [f"{B};0014", f"{A};0014", f"{C};0687", f"{D};0193", f"{SLECHT};0014", f"{A};0014"])
    land.meld_aan(GRONINGEN, "0014")
    land.meld_aan(WALCHEREN, "0687", "0717", "0718")
    return land


def telling(run: Run, levering: str = AVD) -> dict[str, int]:
    regel = run.samenvatting[levering]
    assert regel["gelezen"] == sum(
        regel[waar] for waar in ("gepubliceerd", "te_publiceren", "aangehouden", "afgewezen", "dubbel")
    )
    namen = ("gelezen", "gepubliceerd", "aangehouden", "afgewezen", "dubbel", "lijsten", "organisaties")
    return {naam: regel[naam] for naam in namen}


# -- one run ---------------------------------------------------------------------------------------------


def test_every_organisation_gets_a_list_per_gemeente_and_one_mail(gewoon: Land) -> None:
    run = gewoon.draai()

    assert run.fouten == []
    assert gewoon.lijsten(GRONINGEN) == {"0014": [f"{A};0014", f"{B};0014"]}
    # A registered gemeente without rows gets a file with only the header (besluit A4).
    assert gewoon.lijsten(WALCHEREN) == {"0687": [f"{C};0687"], "0717": [], "0718": []}
    assert [adres for adres, _ in run.mails] == ["bea@groningen.test", "bea@walcheren.test"]
    assert telling(run) == {
        "gelezen": 6,
        "gepubliceerd": 3,
        "aangehouden": 1,
        "afgewezen": 1,
        "dubbel": 1,
        "lijsten": 4,
        "organisaties": 2,
    }
    assert run.samenvatting[AVD]["zonder_aanmelding"] == ["0193"]
    assert gewoon.opslag.bestanden.list("tussenresultaten") == []


def test_the_manifest_accounts_for_every_row_and_names_nobody(gewoon: Land) -> None:
    gewoon.draai()

    [publicatie] = gewoon.gepubliceerd(GRONINGEN)
    manifest = publicatie.manifest
    assert (manifest["periode"], manifest["organisatie"]) == (AVD, GRONINGEN)
    assert manifest["regels_in"] == 6
    assert manifest["regels_uit"] == {
        "deze_lijst": 2,
        "andere_lijsten": 1,
        "aangehouden": 1,
        "afgewezen": 1,
        "dubbel": 1,
    }
    assert manifest["uitvoer"]["lijst"]["rijen"] == 2
    assert not any(bsn in json.dumps(manifest) for bsn in (A, B, C, D, SLECHT))


def test_a_second_run_publishes_nothing_and_mails_nobody(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.dag(1)
    run = gewoon.draai()

    assert (run.lijsten, run.mails, run.fouten) == (set(), [], [])
    assert telling(run) | {"lijsten": 4, "organisaties": 2} == telling(gewoon.draai(run="run-1"))
    assert gewoon.bron.opgehaald == [AVD]
    assert [publicatie.versie for publicatie in gewoon.gepubliceerd(ook_vervangen=True)] == [1] * 4


def test_a_run_that_is_repeated_whole_publishes_and_mails_nothing_more(gewoon: Land) -> None:
    eerste = gewoon.draai()
    nogmaals = gewoon.draai(run="run-1")

    assert nogmaals.lijsten == eerste.lijsten
    assert nogmaals.mails == []
    assert [publicatie.versie for publicatie in gewoon.gepubliceerd(ook_vervangen=True)] == [1] * 4


def test_leveringen_stand_beside_each_other(gewoon: Land) -> None:
    gewoon.bron.maak("avd_2026_02", [f"{E};0014"])
    run = gewoon.draai()

    assert {levering for _, levering, _ in run.lijsten} == {AVD, "avd_2026_02"}
    inhoud = {p.manifest["periode"]: p.bestand("lijst").rijen for p in gewoon.gepubliceerd(GRONINGEN)}
    assert inhoud == {AVD: 2, "avd_2026_02": 1}
    assert len(run.mails) == 4


# -- registrations ---------------------------------------------------------------------------------------


# First published on the day of receipt: on day 90 the sweep has it, whatever A3 would still allow (besluit B55).
@pytest.mark.parametrize(("dag", "rijen"), [(1, [f"{D};0193"]), (89, [f"{D};0193"]), (90, None), (91, None)])
def test_rows_held_back_go_out_when_a_registration_comes_in_time(
    gewoon: Land, dag: int, rijen: list[str] | None
) -> None:
    gewoon.draai()
    gewoon.dag(dag)
    gewoon.meld_aan(ZWOLLE, "0193")
    run = gewoon.draai()

    assert gewoon.lijsten(ZWOLLE) == ({"0193": rijen} if rijen else {})
    assert [adres for adres, _ in run.mails] == (["bea@zwolle.test"] if rijen else [])
    if rijen:
        assert run.lijsten == {(ZWOLLE, AVD, "0193")}
        assert (telling(run)["gepubliceerd"], telling(run)["aangehouden"]) == (4, 0)
        assert run.samenvatting[AVD]["zonder_aanmelding"] == []
        manifest = gewoon.gepubliceerd(ZWOLLE)[0].manifest
        assert manifest["regels_uit"]["andere_lijsten"] == 3


def test_a_late_gemeente_without_rows_hears_that_it_has_none(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.dag(30)
    gewoon.meld_aan("Gemeente Aalten", "0197")

    assert gewoon.draai().lijsten == {("Gemeente Aalten", AVD, "0197")}
    assert gewoon.lijsten("Gemeente Aalten") == {"0197": []}


@pytest.mark.parametrize(
    ("aanmelding", "krijgt"),
    [
        ({"begin": date(2026, 3, 3)}, True),  # the day of the run
        ({"begin": date(2026, 3, 4)}, False),
        ({"einde": date(2026, 3, 4)}, True),  # the first day no longer registered
        ({"einde": date(2026, 3, 3)}, False),
        ({"product": Product.BIJZONDERE_BIJSTAND}, False),
    ],
)
def test_only_a_registration_that_is_active_on_the_day_counts(
    land: Land, aanmelding: dict[str, date], krijgt: bool
) -> None:
    land.bron.maak(AVD, [f"{A};0014"])
    land.meld_aan(GRONINGEN, "0014", **aanmelding)
    run = land.draai()

    assert bool(land.lijsten(GRONINGEN)) is bool(run.mails) is krijgt
    assert telling(run)["aangehouden"] == (0 if krijgt else 1)


def test_a_registration_that_begins_later_is_served_from_its_first_day(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014"])
    land.meld_aan(GRONINGEN, "0014", begin=date(2026, 3, 6))
    gezien = []
    for dag in range(5):
        land.dag(dag)
        gezien.append(bool(land.draai().lijsten))

    assert gezien == [False, False, False, True, False]


def test_two_organisations_for_one_gemeente_both_get_it_and_the_rows_count_once(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014", f"{B};0014"])
    land.meld_aan(GRONINGEN, "0014")
    land.meld_aan("Regeling Noord", "0014", "1979")
    run = land.draai()

    assert land.lijsten(GRONINGEN)["0014"] == land.lijsten("Regeling Noord")["0014"]
    assert (telling(run)["gepubliceerd"], telling(run)["lijsten"]) == (2, 3)
    for publicatie in land.gepubliceerd():
        assert sum(publicatie.manifest["regels_uit"].values()) == 2


def test_an_organisation_that_takes_a_gemeente_over_gets_its_list_too(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.dag(10)
    gewoon.meld_aan("Regeling Noord", "0014")

    assert gewoon.draai().lijsten == {("Regeling Noord", AVD, "0014")}
    assert gewoon.lijsten("Regeling Noord") == {"0014": [f"{A};0014", f"{B};0014"]}


def test_a_registration_that_ends_during_the_run_stops_publication(gewoon: Land) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    [tak, _] = verdeel(gewoon.opslag, "run-1")
    take_list_step(gewoon.opslag, tak, "lijsten_maken")
    with gewoon.opslag.database.transaction() as sessie:
        groningen = register_organisatie(sessie, GRONINGEN, ["0014"], nu=gewoon.nu)
        register_aanmelding(
            sessie, groningen, Product.ALLEENVERDIENERS, begin=date(2026, 1, 1), einde=date(2026, 3, 3)
        )

    with pytest.raises(GegevensFout, match=f"{GRONINGEN}, levering {AVD}: its registration"):
        take_list_step(gewoon.opslag, tak, "publiceren")
    assert gewoon.gepubliceerd() == []


def test_who_wants_no_mail_gets_the_list_all_the_same(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014"])
    land.meld_aan(GRONINGEN, "0014", mail=False)

    assert land.draai().mails == []
    assert land.lijsten(GRONINGEN) == {"0014": [f"{A};0014"]}


# -- herindelingen ---------------------------------------------------------------------------------------


def test_a_herindeling_between_levering_and_registration(land: Land) -> None:
    """On 2023-01-01 Brielle (0501), Hellevoetsluis (0530) and Westvoorne (0614) became Voorne aan Zee (1992)."""
    land.nu = datetime(2022, 12, 20, 8, 0, tzinfo=UTC)
    land.bron.maak(AVD, [f"{A};0501", f"{B};0530", f"{C};0614", f"{D};0014"], aangemaakt="2022-12-19")
    land.meld_aan("Gemeente Brielle", "0501", begin=date(2022, 1, 1))
    december = land.draai()

    assert land.lijsten("Gemeente Brielle") == {"0501": [f"{A};0501"]}
    assert telling(december)["aangehouden"] == 3
    assert december.samenvatting[AVD]["zonder_aanmelding"] == ["0014", "0530", "0614"]

    land.nu = datetime(2023, 1, 2, 8, 0, tzinfo=UTC)
    niets = land.draai()
    # Brielle is registered for a gemeente that is no more: it gets nothing of the one that took over.
    assert niets.lijsten == set()
    assert lijsten.vervallen_gemeenten(land.opslag) == {"Gemeente Brielle": ["0501"]}
    assert niets.samenvatting[AVD]["zonder_aanmelding"] == ["0014", "1992"]
    # What it got as long as it was there stays published.
    assert (telling(niets)["gepubliceerd"], telling(niets)["aangehouden"]) == (1, 3)

    land.meld_aan("Gemeente Voorne", "1992", begin=date(2023, 1, 1))
    januari = land.draai()
    # The list of a gemeente is always whole, and under its own code.
    assert land.lijsten("Gemeente Voorne") == {"1992": [f"{A};1992", f"{B};1992", f"{C};1992"]}
    assert (telling(januari)["gepubliceerd"], telling(januari)["aangehouden"]) == (3, 1)
    assert land.draai().lijsten == set()


def test_a_regeling_that_had_a_part_gets_the_whole_after_the_herindeling(land: Land) -> None:
    land.nu = datetime(2022, 12, 20, 8, 0, tzinfo=UTC)
    land.bron.maak(AVD, [f"{A};0501", f"{B};0614"], aangemaakt="2022-12-19")
    land.meld_aan("ISD Voorne", "0501", begin=date(2022, 1, 1))
    land.draai()
    land.nu = datetime(2023, 1, 2, 8, 0, tzinfo=UTC)
    land.meld_aan("ISD Voorne", "1992", begin=date(2022, 1, 1))
    run = land.draai()

    assert land.lijsten("ISD Voorne") == {"0501": [f"{A};0501"], "1992": [f"{A};1992", f"{B};1992"]}
    assert (telling(run)["gepubliceerd"], telling(run)["aangehouden"]) == (2, 0)
    assert land.draai().lijsten == set()


def test_an_ended_code_in_the_levering_goes_to_the_successor(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0003", f"{B};1979"])  # Appingedam became Eemsdelta in 2021
    land.meld_aan("Gemeente Eemsdelta", "1979")
    land.meld_aan("Gemeente Appingedam", "0003")
    run = land.draai()

    assert land.lijsten("Gemeente Eemsdelta") == {"1979": [f"{A};1979", f"{B};1979"]}
    assert land.lijsten("Gemeente Appingedam") == {}
    assert run.samenvatting[AVD]["heringedeeld"] == 1


# -- asked for -------------------------------------------------------------------------------------------


def test_reprocessing_that_changes_nothing_publishes_nothing_and_mails_nobody(
    gewoon: Land, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    gewoon.draai()
    gewoon.dag(40)
    run = gewoon.draai(AVD)

    assert len(run.lijsten) == 4  # looked at
    assert (run.mails, run.fouten) == ([], [])
    assert telling(run)["lijsten"] == 0
    assert [p.versie for p in gewoon.gepubliceerd(ook_vervangen=True)] == [1] * 4
    assert caplog.text.count("same content as version 1 of") == 4
    assert gewoon.opslag.bestanden.list("tussenresultaten") == []


def test_who_was_not_told_of_a_list_is_told_when_the_levering_is_asked_for(gewoon: Land) -> None:
    gewoon.mail_werkt = False
    gewoon.draai()
    gewoon.mail_werkt = True

    assert [adres for adres, _ in gewoon.draai(AVD).mails] == ["bea@groningen.test", "bea@walcheren.test"]
    assert gewoon.draai(AVD).mails == []
    assert {p.versie for p in gewoon.gepubliceerd(ook_vervangen=True)} == {1}


def test_a_correction_publishes_new_versions_and_the_old_ones_stay_until_their_own_day(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.dag(40)
    gewoon.bron.maak(AVD, [f"{B};0014", f"{A};0014", f"{E};0014", f"{C};0687", f"{D};0193"])
    run = gewoon.draai(AVD)

    assert len(run.lijsten) == 4
    assert len(run.mails) == 2
    alle = gewoon.gepubliceerd(GRONINGEN, ook_vervangen=True)
    assert [(p.versie, p.vervangen_op is None) for p in alle] == [(2, True), (1, False)]
    gewoon.dag(89)
    gewoon.draai()
    assert len(gewoon.gepubliceerd(GRONINGEN, ook_vervangen=True)) == 2
    gewoon.dag(90)
    gewoon.draai()
    assert [p.versie for p in gewoon.gepubliceerd(GRONINGEN, ook_vervangen=True)] == [2]
    assert gewoon.lijsten(GRONINGEN) == {"0014": [f"{A};0014", f"{B};0014", f"{E};0014"]}


def test_reprocessing_after_the_term_looks_at_lists_but_gives_out_nothing_held_back(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014", f"{C};0687", f"{D};0193"])
    land.draai()
    land.dag(50)
    land.meld_aan(GRONINGEN, "0014")
    land.meld_aan(WALCHEREN, "0687")
    land.draai()  # the first publication: keeps the levering until day 140
    land.dag(100)
    land.meld_aan(ZWOLLE, "0193")
    run = land.draai(AVD)

    assert {organisatie for organisatie, _, _ in run.lijsten} == {GRONINGEN, WALCHEREN}
    assert telling(run)["aangehouden"] == 1
    assert land.lijsten(ZWOLLE) == {}


def test_only_the_levering_that_was_asked_for_is_touched(gewoon: Land) -> None:
    gewoon.bron.maak("avd_2026_02", [f"{E};0014"])
    run = gewoon.draai("avd_2026_02")

    assert run.lijsten == {
        (GRONINGEN, "avd_2026_02", "0014"),
        *((WALCHEREN, "avd_2026_02", code) for code in ("0687", "0717", "0718")),
    }
    assert gewoon.draai().lijsten >= {(GRONINGEN, AVD, "0014")}


def test_a_levering_that_is_no_longer_announced_is_published_from_what_was_kept(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.bron.aangekondigd.clear()
    gewoon.dag(1)

    assert len(gewoon.draai(AVD).lijsten) == 4
    assert gewoon.bron.opgehaald == [AVD]


def test_a_levering_that_was_asked_for_and_does_not_come_stays_as_it_is(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.bron.bestanden[AVD] += b"halverwege"
    run = gewoon.draai(AVD)

    assert "does not have the sha-256" in str(run.fouten[0])
    assert (run.lijsten, run.mails) == (set(), [])
    assert {p.versie for p in gewoon.gepubliceerd(ook_vervangen=True)} == {1}


def test_a_levering_that_nobody_knows(gewoon: Land) -> None:
    run = gewoon.draai("avd_2031_01")

    [fout] = run.fouten
    assert str(fout).startswith("levering avd_2031_01: the Belastingdienst does not announce it")
    assert f"Announced: {AVD}" in str(fout)
    assert run.lijsten == set()


def test_a_mended_table_of_gemeenten_helps_a_levering_that_is_asked_for(
    gewoon: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    from include.normen import gemeenten

    zonder = {code: naar for code, naar in gemeenten.opvolgers(date(2026, 3, 2)).items() if code != "0193"}
    with monkeypatch.context() as eerder:
        for module in ("include.intake.selectielijst", "include.steps.selectielijsten"):
            eerder.setattr(f"{module}.opvolgers", lambda _: zonder)
        assert telling(gewoon.draai())["afgewezen"] == 2
    gewoon.meld_aan(ZWOLLE, "0193")
    gewoon.bron.maak("avd_2026_02", [f"{E};0193"])

    # A daily run does not act on what it would judge differently now, and says so; others go on.
    with pytest.raises(GegevensFout, match="3 rows were accepted when it came in and 4 would be now"):
        gewoon.draai()
    assert gewoon.lijsten(ZWOLLE) == {"0193": [f"{E};0193"]}
    run = gewoon.draai(AVD)
    assert telling(run)["afgewezen"] == 1
    assert sum(publicatie.bestand("lijst").rijen for publicatie in gewoon.gepubliceerd(ZWOLLE)) == 2


# -- what goes wrong at the Belastingdienst --------------------------------------------------------------


def test_a_rejected_levering_publishes_nothing_fails_once_and_leaves_others_alone(gewoon: Land) -> None:
    gewoon.bron.maak("avd_2026_02", [f"{E};0014"], aantal=2)
    run = gewoon.draai()

    [fout] = run.fouten
    assert isinstance(fout, GegevensFout)
    assert "levering avd_2026_02 is afgekeurd: S004" in str(fout)
    assert "1 rows were read, 2 announced" in str(fout)
    assert E not in str(fout)
    assert {levering for _, levering, _ in run.lijsten} == {AVD}
    assert telling(run, "avd_2026_02") == {
        "gelezen": 1,
        "gepubliceerd": 0,
        "aangehouden": 0,
        "afgewezen": 1,
        "dubbel": 0,
        "lijsten": 0,
        "organisaties": 0,
    }
    gewoon.dag(1)
    assert gewoon.draai().fouten == []


def test_the_verslag_of_a_rejected_levering_is_kept_and_names_nobody(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014", f"{SLECHT};0014"], aantal=3)
    land.draai()

    with land.opslag.database.reading() as sessie:
        [levering] = find_leveringen(sessie, kenmerk=AVD)
    assert (levering.status, levering.rijen_gelezen, levering.rijen_goedgekeurd) == (
        LeveringStatus.AFGEKEURD,
        2,
        0,
    )
    verslag = land.opslag.bestanden.read(levering.sleutel_verslag).decode()
    samenvatting = json.loads(land.opslag.bestanden.read(levering.sleutel_verslag_json))
    assert "0;*;Bestand;S004" in verslag
    assert "3;A;BSN;S022" in verslag
    assert samenvatting["aankondiging"]["aantal"] == 3
    assert not any(bsn in verslag + json.dumps(samenvatting) for bsn in (A, SLECHT))


def test_an_announcement_that_is_mended_is_taken_in(land: Land) -> None:
    land.meld_aan(GRONINGEN, "0014")
    land.bron.maak(AVD, [f"{A};0014"], aantal=2)
    assert len(land.draai().fouten) == 1
    land.bron.maak(AVD, [f"{A};0014"], aantal=1)
    run = land.draai()

    assert run.fouten == []
    assert land.lijsten(GRONINGEN) == {"0014": [f"{A};0014"]}


def test_other_bytes_than_announced_are_not_kept_and_tried_again(land: Land) -> None:
    land.meld_aan(GRONINGEN, "0014")
    land.bron.maak(AVD, [f"{A};0014"], sha256="0" * 64)
    run = land.draai()

    assert "does not have the sha-256" in str(run.fouten[0])
    assert run.samenvatting == {}
    assert land.opslag.bestanden.list("leveringen") == []
    land.bron.maak(AVD, [f"{A};0014"])
    assert land.draai().lijsten == {(GRONINGEN, AVD, "0014")}


def test_a_corrected_levering_takes_the_place_of_the_first(gewoon: Land) -> None:
    gewoon.draai()
    gewoon.dag(5)
    gewoon.bron.maak(AVD, [f"{B};0014", f"{E};0193"])
    run = gewoon.draai()

    assert len(run.lijsten) == 4
    assert [p.versie for p in gewoon.gepubliceerd(GRONINGEN)] == [2]
    assert gewoon.lijsten(GRONINGEN) == {"0014": [f"{B};0014"]}
    assert gewoon.lijsten(WALCHEREN)["0687"] == []
    # What was held back of the first one is no longer to be published; of the second it is.
    gewoon.dag(6)
    gewoon.meld_aan(ZWOLLE, "0193")
    gewoon.draai()
    assert gewoon.lijsten(ZWOLLE) == {"0193": [f"{E};0193"]}
    assert gewoon.bron.opgehaald == [AVD, AVD]


@pytest.mark.parametrize("gevraagd", [None, AVD])
def test_a_correction_that_is_rejected_changes_nothing(gewoon: Land, gevraagd: str | None) -> None:
    gewoon.draai()
    gewoon.bron.maak(AVD, b"verkeerd\r\n")
    run = gewoon.draai(gevraagd)

    assert len(run.fouten) == 1
    assert (run.lijsten, run.mails) == (set(), [])
    assert [p.versie for p in gewoon.gepubliceerd(GRONINGEN)] == [1]
    # The first one still counts for a registration that comes later.
    gewoon.meld_aan(ZWOLLE, "0193")
    assert gewoon.draai().lijsten == {(ZWOLLE, AVD, "0193")}


def test_a_levering_is_not_taken_in_again_after_its_removal(land: Land) -> None:
    land.bron.maak(AVD, [f"{A};0014"])
    land.draai()
    land.dag(90)
    land.draai()
    assert land.opslag.bestanden.list("leveringen") == []
    land.dag(91)
    land.meld_aan(GRONINGEN, "0014")

    assert land.draai().lijsten == set()
    assert land.bron.opgehaald == [AVD]


# -- what goes wrong here --------------------------------------------------------------------------------


def test_a_refused_mail_is_sent_by_the_same_run_and_by_no_other(gewoon: Land) -> None:
    gewoon.mail_werkt = False
    run = gewoon.draai()
    assert len(run.fouten) == 2
    assert len(gewoon.gepubliceerd()) == 4

    gewoon.mail_werkt = True
    assert gewoon.draai().mails == []
    assert len(gewoon.draai(run="run-1").mails) == 2
    assert gewoon.draai(run="run-1").mails == []


def test_publication_that_was_cut_short_is_finished_by_a_repetition(
    gewoon: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    [_, tak] = verdeel(gewoon.opslag, "run-1")
    take_list_step(gewoon.opslag, tak, "lijsten_maken")
    echt = lijsten.publish

    def breekt_af(*args, gemeentecode, **kwargs):
        if gemeentecode == "0718":
            raise OpslagFout("the file store is away")
        return echt(*args, gemeentecode=gemeentecode, **kwargs)

    with monkeypatch.context() as stuk:
        stuk.setattr(lijsten, "publish", breekt_af)
        with pytest.raises(OpslagFout):
            take_list_step(gewoon.opslag, tak, "publiceren")
    assert len(gewoon.gepubliceerd()) == 2

    assert take_list_step(gewoon.opslag, tak, "publiceren") == {"nieuw": 1, "lijsten": 3, "rijen": 1}
    assert take_list_step(gewoon.opslag, tak, "publiceren") == {"nieuw": 0, "lijsten": 3, "rijen": 1}
    assert sorted(p.versie for p in gewoon.gepubliceerd(ook_vervangen=True)) == [1, 1, 1]
    assert gewoon.opslag.bestanden.list("tussenresultaten") == []


def test_a_run_that_is_resumed_after_another_published_does_not_publish_again(gewoon: Land) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    gestrand = verdeel(gewoon.opslag, "gestrand")
    for tak in gestrand:
        take_list_step(gewoon.opslag, tak, "lijsten_maken")
    assert len(gewoon.draai().mails) == 2

    for tak in gestrand:
        assert take_list_step(gewoon.opslag, tak, "publiceren")["nieuw"] == 0
        assert take_list_step(gewoon.opslag, tak, "notificeren", gewoon.bezorg)["nu_verzonden"] == 0
    assert {p.versie for p in gewoon.gepubliceerd(ook_vervangen=True)} == {1}
    assert gewoon.opslag.bestanden.list("tussenresultaten") == []


def test_a_branch_tells_only_of_its_own_lists(gewoon: Land) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    [groningen, walcheren] = verdeel(gewoon.opslag, "run-2", gevraagd=AVD)
    for tak in (groningen, walcheren):
        take_list_step(gewoon.opslag, tak, "lijsten_maken")
    assert take_list_step(gewoon.opslag, groningen, "publiceren") == {"nieuw": 1, "lijsten": 1, "rijen": 2}
    assert take_list_step(gewoon.opslag, walcheren, "publiceren") == {"nieuw": 3, "lijsten": 3, "rijen": 1}

    adressen: list[str] = []

    def bezorg(mail: Mail, adres: str) -> tuple[Bezorging, str]:
        adressen.append(adres)
        return Bezorging.AANGENOMEN, ""

    assert take_list_step(gewoon.opslag, groningen, "notificeren", bezorg)["nu_verzonden"] == 1
    assert take_list_step(gewoon.opslag, walcheren, "notificeren", bezorg)["nu_verzonden"] == 1
    assert adressen == ["bea@groningen.test", "bea@walcheren.test"]


def test_publishing_lists_that_were_never_made_says_what_to_clear(gewoon: Land) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    [tak, _] = verdeel(gewoon.opslag, "run-1")

    with pytest.raises(GegevensFout, match="Clear lijsten_maken of this organisation"):
        take_list_step(gewoon.opslag, tak, "publiceren")


@pytest.mark.parametrize(
    "lijst",
    [
        "BSN;Gemeentecode\r\n",  # everybody lost
        f"BSN;Gemeentecode\r\n{A};0014\r\n",  # one lost
        f"BSN;Gemeentecode\r\n{A};1979\r\n{B};1979\r\n",  # of another gemeente
    ],
)
def test_a_list_that_does_not_hold_what_it_should_is_not_published(
    gewoon: Land, monkeypatch: pytest.MonkeyPatch, lijst: str
) -> None:
    selectielijsten.haal_binnen(
        gewoon.opslag, gewoon.bron, selectielijsten.zoek(gewoon.opslag, gewoon.bron)[0]
    )
    [tak, _] = verdeel(gewoon.opslag, "run-1")
    monkeypatch.setattr(lijsten, "lijst_csv", lambda *_: lijst.encode())

    with pytest.raises(ControleFout, match="the list of gemeente 0014 does not hold the 2 rows") as melding:
        take_list_step(gewoon.opslag, tak, "lijsten_maken")
    assert A not in str(melding.value)


def test_a_row_that_gets_lost_is_noticed(gewoon: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    gewoon.draai()
    from include.steps import verdeling

    echt = verdeling.lees_aangenomen

    def verliest(*args):
        oordeel = echt(*args)
        korter: pd.DataFrame = oordeel.huishoudens[1:]
        object.__setattr__(oordeel, "huishoudens", korter)
        return oordeel

    monkeypatch.setattr(verdeling, "lees_aangenomen", verliest)
    with pytest.raises(ControleFout, match=f"levering {AVD}: 6 rows came in, but they went"):
        gewoon.draai()


def test_a_verdeling_goes_through_xcom_and_back() -> None:
    tak = Verdeling("run", AVD, "id", WALCHEREN, 7, ("0687", "0717"), opnieuw=True)
    waarden = tak.als_dict()

    assert json.loads(json.dumps(waarden)) == waarden
    assert waarden["naam"] == f"{WALCHEREN} ({AVD})"
    assert Verdeling.uit_dict(waarden) == tak
