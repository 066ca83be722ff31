"""Faults a source can be told to show, and the log of what it was asked.

A fault is switched on per source, from its ``vanaf``-th call after that (1 = the next one), for ``aantal``
calls (none given: until it is cleared). With the number of calls of a job known, that chooses the first, the
middle or the last one. The soorten:

========================= ===========================================================================
``latency``               answers after ``seconden``
``timeout``               silent for ``seconden`` (an hour), until cleared or the caller hangs up
``429``, ``500``, ``503`` that status (any 4xx or 5xx) as problem+json; ``retry_after`` seconds as header
``truncated``             announces the whole body, sends half of it and hangs up
``malformed_json``        half of the body, announced as if that were all
``content_type``          the right body as ``text/html``
``wrong_types``           every payload is a text instead of a list
``null_list``             the payload of the first entry is null
``missing_bsn``           leaves one BSN out
``duplicate_bsn``         gives one BSN twice
``foreign_bsn``           adds an entry for a BSN that was not asked for
========================= ===========================================================================

On the file of an alleenverdieners levering the last three remove, repeat or add a data row.
"""

from __future__ import annotations

import json
import re
import time
from array import array
from dataclasses import asdict, dataclass, field
from typing import Annotated, Literal

from msgspec import Meta, Struct

BRONNEN = ("brp", "uwv", "belastingdienst", "rdw", "bijstand", "alleenverdieners")
Soort = Annotated[
    str,
    Meta(
        pattern=r"\A(latency|timeout|[45][0-9][0-9]|truncated|malformed_json|content_type|wrong_types|null_list"
        r"|missing_bsn|duplicate_bsn|foreign_bsn)\Z"
    ),
]
# Valid BSNs (elfproef) reserved for the foreign entry; two, because one of them may have been asked for.
VREEMDE_BSNS = ("999999990", "999999989")


class Storing(Struct, forbid_unknown_fields=True):
    """One fault as it is sent to ``PUT /beheer/storingen/{bron}``."""

    soort: Soort
    vanaf: Annotated[int, Meta(ge=1)] = 1
    aantal: Annotated[int, Meta(ge=1)] | None = None
    endpoint: Literal["vermogens", "heffingskortingen", "leveringen", "levering"] | None = None
    seconden: Annotated[float, Meta(ge=0)] | None = None
    retry_after: Annotated[int, Meta(ge=0)] | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status this fault answers with instead of an answer, if it does."""
        return int(self.soort) if self.soort.isdigit() else None


@dataclass
class _Actief:
    storing: Storing
    gezien: int = 0


class Storingen:
    """The faults now switched on; each counts the calls it could apply to from the moment it was set."""

    def __init__(self) -> None:
        self._actief: dict[str, list[_Actief]] = {}

    def zet(self, bron: str, storingen: list[Storing]) -> None:
        """Replace the faults of one source, counting from the next call."""
        self._actief[bron] = [_Actief(storing) for storing in storingen]

    def wis(self, bron: str | None = None) -> None:
        """Clear one source, or all."""
        if bron is None:
            self._actief.clear()
        else:
            self._actief.pop(bron, None)

    def lijst(self) -> dict[str, list[Storing]]:
        """What is switched on, by source."""
        return {bron: [actief.storing for actief in rij] for bron, rij in self._actief.items() if rij}

    def is_actief(self, bron: str, storing: Storing) -> bool:
        """Whether this very fault is still switched on: a hanging call looks here."""
        return any(actief.storing is storing for actief in self._actief.get(bron, ()))

    def neem(self, bron: str, endpoint: str) -> list[Storing]:
        """Count one call of this source, and give the faults it must show."""
        nu = []
        for actief in self._actief.get(bron, ()):
            storing = actief.storing
            if storing.endpoint not in (None, endpoint):
                continue
            actief.gezien += 1
            einde = None if storing.aantal is None else storing.vanaf + storing.aantal
            if actief.gezien >= storing.vanaf and (einde is None or actief.gezien < einde):
                nu.append(storing)
        return nu


def verminkt_antwoorden(soort: str, bsns: list[str], antwoorden: list[bytes]) -> list[bytes]:
    """The entries of an answer (one JSON document a BSN) with a fault of content in them."""
    if not antwoorden:
        return antwoorden
    if soort == "missing_bsn":
        return antwoorden[1:]
    if soort == "duplicate_bsn":
        return [*antwoorden, antwoorden[0]]
    if soort == "foreign_bsn":
        vreemd = json.loads(antwoorden[0])
        vreemd["burgerservicenummer"] = next(bsn for bsn in VREEMDE_BSNS if bsn not in bsns)
        return [*antwoorden, json.dumps(vreemd).encode()]
    if soort == "wrong_types":
        return [_zet_payload(antwoord, "geen lijst") for antwoord in antwoorden]
    if soort == "null_list":
        return [_zet_payload(antwoorden[0], None), *antwoorden[1:]]
    return antwoorden


def _zet_payload(antwoord: bytes, waarde: str | None) -> bytes:
    inhoud = json.loads(antwoord)
    return json.dumps({k: waarde if isinstance(v, list) else v for k, v in inhoud.items()}).encode()


def verminkt_csv(soort: str, inhoud: bytes) -> bytes:
    """The file of a levering with a data row removed, repeated or added."""
    regels = inhoud.splitlines(keepends=True)
    if len(regels) < 2:
        return inhoud
    if soort == "missing_bsn":
        return b"".join(regels[:-1])
    if soort == "duplicate_bsn":
        return b"".join([*regels, regels[-1]])
    if soort == "foreign_bsn":
        return b"".join([*regels, re.sub(rb"\A\d+", VREEMDE_BSNS[0].encode(), regels[-1])])
    return inhoud


@dataclass(slots=True)
class Aanroep:
    """One request as the source saw it; ``duur`` in milliseconds, ``aantal_bsns`` as asked."""

    bron: str
    endpoint: str
    aantal_bsns: int = 0
    request_id: str | None = None
    doelbinding: str | None = None
    status: int = 0
    duur: float = 0.0
    storing: list[str] = field(default_factory=list)


class Logboek:
    """What was asked since the last reset. The BSNs are kept apart: only a test asks for them."""

    def __init__(self) -> None:
        self.wis()

    def wis(self) -> None:
        """Forget everything."""
        self._aanroepen: list[Aanroep] = []
        self._bsns: list[array[int]] = []

    def open(self, aanroep: Aanroep) -> float:
        """Log a call as it starts (status 0 until it is answered); returns its starting time."""
        self._aanroepen.append(aanroep)
        self._bsns.append(array("q"))
        return time.perf_counter()

    def bevraagd(self, aanroep: Aanroep, bsns: list[str]) -> None:
        """Remember which BSNs a call was about."""
        aanroep.aantal_bsns = len(bsns)
        for nummer in range(len(self._aanroepen) - 1, -1, -1):
            if self._aanroepen[nummer] is aanroep:
                self._bsns[nummer] = array("q", [int(bsn) for bsn in bsns])
                return

    def aanroepen(self, bron: str | None = None) -> list[dict[str, object]]:
        """The calls in the order in which they arrived."""
        return [asdict(aanroep) for aanroep in self._aanroepen if bron in (None, aanroep.bron)]

    def bsns(self, bron: str | None = None, endpoint: str | None = None) -> list[list[str]]:
        """Per call the BSNs asked for."""
        return [
            [f"{bsn:09d}" for bsn in bsns]
            for aanroep, bsns in zip(self._aanroepen, self._bsns, strict=True)
            if bron in (None, aanroep.bron) and endpoint in (None, aanroep.endpoint)
        ]
