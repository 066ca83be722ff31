"""Dates and amounts as they are written in Dutch."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.normen.kalender import Maand

_MAANDEN = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


def maand(welke: Maand) -> str:
    """Write a month: ``augustus 2026``."""
    return f"{_MAANDEN[welke.maand - 1]} {welke.jaar}"


def dag(welke: date) -> str:
    """Write a day: ``26 september 2026``."""
    return f"{welke.day} {_MAANDEN[welke.month - 1]} {welke.year}"


def euro(centen: int | Decimal, minste_decimalen: int = 2) -> str:
    """Write cents as euros, with as many decimals as there are but at least so many: ``€ 1.419,46``."""
    bedrag = Decimal(centen) / 100
    decimalen = max(minste_decimalen, -int(bedrag.normalize().as_tuple().exponent))
    engels = f"{abs(bedrag):,.{decimalen}f}"
    nederlands = engels.translate(str.maketrans(",.", ".,"))
    return f"€ {'-' if bedrag < 0 else ''}{nederlands}"
