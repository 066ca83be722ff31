"""``python -m deploy.init``: bring a cluster to where its components can start, as often as one likes.

Both databases are migrated, each login of ours is given its rights, and what is not there yet is made: the bucket,
the pools, the roles and their first users. It ends before anything else starts, and changes nothing on a second run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bidn_operators.pools import pools
from bidn_operators.roles import ROLES
from include.errors import InstallatieFout
from include.settings import omgeving
from include.storage.backends import ObjectStoreBackend, backend_for
from include.storage.migrations import migrate
from include.storage.roles import apply_roles

SECRETS = Path(os.environ.get("BIDN_GEHEIMEN_MAP", "/run/secrets"))

# What those of the simple auth manager (bidn_operators.roles) are called by FAB.
FAB_ROLES = {"admin": "Admin", "op": "Op", "viewer": "Viewer"}

READ_PAGES = ("can_read", "Plugins")
"""Without this the page "Rondes" is not in the navigation."""

HOLD_SECRETS = frozenset({"Connections", "Variables", "Configurations"})
"""What ops need not see to do their work: passwords, tokens and keys stand there."""


def permissions_of(role: str, builtin: Mapping[str, Iterable[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Return what ``role`` (engineer, ops, viewer) may: that of FAB's own role, with two changes.

    Everyone sees the page "Rondes"; nobody but an engineer sees connections, variables and settings.
    ``builtin`` maps FAB's role names to their (action, resource) pairs.
    """
    theirs = {*builtin[FAB_ROLES[ROLES[role]]], READ_PAGES}
    if ROLES[role] != "admin":
        theirs = {(action, resource) for action, resource in theirs if resource not in HOLD_SECRETS}
    return sorted(theirs)


def make_roles_and_users(secrets: Path = SECRETS) -> None:
    """Make the roles what they should be, and each its first user with the password of ``login_<role>``.

    A user that exists keeps its password and roles.

    Raises:
        InstallatieFout: there would be nobody who can log in and let others in.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        security: Any = builder.sm
        security.sync_roles()
        builtin = {
            name: [(one.action.name, one.resource.name) for one in security.find_role(name).permissions]
            for name in FAB_ROLES.values()
        }
        security.bulk_sync_roles([{"role": role, "perms": permissions_of(role, builtin)} for role in ROLES])
        for role in ROLES:
            login = secrets / f"login_{role}"
            if security.find_user(role) or not login.exists():
                continue
            password = login.read_text(encoding="utf-8").strip()
            if not security.add_user(
                role, role, "BIDN", f"{role}@bidn.example", security.find_role(role), password
            ):
                raise InstallatieFout(f"the first user of role {role} could not be made")
        if not any(security.find_role("engineer") in user.roles for user in security.get_all_users()):
            raise InstallatieFout(
                "nobody has the role engineer, and no secret login_engineer is mounted in "
                f"{secrets} to make the first with"
            )


def make_pools() -> None:
    """Make the pools that are not there; those that are stay as ops have set them."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session

    with create_session() as session:
        known = {pool.pool for pool in session.query(Pool).all()}
        for name, slots, description in pools():
            if name not in known:
                Pool.create_or_update_pool(
                    name, slots=slots, description=description, include_deferred=False, session=session
                )


def make_bucket() -> None:
    """Make the bucket of the file store, where that is one and it is not there."""
    carrier = backend_for(omgeving().opslag)
    if isinstance(carrier, ObjectStoreBackend):
        bucket = carrier.root.split("/")[0]
        if not carrier.fs.exists(bucket):
            # A store outside the oldest region wants to be told its own, and that one does not.
            region = carrier.fs.s3.meta.region_name if "s3" in carrier.fs.protocol else None
            carrier.fs.mkdir(bucket, **({"region_name": region} if region not in (None, "us-east-1") else {}))


def main() -> None:
    """Do all of it, in order."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True)
    migrate()
    apply_roles()
    make_bucket()
    make_pools()
    make_roles_and_users()


if __name__ == "__main__":
    main()
