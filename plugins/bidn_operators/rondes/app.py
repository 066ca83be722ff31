"""The application behind the page "Rondes": the page itself, and what our database knows of the rondes.

Everything asks for a user that Airflow knows; every figure asks for the right to read the runs of that DAG. Task
states are not here: the page asks Airflow's own REST API for them, as the user who looks.
"""

# No `from __future__ import annotations`: FastAPI reads the annotations of the dependencies below.

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from bidn_operators.rondes.stappen import DagId
from include.errors import BidnFout, GegevensFout, OpslagFout
from include.pipeline import PIPELINES
from include.steps import overzicht_rondes
from include.steps.overzicht_rondes import Overzicht, Periode

PAGINA = Path(__file__).with_name("pagina")
SOORTEN = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Dagoverzicht:
    """A product: its DAG, and its rondes (Alleenverdieners: leveringen), the newest first."""

    product: str
    groep: str
    stappen: tuple[str, ...]
    periodes: list[Periode]


@dataclass(frozen=True)
class VanRun:
    """The rondes or leveringen that a run worked on."""

    periodes: list[str]


app = FastAPI(dependencies=[Depends(get_user)], docs_url=None, redoc_url=None, openapi_url=None)
gegevens = APIRouter(
    prefix="/gegevens/{dag_id}", dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))]
)


def nu() -> datetime:
    """Return the moment it is, in UTC."""
    return datetime.now(UTC)


@app.middleware("http")
async def beveilig(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Allow a page no more than it needs, and let nothing that was read be kept."""
    antwoord = await call_next(request)
    antwoord.headers.update(HEADERS)
    antwoord.headers.setdefault("Cache-Control", "no-store")
    return antwoord


@app.exception_handler(BidnFout)
async def vertaal(request: Request, fout: BidnFout) -> JSONResponse:  # noqa: ARG001 - the interface
    """Tell ops what is the matter; our own errors hold no personal data."""
    status = 404 if isinstance(fout, GegevensFout) else 503 if isinstance(fout, OpslagFout) else 500
    return JSONResponse({"detail": str(fout)}, status_code=status)


@app.get("/")
def pagina(request: Request) -> Response:
    """Return the page: for all rondes, or with ``dag`` and ``run`` in its address for one run."""
    return _bestand(request, "index.html")


@app.get("/pagina/{naam}")
def onderdeel(request: Request, naam: str) -> Response:
    """Return a script, style or icon of the page."""
    return _bestand(request, naam)


@gegevens.get("/periodes")
def lees_periodes(dag_id: DagId) -> Dagoverzicht:
    """Return the rondes of Bijzondere Bijstand, or the leveringen of Alleenverdieners."""
    pipeline = PIPELINES[dag_id]
    periodes = overzicht_rondes.periodes(overzicht_rondes.lezer(), pipeline.product)
    return Dagoverzicht(pipeline.product, pipeline.group, pipeline.branch_tasks, periodes)


@gegevens.get("/overzicht")
def lees_overzicht(dag_id: DagId, periode: str, run: str | None = None) -> Overzicht:
    """Return how far every organisation is in a ronde; with ``run``, what that run published."""
    return overzicht_rondes.overzicht(
        overzicht_rondes.lezer(), PIPELINES[dag_id].product, periode, nu=nu(), run=run
    )


@gegevens.get("/run")
def lees_run(dag_id: DagId, run: str) -> VanRun:
    """Return the rondes or leveringen that a run worked on."""
    return VanRun(overzicht_rondes.periodes_van_run(overzicht_rondes.lezer(), PIPELINES[dag_id].product, run))


app.include_router(gegevens)


def _bestand(request: Request, naam: str) -> Response:
    pad = next((pad for pad in PAGINA.iterdir() if pad.name == naam and pad.suffix in SOORTEN), None)
    if pad is None:
        raise HTTPException(404, "there is no such file")
    inhoud = pad.read_bytes()
    headers = {"ETag": f'"{sha256(inhoud).hexdigest()[:16]}"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(inhoud, media_type=SOORTEN[pad.suffix], headers=headers)
