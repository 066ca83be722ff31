"""The HTTP side of the mock sources: the APIs of contract §1, and what stands around each of them.

Nothing here imitates a real source beyond the contract. The service belongs on the loopback interface of a
test or demonstration machine: any bearer token will do, and ``/beheer`` asks for none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from include.mock_sources.antwoorden import Weigering, json_antwoord
from include.mock_sources.beheer_api import beheer_router
from include.mock_sources.bestanden import PopulatieFout, reden_zonder_waarde
from include.mock_sources.bronnen import Populatie
from include.mock_sources.storingen import (
    Aanroep,
    Logboek,
    Storing,
    Storingen,
    verminkt_antwoorden,
    verminkt_csv,
)
from include.mock_sources.vormen import Adresvraag, Jaarvraag, Peildatumvraag, Periodevraag, Vraag

MAX_BSNS = 250
DOELBINDINGEN = ("bijzondere-bijstand", "alleenverdieners")
_LANG = 3600.0

# bron, endpoint, shape of the request, and what the source answers to it
ENDPOINTS: tuple[tuple[str, str, type[Vraag], Callable[[Populatie, Any], list[bytes]]], ...] = (
    ("brp", "adresvragen", Adresvraag, lambda p, v: p.brp.adresvragen(v.burgerservicenummers)),
    (
        "uwv",
        "inkomstenverhoudingen",
        Periodevraag,
        lambda p, v: p.uwv.inkomstenverhoudingen(v.burgerservicenummers, v.periodeVan, v.periodeTotEnMet),
    ),
    (
        "belastingdienst",
        "vermogens",
        Jaarvraag,
        lambda p, v: p.belastingdienst.vermogens(v.burgerservicenummers, v.belastingjaar),
    ),
    (
        "belastingdienst",
        "heffingskortingen",
        Jaarvraag,
        lambda p, v: p.belastingdienst.heffingskortingen(v.burgerservicenummers, v.belastingjaar),
    ),
    ("rdw", "voertuigen", Peildatumvraag, lambda p, v: p.rdw.alles(v.burgerservicenummers)),
    (
        "bijstand",
        "uitkeringsverhoudingen",
        Peildatumvraag,
        lambda p, v: p.bijstand.alles(v.burgerservicenummers),
    ),
)


def _controleer_kop(request: Request) -> None:
    """The three headers every request carries, judged in this order: who, which request, for what purpose."""
    schema, _, sleutel = request.headers.get("authorization", "").partition(" ")
    if schema.lower() != "bearer" or not sleutel.strip():
        raise Weigering(401, "Authorization: Bearer is missing")
    if not request.headers.get("x-request-id", "").strip():
        raise Weigering(400, "X-Request-ID is missing")
    if request.headers.get("x-doelbinding") not in DOELBINDINGEN:
        raise Weigering(400, f"X-Doelbinding must be one of {', '.join(DOELBINDINGEN)}")


async def _lees(request: Request, vorm: type[Vraag]) -> Vraag:
    try:
        vraag = msgspec.json.decode(await request.body(), type=vorm)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fout:
        raise Weigering(400, f"malformed request: {reden_zonder_waarde(fout)}") from None
    if len(vraag.burgerservicenummers) > MAX_BSNS:
        raise Weigering(400, f"at most {MAX_BSNS} burgerservicenummers a request")
    vraag.burgerservicenummers = list(dict.fromkeys(vraag.burgerservicenummers))
    if isinstance(vraag, Periodevraag) and vraag.periodeVan > vraag.periodeTotEnMet:
        raise Weigering(400, "periodeVan lies after periodeTotEnMet")
    return vraag


class Mock:
    """One running service: a population, the faults switched on, the log."""

    def __init__(self, populatie: Populatie) -> None:
        self.populatie = populatie
        self.storingen = Storingen()
        self.logboek = Logboek()

    async def behandel(
        self, bron: str, endpoint: str, request: Request, antwoord: Callable[[Aanroep], Awaitable[Response]]
    ) -> Response:
        """Headers, log and faults around what one endpoint answers."""
        aanroep = Aanroep(
            bron,
            endpoint,
            request_id=request.headers.get("x-request-id"),
            doelbinding=request.headers.get("x-doelbinding"),
        )
        begin = self.logboek.open(aanroep)
        try:
            _controleer_kop(request)
            storingen = self.storingen.neem(bron, endpoint)
            aanroep.storing = [storing.soort for storing in storingen]
            for storing in storingen:
                await self._houd_op(bron, storing, request)
            uitkomst = await antwoord(aanroep)
            for storing in storingen:
                uitkomst = _verpak(uitkomst, storing.soort)
        except Weigering as weigering:
            uitkomst = weigering.antwoord()
        aanroep.status = uitkomst.status_code
        aanroep.duur = round((time.perf_counter() - begin) * 1000, 3)
        return uitkomst

    async def _houd_op(self, bron: str, storing: Storing, request: Request) -> None:
        if storing.soort == "latency":
            await asyncio.sleep(storing.seconden or 0)
        elif storing.soort == "timeout":
            await request.body()  # is_disconnected would otherwise swallow it
            einde = time.monotonic() + (_LANG if storing.seconden is None else storing.seconden)
            while time.monotonic() < einde and self.storingen.is_actief(bron, storing):
                if await request.is_disconnected():
                    break
                await asyncio.sleep(0.02)
        elif storing.status is not None:
            raise Weigering(storing.status, "switched on as a fault", storing.retry_after)

    async def vraag(
        self,
        bron: str,
        endpoint: str,
        vorm: type[Vraag],
        beantwoord: Callable[[Populatie, Any], list[bytes]],
        request: Request,
    ) -> Response:
        """An endpoint about BSNs; answers in the reverse order, since any order is allowed."""

        async def antwoord(aanroep: Aanroep) -> Response:
            vraag = await _lees(request, vorm)
            self.logboek.bevraagd(aanroep, vraag.burgerservicenummers)
            antwoorden = beantwoord(self.populatie, vraag)[::-1]
            for soort in aanroep.storing:
                antwoorden = verminkt_antwoorden(soort, vraag.burgerservicenummers, antwoorden)
            return Response(b'{"antwoorden":[%s]}' % b",".join(antwoorden), media_type="application/json")

        return await self.behandel(bron, endpoint, request, antwoord)

    async def leveringen(self, request: Request) -> Response:
        """The announced leveringen of Alleenverdieners."""

        async def antwoord(aanroep: Aanroep) -> Response:
            lijst: object = self.populatie.alleenverdieners.leveringen()
            if "wrong_types" in aanroep.storing:
                lijst = "geen lijst"
            if "null_list" in aanroep.storing:
                lijst = None
            return json_antwoord({"leveringen": lijst})

        return await self.behandel("alleenverdieners", "leveringen", request, antwoord)

    async def levering(self, request: Request) -> Response:
        """The file of one levering; 404 when it was not announced or is not there."""

        async def antwoord(aanroep: Aanroep) -> Response:
            inhoud = self.populatie.alleenverdieners.bestand(request.path_params["levering"])
            if inhoud is None:
                raise Weigering(404, "no such levering")
            for soort in aanroep.storing:
                inhoud = verminkt_csv(soort, inhoud)
            return Response(inhoud, media_type="text/csv")

        return await self.behandel("alleenverdieners", "levering", request, antwoord)


def _verpak(uitkomst: Response, soort: str) -> Response:
    """The faults in how an answer is sent, whatever it says."""
    inhoud = bytes(uitkomst.body)
    if soort == "content_type":
        return Response(inhoud, uitkomst.status_code, media_type="text/html")
    if soort == "malformed_json":
        return Response(inhoud[: len(inhoud) // 2], uitkomst.status_code, media_type=uitkomst.media_type)
    if soort == "truncated":

        async def half() -> AsyncIterator[bytes]:
            yield inhoud[: len(inhoud) // 2]

        kop = {"content-length": str(len(inhoud))}
        return StreamingResponse(half(), uitkomst.status_code, media_type=uitkomst.media_type, headers=kop)
    return uitkomst


async def _als_problem(_: Request, fout: Exception) -> Response:
    if isinstance(fout, HTTPException):
        fout = Weigering(fout.status_code, fout.detail)
    elif isinstance(fout, PopulatieFout):
        fout = Weigering(500, str(fout))
    assert isinstance(fout, Weigering)  # noqa: S101 - registered for nothing else
    return fout.antwoord()


def maak_app(populatie: Path) -> FastAPI:
    """The service on one population directory. Raises PopulatieFout with file, line and reason."""
    mock = Mock(Populatie(Path(populatie)))
    app = FastAPI(title="BIDN mock sources", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.mock = mock
    # Plain Starlette routes: FastAPI's own parsing would double the work and phrase its own errors.
    for bron, endpoint, vorm, beantwoord in ENDPOINTS:
        app.add_route(f"/{bron}/{endpoint}", partial(mock.vraag, bron, endpoint, vorm, beantwoord), ["POST"])
    app.add_route("/belastingdienst/alleenverdieners", mock.leveringen, ["GET"])
    app.add_route("/belastingdienst/alleenverdieners/{levering}", mock.levering, ["GET"])
    app.include_router(beheer_router(mock.populatie, mock.storingen, mock.logboek))
    for soort in (HTTPException, Weigering, PopulatieFout):
        app.add_exception_handler(soort, _als_problem)
    return app
