"""Ophalen, of both products: what was published, and the files (manuals 4.2 and 3)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from include.portaal.weergave import PRODUCTEN, gekozen, pagina
from include.schemas.domein import Product
from include.steps.portaal.ophalen import PER_PAGINA, haal, uitgaven

router = APIRouter()
BANDEN = {
    "geen": "Geen inkomen, of lager dan 0",
    "tot 100": "Tot 100% van de norm",
    "tot 110": "100% tot 110%",
    "tot 120": "110% tot 120%",
    "tot 130": "120% tot 130%",
    "tot 150": "130% tot 150%",
    "daarboven": "150% of meer",
}
"""The bands of ``inkomen_binnen``, as a reader sees them."""


def _lijst(request: Request, product: Product, blad: int) -> Response:
    state = request.state
    organisatie = gekozen(request, product)
    gevonden, totaal = uitgaven(
        state.opslag, state.aangemeld.gebruiker, product, organisatie=organisatie, pagina=max(1, blad)
    )
    return pagina(
        request,
        "ophalen.html",
        {
            "product": product,
            "productnaam": PRODUCTEN[product],
            "uitgaven": gevonden,
            "per_organisatie": organisatie is None,
            "banden": BANDEN,
            "blad": max(1, blad),
            "bladen": -(-totaal // PER_PAGINA),
        },
    )


def _bestand(request: Request, product: Product, id: str) -> Response:  # noqa: A002 - its name in the address
    bestand = haal(request.state.opslag, request.state.aangemeld.gebruiker, product, id)
    return StreamingResponse(
        bestand.inhoud,
        media_type=bestand.media,
        headers={
            "Content-Disposition": f'attachment; filename="{bestand.naam}"',
            "Content-Length": str(bestand.omvang),
        },
    )


@router.get("/bijzondere-bijstand/ophalen")
def bijzondere_bijstand(request: Request, blad: int = 1) -> Response:
    """Show the reports of Bijzondere Bijstand."""
    return _lijst(request, Product.BIJZONDERE_BIJSTAND, blad)


@router.get("/bijzondere-bijstand/bestanden/{id}")
def bestand_bijzondere_bijstand(request: Request, id: str) -> Response:  # noqa: A002
    """Download a report."""
    return _bestand(request, Product.BIJZONDERE_BIJSTAND, id)


@router.get("/alleenverdieners/ophalen")
def alleenverdieners(request: Request, blad: int = 1) -> Response:
    """Show the lists of Alleenverdieners."""
    return _lijst(request, Product.ALLEENVERDIENERS, blad)


@router.get("/alleenverdieners/bestanden/{id}")
def bestand_alleenverdieners(request: Request, id: str) -> Response:  # noqa: A002
    """Download a list."""
    return _bestand(request, Product.ALLEENVERDIENERS, id)
