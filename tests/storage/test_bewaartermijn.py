from __future__ import annotations

import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from include.errors import GegevensFout, OpslagFout
from include.moments import day_of
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.storage.bewaarklassen import (
    BEWAARKLASSEN,
    GRACE,
    IntermediateFiles,
    LeveringFiles,
    OrphanFiles,
    PublicatieFiles,
    QuarantinedFiles,
    UnknownFiles,
)
from include.storage.bewaartermijn import preview_sweep, remove_intermediates, sweep, vernietigingsregister
from include.storage.delivery_terms import delivery_terms
from include.storage.file_store import intermediate_key
from include.storage.leveringen import Beoordeling, find_levering, record_beoordeling, register_levering
from include.storage.models import Levering, Publicatie, PublicatieBestand
from include.storage.publicaties import TePubliceren, find_publicaties, publish
from include.storage.rondes import set_status
from tests.storage.moord import sterf_na

WEZEN = (OrphanFiles(), QuarantinedFiles())


def utc(tekst: str) -> datetime:
    return datetime.fromisoformat(tekst).replace(tzinfo=UTC)


NOOIT_MEER = utc("2027-01-29T12:00")
"""The day on which the delivery of the fixture goes when nobody published it: 90 days after 31 October."""


@pytest.fixture
def publiceer_(database, bestanden, organisatie, levering):
    def publiceer_(moment: datetime, verwerking: str = "run-1/1", rijen: int = 7) -> Publicatie:
        return publish(
            database,
            bestanden,
            organisatie=organisatie,
            levering=levering,
            ronde="2026-09",
            uitvoer=[TePubliceren("overzicht", "overzicht.csv", verwerking.encode(), rijen)],
            manifest={"norm": "2026-07"},
            verwerking=verwerking,
            nu=moment,
        ).publicatie

    return publiceer_


def leeg(database, klasse) -> list:
    with database.reading() as sessie:
        return list(sessie.scalars(select(klasse)))


def regels(database) -> list[tuple[str, str | None, int | None, bool]]:
    """The register: soort, ronde, rows, completed."""
    with database.reading() as sessie:
        return [
            (r.klasse, r.ronde, r.rijen, r.vernietigd_op is not None) for r in vernietigingsregister(sessie)
        ]


# -- the day -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gepubliceerd", "nog_niet", "wel"),
    [
        # published             day 89, last moment    day 90, 00:00 in Amsterdam
        ("2026-10-14T10:00", "2027-01-11T22:59:59", "2027-01-11T23:00:00"),
        # into summer time: 00:00 is 22:00 UTC
        ("2026-10-30T23:30", "2027-01-28T22:59:59", "2027-01-28T23:00:00"),  # published on the 31st, 00:30
        ("2027-01-10T12:00", "2027-04-09T21:59:59", "2027-04-09T22:00:00"),
        # out of summer time
        ("2026-10-01T21:59", "2026-12-29T22:59:59", "2026-12-29T23:00:00"),  # 23:59 on 1 October
        # over the end of February in a leap year
        ("2027-12-01T12:00", "2028-02-28T22:59:59", "2028-02-28T23:00:00"),
    ],
)
def test_reports_and_delivery_go_on_day_90(database, bestanden, publiceer_, gepubliceerd, nog_niet, wel):
    publiceer_(utc(gepubliceerd))
    assert preview_sweep(database, bestanden, nu=utc(nog_niet)) == []
    assert sweep(database, bestanden, nu=utc(nog_niet)).files == Counter()
    assert len(bestanden.list()) == 3

    klassen = [vondst.klasse for vondst in preview_sweep(database, bestanden, nu=utc(wel))]
    assert klassen == ["rapport", "levering"]
    assert len(bestanden.list()) == 3  # a preview removes nothing
    verslag = sweep(database, bestanden, nu=utc(wel))
    assert verslag.files == {"rapport": 2, "levering": 1}
    assert bestanden.list() == []


@pytest.mark.parametrize("dagen", [89, 90, 91, 400])
def test_a_late_sweep_removes_too(database, bestanden, publiceer_, dagen, nu):
    publiceer_(nu)
    sweep(database, bestanden, nu=nu + timedelta(days=dagen))
    assert (bestanden.list() == []) is (dagen >= 90)


