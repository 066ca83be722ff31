"""The detailrapportage: XML with all a municipality may see of an aanvraag (contracten §2, manual 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pandas as pd

from include.rapportage import kolommen as k
from include.rapportage.deel import Deel
from include.rapportage.geschreven import Geschreven, Meter
from include.rapportage.kolommen import Kolom, Lijst, Stuk
from include.rapportage.kop import Kop

NAMESPACE = "urn:bidn:bijzondere-bijstand:detailrapportage:1"
WORTEL = "DetailrapportageBijzondereBijstand"
OPENING = f'<?xml version="1.0" encoding="UTF-8"?>\n<{WORTEL} xmlns="{NAMESPACE}">\n'.encode()
_SLOT = f"</{WORTEL}>\n".encode()
_DATUM = b"<Rapportagedatum>"


@dataclass(frozen=True)
class Detailrapport(Geschreven):
    """A detailrapportage as it was written, with where in it each aanvraag stands."""

    plaatsen: np.ndarray
    """Of aanvraag i: the bytes ``plaatsen[i]`` up to ``plaatsen[i + 1]``."""
    datum_op: int
    """The byte at which the rapportagedatum begins."""


class Detail:
    """The detailrapportage of one vraagbestand, part by part, one line of text per aanvraag.

    ``tevens`` has a line per ``aanvraag`` (its position in the report) and name of a ``gemeente`` for which another
    organisation delivered the same aanvrager in this ronde (besluit B52).
    """

    def __init__(self, uit: BinaryIO, kop: Kop, tevens: pd.DataFrame) -> None:
        self._meter = Meter(uit)
        opening = _opening(kop, kop.rapportagedatum.isoformat())
        self._meter.schrijf(opening, inhoud=_opening(kop, ""))
        self._datum_op = opening.index(_DATUM) + len(_DATUM)
        self._andere = Lijst(_alfabetisch(tevens))
        self._lengten = [np.array([self._meter.omvang])]
        self._rijen = 0

    def schrijf(self, deel: Deel) -> None:
        """Write the next part."""
        aanvragen = _aanvragen(deel, self._andere.stuk(deel.begin, deel.eind))
        self._meter.schrijf(k.inhoud(aanvragen))
        self._lengten.append(k.lengten(aanvragen))
        self._rijen = deel.eind

    def klaar(self) -> Detailrapport:
        """Close the document and return what was written."""
        self._meter.schrijf(_SLOT)
        geschreven = self._meter.klaar(self._rijen)
        plaatsen = np.cumsum(np.concatenate(self._lengten))
        return Detailrapport(**vars(geschreven), plaatsen=plaatsen, datum_op=self._datum_op)


def _alfabetisch(tevens: pd.DataFrame) -> pd.DataFrame:
    naam = tevens["gemeente"].str.casefold()
    return tevens.assign(naam=naam).sort_values(["aanvraag", "naam", "gemeente"]).drop_duplicates()


def _opening(kop: Kop, rapportagedatum: str) -> bytes:
    velden = {
        "AanleverendeOrganisatie": kop.aanleverende_organisatie,
        "Bestandsnaam": kop.bestandsnaam,
        "Aanleverdatum": kop.aanleverdatum.isoformat(),
        "Deelnamedatum": kop.deelnamedatum.isoformat(),
        "Rapportagedatum": rapportagedatum,
        "Berichtversie": kop.berichtversie,
        "Ronde": str(kop.ronde),
        "Peilmaand": str(kop.peilmaand),
        "Belastingjaar": str(kop.belastingjaar),
        "Normvariant": kop.normvariant,
    }
    inhoud = "".join(f"<{naam}>{_xml(waarde)}</{naam}>" for naam, waarde in velden.items())
    return OPENING + f"<Kop>{inhoud}</Kop>\n".encode()


def _xml(waarde: str) -> str:
    return str(k.xml_tekst(k.tekst(pd.Series([waarde], dtype="str")))[0])


def _element(naam: str, *inhoud: Kolom | str) -> Kolom:
    return k.voeg(f"<{naam}>", *inhoud, f"</{naam}>")


def _indien(naam: str, inhoud: Kolom) -> Kolom:
    """Return the element where it has content, and nothing elsewhere."""
    return k.alleen(k.is_gevuld(inhoud), _element(naam, inhoud))


def _aanvragen(deel: Deel, tevens: Stuk) -> Kolom:
    c = deel.cellen
    partner = k.voeg(
        _indien("BSNPartner", c.partner_bsn),
        _element("GeslachtsnaamPartner", k.xml_tekst(c.partner_naam)),
        _element("GeboortedatumPartner", c.partner_geboortedatum),
    )
    aanvragen = _element(
        "Aanvraag",
        _element("GSDCode", c.gsd_code),
        _element("BRPBevraagd", c.brp_bevraagd),
        _element("BSN", c.bsn),
        _element("Geslachtsnaam", k.xml_tekst(c.naam)),
        _element("Geboortedatum", c.geboortedatum),
        k.alleen(c.heeft_partner, partner),
        _element("Leefvorm", c.leefvorm),
        _element("BetrouwbaarheidLeefvorm", c.zekerheid),
        _lijst(deel.uitkeringen, "Uitkering", "vorm"),
        _element("BelemmeringEindoordeel", c.belemmering),
        _indien("AantalMeerderjarigeBewoners", c.meerderjarigen),
        _element("Organisatie", k.xml_tekst(c.gemeente)),
        _lijst(tevens, "BSNTevensAangeleverd", "gemeente"),
        _inkomen(deel),
        _vermogen(deel),
        deel.voertuigen.per_aanvraag(_voertuigen(deel.voertuigen.regels)),
        _element("Huishouden", _element("Belemmering", c.huishouden), _lijst(deel.redenen, "Reden", "reden")),
    )
    return k.voeg(aanvragen, "\n")


def _lijst(stuk: Stuk, naam: str, veld: str) -> Kolom:
    return stuk.per_aanvraag(_element(naam, k.xml_tekst(k.tekst(stuk.regels[veld]))))


def _inkomen(deel: Deel) -> Kolom:
    c, inkomsten, kortingen = deel.cellen, deel.inkomsten.regels, deel.kortingen.regels
    verhoudingen = _element(
        "Inkomstenverhouding",
        _bsn(inkomsten),
        _tekst("WerkgeverUitkeringsinstantie", inkomsten["werkgever"]),
        _bedrag("BedragInkomsten", inkomsten["bedrag"]),
        _tekst("SoortInkomstenverhouding", inkomsten["soort"]),
        _bedrag("Meegeteld", inkomsten["meegeteld"]),
    )
    heffingskortingen = _element(
        "Heffingskorting",
        _bsn(kortingen),
        _tekst("Omschrijving", kortingen["omschrijving"]),
        _bedrag("Kortingsbedrag", kortingen["bedrag"]),
    )
    return _element(
        "Inkomen",
        _element("Belemmering", c.inkomen),
        _indien("TotaalNettoInkomen", c.totaal),
        _indien("Inkomensnorm", c.norm),
        _indien("Toetspercentage", c.toetspercentage),
        _indien("Toetsbedrag", c.toetsbedrag),
        _indien("PercentageVanNorm", c.percentage_van_norm),
        deel.inkomsten.per_aanvraag(verhoudingen),
        deel.kortingen.per_aanvraag(heffingskortingen),
    )


def _vermogen(deel: Deel) -> Kolom:
    c, regels = deel.cellen, deel.rekeningen.regels
    rekeningen = _element(
        "Rekening",
        _bsn(regels),
        _bedrag("Saldo", regels["saldo"]),
        _bedrag("Rente", regels["rente"]),
        _tekst("Banknaam", regels["bank"]),
        _tekst("BanknaamProduct", regels["product"]),
        _tekst("NaamRekeninghouder", regels["tenaamstelling"]),
        _element("TeltMee", k.kies(regels["telt"].to_numpy(), "J", "N")),
    )
    return _element(
        "Vermogen",
        _element("Belemmering", c.vermogen),
        _indien("SaldoTotaal", c.saldo),
        _indien("RenteTotaal", c.rente),
        deel.rekeningen.per_aanvraag(rekeningen),
    )


def _voertuigen(regels: pd.DataFrame) -> Kolom:
    return _element(
        "Voertuig",
        _bsn(regels),
        _tekst("Kenteken", regels["kenteken"]),
        _tekst("Soort", regels["voertuigsoort"]),
        _tekst("Merk", regels["merk"]),
        _tekst("Type", regels["handelsbenaming"]),
        _element("Gewicht", k.getal(regels["massa"].to_numpy())),
        _tekst_indien("Brandstofsoort1", regels["brandstofsoort_1"]),
        _tekst_indien("Brandstofsoort2", regels["brandstofsoort_2"]),
        _tekst("Inrichting", regels["inrichting"]),
        _tekst_indien("BijzondereCondities", regels["bijzonderheden"]),
        _tekst("Status", regels["status"]),
    )


def _bsn(regels: pd.DataFrame) -> Kolom:
    return _element("BSN", k.bsn(regels["bsn"].to_numpy()))


def _bedrag(naam: str, centen: pd.Series) -> Kolom:
    return _element(naam, k.euros(centen.to_numpy()))


def _tekst(naam: str, reeks: pd.Series) -> Kolom:
    return _element(naam, k.xml_tekst(k.tekst(reeks)))


def _tekst_indien(naam: str, reeks: pd.Series) -> Kolom:
    return _indien(naam, k.xml_tekst(k.tekst(reeks)))
