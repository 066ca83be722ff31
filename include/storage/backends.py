"""Where the bytes of the file store lie: a local folder, or an object store by Airflow's ObjectStoragePath.

The local folder does not go through ObjectStoragePath: that import costs a command a second, and it offers
no fsync, no file modes and no check on links. Keys reach these classes checked (see ``bestanden``).
"""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from include.errors import GegevensFout, InstallatieFout, OpslagFout

UNFINISHED = "onvoltooid"
"""Folder of files being written; what a killed process left there is swept as an orphan."""

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class StoredObject:
    """What lies under a key: stored size in bytes and when it was written (UTC)."""

    key: str
    size: int
    modified_at: datetime


class Backend(Protocol):
    """Holds whole files under keys. Raises OpslagFout, and GegevensFout for what is not there."""

    def open_write(self, sleutel: str) -> AbstractContextManager[BinaryIO]:
        """A file to write to; visible under ``sleutel`` only when the block ends without an exception."""

    def open_read(self, sleutel: str) -> BinaryIO:
        """The stored bytes, to read in order."""

    def stat(self, sleutel: str) -> StoredObject | None:
        """What lies under the key, None when nothing does."""

    def remove(self, sleutel: str) -> bool:
        """Remove; False when it was already gone."""

    def list(self, map_: str) -> Iterator[StoredObject]:
        """Everything below a folder, in no particular order; links are neither listed nor followed.

        What cannot be looked into is raised at the end, after all the rest.
        """


def backend_for(url: str) -> Backend:
    """The carrier for a root URL: ``file:///…``, or what ObjectStoragePath takes (``s3://verbinding@bucket/…``)."""
    delen = urlsplit(url)
    if delen.scheme == "file" and delen.netloc in ("", "localhost") and delen.path.startswith("/"):
        return LocalBackend(Path(unquote(delen.path)))
    if not delen.scheme or delen.scheme == "file":
        raise InstallatieFout(
            "BIDN_OPSLAG must be a URL: file:///an/absolute/path or s3://connection@bucket/path"
        )
    return ObjectStoreBackend(url)


_FULL = {errno.ENOSPC: "disk", errno.EDQUOT: "quota", errno.EFBIG: "limit on the size of a file"}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def storage_error(handeling: str, sleutel: str, fout: Exception) -> OpslagFout:
    """What storage refused, in our words: with the key and the kind, not the path of this machine, and what to do."""
    nummer = getattr(fout, "errno", None)
    if nummer in _FULL:
        raad = f"The {_FULL[nummer]} is used up: make room where BIDN_OPSLAG is."
    elif nummer in _CLOSED:
        raad = "BIDN_OPSLAG is read-only or not ours to use: mend its mount, or the rights of its folders."
    else:
        raad = "Check that the storage of BIDN_OPSLAG is there and sound."
    oorzaak = getattr(fout, "strerror", None) or type(fout).__name__
    return OpslagFout(f"the file store could not {handeling} {sleutel}: {oorzaak}. {raad}")


@contextmanager
def _translated(handeling: str, sleutel: str) -> Iterator[None]:
    """OSErrors as ours."""
    try:
        yield
    except FileNotFoundError as fout:
        if handeling == "write":
            raise storage_error(handeling, sleutel, fout) from None
        raise GegevensFout(f"{sleutel} is not in the file store (removed, or never written)") from None
    except OSError as fout:
        raise storage_error(handeling, sleutel, fout) from None


