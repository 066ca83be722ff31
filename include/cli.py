"""``python -m include.cli``: reproduce a toets, hand in files, look at what was published, register organisations."""

from __future__ import annotations

import logging

import typer

from include.commands import registratie
from include.commands.audit_log import logboek
from include.commands.backfill import backfill
from include.commands.installatie import installatie
from include.commands.leveren import lever
from include.commands.normen import normen
from include.commands.rapporten import detail, rapporten
from include.commands.screen import met_nette_fouten
from include.commands.toets import toets
from include.commands.verslag import verslag
from include.logfilter import installeer
from include.settings import neem_env_bestand_over

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print personal data.
    pretty_exceptions_enable=False,
)


@app.callback()
@met_nette_fouten
def begin() -> None:
    """BIDN Informatiediensten from the command line."""
    # So that a command finds what `make run` made.
    neem_env_bestand_over()
    installeer()
    # What a task logs on its way (a source asked again) is not for the screen: a command ends in one line.
    logging.getLogger("include").addHandler(logging.NullHandler())


for opdracht in (toets, lever, verslag, rapporten, detail, backfill):
    app.command()(opdracht)
for naam in ("organisatie", "productbeheerder", "gebruikersbeheerder", "instellingen", "aanmelding"):
    app.add_typer(getattr(registratie, naam), name=naam)
app.add_typer(installatie, name="installatie")
app.add_typer(logboek, name="logboek")
app.add_typer(normen, name="normen")

if __name__ == "__main__":
    app()
