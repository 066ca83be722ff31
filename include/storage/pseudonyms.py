"""Keyed hashes of BSNs: to find a person again where the BSN itself may not stand.

HMAC-SHA256 under a key of its own: there are fewer than a thousand million BSNs, so a hash without a key is
undone by trying them all. Who has both the hashes and the key can do that still: keep them apart.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import cached_property

from include.storage.keys import load_hash_key

HASH_LENGTH = 5
"""Bytes kept of each hash in a list: of 200,000 persons, one BSN in five million others seems to be there."""


class Pseudonyms:
    """Hashes under the hashsleutel of the installation, looked up when first needed, or the one given."""

    def __init__(self, hashsleutel: bytes | None = None) -> None:
        if hashsleutel is not None:
            self._hash_key = hashsleutel

    @cached_property
    def _hash_key(self) -> bytes:
        return load_hash_key()

    @cached_property
    def _bsn_key(self) -> bytes:
        return self.derived_key("bsn")

    def derived_key(self, doel: str) -> bytes:
        """Return a key for one purpose, so that what is made for one means nothing for another."""
        return hmac.digest(self._hash_key, f"bidn {doel}".encode(), "sha256")

    def of(self, bsn: int) -> str:
        """Return the hash of one BSN (64 hex digits)."""
        return self._hash(bsn).hex()

    def hashes(self, bsns: Iterable[int]) -> bytes:
        """Return the shortened hashes of many BSNs, each once, ascending: 5 bytes a person."""
        return b"".join(sorted({self._hash(bsn)[:HASH_LENGTH] for bsn in bsns}))

    def is_in(self, lijst: bytes, bsn: int) -> bool:
        """Return whether a BSN is among those of a list; wrongly so once in millions."""
        gezocht = self._hash(bsn)[:HASH_LENGTH]
        plaats = lijst.find(gezocht)
        while plaats > 0 and plaats % HASH_LENGTH:
            plaats = lijst.find(gezocht, plaats + 1)
        return plaats >= 0

    def _hash(self, bsn: int) -> bytes:
        return hmac.digest(self._bsn_key, b"%09d" % bsn, "sha256")
