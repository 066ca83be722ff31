"""``python -m include.cli``: reproduce a toets, hand in files, look at what was published, register organisations."""

from __future__ import annotations

import typer

from include.opdrachten.toets import toets

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print personal data.
    pretty_exceptions_enable=False,
    help="BIDN Informatiediensten from the command line.",
)


@app.callback()
def bidn() -> None:
    """Keep every command a subcommand, however many there are."""


app.command()(toets)

if __name__ == "__main__":
    app()
