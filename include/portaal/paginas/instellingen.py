"""Instellingen of Bijzondere Bijstand: vermogen, voertuigen and the norm percentage (manual 3.1 and 3.3)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from include.portaal.weergave import gekozen, naar, pagina
from include.schemas.domein import Product
from include.steps.portaal.instellingen import BevestigingNodig, gekozen_instellingen, zet_instellingen

router = APIRouter()
PAD = "/bijzondere-bijstand/instellingen"
VELDEN = ("vermogen", "voertuigen", "percentage")
JA_NEE = {"ja": True, "nee": False}


@router.get(PAD)
def toon(request: Request) -> Response:
    """Show the settings of the chosen organisation, and every version of them."""
    return _pagina(request)


@router.post(PAD)
def zet(request: Request) -> Response:
    """Enter new settings; with a confirmation while a ronde is being processed."""
    organisatie = gekozen(request, Product.BIJZONDERE_BIJSTAND)
    velden = request.state.formulier
    fouten = (
        {}
        if organisatie
        else {"organisatie": "Kies eerst de organisatie waarvoor u de instellingen wijzigt."}
    )
    for veld, wat in (("vermogen", "het vermogen wilt toetsen"), ("voertuigen", "voertuigen wilt tonen")):
        if velden.get(veld) not in JA_NEE:
            fouten[veld] = f"Kies of u {wat}: ja of nee."
    percentage = velden.get("percentage", "").strip()
    if not (
        percentage.isascii()
        and percentage.isdigit()
        and len(percentage) == 3
        and 100 <= int(percentage) <= 150
    ):
        fouten["percentage"] = "Vul een heel getal in van 100 tot en met 150, zonder procentteken."
    if organisatie is None or fouten:
        return _pagina(request, fouten, velden, status=422)
    try:
        gewijzigd = zet_instellingen(
            request.state.opslag,
            request.state.aangemeld.gebruiker,
            organisatie,
            vermogen=JA_NEE[velden["vermogen"]],
            voertuigen=JA_NEE[velden["voertuigen"]],
            percentage=int(percentage),
            bevestigd=velden.get("bevestig") == "ja",
        )
    except BevestigingNodig as vraag:
        return _pagina(request, {}, velden, bevestig=vraag.rondes, status=409)
    return naar(PAD, "opgeslagen" if gewijzigd else "ongewijzigd")


def _pagina(
    request: Request,
    fouten: Mapping[str, str] | None = None,
    velden: Mapping[str, str] | None = None,
    *,
    bevestig: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    state = request.state
    organisatie = gekozen(request, Product.BIJZONDERE_BIJSTAND)
    gekozen_nu = (
        gekozen_instellingen(state.opslag, state.aangemeld.gebruiker, organisatie) if organisatie else None
    )
    nu = gekozen_nu.instellingen if gekozen_nu else None
    huidig = (
        {
            "vermogen": "ja" if nu.vermogen else "nee",
            "voertuigen": "ja" if nu.voertuigen else "nee",
            "percentage": str(nu.percentage),
        }
        if nu
        else {}
    )
    ingevuld = {veld: (huidig if velden is None else velden).get(veld, "") for veld in VELDEN}
    return pagina(
        request,
        "instellingen.html",
        {
            "voor": organisatie,
            "gekozen": gekozen_nu,
            "velden": ingevuld,
            "fouten": fouten or {},
            "bevestig": bevestig,
        },
        status,
    )
