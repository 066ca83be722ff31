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
    Bestandsopslag,
    Onverpakt,
    map_tussenresultaten,
    plaats,
    sleutel_tussenresultaat,
)

SLEUTEL = "leveringen/5f0c/vraagbestand.csv"


@pytest.fixture(params=["schijf", "objectopslag"])
def opslag(request: pytest.FixtureRequest, wortel: Path) -> Iterator[Bestandsopslag]:
    """The same behaviour on disk and on an object store (fsspec's in memory stands for S3), unencrypted."""
    if request.param == "schijf":
        yield Bestandsopslag(wortel.as_uri(), Onverpakt())
        return
    from airflow.sdk.io import attach
    from fsspec.implementations.memory import MemoryFileSystem

    attach("memory", fs=MemoryFileSystem())
    yield Bestandsopslag("memory://bidn/opslag", Onverpakt())
    MemoryFileSystem.store.clear()


@pytest.mark.parametrize("soort", ["bytes", "pad", "stroom"])
def test_what_is_written_is_read_back_with_its_hash_and_size(opslag, tmp_path, soort):
    inhoud = b"0363;J;;999900018;;;;;;\r\n" * 100_000  # more than one block
    (tmp_path / "bron").write_bytes(inhoud)
    bron = {"bytes": inhoud, "pad": tmp_path / "bron", "stroom": io.BytesIO(inhoud)}[soort]

    bestand = opslag.schrijf(SLEUTEL, bron)

    assert (bestand.sleutel, bestand.omvang) == (SLEUTEL, len(inhoud))
    assert bestand.sha256 == hashlib.sha256(inhoud).hexdigest()
    assert opslag.lees(SLEUTEL) == inhoud
    assert [(gevonden.sleutel, gevonden.omvang) for gevonden in opslag.lijst()] == [(SLEUTEL, len(inhoud))]


def test_writing_again_replaces_whole(opslag):
    opslag.schrijf(SLEUTEL, b"lang en oud")
    opslag.schrijf(SLEUTEL, b"nieuw")
    assert opslag.lees(SLEUTEL) == b"nieuw"


def test_a_file_written_in_blocks_appears_at_the_end(wortel):
    opslag = Bestandsopslag(wortel.as_uri())
    with opslag.schrijver(SLEUTEL) as schrijver:
        schrijver.write(b"een ")
        assert not opslag.bestaat(SLEUTEL)
        schrijver.write(b"twee")
    assert opslag.lees(SLEUTEL) == b"een twee"
    assert schrijver.bestand.sha256 == hashlib.sha256(b"een twee").hexdigest()
    assert [gevonden.sleutel for gevonden in opslag.lijst()] == [SLEUTEL]


class Breekt(io.BytesIO):
    """A source that fails after its first block."""

    def read(self, _=-1):
        if self.tell():
            raise ZeroDivisionError
        return super().read(1)


def test_an_exception_halfway_leaves_the_old_file(wortel):
    opslag = Bestandsopslag(wortel.as_uri())
    opslag.schrijf(SLEUTEL, b"oud")
    with pytest.raises(ZeroDivisionError):
        opslag.schrijf(SLEUTEL, Breekt(b"half"))
    assert opslag.lees(SLEUTEL) == b"oud"
    assert [gevonden.sleutel for gevonden in opslag.lijst()] == [SLEUTEL]


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

    from include.storage.backends import Objectopslag

    drager = Objectopslag.__new__(Objectopslag)
    drager.fs, drager.wortel = FileSystem(), "bucket"
    with pytest.raises(ZeroDivisionError), drager.schrijven(SLEUTEL) as doel:
        shutil.copyfileobj(Breekt(b"half"), doel)
    assert FileSystem.upload.afgebroken


def test_removing_says_whether_there_was_something(opslag):
    opslag.schrijf(SLEUTEL, b"weg")
    assert opslag.verwijder(SLEUTEL) is True
    assert opslag.verwijder(SLEUTEL) is False
    assert not opslag.bestaat(SLEUTEL)
    assert opslag.lijst() == []


