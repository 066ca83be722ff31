"""What is kept how long, class by class (besluit B55).

A class says what is due and makes it invisible; ``bewaartermijn`` does the rest, the same for all. What lies
outside the file store is a class of its own: see ``runlogs``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from include.moments import as_utc, day_of
from include.schemas.domein import DeelnameStatus, Product
from include.settings import geheel_getal
from include.storage.backends import UNFINISHED, StoredObject
from include.storage.delivery_terms import delivery_terms
from include.storage.file_store import FOLDERS, FileStore, Inventory, intermediates_folder, known_folder
from include.storage.models import Deelname, Levering, Publicatie, PublicatieBestand, Vernietiging
from include.storage.publicaties import BEWAARTERMIJN

GRACE = timedelta(hours=24)
"""Orphans younger than this may belong to a task that is still running: a sweep leaves them to a later one."""

PATIENCE = timedelta(days=7)
"""So long at most a branch that failed or waits keeps what it fetched."""

QUARANTINE = "quarantaine"
QUARANTINE_TERM = timedelta(days=7)
"""So long an orphan is kept out of sight, for who finds out that it was none; never beyond its 90 days."""
_QUARANTINED = re.compile(QUARANTINE + r"/(\d{4}-\d\d-\d\d)/(.+)")
_LONGEST = 250
"""Characters of a key that still has room for the folder of the quarantine before it: ours are half of that."""


class RestsOn(IntEnum):
    """What must be sound before a class can tell what is to go; each includes those before it."""

    NOTHING = 0
    PAIR = 1
    """The file store is that of this database: else a removal is entered and the file lies elsewhere."""
    ALL_ROWS = 2
    """No row is missing, as it is from an older database: what no row keeps goes."""


@dataclass(frozen=True, slots=True)
class FileToRemove:
    """One file that goes, as the register will name it: ``soort``, key, rows and sha-256 where known."""

    soort: str
    sleutel: str
    rijen: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes together: the files of one publication, delivery or folder (``onderwerp``)."""

    klasse: str
    onderwerp: str
    files: tuple[FileToRemove, ...]
    product: Product | None = None
    ronde: str | None = None
    obstacle: str = ""
    """Why it cannot go, when nothing but its folder is known; it then has no ``files``."""
    quarantine_until: date | None = None
    """When it is not removed but put out of sight: the day on which it goes."""


class Bewaarklasse(Protocol):
    """A kind of data with a retention period."""

    naam: str
    kinds: frozenset[str]
    """The soorten of its files in the register."""
    rests_on: RestsOn

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:
        """What is due at ``nu``; what is in the way of finding it is among it, as ``obstacle``, and hides no other."""

    def withdraw(
        self, sessie: Session, bestanden: FileStore, vondst: Removal, nu: datetime
    ) -> Sequence[FileToRemove]:
        """Make it invisible in the database before its files go.

        Returns what is to be registered and removed: nothing when another sweep was first. No two sweeps are
        in here at the same time.
        """

    def fingerprint(self, bestanden: FileStore, sleutel: str) -> str:
        """Return the sha-256 (hex) of what is to be removed, for the register. Raises BidnFout."""

    def erase(self, bestanden: FileStore, sleutel: str, begonnen_op: datetime) -> None:
        """Remove what was entered in the register at ``begonnen_op``; no error when it is gone.

        Raises OpslagFout when it cannot be removed.
        """


class _InFileStore:
    """What lies in the file store; of itself nothing in the database points at it."""

    def withdraw(
        self,
        sessie: Session,  # noqa: ARG002
        bestanden: FileStore,
        vondst: Removal,
        nu: datetime,  # noqa: ARG002
    ) -> Sequence[FileToRemove]:
        """See Bewaarklasse."""
        return [stuk for stuk in vondst.files if bestanden.exists(stuk.sleutel)]

    def fingerprint(self, bestanden: FileStore, sleutel: str) -> str:
        """See Bewaarklasse."""
        return bestanden.fingerprint(sleutel)

    def erase(self, bestanden: FileStore, sleutel: str, begonnen_op: datetime) -> None:  # noqa: ARG002
        """See Bewaarklasse."""
        bestanden.remove(sleutel)


