"""The tables. No BSN, name of a citizen or other personal data of citizens stands in any of them.

Conventions: moments (`…_op`, Moment) are timezone-aware UTC, dates are Europe/Amsterdam calendar dates;
periods are half-open: ``einde`` is the first day no longer valid, as in the table of gemeenten (besluit B12).
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from include.moments import as_utc
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product


class Moment(TypeDecorator[datetime]):
    """A timezone-aware moment in UTC, also on SQLite, which has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; ValueError for a moment without time zone."""
        if value is None:
            return None
        moment = as_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _choice(soort: type[StrEnum], naam: str) -> Enum:
    """A StrEnum stored as its value in a plain text column, guarded by a check constraint."""
    return Enum(
        soort,
        native_enum=False,
        create_constraint=True,
        name=naam,
        length=32,
        values_callable=lambda keuzes: [keuze.value for keuze in keuzes],
    )


class Base(DeclarativeBase):
    """Named constraints, so that a migration can find and change them on either database."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        dict[str, int]: JSON().with_variant(JSONB(), "postgresql"),
        Product: _choice(Product, "product"),
        LeveringStatus: _choice(LeveringStatus, "status"),
        DeelnameStatus: _choice(DeelnameStatus, "status"),
    }


# -- organisations and what they agreed ----------------------------------------------------------------


class Organisatie(Base):
    """A gemeente or gemeenschappelijke regeling that takes part, with the gemeenten it serves."""

    __tablename__ = "organisatie"

    id: Mapped[int] = mapped_column(primary_key=True)
    naam: Mapped[str] = mapped_column(String(200), unique=True)
    geregistreerd_op: Mapped[datetime]

    gemeenten: Mapped[list[Bediening]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Bediening.gemeentecode"
    )

    @property
    def gemeentecodes(self) -> tuple[str, ...]:
        """The 4-digit codes of the gemeenten it serves, ascending."""
        return tuple(sorted(bediening.gemeentecode for bediening in self.gemeenten))


class Bediening(Base):
    """This organisation serves this gemeente (besluiten B12, A3)."""

    __tablename__ = "organisatie_gemeente"

    organisatie_id: Mapped[int] = mapped_column(
        ForeignKey("organisatie.id", ondelete="CASCADE"), primary_key=True
    )
    gemeentecode: Mapped[str] = mapped_column(String(4), primary_key=True, index=True)


class Productbeheerder(Base):
    """An employee of the organisation who fetches the reports of one product and is mailed (besluit B54)."""

    __tablename__ = "productbeheerder"
    __table_args__ = (UniqueConstraint("organisatie_id", "product", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id", ondelete="CASCADE"))
    product: Mapped[Product]
    naam: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    notificaties: Mapped[bool]


class Gebruikersbeheerder(Base):
    """Who may sign for the productbeheerders of the organisation (besluit B53a); gives no access to any report."""

    __tablename__ = "gebruikersbeheerder"
    __table_args__ = (UniqueConstraint("organisatie_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id", ondelete="CASCADE"))
    naam: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))


class InstellingenRow(Base):
    """One version of an organisation's settings for Bijzondere Bijstand; never changed, but followed (B8)."""

    __tablename__ = "instellingen"
    __table_args__ = (
        UniqueConstraint("organisatie_id", "versie"),
        CheckConstraint("percentage BETWEEN 100 AND 150", name="percentage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id", ondelete="CASCADE"))
    versie: Mapped[int]
    ingevoerd_op: Mapped[datetime]
    ingevoerd_door: Mapped[str] = mapped_column(String(500))
    vermogen: Mapped[bool]
    voertuigen: Mapped[bool]
    percentage: Mapped[int]


