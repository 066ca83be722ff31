"""The file store: the only place that writes personal data to disk or object storage.

Every file is written whole under a key, or not at all. Keys are made of fixed names, ids and rondes, never of
names of organisations or of delivered files:

    leveringen/<levering>/{vraagbestand.csv,verwerkingsverslag.csv,verwerkingsverslag.json}
    tussenresultaten/<hash of verwerking>/<naam>
    publicaties/<product>/<publicatie>/{overzicht.csv,detail.xml,manifest.json,…}
    onvoltooid/<uuid>                                   (being written)

sha-256 and size are those of the contents, whatever the Verpakking makes of them in storage.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Protocol

from include.errors import ControleFout, OpslagFout
from include.schemas.domein import Product
from include.settings import omgeving
from include.storage.backends import BLOCK, UNFINISHED, StoredObject, backend_for, storage_error
from include.storage.encryption import Encryption

__all__ = [
    "Bestand",
    "Bestandsopslag",
    "Inhoud",
    "Inventaris",
    "Opgeslagen",
    "Schrijver",
    "Verpakking",
    "map_tussenresultaten",
    "plaats",
    "sleutel_tussenresultaat",
]

Content = bytes | Path | BinaryIO
"""What can be stored: the bytes, a local file, or anything open for reading bytes."""

_PART = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_FOLDERS = frozenset({"leveringen", "tussenresultaten", "publicaties", UNFINISHED, *Product})
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its key, the sha-256 (hex) of its contents and their size in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What lies in a folder: under keys, under names that are no keys, and why it may not be all."""

    files: list[StoredObject]
    foreign: list[StoredObject]
    error: OpslagFout | None


class Envelope(Protocol):
    """How contents lie in storage; ``sleutel`` is there to say in an error which file it is about."""

    def wrap(self, doel: BinaryIO, sleutel: str) -> AbstractContextManager[BinaryIO]:
        """A file to write contents to, that writes them packed to ``doel``; complete when the block ends."""

    def unwrap(self, bron: BinaryIO, sleutel: str) -> BinaryIO:
        """The contents of a packed file, to read in order; closing it closes ``bron``."""


class PlainEnvelope:
    """Contents as they are: for tests of the file store itself."""

    def wrap(self, doel: BinaryIO, sleutel: str) -> AbstractContextManager[BinaryIO]:  # noqa: ARG002
        """See Verpakking."""
        return nullcontext(doel)

    def unwrap(self, bron: BinaryIO, sleutel: str) -> BinaryIO:  # noqa: ARG002
        """See Verpakking."""
        return bron


class FileWriter(io.RawIOBase):
    """A file being written to the store; knows its hash and size so far."""

    def __init__(self, sleutel: str, doel: BinaryIO) -> None:
        super().__init__()
        self.key = sleutel
        self._target = doel
        self._hash = hashlib.sha256()
        self._size = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, blok: bytes) -> int:  # type: ignore[override]
        """Write one block, whole. Raises OpslagFout when the storage is full or fails."""
        try:
            self._target.write(blok)
        except OSError as fout:
            raise storage_error("write", self.key, fout) from None
        self._hash.update(blok)
        lengte = memoryview(blok).nbytes
        self._size += lengte
        return lengte

    @property
    def file(self) -> StoredFile:
        """What was written so far; the whole file once the block of ``schrijver`` has ended."""
        return StoredFile(self.key, self._hash.hexdigest(), self._size)


