"""``backfill``: what running past rondes would do, where the product runs; Airflow itself then runs them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.commands.screen import console as screen
from include.commands.screen import met_nette_fouten
from include.moments import day_of
from include.pipeline import BIJZONDERE_BIJSTAND
from include.steps.backfill import Rondeplan, niet_uitgekomen, plan
from include.steps.installation import open_opslag

NOT_OUT = 1
"""Exit code of ``--controleer`` when an organisation that was promised reports has none."""


@met_nette_fouten
def backfill(
    van: Annotated[str, typer.Argument(metavar="VAN", help="The first ronde, JJJJ-MM.")],
    tot: Annotated[str | None, typer.Argument(metavar="TOT", help="The last ronde; VAN by default.")] = None,
    controleer: Annotated[
        bool, typer.Option("--controleer", help="Afterwards: say who has no reports; exit code 1 if anybody.")
    ] = False,
) -> None:
    """Show what running past rondes would do, per organisation, and with which command Airflow runs them.

    Starts nothing and changes nothing.
    """
    opslag = open_opslag()
    plans = plan(opslag, van, tot or van)
    if controleer:
        zonder = {one.ronde.naam: names for one in plans if (names := niet_uitgekomen(opslag, one))}
        for ronde, names in zonder.items():
            screen.print(f"Ronde {ronde}: no reports for {', '.join(names)}", highlight=False)
        if zonder:
            raise typer.Exit(NOT_OUT)
        screen.print("Every organisation that could have reports has them.")
        return
    for one in plans:
        show(one, screen, runs=True)
    for one in plans:
        warn(one, screen)
    first, last = (one.ronde.maand.eerste_dag for one in (plans[0], plans[-1]))
    # A ronde that ran is left alone by Airflow, unless it is told otherwise.
    screen.print(
        f"\nNothing was started. To start it:\n  airflow backfill create --dag-id {BIJZONDERE_BIJSTAND.dag_id} "
        f"--from-date {first} --to-date {last} --max-active-runs 1\n"
        "Airflow leaves alone what ran before; to run that again add: --reprocess-behavior completed\n"
        f"Afterwards: python -m include.cli backfill {van} {tot or van} --controleer",
        highlight=False,
        soft_wrap=True,
    )


def warn(one: Rondeplan, console: Console) -> None:
    """Say who gets no reports, whatever is run, because what they delivered is gone."""
    if one.vervallen:
        console.print(
            f"Not promised: ronde {one.ronde} for {', '.join(one.vervallen)}. What they delivered is past its term "
            "(besluit B55), so that run will end failed.",
            style="bold red",
            highlight=False,
        )


def show(one: Rondeplan, console: Console, *, runs: bool) -> None:
    """Print what happens in one ronde, per organisation; with ``runs`` false, what is left as it is."""
    ronde, norms = one.ronde, one.normen
    console.print(f"\nRonde {ronde}: {_verdict(one, runs=runs)}", style="bold")
    amounts = ", ".join(
        f"{name} {cents // 100}.{cents % 100:02d}"
        for name, cents in (
            ("alleenstaand", norms.bijstandsnorm_alleenstaand),
            ("gehuwd", norms.bijstandsnorm_gehuwd),
        )
    )
    console.print(
        f"deelnamedatum {ronde.deelnamedatum}, rapportagemaand {ronde.rapportagemaand}, peilmaand {ronde.peilmaand}, "
        f"belastingjaar {ronde.belastingjaar}; norms of that day: {amounts} ({norms.normvariant})",
        highlight=False,
    )
    if not one.deelnames:
        console.print("nobody delivered")
        return
    table = Table("Organisation", "Delivery that counts", "Rows", "Instellingen", "What happens", box=None)
    for deelname in one.deelnames:
        levering, gekozen = deelname.telling.levering, deelname.instellingen
        ja_nee = {True: "ja", False: "nee"}
        table.add_row(
            deelname.organisatie,
            f"{day_of(levering.ontvangen_op)} {levering.status or ''}",
            str(levering.rijen_goedgekeurd or 0),
            f"v{gekozen.versie}: {gekozen.percentage} %, vermogen {ja_nee[gekozen.vermogen]}, "
            f"voertuigen {ja_nee[gekozen.voertuigen]}",
            deelname.gevolg if runs else "stays as it is",
        )
    console.print(table, highlight=False)


def _verdict(one: Rondeplan, *, runs: bool) -> str:
    if not runs:
        return "ran before, left alone"
    if one.vervallen:
        return (
            f"will end failed, with reports for {len(one.beloofd)} of {len(one.beloofd) + len(one.vervallen)}"
        )
    return "will run"
