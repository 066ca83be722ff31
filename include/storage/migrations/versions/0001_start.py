"""All tables of the first release; the audit log is append-only, also for who reaches it without this program."""

# ruff: noqa: D103

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AUDIT_KEYS = {
    "logboek": "volgnummer",
    "logboek_betrokkenen": "volgnummer",
    "logboek_controlepunt": "nummer",
}
EXPIRE = ("logboek", "logboek_betrokkenen")
"""Of these go the rows that a checkpoint covers (besluit B55a), and no others."""
LEAST_MONTHS = 6
"""No checkpoint covers what is younger, whatever the program says."""
REFUSAL = "the logboek is append-only"
COVERED = "(SELECT COALESCE(MAX(laatste), 0) FROM logboek_controlepunt)"


def upgrade() -> None:
    _organisaties()
    _leveringen()
    _publicaties()
    _audit_log()
    _installatie()
    if op.get_bind().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def downgrade() -> None:
    for table in (
        *("installatie", "logboek_stand", "logboek_controlepunt", "logboek_betrokkenen", "logboek"),
        *("vernietiging", "notificatie"),
        *("publicatie_bestand", "publicatie", "deelname", "levering", "ronde", "aanmelding"),
        *("instellingen", "gebruikersbeheerder", "productbeheerder", "organisatie_gemeente", "organisatie"),
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("alleen_erbij", "alleen_verlopen", "controlepunt", "logboek_opschonen"):
            op.execute(f"DROP FUNCTION bidn_{function}()")


def _organisaties() -> None:
    op.create_table(
        "organisatie",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("naam", sa.String(200), nullable=False, unique=True),
        sa.Column("geregistreerd_op", MOMENT, nullable=False),
    )
    op.create_table(
        "organisatie_gemeente",
        _organisatie_id(primary_key=True),
        sa.Column("gemeentecode", sa.String(4), primary_key=True, index=True),
    )
    op.create_table(
        "productbeheerder",
        sa.Column("id", sa.Integer(), primary_key=True),
        _organisatie_id(),
        sa.Column("product", _product(), nullable=False),
        sa.Column("naam", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("notificaties", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("organisatie_id", "product", "email"),
    )
    op.create_table(
        "gebruikersbeheerder",
        sa.Column("id", sa.Integer(), primary_key=True),
        _organisatie_id(),
        sa.Column("naam", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.UniqueConstraint("organisatie_id", "email"),
    )
    op.create_table(
        "instellingen",
        sa.Column("id", sa.Integer(), primary_key=True),
        _organisatie_id(),
        sa.Column("versie", sa.Integer(), nullable=False),
        sa.Column("ingevoerd_op", MOMENT, nullable=False),
        sa.Column("ingevoerd_door", sa.String(500), nullable=False),
        sa.Column("vermogen", sa.Boolean(), nullable=False),
        sa.Column("voertuigen", sa.Boolean(), nullable=False),
        sa.Column("percentage", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisatie_id", "versie"),
        sa.CheckConstraint("percentage BETWEEN 100 AND 150", name="percentage"),
    )
    op.create_table(
        "aanmelding",
        sa.Column("id", sa.Integer(), primary_key=True),
        _organisatie_id(),
        sa.Column("product", _product(), nullable=False),
        sa.Column("begin", sa.Date(), nullable=False),
        sa.Column("einde", sa.Date()),
        sa.Column("kenmerk", sa.String(200)),
        sa.Column("getekend_door", sa.String(200)),
        sa.UniqueConstraint("organisatie_id", "product", "begin"),
        sa.CheckConstraint("einde IS NULL OR einde > begin", name="periode"),
    )


def _installatie() -> None:
    op.create_table(
        "installatie",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kenmerk", sa.String(32), nullable=False),
        sa.Column("gemaakt_op", MOMENT, nullable=False),
        sa.Column("geveegd_op", MOMENT),
        sa.CheckConstraint("id = 1", name="enige"),
    )


def _leveringen() -> None:
    op.create_table(
        "ronde",
        sa.Column("ronde", sa.String(7), primary_key=True),
        sa.Column("deelnamedatum", sa.Date(), nullable=False),
        sa.Column("run", sa.String(250), nullable=False),
        sa.Column("geopend_op", MOMENT, nullable=False),
        sa.Column("afgesloten_op", MOMENT),
        sa.Column("samenvatting", JSON),
    )
    op.create_table(
        "levering",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("product", _product(), nullable=False),
        sa.Column("organisatie_id", sa.Integer(), sa.ForeignKey("organisatie.id")),
        sa.Column("ronde", sa.String(7)),
        sa.Column("kenmerk", sa.String(200), index=True),
        sa.Column("volgnummer", sa.Integer(), nullable=False),
        sa.Column("ontvangen_op", MOMENT, nullable=False),
        sa.Column("bestandsnaam", sa.String(255), nullable=False),
        sa.Column("ingeleverd_door", sa.String(500)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("omvang", sa.Integer(), nullable=False),
        sa.Column("status", _choice("status", "correct", "deels incorrect", "afgekeurd")),
        sa.Column("rijen_gelezen", sa.Integer()),
        sa.Column("rijen_goedgekeurd", sa.Integer()),
        sa.Column("rijen_afgewezen", sa.Integer()),
        sa.Column("fouten", JSON),
        sa.Column("verwijderd_op", MOMENT),
        sa.UniqueConstraint("organisatie_id", "product", "ronde", "volgnummer"),
        sa.CheckConstraint(
            "(product = 'bijzondere-bijstand' AND organisatie_id IS NOT NULL AND ronde IS NOT NULL)"
            " OR (product = 'alleenverdieners' AND organisatie_id IS NULL AND kenmerk IS NOT NULL)",
            name="herkomst",
        ),
        sa.Index("ix_levering_telling", "organisatie_id", "ontvangen_op"),
    )
    op.create_table(
        "deelname",
        sa.Column("ronde", sa.String(7), sa.ForeignKey("ronde.ronde"), primary_key=True),
        sa.Column("organisatie_id", sa.Integer(), sa.ForeignKey("organisatie.id"), primary_key=True),
        sa.Column("levering_id", sa.String(36), sa.ForeignKey("levering.id"), nullable=False),
        sa.Column("verwerking", sa.String(500), nullable=False),
        sa.Column("instellingen_versie", sa.Integer()),
        sa.Column(
            "status", _choice("status", "open", "afgekeurd", "gepubliceerd", "mislukt"), nullable=False
        ),
        sa.Column("gewijzigd_op", MOMENT, nullable=False),
        sa.Column("geweigerd_door", sa.String(200)),
        sa.Column("geweigerd_om", MOMENT),
        sa.Column("geweigerd_reden", sa.String(500)),
    )


def _publicaties() -> None:
    op.create_table(
        "publicatie",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("reeks", sa.String(300), nullable=False),
        sa.Column("versie", sa.Integer(), nullable=False),
        sa.Column("product", _product(), nullable=False),
        sa.Column(
            "organisatie_id", sa.Integer(), sa.ForeignKey("organisatie.id"), nullable=False, index=True
        ),
        sa.Column("levering_id", sa.String(36), sa.ForeignKey("levering.id"), nullable=False, index=True),
        sa.Column("ronde", sa.String(7), sa.ForeignKey("ronde.ronde"), index=True),
        sa.Column("gemeentecode", sa.String(4)),
        sa.Column("verwerking", sa.String(500), nullable=False),
        sa.Column("inhoud_sha256", sa.String(64), nullable=False),
        sa.Column("manifest", JSON, nullable=False),
        sa.Column("gepubliceerd_op", MOMENT, nullable=False),
        sa.Column("verwijderen_op", sa.Date(), nullable=False, index=True),
        sa.Column("vervangen_op", MOMENT),
        sa.Column("vervangen_door", sa.String(36), sa.ForeignKey("publicatie.id")),
        sa.Column("verwijderd_op", MOMENT),
        sa.UniqueConstraint("reeks", "versie"),
        _one_open("uq_publicatie_actueel", "reeks", "vervangen_op"),
    )
    op.create_table(
        "publicatie_bestand",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("openbaar_id", sa.String(36), nullable=False, unique=True),
        _publicatie_id(),
        sa.Column("soort", sa.String(50), nullable=False),
        sa.Column("naam", sa.String(255), nullable=False),
        sa.Column("sleutel", sa.String(300), nullable=False, unique=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("omvang", sa.Integer(), nullable=False),
        sa.Column("rijen", sa.Integer()),
        sa.UniqueConstraint("publicatie_id", "soort"),
    )
    op.create_table(
        "notificatie",
        sa.Column("id", sa.Integer(), primary_key=True),
        _publicatie_id(),
        sa.Column(
            "productbeheerder_id",
            sa.Integer(),
            sa.ForeignKey("productbeheerder.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("geclaimd_op", MOMENT, nullable=False),
        sa.Column("verzonden_op", MOMENT),
        sa.UniqueConstraint("publicatie_id", "productbeheerder_id"),
    )
    op.create_table(
        "vernietiging",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("klasse", sa.String(32), nullable=False),
        sa.Column("sleutel", sa.String(300), nullable=False),
        sa.Column("product", _product()),
        sa.Column("ronde", sa.String(7)),
        sa.Column("rijen", sa.Integer()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("begonnen_op", MOMENT, nullable=False),
        sa.Column("vernietigd_op", MOMENT),
        _one_open("uq_vernietiging_onvoltooid", "sleutel", "vernietigd_op"),
    )


def _audit_log() -> None:
    op.create_table(
        "logboek",
        sa.Column("volgnummer", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("trace_id", sa.String(32), nullable=False, index=True),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.Column("parent_span_id", sa.String(16)),
        sa.Column("naam", sa.String(100), nullable=False),
        sa.Column("begin_op", MOMENT, nullable=False),
        sa.Column("einde_op", MOMENT, nullable=False),
        sa.Column("status", sa.String(5), nullable=False),
        sa.Column("uitvoerder", sa.String(500), nullable=False),
        sa.Column("activiteit", sa.String(200), nullable=False),
        sa.Column("organisatie", sa.String(200)),
        sa.Column("doelbinding", sa.String(32)),
        sa.Column("ronde", sa.String(7)),
        sa.Column("onderwerp", sa.String(300), index=True),
        sa.Column("betrokkene", sa.String(64), index=True),
        sa.Column("aantal", sa.Integer()),
        sa.Column("lijst_sha256", sa.String(64)),
        sa.Column("bijzonderheden", JSON, nullable=False),
        sa.Column("vorig_zegel", sa.String(64), nullable=False),
        sa.Column("zegel", sa.String(64), nullable=False),
        sa.CheckConstraint("status IN ('Unset', 'Ok', 'Error')", name="status"),
    )
    op.create_table(
        "logboek_betrokkenen",
        sa.Column("volgnummer", sa.Integer(), sa.ForeignKey("logboek.volgnummer"), primary_key=True),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "logboek_controlepunt",
        sa.Column("nummer", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("laatste", sa.Integer(), nullable=False),
        sa.Column("laatste_zegel", sa.String(64), nullable=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        sa.Column("van", sa.String(7), nullable=False),
        sa.Column("tot", sa.String(7), nullable=False),
        sa.Column("gemaakt_op", MOMENT, nullable=False),
        sa.Column("vorig_zegel", sa.String(64), nullable=False),
        sa.Column("zegel", sa.String(64), nullable=False),
    )
    op.create_table(
        "logboek_stand",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        sa.Column("zegel", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name="enige"),
    )


def _organisatie_id(*, primary_key: bool = False) -> sa.Column[int]:
    parent = sa.ForeignKey("organisatie.id", ondelete="CASCADE")
    return sa.Column("organisatie_id", sa.Integer(), parent, nullable=False, primary_key=primary_key)


def _publicatie_id() -> sa.Column[str]:
    parent = sa.ForeignKey("publicatie.id", ondelete="CASCADE")
    return sa.Column("publicatie_id", sa.String(36), parent, nullable=False)


def _product() -> sa.Enum:
    return _choice("product", "bijzondere-bijstand", "alleenverdieners")


def _choice(name: str, *values: str) -> sa.Enum:
    """Plain text, guarded by a check constraint."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _one_open(name: str, column: str, closed_by: str) -> sa.Index:
    """At most one row of each ``column`` that was not closed yet."""
    is_open = sa.text(f"{closed_by} IS NULL")
    return sa.Index(name, column, unique=True, sqlite_where=is_open, postgresql_where=is_open)


def _refuse_changes_on_postgresql() -> None:
    """Who may drop these triggers is found out by the seals. TRUNCATE is no DELETE to PostgreSQL.

    ``bidn_logboek_opschonen`` removes what the checkpoints cover with the rights of the owner, so that the roles that
    work here need no DELETE (include/storage/roles.py).
    """
    refuse = f"RAISE EXCEPTION '{REFUSAL}'"
    young = f"einde_op > CURRENT_TIMESTAMP - INTERVAL '{LEAST_MONTHS} months'"
    bodies = {
        "bidn_alleen_erbij": f"BEGIN {refuse}; END",
        "bidn_alleen_verlopen": f"BEGIN IF OLD.volgnummer > {COVERED} THEN {refuse}; END IF; RETURN OLD; END",
        "bidn_controlepunt": (
            f"BEGIN IF EXISTS (SELECT 1 FROM logboek WHERE volgnummer <= NEW.laatste AND {young}) "  # noqa: S608
            "THEN RAISE EXCEPTION 'a checkpoint covers what has not expired'; END IF; RETURN NEW; END"
        ),
    }
    for name, body in bodies.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    covered = "".join(f"DELETE FROM {table} WHERE volgnummer <= {COVERED}; " for table in reversed(EXPIRE))  # noqa: S608
    op.execute(
        "CREATE FUNCTION bidn_logboek_opschonen() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS "
        f"$$BEGIN {covered}END$$"
    )
    # Whoever calls it must not choose which tables it means.
    op.execute(
        "DO $$ BEGIN EXECUTE format('ALTER FUNCTION bidn_logboek_opschonen() SET search_path = %I, pg_temp', "
        "current_schema()); END $$"
    )
    op.execute("REVOKE EXECUTE ON FUNCTION bidn_logboek_opschonen() FROM PUBLIC")
    for table in AUDIT_KEYS:
        changes = "UPDATE" if table in EXPIRE else "UPDATE OR DELETE"
        for name, change in (("alleen_erbij", changes), ("niet_leeg", "TRUNCATE")):
            op.execute(
                f"CREATE TRIGGER {table}_{name} BEFORE {change} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION bidn_alleen_erbij()"
            )
    for table in EXPIRE:
        op.execute(
            f"CREATE TRIGGER {table}_alleen_verlopen BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION bidn_alleen_verlopen()"
        )
    op.execute(
        "CREATE TRIGGER logboek_controlepunt_verlopen BEFORE INSERT ON logboek_controlepunt "
        "FOR EACH ROW EXECUTE FUNCTION bidn_controlepunt()"
    )


def _refuse_changes_on_sqlite() -> None:
    """INSERT OR REPLACE removes a row without firing the trigger of DELETE: no number comes back."""
    for table, key in AUDIT_KEYS.items():
        taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - our own names
        young = f"WHEN OLD.{key} > {COVERED}" if table in EXPIRE else ""
        for change, condition in (("UPDATE", ""), ("DELETE", young), ("INSERT", taken)):
            op.execute(
                f"CREATE TRIGGER {table}_geen_{change.lower()} BEFORE {change} ON {table} {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
