"""What lies in storage is an age file: nobody reads or changes it without the key."""

from __future__ import annotations

import errno
import io
import threading
import tracemalloc
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from include.errors import ControleFout, InstallatieFout, OpslagFout
from include.storage.encryption import Encryption
from include.storage.file_store import FileStore
from include.storage.keys import KeyRing

SLEUTEL = "publicaties/bijzondere-bijstand/5f0c/overzicht.csv"
INHOUD = b"0363;J;999900018;19800317;Kanariepiet\r\n"
OUD, NIEUW, VREEMD = (x25519.Identity.generate() for _ in range(3))


def _met(*identiteiten: x25519.Identity) -> Encryption:
    return Encryption(KeyRing(identiteiten, "test"))


def _threads() -> list[threading.Thread]:
    return [draad for draad in threading.enumerate() if draad.name == "versleuteling"]


def test_what_lies_in_storage_is_an_age_file_that_names_nobody(wortel: Path):
    FileStore(wortel.as_uri(), _met(NIEUW)).write(SLEUTEL, INHOUD)
    opgeslagen = (wortel / SLEUTEL).read_bytes()
    assert opgeslagen.startswith(b"age-encryption.org/v1\n")
    assert b"999900018" not in opgeslagen
    assert b"Kanariepiet" not in opgeslagen
    assert pyrage.decrypt(opgeslagen, [NIEUW]) == INHOUD  # by the library alone, without our code


def test_an_age_file_made_elsewhere_is_read(wortel: Path):
    (wortel / SLEUTEL).parent.mkdir(parents=True)
    (wortel / SLEUTEL).write_bytes(pyrage.encrypt(INHOUD, [NIEUW.to_public()]))
    assert FileStore(wortel.as_uri(), _met(NIEUW)).read(SLEUTEL) == INHOUD


def test_the_store_encrypts_unless_told_otherwise(wortel: Path):
    FileStore(wortel.as_uri()).write(SLEUTEL, INHOUD)
    assert b"999900018" not in (wortel / SLEUTEL).read_bytes()
    assert FileStore(wortel.as_uri()).read(SLEUTEL) == INHOUD


GRENS = 1 << 16  # age's chunk


