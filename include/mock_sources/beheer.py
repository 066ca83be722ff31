"""A small client for ``/beheer``: what a test or demonstration says to the mock sources, in one line each."""

from __future__ import annotations

from typing import Any

import httpx


class Beheer:
    """Faults and call log of the service at ``base_url``; errors of use are httpx.HTTPStatusError."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(base_url=f"{base_url}/beheer", timeout=10)

    def __enter__(self) -> Beheer:
        return self

    def __exit__(self, *_: object) -> None:
        self.sluit()

    def sluit(self) -> None:
        """Close the connection."""
        self._client.close()

    def _doe(self, methode: str, pad: str, **opties: Any) -> httpx.Response:
        return self._client.request(methode, pad, **opties).raise_for_status()

    def storing(self, bron: str, soort: str | int, **opties: str | float | None) -> None:
        """Switch on one fault, replacing those of that source: see ``storingen`` for soorten and options."""
        self._doe("PUT", f"/storingen/{bron}", json={"soort": str(soort), **opties})

    def storingen(self, bron: str, *storingen: tuple[str, int]) -> None:
        """Switch on several faults, each once: its soort, and at which call."""
        reeks = [{"soort": soort, "vanaf": bij, "aantal": 1} for soort, bij in storingen]
        self._doe("PUT", f"/storingen/{bron}", json=reeks)

    def herstel(self, bron: str | None = None) -> None:
        """Clear the faults of one source, or of all."""
        self._doe("DELETE", f"/storingen/{bron}" if bron else "/storingen")

    def aanroepen(self, bron: str | None = None) -> list[dict[str, Any]]:
        """The calls since the last reset, each as ``storingen.Aanroep``."""
        return self._doe("GET", "/aanroepen", params={"bron": bron} if bron else None).json()["aanroepen"]

    def bevraagd(self, bron: str, endpoint: str | None = None) -> list[list[str]]:
        """The BSNs of each call, in the order of ``aanroepen``."""
        keuze = {"bron": bron} | ({"endpoint": endpoint} if endpoint else {})
        return self._doe("GET", "/aanroepen/bsns", params=keuze).json()["bsns"]

    def wis_aanroepen(self) -> None:
        """Forget the calls so far."""
        self._doe("DELETE", "/aanroepen")