def test_a_replaced_version_goes_on_its_own_day_and_the_delivery_with_the_first(
    database, bestanden, publiceer_, nu
):
    publiceer_(nu, "run-1/1")
    publiceer_(nu + timedelta(days=20), "run-2/1")
    assert sweep(database, bestanden, nu=nu + timedelta(days=89)).files == {}
    assert sweep(database, bestanden, nu=nu + timedelta(days=90)).files == {"rapport": 2, "levering": 1}
    with database.reading() as sessie:
        assert [p.versie for p in find_publicaties(sessie, ook_vervangen=True)] == [2]
    assert sweep(database, bestanden, nu=nu + timedelta(days=109)).files == {}
    assert sweep(database, bestanden, nu=nu + timedelta(days=110)).files == {"rapport": 2}


def lever(database, bestanden, organisatie, ontvangen, status, *, ronde="2026-09", kenmerk=None) -> Levering:
    """Hand in a file of its own, judged as ``status`` says; None leaves it unjudged."""
    levering = register_levering(
        database,
        bestanden,
        inhoud=ontvangen.encode(),
        bestandsnaam="x",
        nu=utc(ontvangen),
        **({"organisatie": organisatie, "ronde": ronde} if kenmerk is None else {}),
        **({} if kenmerk is None else {"product": Product.ALLEENVERDIENERS, "kenmerk": kenmerk}),
    ).levering
    if status is None:
        return levering
    beoordeling = Beoordeling(status, 1, 1, 0, {})
    return record_beoordeling(
        database, bestanden, levering.id, beoordeling, verslag_csv=b"c", verslag_json=b"j"
    )


GOED, DEELS, FOUT = LeveringStatus.CORRECT, LeveringStatus.DEELS_INCORRECT, LeveringStatus.AFGEKEURD
# Of ronde 2026-09 the rapportagemaand ends on 31 October: 30 days in November, 31 in December, 29 in January.
NOOIT = "2027-01-29"


@pytest.mark.parametrize(
    ("statussen", "weg_op"),
    [
        # Received on 1 and 2 September, 10:00. 90 days later is 30 November (29 + 31 + 30) and 1 December.
        ([GOED], [NOOIT]),
        ([DEELS], [NOOIT]),
        ([None], [NOOIT]),  # never judged: taken as usable
        ([FOUT], ["2026-11-30"]),
        ([GOED, GOED], ["2026-11-30", NOOIT]),  # replaced
        ([GOED, FOUT], [NOOIT, "2026-12-01"]),  # an afgekeurde one replaces nothing (besluit B2)
        ([FOUT, DEELS], ["2026-11-30", NOOIT]),
        ([FOUT, FOUT], ["2026-11-30", "2026-12-01"]),
        ([GOED, None], [NOOIT, NOOIT]),  # it may still be found afgekeurd
    ],
)
def test_a_delivery_that_was_never_published(database, bestanden, organisatie, statussen, weg_op):
    for dag, status in enumerate(statussen, start=1):
        lever(database, bestanden, organisatie, f"2026-09-0{dag}T08:00:00", status)
    with database.reading() as sessie:
        assert [str(term.removal_day) for term in delivery_terms(sessie)] == weg_op


def test_a_missed_month_can_be_run_until_the_day_itself(database, bestanden, levering):
    """00:00 in Amsterdam is 23:00 UTC of the day before."""
    assert sweep(database, bestanden, nu=utc("2027-01-28T22:59:59")).files == {}
    assert sweep(database, bestanden, nu=utc("2027-01-28T23:00:00")).files == {"levering": 1}


@pytest.mark.parametrize(
    ("ronde", "weg_op"),
    [
        ("2026-11", "2027-03-31"),  # from 31 December: 31 + 28 + 31
        ("2026-12", "2027-05-01"),  # from 31 January: 28 + 31 + 30, and 1 in May
        ("2027-11", "2028-03-30"),  # a leap year: 31 + 29 + 30
    ],
)
def test_over_the_turn_of_the_year(database, bestanden, organisatie, ronde, weg_op):
    lever(database, bestanden, organisatie, f"{ronde}-05T08:00:00", GOED, ronde=ronde)
    with database.reading() as sessie:
        assert [str(term.removal_day) for term in delivery_terms(sessie)] == [weg_op]


