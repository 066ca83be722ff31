"""Reading a detailrapportage back: validated against our own XSD, streaming, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from include.errors import ControleFout
from include.rapportage.detail import NAMESPACE, OPENING

XSD = Path(__file__).resolve().parent.parent / "schemas" / "detailrapportage.xsd"
NS = f"{{{NAMESPACE}}}"
_BLOK = 2**17


@cache
def schema() -> etree.XMLSchema:
    """Return ``include/schemas/detailrapportage.xsd``, compiled."""
    return etree.XMLSchema(etree.parse(XSD))


def valideer(detail: BinaryIO) -> int:
    """Validate a detailrapportage against its XSD and return the number of aanvragen in it.

    Raises:
        ControleFout: it is not whole, not XML or not valid. The message never has a value.
    """
    return sum(1 for _ in aanvragen(detail))


def aanvragen(detail: BinaryIO) -> Iterator[etree._Element]:
    """Yield each ``Aanvraag`` of a detailrapportage while validating it; asking for the next empties it.

    A file that does not begin the way ours do is refused before it is parsed. A DOCTYPE can only stand there,
    so there are no entities, and nothing is ever expanded or fetched.

    Raises:
        ControleFout: as :func:`valideer`. That the XSD is broken shows only at the end of the file.
    """
    if detail.read(len(OPENING)) != OPENING:
        raise ControleFout("the detailrapportage does not begin as ours do; nothing was published.")
    lezer: Any = etree.XMLPullParser(events=("end",), tag=f"{NS}Aanvraag", schema=schema(), no_network=True)
    try:
        lezer.feed(OPENING)
        while blok := detail.read(_BLOK):
            lezer.feed(blok)
            for _, aanvraag in lezer.read_events():
                yield aanvraag
                _vergeet(aanvraag)
        lezer.close()
    except etree.XMLSyntaxError as fout:
        raise ControleFout(_melding(fout)) from None


def _vergeet(element: etree._Element) -> None:
    element.clear()
    while (vorige := element.getprevious()) is not None:
        element.getparent().remove(vorige)  # type: ignore[union-attr]


def _melding(fout: etree.XMLSyntaxError) -> str:
    """Say what is wrong: libxml2's own text quotes the value, and has no line where the XSD is broken."""
    wat = (
        f"is not whole, well-formed XML (line {fout.lineno})"
        if fout.lineno
        else f"is not valid against {XSD.name}"
    )
    return (
        f"the detailrapportage {wat}; nothing was published. To see where, run xmllint --noout --schema "
        f"include/schemas/{XSD.name} on the file, on a machine that may hold it."
    )
