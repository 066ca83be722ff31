"""Persons of whom everything is recognisable, and the search for any of it in whatever a run left behind.

What is searched is bytes, whatever they are in: a canary is found as text, in JSON with escapes, without its leading
zero, with dots between its digits, as a packed number, and inside base64, percent-encoding, gzip and zlib.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import gzip
import re
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from tests.dags import wereld
from tests.dags.wereld import ALFA, ARM, BETA, BIJSTAND, GAMMA, NAMEN, ONBEKEND, RIJK, RIJK_PARTNER

ZELF, ZELF_PARTNER = "099990003", "999900110"
"""Delivered with BRP bevragen N: their names and birth dates are in the vraagbestand itself."""
BSNS = (*wereld.PERSONEN, ZELF, ZELF_PARTNER)
WOORDEN = (
    *NAMEN,
    "Grasmus",
    "Kwikstaart",
    # who employs them, whose name is on the account, at which bank
    "Kanariebakkerij",
    "Nachtegaal",
    # where they live
    "Kanarielaan",
    "9876KN",
    "0014010000077321",
)
NUMMERS = ("NL42KNRE0000123456", "KNR123", "001234567L01")
"""Of an account, a vehicle, an employer; also found with the spaces and dashes people put in."""
DATUMS = ("1961-03-17", "1962-11-29", "1963-12-23")

_BRP = {"verblijfadres": {"straat": "Kanarielaan", "postcode": "9876KN"}}
_WOONT = {
    "adresseerbaarObjectIdentificatie": "0014010000077321",
    "functieAdres": {"code": "W"},
    "datumVan": "2015-06-01",
    "inOnderzoek": False,
}
_REKENING = {
    "rekeningnummer": "NL42KNRE0000123456",
    "saldo": 9_000_000,
    "rente": 90_000,
    "bank": "Bank",
    "product": "Spaarrekening",
    "tenaamstelling": "P. Nachtegaal",
}
_VOERTUIG = {
    "kenteken": "KNR123",
    "voertuigsoort": "Personenauto",
    "merk": "FERRARI",
    "handelsbenaming": "ROMA",
    "massaLedigVoertuig": 1500,
    "brandstofsoorten": ["Benzine"],
    "inrichting": "coupe",
    "bijzonderheden": [],
    "status": "Geldig",
    "datumEersteToelating": "2024-01-01",
    "datumAanvangAansprakelijkheid": "2024-01-01",
    "datumEindeAansprakelijkheid": None,
}


def populatie() -> dict[str, list[dict[str, Any]]]:
    """The population of the world, of whom more is recognisable."""
    geboren = {RIJK: DATUMS[0], RIJK_PARTNER: DATUMS[1]}
    anders = {
        "brp": [
            persoon
            | _BRP
            | ({"geboorte": {"datum": geboren[bsn]}, "verblijfplaats": _WOONT} if bsn in geboren else {})
            for persoon in wereld.POPULATIE["brp"]
            for bsn in [persoon["burgerservicenummer"]]
        ],
        "belastingdienst": [
            {
                "burgerservicenummer": RIJK,
                "verificatie": "geslaagd",
                "rekeningen": {str(jaar): [_REKENING] for jaar in (2024, 2025, 2026)},
                "heffingskortingen": {},
            },
            {"burgerservicenummer": ARM, "verificatie": "mislukt", "rekeningen": {}, "heffingskortingen": {}},
        ],
        "rdw": [{"burgerservicenummer": bsn, "voertuigen": [_VOERTUIG]} for bsn in (RIJK, ARM)],
    }
    uwv = [
        regel
        | {
            "inkomstenverhoudingen": [
                verhouding | {"naamAdministratieveEenheid": "Kanariebakkerij"}
                for verhouding in regel["inkomstenverhoudingen"]
            ]
        }
        for regel in wereld.POPULATIE["uwv"]
    ]
    return wereld.POPULATIE | anders | {"uwv": uwv}


def vraagbestanden() -> dict[str, str]:
    """What is delivered: with names and birth dates, and with rows that are rejected."""
    zelf = f"{ZELF};Grasmus;{DATUMS[2].replace('-', '')};1;{ZELF_PARTNER};Kwikstaart;19620101"
    fout = f"{RIJK_PARTNER};Grasmus;{DATUMS[2].replace('-', '')}9;1;;;"
    return {
        ALFA: f"0014;J;;{RIJK};;;;;;\r\n0014;J;;{ARM};;;;;;\r\n0014;N;;{zelf}\r\n0014;N;;{fout}\r\n",
        BETA: f"0687;J;;{BIJSTAND};;;;;;\r\n0717;J;110;{RIJK};;;;;;\r\n0718;J;;{ONBEKEND};;;;;;\r\n",
        GAMMA: f"0193;J;;{KAPOTTE_BSN};;;;;;\r\n",
    }


KAPOTTE_BSN = "999900019"
"""Fails the elfproef: it is rejected, and is somebody's all the same."""


# -- the search ----------------------------------------------------------------------------------------


class Vondst(NamedTuple):
    """A canary, and where it was."""

    plaats: str
    kanarie: str


