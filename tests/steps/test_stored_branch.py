"""The toets of one organisation, step by step: settled settings, repetition, the manifest, one publication."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from lxml import etree

from include.errors import BronFout, ControleFout, GegevensFout
from include.normen import laden
from include.pipeline import BIJZONDERE_BIJSTAND
from include.rapportage.mail import Mail
from include.schemas.domein import DeelnameStatus, Product
from include.steps import publicatie as publicatiestappen
from include.steps import rapporten as rapportstappen
from include.steps.notificeren import Bezorging
from include.steps.rondes import onafgemaakt
from include.steps.samenvatting import stel_op
from include.steps.verwerking import Opslag, Verwerking
from include.storage.bewaartermijn import sweep
from include.storage.file_store import intermediates_folder
from include.storage.organisaties import find_organisatie, register_productbeheerder, set_instellingen
from include.storage.rondes import find_deelname
from tests.dags.wereld import ALFA, ARM, BETA, NAMEN, PERSONEN, RIJK, RONDE
from tests.harness import branch, outside, take, take_until
from tests.steps.hulp import Klok, begin_run, inhoud, laat_vervallen, versies, verwerking_van

TUSSENIN = [step.name for step in BIJZONDERE_BIJSTAND.until("rapporten_maken")]


def _zet(opslag: Opslag, wanneer: datetime, **gekozen: Any) -> None:
    with opslag.database.transaction() as sessie:
        set_instellingen(sessie, find_organisatie(sessie, ALFA), nu=wanneer, **gekozen)


def _tussenbestanden(opslag: Opslag, verwerking: Verwerking) -> dict[str, bytes]:
    map_ = intermediates_folder(verwerking.kenmerk)
    return {stuk.key: opslag.bestanden.read(stuk.key) for stuk in opslag.bestanden.list(map_)}


def _meld_beheerder(opslag: Opslag, organisatie: str) -> None:
    with opslag.database.transaction() as sessie:
        register_productbeheerder(
            sessie,
            find_organisatie(sessie, organisatie),
            naam="Een",
            email="een@alfa.test",
            product=Product.BIJZONDERE_BIJSTAND,
        )


def _zonder_datum(rapport: bytes) -> bytes:
    kop, begin, rest = rapport.partition(b"<Rapportagedatum>")
    return kop + begin + rest[10:]


# -- instellingen (besluit B8) ------------------------------------------------------------------------------------

MAART, OKTOBER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
NA_AFLOOP = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
"""00:00 in Amsterdam on the day after the rapportagemaand."""


@pytest.mark.parametrize(
    ("ingevoerd", "gevraagd_op", "percentage", "versie"),
    [
        ([], datetime(2026, 11, 5, tzinfo=UTC), 120, 0),
        ([(MAART, 110)], datetime(2026, 11, 5, tzinfo=UTC), 110, 1),
        ([(MAART, 110), (OKTOBER, 130)], datetime(2026, 11, 5, tzinfo=UTC), 130, 2),
        # Entered after the deelnamedatum but before the sources are asked: counts.
        ([(MAART, 110), (datetime(2026, 11, 4, tzinfo=UTC), 130)], datetime(2026, 11, 5, tzinfo=UTC), 130, 2),
        # Entered after they are asked: does not.
        ([(MAART, 110), (datetime(2026, 11, 6, tzinfo=UTC), 130)], datetime(2026, 11, 5, tzinfo=UTC), 110, 1),
        # A ronde run after its rapportagemaand takes what was in force at the end of that month.
        ([(MAART, 110), (datetime(2026, 11, 6, tzinfo=UTC), 130)], datetime(2027, 2, 1, tzinfo=UTC), 130, 2),
        ([(MAART, 110), (datetime(2026, 12, 6, tzinfo=UTC), 130)], datetime(2027, 2, 1, tzinfo=UTC), 110, 1),
        ([(MAART, 110), (NA_AFLOOP, 130)], datetime(2027, 2, 1, tzinfo=UTC), 110, 1),
        ([(NA_AFLOOP, 130)], datetime(2027, 2, 1, tzinfo=UTC), 120, 0),
    ],
)
def test_the_settings_in_force_when_the_sources_are_asked(
    wereld: Opslag,
    klok: Klok,
    ingevoerd: list[tuple[datetime, int]],
    gevraagd_op: datetime,
    percentage: int,
    versie: int,
) -> None:
    for wanneer, gekozen in ingevoerd:
        _zet(wereld, wanneer, percentage=gekozen)
    klok.nu = gevraagd_op
    verwerking = verwerking_van(wereld, ALFA)
    assert branch(wereld, verwerking, "huishouden_brp").toetsing.instellingen.percentage == percentage
    with wereld.database.reading() as sessie:
        rij = find_deelname(sessie, RONDE, find_organisatie(sessie, ALFA))
    assert rij.instellingen_versie == versie


def test_a_change_while_the_run_is_under_way_waits_for_the_next_run(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url, tot="bijstand_ophalen")
    _zet(wereld, klok.nu, vermogen=True, percentage=150)
    klok.verder(hours=1)
    take_until(wereld, verwerking, bronnen.url, van="huishouden_brp")  # from the very begin, in the same run
    assert bronnen.beheer.bevraagd("belastingdienst", "vermogens") == []
    take_until(wereld, verwerking_van(wereld, ALFA, "run-2"), bronnen.url)
    assert bronnen.beheer.bevraagd("belastingdienst", "vermogens") != []
    assert [publicatie.manifest["instellingen_versie"] for publicatie in versies(wereld, ALFA)] == ["0", "1"]


def test_a_step_without_a_begin_says_what_to_clear(wereld: Opslag) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    with pytest.raises(GegevensFout, match=f"^organisation {ALFA}, ronde {RONDE}: .*clear huishouden_brp"):
        _ = branch(wereld, verwerking, "regels_toetsen").toetsing


def test_what_another_run_took_over_is_not_finished_with_its_settings(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    oud = verwerking_van(wereld, ALFA, "run-1")
    take_until(wereld, oud, bronnen.url, tot="rapporten_maken")
    _zet(wereld, klok.nu, vermogen=True)
    take_until(wereld, verwerking_van(wereld, ALFA, "run-2"), bronnen.url)
    for stap in ("regels_toetsen", "rapporten_maken", "publiceren"):
        with pytest.raises(GegevensFout, match="another run of the ronde has taken over"):
            take(wereld, oud, stap, bronnen.url)
    assert [publicatie.verwerking for publicatie in versies(wereld, ALFA)] == [f"run-2/{oud.organisatie_id}"]


# -- repetition ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("organisatie", [ALFA, BETA])
def test_any_step_any_number_of_times_leaves_the_same_bytes(
    wereld: Opslag, bronnen: SimpleNamespace, organisatie: str
) -> None:
    verwerking = verwerking_van(wereld, organisatie)
    take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    eerst = _tussenbestanden(wereld, verwerking)
    for naam in [*TUSSENIN, *reversed(TUSSENIN), *TUSSENIN]:
        take(wereld, verwerking, naam, bronnen.url)
    assert _tussenbestanden(wereld, verwerking) == eerst


def test_whatever_the_batches_and_the_order_of_the_answers(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    rapporten = []
    for run, grenzen in enumerate([{}, {"batchgrootte": 1, "gelijktijdig": 1}, {"batchgrootte": 1}]):
        world = outside(bronnen.url, **grenzen)
        take_until(wereld, verwerking_van(wereld, BETA, f"run-{run}"), world)
        [nieuwste] = versies(wereld, BETA)
        rapporten.append((inhoud(wereld, nieuwste, "overzicht"), inhoud(wereld, nieuwste, "detail")))
        laat_vervallen(wereld, nieuwste)
    assert rapporten[0] == rapporten[1] == rapporten[2]


def test_a_run_on_a_later_day_differs_in_rapportagedatum_only(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    gemaakt = []
    for run in ("run-1", "run-2"):
        verwerking = verwerking_van(wereld, ALFA, run)
        take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
        werk = branch(wereld, verwerking, "publiceren").werk
        gemaakt.append((werk.read("overzicht.csv"), werk.read("detail.xml")))
        klok.verder(days=9)
    (overzicht, eerste), (overzicht_later, tweede) = gemaakt
    assert b"<Rapportagedatum>2026-11-05<" in eerste
    assert b"<Rapportagedatum>2026-11-14<" in tweede
    assert _zonder_datum(eerste) == _zonder_datum(tweede)
    assert overzicht == overzicht_later


# -- publishing ---------------------------------------------------------------------------------------------------


def test_publishing_twice_in_a_run_is_publishing_once(beide: Opslag, bronnen: SimpleNamespace) -> None:
    from tests.steps.hulp import lever_in, schrijf_in

    schrijf_in(beide, ALFA)
    lever_in(beide, ALFA)
    verwerking = verwerking_van(beide, ALFA)
    eerst = take_until(beide, verwerking, bronnen.url)
    assert eerst == {
        "publicatie": versies(beide, ALFA)[0].id,
        "versie": 1,
        "nieuw": True,
        "ongewijzigd": False,
        "rijen": 2,
        "verwijderen_op": "2027-02-03",  # 5 November and 90 days
    }
    assert take(beide, verwerking, "publiceren") == eerst | {"nieuw": False}
    assert len(versies(beide, ALFA)) == 1
    with beide.database.reading() as sessie:
        rij = find_deelname(sessie, RONDE, find_organisatie(sessie, ALFA))
    assert rij.status is DeelnameStatus.GEPUBLICEERD


def test_another_run_publishes_a_new_version_and_keeps_the_old_one(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    take_until(wereld, verwerking_van(wereld, ALFA, "run-1"), bronnen.url)
    _zet(wereld, klok.nu, percentage=150)
    take_until(wereld, verwerking_van(wereld, ALFA, "run-2"), bronnen.url)
    oud, nieuw = versies(wereld, ALFA)
    assert (oud.versie, nieuw.versie) == (1, 2)
    assert oud.vervangen_door == nieuw.id
    assert nieuw.vervangen_op is None
    assert inhoud(wereld, oud, "overzicht") != inhoud(wereld, nieuw, "overzicht")


def test_another_run_that_changes_nothing_publishes_nothing_and_mails_nobody(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    """Besluit B56: Rapportagedatum apart, nine days later everything is the same."""
    caplog.set_level("INFO")
    mails: list[str] = []

    def bezorg(mail: Mail, adres: str) -> tuple[Bezorging, str]:
        mails.append(adres)
        return Bezorging.AANGENOMEN, ""

    _meld_beheerder(wereld, ALFA)
    world = outside(bronnen.url, bezorg)
    take_until(wereld, verwerking_van(wereld, ALFA, "run-1"), world, tot="notificeren")
    klok.verder(days=9)
    tweede = verwerking_van(wereld, ALFA, "run-2")
    uitkomst = take_until(wereld, tweede, world)
    [enige] = versies(wereld, ALFA)
    verwacht = {
        "publicatie": enige.id,
        "versie": 1,
        "nieuw": False,
        "ongewijzigd": True,
        "rijen": 2,
        "verwijderen_op": "2027-02-03",  # 5 November and 90 days
    }
    assert uitkomst == verwacht
    assert (
        f"organisation {ALFA}, ronde {RONDE}: same content as version 1 of 2026-11-05: nothing new is published"
        in caplog.text
    )
    assert take(wereld, tweede, "notificeren", world) == {"verzonden": 1, "nu_verzonden": 0, "onzeker": 0}
    assert mails == ["een@alfa.test"]

    with wereld.database.reading() as sessie:
        rij = find_deelname(sessie, RONDE, find_organisatie(sessie, ALFA))
    assert (rij.status, rij.verwerking) == (DeelnameStatus.GEPUBLICEERD, tweede.kenmerk)
    assert onafgemaakt(wereld, laden.ronde(RONDE), "run-2", []) == [
        BETA
    ]  # which run-2 took in and nobody tested
    deel = stel_op(wereld, RONDE, "run-2", {})
    assert deel["ongewijzigd"] == 1
    assert deel["per_organisatie"][ALFA]["ongewijzigd"] is True
    assert deel["per_organisatie"][ALFA]["toetsen"]["Inkomen"] == {"J": 1, "N": 1, "Niet getoetst": 0}

    # Its tasks repeated, and begun anew: still the same.
    assert branch(wereld, tweede, "regels_toetsen").is_done
    assert take(wereld, tweede, "publiceren") == verwacht
    assert take_until(wereld, tweede, world, tot="notificeren")["nu_verzonden"] == 0
    assert [publicatie.id for publicatie in versies(wereld, ALFA)] == [enige.id]
    assert mails == ["een@alfa.test"]


def test_who_was_not_told_before_a_crash_is_told_by_the_next_run_once(
    wereld: Opslag, bronnen: SimpleNamespace
) -> None:
    mails: list[str] = []

    def bezorg(mail: Mail, adres: str) -> tuple[Bezorging, str]:
        mails.append(adres)
        return Bezorging.AANGENOMEN, ""

    _meld_beheerder(wereld, ALFA)
    world = outside(bronnen.url, bezorg)
    take_until(wereld, verwerking_van(wereld, ALFA, "run-1"), world, tot="publiceren")  # and it is killed
    for run in ("run-2", "run-3"):
        take_until(wereld, verwerking_van(wereld, ALFA, run), world, tot="notificeren")
    assert [publicatie.versie for publicatie in versies(wereld, ALFA)] == [1]
    assert mails == ["een@alfa.test"]


def test_once_published_nothing_that_was_fetched_is_left(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    alle = begin_run(wereld)
    for organisatie in (ALFA, BETA):
        verwerking = Verwerking.uit_dict(alle[organisatie])
        assert not branch(wereld, verwerking, "regels_toetsen").is_done
        take_until(wereld, verwerking, bronnen.url)
        assert branch(wereld, verwerking, "regels_toetsen").is_done
    assert wereld.bestanden.list("tussenresultaten") == []


def test_reports_made_yesterday_are_dated_today(wereld: Opslag, klok: Klok, bronnen: SimpleNamespace) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    klok.nu = datetime(2026, 11, 5, 22, 59, tzinfo=UTC)
    take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    klok.verder(minutes=1)  # past midnight in Amsterdam
    take(wereld, verwerking, "publiceren")
    [publicatie] = versies(wereld, ALFA)
    assert b"<Rapportagedatum>2026-11-06<" in inhoud(wereld, publicatie, "detail")
    assert publicatie.manifest["rapportagedatum"] == "2026-11-06"


def test_reports_are_written_once_whatever_the_day_of_publication(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, BETA)
    take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    geschreven = branch(wereld, verwerking, "publiceren").werk.read("detail.xml")
    klok.verder(days=3)
    monkeypatch.setattr(publicatiestappen, "maak_rapporten", lambda _: pytest.fail("they are there"))
    take(wereld, verwerking, "publiceren")
    [publicatie] = versies(wereld, BETA)
    assert b"<Rapportagedatum>2026-11-05<" in geschreven
    assert inhoud(wereld, publicatie, "detail") == geschreven.replace(b"2026-11-05", b"2026-11-08", 1)


def test_an_uitkering_that_ended_before_the_publication_no_longer_shows(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    """Besluit B45: running PW shows unless it ended before the rapportagedatum, which is the day of publication."""
    verwerking = verwerking_van(wereld, BETA)
    take_until(wereld, verwerking, bronnen.url, tot="regels_toetsen")
    [deel] = branch(wereld, verwerking, "rapporten_maken").toetsing.delen()
    vormen = deel.werk.read_frame("uitkeringsvormen")
    assert len(vormen) == 1
    deel.werk.write_frame("uitkeringsvormen", vormen.assign(einde=pd.Timestamp("2026-11-06")))
    take(wereld, verwerking, "rapporten_maken")
    toont = []
    for dag in (6, 7):
        klok.nu = datetime(2026, 11, dag, 12, tzinfo=UTC)
        with wereld.bestanden.open_read(
            branch(wereld, verwerking, "publiceren").werk.key("detail.xml")
        ) as xml:
            eerder = b"<Uitkering>" in xml.read()
        feiten = publicatiestappen._feiten_op(branch(wereld, verwerking, "publiceren"), klok.nu.date())
        toont.append((eerder, feiten["rapportagedatum"]))
    assert toont == [(True, "2026-11-05"), (True, "2026-11-07")]
    take(wereld, verwerking, "publiceren")
    [publicatie] = versies(wereld, BETA)
    assert b"<Uitkering>" not in inhoud(wereld, publicatie, "detail")


def test_a_retry_on_a_later_day_does_not_publish_again(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, BETA)

    def omgevallen(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publicatiestappen, "remove_intermediates", omgevallen)
        with pytest.raises(KeyboardInterrupt):
            take_until(wereld, verwerking, bronnen.url)
    klok.verder(days=1)
    assert take(wereld, verwerking, "publiceren")["nieuw"] is False
    assert len(versies(wereld, BETA)) == 1
    assert branch(wereld, verwerking, "regels_toetsen").is_done
    assert not _tussenbestanden(wereld, verwerking)


def test_a_branch_begun_anew_after_its_intermediates_went_tells_the_same(
    wereld: Opslag, bronnen: SimpleNamespace
) -> None:
    """Who else delivered an aanvrager (besluit B52) is an intermediate too: it must be found again."""
    verwerking = verwerking_van(wereld, ALFA)
    eerst = take_until(wereld, verwerking, bronnen.url)
    opnieuw = take_until(wereld, verwerking, bronnen.url)
    assert opnieuw == eerst | {"nieuw": False}
    [publicatie] = versies(wereld, ALFA)
    assert b"<BSNTevensAangeleverd>Veere<" in inhoud(wereld, publicatie, "detail")


def test_a_branch_begun_anew_on_other_answers_publishes_a_new_version(
    wereld: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url)
    eerste = wereld.klok()
    take_until(wereld, verwerking, bronnen.url, tot="regels_toetsen")
    [deel] = branch(wereld, verwerking, "regels_toetsen").toetsing.delen()
    uitkomsten = deel.werk.read_frame("uitkomsten")
    deel.werk.write_frame("uitkomsten", uitkomsten.assign(naam="Anders"))
    assert take_until(wereld, verwerking, bronnen.url, van="rapporten_maken")["versie"] == 2
    nieuwste = branch(wereld, verwerking, "notificeren").gepubliceerd
    assert nieuwste is not None
    assert nieuwste.versie == 2
    assert eerste == wereld.klok()


def test_intermediates_that_the_sweep_took_are_missed_with_advice(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url, tot="rdw_ophalen")
    sweep(wereld.database, wereld.bestanden, nu=datetime(2100, 1, 1, tzinfo=UTC), klassen=_tussenklassen())
    for stap in ("regels_toetsen", "rapporten_maken", "publiceren"):
        with pytest.raises(
            GegevensFout, match="Clear huishouden_brp of this organisation with everything after it"
        ):
            take(wereld, verwerking, stap, bronnen.url)


def _tussenklassen() -> list[Any]:
    from include.storage.bewaarklassen import IntermediateFiles as Klasse

    return [Klasse()]


def test_a_source_that_is_down_leaves_what_was_there(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url, tot="bijstand_ophalen")
    eerst = _tussenbestanden(wereld, verwerking)
    bronnen.beheer.storing("uwv", 503)
    with pytest.raises(BronFout, match="source uwv") as fout:
        take(wereld, verwerking, "uwv_ophalen", bronnen.url)
    assert fout.value.bron == "uwv"
    assert _tussenbestanden(wereld, verwerking) == eerst
    bronnen.beheer.herstel()
    assert take_until(wereld, verwerking, bronnen.url, van="uwv_ophalen")["versie"] == 1


@pytest.mark.parametrize(
    ("rapport", "van", "door"),
    [("overzicht", b";J;J;2028;", b";J;N;2028;"), ("detail", b"<Belemmering>J<", b"<Belemmering>N<")],
)
def test_reports_that_contradict_each_other_are_not_published(
    wereld: Opslag,
    bronnen: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    rapport: str,
    van: bytes,
    door: bytes,
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    echt = rapportstappen.controleer

    def bedorven(overzicht: Any, detail: Any, aangenomen: int) -> Any:
        import io

        stukken = {"overzicht": overzicht.read(), "detail": detail.read()}
        assert van in stukken[rapport]
        stukken[rapport] = stukken[rapport].replace(van, door, 1)
        return echt(io.BytesIO(stukken["overzicht"]), io.BytesIO(stukken["detail"]), aangenomen)

    monkeypatch.setattr(rapportstappen, "controleer", bedorven)
    with pytest.raises(ControleFout, match=r"differ in row 1: .*; nothing was published"):
        take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    with pytest.raises(GegevensFout, match=r"intermediate file rapport\.json is not there"):
        take(wereld, verwerking, "publiceren")
    assert versies(wereld, ALFA) == []


# -- what is said of it -------------------------------------------------------------------------------------------


def test_the_manifest_accounts_for_everything(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url)
    [publicatie] = versies(wereld, ALFA)
    manifest = publicatie.manifest
    assert json.loads(inhoud(wereld, publicatie, "manifest")) == manifest
    assert {naam: manifest[naam] for naam in ("product", "organisatie", "periode", "rapportagedatum")} == {
        "product": "bijzondere-bijstand",
        "organisatie": ALFA,
        "periode": RONDE,
        "rapportagedatum": "2026-11-05",
    }
    assert manifest["codeversie"]
    assert len(manifest["normen_sha256"]) == 64
    assert manifest["levering"]["rijen"] == 3
    # RIJK with partner, and ARM: asked at the BRP by aanvrager, elsewhere by person; vermogen and voertuigen are off.
    gevraagd = {"brp": 2, "bijstand": 3, "uwv": 3, "vermogens": 0, "heffingskortingen": 3, "rdw": 0}
    assert [bron["bron"] for bron in manifest["bronnen"]] == list(gevraagd)
    assert {bron["bron"]: (bron["gevraagd"], bron["beantwoord"]) for bron in manifest["bronnen"]} == {
        naam: (aantal, aantal) for naam, aantal in gevraagd.items()
    }
    assert all(len(bron["sha256"]) == 64 for bron in manifest["bronnen"])
    assert manifest["regels_in"] == 3
    assert manifest["regels_uit"] == {"gerapporteerd": 2, "afgewezen": 1}
    assert manifest["totalen"]["rijen"] == 2
    assert manifest["totalen"]["oordelen"]["Inkomen"] == {"J": 1, "N": 1, "Niet getoetst": 0}
    assert manifest["totalen"]["bedragen"]["Reden(bedrag)"] == 2500
    for soort in ("overzicht", "detail", "index"):
        bestand = publicatie.bestand(soort)
        assert manifest["uitvoer"][soort]["sha256"] == bestand.sha256
        assert manifest["uitvoer"][soort]["rijen"] == 2


def test_what_a_task_hands_on_points_at_nobody(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    samen = begin_run(wereld)
    verwerking = Verwerking.uit_dict(samen[ALFA])
    gezegd = [
        samen,
        *(
            take(wereld, verwerking, step.name, bronnen.url)
            for step in BIJZONDERE_BIJSTAND.until("publiceren")
        ),
    ]
    gezegd.append(versies(wereld, ALFA)[0].manifest)
    tekst = json.dumps(gezegd, default=vars)
    for geheim in (*PERSONEN, *NAMEN):
        assert geheim not in tekst


def test_the_reports_are_valid_and_name_the_delivery(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    take_until(wereld, verwerking_van(wereld, ALFA), bronnen.url)
    [publicatie] = versies(wereld, ALFA)
    wortel = etree.fromstring(inhoud(wereld, publicatie, "detail"))
    kop = {etree.QName(kind).localname: kind.text for kind in wortel[0]}
    assert kop == {
        "AanleverendeOrganisatie": ALFA,
        "Bestandsnaam": "vraag.csv",
        "Aanleverdatum": "2026-10-12",
        "Deelnamedatum": "2026-10-26",
        "Rapportagedatum": "2026-11-05",
        "Berichtversie": "1.1",
        "Ronde": RONDE,
        "Peilmaand": "2026-09",
        "Belastingjaar": "2025",
        "Normvariant": "inclusief",
    }
    bsns = [aanvraag.findtext("{*}BSN") for aanvraag in wortel[1:]]
    assert bsns == [RIJK, ARM]


def test_each_source_is_asked_about_nobody_more_than_the_tests_need(
    wereld: Opslag, bronnen: SimpleNamespace
) -> None:
    take_until(wereld, verwerking_van(wereld, BETA), bronnen.url)
    gevraagd = {
        bron: sorted(bsn for aanroep in bronnen.beheer.bevraagd(bron) for bsn in aanroep)
        for bron in ("brp", "bijstand", "uwv", "rdw")
    }
    met_bijstand, rijk, partner, onbekend = "999900055", "999900018", "999900031", "999900079"
    assert gevraagd == {
        "brp": sorted([met_bijstand, rijk, onbekend]),
        "bijstand": sorted([met_bijstand, rijk, partner]),  # not who the BRP does not know (besluit B22)
        "uwv": sorted([rijk, partner]),  # not who has bijstand (besluit B28)
        "rdw": [],  # the setting is off (besluit B41)
    }
