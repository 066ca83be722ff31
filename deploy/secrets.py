"""``python -m deploy.secrets``: make the secrets of a cluster that are not there yet, one file each.

A file is named by the environment variable it becomes (deploy/entrypoint.sh), except those that another image
reads by its own name. Nothing is ever replaced: to rotate a secret, see docs/deployment.md. Needs only Python
and, for the keys of the file store, our own packages.

The addresses in here are those of docker-compose.yaml. A cluster with its own PostgreSQL, Redis, object store,
sources or mail server writes the file of that connection itself, before the first start or at any later one.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from bidn_operators.pools import pools
from bidn_operators.roles import ROLES
from include.storage.keys import new_hash_key, new_identity
from include.storage.roles import Role

FOLDER = Path("secrets")
BRON_POORT, MAIL_POORT = 8500, 8025


def files(known: dict[str, str], random: Callable[[], str]) -> dict[str, str]:
    """Return the contents of every secret, by file name; ``known`` are those that exist and stay as they are.

    What is derived from another secret (a URL with a password in it) is derived from the one that exists.
    """
    found = dict(known)

    def one(name: str, make: Callable[[], str]) -> str:
        return found.setdefault(name, make())

    airflow, bidn = (one(f"postgres_{user}", random) for user in ("airflow", "bidn"))
    broker, store, token = (one(name, random) for name in ("redis", "objectopslag", "bron_token"))
    airflow_url = f"postgresql+psycopg://airflow:{_quoted(airflow)}@postgres-airflow:5432/airflow"
    one("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", lambda: airflow_url)
    # psycopg 3 serves both ways; Airflow would look for asyncpg.
    one("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", lambda: airflow_url)
    one("AIRFLOW__CELERY__RESULT_BACKEND", lambda: f"db+{airflow_url}")
    one("AIRFLOW__CELERY__BROKER_URL", lambda: f"redis://:{_quoted(broker)}@redis:6379/0")
    # The portal counts what its replicas do in the same Redis, in a database of its own.
    one("BIDN_PORTAAL_LIMIETEN", lambda: f"redis://:{_quoted(broker)}@redis:6379/1")
    # What the identity provider gave the portal takes the place of this one.
    one("BIDN_OIDC_CLIENT_SECRET", random)
    one("AIRFLOW__CORE__FERNET_KEY", lambda: base64.urlsafe_b64encode(os.urandom(32)).decode())
    one("AIRFLOW__API__SECRET_KEY", random)
    one("AIRFLOW__API_AUTH__JWT_SECRET", lambda: random() + random())
    one("BIDN_DATABASE_URL", lambda: f"postgresql+psycopg://bidn:{_quoted(bidn)}@postgres-bidn:5432/bidn")
    for role in Role:
        login, password = f"bidn_{role.lower()}", one(f"postgres_bidn_{role.lower()}", random)
        one(f"BIDN_DATABASE_URL_{role}", lambda: _as(login, password, found["BIDN_DATABASE_URL"]))  # noqa: B023
    one("BIDN_SLEUTELS", new_identity)
    one("BIDN_HASHSLEUTEL", new_hash_key)
    bron = {"conn_type": "http", "schema": "http", "host": "bronnen", "port": BRON_POORT, "password": token}
    for pool in pools():
        one(f"AIRFLOW_CONN_{pool.name.upper()}", lambda: json.dumps(bron))
    one("AIRFLOW_CONN_SMTP_DEFAULT", lambda: json.dumps(_smtp()))
    one("AIRFLOW_CONN_OPSLAG", lambda: json.dumps(_objectopslag(store)))
    for user in ROLES:
        one(f"login_{user}", random)
    return found


def write(folder: Path) -> list[str]:
    """Write the secrets that ``folder`` does not hold yet; returns their names.

    Only its owner can enter the folder. The files themselves can be read: inside a container they belong to
    another user than the one that runs there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    known = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
    made = {
        name: value
        for name, value in files(known, lambda: secrets.token_urlsafe(24)).items()
        if name not in known
    }
    for name, value in made.items():
        with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
            file.write(value)
    return sorted(made)


def _quoted(password: str) -> str:
    """As a password stands in a URL."""
    return quote(password, safe="")


def _as(login: str, password: str, url: str) -> str:
    """The owner's URL with another login."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{login}:{_quoted(password)}@{parts.netloc.rpartition('@')[2]}").geturl()


def _smtp() -> dict[str, object]:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.example"}
    return {"conn_type": "smtp", "host": "mailvanger", "port": MAIL_POORT, "extra": extra}


def _objectopslag(password: str) -> dict[str, object]:
    extra = {"endpoint_url": "http://objectopslag:9000", "region_name": "eu-west-1"}
    return {"conn_type": "aws", "login": "bidn", "password": password, "extra": extra}


def main(arguments: list[str] | None = None) -> int:
    """Write what is missing and say which; never prints a secret."""
    parser = argparse.ArgumentParser(prog="python -m deploy.secrets", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args(arguments).folder
    made = write(folder)
    sys.stdout.write(f"{folder}: {len(made)} made{': ' if made else ''}{', '.join(made)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