def doorzoek(map_: Path, *, behalve: str = "") -> list[Vondst]:
    """Every canary in a folder: in names, contents, mails as people read them, and the cells of databases.

    ``behalve`` is a folder in it where they belong.
    """
    vondsten: list[Vondst] = []
    for pad in sorted(map_.rglob("*")):
        plaats = str(pad.relative_to(map_))
        if behalve and plaats.split("/", maxsplit=1)[0] == behalve:
            continue
        vondsten += [Vondst(f"name of {plaats}", kanarie) for kanarie in kanaries_in(str(plaats).encode())]
        if pad.is_file():
            for deel, inhoud in _delen(pad):
                vondsten += [Vondst(f"{plaats}{deel}", kanarie) for kanarie in kanaries_in(inhoud)]
    return vondsten


def _delen(pad: Path) -> Iterator[tuple[str, bytes]]:
    """The contents of a file as it is (of a database: removed rows too), and what a reader sees of it."""
    inhoud = pad.read_bytes()
    yield "", inhoud
    if inhoud.startswith(b"SQLite format 3\0"):
        yield from cellen(pad)
    elif pad.suffix == ".eml":
        mail = email.message_from_bytes(inhoud, policy=email.policy.default)
        yield " (headers)", "\n".join(f"{naam}: {waarde}" for naam, waarde in mail.items()).encode()
        for deel in mail.walk():
            if not deel.is_multipart():
                yield " (body)", deel.get_payload(decode=True)  # type: ignore[misc]


def cellen(pad: Path) -> Iterator[tuple[str, bytes]]:
    """Every cell of an SQLite database, by table and column."""
    with closing(sqlite3.connect(f"file:{pad}?mode=ro", uri=True)) as verbinding:
        tabellen = verbinding.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (tabel,) in tabellen:
            rijen = verbinding.execute(f'SELECT * FROM "{tabel}"')  # noqa: S608 - names from the database
            kolommen = [kolom[0] for kolom in rijen.description]
            for rij in rijen:
                for kolom, cel in zip(kolommen, rij, strict=True):
                    if cel is not None:
                        yield f" {tabel}.{kolom}", cel if isinstance(cel, bytes) else str(cel).encode()


def kanaries_in(inhoud: bytes) -> set[str]:
    """The canaries in ``inhoud``, however they are written or packed."""
    return {kanarie for laag in _lagen(inhoud, 3) for kanarie in _in_laag(laag)}


def _in_laag(laag: bytes) -> Iterator[str]:
    laag_klein = laag.lower()
    aaneen = _TUSSEN.sub(b"", laag_klein)
    for naald, kanarie in _NAALDEN:
        if naald in laag_klein or naald in aaneen:
            yield kanarie
    for gepakt, kanarie in _GEPAKT:
        if gepakt in laag:
            yield kanarie


_TUSSEN = re.compile(rb"(?<=[a-z0-9])[ ./_-](?=[a-z0-9])")
"""What people put between digits and letters of a number."""


def _naalden() -> Iterator[tuple[bytes, str]]:
    for woord in (*WOORDEN, *NUMMERS):
        yield woord.lower().encode(), woord
    for bsn in (*BSNS, KAPOTTE_BSN):
        yield bsn.lstrip("0").encode(), bsn
    for datum in DATUMS:
        jaar, maand, dag = datum.split("-")
        yield f"{jaar}{maand}{dag}".encode(), datum
        yield f"{dag}{maand}{jaar}".encode(), datum
        yield f"date({jaar}, {int(maand)}, {int(dag)}".encode(), datum
        yield f"datetime({jaar}, {int(maand)}, {int(dag)}".encode(), datum


def _gepakt() -> Iterator[tuple[bytes, str]]:
    for bsn in (*BSNS, KAPOTTE_BSN):
        getal = int(bsn)
        yield b"J" + struct.pack("<i", getal), bsn  # pickle
        yield b"\xce" + struct.pack(">I", getal), bsn  # msgpack
        yield struct.pack("<q", getal), bsn  # numpy, Arrow
        yield struct.pack(">q", getal), bsn


_NAALDEN = list(_naalden())
_GEPAKT = list(_gepakt())
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){8,}")
_ESCAPE = re.compile(rb"\\u00([0-7][0-9a-fA-F])|\\x([0-7][0-9a-fA-F])")


def _lagen(inhoud: bytes, diepte: int) -> Iterator[bytes]:
    yield inhoud
    if diepte == 0:
        return
    dieper = [*_uitgepakt(inhoud)]
    if b"%" in inhoud:
        dieper.append(unquote_to_bytes(inhoud))
    if b"\\" in inhoud:
        dieper.append(_ESCAPE.sub(lambda m: bytes([int(m[1] or m[2], 16)]), inhoud))
    dieper.append(b"\n".join(_ontcijferd(inhoud)))
    for laag in dieper:
        if laag and laag != inhoud:
            yield from _lagen(laag, diepte - 1)


def _uitgepakt(inhoud: bytes) -> Iterator[bytes]:
    with suppress(OSError, EOFError, zlib.error):
        yield gzip.decompress(inhoud)
    with suppress(zlib.error):
        yield zlib.decompress(inhoud)


def _ontcijferd(inhoud: bytes) -> Iterator[bytes]:
    for gevonden in _BASE64.finditer(inhoud):
        stuk = gevonden.group().replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
        with suppress(binascii.Error):
            yield base64.b64decode(stuk[: len(stuk) - (len(stuk) % 4 == 1)] + b"===")
    for gevonden in _HEX.finditer(inhoud):
        yield binascii.unhexlify(gevonden.group())
