"""The verwerkingsverslag: what a municipality reads about the file it handed in (manual 3.7)."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.intake.valideren import Intake
from include.rapportage import kolommen as k
from include.rapportage.kolommen import Kolom

BOM = b"\xef\xbb\xbf"
FOUTEN_PER_DEEL = 100_000
"""Errors rendered at a time: bounds the memory, changes no byte."""
KOPREGEL = "Regel;Kolom;Veld;Foutcode;Omschrijving;Waarde\r\n"


def verslag_csv(intake: Intake) -> bytes:
    """Return one line per error: UTF-8 with BOM, ``;``, CRLF, RFC 4180 quotes; only the header when correct.

    A value stands as it was delivered, trimmed (contracten §2); only what a spreadsheet would run as a formula gets an
    apostrophe in front. A number with a sign is none.
    """
    uit = io.BytesIO()
    uit.write(BOM + KOPREGEL.encode())
    fouten = intake.fouten
    soorten = fouten.drop_duplicates("foutcode")  # of one code everything but regel and waarde is the same
    soort_van = pd.Index(soorten["foutcode"].cat.codes).get_indexer(pd.Index(fouten["foutcode"].cat.codes))
    cellen = (_cel(k.tekst(soorten[naam])) for naam in ("kolom", "veld", "foutcode", "omschrijving"))
    midden = k.voeg(*itertools.chain.from_iterable((";", cel) for cel in cellen), ";")
    for begin in range(0, len(fouten), FOUTEN_PER_DEEL):
        deel = fouten.iloc[begin : begin + FOUTEN_PER_DEEL]
        vast = midden.take(pa.array(soort_van[begin : begin + FOUTEN_PER_DEEL]))
        regels = k.voeg(k.getal(deel["regel"].to_numpy()), vast, _cel(k.tekst(deel["waarde"])), "\r\n")
        uit.write(k.inhoud(regels))
    return uit.getvalue()


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
    if not pc.any(k.past(kolom, k.FORMULE + '|[;"\r\n]'), min_count=0).as_py():
        return kolom
    formule = pc.and_not(k.past(kolom, k.FORMULE), k.past(kolom, r"^[+-]?[0-9.,]*%?$"))
    kolom = k.kies(formule, k.voeg("'", kolom), kolom)
    aangehaald = k.voeg('"', k.vervang(kolom, '"', '""'), '"')
    return k.kies(k.past(kolom, '[;"\r\n]'), aangehaald, kolom)
