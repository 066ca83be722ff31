"""What every step works with: the storage, which organisation of which ronde, and what earlier steps left."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from include.bronnen import snapshot
from include.errors import GegevensFout
from include.storage.database import Database
from include.storage.file_store import FileStore, intermediate_key, intermediates_folder
from include.storage.models import Organisatie
from include.storage.moments import day_of


def nu() -> datetime:
    """The moment it is, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Opslag:
    """Where this installation keeps things, and the clock it goes by."""

    database: Database = field(default_factory=Database)
    bestanden: FileStore = field(default_factory=FileStore)
    klok: Callable[[], datetime] = nu

    @property
    def vandaag(self) -> date:
        """Today in Amsterdam."""
        return day_of(self.klok())


@dataclass(frozen=True)
class Verwerking:
    """One organisation in one run of a ronde: what a task passes to the next, and all it passes.

    ``run`` names the DAG run; what belongs to it is found again by it, so a run can be resumed and another
    run of the same ronde starts anew (besluit B56).
    """

    ronde: str
    run: str
    organisatie_id: int
    organisatie: str
    levering_id: str

    @property
    def kenmerk(self) -> str:
        """Names this verwerking in the database and, hashed, in the file store."""
        return f"{self.run}/{self.organisatie_id}"

    @property
    def betreft(self) -> str:
        """Whom and which ronde it is about: opens every message to ops."""
        return f"organisation {self.organisatie}, ronde {self.ronde}"

    def als_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def uit_dict(cls, waarden: dict[str, Any]) -> Verwerking:
        """Read what ``als_dict`` wrote; other keys are ignored."""
        return cls(**{naam: waarden[naam] for naam in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Tussenresultaten:
    """The intermediate files of one verwerking: fetched data and outcomes, gone once published (besluit B55)."""

    bestanden: FileStore
    verwerking: Verwerking

    def schrijf(self, naam: str, inhoud: bytes) -> None:
        """Keep ``inhoud`` under a file name, replacing what an earlier attempt left."""
        self.bestanden.write(self.sleutel(naam), inhoud)

    def lees(self, naam: str) -> bytes:
        """Return what was kept.

        Raises:
            GegevensFout: nothing is there: intermediates are removed once the reports are published.
        """
        if not self.bestanden.exists(self.sleutel(naam)):
            raise GegevensFout(
                f"{self.verwerking.betreft}: intermediate file {naam} is not there (removed at publication, by the "
                "retention sweep, or never made). Clear huishouden_brp of this organisation with everything after it."
            )
        return self.bestanden.read(self.sleutel(naam))

    def schrijf_tabel(self, naam: str, tabel: pa.Table) -> None:
        """Keep a bronsnapshot."""
        self.schrijf(f"{naam}.arrow", snapshot.naar_bytes(tabel))

    def lees_tabel(self, naam: str) -> pa.Table:
        """Return a bronsnapshot. Raises as ``lees``."""
        return snapshot.uit_bytes(self.lees(f"{naam}.arrow"))

    def schrijf_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """Keep a frame with its dtypes."""
        buffer = io.BytesIO()
        frame.to_feather(buffer, compression="zstd")
        self.schrijf(f"{naam}.feather", buffer.getvalue())

    def lees_frame(self, naam: str) -> pd.DataFrame:
        """Return a frame with its dtypes. Raises as ``lees``."""
        return pd.read_feather(io.BytesIO(self.lees(f"{naam}.feather")))

    def sleutel(self, naam: str) -> str:
        """Return the key in the file store."""
        return intermediate_key(self.verwerking.kenmerk, naam)

    def namen(self) -> list[str]:
        """Return the names of all that is kept."""
        map_ = intermediates_folder(self.verwerking.kenmerk)
        return [bestand.key.removeprefix(f"{map_}/") for bestand in self.bestanden.list(map_)]

    def aanwezig(self, namen: Iterable[str]) -> bool:
        """Return whether all these files are there."""
        return all(self.bestanden.exists(self.sleutel(naam)) for naam in namen)


def vind_organisatie(opslag: Opslag, verwerking: Verwerking) -> Organisatie:
    """Return the organisation of a verwerking. Raises GegevensFout when it is no longer registered."""
    with opslag.database.reading() as sessie:
        organisatie = sessie.get(Organisatie, verwerking.organisatie_id)
    if organisatie is None:
        raise GegevensFout(f"{verwerking.betreft}: the organisation is not registered (any more).")
    return organisatie
