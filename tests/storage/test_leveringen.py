from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from include.errors import GegevensFout, OpslagFout
from include.moments import AMSTERDAM
from include.schemas.domein import LeveringStatus, Product
from include.storage.bewaarklassen import OrphanFiles
from include.storage.bewaartermijn import sweep
from include.storage.leveringen import (
    Beoordeling,
    counting_levering,
    find_levering,
    find_leveringen,
    record_beoordeling,
    register_levering,
)
from tests.storage.moord import sterf_na

C, D, A, ONBEKEND = LeveringStatus.CORRECT, LeveringStatus.DEELS_INCORRECT, LeveringStatus.AFGEKEURD, None


def lokaal(tekst: str) -> datetime:
    """A moment as the clock in Amsterdam shows it."""
    return datetime.fromisoformat(tekst).replace(tzinfo=AMSTERDAM)


@pytest.fixture
def lever(database, bestanden, organisatie):
    """Hand in a file, judged at once when a status is given."""

    def lever(inhoud: bytes, moment: datetime, *, ronde="2026-09", status=None):
        registratie = register_levering(
            database,
            bestanden,
            inhoud=inhoud,
            bestandsnaam="vraag.csv",
            nu=moment,
            organisatie=organisatie,
            ronde=ronde,
        )
        if status is not None:
            beoordeling = Beoordeling(
                status, 1, int(status is not A), int(status is A), {"V001": 1} if status is A else {}
            )
            record_beoordeling(
                database,
                bestanden,
                registratie.levering.id,
                beoordeling,
                verslag_csv=b"csv",
                verslag_json=b"{}",
            )
        return registratie

    return lever


# -- handing in ----------------------------------------------------------------------------------------


def test_a_delivery_is_kept_as_it_was_handed_in(database, bestanden, lever):
    levering = lever(b"0363;J\xff\x00", lokaal("2026-09-12T10:00")).levering
    with database.reading() as sessie:
        gelezen = find_levering(sessie, levering.id)
    assert bestanden.read(gelezen.sleutel, sha256=gelezen.sha256) == b"0363;J\xff\x00"
    assert gelezen.sleutel == f"leveringen/{levering.id}/vraagbestand.csv"
    assert (gelezen.omvang, gelezen.ronde, gelezen.status) == (8, "2026-09", None)
    assert gelezen.ontvangen_op == datetime(2026, 9, 12, 8, 0, tzinfo=UTC)
    assert gelezen.organisatie.naam == "Gemeente Stichtse Vecht"


@pytest.mark.parametrize(
    ("aangeleverd", "bewaard"),
    [
        ("vraag.csv", "vraag.csv"),
        ("C:\\Users\\piet\\vraag.csv", "vraag.csv"),
        ("../../etc/passwd", "passwd"),
        ("vraag\r\n\0.csv", "vraag.csv"),
        ("x" * 300, "x" * 255),
        ("vraag_999900018.csv", "vraag_[BSN].csv"),
        ("vraag_20260926.csv", "vraag_20260926.csv"),
        ("", ""),
    ],
)
def test_the_name_of_the_file_is_only_a_name(database, bestanden, organisatie, aangeleverd, bewaard):
    registratie = register_levering(
        database,
        bestanden,
        inhoud=b"x",
        bestandsnaam=aangeleverd,
        nu=lokaal("2026-09-12T10:00"),
        organisatie=organisatie,
        ronde="2026-09",
    )
    assert registratie.levering.bestandsnaam == bewaard


@pytest.mark.parametrize(
    ("eerder", "nu", "nieuw", "gelijk_aan"),
    [
        # (contents, ronde) handed in before, in order       what is handed in      new?   same as number
        ([], (b"a", "2026-09"), True, None),
        ([(b"a", "2026-09")], (b"a", "2026-09"), False, 0),
        ([(b"a", "2026-09")], (b"b", "2026-09"), True, None),
        # a replaced one is handed in again: it must count again, so it is new
        ([(b"a", "2026-09"), (b"b", "2026-09")], (b"a", "2026-09"), True, 0),
        ([(b"a", "2026-09"), (b"b", "2026-09")], (b"b", "2026-09"), False, 1),
        # the same file every month is a delivery every month
        ([(b"a", "2026-09")], (b"a", "2026-10"), True, 0),
    ],
)
def test_the_same_bytes_are_recognised(database, bestanden, lever, eerder, nu, nieuw, gelijk_aan):
    start = lokaal("2026-09-12T10:00")
    voorgangers = [
        lever(inhoud, start + timedelta(hours=uur), ronde=ronde).levering
        for uur, (inhoud, ronde) in enumerate(eerder)
    ]
    inhoud, ronde = nu
    registratie = lever(inhoud, start + timedelta(days=1), ronde=ronde)
    assert registratie.nieuw is nieuw
    assert (registratie.gelijk_aan.id if registratie.gelijk_aan else None) == (
        None if gelijk_aan is None else voorgangers[gelijk_aan].id
    )
    with database.reading() as sessie:
        geregistreerd = find_leveringen(sessie)
    assert len(geregistreerd) == len(eerder) + nieuw
    assert len(bestanden.list()) == len(geregistreerd)


