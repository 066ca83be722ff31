"""Reading a detailrapportage back: validated against our own XSD, streaming, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from include.fouten import ControleFout
from include.rapportage.detail import NAMESPACE, WORTEL

XSD = Path(__file__).resolve().parent.parent / "schemas" / "detailrapportage.xsd"
NS = f"{{{NAMESPACE}}}"


@cache
def schema() -> etree.XMLSchema:
    """Return the compiled ``include/schemas/detailrapportage.xsd``."""
    return etree.XMLSchema(etree.parse(XSD))


def valideer(detail: BinaryIO) -> int:
    """Validate a detailrapportage against its XSD and return the number of aanvragen in it.

    Raises:
        ControleFout: it is not valid or not well-formed XML, or it has a DOCTYPE (no entities: nothing is
            expanded or fetched). The message has the line and the kind of error, never a value.
    """
    return sum(1 for _ in aanvragen(detail))


def aanvragen(detail: BinaryIO) -> Iterator[etree._Element]:
    """Yield each ``Aanvraag`` of a detailrapportage while validating it; asking for the next one empties it.

    Raises:
        ControleFout: as :func:`valideer`, when the walk gets there.
    """
    lezer = etree.iterparse(
        detail,
        events=("start", "end"),
        tag=(f"{NS}{WORTEL}", f"{NS}Aanvraag"),
        schema=schema(),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
    )
    try:
        for gebeurtenis, element in lezer:
            if gebeurtenis == "start":
                _weiger_doctype(element)
            elif element.tag == f"{NS}Aanvraag":
                yield element
                _vergeet(element)
    except etree.XMLSyntaxError as fout:
        raise ControleFout(_melding(fout)) from None


def _weiger_doctype(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ControleFout("the detailrapportage has a DOCTYPE, which ours never has; nothing was published.")


def _vergeet(element: etree._Element) -> None:
    element.clear()
    while (vorige := element.getprevious()) is not None:
        element.getparent().remove(vorige)  # type: ignore[union-attr]


def _melding(fout: etree.XMLSyntaxError) -> str:
    """Say where and what kind; libxml2's own text quotes the value."""
    meldingen: Any = fout.error_log
    soort, regel = (meldingen[0].type_name, meldingen[0].line) if len(meldingen) else ("NOT_XML", fout.lineno)
    return (
        f"the detailrapportage is not valid against {XSD.name} ({soort} on line {regel}); nothing was "
        "published. Compare that line with what last changed in include/rapportage/detail.py and in the XSD."
    )
