"""Called by Alembic; the connection, its transaction and its lock come from ``migrate``."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import include.storage.audit_models  # its tables are in the metadata too
import include.storage.portal_models  # noqa: F401 - and these
from include.storage.migrations import VERSION_TABLE
from include.storage.models import Base, Moment


def _as_plain_type(soort: str, wat: object, _: AutogenContext) -> str | Literal[False]:
    """A migration names database types only: it must still run when our classes have changed."""
    return "sa.DateTime(timezone=True)" if soort == "type" and isinstance(wat, Moment) else False


verbinding = context.config.attributes["verbinding"]
context.configure(
    connection=verbinding,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=verbinding.dialect.name == "sqlite",
    render_item=_as_plain_type,
)
context.run_migrations()
