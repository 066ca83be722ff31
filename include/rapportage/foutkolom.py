"""The delivered file back, with one more column that says per row what is wrong: it is mended in place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from include.intake.lezen import RAND, SCHEIDINGSTEKENS, is_sep_regel
from include.schemas.controles import KOLOMMEN

BOM = b"\xef\xbb\xbf"
_DEEL = 1 << 16
_GLUED_BOM = "\xef\xbb\xbf"
"""A BOM of UTF-8 in the middle of a file in Windows-1252."""
_SIGNED_NUMBER = re.compile(r"[+-]?[0-9.,]*%?")


class FoutRegel(NamedTuple):
    """One line of a verwerkingsverslag."""

    regel: int
    kolom: str
    veld: str
    foutcode: str
    omschrijving: str
    waarde: str


def lees_verslag(verslag: BinaryIO) -> Iterator[FoutRegel]:
    """Yield the errors of a verwerkingsverslag in CSV, in order of their lines; in bounded memory."""
    regels = csv.reader(io.TextIOWrapper(verslag, "utf-8-sig", newline=""), delimiter=";")
    next(regels, None)
    for regel, *rest in regels:
        yield FoutRegel(int(regel), *rest)


def met_foutkolom(
    bestand: BinaryIO,
    fouten: Iterable[FoutRegel],
    *,
    tekenset: str,
    scheidingsteken: str,
    losse_cr: bool,
) -> Iterator[bytes]:
    """Yield a vraagbestand in UTF-8 with BOM, every row with a last column that is empty or names its errors.

    The separator, the order of the rows and what is in their cells stay; rows are made up to ten cells, so that the
    errors of all stand in column K. What a spreadsheet would run as a formula gets an apostrophe in front, as in the
    verwerkingsverslag.

    Args:
        bestand: the file as it was delivered, one that could be read as a vraagbestand.
        fouten: of its verwerkingsverslag, in order of their lines.
        tekenset: as ``Intake`` has it.
        scheidingsteken: as ``Intake`` has it.
        losse_cr: the lines end in a CR alone (besluit B10).
    """
    teken = "\t" if scheidingsteken == "tab" else scheidingsteken
    uit = io.StringIO()
    schrijver = csv.writer(uit, delimiter=teken, lineterminator="\r\n")
    lijnen = _lijnen(bestand, tekenset, losse_cr=losse_cr)
    per_regel = _per_regel(fouten)
    volgende = next(per_regel, None)
    yield BOM
    records = csv.reader(lijnen, delimiter=teken)
    begin = 1
    for cellen in records:
        regel, begin = begin, records.line_num + 1
        if regel == 1 and is_sep_regel(teken.join(cellen)):
            uit.write(f"sep={teken}\r\n")
        elif not any(cel.strip(RAND + SCHEIDINGSTEKENS) for cel in cellen):
            uit.write(teken.join(cellen) + "\r\n")
        else:
            fout = ""
            if volgende is not None and volgende[0] == regel:
                fout, volgende = volgende[1], next(per_regel, None)
            schrijver.writerow([*map(_zonder_formule, cellen), *[""] * (len(KOLOMMEN) - len(cellen)), fout])
        if uit.tell() > _DEEL:
            yield _leeg(uit)
    yield _leeg(uit)


def _lijnen(bestand: BinaryIO, tekenset: str, *, losse_cr: bool) -> Iterator[str]:
    """Yield the lines as intake counts them, each with a line feed at its end and no other line end in it."""
    codering = "cp1252" if tekenset == "Windows-1252" else "utf-8"
    for lijn in io.TextIOWrapper(bestand, codering, newline="\r" if losse_cr else "\n"):
        kaal = lijn.rstrip("\r\n\x1a").lstrip("\ufeff").replace(_GLUED_BOM, "")
        yield kaal.replace("\r", "\v") + "\n"


def _per_regel(fouten: Iterable[FoutRegel]) -> Iterator[tuple[int, str]]:
    regel, teksten = 0, list[str]()
    for fout in fouten:
        if fout.regel != regel and teksten:
            yield regel, " | ".join(teksten)
            teksten = []
        regel = fout.regel
        waar = "" if fout.kolom == "*" else f" kolom {fout.kolom}"
        teksten.append(f"{fout.foutcode}{waar}: {fout.omschrijving}")
    if teksten:
        yield regel, " | ".join(teksten)


def _zonder_formule(cel: str) -> str:
    kaal = cel.lstrip(RAND)
    is_formule = cel[:1] in ("\t", "\r") or kaal[:1] in ("=", "+", "-", "@")
    return f"'{cel}" if is_formule and not _SIGNED_NUMBER.fullmatch(kaal.rstrip(RAND)) else cel


def _leeg(uit: io.StringIO) -> bytes:
    inhoud = uit.getvalue().encode()
    uit.seek(0)
    uit.truncate()
    return inhoud
