"""docker-compose.yaml and Dockerfile, as far as a machine without Docker can tell: what every service must be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import secrets as geheimen
from include.local import config, environment

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"init", "objectopslag-map", "populatie"}
AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker-1", "worker-2"}


def secrets_of(service: dict[str, Any], which: str = "target") -> set[str]:
    """The secrets of a service: by the file they come from (``source``) or the name it gets them under."""
    return {one[which] if isinstance(one, dict) else one for one in service.get("secrets", [])}


every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))


def _local(tmp_path: Path) -> dict[str, str]:
    """What a component of the local installation gets on top of the developer's environment."""
    settings = config.load({"BIDN_DATA": str(tmp_path)}, tmp_path / ".env")
    built = environment.build(settings, environment.load_secrets(settings.secrets))
    return {name: built[name] for name in built if name.startswith(("AIRFLOW__", "AIRFLOW_CONN_", "BIDN_"))}


def test_the_whole_of_airflow_is_there_with_two_workers_and_what_they_need() -> None:
    assert AIRFLOW | {"postgres-airflow", "postgres-bidn", "redis", "objectopslag"} <= set(SERVICES)
    development = {name for name, service in SERVICES.items() if service.get("profiles") == ["ontwikkeling"]}
    assert development == {"populatie", "bronnen", "mailvanger"}


@pytest.mark.parametrize("name", SERVICES)
def test_it_says_how_it_is_or_runs_once(name: str) -> None:
    service = SERVICES[name]
    assert ("healthcheck" in service) == (name not in ONCE)
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")


@every_service
def test_it_has_a_limit_to_what_it_uses(service: dict[str, Any]) -> None:
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)


@every_service
def test_it_has_no_rights(service: dict[str, Any]) -> None:
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@every_service
def test_its_image_is_one_version(service: dict[str, Any]) -> None:
    image = service["image"]
    assert image.startswith("${BIDN_IMAGE:?") or re.search(r":[^:/]*\d+\.\d+|:RELEASE\.\d{4}-", image)
    assert not image.endswith(":latest")


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_open_to_the_outside_is_pages_on_this_machine(name: str) -> None:
    open_ = {
        "api-server": ["${BIDN_BIND:-127.0.0.1}:${BIDN_POORT_AIRFLOW:-8080}:8080"],
        "portaal-1": ["${BIDN_BIND:-127.0.0.1}:${BIDN_POORT_PORTAAL:-8600}:8600"],
        "portaal-2": ["${BIDN_BIND:-127.0.0.1}:${BIDN_POORT_PORTAAL_2:-8602}:8600"],
    }
    assert SERVICES[name].get("ports", []) == open_.get(name, [])


def test_databases_broker_and_store_have_no_way_out() -> None:
    assert COMPOSE["networks"]["intern"]["internal"] is True
    for name in ("postgres-airflow", "postgres-bidn", "redis", "objectopslag"):
        assert SERVICES[name]["networks"] == ["intern"], name


def test_no_secret_stands_in_the_file() -> None:
    secret = re.compile(
        r"PASSWORD$|SECRET|TOKEN|FERNET|_CONN(_|$)|SLEUTEL|BROKER_URL|RESULT_BACKEND|DATABASE_URL"
    )
    for name, service in SERVICES.items():
        assert [key for key in service.get("environment", {}) if secret.search(key)] == [], name
    text = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    assert not re.search(r"://[^/\s]+:[^/\s]+@", text)
    assert "AGE-SECRET-KEY" not in text


def test_every_secret_that_is_asked_for_is_one_that_deploy_secrets_makes(tmp_path: Path) -> None:
    made = set(geheimen.files({}, lambda: "x"))
    declared = COMPOSE["secrets"]
    assert {name: one["file"] for name, one in declared.items()} == {
        name: f"${{BIDN_SECRETS:-./secrets}}/{name}" for name in declared
    }
    asked = {name for service in SERVICES.values() for name in secrets_of(service, "source")}
    assert asked == set(declared)
    # These stand in the connections of the sources and in the URLs of the logins.
    logins = {f"postgres_bidn_{role}" for role in ("writer", "reader", "portal")}
    assert made - asked == {"bron_token"} | logins
    assert asked <= made


def test_a_worker_gets_every_setting_that_a_component_of_the_local_installation_gets(tmp_path: Path) -> None:
    worker = SERVICES["worker-1"]
    given = {*worker["environment"], *secrets_of(worker)}
    only_local = {name for name in _local(tmp_path) if "SIMPLE_AUTH_MANAGER" in name}
    # Where tasks find what they need is told once: a new setting there must come here too.
    assert set(_local(tmp_path)) - only_local <= given


@pytest.mark.parametrize("name", sorted(AIRFLOW - {"init"}))
def test_all_of_airflow_has_the_same_settings_and_shares_its_secrets(name: str) -> None:
    assert SERVICES[name]["environment"] == SERVICES["init"]["environment"]
    assert SERVICES[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}
    shared = {
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__CELERY__BROKER_URL",
    }
    assert shared <= secrets_of(SERVICES[name])


def test_no_more_runs_at_once_than_the_workers_take() -> None:
    """What waits in the broker too long is taken for lost: Airflow then starts it once more."""
    settings = SERVICES["worker-1"]["environment"]
    workers = [name for name in SERVICES if name.startswith("worker-")]

    def default(name: str) -> int:
        return int(str(settings[name]).rpartition(":-")[2].removesuffix("}"))

    places = len(workers) * default("AIRFLOW__CELERY__WORKER_CONCURRENCY")
    assert default("AIRFLOW__CORE__PARALLELISM") == places
    assert default("AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG") == places


