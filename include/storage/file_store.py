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
from include.storage.backends import BLOK, ONVOLTOOID, Opgeslagen, drager, storing
from include.storage.encryption import Versleuteling

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

Inhoud = bytes | Path | BinaryIO
"""What can be stored: the bytes, a local file, or anything open for reading bytes."""

_DEEL = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_MAPPEN = frozenset({"leveringen", "tussenresultaten", "publicaties", ONVOLTOOID, *Product})
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Bestand:
    """A stored file: its key, the sha-256 (hex) of its contents and their size in bytes."""

    sleutel: str
    sha256: str
    omvang: int


@dataclass(frozen=True, slots=True)
class Inventaris:
    """What lies in a folder: under keys, under names that are no keys, and why it may not be all."""

    bestanden: list[Opgeslagen]
    vreemd: list[Opgeslagen]
    fout: OpslagFout | None


class Verpakking(Protocol):
    """How contents lie in storage; ``sleutel`` is there to say in an error which file it is about."""

    def inpakken(self, doel: BinaryIO, sleutel: str) -> AbstractContextManager[BinaryIO]:
        """A file to write contents to, that writes them packed to ``doel``; complete when the block ends."""

    def uitpakken(self, bron: BinaryIO, sleutel: str) -> BinaryIO:
        """The contents of a packed file, to read in order; closing it closes ``bron``."""


class Onverpakt:
    """Contents as they are: for tests of the file store itself."""

    def inpakken(self, doel: BinaryIO, sleutel: str) -> AbstractContextManager[BinaryIO]:  # noqa: ARG002
        """See Verpakking."""
        return nullcontext(doel)

    def uitpakken(self, bron: BinaryIO, sleutel: str) -> BinaryIO:  # noqa: ARG002
        """See Verpakking."""
        return bron


class Schrijver(io.RawIOBase):
    """A file being written to the store; knows its hash and size so far."""

    def __init__(self, sleutel: str, doel: BinaryIO) -> None:
        super().__init__()
        self.sleutel = sleutel
        self._doel = doel
        self._hash = hashlib.sha256()
        self._omvang = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, blok: bytes) -> int:  # type: ignore[override]
        """Write one block, whole. Raises OpslagFout when the storage is full or fails."""
        try:
            self._doel.write(blok)
        except OSError as fout:
            raise storing("write", self.sleutel, fout) from None
        self._hash.update(blok)
        lengte = memoryview(blok).nbytes
        self._omvang += lengte
        return lengte

    @property
    def bestand(self) -> Bestand:
        """What was written so far; the whole file once the block of ``schrijver`` has ended."""
        return Bestand(self.sleutel, self._hash.hexdigest(), self._omvang)


