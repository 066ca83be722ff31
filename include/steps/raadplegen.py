"""What was published, and the detail report of one aanvrager (manual 1 and 4.4)."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from include.errors import GegevensFout
from include.rapportage.opzoeken import zoek
from include.schemas.domein import Product
from include.steps.audit import noteer_download, noteer_opzoeken, noteer_verslag
from include.steps.verwerking import Opslag
from include.storage.audit_log import AuditStatus
from include.storage.models import Levering, Publicatie
from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties, read_published


class Gevonden(NamedTuple):
    """The ``Aanvraag`` of an aanvrager, and the publication it stands in."""

    aanvraag: etree._Element
    publicatie: Publicatie


def zoek_detail(opslag: Opslag, *, organisatie: str, bsn: int, ronde: str | None = None) -> Gevonden | None:
    """Find the newest detail report of an aanvrager of one organisation, in any ronde or in the one given.

    Only what that organisation itself delivered is looked in: an aanvrager of another is not found. Replaced
    versions are not looked in. Every look-up is entered in the logboek, found or not, before its outcome is
    returned (contracten §3).

    Raises:
        GegevensFout: the organisation is unknown.
        ControleFout: what is stored is not what was published.
    """
    with opslag.database.reading() as sessie:
        eigen = find_publicaties(
            sessie,
            organisatie=find_organisatie(sessie, organisatie),
            product=Product.BIJZONDERE_BIJSTAND,
            ronde=ronde,
        )
    gevonden, status = None, AuditStatus.ERROR
    try:
        gevonden = _zoek(opslag, eigen, bsn)
        status = AuditStatus.OK
    finally:
        noteer_opzoeken(
            opslag,
            organisatie=organisatie,
            bsn=bsn,
            ronde=ronde,
            publicatie=gevonden.publicatie if gevonden else None,
            status=status,
        )
    return gevonden


def haal_op(opslag: Opslag, publicatie: Publicatie, soort: str) -> bytes:
    """Return a published file as its reader fetches it, entered in the logboek before it is read.

    Raises:
        KeyError: this publication has no such file.
        ControleFout: what is stored is not what was published.
    """
    noteer_download(opslag, publicatie, soort)
    return read_published(opslag.bestanden, publicatie.bestand(soort))


def haal_verslag(opslag: Opslag, levering: Levering) -> dict[str, bytes]:
    """Return the verwerkingsverslag of a delivery, CSV and summary, by file name; entered in the logboek first.

    Raises:
        GegevensFout: it was not judged yet, or is not in the file store (any more).
    """
    organisatie = levering.organisatie.naam if levering.organisatie else ""
    if levering.status is None:
        raise GegevensFout(f"organisation {organisatie}: delivery {levering.id} was not judged yet")
    noteer_verslag(opslag, levering, organisatie)
    sleutels = (levering.sleutel_verslag, levering.sleutel_verslag_json)
    return {sleutel.rsplit("/", 1)[-1]: opslag.bestanden.read(sleutel) for sleutel in sleutels}


def _zoek(opslag: Opslag, eigen: list[Publicatie], bsn: int) -> Gevonden | None:
    for publicatie in sorted(eigen, key=lambda p: (p.ronde or "", p.versie), reverse=True):
        index = read_published(opslag.bestanden, publicatie.bestand("index"))
        with opslag.bestanden.open_read(publicatie.bestand("detail").sleutel) as detail:
            aanvraag = zoek(index, detail, bsn)
        if aanvraag is not None:
            return Gevonden(aanvraag, publicatie)
    return None


def lees_bsn(tekst: str) -> int:
    """Read a BSN of 8 or 9 digits. Raises GegevensFout, without repeating it."""
    if not (tekst.isascii() and tekst.isdigit() and 8 <= len(tekst) <= 9):
        raise GegevensFout("a BSN has 8 or 9 digits")
    return int(tekst)
