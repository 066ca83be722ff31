"""A run by hand says which ronde it is for, before it exists: the trigger form answers with a sentence.

Airflow checks what the form sends against a schema, and answers a mistake with that schema. This stands before it: it
refuses a run of no ronde, or of one that cannot run yet, and gives a good one the ronde as its partition key and in its
run id. What ``airflow dags trigger`` starts does not pass here; there ``ronde_openen`` refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

from include.errors import BidnFout, RondeFout
from include.moments import day_of
from include.pipeline import BIJZONDERE_BIJSTAND

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

_PATH = re.compile(rf"/api/v2/dags/{BIJZONDERE_BIJSTAND.dag_id}/dagRuns/?$")
_REFUSED = 400


class RondeOfTrigger:
    """ASGI middleware: looks at the trigger of a run of the monthly DAG, and passes everything else on unread."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its ronde filled in; answer HTTP 400 with a sentence when it has none."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _PATH.search(scope["path"]):
            await self.app(scope, receive, send)
            return
        body = await _read(receive)
        try:
            body = with_ronde(body, datetime.now(UTC))
        except BidnFout as fout:
            await _refuse(send, str(fout))
            return
        sent = False

        async def again() -> Scope:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await self.app({**scope, "headers": headers}, again, send)


def with_ronde(body: bytes, now: datetime) -> bytes:
    """Return the body of a trigger with its ronde as partition key, and in its run id unless it names one.

    What is no JSON object is returned as it is: Airflow says what is wrong with that.

    Raises:
        RondeFout: it says no ronde, two different ones, what is no month, or one that cannot run yet (besluit B3).
        NormFout: the norm files are malformed.
    """
    from include.normen import laden

    try:
        asked = json.loads(body)
    except ValueError:
        return body
    if not isinstance(asked, dict) or not isinstance(asked.get("conf") or {}, dict):
        return body
    parameter, key = (asked.get("conf") or {}).get("ronde"), asked.get("partition_key")
    newest = laden.nieuwste_ronde(day_of(now))
    if not parameter and not key:
        raise RondeFout(
            f"Fill in Ronde: which month is this run for? The newest that can run is {newest}. Nothing was started."
        )
    if parameter and key and parameter != key:
        raise RondeFout(
            f"Partition key {str(key)[:20]} and Ronde {str(parameter)[:20]} differ: fill in one. Nothing was started."
        )
    try:
        ronde = laden.ronde(str(parameter or key))
        ronde.eis_begonnen(day_of(now))
    except RondeFout as fout:
        raise RondeFout(f"{fout} The newest that can run is {newest}. Nothing was started.") from None
    asked["partition_key"] = ronde.naam
    asked["dag_run_id"] = asked.get("dag_run_id") or run_id(ronde.naam, now)
    return json.dumps(asked).encode()


def run_id(ronde: str, now: datetime) -> str:
    """Return the id of a run by hand: it carries the ronde."""
    return f"manual__{ronde}__{now.isoformat()}"


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def _refuse(send: Send, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": _REFUSED, "headers": headers})
    await send({"type": "http.response.body", "body": body})
