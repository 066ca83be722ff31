"""The pages that need no login: accessibility, privacy, how to report a leak, and whether the portal is up."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from include.portaal.weergave import pagina
from include.steps.installation import require_reachable

router = APIRouter()
GELDIG = timedelta(days=180)


@router.get("/toegankelijkheid")
def toegankelijkheid(request: Request) -> Response:
    """Tell how accessible the portal is (Besluit digitale toegankelijkheid)."""
    return pagina(request, "toegankelijkheid.html")


@router.get("/privacy")
def privacy(request: Request) -> Response:
    """Tell what is kept of whoever works here, and of whom the files are about."""
    return pagina(request, "privacy.html")


@router.get("/.well-known/security.txt")
def security_txt(request: Request) -> Response:
    """Tell where to report a vulnerability (RFC 9116)."""
    tot = request.state.opslag.klok() + GELDIG
    adres = request.app.state.settings.url
    return PlainTextResponse(
        "Contact: mailto:servicedesk@bidn.nl\n"
        f"Expires: {tot:%Y-%m-%dT%H:%M:%SZ}\n"
        "Preferred-Languages: nl, en\n"
        f"Canonical: {adres}/.well-known/security.txt\n"
    )


@router.get("/gezond")
def gezond(request: Request) -> Response:
    """Tell whoever watches this process that it is up and reaches its database; nothing else."""
    require_reachable(request.state.opslag)
    return JSONResponse({"status": "ok"})
