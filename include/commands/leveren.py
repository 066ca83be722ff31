"""``lever``: hand in a vraagbestand as an organisation would."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from include.commands.screen import amsterdams, console, met_nette_fouten, open_opslag
from include.commands.toets import lees_bestand
from include.schemas.controles import PER_CODE
from include.schemas.domein import LeveringStatus
from include.steps.leveren import Ingeleverd
from include.steps.leveren import lever as lever_in

AFGEKEURD = 3
"""Exit code for a file that was kept and of which nothing can be used."""


@met_nette_fouten
def lever(
    organisatie: Annotated[str, typer.Option(help="Name under which the organisation is registered.")],
    bestand: Annotated[Path, typer.Option(help="The vraagbestand.")],
    ontvangen: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"],
            help="Moment of receipt, Amsterdam time; now by default.",
        ),
    ] = None,
) -> None:
    """Hand in a vraagbestand: it is kept, judged at once, and its verwerkingsverslag summarised.

    The organisation must be registered for bijzondere-bijstand on the day of receipt (aanmelding registreer).
    Exit code 0: kept, correct or deels incorrect. 2: refused, nothing was kept. 3: kept, and afgekeurd.
    """
    opslag = open_opslag()
    uitkomst = lever_in(
        opslag,
        organisatie=organisatie,
        bestandsnaam=bestand.name,
        inhoud=lees_bestand(bestand),
        ontvangen=amsterdams(ontvangen) if ontvangen else opslag.klok(),
    )
    toon(organisatie, uitkomst)
    if uitkomst.levering.status is LeveringStatus.AFGEKEURD:
        raise typer.Exit(AFGEKEURD)


def toon(organisatie: str, ingeleverd: Ingeleverd) -> None:
    """Print the summary of the verwerkingsverslag, as the municipality would read it."""
    feiten = ingeleverd.samenvatting
    zin = f"{organisatie}: {feiten['bestandsnaam']} voor ronde {ingeleverd.ronde}"
    console.print(zin, highlight=False, soft_wrap=True)
    tabel = Table("Gegeven", "Waarde")
    tabel.add_row("Status", str(feiten["status"]))
    for opschrift, naam in (
        ("Rijen gelezen", "rijen_gelezen"),
        ("Rijen geaccepteerd", "rijen_geaccepteerd"),
        ("Rijen afgekeurd", "rijen_afgekeurd"),
        ("Lege regels overgeslagen", "lege_regels_overgeslagen"),
    ):
        tabel.add_row(opschrift, str(feiten[naam]))
    for code, aantal in sorted(feiten["fouten_per_code"].items()):
        zin = PER_CODE[code].omschrijving
        # The sentence about a whole file has its numbers in the verwerkingsverslag itself.
        tabel.add_row(f"Fout {code}", f"{aantal} keer" + ("" if "{" in zin else f": {zin}"))
    if feiten.get("vervangt"):
        tabel.add_row("Vervangt", ", ".join(feiten["vervangt"]))
    if feiten.get("vervangt_niet"):
        tabel.add_row("Vervangt niet", ", ".join(feiten["vervangt_niet"]))
    console.print(tabel)
    if not ingeleverd.nieuw:
        console.print("Dit bestand was al precies zo ingeleverd; er is niets veranderd.")
