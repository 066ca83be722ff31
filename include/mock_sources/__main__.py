"""``python -m include.mock_sources``: serve a population, or ``genereer`` one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from include.fouten import BidnFout


def _opties() -> argparse.ArgumentParser:
    ontleder = argparse.ArgumentParser(prog="python -m include.mock_sources", description=__doc__)
    ontleder.add_argument("--populatie", type=Path, metavar="DIR", help="the population directory to serve")
    ontleder.add_argument("--host", default="127.0.0.1")
    ontleder.add_argument("--port", type=int, default=8500)
    return ontleder


def main(argumenten: list[str] | None = None) -> int:
    """Exit 0; 2 with one line when a population is malformed, missing, or the port is taken."""
    opties = _opties().parse_args(argumenten)
    try:
        if opties.populatie is None:
            _opties().error("--populatie DIR is required (or the command genereer)")
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
