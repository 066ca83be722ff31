"""A delivery is judged once: its accepted rows are kept beside it, with a hash of what the judgement depends on.

Every later step reads those rows. A delivery is judged again only when its bytes, the code lists or the rules have
changed since; then the hash differs.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pandas as pd

from include.errors import GegevensFout
from include.intake.version import rules_version
from include.steps.verwerking import Opslag
from include.steps.workfiles import frame_from_bytes, frame_to_bytes
from include.storage.models import Levering


def basis_of(levering: Levering, **dependencies: Any) -> str:
    """Return the hash (hex) of what a judgement depends on: bytes, rules, and these JSON values or sets."""
    alles = {**dependencies, "bytes": levering.sha256, "rules": rules_version()}
    return sha256(json.dumps(alles, sort_keys=True, default=sorted).encode()).hexdigest()


def keep_accepted(opslag: Opslag, levering: Levering, rows: pd.DataFrame) -> str:
    """Keep the accepted rows of a judged delivery; return the sha-256 to enter with ``keep_basis``."""
    return opslag.bestanden.write(levering.sleutel_aangenomen, frame_to_bytes(rows)).sha256


def keep_basis(opslag: Opslag, levering: Levering, *, basis: str, accepted: str) -> None:
    """Enter that the judgement is complete. Written last: without it the delivery is judged again."""
    opslag.bestanden.write(
        levering.sleutel_oordeel, json.dumps({"basis": basis, "accepted": accepted}).encode()
    )


def is_current(opslag: Opslag, levering: Levering, basis: str) -> bool:
    """Tell whether the judgement that was kept depends on exactly this, and its rows are still there, undamaged."""
    try:
        kept = _kept(opslag, levering)
        opslag.bestanden.read(levering.sleutel_aangenomen, sha256=kept["accepted"])
    except GegevensFout:
        return False
    return kept["basis"] == basis


def read_accepted(opslag: Opslag, levering: Levering, columns: list[str] | None = None) -> pd.DataFrame:
    """Return the accepted rows of a judged delivery, or some of their columns.

    Raises:
        GegevensFout: they are damaged or gone.
    """
    kept = _kept(opslag, levering)
    return frame_from_bytes(
        opslag.bestanden.read(levering.sleutel_aangenomen, sha256=kept["accepted"]), columns
    )


def _kept(opslag: Opslag, levering: Levering) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(opslag.bestanden.read(levering.sleutel_oordeel))
    except ValueError:
        raise GegevensFout(f"{levering.sleutel_oordeel} is damaged") from None
    return kept
