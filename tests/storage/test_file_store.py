from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.errors import ControleFout, GegevensFout, InstallatieFout, OpslagFout
from include.storage.file_store import (
    FileStore,
    PlainEnvelope,
    intermediate_key,
    intermediates_folder,
    known_folder,
)

SLEUTEL = "leveringen/5f0c/vraagbestand.csv"


@pytest.fixture(params=["schijf", "objectopslag"])
def opslag(request: pytest.FixtureRequest, wortel: Path) -> Iterator[FileStore]:
    """The same behaviour on disk and on an object store (fsspec's in memory stands for S3), unencrypted."""
    if request.param == "schijf":
        yield FileStore(wortel.as_uri(), PlainEnvelope())
        return
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    yield FileStore("memory://bidn/opslag", PlainEnvelope())
    MemoryFileSystem.store.clear()


@pytest.mark.parametrize("soort", ["bytes", "pad", "stroom"])
def test_what_is_written_is_read_back_with_its_hash_and_size(opslag, tmp_path, soort):
    inhoud = b"0363;J;;999900018;;;;;;\r\n" * 100_000  # more than one block
    (tmp_path / "bron").write_bytes(inhoud)
    bron = {"bytes": inhoud, "pad": tmp_path / "bron", "stroom": io.BytesIO(inhoud)}[soort]

    bestand = opslag.write(SLEUTEL, bron)

    assert (bestand.key, bestand.size) == (SLEUTEL, len(inhoud))
    assert bestand.sha256 == hashlib.sha256(inhoud).hexdigest()
    assert opslag.read(SLEUTEL) == inhoud
    assert [(gevonden.key, gevonden.size) for gevonden in opslag.list()] == [(SLEUTEL, len(inhoud))]


def test_writing_again_replaces_whole(opslag):
    opslag.write(SLEUTEL, b"lang en oud")
    opslag.write(SLEUTEL, b"nieuw")
    assert opslag.read(SLEUTEL) == b"nieuw"


def test_a_file_written_in_blocks_appears_at_the_end(wortel):
    opslag = FileStore(wortel.as_uri())
    with opslag.writer(SLEUTEL) as schrijver:
        schrijver.write(b"een ")
        assert not opslag.exists(SLEUTEL)
        schrijver.write(b"twee")
    assert opslag.read(SLEUTEL) == b"een twee"
    assert schrijver.file.sha256 == hashlib.sha256(b"een twee").hexdigest()
    assert [gevonden.key for gevonden in opslag.list()] == [SLEUTEL]


class Breekt(io.BytesIO):
    """A source that fails after its first block."""

    def read(self, _=-1):
        if self.tell():
            raise ZeroDivisionError
        return super().read(1)


def test_an_exception_halfway_leaves_the_old_file(wortel):
    opslag = FileStore(wortel.as_uri())
    opslag.write(SLEUTEL, b"oud")
    with pytest.raises(ZeroDivisionError):
        opslag.write(SLEUTEL, Breekt(b"half"))
    assert opslag.read(SLEUTEL) == b"oud"
    assert [gevonden.key for gevonden in opslag.list()] == [SLEUTEL]


def test_an_exception_halfway_aborts_the_upload_to_an_object_store():
    """close() on a half upload would make it visible: it must be discarded."""

    class Upload(io.BytesIO):
        afgebroken = False
        closed = False

        def discard(self):
            self.afgebroken = True

        def close(self):
            raise AssertionError("the half file was completed")

    class FileSystem:
        upload = Upload()

        def open(self, pad, mode):
            return self.upload

    from include.storage.backends import ObjectStoreBackend

    drager = ObjectStoreBackend.__new__(ObjectStoreBackend)
    drager.fs, drager.root = FileSystem(), "bucket"
    with pytest.raises(ZeroDivisionError), drager.open_write(SLEUTEL) as doel:
        shutil.copyfileobj(Breekt(b"half"), doel)
    assert FileSystem.upload.afgebroken


def test_removing_says_whether_there_was_something(opslag):
    opslag.write(SLEUTEL, b"weg")
    assert opslag.remove(SLEUTEL) is True
    assert opslag.remove(SLEUTEL) is False
    assert not opslag.exists(SLEUTEL)
    assert opslag.list() == []


def test_moving_gives_another_key_and_says_whether_there_was_something(opslag):
    opslag.write("leveringen/5f0c/a.csv", b"nieuw")
    opslag.write("quarantaine/2026-10-14/leveringen/5f0c/a.csv", b"oud")
    for found in (True, False):
        assert opslag.move("leveringen/5f0c/a.csv", "quarantaine/2026-10-14/leveringen/5f0c/a.csv") is found
        assert [een.key for een in opslag.list()] == ["quarantaine/2026-10-14/leveringen/5f0c/a.csv"]
        assert opslag.read("quarantaine/2026-10-14/leveringen/5f0c/a.csv") == b"nieuw"


def test_removing_the_last_file_removes_its_folders(wortel, bestanden):
    bestanden.write(SLEUTEL, b"weg")
    bestanden.remove(SLEUTEL)
    assert not (wortel / "leveringen").exists()


