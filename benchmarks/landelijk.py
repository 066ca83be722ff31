"""A full ronde of the whole country on this machine: ``make bench-landelijk``.

All 342 gemeenten, in organisations of every size, hand in together half a million aanvragers; LocalExecutor runs the
DAG as it is, on PostgreSQL, against the mock sources over HTTP. It is done at a quarter, at half and at the whole,
each time from an empty installation, so that growth shows. Everything is on the same cores: Airflow, the database,
the sources and the mail server too.

What it prints, and checks: every accepted aanvrager is reported, every organisation published, nothing failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, text

from include.errors import BidnFout, InstallatieFout
from include.local import environment
from include.local.config import HOST, Config, load
from include.local.demo import in_time, newest
from include.local.launcher import launch
from include.local.processes import Processes
from include.settings import database_op

AANVRAGERS = (125_000, 250_000, 500_000)
ORGANISATIES = 250
"""What 342 gemeenten make when one organisation in six is a gemeenschappelijke regeling."""
SLOTS = 64
"""Tasks at once, far more than cores: what a look of the scheduler finds ready has to last until its next look."""
SEED = 9
_MB = 1024
_TAAK = "airflow worker -- "


@dataclass(frozen=True)
class Landelijk(Config):
    """An installation of its own for each size, on one population."""

    gedeeld: Path = Path()

    @property
    def populatie(self) -> Path:
        """The population of the largest size, made once."""
        return self.gedeeld


@dataclass
class Land:
    """What the launcher runs: the first ``aandeel`` of every vraagbestand of the country."""

    aanvragers: int
    aandeel: float
    meting: Meting

    def ronde(self) -> str:
        """Return the newest ronde that can run."""
        return newest().naam

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        """Generate the country, unless it is there: same seed, same bytes."""
        gevraagd = {
            "aanvragers": self.aanvragers,
            "seed": SEED,
            "ronde": self.ronde(),
            "organisaties": ORGANISATIES,
        }
        stempel = config.populatie / "landelijk.json"
        if not stempel.exists() or json.loads(stempel.read_text()) != gevraagd:
            opties = [deel for naam, waarde in gevraagd.items() for deel in (f"--{naam}", str(waarde))]
            uit = ["--scheef", "--uit", str(config.populatie)]
            processes.run("populatie", ["include.mock_sources", "genereer", *opties, *uit])
            stempel.write_text(json.dumps(gevraagd))

    def prepare_organisations(self, config: Config) -> None:
        """Register the organisations and hand in their share."""
        from include.steps.leveren import lever
        from include.steps.registreren import lees_inschrijvingen, schrijf_in
        from include.steps.verwerking import Opslag
        from include.storage.migrations import migrate

        migrate()
        ontvangen = in_time(newest())
        opslag = Opslag(klok=lambda: ontvangen)
        for inschrijving in lees_inschrijvingen(config.populatie / "organisaties.yaml"):
            naam = schrijf_in(opslag, inschrijving).naam
            bestand = config.populatie / (inschrijving.vraagbestand or "")
            regels = bestand.read_bytes().splitlines(keepends=True)
            inhoud = b"".join(regels[: max(1, round(len(regels) * self.aandeel))])
            geleverd = lever(
                opslag, organisatie=naam, bestandsnaam=bestand.name, inhoud=inhoud, ontvangen=ontvangen
            )
            self.meting.aangenomen.append(geleverd.levering.rijen_goedgekeurd or 0)
        self.meting.begin()

    def report(self, config: Config, console: Console) -> None:  # noqa: ARG002 - the interface
        """Take what can only be asked while everything still runs."""
        self.meting.eind(config)


class Taak(NamedTuple):
    """One task instance, in seconds."""

    naam: str
    toestand: str
    duur: float
    stap: float
    """How long our step in it took."""


@dataclass
class Meting:
    """What one ronde took. Of processes it reads Linux's own account, so it only runs there."""

    aangenomen: list[int] = field(default_factory=list)
    gepubliceerd: list[int] = field(default_factory=list)
    duur: float = 0.0
    taken: list[Taak] = field(default_factory=list)
    piek: dict[str, int] = field(default_factory=dict)
    """Per task instance the most memory it had, in kB."""
    naam_van: dict[str, str] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    _klaar: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Begin to watch the tasks."""
        threading.Thread(target=self._kijk, daemon=True).start()

    def eind(self, config: Config) -> None:
        """Stop watching, and read what Airflow and our own database say of the ronde."""
        self._klaar.set()
        self.cpu = _cpu()
        engine = create_engine(config.airflow_database_url)
        with engine.connect() as verbinding:
            [(begin, eind)] = verbinding.execute(
                text("SELECT start_date, end_date FROM dag_run WHERE dag_id = :dag"), {"dag": config.dag_id}
            )
            self.duur = (eind - begin).total_seconds()
            rijen = verbinding.execute(
                text(
                    "SELECT t.id, t.task_id, t.state, t.start_date, t.end_date, x.value FROM task_instance t"
                    " LEFT JOIN xcom x ON (x.dag_id, x.run_id, x.task_id, x.map_index, x.key)"
                    " = (t.dag_id, t.run_id, t.task_id, t.map_index, 'return_value') WHERE t.dag_id = :dag"
                ),
                {"dag": config.dag_id},
            )
            for nummer, taak, toestand, van, tot, waarde in rijen:
                self.naam_van[str(nummer)] = taak
                self.taken.append(Taak(taak, str(toestand), _seconden(van, tot), _stap(waarde)))
        engine.dispose()
        self._lees_publicaties()

    def _lees_publicaties(self) -> None:
        from include.steps.verwerking import Opslag
        from include.storage.publicaties import find_publicaties

        with Opslag().database.reading() as sessie:
            self.gepubliceerd = [
                publicatie.bestand("overzicht").rijen or 0
                for publicatie in find_publicaties(sessie, ronde=newest().naam)
            ]

    def _kijk(self) -> None:
        while not self._klaar.wait(0.1):
            for pad in Path("/proc").glob("[0-9]*"):
                try:
                    titel = (pad / "cmdline").read_text(errors="replace")
                    if not titel.startswith(_TAAK):
                        continue
                    toestand = (pad / "status").read_text()
                except OSError:
                    continue
                _, gevonden, piek = toestand.partition("VmHWM:")
                if gevonden:  # one that has just ended has none any more
                    nummer = titel.removeprefix(_TAAK).strip("\0 ")
                    self.piek[nummer] = max(self.piek.get(nummer, 0), int(piek.split()[0]))

    @property
    def goed(self) -> bool:
        """Whether nothing failed and nobody is missing."""
        return (
            sorted(self.aangenomen) == sorted(self.gepubliceerd)
            and len(self.gepubliceerd) == ORGANISATIES
            and {taak.toestand for taak in self.taken} == {"success"}
        )

    @property
    def zwaarste(self) -> tuple[str, float]:
        """The task instance with the highest peak: its task, and MB."""
        nummer = max(self.piek, key=lambda een: self.piek[een])
        return self.naam_van.get(nummer, "?").removeprefix("toetsing."), self.piek[nummer] / _MB


def _cpu() -> dict[str, float]:
    """CPU seconds so far of each component, of its children too: what the machine was busy with."""
    gebruikt: dict[str, float] = {}
    for proces in psutil.process_iter(["cmdline", "name"]):
        opdracht = " ".join(proces.info["cmdline"] or [])
        soort = next((soort for teken, soort in _COMPONENTEN.items() if teken in opdracht), None)
        if soort is None:
            continue
        try:
            tijden = proces.cpu_times()
        except psutil.Error:
            continue
        gebruikt[soort] = gebruikt.get(soort, 0.0) + tijden.user + tijden.system
        if soort == "tasks":
            gebruikt[soort] += tijden.children_user + tijden.children_system
    return gebruikt


_COMPONENTEN = {
    "bidn_operators.preload": "scheduler",
    "LocalExecutor": "tasks",
    "api-server": "api-server",
    "airflow api_server": "api-server",
    "include.mock_sources": "mock sources",
    "dag-processor": "dag-processor",
}
"""What its command line or title holds tells a component; the tasks are children of LocalExecutor's workers."""


