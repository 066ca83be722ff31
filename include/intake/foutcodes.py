"""The list of foutcodes in ``docs/``, made from the rules: ``python -m include.intake.foutcodes`` writes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from include.schemas import controles, selectielijst
from include.schemas.controles import Controle

BESTAND = Path(__file__).parents[2] / "docs" / "foutcodes.md"

_KOP = """\
<!-- Gemaakt uit de regels in include/schemas met `python -m include.intake.foutcodes`; wijzig het daar. -->

# Foutcodes van het verwerkingsverslag

Het verwerkingsverslag noemt elke fout in een vraagbestand op een eigen regel: de regel in het bestand, de kolom,
een code en wat u eraan kunt doen. Een code houdt altijd dezelfde betekenis. Kolom `*` is de rij of het bestand
als geheel; een fout in het hele bestand staat op regel 0. Op de plaats van een … staat in het verslag een getal.

"""
_SELECTIELIJST = """
## Foutcodes van het leveringsverslag

Het leveringsverslag noemt op dezelfde wijze elke fout in een levering van Alleenverdieners. Met een fout in het hele
bestand (S001 tot en met S005) is de levering afgekeurd; met een andere doet alleen die rij niet mee.

"""
_TABEL = """\
| Code | Kolom | Veld | Omschrijving |
| --- | --- | --- | --- |
"""


def lijst() -> str:
    """Return the page: every code with its column and its sentence, as Markdown."""
    return _KOP + _tabel(controles.CONTROLES) + _SELECTIELIJST + _tabel(selectielijst.CONTROLES)


def _tabel(regels: Iterable[Controle]) -> str:
    return _TABEL + "".join(
        f"| {controle.code} | `{controle.kolom.letter}` | {controle.kolom.veld} |"
        f" {controle.omschrijving.format(regel='…', grens='…')} |\n"
        for controle in regels
    )


if __name__ == "__main__":
    BESTAND.write_text(lijst(), encoding="utf-8")