class Bestandsopslag:
    """Files under keys.

    All methods raise OpslagFout when storage is away, full, read-only or a link is in the way, GegevensFout
    for a key that holds nothing, and ValueError for what is not a key.
    """

    def __init__(self, url: str | None = None, verpakking: Verpakking | None = None) -> None:
        """``url`` is the root (``file:///…``, ``s3://verbinding@bucket/…``), default the installation's.

        What is written is encrypted with the keys of the installation, unless another ``verpakking`` is given.
        """
        self._drager = drager(url or omgeving().opslag)
        self._verpakking: Verpakking = verpakking or Versleuteling()

    @contextmanager
    def schrijver(self, sleutel: str) -> Iterator[Schrijver]:
        """A file to write to in blocks.

        It appears under ``sleutel``, replacing what was there, when the ``with`` ends; an exception leaves
        everything as it was.
        """
        with (
            self._drager.schrijven(_gecontroleerd(sleutel)) as doel,
            self._verpakking.inpakken(doel, sleutel) as verpakt,
        ):
            yield Schrijver(sleutel, verpakt)

    def schrijf(self, sleutel: str, inhoud: Inhoud) -> Bestand:
        """Store ``inhoud`` whole under ``sleutel``."""
        with self.schrijver(sleutel) as schrijver:
            if isinstance(inhoud, bytes):
                schrijver.write(inhoud)
            elif isinstance(inhoud, Path):
                with inhoud.open("rb") as bron:
                    _kopieer(bron, schrijver)
            else:
                _kopieer(inhoud, schrijver)
        return schrijver.bestand

    def open_lezen(self, sleutel: str) -> BinaryIO:
        """The contents, to read in order (do not count on seeking); close it."""
        return self._verpakking.uitpakken(self.open_verpakt(sleutel), sleutel)

    def open_verpakt(self, sleutel: str) -> BinaryIO:
        """The bytes as they lie in storage, to read in order; close it."""
        return self._drager.lezen(_gecontroleerd(sleutel))

    def lees(self, sleutel: str, *, sha256: str | None = None) -> bytes:
        """The contents. With ``sha256``: raises ControleFout when they are not what was once stored."""
        with self.open_lezen(sleutel) as bron:
            inhoud = bron.read()
        if sha256 is not None and hashlib.sha256(inhoud).hexdigest() != sha256:
            raise ControleFout(f"{sleutel} is not what was stored: its sha-256 differs")
        return inhoud

    def bestaat(self, sleutel: str) -> bool:
        """Whether a whole file lies under ``sleutel``."""
        return self.bekijk(sleutel) is not None

    def bekijk(self, sleutel: str) -> Opgeslagen | None:
        """Size in storage and moment of writing of the file under ``sleutel``, None when there is none."""
        return self._drager.bekijk(_gecontroleerd(sleutel))

    def verwijder(self, sleutel: str) -> bool:
        """Remove the file under ``sleutel``; False when there was none."""
        return self._drager.verwijder(_gecontroleerd(sleutel))

    def lijst(self, map_: str = "") -> list[Opgeslagen]:
        """What lies below folder ``map_`` (everything by default), by key; sizes are those in storage."""
        inventaris = self.inventaris(map_)
        if inventaris.fout:
            raise inventaris.fout
        return inventaris.bestanden

    def inventaris(self, map_: str = "") -> Inventaris:
        """As ``lijst``, for who must go on with the rest: raises nothing for what cannot be listed."""
        gevonden: list[Opgeslagen] = []
        fout: OpslagFout | None = None
        try:
            gevonden.extend(self._drager.lijst(_gecontroleerd(map_) if map_ else ""))
        except OpslagFout as wat:
            fout = wat
        gevonden.sort()
        return Inventaris(
            [bestand for bestand in gevonden if _is_sleutel(bestand.sleutel)],
            [bestand for bestand in gevonden if not _is_sleutel(bestand.sleutel)],
            fout,
        )

    def vingerafdruk(self, sleutel: str) -> str:
        """sha-256 (hex) of the file as it lies in storage: needs no key to unpack it, for the register."""
        som = hashlib.sha256()
        with self.open_verpakt(sleutel) as bron:
            while blok := bron.read(BLOK):
                som.update(blok)
        return som.hexdigest()


def map_tussenresultaten(verwerking: str) -> str:
    """The folder of all one verwerking fetched or computed; hashed, for it may name an organisation."""
    return f"tussenresultaten/{hashlib.sha256(verwerking.encode()).hexdigest()[:32]}"


def sleutel_tussenresultaat(verwerking: str, naam: str) -> str:
    """Key of one intermediate file, for instance ``naam='huishouden.arrow'``; gone once published (B55)."""
    return _gecontroleerd(f"{map_tussenresultaten(verwerking)}/{naam}")


def plaats(naam: str) -> str:
    """The folder of a file with a name that is not ours, as far as we named it: the rest may name a person."""
    mappen = naam.split("/")[:-1]
    return "/".join(takewhile(lambda deel: deel in _MAPPEN or _ID.fullmatch(deel), mappen)) or "/"


def _is_sleutel(naam: str) -> bool:
    """A key is lower-case names between slashes: no traversal, no hidden, absolute or empty parts."""
    return len(naam) <= 300 and all(_DEEL.fullmatch(deel) for deel in naam.split("/"))


def _gecontroleerd(sleutel: str) -> str:
    if not _is_sleutel(sleutel):
        raise ValueError("not a key of the file store: lower-case letters, digits and -_. between slashes")
    return sleutel


def _kopieer(bron: BinaryIO, doel: Schrijver) -> None:
    while blok := bron.read(BLOK):
        doel.write(blok)
