"""``python -m include.opslag migreer [--naar REVISIE]``: bring the database to the newest or given schema."""

# ruff: noqa: T201 - a command speaks by printing

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from include.fouten import BidnFout
from include.opslag.migraties import migreer


def main(argumenten: Sequence[str] | None = None) -> int:
    """Exit code 0 when the schema is as asked, 2 with one line on stderr when that failed."""
    parser = argparse.ArgumentParser(prog="python -m include.opslag", description="Look after the database")
    opdrachten = parser.add_subparsers(dest="opdracht", required=True)
    opdracht = opdrachten.add_parser("migreer", help="bring the schema of BIDN_DATABASE_URL up to date")
    opdracht.add_argument("--naar", default="head", help="revision; the newest by default, 'base' empties it")
    keuze = parser.parse_args(argumenten)
    try:
        revisie = migreer(naar=keuze.naar)
    except BidnFout as fout:
        print(f"migration failed: {fout}", file=sys.stderr)
        return 2
    print(f"The database stands on revision {revisie or '(empty)'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
