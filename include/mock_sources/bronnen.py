"""What each source answers about a list of BSNs: contract §1, one function per endpoint.

Every function returns one JSON document (bytes) per BSN asked, in the order asked. Deviations on purpose
(faults) and the order of the answer are somebody else's: see ``storingen`` and ``app``.
"""

from __future__ import annotations

import datetime as dt
from array import array
from pathlib import Path

import msgspec
import numpy as np

from include.mock_sources.bestanden import Bestand, PopulatieFout, reden_zonder_waarde
from include.mock_sources.vormen import (
    BelastingdienstRegel,
    BijstandRegel,
    Leveringen,
    Persoon,
    RdwRegel,
    UwvRegel,
)

RESULTATEN = {
    "A": (0, "OK"),
    "G": (33, "Geen gegevens gevonden"),
    "P": (32, "Te veel zoekresultaten"),
    "T": (31, "Zoekproces afgebroken"),
    "Z": (37, "Geen PL-en die aan de verstrekkingscondities voldoen"),
}
# A line of brp.jsonl without these keys is complete once they are added.
_STANDAARD: dict[str, object] = {
    "verblijfplaats": None,
    "partners": [],
    "kinderen": [],
    "ouders": [],
    "opschortingBijhouding": None,
}
_encode, _decode = msgspec.json.encode, msgspec.json.decode


def _resultaat(letter: str, code: int | None = None, omschrijving: str | None = None) -> bytes:
    vaste_code, vaste_tekst = RESULTATEN[letter]
    return _encode(
        {
            "letter": letter,
            "code": vaste_code if code is None else code,
            "omschrijving": omschrijving or vaste_tekst,
        }
    )


class Brp:
    """Persons, and who is registered at the same address."""

    def __init__(self, map_: Path) -> None:
        self._afgedwongen: dict[int, bytes] = {}
        self._adrescode = array("q")
        self._codes: dict[str, int] = {}
        self.bestand = Bestand(map_ / "brp.jsonl", Persoon, self._neem_op)
        codes = np.array(self._adrescode, np.int64)
        self._op_adres = np.argsort(codes, kind="stable")
        self._grens = np.searchsorted(codes[self._op_adres], np.arange(len(self._codes) + 1))
        del self._codes  # a national population has half a million address strings nobody asks for

    def _neem_op(self, rij: int, persoon: Persoon, lijn: bytes) -> bytes | None:
        adres = None
        if isinstance(persoon.verblijfplaats, msgspec.Struct):
            adres = persoon.verblijfplaats.adresseerbaarObjectIdentificatie
        self._adrescode.append(self._codes.setdefault(adres, len(self._codes)) if adres else -1)
        afgedwongen = persoon.adresvraagResultaat
        if isinstance(afgedwongen, msgspec.Struct) and afgedwongen.letter != "A":
            self._afgedwongen[rij] = _resultaat(
                afgedwongen.letter, afgedwongen.code, afgedwongen.omschrijving
            )
        onvolledig = any(getattr(persoon, sleutel) is msgspec.UNSET for sleutel in _STANDAARD)
        if afgedwongen is msgspec.UNSET and not onvolledig:
            return None
        inhoud = _STANDAARD | _decode(lijn)
        inhoud.pop("adresvraagResultaat", None)
        return _encode(inhoud)

    def _adresgenoten(self, rij: int) -> list[int]:
        code = self._adrescode[rij]
        if code < 0:
            return [rij]
        return self._op_adres[self._grens[code] : self._grens[code + 1]].tolist()

    def adresvragen(self, bsns: list[str]) -> list[bytes]:
        """Result and all persons registered at the address of each BSN, in the order of the file."""
        goed, onbekend = _resultaat("A"), _resultaat("G")
        lijn = self.bestand.lijn
        antwoorden = []
        for bsn, rij in zip(bsns, self.bestand.rijen(bsns), strict=True):
            resultaat, personen = onbekend, b""
            if rij >= 0 and rij in self._afgedwongen:
                resultaat = self._afgedwongen[rij]
            elif rij >= 0:
                resultaat, personen = goed, b",".join([lijn(genoot) for genoot in self._adresgenoten(rij)])
            antwoorden.append(
                b'{"burgerservicenummer":"%s","resultaat":%s,"personen":[%s]}'
                % (bsn.encode(), resultaat, personen)
            )
        return antwoorden


class Uwv:
    """Incomes: only what ends within the period asked for."""

    def __init__(self, map_: Path) -> None:
        self.bestand = Bestand(map_ / "uwv.jsonl", UwvRegel)

    def inkomstenverhoudingen(self, bsns: list[str], van: dt.date, tot_en_met: dt.date) -> list[bytes]:
        """Inkomstenverhoudingen with an opgave that ends in [van, tot_en_met]; the others are left out."""
        begin, einde = van.isoformat(), tot_en_met.isoformat()  # ISO dates sort as text
        antwoorden = []
        for bsn, rij in zip(bsns, self.bestand.rijen(bsns), strict=True):
            verhoudingen = _decode(self.bestand.lijn(rij))["inkomstenverhoudingen"] if rij >= 0 else []
            for verhouding in verhoudingen:
                verhouding["inkomstenopgaven"] = [
                    opgave
                    for opgave in verhouding["inkomstenopgaven"]
                    if begin <= opgave["datumEinde"] <= einde
                ]
            antwoorden.append(
                _encode(
                    {
                        "burgerservicenummer": bsn,
                        "inkomstenverhoudingen": [v for v in verhoudingen if v["inkomstenopgaven"]],
                    }
                )
            )
        return antwoorden


