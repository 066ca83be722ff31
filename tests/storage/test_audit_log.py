"""Whatever is changed, removed or added behind its back, the logboek tells where."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from include.errors import BidnFout, GegevensFout, OpslagFout
from include.storage import audit_log
from include.storage.audit_log import (
    ANCHOR,
    Anchor,
    AuditBreak,
    AuditCheck,
    AuditEvent,
    AuditStatus,
    ProcessingActivity,
)
from include.storage.audit_models import AuditEntry, AuditSubjects
from include.storage.database import Database, make_engine
from include.storage.file_store import FileStore
from include.storage.pseudonyms import Pseudonyms

NU = datetime(2026, 10, 14, 10, 0, 0, 123456, tzinfo=UTC)
RIJK, ARM, ANDER = 999900018, 999900043, 999900055


def _handeling(naam: str, **meer) -> AuditEvent:
    return AuditEvent(
        **{
            "naam": naam,
            "activiteit": ProcessingActivity.BRONBEVRAGING,
            "begin_op": NU,
            "einde_op": NU + timedelta(seconds=2),
            "uitvoerder": "os:ops",
            "trace_id": "ab" * 16,
            "organisatie": "Gemeente Stichtse Vecht",
            "doelbinding": "bijzondere-bijstand",
            "ronde": "2026-09",
        }
        | meer
    )


VIER = (
    _handeling("levering", activiteit=ProcessingActivity.LEVERING, onderwerp="5f0c", aantal=2),
    _handeling("bronbevraging", betrokkenen=[ARM, RIJK, ARM], aantal=2, bijzonderheden={"bron": "brp"}),
    _handeling(
        "detail", activiteit=ProcessingActivity.RAADPLEGING, betrokkene=RIJK, status=AuditStatus.ERROR
    ),
    _handeling(
        "publicatie", activiteit=ProcessingActivity.PUBLICATIE, onderwerp="77aa", bijzonderheden={"versie": 1}
    ),
)


@pytest.fixture
def vier(database: Database, bestanden: FileStore) -> Database:
    """A logboek of four regels, anchored."""
    for handeling in VIER:
        with database.transaction() as sessie:
            audit_log.record(sessie, handeling)
        audit_log.write_anchor(database, bestanden)
    return database


def _controle(database: Database, bestanden: FileStore) -> AuditCheck:
    with database.reading() as sessie:
        return audit_log.verify(sessie, audit_log.read_anchor(bestanden))


def _buitenom(database: Database, *opdrachten: str) -> None:
    """As somebody with all rights on the database would: without the triggers, on a copy of what we use."""
    postgres = database.engine.dialect.name == "postgresql"
    engine = make_engine(database.engine.url.render_as_string(hide_password=False), foreign_keys=False)
    with engine.begin() as verbinding:
        if postgres:
            verbinding.execute(text("SET session_replication_role = replica"))
        else:
            triggers = verbinding.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
            for trigger in list(triggers):
                verbinding.execute(text(f"DROP TRIGGER {trigger}"))
        for opdracht in opdrachten:
            verbinding.execute(text(opdracht))


def test_an_empty_logboek_is_whole(database, bestanden):
    assert _controle(database, bestanden) == AuditCheck(0)


def test_what_was_entered_is_whole_and_reads_back(vier, bestanden):
    assert _controle(vier, bestanden) == AuditCheck(4)
    with vier.reading() as sessie:
        rijen = audit_log.entries(sessie)
    assert [(rij.volgnummer, rij.naam, rij.status) for rij in rijen] == [
        (1, "levering", "Ok"),
        (2, "bronbevraging", "Ok"),
        (3, "detail", "Error"),
        (4, "publicatie", "Ok"),
    ]
    assert (rijen[1].begin_op, rijen[1].einde_op) == (NU, NU + timedelta(seconds=2))


TABEL = [
    # what was done                                                            , first broken, words
    ("UPDATE logboek SET uitvoerder = 'os:ander' WHERE volgnummer = 2", 2, "seal"),
    ('UPDATE logboek SET bijzonderheden = \'{"bron": "uwv"}\' WHERE volgnummer = 2', 2, "seal"),
    ("UPDATE logboek SET status = 'Ok' WHERE volgnummer = 3", 3, "seal"),
    ("UPDATE logboek SET betrokkene = NULL WHERE volgnummer = 3", 3, "seal"),
    ("UPDATE logboek SET zegel = vorig_zegel WHERE volgnummer = 4", 4, "seal"),
    ("DELETE FROM logboek WHERE volgnummer = 1", 1, "removed"),
    ("DELETE FROM logboek WHERE volgnummer = 3", 3, "removed"),
    ("DELETE FROM logboek WHERE volgnummer = 4", 4, "removed"),
    ("DELETE FROM logboek WHERE volgnummer > 1", 2, "removed"),
    ("DELETE FROM logboek", 1, "removed"),
    ("DELETE FROM logboek_betrokkenen", 2, "list of betrokkenen was removed"),
    ("UPDATE logboek_betrokkenen SET hashes = hashes || hashes", 2, "list of betrokkenen was changed"),
    ("DELETE FROM logboek_stand", 5, "removed"),
    ("UPDATE logboek_stand SET aantal = 3", 4, "outside"),
]


@pytest.mark.parametrize(("opdracht", "volgnummer", "woorden"), TABEL)
def test_tampering_is_found_where_it_happened(vier, bestanden, opdracht, volgnummer, woorden):
    if vier.engine.dialect.name == "sqlite":
        opdracht = opdracht.replace("hashes || hashes", "CAST(hashes || hashes AS BLOB)")
    _buitenom(vier, opdracht)
    controle = _controle(vier, bestanden)
    assert controle.first_break is not None
    assert controle.first_break.volgnummer == volgnummer
    assert woorden in controle.first_break.reason


def test_renumbering_after_a_removal_is_found(vier, bestanden):
    _buitenom(
        vier,
        "DELETE FROM logboek_betrokkenen",
        "DELETE FROM logboek WHERE volgnummer = 2",
        "UPDATE logboek SET volgnummer = volgnummer - 1 WHERE volgnummer > 2",
        "UPDATE logboek_stand SET aantal = 3",
    )
    assert _controle(vier, bestanden).first_break.volgnummer == 2


def test_a_row_made_by_hand_is_found(vier, bestanden):
    _buitenom(
        vier,
        "INSERT INTO logboek SELECT 5, trace_id, span_id, parent_span_id, naam, begin_op, einde_op, status, "
        "uitvoerder, activiteit, organisatie, doelbinding, ronde, onderwerp, betrokkene, aantal, lijst_sha256, "
        "bijzonderheden, zegel, zegel FROM logboek WHERE volgnummer = 4",
    )
    assert _controle(vier, bestanden).first_break.volgnummer == 5


def test_a_whole_older_state_of_the_database_is_found_by_the_anchor(vier, bestanden):
    """Restoring an old backup makes the database agree with itself: only the anchor outside it tells."""
    with vier.reading() as sessie:
        zegel3 = sessie.get(AuditEntry, 3).zegel
    stand3 = audit_log._seal_of_head(3, zegel3, Pseudonyms())
    _buitenom(
        vier,
        "DELETE FROM logboek WHERE volgnummer = 4",
        f"UPDATE logboek_stand SET aantal = 3, zegel = '{stand3}'",  # noqa: S608 - hex digits
    )
    assert _controle(vier, bestanden).first_break[:2] == (4, "the end was removed: 4 logregels were anchored")
    with vier.reading() as sessie:
        assert audit_log.verify(sessie, Anchor(3, zegel3)) == AuditCheck(3)


def test_a_history_written_anew_with_the_key_is_found_by_the_anchor(vier, bestanden):
    anker = audit_log.read_anchor(bestanden)
    _buitenom(
        vier,
        "DELETE FROM logboek_betrokkenen",
        "DELETE FROM logboek",
        "DELETE FROM logboek_stand",
    )
    for handeling in VIER:
        with vier.transaction() as sessie:
            audit_log.record(sessie, handeling)
    with vier.reading() as sessie:
        assert audit_log.verify(sessie, anker).first_break[:2] == (4, "it is another one than was anchored")


def _ga_door(database: Database, bestanden: FileStore, keer: int = 3) -> None:
    """The work goes on, by a program that knows of nothing."""
    for _ in range(keer):
        with database.transaction() as sessie:
            audit_log.record(sessie, VIER[0])
        audit_log.write_anchor(database, bestanden)


ACHTERDEUR = [
    # what was done                                                                  , first broken, last entered
    (("DELETE FROM logboek WHERE volgnummer = 4",), 4, 7),
    (("DELETE FROM logboek WHERE volgnummer > 2",), 3, 6),
    (("DELETE FROM logboek", "DELETE FROM logboek_betrokkenen"), 1, 4),
    (("DELETE FROM logboek_stand",), 5, 8),
    (("UPDATE logboek_stand SET aantal = 3",), 5, 8),
    (("UPDATE logboek_stand SET aantal = 2147483647",), 5, 8),
    (("UPDATE logboek_stand SET zegel = 'é'",), 5, 8),
    (("DELETE FROM logboek WHERE volgnummer > 2", "UPDATE logboek_stand SET aantal = 2"), 3, 6),
    (("DELETE FROM logboek WHERE volgnummer > 2", "DELETE FROM logboek_stand"), 3, 6),
    (("UPDATE logboek SET zegel = 'é' WHERE volgnummer = 4",), 4, 8),
]


@pytest.mark.parametrize(("opdrachten", "volgnummer", "laatste"), ACHTERDEUR)
def test_writing_on_does_not_hide_what_was_done_to_the_end(
    vier, bestanden, caplog, opdrachten, volgnummer, laatste
):
    _buitenom(vier, *opdrachten)
    _ga_door(vier, bestanden)
    controle = _controle(vier, bestanden)
    assert controle.first_break is not None
    assert controle.first_break.volgnummer == volgnummer
    assert "logboek controleer" in caplog.text  # what to do
    with vier.reading() as sessie:
        assert audit_log.entries(sessie)[-1].volgnummer == laatste  # nothing was stopped


def test_what_is_left_out_cannot_be_filled_in_with_the_row_that_was_removed(vier, bestanden):
    _buitenom(
        vier,
        "CREATE TABLE weg AS SELECT * FROM logboek WHERE volgnummer = 3",
        "DELETE FROM logboek WHERE volgnummer > 2",
    )
    _ga_door(vier, bestanden)
    assert _controle(vier, bestanden).first_break.volgnummer == 3
    _buitenom(vier, "INSERT INTO logboek SELECT * FROM weg", "DROP TABLE weg")
    assert _controle(vier, bestanden).first_break[:2] == (4, "it does not follow the one before it")


def test_an_anchor_that_does_not_hold_stays(vier, bestanden, caplog):
    """Also when the stand was put back to what it was then: the end that was anchored is not there any more."""
    anker = audit_log.read_anchor(bestanden)
    with vier.reading() as sessie:
        stand2 = audit_log._seal_of_head(2, sessie.get(AuditEntry, 2).zegel, Pseudonyms())
    _buitenom(
        vier,
        "DELETE FROM logboek WHERE volgnummer > 2",
        f"UPDATE logboek_stand SET aantal = 2, zegel = '{stand2}'",  # noqa: S608 - hex digits
    )
    assert anker.aantal == 4
    for keer, breuk in (
        (1, (4, "the end was removed: 4 logregels were anchored")),
        (1, (4, "it is another one than was anchored")),
        (3, (4, "it is another one than was anchored")),
    ):
        caplog.clear()
        _ga_door(vier, bestanden, keer)
        assert _controle(vier, bestanden).first_break[:2] == breuk
        assert audit_log.read_anchor(bestanden) == anker
        assert [regel.levelno for regel in caplog.records] == [logging.ERROR] * keer
        assert "tell the privacy officer" in caplog.text


def test_an_anchor_that_holds_moves_on_without_a_word(vier, bestanden, caplog):
    _ga_door(vier, bestanden)
    assert audit_log.read_anchor(bestanden).aantal == 7
    assert not caplog.records


@pytest.mark.parametrize(
    "inhoud",
    [
        b"",
        b"x",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b'{"aantal": 4}',
        b'{"aantal": "4", "zegel": "a"}',
        b'{"aantal": 0, "zegel": "a"}',
        b'{"aantal": -1, "zegel": "a"}',
    ],
)
def test_what_is_no_anchor_stops_nothing_and_is_reported(vier, bestanden, caplog, inhoud):
    bestanden.write(ANCHOR, inhoud)
    _ga_door(vier, bestanden, 1)
    assert "does not hold" in caplog.text
    assert bestanden.read(ANCHOR) == inhoud
    breuk = _controle(vier, bestanden).first_break
    assert (breuk.volgnummer, "anchor in the file store was damaged" in breuk.reason) == (5, True)


@pytest.mark.parametrize("aantal", [1, 4, 999_999, 10**30])
def test_an_anchor_of_another_logboek_stays_and_is_reported(vier, bestanden, aantal):
    bestanden.write(ANCHOR, json.dumps({"aantal": aantal, "zegel": "ab" * 32}).encode())
    _ga_door(vier, bestanden, 1)
    assert audit_log.read_anchor(bestanden) == Anchor(aantal, "ab" * 32)
    assert "anchored" in _controle(vier, bestanden).first_break.reason


def test_an_anchor_that_was_not_decrypted_stops_nothing_and_is_reported(vier, bestanden, wortel, caplog):
    (wortel / ANCHOR).write_bytes(b"no age file")
    _ga_door(vier, bestanden, 1)
    assert "does not hold" in caplog.text
    assert (wortel / ANCHOR).read_bytes() == b"no age file"
    assert "damaged" in _controle(vier, bestanden).first_break.reason


def test_what_is_entered_during_the_check_is_no_breuk(vier, bestanden, monkeypatch):
    """The stand is read last: by then others have entered more than was gone through."""
    aan_het_eind = audit_log._breaks_at_the_end

    def intussen(*wat: object, **hoe: bool) -> list[AuditBreak]:
        _ga_door(vier, bestanden, 2)
        return aan_het_eind(*wat, **hoe)

    with monkeypatch.context() as tijdens:
        tijdens.setattr(audit_log, "_breaks_at_the_end", intussen)
        assert _controle(vier, bestanden) == AuditCheck(4)
    assert _controle(vier, bestanden) == AuditCheck(6)


def test_a_removed_anchor_is_reported(vier, bestanden):
    bestanden.remove(ANCHOR)
    assert "no anchor" in _controle(vier, bestanden).first_break.reason


def test_another_hashsleutel_is_reported(vier, bestanden):
    with vier.reading() as sessie:
        controle = audit_log.verify(sessie, audit_log.read_anchor(bestanden), Pseudonyms(b"x" * 32))
    assert controle.first_break.volgnummer == 1
    assert "hashsleutel" in controle.first_break.reason


@pytest.mark.parametrize("opdracht", ["UPDATE logboek SET naam = 'x'", "DELETE FROM logboek_betrokkenen"])
def test_the_database_refuses_changes(vier, bestanden, opdracht):
    with pytest.raises((DBAPIError, BidnFout)), vier.transaction() as sessie:
        sessie.execute(text(opdracht))
    assert _controle(vier, bestanden) == AuditCheck(4)


@pytest.mark.parametrize(
    "opdracht",
    [
        "INSERT OR REPLACE INTO logboek SELECT * FROM logboek",
        "INSERT OR REPLACE INTO logboek_betrokkenen SELECT * FROM logboek_betrokkenen",
    ],
)
def test_sqlite_refuses_to_put_another_row_in_the_place_of_one(vier, bestanden, opdracht):
    if vier.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    with pytest.raises(OpslagFout, match="SQLITE_CONSTRAINT_TRIGGER"), vier.transaction() as sessie:
        sessie.execute(text(opdracht))
    assert _controle(vier, bestanden) == AuditCheck(4)


@pytest.mark.parametrize("tabellen", ["logboek_betrokkenen", "logboek, logboek_betrokkenen"])
def test_the_database_refuses_to_empty_it(vier, bestanden, tabellen):
    if vier.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"), vier.transaction() as sessie:
        sessie.execute(text(f"TRUNCATE {tabellen}"))
    assert _controle(vier, bestanden) == AuditCheck(4)


def test_a_handeling_stands_or_falls_with_its_transaction(vier, bestanden):
    def half(sessie: Session) -> None:
        audit_log.record(sessie, VIER[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), vier.transaction() as sessie:
        half(sessie)
    assert _controle(vier, bestanden) == AuditCheck(4)


def test_who_write_at_the_same_time_make_one_chain(url, bestanden):
    def schrijf(nummer: int) -> None:
        database = Database(url)
        for _ in range(5):
            with database.transaction() as sessie:
                audit_log.record(sessie, _handeling(f"schrijver-{nummer}"))
            audit_log.write_anchor(database, bestanden)

    with ThreadPoolExecutor(4) as tegelijk:
        list(tegelijk.map(schrijf, range(4)))
    assert _controle(Database(url), bestanden) == AuditCheck(20)


def test_no_bsn_is_in_the_database(vier, tmp_path: Path):
    with vier.reading() as sessie:
        alles = "".join(
            str({kolom.name: getattr(rij, kolom.name) for kolom in AuditEntry.__table__.columns})
            for rij in sessie.scalars(select(AuditEntry))
        )
        lijst = sessie.scalars(select(AuditSubjects.hashes)).one()
    assert str(RIJK) not in alles
    assert len(lijst) == 10  # two persons, five bytes each
    assert str(RIJK).encode() not in lijst


@pytest.mark.parametrize(
    ("bsn", "namen"), [(RIJK, ["bronbevraging", "detail"]), (ARM, ["bronbevraging"]), (ANDER, [])]
)
def test_a_person_is_told_who_looked(vier, bsn, namen):
    with vier.reading() as sessie:
        assert [regel.naam for regel in audit_log.entries_about(sessie, bsn)] == namen


def test_a_logregel_has_the_names_of_the_standard(vier):
    with vier.reading() as sessie:
        ldv = audit_log.as_ldv(audit_log.entries(sessie, naam="detail")[0])
    attributen = ldv.pop("attributes")
    assert ldv == {
        "trace_id": "ab" * 16,
        "span_id": ldv["span_id"],
        "parent_span_id": None,
        "name": "detail",
        "start_time": 1791972000123,
        "end_time": 1791972002123,
        "status": "Error",
        "resource": {"attributes": {"service.name": "bidn"}},
    }
    assert len(bytes.fromhex(ldv["span_id"])) == 8
    assert attributen["dpl.core.processing_activity_id"] == "urn:bidn:verwerking:raadpleging"
    assert attributen["dpl.core.data_subject_id"] == Pseudonyms().of(RIJK)
    assert attributen["dpl.core.data_subject_id_type"] == "BSN"
    json.dumps(attributen)


def test_an_anchor_that_cannot_be_written_stops_nothing(vier, bestanden, monkeypatch):
    def vol(*_: object) -> None:
        raise GegevensFout("vol")

    with monkeypatch.context() as kapot:
        kapot.setattr(bestanden, "write", vol)
        with vier.transaction() as sessie:
            audit_log.record(sessie, VIER[0])
        audit_log.write_anchor(vier, bestanden)
    assert _controle(vier, bestanden) == AuditCheck(5)  # the anchor is one behind


@pytest.mark.parametrize("maak", [lambda p, bsn: p.of(bsn), lambda p, bsn: p.hashes([bsn])])
def test_a_hash_means_nothing_under_another_key(maak: Callable):
    assert maak(Pseudonyms(b"a" * 32), RIJK) == maak(Pseudonyms(b"a" * 32), RIJK)
    assert maak(Pseudonyms(b"a" * 32), RIJK) != maak(Pseudonyms(b"b" * 32), RIJK)


def test_a_list_finds_exactly_its_own():
    pseudoniemen = Pseudonyms()
    erin, eruit = range(999900000, 999902000), range(999902000, 999904000)
    lijst = pseudoniemen.hashes(erin)
    assert len(lijst) == 5 * 2000
    assert all(pseudoniemen.is_in(lijst, bsn) for bsn in erin)
    assert not any(pseudoniemen.is_in(lijst, bsn) for bsn in eruit)