def _seconden(van: datetime | None, tot: datetime | None) -> float:
    return (tot - van).total_seconds() if van and tot else 0.0


def _stap(waarde: Any) -> float:  # noqa: ANN401 - JSON, as the driver gives it
    uitkomst = json.loads(waarde) if isinstance(waarde, str) else waarde
    return float(uitkomst.get("seconden", 0.0)) if isinstance(uitkomst, dict) else 0.0


def toon(metingen: dict[int, Meting], console: Console) -> None:
    """Print a line per size, how it grew, and where the largest spent its time."""
    tabel = Table(
        "Aanvragers",
        "Wall",
        "per 100,000",
        "Peak of a task",
        "Steps",
        "Tasks",
        "Airflow's share",
        "Slots idle",
    )
    for meting in metingen.values():
        stappen, taken = sum(taak.stap for taak in meting.taken), sum(taak.duur for taak in meting.taken)
        zwaarste, piek = meting.zwaarste
        tabel.add_row(
            f"{sum(meting.aangenomen):,}",
            f"{meting.duur / 60:.1f} min",
            f"{meting.duur / 60 / sum(meting.aangenomen) * 1e5:.1f} min",
            f"{piek:.0f} MB ({zwaarste})",
            f"{stappen:.0f} s",
            f"{taken:.0f} s",
            f"{1 - stappen / taken:.0%}",
            f"{1 - taken / (meting.duur * SLOTS):.0%}",
        )
    console.print(tabel)
    alle = sorted(metingen.items())
    (klein, eerste), (groot, laatste) = alle[0], alle[-1]
    if klein != groot:
        console.print(
            f"{groot / klein:.0f} × the aanvragers took {laatste.duur / eerste.duur:.2f} × the time "
            "(at most linear is the aim)."
        )
    per_taak = Table(
        "Task", "Instances", "Steps", "Tasks", "Peak", title=f"At {groot:,}", title_justify="left"
    )
    for naam in sorted({taak.naam for taak in laatste.taken}):
        rijen = [taak for taak in laatste.taken if taak.naam == naam]
        piek = max(
            (kb for nummer, kb in laatste.piek.items() if laatste.naam_van.get(nummer) == naam), default=0
        )
        per_taak.add_row(
            naam,
            str(len(rijen)),
            f"{sum(taak.stap for taak in rijen):.0f} s",
            f"{sum(taak.duur for taak in rijen):.0f} s",
            f"{piek / _MB:.0f} MB",
        )
    console.print(per_taak)
    busy = ", ".join(f"{naam} {seconden:.0f} s" for naam, seconden in sorted(laatste.cpu.items()))
    console.print(f"CPU of the components, from their start: {busy}", highlight=False)