class _Jaarregel(msgspec.Struct):
    verificatie: str = "geslaagd"
    rekeningen: dict[str, msgspec.Raw] = {}
    heffingskortingen: dict[str, msgspec.Raw] = {}


class Belastingdienst:
    """Balances and tax credits by belastingjaar."""

    def __init__(self, map_: Path) -> None:
        self.bestand = Bestand(map_ / "belastingdienst.jsonl", BelastingdienstRegel)
        self._decodeer = msgspec.json.Decoder(_Jaarregel).decode

    def _regels(self, bsns: list[str]) -> list[_Jaarregel]:
        onbekend = _Jaarregel()
        return [
            self._decodeer(self.bestand.lijn(rij)) if rij >= 0 else onbekend
            for rij in self.bestand.rijen(bsns)
        ]

    def vermogens(self, bsns: list[str], belastingjaar: int) -> list[bytes]:
        """Verification and accounts; a failed verification shows no accounts."""
        jaar, leeg = str(belastingjaar), msgspec.Raw(b"[]")
        return [
            b'{"burgerservicenummer":"%s","verificatie":"%s","rekeningen":%s}'
            % (
                bsn.encode(),
                regel.verificatie.encode(),
                bytes(regel.rekeningen.get(jaar, leeg) if regel.verificatie == "geslaagd" else leeg),
            )
            for bsn, regel in zip(bsns, self._regels(bsns), strict=True)
        ]

    def heffingskortingen(self, bsns: list[str], belastingjaar: int) -> list[bytes]:
        """The heffingskortingen of that year."""
        jaar, leeg = str(belastingjaar), msgspec.Raw(b"[]")
        return [
            b'{"burgerservicenummer":"%s","heffingskortingen":%s}'
            % (bsn.encode(), bytes(regel.heffingskortingen.get(jaar, leeg)))
            for bsn, regel in zip(bsns, self._regels(bsns), strict=True)
        ]


class Register:
    """RDW and bijstand: the line is the answer, whatever the peildatum; the pipeline judges the dates.

    What goes on has no end: where a line leaves ``einde`` out, the answer has it, as null.
    """

    def __init__(self, pad: Path, vorm: type[msgspec.Struct], lijst: str, einde: str) -> None:
        self._lijst, self._einde = lijst, einde
        self.bestand = Bestand(pad, vorm, self._vul_aan)
        self._leeg = b'{"burgerservicenummer":"%%s","%s":[]}' % lijst.encode()

    def _vul_aan(self, _: int, regel: msgspec.Struct, lijn: bytes) -> bytes | None:
        if all(getattr(een, self._einde) is not msgspec.UNSET for een in getattr(regel, self._lijst)):
            return None
        inhoud = _decode(lijn)
        for een in inhoud[self._lijst]:
            een.setdefault(self._einde, None)
        return _encode(inhoud)

    def alles(self, bsns: list[str]) -> list[bytes]:
        """Everything known of each BSN."""
        return [
            self.bestand.lijn(rij) if rij >= 0 else self._leeg % bsn.encode()
            for bsn, rij in zip(bsns, self.bestand.rijen(bsns), strict=True)
        ]


class Alleenverdieners:
    """The leveringen on disk, read at every request: a new levering can arrive while the service runs."""

    def __init__(self, map_: Path) -> None:
        self._map = map_ / "alleenverdieners"
        self.leveringen()

    def leveringen(self) -> list[dict[str, object]]:
        """The announced leveringen; PopulatieFout when ``leveringen.json`` is malformed."""
        pad = self._map / "leveringen.json"
        if not pad.exists():
            return []
        try:
            inhoud = _decode(pad.read_bytes())
            inhoud = inhoud if isinstance(inhoud, dict) else {"leveringen": inhoud}
            msgspec.convert(inhoud, Leveringen)
        except (msgspec.MsgspecError, UnicodeDecodeError) as fout:
            raise PopulatieFout(f"{self._map.name}/{pad.name}", None, reden_zonder_waarde(fout)) from None
        return inhoud["leveringen"]

    def bestand(self, levering: str) -> bytes | None:
        """The bytes of one announced levering, None when there is no such file."""
        pad = self._map / f"{levering}.csv"
        bekend = any(regel["levering"] == levering for regel in self.leveringen())
        return pad.read_bytes() if bekend and pad.is_file() else None


class Populatie:
    """All sources on one directory. Raises PopulatieFout; a missing file is a source without persons."""

    def __init__(self, map_: Path) -> None:
        if not map_.is_dir():
            raise PopulatieFout(str(map_), None, "no such population directory")
        self.brp = Brp(map_)
        self.uwv = Uwv(map_)
        self.belastingdienst = Belastingdienst(map_)
        self.rdw = Register(map_ / "rdw.jsonl", RdwRegel, "voertuigen", "datumEindeAansprakelijkheid")
        self.bijstand = Register(map_ / "bijstand.jsonl", BijstandRegel, "uitkeringen", "datumEinde")
        self.alleenverdieners = Alleenverdieners(map_)

    def aantallen(self) -> dict[str, int]:
        """Number of persons each source knows."""
        return {
            bron: len(getattr(self, bron).bestand)
            for bron in ("brp", "uwv", "belastingdienst", "rdw", "bijstand")
        }
