"""Where keys come from, and how they are replaced."""

from __future__ import annotations

import base64
import logging
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pyrage
import pytest
from pyrage import x25519

from include.errors import InstallatieFout, OpslagFout
from include.storage.__main__ import main
from include.storage.bewaarklassen import IntermediateFiles
from include.storage.bewaartermijn import sweep, vernietigingsregister
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.key_management import rotate_keys
from include.storage.keys import HASH_KEY, STORE_KEYS, load_hash_key, load_keys

EEN, TWEE = str(x25519.Identity.generate()), str(x25519.Identity.generate())
BESTANDEN = {
    "leveringen/5f0c/vraagbestand.csv": b"0363;J;;999900018;;;;;;\r\n",
    "publicaties/bijzondere-bijstand/5f0c/detail.xml": b"<BSN>999900018</BSN>" * 10_000,
    "tussenresultaten/ab/brp.arrow": b"999900018",
}


@pytest.fixture(autouse=True)
def leeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own without any key."""
    for naam in ("BIDN_SLEUTELS", "BIDN_HASHSLEUTEL", "BIDN_OMGEVING"):
        monkeypatch.delenv(naam, raising=False)
    monkeypatch.setenv("BIDN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BIDN_DATABASE_URL", f"sqlite:///{tmp_path / 'data' / 'bidn.sqlite'}")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "tekst",
    [f"{EEN},{TWEE}", f"{EEN} {TWEE}", f"# oud\n{EEN}\n# nieuw\n{TWEE}\n"],
    ids=["commas", "spaces", "lines"],
)
def test_the_last_identity_is_the_newest(monkeypatch, tekst):
    monkeypatch.setenv("BIDN_SLEUTELS", tekst)
    ring = load_keys()
    assert [str(identiteit) for identiteit in ring.identities] == [EEN, TWEE]
    assert str(ring.newest) == TWEE


def test_development_makes_a_key_once_and_says_so_once(leeg: Path, caplog):
    with caplog.at_level(logging.WARNING):
        eerste = load_keys()
        tweede = load_keys()
    assert str(eerste.newest) == str(tweede.newest)
    assert [regel.message.count("DEVELOPMENT KEY") for regel in caplog.records] == [1]
    assert str(eerste.newest) not in caplog.text
    assert (leeg / "sleutels.txt").stat().st_mode & 0o777 == 0o600


def test_no_second_key_is_made_where_a_first_is_gone(leeg: Path):
    FileStore((leeg / "opslag").as_uri()).write("leveringen/5f0c/vraagbestand.csv", b"0363")
    load_hash_key()  # nothing was hashed yet
    (leeg / "sleutels.txt").unlink()
    (leeg / "hashsleutel.txt").unlink()
    (leeg / "opslag" / "logboek").mkdir()
    (leeg / "opslag" / "logboek" / "anker.json").write_bytes(b"{}")
    for laad, bestand in ((load_keys, "sleutels.txt"), (load_hash_key, "hashsleutel.txt")):
        with pytest.raises(InstallatieFout, match=rf"{bestand} is missing, and .* Put {bestand} back"):
            laad()
        assert not (leeg / bestand).exists()


def test_processes_that_start_together_agree_on_one_key():
    with ThreadPoolExecutor(8) as tegelijk:
        ringen = list(tegelijk.map(lambda _: str(load_keys().newest), range(8)))
    assert len(set(ringen)) == 1


def test_production_wants_keys_of_its_own(monkeypatch, leeg: Path):
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    for laad, naam in ((load_keys, "BIDN_SLEUTELS"), (load_hash_key, "BIDN_HASHSLEUTEL")):
        with pytest.raises(InstallatieFout, match=naam):
            laad()
    assert not leeg.exists()


def test_production_refuses_what_development_made(monkeypatch):
    load_keys()
    load_hash_key()
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    for laad in (load_keys, load_hash_key):
        with pytest.raises(InstallatieFout, match="development key"):
            laad()


@pytest.mark.parametrize("met_merk", [True, False], ids=["whole file", "the key alone"])
def test_production_refuses_what_development_made_wherever_it_was_copied_to(
    monkeypatch, leeg: Path, met_merk
):
    load_keys()
    load_hash_key()
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    for laad, naam, bestand in (
        (load_keys, "BIDN_SLEUTELS", "sleutels.txt"),
        (load_hash_key, "BIDN_HASHSLEUTEL", "hashsleutel.txt"),
    ):
        tekst = (leeg / bestand).read_text()
        monkeypatch.setenv(naam, tekst if met_merk else tekst.split()[-1])
        with pytest.raises(InstallatieFout, match=f"^{naam} holds a development key"):
            laad()


def test_production_takes_a_key_file_made_for_it(monkeypatch, capsys):
    monkeypatch.setenv("BIDN_OMGEVING", "productie")
    assert main(["sleutels", "maak"]) == 0
    assert str(load_keys().recipient) in capsys.readouterr().out


@pytest.mark.parametrize(
    "tekst",
    ["AGE-SECRET-KEY-1ONZIN", f"{EEN},onzin", "age1nietdegeheime", ","],
    ids=["malformed", "one of two", "public", "empty"],
)
def test_a_malformed_key_is_refused_without_repeating_it(monkeypatch, tekst):
    monkeypatch.setenv("BIDN_SLEUTELS", tekst)
    with pytest.raises(InstallatieFout, match="BIDN_SLEUTELS") as gevangen:
        load_keys()
    assert tekst == "," or tekst not in str(gevangen.value)


@pytest.mark.parametrize(
    "tekst", ["kort", base64.b64encode(b"31 bytes is een te weinig......").decode(), "€"]
)
def test_a_hashsleutel_that_is_too_short_is_refused(monkeypatch, tekst):
    monkeypatch.setenv("BIDN_HASHSLEUTEL", tekst)
    with pytest.raises(InstallatieFout, match="32 random bytes"):
        load_hash_key()


def test_inside_a_task_airflow_s_secrets_backend_is_asked(monkeypatch):
    """AIRFLOW_VAR_… is the simplest of Airflow's secrets backends."""
    pytest.importorskip("airflow.sdk")
    from airflow.sdk import Variable

    gevraagd = []

    def get(naam, default=None):
        gevraagd.append(naam)
        return {"bidn_sleutels": EEN}.get(naam, default)

    monkeypatch.setattr(Variable, "get", get)
    taak = SimpleNamespace(SUPERVISOR_COMMS=None)
    monkeypatch.setitem(sys.modules, "airflow.sdk.execution_time.task_runner", taak)
    load_hash_key()
    assert gevraagd == []  # not in a task

    taak.SUPERVISOR_COMMS = object()
    monkeypatch.setattr(
        "airflow.sdk.log.mask_secret", lambda waarde: gevraagd.append(f"mask {waarde == EEN}")
    )
    assert str(load_keys().newest) == EEN
    assert gevraagd == ["bidn_sleutels", "mask True"]


