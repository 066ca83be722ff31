"""What every step works with: where this installation keeps things, and which organisation of which ronde it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NotRequired, TypedDict

from include.errors import GegevensFout
from include.moments import day_of
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.models import Organisatie


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


class Deelnemer(TypedDict):
    """An organisation in a run of a ronde, as one task hands it to the next; names and counts only."""

    ronde: str
    run: str
    organisatie_id: int
    organisatie: str
    levering_id: str
    status: NotRequired[str]
    """Once it is known: a ``LeveringStatus``, ``vervallen`` or ``mislukt``."""
    gelezen: NotRequired[int]
    geaccepteerd: NotRequired[int]
    afgewezen: NotRequired[int]
    fouten: NotRequired[dict[str, int]]
    vervangt: NotRequired[int]


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

    def als_dict(self) -> Deelnemer:
        """Return it as plain values."""
        return Deelnemer(
            ronde=self.ronde,
            run=self.run,
            organisatie_id=self.organisatie_id,
            organisatie=self.organisatie,
            levering_id=self.levering_id,
        )

    @classmethod
    def uit_dict(cls, waarden: Mapping[str, Any]) -> Verwerking:
        """Read what ``als_dict`` wrote; other keys are ignored."""
        return cls(**{naam: waarden[naam] for naam in cls.__dataclass_fields__})


def vind_organisatie(opslag: Opslag, verwerking: Verwerking) -> Organisatie:
    """Return the organisation of a verwerking. Raises GegevensFout when it is no longer registered."""
    with opslag.database.reading() as sessie:
        organisatie = sessie.get(Organisatie, verwerking.organisatie_id)
    if organisatie is None:
        raise GegevensFout(f"{verwerking.betreft}: the organisation is not registered (any more).")
    return organisatie
