"""The tables of the portal: accounts, sessions, who fetched what, and how far a judgement is."""

# ruff: noqa: D103

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portaal_account",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("sub", sa.String(255), nullable=False),
        sa.Column("naam", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("gekoppeld_op", MOMENT, nullable=False),
        sa.Column("laatst_ingelogd_op", MOMENT, nullable=False),
        sa.UniqueConstraint("issuer", "sub"),
    )
    op.create_table(
        "portaal_koppeling",
        _of("productbeheerder_id", "productbeheerder", sa.Integer(), primary_key=True),
        _of("account_id", "portaal_account", index=True),
    )
    op.create_table(
        "portaal_sessie",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        _of("account_id", "portaal_account", index=True),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("begonnen_op", MOMENT, nullable=False),
        sa.Column("laatst_gebruikt_op", MOMENT, nullable=False),
        sa.Column("verloopt_op", MOMENT, nullable=False),
        sa.Column("organisatie", sa.String(200)),
    )
    op.create_table(
        "portaal_inlogpoging",
        sa.Column("state_hash", sa.String(64), primary_key=True),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("code_verifier", sa.String(128), nullable=False),
        sa.Column("naar", sa.String(500), nullable=False),
        sa.Column("begonnen_op", MOMENT, nullable=False, index=True),
    )
    op.create_table(
        "portaal_ophaling",
        sa.Column("id", sa.Integer(), primary_key=True),
        _of("bestand_id", "publicatie_bestand", sa.Integer(), index=True),
        _of("account_id", "portaal_account"),
        sa.Column("opgehaald_op", MOMENT, nullable=False),
        sa.Index("ix_portaal_ophaling_wie_wat", "account_id", "bestand_id"),
    )
    op.create_table(
        "levering_voortgang",
        _of("levering_id", "levering", primary_key=True),
        sa.Column("stap", sa.String(32), nullable=False),
        sa.Column("gedaan", sa.Integer(), nullable=False),
        sa.Column("totaal", sa.Integer()),
        sa.Column("houder", sa.String(200)),
        sa.Column("bijgewerkt_op", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in (
        *("levering_voortgang", "portaal_ophaling", "portaal_inlogpoging", "portaal_sessie"),
        *("portaal_koppeling", "portaal_account"),
    ):
        op.drop_table(table)


def _of(
    name: str,
    table: str,
    kind: sa.types.TypeEngine | None = None,
    *,
    primary_key: bool = False,
    index: bool = False,
) -> sa.Column:
    """A reference that goes with the row it refers to; without ``kind`` to a UUID."""
    parent = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(
        name, kind or sa.String(36), parent, nullable=False, primary_key=primary_key, index=index or None
    )