class FileStore:
    """Files under keys.

    All methods raise OpslagFout when storage is away, full, read-only or a link is in the way, GegevensFout
    for a key that holds nothing, and ValueError for what is not a key.
    """

    def __init__(self, url: str | None = None, verpakking: Envelope | None = None) -> None:
        """``url`` is the root (``file:///…``, ``s3://verbinding@bucket/…``), default the installation's.

        What is written is encrypted with the keys of the installation, unless another ``verpakking`` is given.
        """
        self._backend = backend_for(url or omgeving().opslag)
        self._envelope: Envelope = verpakking or Encryption()

    @contextmanager
    def writer(self, sleutel: str) -> Iterator[FileWriter]:
        """A file to write to in blocks.

        It appears under ``sleutel``, replacing what was there, when the ``with`` ends; an exception leaves
        everything as it was.
        """
        with (
            self._backend.open_write(_checked(sleutel)) as doel,
            self._envelope.wrap(doel, sleutel) as verpakt,
        ):
            yield FileWriter(sleutel, verpakt)

    def write(self, sleutel: str, inhoud: Content) -> StoredFile:
        """Store ``inhoud`` whole under ``sleutel``."""
        with self.writer(sleutel) as schrijver:
            if isinstance(inhoud, bytes):
                schrijver.write(inhoud)
            elif isinstance(inhoud, Path):
                with inhoud.open("rb") as bron:
                    _copy(bron, schrijver)
            else:
                _copy(inhoud, schrijver)
        return schrijver.file

    def open_read(self, sleutel: str) -> BinaryIO:
        """The contents, to read in order (do not count on seeking); close it."""
        return self._envelope.unwrap(self.open_raw(sleutel), sleutel)

    def open_raw(self, sleutel: str) -> BinaryIO:
        """The bytes as they lie in storage, to read in order; close it."""
        return self._backend.open_read(_checked(sleutel))

    def read(self, sleutel: str, *, sha256: str | None = None) -> bytes:
        """The contents. With ``sha256``: raises ControleFout when they are not what was once stored."""
        with self.open_read(sleutel) as bron:
            inhoud = bron.read()
        if sha256 is not None and hashlib.sha256(inhoud).hexdigest() != sha256:
            raise ControleFout(f"{sleutel} is not what was stored: its sha-256 differs")
        return inhoud

    def exists(self, sleutel: str) -> bool:
        """Whether a whole file lies under ``sleutel``."""
        return self.stat(sleutel) is not None

    def stat(self, sleutel: str) -> StoredObject | None:
        """Size in storage and moment of writing of the file under ``sleutel``, None when there is none."""
        return self._backend.stat(_checked(sleutel))

    def remove(self, sleutel: str) -> bool:
        """Remove the file under ``sleutel``; False when there was none."""
        return self._backend.remove(_checked(sleutel))

    def list(self, map_: str = "") -> list[StoredObject]:
        """What lies below folder ``map_`` (everything by default), by key; sizes are those in storage."""
        inventaris = self.inventory(map_)
        if inventaris.error:
            raise inventaris.error
        return inventaris.files

    def inventory(self, map_: str = "") -> Inventory:
        """As ``lijst``, for who must go on with the rest: raises nothing for what cannot be listed."""
        gevonden: list[StoredObject] = []
        fout: OpslagFout | None = None
        try:
            gevonden.extend(self._backend.list(_checked(map_) if map_ else ""))
        except OpslagFout as wat:
            fout = wat
        gevonden.sort()
        return Inventory(
            [bestand for bestand in gevonden if _is_key(bestand.key)],
            [bestand for bestand in gevonden if not _is_key(bestand.key)],
            fout,
        )

    def fingerprint(self, sleutel: str) -> str:
        """sha-256 (hex) of the file as it lies in storage: needs no key to unpack it, for the register."""
        som = hashlib.sha256()
        with self.open_raw(sleutel) as bron:
            while blok := bron.read(BLOCK):
                som.update(blok)
        return som.hexdigest()


def intermediates_folder(verwerking: str) -> str:
    """The folder of all one verwerking fetched or computed; hashed, for it may name an organisation."""
    return f"tussenresultaten/{hashlib.sha256(verwerking.encode()).hexdigest()[:32]}"


def intermediate_key(verwerking: str, naam: str) -> str:
    """Key of one intermediate file, for instance ``naam='huishouden.arrow'``; gone once published (B55)."""
    return _checked(f"{intermediates_folder(verwerking)}/{naam}")


def known_folder(naam: str) -> str:
    """The folder of a file with a name that is not ours, as far as we named it: the rest may name a person."""
    mappen = naam.split("/")[:-1]
    return "/".join(takewhile(lambda deel: deel in _FOLDERS or _ID.fullmatch(deel), mappen)) or "/"


def _is_key(naam: str) -> bool:
    """A key is lower-case names between slashes: no traversal, no hidden, absolute or empty parts."""
    return len(naam) <= 300 and all(_PART.fullmatch(deel) for deel in naam.split("/"))


def _checked(sleutel: str) -> str:
    if not _is_key(sleutel):
        raise ValueError("not a key of the file store: lower-case letters, digits and -_. between slashes")
    return sleutel


def _copy(bron: BinaryIO, doel: FileWriter) -> None:
    while blok := bron.read(BLOCK):
        doel.write(blok)
