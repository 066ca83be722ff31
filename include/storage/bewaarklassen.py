"""What is kept how long, class by class (besluit B55).

A class says what is due and makes it invisible; ``bewaartermijn`` does the rest, the same for all. What lies
outside the file store is a class of its own: see ``runlogs``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from include.schemas.domein import Product
from include.storage.backends import ONVOLTOOID
from include.storage.file_store import Bestandsopslag, Inventaris, Opgeslagen, plaats
from include.storage.models import Levering, Publicatie, PublicatieBestand, Vernietiging
from include.storage.moments import als_utc, begin_van, dag_van
from include.storage.publicaties import BEWAARTERMIJN

RUST = timedelta(hours=24)
"""Intermediates and orphans younger than this may belong to a task that is still running, or one that ops is
about to clear: a sweep leaves them to a later one."""


@dataclass(frozen=True, slots=True)
class Stuk:
    """One file that goes, as the register will name it: ``soort``, key, rows and sha-256 where known."""

    soort: str
    sleutel: str
    rijen: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class TeVernietigen:
    """What goes together: the files of one publication, delivery or folder (``onderwerp``)."""

    klasse: str
    onderwerp: str
    stukken: tuple[Stuk, ...]
    product: Product | None = None
    ronde: str | None = None
    belet: str = ""
    """Why it cannot go, when nothing but its folder is known; it then has no ``stukken``."""


class Bewaarklasse(Protocol):
    """A kind of data with a retention period."""

    naam: str
    soorten: frozenset[str]
    """The soorten of its files in the register."""

    def vind(self, sessie: Session, bestanden: Bestandsopslag, nu: datetime) -> list[TeVernietigen]:
        """What is due at ``nu``; what is in the way of finding it is among it, as ``belet``, and hides no other."""

    def trek_in(
        self, sessie: Session, bestanden: Bestandsopslag, vondst: TeVernietigen, nu: datetime
    ) -> Sequence[Stuk]:
        """Make it invisible in the database before its files go.

        Returns what is to be registered and removed: nothing when another sweep was first. No two sweeps are
        in here at the same time.
        """

    def vingerafdruk(self, bestanden: Bestandsopslag, sleutel: str) -> str:
        """Return the sha-256 (hex) of what is to be removed, for the register. Raises BidnFout."""

    def wis(self, bestanden: Bestandsopslag, sleutel: str, begonnen_op: datetime) -> None:
        """Remove what was entered in the register at ``begonnen_op``; no error when it is gone.

        Raises OpslagFout when it cannot be removed.
        """


class _InBestandsopslag:
    """What lies in the file store; of itself nothing in the database points at it."""

    def trek_in(
        self,
        sessie: Session,  # noqa: ARG002
        bestanden: Bestandsopslag,
        vondst: TeVernietigen,
        nu: datetime,  # noqa: ARG002
    ) -> Sequence[Stuk]:
        """See Bewaarklasse."""
        return [stuk for stuk in vondst.stukken if bestanden.bestaat(stuk.sleutel)]

    def vingerafdruk(self, bestanden: Bestandsopslag, sleutel: str) -> str:
        """See Bewaarklasse."""
        return bestanden.vingerafdruk(sleutel)

    def wis(self, bestanden: Bestandsopslag, sleutel: str, begonnen_op: datetime) -> None:  # noqa: ARG002
        """See Bewaarklasse."""
        bestanden.verwijder(sleutel)


class Rapporten(_InBestandsopslag):
    """The return files: 90 days after publication."""

    naam = "rapport"
    soorten = frozenset({"rapport"})

    def vind(
        self,
        sessie: Session,
        bestanden: Bestandsopslag,  # noqa: ARG002
        nu: datetime,
    ) -> list[TeVernietigen]:
        """See Bewaarklasse."""
        vraag = (
            select(Publicatie)
            .where(Publicatie.verwijderd_op.is_(None), Publicatie.verwijderen_op <= dag_van(nu))
            .order_by(Publicatie.gepubliceerd_op, Publicatie.id)
        )
        return [
            TeVernietigen(
                klasse=self.naam,
                onderwerp=publicatie.id,
                stukken=tuple(
                    Stuk(self.naam, bestand.sleutel, bestand.rijen, bestand.sha256)
                    for bestand in publicatie.bestanden
                ),
                product=publicatie.product,
                ronde=publicatie.ronde,
            )
            for publicatie in sessie.scalars(vraag)
        ]

    def trek_in(
        self,
        sessie: Session,
        bestanden: Bestandsopslag,  # noqa: ARG002
        vondst: TeVernietigen,
        nu: datetime,
    ) -> Sequence[Stuk]:
        """See Bewaarklasse. The row stays as register, without files and manifest."""
        publicatie = sessie.get(Publicatie, vondst.onderwerp, with_for_update=True)
        if publicatie is None or publicatie.verwijderd_op is not None:
            return ()
        publicatie.verwijderd_op, publicatie.manifest, publicatie.bestanden = nu, {}, []
        return vondst.stukken


class Leveringen(_InBestandsopslag):
    """Deliveries with their verwerkingsverslag.

    Due 90 days after the last publication that used them, or after receipt when none did.
    """

    naam = "levering"
    soorten = frozenset({"levering", "verslag"})

    def vind(self, sessie: Session, bestanden: Bestandsopslag, nu: datetime) -> list[TeVernietigen]:
        """See Bewaarklasse.

        Of a folder that cannot be listed the delivery itself is due all the same: its removal then fails, and the
        register remembers it. A verslag that is left behind is an orphan.
        """
        vraag = select(Levering).where(self._verlopen(nu)).order_by(Levering.ontvangen_op, Levering.id)
        return [
            TeVernietigen(
                klasse=self.naam,
                onderwerp=levering.id,
                stukken=tuple(self._stukken(levering, bestanden.inventaris(levering.map).bestanden)),
                product=levering.product,
                ronde=levering.ronde,
            )
            for levering in sessie.scalars(vraag)
        ]

    def trek_in(
        self,
        sessie: Session,
        bestanden: Bestandsopslag,  # noqa: ARG002
        vondst: TeVernietigen,
        nu: datetime,
    ) -> Sequence[Stuk]:
        """See Bewaarklasse. The row stays as register, without the name of the file."""
        nog_verlopen = (Levering.id == vondst.onderwerp, self._verlopen(nu))
        levering = sessie.scalar(select(Levering).where(*nog_verlopen).with_for_update(of=Levering))
        if levering is None:
            return ()
        levering.verwijderd_op, levering.bestandsnaam = nu, ""
        return vondst.stukken

    @staticmethod
    def _verlopen(nu: datetime) -> ColumnElement[bool]:
        vandaag = dag_van(nu)
        gebruikt = Publicatie.levering_id == Levering.id
        return and_(
            Levering.verwijderd_op.is_(None),
            or_(
                and_(
                    exists().where(gebruikt), ~exists().where(gebruikt, Publicatie.verwijderen_op > vandaag)
                ),
                and_(
                    ~exists().where(gebruikt),
                    Levering.ontvangen_op < begin_van(vandaag - BEWAARTERMIJN + timedelta(days=1)),
                ),
            ),
        )

    @staticmethod
    def _stukken(levering: Levering, aanwezig: Iterable[Opgeslagen]) -> Iterable[Stuk]:
        yield Stuk("levering", levering.sleutel, levering.rijen_gelezen, levering.sha256)
        for bestand in aanwezig:
            if bestand.sleutel != levering.sleutel:
                yield Stuk("verslag", bestand.sleutel)


class Tussenresultaten(_InBestandsopslag):
    """What was fetched or computed and left behind by a verwerking that never published.

    One that did removes its own at once: ``bewaartermijn.verwijder_tussenresultaten``.
    """

    naam = "tussenresultaat"
    soorten = frozenset({"tussenresultaat"})

    def __init__(self, rust: timedelta = RUST) -> None:
        self.rust = rust

    def vind(self, sessie: Session, bestanden: Bestandsopslag, nu: datetime) -> list[TeVernietigen]:
        """See Bewaarklasse."""
        map_, grens = "tussenresultaten", nu - self.rust
        inventaris = bestanden.inventaris(map_)
        vondsten = _per_map(self.naam, _oud(inventaris.bestanden, grens), in_verwijdering(sessie))
        return [*vondsten, *_belet(self.naam, map_, inventaris, _oud(inventaris.vreemd, grens))]


class Wezen(_InBestandsopslag):
    """Files no row points at: of a publication or registration that was killed halfway."""

    naam = "wees"
    soorten = frozenset({"wees"})

    def __init__(self, rust: timedelta = RUST) -> None:
        self.rust = rust

    def vind(self, sessie: Session, bestanden: Bestandsopslag, nu: datetime) -> list[TeVernietigen]:
        """See Bewaarklasse. Storage is listed before the database is asked: what appears between is known."""
        grens = nu - self.rust
        inventarissen = {
            map_: bestanden.inventaris(map_) for map_ in ("publicaties", "leveringen", ONVOLTOOID)
        }
        bekend = set(sessie.scalars(select(PublicatieBestand.sleutel)))
        leveringen = set(sessie.scalars(select(Levering.id).where(Levering.verwijderd_op.is_(None))))

        def wezen(opgeslagen: Iterable[Opgeslagen]) -> list[str]:
            return [
                sleutel
                for sleutel in _oud(opgeslagen, grens)
                if sleutel not in bekend
                and not (sleutel.startswith("leveringen/") and sleutel.split("/")[1] in leveringen)
            ]

        sleutels = [sleutel for een in inventarissen.values() for sleutel in wezen(een.bestanden)]
        vondsten = _per_map(self.naam, sleutels, in_verwijdering(sessie))
        for map_, een in inventarissen.items():
            vondsten += _belet(self.naam, map_, een, wezen(een.vreemd))
        return vondsten


KLASSEN: tuple[Bewaarklasse, ...] = (Rapporten(), Leveringen(), Tussenresultaten(), Wezen())
"""All classes, in the order of sweeping: publications before the deliveries they used."""


def _oud(opgeslagen: Iterable[Opgeslagen], grens: datetime) -> list[str]:
    return [bestand.sleutel for bestand in opgeslagen if bestand.gewijzigd_op <= als_utc(grens)]


def _belet(klasse: str, map_: str, inventaris: Inventaris, vreemd: Iterable[str]) -> Iterable[TeVernietigen]:
    """What is in the way in a folder: a name that is not ours cannot go, for the register would have to say it."""
    for naam in vreemd:
        waar = plaats(naam)
        yield TeVernietigen(
            klasse,
            waar,
            (),
            belet=f"In {waar} of the file store lies a file with a name that is not ours: look whose it is, and "
            "remove it",
        )
    if inventaris.fout:
        yield TeVernietigen(klasse, map_, (), belet=str(inventaris.fout))


def in_verwijdering(sessie: Session) -> set[str]:
    """Keys whose removal was begun: every sweep finishes those first, whatever their class."""
    return set(sessie.scalars(select(Vernietiging.sleutel).where(Vernietiging.vernietigd_op.is_(None))))


def _per_map(klasse: str, sleutels: Iterable[str], behalve: set[str]) -> list[TeVernietigen]:
    mappen: dict[str, list[Stuk]] = defaultdict(list)
    for sleutel in sleutels:
        if sleutel not in behalve:
            mappen[sleutel.rpartition("/")[0]].append(Stuk(klasse, sleutel))
    return [TeVernietigen(klasse, map_, tuple(stukken)) for map_, stukken in mappen.items()]