class PublicatieFiles(_InFileStore):
    """The return files: 90 days after publication."""

    naam = "rapport"
    kinds = frozenset({"rapport"})
    rests_on = RestsOn.PAIR

    def find(
        self,
        sessie: Session,
        bestanden: FileStore,  # noqa: ARG002
        nu: datetime,
    ) -> list[Removal]:
        """See Bewaarklasse."""
        vraag = (
            select(Publicatie)
            .where(Publicatie.verwijderd_op.is_(None), Publicatie.verwijderen_op <= day_of(nu))
            .order_by(Publicatie.gepubliceerd_op, Publicatie.id)
        )
        return [
            Removal(
                klasse=self.naam,
                onderwerp=publicatie.id,
                files=tuple(
                    FileToRemove(self.naam, bestand.sleutel, bestand.rijen, bestand.sha256)
                    for bestand in publicatie.bestanden
                ),
                product=publicatie.product,
                ronde=publicatie.ronde,
            )
            for publicatie in sessie.scalars(vraag)
        ]

    def withdraw(
        self,
        sessie: Session,
        bestanden: FileStore,  # noqa: ARG002
        vondst: Removal,
        nu: datetime,
    ) -> Sequence[FileToRemove]:
        """See Bewaarklasse. The row stays as register, without files and manifest."""
        publicatie = sessie.get(Publicatie, vondst.onderwerp, with_for_update=True)
        if publicatie is None or publicatie.verwijderd_op is not None:
            return ()
        publicatie.verwijderd_op, publicatie.manifest, publicatie.bestanden = nu, {}, []
        return vondst.files


class LeveringFiles(_InFileStore):
    """Deliveries with their verwerkingsverslag, for as long as ``delivery_terms`` says."""

    naam = "levering"
    kinds = frozenset({"levering", "verslag"})
    rests_on = RestsOn.ALL_ROWS  # the publication that prolongs its term

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:
        """See Bewaarklasse.

        Of a folder that cannot be listed the delivery itself is due all the same: its removal then fails, and the
        register remembers it. A verslag that is left behind is an orphan.
        """
        return [
            Removal(
                klasse=self.naam,
                onderwerp=term.levering.id,
                files=tuple(self._files(term.levering, bestanden.inventory(term.levering.map).files)),
                product=term.levering.product,
                ronde=term.levering.ronde,
            )
            for term in delivery_terms(sessie)
            if term.removal_day <= day_of(nu)
        ]

    def withdraw(
        self,
        sessie: Session,
        bestanden: FileStore,  # noqa: ARG002
        vondst: Removal,
        nu: datetime,
    ) -> Sequence[FileToRemove]:
        """See Bewaarklasse. The row stays as register, without the name of the file and of who handed it in."""
        levering = sessie.get(Levering, vondst.onderwerp, with_for_update=True)
        still_due = [
            term for term in delivery_terms(sessie, vondst.onderwerp) if term.removal_day <= day_of(nu)
        ]
        if levering is None or not still_due:
            return ()
        levering.verwijderd_op, levering.bestandsnaam, levering.ingeleverd_door = nu, "", None
        return vondst.files

    @staticmethod
    def _files(levering: Levering, aanwezig: Iterable[StoredObject]) -> Iterable[FileToRemove]:
        yield FileToRemove("levering", levering.sleutel, levering.rijen_gelezen, levering.sha256)
        for bestand in aanwezig:
            if bestand.key != levering.sleutel:
                yield FileToRemove("verslag", bestand.key)


class IntermediateFiles(_InFileStore):
    """What was fetched or computed by a branch that has not published.

    One that did removes its own at once: ``bewaartermijn.remove_intermediates``. One that failed or waits keeps them
    for 7 days at most, so that an outage over a weekend is mended by clearing the failed tasks. All else goes.
    """

    naam = "tussenresultaat"
    kinds = frozenset({"tussenresultaat"})
    rests_on = RestsOn.ALL_ROWS

    def __init__(self, patience: timedelta = PATIENCE) -> None:
        self.patience = patience

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:
        """See Bewaarklasse. Storage is listed before the database is asked: a branch is entered before it writes."""
        map_ = "tussenresultaten"
        inventaris = bestanden.inventory(map_)
        branches = {
            intermediates_folder(deelname.verwerking): deelname
            for deelname in sessie.scalars(select(Deelname))
        }
        sleutels = [
            bestand.key
            for folder, inhoud in _folders(inventaris.files).items()
            for bestand in inhoud
            if min(een.modified_at for een in inhoud) <= as_utc(nu - self.patience)
            or not _is_of_a_branch(bestand, folder, branches)
        ]
        vondsten = _per_folder(self.naam, sleutels, being_removed(sessie))
        return [*vondsten, *_obstacles(self.naam, map_, inventaris, _older(inventaris.foreign, nu - GRACE))]


