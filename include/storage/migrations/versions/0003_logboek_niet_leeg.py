"""The logboek cannot be emptied at once either: PostgreSQL does not count TRUNCATE as DELETE."""

# ruff: noqa: D103

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ALLEEN_ERBIJ = ("logboek", "logboek_betrokkenen")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return  # SQLite has no TRUNCATE
    for tabel in ALLEEN_ERBIJ:
        op.execute(
            f"CREATE TRIGGER {tabel}_niet_leeg BEFORE TRUNCATE ON {tabel} "
            "FOR EACH STATEMENT EXECUTE FUNCTION bidn_alleen_erbij()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for tabel in ALLEEN_ERBIJ:
        op.execute(f"DROP TRIGGER {tabel}_niet_leeg ON {tabel}")
