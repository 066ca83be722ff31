"""The rules of the vraagbestand once more, row by row and cell by cell, straight from besluiten B10-B21.

Slow and plain on purpose, and sharing nothing with the code under test: what the property tests compare with,
and the loop that the benchmark measures against.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from stdnum.nl import bsn as stdnum_bsn

CIJFERS = frozenset("0123456789")
LEESTEKENS = frozenset(" .-\u2010\u2011\u2013'\u2018\u2019`\u00b4\u02bc")
Fout = tuple[int, str, str]
"""Line, column, code."""


@dataclass(frozen=True)
class Loket:
    """Who delivers, and for which day."""

    deelnamedatum: dt.date
    gemeentecodes: Set[str]
    actieve_gemeenten: Set[str]


def beoordeel_bestand(inhoud: bytes, loket: Loket) -> list[Fout]:
    """Return the errors of a file of moderate size, in file order."""
    rijen = lees_rijen(inhoud)
    if isinstance(rijen, str):
        return [(0, "*", rijen)]
    fouten: list[Fout] = []
    goede: list[tuple[int, list[str]]] = []
    for regel, cellen in rijen:
        if (regel, cellen) == rijen[0] and _is_kopregel(cellen[0], cellen[1] if len(cellen) > 1 else ""):
            fouten.append((regel, "*", "V011"))
        elif not _past(cellen):
            fouten.append((regel, "*", "V012"))
        else:
            goede.append((regel, (cellen + [""] * 6)[:10]))
    return sorted(fouten + beoordeel_rijen(goede, loket))


def lees_rijen(inhoud: bytes) -> list[tuple[int, list[str]]] | str:
    """Return the rows that are not skipped (line, trimmed cells), or the code of why there are none."""
    if inhoud.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "V004"
    try:
        tekst = _als_tekst(inhoud)
    except UnicodeDecodeError:
        return "V003"
    if "\0" in tekst:
        return "V003"
    eerste, *rest = tekst.split("\n")
    genoemd = _genoemd_scheidingsteken(eerste)
    if genoemd:
        tekst = "\n".join(["", *rest])
    tekens = genoemd or ";,\t"
    met = {teken: _records(tekst, teken) for teken in tekens}
    # Where a quote stays open, the rows are counted as if there were no quotes.
    zonder = {teken: _records(tekst.replace('"', ""), teken) or [] for teken in tekens}
    tel = {teken: zonder[teken] if rijen is None else rijen for teken, rijen in met.items()}
    aantal = {teken: sum(_past(cellen) for _, cellen in rijen) for teken, rijen in tel.items()}
    beste = max(tekens, key=lambda teken: aantal[teken])  # of equals the first
    rijen = met[beste]
    if rijen is None:
        return "V005"
    if not aantal[beste]:
        return "V006" if any(trim(cel, ';,\t"') for _, cellen in rijen for cel in cellen) else "V001"
    return rijen


def _genoemd_scheidingsteken(regel: str) -> str:
    while regel and _valt_weg(regel[0]):
        regel = regel[1:]
    for teken in ";,\t":
        for vorm in (f"sep={teken}", f'"sep={teken}"'):
            if regel.lower().startswith(vorm) and not trim(regel[len(vorm) :], teken):
                return teken
    return ""


def _als_tekst(inhoud: bytes) -> str:
    try:
        tekst = inhoud.decode("utf-8")
    except UnicodeDecodeError:
        tekst = inhoud.replace("\ufeff".encode(), b"").decode("cp1252")
    tekst = tekst.replace("\r\n", "\n") if "\n" in tekst else tekst.replace("\r", "\n")
    tekst = "\n".join(regel.lstrip("\ufeff") for regel in tekst.split("\n"))
    zonder_einde = tekst.rstrip("\r\n")
    return zonder_einde.rstrip("\x1a") if zonder_einde.endswith("\x1a") else tekst


def _records(tekst: str, teken: str) -> list[tuple[int, list[str]]] | None:
    """Return the records that are not skipped; None when a quote is never closed."""
    bron = tekst.replace("\r", "\v") + "\n#"  # to the module csv a lone carriage return is a mistake
    lezer = csv.reader(io.StringIO(bron, newline="\n"), delimiter=teken)
    records, vorige = [], 0
    for rij in lezer:
        records.append((vorige + 1, [trim(cel) for cel in rij]))
        vorige = lezer.line_num
    if records.pop() != (bron.count("\n") + 1, ["#"]):
        return None
    return [(regel, cellen) for regel, cellen in records if any(trim(cel, ";,\t") for cel in cellen)]


def _past(cellen: list[str]) -> bool:
    return len(cellen) >= 4 and not any(cellen[10:])


def _is_kopregel(a: str, b: str) -> bool:
    return a != "" and not any(teken in CIJFERS for teken in a) and b not in list("JjNn")


def trim(cel: str, ook: str = "") -> str:
    """Return a cell without the white space, and what has no width, around it."""
    while cel and (_valt_weg(cel[0]) or cel[0] in ook):
        cel = cel[1:]
    while cel and (_valt_weg(cel[-1]) or cel[-1] in ook):
        cel = cel[:-1]
    return cel


def _valt_weg(teken: str) -> bool:
    if unicodedata.category(teken) in {"Zs", "Zl", "Zp"} or teken in "\t\n\v\f\r\x85":
        return True
    # Format characters without width: not those that belong to a script, nor the soft hyphen.
    return unicodedata.category(teken) == "Cf" and teken in {
        "\u180e",
        "\ufeff",
        *map(chr, range(0x200B, 0x2070)),
    }


def beoordeel_rijen(rijen: Iterable[tuple[int, list[str]]], loket: Loket) -> list[Fout]:
    """Return the errors of rows (line, ten trimmed cells) in file order, duplicates included."""
    fouten: list[Fout] = []
    gezien: set[str] = set()
    for regel, cellen in rijen:
        van_rij = list(_fouten_van(cellen, loket))
        bsn = cellen[3].zfill(9)
        if bsn in gezien:
            van_rij.append(("D", "V054"))
        elif not van_rij:
            gezien.add(bsn)
        fouten += [(regel, kolom, code) for kolom, code in sorted(van_rij)]
    return fouten


def _fouten_van(cellen: list[str], loket: Loket) -> Iterator[tuple[str, str]]:
    a, b, c, d = cellen[:4]
    if fout := _gsd_code(a, loket):
        yield "A", fout
    if c and not (_cijfers(c, 3, 3) and 100 <= int(c) <= 150):
        yield "C", "V041"
    if fout := _bsn(d, "V051", "V052", "V053", "V055"):
        yield "D", fout
    if not b:
        yield "B", "V031"
    elif b in {"J", "j"}:
        gevuld = {"E": "V061", "F": "V071", "G": "V081", "H": "V091", "I": "V101", "J": "V111"}
        yield from (
            (kolom, code) for cel, (kolom, code) in zip(cellen[4:], gevuld.items(), strict=True) if cel
        )
    elif b in {"N", "n"}:
        yield from _zonder_brp(cellen, loket)
    else:
        yield "B", "V032"


def _zonder_brp(cellen: list[str], loket: Loket) -> Iterator[tuple[str, str]]:
    _, _, _, d, e, f, g, h, i, j = cellen
    if fout := _naam(e, "V062", "V063", "V064"):
        yield "E", fout
    if fout := _datum(f, loket, "V072", "V073", "V074", "V075", "V076", "V077"):
        yield "F", fout
    if not g:
        yield "G", "V082"
    elif g not in {"1", "2", "3"}:
        yield "G", "V083"
    elif g == "1":
        if fout := _bsn(h, "V093", "V094", "V095", "V097"):
            yield "H", fout
        elif h.zfill(9) == d.zfill(9):
            yield "H", "V096"
        if fout := _naam(i, "V103", "V104", "V105"):
            yield "I", fout
        if fout := _datum(j, loket, "V113", "V114", "V115", "V116", "V117", "V118"):
            yield "J", fout
    else:
        gevuld = zip((h, i, j), (("H", "V092"), ("I", "V102"), ("J", "V112")), strict=True)
        yield from (fout for cel, fout in gevuld if cel)


def _cijfers(cel: str, kortste: int = 1, langste: int = 20) -> bool:
    return kortste <= len(cel) <= langste and set(cel) <= CIJFERS


def _gsd_code(cel: str, loket: Loket) -> str | None:
    if not cel:
        return "V021"
    if not _cijfers(cel, 2, 4):
        return "V022"
    if cel.zfill(4) not in loket.actieve_gemeenten:
        return "V023"
    return None if cel.zfill(4) in loket.gemeentecodes else "V024"


def _bsn(cel: str, leeg: str, vorm: str, elfproef: str, macht: str) -> str | None:
    if not cel:
        return leeg
    if not _cijfers(cel, 8, 9):
        getal, e, exponent = cel.upper().partition("E")
        delen = re.split("[.,]", getal.lstrip("+-"))
        return (
            macht if e and len(delen) <= 2 and all(map(_cijfers, (*delen, exponent.lstrip("+-")))) else vorm
        )
    return None if stdnum_bsn.is_valid(cel.zfill(9)) else elfproef


def _naam(cel: str, leeg: str, te_lang: str, tekens: str) -> str | None:
    if not cel:
        return leeg
    letters = [unicodedata.category(teken).startswith("L") and teken not in LEESTEKENS for teken in cel]
    overig = (unicodedata.category(teken).startswith("M") or teken in LEESTEKENS for teken in cel)
    if not any(letters) or not all(een or ander for een, ander in zip(letters, overig, strict=True)):
        return tekens
    return te_lang if len(cel) > 100 else None


def _datum(
    cel: str, loket: Loket, leeg: str, vorm: str, te_vroeg: str, te_laat: str, anders: str, dagnummer: str
) -> str | None:
    if not cel:
        return leeg
    if not _cijfers(cel, 8, 8):
        if _anders_geschreven(cel):
            return anders
        dagen, *deel_van_dag = re.split("[.,]", cel)
        is_dagnummer = _cijfers(dagen, 4, 5) and int(dagen) >= 3000 and dagen[0] != "0"
        return dagnummer if is_dagnummer and all(map(_cijfers, deel_van_dag)) else vorm
    try:
        datum = dt.date(int(cel[:4]), int(cel[4:6]), int(cel[6:]))
    except ValueError:
        return vorm
    if datum < dt.date(1900, 1, 1):
        return te_vroeg
    return te_laat if datum > loket.deelnamedatum else None


def _anders_geschreven(cel: str) -> bool:
    """Tell whether a cell is a date of day, month and year with something in between, with or without a time."""
    delen = re.split("[-/. ]", re.split("[ T](?=[0-9]{1,2}:)", cel)[0])
    if len(delen) != 3:
        return False
    eerste, maand, laatste = delen
    jaar_achter = _cijfers(eerste, 1, 2) and len(laatste) in {2, 4} and _cijfers(laatste)
    jaar_voor = _cijfers(eerste, 4, 4) and _cijfers(laatste, 1, 2)
    return (jaar_achter or jaar_voor) and (
        _cijfers(maand, 1, 2) or (maand.isalpha() and 3 <= len(maand) <= 9)
    )