@pytest.mark.parametrize("statussen", [[GOED], [FOUT], [GOED, GOED], [GOED, FOUT], [None]])
def test_a_list_of_the_belastingdienst_has_no_rapportagemaand(database, bestanden, organisatie, statussen):
    for dag, status in enumerate(statussen, start=1):
        lever(database, bestanden, organisatie, f"2026-09-0{dag}T08:00:00", status, kenmerk="avd_2026_09")
    with database.reading() as sessie:
        weg_op = [str(term.removal_day) for term in delivery_terms(sessie)]
    assert weg_op == ["2026-11-30", "2026-12-01"][: len(statussen)]


# 14 days before 29 January 2027 is the 15th.
@pytest.mark.parametrize(
    ("statussen", "dag", "aantal"),
    [
        ([GOED], "2027-01-14", 0),
        ([GOED], "2027-01-15", 1),
        ([GOED, GOED], "2027-01-15", 1),  # the replaced one is not missed
        ([GOED, FOUT], "2027-01-15", 1),
        ([FOUT], "2026-11-29", 0),
    ],
)
def test_what_counts_and_was_never_published_is_announced(
    database, bestanden, organisatie, statussen, dag, aantal
):
    for nummer, status in enumerate(statussen, start=1):
        lever(database, bestanden, organisatie, f"2026-09-0{nummer}T08:00:00", status)
    with database.reading() as sessie:
        termen = delivery_terms(sessie)
    assert sum(term.is_lost_soon(date.fromisoformat(dag)) for term in termen) == aantal


def test_what_was_published_is_not_announced(database, publiceer_, nu):
    publiceer_(nu)
    with database.reading() as sessie:
        [term] = delivery_terms(sessie)
    assert (str(term.removal_day), term.is_lost_soon(date(2027, 1, 11))) == ("2027-01-12", False)


# -- what is removed and what stays --------------------------------------------------------------------


def test_what_stays_is_the_register(database, bestanden, levering, publiceer_, nu):
    beoordeling = Beoordeling(LeveringStatus.CORRECT, 9, 9, 0, {})
    record_beoordeling(database, bestanden, levering.id, beoordeling, verslag_csv=b"c", verslag_json=b"j")
    publicatie = publiceer_(nu)
    dan = nu + timedelta(days=90)
    verslag = sweep(database, bestanden, nu=dan)

    assert str(verslag) == "removed 1 levering, 2 rapport, 2 verslag"
    assert verslag.rows == {"rapport": 7, "levering": 9, "verslag": 0}
    with database.reading() as sessie:
        lijnen = {lijn.sleutel: lijn for lijn in vernietigingsregister(sessie)}
        assert find_publicaties(sessie) == []
        with pytest.raises(GegevensFout, match="B55"):
            find_levering(sessie, levering.id)
    overzicht = lijnen[publicatie.bestand("overzicht").sleutel]
    assert (overzicht.klasse, overzicht.rijen, overzicht.ronde) == ("rapport", 7, "2026-09")
    assert overzicht.sha256 == publicatie.bestand("overzicht").sha256
    assert overzicht.vernietigd_op == dan
    assert lijnen[levering.sleutel].sha256 == levering.sha256
    assert lijnen[levering.sleutel_verslag].klasse == "verslag"
    assert all(lijn.sha256 for lijn in lijnen.values())
    assert len(lijnen) == 5

    assert leeg(database, PublicatieBestand) == []
    (rij,) = leeg(database, Publicatie)
    assert (rij.verwijderd_op, rij.manifest) == (dan, {})
    (rij,) = leeg(database, Levering)
    assert (rij.verwijderd_op, rij.bestandsnaam, rij.sha256) == (dan, "", levering.sha256)


def test_sweeping_twice_finds_nothing_the_second_time(database, bestanden, publiceer_, nu):
    publiceer_(nu)
    dan = nu + timedelta(days=90)
    sweep(database, bestanden, nu=dan)
    assert sweep(database, bestanden, nu=dan).files == {}
    assert len(regels(database)) == 3


def test_files_that_were_lost_before_are_registered_all_the_same(database, bestanden, levering):
    bestanden.remove(levering.sleutel)
    sweep(database, bestanden, nu=NOOIT_MEER)
    assert regels(database) == [("levering", "2026-09", None, True)]


