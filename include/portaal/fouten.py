"""What somebody sees when a page cannot be shown: in Dutch, with what to do, and nothing about our inside."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from include.errors import BidnFout, InstallatieFout, OpslagFout
from include.portaal.weergave import omvang, pagina
from include.steps.portaal.toegang import NietGevonden

log = logging.getLogger("bidn.portaal")

TEKSTEN = {
    400: ("Dit verzoek begrijpen wij niet", "Ga terug naar het dashboard en probeer het opnieuw."),
    403: (
        "Dit formulier is niet geaccepteerd",
        "Het formulier is verouderd of komt niet van dit portaal. Open de pagina opnieuw. Er is niets gewijzigd.",
    ),
    404: (
        "Deze pagina is er niet",
        "Het adres klopt niet, de bewaartermijn is voorbij, of u bent hiervoor geen productbeheerder.",
    ),
    405: ("Dit verzoek begrijpen wij niet", "Ga terug naar het dashboard en probeer het opnieuw."),
    413: ("Dit is te groot", "Verstuur minder tegelijk. Er is niets opgeslagen."),
    415: ("Dit verzoek begrijpen wij niet", "Verstuur het formulier vanaf de pagina zelf. Er is niets opgeslagen."),
    429: (
        "Even wachten",
        "U doet dit vaker dan de bedoeling is. Wacht een paar minuten. Lukt het dan niet, bel dan de ServiceDesk.",
    ),
    500: (
        "Er ging bij ons iets mis",
        "Probeer het over een paar minuten opnieuw. Blijft het misgaan, bel dan de ServiceDesk.",
    ),
    503: (
        "Het portaal is even niet bereikbaar",
        "Probeer het over een paar minuten opnieuw. Wat u eerder hebt aangeleverd, is veilig opgeslagen.",
    ),
}  # fmt: skip
"""Heading and advice by status."""


def foutpagina(request: Request, status: int, *, grens: int | None = None) -> Response:
    """The page for a status; ``grens`` is the largest size of a file in bytes."""
    kop, raad = TEKSTEN.get(status, TEKSTEN[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400])
    if grens is not None:
        kop = "Dit bestand is te groot"
        raad = (
            f"Een vraagbestand mag hoogstens {omvang(grens)} zijn. Controleer of u het goede bestand koos. "
            "Er is niets opgeslagen."
        )
    return pagina(request, "fout.html", {"kop": kop, "raad": raad, "tabs": ()}, status)


def registreer_fouten(app: FastAPI) -> None:
    """Let every error of ours end on a page of its own; what else goes wrong is for the guard."""

    @app.exception_handler(NietGevonden)
    async def niet_gevonden(request: Request, _fout: Exception) -> Response:
        return foutpagina(request, 404)

    @app.exception_handler(HTTPException)
    async def http_fout(request: Request, fout: Exception) -> Response:
        status = fout.status_code if isinstance(fout, HTTPException) else 500
        return foutpagina(request, status)

    @app.exception_handler(RequestValidationError)
    async def verkeerde_vraag(request: Request, _fout: Exception) -> Response:
        return foutpagina(request, 404)

    @app.exception_handler(OpslagFout)
    async def opslag_fout(request: Request, fout: Exception) -> Response:
        log.error("the portal cannot reach its storage: %s", fout)
        return foutpagina(request, 503)

    @app.exception_handler(InstallatieFout)
    async def installatie_fout(request: Request, fout: Exception) -> Response:
        log.error("the portal is not installed as it should be: %s", fout)
        return foutpagina(request, 503)

    @app.exception_handler(BidnFout)
    async def bidn_fout(request: Request, fout: Exception) -> Response:
        log.error("a page could not be shown: %s: %s", type(fout).__name__, fout)
        return foutpagina(request, 500)
