"""What is known of a report once it is written: its size and its fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Geschreven:
    """A report as it was written."""

    rijen: int
    """Number of aanvragen."""
    omvang: int
    """Number of bytes."""
    sha256: str
    """Of the bytes."""
    inhoud_sha256: str
    """Of the bytes without the rapportagedatum: the same after a rerun with the same inputs (besluit B7)."""


class Meter:
    """Writes on to a binary stream, and keeps count."""

    def __init__(self, uit: BinaryIO) -> None:
        self._uit = uit
        self._sha = hashlib.sha256()
        self._inhoud_sha = hashlib.sha256()
        self.omvang = 0

    def schrijf(self, data: bytes | memoryview, inhoud: bytes | None = None) -> None:
        """Write ``data``; ``inhoud`` is what stands for it in ``inhoud_sha256``, where that differs."""
        self._uit.write(data)
        self._sha.update(data)
        self._inhoud_sha.update(data if inhoud is None else inhoud)
        self.omvang += len(data)

    def klaar(self, rijen: int) -> Geschreven:
        """Return what was written."""
        return Geschreven(rijen, self.omvang, self._sha.hexdigest(), self._inhoud_sha.hexdigest())
