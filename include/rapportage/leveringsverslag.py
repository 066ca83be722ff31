"""The leveringsverslag: what ops and the Belastingdienst read about a levering of Alleenverdieners (besluit A2).

Codes, counts and line numbers only: it can be mailed and pasted in a ticket.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from include.intake.selectielijst import Oordeel
from include.schemas.selectielijst import PER_CODE

BOM = b"\xef\xbb\xbf"
KOLOMMEN = ("Regel", "Kolom", "Veld", "Foutcode", "Omschrijving")
VOORBEELDEN = 25
"""Line numbers per code in the summary; all of them are in the CSV."""


def verslag_csv(oordeel: Oordeel) -> bytes:
    """Return one line per error: UTF-8 with BOM, ``;``, CRLF, RFC 4180 quotes; only the header when correct."""
    staart = {
        code: _regel(controle.kolom.letter, controle.kolom.veld, code, controle.omschrijving)
        for code, controle in PER_CODE.items()
    }
    fouten = oordeel.fouten
    regels = fouten["regel"].astype("str") + ";" + fouten["foutcode"].map(staart).astype("str")
    return BOM + (_regel(*KOLOMMEN) + regels.str.cat()).encode()


def verslag_json(oordeel: Oordeel, feiten: Mapping[str, Any] | None = None) -> bytes:
    """Return the summary: status, counts, and the errors by code with the first line numbers.

    Args:
        oordeel: the outcome of the levering.
        feiten: what the outcome itself does not know, added as it is (JSON values): the announcement, when it
            was received.
    """
    samenvatting = {
        **(feiten or {}),
        "status": str(oordeel.status),
        "rijen_gelezen": oordeel.gelezen,
        "rijen_geaccepteerd": oordeel.geaccepteerd,
        "rijen_afgewezen": oordeel.afgewezen,
        "rijen_dubbel": oordeel.dubbel,
        "heringedeeld": oordeel.heringedeeld,
        "fouten_per_code": oordeel.fouten_per_code,
        "regels_per_code": {
            str(code): groep.head(VOORBEELDEN).tolist()
            for code, groep in oordeel.fouten.groupby("foutcode")["regel"]
        },
    }
    return (json.dumps(samenvatting, ensure_ascii=False, indent=2) + "\n").encode()


def _regel(*cellen: str) -> str:
    uit = io.StringIO()
    csv.writer(uit, delimiter=";", lineterminator="\r\n").writerow(cellen)
    return uit.getvalue()
