"""The steps behind the outcome of one aanvraag, as data and in Dutch words (manual 5.4).

:func:`toelichting` gathers, :func:`tekst` puts into words. A toelichting is about one person: it is shown, and
neither stored nor logged.
"""

from include.toets.toelichting.maken import toelichting
from include.toets.toelichting.tekst import tekst
from include.toets.toelichting.vormen import Invoer, Toelichting

__all__ = ["Invoer", "Toelichting", "tekst", "toelichting"]
