"""Which rules judge a delivery: a judgement that was kept holds as long as they are the same."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_INCLUDE = Path(__file__).resolve().parents[1]
_RULES = (
    "intake/*.py",
    "schemas/aanvragen.py",
    "schemas/controles.py",
    "schemas/*bestand.py",
    "schemas/*lijst.py",
)


@cache
def rules_version() -> str:
    """Return the sha-256 (hex) of everything that decides which rows of a delivery are accepted."""
    som = sha256()
    for pad in sorted(pad for patroon in _RULES for pad in _INCLUDE.glob(patroon)):
        som.update(pad.read_bytes())
    return som.hexdigest()
