from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from include.errors import ControleFout, GegevensFout, OpslagFout
from include.schemas.domein import DeelnameStatus, Product
from include.storage import bewaartermijn
from include.storage import publicaties as publicaties_module
from include.storage.bewaarklassen import OrphanFiles
from include.storage.leveringen import register_levering
from include.storage.models import Publicatie
from include.storage.organisaties import register_organisatie
from include.storage.publicaties import (
    TePubliceren,
    find_publicatie,
    find_publicaties,
    publish,
    read_published,
    removal_date,
)
from include.storage.rondes import find_deelname
from tests.storage.moord import sterf_na

CSV, XML = b"GSD-code;BRP bevraagd\r\n1904;J\r\n", b"<Detailrapportage/>"


@pytest.fixture
def publiceer_(database, bestanden, organisatie, levering, nu):
    """Publish reports of ronde 2026-09 with the given content."""

    def publiceer_(csv: bytes = CSV, verwerking: str = "run-1/1", moment: datetime = nu, **meer):
        return publish(
            database,
            bestanden,
            organisatie=organisatie,
            levering=levering,
            ronde="2026-09",
            uitvoer=[
                TePubliceren("overzicht", "overzicht.csv", csv, 1),
                TePubliceren("detail", "detail.xml", XML, 1),
            ],
            manifest={"norm": "2026-07"},
            verwerking=verwerking,
            nu=moment,
            **meer,
        )

    return publiceer_


def versies(database) -> list[Publicatie]:
    with database.reading() as sessie:
        return list(sessie.scalars(select(Publicatie).order_by(Publicatie.versie)))


def eis_heel(database, bestanden, *, laatste: int | None = None) -> None:
    """Exactly one version is current; every file of all (or the last) versions is what was published."""
    alle = versies(database)
    assert [publicatie.versie for publicatie in alle] == list(range(1, len(alle) + 1))
    assert [publicatie.versie for publicatie in alle if publicatie.vervangen_op is None] == [len(alle)]
    assert [publicatie.vervangen_door for publicatie in alle[:-1]] == [opvolger.id for opvolger in alle[1:]]
    for publicatie in alle[-laatste if laatste else 0 :]:
        assert [bestand.soort for bestand in publicatie.bestanden] == ["detail", "manifest", "overzicht"]
        for bestand in publicatie.bestanden:
            assert len(read_published(bestanden, bestand)) == bestand.omvang


# -- one publication -----------------------------------------------------------------------------------


def test_a_publication_holds_files_manifest_and_dates(
    database, bestanden, organisatie, levering, publiceer_, nu
):
    publicatie, nieuw = publiceer_()
    assert nieuw
    with database.reading() as sessie:
        gelezen = find_publicatie(sessie, publicatie.id)
        assert find_deelname(sessie, "2026-09", organisatie).status is DeelnameStatus.GEPUBLICEERD
        assert find_publicaties(sessie, organisatie=organisatie, ronde="2026-09") == [gelezen]
    assert (gelezen.versie, gelezen.levering_id, gelezen.gepubliceerd_op) == (1, levering.id, nu)
    assert gelezen.verwijderen_op == date(2027, 1, 12)  # 14 October + 17 + 30 + 31 + 12 days
    assert gelezen.organisatie.naam == "Gemeente Stichtse Vecht"
    overzicht = gelezen.bestand("overzicht")
    assert (overzicht.naam, overzicht.rijen, overzicht.omvang) == ("overzicht.csv", 1, len(CSV))
    assert overzicht.sleutel == f"publicaties/bijzondere-bijstand/{gelezen.id}/overzicht.csv"
    assert read_published(bestanden, overzicht) == CSV
    eis_heel(database, bestanden)


def test_the_manifest_file_is_the_manifest_in_the_database(bestanden, publiceer_):
    publicatie, _ = publiceer_()
    manifest = json.loads(read_published(bestanden, publicatie.bestand("manifest")))
    assert manifest == publicatie.manifest
    assert manifest["norm"] == "2026-07"
    assert manifest["uitvoer"]["detail"]["sha256"] == publicatie.bestand("detail").sha256
    assert "manifest" not in manifest["uitvoer"]


