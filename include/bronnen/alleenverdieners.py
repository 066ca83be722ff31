"""Belastingdienst: the doelgroepselectielijst Alleenverdieners, announced and fetched (besluiten A1, A2)."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from pydantic import TypeAdapter

from include.bronnen.client import Bronclient
from include.errors import BronAntwoordFout, GegevensFout
from include.schemas.bronberichten import AangekondigdeLevering, Aankondiging

BRON = "belastingdienst"
PAD = "/belastingdienst/alleenverdieners"
MAX_BYTES = 256 * 1024**2
"""Some sixteen million households: twice as many as the country has."""
_AANKONDIGING = TypeAdapter(Aankondiging)


def leveringen(client: Bronclient) -> list[AangekondigdeLevering]:
    """Return the leveringen that the Belastingdienst announces, each name once, in its own order.

    Raises as Bronclient.vraag; BronAntwoordFout also when two leveringen have one name.
    """
    lijst = client.haal(PAD, _AANKONDIGING)["leveringen"]
    if len({levering["levering"] for levering in lijst}) < len(lijst):
        raise BronAntwoordFout(
            f"Source {BRON} announces two leveringen alleenverdieners under one name: report it there.",
            bron=BRON,
        )
    return lijst


def haal_levering(client: Bronclient, naam: str, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the CSV file of an announced levering, as sent. Raises as Bronclient.vraag."""
    return client.haal_bestand(f"{PAD}/{quote(naam, safe='')}", soort="text/csv", max_bytes=max_bytes)


def controleer_bytes(levering: AangekondigdeLevering, inhoud: bytes) -> None:
    """Raise GegevensFout when ``inhoud`` is not, to the byte, the file that was announced (besluit A2)."""
    if not hmac.compare_digest(hashlib.sha256(inhoud).hexdigest(), levering["sha256"].lower()):
        raise GegevensFout(
            f"Levering {levering['levering']} does not have the sha-256 that the Belastingdienst announced "
            f"({len(inhoud):,} bytes came): nothing of it is published; ask for a new levering."
        )