class Aanmelding(Base):
    """A product registration (mutatieformulier), in force on the days of [begin, einde).

    ``kenmerk`` is the reference of the form, ``getekend_door`` who signed it (besluit B53a).
    """

    __tablename__ = "aanmelding"
    __table_args__ = (
        UniqueConstraint("organisatie_id", "product", "begin"),
        CheckConstraint("einde IS NULL OR einde > begin", name="periode"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id", ondelete="CASCADE"))
    product: Mapped[Product]
    begin: Mapped[date]
    einde: Mapped[date | None]
    kenmerk: Mapped[str | None] = mapped_column(String(200))
    getekend_door: Mapped[str | None] = mapped_column(String(200))


class Installatie(Base):
    """The one row with the mark that the file store of this database carries too: see include/storage/installation.py.

    ``geveegd_op`` is when the last sweep that was let through began: tells that a clock jumped (besluit B55).
    """

    __tablename__ = "installatie"
    __table_args__ = (CheckConstraint("id = 1", name="enige"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kenmerk: Mapped[str] = mapped_column(String(32))
    gemaakt_op: Mapped[datetime]
    geveegd_op: Mapped[datetime | None]


# -- what comes in -------------------------------------------------------------------------------------


class RondeRow(Base):
    """A toetsingsronde ``JJJJ-MM`` of Bijzondere Bijstand (besluit B1); ``run`` opened it last and may close it."""

    __tablename__ = "ronde"

    ronde: Mapped[str] = mapped_column(String(7), primary_key=True)
    deelnamedatum: Mapped[date]
    run: Mapped[str] = mapped_column(String(250))
    geopend_op: Mapped[datetime]
    afgesloten_op: Mapped[datetime | None]
    samenvatting: Mapped[dict[str, Any] | None]


class Levering(Base):
    """A file handed in: a vraagbestand, or an Alleenverdieners list of the Belastingdienst.

    Immutable but for the judgement of intake, set once, and the removal (B55), which empties
    ``bestandsnaam`` and ``ingeleverd_door`` and sets ``verwijderd_op``; what then stays is the register. Rows are
    counted in lines of the file that hold data. ``volgnummer`` is the order of registration within one organisation
    and ronde; ``ingeleverd_door`` who registered it, as ``actor()`` says it.
    """

    __tablename__ = "levering"
    __table_args__ = (
        UniqueConstraint("organisatie_id", "product", "ronde", "volgnummer"),
        CheckConstraint(
            "(product = 'bijzondere-bijstand' AND organisatie_id IS NOT NULL AND ronde IS NOT NULL)"
            " OR (product = 'alleenverdieners' AND organisatie_id IS NULL AND kenmerk IS NOT NULL)",
            name="herkomst",
        ),
        Index("ix_levering_telling", "organisatie_id", "ontvangen_op"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    product: Mapped[Product]
    organisatie_id: Mapped[int | None] = mapped_column(ForeignKey("organisatie.id"))
    ronde: Mapped[str | None] = mapped_column(String(7))
    kenmerk: Mapped[str | None] = mapped_column(String(200), index=True)
    volgnummer: Mapped[int]
    ontvangen_op: Mapped[datetime]
    bestandsnaam: Mapped[str] = mapped_column(String(255))
    ingeleverd_door: Mapped[str | None] = mapped_column(String(500))
    sha256: Mapped[str] = mapped_column(String(64))
    omvang: Mapped[int]
    status: Mapped[LeveringStatus | None]
    rijen_gelezen: Mapped[int | None]
    rijen_goedgekeurd: Mapped[int | None]
    rijen_afgewezen: Mapped[int | None]
    fouten: Mapped[dict[str, int] | None]
    verwijderd_op: Mapped[datetime | None]

    organisatie: Mapped[Organisatie | None] = relationship(lazy="selectin")

    @property
    def map(self) -> str:
        """The folder in the file store that holds the delivery and its verwerkingsverslag."""
        return f"leveringen/{self.id}"

    @property
    def sleutel(self) -> str:
        """Storage key of the bytes as delivered."""
        naam = "vraagbestand" if self.product is Product.BIJZONDERE_BIJSTAND else "selectielijst"
        return f"{self.map}/{naam}.csv"

    @property
    def sleutel_verslag(self) -> str:
        """Storage key of the verwerkingsverslag; its summary is ``sleutel_verslag_json``."""
        return f"{self.map}/verwerkingsverslag.csv"

    @property
    def sleutel_verslag_json(self) -> str:
        """Storage key of the summary of the verwerkingsverslag."""
        return f"{self.map}/verwerkingsverslag.json"

    @property
    def sleutel_aangenomen(self) -> str:
        """Storage key of its accepted rows; ``sleutel_oordeel`` says on what that judgement depends."""
        return f"{self.map}/aangenomen.feather"

    @property
    def sleutel_oordeel(self) -> str:
        """Storage key of what its judgement depends on."""
        return f"{self.map}/oordeel.json"


class Deelname(Base):
    """One organisation in one ronde: which delivery counted and under which instellingen it was tested.

    ``instellingen_versie`` 0 means the defaults of B8; None means the sources were not asked yet.
    ``geweigerd_…``: which user of Airflow turned the publication down, when, and what had shifted; empty unless that is
    how it ended.
    """

    __tablename__ = "deelname"

    ronde: Mapped[str] = mapped_column(ForeignKey("ronde.ronde"), primary_key=True)
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id"), primary_key=True)
    levering_id: Mapped[str] = mapped_column(ForeignKey("levering.id"))
    verwerking: Mapped[str] = mapped_column(String(500))
    instellingen_versie: Mapped[int | None]
    status: Mapped[DeelnameStatus]
    gewijzigd_op: Mapped[datetime]
    geweigerd_door: Mapped[str | None] = mapped_column(String(200))
    geweigerd_om: Mapped[datetime | None]
    geweigerd_reden: Mapped[str | None] = mapped_column(String(500))

    levering: Mapped[Levering] = relationship(lazy="selectin")
    organisatie: Mapped[Organisatie] = relationship(lazy="selectin")


# -- what goes out -------------------------------------------------------------------------------------


class Publicatie(Base):
    """One version of the reports of one organisation (Alleenverdieners: of one of its gemeenten).

    ``reeks`` is what the versions are versions of; at most one version of a reeks is not replaced. After
    its 90 days (B55) files and manifest are gone and ``verwijderd_op`` is set; the row is the register.
    ``verwijderen_op`` is the first Amsterdam date on which a sweep removes it: the day before is the last
    day on which it can surely be fetched.
    """

    __tablename__ = "publicatie"
    __table_args__ = (
        UniqueConstraint("reeks", "versie"),
        Index(
            "uq_publicatie_actueel",
            "reeks",
            unique=True,
            sqlite_where=text("vervangen_op IS NULL"),
            postgresql_where=text("vervangen_op IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    reeks: Mapped[str] = mapped_column(String(300))
    versie: Mapped[int]
    product: Mapped[Product]
    organisatie_id: Mapped[int] = mapped_column(ForeignKey("organisatie.id"), index=True)
    levering_id: Mapped[str] = mapped_column(ForeignKey("levering.id"), index=True)
    ronde: Mapped[str | None] = mapped_column(ForeignKey("ronde.ronde"), index=True)
    gemeentecode: Mapped[str | None] = mapped_column(String(4))
    verwerking: Mapped[str] = mapped_column(String(500))
    inhoud_sha256: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]]
    gepubliceerd_op: Mapped[datetime]
    verwijderen_op: Mapped[date] = mapped_column(index=True)
    vervangen_op: Mapped[datetime | None]
    vervangen_door: Mapped[str | None] = mapped_column(ForeignKey("publicatie.id"))
    verwijderd_op: Mapped[datetime | None]

    organisatie: Mapped[Organisatie] = relationship(lazy="selectin")
    bestanden: Mapped[list[PublicatieBestand]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="PublicatieBestand.soort"
    )

    def bestand(self, soort: str) -> PublicatieBestand:
        """The file of that soort; KeyError when this publication has none."""
        for bestand in self.bestanden:
            if bestand.soort == soort:
                return bestand
        raise KeyError(soort)


class PublicatieBestand(Base):
    """One file of a publication; ``rijen`` counts the households (or list rows), None for the manifest.

    ``openbaar_id`` is what the portal calls it: random, so that nobody can count or guess.
    """

    __tablename__ = "publicatie_bestand"
    __table_args__ = (UniqueConstraint("publicatie_id", "soort"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    openbaar_id: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    publicatie_id: Mapped[str] = mapped_column(ForeignKey("publicatie.id", ondelete="CASCADE"))
    soort: Mapped[str] = mapped_column(String(50))
    naam: Mapped[str] = mapped_column(String(255))
    sleutel: Mapped[str] = mapped_column(String(300), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    omvang: Mapped[int]
    rijen: Mapped[int | None]


class Notificatie(Base):
    """The mail about one publication to one productbeheerder: claimed before sending, marked after (B54)."""

    __tablename__ = "notificatie"
    __table_args__ = (UniqueConstraint("publicatie_id", "productbeheerder_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    publicatie_id: Mapped[str] = mapped_column(ForeignKey("publicatie.id", ondelete="CASCADE"))
    productbeheerder_id: Mapped[int] = mapped_column(ForeignKey("productbeheerder.id", ondelete="CASCADE"))
    geclaimd_op: Mapped[datetime]
    verzonden_op: Mapped[datetime | None]


class Vernietiging(Base):
    """The destruction register: one line per file, without personal data (besluit B55).

    Entered before the file is touched (``begonnen_op``) and completed after (``vernietigd_op``), so that a
    sweep that was cut short is finished by the next one and nothing disappears unregistered.
    """

    __tablename__ = "vernietiging"
    __table_args__ = (
        Index(
            "uq_vernietiging_onvoltooid",
            "sleutel",
            unique=True,
            sqlite_where=text("vernietigd_op IS NULL"),
            postgresql_where=text("vernietigd_op IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    klasse: Mapped[str] = mapped_column(String(32))
    sleutel: Mapped[str] = mapped_column(String(300))
    product: Mapped[Product | None]
    ronde: Mapped[str | None] = mapped_column(String(7))
    rijen: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    begonnen_op: Mapped[datetime]
    vernietigd_op: Mapped[datetime | None]
