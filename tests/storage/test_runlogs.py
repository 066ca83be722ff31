"""Airflow's own logs of our runs: found by age, removed and registered like the rest, and nothing else is touched."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.errors import OpslagFout
from include.storage.backends import LocalBackend
from include.storage.bewaarklassen import BEWAARKLASSEN
from include.storage.bewaartermijn import preview_sweep, sweep, vernietigingsregister
from include.storage.runlogs import RunLogs
from tests.storage.moord import sterf_na

DAG = "bijzondere_bijstand"
RUN = "manual__2026-07-01T06:00:00.123456+00:00"
GESCHREVEN = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
NEGENTIG = datetime(2026, 9, 29, 10, 0, tzinfo=UTC)
"""30 days of July after the first, 31 of August, 29 of September."""


@pytest.fixture
def logmap(tmp_path: Path) -> Path:
    return tmp_path / "airflow" / "logs"


@pytest.fixture
def klasse(logmap: Path) -> RunLogs:
    return RunLogs(logmap, [DAG, "alleenverdieners"])


def log(
    logmap: Path,
    run: str = RUN,
    taak: str = "task_id=intake/map_index=0/attempt=1.log",
    *,
    dag: str = DAG,
    op: datetime = GESCHREVEN,
    inhoud: bytes = b"{}\n",
) -> Path:
    """Write a log file as a task of that run would have, at that moment."""
    pad = logmap / f"dag_id={dag}" / f"run_id={run}" / taak
    pad.parent.mkdir(parents=True, exist_ok=True)
    pad.write_bytes(inhoud)
    os.utime(pad, (op.timestamp(), op.timestamp()))
    return pad


def bestanden_in(map_: Path) -> list[str]:
    return sorted(str(pad.relative_to(map_)) for pad in map_.rglob("*") if pad.is_file())


def regels(database) -> list[tuple[str, int | None, bool]]:
    with database.reading() as sessie:
        return [(r.sleutel, r.rijen, r.vernietigd_op is not None) for r in vernietigingsregister(sessie)]


@pytest.mark.parametrize(
    ("geschreven", "nog_niet", "wel"),
    [
        # last line           day 89, last moment    day 90, 00:00 in Amsterdam
        ("2026-07-01T10:00", "2026-09-28T21:59:59", "2026-09-28T22:00:00"),
        ("2026-07-01T21:59", "2026-09-28T21:59:59", "2026-09-28T22:00:00"),  # 23:59 on 1 July
        ("2026-07-01T22:00", "2026-09-29T21:59:59", "2026-09-29T22:00:00"),  # 00:00 on 2 July
        # out of summer time: 00:00 is 23:00 UTC
        ("2026-10-14T10:00", "2027-01-11T22:59:59", "2027-01-11T23:00:00"),
        ("2026-10-25T00:30", "2027-01-22T22:59:59", "2027-01-22T23:00:00"),  # 02:30, the first of the two
        # into summer time
        ("2027-01-10T12:00", "2027-04-09T21:59:59", "2027-04-09T22:00:00"),
        # over the end of February in a leap year
        ("2027-12-01T12:00", "2028-02-28T22:59:59", "2028-02-28T23:00:00"),
    ],
)
def test_the_logs_of_a_run_go_on_day_90(database, bestanden, logmap, klasse, geschreven, nog_niet, wel):
    log(logmap, op=datetime.fromisoformat(geschreven).replace(tzinfo=UTC))
    vroeg, laat = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (nog_niet, wel))

    assert preview_sweep(database, bestanden, nu=vroeg, klassen=[klasse]) == []
    assert sweep(database, bestanden, nu=vroeg, klassen=[klasse]).files == Counter()

    [vondst] = preview_sweep(database, bestanden, nu=laat, klassen=[klasse])
    assert (vondst.klasse, vondst.onderwerp) == ("airflow-log", f"dag_id={DAG}/run_id={RUN}")
    assert len(bestanden_in(logmap)) == 1  # a preview removes nothing
    assert sweep(database, bestanden, nu=laat, klassen=[klasse]).files == {"airflow-log": 1}
    assert bestanden_in(logmap) == []


@pytest.mark.parametrize("dagen", [89, 90, 91, 400])
def test_a_late_sweep_removes_too(database, bestanden, logmap, klasse, dagen):
    log(logmap)
    sweep(database, bestanden, nu=GESCHREVEN + timedelta(days=dagen), klassen=[klasse])
    assert (bestanden_in(logmap) == []) is (dagen >= 90)


def test_a_run_goes_as_a_whole_90_days_after_its_last_line(database, bestanden, logmap, klasse):
    log(logmap)
    log(logmap, taak="task_id=intake/map_index=0/attempt=2.log", op=GESCHREVEN + timedelta(days=3))  # cleared
    sweep(database, bestanden, nu=NEGENTIG + timedelta(days=2), klassen=[klasse])
    assert len(bestanden_in(logmap)) == 2
    sweep(database, bestanden, nu=NEGENTIG + timedelta(days=3), klassen=[klasse])
    assert list(logmap.iterdir()) == []  # the empty folders went too


def test_one_line_in_the_register_with_the_number_of_files_and_their_hash(
    database, bestanden, logmap, klasse
):
    eerste = log(logmap, taak="task_id=a/attempt=1.log", inhoud=b"een\n")
    tweede = log(logmap, taak="task_id=b/attempt=1.log", inhoud=b"twee\n")
    lijst = "".join(
        f"{hashlib.sha256(inhoud).hexdigest()}  {pad.relative_to(logmap)}\n"
        for pad, inhoud in ((eerste, b"een\n"), (tweede, b"twee\n"))
    )

    verslag = sweep(database, bestanden, nu=NEGENTIG, klassen=[*BEWAARKLASSEN, klasse])

    assert (verslag.files["airflow-log"], verslag.rows["airflow-log"]) == (1, 2)
    with database.reading() as sessie:
        [regel] = [r for r in vernietigingsregister(sessie) if r.klasse == "airflow-log"]
    assert (regel.sleutel, regel.rijen) == (f"dag_id={DAG}/run_id={RUN}", 2)
    assert regel.sha256 == hashlib.sha256(lijst.encode()).hexdigest()
    assert regel.vernietigd_op == NEGENTIG
    assert sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse]).files == {}


def test_the_longest_name_that_airflow_lets_a_run_have_fits_the_register(database, bestanden, logmap, klasse):
    log(logmap, run="r" * 243)  # of a file name 255 may be used, of which run_id= takes 7
    sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    [(sleutel, _, klaar)] = regels(database)
    assert sleutel.endswith("r" * 243)
    assert klaar


def test_nothing_else_in_the_folder_is_touched(database, bestanden, logmap, klasse):
    log(logmap, dag="of_somebody_else")
    log(logmap, dag=f"{DAG}_2")
    for naam in (
        "scheduler.log",
        "dag_processor/2026-07-01/x.log",
        f"dag_id={DAG}/loose.log",
        f"dag_id={DAG}/x/y.log",
    ):
        pad = logmap / naam
        pad.parent.mkdir(parents=True, exist_ok=True)
        pad.write_bytes(b"x")
        os.utime(pad, (0, 0))
    voor = bestanden_in(logmap)
    assert sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse]).files == {}
    assert bestanden_in(logmap) == voor


def test_without_a_folder_there_is_nothing_to_do(database, bestanden, klasse):
    assert sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse]).files == {}


# -- links -----------------------------------------------------------------------------------------------


@pytest.fixture
def buiten(tmp_path: Path) -> Path:
    """A run of somebody else, outside the folder."""
    return log(tmp_path / "elsewhere", taak="task_id=a/attempt=1.log").parent


def test_a_link_to_a_file_or_folder_is_left_where_it_is_and_not_followed(
    database, bestanden, logmap, klasse, buiten
):
    echt = log(logmap)
    (echt.parent / "attempt=2.log").symlink_to(buiten / "attempt=1.log")
    (echt.parent.parent / "map_index=1").symlink_to(buiten)
    (logmap / f"dag_id={DAG}" / "run_id=other").symlink_to(buiten.parent)
    sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    assert not echt.exists()
    assert bestanden_in(buiten) == ["attempt=1.log"]


def test_a_folder_that_became_a_link_since_is_refused(
    database, bestanden, logmap, klasse, buiten, monkeypatch
):
    echt = log(logmap)
    vind = klasse.find

    def vind_en_verander(*argumenten):
        gevonden = vind(*argumenten)
        echt.unlink()
        for map_ in (echt.parent, echt.parent.parent, echt.parents[2]):
            map_.rmdir()
        echt.parents[2].symlink_to(buiten.parent.parent)
        return gevonden

    monkeypatch.setattr(klasse, "vind", vind_en_verander)
    with pytest.raises(OpslagFout, match="link"):
        sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    assert bestanden_in(buiten) == ["attempt=1.log"]


@pytest.mark.parametrize("dag", [DAG, "alleenverdieners"])
def test_a_dag_that_is_a_link_is_reported_and_keeps_no_other(
    database, bestanden, logmap, klasse, buiten, dag
):
    ander = log(logmap, dag=({DAG, "alleenverdieners"} - {dag}).pop())
    (logmap / f"dag_id={dag}").symlink_to(buiten.parents[2])
    for _ in range(2):  # and again by the next sweep
        with pytest.raises(
            OpslagFout, match=f"could not remove 1 airflow-log.*dag_id={dag}: there is a link"
        ):
            sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    assert not ander.exists()
    assert bestanden_in(buiten) == ["attempt=1.log"]


# -- what goes wrong -------------------------------------------------------------------------------------


def test_what_cannot_be_removed_is_reported_after_all_the_rest(
    database, bestanden, logmap, klasse, monkeypatch
):
    vast = log(logmap, taak="task_id=a/attempt=1.log")
    log(logmap, taak="task_id=b/attempt=1.log")
    log(logmap, run="another")
    echt = LocalBackend.remove

    def verwijder(self, sleutel):
        if sleutel.endswith("task_id=a/attempt=1.log") and RUN in sleutel:
            raise OpslagFout("read-only")
        return echt(self, sleutel)

    with monkeypatch.context() as kapot:
        kapot.setattr(LocalBackend, "verwijder", verwijder)
        for _ in range(2):  # and again by the next sweep
            with pytest.raises(OpslagFout, match=r"could not remove 1 airflow-log.*Airflow's log folder"):
                sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    assert bestanden_in(logmap) == [str(vast.relative_to(logmap))]
    assert sorted(klaar for *_, klaar in regels(database)) == [False, True]

    assert sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse]).files == {"airflow-log": 1}
    assert bestanden_in(logmap) == []
    assert [klaar for *_, klaar in regels(database)] == [True, True]


def test_a_run_that_is_cleared_while_its_removal_is_unfinished_keeps_its_new_log(
    database, bestanden, logmap, klasse, monkeypatch
):
    oud = log(logmap, taak="task_id=a/attempt=1.log", inhoud=b"oud")
    with monkeypatch.context() as kapot:
        kapot.setattr(LocalBackend, "verwijder", lambda *_: (_ for _ in ()).throw(OpslagFout("read-only")))
        with pytest.raises(OpslagFout, match="could not remove 1 airflow-log"):
            sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    nieuw = log(logmap, taak="task_id=a/attempt=2.log", op=NEGENTIG + timedelta(hours=1), inhoud=b"nieuw")
    lijst = {  # what the register says of each: the sha-256 of the list of names and sha-256's
        pad: hashlib.sha256(
            f"{hashlib.sha256(inhoud).hexdigest()}  {pad.relative_to(logmap)}\n".encode()
        ).hexdigest()
        for pad, inhoud in ((oud, b"oud"), (nieuw, b"nieuw"))
    }

    sweep(database, bestanden, nu=NEGENTIG + timedelta(hours=2), klassen=[klasse])
    assert (oud.exists(), nieuw.exists()) == (False, True)
    sweep(database, bestanden, nu=NEGENTIG + timedelta(days=89), klassen=[klasse])
    assert nieuw.exists()
    sweep(database, bestanden, nu=NEGENTIG + timedelta(days=91), klassen=[klasse])  # under a line of its own
    assert not nieuw.exists()
    with database.reading() as sessie:
        assert [(r.rijen, r.sha256, r.vernietigd_op is not None) for r in vernietigingsregister(sessie)] == [
            (1, lijst[oud], True),
            (1, lijst[nieuw], True),
        ]


def test_a_removal_that_stays_unfinished_for_90_days_takes_only_what_was_entered(
    database, bestanden, logmap, klasse, monkeypatch
):
    log(logmap, taak="task_id=a/attempt=1.log")
    with monkeypatch.context() as kapot:
        kapot.setattr(LocalBackend, "verwijder", lambda *_: (_ for _ in ()).throw(OpslagFout("read-only")))
        with pytest.raises(OpslagFout):
            sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    log(logmap, taak="task_id=a/attempt=2.log", op=NEGENTIG + timedelta(hours=1))

    verslag = sweep(database, bestanden, nu=NEGENTIG + timedelta(days=200), klassen=[klasse])
    assert (verslag.files, verslag.rows) == ({"airflow-log": 2}, {"airflow-log": 2})
    assert bestanden_in(logmap) == []
    assert [(rijen, klaar) for _, rijen, klaar in regels(database)] == [(1, True), (1, True)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove anything")
def test_a_folder_that_is_not_ours_to_write_is_reported(database, bestanden, logmap, klasse):
    vast = log(logmap)
    vast.parent.chmod(0o500)
    try:
        with pytest.raises(OpslagFout, match="could not remove 1 airflow-log"):
            sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
    finally:
        vast.parent.chmod(0o700)


def test_killed_between_any_two_steps_the_next_sweep_finishes(database, bestanden, logmap, klasse):
    gelukt = False
    for ronde in range(60):
        for taak in ("task_id=a/attempt=1.log", "task_id=b/attempt=1.log"):
            log(logmap, run=f"run-{ronde}", taak=taak)
        gelukt = sterf_na(ronde, lambda: sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse]))
        sweep(database, bestanden, nu=NEGENTIG, klassen=[klasse])
        assert bestanden_in(logmap) == []
        lijnen = regels(database)
        assert {klaar for *_, klaar in lijnen} == {True}
        assert len({sleutel for sleutel, *_ in lijnen}) == len(lijnen) == ronde + 1
        if gelukt:
            break
    assert gelukt
    assert ronde > 8, "steps were not counted"
