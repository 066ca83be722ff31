"""The verwerkingsverslag: what a municipality reads about the file it handed in (manual 3.7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from include.intake.valideren import Intake
from include.rapportage import kolommen as k
from include.rapportage.kolommen import Kolom

BOM = b"\xef\xbb\xbf"
KOPREGEL = "Regel;Kolom;Veld;Foutcode;Omschrijving;Waarde\r\n"


def verslag_csv(intake: Intake) -> bytes:
    """Return one line per error: UTF-8 with BOM, ``;``, CRLF, RFC 4180 quotes; only the header when correct.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    fouten = intake.fouten
    cellen: list[Kolom | str] = [k.getal(fouten["regel"].to_numpy())]
    for naam in ("kolom", "veld", "foutcode", "omschrijving", "waarde"):
        cellen += [";", _cel(k.tekst(fouten[naam]))]
    return BOM + KOPREGEL.encode() + k.inhoud(k.voeg(*cellen, "\r\n"))


def verslag_json(intake: Intake, feiten: Mapping[str, Any] | None = None) -> bytes:
    """Return the summary: status, counts and errors by code; no personal data.

    Args:
        intake: the outcome of the delivery.
        feiten: what the outcome itself does not know, added as it is (JSON values): name and sha-256 of the
            file, ronde, what it replaced.
    """
    samenvatting = {
        **(feiten or {}),
        "status": str(intake.status),
        "rijen_gelezen": intake.gelezen,
        "rijen_geaccepteerd": intake.geaccepteerd,
        "rijen_afgekeurd": intake.afgekeurd,
        "rijen_dubbel": intake.dubbel,
        "lege_regels_overgeslagen": intake.overgeslagen,
        "tekenset": intake.tekenset,
        "scheidingsteken": intake.scheidingsteken,
        "fouten_per_code": intake.fouten_per_code,
    }
    return (json.dumps(samenvatting, ensure_ascii=False, indent=2) + "\n").encode()


def _cel(kolom: Kolom) -> Kolom:
    """Return a text cell: not run as a formula by a spreadsheet, and quoted where it has to be."""
    kolom = k.kies(k.past(kolom, r"^[=+\-@\t\r]"), k.voeg("'", kolom), kolom)
    aangehaald = k.voeg('"', k.vervang(kolom, '"', '""'), '"')
    return k.kies(k.past(kolom, '[;"\r\n]'), aangehaald, kolom)
