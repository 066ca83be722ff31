"""The tables of the portal: accounts, what they are coupled to, sessions, and who fetched what.

Personal data in them is that of employees of an organisation only. Of a session token, a ``state`` and a browser only
a SHA-256 is kept: who reads this database cannot take over a session.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from include.storage.models import Base


class PortaalAccount(Base):
    """Somebody who logged in, known by issuer and ``sub`` (never by address); ``id`` is a random UUID."""

    __tablename__ = "portaal_account"
    __table_args__ = (UniqueConstraint("issuer", "sub"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    sub: Mapped[str] = mapped_column(String(255))
    naam: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    gekoppeld_op: Mapped[datetime]
    laatst_ingelogd_op: Mapped[datetime]


class PortaalKoppeling(Base):
    """This account is this productbeheerder; of a productbeheerder there is one account at most.

    It goes with the productbeheerder: who is withdrawn has lost it at once.
    """

    __tablename__ = "portaal_koppeling"

    productbeheerder_id: Mapped[int] = mapped_column(
        ForeignKey("productbeheerder.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("portaal_account.id", ondelete="CASCADE"), index=True)


class PortaalSessie(Base):
    """Somebody who is logged in; ``verloopt_op`` is the absolute end, ``organisatie`` None is all of one's own."""

    __tablename__ = "portaal_sessie"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("portaal_account.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    begonnen_op: Mapped[datetime]
    laatst_gebruikt_op: Mapped[datetime]
    verloopt_op: Mapped[datetime]
    organisatie: Mapped[str | None] = mapped_column(String(200))


class PortaalInlogpoging(Base):
    """Somebody who was sent to the identity provider and is not back yet; used once, for ten minutes."""

    __tablename__ = "portaal_inlogpoging"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    naar: Mapped[str] = mapped_column(String(500))
    begonnen_op: Mapped[datetime] = mapped_column(index=True)


class PortaalOphaling(Base):
    """An account fetched a published file; it goes with the file."""

    __tablename__ = "portaal_ophaling"
    __table_args__ = (Index("ix_portaal_ophaling_wie_wat", "account_id", "bestand_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bestand_id: Mapped[int] = mapped_column(
        ForeignKey("publicatie_bestand.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("portaal_account.id", ondelete="CASCADE"))
    opgehaald_op: Mapped[datetime]


class LeveringVoortgang(Base):
    """How far the judging of a delivery is, and which process (``houder``) has it in hand."""

    __tablename__ = "levering_voortgang"

    levering_id: Mapped[str] = mapped_column(ForeignKey("levering.id", ondelete="CASCADE"), primary_key=True)
    stap: Mapped[str] = mapped_column(String(32))
    gedaan: Mapped[int]
    totaal: Mapped[int | None]
    houder: Mapped[str | None] = mapped_column(String(200))
    bijgewerkt_op: Mapped[datetime]
