"""What was published, and the detail report of one aanvrager (manual 1 and 4.4)."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from include.fouten import GegevensFout
from include.opslag.modellen import Product, Publicatie
from include.opslag.organisaties import vind_organisatie
from include.opslag.publicaties import lees_bestand, publicaties
from include.rapportage.opzoeken import zoek
from include.stappen.verwerking import Opslag


class Gevonden(NamedTuple):
    """The ``Aanvraag`` of an aanvrager, and the publication it stands in."""

    aanvraag: etree._Element
    publicatie: Publicatie


def zoek_detail(opslag: Opslag, *, organisatie: str, bsn: int, ronde: str | None = None) -> Gevonden | None:
    """Find the newest detail report of an aanvrager of one organisation, in any ronde or in the one given.

    Only what that organisation itself delivered is looked in: an aanvrager of another is not found. Replaced
    versions are not looked in.

    Raises:
        GegevensFout: the organisation is unknown.
        ControleFout: what is stored is not what was published.
    """
    with opslag.database.raadpleging() as sessie:
        eigen = publicaties(
            sessie,
            organisatie=vind_organisatie(sessie, organisatie),
            product=Product.BIJZONDERE_BIJSTAND,
            ronde=ronde,
        )
    for publicatie in sorted(eigen, key=lambda p: (p.ronde or "", p.versie), reverse=True):
        index = lees_bestand(opslag.bestanden, publicatie.bestand("index"))
        with opslag.bestanden.open_lezen(publicatie.bestand("detail").sleutel) as detail:
            aanvraag = zoek(index, detail, bsn)
        if aanvraag is not None:
            return Gevonden(aanvraag, publicatie)
    return None


def lees_bsn(tekst: str) -> int:
    """Read a BSN of 8 or 9 digits. Raises GegevensFout, without repeating it."""
    if not (tekst.isascii() and tekst.isdigit() and 8 <= len(tekst) <= 9):
        raise GegevensFout("a BSN has 8 or 9 digits")
    return int(tekst)