def test_the_same_bytes_handed_in_many_times_at_once_are_one_delivery(database, bestanden, lever):
    with ThreadPoolExecutor(6) as tegelijk:
        registraties = list(tegelijk.map(lambda _: lever(b"a", lokaal("2026-09-12T10:00")), range(6)))
    assert sum(registratie.nieuw for registratie in registraties) == 1
    assert len({registratie.levering.id for registratie in registraties}) == 1
    assert len(bestanden.list()) == 1


def test_an_alleenverdieners_list_belongs_to_no_organisation(database, bestanden, nu):
    def haal(inhoud: bytes):
        return register_levering(
            database,
            bestanden,
            inhoud=inhoud,
            bestandsnaam="avd.csv",
            nu=nu,
            product=Product.ALLEENVERDIENERS,
            kenmerk="avd_2026_01",
        )

    eerste = haal(b"BSN;Gemeentecode\r\n")
    assert eerste.levering.sleutel.endswith("/selectielijst.csv")
    assert not haal(b"BSN;Gemeentecode\r\n").nieuw
    assert haal(b"anders").nieuw
    with database.reading() as sessie:
        assert len(find_leveringen(sessie, kenmerk="avd_2026_01")) == 2


@pytest.mark.parametrize(
    "welke", [{}, {"ronde": "2026-09"}, {"product": Product.ALLEENVERDIENERS}, {"kenmerk": "avd_2026_01"}]
)
def test_a_delivery_without_owner_is_a_programming_error(database, bestanden, nu, welke):
    with pytest.raises(ValueError, match="needs"):
        register_levering(database, bestanden, inhoud=b"x", bestandsnaam="x", nu=nu, **welke)
    assert bestanden.list() == []


def test_nothing_is_registered_when_storage_fails(database, bestanden, organisatie, lever, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OpslagFout, match="No space left"):
        lever(b"a", lokaal("2026-09-12T10:00"))
    with database.reading() as sessie:
        assert find_leveringen(sessie) == []


def test_killed_between_any_two_steps_a_delivery_is_whole_or_not_there(database, bestanden, lever):
    for stap in range(60):
        gelukt = sterf_na(stap, partial(lever, b"%d" % stap, lokaal("2026-09-12T10:00")))
        with database.reading() as sessie:
            alle = find_leveringen(sessie)
        assert all(bestanden.read(levering.sleutel, sha256=levering.sha256) for levering in alle)
        if gelukt:
            break
    assert gelukt
    assert stap > 8, "steps were not counted"
    assert len(alle) < len(bestanden.list()), "no kill left an orphan"
    wezen = OrphanFiles(grace=-timedelta(days=1000))
    sweep(database, bestanden, nu=lokaal("2026-09-13T10:00"), klassen=[wezen])
    in_zicht = {een.key for een in bestanden.list() if not een.key.startswith("quarantaine/")}
    assert in_zicht == {levering.sleutel for levering in alle}


# -- judging -------------------------------------------------------------------------------------------


def test_a_delivery_is_judged_once(database, bestanden, lever):
    levering = lever(b"a", lokaal("2026-09-12T10:00")).levering
    beoordeling = Beoordeling(D, 10, 8, 2, {"V015": 1, "V021": 2})

    def beoordeel(beoordeling: Beoordeling, verslag: bytes):
        return record_beoordeling(
            database, bestanden, levering.id, beoordeling, verslag_csv=verslag, verslag_json=b"{}"
        )

    beoordeel(beoordeling, b"eerste")
    beoordeeld = beoordeel(beoordeling, b"tweede")  # the task is run again
    assert (beoordeeld.status, beoordeeld.rijen_gelezen, beoordeeld.fouten) == (D, 10, {"V015": 1, "V021": 2})
    assert bestanden.read(beoordeeld.sleutel_verslag) == b"tweede"
    with pytest.raises(GegevensFout, match="judged 'deels incorrect' before"):
        beoordeel(Beoordeling(C, 10, 10, 0, {}), b"derde")
    assert bestanden.read(beoordeeld.sleutel_verslag) == b"tweede"