def _is_of_a_branch(bestand: StoredObject, folder: str, branches: Mapping[str, Deelname]) -> bool:
    """Whether it may still be needed: by a branch that has not ended, or by one that was cleared after it ended.

    The lists of Alleenverdieners have no row that says so: whatever is there is of a branch that has not published.
    """
    if folder.startswith(f"tussenresultaten/{Product.ALLEENVERDIENERS}/"):
        return True
    deelname = branches.get(folder)
    if deelname is None:
        return False
    has_ended = deelname.status in (DeelnameStatus.GEPUBLICEERD, DeelnameStatus.AFGEKEURD)
    return not has_ended or bestand.modified_at > deelname.gewijzigd_op


class OrphanFiles(_InFileStore):
    """Files no row points at: of a publication or registration that was killed halfway.

    Most go out of sight first. At once goes what never was a whole file, what the database knows to have had its days,
    what has had its 90 days whoever it was of, and what has a key that we never make. When they are more than a small
    share of the store, none is touched: then the database is likelier to be wrong than the store.
    """

    naam = "wees"
    kinds = frozenset({"wees"})
    rests_on = RestsOn.ALL_ROWS

    def __init__(self, grace: timedelta = GRACE, *, however_many: bool = False) -> None:
        self.grace, self.however_many = grace, however_many

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:
        """See Bewaarklasse. Storage is listed before the database is asked: what appears between is known.

        Raises InstallatieFout when BIDN_WEZEN_AANTAL or BIDN_WEZEN_PROCENT is no number.
        """
        grens = nu - self.grace
        inventarissen = {
            map_: bestanden.inventory(map_) for map_ in ("publicaties", "leveringen", UNFINISHED)
        }
        bekend = set(sessie.scalars(select(PublicatieBestand.sleutel)))
        removed = {
            row.id: row.verwijderd_op is not None
            for table in (Levering, Publicatie)
            for row in sessie.execute(select(table.id, table.verwijderd_op))
        }

        def owner(sleutel: str) -> str:
            parts = sleutel.split("/")
            return parts[1] if parts[0] == "leveringen" else parts[2] if len(parts) > 3 else ""

        def wezen(opgeslagen: Iterable[StoredObject]) -> list[StoredObject]:
            return [
                bestand
                for bestand in opgeslagen
                if bestand.modified_at <= as_utc(grens)
                and bestand.key not in bekend
                and not (bestand.key.startswith("leveringen/") and removed.get(owner(bestand.key)) is False)
            ]

        at_once: list[str] = []
        aside: dict[str, date] = {}
        for bestand in (een for inventaris in inventarissen.values() for een in wezen(inventaris.files)):
            own_term = day_of(bestand.modified_at) + BEWAARTERMIJN
            known = bestand.key.startswith(f"{UNFINISHED}/") or removed.get(owner(bestand.key), False)
            if known or own_term <= day_of(nu) or len(bestand.key) > _LONGEST:
                at_once.append(bestand.key)
            else:
                aside[bestand.key] = min(day_of(nu) + QUARANTINE_TERM, own_term)
        unknown = [
            *aside,
            *(key for key in at_once if not key.startswith(UNFINISHED) and owner(key) not in removed),
        ]
        in_all = sum(len(inventarissen[map_].files) for map_ in ("publicaties", "leveringen"))
        begonnen = being_removed(sessie)
        if self.however_many or not _are_many(len(unknown), in_all):
            vondsten = _per_folder(self.naam, at_once, begonnen)
            for vondst in _per_folder(self.naam, aside, begonnen):
                until = min(aside[stuk.sleutel] for stuk in vondst.files)
                vondsten.append(replace(vondst, quarantine_until=until))
        else:
            vondsten = [Removal(self.naam, "/", (), obstacle=_too_many(len(unknown), in_all))]
        for map_, een in inventarissen.items():
            vondsten += _obstacles(self.naam, map_, een, (stuk.key for stuk in wezen(een.foreign)))
        return vondsten


def _are_many(orphans: int, in_all: int) -> bool:
    allowed = geheel_getal("BIDN_WEZEN_AANTAL", 20)
    return orphans > allowed and orphans * 100 > in_all * geheel_getal("BIDN_WEZEN_PROCENT", 10)


def _too_many(orphans: int, in_all: int) -> str:
    return (
        f"Of the {in_all} files of deliveries and publications in the file store the database does not know {orphans}: "
        "more than BIDN_WEZEN_AANTAL and BIDN_WEZEN_PROCENT allow, so none of them was touched. Find out whether rows "
        "are missing, after a restore for instance. When these files may go: "
        "python -m include.cli installatie veeg --ondanks wezen"
    )


