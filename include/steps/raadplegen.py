"""What was published, and the detail report of one aanvrager (manual 1 and 4.4)."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree
from stdnum.nl import bsn as bsn_nummer
from stdnum.util import clean

from include.errors import GegevensFout
from include.rapportage.detail_lezen import NS
from include.rapportage.opzoeken import zoek
from include.rapportage.uitleg import uitleg, zoek_feiten
from include.schemas.domein import Product
from include.steps.audit import noteer_download, noteer_opzoeken, noteer_verslag
from include.steps.verwerking import Opslag
from include.storage.audit_log import AuditStatus
from include.storage.leveringen import find_leveringen
from include.storage.models import Levering, Publicatie, PublicatieBestand
from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties, read_published


class Gevonden(NamedTuple):
    """The ``Aanvraag`` of an aanvrager, and the publication it stands in."""

    aanvraag: etree._Element
    publicatie: Publicatie


def alle_publicaties(
    opslag: Opslag,
    *,
    organisatie: str | None = None,
    product: Product | None = None,
    ronde: str | None = None,
    ook_vervangen: bool = False,
) -> list[Publicatie]:
    """Return what can be fetched, newest first, narrowed by what is given. Raises GegevensFout when it is unknown."""
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie) if organisatie else None
        return find_publicaties(
            sessie, organisatie=wie, product=product, ronde=ronde, ook_vervangen=ook_vervangen
        )


def alle_leveringen(opslag: Opslag, organisatie: str, *, ronde: str | None = None) -> list[Levering]:
    """Return what an organisation handed in, in order of arrival. Raises GegevensFout when it is unknown."""
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie)
        return find_leveringen(sessie, organisatie=wie, product=Product.BIJZONDERE_BIJSTAND, ronde=ronde)


def zoek_detail(opslag: Opslag, *, organisatie: str, bsn: int, ronde: str | None = None) -> Gevonden | None:
    """Find the newest detail report of an aanvrager of one organisation, in any ronde or in the one given.

    Only what that organisation itself delivered is looked in: an aanvrager of another is not found. Replaced
    versions are not looked in. Every look-up is entered in the logboek, found or not, before its outcome is
    returned (contracten §3).

    Raises:
        GegevensFout: the organisation is unknown.
        ControleFout: what is stored is not what was published.
    """
    product = Product.BIJZONDERE_BIJSTAND
    eigen = alle_publicaties(opslag, organisatie=organisatie, product=product, ronde=ronde)
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


def leg_uit(opslag: Opslag, gevonden: Gevonden) -> str:
    """Return, in Dutch for the citizen, why the outcome is what it is (manual 2.3, besluit B49a).

    Raises:
        GegevensFout: the report was published before explanations were kept.
        ControleFout: what is stored is damaged, or not that of this report.
    """
    bestanden = {bestand.soort: bestand for bestand in gevonden.publicatie.bestanden}
    if "uitleg" not in bestanden:
        raise GegevensFout("this report was published before explanations were kept: reprocess its ronde")
    bsn = int(gevonden.aanvraag.findtext(f"{NS}BSN") or 0)
    with opslag.bestanden.open_read(bestanden["uitleg"].sleutel) as feiten:
        return uitleg(*zoek_feiten(feiten, bsn), gevonden.aanvraag)


def haal_op(opslag: Opslag, publicatie: Publicatie, soort: str) -> bytes:
    """Return a published file as its reader fetches it, entered in the logboek before it is read.

    Raises:
        KeyError: this publication has no such file.
        ControleFout: what is stored is not what was published.
    """
    noteer_download(opslag, publicatie, soort)
    return read_published(opslag.bestanden, publicatie.bestand(soort))


def controleer_bestand(opslag: Opslag, bestand: PublicatieBestand) -> None:
    """Hold a published file against what was published, and show it to nobody. Raises ControleFout, GegevensFout."""
    read_published(opslag.bestanden, bestand)


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


def lees_bsn(tekst: str, wat: str = "that") -> int:
    """Read one BSN as somebody types it: 8 or 9 digits, with or without dots, spaces or hyphens.

    Raises:
        GegevensFout: it is none (elfproef); says ``wat`` is not, and does not repeat it.
    """
    cijfers = clean(tekst, " .-")
    if len(cijfers) not in (8, 9) or not bsn_nummer.is_valid(cijfers):
        raise GegevensFout(f"{wat} is not a BSN: give its 8 or 9 digits")
    return int(cijfers)
