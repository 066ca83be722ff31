"""``installatie``: whether database and file store belong together, and what a human decides about the sweep."""

from __future__ import annotations

from typing import Annotated

import typer

from include.commands.screen import console, met_nette_fouten, open_opslag
from include.schemas.domein import Ondanks
from include.steps.audit import haal_terug as zet_terug
from include.steps.audit import ruim_op
from include.steps.installation import bind_bijeen, hoort_bijeen
from include.steps.installation import open_opslag as open_stil

installatie = typer.Typer(
    no_args_is_help=True, help="Database and file store as one installation, and what the sweep asks a human."
)

Reden = Annotated[
    str, typer.Option(help="Why, in a few words, for the logboek; no personal data.", prompt="Reason")
]


@installatie.command("controleer")
@met_nette_fouten
def controleer() -> None:
    """Tell whether database and file store belong together; exit code 4 when they do not."""
    if not hoort_bijeen(open_opslag()).misfit:
        console.print("Database en bestandsopslag horen bijeen.")


@installatie.command("bind")
@met_nette_fouten
def bind(reden: Reden) -> None:
    """Bind this database and this file store, after you looked: what the database does not know becomes an orphan."""
    were = bind_bijeen(open_stil(), reden)
    console.print(
        f"Database en bestandsopslag zijn gebonden (hun kenmerken waren: {were.database or 'geen'} en "
        f"{were.store or 'geen'}).",
        highlight=False,
        soft_wrap=True,
    )


@installatie.command("veeg")
@met_nette_fouten
def veeg(
    reden: Reden,
    ondanks: Annotated[
        list[Ondanks],
        typer.Option(
            help="What stopped the sweep and you found to be right: klok, omvang or wezen. May be repeated."
        ),
    ],
) -> None:
    """Sweep once, past what stopped the sweep of last night."""
    verslag = ruim_op(open_stil(), ondanks=ondanks, reden=reden)
    console.print(f"Opgeruimd: {verslag}.", highlight=False, soft_wrap=True)


@installatie.command("haal-terug")
@met_nette_fouten
def haal_terug(reden: Reden) -> None:
    """Put what the sweep put out of sight back where it was: the next sweep looks at it anew."""
    console.print(f"Teruggezet: {zet_terug(open_stil(), reden)} bestanden.", highlight=False)
