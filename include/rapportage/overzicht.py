"""The overzichtsrapportage: one line of CSV per aanvraag (contracten §2, manual 5.1 and 5.2)."""

from __future__ import annotations

from typing import BinaryIO

from include.rapportage import kolommen as k
from include.rapportage.deel import Deel
from include.rapportage.geschreven import Geschreven, Meter
from include.rapportage.kolommen import Kolom, Masker

KOLOMMEN = (
    "GSD-code",
    "BRP bevraagd",
    "Aanvrager BSN",
    "Aanvrager Geboortedatum",
    "Aanvrager Naam",
    "Partner BSN",
    "Partner Geboortedatum",
    "Partner Naam",
    "Leefvorm",
    "Zekerheid leefvorm",
    "Uitkeringen",
    "Belemmering",
    "Inkomen",
    "Inkomensnorm",
    "Toetspercentage",
    "Toetsbedrag",
    "Reden(bedrag)",
    "Reden (percentage)",
    "Vermogen",
    "Reden(saldo)",
    "Reden(rente)",
    "Huishouden",
    "Reden(en)",
    "Kenteken(s)",
)
"""Columns A to X, literally."""

BOM = b"\xef\xbb\xbf"
_ONBEKENDE_DATUM = "00000000"


class Overzicht:
    """The overzichtsrapportage of one vraagbestand, part by part: UTF-8 with BOM, ``;``, CRLF, RFC 4180 quotes."""

    def __init__(self, uit: BinaryIO) -> None:
        self._meter = Meter(uit)
        self._meter.schrijf(BOM + ";".join(KOLOMMEN).encode() + b"\r\n")
        self._rijen = 0

    def schrijf(self, deel: Deel) -> None:
        """Write the next part."""
        self._meter.schrijf(k.inhoud(_regels(deel)))
        self._rijen = deel.eind

    def klaar(self) -> Geschreven:
        """Return what was written."""
        return self._meter.klaar(self._rijen)


def _regels(deel: Deel) -> Kolom:
    c = deel.cellen
    rij = (
        c.gsd_code,
        c.brp_bevraagd,
        c.bsn,
        _datum(c.geboortedatum, c.persoon_bekend),
        _cel(c.naam),
        c.partner_bsn,
        _datum(c.partner_geboortedatum, c.heeft_partner),
        _cel(c.partner_naam),
        c.leefvorm,
        c.zekerheid,
        _cel(deel.uitkeringen.per_aanvraag(k.tekst(deel.uitkeringen.regels["vorm"]), " / ")),
        c.belemmering,
        c.inkomen,
        c.norm,
        c.toetspercentage,
        c.toetsbedrag,
        c.totaal,
        c.percentage_van_norm,
        c.vermogen,
        c.saldo,
        c.rente,
        c.huishouden,
        _cel(deel.redenen.per_aanvraag(k.tekst(deel.redenen.regels["reden"]), " | ")),
        _cel(deel.voertuigen.per_aanvraag(k.tekst(deel.voertuigen.regels["kenteken"]), ", ")),
    )
    gescheiden = [rij[0]]
    for cel in rij[1:]:
        gescheiden += [";", cel]
    return k.voeg(*gescheiden, "\r\n")


def _datum(iso: Kolom, bekend: Masker) -> Kolom:
    """Return ``JJJJMMDD`` with 00 for each unknown part; empty where there is no person to have a date."""
    cijfers = k.vervang(iso, "-", "")
    return k.alleen(bekend, k.rechts_aangevuld(cijfers, len(_ONBEKENDE_DATUM), "0"))


def _cel(kolom: Kolom) -> Kolom:
    """Return a text cell: not run as a formula by a spreadsheet, and quoted where it has to be."""
    kolom = k.kies(k.past(kolom, k.FORMULE), k.voeg("'", kolom), kolom)
    aangehaald = k.voeg('"', k.vervang(kolom, '"', '""'), '"')
    return k.kies(k.past(kolom, '[;"\r\n]'), aangehaald, kolom)
