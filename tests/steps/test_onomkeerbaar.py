"""What cannot be undone, beside every database: nothing goes that should stay, nothing stays that should go.

The installation of these tests was made 90 days ago. Report ``a`` was published then, from delivery ``l``: both are
due today. Report ``b`` is of 30 days ago. File ``x`` is of nobody, and two days old.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from include.errors import BidnFout, InstallatieFout
from include.schemas.domein import Ondanks
from include.steps.audit import haal_terug, noteer, ruim_op, veranker
from include.steps.installation import bind_bijeen, hoort_bijeen
from include.steps.verwerking import Opslag
from include.storage import audit_log, sweep_guard
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.bewaartermijn import vernietigingsregister
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.leveringen import register_levering
from include.storage.migrations import migrate
from include.storage.models import Vernietiging
from include.storage.organisaties import register_organisatie
from include.storage.publicaties import TePubliceren, publish
from include.storage.rondes import enter_deelname, open_ronde
from tests.steps.hulp import Klok
from tests.storage.moord import ZICHTBAAR_IN_OS, sterf_na

NU = datetime.now(UTC)
BEGIN = NU - timedelta(days=90)
X = "publicaties/bijzondere-bijstand/5f0c/overzicht.csv"


@dataclass
class Installatie:
    """A folder with a database and a file store; ``keys`` are those of a, b, l and x."""

    map: Path
    opslag: Opslag
    keys: dict[str, str]

    @property
    def url(self) -> str:
        return f"sqlite:///{self.map / 'bidn.sqlite'}"

    def met(self, database: Path) -> Installatie:
        """The same file store beside another database."""
        return replace(self, opslag=replace(self.opslag, database=Database(f"sqlite:///{database}")))

    def kopie(self, map_: Path) -> Installatie:
        """The same in another folder."""
        shutil.copytree(self.map, map_)
        database, files = Database(f"sqlite:///{map_ / 'bidn.sqlite'}"), FileStore((map_ / "opslag").as_uri())
        return replace(self, map=map_, opslag=Opslag(database, files, self.opslag.klok))

    def ligt(self) -> str:
        """What lies in its place, and in capitals what lies out of sight."""
        files = [file.key for file in self.opslag.bestanden.list()]
        places = {
            name: "there"
            if key in files
            else "aside"
            if any(file.endswith(key) for file in files)
            else "gone"
            for name, key in sorted(self.keys.items())
        }
        return "".join(
            {"there": name, "aside": name.upper(), "gone": ""}[place] for name, place in places.items()
        )


def _richt_in(map_: Path, leeg: Path) -> Installatie:
    map_.mkdir()
    shutil.copy(leeg, map_ / "bidn.sqlite")
    opslag = Opslag(
        Database(f"sqlite:///{map_ / 'bidn.sqlite'}"), FileStore((map_ / "opslag").as_uri()), Klok(BEGIN)
    )
    hoort_bijeen(opslag)
    with opslag.database.transaction() as sessie:
        organisatie = register_organisatie(sessie, "Gemeente Stichtse Vecht", ["1904"], nu=BEGIN)
        open_ronde(sessie, "2026-09", deelnamedatum=BEGIN.date(), run="run-a", nu=BEGIN)
    levering = register_levering(
        opslag.database,
        opslag.bestanden,
        inhoud=b"x",
        bestandsnaam="x",
        nu=BEGIN,
        organisatie=organisatie,
        ronde="2026-09",
    ).levering
    with opslag.database.transaction() as sessie:
        enter_deelname(sessie, "2026-09", organisatie, levering, verwerking="run-a/1", nu=BEGIN)
    keys = {"l": levering.sleutel, "x": X}
    for naam, moment in (("a", BEGIN), ("b", BEGIN + timedelta(days=60))):
        if naam == "b":  # what a backup of that day holds
            veranker(opslag)
            shutil.copy(map_ / "bidn.sqlite", map_ / "older.sqlite")
        publicatie = publish(
            opslag.database,
            opslag.bestanden,
            organisatie=organisatie,
            levering=levering,
            ronde="2026-09",
            uitvoer=[TePubliceren("overzicht", "overzicht.csv", naam.encode(), 1)],
            manifest={},
            verwerking="run-a/1",
            nu=moment,
        ).publicatie
        keys[naam] = publicatie.bestand("overzicht").sleutel
    opslag.bestanden.write(X, b"x")
    for file in opslag.bestanden.list():
        os.utime(map_ / "opslag" / file.key, ((NU - timedelta(days=2)).timestamp(),) * 2)
    veranker(opslag)
    return Installatie(map_, replace(opslag, klok=Klok(NU)), keys)


@pytest.fixture
def installatie(tmp_path: Path, lege_sqlite: Path) -> Installatie:
    return _richt_in(tmp_path / "installatie", lege_sqlite)


# -- what a sweep may meet -------------------------------------------------------------------------------


def _empty(i: Installatie, leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    return i.met(Path(shutil.copy(leeg, i.map / "empty.sqlite")))


def _older(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    return i.met(i.map / "older.sqlite")


def _newer(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    i.opslag.bestanden.remove(i.keys["b"])  # the store was restored to a day before it
    return i


def _foreign(i: Installatie, leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    return i.met(_richt_in(i.map.parent / "foreign", leeg).map / "bidn.sqlite")


def _empty_store(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    return replace(i, opslag=replace(i.opslag, bestanden=FileStore((i.map / "not mounted").as_uri())))


def _migrated(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    migrate(i.url)
    return i


def _migrated_down_and_up(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    migrate(i.url, naar="base")
    migrate(i.url)
    return i


def _back_since_a_sweep(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    sweep_guard.begin(i.opslag.database, NU + timedelta(hours=1))
    return i


def _back_since_a_logregel(i: Installatie, _leeg: Path, _: pytest.MonkeyPatch) -> Installatie:
    later = datetime.now(UTC) + timedelta(hours=1)
    noteer(i.opslag, AuditEvent("iets", ProcessingActivity.RAADPLEGING, einde_op=later))
    return i


def _silent(i: Installatie, _leeg: Path, monkeypatch: pytest.MonkeyPatch) -> Installatie:
    monkeypatch.setenv("BIDN_OMGEVING", "test")  # a developer's machine is off most of the time
    return i


def _busy(i: Installatie, leeg: Path, monkeypatch: pytest.MonkeyPatch) -> Installatie:
    for days in (30, 60, 90):
        moment = BEGIN + timedelta(days=days)
        noteer(i.opslag, AuditEvent("iets", ProcessingActivity.RAADPLEGING, einde_op=moment))
    return _silent(i, leeg, monkeypatch)


def _far_larger(i: Installatie, _leeg: Path, monkeypatch: pytest.MonkeyPatch) -> Installatie:
    monkeypatch.setattr(sweep_guard, "SMALL", 2)  # due are two files of report a, and the delivery
    monkeypatch.setattr(sweep_guard, "FAR_LARGER", 2)
    with i.opslag.database.transaction() as sessie:
        sessie.add(Vernietiging(klasse="rapport", sleutel="eerder", begonnen_op=BEGIN, vernietigd_op=BEGIN))
    return i


def _many_orphans(i: Installatie, _leeg: Path, monkeypatch: pytest.MonkeyPatch) -> Installatie:
    monkeypatch.setenv("BIDN_WEZEN_AANTAL", "0")  # one in six is more than 10 %
    return i


Meets = Callable[[Installatie, Path, pytest.MonkeyPatch], Installatie]
APART, OLDER, BACK, AHEAD = "do not belong together", "the anchor", "went back", "went ahead"


@pytest.mark.parametrize(
    ("meets", "says", "ligt", "entered"),
    [
        (_migrated, "", "bX", 3),
        (_newer, "", "X", 3),
        (_busy, "", "bX", 3),
        (_older, OLDER, "blx", 2),
        (_empty, APART, "ablx", 0),
        (_foreign, APART, "ablx", 0),
        (_migrated_down_and_up, APART, "ablx", 0),
        (_empty_store, APART, "", 0),
        (_back_since_a_sweep, BACK, "ablx", 0),
        (_back_since_a_logregel, BACK, "ablx", 0),
        (_silent, AHEAD, "ablx", 0),
        (_far_larger, "largest sweep so far took 1", "ablx", 0),
        (_many_orphans, "does not know 1", "bx", 3),
    ],
)
def test_a_sweep(
    installatie: Installatie,
    lege_sqlite: Path,
    monkeypatch: pytest.MonkeyPatch,
    meets: Meets,
    says: str,
    ligt: str,
    entered: int,
) -> None:
    nu = meets(installatie, lege_sqlite, monkeypatch)
    for _ in range(2):  # the next night is no wiser
        if says:
            with pytest.raises(BidnFout, match=says):
                ruim_op(nu.opslag)
        else:
            ruim_op(nu.opslag)
        assert nu.ligt() == ligt
    if nu.opslag.bestanden is not installatie.opslag.bestanden:
        assert installatie.ligt() == "ablx"
    with nu.opslag.database.reading() as sessie:  # a has two files, of which one is its manifest
        lines = [line for line in vernietigingsregister(sessie) if line.sleutel != "eerder"]
    assert len(lines) == entered


@pytest.mark.parametrize(
    ("meets", "ondanks"),
    [
        (_back_since_a_sweep, Ondanks.KLOK),
        (_silent, Ondanks.KLOK),
        (_far_larger, Ondanks.OMVANG),
        (_many_orphans, Ondanks.WEZEN),
    ],
)
def test_a_human_lets_it_pass(
    installatie: Installatie,
    lege_sqlite: Path,
    monkeypatch: pytest.MonkeyPatch,
    meets: Meets,
    ondanks: Ondanks,
) -> None:
    nu = meets(installatie, lege_sqlite, monkeypatch)
    ruim_op(nu.opslag, ondanks=[ondanks], reden="gezien, van 999900018")
    assert nu.ligt() == "bX"
    with nu.opslag.database.reading() as sessie:
        [entry] = audit_log.entries(sessie, naam="opruimen-ondanks")
    assert entry.bijzonderheden["ondanks"] == [ondanks]
    assert "999900018" not in str(entry.bijzonderheden)
    if ondanks is Ondanks.KLOK:
        ruim_op(nu.opslag)  # the next night knows


@pytest.mark.parametrize("meets", [_older, _empty, _foreign, _empty_store])
def test_after_a_restore_a_human_binds(
    installatie: Installatie, lege_sqlite: Path, monkeypatch: pytest.MonkeyPatch, meets: Meets
) -> None:
    """Report b is of nobody then: out of sight for a week, and to be had back."""
    nu = meets(installatie, lege_sqlite, monkeypatch)
    bind_bijeen(nu.opslag, "teruggezet")
    ruim_op(nu.opslag)
    ligt = {_older: "BX", _empty_store: ""}.get(meets, "ABLX")
    # An orphan has its 90 days from when it was written, whoever it was of: these were written just now.
    assert nu.ligt() == ligt
    with nu.opslag.database.reading() as sessie:
        assert audit_log.verify(sessie, audit_log.read_anchor(nu.opslag.bestanden)).first_break is None

    haal_terug(nu.opslag, "toch nodig")
    assert nu.ligt() == ligt.lower()
    ruim_op(nu.opslag)
    for days, left in ((6, ligt), (7, "")):
        ruim_op(replace(nu.opslag, klok=Klok(NU + timedelta(days=days))))
        assert nu.ligt() == left
    if nu.opslag.database is not installatie.opslag.database:
        with pytest.raises(InstallatieFout, match=APART):
            ruim_op(installatie.opslag)  # the database that was left behind


@pytest.mark.parametrize(
    ("werk", "ligt"),
    [
        (lambda i: ruim_op(i.opslag), "bX"),
        (lambda i: bind_bijeen(i.opslag, "gezien"), "ablx"),
        (lambda i: migrate(i.url), "ablx"),
    ],
    ids=["sweep", "bind", "migrate"],
)
def test_killed_in_the_middle(
    installatie: Installatie, tmp_path: Path, werk: Callable[[Installatie], object], ligt: str
) -> None:
    for steps in count():
        nu = installatie.kopie(tmp_path / str(steps))
        ended = sterf_na(steps, lambda: werk(nu), binnen_transacties=False, in_os=ZICHTBAAR_IN_OS)  # noqa: B023
        assert not set("bx") - set(nu.ligt().lower())
        werk(nu)
        assert nu.ligt() == ligt
        assert hoort_bijeen(nu.opslag).misfit == ""
        if ended:
            break
    assert steps


def test_an_installation_that_is_being_made_is_killed(tmp_path: Path, lege_sqlite: Path) -> None:
    for steps in count():
        shutil.copy(lege_sqlite, tmp_path / f"{steps}.sqlite")
        database = Database(f"sqlite:///{tmp_path / f'{steps}.sqlite'}")
        opslag = Opslag(database, FileStore((tmp_path / str(steps)).as_uri()))
        ended = sterf_na(steps, lambda: hoort_bijeen(opslag))  # noqa: B023
        first = hoort_bijeen(opslag)
        assert first.misfit == ""
        assert hoort_bijeen(opslag) == first
        if ended:
            break
    assert steps > 3


def test_two_fresh_installations_do_not_share_a_store(
    beide: Opslag, tmp_path: Path, lege_sqlite: Path
) -> None:
    shutil.copy(lege_sqlite, tmp_path / "other.sqlite")
    other = replace(beide, database=Database(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    assert hoort_bijeen(beide).misfit == ""
    assert APART in hoort_bijeen(other).misfit
