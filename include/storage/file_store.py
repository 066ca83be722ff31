"""The file store: the only place that writes personal data to disk or object storage.

Every file is written whole under a key, or not at all. Keys are made of fixed names, ids and rondes, never of
names of organisations or of delivered files:

    leveringen/<levering>/{vraagbestand.csv,verwerkingsverslag.csv,verwerkingsverslag.json}
    tussenresultaten/<hash of verwerking>/<name>        (of Bijzondere Bijstand)
    tussenresultaten/alleenverdieners/<hash of verwerking>/<name>
    publicaties/<product>/<publicatie>/{overzicht.csv,detail.xml,manifest.json,…}
    onvoltooid/<uuid>                                   (being written)
    quarantaine/<day on which it goes>/<key>            (an orphan, out of sight)
    logboek/anker.json, installatie/kenmerk.json        (of the installation itself)

sha-256 and size are those of the contents, whatever the Envelope makes of them in storage.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
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

Content = bytes | Path | BinaryIO
"""What can be stored: the bytes, a local file, or anything open for reading bytes."""

_PART = re.compile(r"[a-z0-9][a-z0-9_.-]*")
FOLDERS = frozenset(
    {"leveringen", "tussenresultaten", "publicaties", UNFINISHED, "quarantaine", "logboek", "installatie"}
)
"""All that this program makes in the root of a file store."""
_NAMES = FOLDERS | {*Product}
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
    """How contents lie in storage; ``key`` is there to say in an error which file it is about."""

    def wrap(self, target: BinaryIO, key: str) -> AbstractContextManager[BinaryIO]:
        """A file to write contents to, that writes them packed to ``target``; complete when the block ends."""

    def unwrap(self, source: BinaryIO, key: str) -> BinaryIO:
        """The contents of a packed file, to read in order; closing it closes ``source``."""


class PlainEnvelope:
    """Contents as they are: for tests of the file store itself."""

    def wrap(self, target: BinaryIO, key: str) -> AbstractContextManager[BinaryIO]:  # noqa: ARG002
        """See Envelope."""
        return nullcontext(target)

    def unwrap(self, source: BinaryIO, key: str) -> BinaryIO:  # noqa: ARG002
        """See Envelope."""
        return source


class FileWriter(io.RawIOBase):
    """A file being written to the store; knows its hash and size so far."""

    def __init__(self, key: str, target: BinaryIO) -> None:
        super().__init__()
        self.key = key
        self._target = target
        self._hash = hashlib.sha256()
        self._size = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, block: bytes) -> int:  # type: ignore[override]
        """Write one block, whole. Raises OpslagFout when the storage is full or fails."""
        try:
            self._target.write(block)
        except OSError as error:
            raise storage_error("write", self.key, error) from None
        self._hash.update(block)
        size = memoryview(block).nbytes
        self._size += size
        return size

    @property
    def file(self) -> StoredFile:
        """What was written so far; the whole file once the block of ``writer`` has ended."""
        return StoredFile(self.key, self._hash.hexdigest(), self._size)


class FileStore:
    """Files under keys.

    All methods raise OpslagFout when storage is away, full, read-only or a link is in the way, GegevensFout
    for a key that holds nothing, and ValueError for what is not a key.
    """

    def __init__(self, url: str | None = None, envelope: Envelope | None = None) -> None:
        """``url`` is the root (``file:///…``, ``s3://verbinding@bucket/…``), default the installation's.

        What is written is encrypted with the keys of the installation, unless another ``envelope`` is given.
        """
        self._backend = backend_for(url or omgeving().opslag)
        self._envelope: Envelope = envelope or Encryption()

    @contextmanager
    def writer(self, key: str) -> Iterator[FileWriter]:
        """A file to write to in blocks.

        It appears under ``key``, replacing what was there, when the ``with`` ends; an exception leaves
        everything as it was.
        """
        with (
            self._backend.open_write(_checked(key)) as target,
            self._envelope.wrap(target, key) as packed,
        ):
            yield FileWriter(key, packed)

    def write(self, key: str, content: Content) -> StoredFile:
        """Store ``content`` whole under ``key``."""
        with self.writer(key) as writer:
            if isinstance(content, bytes):
                writer.write(content)
            elif isinstance(content, Path):
                with content.open("rb") as source:
                    _copy(source, writer)
            else:
                _copy(content, writer)
        return writer.file

    def open_read(self, key: str) -> BinaryIO:
        """The contents, to read in order (do not count on seeking); close it."""
        return self._envelope.unwrap(self.open_raw(key), key)

    def open_raw(self, key: str) -> BinaryIO:
        """The bytes as they lie in storage, to read in order; close it."""
        return self._backend.open_read(_checked(key))

    def read(self, key: str, *, sha256: str | None = None) -> bytes:
        """The contents. With ``sha256``: raises ControleFout when they are not what was once stored."""
        with self.open_read(key) as source:
            content = source.read()
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise ControleFout(f"{key} is not what was stored: its sha-256 differs")
        return content

    def exists(self, key: str) -> bool:
        """Whether a whole file lies under ``key``."""
        return self.stat(key) is not None

    def stat(self, key: str) -> StoredObject | None:
        """Size in storage and moment of writing of the file under ``key``, None when there is none."""
        return self._backend.stat(_checked(key))

    def remove(self, key: str) -> bool:
        """Remove the file under ``key``; False when there was none."""
        return self._backend.remove(_checked(key))

    def move(self, key: str, to: str) -> bool:
        """Give the file under ``key`` another key, as it lies there; False when there was none."""
        return self._backend.move(_checked(key), _checked(to))

    def links(self) -> Sequence[str]:
        """What is in storage and is no file or folder: never read, followed or removed. Names may be anything."""
        return list(self._backend.links())

    def list(self, folder: str = "") -> Sequence[StoredObject]:
        """What lies below folder ``folder`` (everything by default), by key; sizes are those in storage."""
        inventory = self.inventory(folder)
        if inventory.error:
            raise inventory.error
        return inventory.files

    def inventory(self, folder: str = "") -> Inventory:
        """As ``list``, for who must go on with the rest: raises nothing for what cannot be listed."""
        found: list[StoredObject] = []
        error: OpslagFout | None = None
        try:
            found.extend(self._backend.list(_checked(folder) if folder else ""))
        except OpslagFout as caught:
            error = caught
        found.sort()
        return Inventory(
            [file for file in found if _is_key(file.key)],
            [file for file in found if not _is_key(file.key)],
            error,
        )

    def fingerprint(self, key: str) -> str:
        """sha-256 (hex) of the file as it lies in storage: needs no key to unpack it, for the register."""
        digest = hashlib.sha256()
        with self.open_raw(key) as source:
            while block := source.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()


def intermediates_folder(verwerking: str, product: Product = Product.BIJZONDERE_BIJSTAND) -> str:
    """The folder of all one verwerking fetched or computed; hashed, for it may name an organisation."""
    parent = "tussenresultaten" if product is Product.BIJZONDERE_BIJSTAND else f"tussenresultaten/{product}"
    return f"{parent}/{hashlib.sha256(verwerking.encode()).hexdigest()[:32]}"


def intermediate_key(verwerking: str, name: str, product: Product = Product.BIJZONDERE_BIJSTAND) -> str:
    """Key of one intermediate file, for instance ``naam='huishouden.arrow'``; gone once published (B55)."""
    return _checked(f"{intermediates_folder(verwerking, product)}/{name}")


def known_folder(name: str) -> str:
    """The folder of a file with a name that is not ours, as far as we named it: the rest may name a person."""
    folders = name.split("/")[:-1]
    return "/".join(takewhile(lambda part: part in _NAMES or _ID.fullmatch(part), folders)) or "/"


def _is_key(name: str) -> bool:
    """A key is lower-case names between slashes: no traversal, no hidden, absolute or empty parts."""
    return len(name) <= 300 and all(_PART.fullmatch(part) for part in name.split("/"))


def _checked(key: str) -> str:
    if not _is_key(key):
        raise ValueError("not a key of the file store: lower-case letters, digits and -_. between slashes")
    return key


def _copy(source: BinaryIO, target: FileWriter) -> None:
    while block := source.read(BLOCK):
        target.write(block)
