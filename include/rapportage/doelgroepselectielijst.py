"""The doelgroepselectielijst of Alleenverdieners for one gemeente (besluit A4)."""

from __future__ import annotations

import pandas as pd

KOPREGEL = "BSN;Gemeentecode\r\n"


def lijst_csv(bsns: pd.Series, gemeentecode: str) -> bytes:
    """Return the list of one gemeente: sorted by BSN, UTF-8 without BOM, CRLF; only the header when empty.

    ``bsns`` are integers, in any order; ``gemeentecode`` is four digits. The law allows these two facts, and
    no more (besluit A1).
    """
    regels = bsns.sort_values().astype("int64").astype("str").str.zfill(9) + f";{gemeentecode}\r\n"
    return (KOPREGEL + regels.str.cat()).encode("ascii")