def quarantine_key(sleutel: str, until: date) -> str:
    """Where an orphan lies until the day on which it goes."""
    return f"{QUARANTINE}/{until}/{sleutel}"


def read_quarantine_key(key: str) -> tuple[str, str] | None:
    """The day on which it goes, JJJJ-MM-DD, and where it lay before; None for what was put there by hand."""
    found = _QUARANTINED.fullmatch(key)
    return (found[1], found[2]) if found else None


class QuarantinedFiles(_InFileStore):
    """Orphans that were put out of sight, on the day that their key says."""

    naam = "quarantaine"
    kinds = frozenset({"quarantaine"})
    rests_on = RestsOn.ALL_ROWS

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:
        """See Bewaarklasse."""
        inventaris = bestanden.inventory(QUARANTINE)
        ours = {bestand.key: read_quarantine_key(bestand.key) for bestand in inventaris.files}
        due = [key for key, read in ours.items() if read and read[0] <= str(day_of(nu))]
        foreign = [key for key, read in ours.items() if not read] + _older(inventaris.foreign, nu - GRACE)
        obstacles = _obstacles(self.naam, QUARANTINE, inventaris, foreign)
        return [*_per_folder(self.naam, due, being_removed(sessie)), *obstacles]


class UnknownFiles(_InFileStore):
    """What is not of this program, or is no file: told by number and folder, never touched."""

    naam = "vreemd"
    kinds: frozenset[str] = frozenset()
    rests_on = RestsOn.NOTHING

    def find(self, sessie: Session, bestanden: FileStore, nu: datetime) -> list[Removal]:  # noqa: ARG002
        """See Bewaarklasse. A folder that cannot be listed is told by the class whose it is."""
        inventory = bestanden.inventory()
        old = _older([*inventory.files, *inventory.foreign], nu - GRACE)
        told = {
            "files outside our folders": [key for key in old if key.split("/")[0] not in FOLDERS],
            "links, or no files at all": bestanden.links(),
        }
        return [
            Removal(
                self.naam,
                folder,
                (),
                obstacle=f"In {folder} of the file store lies what is not ours ({what}: {count}): look whose it is, "
                "and remove it",
            )
            for what, names in told.items()
            for folder, count in Counter(map(known_folder, names)).items()
        ]


BEWAARKLASSEN: tuple[Bewaarklasse, ...] = (
    PublicatieFiles(),
    LeveringFiles(),
    IntermediateFiles(),
    OrphanFiles(),
    QuarantinedFiles(),
    UnknownFiles(),
)
"""All classes, in the order of sweeping: publications before the deliveries they used."""


def _older(opgeslagen: Iterable[StoredObject], grens: datetime) -> list[str]:
    return [bestand.key for bestand in opgeslagen if bestand.modified_at <= as_utc(grens)]


def _obstacles(klasse: str, map_: str, inventaris: Inventory, vreemd: Iterable[str]) -> Iterable[Removal]:
    """What is in the way in a folder: a name that is not ours cannot go, for the register would have to say it."""
    for naam in vreemd:
        waar = known_folder(naam)
        yield Removal(
            klasse,
            waar,
            (),
            obstacle=f"In {waar} of the file store lies a file with a name that is not ours: look whose it is, and "
            "remove it",
        )
    if inventaris.error:
        yield Removal(klasse, map_, (), obstacle=str(inventaris.error))


def being_removed(sessie: Session) -> set[str]:
    """Keys whose removal was begun: every sweep finishes those first, whatever their class."""
    return set(sessie.scalars(select(Vernietiging.sleutel).where(Vernietiging.vernietigd_op.is_(None))))


def _folders(opgeslagen: Iterable[StoredObject]) -> dict[str, list[StoredObject]]:
    mappen: dict[str, list[StoredObject]] = defaultdict(list)
    for bestand in opgeslagen:
        mappen[bestand.key.rpartition("/")[0]].append(bestand)
    return mappen


def _per_folder(klasse: str, sleutels: Iterable[str], behalve: set[str]) -> list[Removal]:
    mappen: dict[str, list[FileToRemove]] = defaultdict(list)
    for sleutel in sleutels:
        if sleutel not in behalve:
            mappen[sleutel.rpartition("/")[0]].append(FileToRemove(klasse, sleutel))
    return [Removal(klasse, map_, tuple(stukken)) for map_, stukken in mappen.items()]
