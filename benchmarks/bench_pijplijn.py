"""The pipelines as they are run: from intake to verslag, a ronde of 20 organisations, Alleenverdieners for 60.

``python -m benchmarks pijplijn --tegen DIR`` runs the same work in another checkout too, by turns with this one, so
that both meet the same machine. It uses only what stays the same between checkouts: the command line, the DAG ids with
their parameters, and the settings in the environment. Population and sources are those of this checkout.

Each measurement is a process on a copy of an installation that is ready. Wall and CPU (user and system) are of that
process; ``work`` is the processor time without the start of Python and Airflow. The sources are in another process
and count for the wall only. ``dag.test()`` runs one task at a time, without a scheduler.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from benchmarks.bench_intake import GEMEENTEN, vraagbestand
from include.local.demo import in_time, newest
from include.mock_sources import mock_bronnen
from include.mock_sources.__main__ import main as generate
from include.settings import PROJECT

TIMES = 3
ROWS = 1_000_000
"""Of the vraagbestand that is handed in."""
BAD = 0.1
"""Share of them that is bad."""
RONDE = ["--organisaties", "20", "--aanvragers", "5000", "--seed", "20"]
LIJST = [
    *("--organisaties", "60", "--aanvragers", "60", "--seed", "60"),
    *("--alleenverdieners-landelijk", "10000"),
]
LOKET = "Loket"
BIG = "groot.csv"
BRONNEN = ("bron_brp", "bron_uwv", "bron_belastingdienst", "bron_rdw", "bron_bijstand")

# Each prints, last, the processor time of the work; one that does not end well ends with an exit code.
RUN_DAG = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
dag = DagBag(sys.argv[1], collect_dags=True).dags[sys.argv[2]]
begin = time.process_time()
run = dag.test(run_conf=json.loads(sys.argv[3]))
print(time.process_time() - begin)
sys.exit(run.state != "success")
"""
RUN_CLI = """
import json, sys, time
from include.cli import app
begin = time.process_time()
for command in json.loads(sys.argv[1]):
    if code := app(command, standalone_mode=False):
        sys.exit(code)
print(time.process_time() - begin)
"""
INITDB = "from airflow.utils.db import initdb; initdb()"


class Took(NamedTuple):
    """What one measurement took, in seconds."""

    wall: float
    cpu: float
    work: float


class Case(NamedTuple):
    """One kind of work: how an installation is made ready for it, and what is measured."""

    name: str
    prepare: list[list[str]]
    """Commands of the command line."""
    code: str
    arguments: list[str]


@dataclass(frozen=True)
class Tree:
    """A checkout, with the folder that holds its installations and the addresses of sources and mail server."""

    name: str
    root: Path
    folder: Path
    addresses: dict[str, str]

    def organisaties(self, kind: str, options: list[str]) -> list[dict[str, Any]]:
        """The organisations of the generated population, written as this checkout writes them."""
        target = self.folder / kind
        self._run(target, ["-m", "include.mock_sources", "genereer", *options, "--uit", str(target)])
        found: list[dict[str, Any]] = yaml.safe_load((target / "organisaties.yaml").read_text())[
            "organisaties"
        ]
        return found

    def register(self, kind: str, organisaties: list[dict[str, Any]]) -> list[str]:
        """The command that registers these organisations."""
        file = self.folder / f"{kind}.yaml"
        file.write_text(yaml.safe_dump({"organisaties": organisaties}, allow_unicode=True))
        return ["organisatie", "registreer", "--bestand", str(file)]

    def prepare(self, number: int, case: Case) -> None:
        """Make the installation that every measurement of this case is a copy of."""
        home = self._ready(number)
        (home / "airflow").mkdir(parents=True)
        self._run(home, ["-c", INITDB])
        self._run(home, ["-c", RUN_CLI, json.dumps(case.prepare)])

    def measure(self, number: int, case: Case) -> Took:
        """Do the work of this case once, on a copy of the installation that is ready for it."""
        home = self.folder / "now"
        shutil.copytree(self._ready(number), home)
        before, start = os.times(), time.perf_counter()
        said = self._run(home, ["-c", case.code, *case.arguments])
        wall, after = time.perf_counter() - start, os.times()
        shutil.rmtree(home)
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Took(wall, cpu, float(said.splitlines()[-1]))

    def _ready(self, number: int) -> Path:
        return self.folder / f"ready-{number}"

    def _run(self, home: Path, arguments: list[str]) -> str:
        """Run Python in this checkout on an installation; return what it printed.

        Raises:
            RuntimeError: it failed; its last words are in the message.
        """
        environment = self._environment(home)
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def _environment(self, home: Path) -> dict[str, str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "BIDN_"))
        }
        return {
            **clean,
            **self.addresses,
            "PYTHONPATH": os.pathsep.join([str(self.root), str(self.root / "plugins")]),
            "BIDN_DATA": str(home / "data"),
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.root / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.root / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__FERNET_KEY": "",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow' / 'airflow.sqlite'}",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }


