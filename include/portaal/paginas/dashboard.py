"""The dashboard, and the choice of an organisation that every page follows."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from include.portaal.weergave import ALLE, gekozen, naar, pagina
from include.steps.portaal.dashboard import dashboard
from include.steps.portaal.sessies import kies_organisatie
from include.steps.portaal.toegang import NietGevonden

router = APIRouter()
PER_PAGINA = 50


@router.get("/")
def toon(request: Request, blad: int = 1) -> Response:
    """Show what is due, what is new and what goes soon (contracten §4)."""
    state = request.state
    stand = dashboard(state.opslag, state.aangemeld.gebruiker, organisatie=gekozen(request))
    aan_zet = [regel for regel in stand.regels if regel.moet_nog or regel.nieuw or regel.verdwijnt]
    blad = max(1, blad)
    return pagina(
        request,
        "dashboard.html",
        {
            "stand": stand,
            "aan_zet": aan_zet,
            "regels": stand.regels[(blad - 1) * PER_PAGINA : blad * PER_PAGINA],
            "blad": blad,
            "bladen": -(-len(stand.regels) // PER_PAGINA),
        },
    )


@router.post("/organisatie")
def kies(request: Request) -> Response:
    """Choose one of the user's organisations, or all of them, and go back to where the choice was made."""
    keuze = request.state.formulier.get("organisatie", "")
    aangemeld = request.state.aangemeld
    if keuze != ALLE and keuze not in aangemeld.gebruiker.organisaties():
        raise NietGevonden
    token = request.cookies[request.app.state.settings.cookie]
    kies_organisatie(request.state.opslag, token, None if keuze == ALLE else keuze)
    terug = urlsplit(request.headers.get("referer", "")).path
    return naar(terug if terug.startswith("/") and not terug.startswith("//") else "/", "gekozen")