@pytest.fixture
def gevuld(leeg: Path, lege_sqlite: Path) -> FileStore:
    """Storage with files of the first key, and a second key made since."""
    leeg.mkdir()
    shutil.copy(lege_sqlite, leeg / "bidn.sqlite")
    opslag = FileStore()
    for sleutel, inhoud in BESTANDEN.items():
        opslag.write(sleutel, inhoud)
    assert main(["sleutels", "maak"]) == 0
    return FileStore()


def _nieuwste_opent(opslag: FileStore, sleutel: str) -> bool:
    with opslag.open_raw(sleutel) as bron:
        try:
            pyrage.decrypt(bron.read(), [load_keys().newest])
        except pyrage.DecryptError:
            return False
    return True


def test_rotation_re_encrypts_everything_and_loses_nothing(gevuld: FileStore, capsys):
    assert not any(_nieuwste_opent(gevuld, sleutel) for sleutel in BESTANDEN)
    assert {sleutel: gevuld.read(sleutel) for sleutel in BESTANDEN} == BESTANDEN

    assert main(["sleutels", "roteer"]) == 0
    assert "Re-encrypted 3 files" in capsys.readouterr().out
    assert all(_nieuwste_opent(gevuld, sleutel) for sleutel in BESTANDEN)
    assert {sleutel: gevuld.read(sleutel) for sleutel in BESTANDEN} == BESTANDEN

    assert main(["sleutels", "roteer"]) == 0
    assert "Re-encrypted 0 files; 3 were" in capsys.readouterr().out


def test_rotation_that_was_cut_short_goes_on(gevuld: FileStore, monkeypatch):
    class Gedood(BaseException):
        pass

    schrijf = gevuld.write
    over = [1]

    def een_keer(*argumenten):
        if not over:
            raise Gedood
        over.pop()
        return schrijf(*argumenten)

    with monkeypatch.context() as kapot:
        kapot.setattr(gevuld, "write", een_keer)
        with pytest.raises(Gedood):
            rotate_keys(gevuld, load_keys(), Database())
    assert [_nieuwste_opent(gevuld, sleutel) for sleutel in sorted(BESTANDEN)] == [True, False, False]
    uitkomst = rotate_keys(gevuld, load_keys(), Database())
    assert (uitkomst.converted, uitkomst.current, uitkomst.failed) == (2, 1, ())


