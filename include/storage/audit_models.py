"""The tables of the logboek (protocollering): rows are only ever added; the database itself refuses the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from include.storage.models import Base


class AuditEntry(Base):
    """One processing of personal data: who did what, when, for which organisation and purpose.

    The fields are those of a logregel of the standard Logboek Dataverwerkingen (``as_ldv`` gives them their
    official names). ``betrokkene`` is the keyed hash of one BSN; of many, their hashes are in
    AuditSubjects. ``zegel`` seals the row and, through ``vorig_zegel``, everything before it.
    """

    __tablename__ = "logboek"
    __table_args__ = (CheckConstraint("status IN ('Unset', 'Ok', 'Error')", name="status"),)

    volgnummer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trace_id: Mapped[str] = mapped_column(String(32), index=True)
    span_id: Mapped[str] = mapped_column(String(16))
    parent_span_id: Mapped[str | None] = mapped_column(String(16))
    naam: Mapped[str] = mapped_column(String(100))
    begin_op: Mapped[datetime]
    einde_op: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(5))
    uitvoerder: Mapped[str] = mapped_column(String(500))
    activiteit: Mapped[str] = mapped_column(String(200))
    organisatie: Mapped[str | None] = mapped_column(String(200))
    doelbinding: Mapped[str | None] = mapped_column(String(32))
    ronde: Mapped[str | None] = mapped_column(String(7))
    onderwerp: Mapped[str | None] = mapped_column(String(300), index=True)
    betrokkene: Mapped[str | None] = mapped_column(String(64), index=True)
    aantal: Mapped[int | None]
    lijst_sha256: Mapped[str | None] = mapped_column(String(64))
    bijzonderheden: Mapped[dict[str, Any]]
    vorig_zegel: Mapped[str] = mapped_column(String(64))
    zegel: Mapped[str] = mapped_column(String(64))


class AuditCheckpoint(Base):
    """What a removal of expired months left (besluit B55a): sealed, and chained to the removal before it.

    ``laatste`` is the number of the last logregel that went and ``laatste_zegel`` its seal, to which what follows is
    linked; ``aantal`` is how many went, of the months ``van`` to ``tot`` (YYYY-MM, by Amsterdam's calendar).
    """

    __tablename__ = "logboek_controlepunt"

    nummer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    laatste: Mapped[int]
    laatste_zegel: Mapped[str] = mapped_column(String(64))
    aantal: Mapped[int]
    van: Mapped[str] = mapped_column(String(7))
    tot: Mapped[str] = mapped_column(String(7))
    gemaakt_op: Mapped[datetime]
    vorig_zegel: Mapped[str] = mapped_column(String(64))
    zegel: Mapped[str] = mapped_column(String(64))


class AuditSubjects(Base):
    """Whom a logregel about many persons was about: their shortened keyed hashes, ascending."""

    __tablename__ = "logboek_betrokkenen"

    volgnummer: Mapped[int] = mapped_column(ForeignKey("logboek.volgnummer"), primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHead(Base):
    """The one row that says how far the logboek is, under a seal of its own: shows that its end was cut off."""

    __tablename__ = "logboek_stand"
    __table_args__ = (CheckConstraint("id = 1", name="enige"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    aantal: Mapped[int]
    zegel: Mapped[str] = mapped_column(String(64))
