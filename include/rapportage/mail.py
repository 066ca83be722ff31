"""The e-mail that tells a productbeheerder that reports are ready (besluiten B54 and A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

PRODUCTIE = "productie"
MAANDEN = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


@dataclass(frozen=True)
class Dienst:
    """How a product is called in a mail."""

    naam: str
    periode: str
    """What one turn of the product is called."""
    bestanden: tuple[str, str]
    """What it yields: one, several."""


PRODUCTEN = {
    "bijzondere-bijstand": Dienst("Bijzondere Bijstand", "Ronde", ("rapport", "rapporten")),
    "alleenverdieners": Dienst("Alleenverdieners", "Levering", ("lijst", "lijsten")),
}


@dataclass(frozen=True)
class Mail:
    """A message in both its forms; it never has an attachment."""

    onderwerp: str
    tekst: str
    html: str
    taal: str = "nl"
    """Of the text, as a language tag."""


def notificatie(
    *,
    product: str,
    periode: str,
    aantal_rapporten: int,
    ophalen_tot: date,
    omgeving: str,
    organisatie: str,
    portaal: str | None = None,
) -> Mail:
    """Return the notification of one publication, the same for every productbeheerder of the organisation.

    Args:
        product: key of ``PRODUCTEN``.
        periode: the ronde (``2026-09``) or the name of the levering.
        aantal_rapporten: number of files that can be fetched; says nothing about persons.
        ophalen_tot: the day on which the files are removed (besluit B55): the first they cannot be fetched.
        omgeving: ``productie``, or what the subject must warn of.
        organisatie: for whom the files are.
        portaal: the public address of the portal; without one the mail names none.
    """
    dienst = PRODUCTEN[product]
    enkelvoud = aantal_rapporten == 1
    bestanden = dienst.bestanden[0 if enkelvoud else 1]
    waarschuwing = "" if omgeving == PRODUCTIE else f"[{_op_een_regel(omgeving).upper()}] "
    gegevens = {
        "dienst": dienst,
        "periode": _op_een_regel(periode),
        "aantal": aantal_rapporten,
        "bestanden": bestanden,
        "staan": "staat" if enkelvoud else "staan",
        "ze": "het bestand" if enkelvoud else "de bestanden",
        "ophalen_tot": f"{ophalen_tot.day} {MAANDEN[ophalen_tot.month - 1]} {ophalen_tot.year}",
        "organisatie": _op_een_regel(organisatie),
        "is_test": bool(waarschuwing),
        "ophalen": f"{portaal}/{product}/ophalen" if portaal else "",
    }
    gegevens["onderwerp"] = (
        f"{waarschuwing}{dienst.naam}: {bestanden} klaar, {dienst.periode.lower()} {gegevens['periode']}"
    )
    sjablonen = _sjablonen()
    return Mail(
        onderwerp=str(gegevens["onderwerp"]),
        tekst=sjablonen.get_template("notificatie.txt.j2").render(gegevens),
        html=sjablonen.get_template("notificatie.html.j2").render(gegevens),
    )


@cache
def _sjablonen() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "sjablonen"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _op_een_regel(tekst: str) -> str:
    """Return the text fit for a mail header: a line break would start a new one."""
    return " ".join(tekst.split())
