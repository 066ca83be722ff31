"""``python -m include.storage``: ``migreer`` the database to the newest schema, look after the ``sleutels``."""

# ruff: noqa: T201 - a command speaks by printing

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from include.errors import BidnFout
from include.logfilter import installeer
from include.storage import key_management
from include.storage.migrations import migrate


def main(argumenten: Sequence[str] | None = None) -> int:
    """Exit code 0 when it is as asked, 2 with one line on stderr when that failed."""
    parser = argparse.ArgumentParser(
        prog="python -m include.storage", description="Look after the database and the keys of the file store"
    )
    opdrachten = parser.add_subparsers(dest="opdracht", required=True)
    opdracht = opdrachten.add_parser("migreer", help="bring the schema of BIDN_DATABASE_URL up to date")
    opdracht.add_argument("--naar", default="head", help="revision; the newest by default, 'base' empties it")
    key_management.add_key_commands(opdrachten)
    keuze = parser.parse_args(argumenten)
    installeer()
    try:
        if keuze.opdracht == "sleutels":
            return key_management.run_key_command(keuze)
        revisie = migrate(naar=keuze.naar)
    except BidnFout as fout:
        print(f"{keuze.opdracht} failed: {fout}", file=sys.stderr)
        return 2
    print(f"The database stands on revision {revisie or '(empty)'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
