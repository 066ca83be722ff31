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

    def open_write(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A file to write to; visible under ``key`` only when the block ends without an exception."""

    def open_read(self, key: str) -> BinaryIO:
        """The stored bytes, to read in order."""

    def stat(self, key: str) -> StoredObject | None:
        """What lies under the key, None when nothing does."""

    def remove(self, key: str) -> bool:
        """Remove; False when it was already gone."""

    def move(self, key: str, to: str) -> bool:
        """Give what lies under ``key`` another one, replacing what was there; False when nothing does (any more)."""

    def links(self) -> Iterator[str]:
        """The names of what is neither file nor folder: a link, a pipe. An object store has none."""

    def list(self, folder: str) -> Iterator[StoredObject]:
        """Everything below a folder, in no particular order; links are neither listed nor followed.

        What cannot be looked into is raised at the end, after all the rest.
        """


def backend_for(url: str) -> Backend:
    """The carrier for a root URL: ``file:///…``, or what ObjectStoragePath takes (``s3://verbinding@bucket/…``)."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return LocalBackend(Path(unquote(parts.path)))
    if not parts.scheme or parts.scheme == "file":
        raise InstallatieFout(
            "BIDN_OPSLAG must be a URL: file:///an/absolute/path or s3://connection@bucket/path"
        )
    return ObjectStoreBackend(url)


_FULL = {errno.ENOSPC: "disk", errno.EDQUOT: "quota", errno.EFBIG: "limit on the size of a file"}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def storage_error(action: str, key: str, error: Exception) -> OpslagFout:
    """What storage refused, in our words: with the key and the kind, not the path of this machine, and what to do."""
    number = getattr(error, "errno", None)
    if number in _FULL:
        advice = f"The {_FULL[number]} is used up: make room where BIDN_OPSLAG is."
    elif number in _CLOSED:
        advice = "BIDN_OPSLAG is read-only or not ours to use: mend its mount, or the rights of its folders."
    else:
        advice = "Check that the storage of BIDN_OPSLAG is there and sound."
    cause = getattr(error, "strerror", None) or type(error).__name__
    return OpslagFout(f"the file store could not {action} {key}: {cause}. {advice}")


@contextmanager
def _translated(action: str, key: str) -> Iterator[None]:
    """OSErrors as ours."""
    try:
        yield
    except FileNotFoundError as error:
        if action == "write":
            raise storage_error(action, key, error) from None
        raise GegevensFout(f"{key} is not in the file store (removed, or never written)") from None
    except OSError as error:
        raise storage_error(action, key, error) from None


class LocalBackend:
    """A local folder: written under a temporary name, flushed to disk, then made visible in one step."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def _path(self, key: str) -> Path:
        path = self.root / key
        if os.path.realpath(path) != str(path):
            raise OpslagFout(
                f"the file store refuses {key}: there is a link on the way to it. Find out who put it there, and "
                "remove it; BIDN_OPSLAG itself may be one"
            )
        return path

    @contextmanager
    def open_write(self, key: str) -> Iterator[BinaryIO]:
        """See Backend."""
        target = self._path(key)
        part = self.root / UNFINISHED / uuid.uuid4().hex
        with _translated("write", key):
            file = self._open_new(part)
        try:
            yield file
            with _translated("write", key):
                file.flush()
                os.fsync(file.fileno())
                file.close()
                self._put_down(part, target)
        except BaseException:
            with suppress(OSError):
                file.close()  # on a full disk it fails again, at what it still holds
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    @staticmethod
    def _open_new(path: Path) -> BinaryIO:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        return os.fdopen(number, "wb", buffering=BLOCK)

    @staticmethod
    def _put_down(part: Path, target: Path) -> None:
        """Make ``part`` visible as ``target``; again when a sweep just removed the then empty folder."""
        for attempt in range(5):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                os.replace(part, target)
                break
            except FileNotFoundError:
                if attempt == 4 or not part.exists():
                    raise
        number = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)

    def open_read(self, key: str) -> BinaryIO:
        """See Backend."""
        path = self._path(key)
        with _translated("read", key):
            return path.open("rb")

    def stat(self, key: str) -> StoredObject | None:
        """See Backend."""
        with _translated("read", key):
            return self._stat(self._path(key))

    def remove(self, key: str) -> bool:
        """See Backend. Folders that become empty go too."""
        path = self._path(key)
        with _translated("remove", key):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
        self._clear_up(path)
        return True

    def _clear_up(self, path: Path) -> None:
        """Remove the folders that became empty when ``path`` went."""
        for folder in path.parents:
            if folder == self.root or folder.name == UNFINISHED:
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def move(self, key: str, to: str) -> bool:
        """See Backend."""
        source, target = self._path(key), self._path(to)
        with _translated("move", key):
            if not source.exists():
                return False
            self._put_down(source, target)
        self._clear_up(source)
        return True

    def links(self) -> Iterator[str]:
        """See Backend."""
        for path, folders, names in os.walk(self.root, followlinks=False):
            for found in (Path(path) / name for name in (*folders, *names)):
                with suppress(FileNotFoundError):  # removed while we were looking
                    if stat.S_IFMT(found.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
                        yield found.relative_to(self.root).as_posix()

    def list(self, folder: str) -> Iterator[StoredObject]:
        """See Backend."""
        start = self._path(folder) if folder else self.root
        errors: list[OSError] = []
        with _translated("list", folder or "/"):
            for path, _, names in os.walk(start, onerror=errors.append, followlinks=False):
                for name in names:
                    try:
                        found = self._stat(Path(path) / name)
                    except OSError as error:
                        errors.append(error)
                    else:
                        if found:
                            yield found
            for failed in errors:
                if not isinstance(failed, FileNotFoundError):  # that one was removed while we were listing
                    raise failed

    def _stat(self, path: Path) -> StoredObject | None:
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):  # not there, or removed while we were listing
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        key = path.relative_to(self.root).as_posix()
        return StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


class ObjectStoreBackend:
    """An object store: a key appears when its upload completes; nothing is ever renamed."""

    def __init__(self, url: str) -> None:
        from airflow.sdk import ObjectStoragePath  # a second to import, and not needed for a local folder

        try:
            root = ObjectStoragePath(url)
            self.fs: Any = root.fs
        except Exception as error:  # noqa: BLE001 - whatever a provider or connection throws
            raise InstallatieFout(
                f"the {urlsplit(url).scheme} file store cannot be opened ({type(error).__name__}): "
                "check its Airflow connection and provider"
            ) from None
        self.root = str(root.path).rstrip("/")

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"

    @contextmanager
    def open_write(self, key: str) -> Iterator[BinaryIO]:
        """See Backend."""
        with self._translated("write", key):
            file = self.fs.open(self._path(key), "wb")
        try:
            yield file
        except BaseException:
            with suppress(Exception):
                file.discard()  # aborts the upload; close() would complete it
            file.closed = True
            raise
        with self._translated("write", key):
            file.close()

    def open_read(self, key: str) -> BinaryIO:
        """See Backend."""
        with self._translated("read", key):
            file: BinaryIO = self.fs.open(self._path(key), "rb")
            return file

    def stat(self, key: str) -> StoredObject | None:
        """See Backend."""
        with self._translated("read", key):
            self.fs.invalidate_cache()
            try:
                details = self.fs.info(self._path(key))
            except FileNotFoundError:
                return None
        return (
            StoredObject(key, int(details["size"]), _modified_at(details))
            if details["type"] == "file"
            else None
        )

    def remove(self, key: str) -> bool:
        """See Backend."""
        if self.stat(key) is None:
            return False
        with self._translated("remove", key):
            try:
                self.fs.rm_file(self._path(key))
            except FileNotFoundError:
                return False
        return True

    def move(self, key: str, to: str) -> bool:
        """See Backend. A copy, and then the removal: killed in between, both are there."""
        if self.stat(key) is None:
            return False
        with self._translated("move", key):
            self.fs.cp_file(self._path(key), self._path(to))
        return self.remove(key)

    def links(self) -> Iterator[str]:
        """See Backend."""
        return iter(())

    def list(self, folder: str) -> Iterator[StoredObject]:
        """See Backend."""
        with self._translated("list", folder or "/"):
            self.fs.invalidate_cache()
            found = self.fs.find(self._path(folder).rstrip("/"), detail=True)
        start = len(self.root) + 1
        for path, details in found.items():
            yield StoredObject(path[start:], int(details["size"]), _modified_at(details))

    @staticmethod
    @contextmanager
    def _translated(action: str, key: str) -> Iterator[None]:
        try:
            with _translated(action, key):
                yield
        except (GegevensFout, OpslagFout):
            raise
        except Exception as error:  # noqa: BLE001 - client libraries throw their own kinds
            raise storage_error(action, key, error) from None


def _modified_at(details: dict[str, Any]) -> datetime:
    """When an object was written, under the name its file system gives it."""
    for name in ("LastModified", "last_modified", "mtime", "created"):
        value = details.get(name)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    return datetime.now(UTC)  # unknown age counts as fresh: better swept late than too early
