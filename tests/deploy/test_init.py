"""The first start of a cluster, as docker-compose.yaml has it: with that file's settings, and no secret more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import secrets as geheimen
from deploy.init import permissions_of
from tests.cluster.objectopslag import client, s3

ROOT = Path(__file__).resolve().parents[2]
INIT: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"][
    "init"
]

PASSWORD = "wachtwoord-van-de-database"
"""This machine's PostgreSQL asks for none; that it is given one shows where it is told."""

BUILTIN = {
    "Admin": [("can_read", "DAGs"), ("can_edit", "Connections"), ("can_create", "Users")],
    "Op": [
        ("can_read", "DAGs"),
        ("can_create", "DAG Runs"),
        ("can_read", "Connections"),
        ("can_edit", "Variables"),
    ],
    "Viewer": [("can_read", "DAGs")],
}


def test_everyone_sees_the_page_rondes_and_only_an_engineer_what_holds_secrets() -> None:
    page = ("can_read", "Plugins")
    assert permissions_of("viewer", BUILTIN) == [("can_read", "DAGs"), page]
    assert permissions_of("ops", BUILTIN) == [("can_create", "DAG Runs"), ("can_read", "DAGs"), page]
    assert set(permissions_of("engineer", BUILTIN)) == {*BUILTIN["Admin"], page}


class Cluster:
    """Two empty databases, an object store without our bucket, and the secrets of ``deploy.secrets``."""

    def __init__(self, root: Path, ours: str, airflows: str, store: dict[str, str]) -> None:
        self.airflow = urlsplit(airflows)._replace(scheme="postgresql").geturl()
        self.ours = urlsplit(ours)._replace(scheme="postgresql").geturl()
        self.bucket = urlsplit(airflows).path[1:].replace("_", "-")
        self.store = store
        self.mounted, made = root / "mounted", root / "secrets"
        made.mkdir()
        ours, airflows = (url.replace("postgres@", f"postgres:{PASSWORD}@") for url in (ours, airflows))
        for name, value in {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflows,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": airflows,
            "BIDN_DATABASE_URL": ours,
            "AIRFLOW_CONN_OPSLAG": store["AIRFLOW_CONN_OPSLAG"],
        }.items():
            (made / name).write_text(value)
        geheimen.write(made)
        self.mounted.mkdir()
        for name in INIT["secrets"]:
            shutil.copy(made / name, self.mounted)
        defaults = {
            name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))
            for name, value in INIT["environment"].items()
        }
        here = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
            "BIDN_GEHEIMEN_MAP": str(self.mounted),
            "BIDN_OPSLAG": f"s3://opslag@{self.bucket}/opslag",
            "AIRFLOW_HOME": str(root / "airflow"),
            "BIDN_DATA": str(root / "bidn"),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(root / "logs"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        }
        self.environment = defaults | here

    def init(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "deploy" / "entrypoint.sh", sys.executable, *INIT["command"][1:]],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def sql(self, url: str, statement: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return sorted(cursor.fetchall()) if cursor.description else []

    def state(self) -> dict[str, Any]:
        return {
            "users": self.sql(self.airflow, "SELECT username, password FROM ab_user"),
            "roles": self.sql(
                self.airflow,
                "SELECT u.username, r.name FROM ab_user u JOIN ab_user_role l ON l.user_id = u.id"
                " JOIN ab_role r ON r.id = l.role_id",
            ),
            "rights": self.sql(
                self.airflow,
                "SELECT r.name, p.name, v.name FROM ab_permission_view_role l JOIN ab_role r ON r.id = l.role_id"
                " JOIN ab_permission_view b ON b.id = l.permission_view_id JOIN ab_permission p"
                " ON p.id = b.permission_id JOIN ab_view_menu v ON v.id = b.view_menu_id",
            ),
            "pools": self.sql(self.airflow, "SELECT pool, slots FROM slot_pool WHERE pool <> 'default_pool'"),
            "revision": self.sql(self.ours, "SELECT version_num FROM bidn_alembic_version"),
            "buckets": [
                one["Name"]
                for one in client(self.store).list_buckets()["Buckets"]
                if one["Name"] == self.bucket
            ],
        }


@pytest.mark.slow
@pytest.mark.postgres
def test_the_first_start_makes_what_is_needed_and_a_second_changes_nothing(
    tmp_path: Path, postgres_url: str, airflow_url: str
) -> None:
    with s3() as store:
        cluster = Cluster(tmp_path, postgres_url, airflow_url, store)
        first = cluster.init()
        assert first.returncode == 0, first.stderr
        made = cluster.state()
        assert [name for name, _ in made["users"]] == ["engineer", "ops", "viewer"]
        assert made["roles"] == [("engineer", "engineer"), ("ops", "ops"), ("viewer", "viewer")]
        holds = {"Connections", "Variables", "Configurations"}
        who = {role for role, _, view in made["rights"] if view in holds}
        assert who & {"engineer", "ops", "viewer"} == {"engineer"}
        assert [name for name, _ in made["pools"]] == [
            "bron_belastingdienst",
            "bron_bijstand",
            "bron_brp",
            "bron_rdw",
            "bron_uwv",
        ]
        newest = max(path.name[:4] for path in (ROOT / "include/storage/migrations/versions").glob("0*.py"))
        assert made["revision"] == [(newest,)]
        assert made["buckets"] == [cluster.bucket]
        told = first.stdout + first.stderr
        for name in INIT["secrets"]:
            assert (cluster.mounted / name).read_text() not in told, name
        assert PASSWORD not in told

        # What ops have set since stays as they set it.
        cluster.sql(cluster.airflow, "UPDATE slot_pool SET slots = 3 WHERE pool = 'bron_uwv'")
        cluster.sql(cluster.airflow, "UPDATE ab_user SET password = 'changed' WHERE username = 'ops'")
        changed = cluster.state()
        second = cluster.init()
        assert second.returncode == 0, second.stderr
        assert cluster.state() == changed

        # Nobody could log in and let others in: it says so, instead of starting all the same.
        cluster.sql(cluster.airflow, "DELETE FROM ab_user_role")
        cluster.sql(cluster.airflow, "DELETE FROM ab_user")
        (cluster.mounted / "login_engineer").unlink()
        third = cluster.init()
        assert third.returncode != 0
        assert "nobody has the role engineer" in third.stderr
        assert f"no secret login_engineer is mounted in {cluster.mounted}" in third.stderr
