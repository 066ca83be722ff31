"""``python -m include.mock_sources``: serve a population, ``genereer`` one, or serve an ``inlogdienst``."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from include.errors import BidnFout
from include.normen.kalender import Maand


def _ronde(tekst: str) -> Maand:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", tekst):
        raise argparse.ArgumentTypeError("a ronde is written JJJJ-MM")
    return Maand(int(tekst[:4]), int(tekst[5:]))


def _positief(tekst: str) -> int:
    if not tekst.isascii() or not tekst.isdigit() or not int(tekst):
        raise argparse.ArgumentTypeError("a whole number above zero")
    return int(tekst)


def _opties() -> argparse.ArgumentParser:
    ontleder = argparse.ArgumentParser(prog="python -m include.mock_sources", description=__doc__)
    ontleder.add_argument("--populatie", type=Path, metavar="DIR", help="the population directory to serve")
    ontleder.add_argument("--host", default="127.0.0.1")
    ontleder.add_argument("--port", type=int, default=8500)
    opdrachten = ontleder.add_subparsers(dest="opdracht", metavar="genereer | inlogdienst")
    maak = opdrachten.add_parser("genereer", help="write a synthetic population with vraagbestanden")
    maak.add_argument(
        "--aanvragers", type=_positief, required=True, metavar="N", help="in total over all organisations"
    )
    maak.add_argument("--per-organisatie", action="store_true", help="N aanvragers for each organisation")
    maak.add_argument(
        "--scheef", action="store_true", help="a few large organisations and many small ones, as in a country"
    )
    maak.add_argument("--seed", type=int, required=True, metavar="S", help="same seed, same bytes")
    maak.add_argument(
        "--uit", type=Path, required=True, metavar="DIR", help="the folder; an earlier population is replaced"
    )
    maak.add_argument("--organisaties", type=_positief, metavar="K", help="how many (3)")
    maak.add_argument(
        "--ronde", type=_ronde, metavar="JJJJ-MM", help="dates go by it (the newest that can be run)"
    )
    maak.add_argument("--maanden", type=_positief, default=15, help="months of incomes (15)")
    maak.add_argument(
        "--alleenverdieners-landelijk",
        type=int,
        default=0,
        metavar="N",
        help="a levering of N households over all gemeenten (a real one has 6000 to 10000)",
    )
    maak.add_argument("--gebroken-leveringen", action="store_true", help="also one levering for each defect")
    inlog = opdrachten.add_parser("inlogdienst", help="serve an OpenID Connect provider without passwords")
    inlog.add_argument("--host", default="127.0.0.1")
    inlog.add_argument("--port", type=int, default=8601)
    inlog.add_argument(
        "--gebruikers",
        type=Path,
        metavar="FILE",
        help="YAML: gebruikers, each with sub, naam and email (the demo's)",
    )
    return ontleder


def _genereer(opties: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from include.mock_sources.genereren.genereer import Opdracht, genereer
    from include.mock_sources.genereren.wereld import nieuwste_ronde

    per_organisatie = opties.per_organisatie
    organisaties = opties.organisaties or (3 if per_organisatie else min(3, opties.aanvragers))
    totaal = opties.aanvragers * (organisaties if per_organisatie else 1)
    opdracht = Opdracht(
        aanvragers=totaal,
        seed=opties.seed,
        scheef=opties.scheef,
        ronde=opties.ronde or nieuwste_ronde(dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()),
        organisaties=organisaties,
        maanden=opties.maanden,
        landelijk=opties.alleenverdieners_landelijk,
        gebroken=opties.gebroken_leveringen,
    )
    with Progress(console=Console(stderr=True), transient=True) as balk:
        taak = balk.add_task("aanvragers", total=totaal)
        uitkomst = genereer(opdracht, opties.uit, lambda klaar: balk.update(taak, completed=klaar))
    sys.stdout.write(
        f"{opties.uit}: ronde {opdracht.ronde}, {totaal} aanvragers, {opdracht.organisaties} organisations, "
        f"{uitkomst.bsns} BSNs, {uitkomst.alleenverdieners} alleenverdieners (simulated)\n"
    )
    if uitkomst.buiten_9999:
        sys.stdout.write(
            f"{uitkomst.buiten_9999} BSNs do not start with 9999: there are only 9091 of those. "
            "All persons are invented all the same.\n"
        )


def main(argumenten: list[str] | None = None) -> int:
    """Exit 0; 2 with one line when a population is malformed, missing, or the port is taken."""
    ontleder = _opties()
    opties = ontleder.parse_args(argumenten)
    if opties.opdracht is None and opties.populatie is None:
        ontleder.error("give --populatie DIR, or the command genereer or inlogdienst")
    try:
        if opties.opdracht == "genereer":
            _genereer(opties)
        elif opties.opdracht == "inlogdienst":
            from include.mock_sources.draaien import serveer_inlogdienst

            serveer_inlogdienst(opties.gebruikers, opties.host, opties.port)
        else:
            from include.mock_sources.draaien import serveer

            serveer(opties.populatie, opties.host, opties.port)
    except BidnFout as fout:
        sys.stderr.write(f"{fout}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