@pytest.mark.parametrize(
    ("secret", "holders"),
    [
        ("AIRFLOW_CONN_BRON_BRP", {"worker-1", "worker-2"}),
        ("BIDN_SLEUTELS", {"worker-1", "worker-2", "portaal-1", "portaal-2"}),
        ("BIDN_OIDC_CLIENT_SECRET", {"portaal-1", "portaal-2"}),
    ],
)
def test_sources_are_for_the_workers_and_keys_for_who_reads_files(secret: str, holders: set[str]) -> None:
    assert {name for name, service in SERVICES.items() if secret in secrets_of(service)} == holders


@pytest.mark.parametrize("name", ["portaal-1", "portaal-2"])
def test_the_portal_knows_nothing_of_airflow(name: str) -> None:
    secrets = secrets_of(SERVICES[name])
    assert [secret for secret in secrets if secret.startswith("AIRFLOW_")] == ["AIRFLOW_CONN_OPSLAG"]


@pytest.mark.parametrize(
    ("service", "login"),
    [
        ("init", "BIDN_DATABASE_URL"),
        ("worker-1", "BIDN_DATABASE_URL_WRITER"),
        ("worker-2", "BIDN_DATABASE_URL_WRITER"),
        ("api-server", "BIDN_DATABASE_URL_READER"),
        ("portaal-1", "BIDN_DATABASE_URL_PORTAL"),
        ("portaal-2", "BIDN_DATABASE_URL_PORTAL"),
        ("scheduler", None),
        ("dag-processor", None),
        ("triggerer", None),
    ],
)
def test_each_has_a_login_of_the_database_for_its_own_work(service: str, login: str | None) -> None:
    """The owner's is for the migrations: whoever has it can drop what guards the logboek."""
    used = [
        one["source"] if isinstance(one, dict) else one
        for one in SERVICES[service]["secrets"]
        if (one["target"] if isinstance(one, dict) else one) == "BIDN_DATABASE_URL"
    ]
    assert used == ([login] if login else [])


def test_the_example_names_every_variable_of_the_file_and_no_other() -> None:
    text = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"(?<!\$)\$\{(BIDN_[A-Z_0-9]+)", text))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    cluster = example.partition("# --- A cluster")[2]
    named = set(re.findall(r"(?m)^#?(BIDN_[A-Z_0-9]+)=", cluster))
    assert used == named | {"BIDN_POORT_AIRFLOW", "BIDN_POORT_PORTAAL"}
    assert "BIDN_POORT_AIRFLOW=8080" in example
    assert "BIDN_POORT_PORTAAL=8600" in example


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not on this machine")
@pytest.mark.parametrize("profile", [[], ["--profile", "ontwikkeling"]], ids=["production", "development"])
def test_docker_compose_takes_the_file(profile: list[str], tmp_path: Path) -> None:
    run = subprocess.run(
        ["docker-compose", "-f", str(ROOT / "docker-compose.yaml"), *profile, "config", "-q"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "BIDN_IMAGE": "bidn:1.0.0"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not on this machine")
def test_without_an_image_it_says_what_to_do(tmp_path: Path) -> None:
    run = subprocess.run(
        ["docker-compose", "-f", str(ROOT / "docker-compose.yaml"), "config", "-q"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert "docs/deployment.md" in run.stderr


def test_the_linter_has_nothing_to_say_about_the_dockerfile() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    run = subprocess.run([hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "")


def test_the_image_is_of_two_stages_runs_without_rights_and_knows_its_version() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert len(re.findall(r"(?m)^FROM ", text)) == 2
    assert re.findall(r"(?m)^USER (.*)$", text) == [SERVICES["init"]["user"]]
    assert "compileall" in text
    assert re.search(r'(?m)^RUN test -n "\$\{BIDN_CODEVERSIE\}"', text)
    assert not re.search(r"(?mi)^(ARG|ENV) .*(password|secret|token|sleutel)", text)
    # A copy of everything would take secrets/ and data/ along.
    assert "COPY . " not in text
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"


@pytest.mark.parametrize(
    ("name", "contents", "seen"),
    [
        ("BIDN_SLEUTELS", "# created\nAGE\n", "# created\nAGE"),
        ("AIRFLOW_CONN_OPSLAG", '{"password": "a $b `c` \'d\'"}', '{"password": "a $b `c` \'d\'"}'),
        ("login_engineer", "geheim", ""),
    ],
    ids=["several lines", "nothing is interpreted", "a name in small letters is for a program to read"],
)
def test_a_mounted_secret_becomes_the_variable_of_its_name(
    tmp_path: Path, name: str, contents: str, seen: str
) -> None:
    (tmp_path / name).write_text(contents)
    run = subprocess.run(
        [
            ROOT / "deploy" / "entrypoint.sh",
            "python3",
            "-c",
            f"import os; print(os.environ.get('{name}', ''), end='')",
        ],
        env={"PATH": os.environ["PATH"], "BIDN_GEHEIMEN_MAP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == seen


def test_a_component_without_secrets_starts_too(tmp_path: Path) -> None:
    run = subprocess.run(
        [ROOT / "deploy" / "entrypoint.sh", "echo", "gestart"],
        env={"PATH": os.environ["PATH"], "BIDN_GEHEIMEN_MAP": str(tmp_path / "geen")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "gestart\n"
