"""``python -m include.storage sleutels …``: make a key, show which are in use, re-encrypt what is stored.

Rotation is three commands, none of which stops the work: ``maak`` (new files go to the new key, old ones stay
readable), ``roteer`` (what is stored goes to the new key too), and, once ``lijst`` says that an old key opens
nothing any more, removing that key by hand from where the keys are kept.
"""

# ruff: noqa: T201 - a command speaks by printing

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import BidnFout, ControleFout, GegevensFout, OpslagFout
from include.storage.backends import UNFINISHED, StoredObject
from include.storage.bewaarklassen import being_removed
from include.storage.database import Database
from include.storage.encryption import Encryption
from include.storage.file_store import FileStore, known_folder
from include.storage.keys import KeyRing, load_keys, make_key

if TYPE_CHECKING:
    from pyrage import x25519


@dataclass(frozen=True, slots=True)
class Rotation:
    """What ``roteer`` did: files re-encrypted, files that needed it not, and files it could not read.

    ``gaat_weg`` counts those a sweep has begun to remove; ``vreemd`` is where names lie that are not ours.
    """

    converted: int
    current: int
    failed: tuple[str, ...]
    leaving: int = 0
    foreign: tuple[str, ...] = ()


def rotate_keys(bestanden: FileStore, ring: KeyRing, database: Database) -> Rotation:
    """Re-encrypt to the newest key every stored file that needs an older one.

    Each file is replaced whole; killed halfway, a next call goes on where this one was. What a running DAG
    writes meanwhile goes to the newest key by itself; a file it removes meanwhile is skipped, and one that is
    written back at that very moment is an orphan, which the retention sweep takes. A file that cannot be read
    is named in the outcome and left as it is. So is one whose removal was begun: the register has its hash as it
    lies in storage, and a sweep that finds another takes it for gone.
    """
    omgezet = stond_goed = gaat_weg = 0
    mislukt: list[str] = []
    inventaris = bestanden.inventory()
    if inventaris.error:
        raise inventaris.error
    for sleutel in _finished(inventaris.files):
        with database.reading() as sessie:  # for each anew: a sweep may have begun meanwhile
            begonnen = being_removed(sessie)
        if sleutel in begonnen:
            gaat_weg += 1
            continue
        try:
            if _fits(bestanden, sleutel, ring.newest):
                stond_goed += 1
                continue
            with bestanden.open_read(sleutel) as bron:
                bestanden.write(sleutel, bron)
            omgezet += 1
        except GegevensFout as fout:
            if isinstance(fout, ControleFout):
                mislukt.append(sleutel)
        except OpslagFout:
            raise
        except BidnFout:
            mislukt.append(sleutel)
    vreemd = tuple(known_folder(naam) for naam in _finished(inventaris.foreign))
    return Rotation(omgezet, stond_goed, tuple(mislukt), gaat_weg, vreemd)


def count_per_key(bestanden: FileStore, ring: KeyRing) -> Counter[int]:
    """Return how many stored files each key opens, by its place in the ring; -1 counts those no key opens."""
    telling: Counter[int] = Counter()
    for sleutel in _finished(bestanden.list()):
        try:
            plaatsen = range(len(ring.identities) - 1, -1, -1)
            passend = (plaats for plaats in plaatsen if _fits(bestanden, sleutel, ring.identities[plaats]))
            telling[next(passend, -1)] += 1
        except GegevensFout:  # removed since it was listed
            continue
    return telling


def _finished(opgeslagen: Iterable[StoredObject]) -> Iterator[str]:
    return (stuk.key for stuk in opgeslagen if not stuk.key.startswith(f"{UNFINISHED}/"))


def _fits(bestanden: FileStore, sleutel: str, identiteit: x25519.Identity) -> bool:
    with bestanden.open_raw(sleutel) as bron:
        return Encryption().fits(bron, identiteit)


def add_key_commands(opdrachten: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``sleutels`` to the commands of ``python -m include.storage``."""
    sleutels = opdrachten.add_parser("sleutels", help="the keys that the file store is encrypted with")
    wat = sleutels.add_subparsers(dest="wat", required=True)
    maak = wat.add_parser("maak", help="make a new key: it encrypts from now on")
    maak.add_argument(
        "--uit", type=Path, help="add it to this file instead of the key file in the data folder"
    )
    wat.add_parser("lijst", help="the keys, oldest first, and how many stored files each opens")
    wat.add_parser("roteer", help="re-encrypt to the newest key what is stored; may be repeated")


def run_key_command(keuze: argparse.Namespace) -> int:
    """Run one of them; return the exit code: 1 when some files are not re-encrypted and stay."""
    if keuze.wat == "maak":
        print(f"New key, in force now: {make_key(keuze.uit)}")
        print(
            "Keep a copy where the data is not. What is stored stays readable; re-encrypt it with: sleutels roteer"
        )
        return 0
    bestanden, ring = FileStore(), load_keys()
    if keuze.wat == "lijst":
        _show(ring, count_per_key(bestanden, ring))
        return 0
    uitkomst = rotate_keys(bestanden, ring, Database())
    print(
        f"Re-encrypted {uitkomst.converted} files; {uitkomst.current} were encrypted to the newest key already."
    )
    for sleutel in uitkomst.failed:
        print(f"Cannot be read with any known key, or damaged: {sleutel}")
    for waar in uitkomst.foreign:
        print(f"Left alone, a file with a name that is not ours: look in {waar} whose it is, and remove it.")
    if uitkomst.leaving:
        print(f"Left alone, being removed: {uitkomst.leaving} files. The next sweep takes them.")
    return 1 if uitkomst.failed or uitkomst.foreign else 0


def _show(ring: KeyRing, telling: Counter[int]) -> None:
    print(f"Keys from {ring.origin}, oldest first; the last one encrypts.")
    for nummer, identiteit in enumerate(ring.identities):
        print(f"{nummer + 1}. {identiteit.to_public()}  opens {telling[nummer]} files")
    if telling[-1]:
        print(f"No key here opens {telling[-1]} files.")
