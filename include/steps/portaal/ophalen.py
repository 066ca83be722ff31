"""Ophalen: what can be fetched, by whom it was, and the files themselves (manuals 4.2 and 3, besluiten B54-B56, A4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from include.errors import ControleFout
from include.normen.gemeenten import gemeentenaam
from include.schemas.domein import Product
from include.steps.audit import noteer_download
from include.steps.portaal.toegang import Gebruiker, NietGevonden
from include.steps.verwerking import Opslag
from include.storage import portal_queries as vragen
from include.storage.models import Publicatie, PublicatieBestand

PER_PAGINA = 25
BLOK = 256 * 1024
MEDIA = {"csv": "text/csv; charset=utf-8", "xml": "application/xml"}
TITELS = {
    "overzicht": "Overzichtsrapportage",
    "detail": "Detailrapportage",
    "lijst": "Doelgroepselectielijst",
}


@dataclass(frozen=True)
class Rapport:
    """One file to fetch."""

    id: str
    naam: str
    titel: str
    omvang: int
    """In bytes."""
    rijen: int | None
    opgehaald_op: datetime | None
    """When this user fetched it last."""
    ophalers: int
    """By how many people it was fetched, this user included."""


@dataclass(frozen=True)
class Uitgave:
    """One publication, as its reader sees it."""

    id: str
    organisatie: str
    periode: str
    """The ronde ``JJJJ-MM``; for Alleenverdieners the gemeente."""
    versie: int
    gepubliceerd_op: datetime
    laatste_dag: date
    """The last day on which it can surely be fetched (besluit B55)."""
    vervangen: bool
    nieuw: bool
    """This user has fetched nothing of it yet, and it is current."""
    rapporten: tuple[Rapport, ...]
    oordelen: dict[str, dict[str, int]]
    """Per test the number of J, N and Niet getoetst; empty for Alleenverdieners."""
    inkomen_binnen: dict[str, int]
    """How many tested incomes fall in each band of percentages of the norm; empty where it was not counted."""

    @property
    def leeg(self) -> bool:
        """Whether nobody is in it: a gemeente without rows gets a file with only its header (besluit A4)."""
        return all(rapport.rijen == 0 for rapport in self.rapporten)


@dataclass(frozen=True)
class Download:
    """A file on its way to its reader: checked against what was published, and entered in the logboek."""

    naam: str
    media: str
    omvang: int
    inhoud: Iterator[bytes]


def uitgaven(
    opslag: Opslag, gebruiker: Gebruiker, product: Product, *, organisatie: str | None = None, pagina: int = 1
) -> tuple[list[Uitgave], int]:
    """Return one page of what this user can fetch, newest first, and how many there are in all.

    Raises:
        NietGevonden: the user is no productbeheerder of this product, or not of that organisation.
    """
    ids = gebruiker.organisatie_ids(product, organisatie)
    with opslag.database.reading() as sessie:
        publicaties, totaal = vragen.publications_page(
            sessie, product, ids, offset=(pagina - 1) * PER_PAGINA, limit=PER_PAGINA
        )
        bestanden = [bestand.id for publicatie in publicaties for bestand in publicatie.bestanden]
        opgehaald = vragen.fetched(sessie, gebruiker.account_id, bestanden)
        ophalers = vragen.fetchers(sessie, bestanden)
        return [_uitgave(publicatie, opgehaald, ophalers) for publicatie in publicaties], totaal


def haal(opslag: Opslag, gebruiker: Gebruiker, product: Product, id: str) -> Download:  # noqa: A002
    """Return a file of one of the user's organisations, entered in the logboek before its first byte.

    The file is read through once to hold it against the manifest, then again to send it: memory does not grow with it.

    Raises:
        NietGevonden: it is not there (any more), or is another's.
        ControleFout: what is stored is not what was published; nothing is sent.
    """
    ids = gebruiker.organisatie_ids(product)
    with opslag.database.reading() as sessie:
        gevonden = vragen.published_file(sessie, product, ids, id)
    if gevonden is None:
        raise NietGevonden
    publicatie, bestand = gevonden
    _eis_ongewijzigd(opslag, publicatie, bestand)
    noteer_download(opslag, publicatie, bestand.soort)
    with opslag.database.transaction() as sessie:
        vragen.record_fetch(sessie, gebruiker.account_id, bestand.id, nu=opslag.klok())
    return Download(
        naam=_bestandsnaam(publicatie, bestand),
        media=MEDIA[bestand.naam.rsplit(".", 1)[-1]],
        omvang=bestand.omvang,
        inhoud=_blokken(opslag, bestand),
    )


def _uitgave(publicatie: Publicatie, opgehaald: Any, ophalers: Any) -> Uitgave:  # noqa: ANN401
    soorten = vragen.SOORTEN[publicatie.product]
    bestanden = sorted(
        (bestand for bestand in publicatie.bestanden if bestand.soort in soorten),
        key=lambda bestand: soorten.index(bestand.soort),
    )
    rapporten = tuple(
        Rapport(
            id=bestand.openbaar_id,
            naam=_bestandsnaam(publicatie, bestand),
            titel=TITELS[bestand.soort],
            omvang=bestand.omvang,
            rijen=bestand.rijen,
            opgehaald_op=opgehaald.get(bestand.id),
            ophalers=ophalers.get(bestand.id, 0),
        )
        for bestand in bestanden
    )
    totalen = publicatie.manifest.get("totalen") or {}
    return Uitgave(
        id=publicatie.id,
        organisatie=publicatie.organisatie.naam,
        periode=publicatie.ronde or _gemeente(publicatie),
        versie=publicatie.versie,
        gepubliceerd_op=publicatie.gepubliceerd_op,
        laatste_dag=publicatie.verwijderen_op - timedelta(days=1),
        vervangen=publicatie.vervangen_op is not None,
        nieuw=publicatie.vervangen_op is None and not any(rapport.opgehaald_op for rapport in rapporten),
        rapporten=rapporten,
        oordelen=totalen.get("oordelen") or {},
        inkomen_binnen=totalen.get("inkomen_binnen") or {},
    )


def _gemeente(publicatie: Publicatie) -> str:
    code = publicatie.gemeentecode or ""
    return gemeentenaam(code) or code


def _bestandsnaam(publicatie: Publicatie, bestand: PublicatieBestand) -> str:
    """Name a download after what it is: product, period and version, in letters that every system takes."""
    wat = publicatie.ronde or f"{publicatie.gemeentecode}_{publicatie.gepubliceerd_op:%Y-%m-%d}"
    stam, uitgang = bestand.naam.rsplit(".", 1)
    return f"{publicatie.product}_{wat}_{stam}_v{publicatie.versie}.{uitgang}"


def _eis_ongewijzigd(opslag: Opslag, publicatie: Publicatie, bestand: PublicatieBestand) -> None:
    som = hashlib.sha256()
    for blok in _blokken(opslag, bestand):
        som.update(blok)
    if som.hexdigest() != bestand.sha256:
        raise ControleFout(
            f"organisation {publicatie.organisatie.naam}: {bestand.sleutel} is not what was published; nothing "
            "was sent. Restore it from the backup of the file store, or reprocess the ronde"
        )


def _blokken(opslag: Opslag, bestand: PublicatieBestand) -> Iterator[bytes]:
    with opslag.bestanden.open_read(bestand.sleutel) as bron:
        while blok := bron.read(BLOK):
            yield blok
