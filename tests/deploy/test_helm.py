"""The values for the official Helm chart, as far as can be told without Helm and a cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy" / "helm" / "values.yaml").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load(TEXT)
CONFIG: dict[str, dict[str, Any]] = VALUES["config"]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DOCS = (
    (ROOT / "docs" / "deployment.md")
    .read_text(encoding="utf-8")
    .partition("\n## Kubernetes\n")[2]
    .partition("\n## ")[0]
)

# What the chart's own values.yaml and values.schema.json say of every path that we use: read in 1.19 (a version shortly
# before it) and 1.22, the schema in 1.21 too. Another one would stop the installation, or be ignored without a word.
FACTS = """
airflowVersion                                     string
defaultAirflowRepository                           string
defaultAirflowTag                                  string
images.airflow.pullPolicy                          string
images.migrationsWaitTimeout                       number
executor                                           string
allowPodLaunching                                  boolean
extraEnv                                           string or null: a template, of list items
networkPolicies.enabled                            boolean
postgresql.enabled                                 boolean
redis.enabled                                      boolean
data.metadataSecretName                            string or null
data.resultBackendSecretName                       string or null
data.brokerUrlSecretName                           string or null
fernetKeySecretName                                string or null
apiSecretKeySecretName                             string or null
jwtSecretName                                      string or null
secret                                             array: of envName, secretName, secretKey
enableBuiltInSecretEnvVars.AIRFLOW_CONN_AIRFLOW_DB boolean
uid                                                integer
gid                                                integer
securityContexts.pod                               object: PodSecurityContext
securityContexts.containers                        object: SecurityContext
config                                             object: section, name, scalar; each a template
createUserJob.enabled                              boolean
migrateDatabaseJob.args                            array or null
migrateDatabaseJob.resources                       object: ResourceRequirements
migrateDatabaseJob.extraVolumes                    array: Volume
migrateDatabaseJob.extraVolumeMounts               array: VolumeMount
apiServer.replicas                                 integer
apiServer.resources                                object: ResourceRequirements
apiServer.startupProbe.failureThreshold            integer
apiServer.extraVolumes                             array: Volume
apiServer.extraVolumeMounts                        array: VolumeMount
scheduler.replicas                                 integer
scheduler.resources                                object: ResourceRequirements
scheduler.startupProbe.failureThreshold            integer
scheduler.livenessProbe.timeoutSeconds             integer
scheduler.logGroomerSidecar.enabled                boolean
dagProcessor.enabled                               boolean or null
dagProcessor.replicas                              integer
dagProcessor.resources                             object: ResourceRequirements
dagProcessor.livenessProbe.timeoutSeconds          integer
dagProcessor.logGroomerSidecar.enabled             boolean
dagProcessor.extraVolumes                          array: Volume
dagProcessor.extraVolumeMounts                     array: VolumeMount
triggerer.replicas                                 integer
triggerer.persistence.enabled                      boolean
triggerer.resources                                object: ResourceRequirements
triggerer.livenessProbe.timeoutSeconds             integer
triggerer.logGroomerSidecar.enabled                boolean
workers.replicas                                   integer
workers.args                                       array or null
workers.keda.enabled                               boolean
workers.persistence.enabled                        boolean
workers.terminationGracePeriodSeconds              integer
workers.resources                                  object: ResourceRequirements
workers.livenessProbe.timeoutSeconds               integer
workers.logGroomerSidecar.enabled                  boolean
workers.extraVolumes                               array: Volume
workers.extraVolumeMounts                          array: VolumeMount
logs.persistence.enabled                           boolean
logs.persistence.size                              string
statsd.enabled                                     boolean
dags.persistence.enabled                           boolean
dags.gitSync.enabled                               boolean
bidn                                               object: ours; the schema lets more in at the top, and only there
"""
TYPES = dict(line.split(":")[0].split(maxsplit=1) for line in FACTS.strip().splitlines())
PYTHON = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int,
    "array": list,
    "object": dict,
    "null": type(None),
}

COMPONENTS = {
    "init": "migrateDatabaseJob",
    "api-server": "apiServer",
    "scheduler": "scheduler",
    "dag-processor": "dagProcessor",
    "triggerer": "triggerer",
    "worker-1": "workers",
}
# The chart gives these to its components itself: the secret that we name, the key in it that the chart asks for.
OF_AIRFLOW = {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (VALUES["data"]["metadataSecretName"], "connection"),
    "AIRFLOW__CELERY__RESULT_BACKEND": (VALUES["data"]["resultBackendSecretName"], "connection"),
    "AIRFLOW__CELERY__BROKER_URL": (VALUES["data"]["brokerUrlSecretName"], "connection"),
    "AIRFLOW__CORE__FERNET_KEY": (VALUES["fernetKeySecretName"], "fernet-key"),
    "AIRFLOW__API__SECRET_KEY": (VALUES["apiSecretKeySecretName"], "api-secret-key"),
    "AIRFLOW__API_AUTH__JWT_SECRET": (VALUES["jwtSecretName"], "jwt-secret"),
    **{one["envName"]: (one["secretName"], one["secretKey"]) for one in VALUES["secret"]},
}
# With docker-compose the DAGs are in the image.
GIT = {"dag-processor": {"AIRFLOW_CONN_GIT_BIDN"}, "worker-1": {"AIRFLOW_CONN_GIT_BIDN"}}


def leaves(values, at=""):
    for name, value in values.items():
        path = f"{at}{name}"
        if isinstance(value, dict) and path not in TYPES:
            yield from leaves(value, f"{path}.")
        else:
            yield path, value


def value_of(path):
    found = VALUES
    for name in path.split("."):
        found = found[name]
    return found


def mounted(component):
    [volume] = VALUES[component].get("extraVolumes", [None])
    return {} if volume is None else {one["key"]: one["path"] for one in volume["secret"]["items"]}


def merged(ours, theirs):
    """As Helm does with the second of two files: maps are merged, everything else is replaced."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {name: merged(ours.get(name), theirs.get(name, ours.get(name))) for name in {*ours, *theirs}}
    return theirs


