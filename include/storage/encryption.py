"""Encryption at rest: every file of the file store is an age file (age-encryption.org/v1), made by pyrage.

age encrypts and authenticates in chunks of 64 KiB, so a file of any size passes in bounded memory and nothing
is read that was tampered with. What is stored opens with the ``age`` tool and the key file, without this code.

pyrage pulls from a reader and pushes into a writer until it is done; the file store wants to be pushed into
when writing and pulled from when reading. A thread and a short queue turn the one into the other.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from queue import Empty, Queue
from typing import BinaryIO, cast

import pyrage

from include.errors import BidnFout, ControleFout, InstallatieFout
from include.storage.backends import storing
from include.storage.keys import Sleutelring, laad_sleutels

_BLOK = 1 << 18
_BLOKKEN = 4


class Versleuteling:
    """A Verpakking: encrypts to the newest key, decrypts with any known one."""

    def __init__(self, ring: Sleutelring | None = None) -> None:
        """``ring`` are the keys; by default those of the installation, looked up when first needed."""
        if ring is not None:
            self.ring = ring

    @cached_property
    def ring(self) -> Sleutelring:
        """The keys in use. Raises InstallatieFout when the installation has none."""
        return laad_sleutels()

    @contextmanager
    def inpakken(self, doel: BinaryIO, sleutel: str) -> Iterator[BinaryIO]:
        """See Verpakking. Raises OpslagFout when ``doel`` cannot be written."""
        buis, schijf, ontvanger = _Buis(), _Schijf(doel), self.ring.ontvanger

        def werk() -> None:
            try:
                pyrage.encrypt_io(buis, schijf, [ontvanger])
            except Exception:
                if schijf.fout is not None:
                    raise storing("write", sleutel, schijf.fout) from None
                raise

        werker = _Werker(werk, bij_fout=buis.stop)
        try:
            yield cast("BinaryIO", _Invoer(buis, werker))
            buis.sluit_af()
        except BaseException:
            buis.breek_af()
            werker.join()
            raise
        werker.join()
        werker.klaag()

    def uitpakken(self, bron: BinaryIO, sleutel: str) -> BinaryIO:
        """See Verpakking.

        Reading raises ControleFout for what is not whole or was changed, InstallatieFout when no key fits.
        """
        buis, schijf, identiteiten = _Buis(), _Schijf(bron), list(self.ring.identiteiten)

        def werk() -> None:
            try:
                pyrage.decrypt_io(schijf, buis, identiteiten)
            except (OSError, pyrage.DecryptError) as fout:
                if schijf.fout is not None:
                    raise storing("read", sleutel, schijf.fout) from None
                raise _onleesbaar(fout, sleutel) from None
            buis.sluit_af()

        werker = _Werker(werk, bij_fout=buis.breek_af)
        return cast("BinaryIO", io.BufferedReader(_Uitvoer(buis, werker, bron), _BLOK))

    def past(self, bron: BinaryIO, identiteit: pyrage.x25519.Identity) -> bool:
        """Return whether this key opens a stored file; reads its first chunk only."""
        try:
            pyrage.decrypt_io(bron, _EersteBlok(), [identiteit])
        except _Genoeg:
            return True
        except (OSError, pyrage.DecryptError):
            return False
        return True  # empty


def _onleesbaar(fout: Exception, sleutel: str) -> BidnFout:
    if "matching keys" in str(fout):
        return InstallatieFout(
            f"none of the keys known here opens {sleutel}: add the key it was made with to BIDN_SLEUTELS, before the "
            "newest (python -m include.storage sleutels lijst)"
        )
    return ControleFout(
        f"{sleutel} is not what was stored: it is damaged, cut off, or was not encrypted by this installation"
    )


class _Schijf:
    """Storage as pyrage sees it; keeps what storage raised, which pyrage turns into a text."""

    def __init__(self, bestand: BinaryIO) -> None:
        self._bestand = bestand
        self.fout: OSError | None = None

    def read(self, aantal: int = -1) -> bytes:
        try:
            return self._bestand.read(aantal)
        except OSError as fout:
            self.fout = fout
            raise

    def write(self, blok: bytes) -> int:
        try:
            return self._bestand.write(blok)
        except OSError as fout:
            self.fout = fout
            raise

    def flush(self) -> None:
        """The storage does so itself when the file is whole."""


class _Genoeg(Exception):
    """Ends reading early."""


class _EersteBlok:
    def write(self, blok: bytes) -> int:  # noqa: ARG002 - the interface
        raise _Genoeg

    def flush(self) -> None:
        """Nothing to do."""


class _Buis:
    """Bytes from one thread to another, a few blocks at a time. Either end can stop the other."""

    def __init__(self) -> None:
        self._rij: Queue[bytes | None] = Queue(_BLOKKEN)
        self._delen: list[bytes] = []
        self._aantal = 0
        self._blok = b""
        self._plaats = 0
        self.dicht = False

    # -- the end that sends

    def write(self, deel: bytes) -> int:
        """Pass on, or keep until there is a block of it. Raises BrokenPipeError when nobody reads any more."""
        if self.dicht:
            raise BrokenPipeError
        self._delen.append(bytes(deel))  # the same object when it is bytes already
        lengte = len(self._delen[-1])
        self._aantal += lengte
        if self._aantal >= _BLOK:
            self._geef_door()
        return lengte

    def flush(self) -> None:
        """Blocks go when they are full."""

    def sluit_af(self) -> None:
        """Say that this was all."""
        if self._aantal:
            self._geef_door()
        self._rij.put(b"")

    def breek_af(self) -> None:
        """Say that it ends here, unfinished."""
        if not self.dicht:
            self._rij.put(None)

    def _geef_door(self) -> None:
        blok = b"".join(self._delen)
        self._delen, self._aantal = [], 0
        self._rij.put(blok)

    # -- the end that receives

    def read(self, aantal: int) -> bytes:
        """Between 1 and ``aantal`` bytes, none at the end. Raises BrokenPipeError when it ended unfinished."""
        if self._plaats == len(self._blok):
            blok = self._rij.get()
            if blok is None:
                raise BrokenPipeError
            if not blok:
                self._rij.put(b"")  # the end stays the end
            self._blok, self._plaats = blok, 0
        deel = self._blok[self._plaats : self._plaats + aantal]
        self._plaats += len(deel)
        return deel

    def stop(self) -> None:
        """Read no more: who sends gets an error at its next block."""
        self.dicht = True
        while True:
            try:
                self._rij.get_nowait()
            except Empty:
                return


class _Werker(threading.Thread):
    """Does the cryptography beside the caller and keeps what went wrong for it."""

    def __init__(self, werk: Callable[[], None], *, bij_fout: Callable[[], None]) -> None:
        super().__init__(name="versleuteling", daemon=True)
        self._werk, self._bij_fout = werk, bij_fout
        self._fout: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Work; whatever happens, nobody is left waiting for this thread."""
        try:
            self._werk()
        except BaseException as fout:  # noqa: BLE001 - it belongs to the thread that waits
            self._fout = fout
            self._bij_fout()

    def klaag(self) -> None:
        """Raise what went wrong in the thread."""
        if self._fout is not None:
            raise self._fout


