"""The closed lists of the domain: the two products, and how far a levering or an organisation is."""

from __future__ import annotations

from enum import StrEnum


class Product(StrEnum):
    """The two services; the values are those of X-Doelbinding (contracten §1)."""

    BIJZONDERE_BIJSTAND = "bijzondere-bijstand"
    ALLEENVERDIENERS = "alleenverdieners"


class LeveringStatus(StrEnum):
    """How a levering was judged (besluit B21)."""

    CORRECT = "correct"
    DEELS_INCORRECT = "deels incorrect"
    AFGEKEURD = "afgekeurd"


class Stap(StrEnum):
    """How far the judging of a levering is, in the words of the bar Procesvoortgang (manual 3.6)."""

    ONTVANGEN = "ontvangen"
    GELEZEN = "gelezen"
    GECONTROLEERD = "gecontroleerd"
    VERSLAG_KLAAR = "verslag klaar"


class DeelnameStatus(StrEnum):
    """How far one organisation is in one ronde."""

    OPEN = "open"
    AFGEKEURD = "afgekeurd"
    GEPUBLICEERD = "gepubliceerd"
    MISLUKT = "mislukt"


class Ondanks(StrEnum):
    """What stopped a sweep that a human lets pass: the clock, how much is due, how many orphans there are (B55)."""

    KLOK = "klok"
    OMVANG = "omvang"
    WEZEN = "wezen"
