"""``normen``: prepare the norms of the next half-year, and look at what they change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from include.commands.screen import console, met_nette_fouten
from include.normen import laden
from include.normen.new_blocks import nieuwe_blokken, wijzigingen
from include.normen.yaml_file import projectpad

Ingang = Annotated[
    datetime, typer.Option("--ingang", formats=["%Y-%m-%d"], help="First day of the new block, JJJJ-MM-DD.")
]

normen = typer.Typer(no_args_is_help=True, help="Dated norms: the next block, and what it changes.")


@normen.command("nieuw")
@met_nette_fouten
def nieuw(ingang: Ingang) -> None:
    """Add an empty block to each table that ends on the day before; a "?" stands where an amount must come."""
    for pad, tekst in nieuwe_blokken(laden.MAP, ingang.date()).items():
        pad.write_text(tekst, encoding="utf-8")
        console.print(
            f"{projectpad(pad)}: blok vanaf {ingang:%Y-%m-%d} toegevoegd, vul in wat er als ? staat."
        )


@normen.command("verschil")
@met_nette_fouten
def verschil(ingang: Ingang) -> None:
    """Show the amounts of the block that begins on a day beside those before it."""
    tabel = Table("Norm", "Was", "Wordt", "Verschil")
    for w in wijzigingen(laden.MAP, ingang.date()):
        tabel.add_row(w.naam, f"{w.was / 100:.2f}", f"{w.wordt / 100:.2f}", f"{w.procent:+.2f} %")
    console.print(tabel)
