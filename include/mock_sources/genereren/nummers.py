"""Numbers that cannot belong to anybody: BSNs, kentekens, account numbers, loonheffingennummers.

A BSN passes the elfproef and starts with 9999. There are 9,091 of those: enough for some 3,000 aanvragers
with their households, so for every demonstration. A larger population takes what it needs beyond that from
999…, then 99…, then 9…: no longer recognisable as invented by its first four digits. The generator says so
when it happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

# First eight digits from .. up to: each holds the next wider prefix without what was used before it.
_BLOKKEN = (
    (99_990_000, 100_000_000),
    (99_900_000, 99_990_000),
    (99_000_000, 99_900_000),
    (90_000_000, 99_000_000),
)
_GEWICHTEN = (9, 8, 7, 6, 5, 4, 3, 2)
# Vowels are not used on Dutch number plates of these shapes, so none of these is on the road.
_KLINKERS = "AEIOUY"
_KENTEKENVORMEN = ("L999LL", "LL999L", "99LLL9", "9LLL99", "LLL99L", "L99LLL")
# Banks that do not exist: name and the four letters in their account numbers.
BANKEN = (
    ("Voorbeeldbank", "VBNK"),
    ("Duinkas", "DUIN"),
    ("Polderbank", "PLDR"),
    ("Spaarbank De Eendracht", "EEND"),
)


def controlecijfer(acht: int) -> int | None:
    """The ninth digit that makes eight digits a BSN (elfproef), None when no digit does."""
    som = sum(gewicht * int(cijfer) for gewicht, cijfer in zip(_GEWICHTEN, f"{acht:08d}", strict=True)) % 11
    return None if som == 10 else som


def bsns(begin: int = 0) -> Iterator[str]:
    """Every BSN of the blocks once, each block in a scattered order that ``begin`` shifts."""
    for van, tot in _BLOKKEN:
        yield from _verspreid(van, tot - van, begin)


def korte_bsns(begin: int = 0) -> Iterator[str]:
    """BSNs of eight digits starting with 9999 (909 of them): written without their leading zero."""
    for bsn in _verspreid(9_999_000, 1_000, begin):
        yield bsn[1:]


def _verspreid(van: int, aantal: int, begin: int) -> Iterator[str]:
    # Multiplying by a number coprime with the size visits every number once; by the golden ratio, scattered.
    stap = int(aantal * 0.618)
    while gcd(stap, aantal) != 1:
        stap += 1
    for k in range(aantal):
        acht = van + (k * stap + begin) % aantal
        if (cijfer := controlecijfer(acht)) is not None:
            yield f"{acht:08d}{cijfer}"


def kentekens(begin: int = 0) -> Iterator[str]:
    """Number plates that are never issued: 1.3 million, each once."""
    for vorm in _KENTEKENVORMEN:
        letters, cijfers = vorm.count("L"), vorm.count("9")
        aantal = len(_KLINKERS) ** letters * 10**cijfers
        for k in range(aantal):
            rest = (k * 7919 + begin) % aantal
            tekens = []
            for teken in vorm:
                stam = _KLINKERS if teken == "L" else "0123456789"
                rest, keuze = divmod(rest, len(stam))
                tekens.append(stam[keuze])
            yield "".join(tekens)


def iban(bank: str, nummer: int) -> str:
    """A Dutch account number with valid check digits (ISO 13616) at a bank that does not exist."""
    rekening = f"{bank}{nummer:010d}"
    cijfers = "".join(str(int(teken, 36)) for teken in f"{rekening}NL00")
    return f"NL{98 - int(cijfers) % 97:02d}{rekening}"
