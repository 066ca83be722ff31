"""The values for the official Helm chart, as far as can be told without the chart: names, secrets, rights."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from include.lokaal.environment import POOLS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load(TEXT)

# Parameters of chart 1.22 (its parameters reference); an unknown one would be ignored without a word.
OF_THE_CHART = {
    *(
        "airflowVersion",
        "apiSecretKeySecretName",
        "apiServer",
        "config",
        "createUserJob",
        "dagProcessor",
        "dags",
    ),
    *("data", "defaultAirflowRepository", "defaultAirflowTag", "env", "executor", "extraEnvFrom"),
    *("fernetKeySecretName", "gid", "images", "jwtSecretName", "logs", "migrateDatabaseJob", "postgresql"),
    *("redis", "scheduler", "securityContexts", "statsd", "triggerer", "uid", "workers"),
}


def test_every_value_is_a_parameter_of_the_chart() -> None:
    assert set(VALUES) - OF_THE_CHART == set()


def test_components_have_limits_and_no_rights() -> None:
    for name in ("apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "migrateDatabaseJob"):
        assert set(VALUES[name]["resources"]) == {"limits", "requests"}, name
    assert VALUES["securityContexts"]["pod"]["runAsNonRoot"] is True
    assert VALUES["securityContexts"]["containers"]["allowPrivilegeEscalation"] is False
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"USER {VALUES['uid']}:{VALUES['gid']}" in dockerfile


def test_secrets_are_named_and_not_given() -> None:
    assert not re.search(r"AGE-SECRET-KEY|://[^/\s]+:[^/\s]+@|[Pp]assword:", TEXT)
    assert "postgresql: {enabled: false}" in TEXT
    given = {one["name"] for one in VALUES["env"]}
    assert given.isdisjoint({"BIDN_SLEUTELS", "BIDN_HASHSLEUTEL", "BIDN_DATABASE_URL"})
    assert given.isdisjoint({f"AIRFLOW_CONN_{name.upper()}" for name in POOLS})


def test_the_dags_come_from_git_at_the_version_of_airflow_that_we_pin() -> None:
    [bundle] = json.loads(VALUES["config"]["dag_processor"]["dag_bundle_config_list"])
    assert bundle["classpath"].endswith(".GitDagBundle")
    assert bundle["kwargs"]["subdir"] == "dags"
    # DAGs of one version with operators of another need not fit.
    assert bundle["kwargs"]["tracking_ref"] == VALUES["images"]["airflow"]["tag"]
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"\napache-airflow=={VALUES['airflowVersion']}\n" in requirements
    assert "apache-airflow-providers-git==" in (ROOT / "requirements-cluster.txt").read_text(encoding="utf-8")


def test_it_starts_by_the_same_program_as_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
    assert VALUES["migrateDatabaseJob"]["args"] == compose["services"]["init"]["command"]
    auth = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
    assert VALUES["config"]["core"]["auth_manager"] == auth
    logging = VALUES["config"]["logging"]["logging_config_class"]
    assert compose["services"]["init"]["environment"]["AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS"] == logging
    assert compose["services"]["init"]["environment"]["AIRFLOW__CORE__AUTH_MANAGER"] == auth
