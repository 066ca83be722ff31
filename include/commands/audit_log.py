"""``logboek``: verify it, read it, and tell a person who processed what about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from include.commands.screen import console, fouten, met_nette_fouten, open_opslag
from include.errors import GegevensFout
from include.moments import AMSTERDAM
from include.steps.audit import aanvaard_breuk, als_ldv, controleer_logboek, laatste_regels, regels_over
from include.steps.raadplegen import lees_bsn

if TYPE_CHECKING:
    from include.storage.audit_models import AuditEntry

logboek = typer.Typer(no_args_is_help=True, help="Who processed or fetched what, for whom and why.")

Ldv = Annotated[bool, typer.Option("--ldv", help="As JSON lines, with the names of the standard.")]


@logboek.command("controleer")
@met_nette_fouten
def controleer() -> None:
    """Verify that nothing was changed, removed or added behind the program's back; name every place if so."""
    controle = controleer_logboek(open_opslag())
    for breuk in controle.breaks:
        fouten.print(f"logregel {breuk.volgnummer}: {breuk.reason}", highlight=False)
    if found := controle.first_break:
        more = ", after which it stopped" if controle.stopped else "; the rest is as it was written"
        raise GegevensFout(
            f"the logboek is broken at logregel {found.volgnummer}: {found.reason}. {len(controle.breaks)} breaks in "
            f"all{more}. Leave database and file store as they are, and tell the privacy officer"
        )
    for breuk, regel in controle.accepted:
        note = regel.bijzonderheden
        told = f"logregel {breuk.volgnummer}: {breuk.reason}. Aanvaard met logregel {regel.volgnummer}"
        console.print(f"{told} door {note['door']}: {note['reden']}", highlight=False)
    console.print(f"Het logboek is gaaf: tot en met logregel {controle.aantal}.", highlight=False)


@logboek.command("aanvaard")
@met_nette_fouten
def aanvaard(
    volgnummer: Annotated[int, typer.Argument(help="The logregel that `controleer` named.")],
    reden: Annotated[str, typer.Option(help="What is known about it, and where that is kept.")],
    door: Annotated[str, typer.Option(help="Who decided so: the privacy officer, by name.")],
) -> None:
    """Accept a break that is known: a sealed note in the logboek, after which checking goes on past it."""
    if not reden.strip() or not door.strip():
        raise GegevensFout("say why and who: --reden and --door may not be empty. Nothing was entered")
    for breuk in aanvaard_breuk(open_opslag(), volgnummer, reden=reden, door=door):
        console.print(f"Aanvaard: logregel {breuk.volgnummer}, {breuk.reason}.", highlight=False)


@logboek.command("lijst")
@met_nette_fouten
def lijst(
    organisatie: Annotated[str | None, typer.Option(help="Only on behalf of this organisation.")] = None,
    handeling: Annotated[str | None, typer.Option(help="Only this handeling, e.g. detail-opzoeken.")] = None,
    aantal: Annotated[int, typer.Option(min=1, help="The last so many.")] = 50,
    ldv: Ldv = False,
) -> None:
    """Show the last logregels, oldest first."""
    toon(laatste_regels(open_opslag(), organisatie=organisatie, handeling=handeling, aantal=aantal), ldv=ldv)


@logboek.command("betrokkene")
@met_nette_fouten
def betrokkene(
    bsn: Annotated[
        str,
        typer.Option(
            prompt="BSN", help="BSN of the person who asks (AVG art. 15). Leave it out and it is asked for."
        ),
    ],
    ldv: Ldv = False,
) -> None:
    """Show every logregel about one person; asking is entered as well."""
    toon(regels_over(open_opslag(), lees_bsn(bsn)), ldv=ldv)


def toon(regels: list[AuditEntry], *, ldv: bool) -> None:
    """Print logregels as a table, or as JSON lines with the names of the standard."""
    if ldv:
        for regel in regels:
            tekst = json.dumps(als_ldv(regel), ensure_ascii=False)
            console.print(tekst, highlight=False, markup=False, soft_wrap=True)
        return
    tabel = Table("Nr", "Wanneer", "Handeling", "Status", "Organisatie", "Ronde", "Aantal", "Door")
    for regel in regels:
        tabel.add_row(
            str(regel.volgnummer),
            f"{regel.begin_op.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}",
            regel.naam,
            regel.status,
            regel.organisatie or "",
            regel.ronde or "",
            "" if regel.aantal is None else str(regel.aantal),
            regel.uitvoerder,
        )
    console.print(tabel)