def test_a_folder_is_listed_without_its_neighbours(opslag):
    for sleutel in (
        "publicaties/a/x.csv",
        "publicaties/b/x.csv",
        "publicaties-oud/x.csv",
        "leveringen/x.csv",
    ):
        opslag.write(sleutel, b"x")
    assert [gevonden.key for gevonden in opslag.list("publicaties")] == [
        "publicaties/a/x.csv",
        "publicaties/b/x.csv",
    ]
    assert opslag.list("bestaat/niet") == []


def test_what_is_not_there_is_wrong_data_not_an_outage(opslag):
    with pytest.raises(GegevensFout, match="not in the file store"):
        opslag.read(SLEUTEL)
    assert opslag.stat(SLEUTEL) is None


def test_a_changed_file_is_noticed(bestanden, wortel):
    bestand = bestanden.write(SLEUTEL, b"gepubliceerd")
    FileStore(wortel.as_uri()).write(SLEUTEL, b"gewijzigd")
    with pytest.raises(ControleFout, match="sha-256"):
        bestanden.read(SLEUTEL, sha256=bestand.sha256)


@pytest.mark.parametrize(
    "sleutel",
    [
        "",
        "/etc/passwd",
        "../buiten",
        "leveringen/../../buiten",
        "leveringen//x",
        "leveringen/",
        "leveringen/.verborgen",
        "leveringen/Gemeente Utrecht",
        "leveringen\\x",
        "leveringen/x\n",
        "leveringen/x\0",
        "leveringen/é",
        "a" * 301,
    ],
)
def test_what_is_no_key_is_refused_everywhere(bestanden, sleutel):
    for handeling in (
        lambda: bestanden.write(sleutel, b""),
        lambda: bestanden.read(sleutel),
        lambda: bestanden.exists(sleutel),
        lambda: bestanden.remove(sleutel),
        lambda: bestanden.fingerprint(sleutel),
    ):
        with pytest.raises(ValueError, match="not a key"):
            handeling()


def test_what_is_no_key_is_told_apart_and_hides_nothing(bestanden, wortel):
    bestanden.write(SLEUTEL, b"x")
    (wortel / SLEUTEL).with_name("Kopie van vraagbestand.csv").write_bytes(b"x")
    (wortel / "tussenresultaten/.x").mkdir(parents=True)
    (wortel / "tussenresultaten/.x/brp.arrow").write_bytes(b"x")

    inventaris = bestanden.inventory()
    assert [een.key for een in inventaris.files] == [SLEUTEL]
    assert [een.key for een in inventaris.foreign] == [
        f"{SLEUTEL.rpartition('/')[0]}/Kopie van vraagbestand.csv",
        "tussenresultaten/.x/brp.arrow",
    ]
    assert inventaris.error is None
    assert [een.key for een in bestanden.list()] == [SLEUTEL]


def test_a_folder_that_cannot_be_looked_into_hides_no_other(bestanden, monkeypatch):
    for map_ in ("aa", "bb", "cc"):
        bestanden.write(f"tussenresultaten/{map_}/brp.arrow", b"x")
    echt = os.scandir

    def scandir(pad):
        if str(pad).endswith("/bb"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(pad))
        return echt(pad)

    monkeypatch.setattr(os, "scandir", scandir)
    inventaris = bestanden.inventory("tussenresultaten")
    assert [een.key for een in inventaris.files] == [
        "tussenresultaten/aa/brp.arrow",
        "tussenresultaten/cc/brp.arrow",
    ]
    assert "could not list tussenresultaten: Permission denied" in str(inventaris.error)
    with pytest.raises(OpslagFout, match="Permission denied"):
        bestanden.list("tussenresultaten")


@pytest.mark.parametrize(
    ("naam", "gezegd"),
    [
        ("publicaties/alleenverdieners/Lijst Jansen.csv", "publicaties/alleenverdieners"),
        (
            "leveringen/0b6f3a52-8f6e-4f0e-9d51-1c1c6d0f7a10/Kopie.csv",
            "leveringen/0b6f3a52-8f6e-4f0e-9d51-1c1c6d0f7a10",
        ),
        ("leveringen/999900018/Kopie.csv", "leveringen"),
        ("tussenresultaten/jansen/aa/.x", "tussenresultaten"),
        (".x", "/"),
    ],
)
def test_of_a_name_that_is_not_ours_only_folders_that_are_ours_are_said(naam, gezegd):
    assert known_folder(naam) == gezegd


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sleutel=st.text(alphabet=st.sampled_from("ab./-_\\~\0 "), max_size=12))
def test_no_key_ever_leads_out_of_the_root(tmp_path, sleutel):
    wortel = tmp_path / "wortel"
    opslag = FileStore(wortel.as_uri())
    try:
        opslag.write(sleutel, b"x")
    except ValueError:
        return
    except OpslagFout:  # a folder of that name is there already
        pass
    assert {pad.name for pad in tmp_path.iterdir()} <= {"wortel"}


