"""The list of foutcodes in ``docs/``, made from the rules: ``python -m include.intake.foutcodes`` writes it."""

from __future__ import annotations

from pathlib import Path

from include.schemas.controles import CONTROLES

BESTAND = Path(__file__).parents[2] / "docs" / "foutcodes.md"

_KOP = """\
<!-- Gemaakt uit include/schemas/controles.py met `python -m include.intake.foutcodes`; wijzig het daar. -->

# Foutcodes van het verwerkingsverslag

Het verwerkingsverslag noemt elke fout in een vraagbestand op een eigen regel: de regel in het bestand, de kolom,
een code en wat u eraan kunt doen. Een code houdt altijd dezelfde betekenis. Kolom `*` is de rij of het bestand
als geheel; een fout in het hele bestand staat op regel 0. Op de plaats van een … staat in het verslag een getal.

| Code | Kolom | Veld | Omschrijving |
| --- | --- | --- | --- |
"""


def lijst() -> str:
    """Return the page: every code with its column and its sentence, as Markdown."""
    regels = (
        f"| {controle.code} | `{controle.kolom.letter}` | {controle.kolom.veld} |"
        f" {controle.omschrijving.format(regel='…', grens='…')} |\n"
        for controle in CONTROLES
    )
    return _KOP + "".join(regels)


if __name__ == "__main__":
    BESTAND.write_text(lijst(), encoding="utf-8")
