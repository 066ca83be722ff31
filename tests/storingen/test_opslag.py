# ruff: noqa: E501 - a table is read across
"""The fault matrix of our own storage: disk and database full, read-only, locked, away or lost halfway.

A task that meets one fails with words to act on, or does not notice. When it is over the task finishes with what an
undisturbed one leaves; meanwhile nothing half shows and other organisations keep what they had.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.definitions.retry_policy import RetryAction
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bidn_operators.retries import Herhaalbeleid
from include.errors import BidnFout, InstallatieFout, OpslagFout
from include.storage import database
from tests.dags.wereld import ALFA, BETA
from tests.storingen.installatie import (
    ALLEENVERDIENERS,
    BIJZONDERE_BIJSTAND,
    Beeld,
    Halte,
    Installatie,
    beeld,
)

pytestmark = pytest.mark.slow

AGAIN, FAILS = RetryAction.RETRY, RetryAction.FAIL
Haltes = dict[str, dict[str, Halte]]
TAKEN = [
    (dag, str(taak))
    for dag, taken, van in (("bb", BIJZONDERE_BIJSTAND, ALFA), ("avd", ALLEENVERDIENERS, BETA))
    for taak in taken
    if taak.van in ("", van)
]
ONOMKEERBAAR = ("leveren", "levering_innemen", "publiceren", "notificeren", "bewaartermijn_toepassen")
ZONDER_EIND = 100


@pytest.fixture
def haltes(haltes_bb: dict[str, Halte], haltes_avd: dict[str, Halte], bronnen: SimpleNamespace) -> Haltes:
    return {"bb": haltes_bb, "avd": haltes_avd}


# -- how to disturb: the file store ----------------------------------------------------------------------


@contextmanager
def os_weigert(code: int, *namen: str) -> Iterator[None]:
    """These functions of the operating system refuse to change anything in the file store."""

    def weiger(naam: str, echt: Callable[..., Any]) -> Callable[..., Any]:
        def weigert(pad: Any, *rest: Any, **opties: Any) -> Any:
            leest = naam == "open" and not rest[0] & os.O_CREAT
            if leest or "opslag" not in str(pad):
                return echt(pad, *rest, **opties)
            raise OSError(code, os.strerror(code), str(pad))

        return weigert

    with pytest.MonkeyPatch.context() as stuk:
        for naam in namen or ("open", "mkdir", "replace", "unlink"):
            stuk.setattr(os, naam, weiger(naam, getattr(os, naam)))
        yield


@contextmanager
def volle_schijf(vanaf: int = 0) -> Iterator[list[int]]:
    """From file number ``vanaf`` on, all that is written goes to a disk that is full: /dev/full. Counts the files."""
    geschreven, echt = [0], os.open

    def open_(pad: Any, vlaggen: int, *rest: Any, **opties: Any) -> int:
        nummer = echt(pad, vlaggen, *rest, **opties)
        if not vlaggen & os.O_CREAT or "onvoltooid" not in str(pad):
            return nummer
        geschreven[0] += 1
        if geschreven[0] <= vanaf:
            return nummer
        os.close(nummer)
        return echt("/dev/full", os.O_WRONLY)

    with pytest.MonkeyPatch.context() as vol:
        vol.setattr(os, "open", open_)
        yield geschreven


# -- how to disturb: the database ------------------------------------------------------------------------


@contextmanager
def sqlite_met(opdracht: str) -> Iterator[None]:
    """SQLite with another setting, on every connection."""

    def zet(verbinding: sqlite3.Connection, _: object) -> None:
        verbinding.execute(f"PRAGMA {opdracht}")

    event.listen(Engine, "connect", zet)
    try:
        yield
    finally:
        event.remove(Engine, "connect", zet)


@contextmanager
def vergrendeld(installatie: Installatie) -> Iterator[None]:
    """Another process holds the write lock of SQLite, for longer than we wait."""
    ander = sqlite3.connect(installatie.map / "bidn.sqlite", isolation_level=None)
    ander.execute("BEGIN IMMEDIATE")
    try:
        with pytest.MonkeyPatch.context() as kort:
            kort.setattr(database, "WAIT_MS", 20)
            yield
    finally:
        ander.close()


@contextmanager
def in_plaats_van_het_bestand(installatie: Installatie, zet_neer: Callable[[Path], Any]) -> Iterator[None]:
    """Something else lies where the file of the database was."""
    pad, opzij = installatie.map / "bidn.sqlite", installatie.map / "opzij"
    pad.rename(opzij)
    zet_neer(pad)
    try:
        yield
    finally:
        if pad.is_dir():
            pad.rmdir()
        opzij.rename(pad)


@contextmanager
def verbroken(bij: int, *, na_de_commit: bool) -> Iterator[list[int]]:
    """The connection with the database is lost once, just before or just after a commit. Counts the commits."""
    gezien = [0]

    def verlies(_: object) -> None:
        gezien[0] += 1
        if gezien[0] == bij:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    waar = (Session, "after_commit") if na_de_commit else (Engine, "commit")
    event.listen(*waar, verlies)
    try:
        yield gezien
    finally:
        event.remove(*waar, verlies)


# -- what stays until somebody mends it --------------------------------------------------------------------

Storing = Callable[[Installatie], AbstractContextManager[Any]]
DISK, DB = "the file store could not write ", "the database "
FAULTS: dict[str, tuple[Storing, str, str, type[BidnFout], RetryAction]] = {
    # fault                how                                                  who   says                                                           raises           Airflow
    "disk full":          (lambda _: volle_schijf(),                            DISK, "No space left on device. The disk is used up: make room",     OpslagFout,      AGAIN),
    "disk over quota":    (lambda _: os_weigert(errno.EDQUOT, "open", "mkdir"), DISK, "Disk quota exceeded. The quota is used up: make room",        OpslagFout,      AGAIN),
    "disk read-only":     (lambda _: os_weigert(errno.EROFS),                   DISK, "Read-only file system. BIDN_OPSLAG is read-only or not ours", OpslagFout,      AGAIN),
    "disk of another":    (lambda _: os_weigert(errno.EACCES),                  DISK, "Permission denied. BIDN_OPSLAG is read-only or not ours",     OpslagFout,      AGAIN),
    "disk broken":        (lambda _: os_weigert(errno.EIO),                     DISK, "Input/output error. Check that the storage of BIDN_OPSLAG",   OpslagFout,      AGAIN),
    "database locked":    (vergrendeld,                                         DB,   "is busy (SQLITE_BUSY). Another process holds it",             OpslagFout,      AGAIN),
    "database full":      (lambda _: sqlite_met("max_page_count = 1"),          DB,   "is full (SQLITE_FULL). Make room on the disk",                OpslagFout,      AGAIN),
    "database read-only": (lambda _: sqlite_met("query_only = ON"),             DB,   "is read-only (SQLITE_READONLY). Mend the rights",             OpslagFout,      AGAIN),
    "database away":      (lambda i: in_plaats_van_het_bestand(i, Path.mkdir),  DB,   "cannot be opened, read or written (SQLITE_CANTOPEN). Look at", OpslagFout,      AGAIN),
    "database damaged":   (lambda i: in_plaats_van_het_bestand(i, _rommel),     DB,   "is damaged (SQLITE_NOTADB). Pause the DAGs and restore it",   InstallatieFout, FAILS),
}  # fmt: skip


def _rommel(pad: Path) -> None:
    pad.write_bytes(b"geen database" * 1000)


IN = {
    "leveren": "bb",
    f"publiceren[{ALFA}]": "bb",
    "levering_innemen": "avd",
    f"publiceren[{BETA}]": "avd",
}
CASES = [
    (fault, naam)
    for fault in FAULTS
    for naam in IN
    # The others write so little that it fits in.
    if fault != "database full" or naam.startswith("publiceren")
]


@pytest.mark.parametrize(("fault", "naam"), CASES)
def test_a_fault_that_stays(haltes: Haltes, werk: Path, fault: str, naam: str) -> None:
    storing, wie, woorden, soort, airflow = FAULTS[fault]
    halte = haltes[IN[naam]][naam]
    nu = halte.begin(werk)
    with storing(nu), pytest.raises(soort) as gevangen:
        halte.taak.draai(nu)
    melding = str(gevangen.value)
    assert melding.startswith(wie)
    assert woorden in melding
    assert str(werk) not in melding
    assert Herhaalbeleid().evaluate(gevangen.value, 1, 4).action is airflow
    halte.eis_heel(beeld(nu))
    halte.taak.draai(nu)
    assert beeld(nu) == halte.beeld_na


def test_a_lock_that_is_let_go_is_waited_for(haltes: Haltes, werk: Path) -> None:
    halte = haltes["bb"][f"publiceren[{ALFA}]"]
    nu = halte.begin(werk)
    ander = sqlite3.connect(nu.map / "bidn.sqlite", isolation_level=None, check_same_thread=False)
    ander.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, ander.close).start()
    halte.taak.draai(nu)
    assert beeld(nu) == halte.beeld_na


def test_a_sweep_that_may_not_remove_says_so_and_is_finished_by_the_next(haltes: Haltes, werk: Path) -> None:
    for dag in ("bb", "avd"):
        halte = haltes[dag]["bewaartermijn_toepassen"]
        nu = halte.begin(werk)
        with os_weigert(errno.EROFS), pytest.raises(OpslagFout) as gevangen:
            halte.taak.draai(nu)
        assert "could not remove" in str(gevangen.value)
        assert "look at the rights and the state of the file store" in str(gevangen.value)
        halte.taak.draai(nu)
        assert beeld(nu) == halte.beeld_na


# -- what comes halfway: at every write and every commit in turn ------------------------------------------


def _telkens(halte: Halte, werk: Path, storing: Callable[[int], AbstractContextManager[list[int]]]) -> None:
    """Disturb the task at its first moment, its second, and so on, until there is nothing left to disturb."""
    hervat: list[Beeld] = []
    for moment in count(1):
        assert moment < ZONDER_EIND
        nu = halte.begin(werk)
        gelukt = True
        with storing(moment) as gezien:
            try:
                halte.taak.draai(nu)
            except OpslagFout:
                gelukt = False
        if gelukt:
            halte.eis_als_ongestoord(nu)
            if gezien[0] < moment:
                return
            continue  # it did without, as the anchor of the logboek may
        over = beeld(nu)
        halte.eis_heel(over)
        if over not in hervat:
            hervat.append(over)
            halte.taak.draai(nu)
            halte.eis_als_ongestoord(nu)


@pytest.mark.parametrize(("dag", "naam"), TAKEN)
def test_the_disk_fills_up_at_every_write_in_turn(haltes: Haltes, werk: Path, dag: str, naam: str) -> None:
    _telkens(haltes[dag][naam], werk, lambda moment: volle_schijf(moment - 1))


@pytest.mark.parametrize(("dag", "naam"), TAKEN)
def test_the_database_is_lost_before_every_commit_in_turn(
    haltes: Haltes, werk: Path, dag: str, naam: str
) -> None:
    _telkens(haltes[dag][naam], werk, lambda moment: verbroken(moment, na_de_commit=False))


@pytest.mark.parametrize(
    ("dag", "naam"), [(dag, naam) for dag, naam in TAKEN if naam.split("[")[0] in ONOMKEERBAAR]
)
def test_the_database_is_lost_after_every_commit_in_turn(
    haltes: Haltes, werk: Path, dag: str, naam: str
) -> None:
    """Nobody says whether it arrived, and it did."""
    _telkens(haltes[dag][naam], werk, lambda moment: verbroken(moment, na_de_commit=True))


@contextmanager
def herstart(url: str, bij: int) -> Iterator[list[int]]:
    """PostgreSQL ends every connection just before a commit, as when it is restarted. Counts the commits."""
    gezien, adres = [0], make_url(url).set(drivername="postgresql")

    def beeindig(_: object) -> None:
        gezien[0] += 1
        if gezien[0] == bij:
            with psycopg.connect(adres.render_as_string(hide_password=False), autocommit=True) as ander:
                ander.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    event.listen(Engine, "commit", beeindig)
    try:
        yield gezien
    finally:
        event.remove(Engine, "commit", beeindig)


@pytest.mark.postgres
def test_postgresql_is_restarted_at_every_commit_of_a_run(
    haltes_bb: dict[str, Halte], bronnen: SimpleNamespace, op_postgresql: Installatie
) -> None:
    """Every attempt of every task gets one commit further than the one before: the last finishes it."""
    nu, meldingen = op_postgresql, []
    for taak in BIJZONDERE_BIJSTAND:
        for bij in count(1):
            assert bij < ZONDER_EIND
            with herstart(nu.database_url, bij) as gezien:
                try:
                    taak.draai(nu)
                except OpslagFout as fout:
                    meldingen.append(str(fout))
            if gezien[0] < bij:
                break
    assert len(meldingen) > 40
    assert {melding.partition(" (")[0] for melding in meldingen} == {
        "the database cannot be reached, or the connection was lost"
    }
    einde = haltes_bb["ronde_afsluiten"]
    gezien_, na = beeld(nu), einde.beeld_na
    for naam, wat in gezien_.items():
        # Sent, and the connection lost before that was entered: one of each organisation, which nobody sends again.
        onzeker = {ding for ding, deel in wat.items() if deel == "claimed"}
        assert len(onzeker) <= 1
        assert wat == na[naam] | dict.fromkeys(onzeker, "claimed")
    assert nu.gemaild == einde.na.gemaild
