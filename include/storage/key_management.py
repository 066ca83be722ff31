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
from include.storage.backends import ONVOLTOOID, Opgeslagen
from include.storage.bewaarklassen import in_verwijdering
from include.storage.database import Database
from include.storage.encryption import Versleuteling
from include.storage.file_store import Bestandsopslag, plaats
from include.storage.keys import Sleutelring, laad_sleutels, maak_sleutel

if TYPE_CHECKING:
    from pyrage import x25519


@dataclass(frozen=True, slots=True)
class Omzetting:
    """What ``roteer`` did: files re-encrypted, files that needed it not, and files it could not read.

    ``gaat_weg`` counts those a sweep has begun to remove; ``vreemd`` is where names lie that are not ours.
    """

    omgezet: int
    stond_goed: int
    mislukt: tuple[str, ...]
    gaat_weg: int = 0
    vreemd: tuple[str, ...] = ()


def roteer(bestanden: Bestandsopslag, ring: Sleutelring, database: Database) -> Omzetting:
    """Re-encrypt to the newest key every stored file that needs an older one.

    Each file is replaced whole; killed halfway, a next call goes on where this one was. What a running DAG
    writes meanwhile goes to the newest key by itself; a file it removes meanwhile is skipped, and one that is
    written back at that very moment is an orphan, which the retention sweep takes. A file that cannot be read
    is named in the outcome and left as it is. So is one whose removal was begun: the register has its hash as it
    lies in storage, and a sweep that finds another takes it for gone.
    """
    omgezet = stond_goed = gaat_weg = 0
    mislukt: list[str] = []
    inventaris = bestanden.inventaris()
    if inventaris.fout:
        raise inventaris.fout
    for sleutel in _voltooid(inventaris.bestanden):
        with database.raadpleging() as sessie:  # for each anew: a sweep may have begun meanwhile
            begonnen = in_verwijdering(sessie)
        if sleutel in begonnen:
            gaat_weg += 1
            continue
        try:
            if _past(bestanden, sleutel, ring.nieuwste):
                stond_goed += 1
                continue
            with bestanden.open_lezen(sleutel) as bron:
                bestanden.schrijf(sleutel, bron)
            omgezet += 1
        except GegevensFout as fout:
            if isinstance(fout, ControleFout):
                mislukt.append(sleutel)
        except OpslagFout:
            raise
        except BidnFout:
            mislukt.append(sleutel)
    vreemd = tuple(plaats(naam) for naam in _voltooid(inventaris.vreemd))
    return Omzetting(omgezet, stond_goed, tuple(mislukt), gaat_weg, vreemd)


def tel_per_sleutel(bestanden: Bestandsopslag, ring: Sleutelring) -> Counter[int]:
    """Return how many stored files each key opens, by its place in the ring; -1 counts those no key opens."""
    telling: Counter[int] = Counter()
    for sleutel in _voltooid(bestanden.lijst()):
        try:
            plaatsen = range(len(ring.identiteiten) - 1, -1, -1)
            passend = (plaats for plaats in plaatsen if _past(bestanden, sleutel, ring.identiteiten[plaats]))
            telling[next(passend, -1)] += 1
        except GegevensFout:  # removed since it was listed
            continue
    return telling


def _voltooid(opgeslagen: Iterable[Opgeslagen]) -> Iterator[str]:
    return (stuk.sleutel for stuk in opgeslagen if not stuk.sleutel.startswith(f"{ONVOLTOOID}/"))


def _past(bestanden: Bestandsopslag, sleutel: str, identiteit: x25519.Identity) -> bool:
    with bestanden.open_verpakt(sleutel) as bron:
        return Versleuteling().past(bron, identiteit)


def voeg_toe(opdrachten: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``sleutels`` to the commands of ``python -m include.storage``."""
    sleutels = opdrachten.add_parser("sleutels", help="the keys that the file store is encrypted with")
    wat = sleutels.add_subparsers(dest="wat", required=True)
    maak = wat.add_parser("maak", help="make a new key: it encrypts from now on")
    maak.add_argument(
        "--uit", type=Path, help="add it to this file instead of the key file in the data folder"
    )
    wat.add_parser("lijst", help="the keys, oldest first, and how many stored files each opens")
    wat.add_parser("roteer", help="re-encrypt to the newest key what is stored; may be repeated")


def voer_uit(keuze: argparse.Namespace) -> int:
    """Run one of them; return the exit code: 1 when some files are not re-encrypted and stay."""
    if keuze.wat == "maak":
        print(f"New key, in force now: {maak_sleutel(keuze.uit)}")
        print(
            "Keep a copy where the data is not. What is stored stays readable; re-encrypt it with: sleutels roteer"
        )
        return 0
    bestanden, ring = Bestandsopslag(), laad_sleutels()
    if keuze.wat == "lijst":
        _toon(ring, tel_per_sleutel(bestanden, ring))
        return 0
    uitkomst = roteer(bestanden, ring, Database())
    print(
        f"Re-encrypted {uitkomst.omgezet} files; {uitkomst.stond_goed} were encrypted to the newest key already."
    )
    for sleutel in uitkomst.mislukt:
        print(f"Cannot be read with any known key, or damaged: {sleutel}")
    for waar in uitkomst.vreemd:
        print(f"Left alone, a file with a name that is not ours: look in {waar} whose it is, and remove it.")
    if uitkomst.gaat_weg:
        print(f"Left alone, being removed: {uitkomst.gaat_weg} files. The next sweep takes them.")
    return 1 if uitkomst.mislukt or uitkomst.vreemd else 0


def _toon(ring: Sleutelring, telling: Counter[int]) -> None:
    print(f"Keys from {ring.herkomst}, oldest first; the last one encrypts.")
    for nummer, identiteit in enumerate(ring.identiteiten):
        print(f"{nummer + 1}. {identiteit.to_public()}  opens {telling[nummer]} files")
    if telling[-1]:
        print(f"No key here opens {telling[-1]} files.")
