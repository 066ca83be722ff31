"""What the launcher runs: three organisations, the newest ronde, and a national levering of Alleenverdieners."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from include.local import mail_catcher
from include.local.config import Config
from include.local.processes import Processes, bare

if TYPE_CHECKING:
    from include.normen.kalender import Ronde
    from include.steps.verwerking import Opslag
    from include.storage.models import Organisatie, Publicatie

AANVRAGERS_PER_ORGANISATIE = 500
ALLEENVERDIENERS = 6_000
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
        return newest().naam

    def prepare_sources(self, config: Config, processes: Processes) -> None:
        """Generate the population of this ronde, unless it is there: same seed, same bytes."""
        wanted = {
            "aanvragers": AANVRAGERS_PER_ORGANISATIE,
            "seed": SEED,
            "ronde": self.ronde(),
            "alleenverdieners-landelijk": ALLEENVERDIENERS,
        }
        stamp = config.populatie / "demo.json"
        if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
            return
        options = [part for name, value in wanted.items() for part in (f"--{name}", str(value))]
        options += ["--per-organisatie", "--uit", str(config.populatie)]
        processes.run("population", ["include.mock_sources", "genereer", *options], bare())
        stamp.write_text(json.dumps(wanted), encoding="utf-8")

    def prepare_organisations(self, config: Config) -> None:
        """Register the organisations and hand in their vraagbestanden, in time for the ronde.

        Whoever is known stays as somebody left it, and who delivered for the ronde or is no longer registered
        hands nothing in: a second start changes nothing.
        """
        from include.steps.installation import prepare_database
        from include.steps.leveren import lever, moet_nog_leveren
        from include.steps.registreren import lees_inschrijvingen, schrijf_in_als_nieuw
        from include.steps.verwerking import Opslag

        prepare_database()
        received = in_time(newest())
        write_users(config)
        opslag = Opslag(klok=lambda: received)
        for inschrijving in lees_inschrijvingen(config.populatie / "organisaties.yaml"):
            organisatie = schrijf_in_als_nieuw(opslag, inschrijving)
            if moet_nog_leveren(opslag, organisatie, newest()):
                naam = organisatie.naam
                file = config.populatie / (inschrijving.vraagbestand or f"vraagbestanden/{naam}.csv")
                content = file.read_bytes()
                lever(opslag, organisatie=naam, bestandsnaam=file.name, inhoud=content, ontvangen=received)

    def report(self, config: Config, console: Console) -> None:
        """Print what was published, where the readable copies are, and the mails of this run."""
        from include.commands.rapporten import schrijf_uit
        from include.steps.raadplegen import alle_publicaties
        from include.steps.registreren import ingeschreven
        from include.steps.verwerking import Opslag

        opslag = Opslag()
        ronde = newest()
        table = Table(
            "Organisation", "Vraagbestand", "Rows", "Rejected", "Version", "Until", "Reports", box=None
        )
        for organisatie, *_ in ingeschreven(opslag):
            current = alle_publicaties(opslag, organisatie=organisatie.naam, ronde=ronde.naam)
            copies = [
                path for publicatie in current for path in schrijf_uit(opslag, publicatie, config.rapporten)
            ]
            table.add_row(*_line(opslag, organisatie, ronde, current, copies))
        console.print(f"\nPublished for ronde {ronde.naam}; the reports are readable copies", style="bold")
        console.print(table)
        _print_mails(mail_catcher.lijst(config.mail), self.started, console)


@dataclass
class Alleenverdieners:
    """The leveringen that the Belastingdienst announces, for the same organisations; see BijzondereBijstand."""

    dag_id: str = "alleenverdieners"
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def report(self, config: Config, console: Console) -> None:
        """Print where the rows of each levering are, the lists that can be fetched, and the mails of this run."""
        from include.commands.rapporten import schrijf_uit
        from include.schemas.domein import Product
        from include.steps.lijsten import verantwoord
        from include.steps.raadplegen import alle_publicaties
        from include.steps.verwerking import Opslag

        opslag = Opslag()
        counts = Table("Levering", "Rows", "Published", "Held back", "Rejected", "Double", box=None)
        for line in verantwoord(opslag, run=""):
            names = ("levering", "gelezen", "gepubliceerd", "aangehouden", "afgewezen", "dubbel")
            counts.add_row(*(str(line[name]) for name in names))
        lists = Table("Organisation", "Levering", "Gemeente", "Rows", "Version", "Until", "List", box=None)
        current = alle_publicaties(opslag, product=Product.ALLEENVERDIENERS)
        for publicatie in sorted(current, key=lambda one: (one.organisatie.naam, one.reeks)):
            copies = schrijf_uit(opslag, publicatie, config.rapporten)
            lists.add_row(
                publicatie.organisatie.naam,
                publicatie.manifest["periode"],
                publicatie.gemeentecode,
                str(publicatie.bestand("lijst").rijen),
                str(publicatie.versie),
                str(publicatie.verwijderen_op),
                "\n".join(map(_short, copies)),
            )
        console.print("\nWhere the rows of each levering are", style="bold")
        console.print(counts)
        console.print("\nLists that can be fetched; these are readable copies", style="bold")
        console.print(lists)
        mails = [mail for mail in mail_catcher.lijst(config.mail) if "Alleenverdieners" in mail.onderwerp]
        _print_mails(mails, self.started, console)


def write_users(config: Config) -> None:
    """Write whom the development identity provider knows: everybody who is registered in the demo, by address."""
    import yaml

    from include.steps.registreren import lees_inschrijvingen

    people: dict[str, str] = {}
    for inschrijving in lees_inschrijvingen(config.populatie / "organisaties.yaml"):
        people |= {one.email: one.naam for one in inschrijving.productbeheerders}
        people |= {one.email: one.naam for one in inschrijving.gebruikersbeheerders}
    users = [
        {"sub": f"demo-{number}", "naam": name, "email": address}
        for number, (address, name) in enumerate(sorted(people.items()), start=1)
    ]
    config.gebruikers.write_text(yaml.safe_dump({"gebruikers": users}, allow_unicode=True), encoding="utf-8")


def newest() -> Ronde:
    """Return the newest ronde whose rapportagemaand has begun and that the norms cover (B3, B9)."""
    from include.moments import day_of
    from include.normen import laden

    ronde = laden.nieuwste_ronde(day_of(datetime.now(UTC)))
    _, last = laden.dekking()
    while ronde.deelnamedatum > last:
        ronde = laden.ronde(ronde.maand.plus(-1))
    return ronde


def in_time(ronde: Ronde) -> datetime:
    """A moment at which a delivery counts for ``ronde`` (besluit B2): ten days before it closes."""
    from include.moments import AMSTERDAM

    return datetime.combine(ronde.deelnamedatum - timedelta(days=10), time(10), tzinfo=AMSTERDAM)


def _line(
    opslag: Opslag, organisatie: Organisatie, ronde: Ronde, current: list[Publicatie], copies: list[Path]
) -> Iterable[str]:
    from include.steps.leveren import tel

    telling = tel(opslag, organisatie, ronde)
    if telling is None:
        return organisatie.naam, "none", "", "", "", "", "not in the ronde"
    levering = telling.levering
    seen = (
        organisatie.naam,
        str(levering.status),
        str(levering.rijen_gelezen),
        str(levering.rijen_afgewezen),
    )
    if not current:
        return *seen, "", "", "none"
    newest = current[0]
    return *seen, str(newest.versie), str(newest.verwijderen_op), "\n".join(map(_short, copies))


def _short(path: Path) -> str:
    """The path as one would type it from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _print_mails(mails: list[mail_catcher.GevangenMail], since: datetime, console: Console) -> None:
    fresh = [mail for mail in mails if mail.ontvangen >= since]
    table = Table("To", "Subject", "File", box=None)
    for mail in fresh:
        table.add_row(mail.aan, mail.onderwerp, mail.pad.name)
    console.print(f"\nMails caught in this run: {len(fresh)}", style="bold")
    if fresh:
        console.print(table)
        console.print(f"\n{fresh[0].tekst.strip()}\n", style="dim", markup=False, highlight=False)