def main(argumenten: list[str] | None = None) -> int:
    """Run; exit code 0, 1 when a ronde was not whole, 2 when it could not be started."""
    ontleder = argparse.ArgumentParser(prog="python -m benchmarks.landelijk", description=__doc__)
    ontleder.add_argument("--aanvragers", type=int, nargs="+", default=list(AANVRAGERS), help="the sizes")
    opties = ontleder.parse_args(argumenten)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    metingen: dict[int, Meting] = {}
    try:
        eigen = load()
        for aantal in opties.aanvragers:
            config = _installatie(eigen, aantal)
            os.environ.clear()
            ours = environment.build(config, environment.load_secrets(config.secrets))
            os.environ.update(ours)
            meting = metingen[aantal] = Meting()
            land = Land(max(opties.aanvragers), aantal / max(opties.aanvragers), meting)
            if launch(config, land, console, stay=False) or not meting.goed:
                console.print(
                    f"At {aantal:,} the ronde is not whole: {len(meting.gepubliceerd)} of {ORGANISATIES} organisations "
                    f"published, {sum(meting.gepubliceerd)} of {sum(meting.aangenomen)} aanvragers. See {config.logs}.",
                    style="red",
                )
                return 1
            toon({aantal: meting}, console)
    except BidnFout as fout:
        console.print(str(fout), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    toon(metingen, console)
    return 0


def _installatie(config: Config, aantal: int) -> Landelijk:
    """An empty installation on databases of its own. Raises InstallatieFout without PostgreSQL."""
    postgres = config.settings.get("BIDN_POSTGRES")
    if not postgres:
        raise InstallatieFout(
            "This benchmark needs PostgreSQL: set BIDN_POSTGRES, for instance to "
            f"postgresql://postgres@{HOST}:5432 (it makes and drops databases named bidn_landelijk…)."
        )
    data = config.data / "landelijk" / str(aantal)
    shutil.rmtree(data, ignore_errors=True)
    onze, airflow = (database_op(postgres, f"bidn_landelijk{staart}") for staart in ("", "_airflow"))
    for url in (onze, airflow):
        _verwijder(url)
    return Landelijk(
        data=data,
        port_airflow=config.port_airflow,
        port_bronnen=config.port_bronnen,
        port_mail=config.port_mail,
        port_portaal=config.port_portaal,
        port_inlogdienst=config.port_inlogdienst,
        database_url=onze,
        airflow_database_url=airflow,
        settings=config.settings,
        gedeeld=config.data / "landelijk" / "populatie",
        parallelism=SLOTS,
        pool_slots=SLOTS,
    )


def _verwijder(url: str) -> None:
    server, _, naam = url.rpartition("/")
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as verbinding:
        verbinding.execute(text(f'DROP DATABASE IF EXISTS "{naam}" WITH (FORCE)'))
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
