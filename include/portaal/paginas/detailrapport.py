"""Detailrapport: look one aanvrager up by BSN (manual 4.4). The BSN is in the form, never in an address or a log."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response

from include.errors import GegevensFout
from include.portaal.guard import te_vaak
from include.portaal.limieten import Limieten
from include.portaal.weergave import gekozen, pagina
from include.schemas.domein import Product
from include.steps.portaal.detailrapport import MEESTE_ORGANISATIES, Detail, rondes_met_rapport, zoek
from include.steps.raadplegen import lees_bsn

log = logging.getLogger("bidn.portaal")
router = APIRouter()
PAD = "/bijzondere-bijstand/detailrapport"


@router.get(PAD)
def vraag(request: Request) -> Response:
    """Show the empty form."""
    return _pagina(request)


@router.post(PAD)
def antwoord(request: Request) -> Response:
    """Look somebody up and show what was reported; the answer is a page of its own, for its address says nothing."""
    state = request.state
    gebruiker = state.aangemeld.gebruiker
    limieten: Limieten = state.limieten
    wacht = max(
        limieten.wachttijd("detailrapport", gebruiker.account_id),
        limieten.wachttijd("detailrapport-dag", gebruiker.account_id),
    )
    if wacht:
        log.error(
            "account %s looks up more persons than anybody does for their work: see the logboek of this account, and "
            "call the organisation (docs/privacy.md)",
            gebruiker.account_id,
        )
        return te_vaak(request, wacht)
    organisatie = gekozen(request, Product.BIJZONDERE_BIJSTAND)
    if organisatie is None and len(gebruiker.organisaties(Product.BIJZONDERE_BIJSTAND)) > MEESTE_ORGANISATIES:
        return _pagina(request, {"organisatie": "Kies eerst de organisatie waarvoor u zoekt."}, status=422)
    ingevuld = state.formulier.get("bsn", "")
    ronde = state.formulier.get("ronde", "").strip() or None
    try:
        bsn = lees_bsn(ingevuld)
    except GegevensFout:
        tekst = (
            "Vul een BSN in."
            if not ingevuld.strip()
            else "Dit is geen geldig BSN. Een BSN heeft 8 of 9 cijfers; controleer of u geen cijfer hebt verwisseld."
        )
        return _pagina(request, {"bsn": tekst}, ronde=ronde, bsn=ingevuld, status=422)
    keuzes = rondes_met_rapport(state.opslag, gebruiker, organisatie=organisatie)
    if ronde is not None and ronde not in keuzes:
        fout = {"ronde": "Van deze ronde is er voor u geen rapport. Kies een ronde uit de lijst."}
        return _pagina(request, fout, bsn=ingevuld, status=422)
    gevonden = zoek(state.opslag, gebruiker, bsn=bsn, ronde=ronde, organisatie=organisatie)
    return _pagina(request, ronde=ronde, gevonden=gevonden, gezocht=True)


def _pagina(
    request: Request,
    fouten: dict[str, str] | None = None,
    *,
    bsn: str = "",
    ronde: str | None = None,
    gevonden: list[Detail] | None = None,
    gezocht: bool = False,
    status: int = 200,
) -> Response:
    state = request.state
    organisatie = gekozen(request, Product.BIJZONDERE_BIJSTAND)
    return pagina(
        request,
        "detailrapport.html",
        {
            "rondes": rondes_met_rapport(state.opslag, state.aangemeld.gebruiker, organisatie=organisatie),
            "fouten": fouten or {},
            "bsn": bsn,
            "ronde": ronde,
            "gevonden": gevonden or [],
            "gezocht": gezocht,
            "kop": "Detailrapport Bijzondere Bijstand",
        },
        status,
    )
