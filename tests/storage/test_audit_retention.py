"""Expired months of the logboek go, and nothing else does without being seen (besluit B55a)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from include.errors import BidnFout, ControleFout, InstallatieFout
from include.settings import logboek_maanden
from include.storage import audit_log
from include.storage.audit_log import ANCHOR, AuditCheck
from include.storage.audit_models import AuditCheckpoint, AuditSubjects
from include.storage.audit_retention import first_day_kept, shorten
from include.storage.bewaartermijn import vernietigingsregister
from include.storage.database import Database
from include.storage.file_store import FileStore
from tests.storage.test_audit_log import ARM, RIJK, _buitenom, _controle, _handeling

AUGUST, SEPTEMBER = (datetime(2025, month, 20, 10, tzinfo=UTC) for month in (8, 9))
"""With a term of 18 months January 2024 has expired in August 2025, February in September."""

# 23:30 UTC on 31 January is February in Amsterdam.
MOMENTS = (
    datetime(2024, 1, 9, 8, tzinfo=UTC),
    datetime(2024, 1, 31, 22, 30, tzinfo=UTC),
    datetime(2024, 1, 31, 23, 30, tzinfo=UTC),
    datetime(2025, 10, 1, 8, tzinfo=UTC),
)


@pytest.fixture
def vier(database: Database, bestanden: FileStore) -> Database:
    """Two logregels of January 2024, one of February about two persons, one of October 2025."""
    for nummer, moment in enumerate(MOMENTS, start=1):
        betrokkenen = [ARM, RIJK] if nummer == 3 else None
        with database.transaction() as sessie:
            audit_log.record(
                sessie, _handeling("h", begin_op=moment, einde_op=moment, betrokkenen=betrokkenen)
            )
    audit_log.write_anchor(database, bestanden)
    return database


def _shorten(
    database: Database, bestanden: FileStore, nu: datetime, maanden: int = 18
) -> AuditCheckpoint | None:
    punt = shorten(database, bestanden, nu=nu, maanden=maanden)
    audit_log.write_anchor(database, bestanden)
    return punt


@pytest.fixture
def ingekort(vier: Database, bestanden: FileStore) -> Database:
    """Shortened twice: 1 and 2 went, then 3; 4 is left, and 5 and 6 tell of it."""
    _shorten(vier, bestanden, AUGUST)
    _shorten(vier, bestanden, SEPTEMBER)
    return vier


@pytest.mark.parametrize(
    ("vandaag", "maanden", "eerste"),
    [
        (date(2025, 8, 1), 18, date(2024, 2, 1)),
        (date(2025, 7, 31), 18, date(2024, 1, 1)),
        (date(2026, 12, 31), 6, date(2026, 6, 1)),
        (date(2026, 1, 1), 84, date(2019, 1, 1)),
    ],
)
def test_a_month_has_expired_when_all_of_it_is_older_than_the_term(vandaag, maanden, eerste):
    assert first_day_kept(vandaag, maanden) == eerste


@pytest.mark.parametrize(("gezet", "maanden"), [(None, 18), ("", 18), ("6", 6), ("84", 84)])
def test_the_term_is_a_setting(monkeypatch, gezet, maanden):
    if gezet is not None:
        monkeypatch.setenv("BIDN_LOGBOEK_MAANDEN", gezet)
    assert logboek_maanden() == maanden


@pytest.mark.parametrize("gezet", ["5", "85", "0", "-18", "1.5", "18 maanden", "²"])
def test_a_term_that_is_none_is_refused_in_a_sentence(monkeypatch, gezet):
    monkeypatch.setenv("BIDN_LOGBOEK_MAANDEN", gezet)
    with pytest.raises(InstallatieFout, match="a whole number of months from 6 to 84"):
        logboek_maanden()


def test_whole_expired_months_go_and_the_register_and_the_logboek_tell_of_it(ingekort, bestanden):
    assert _controle(ingekort, bestanden) == AuditCheck(6)
    with ingekort.reading() as sessie:
        assert [(regel.volgnummer, regel.naam) for regel in audit_log.entries(sessie)] == [
            (4, "h"),
            (5, "logboek-inkorten"),
            (6, "logboek-inkorten"),
        ]
        assert audit_log.entries(sessie)[-1].bijzonderheden == {
            "controlepunt": 2,
            "laatste": 3,
            "van": "2024-02",
            "tot": "2024-02",
        }
        assert sessie.scalars(select(AuditSubjects)).all() == []
        assert [(regel.klasse, regel.sleutel, regel.rijen) for regel in vernietigingsregister(sessie)] == [
            ("logboek", "logboek/2024-01/2024-01", 2),
            ("logboek", "logboek/2024-02/2024-02", 1),
        ]


def test_nothing_that_has_not_expired_goes(ingekort, bestanden):
    assert _shorten(ingekort, bestanden, SEPTEMBER) is None


def test_the_last_logregel_stays_however_old_it_is(vier, bestanden):
    """Numbers, stand and anchor go on from it."""
    assert _shorten(vier, bestanden, datetime(2040, 1, 1, tzinfo=UTC)).laatste == 3
    assert _controle(vier, bestanden) == AuditCheck(5)


def test_what_follows_one_that_was_entered_late_stays_with_it(database, bestanden):
    """No gap is made in what is left."""
    for moment in (MOMENTS[0], MOMENTS[3], MOMENTS[1], MOMENTS[3]):
        with database.transaction() as sessie:
            audit_log.record(sessie, _handeling("h", begin_op=moment, einde_op=moment))
    audit_log.write_anchor(database, bestanden)
    assert _shorten(database, bestanden, SEPTEMBER).laatste == 1
    assert _controle(database, bestanden) == AuditCheck(5)


COPY = (
    "INSERT INTO logboek_controlepunt SELECT {} , {}, laatste_zegel, 1, van, tot, gemaakt_op, zegel, zegel "
    "FROM logboek_controlepunt WHERE nummer = 2"
)
TABLE = [
    # what was done                                                    , what is named
    (["DELETE FROM logboek_controlepunt WHERE nummer = 1"], [(1, "checkpoint 1 was removed")]),
    (["DELETE FROM logboek_controlepunt WHERE nummer = 2"], [(3, "it was removed")]),
    (["DELETE FROM logboek_controlepunt"], [(1, "it was removed")]),
    (
        [
            "UPDATE logboek_controlepunt SET nummer = nummer + 10",
            "UPDATE logboek_controlepunt SET nummer = 13 - nummer",
        ],
        [(1, "checkpoint 1 was changed"), (1, "it was removed"), (4, "checkpoint 2 was changed")],
    ),
    (
        [COPY.format(3, 5), "DELETE FROM logboek WHERE volgnummer < 6"],
        [(4, "checkpoint 3 was changed or made outside"), (4, "it was removed")],
    ),
    (
        [
            "UPDATE logboek_controlepunt SET laatste = 4 WHERE nummer = 2",
            "DELETE FROM logboek WHERE volgnummer = 4",
        ],
        [(3, "checkpoint 2 was changed"), (3, "it was removed")],
    ),
    (["UPDATE logboek_controlepunt SET van = '2023-01' WHERE nummer = 1"], [(1, "checkpoint 1 was changed")]),
    (["DELETE FROM logboek WHERE volgnummer = 4"], [(4, "it was removed")]),
    (
        ["DELETE FROM logboek WHERE volgnummer = 6"],
        [(6, "the end was removed"), (6, "the end was removed: 6")],
    ),
    (["DELETE FROM logboek"], [(4, "the end was removed"), (6, "the end was removed: 6")]),
    (
        ["UPDATE logboek SET volgnummer = 3 WHERE volgnummer = 4"],
        [(3, "from before the first"), (4, "it was removed")],
    ),
]


@pytest.mark.parametrize(("opdrachten", "genoemd"), TABLE)
def test_what_was_done_to_checkpoints_or_either_end_is_named(
    ingekort, bestanden, opdrachten: Sequence[str], genoemd: list[tuple[int, str]]
):
    _buitenom(ingekort, *opdrachten)
    breuken = _controle(ingekort, bestanden).breaks
    assert [breuk.volgnummer for breuk in breuken] == [nummer for nummer, _ in genoemd]
    for breuk, (_, woorden) in zip(breuken, genoemd, strict=True):
        assert woorden in breuk.reason


@pytest.mark.parametrize(
    "opdracht",
    [
        "DELETE FROM logboek WHERE volgnummer = 4",
        "DELETE FROM logboek_controlepunt",
        "UPDATE logboek_controlepunt SET laatste = 4",
    ],
)
def test_the_database_lets_nothing_go_that_no_checkpoint_covers(ingekort, bestanden, opdracht):
    with pytest.raises((DBAPIError, BidnFout)), ingekort.transaction() as sessie:
        sessie.execute(text(opdracht))
    assert _controle(ingekort, bestanden) == AuditCheck(6)


def test_postgresql_takes_no_checkpoint_for_what_is_younger_than_six_months(ingekort, bestanden):
    if ingekort.engine.dialect.name == "sqlite":
        pytest.skip("whoever has the file of SQLite has all of it")
    with pytest.raises(DBAPIError, match="has not expired"), ingekort.transaction() as sessie:
        sessie.execute(text(COPY.format(3, 5)))
    assert _controle(ingekort, bestanden) == AuditCheck(6)


def test_what_is_not_as_it_was_written_stays_as_evidence(vier, bestanden):
    _buitenom(vier, "UPDATE logboek SET uitvoerder = 'os:ander' WHERE volgnummer = 2")
    with pytest.raises(ControleFout, match="logregel 2 is not as it was written"):
        _shorten(vier, bestanden, AUGUST)
    bestanden.remove(ANCHOR)
    with pytest.raises(ControleFout, match="its anchor in the file store does not hold"):
        _shorten(vier, bestanden, AUGUST)
    with vier.reading() as sessie:
        assert len(audit_log.entries(sessie)) == 4
