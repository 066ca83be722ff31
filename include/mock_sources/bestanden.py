"""One population file, indexed once: which bytes belong to which BSN.

The lines themselves stay on disk (memory-mapped); what is kept is three numbers a line. A national population
is some gigabytes of JSON: neither its start-up nor its answers may depend on rebuilding it as Python objects.
"""

from __future__ import annotations

import mmap
import re
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from include.errors import GegevensFout

_BOM = b"\xef\xbb\xbf"
Vorm = TypeVar("Vorm", bound=msgspec.Struct)


class PopulatieFout(GegevensFout):
    """A population file is malformed: ``file line N: reason``, without anything of what the line holds."""

    def __init__(self, bestand: str, regel: int | None, reden: str) -> None:
        plaats = bestand if regel is None else f"{bestand} line {regel}"
        super().__init__(f"{plaats}: {reden}")


def reden_zonder_waarde(fout: Exception) -> str:
    """What msgspec has against a value, without the value: it may be personal data."""
    if isinstance(fout, UnicodeDecodeError):
        return "not valid UTF-8"
    return re.sub(r"Invalid enum value '?.*?'?( - at|$)", r"value not allowed\1", str(fout), flags=re.DOTALL)


class Bestand:
    """An indexed JSON-lines file of ``burgerservicenummer`` plus payload; a file that is not there is empty.

    ``verwerk(row, value, line)`` sees every decoded line once; bytes it returns replace that line in answers.
    Raises PopulatieFout with file, line and reason.
    """

    def __init__(
        self, pad: Path, vorm: type[Vorm], verwerk: Callable[[int, Vorm, bytes], bytes | None] | None = None
    ) -> None:
        bsns, begin, lengte, nummers = array("q"), array("q"), array("q"), array("q")
        self._vervangen: dict[int, bytes] = {}
        decodeer = msgspec.json.Decoder(vorm).decode
        positie = 0
        if pad.exists():
            with pad.open("rb") as stroom:
                for nummer, ruw in enumerate(stroom, 1):
                    van = positie + (len(_BOM) if nummer == 1 and ruw.startswith(_BOM) else 0)
                    lijn = ruw[van - positie :].rstrip()
                    positie += len(ruw)
                    if not lijn:
                        continue
                    try:
                        waarde = decodeer(lijn)
                    except (msgspec.MsgspecError, UnicodeDecodeError) as fout:
                        raise PopulatieFout(pad.name, nummer, reden_zonder_waarde(fout)) from None
                    rij = len(bsns)
                    bsns.append(int(waarde.burgerservicenummer))  # type: ignore[attr-defined]
                    begin.append(van)
                    lengte.append(len(lijn))
                    nummers.append(nummer)
                    if verwerk and (vervanging := verwerk(rij, waarde, lijn)) is not None:
                        self._vervangen[rij] = vervanging
        self._open(pad, positie)
        self._begin, self._lengte = np.array(begin, np.int64), np.array(lengte, np.int64)
        alle = np.array(bsns, np.int64)
        self._volgorde = np.argsort(alle, kind="stable")
        self._bsns = alle[self._volgorde]
        dubbel = np.flatnonzero(self._bsns[1:] == self._bsns[:-1])
        if len(dubbel):
            eerste, tweede = (nummers[int(self._volgorde[dubbel[0] + k])] for k in (0, 1))
            raise PopulatieFout(pad.name, tweede, f"this burgerservicenummer was already on line {eerste}")

    def _open(self, pad: Path, omvang: int) -> None:
        self._inhoud: bytes | mmap.mmap = b""
        if omvang:
            with pad.open("rb") as stroom:
                self._inhoud = mmap.mmap(stroom.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self._bsns)

    def rijen(self, bsns: list[str]) -> list[int]:
        """The row of each BSN asked for, -1 where this file does not know it."""
        if not bsns or not len(self._bsns):
            return [-1] * len(bsns)
        gevraagd = np.array([int(bsn) for bsn in bsns], np.int64)
        plek = np.searchsorted(self._bsns, gevraagd).clip(max=len(self._bsns) - 1)
        return np.where(self._bsns[plek] == gevraagd, self._volgorde[plek], -1).tolist()

    def lijn(self, rij: int) -> bytes:
        """The JSON of a row as it goes into an answer."""
        if self._vervangen and rij in self._vervangen:
            return self._vervangen[rij]
        van = self._begin[rij]
        return self._inhoud[van : van + self._lengte[rij]]
