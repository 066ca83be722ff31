"""Nothing about a person is left anywhere by either DAG, whatever fails: all they wrote is searched for canaries."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import ROOT
from tests.dags.kanarierun import FOUTEN, VOORGOED
from tests.dags.kanaries import (
    BSNS,
    DATUMS,
    NUMMERS,
    WOORDEN,
    ZELF,
    cellen,
    doorzoek,
    kanaries_in,
)
from tests.dags.wereld import ALFA, NAMEN, RIJK

POPULATIE = "populatie"
"""What the sources know: the one place where canaries belong."""


# -- the search finds whatever is there, however it is written -------------------------------------------

SCHRIJFWIJZEN: dict[str, Callable[[str], bytes]] = {
    "text": lambda w: f"asked about {w}, in vain".encode(),
    "upper case": lambda w: w.upper().encode(),
    "JSON with escapes": lambda w: "".join(f"\\u{ord(teken):04x}" for teken in w).encode(),
    "JSON in JSON": lambda w: json.dumps(json.dumps({"wie": w})).encode(),
    "a repr of bytes": lambda w: repr(w.encode("utf-8")).encode(),
    "pickle": lambda w: pickle.dumps({"wie": [w]}),
    "msgpack": lambda w: msgspec.msgpack.encode({"wie": [w]}),
    "base64": lambda w: b"x=" + base64.b64encode(f"wie is {w}".encode()) + b";",
    "base64 for addresses": lambda w: base64.urlsafe_b64encode(f"??>>{w}??".encode()).rstrip(b"="),
    "hexadecimal": lambda w: f"wie {w}".encode().hex().encode(),
    "percent-encoding": lambda w: quote(f"/é/{w} ?").encode(),
    "percent-encoding of everything": lambda w: "".join(f"%{teken:02X}" for teken in w.encode()).encode(),
    "zlib": lambda w: zlib.compress(w.encode() * 3),
    "gzip": lambda w: gzip.compress(w.encode() * 3),
    "base64 of zlib of JSON": lambda w: base64.b64encode(zlib.compress(json.dumps([w]).encode())),
}
GETALLEN: dict[str, Callable[[int], bytes]] = {
    "without the leading zero": lambda bsn: f"bsn={bsn},".encode(),
    "with dots": lambda bsn: "{}.{}.{}".format(*(f"{bsn:09d}"[i : i + 3] for i in (0, 3, 6))).encode(),
    "as people write it": lambda bsn: "{}.{}.{}".format(
        f"{bsn:09d}"[:4], f"{bsn:09d}"[4:6], f"{bsn:09d}"[6:]
    ).encode(),
    "with spaces": lambda bsn: " ".join(f"{bsn:09d}").encode(),
    "pickle": lambda bsn: pickle.dumps({"bsn": bsn}),
    "msgpack": lambda bsn: msgspec.msgpack.encode({"bsn": bsn}),
    "numpy": lambda bsn: np.array([1, bsn], np.int64).tobytes(),
    "Arrow": lambda bsn: pa.record_batch({"bsn": [bsn]}).serialize().to_pybytes(),
    "JSON of a float": lambda bsn: json.dumps(float(bsn)).encode(),
}


@pytest.mark.parametrize("schrijfwijze", SCHRIJFWIJZEN)
def test_every_canary_is_found_however_it_is_written(schrijfwijze: str) -> None:
    for kanarie in (*WOORDEN, *NUMMERS, *BSNS, *DATUMS):
        assert kanarie in kanaries_in(SCHRIJFWIJZEN[schrijfwijze](kanarie)), kanarie


@pytest.mark.parametrize("schrijfwijze", GETALLEN)
def test_a_bsn_is_found_as_a_number_too(schrijfwijze: str) -> None:
    for bsn in BSNS:
        assert bsn in kanaries_in(GETALLEN[schrijfwijze](int(bsn))), bsn


@pytest.mark.parametrize(
    ("tekst", "kanarie"),
    [
        ("born 19610317", DATUMS[0]),
        ("born 17-03-1961", DATUMS[0]),
        ("datetime.date(1961, 3, 17)", DATUMS[0]),
        ("Timestamp('1961-03-17 00:00:00')", DATUMS[0]),
        ("KNR-12-3", "KNR123"),
        ("knr 123", "KNR123"),
        ("NL42 KNRE 0000 1234 56", NUMMERS[0]),
        ("9876 kn", "9876KN"),
    ],
)
def test_numbers_and_dates_are_found_as_people_write_them(tekst: str, kanarie: str) -> None:
    assert kanaries_in(tekst.encode()) == {kanarie}


@pytest.mark.parametrize(
    "tekst",
    [
        "999900020",
        "2026-11-22T00:30:29.123456Z",
        "1961-03-18",
        "manual__2026-11-22",
        "a3f9" * 16,
        "12 rows of 999900",
    ],
)
def test_what_is_nobody_s_is_not_found(tekst: str) -> None:
    assert kanaries_in(tekst.encode()) == set()


# -- one run of everything -------------------------------------------------------------------------------


def _draai(map_: Path) -> None:
    """Run both DAGs in a folder, clean and with an error in every task; see kanarierun.py."""
    for naam in ("tmp", "airflow"):
        (map_ / naam).mkdir()
    omgeving = os.environ | {
        "TMPDIR": str(map_ / "tmp"),
        "HOME": str(map_),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(map_ / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{map_ / 'airflow' / 'airflow.sqlite'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(map_ / "airflow" / "logs"),
    }
    omgeving.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", None)
    with (map_ / "stdout.txt").open("wb") as uit, (map_ / "stderr.txt").open("wb") as fout:
        klaar = subprocess.run(
            [sys.executable, "-m", "tests.dags.kanarierun", str(map_)],
            cwd=ROOT,
            env=omgeving,
            stdout=uit,
            stderr=fout,
            timeout=280,
        )
    assert klaar.returncode == 0, (map_ / "stderr.txt").read_text()[-3000:]


def _logs(map_: Path) -> dict[Path, list[dict[str, Any]]]:
    return {
        pad: [json.loads(regel) for regel in pad.read_text().splitlines()]
        for pad in sorted((map_ / "airflow" / "logs").rglob("attempt=*.log"))
    }


@pytest.mark.slow
def test_whatever_fails_nothing_about_anybody_is_left(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """One run, looked at in several ways."""
    map_ = tmp_path / "run"
    map_.mkdir()
    _draai(map_)
    for eis in (
        nothing_about_anybody_is_left,
        every_task_failed_with_an_error_full_of_canaries,
        what_was_tried_again_ended_well,
        a_log_says_what_failed_and_where,
        the_canaries_went_through_everything,
        it_wrote_everywhere_that_is_searched,
    ):
        with subtests.test(eis.__name__):
            eis(map_)
    with subtests.test("the search can fail"):
        kopie = tmp_path / "copy"
        kopie.mkdir()
        the_search_finds_a_canary_in_every_column_of_every_table(map_, kopie)


def nothing_about_anybody_is_left(map_: Path) -> None:
    assert doorzoek(map_, behalve=POPULATIE) == []


def every_task_failed_with_an_error_full_of_canaries(map_: Path) -> None:
    logs = _logs(map_)
    mislukt = {
        deel.removeprefix("task_id=")
        for pad, regels in logs.items()
        if any(regel["event"] == "Task failed with exception" for regel in regels)
        for deel in pad.parts
        if deel.startswith("task_id=")
    }
    taken = {naam.split("[")[0] for staten in _staten(map_).values() for naam in staten} - {""}
    assert mislukt == taken
    assert len(taken) == 22
    soorten = {
        regel["reason"].split(":")[0] for regels in logs.values() for regel in regels if "action" in regel
    }
    namen = {_naam(maak) for maak in FOUTEN}
    assert soorten == namen | {"GegevensFout"}  # that of the levering of which a row is missing
    assert len(namen) == len(FOUTEN)


def what_was_tried_again_ended_well(map_: Path) -> None:
    staten = _staten(map_)
    slecht = {
        run: {taak for taak, staat in taken.items() if staat not in ("success", "skipped")}
        for run, taken in staten.items()
    }
    voorgoed = [f"{naam}[0]" for naam in VOORGOED]
    assert slecht == {
        "bijzondere_bijstand, clean": set(),
        "bijzondere_bijstand": {voorgoed[0], "ronde_afsluiten[-1]", ""},
        "alleenverdieners": {voorgoed[1], "levering_innemen[1]", "run_afsluiten[-1]", ""},
        "alleenverdieners, clean": set(),
    }


def a_log_says_what_failed_and_where(map_: Path) -> None:
    [regels] = [
        regels
        for pad, regels in _logs(map_).items()
        if pad.parent.name == "task_id=ronde_openen" and pad.name == "attempt=1.log"
    ]
    [fout] = [regel["error_detail"] for regel in regels if "error_detail" in regel]
    assert fout[0]["exc_type"] == "OnverwachteFout"
    assert fout[0]["exc_value"].startswith("ValueError in plugins/bidn_operators/operators/ronde.py, line ")
    # The traceback leads to where it happened; there is no other error behind it, and there are no variables.
    assert [frame["name"] for frame in fout[0]["frames"]][-3:] == ["work", "opslag", "waarde"]
    assert len(fout) == 1
    assert not any(frame.get("locals") for frame in fout[0]["frames"])


def the_canaries_went_through_everything(map_: Path) -> None:
    from include.storage.database import Database
    from include.storage.file_store import FileStore
    from include.storage.publicaties import find_publicaties, read_published

    bestanden = FileStore((map_ / "data" / "opslag").as_uri())
    with Database(f"sqlite:///{map_ / 'bidn.sqlite'}").reading() as sessie:
        inhoud = b"".join(
            read_published(bestanden, bestand)
            for publicatie in find_publicaties(sessie)
            if publicatie.organisatie.naam == ALFA
            for bestand in publicatie.bestanden
        )
    # What a report shows of them; numbers of accounts and employers, and addresses, it does not.
    assert kanaries_in(inhoud) >= {*NAMEN[:3], *DATUMS, RIJK, ZELF, "KNR123"}
    assert kanaries_in(inhoud) >= {"Grasmus", "Kwikstaart", "Kanariebakkerij", "Nachtegaal"}
    bronnen = b"".join(pad.read_bytes() for pad in (map_ / POPULATIE).glob("*.jsonl"))
    assert {*WOORDEN, *NUMMERS} - kanaries_in(bronnen) == {"Grasmus", "Kwikstaart"}


def it_wrote_everywhere_that_is_searched(map_: Path) -> None:
    gevuld = {plaats.split(".")[0].strip() for plaats, _ in cellen(map_ / "airflow" / "airflow.sqlite")}
    assert {
        "xcom",
        "rendered_task_instance_fields",
        "task_instance",
        "log",
        "dag_run",
        "serialized_dag",
    } <= gevuld
    assert "task_instance_history" in gevuld
    gevuld = {plaats.split(".")[0].strip() for plaats, _ in cellen(map_ / "bidn.sqlite")}
    assert {
        "logboek",
        "logboek_betrokkenen",
        "levering",
        "publicatie",
        "notificatie",
        "vernietiging",
    } <= gevuld
    assert len(_logs(map_)) > 40
    post = b"".join(pad.read_bytes() for pad in (map_ / "mail").glob("*.eml"))
    assert {b"ops@bidn.test" in post, b"een@alfa.test" in post, b"avi@x.test" in post} == {True}
    assert {pad.name.split("-")[1] for pad in (map_ / "telemetrie").iterdir()} == {"metrics", "traces"}
    assert len(list((map_ / "data" / "opslag").rglob("*.*"))) > 10
    assert (map_ / "stdout.txt").stat().st_size > 10_000


def the_search_finds_a_canary_in_every_column_of_every_table(map_: Path, tmp_path: Path) -> None:
    for naam in ("airflow/airflow.sqlite", "bidn.sqlite"):
        kopie = tmp_path / Path(naam).name
        shutil.copy(map_ / naam, kopie)
        geplant = _plant_overal(kopie)
        assert len(geplant) > (100 if "airflow" in naam else 40)
        gevonden = {vondst.plaats for vondst in doorzoek(tmp_path)}
        assert geplant - gevonden == set()
    assert {
        f"airflow.sqlite {plek}" for plek in ("hitl_detail.body", "dag_run_note.content", "xcom.value")
    } <= (gevonden)


@pytest.mark.parametrize(
    "plaats",
    [
        "airflow/logs/dag_id=x/attempt=1.log",
        "airflow/logs/scheduler.log.1",
        "data/opslag/publicaties/p/overzicht.csv",
        "mail/1.eml",
        "telemetrie/v1-traces-1",
        "stdout.txt",
        "stderr.txt",
        "tmp/left-over",
    ],
)
def test_the_search_finds_a_canary_in_every_file(plaats: str, tmp_path: Path) -> None:
    pad = tmp_path / plaats
    pad.parent.mkdir(parents=True, exist_ok=True)
    pad.write_bytes(b"anything")
    assert doorzoek(tmp_path) == []
    pad.write_bytes(b"anything about " + ZELF.lstrip("0").encode())
    assert [(vondst.plaats.split(" ")[0], vondst.kanarie) for vondst in doorzoek(tmp_path)][:1] == [
        (plaats, ZELF)
    ]
    pad.write_bytes(b"anything")
    pad.rename(pad.with_name(f"of_{NAMEN[0]}"))
    assert [vondst.kanarie for vondst in doorzoek(tmp_path)] == [NAMEN[0]]


def test_the_search_reads_mail_as_people_do(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = f"Rapport van één {NAMEN[0]}, met een onderwerp dat over meer dan één regel gaat"
    mail["X-Over"] = "é"
    mail.set_content("één " * 20 + BSNS[0], cte="quoted-printable")
    mail.add_alternative(f"<b>{DATUMS[0]}</b>", subtype="html", cte="base64")
    (tmp_path / "1.eml").write_bytes(bytes(mail))
    assert {vondst.kanarie for vondst in doorzoek(tmp_path)} == {NAMEN[0], BSNS[0], DATUMS[0]}


def _staten(map_: Path) -> dict[str, dict[str, str]]:
    return json.loads((map_ / "uit.json").read_text())


def _naam(maak: Callable[[], None]) -> str:
    with pytest.raises(Exception) as gevangen:  # noqa: PT011 - each is another one
        maak()
    return type(gevangen.value).__name__


def _plant_overal(pad: Path) -> set[str]:
    """Put a canary in every column of every table; return the places, as ``doorzoek`` names them."""
    geplant = set()
    with closing(sqlite3.connect(pad)) as verbinding:
        verbinding.execute("PRAGMA ignore_check_constraints = ON")
        tabellen = verbinding.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (tabel,) in tabellen:
            kolommen = verbinding.execute(f"PRAGMA table_info('{tabel}')").fetchall()
            sleutels = [(naam, soort) for _, naam, soort, *_, sleutel in kolommen if sleutel]
            rijnummer = [naam for naam, soort in sleutels if len(sleutels) == 1 and soort == "INTEGER"]
            namen = [naam for _, naam, *_ in kolommen if naam not in rijnummer]
            if tabel.startswith("sqlite_") or not namen:
                continue
            vragen = ", ".join("?" * len(namen))
            genoemd = ", ".join(f'"{naam}"' for naam in namen)
            opdracht = f'INSERT INTO "{tabel}" ({genoemd}) VALUES ({vragen})'  # noqa: S608 - names from the database
            verbinding.execute(opdracht, [zlib.compress(f"{BSNS[0]} {tabel}.{n}".encode()) for n in namen])
            geplant |= {f"{pad.name} {tabel}.{naam}" for naam in namen}
        verbinding.commit()
    return geplant