def test_every_path_is_one_of_the_chart_with_its_type():
    wrong = [
        path
        for path, value in leaves(VALUES)
        if path not in TYPES or type(value) not in [PYTHON[one] for one in TYPES[path].split(" or ")]
    ]
    assert wrong == []
    assert [path for path in TYPES if path not in dict(leaves(VALUES))] == []


def test_a_setting_of_airflow_is_text_on_one_line():
    for section, settings in CONFIG.items():
        for name, value in settings.items():
            assert isinstance(value, str), (section, name)
            assert "\n" not in value, (section, name)


def test_the_dags_come_from_git_at_the_version_of_the_image():
    template = CONFIG["dag_processor"]["dag_bundle_config_list"]
    text = template.replace("{{ .Values.defaultAirflowTag }}", VALUES["defaultAirflowTag"])
    assert "{{" not in text
    assert json.loads(text) == [
        {
            "name": "bidn",
            "classpath": "airflow.providers.git.bundles.git.GitDagBundle",
            "kwargs": {
                "git_conn_id": "git_bidn",
                "tracking_ref": VALUES["defaultAirflowTag"],
                "subdir": "dags",
                "refresh_interval": 60,
            },
        }
    ]
    # The tag has one place: images.airflow.tag would part the image from its DAGs.
    assert set(VALUES["images"]["airflow"]) == {"pullPolicy"}
    assert "apache-airflow-providers-git==" in (ROOT / "requirements-cluster.txt").read_text(encoding="utf-8")


def test_the_version_of_airflow_is_the_one_that_we_pin():
    assert f"\napache-airflow=={VALUES['airflowVersion']}\n" in (ROOT / "requirements.txt").read_text(
        encoding="utf-8"
    )


def test_no_more_tasks_at_once_than_workers_can_run():
    at_once = VALUES["workers"]["replicas"] * int(CONFIG["celery"]["worker_concurrency"])
    assert int(CONFIG["core"]["parallelism"]) == at_once
    assert int(CONFIG["core"]["max_active_tasks_per_dag"]) == at_once


ELSEWHERE = {
    "AIRFLOW__CORE__EXECUTOR": "the chart's value executor",
    "AIRFLOW__CORE__DAGS_FOLDER": "the DAGs come from git",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "the chart knows its own service",
    "AIRFLOW__API__HOST": "Airflow's own default is what the chart expects",
    "AIRFLOW__API__PORT": "the same",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "the chart mounts its volume where Airflow's own default is",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "the chart asks `airflow jobs check`",
}


