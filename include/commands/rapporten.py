"""``rapporten`` and ``detail``: what was published, and the report of one aanvrager."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from include.commands.screen import console, fouten, met_nette_fouten, open_opslag
from include.errors import BidnFout, ControleFout, GegevensFout
from include.moments import day_of
from include.normen.kalender import lees_maand
from include.rapportage.opzoeken import detail_tekst
from include.steps.raadplegen import (
    alle_publicaties,
    controleer_bestand,
    haal_op,
    lees_bsn,
    leg_uit,
    zoek_detail,
)
from include.steps.verwerking import Opslag

if TYPE_CHECKING:
    from include.storage.models import Organisatie, Publicatie, PublicatieBestand

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
    eis_ronde(ronde)
    gevonden = alle_publicaties(opslag, organisatie=organisatie, ronde=ronde, ook_vervangen=alles)
    console.print(als_tabel(gevonden) if gevonden else "Er is niets gepubliceerd.")
    if uit is not None:
        _schrijf_alles_uit(opslag, gevonden, uit)


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
            day_of(publicatie.gepubliceerd_op).isoformat(),
            publicatie.verwijderen_op.isoformat(),
            "vervangen" if publicatie.vervangen_op else "actueel",
        )
    return tabel


def schrijf_uit(opslag: Opslag, publicatie: Publicatie, uit: Path) -> list[Path]:
    """Write the files of a publication below ``uit``, in a folder per ronde or levering, organisation and version.

    Raises as ``haal_op``.
    """
    return [_schrijf(opslag, publicatie, bestand, uit) for bestand in _voor_de_lezer(publicatie)]


def _schrijf_alles_uit(opslag: Opslag, gevonden: list[Publicatie], uit: Path) -> None:
    """Write out all files that can be, naming each; and each that cannot, with whose it is.

    Raises:
        ControleFout: some files could not be fetched or are damaged; the others are written.
    """
    mislukt = 0
    for publicatie in gevonden:
        for bestand in publicatie.bestanden:
            try:
                if bestand.soort in VOOR_DE_LEZER:
                    pad = _schrijf(opslag, publicatie, bestand, uit)
                    console.print(str(pad), highlight=False, markup=False, soft_wrap=True)
                else:  # what nobody fetches, a look-up or an audit still needs
                    controleer_bestand(opslag, bestand)
            except BidnFout as fout:
                mislukt += 1
                wat = f"{publicatie.organisatie.naam}, {_periode(publicatie)}, version {publicatie.versie}"
                melding = f"{wat}, {bestand.naam}: {type(fout).__name__}: {fout}"
                fouten.print(" ".join(melding.splitlines()), highlight=False)
    if mislukt:
        raise ControleFout(
            f"{mislukt} file{'s' if mislukt > 1 else ''} could not be read, see above; all other reports were written "
            "out"
        )


def _voor_de_lezer(publicatie: Publicatie) -> list[PublicatieBestand]:
    return [bestand for bestand in publicatie.bestanden if bestand.soort in VOOR_DE_LEZER]


def _schrijf(opslag: Opslag, publicatie: Publicatie, bestand: PublicatieBestand, uit: Path) -> Path:
    inhoud = haal_op(opslag, publicatie, bestand.soort)
    map_ = uit / periodemap(_periode(publicatie)) / mapnaam(publicatie.organisatie) / f"v{publicatie.versie}"
    map_.mkdir(parents=True, exist_ok=True)
    pad = map_ / bestand.naam
    pad.write_bytes(inhoud)
    return pad


def _periode(publicatie: Publicatie) -> str:
    """The ronde, or the levering that a list is from."""
    return publicatie.ronde or str(publicatie.manifest["periode"])


@met_nette_fouten
def detail(
    organisatie: Annotated[
        str, typer.Option(help="Organisation that asks: only its own aanvragers are found.")
    ],
    bsn: Annotated[
        str,
        typer.Option(
            prompt="BSN",
            help="BSN of the aanvrager. Left out, it is asked for: then no process list or history has it.",
        ),
    ],
    ronde: Annotated[str | None, typer.Option(help="In this ronde only, JJJJ-MM.")] = None,
    uitleg: Annotated[
        bool, typer.Option("--uitleg", help="Tell in Dutch, for the citizen, why the outcome is what it is.")
    ] = False,
) -> None:
    """Show the newest detail report of one aanvrager."""
    eis_ronde(ronde)
    opslag = open_opslag()
    gevonden = zoek_detail(opslag, organisatie=organisatie, bsn=lees_bsn(bsn), ronde=ronde)
    if gevonden is None:
        raise GegevensFout(
            f"not found: {organisatie} has no report about this BSN{f' in {ronde}' if ronde else ''}"
        )
    publicatie = gevonden.publicatie
    kop = f"{organisatie}, ronde {publicatie.ronde}, versie {publicatie.versie}"
    console.print(kop, highlight=False, soft_wrap=True)
    tekst = leg_uit(opslag, gevonden) if uitleg else detail_tekst(gevonden.aanvraag)
    console.print(tekst, markup=False, highlight=False, soft_wrap=True)


def eis_ronde(ronde: str | None) -> None:
    """Refuse what cannot be a ronde: nothing is found under it, and that would look as if nothing was published."""
    if ronde is not None:
        lees_maand(ronde)


def mapnaam(organisatie: Organisatie) -> str:
    """Return a folder name for an organisation that leads nowhere else and is no other organisation's.

    Where the name cannot be read back from it, its number in the register is added.
    """
    slak = _slak(organisatie.naam)
    return slak if slak.replace("-", " ").title() == organisatie.naam else f"{slak}.{organisatie.id}"


def periodemap(periode: str) -> str:
    """Return a folder name for a ronde or levering that leads nowhere else and is no other's.

    Where it is not the name itself, part of the name's sha-256 is added.
    """
    slak = _slak(periode)
    return slak if slak == periode else f"{slak}.{sha256(periode.encode()).hexdigest()[:8]}"


def _slak(naam: str) -> str:
    kort = naam.encode()[:120].decode(errors="ignore")  # a folder name has at most 255 bytes
    return re.sub(r"[^\w-]+", "-", kort).strip("-").lower() or "organisatie"
