"""The demonstration that the launcher runs: three organisations, their vraagbestanden, the newest ronde."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from include.lokaal import mailvanger
from include.lokaal.config import Config
from include.lokaal.processes import Processes

if TYPE_CHECKING:
    from include.normen.kalender import Ronde
    from include.opslag.modellen import Organisatie, Publicatie
    from include.stappen.verwerking import Opslag

AANVRAGERS_PER_ORGANISATIE = 500
SEED = 1


@dataclass
class BijzondereBijstand:
    """The newest ronde that can run, for the organisations of a generated population."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def ronde(self) -> str:
        """Return the newest ronde whose rapportagemaand has begun and that the norms cover (B3, B9).

        Raises:
            NormFout: a table of norms is malformed.
        """
        return _newest().naam

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        """Generate the population of this ronde, unless it is there: same seed, same bytes."""
        wanted = {"aanvragers": AANVRAGERS_PER_ORGANISATIE, "seed": SEED, "ronde": self.ronde()}
        stamp = config.populatie / "demo.json"
        if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
            return
        options = [part for name, value in wanted.items() for part in (f"--{name}", str(value))]
        command = [
            "include.mock_sources",
            "genereer",
            "--per-organisatie",
            *options,
            "--uit",
            str(config.populatie),
        ]
        processes.run("population", command)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")

    def prepare_organisations(self, config: Config) -> None:
        """Register the organisations and hand in their vraagbestanden, in time for the ronde.

        What is there already stays as it is, so a second start changes nothing.
        """
        import yaml

        from include.opslag.migraties import migreer
        from include.stappen.leveren import lever
        from include.stappen.verwerking import Opslag

        migreer()
        opslag = Opslag()
        ronde = _newest()
        described = yaml.safe_load((config.populatie / "organisaties.yaml").read_text(encoding="utf-8"))
        received = _in_time(ronde)
        for description in described["organisaties"]:
            _register(opslag, description, entered=received)
            file = config.populatie / description["vraagbestand"]
            lever(
                opslag,
                organisatie=description["naam"],
                bestandsnaam=file.name,
                inhoud=file.read_bytes(),
                ontvangen=received,
            )

    def report(self, config: Config, console: Console) -> None:
        """Print what was published, where the readable copies are, and the mails of this run."""
        from include.opslag.organisaties import organisaties
        from include.opslag.publicaties import publicaties
        from include.stappen.verwerking import Opslag

        opslag = Opslag()
        ronde = _newest()
        table = Table(
            "Organisation", "Vraagbestand", "Rows read", "Rejected", "Version", "Reports", "Until", box=None
        )
        with opslag.database.raadpleging() as session:
            for organisatie in organisaties(session):
                current = publicaties(session, organisatie=organisatie, ronde=ronde.naam)
                table.add_row(*_line(opslag, organisatie, ronde, current))
                for publicatie in current:
                    write_copies(opslag, publicatie, config.rapporten)
        console.print(f"\nPublished for ronde {ronde.naam}", style="bold")
        console.print(table)
        console.print(f"\nReadable copies: {config.rapporten}", soft_wrap=True, highlight=False)
        _print_mails(mailvanger.lijst(config.mail), self.started, console)


def write_copies(opslag: Opslag, publicatie: Publicatie, folder: Path) -> list[Path]:
    """Write the files of one publication as the organisation would read them; return their paths."""
    from include.opslag.publicaties import lees_bestand

    into = (
        folder
        / (publicatie.ronde or "zonder ronde")
        / publicatie.organisatie.naam
        / f"versie {publicatie.versie}"
    )
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for bestand in publicatie.bestanden:
        path = into / bestand.naam
        path.write_bytes(lees_bestand(opslag.bestanden, bestand))
        written.append(path)
    return written


def _newest() -> Ronde:
    from include.normen import laden
    from include.opslag.tijd import dag_van

    ronde = laden.nieuwste_ronde(dag_van(datetime.now(UTC)))
    _, last = laden.dekking()
    while ronde.deelnamedatum > last:
        ronde = laden.ronde(ronde.maand.plus(-1))
    return ronde


def _in_time(ronde: Ronde) -> datetime:
    """A moment at which a delivery counts for ``ronde`` (besluit B2): ten days before it closes."""
    from include.opslag.tijd import AMSTERDAM

    return datetime.combine(ronde.deelnamedatum - timedelta(days=10), time(10), tzinfo=AMSTERDAM)


def _register(opslag: Opslag, description: dict[str, Any], *, entered: datetime) -> None:
    from include.opslag.modellen import Product
    from include.opslag.organisaties import (
        leg_instellingen_vast,
        registreer_aanmelding,
        registreer_organisatie,
        registreer_productbeheerder,
    )

    with opslag.database.transactie() as session:
        organisatie = registreer_organisatie(
            session, description["naam"], description["gemeentecodes"], nu=entered
        )
        for product in Product:
            for beheerder in description["productbeheerders"]:
                registreer_productbeheerder(session, organisatie, product=product, **beheerder)
        settings = description["instellingen"]
        leg_instellingen_vast(
            session,
            organisatie,
            nu=entered,
            vermogen=settings["vermogen"],
            voertuigen=settings["voertuigen"],
            percentage=settings["normpercentage"],
        )
        for aanmelding in description["aanmeldingen"]:
            einde = aanmelding["einde"]
            registreer_aanmelding(
                session,
                organisatie,
                Product(aanmelding["product"]),
                begin=date.fromisoformat(str(aanmelding["ingang"])),
                einde=date.fromisoformat(str(einde)) if einde else None,
            )


def _line(opslag: Opslag, organisatie: Organisatie, ronde: Ronde, current: list[Publicatie]) -> Iterable[str]:
    from include.stappen.leveren import tel

    telling = tel(opslag, organisatie, ronde)
    if telling is None:
        return organisatie.naam, "none", "", "", "", "not in the ronde", ""
    levering = telling.levering
    seen = (
        organisatie.naam,
        str(levering.status),
        str(levering.rijen_gelezen),
        str(levering.rijen_afgewezen),
    )
    if not current:
        return *seen, "", "none", ""
    newest = current[0]
    return (
        *seen,
        str(newest.versie),
        f"{newest.bestand('overzicht').rijen} aanvragers",
        str(newest.verwijderen_op),
    )


def _print_mails(mails: list[mailvanger.GevangenMail], since: datetime, console: Console) -> None:
    fresh = [mail for mail in mails if mail.ontvangen >= since]
    table = Table("To", "Subject", "File", box=None)
    for mail in fresh:
        table.add_row(mail.aan, mail.onderwerp, mail.pad.name)
    console.print(f"\nMails caught in this run: {len(fresh)}", style="bold")
    if fresh:
        console.print(table)
        console.print(f"\n{fresh[0].tekst.strip()}\n", style="dim", markup=False, highlight=False)
