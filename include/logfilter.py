"""The last line of defence: what looks like a BSN, account number or kenteken is taken out of every log line.

The first line is not to log any, and tests hold the code to that with this filter off. What is recognised:

BSN
    8 or 9 digits in a row that pass the elfproef. Left alone is a run that is part of something longer: of a
    hash, of a UUID, of a fraction (``0.123456789``), and 8 digits that are a date (``20260926``).
account number
    A Dutch IBAN, with or without spaces.
kenteken
    Six letters and digits in the patterns the RDW gives out, with or without dashes; no vowels, as on plates.

What it does wrongly: one in eleven numbers of 8 or 9 digits passes the elfproef by chance, so a size in bytes or
another count can be replaced. What it cannot do: names, birth dates and BSNs written with dots or spaces are not
recognised.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

_BSN = re.compile(
    r"(?<!\d)(?<!\d\.)(?<!0x)\d{8,9}(?!\d)(?!-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})",
    re.ASCII,
)
_VOORAF, _ERNA = re.compile(r"[0-9A-Fa-f]*\Z"), re.compile(r"[0-9A-Fa-f]*")
_HASH = 12
"""So many hexadecimal digits in a row are a hash, or the last part of a UUID; fewer may be the end of a word."""
_DATUM = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])NL\d\d ?[A-Z]{4}(?: ?\d){10}(?!\d)")
_LETTER = "[BDFGHJ-NPRSTVXZ]"
_PATRONEN = (
    *("LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99"),
    *("LL-999-L", "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9"),
)
_KENTEKEN = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    + "|".join(
        patroon.replace("-", "-?").replace("9", "[0-9]").replace("L", _LETTER) for patroon in _PATRONEN
    )
    + r")(?![A-Za-z0-9_-])"
)
_CIJFERS = re.compile(r"\d{6}|\d{1,3}-?[A-Z]|[A-Z]-?\d{1,3}")
_NOOIT = frozenset({"timestamp", "level", "logger", "filename", "lineno", "pid", "loc"})
_DIEPTE = 8


def zonder_bsns(tekst: str) -> str:
    """Return ``tekst`` with every BSN in it replaced."""
    return _BSN.sub(_zonder_bsn, tekst)


def redigeer(tekst: str) -> str:
    """Return ``tekst`` without BSNs, account numbers and kentekens."""
    if not _CIJFERS.search(tekst):
        return tekst
    tekst = _IBAN.sub("[rekeningnummer]", tekst)
    tekst = zonder_bsns(tekst)
    return _KENTEKEN.sub("[kenteken]", tekst)


def is_bsn(cijfers: str) -> bool:
    """Return whether 8 or 9 digits pass the elfproef."""
    negen = cijfers.zfill(9)
    som = sum(
        int(cijfer) * gewicht for cijfer, gewicht in zip(negen, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)
    )
    return som % 11 == 0 and negen != "000000000"


def processor(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """The filter as a structlog processor, for the logs of Airflow's tasks."""
    if event.get("exc_info"):
        event["exception"] = _traceback(event.pop("exc_info"))
    for sleutel, waarde in event.items():
        if sleutel not in _NOOIT:
            event[sleutel] = _schoon(waarde, 0)
    return event


class Logregel(logging.LogRecord):
    """A log record whose message and traceback went through the filter, whoever formats it."""

    def __init__(self, *argumenten: Any, **opties: Any) -> None:
        super().__init__(*argumenten, **opties)
        if self.exc_info:
            self.exc_text = _traceback(self.exc_info)

    def getMessage(self) -> str:  # noqa: N802 - the name logging gives it
        """Return the message without personal data."""
        return redigeer(super().getMessage())


def installeer() -> None:
    """Put the filter on every log record of this process, and on the traceback it may die with."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(Logregel)
    sys.excepthook = _laatste_woorden


def _laatste_woorden(soort: type[BaseException], fout: BaseException, waar: TracebackType | None) -> None:
    sys.stderr.write(redigeer("".join(traceback.format_exception(soort, fout, waar))))


def _zonder_bsn(gevonden: re.Match[str]) -> str:
    cijfers = gevonden.group()
    if (len(cijfers) == 8 and _DATUM.fullmatch(cijfers)) or not is_bsn(cijfers):
        return cijfers
    tekst, begin, eind = gevonden.string, gevonden.start(), gevonden.end()
    vooraf = _VOORAF.search(tekst[max(0, begin - _HASH) : begin])
    erna = _ERNA.match(tekst[eind : eind + _HASH])
    omvang = len(cijfers) + sum(len(deel.group()) for deel in (vooraf, erna) if deel)
    return cijfers if omvang >= _HASH else "[BSN]"


def _traceback(exc_info: Any) -> str:  # noqa: ANN401 - as logging takes it: an exception, a tuple or True
    if exc_info is True:
        exc_info = sys.exc_info()
    fout = exc_info if isinstance(exc_info, BaseException) else exc_info[1]
    return "" if fout is None else redigeer("".join(traceback.format_exception(fout)).rstrip())


def _schoon(waarde: Any, diepte: int) -> Any:  # noqa: ANN401
    if isinstance(waarde, str):
        return redigeer(waarde)
    if isinstance(waarde, bool) or waarde is None:
        return waarde
    if isinstance(waarde, int | float):
        kan = 10**7 <= waarde < 10**9 and waarde == int(waarde)
        return "[BSN]" if kan and redigeer(str(int(waarde))) == "[BSN]" else waarde
    if diepte > _DIEPTE:
        return redigeer(repr(waarde))
    if isinstance(waarde, Mapping):
        return {_schoon(sleutel, diepte + 1): _schoon(deel, diepte + 1) for sleutel, deel in waarde.items()}
    if isinstance(waarde, list | tuple | set | frozenset):
        return [_schoon(deel, diepte + 1) for deel in waarde]
    tekst = str(waarde)
    return waarde if redigeer(tekst) == tekst else redigeer(tekst)