def test_airflow_is_set_as_in_compose():
    compose = {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value))
        for name, value in SERVICES["init"]["environment"].items()
        if name.startswith("AIRFLOW__")
    }
    assert set(ELSEWHERE) <= set(compose)
    for name in set(compose) - set(ELSEWHERE):
        section, option = name.removeprefix("AIRFLOW__").lower().split("__")
        assert CONFIG[section].get(option) == compose[name], name
    assert VALUES["executor"] == compose["AIRFLOW__CORE__EXECUTOR"]


def test_the_image_sets_nothing_of_airflow_that_would_win_from_these_values():
    assert "AIRFLOW__" not in DOCKERFILE


@pytest.mark.parametrize("service", COMPONENTS)
def test_who_gets_which_secret_is_as_in_compose(service):
    names = mounted(COMPONENTS[service])
    given = [
        (one["source"], one["target"]) if isinstance(one, dict) else (one, one)
        for one in SERVICES[service]["secrets"]
        if one not in [*OF_AIRFLOW]
    ]
    assert names == dict(given) | {name: name for name in GIT.get(service, set())}


@pytest.mark.parametrize("component", [one for one in COMPONENTS.values() if mounted(one)])
def test_what_is_mounted_is_where_the_entrypoint_looks(component):
    [volume], [mount] = VALUES[component]["extraVolumes"], VALUES[component]["extraVolumeMounts"]
    assert (volume["name"], volume["secret"]["secretName"]) == ("geheimen", "bidn-geheimen")
    assert mount == {"name": "geheimen", "mountPath": "/etc/bidn/geheimen", "readOnly": True}
    assert "- name: BIDN_GEHEIMEN_MAP\n  value: /etc/bidn/geheimen\n" in VALUES["extraEnv"]
    assert "BIDN_GEHEIMEN_MAP" in (ROOT / "deploy" / "entrypoint.sh").read_text(encoding="utf-8")


def test_airflow_gets_all_that_compose_gives_it():
    assert set(OF_AIRFLOW) == set(SERVICES["scheduler"]["secrets"])
    assert None not in {secret for secret, _ in OF_AIRFLOW.values()}


def test_every_secret_is_told_how_to_make():
    for secret, key in OF_AIRFLOW.values():
        assert re.search(rf"secret generic {secret} +--from-file={key}=", DOCS), secret
    assert "secret generic bidn-geheimen " in DOCS
    assert "AIRFLOW_CONN_GIT_BIDN" in DOCS


def test_no_secret_stands_in_the_file():
    assert not re.search(r"AGE-SECRET-KEY|://[^/\s]+:[^/\s]+@|[Pp]assword:", TEXT)
    secret = re.compile(r"SLEUTEL|_CONN_|DATABASE_URL|login_")
    assert [name for name in VALUES["bidn"] if secret.search(name)] == []
    # In a list of its own each would be lost as soon as a second file has one too.
    assert "env" not in VALUES
    assert all("env" not in VALUES[component] for component in COMPONENTS.values())


# What .env.example calls otherwise here, or what Kubernetes has no need of.
NAMED = {
    "BIDN_IMAGE": "defaultAirflowTag",
    "BIDN_AIRFLOW_URL": "config.api.base_url",
    "BIDN_PARALLELISM": "config.core.parallelism",
    "BIDN_WORKER_CONCURRENCY": "config.celery.worker_concurrency",
    "BIDN_WORKER_MEMORY": "workers.resources.limits.memory",
    "BIDN_WORKER_CPUS": "workers.resources.limits.cpu",
}
PORTAL = {
    "BIDN_PORTAAL_PROXY",
    "BIDN_PORTAAL_MAX_MB",
    "BIDN_OIDC_ISSUER",
    "BIDN_OIDC_CLIENT_ID",
    "BIDN_OIDC_ACR",
}
NOT_HERE = {
    "BIDN_SECRETS": "Kubernetes secrets",
    "BIDN_BIND": "a service and an ingress of the platform",
    "BIDN_POORT_PORTAAL_2": "a service in front of both replicas",
} | dict.fromkeys(PORTAL, "the ConfigMap of the portal")


def test_every_setting_of_a_cluster_can_be_set_here():
    cluster = (ROOT / ".env.example").read_text(encoding="utf-8").partition("# --- A cluster")[2]
    named = set(re.findall(r"(?m)^#?(BIDN_[A-Z_0-9]+)=", cluster))
    assert set(VALUES["bidn"]) == named - set(NAMED) - set(NOT_HERE)
    assert all(value_of(path) for path in NAMED.values())