def cases(tree: Tree, population: Path) -> list[Case]:
    """The three, for this checkout; the vraagbestanden are those of ``population``, the same for every checkout."""
    ronde = newest()
    moment = in_time(ronde).strftime("%Y-%m-%dT%H:%M")

    def hand_in(naam: str, bestand: Path) -> list[str]:
        return ["lever", "--organisatie", naam, "--bestand", str(bestand), "--ontvangen", moment]

    deelnemers = tree.organisaties("ronde", RONDE)
    loket = deelnemers[0] | {"naam": LOKET, "gemeentecodes": sorted(GEMEENTEN)}
    geleverd = [hand_in(een["naam"], population / een["vraagbestand"]) for een in deelnemers]
    ontvangers = [_for_every_product(een) for een in tree.organisaties("lijst", LIJST)]
    verslag = ["verslag", "--organisatie", LOKET, "--uit", str(tree.folder / "now" / "uit")]
    dags = str(tree.root / "dags")
    return [
        Case(
            f"intake to verslag, {ROWS:,} rows",
            [tree.register("loket", [loket])],
            RUN_CLI,
            [json.dumps([hand_in(LOKET, population / BIG), verslag])],
        ),
        Case(
            f"ronde, {len(deelnemers)} organisations",
            [tree.register("ronde", deelnemers), *geleverd],
            RUN_DAG,
            [dags, "bijzondere_bijstand", json.dumps({"ronde": ronde.naam})],
        ),
        Case(
            f"Alleenverdieners, {len(ontvangers)} organisations",
            [tree.register("lijst", ontvangers)],
            RUN_DAG,
            [dags, "alleenverdieners", "{}"],
        ),
    ]


def _for_every_product(organisatie: dict[str, Any]) -> dict[str, Any]:
    """The organisation with the registration it has for Bijzondere Bijstand for Alleenverdieners too."""
    een = organisatie["aanmeldingen"][0]
    products = ("bijzondere-bijstand", "alleenverdieners")
    return organisatie | {"aanmeldingen": [een | {"product": product} for product in products]}


@contextmanager
def world(folder: Path) -> Iterator[dict[str, str]]:
    """The population, its sources and a mail server that keeps nothing; the addresses as environment variables."""
    for kind, options in (("ronde", RONDE), ("lijst", LIJST)):
        generate(["genereer", *options, "--uit", str(folder / kind)])
    # One service has both: the people of the ronde, and the levering over all gemeenten.
    population = folder / "ronde"
    shutil.rmtree(population / "alleenverdieners", ignore_errors=True)
    shutil.copytree(folder / "lijst" / "alleenverdieners", population / "alleenverdieners")
    (population / BIG).write_bytes(vraagbestand(ROWS, BAD))
    post = Controller(Sink(), hostname="127.0.0.1", port=_free_port())
    post.start()
    try:
        with mock_bronnen(population) as url:
            yield _connections(url, post.port)
    finally:
        post.stop()


def _connections(bronnen: str, mail: int) -> dict[str, str]:
    bron = {"conn_type": "http", "host": "127.0.0.1", "port": urlsplit(bronnen).port, "password": "geheim"}
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "noreply@bidn.test"}
    smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail, "extra": extra}
    connections = dict.fromkeys(BRONNEN, bron) | {"smtp_default": smtp}
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in connections.items()}


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def main(tegen: Path | None = None, times: int = TIMES) -> None:
    """Print the medians of every case, and with another checkout its medians and ours divided by them."""
    roots = {"this": PROJECT} | ({"other": tegen.resolve()} if tegen else {})
    with tempfile.TemporaryDirectory() as map_, world(Path(map_)) as addresses:
        trees = [Tree(name, root, Path(map_, name), addresses) for name, root in roots.items()]
        work = [cases(tree, Path(map_, "ronde")) for tree in trees]
        print(f"seconds, the median of {times}; CPU of the process, and of that the work without its start")
        print(f"{'':46} {'wall':>7} {'cpu':>7} {'work':>7}")
        for number, same in enumerate(zip(*work, strict=True)):
            for tree, case in zip(trees, same, strict=True):
                tree.prepare(number, case)
            took: dict[str, list[Took]] = {name: [] for name in roots}
            for _ in range(times):
                for tree, case in zip(trees, same, strict=True):
                    took[tree.name].append(tree.measure(number, case))
            _report(same[0].name, took)


def _report(name: str, took: dict[str, list[Took]]) -> None:
    medians = [[statistics.median(column) for column in zip(*rows, strict=True)] for rows in took.values()]
    for tree, numbers in zip(took, medians, strict=True):
        print(f"{name:40} {tree:5}" + "".join(f" {number:7.2f}" for number in numbers), flush=True)
    if len(medians) > 1:
        ratios = [ours / theirs for ours, theirs in zip(*medians, strict=True)]
        print(f"{'':40} ratio" + "".join(f" {ratio:7.2f}" for ratio in ratios), flush=True)
