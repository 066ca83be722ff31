"""Notificaties: whether the user is mailed when reports are ready (manual 4.1, besluit B54)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from include.portaal.weergave import PRODUCTEN, gekozen, naar, pagina
from include.schemas.domein import Product
from include.steps.portaal.instellingen import notificatiekeuzes, zet_notificaties

router = APIRouter()


def _toon(
    request: Request, product: Product, fouten: dict[str, str] | None = None, status: int = 200
) -> Response:
    state = request.state
    organisatie = gekozen(request, product)
    keuzes = notificatiekeuzes(state.opslag, state.aangemeld.gebruiker, product, organisatie=organisatie)
    return pagina(
        request,
        "notificaties.html",
        {
            "product": product,
            "productnaam": PRODUCTEN[product],
            "keuzes": keuzes,
            "fouten": fouten or {},
        },
        status,
    )


def _zet(request: Request, product: Product) -> Response:
    velden, state = request.state.formulier, request.state
    organisatie = velden.get("organisatie") or gekozen(request, product)
    keuze = velden.get("notificaties")
    if keuze not in ("ja", "nee") or organisatie is None:
        return _toon(
            request, product, {"notificaties": "Kies of u een e-mail wilt ontvangen: ja of nee."}, 422
        )
    zet_notificaties(state.opslag, state.aangemeld.gebruiker, product, organisatie, aan=keuze == "ja")
    return naar(f"/{product}/notificaties", "opgeslagen")


@router.get("/bijzondere-bijstand/notificaties")
def toon_bijzondere_bijstand(request: Request) -> Response:
    """Show the user's choices for Bijzondere Bijstand."""
    return _toon(request, Product.BIJZONDERE_BIJSTAND)


@router.post("/bijzondere-bijstand/notificaties")
def zet_bijzondere_bijstand(request: Request) -> Response:
    """Switch the mails about Bijzondere Bijstand."""
    return _zet(request, Product.BIJZONDERE_BIJSTAND)


@router.get("/alleenverdieners/notificaties")
def toon_alleenverdieners(request: Request) -> Response:
    """Show the user's choices for Alleenverdieners."""
    return _toon(request, Product.ALLEENVERDIENERS)


@router.post("/alleenverdieners/notificaties")
def zet_alleenverdieners(request: Request) -> Response:
    """Switch the mails about Alleenverdieners."""
    return _zet(request, Product.ALLEENVERDIENERS)