# -- intermediates -------------------------------------------------------------------------------------


def test_intermediates_go_once_published(database, bestanden, nu):
    for naam in ("brp.arrow", "uwv.arrow"):
        bestanden.write(intermediate_key("run-1/1", naam), b"x")
    bestanden.write(intermediate_key("run-1/2", "brp.arrow"), b"x")
    verslag = remove_intermediates(database, bestanden, "run-1/1", nu=nu)
    assert verslag.files == {"tussenresultaat": 2}
    assert [bestand.key for bestand in bestanden.list()] == [intermediate_key("run-1/2", "brp.arrow")]
    assert regels(database) == [("tussenresultaat", None, None, True)] * 2
    assert remove_intermediates(database, bestanden, "run-1/1", nu=nu).files == {}


def zet_stand(database, organisatie, status: DeelnameStatus, moment: datetime) -> None:
    with database.transaction() as sessie:
        set_status(sessie, "2026-09", organisatie, status, nu=moment)


@pytest.mark.parametrize(
    ("verwerking", "product", "status", "na", "blijft"),
    [
        # branch of the fixture: run-1/1; ``na``: days after it was written
        ("run-1/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.OPEN, 3, True),  # a weekend
        ("run-1/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.MISLUKT, 6.99, True),
        ("run-1/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.OPEN, 7, False),
        ("run-0/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.OPEN, 0, False),  # another run took over
        ("run-1/2", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.OPEN, 0, False),  # nobody's
        ("run-1/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.GEPUBLICEERD, 0, False),
        ("run-1/1", Product.BIJZONDERE_BIJSTAND, DeelnameStatus.AFGEKEURD, 0, False),
        # no row says of a list how far it is: it goes at once when it is published
        ("run-9/x/1", Product.ALLEENVERDIENERS, DeelnameStatus.OPEN, 6.99, True),
        ("run-9/x/1", Product.ALLEENVERDIENERS, DeelnameStatus.OPEN, 7, False),
    ],
)
def test_intermediates_are_kept_for_a_branch_that_has_not_ended(
    database, bestanden, organisatie, levering, verwerking, product, status, na, blijft
):
    sleutel = intermediate_key(verwerking, "brp.arrow", product)
    bestanden.write(sleutel, b"x")
    geschreven = bestanden.stat(sleutel).modified_at
    zet_stand(database, organisatie, status, geschreven + timedelta(seconds=1))
    verslag = sweep(database, bestanden, nu=geschreven + timedelta(days=na), klassen=[IntermediateFiles()])
    assert (bestanden.exists(sleutel), sum(verslag.files.values())) == (blijft, 0 if blijft else 1)


def test_a_published_branch_that_was_cleared_keeps_what_it_fetched_since(
    database, bestanden, organisatie, levering
):
    sleutel = intermediate_key("run-1/1", "brp.arrow")
    bestanden.write(sleutel, b"x")
    geschreven = bestanden.stat(sleutel).modified_at
    zet_stand(database, organisatie, DeelnameStatus.GEPUBLICEERD, geschreven - timedelta(seconds=1))
    sweep(database, bestanden, nu=geschreven + timedelta(days=1), klassen=[IntermediateFiles()])
    assert bestanden.exists(sleutel)


def test_a_branch_is_kept_or_removed_as_a_whole(database, bestanden, levering, wortel):
    oud, nieuw = (intermediate_key("run-1/1", naam) for naam in ("brp.arrow", "uwv.arrow"))
    for sleutel in (oud, nieuw):
        bestanden.write(sleutel, b"x")
    geschreven = bestanden.stat(nieuw).modified_at
    os.utime(wortel / oud, (geschreven.timestamp() - 86400,) * 2)
    sweep(database, bestanden, nu=geschreven + timedelta(days=5.99), klassen=[IntermediateFiles()])
    assert bestanden.exists(oud)
    sweep(database, bestanden, nu=geschreven + timedelta(days=6), klassen=[IntermediateFiles()])
    assert not bestanden.exists(oud)
    assert not bestanden.exists(nieuw)


@pytest.mark.parametrize(
    ("sleutel", "uit_zicht"),
    [
        ("onvoltooid/5f0c", False),  # never was a whole file
        ("leveringen/5f0c/vraagbestand.csv", True),
        ("publicaties/bijzondere-bijstand/5f0c/overzicht.csv", True),
    ],
)
def test_what_nobody_knows_goes_after_a_day_of_rest_and_a_week_out_of_sight(
    database, bestanden, levering, publiceer_, nu, sleutel, uit_zicht
):
    publiceer_(nu)
    bekend = {bestand.key for bestand in bestanden.list()}
    bestanden.write(sleutel, b"x")
    geschreven = bestanden.stat(sleutel).modified_at
    dan = geschreven + GRACE

    sweep(database, bestanden, nu=dan - timedelta(seconds=1), klassen=WEZEN)
    assert bestanden.exists(sleutel)
    verslag = sweep(database, bestanden, nu=dan, klassen=WEZEN)
    if uit_zicht:
        assert (verslag.files, verslag.set_aside) == ({}, {"wees": 1})
        [elders] = {bestand.key for bestand in bestanden.list()} - bekend
        assert elders == f"quarantaine/{day_of(dan) + timedelta(days=7)}/{sleutel}"
        assert bestanden.read(elders) == b"x"
        assert sweep(database, bestanden, nu=dan + timedelta(days=6), klassen=WEZEN).files == {}
        assert sweep(database, bestanden, nu=dan + timedelta(days=7), klassen=WEZEN).files == {
            "quarantaine": 1
        }
    else:
        assert verslag.files == {"wees": 1}
    assert {bestand.key for bestand in bestanden.list()} == bekend


def test_out_of_sight_is_not_beyond_the_term(database, bestanden, levering, publiceer_, nu, wortel):
    """What the database knows to be removed, and what was written 90 days ago, goes at once."""
    publicatie = publiceer_(nu)
    sweep(database, bestanden, nu=nu + timedelta(days=90))
    nu = datetime.now(UTC) + GRACE
    for sleutel, oud in (
        (levering.sleutel_verslag, 0),
        (f"publicaties/bijzondere-bijstand/{publicatie.id}/overzicht.csv", 0),
        ("leveringen/5f0c/a.csv", 91),
        ("leveringen/5f0d/a.csv", 88),
    ):
        bestanden.write(sleutel, b"x")
        os.utime(wortel / sleutel, ((nu - timedelta(days=oud or 1)).timestamp(),) * 2)
    verslag = sweep(database, bestanden, nu=nu, klassen=WEZEN)
    assert (verslag.files, verslag.set_aside) == ({"wees": 3}, {"wees": 1})
    [elders] = bestanden.list()
    assert (
        elders.key
        == f"quarantaine/{day_of(nu - timedelta(days=88)) + timedelta(days=90)}/leveringen/5f0d/a.csv"
    )


@pytest.mark.parametrize(
    ("aantal", "procent", "blijft"),
    [
        # 3 orphans beside the 3 files of the fixture: half of all
        ("2", "49", True),
        ("3", "49", False),
        ("2", "50", False),
    ],
)
def test_many_orphans_are_left_alone(
    database, bestanden, publiceer_, nu, monkeypatch, aantal, procent, blijft
):
    publiceer_(nu)
    monkeypatch.setenv("BIDN_WEZEN_AANTAL", aantal)
    monkeypatch.setenv("BIDN_WEZEN_PROCENT", procent)
    wezen = [f"publicaties/bijzondere-bijstand/{nummer}/overzicht.csv" for nummer in range(3)]
    for sleutel in wezen:
        bestanden.write(sleutel, b"x")
    bestanden.write("onvoltooid/5f0c", b"x")
    dan = datetime.now(UTC) + GRACE
    if blijft:
        with pytest.raises(OpslagFout, match=r"Of the 6 files .* does not know 3"):
            sweep(database, bestanden, nu=dan, klassen=WEZEN)
    else:
        assert sweep(database, bestanden, nu=dan, klassen=WEZEN).set_aside == {"wees": 3}
    assert all(bestanden.exists(sleutel) is blijft for sleutel in wezen)


def test_what_is_not_ours_is_told_by_number_and_folder(database, bestanden, levering, wortel, tmp_path):
    for naam in ("Jansen 999900018/a.csv", "Jansen.csv", "leveringen/Pietersen/a.csv"):
        zet_neer(wortel, naam)
    (wortel / levering.map / "Klaassen").symlink_to(tmp_path)
    (wortel / "pijp").symlink_to(wortel / levering.sleutel)
    dan = datetime.now(UTC) + GRACE
    with pytest.raises(OpslagFout) as fout:
        sweep(database, bestanden, nu=dan, klassen=[UnknownFiles()])
    assert "In / of the file store lies what is not ours (files outside our folders: 2)" in str(fout.value)
    assert "In / of the file store lies what is not ours (links, or no files at all: 1)" in str(fout.value)
    assert f"In {levering.map} of the file store lies what is not ours (links" in str(fout.value)
    assert not {"Jansen", "Klaassen", "Pietersen", "999900018"} & set(re.split(r"\W+", str(fout.value)))
    assert bestanden.exists(levering.sleutel)


def test_what_others_keep_in_the_store_is_left_alone(database, bestanden):
    bestanden.write("logboek/2026-10.jsonl", b"x")
    sweep(database, bestanden, nu=datetime.now(UTC) + timedelta(days=400))
    assert bestanden.exists("logboek/2026-10.jsonl")


# -- what goes wrong -----------------------------------------------------------------------------------


def test_what_cannot_be_removed_is_reported_after_all_the_rest(
    database, bestanden, publiceer_, nu, monkeypatch
):
    publicatie = publiceer_(nu)
    vast = publicatie.bestand("overzicht").sleutel
    echt, dan = bestanden.remove, nu + timedelta(days=90)

    def verwijder(sleutel):
        if sleutel == vast:
            raise OpslagFout("read-only")
        return echt(sleutel)

    with monkeypatch.context() as kapot:
        kapot.setattr(bestanden, "remove", verwijder)
        for _ in range(2):  # and again by the next sweep
            with pytest.raises(OpslagFout, match="could not remove 1 rapport"):
                sweep(database, bestanden, nu=dan)
    assert [bestand.key for bestand in bestanden.list()] == [vast]
    with database.reading() as sessie:
        assert find_publicaties(sessie) == []  # invisible from the day on, whatever the disk does
    assert sorted(regels(database), key=str) == [
        ("levering", "2026-09", None, True),
        ("rapport", "2026-09", 7, False),
        ("rapport", "2026-09", None, True),
    ]
    assert [vondst.onderwerp for vondst in preview_sweep(database, bestanden, nu=dan)] == [vast]

    assert sweep(database, bestanden, nu=dan + timedelta(days=1)).files == {"rapport": 1}
    assert bestanden.list() == []
    assert {voltooid for *_, voltooid in regels(database)} == {True}
    assert len(regels(database)) == 3


def test_a_link_is_never_followed(database, bestanden, levering, wortel, tmp_path):
    buiten = tmp_path / "buiten"
    buiten.mkdir()
    (buiten / "vraagbestand.csv").write_bytes(b"van een ander")
    map_ = wortel / levering.map
    (map_ / "vraagbestand.csv").unlink()
    map_.rmdir()
    map_.symlink_to(buiten)
    with pytest.raises(OpslagFout):
        sweep(database, bestanden, nu=NOOIT_MEER)
    assert (buiten / "vraagbestand.csv").read_bytes() == b"van een ander"


def zet_neer(wortel, naam: str) -> None:
    """By hand, past the file store: as an editor or somebody who makes a copy would."""
    (wortel / naam).parent.mkdir(parents=True, exist_ok=True)
    (wortel / naam).write_bytes(b"van een ander")


@pytest.mark.parametrize(
    ("vreemd", "soort", "waar"),
    [
        ("publicaties/alleenverdieners/5f0c/Kopie Jansen.csv", "wees", "publicaties/alleenverdieners"),
        ("leveringen/Jansen 999900018/vraagbestand.csv", "wees", "leveringen"),
        ("onvoltooid/.nfs0001", "wees", "onvoltooid"),
        ("tussenresultaten/aa/.brp.arrow.swp", "tussenresultaat", "tussenresultaten"),
    ],
)
def test_a_name_that_is_not_ours_is_reported_without_it_and_stops_nothing(
    database, bestanden, wortel, publiceer_, nu, vreemd, soort, waar
):
    publiceer_(nu)
    for sleutel in ("publicaties/alleenverdieners/5f0c/a.csv", "tussenresultaten/aa/a", "onvoltooid/5f0c"):
        bestanden.write(sleutel, b"x")
    zet_neer(wortel, vreemd)
    laat = datetime.now(UTC) + timedelta(days=400)

    assert all(vondst.files for vondst in preview_sweep(database, bestanden, nu=laat))
    for _ in range(2):  # and again by the next sweep
        with pytest.raises(
            OpslagFout, match=rf"could not remove 1 {soort}\. In {waar} of the file store"
        ) as fout:
            sweep(database, bestanden, nu=laat)
        assert not {"Jansen", "999900018", "swp"} & set(str(fout.value).replace(".", " ").split())
    assert bestanden.list() == []
    assert (wortel / vreemd).read_bytes() == b"van een ander"
    assert Counter(soort for soort, *_ in regels(database)) == {
        "rapport": 2,
        "levering": 1,
        "tussenresultaat": 1,
        "wees": 2,
    }

    (wortel / vreemd).unlink()
    assert sweep(database, bestanden, nu=laat).failed == {}


def test_a_name_that_is_not_ours_has_its_day_of_rest(database, bestanden, wortel):
    """An editor's backup that is gone by tomorrow is nobody's trouble."""
    zet_neer(wortel, "tussenresultaten/aa/.brp.arrow.swp")
    assert sweep(database, bestanden, nu=datetime.now(UTC)).failed == {}


def test_a_delivery_behind_a_link_keeps_no_other(
    database, bestanden, wortel, tmp_path, organisatie, levering
):
    anderen = [
        register_levering(
            database,
            bestanden,
            inhoud=b"%d" % nummer,
            bestandsnaam="x",
            nu=levering.ontvangen_op + timedelta(hours=nummer),
            organisatie=organisatie,
            ronde=ronde,
        ).levering
        for nummer, ronde in ((1, "2026-10"), (2, "2026-11"))
    ]
    map_, elders = wortel / levering.map, tmp_path / "elders"
    map_.rename(elders)
    map_.symlink_to(elders)
    dan = utc("2027-03-31T12:00")  # of rondes 2026-10 and 2026-11 too

    with pytest.raises(OpslagFout, match="removed 2 levering; could not remove 1 levering"):
        sweep(database, bestanden, nu=dan)
    assert not any((wortel / ander.sleutel).exists() for ander in anderen)
    assert (elders / "vraagbestand.csv").exists()
    with database.reading() as sessie:
        assert {r.sleutel: r.vernietigd_op for r in vernietigingsregister(sessie)} == {
            levering.sleutel: None,
            anderen[0].sleutel: dan,
            anderen[1].sleutel: dan,
        }

    map_.unlink()
    elders.rename(map_)
    assert sweep(database, bestanden, nu=dan).files == {"levering": 1}
    assert bestanden.list() == []


def test_a_class_that_cannot_be_searched_keeps_no_other(
    database, bestanden, wortel, tmp_path, publiceer_, nu
):
    publiceer_(nu)
    (tmp_path / "elders").mkdir()
    (wortel / "tussenresultaten").symlink_to(tmp_path / "elders")
    bestanden.write("onvoltooid/5f0c", b"x")
    with pytest.raises(
        OpslagFout, match=r"could not remove 1 tussenresultaat.*refuses tussenresultaten: .*link"
    ):
        sweep(database, bestanden, nu=datetime.now(UTC) + timedelta(days=400))
    assert bestanden.inventory().files == []


def test_a_class_that_breaks_while_searching_or_withdrawing_keeps_no_other(
    database, bestanden, publiceer_, nu
):
    class Stuk(PublicatieFiles):
        naam = "stuk"

        def find(self, *_):
            raise OpslagFout("away while searching")

    class Later(IntermediateFiles):
        def withdraw(self, *_):
            raise OpslagFout("away while withdrawing")

    publiceer_(nu)
    bestanden.write("tussenresultaten/aa/a", b"x")
    klassen = [Stuk(), Later(), *BEWAARKLASSEN[:2]]
    with pytest.raises(
        OpslagFout, match=r"could not remove 1 stuk, 1 tussenresultaat.*searching.*withdrawing"
    ):
        sweep(database, bestanden, nu=datetime.now(UTC) + timedelta(days=400), klassen=klassen)
    assert [een.key for een in bestanden.list()] == ["tussenresultaten/aa/a"]
    assert {soort for soort, *_ in regels(database)} == {"rapport", "levering"}


def test_a_database_that_is_away_stops_the_sweep_at_once(database, bestanden, publiceer_, nu):
    class Weg(PublicatieFiles):
        def find(self, sessie, *_):
            raise OperationalError("select", {}, Exception("connection lost"))

    publiceer_(nu)
    with pytest.raises(OpslagFout, match="the database cannot be reached"):
        sweep(database, bestanden, nu=nu + timedelta(days=90), klassen=[Weg(), *BEWAARKLASSEN])
    assert len(bestanden.list()) == 3


def test_an_intermediate_written_anew_is_not_taken_for_the_one_being_removed(
    database, bestanden, levering, monkeypatch
):
    sleutel = intermediate_key("run-1/1", "brp.arrow")
    bestanden.write(sleutel, b"oud")
    begin = bestanden.stat(sleutel).modified_at
    with monkeypatch.context() as kapot:
        kapot.setattr(bestanden, "remove", lambda _: (_ for _ in ()).throw(OpslagFout("away")))
        with pytest.raises(OpslagFout):
            remove_intermediates(database, bestanden, "run-1/1", nu=begin)
    bestanden.write(sleutel, b"nieuw")

    sweep(database, bestanden, nu=begin + timedelta(minutes=2))
    assert bestanden.read(sleutel) == b"nieuw"
    assert regels(database) == [("tussenresultaat", None, None, True)]


class Samen:
    """A class whose finders wait for each other, so that all sweeps have found the same."""

    def __init__(self, klasse, wie: Barrier) -> None:
        self.klasse, self.wie = klasse, wie

    def __getattr__(self, naam):
        return getattr(self.klasse, naam)

    def find(self, *argumenten):
        gevonden = self.klasse.find(*argumenten)
        self.wie.wait(timeout=60)
        return gevonden


def test_two_sweeps_at_once_register_everything_once(database, bestanden, publiceer_, nu):
    for run in range(5):
        publiceer_(nu, f"run-{run}/1")
        bestanden.write(f"onvoltooid/{run}", b"x")
        bestanden.write(f"publicaties/bijzondere-bijstand/{run}/overzicht.csv", b"x")
    dan = datetime.now(UTC) + timedelta(days=400)
    wie = Barrier(4)
    klassen = [Samen(klasse, wie) for klasse in BEWAARKLASSEN]
    with ThreadPoolExecutor(4) as tegelijk:
        list(tegelijk.map(lambda _: sweep(database, bestanden, nu=dan, klassen=klassen), range(4)))
    assert bestanden.list() == []
    assert Counter(soort for soort, *_ in regels(database)) == {"rapport": 10, "levering": 1, "wees": 10}
    assert {voltooid for *_, voltooid in regels(database)} == {True}


def test_killed_between_any_two_steps_the_next_sweep_finishes(
    database, bestanden, organisatie, levering, publiceer_, nu
):
    dan = utc("2027-02-28T12:00")  # the deliveries of ronde 2026-10 were never published
    gelukt = False
    for ronde in range(60):
        # new material for every kill: a delivery, a publication, an intermediate
        los = register_levering(
            database,
            bestanden,
            inhoud=b"%d" % ronde,
            bestandsnaam="x",
            nu=levering.ontvangen_op,
            organisatie=organisatie,
            ronde="2026-10",
        ).levering
        bestanden.write(intermediate_key(f"run-{ronde}", "brp.arrow"), b"x")
        klassen = [
            PublicatieFiles(),
            LeveringFiles(),
            IntermediateFiles(),
            OrphanFiles(),
        ]
        gelukt = sterf_na(ronde, lambda: sweep(database, bestanden, nu=dan, klassen=klassen))  # noqa: B023
        sweep(database, bestanden, nu=dan, klassen=klassen)
        assert bestanden.list() == []
        with database.reading() as sessie:
            lijnen = vernietigingsregister(sessie)
            with pytest.raises(GegevensFout):
                find_levering(sessie, los.id)
        assert all(lijn.vernietigd_op for lijn in lijnen)
        assert len({lijn.sleutel for lijn in lijnen}) == len(lijnen), "a file was registered twice"
        if gelukt:
            break
    assert gelukt
    assert ronde > 15, "steps were not counted"
