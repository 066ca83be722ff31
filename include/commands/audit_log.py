"""``logboek``: verify it, read it, and tell a person who processed what about them."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from include.commands.screen import console, met_nette_fouten
from include.errors import GegevensFout
from include.moments import AMSTERDAM
from include.steps.audit import noteer
from include.steps.raadplegen import lees_bsn
from include.steps.verwerking import Opslag
from include.storage import audit_log as register
from include.storage.audit_log import AuditEvent, ProcessingActivity
from include.storage.audit_models import AuditEntry

logboek = typer.Typer(no_args_is_help=True, help="Who processed or fetched what, for whom and why.")

Ldv = Annotated[bool, typer.Option("--ldv", help="As JSON lines, with the names of the standard.")]


@logboek.command("controleer")
@met_nette_fouten
def controleer() -> None:
    """Verify that nothing was changed, removed or added behind the program's back; tell the first place if so."""
    opslag = Opslag()
    anker = register.read_anchor(opslag.bestanden)
    with opslag.database.reading() as sessie:
        controle = register.verify(sessie, anker)
    if controle.first_break:
        raise GegevensFout(
            f"the logboek is broken at logregel {controle.first_break.volgnummer}: {controle.first_break.reason}. What is before it "
            "is as it was written. Leave database and file store as they are, and tell the privacy officer"
        )
    console.print(f"Het logboek is gaaf: {controle.aantal} logregels.", highlight=False)


@logboek.command("lijst")
@met_nette_fouten
def lijst(
    organisatie: Annotated[str | None, typer.Option(help="Only on behalf of this organisation.")] = None,
    handeling: Annotated[str | None, typer.Option(help="Only this handeling, e.g. detail-opzoeken.")] = None,
    aantal: Annotated[int, typer.Option(min=1, help="The last so many.")] = 50,
    ldv: Ldv = False,
) -> None:
    """Show the last logregels, oldest first."""
    opslag = Opslag()
    with opslag.database.reading() as sessie:
        gevonden = register.entries(sessie, organisatie=organisatie, naam=handeling, laatste=aantal)
    toon(gevonden, ldv=ldv)


@logboek.command("betrokkene")
@met_nette_fouten
def betrokkene(
    bsn: Annotated[str, typer.Option(help="BSN of the person who asks (AVG art. 15).")],
    ldv: Ldv = False,
) -> None:
    """Show every logregel about one person; asking is entered as well."""
    opslag, nummer = Opslag(), lees_bsn(bsn)
    with opslag.database.reading() as sessie:
        gevonden = list(register.entries_about(sessie, nummer))
    noteer(
        opslag,
        AuditEvent(
            "logboek-inzien",
            ProcessingActivity.RAADPLEGING,
            betrokkene=nummer,
            aantal=1,
            bijzonderheden={"logregels": len(gevonden)},
        ),
    )
    toon(gevonden, ldv=ldv)


def toon(regels: list[AuditEntry], *, ldv: bool) -> None:
    """Print logregels as a table, or as JSON lines with the names of the standard."""
    if ldv:
        for regel in regels:
            tekst = json.dumps(register.as_ldv(regel), ensure_ascii=False)
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