def test_a_file_changed_in_storage_is_not_handed_out(bestanden, wortel, publiceer_):
    publicatie, _ = publiceer_()
    overzicht = publicatie.bestand("overzicht")
    (wortel / overzicht.sleutel).write_bytes(CSV.replace(b"J", b"N"))
    with pytest.raises(ControleFout):
        read_published(bestanden, overzicht)


def test_an_intermediate_is_published_by_its_key(database, bestanden, organisatie, levering, nu):
    bestanden.write("tussenresultaten/ab/overzicht.csv", CSV)
    publicatie, _ = publish(
        database,
        bestanden,
        organisatie=organisatie,
        levering=levering,
        ronde="2026-09",
        uitvoer=[TePubliceren("overzicht", "overzicht.csv", "tussenresultaten/ab/overzicht.csv", 1)],
        manifest={},
        verwerking="run-1/1",
        nu=nu,
    )
    assert read_published(bestanden, publicatie.bestand("overzicht")) == CSV


# -- versions (besluit B56) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eerder", "dan", "versie", "nieuw"),
    [
        # (verwerking, content) before, in order        then             version  new?
        ([], ("run-1", b"a"), 1, True),
        ([("run-1", b"a")], ("run-1", b"a"), 1, False),
        ([("run-1", b"a")], ("run-1", b"b"), 2, True),
        # another run that changes nothing: nothing new, and its version is the one that stands
        ([("run-1", b"a")], ("run-2", b"a"), 1, False),
        ([("run-1", b"a"), ("run-2", b"b")], ("run-3", b"b"), 2, False),
        # equal to a version that was replaced: that must be current again
        ([("run-1", b"a"), ("run-2", b"b")], ("run-3", b"a"), 3, True),
        # an old run whose task is cleared after a newer run: it gets what it published, the newer one stays
        ([("run-1", b"a"), ("run-2", b"b")], ("run-1", b"a"), 1, False),
        # back to what it was within one run: that must be current again
        ([("run-1", b"a"), ("run-1", b"b")], ("run-1", b"a"), 3, True),
    ],
)
def test_reprocessing_makes_a_version_and_repeating_does_not(
    database, bestanden, publiceer_, eerder, dan, versie, nieuw
):
    for verwerking, inhoud in eerder:
        publiceer_(inhoud, verwerking)
    uitkomst = publiceer_(dan[1], dan[0])
    assert (uitkomst.publicatie.versie, uitkomst.nieuw) == (versie, nieuw)
    assert len(versies(database)) == len(eerder) + nieuw
    assert len(bestanden.list("publicaties")) == 3 * (len(eerder) + nieuw)
    eis_heel(database, bestanden)


def test_what_had_its_90_days_is_published_again_though_equal(database, bestanden, publiceer_, nu):
    """What cannot be fetched any more is no reason to publish nothing."""
    publiceer_(verwerking="run-1")
    with database.transaction() as sessie:
        sessie.scalars(select(Publicatie)).one().verwijderd_op = nu
    uitkomst = publiceer_(verwerking="run-2")
    assert (uitkomst.publicatie.versie, uitkomst.nieuw) == (2, True)


def test_content_is_what_the_caller_says_it_is(publiceer_, nu):
    """A repetition after midnight has another Rapportagedatum in its XML, and is still a repetition."""
    publiceer_(b"van 14 oktober", inhoud_sha256="ab" * 32)
    morgen = publiceer_(b"van 15 oktober", inhoud_sha256="ab" * 32, moment=nu + timedelta(days=1))
    assert not morgen.nieuw
    assert morgen.publicatie.gepubliceerd_op == nu


