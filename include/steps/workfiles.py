"""What one step leaves for the next: tables, frames and reports, in the file store or beside the command line."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa

from include.bronnen import snapshot
from include.errors import GegevensFout
from include.storage.file_store import FileStore, intermediate_key, intermediates_folder


class WorkFiles(ABC):
    """The work files of one vraagbestand by name."""

    @abstractmethod
    def writer(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """A file to write; it is there when the block ends without an exception."""

    @abstractmethod
    def reader(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """A file to read in order. Raises GegevensFout when it is not there."""

    @abstractmethod
    def write(self, naam: str, inhoud: bytes) -> None:
        """Keep ``inhoud`` under a name, replacing what an earlier attempt left."""

    @abstractmethod
    def read(self, naam: str) -> bytes:
        """Return what was kept. Raises as ``reader``."""

    @abstractmethod
    def remove(self, naam: str) -> None:
        """Remove a file; no error when it is not there."""

    @abstractmethod
    def write_table(self, naam: str, tabel: pa.Table) -> None:
        """Keep a bronsnapshot."""

    @abstractmethod
    def read_table(self, naam: str) -> pa.Table:
        """Return a bronsnapshot. Raises as ``reader``."""

    @abstractmethod
    def write_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """Keep a frame with its dtypes."""

    @abstractmethod
    def read_frame(self, naam: str) -> pd.DataFrame:
        """Return a frame with its dtypes. Raises as ``reader``."""


@dataclass(frozen=True)
class StoredFiles(WorkFiles):
    """The intermediates of one verwerking in the file store: gone once published (besluit B55).

    ``betreft`` opens every message: whose they are, and of which ronde or levering.
    """

    bestanden: FileStore
    kenmerk: str
    betreft: str

    def key(self, naam: str) -> str:
        """Return the key in the file store."""
        return intermediate_key(self.kenmerk, naam)

    def exists(self, naam: str) -> bool:
        """Whether there is a file with this name."""
        return self.bestanden.exists(self.key(naam))

    def names(self) -> list[str]:
        """Return the names of all that is kept."""
        map_ = intermediates_folder(self.kenmerk)
        return [bestand.key.removeprefix(f"{map_}/") for bestand in self.bestanden.list(map_)]

    def write(self, naam: str, inhoud: bytes) -> None:
        """See WorkFiles."""
        self.bestanden.write(self.key(naam), inhoud)

    def read(self, naam: str) -> bytes:
        """See WorkFiles."""
        return self.bestanden.read(self._present(naam))

    def remove(self, naam: str) -> None:
        """See WorkFiles."""
        self.bestanden.remove(self.key(naam))

    def writer(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return self.bestanden.writer(self.key(naam))  # type: ignore[return-value] # it writes bytes, no more

    def reader(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return self.bestanden.open_read(self._present(naam))

    def write_table(self, naam: str, tabel: pa.Table) -> None:
        """See WorkFiles."""
        self.write(f"{naam}.arrow", snapshot.naar_bytes(tabel))

    def read_table(self, naam: str) -> pa.Table:
        """See WorkFiles."""
        return snapshot.uit_bytes(self.read(f"{naam}.arrow"))

    def write_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """See WorkFiles."""
        self.write(f"{naam}.feather", frame_to_bytes(frame))

    def read_frame(self, naam: str) -> pd.DataFrame:
        """See WorkFiles."""
        return frame_from_bytes(self.read(f"{naam}.feather"))

    def _present(self, naam: str) -> str:
        if not self.exists(naam):
            raise GegevensFout(
                f"{self.betreft}: intermediate file {naam} is not there (removed at publication, by the retention "
                "sweep, or never made). Clear huishouden_brp of this organisation with everything after it."
            )
        return self.key(naam)


@dataclass(frozen=True)
class LocalFiles(WorkFiles):
    """Work files of the command line: reports in a folder, readable; all else in memory."""

    map_: Path
    tables: dict[str, pa.Table] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    others: dict[str, bytes] = field(default_factory=dict)

    def writer(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return (self.map_ / naam).open("wb")

    def reader(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return (self.map_ / naam).open("rb")

    def write(self, naam: str, inhoud: bytes) -> None:
        """See WorkFiles."""
        self.others[naam] = inhoud

    def read(self, naam: str) -> bytes:
        """See WorkFiles."""
        return self.others[naam]

    def remove(self, naam: str) -> None:
        """See WorkFiles."""
        self.others.pop(naam, None)

    def write_table(self, naam: str, tabel: pa.Table) -> None:
        """See WorkFiles."""
        self.tables[naam] = tabel

    def read_table(self, naam: str) -> pa.Table:
        """See WorkFiles."""
        return self.tables[naam]

    def write_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """See WorkFiles."""
        self.frames[naam] = frame

    def read_frame(self, naam: str) -> pd.DataFrame:
        """See WorkFiles."""
        return self.frames[naam]


@dataclass(frozen=True)
class PartFiles(WorkFiles):
    """The work files of some of the aanvragen, beside those of the others.

    Named by the aanvragen they are about, so that files made for another division are missed, not misread.
    """

    whole: WorkFiles
    begin: int
    eind: int

    def writer(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return self.whole.writer(self._part(naam))

    def reader(self, naam: str) -> AbstractContextManager[BinaryIO]:
        """See WorkFiles."""
        return self.whole.reader(self._part(naam))

    def write(self, naam: str, inhoud: bytes) -> None:
        """See WorkFiles."""
        self.whole.write(self._part(naam), inhoud)

    def read(self, naam: str) -> bytes:
        """See WorkFiles."""
        return self.whole.read(self._part(naam))

    def remove(self, naam: str) -> None:
        """See WorkFiles."""
        self.whole.remove(self._part(naam))

    def write_table(self, naam: str, tabel: pa.Table) -> None:
        """See WorkFiles."""
        self.whole.write_table(self._part(naam), tabel)

    def read_table(self, naam: str) -> pa.Table:
        """See WorkFiles."""
        return self.whole.read_table(self._part(naam))

    def write_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """See WorkFiles."""
        self.whole.write_frame(self._part(naam), frame)

    def read_frame(self, naam: str) -> pd.DataFrame:
        """See WorkFiles."""
        return self.whole.read_frame(self._part(naam))

    def _part(self, naam: str) -> str:
        return f"{naam}-{self.begin}-{self.eind}"


def frame_to_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame, its dtypes included, as the bytes of a file."""
    buffer = io.BytesIO()
    frame.to_feather(buffer, compression="zstd")
    return buffer.getvalue()


def frame_from_bytes(inhoud: bytes, columns: list[str] | None = None) -> pd.DataFrame:
    """Return the frame that ``frame_to_bytes`` wrote, or some of its columns. Raises GegevensFout for other bytes."""
    try:
        return pd.read_feather(io.BytesIO(inhoud), columns=columns)
    except (pa.ArrowException, OSError, ValueError):
        raise GegevensFout("a stored frame is damaged") from None
