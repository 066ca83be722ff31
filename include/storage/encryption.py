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
from include.storage.backends import storage_error
from include.storage.keys import KeyRing, load_keys

_BLOCK = 1 << 18
_BLOCKS = 4


class Encryption:
    """A Verpakking: encrypts to the newest key, decrypts with any known one."""

    def __init__(self, ring: KeyRing | None = None) -> None:
        """``ring`` are the keys; by default those of the installation, looked up when first needed."""
        if ring is not None:
            self.ring = ring

    @cached_property
    def ring(self) -> KeyRing:
        """The keys in use. Raises InstallatieFout when the installation has none."""
        return load_keys()

    @contextmanager
    def wrap(self, doel: BinaryIO, sleutel: str) -> Iterator[BinaryIO]:
        """See Verpakking. Raises OpslagFout when ``doel`` cannot be written."""
        buis, schijf, ontvanger = _Pipe(), _Storage(doel), self.ring.recipient

        def werk() -> None:
            try:
                pyrage.encrypt_io(buis, schijf, [ontvanger])
            except Exception:
                if schijf.error is not None:
                    raise storage_error("write", sleutel, schijf.error) from None
                raise

        werker = _Worker(werk, bij_fout=buis.stop)
        try:
            yield cast("BinaryIO", _PipeInput(buis, werker))
            buis.finish()
        except BaseException:
            buis.abort()
            werker.join()
            raise
        werker.join()
        werker.complain()

    def unwrap(self, bron: BinaryIO, sleutel: str) -> BinaryIO:
        """See Verpakking.

        Reading raises ControleFout for what is not whole or was changed, InstallatieFout when no key fits.
        """
        buis, schijf, identiteiten = _Pipe(), _Storage(bron), list(self.ring.identities)

        def werk() -> None:
            try:
                pyrage.decrypt_io(schijf, buis, identiteiten)
            except (OSError, pyrage.DecryptError) as fout:
                if schijf.error is not None:
                    raise storage_error("read", sleutel, schijf.error) from None
                raise _unreadable(fout, sleutel) from None
            buis.finish()

        werker = _Worker(werk, bij_fout=buis.abort)
        return cast("BinaryIO", io.BufferedReader(_PipeOutput(buis, werker, bron), _BLOCK))

    def fits(self, bron: BinaryIO, identiteit: pyrage.x25519.Identity) -> bool:
        """Return whether this key opens a stored file; reads its first chunk only."""
        try:
            pyrage.decrypt_io(bron, _FirstBlock(), [identiteit])
        except _Enough:
            return True
        except (OSError, pyrage.DecryptError):
            return False
        return True  # empty


def _unreadable(fout: Exception, sleutel: str) -> BidnFout:
    if "matching keys" in str(fout):
        return InstallatieFout(
            f"none of the keys known here opens {sleutel}: add the key it was made with to BIDN_SLEUTELS, before the "
            "newest (python -m include.storage sleutels lijst)"
        )
    return ControleFout(
        f"{sleutel} is not what was stored: it is damaged, cut off, or was not encrypted by this installation"
    )


class _Storage:
    """Storage as pyrage sees it; keeps what storage raised, which pyrage turns into a text."""

    def __init__(self, bestand: BinaryIO) -> None:
        self._file = bestand
        self.error: OSError | None = None

    def read(self, aantal: int = -1) -> bytes:
        try:
            return self._file.read(aantal)
        except OSError as fout:
            self.error = fout
            raise

    def write(self, blok: bytes) -> int:
        try:
            return self._file.write(blok)
        except OSError as fout:
            self.error = fout
            raise

    def flush(self) -> None:
        """The storage does so itself when the file is whole."""


class _Enough(Exception):
    """Ends reading early."""


class _FirstBlock:
    def write(self, blok: bytes) -> int:  # noqa: ARG002 - the interface
        raise _Enough

    def flush(self) -> None:
        """Nothing to do."""


