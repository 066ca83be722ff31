"""``verslag``: what an organisation handed in, and the verwerkingsverslag of each delivery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from include.commands.rapporten import eis_ronde, mapnaam
from include.commands.screen import console, met_nette_fouten, open_opslag
from include.moments import AMSTERDAM
from include.steps.raadplegen import alle_leveringen, haal_verslag

if TYPE_CHECKING:
    from include.storage.models import Levering


@met_nette_fouten
def verslag(
    organisatie: Annotated[str, typer.Option(help="The organisation that handed in.")],
    ronde: Annotated[str | None, typer.Option(help="Only for this ronde, JJJJ-MM.")] = None,
    uit: Annotated[
        Path | None, typer.Option(help="Write every verwerkingsverslag out, readable, below this folder.")
    ] = None,
) -> None:
    """List what an organisation handed in and, with --uit, write out each verwerkingsverslag."""
    eis_ronde(ronde)
    opslag = open_opslag()
    gevonden = alle_leveringen(opslag, organisatie, ronde=ronde)
    console.print(_als_tabel(gevonden) if gevonden else "Er is niets ingeleverd.")
    for levering in gevonden if uit is not None else []:
        assert levering.organisatie is not None  # noqa: S101 - a vraagbestand belongs to one
        ronde_map = Path(uit or "") / str(levering.ronde) / mapnaam(levering.organisatie)
        map_ = ronde_map / f"levering-{levering.volgnummer}"
        for naam, inhoud in haal_verslag(opslag, levering).items():
            map_.mkdir(parents=True, exist_ok=True)
            (map_ / naam).write_bytes(inhoud)
            console.print(str(map_ / naam), highlight=False, markup=False, soft_wrap=True)


def _als_tabel(gevonden: list[Levering]) -> Table:
    status = Column("Status", no_wrap=True)
    tabel = Table("Ronde", "Nr.", "Ontvangen", "Bestand", status, "Gelezen", "Geaccepteerd", "Afgekeurd")
    for levering in gevonden:
        tabel.add_row(
            levering.ronde,
            str(levering.volgnummer),
            levering.ontvangen_op.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M"),
            levering.bestandsnaam,
            str(levering.status or "nog niet beoordeeld"),
            *(
                str(aantal or 0)
                for aantal in (levering.rijen_gelezen, levering.rijen_goedgekeurd, levering.rijen_afgewezen)
            ),
        )
    return tabel
