"""The bronsnapshot: what a source answered, as the bytes of an intermediate file, and their hash."""

from __future__ import annotations

import json

import pyarrow as pa

from include.errors import GegevensFout


def naar_bytes(tabel: pa.Table) -> bytes:
    """Return a snapshot as an Arrow IPC stream (zstd), its metadata included. Same table, same bytes."""
    buffer = pa.BufferOutputStream()
    opties = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(buffer, tabel.schema, options=opties) as stroom:
        stroom.write_table(tabel.combine_chunks())
    return buffer.getvalue().to_pybytes()


def uit_bytes(inhoud: bytes) -> pa.Table:
    """Return the snapshot that ``naar_bytes`` wrote. Raises GegevensFout when the bytes are not one."""
    try:
        tabel = pa.ipc.open_stream(inhoud).read_all()
        tabel.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        tabel = None
    if tabel is None:
        raise GegevensFout("A stored bronsnapshot is damaged: clear the task that fetched it.")
    return tabel


def kenmerken(tabel: pa.Table) -> dict[str, str | int]:
    """Return what a snapshot says of itself: ``bron``, ``endpoint``, ``gevraagd`` and the criteria."""
    ruw = {sleutel.decode(): waarde.decode() for sleutel, waarde in (tabel.schema.metadata or {}).items()}
    criteria = json.loads(ruw.pop("criteria", "{}"))
    gevraagd = int(ruw.pop("gevraagd", tabel.num_rows))
    return {**ruw, **criteria, "gevraagd": gevraagd}
