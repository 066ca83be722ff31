"""What goes back over HTTP when it is not a source's data: JSON of our own, and refusals as problem+json."""

from __future__ import annotations

import msgspec
from fastapi import Response


def json_antwoord(
    inhoud: object, status: int = 200, soort: str = "application/json", kop: dict[str, str] | None = None
) -> Response:
    """Any value msgspec can encode, as a response."""
    return Response(msgspec.json.encode(inhoud), status, media_type=soort, headers=kop)


class Weigering(Exception):
    """An answer that is no answer: status, reason and, if asked to wait, the seconds of Retry-After."""

    def __init__(self, status: int, reden: str, wachttijd: int | None = None) -> None:
        super().__init__(reden)
        self.status, self.reden, self.wachttijd = status, reden, wachttijd

    def antwoord(self) -> Response:
        """The refusal as ``application/problem+json`` (RFC 9457)."""
        probleem = {"type": "about:blank", "title": self.reden, "status": self.status}
        kop = {} if self.wachttijd is None else {"Retry-After": str(self.wachttijd)}
        return json_antwoord(probleem, self.status, "application/problem+json", kop)