def test_the_portal_runs_as_compose_runs_it():
    [deployment, service, _, policy] = yaml.safe_load_all(
        (ROOT / "deploy" / "helm" / "portaal.yaml").read_text(encoding="utf-8")
    )
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]
    compose = SERVICES["portaal-1"]
    assert container["args"] == compose["command"]
    assert container["image"] == f"{VALUES['defaultAirflowRepository']}:{VALUES['defaultAirflowTag']}"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert deployment["spec"]["replicas"] == 2
    own, shared = pod["volumes"][0]["projected"]["sources"]
    from_both = {item["key"] for item in shared["secret"]["items"]}
    assert from_both == {one["target"] if isinstance(one, dict) else one for one in compose["secrets"]} & {
        "BIDN_SLEUTELS", "BIDN_HASHSLEUTEL", "AIRFLOW_CONN_OPSLAG"
    }  # fmt: skip
    assert own["secret"]["name"] == "bidn-portaal"
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    for selector in (service["spec"]["selector"], policy["spec"]["podSelector"]["matchLabels"]):
        assert selector.items() <= labels


def test_without_a_second_file_ours_are_those_of_compose():
    by_itself = {
        "BIDN_ZONDER_TLS": "postgres-bidn"
    }  # the database of compose, on a network without a way out
    for name, value in VALUES["bidn"].items():
        assert SERVICES["init"]["environment"][name] == f"${{{name}:-{by_itself.get(name, value)}}}"
    assert (
        f"- name: BIDN_DATA\n  value: {SERVICES['init']['environment']['BIDN_DATA']}\n" in VALUES["extraEnv"]
    )


def test_a_second_file_changes_one_setting_and_keeps_the_others():
    second = {
        "bidn": {"BIDN_ALARM_AAN": "beheer@example"},
        "config": {"api": {"base_url": "https://airflow.example"}},
    }
    values = merged(VALUES, second)
    assert values["bidn"] == {**VALUES["bidn"], "BIDN_ALARM_AAN": "beheer@example"}
    assert values["config"]["core"] == CONFIG["core"]
    assert "{{- range $name, $value := .Values.bidn }}" in VALUES["extraEnv"]


@pytest.mark.parametrize("component", COMPONENTS.values())
def test_it_has_the_limits_of_compose(component):
    [service] = [name for name, one in COMPONENTS.items() if one == component]
    limits = VALUES[component]["resources"]["limits"]
    memory = re.sub(r"\$\{\w+:-(.*)\}", r"\1", SERVICES[service]["mem_limit"])
    assert limits["memory"] == memory.replace("g", "Gi")
    assert limits["cpu"] == re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(SERVICES[service]["cpus"]))
    assert set(VALUES[component]["resources"]["requests"]) == set(limits)


@pytest.mark.parametrize("service", ["init", "worker-1"])
def test_it_starts_as_in_compose_by_the_entrypoint_of_the_image(service):
    assert VALUES[COMPONENTS[service]]["args"] == SERVICES[service]["command"]
    # The chart leaves command to the image; a command here would pass its entrypoint by.
    assert all("command" not in VALUES[component] for component in COMPONENTS.values())


def test_what_the_image_has_not_is_off():
    # The script /clean-logs and the package statsd.
    grooming = [one for one in COMPONENTS.values() if one not in {"migrateDatabaseJob", "apiServer"}]
    assert [one for one in grooming if VALUES[one]["logGroomerSidecar"]["enabled"]] == []
    assert VALUES["statsd"]["enabled"] is False
    # The chart's probes call it.
    assert " /entrypoint" in DOCKERFILE


def test_nobody_is_made_with_the_password_admin():
    # createUserJob.enabled is in every version; defaultUser moved from webserver to createUserJob in between.
    assert VALUES["createUserJob"] == {"enabled": False}
    assert "webserver" not in VALUES


def test_a_container_has_no_rights():
    assert VALUES["securityContexts"]["pod"]["runAsNonRoot"] is True
    assert VALUES["securityContexts"]["containers"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert f"USER {VALUES['uid']}:{VALUES['gid']}" in DOCKERFILE
