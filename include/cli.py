"""``python -m include.cli``: reproduce a toets, hand in files, look at what was published, register organisations."""

from __future__ import annotations

import typer

from include.opdrachten import registratie
from include.opdrachten.leveren import lever
from include.opdrachten.rapporten import detail, rapporten
from include.opdrachten.toets import toets

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print personal data.
    pretty_exceptions_enable=False,
    help="BIDN Informatiediensten from the command line.",
)
for opdracht in (toets, lever, rapporten, detail):
    app.command()(opdracht)
for naam in ("organisatie", "productbeheerder", "instellingen", "aanmelding"):
    app.add_typer(getattr(registratie, naam), name=naam)

if __name__ == "__main__":
    app()