class _Pipe:
    """Bytes from one thread to another, a few blocks at a time. Either end can stop the other."""

    def __init__(self) -> None:
        self._queue: Queue[bytes | None] = Queue(_BLOCKS)
        self._parts: list[bytes] = []
        self._size = 0
        self._block = b""
        self._position = 0
        self.closed = False

    # -- the end that sends

    def write(self, deel: bytes) -> int:
        """Pass on, or keep until there is a block of it. Raises BrokenPipeError when nobody reads any more."""
        if self.closed:
            raise BrokenPipeError
        self._parts.append(bytes(deel))  # the same object when it is bytes already
        lengte = len(self._parts[-1])
        self._size += lengte
        if self._size >= _BLOCK:
            self._pass_on()
        return lengte

    def flush(self) -> None:
        """Blocks go when they are full."""

    def finish(self) -> None:
        """Say that this was all."""
        if self._size:
            self._pass_on()
        self._queue.put(b"")

    def abort(self) -> None:
        """Say that it ends here, unfinished."""
        if not self.closed:
            self._queue.put(None)

    def _pass_on(self) -> None:
        blok = b"".join(self._parts)
        self._parts, self._size = [], 0
        self._queue.put(blok)

    # -- the end that receives

    def read(self, aantal: int) -> bytes:
        """Between 1 and ``aantal`` bytes, none at the end. Raises BrokenPipeError when it ended unfinished."""
        if self._position == len(self._block):
            blok = self._queue.get()
            if blok is None:
                raise BrokenPipeError
            if not blok:
                self._queue.put(b"")  # the end stays the end
            self._block, self._position = blok, 0
        deel = self._block[self._position : self._position + aantal]
        self._position += len(deel)
        return deel

    def stop(self) -> None:
        """Read no more: who sends gets an error at its next block."""
        self.closed = True
        while True:
            try:
                self._queue.get_nowait()
            except Empty:
                return


class _Worker(threading.Thread):
    """Does the cryptography beside the caller and keeps what went wrong for it."""

    def __init__(self, werk: Callable[[], None], *, bij_fout: Callable[[], None]) -> None:
        super().__init__(name="versleuteling", daemon=True)
        self._work, self._on_error = werk, bij_fout
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Work; whatever happens, nobody is left waiting for this thread."""
        try:
            self._work()
        except BaseException as fout:  # noqa: BLE001 - it belongs to the thread that waits
            self._error = fout
            self._on_error()

    def complain(self) -> None:
        """Raise what went wrong in the thread."""
        if self._error is not None:
            raise self._error


class _PipeInput(io.RawIOBase):
    """What a writer of the file store writes to."""

    def __init__(self, buis: _Pipe, werker: _Worker) -> None:
        super().__init__()
        self._pipe, self._worker = buis, werker

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, blok: bytes) -> int:  # type: ignore[override]
        """Pass on for encryption. Raises OpslagFout when the storage is full or fails."""
        try:
            return self._pipe.write(blok)
        except BrokenPipeError:
            self._worker.join()
            self._worker.complain()
            raise


class _PipeOutput(io.RawIOBase):
    """What a reader of the file store reads from."""

    def __init__(self, buis: _Pipe, werker: _Worker, bron: BinaryIO) -> None:
        super().__init__()
        self._pipe, self._worker, self._source = buis, werker, bron

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as a block reaches; 0 at the end."""
        blok = self._read(len(buffer))
        buffer[: len(blok)] = blok
        return len(blok)

    def readall(self) -> bytes:
        """Everything that is left."""
        return b"".join(iter(lambda: self._read(_BLOCK), b""))

    def _read(self, aantal: int) -> bytes:
        try:
            return self._pipe.read(aantal)
        except BrokenPipeError:
            self._worker.join()
            self._worker.complain()
            raise

    def close(self) -> None:
        """Stop decrypting and close what was read from."""
        if not self.closed:
            self._pipe.stop()
            self._worker.join()
            self._source.close()
        super().close()
