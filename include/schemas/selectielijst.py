"""The doelgroepselectielijst of the Belastingdienst: every rule with its code, and the rows as they see it (A2).

``CONTROLES`` is the one place where the rules stand: the leveringsverslag and the checks of ``SELECTIELIJST``
follow from it. A code never changes its meaning, and that of a dropped rule is not used again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.pandas as pa

from include.schemas.controles import BESTAND, RIJ, Controle, Kolom, Rijen, Vlaggen, elfproef

KOPREGEL = ("BSN", "Gemeentecode")
ONBEKEND = -3
"""In ``SELECTIELIJST.gemeente``: no gemeente ever had this code."""
GEEN_OPVOLGER = -4
"""The code is of a gemeente, but not of one that exists on the peildatum, and nothing took its place."""

BSN = Kolom("A", KOPREGEL[0], "bsn", "Het BSN")
GEMEENTECODE = Kolom("B", KOPREGEL[1], "gemeentecode", "De gemeentecode")


def _elfproef(rijen: Rijen) -> Vlaggen:
    return (rijen["bsn"] < 0) | elfproef(rijen["bsn"])


ONLEESBAAR_BESTAND = Controle(
    "S001",
    BESTAND,
    "Het bestand is niet te lezen als CSV in UTF-8: het is geen tekst, een aanhalingsteken wordt niet gesloten of"
    " een regel is veel te lang.",
)
VERKEERDE_KOPREGEL = Controle(
    "S002", BESTAND, "De eerste regel is niet precies de kopregel BSN;Gemeentecode."
)
GEEN_RIJEN = Controle("S003", BESTAND, "Onder de kopregel staat geen enkele rij.")
CONTROLETOTAAL = Controle("S004", BESTAND, "Het aantal rijen is niet het aantal dat is aangekondigd.")
GEEN_GELDIGE_RIJ = Controle("S005", BESTAND, "Geen enkele rij is geldig.")
AANTAL_CELLEN = Controle("S011", RIJ, "Deze rij heeft geen 2 cellen: een BSN en een gemeentecode.")
VERSCHILLEND = Controle(
    "S041",
    BSN,
    "Dit BSN staat ook op een rij met een andere gemeentecode: geen van die rijen is bruikbaar.",
    lambda r: ~r["verschillend"],
)
DUBBEL = Controle(
    "S042", BSN, "Dit BSN staat al op een eerdere rij met dezelfde gemeentecode: die rij telt, deze niet."
)

CONTROLES: tuple[Controle, ...] = (
    ONLEESBAAR_BESTAND,
    VERKEERDE_KOPREGEL,
    GEEN_RIJEN,
    CONTROLETOTAAL,
    GEEN_GELDIGE_RIJ,
    AANTAL_CELLEN,
    Controle("S021", BSN, "Het BSN bestaat niet uit 8 of 9 cijfers.", lambda r: r["bsn"] >= 0),
    Controle("S022", BSN, "Het BSN voldoet niet aan de elfproef.", _elfproef),
    Controle(
        "S031",
        GEMEENTECODE,
        "De gemeentecode bestaat niet uit 4 cijfers.",
        lambda r: r["gemeentecode"] >= 0,
    ),
    Controle(
        "S032",
        GEMEENTECODE,
        "Er is nooit een gemeente met deze code geweest.",
        lambda r: r["gemeente"] != ONBEKEND,
    ),
    Controle(
        "S033",
        GEMEENTECODE,
        "De gemeente met deze code bestaat niet op de dag waarop de levering is aangemaakt en heeft geen opvolger.",
        lambda r: r["gemeente"] != GEEN_OPVOLGER,
    ),
    VERSCHILLEND,
    DUBBEL,
)
PER_CODE = {controle.code: controle for controle in CONTROLES}
"""The rules by code, in the order in which the leveringsverslag lists the errors of one row."""


def _check(klopt: Callable[[Rijen], Vlaggen]) -> Callable[[pd.DataFrame], pd.Series]:
    def check(rijen: pd.DataFrame) -> pd.Series:
        oordeel = klopt({str(naam): kolom.to_numpy() for naam, kolom in rijen.items()})
        # An index that no row has: pandera then gathers no failing values, which are personal data.
        return pd.Series(oordeel, index=pd.RangeIndex(-len(oordeel), 0))

    return check


SELECTIELIJST = pa.DataFrameSchema(
    {
        "regel": pa.Column("int64", pa.Check.ge(1)),
        "bsn": pa.Column("int64"),
        "gemeentecode": pa.Column("int32"),
        "gemeente": pa.Column("int32"),
        "verschillend": pa.Column("bool"),
    },
    checks=[pa.Check(_check(controle.klopt), name=controle.code) for controle in CONTROLES if controle.klopt],
    strict=True,
    ordered=True,
)
"""The rows of two cells, in file order. ``regel`` is the physical line on which the row starts, ``bsn`` and
``gemeentecode`` are numbers as delivered, LEEG or ONLEESBAAR; ``gemeente`` is the code that stands for it on the
peildatum, ONBEKEND, GEEN_OPVOLGER, or what ``gemeentecode`` is when that is no code; ``verschillend`` tells that the
BSN is on another row with another gemeente. Every rule with a ``klopt`` is a check, by the name of its code."""

HUISHOUDENS = pa.DataFrameSchema(
    {
        "regel": pa.Column("int64", pa.Check.ge(1)),
        "bsn": pa.Column("int64", unique=True),
        "gemeentecode": pa.Column("str", pa.Check.str_matches(r"^[0-9]{4}$")),
    },
    strict=True,
    ordered=True,
)
"""The accepted rows, by gemeentecode (the one that stands on the peildatum), then BSN."""


def overtredingen(rijen: pd.DataFrame) -> dict[str, Vlaggen]:
    """Return per code which rows of a frame ``SELECTIELIJST`` break that rule; codes nobody breaks are left out.

    Raises:
        TypeError: the frame is no ``SELECTIELIJST`` at all, which is a fault of ours and not of the file.
    """
    try:
        SELECTIELIJST.validate(rijen, lazy=True)
    except pa.errors.SchemaErrors as gevonden:
        fouten: list[Any] = gevonden.schema_errors
    else:
        return {}
    oordelen = {fout.check.name: fout.check_output for fout in fouten if hasattr(fout.check, "name")}
    if len(oordelen) < len(fouten) or not oordelen.keys() <= PER_CODE.keys():
        raise TypeError(f"not a frame SELECTIELIJST: {len(fouten)} faults of shape or type") from None
    return {code: ~oordelen[code].to_numpy() for code in PER_CODE if code in oordelen}