class _Invoer(io.RawIOBase):
    """What a writer of the file store writes to."""

    def __init__(self, buis: _Buis, werker: _Werker) -> None:
        super().__init__()
        self._buis, self._werker = buis, werker

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, blok: bytes) -> int:  # type: ignore[override]
        """Pass on for encryption. Raises OpslagFout when the storage is full or fails."""
        try:
            return self._buis.write(blok)
        except BrokenPipeError:
            self._werker.join()
            self._werker.klaag()
            raise


class _Uitvoer(io.RawIOBase):
    """What a reader of the file store reads from."""

    def __init__(self, buis: _Buis, werker: _Werker, bron: BinaryIO) -> None:
        super().__init__()
        self._buis, self._werker, self._bron = buis, werker, bron

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as a block reaches; 0 at the end."""
        blok = self._lees(len(buffer))
        buffer[: len(blok)] = blok
        return len(blok)

    def readall(self) -> bytes:
        """Everything that is left."""
        return b"".join(iter(lambda: self._lees(_BLOK), b""))

    def _lees(self, aantal: int) -> bytes:
        try:
            return self._buis.read(aantal)
        except BrokenPipeError:
            self._werker.join()
            self._werker.klaag()
            raise

    def close(self) -> None:
        """Stop decrypting and close what was read from."""
        if not self.closed:
            self._buis.stop()
            self._werker.join()
            self._bron.close()
        super().close()