def test_the_replaced_version_stays_until_its_own_day(database, organisatie, publiceer_, nu):
    publiceer_(b"a", "run-1")
    publiceer_(b"b", "run-2", nu + timedelta(days=10))
    with database.reading() as sessie:
        actueel = find_publicaties(sessie, organisatie=organisatie)
        alle = find_publicaties(sessie, organisatie=organisatie, ook_vervangen=True)
    assert [publicatie.versie for publicatie in actueel] == [2]
    assert [(p.versie, p.verwijderen_op) for p in alle] == [(2, date(2027, 1, 22)), (1, date(2027, 1, 12))]
    assert alle[1].vervangen_op == nu + timedelta(days=10)


@pytest.mark.parametrize(
    ("moment", "dag"),
    [
        ("2026-01-10T12:00", date(2026, 4, 10)),  # 21 + 28 + 31 + 10
        ("2026-03-28T22:59", date(2026, 6, 26)),  # 23:59 on the 28th
        ("2026-03-28T23:00", date(2026, 6, 27)),  # 00:00 on the 29th, the day summer time begins
        ("2026-10-24T22:00", date(2027, 1, 23)),  # 00:00 on the 25th, the day summer time ends
        ("2026-10-25T22:59", date(2027, 1, 23)),  # 23:59 that same day, 25 hours long
        ("2026-10-25T23:00", date(2027, 1, 24)),
        ("2027-11-30T12:00", date(2028, 2, 28)),  # 31 + 31 + 28
        ("2027-12-01T12:00", date(2028, 2, 29)),  # a leap year
    ],
)
def test_the_day_of_removal_is_90_amsterdam_days_later(moment, dag):
    assert removal_date(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == dag


# -- what is refused -----------------------------------------------------------------------------------


def test_who_is_not_in_the_ronde_gets_nothing_published(database, bestanden, organisatie, nu):
    los = register_levering(
        database, bestanden, inhoud=b"x", bestandsnaam="x", nu=nu, organisatie=organisatie, ronde="2026-10"
    ).levering
    with pytest.raises(GegevensFout, match="does not take part"):
        publish(
            database,
            bestanden,
            organisatie=organisatie,
            levering=los,
            ronde="2026-10",
            uitvoer=[TePubliceren("overzicht", "overzicht.csv", CSV, 1)],
            manifest={},
            verwerking="run-1/1",
            nu=nu,
        )
    assert versies(database) == []


def test_a_removed_delivery_is_not_published(database, bestanden, levering, publiceer_, nu):
    bewaartermijn.sweep(database, bestanden, nu=nu + timedelta(days=120))
    with pytest.raises(GegevensFout, match="was removed on 2027-02-11"):
        publiceer_(moment=nu + timedelta(days=120))
    assert versies(database) == []


@pytest.mark.parametrize(
    "welke", [{"gemeentecode": "1904"}, {"ronde": None}, {"ronde": None, "gemeentecode": "1904"}]
)
def test_a_series_that_does_not_fit_the_product_is_a_programming_error(
    database, bestanden, organisatie, levering, nu, welke
):
    with pytest.raises(ValueError, match="are published per"):
        publish(
            database,
            bestanden,
            organisatie=organisatie,
            levering=levering,
            uitvoer=[],
            manifest={},
            verwerking="run-1/1",
            nu=nu,
            **{"ronde": "2026-09", **welke},
        )


def test_a_failing_disk_leaves_the_old_version_and_no_files(database, bestanden, publiceer_, monkeypatch):
    publiceer_(b"a", "run-1")
    echt, over = bestanden.write, [1]

    def schrijf(sleutel, inhoud):
        if not over:
            raise OpslagFout("the disk is full")
        over.pop()
        return echt(sleutel, inhoud)

    with monkeypatch.context() as kapot:
        kapot.setattr(bestanden, "write", schrijf)
        with pytest.raises(OpslagFout, match="disk is full"):
            publiceer_(b"b", "run-2")
    eis_heel(database, bestanden)
    assert len(bestanden.list("publicaties")) == 3


# -- Alleenverdieners: one file per gemeente -----------------------------------------------------------


def test_a_regeling_gets_a_series_per_gemeente(database, bestanden, nu):
    with database.transaction() as sessie:
        isd = register_organisatie(sessie, "ISD Brabantse Wal", ["0748", "0851"], nu=nu)
    lijst = register_levering(
        database,
        bestanden,
        inhoud=b"BSN;Gemeentecode\r\n",
        bestandsnaam="avd.csv",
        nu=nu,
        product=Product.ALLEENVERDIENERS,
        kenmerk="avd_2026_01",
    ).levering

    def publiceer_gemeente(code: str, verwerking: str, tekst: bytes = b"BSN;Gemeentecode\r\n"):
        return publish(
            database,
            bestanden,
            organisatie=isd,
            levering=lijst,
            gemeentecode=code,
            uitvoer=[TePubliceren("selectielijst", "selectielijst.csv", tekst, 0)],
            manifest={},
            verwerking=verwerking,
            nu=nu,
        )

    assert [publiceer_gemeente(code, "run-1").publicatie.versie for code in ("0748", "0851")] == [1, 1]
    assert not publiceer_gemeente("0748", "run-1").nieuw
    assert not publiceer_gemeente("0748", "run-2").nieuw
    assert (
        publiceer_gemeente("0748", "run-2", b"BSN;Gemeentecode\r\n999990019;0748\r\n").publicatie.versie == 2
    )
    with database.reading() as sessie:
        gevonden = find_publicaties(sessie, levering=lijst)
    assert sorted((p.gemeentecode, p.versie) for p in gevonden) == [("0748", 2), ("0851", 1)]


# -- at the same time, and killed ----------------------------------------------------------------------


@pytest.fixture
def tegelijk(monkeypatch):
    """Run work in six threads that begin their transactions at the same moment."""
    samen = Barrier(6)
    echt = publicaties_module._make_visible

    def wacht_op_elkaar(*argumenten):
        samen.wait(timeout=60)
        return echt(*argumenten)

    monkeypatch.setattr(publicaties_module, "_make_visible", wacht_op_elkaar)
    with ThreadPoolExecutor(6) as draden:
        yield lambda werk: list(draden.map(werk, range(6)))


def test_simultaneous_publications_get_successive_versions(database, bestanden, publiceer_, tegelijk):
    for ronde in range(4):
        uitkomsten = tegelijk(lambda nummer: publiceer_(b"%d %d" % (ronde, nummer), f"run-{ronde}-{nummer}"))  # noqa: B023
        nieuw = [6 * ronde + nummer for nummer in range(1, 7)]
        assert sorted(uitkomst.publicatie.versie for uitkomst in uitkomsten) == nieuw
    eis_heel(database, bestanden)


def test_the_same_task_running_twice_publishes_once(database, bestanden, publiceer_, tegelijk):
    for ronde in range(4):
        uitkomsten = tegelijk(lambda _: publiceer_(b"%d" % ronde, f"run-{ronde}"))  # noqa: B023
        assert sum(uitkomst.nieuw for uitkomst in uitkomsten) == 1
    assert len(bestanden.list("publicaties")) == 4 * 3
    eis_heel(database, bestanden)


def test_killed_between_any_two_steps_either_version_is_whole(database, bestanden, publiceer_, nu):
    publiceer_(b"begin", "run-0")
    gezien = set()
    for stap in range(100):
        werk = partial(publiceer_, b"%d" % stap, f"run-{stap + 1}")
        gelukt = sterf_na(stap, werk)
        eis_heel(database, bestanden, laatste=2)
        gezien.add(len(versies(database)) == stap + 2)
        # the task is run again: it publishes, or finds that it had
        assert werk().publicatie.versie == stap + 2
        if gelukt:
            break
    assert gelukt
    assert gezien == {False, True}
    assert stap > 15, "steps were not counted"

    wezen = len(bestanden.list()) - 1 - 3 * (stap + 2)
    assert wezen > 10
    morgen = datetime.now(UTC) + timedelta(hours=25)
    verslag = bewaartermijn.sweep(database, bestanden, nu=morgen, klassen=[OrphanFiles(however_many=True)])
    assert verslag.files["wees"] + verslag.set_aside["wees"] == wezen
    eis_heel(database, bestanden)
