"""``rapporten`` and ``detail``: what was published, and the report of one aanvrager."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from include.fouten import GegevensFout
from include.normen.kalender import lees_maand
from include.opdrachten.opslag import open_opslag
from include.opdrachten.scherm import console, met_nette_fouten
from include.opslag.modellen import Publicatie
from include.opslag.organisaties import vind_organisatie
from include.opslag.publicaties import publicaties
from include.opslag.tijd import dag_van
from include.rapportage.opzoeken import detail_tekst
from include.stappen.raadplegen import haal_op, lees_bsn, zoek_detail
from include.stappen.verwerking import Opslag

VOOR_DE_LEZER = ("overzicht", "detail", "lijst")
"""The files a municipality fetches."""


@met_nette_fouten
def rapporten(
    organisatie: Annotated[str | None, typer.Option(help="Only of this organisation.")] = None,
    ronde: Annotated[str | None, typer.Option(help="Only of this ronde, JJJJ-MM.")] = None,
    uit: Annotated[
        Path | None, typer.Option(help="Write the reports out, readable, below this folder.")
    ] = None,
    alles: Annotated[bool, typer.Option("--alles", help="Replaced versions too.")] = False,
) -> None:
    """List what is published and, with --uit, write it out."""
    opslag = open_opslag()
    _eis_ronde(ronde)
    with opslag.database.raadpleging() as sessie:
        van = vind_organisatie(sessie, organisatie) if organisatie else None
        gevonden = publicaties(sessie, organisatie=van, ronde=ronde, ook_vervangen=alles)
    console.print(als_tabel(gevonden) if gevonden else "Er is niets gepubliceerd.")
    if uit is not None:
        for publicatie in gevonden:
            for pad in schrijf_uit(opslag, publicatie, uit):
                console.print(str(pad), highlight=False, markup=False, soft_wrap=True)


def als_tabel(gevonden: list[Publicatie]) -> Table:
    """Return publications as a table."""
    tabel = Table(
        "Organisatie", "Product", "Ronde of lijst", "Versie", "Rijen", "Gepubliceerd", "Tot", "Status"
    )
    for publicatie in gevonden:
        tabel.add_row(
            publicatie.organisatie.naam,
            str(publicatie.product),
            publicatie.ronde or publicatie.gemeentecode or "",
            str(publicatie.versie),
            str(max((bestand.rijen or 0 for bestand in publicatie.bestanden), default=0)),
            dag_van(publicatie.gepubliceerd_op).isoformat(),
            publicatie.verwijderen_op.isoformat(),
            "vervangen" if publicatie.vervangen_op else "actueel",
        )
    return tabel


def schrijf_uit(opslag: Opslag, publicatie: Publicatie, uit: Path) -> list[Path]:
    """Write the files of a publication below ``uit``, in a folder per ronde or levering, organisation and version."""
    periode = publicatie.ronde or _mapnaam(publicatie.manifest["periode"])
    map_ = uit / periode / _mapnaam(publicatie.organisatie.naam) / f"v{publicatie.versie}"
    map_.mkdir(parents=True, exist_ok=True)
    paden = []
    for bestand in publicatie.bestanden:
        if bestand.soort in VOOR_DE_LEZER:
            pad = map_ / bestand.naam
            pad.write_bytes(haal_op(opslag, publicatie, bestand.soort))
            paden.append(pad)
    return paden


@met_nette_fouten
def detail(
    organisatie: Annotated[
        str, typer.Option(help="Organisation that asks: only its own aanvragers are found.")
    ],
    bsn: Annotated[str, typer.Option(help="BSN of the aanvrager.")],
    ronde: Annotated[str | None, typer.Option(help="In this ronde only, JJJJ-MM.")] = None,
) -> None:
    """Show the newest detail report of one aanvrager."""
    _eis_ronde(ronde)
    gevonden = zoek_detail(open_opslag(), organisatie=organisatie, bsn=lees_bsn(bsn), ronde=ronde)
    if gevonden is None:
        raise GegevensFout(
            f"not found: {organisatie} has no report about this BSN{f' in {ronde}' if ronde else ''}"
        )
    publicatie = gevonden.publicatie
    kop = f"{organisatie}, ronde {publicatie.ronde}, versie {publicatie.versie}"
    console.print(kop, highlight=False, soft_wrap=True)
    console.print(detail_tekst(gevonden.aanvraag), markup=False, highlight=False, soft_wrap=True)


def _eis_ronde(ronde: str | None) -> None:
    """Refuse what cannot be a ronde: nothing is found under it, and that would look as if nothing was published."""
    if ronde is not None:
        lees_maand(ronde)


def _mapnaam(naam: str) -> str:
    """Return a name of an organisation as a folder name that can lead nowhere else."""
    kort = naam.encode()[:120].decode(errors="ignore")  # a folder name has at most 255 bytes
    return re.sub(r"[^\w-]+", "-", kort).strip("-").lower() or "organisatie"