@pytest.mark.parametrize("link", ["leveringen", "leveringen/5f0c", SLEUTEL])
def test_links_are_not_followed(bestanden, wortel, tmp_path, link):
    buiten = tmp_path / "buiten" / "5f0c"
    buiten.mkdir(parents=True)
    (buiten / "vraagbestand.csv").write_bytes(b"van een ander")
    doel = {"leveringen": buiten.parent, "leveringen/5f0c": buiten, SLEUTEL: buiten / "vraagbestand.csv"}[
        link
    ]
    (wortel / link).parent.mkdir(parents=True)
    (wortel / link).symlink_to(doel)

    for handeling in (
        lambda: bestanden.write(SLEUTEL, b"x"),
        lambda: bestanden.read(SLEUTEL),
        lambda: bestanden.remove(SLEUTEL),
    ):
        with pytest.raises(OpslagFout, match="link"):
            handeling()
    assert bestanden.list() == []
    assert (buiten / "vraagbestand.csv").read_bytes() == b"van een ander"


@pytest.mark.parametrize(
    ("functie", "code", "tekst"),
    [
        ("fsync", errno.ENOSPC, "No space left"),
        ("open", errno.EROFS, "Read-only"),
        ("replace", errno.EIO, "error"),
    ],
)
def test_a_full_or_broken_disk_is_an_outage_and_leaves_nothing(bestanden, monkeypatch, functie, code, tekst):
    def weiger(*_, **__):
        raise OSError(code, os.strerror(code), "/een/pad/van/deze/machine")

    with monkeypatch.context() as kapot:
        kapot.setattr(os, functie, weiger)
        with pytest.raises(OpslagFout, match=tekst) as gevangen:
            bestanden.write(SLEUTEL, b"x")
    assert "/een/pad" not in str(gevangen.value)
    assert bestanden.list() == []


def test_only_the_owner_may_read(bestanden, wortel):
    bestanden.write(SLEUTEL, b"x")
    assert (wortel / SLEUTEL).stat().st_mode & 0o777 == 0o600


class Packed:
    """Stands for encryption: what lies in storage differs from the contents."""

    @contextmanager
    def wrap(self, doel: BinaryIO, _: str) -> Iterator[BinaryIO]:
        inhoud = io.BytesIO()
        yield inhoud
        doel.write(zlib.compress(inhoud.getvalue()))

    def unwrap(self, bron: BinaryIO, _: str) -> BinaryIO:
        with bron:
            return io.BytesIO(zlib.decompress(bron.read()))


def test_an_envelope_changes_what_lies_in_storage_and_nothing_else(wortel):
    inhoud = b"999900018;0363\r\n" * 100
    bestand = FileStore(wortel.as_uri(), Packed()).write(SLEUTEL, inhoud)
    opgeslagen = (wortel / SLEUTEL).read_bytes()
    assert b"999900018" not in opgeslagen
    assert (bestand.sha256, bestand.size) == (hashlib.sha256(inhoud).hexdigest(), len(inhoud))
    opslag = FileStore(wortel.as_uri(), Packed())
    assert opslag.read(SLEUTEL, sha256=bestand.sha256) == inhoud
    assert opslag.fingerprint(SLEUTEL) == hashlib.sha256(opgeslagen).hexdigest()


def test_a_table_is_written_and_read_as_a_stream(opslag):
    tabel = pa.table({"bsn": ["999900018", "999900031"], "saldo": [312050, -4]})
    with (
        opslag.writer("tussenresultaten/ab/vermogen.arrow") as doel,
        pa.ipc.new_stream(doel, tabel.schema) as schrijver,
    ):
        schrijver.write_table(tabel)
    with opslag.open_read("tussenresultaten/ab/vermogen.arrow") as bron:
        assert pa.ipc.open_stream(bron).read_all().equals(tabel)


def test_the_folder_of_a_verwerking_does_not_name_the_organisation():
    map_ = intermediates_folder("bijzondere_bijstand/run/Gemeente Utrecht")
    assert "utrecht" not in map_.lower()
    assert map_ != intermediates_folder("bijzondere_bijstand/run/Gemeente Zeist")
    assert intermediate_key("bijzondere_bijstand/run/Gemeente Utrecht", "brp.arrow") == f"{map_}/brp.arrow"


@pytest.mark.parametrize("url", ["", "opslag", "/opslag", "file://server/opslag", "file:opslag"])
def test_a_root_that_is_no_url_is_refused(url, monkeypatch):
    monkeypatch.setenv("BIDN_OPSLAG", url)
    with pytest.raises(InstallatieFout, match="BIDN_OPSLAG"):
        FileStore(url or "geen")


def test_an_object_store_without_provider_is_an_installation_error():
    with pytest.raises(InstallatieFout, match="provider"):
        FileStore("bestaatniet://verbinding@bucket/map")


def test_a_local_store_does_not_cost_the_import_of_airflow(wortel):
    programma = (
        "import sys; from include.storage.file_store import FileStore;"
        f"FileStore({wortel.as_uri()!r}).write('leveringen/x', b'x');"
        "sys.exit('airflow' in sys.modules or 'pandas' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", programma], env={**os.environ, "PYTHONPATH": "."}).returncode
        == 0
    )