def test_removing_the_last_file_removes_its_folders(wortel, bestanden):
    bestanden.schrijf(SLEUTEL, b"weg")
    bestanden.verwijder(SLEUTEL)
    assert not (wortel / "leveringen").exists()


def test_a_folder_is_listed_without_its_neighbours(opslag):
    for sleutel in (
        "publicaties/a/x.csv",
        "publicaties/b/x.csv",
        "publicaties-oud/x.csv",
        "leveringen/x.csv",
    ):
        opslag.schrijf(sleutel, b"x")
    assert [gevonden.sleutel for gevonden in opslag.lijst("publicaties")] == [
        "publicaties/a/x.csv",
        "publicaties/b/x.csv",
    ]
    assert opslag.lijst("bestaat/niet") == []


def test_what_is_not_there_is_wrong_data_not_an_outage(opslag):
    with pytest.raises(GegevensFout, match="not in the file store"):
        opslag.lees(SLEUTEL)
    assert opslag.bekijk(SLEUTEL) is None


def test_a_changed_file_is_noticed(bestanden, wortel):
    bestand = bestanden.schrijf(SLEUTEL, b"gepubliceerd")
    Bestandsopslag(wortel.as_uri()).schrijf(SLEUTEL, b"gewijzigd")
    with pytest.raises(ControleFout, match="sha-256"):
        bestanden.lees(SLEUTEL, sha256=bestand.sha256)


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
        lambda: bestanden.schrijf(sleutel, b""),
        lambda: bestanden.lees(sleutel),
        lambda: bestanden.bestaat(sleutel),
        lambda: bestanden.verwijder(sleutel),
        lambda: bestanden.vingerafdruk(sleutel),
    ):
        with pytest.raises(ValueError, match="not a key"):
            handeling()


def test_what_is_no_key_is_told_apart_and_hides_nothing(bestanden, wortel):
    bestanden.schrijf(SLEUTEL, b"x")
    (wortel / SLEUTEL).with_name("Kopie van vraagbestand.csv").write_bytes(b"x")
    (wortel / "tussenresultaten/.x").mkdir(parents=True)
    (wortel / "tussenresultaten/.x/brp.arrow").write_bytes(b"x")

    inventaris = bestanden.inventaris()
    assert [een.sleutel for een in inventaris.bestanden] == [SLEUTEL]
    assert [een.sleutel for een in inventaris.vreemd] == [
        f"{SLEUTEL.rpartition('/')[0]}/Kopie van vraagbestand.csv",
        "tussenresultaten/.x/brp.arrow",
    ]
    assert inventaris.fout is None
    assert [een.sleutel for een in bestanden.lijst()] == [SLEUTEL]


def test_a_folder_that_cannot_be_looked_into_hides_no_other(bestanden, monkeypatch):
    for map_ in ("aa", "bb", "cc"):
        bestanden.schrijf(f"tussenresultaten/{map_}/brp.arrow", b"x")
    echt = os.scandir

    def scandir(pad):
        if str(pad).endswith("/bb"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(pad))
        return echt(pad)

    monkeypatch.setattr(os, "scandir", scandir)
    inventaris = bestanden.inventaris("tussenresultaten")
    assert [een.sleutel for een in inventaris.bestanden] == [
        "tussenresultaten/aa/brp.arrow",
        "tussenresultaten/cc/brp.arrow",
    ]
    assert "could not list tussenresultaten: Permission denied" in str(inventaris.fout)
    with pytest.raises(OpslagFout, match="Permission denied"):
        bestanden.lijst("tussenresultaten")


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
    assert plaats(naam) == gezegd


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sleutel=st.text(alphabet=st.sampled_from("ab./-_\\~\0 "), max_size=12))
def test_no_key_ever_leads_out_of_the_root(tmp_path, sleutel):
    wortel = tmp_path / "wortel"
    opslag = Bestandsopslag(wortel.as_uri())
    try:
        opslag.schrijf(sleutel, b"x")
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
        lambda: bestanden.schrijf(SLEUTEL, b"x"),
        lambda: bestanden.lees(SLEUTEL),
        lambda: bestanden.verwijder(SLEUTEL),
    ):
        with pytest.raises(OpslagFout, match="link"):
            handeling()
    assert bestanden.lijst() == []
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
            bestanden.schrijf(SLEUTEL, b"x")
    assert "/een/pad" not in str(gevangen.value)
    assert bestanden.lijst() == []


