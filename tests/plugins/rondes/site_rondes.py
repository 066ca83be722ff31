"""The page as Airflow serves it, in an Airflow of pasteboard: the outer page with its frame, and the REST API.

Who may do what is not tested here (see test_toegang.py, with Airflow's own server): everybody is let in, until
``refuses`` says otherwise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from voorbeeld import NU, RONDE, RUN

SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads"
OUTER = """<!doctype html><html lang="en" class="light"><head><title>Airflow</title><style>
  :root {{ --chakra-colors-bg: #ffffff; --chakra-colors-fg: #1a202c }}
  .dark {{ --chakra-colors-bg: #10151f; --chakra-colors-fg: #f0f4fa }}
  html, body {{ margin: 0; block-size: 100% }} iframe {{ border: 0; inline-size: 100%; block-size: 100% }}
</style></head><body><iframe title="Rondes" sandbox="{sandbox}" src="{src}"></iframe></body></html>"""


@dataclass
class Site:
    """What the pasteboard Airflow says. ``asked`` lists the questions for task instances."""

    url: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)
    """Part of a path, and the status with which everything under it is answered."""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def reset(self) -> None:
        """No tasks, one run that is at work."""
        self.tasks, self.refuses, self.asked = [], {}, []
        self.runs = [run()]

    @property
    def page(self) -> str:
        """The page by itself."""
        return f"{self.url}/bidn/rondes/"


def run(state: str = "running", **rest: Any) -> dict[str, Any]:
    """A DAG run as Airflow's REST API gives it, as far as the page reads it."""
    return {"dag_run_id": RUN, "state": state, "partition_key": RONDE, "conf": {}} | rest


def build(site: Site) -> FastAPI:
    """Return the pasteboard Airflow, with the real page in it."""
    from bidn_operators.plugin import PREFIX, LazyApp

    outer = FastAPI()

    @outer.middleware("http")
    async def refuse(request: Request, call_next: Any) -> Response:
        for part, status in site.refuses.items():
            if part in request.url.path:
                return Response('{"detail": "refused"}', status, media_type="application/json")
        return await call_next(request)

    @outer.get("/outer")
    def frame(src: str) -> HTMLResponse:
        return HTMLResponse(OUTER.format(sandbox=SANDBOX, src=src))

    @outer.get("/dags/{rest:path}")
    def elsewhere(rest: str) -> HTMLResponse:
        return HTMLResponse(f"<title>{rest}</title>")

    outer.include_router(rest_api(site))
    outer.mount(PREFIX, LazyApp())
    return outer


def rest_api(site: Site) -> APIRouter:
    """Return what the page uses of Airflow's REST API."""
    api = APIRouter(prefix="/api/v2/dags/{dag}/dagRuns")

    @api.get("")
    def runs(dag: str) -> dict[str, Any]:
        return {"dag_runs": site.runs if dag == "bijzondere_bijstand" else [], "total_entries": 1}

    @api.get("/{run_id}")
    def one(run_id: str) -> dict[str, Any]:
        found = [run for run in site.runs if run["dag_run_id"] == run_id]
        if not found:
            raise HTTPException(404, "no such run")
        return found[0]

    @api.get("/{run_id}/taskInstances")
    def instances(
        run_id: str, offset: int = 0, limit: int = Query(50, le=100), updated_at_gte: str | None = None
    ) -> dict[str, Any]:
        site.asked.append({"offset": offset, "since": updated_at_gte})
        found = [task for task in site.tasks if task["dag_run_id"] == run_id]
        if updated_at_gte:
            found = [task for task in found if task.get("changed")]
        return {"task_instances": found[offset : offset + limit], "total_entries": len(found)}

    return api


@contextmanager
def everybody_in() -> Iterator[None]:
    """Let everybody in to the page, whose clock stands at ``NU``: in this process, so no longer than needed."""
    from airflow.api_fastapi.core_api.security import get_user

    from bidn_operators.rondes import app as rondes

    guards = [get_user, *(guard.dependency for guard in rondes.gegevens.dependencies)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rondes, "nu", lambda: NU)
        patch.setattr(rondes.app, "dependency_overrides", {guard: lambda: None for guard in guards})
        yield


@contextmanager
def serve() -> Iterator[Site]:
    """Serve it on a free port, for as long as the block lasts."""
    site = Site(url="")
    server = uvicorn.Server(uvicorn.Config(build(site), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        site.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield site
    finally:
        server.should_exit = True
        thread.join(10)
