"""Ports, paths and databases of the local installation: one place, `.env`, with a default for everything."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from bidn_operators.pools import SLOTS
from include.errors import InstallatieFout
from include.settings import PROJECT, database_op, lees_env_bestand

ROOT = PROJECT
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Config:
    """Where the local installation keeps its state and where its parts listen.

    ``data`` holds everything that is written; removing that folder is a complete reset. The database URLs are
    SQLAlchemy's. ``settings`` are all ``BIDN_*`` settings as they were given, for the components that read
    others than these. ``dags`` and ``dag_id`` say what is run. ``parallelism`` is how many tasks run at once, and
    ``pool_slots`` how many of them may question the same source.
    """

    data: Path
    port_airflow: int
    port_bronnen: int
    port_mail: int
    port_portaal: int
    port_inlogdienst: int
    database_url: str
    airflow_database_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    dags: Path = ROOT / "dags"
    dag_id: str = "bijzondere_bijstand"
    parallelism: int = min(4, 2 * (os.cpu_count() or 1))
    pool_slots: int = SLOTS

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: its SQLite database and its task logs."""
        return self.data / "airflow"

    @property
    def logs(self) -> Path:
        """One file per component: what it printed."""
        return self.data / "logs"

    @property
    def mail(self) -> Path:
        """The mailbox of the mail catcher: one .eml per message."""
        return self.data / "mail"

    @property
    def populatie(self) -> Path:
        """The synthetic population that the mock sources serve, with its vraagbestanden."""
        return self.data / "populatie"

    @property
    def rapporten(self) -> Path:
        """Readable copies of what was published."""
        return self.data / "rapporten"

    @property
    def secrets(self) -> Path:
        """The secrets of this installation, made once."""
        return self.data / "geheimen.json"

    @property
    def airflow_url(self) -> str:
        """Where Airflow's pages and its REST API are."""
        return f"http://{HOST}:{self.port_airflow}"

    @property
    def portaal_url(self) -> str:
        """Where a municipality works; ``make up`` keeps it open."""
        return f"http://{HOST}:{self.port_portaal}"

    @property
    def inlogdienst_url(self) -> str:
        """Where the development identity provider is."""
        return f"http://{HOST}:{self.port_inlogdienst}"

    @property
    def gebruikers(self) -> Path:
        """Whom the development identity provider knows: the productbeheerders of the demo."""
        return self.data / "populatie" / "gebruikers.yaml"

    @property
    def bronnen_url(self) -> str:
        """Where the mock sources answer."""
        return f"http://{HOST}:{self.port_bronnen}"


def load(environment: Mapping[str, str] | None = None, env_file: Path | None = None) -> Config:
    """Read the configuration: the environment first, then `.env`, then the defaults of `.env.example`.

    Raises:
        InstallatieFout: a line of `.env` or a port cannot be read; says which.
    """
    settings = lees_env_bestand(ROOT / ".env" if env_file is None else env_file)
    settings |= os.environ if environment is None else environment
    data = (ROOT / (settings.get("BIDN_DATA") or "data")).resolve()
    postgres = settings.get("BIDN_POSTGRES")
    return Config(
        data=data,
        port_airflow=_port(settings, "BIDN_POORT_AIRFLOW", 8080),
        port_bronnen=_port(settings, "BIDN_POORT_BRONNEN", 8500),
        port_mail=_port(settings, "BIDN_POORT_MAIL", 8025),
        port_portaal=_port(settings, "BIDN_POORT_PORTAAL", 8600),
        port_inlogdienst=_port(settings, "BIDN_POORT_INLOGDIENST", 8601),
        database_url=settings.get("BIDN_DATABASE_URL")
        or (database_op(postgres, "bidn") if postgres else f"sqlite:///{data / 'bidn.sqlite'}"),
        airflow_database_url=settings.get("BIDN_AIRFLOW_DATABASE_URL")
        or (
            database_op(postgres, "bidn_airflow")
            if postgres
            else f"sqlite:///{data / 'airflow' / 'airflow.sqlite'}"
        ),
        settings={name: value for name, value in settings.items() if name.startswith("BIDN_")},
    )


def check_ports(config: Config) -> None:
    """Make sure that every port the installation listens on is free, and asked for once.

    Raises:
        InstallatieFout: names each port that is not, what it is for, and how to choose another.
    """
    wanted = {
        "BIDN_POORT_AIRFLOW": (config.port_airflow, "Airflow"),
        "BIDN_POORT_BRONNEN": (config.port_bronnen, "the mock sources"),
        "BIDN_POORT_MAIL": (config.port_mail, "the mail catcher"),
        "BIDN_POORT_PORTAAL": (config.port_portaal, "the portal"),
        "BIDN_POORT_INLOGDIENST": (config.port_inlogdienst, "the development identity provider"),
    }
    taken = [
        f"Port {port}, for {purpose}, is in use: stop what uses it, or set {name} in .env to a free port."
        for name, (port, purpose) in wanted.items()
        if not _is_free(port)
    ] + [
        f"{one} and {other} in .env are both {port}: give each a port of its own."
        for (one, (port, _)), (other, (same, _)) in combinations(wanted.items(), 2)
        if port == same
    ]
    if taken:
        raise InstallatieFout("\n".join(taken))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection of the previous run that is still closing does not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _port(settings: Mapping[str, str], name: str, default: int) -> int:
    value = settings.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise InstallatieFout(f"{name} is {value!r}: a port is a number from 1 to 65535.")
    return int(value)
