"""What every part of an explanation shares: the facts beside the detail report, and how a Dutch sentence is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from lxml import etree

from include.rapportage.detail_lezen import NS
from include.rapportage.uitleg.vormen import Feiten, Kader
from include.schemas.uitkomst import ALLEENSTAAND, ALLEENSTAANDE_OUDER, GEHUWD, JA
from include.toets.toelichting.woorden import dag, euro

LEEFVORMEN = {
    GEHUWD: "bent u getrouwd of woont u samen",
    ALLEENSTAANDE_OUDER: "bent u een alleenstaande ouder",
    ALLEENSTAAND: "bent u alleenstaand",
}
"""The leefvormen, to follow *volgens …*."""
AL_GESTOPT = "omdat de toets al stopte bij uw huishouden"
"""Why the other tests were not done after a belemmering huishouden (besluit B22)."""


class Grond(NamedTuple):
    """One reason why the outcome is J."""

    kort: str
    """A sentence."""
    anders: str
    """What would have taken it away, to follow *als*."""


@dataclass(frozen=True)
class Zaak:
    """One aanvraag to explain."""

    feiten: Feiten
    kader: Kader
    aanvraag: etree._Element
    """The ``Aanvraag`` of the detail report."""

    def alle(self, pad: str) -> list[etree._Element]:
        """Return the elements at a path like ``Inkomen/Inkomstenverhouding``."""
        return self.aanvraag.findall("/".join(NS + stap for stap in pad.split("/")))

    def veld(self, pad: str) -> str:
        """Return the text of the one element at a path, empty when it is not there."""
        return next((tekst(element) for element in self.alle(pad)), "")

    def belemmerd(self, toets: str) -> bool:
        """Return whether ``Inkomen``, ``Vermogen`` or ``Huishouden`` is a belemmering."""
        return self.veld(f"{toets}/Belemmering") == JA

    @property
    def redenen(self) -> list[str]:
        """The literal reasons of column W."""
        return [tekst(reden) for reden in self.alle("Huishouden/Reden")]

    @property
    def met_partner(self) -> bool:
        """Whether the partner columns are filled; the BRP may know no BSN of the partner."""
        return bool(self.alle("GeslachtsnaamPartner"))

    @property
    def u(self) -> str:
        """The persons who were tested: ``u``, or ``u en uw partner``."""
        return "u en uw partner" if self.met_partner else "u"

    def uw(self, wat: str, lidwoord: str = "het") -> str:
        """Name something that the tested persons have together: ``uw inkomen``, ``het inkomen van u en …``."""
        return f"{lidwoord} {wat} van {self.u}" if self.met_partner else f"uw {wat}"

    @property
    def rekeningen(self) -> str:
        """The accounts of the tested persons."""
        return self.uw("rekeningen", "de")

    @property
    def peildag(self) -> str:
        """The deelnamedatum in words."""
        return dag(self.kader.deelnamedatum)

    def van_partner(self, element: etree._Element) -> bool:
        """Return whether something of the report is the partner's, not the aanvrager's."""
        return veld(element, "BSN") != self.veld("BSN")


def wie(partner: bool) -> str:
    """Name the aanvrager or the partner."""
    return "uw partner" if partner else "u"


def veld(element: etree._Element, naam: str) -> str:
    """Return the text of a child, empty when it is not there."""
    kind = element.find(NS + naam)
    return "" if kind is None else tekst(kind)


def tekst(element: etree._Element) -> str:
    """Return the text of an element without what could steer a terminal."""
    return "".join(teken if teken.isprintable() else "\ufffd" for teken in element.text or "")


def euros(centen: int | Decimal) -> str:
    """Write cents as whole euros, as the reports round them (besluit B47): ``€ 1.234``."""
    return euro((Decimal(centen) / 100).quantize(Decimal(1), ROUND_HALF_UP) * 100, 0)


def bron(herkomst: str) -> str:
    """Write the source of a norm for a citizen: dates in words, without the number of the law's text."""
    zonder_nummer = re.sub(r" \(BWBR\d+\)", "", herkomst)
    return re.sub(r"\d{4}-\d\d-\d\d", lambda gevonden: dag(date.fromisoformat(gevonden[0])), zonder_nummer)


def aantal(hoeveel: int, een: str, meer: str) -> str:
    """Write a number of things: ``1 ouder``, ``2 ouders``."""
    return f"{hoeveel} {een if hoeveel == 1 else meer}"


def opsomming(woorden: Iterable[str]) -> str:
    """Join words as a list in a sentence: ``a, b en c``."""
    *eerste, laatste = woorden
    return f"{', '.join(eerste)} en {laatste}" if eerste else laatste


def punten(regels: Iterable[str]) -> Iterator[str]:
    """Yield lines as points of a list."""
    yield from (f"- {regel}" for regel in regels)


def hoofdletter(woorden: str) -> str:
    """Begin a sentence."""
    return woorden[:1].upper() + woorden[1:]
