"""``python -m tools.geheimen``: no secret and no BSN of a real person in what is committed.

Works offline, on every text file that git tracks. A BSN of a synthetic person starts with 9999; any other number
of 9 digits that passes the elfproef might be somebody's. What is meant to be there says so on its line: ``geen
geheim``.
"""

# ruff: noqa: T201 - a command speaks by printing

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from include.logfilter import is_bsn

ROOT = Path(__file__).resolve().parents[1]
TOEGESTAAN = "geen geheim"
GEHEIMEN = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "age identity": re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "token": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|xox[baprs]-[\w-]{10,})"
    ),
    "JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "password in a URL": re.compile(
        r"\w+://[^\s/:@{}<>$'\"]+:(?!(?:geheim|password)@)[^\s/:@{}<>$'\"%]{4,}@"
    ),
}
_BSN = re.compile(r"(?<![0-9A-Fa-f_.,-])\d{9}(?![0-9A-Fa-f_]|[.,-]\d)", re.ASCII)
_VERZONNEN = {"012345672", "099990003", "000000019"}
"""Numbers with leading zeros that tests use: 0.1234567 counted on, and the like."""
# And what others made, unmodified, in a folder "derden".
_GEEN_TEKST = {".png", ".ico", ".woff2", ".gz", ".zip", ".svg"}


def vondsten(tekst: str) -> Iterator[tuple[int, str]]:
    """Yield line number and kind of everything in ``tekst`` that should not be committed; never the thing itself."""
    for nummer, regel in enumerate(tekst.splitlines(), start=1):
        if TOEGESTAAN in regel:
            continue
        for soort, patroon in GEHEIMEN.items():
            if patroon.search(regel):
                yield nummer, soort
        bsns = (bsn for bsn in _BSN.findall(regel) if is_bsn(bsn) and bsn not in _VERZONNEN)
        if any(not bsn.startswith("9999") for bsn in bsns):
            yield nummer, "number that may be the BSN of a real person"


def main() -> int:
    """Check the repository; 1 when something was found, each on its line."""
    uitvoer = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git the checkout was made with
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    gevonden = 0
    for naam in filter(None, uitvoer.decode().split("\0")):
        pad = ROOT / naam
        if pad.suffix in _GEEN_TEKST or pad.parent.name == "derden" or not pad.is_file():
            continue
        for nummer, soort in vondsten(pad.read_text(encoding="utf-8", errors="replace")):
            if naam.startswith("tests/") and soort == "password in a URL":
                continue  # of the test's own services
            print(f"{naam}:{nummer}: {soort}")
            gevonden += 1
    return 1 if gevonden else 0


if __name__ == "__main__":
    sys.exit(main())