@settings(max_examples=40, deadline=None)
@given(
    omvang=st.one_of(
        st.sampled_from([0, 1, GRENS - 1, GRENS, GRENS + 1, 4 * GRENS, 20 * GRENS + 7]), st.integers(0, 4000)
    ),
    schrijf=st.integers(1, 3 * GRENS),
    lees=st.integers(1, 3 * GRENS),
)
def test_any_contents_come_back_however_they_are_cut_up(omvang: int, schrijf: int, lees: int):
    inhoud = (b"0123456789abcdef" * (omvang // 16 + 1))[:omvang]
    doel = io.BytesIO()
    verpakking = _met(NIEUW)
    schrijf = max(schrijf, omvang // 500 + 1)
    with verpakking.wrap(doel, SLEUTEL) as uit:
        for van in range(0, omvang, schrijf):
            uit.write(inhoud[van : van + schrijf])
    with verpakking.unwrap(io.BytesIO(doel.getvalue()), SLEUTEL) as bron:
        lees = max(lees, omvang // 500 + 1)
        assert b"".join(iter(lambda: bron.read(lees), b"")) == inhoud
        assert bron.read() == b""


def test_an_older_key_reads_and_the_newest_writes(wortel: Path):
    url = wortel.as_uri()
    FileStore(url, _met(OUD)).write(SLEUTEL, INHOUD)
    beide = FileStore(url, _met(OUD, NIEUW))
    assert beide.read(SLEUTEL) == INHOUD
    beide.write(SLEUTEL, INHOUD)
    assert pyrage.decrypt((wortel / SLEUTEL).read_bytes(), [NIEUW]) == INHOUD


def test_without_a_fitting_key_ops_must_act(wortel: Path):
    FileStore(wortel.as_uri(), _met(OUD)).write(SLEUTEL, INHOUD)
    with pytest.raises(InstallatieFout, match="add the key it was made with"):
        FileStore(wortel.as_uri(), _met(VREEMD)).read(SLEUTEL)


@pytest.mark.parametrize(
    "ander",
    [
        lambda inhoud: inhoud[:-1],
        lambda inhoud: inhoud[: len(inhoud) // 2],
        lambda inhoud: inhoud + b"\0",
        lambda inhoud: inhoud[:-5] + bytes([inhoud[-5] ^ 1]) + inhoud[-4:],
        lambda inhoud: inhoud[:30] + bytes([inhoud[30] ^ 1]) + inhoud[31:],
        lambda _: INHOUD,
        lambda _: b"",
    ],
    ids=["one byte short", "half", "one byte more", "contents", "header", "never encrypted", "empty"],
)
def test_what_was_changed_is_refused(wortel: Path, ander):
    opslag = FileStore(wortel.as_uri(), _met(NIEUW))
    opslag.write(SLEUTEL, INHOUD * 5000)
    pad = wortel / SLEUTEL
    pad.write_bytes(ander(pad.read_bytes()))
    with pytest.raises((ControleFout, InstallatieFout)) as gevangen:
        opslag.read(SLEUTEL)
    assert SLEUTEL in str(gevangen.value)
    assert "999900018" not in str(gevangen.value)


def test_a_reader_that_stops_early_leaves_no_thread_behind(wortel: Path):
    opslag = FileStore(wortel.as_uri(), _met(NIEUW))
    opslag.write(SLEUTEL, b"x" * 10_000_000)
    with opslag.open_read(SLEUTEL) as bron:
        assert bron.read(10) == b"x" * 10
    bron = opslag.open_read(SLEUTEL)
    bron.read(1)
    del bron
    assert _threads() == []


def test_a_writer_that_fails_halfway_leaves_nothing(wortel: Path):
    opslag = FileStore(wortel.as_uri(), _met(NIEUW))

    def schrijf_half() -> None:
        with opslag.writer(SLEUTEL) as uit:
            uit.write(b"x" * 3_000_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        schrijf_half()
    assert opslag.list() == []
    assert _threads() == []


class VolleSchijf(io.RawIOBase):
    """Takes so many bytes and no more."""

    def __init__(self, ruimte: int) -> None:
        super().__init__()
        self.ruimte = ruimte

    def writable(self) -> bool:
        return True

    def write(self, blok: bytes) -> int:
        self.ruimte -= len(blok)
        if self.ruimte < 0:
            raise OSError(errno.ENOSPC, "No space left on device", "/een/pad/van/deze/machine")
        return len(blok)


@pytest.mark.parametrize("ruimte", [0, 100, 200_000, 5_000_000])
def test_a_full_disk_is_an_outage_whenever_it_shows(ruimte: int):

    def schrijf() -> None:
        with _met(NIEUW).wrap(VolleSchijf(ruimte), SLEUTEL) as uit:
            for _ in range(100):
                uit.write(b"x" * 100_000)

    with pytest.raises(OpslagFout, match="No space left") as gevangen:
        schrijf()
    assert "/een/pad" not in str(gevangen.value)
    assert _threads() == []


class Kapot(io.BytesIO):
    """A disk that fails after the first chunks."""

    def read(self, aantal: int | None = -1) -> bytes:
        if self.tell() > 1_000_000:
            raise OSError(errno.EIO, "Input/output error", "/een/pad/van/deze/machine")
        return super().read(aantal)


def test_a_disk_that_fails_while_reading_is_an_outage():
    verpakt = pyrage.encrypt(b"x" * 5_000_000, [NIEUW.to_public()])
    with (
        pytest.raises(OpslagFout, match="Input/output error") as gevangen,
        _met(NIEUW).unwrap(Kapot(verpakt), SLEUTEL) as bron,
    ):
        bron.read()
    assert "/een/pad" not in str(gevangen.value)


def test_a_large_file_passes_in_little_memory(wortel: Path):
    opslag, blok = FileStore(wortel.as_uri(), _met(NIEUW)), b"x" * (1 << 20)
    tracemalloc.start()
    try:
        with opslag.writer(SLEUTEL) as uit:
            for _ in range(40):
                uit.write(blok)
        with opslag.open_read(SLEUTEL) as bron:
            while bron.read(1 << 16):
                pass
        _, piek = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert piek < 12 << 20  # of the 40 MB that passed twice
