"""The facts of a whole report in one file: written part by part, read as far as one aanvrager.

An Arrow stream, compressed with zstd, with a batch per part. It is as confidential as the report itself, and is
stored, encrypted and removed with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from include.errors import ControleFout
from include.rapportage.uitleg.feiten import METADATA_KADER
from include.rapportage.uitleg.vormen import KADER, Bijstand, Feiten, Kader, Opgave

_ZSTD = pa.Codec("zstd", compression_level=9)


def schrijf_feiten(uit: BinaryIO, delen: Iterable[pa.Table]) -> None:
    """Write the tables of :func:`include.rapportage.uitleg.feiten.maak_feiten`, in report order; at least one."""
    delen = iter(delen)
    eerste = next(delen)
    opties = pa.ipc.IpcWriteOptions(compression=_ZSTD)
    with pa.ipc.new_stream(uit, eerste.schema, options=opties) as stroom:
        stroom.write_table(eerste)
        for deel in delen:
            stroom.write_table(deel)


def zoek_feiten(bestand: BinaryIO, bsn: int) -> tuple[Feiten, Kader]:
    """Return the facts of an aanvrager who is in the report, and what holds for the whole report.

    ``bestand`` need not be able to seek; memory is bounded by one part.

    Raises:
        ControleFout: it is not what ``schrijf_feiten`` wrote beside that report.
    """
    try:
        with pa.ipc.open_stream(bestand) as stroom:
            kader = KADER.validate_json((stroom.schema.metadata or {})[METADATA_KADER])
            for deel in stroom:
                plaats = np.flatnonzero(deel.column("bsn").to_numpy() == bsn)
                if len(plaats):
                    return _feiten(deel.slice(plaats[0], 1).to_pylist()[0]), kader
    except (pa.ArrowException, KeyError, ValueError):
        pass  # told below
    raise ControleFout(
        "the facts behind the detailrapportage are damaged, or not those of this report; make them anew by "
        "reprocessing the ronde."
    )


def _feiten(rij: dict) -> Feiten:
    lijsten = {
        "opgaven": tuple(Opgave(**opgave) for opgave in rij["opgaven"]),
        "bijstand": tuple(Bijstand(**uitkering) for uitkering in rij["bijstand"]),
    }
    return Feiten(**rij | lijsten)
