"""What this project adds to Airflow itself: the page "Rondes", the deadline of a ronde, and its trigger.

The plugin loader runs this module in every component, so it imports next to nothing; the page's own application
is imported by the api-server, at the first request to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from bidn_operators.deadline import EindeRapportagemaand

PREFIX = "/bidn/rondes"
# Relative to the <base> of Airflow's own page, so that an Airflow under a path of its own works too.
_PAGE = f"{PREFIX[1:]}/"

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Scope]]
_Send = Callable[[_Scope], Awaitable[None]]


class LazyApp:
    """An ASGI application that is imported when it is first asked for something."""

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Pass the request on."""
        from bidn_operators.rondes.app import app

        await app(scope, receive, send)


class LazyTrigger:
    """An ASGI middleware that is imported where an application is made of it: in the api-server."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - any ASGI application
        from bidn_operators.trigger import RondeOfTrigger

        self._middleware = RondeOfTrigger(app)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Pass the request on."""
        await self._middleware(scope, receive, send)


class BidnPlugin(AirflowPlugin):
    """The page "Rondes" in the navigation, and the same as a tab on a DAG run; the deadline of a ronde; its trigger."""

    name = "bidn"
    deadline_references = [EindeRapportagemaand]  # noqa: RUF012 - Airflow's interface
    fastapi_apps = [{"app": LazyApp(), "url_prefix": PREFIX, "name": "Rondes"}]  # noqa: RUF012 - Airflow's interface
    fastapi_root_middlewares = [{"middleware": LazyTrigger, "name": "The ronde of a run by hand"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Rondes",
            "href": _PAGE,
            "destination": "nav",
            "nav_top_level": True,
            "url_route": "rondes",
            "icon": f"{_PAGE}pagina/icoon.svg",
            "icon_dark_mode": f"{_PAGE}pagina/icoon-donker.svg",
        },
        {
            "name": "Ronde",
            "href": f"{_PAGE}?dag={{DAG_ID}}&run={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "ronde",
            "icon": f"{_PAGE}pagina/icoon.svg",
            "icon_dark_mode": f"{_PAGE}pagina/icoon-donker.svg",
        },
    ]
