"""The logboek: append-only, also for who reaches the database without this program."""

# ruff: noqa: D103

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALLEEN_ERBIJ = ("logboek", "logboek_betrokkenen")


def upgrade() -> None:
    op.create_table(
        "logboek",
        sa.Column("volgnummer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trace_id", sa.String(length=32), nullable=False),
        sa.Column("span_id", sa.String(length=16), nullable=False),
        sa.Column("parent_span_id", sa.String(length=16), nullable=True),
        sa.Column("naam", sa.String(length=100), nullable=False),
        sa.Column("begin_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("einde_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=5), nullable=False),
        sa.Column("uitvoerder", sa.String(length=500), nullable=False),
        sa.Column("activiteit", sa.String(length=200), nullable=False),
        sa.Column("organisatie", sa.String(length=200), nullable=True),
        sa.Column("doelbinding", sa.String(length=32), nullable=True),
        sa.Column("ronde", sa.String(length=7), nullable=True),
        sa.Column("onderwerp", sa.String(length=300), nullable=True),
        sa.Column("betrokkene", sa.String(length=64), nullable=True),
        sa.Column("aantal", sa.Integer(), nullable=True),
        sa.Column("lijst_sha256", sa.String(length=64), nullable=True),
        sa.Column(
            "bijzonderheden",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("vorig_zegel", sa.String(length=64), nullable=False),
        sa.Column("zegel", sa.String(length=64), nullable=False),
        sa.CheckConstraint("status IN ('Unset', 'Ok', 'Error')", name=op.f("ck_logboek_status")),
        sa.PrimaryKeyConstraint("volgnummer", name=op.f("pk_logboek")),
    )
    for kolom in ("betrokkene", "onderwerp", "trace_id"):
        op.create_index(op.f(f"ix_logboek_{kolom}"), "logboek", [kolom])
    op.create_table(
        "logboek_betrokkenen",
        sa.Column("volgnummer", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volgnummer"], ["logboek.volgnummer"], name=op.f("fk_logboek_betrokkenen_volgnummer_logboek")
        ),
        sa.PrimaryKeyConstraint("volgnummer", name=op.f("pk_logboek_betrokkenen")),
    )
    op.create_table(
        "logboek_stand",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        sa.Column("zegel", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_logboek_stand_enige")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logboek_stand")),
    )
    _weiger_wijzigingen()


def downgrade() -> None:
    op.drop_table("logboek_stand")
    op.drop_table("logboek_betrokkenen")
    op.drop_table("logboek")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION bidn_alleen_erbij()")


def _weiger_wijzigingen() -> None:
    """Triggers that refuse UPDATE and DELETE; who may drop them is found out by the seals."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION bidn_alleen_erbij() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the logboek is append-only'; END $$"
        )
        for tabel in ALLEEN_ERBIJ:
            op.execute(
                f"CREATE TRIGGER {tabel}_alleen_erbij BEFORE UPDATE OR DELETE ON {tabel} "
                "FOR EACH ROW EXECUTE FUNCTION bidn_alleen_erbij()"
            )
        return
    for tabel in ALLEEN_ERBIJ:
        for handeling in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {tabel}_geen_{handeling} BEFORE {handeling.upper()} ON {tabel} "
                "BEGIN SELECT RAISE(ABORT, 'the logboek is append-only'); END"
            )