# -- which one counts (besluit B2) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statussen", "telt", "vervangt", "zonder_gevolg"),
    [
        # in order of arrival     counts  replaces   no effect
        ([C], 0, [], []),
        ([A], 0, [], []),
        ([C, C], 1, [0], []),
        ([C, D], 1, [0], []),
        ([C, A], 0, [], [1]),
        ([A, C], 1, [0], []),
        ([A, A], 1, [0], []),
        ([A, D, A, A], 1, [0], [2, 3]),
        ([C, A, D], 2, [0, 1], []),
        ([C, ONBEKEND], 1, [0], []),
        ([C, ONBEKEND, A], 1, [0], [2]),
    ],
)
def test_the_last_usable_delivery_counts(
    database, organisatie, lever, statussen, telt, vervangt, zonder_gevolg
):
    start = lokaal("2026-09-01T10:00")
    geleverd = [
        lever(b"%d" % nummer, start + timedelta(days=nummer), status=status).levering.id
        for nummer, status in enumerate(statussen)
    ]
    with database.reading() as sessie:
        telling = counting_levering(
            sessie, organisatie, ronde_van=date(2026, 8, 26), ronde_tot=date(2026, 9, 26)
        )
    assert telling.levering.id == geleverd[telt]
    assert [levering.id for levering in telling.vervangt] == [geleverd[nummer] for nummer in vervangt]
    assert [levering.id for levering in telling.zonder_gevolg] == [
        geleverd[nummer] for nummer in zonder_gevolg
    ]


@pytest.mark.parametrize(
    ("van", "tot", "moment", "telt"),
    [
        (date(2026, 8, 26), date(2026, 9, 26), "2026-08-25T23:59:59", False),
        (date(2026, 8, 26), date(2026, 9, 26), "2026-08-26T00:00:00", True),
        (date(2026, 8, 26), date(2026, 9, 26), "2026-09-25T23:59:59", True),
        (date(2026, 8, 26), date(2026, 9, 26), "2026-09-26T00:00:00", False),
        # summer time begins on 29 March: the window opens at +01:00 and closes at +02:00
        (date(2026, 3, 26), date(2026, 4, 26), "2026-03-26T00:00:00", True),
        (date(2026, 3, 26), date(2026, 4, 26), "2026-04-25T23:59:59", True),
        (date(2026, 3, 26), date(2026, 4, 26), "2026-04-26T00:00:00", False),
        # and ends on 25 October, the day before the deelnamedatum
        (date(2026, 9, 26), date(2026, 10, 26), "2026-09-26T00:00:00", True),
        (date(2026, 9, 26), date(2026, 10, 26), "2026-10-25T23:59:59", True),
        (date(2026, 9, 26), date(2026, 10, 26), "2026-10-26T00:00:00", False),
    ],
)
def test_the_window_is_in_amsterdam_days(database, organisatie, lever, van, tot, moment, telt):
    lever(b"a", lokaal(moment))
    with database.reading() as sessie:
        telling = counting_levering(sessie, organisatie, ronde_van=van, ronde_tot=tot)
    assert (telling is not None) is telt


def test_of_two_at_the_same_moment_the_one_registered_last_counts(database, organisatie, lever):
    moment = lokaal("2026-09-12T10:00")
    for inhoud in (b"a", b"b", b"c"):
        laatste = lever(inhoud, moment).levering
    with database.reading() as sessie:
        telling = counting_levering(
            sessie, organisatie, ronde_van=date(2026, 8, 26), ronde_tot=date(2026, 9, 26)
        )
    assert telling.levering.id == laatste.id
    assert len(telling.vervangt) == 2


def test_without_a_delivery_there_is_nothing_to_count(database, organisatie):
    with database.reading() as sessie:
        assert (
            counting_levering(sessie, organisatie, ronde_van=date(2026, 8, 26), ronde_tot=date(2026, 9, 26))
            is None
        )