class LocalBackend:
    """A local folder: written under a temporary name, flushed to disk, then made visible in one step."""

    def __init__(self, wortel: Path) -> None:
        self.root = Path(os.path.realpath(wortel))

    def _path(self, sleutel: str) -> Path:
        pad = self.root / sleutel
        if os.path.realpath(pad) != str(pad):
            raise OpslagFout(
                f"the file store refuses {sleutel}: there is a link on the way to it. Find out who put it there, and "
                "remove it; BIDN_OPSLAG itself may be one"
            )
        return pad

    @contextmanager
    def open_write(self, sleutel: str) -> Iterator[BinaryIO]:
        """See Drager."""
        doel = self._path(sleutel)
        deel = self.root / UNFINISHED / uuid.uuid4().hex
        with _translated("write", sleutel):
            bestand = self._open_new(deel)
        try:
            yield bestand
            with _translated("write", sleutel):
                bestand.flush()
                os.fsync(bestand.fileno())
                bestand.close()
                self._put_down(deel, doel)
        except BaseException:
            with suppress(OSError):
                bestand.close()  # on a full disk it fails again, at what it still holds
            with suppress(OSError):
                deel.unlink(missing_ok=True)
            raise

    @staticmethod
    def _open_new(pad: Path) -> BinaryIO:
        pad.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        nummer = os.open(pad, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        return os.fdopen(nummer, "wb", buffering=BLOCK)

    @staticmethod
    def _put_down(deel: Path, doel: Path) -> None:
        """Make ``deel`` visible as ``doel``; again when a sweep just removed the then empty folder."""
        for poging in range(5):
            doel.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                os.replace(deel, doel)
                break
            except FileNotFoundError:
                if poging == 4 or not deel.exists():
                    raise
        nummer = os.open(doel.parent, os.O_RDONLY)
        try:
            os.fsync(nummer)
        finally:
            os.close(nummer)

    def open_read(self, sleutel: str) -> BinaryIO:
        """See Drager."""
        pad = self._path(sleutel)
        with _translated("read", sleutel):
            return pad.open("rb")

    def stat(self, sleutel: str) -> StoredObject | None:
        """See Drager."""
        with _translated("read", sleutel):
            return self._stat(self._path(sleutel))

    def remove(self, sleutel: str) -> bool:
        """See Drager. Folders that become empty go too."""
        pad = self._path(sleutel)
        with _translated("remove", sleutel):
            try:
                pad.unlink()
            except FileNotFoundError:
                return False
        for map_ in pad.parents:
            if map_ == self.root or map_.name == UNFINISHED:
                break
            try:
                map_.rmdir()
            except OSError:
                break
        return True

    def list(self, map_: str) -> Iterator[StoredObject]:
        """See Drager."""
        begin = self._path(map_) if map_ else self.root
        fouten: list[OSError] = []
        with _translated("list", map_ or "/"):
            for pad, _, namen in os.walk(begin, onerror=fouten.append, followlinks=False):
                for naam in namen:
                    try:
                        gevonden = self._stat(Path(pad) / naam)
                    except OSError as fout:
                        fouten.append(fout)
                    else:
                        if gevonden:
                            yield gevonden
            for wat in fouten:
                if not isinstance(wat, FileNotFoundError):  # that one was removed while we were listing
                    raise wat

    def _stat(self, pad: Path) -> StoredObject | None:
        try:
            staat = pad.lstat()
        except (FileNotFoundError, NotADirectoryError):  # not there, or removed while we were listing
            return None
        if not stat.S_ISREG(staat.st_mode):
            return None
        sleutel = pad.relative_to(self.root).as_posix()
        return StoredObject(sleutel, staat.st_size, datetime.fromtimestamp(staat.st_mtime, UTC))


class ObjectStoreBackend:
    """An object store: a key appears when its upload completes; nothing is ever renamed."""

    def __init__(self, url: str) -> None:
        from airflow.sdk import ObjectStoragePath  # a second to import, and not needed for a local folder

        try:
            wortel = ObjectStoragePath(url)
            self.fs: Any = wortel.fs
        except Exception as fout:  # noqa: BLE001 - whatever a provider or connection throws
            raise InstallatieFout(
                f"the {urlsplit(url).scheme} file store cannot be opened ({type(fout).__name__}): "
                "check its Airflow connection and provider"
            ) from None
        self.root = str(wortel.path).rstrip("/")

    def _path(self, sleutel: str) -> str:
        return f"{self.root}/{sleutel}"

    @contextmanager
    def open_write(self, sleutel: str) -> Iterator[BinaryIO]:
        """See Drager."""
        with self._translated("write", sleutel):
            bestand = self.fs.open(self._path(sleutel), "wb")
        try:
            yield bestand
        except BaseException:
            with suppress(Exception):
                bestand.discard()  # aborts the upload; close() would complete it
            bestand.closed = True
            raise
        with self._translated("write", sleutel):
            bestand.close()

    def open_read(self, sleutel: str) -> BinaryIO:
        """See Drager."""
        with self._translated("read", sleutel):
            bestand: BinaryIO = self.fs.open(self._path(sleutel), "rb")
            return bestand

    def stat(self, sleutel: str) -> StoredObject | None:
        """See Drager."""
        with self._translated("read", sleutel):
            self.fs.invalidate_cache()
            try:
                gegevens = self.fs.info(self._path(sleutel))
            except FileNotFoundError:
                return None
        return (
            StoredObject(sleutel, int(gegevens["size"]), _modified_at(gegevens))
            if gegevens["type"] == "file"
            else None
        )

    def remove(self, sleutel: str) -> bool:
        """See Drager."""
        if self.stat(sleutel) is None:
            return False
        with self._translated("remove", sleutel):
            try:
                self.fs.rm_file(self._path(sleutel))
            except FileNotFoundError:
                return False
        return True

    def list(self, map_: str) -> Iterator[StoredObject]:
        """See Drager."""
        with self._translated("list", map_ or "/"):
            self.fs.invalidate_cache()
            gevonden = self.fs.find(self._path(map_).rstrip("/"), detail=True)
        begin = len(self.root) + 1
        for pad, gegevens in gevonden.items():
            yield StoredObject(pad[begin:], int(gegevens["size"]), _modified_at(gegevens))

    @staticmethod
    @contextmanager
    def _translated(handeling: str, sleutel: str) -> Iterator[None]:
        try:
            with _translated(handeling, sleutel):
                yield
        except (GegevensFout, OpslagFout):
            raise
        except Exception as fout:  # noqa: BLE001 - client libraries throw their own kinds
            raise storage_error(handeling, sleutel, fout) from None


def _modified_at(gegevens: dict[str, Any]) -> datetime:
    """When an object was written, under the name its file system gives it."""
    for naam in ("LastModified", "last_modified", "mtime", "created"):
        waarde = gegevens.get(naam)
        if isinstance(waarde, datetime):
            return waarde if waarde.tzinfo else waarde.replace(tzinfo=UTC)
        if isinstance(waarde, int | float):
            return datetime.fromtimestamp(waarde, UTC)
    return datetime.now(UTC)  # unknown age counts as fresh: better swept late than too early
