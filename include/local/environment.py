"""The environment that every component of the local installation gets: settings, connections and secrets."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bidn_operators.pools import pools
from bidn_operators.roles import ROLES
from include.local.config import HOST, ROOT, Config

LAUNCHER = "engineer"
"""As whom the launcher itself logs in."""


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets of this installation, making those that are not there yet.

    ``path`` is a JSON file that only its owner can read. Passwords of the users are under ``login_<name>``.
    """
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    makers: dict[str, Callable[[], str]] = {
        "fernet_key": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "jwt_secret": lambda: secrets.token_urlsafe(48),
        "api_secret_key": lambda: secrets.token_urlsafe(32),
        "bron_token": lambda: secrets.token_urlsafe(24),
        **{f"login_{user}": lambda: secrets.token_urlsafe(9) for user in ROLES},
    }
    made = {name: make() for name, make in makers.items() if name not in known}
    if made:
        known |= made
        _write(path, known)
    return known


def build(config: Config, known: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of a component: this process's own, with our settings and Airflow's.

    Variables of another Airflow on this machine (``AIRFLOW…``) are left out.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return inherited | _ours(config) | _airflow(config, known) | _connections(config, known)


def write_logins(config: Config, known: dict[str, str]) -> Path:
    """Write the file from which Airflow's simple auth manager reads its passwords; returns its path."""
    path = config.airflow_home / "logins.json"
    _write(path, {user: known[f"login_{user}"] for user in ROLES})
    return path


def _write(path: Path, values: dict[str, str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2)


@contextlib.contextmanager
def in_force(environment: Mapping[str, str]) -> Iterator[None]:
    """Have this process, and what it starts, find what a component finds, and write for nobody but its owner."""
    before, mask = dict(os.environ), os.umask(0o077)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.umask(mask)


def _ours(config: Config) -> dict[str, str]:
    return {
        # Nobody waits minutes here for a source to recover.
        "BIDN_HERHAALTIJD": "5",
        "BIDN_HERHALINGEN": "4",
        **config.settings,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
        "BIDN_DATA": str(config.data),
        "BIDN_DATABASE_URL": config.database_url,
        "BIDN_PORTAAL_URL": config.portaal_url,
    }


def _airflow(config: Config, known: dict[str, str]) -> dict[str, str]:
    home = config.airflow_home
    settings = {
        "CORE__DAGS_FOLDER": config.dags,
        "CORE__PLUGINS_FOLDER": ROOT / "plugins",
        "CORE__LOAD_EXAMPLES": False,
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": config.parallelism,
        "CORE__MAX_ACTIVE_TASKS_PER_DAG": max(16, config.parallelism),
        # Queue as many in one go as there is room for: of a large ronde a look at what is ready takes seconds.
        "SCHEDULER__MAX_TIS_PER_QUERY": 0,
        # As long as a look takes the scheduler is silent. One that is silent for longer takes itself for dead, and
        # begins everything anew that it had handed out.
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": 120,
        # The api-server answers forty requests at a time. With fewer connections than that one of the REST API can wait
        # for a connection in the thread that has to end the others: everything then stands still for half a minute.
        "DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": 40,
        "WORKERS__EXECUTION_API_TIMEOUT": 30,
        "CORE__DEFAULT_TIMEZONE": "Europe/Amsterdam",
        "CORE__FERNET_KEY": known["fernet_key"],
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in ROLES.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home / "logins.json",
        "CORE__EXECUTION_API_SERVER_URL": f"{config.airflow_url}/execution/",
        # One at a time writes to SQLite, and a scheduler that takes up what another left writes for a while.
        "DATABASE__SQL_ALCHEMY_CONN": f"{config.airflow_database_url}?timeout=25"
        if config.airflow_database_url.startswith("sqlite")
        else config.airflow_database_url,
        "API__HOST": HOST,
        "API__PORT": config.port_airflow,
        "API__BASE_URL": config.airflow_url,
        "API__SECRET_KEY": known["api_secret_key"],
        "API_AUTH__JWT_SECRET": known["jwt_secret"],
        "LOGGING__BASE_LOG_FOLDER": home / "logs",
        "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "LOGGING__LOGGING_CONFIG_CLASS": "include.airflow_logging.LOGGING_CONFIG",
        "DAG_PROCESSOR__REFRESH_INTERVAL": 5,
        "DAG_PROCESSOR__PARSING_PROCESSES": 1,
        "USAGE_DATA_COLLECTION__ENABLED": False,
    }
    if config.airflow_database_url.startswith("postgresql"):
        # psycopg 3 serves both ways; Airflow would look for asyncpg.
        settings["DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = config.airflow_database_url
    return {"AIRFLOW_HOME": str(home)} | {f"AIRFLOW__{name}": str(value) for name, value in settings.items()}


def _connections(config: Config, known: dict[str, str]) -> dict[str, str]:
    bron = {
        "conn_type": "http",
        "schema": "http",
        "host": HOST,
        "port": config.port_bronnen,
        "password": known["bron_token"],
    }
    smtp = {
        "conn_type": "smtp",
        "host": HOST,
        "port": config.port_mail,
        "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.example"},
    }
    connections = dict.fromkeys((pool.name for pool in pools()), bron) | {"smtp_default": smtp}
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in connections.items()}
