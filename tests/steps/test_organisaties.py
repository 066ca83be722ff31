"""The toets of one organisation, step by step: settled settings, repetition, the manifest, one publication."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from include.errors import BronFout, ControleFout, GegevensFout
from include.schemas.domein import DeelnameStatus
from include.steps import organisaties, rapporteren
from include.steps.organisaties import begin_toetsing, gepubliceerd, hervat_toetsing, is_afgerond, publiceer
from include.steps.toetsing import SNAPSHOTS
from include.steps.verwerking import Opslag, Verwerking
from include.storage.bewaartermijn import sweep
from include.storage.file_store import intermediates_folder
from include.storage.organisaties import find_organisatie, set_instellingen
from include.storage.rondes import find_deelname
from tests.bronnen.hulp import client
from tests.dags.wereld import ALFA, ARM, BETA, NAMEN, PERSONEN, RIJK, RONDE
from tests.harness import take_until
from tests.steps.hulp import STAPPEN, Klok, begin_run, inhoud, versies, verwerking_van

TUSSENIN = [naam for naam in STAPPEN if naam != "publiceren"]


def _zet(opslag: Opslag, wanneer: datetime, **gekozen: Any) -> None:
    with opslag.database.transaction() as sessie:
        set_instellingen(sessie, find_organisatie(sessie, ALFA), nu=wanneer, **gekozen)


def _tussenbestanden(opslag: Opslag, verwerking: Verwerking) -> dict[str, bytes]:
    map_ = intermediates_folder(verwerking.kenmerk)
    return {stuk.key: opslag.bestanden.read(stuk.key) for stuk in opslag.bestanden.list(map_)}


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
    assert begin_toetsing(wereld, verwerking).instellingen.percentage == percentage
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
        hervat_toetsing(wereld, verwerking)


def test_what_another_run_took_over_is_not_finished_with_its_settings(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    oud = verwerking_van(wereld, ALFA, "run-1")
    take_until(wereld, oud, bronnen.url, tot="rapporten_maken")
    _zet(wereld, klok.nu, vermogen=True)
    take_until(wereld, verwerking_van(wereld, ALFA, "run-2"), bronnen.url)
    for stap in ("regels_toetsen", "rapporten_maken", "publiceren"):
        with pytest.raises(GegevensFout, match="another run of the ronde has taken over"):
            STAPPEN[stap](wereld, oud, bronnen.url)
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
        STAPPEN[naam](wereld, verwerking, bronnen.url)
    assert _tussenbestanden(wereld, verwerking) == eerst


def test_whatever_the_batches_and_the_order_of_the_answers(
    wereld: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.steps import hulp

    rapporten = []
    for run, grenzen in enumerate([{}, {"batchgrootte": 1, "gelijktijdig": 1}, {"batchgrootte": 1}]):
        monkeypatch.setattr(hulp, "client", lambda url, bron="brp", g=grenzen: client(url, bron=bron, **g))
        take_until(wereld, verwerking_van(wereld, BETA, f"run-{run}"), bronnen.url)
        nieuwste = versies(wereld, BETA)[-1]
        rapporten.append((inhoud(wereld, nieuwste, "overzicht"), inhoud(wereld, nieuwste, "detail")))
    assert rapporten[0] == rapporten[1] == rapporten[2]


def test_a_run_on_a_later_day_differs_in_rapportagedatum_only(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    for run in ("run-1", "run-2"):
        take_until(wereld, verwerking_van(wereld, ALFA, run), bronnen.url)
        klok.verder(days=9)
    eerste, tweede = (inhoud(wereld, publicatie, "detail") for publicatie in versies(wereld, ALFA))
    assert b"<Rapportagedatum>2026-11-05<" in eerste
    assert b"<Rapportagedatum>2026-11-14<" in tweede
    assert _zonder_datum(eerste) == _zonder_datum(tweede)
    assert len({inhoud(wereld, publicatie, "overzicht") for publicatie in versies(wereld, ALFA)}) == 1
    assert len({publicatie.inhoud_sha256 for publicatie in versies(wereld, ALFA)}) == 1


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
        "rijen": 2,
        "verwijderen_op": "2027-02-03",  # 5 November and 90 days
    }
    assert publiceer(beide, verwerking) == eerst | {"nieuw": False}
    assert len(versies(beide, ALFA)) == 1
    with beide.database.reading() as sessie:
        rij = find_deelname(sessie, RONDE, find_organisatie(sessie, ALFA))
    assert rij.status is DeelnameStatus.GEPUBLICEERD


def test_another_run_publishes_a_new_version_and_keeps_the_old_one(
    wereld: Opslag, bronnen: SimpleNamespace
) -> None:
    for run in ("run-1", "run-2"):
        take_until(wereld, verwerking_van(wereld, ALFA, run), bronnen.url)
    oud, nieuw = versies(wereld, ALFA)
    assert (oud.versie, nieuw.versie) == (1, 2)
    assert oud.vervangen_door == nieuw.id
    assert nieuw.vervangen_op is None
    assert inhoud(wereld, oud, "overzicht") == inhoud(wereld, nieuw, "overzicht")


def test_once_published_nothing_that_was_fetched_is_left(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    alle = begin_run(wereld)
    for organisatie in (ALFA, BETA):
        verwerking = Verwerking.uit_dict(alle[organisatie])
        assert not is_afgerond(wereld, verwerking)
        take_until(wereld, verwerking, bronnen.url)
        assert is_afgerond(wereld, verwerking)
    assert wereld.bestanden.list("tussenresultaten") == []


def test_reports_made_yesterday_are_dated_today(wereld: Opslag, klok: Klok, bronnen: SimpleNamespace) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    klok.nu = datetime(2026, 11, 5, 22, 59, tzinfo=UTC)
    take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    klok.verder(minutes=1)  # past midnight in Amsterdam
    publiceer(wereld, verwerking)
    [publicatie] = versies(wereld, ALFA)
    assert b"<Rapportagedatum>2026-11-06<" in inhoud(wereld, publicatie, "detail")
    assert publicatie.manifest["rapportagedatum"] == "2026-11-06"


def test_midnight_between_the_check_and_the_publication(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    klok.nu = datetime(2026, 11, 6, 22, 59, 59, tzinfo=UTC)
    echt = organisaties.maak_rapporten

    def tot_na_middernacht(*argumenten: Any) -> Any:
        uitkomst = echt(*argumenten)
        klok.verder(seconds=1)
        return uitkomst

    monkeypatch.setattr(organisaties, "maak_rapporten", tot_na_middernacht)
    publiceer(wereld, verwerking)
    [publicatie] = versies(wereld, ALFA)
    assert b"<Rapportagedatum>2026-11-07<" in inhoud(wereld, publicatie, "detail")
    assert publicatie.gepubliceerd_op == datetime(2026, 11, 6, 23, 0, 1, tzinfo=UTC)


def test_a_retry_on_a_later_day_does_not_publish_again(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, BETA)

    def omgevallen(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(organisaties, "verwijder_tussenresultaten", omgevallen)
        with pytest.raises(KeyboardInterrupt):
            take_until(wereld, verwerking, bronnen.url)
    klok.verder(days=1)
    assert publiceer(wereld, verwerking)["nieuw"] is False
    assert len(versies(wereld, BETA)) == 1
    assert is_afgerond(wereld, verwerking)
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
    assert f"<BSNTevensAangeleverd>{BETA}<".encode() in inhoud(wereld, publicatie, "detail")


def test_a_branch_begun_anew_on_other_answers_publishes_a_new_version(
    wereld: Opslag, bronnen: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url)
    eerste = wereld.klok()
    take_until(wereld, verwerking, bronnen.url, tot="regels_toetsen")
    [deel] = hervat_toetsing(wereld, verwerking).delen()
    uitkomsten = deel.werk.lees_frame("uitkomsten")
    deel.werk.schrijf_frame("uitkomsten", uitkomsten.assign(naam="Anders"))
    assert take_until(wereld, verwerking, bronnen.url, van="rapporten_maken")["versie"] == 2
    assert gepubliceerd(wereld, verwerking).versie == 2  # type: ignore[union-attr]
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
            STAPPEN[stap](wereld, verwerking, bronnen.url)


def _tussenklassen() -> list[Any]:
    from include.storage.bewaarklassen import IntermediateFiles as Klasse

    return [Klasse()]


def test_a_source_that_is_down_leaves_what_was_there(wereld: Opslag, bronnen: SimpleNamespace) -> None:
    verwerking = verwerking_van(wereld, ALFA)
    take_until(wereld, verwerking, bronnen.url, tot="bijstand_ophalen")
    eerst = _tussenbestanden(wereld, verwerking)
    bronnen.beheer.storing("uwv", 503)
    with pytest.raises(BronFout, match="source uwv") as fout:
        STAPPEN["uwv_ophalen"](wereld, verwerking, bronnen.url)
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
    echt = rapporteren.controleer_rapporten

    def bedorven(overzicht: Any, detail: Any, aangenomen: int) -> Any:
        import io

        stukken = {"overzicht": overzicht.read(), "detail": detail.read()}
        assert van in stukken[rapport]
        stukken[rapport] = stukken[rapport].replace(van, door, 1)
        return echt(io.BytesIO(stukken["overzicht"]), io.BytesIO(stukken["detail"]), aangenomen)

    monkeypatch.setattr(rapporteren, "controleer_rapporten", bedorven)
    with pytest.raises(ControleFout, match=r"differ in row 1: .*; nothing was published"):
        take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    with pytest.raises(GegevensFout, match=r"intermediate file rapport\.json is not there"):
        publiceer(wereld, verwerking)
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
    assert [bron["bron"] for bron in manifest["bronnen"]] == list(SNAPSHOTS)
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
    gezegd = [samen, *(stap(wereld, verwerking, bronnen.url) for stap in STAPPEN.values())]
    gezegd.append(versies(wereld, ALFA)[0].manifest)
    tekst = json.dumps(gezegd)
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
        "Berichtversie": "1.0",
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