def test_only_the_owner_may_read(bestanden, wortel):
    bestanden.schrijf(SLEUTEL, b"x")
    assert (wortel / SLEUTEL).stat().st_mode & 0o777 == 0o600


class Ingepakt:
    """Stands for encryption: what lies in storage differs from the contents."""

    @contextmanager
    def inpakken(self, doel: BinaryIO, _: str) -> Iterator[BinaryIO]:
        inhoud = io.BytesIO()
        yield inhoud
        doel.write(zlib.compress(inhoud.getvalue()))

    def uitpakken(self, bron: BinaryIO, _: str) -> BinaryIO:
        with bron:
            return io.BytesIO(zlib.decompress(bron.read()))


def test_a_packing_changes_what_lies_in_storage_and_nothing_else(wortel):
    inhoud = b"999900018;0363\r\n" * 100
    bestand = Bestandsopslag(wortel.as_uri(), Ingepakt()).schrijf(SLEUTEL, inhoud)
    opgeslagen = (wortel / SLEUTEL).read_bytes()
    assert b"999900018" not in opgeslagen
    assert (bestand.sha256, bestand.omvang) == (hashlib.sha256(inhoud).hexdigest(), len(inhoud))
    opslag = Bestandsopslag(wortel.as_uri(), Ingepakt())
    assert opslag.lees(SLEUTEL, sha256=bestand.sha256) == inhoud
    assert opslag.vingerafdruk(SLEUTEL) == hashlib.sha256(opgeslagen).hexdigest()


def test_a_table_is_written_and_read_as_a_stream(opslag):
    tabel = pa.table({"bsn": ["999900018", "999900031"], "saldo": [312050, -4]})
    with (
        opslag.schrijver("tussenresultaten/ab/vermogen.arrow") as doel,
        pa.ipc.new_stream(doel, tabel.schema) as schrijver,
    ):
        schrijver.write_table(tabel)
    with opslag.open_lezen("tussenresultaten/ab/vermogen.arrow") as bron:
        assert pa.ipc.open_stream(bron).read_all().equals(tabel)


def test_the_folder_of_a_verwerking_does_not_name_the_organisation():
    map_ = map_tussenresultaten("bijzondere_bijstand/run/Gemeente Utrecht")
    assert "utrecht" not in map_.lower()
    assert map_ != map_tussenresultaten("bijzondere_bijstand/run/Gemeente Zeist")
    assert (
        sleutel_tussenresultaat("bijzondere_bijstand/run/Gemeente Utrecht", "brp.arrow")
        == f"{map_}/brp.arrow"
    )


@pytest.mark.parametrize("url", ["", "opslag", "/opslag", "file://server/opslag", "file:opslag"])
def test_a_root_that_is_no_url_is_refused(url, monkeypatch):
    monkeypatch.setenv("BIDN_OPSLAG", url)
    with pytest.raises(InstallatieFout, match="BIDN_OPSLAG"):
        Bestandsopslag(url or "geen")


def test_an_object_store_without_provider_is_an_installation_error():
    with pytest.raises(InstallatieFout, match="provider"):
        Bestandsopslag("bestaatniet://verbinding@bucket/map")


def test_a_local_store_does_not_cost_the_import_of_airflow(wortel):
    programma = (
        "import sys; from include.storage.file_store import Bestandsopslag;"
        f"Bestandsopslag({wortel.as_uri()!r}).schrijf('leveringen/x', b'x');"
        "sys.exit('airflow' in sys.modules or 'pandas' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", programma], env={**os.environ, "PYTHONPATH": "."}).returncode
        == 0
    )
