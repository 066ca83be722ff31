"""The first tables."""

# ruff: noqa: D103, E501 - written by Alembic

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisatie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("naam", sa.String(length=200), nullable=False),
        sa.Column("geregistreerd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisatie")),
        sa.UniqueConstraint("naam", name=op.f("uq_organisatie_naam")),
    )
    op.create_table(
        "ronde",
        sa.Column("ronde", sa.String(length=7), nullable=False),
        sa.Column("deelnamedatum", sa.Date(), nullable=False),
        sa.Column("geopend_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("afgesloten_op", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "samenvatting",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("ronde", name=op.f("pk_ronde")),
    )
    op.create_table(
        "vernietiging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("klasse", sa.String(length=32), nullable=False),
        sa.Column("sleutel", sa.String(length=300), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "bijzondere-bijstand",
                "alleenverdieners",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ronde", sa.String(length=7), nullable=True),
        sa.Column("rijen", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("begonnen_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vernietigd_op", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vernietiging")),
    )
    with op.batch_alter_table("vernietiging", schema=None) as batch_op:
        batch_op.create_index(
            "uq_vernietiging_onvoltooid",
            ["sleutel"],
            unique=True,
            sqlite_where=sa.text("vernietigd_op IS NULL"),
            postgresql_where=sa.text("vernietigd_op IS NULL"),
        )

    op.create_table(
        "aanmelding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "bijzondere-bijstand",
                "alleenverdieners",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("begin", sa.Date(), nullable=False),
        sa.Column("einde", sa.Date(), nullable=True),
        sa.CheckConstraint("einde IS NULL OR einde > begin", name=op.f("ck_aanmelding_periode")),
        sa.ForeignKeyConstraint(
            ["organisatie_id"],
            ["organisatie.id"],
            name=op.f("fk_aanmelding_organisatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aanmelding")),
        sa.UniqueConstraint(
            "organisatie_id", "product", "begin", name=op.f("uq_aanmelding_organisatie_id_product_begin")
        ),
    )
    op.create_table(
        "instellingen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column("versie", sa.Integer(), nullable=False),
        sa.Column("ingevoerd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vermogen", sa.Boolean(), nullable=False),
        sa.Column("voertuigen", sa.Boolean(), nullable=False),
        sa.Column("percentage", sa.Integer(), nullable=False),
        sa.CheckConstraint("percentage BETWEEN 100 AND 150", name=op.f("ck_instellingen_percentage")),
        sa.ForeignKeyConstraint(
            ["organisatie_id"],
            ["organisatie.id"],
            name=op.f("fk_instellingen_organisatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instellingen")),
        sa.UniqueConstraint("organisatie_id", "versie", name=op.f("uq_instellingen_organisatie_id_versie")),
    )
    op.create_table(
        "levering",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "bijzondere-bijstand",
                "alleenverdieners",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organisatie_id", sa.Integer(), nullable=True),
        sa.Column("ronde", sa.String(length=7), nullable=True),
        sa.Column("kenmerk", sa.String(length=200), nullable=True),
        sa.Column("volgnummer", sa.Integer(), nullable=False),
        sa.Column("ontvangen_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bestandsnaam", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("omvang", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "correct",
                "deels incorrect",
                "afgekeurd",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("rijen_gelezen", sa.Integer(), nullable=True),
        sa.Column("rijen_goedgekeurd", sa.Integer(), nullable=True),
        sa.Column("rijen_afgewezen", sa.Integer(), nullable=True),
        sa.Column(
            "fouten",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("verwijderd_op", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(product = 'bijzondere-bijstand' AND organisatie_id IS NOT NULL AND ronde IS NOT NULL) OR (product = 'alleenverdieners' AND organisatie_id IS NULL AND kenmerk IS NOT NULL)",
            name=op.f("ck_levering_herkomst"),
        ),
        sa.ForeignKeyConstraint(
            ["organisatie_id"], ["organisatie.id"], name=op.f("fk_levering_organisatie_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_levering")),
        sa.UniqueConstraint(
            "organisatie_id",
            "product",
            "ronde",
            "volgnummer",
            name=op.f("uq_levering_organisatie_id_product_ronde_volgnummer"),
        ),
    )
    with op.batch_alter_table("levering", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_levering_kenmerk"), ["kenmerk"], unique=False)
        batch_op.create_index("ix_levering_telling", ["organisatie_id", "ontvangen_op"], unique=False)

    op.create_table(
        "organisatie_gemeente",
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column("gemeentecode", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisatie_id"],
            ["organisatie.id"],
            name=op.f("fk_organisatie_gemeente_organisatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisatie_id", "gemeentecode", name=op.f("pk_organisatie_gemeente")),
    )
    with op.batch_alter_table("organisatie_gemeente", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisatie_gemeente_gemeentecode"), ["gemeentecode"], unique=False
        )

    op.create_table(
        "productbeheerder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "bijzondere-bijstand",
                "alleenverdieners",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("naam", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("notificaties", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisatie_id"],
            ["organisatie.id"],
            name=op.f("fk_productbeheerder_organisatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_productbeheerder")),
        sa.UniqueConstraint(
            "organisatie_id",
            "product",
            "email",
            name=op.f("uq_productbeheerder_organisatie_id_product_email"),
        ),
    )
    op.create_table(
        "deelname",
        sa.Column("ronde", sa.String(length=7), nullable=False),
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column("levering_id", sa.String(length=36), nullable=False),
        sa.Column("verwerking", sa.String(length=500), nullable=False),
        sa.Column("instellingen_versie", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "afgekeurd",
                "gepubliceerd",
                "mislukt",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("gewijzigd_op", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["levering_id"], ["levering.id"], name=op.f("fk_deelname_levering_id")),
        sa.ForeignKeyConstraint(
            ["organisatie_id"], ["organisatie.id"], name=op.f("fk_deelname_organisatie_id")
        ),
        sa.ForeignKeyConstraint(["ronde"], ["ronde.ronde"], name=op.f("fk_deelname_ronde")),
        sa.PrimaryKeyConstraint("ronde", "organisatie_id", name=op.f("pk_deelname")),
    )
    op.create_table(
        "publicatie",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("reeks", sa.String(length=300), nullable=False),
        sa.Column("versie", sa.Integer(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "bijzondere-bijstand",
                "alleenverdieners",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organisatie_id", sa.Integer(), nullable=False),
        sa.Column("levering_id", sa.String(length=36), nullable=False),
        sa.Column("ronde", sa.String(length=7), nullable=True),
        sa.Column("gemeentecode", sa.String(length=4), nullable=True),
        sa.Column("verwerking", sa.String(length=500), nullable=False),
        sa.Column("inhoud_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "manifest",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("gepubliceerd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verwijderen_op", sa.Date(), nullable=False),
        sa.Column("vervangen_op", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vervangen_door", sa.String(length=36), nullable=True),
        sa.Column("verwijderd_op", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["levering_id"], ["levering.id"], name=op.f("fk_publicatie_levering_id")),
        sa.ForeignKeyConstraint(
            ["organisatie_id"], ["organisatie.id"], name=op.f("fk_publicatie_organisatie_id")
        ),
        sa.ForeignKeyConstraint(["ronde"], ["ronde.ronde"], name=op.f("fk_publicatie_ronde")),
        sa.ForeignKeyConstraint(
            ["vervangen_door"], ["publicatie.id"], name=op.f("fk_publicatie_vervangen_door")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicatie")),
        sa.UniqueConstraint("reeks", "versie", name=op.f("uq_publicatie_reeks_versie")),
    )
    with op.batch_alter_table("publicatie", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publicatie_levering_id"), ["levering_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicatie_organisatie_id"), ["organisatie_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicatie_ronde"), ["ronde"], unique=False)
        batch_op.create_index(batch_op.f("ix_publicatie_verwijderen_op"), ["verwijderen_op"], unique=False)
        batch_op.create_index(
            "uq_publicatie_actueel",
            ["reeks"],
            unique=True,
            sqlite_where=sa.text("vervangen_op IS NULL"),
            postgresql_where=sa.text("vervangen_op IS NULL"),
        )

    op.create_table(
        "notificatie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publicatie_id", sa.String(length=36), nullable=False),
        sa.Column("productbeheerder_id", sa.Integer(), nullable=False),
        sa.Column("geclaimd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verzonden_op", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["productbeheerder_id"],
            ["productbeheerder.id"],
            name=op.f("fk_notificatie_productbeheerder_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["publicatie_id"],
            ["publicatie.id"],
            name=op.f("fk_notificatie_publicatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notificatie")),
        sa.UniqueConstraint(
            "publicatie_id",
            "productbeheerder_id",
            name=op.f("uq_notificatie_publicatie_id_productbeheerder_id"),
        ),
    )
    op.create_table(
        "publicatie_bestand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publicatie_id", sa.String(length=36), nullable=False),
        sa.Column("soort", sa.String(length=50), nullable=False),
        sa.Column("naam", sa.String(length=255), nullable=False),
        sa.Column("sleutel", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("omvang", sa.Integer(), nullable=False),
        sa.Column("rijen", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publicatie_id"],
            ["publicatie.id"],
            name=op.f("fk_publicatie_bestand_publicatie_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicatie_bestand")),
        sa.UniqueConstraint("publicatie_id", "soort", name=op.f("uq_publicatie_bestand_publicatie_id_soort")),
        sa.UniqueConstraint("sleutel", name=op.f("uq_publicatie_bestand_sleutel")),
    )


def downgrade() -> None:
    op.drop_table("publicatie_bestand")
    op.drop_table("notificatie")
    with op.batch_alter_table("publicatie", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_publicatie_actueel",
            sqlite_where=sa.text("vervangen_op IS NULL"),
            postgresql_where=sa.text("vervangen_op IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_publicatie_verwijderen_op"))
        batch_op.drop_index(batch_op.f("ix_publicatie_ronde"))
        batch_op.drop_index(batch_op.f("ix_publicatie_organisatie_id"))
        batch_op.drop_index(batch_op.f("ix_publicatie_levering_id"))

    op.drop_table("publicatie")
    op.drop_table("deelname")
    op.drop_table("productbeheerder")
    with op.batch_alter_table("organisatie_gemeente", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisatie_gemeente_gemeentecode"))

    op.drop_table("organisatie_gemeente")
    with op.batch_alter_table("levering", schema=None) as batch_op:
        batch_op.drop_index("ix_levering_telling")
        batch_op.drop_index(batch_op.f("ix_levering_kenmerk"))

    op.drop_table("levering")
    op.drop_table("instellingen")
    op.drop_table("aanmelding")
    with op.batch_alter_table("vernietiging", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_vernietiging_onvoltooid",
            sqlite_where=sa.text("vernietigd_op IS NULL"),
            postgresql_where=sa.text("vernietigd_op IS NULL"),
        )

    op.drop_table("vernietiging")
    op.drop_table("ronde")
    op.drop_table("organisatie")
