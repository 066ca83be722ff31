"""``/gezond`` and ``/beheer``: faults on and off, and what was asked. ``beheer.Beheer`` is its client."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from include.mock_sources.antwoorden import Weigering, json_antwoord
from include.mock_sources.bronnen import Populatie
from include.mock_sources.storingen import BRONNEN, Logboek, Storing, Storingen


def _bekend(bron: str | None) -> None:
    if bron is not None and bron not in BRONNEN:
        raise Weigering(404, f"no such source; one of {', '.join(BRONNEN)}")


async def _gevraagde_storingen(request: Request) -> list[Storing]:
    try:
        gevraagd = msgspec.json.decode(await request.body(), type=Storing | list[Storing])
    except msgspec.MsgspecError as fout:
        raise Weigering(400, f"malformed storing: {fout}") from None
    return gevraagd if isinstance(gevraagd, list) else [gevraagd]


def beheer_router(populatie: Populatie, storingen: Storingen, logboek: Logboek) -> APIRouter:
    """The routes of one running service."""
    router = APIRouter()

    @router.get("/gezond")
    async def gezond() -> Response:
        return json_antwoord({"status": "ok", "personen": populatie.aantallen()})

    @router.get("/beheer/storingen")
    async def lijst() -> Response:
        return json_antwoord(storingen.lijst())

    @router.put("/beheer/storingen/{bron}")
    async def zet(bron: str, request: Request) -> Response:
        _bekend(bron)
        storingen.zet(bron, await _gevraagde_storingen(request))
        return Response(status_code=204)

    @router.delete("/beheer/storingen")
    @router.delete("/beheer/storingen/{bron}")
    async def wis(bron: str | None = None) -> Response:
        _bekend(bron)
        storingen.wis(bron)
        return Response(status_code=204)

    @router.get("/beheer/aanroepen")
    async def aanroepen(bron: str | None = None) -> Response:
        _bekend(bron)
        return json_antwoord({"aanroepen": logboek.aanroepen(bron)})

    @router.get("/beheer/aanroepen/bsns")
    async def bsns(bron: str | None = None, endpoint: str | None = None) -> Response:
        _bekend(bron)
        return json_antwoord({"bsns": logboek.bsns(bron, endpoint)})

    @router.delete("/beheer/aanroepen")
    async def wis_aanroepen() -> Response:
        logboek.wis()
        return Response(status_code=204)

    return router