def test_rotation_names_what_it_cannot_read_and_leaves_it(gevuld: FileStore, leeg: Path, capsys):
    kapot = leeg / "opslag" / "tussenresultaten/ab/brp.arrow"
    kapot.write_bytes(b"beschadigd")
    assert main(["sleutels", "roteer"]) == 1
    assert "damaged: tussenresultaten/ab/brp.arrow" in capsys.readouterr().out
    assert kapot.read_bytes() == b"beschadigd"
    assert _nieuwste_opent(gevuld, "leveringen/5f0c/vraagbestand.csv")


def test_rotation_goes_on_past_a_name_that_is_not_ours_and_says_only_where_it_is(
    gevuld: FileStore, leeg: Path, capsys
):
    vreemd = leeg / "opslag/publicaties/bijzondere-bijstand/5f0c/Detail 999900018 Jansen.xml"
    vreemd.write_bytes(b"van een ander")
    assert main(["sleutels", "roteer"]) == 1
    gezegd = capsys.readouterr().out
    assert "Re-encrypted 3 files" in gezegd
    assert "a name that is not ours: look in publicaties/bijzondere-bijstand" in gezegd
    assert "999900018" not in gezegd
    assert "Jansen" not in gezegd
    assert vreemd.read_bytes() == b"van een ander"
    assert main(["sleutels", "lijst"]) == 0


def test_rotation_leaves_what_is_being_removed_so_that_the_register_stays_true(
    gevuld: FileStore, capsys, monkeypatch
):
    """The hash in the register is of the file as it lies in storage; re-encrypted it would pass for another."""
    weg, morgen = "tussenresultaten/ab/brp.arrow", datetime.now(UTC) + timedelta(days=2)
    database, hash_ = Database(), gevuld.fingerprint(weg)
    with monkeypatch.context() as kapot:
        kapot.setattr(gevuld, "remove", lambda _: (_ for _ in ()).throw(OpslagFout("read-only")))
        with pytest.raises(OpslagFout, match="could not remove 1 tussenresultaat"):
            sweep(database, gevuld, nu=morgen, klassen=[IntermediateFiles()])

    assert main(["sleutels", "roteer"]) == 0
    gezegd = capsys.readouterr().out
    assert "Re-encrypted 2 files" in gezegd
    assert "being removed: 1 files" in gezegd
    assert gevuld.fingerprint(weg) == hash_

    sweep(database, gevuld, nu=morgen, klassen=[IntermediateFiles()])
    assert not gevuld.exists(weg)
    with database.reading() as sessie:
        [regel] = vernietigingsregister(sessie)
    assert (regel.sleutel, regel.sha256, regel.vernietigd_op) == (weg, hash_, morgen)


def test_rotation_without_a_database_blames_no_file(gevuld: FileStore, leeg: Path, capsys):
    (leeg / "bidn.sqlite").unlink()
    assert main(["sleutels", "roteer"]) == 2
    gezegd = capsys.readouterr()
    assert "lacks tables" in gezegd.err
    assert "Cannot be read" not in gezegd.out


def test_the_list_says_when_a_key_can_go(gevuld: FileStore, capsys):
    publiek = [str(identiteit.to_public()) for identiteit in load_keys().identities]
    capsys.readouterr()
    main(["sleutels", "lijst"])
    voor = capsys.readouterr().out
    assert f"1. {publiek[0]}  opens 3 files\n2. {publiek[1]}  opens 0 files" in voor
    main(["sleutels", "roteer"])
    main(["sleutels", "lijst"])
    na = capsys.readouterr().out
    assert f"1. {publiek[0]}  opens 0 files\n2. {publiek[1]}  opens 3 files" in na
    assert "AGE-SECRET-KEY" not in voor + na

    # The old key can go now.
    STORE_KEYS.path.write_text(str(load_keys().newest))
    assert {sleutel: FileStore().read(sleutel) for sleutel in BESTANDEN} == BESTANDEN


def test_a_key_from_elsewhere_is_not_added_to_a_file_nobody_reads(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("BIDN_SLEUTELS", EEN)
    assert main(["sleutels", "maak"]) == 2
    assert "BIDN_SLEUTELS" in capsys.readouterr().err
    assert not STORE_KEYS.path.exists()

    assert main(["sleutels", "maak", "--uit", str(tmp_path / "nieuw.txt")]) == 0
    assert (tmp_path / "nieuw.txt").stat().st_mode & 0o777 == 0o600


def test_two_secrets_two_files(leeg: Path):
    load_keys()
    load_hash_key()
    assert {pad.name for pad in leeg.iterdir()} == {STORE_KEYS.filename, HASH_KEY.filename}
