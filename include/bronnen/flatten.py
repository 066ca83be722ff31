"""From nested answers to flat frames: the few column operations that every source needs, all in Arrow."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from include.errors import BronAntwoordFout, GegevensFout

log = logging.getLogger(__name__)

BSN = pa.field("burgerservicenummer", pa.string())

# Allowed in JSON, but neither in XML nor in anybody's name.
_ONTOELAATBAAR = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"


def controleer(tabel: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``tabel``, when it is a snapshot of this schema. Raises GegevensFout when it is not."""
    if not tabel.schema.equals(schema, check_metadata=False):
        raise GegevensFout(
            "A stored bronsnapshot has another shape than this version reads: clear the task that fetched it."
        )
    return tabel


def kolom(tabel: pa.Table, naam: str) -> pa.Array:
    """Return a column as one array."""
    return tabel.column(naam).combine_chunks()


def uitgeklapt(lijst: pa.ListArray) -> tuple[pa.Array, pa.Array]:
    """Return, for a list per line: of every element the line it came from (int64), and the elements."""
    return pc.list_parent_indices(lijst).cast(pa.int64()), pc.list_flatten(lijst)


def veld(structuur: pa.StructArray, *pad: str) -> pa.Array:
    """Return a field, null where it or anything above it is null."""
    return pc.struct_field(structuur, list(pad))


def tekst(waarden: pa.StringArray) -> pa.StringArray:
    """Return texts with null as ``''``, and U+FFFD where a character is none that XML can hold."""
    return pc.replace_substring_regex(pc.fill_null(waarden, ""), pattern=_ONTOELAATBAAR, replacement="\ufffd")


def bsn(waarden: pa.StringArray) -> pa.Int64Array:
    """Return BSNs as integers, 0 for null."""
    return pc.fill_null(waarden, "0").cast(pa.int64())


def dag(waarden: pa.Date32Array) -> pa.TimestampArray:
    """Return days in the resolution of the frames."""
    return waarden.cast(pa.timestamp("s"))


def nummers(aantal: int) -> pa.Int64Array:
    """Return 0 … ``aantal`` - 1: the numbers by which the lines of one frame are referred to from another."""
    return pa.array(np.arange(aantal))


def frame(model: type[pandera.DataFrameModel], kolommen: dict[str, pa.Array], *, bron: str) -> pd.DataFrame:
    """Return the columns as a frame that satisfies ``model``.

    Raises BronAntwoordFout with the columns and checks that failed, and how often; never a value.
    """
    try:
        return model.validate(pa.table(kolommen).to_pandas(), lazy=True)
    except SchemaErrors as fout:
        gevallen = fout.failure_cases
    aantallen = gevallen.groupby(["column", "check"], dropna=False, sort=True).size()
    soorten = ", ".join(f"{kolom} {check} ({aantal}x)" for (kolom, check), aantal in aantallen.items())
    raise BronAntwoordFout(
        f"The answers of source {bron} do not fit {model.__name__}: {soorten}. Report it to the source.",
        bron=bron,
    )
