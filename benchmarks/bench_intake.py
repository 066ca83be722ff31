"""Intake of 1,000,000 rows against two yardsticks, in the same run and on the same files.

Ours reads, judges and reports a file of which 0 %, 10 % and 100 % of the rows are bad. Beside it stand pandas'
own reader (pyarrow engine) with pandera's own column checks, which judge less (no elfproef, no columns that
depend on each other) and write no verslag; and a loop that judges row by row with csv and python-stdnum, and
must come to the same number of errors.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from include.intake.valideren import beoordeel
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json
from include.schemas.controles import PER_CODE, elfproef
from tests.intake.referentie import Loket, beoordeel_rijen

AANTAL = 1_000_000
GEMEENTEN = frozenset({"0014", "0034", "0363"})
LOKET = Loket(dt.date(2026, 9, 26), gemeentecodes=GEMEENTEN, actieve_gemeenten=GEMEENTEN)
NAMEN = ("Jansen", "van der Meer", "Müller-O'Brien", "de Vries")
AIMS = (
    "aims: ratio at most 4 for the clean file, 20 times faster than the loop, memory below 12 times the file"
)


def vraagbestand(aantal: int, deel_fout: float) -> bytes:
    """Return a file of that many rows; of the households half are for the BRP and a quarter have a partner.

    There are fewer BSNs that start with 9999 than rows: these count down from there.
    """
    rng = np.random.default_rng(3)
    getallen = 999_999_999 - np.arange(25 * aantal + 100)
    bsn = getallen[elfproef(getallen)][: 2 * aantal].reshape(aantal, 2)
    fout = rng.random(aantal) < deel_fout
    bsn[:, 0] += fout
    soorten = rng.integers(0, 4, aantal)
    regels = []
    for i, (soort, (aanvrager, partner)) in enumerate(zip(soorten.tolist(), bsn.tolist(), strict=True)):
        naam, jaar = NAMEN[i % 4], 1910 + i % 90
        if soort < 2:
            percentage = "110%" if fout[i] and i % 3 == 0 else ""
            regels.append(f"0014;J;{percentage};{aanvrager};;;;;;\r\n")
        elif soort == 2:
            regels.append(f"363;N;120;{aanvrager};{naam};{jaar}0317;{2 + i % 2};;;\r\n")
        else:
            regels.append(f"34;n;;{aanvrager};{naam};{jaar}1231;1;{partner};{NAMEN[i % 3]};19790101\r\n")
    return "".join(regels).encode()


def ours(inhoud: bytes) -> int:
    """Read, judge and report; return the number of errors."""
    intake = beoordeel(inhoud, **vars(LOKET))
    verslag_csv(intake)
    verslag_json(intake)
    return len(intake.fouten)


class Kaal(pa.DataFrameModel):
    """What pandera's own column checks can say of a vraagbestand."""

    a: Series[str] = pa.Field(str_matches=r"^[0-9]{2,4}$")
    b: Series[str] = pa.Field(isin=["J", "N", "j", "n"])
    c: Series[str] = pa.Field(str_matches=r"^(|1[0-4][0-9]|150)$")
    d: Series[str] = pa.Field(str_matches=r"^[0-9]{8,9}$", unique=True)
    e: Series[str] = pa.Field(str_length={"max_value": 100})
    f: Series[str] = pa.Field(str_matches=r"^(|[0-9]{8})$")
    g: Series[str] = pa.Field(isin=["", "1", "2", "3"])
    h: Series[str] = pa.Field(str_matches=r"^(|[0-9]{8,9})$")
    i: Series[str] = pa.Field(str_length={"max_value": 100})
    j: Series[str] = pa.Field(str_matches=r"^(|[0-9]{8})$")


def bare(inhoud: bytes) -> int:
    """Read with pandas' pyarrow engine and run pandera's own column checks; return the number of rows."""
    frame = pd.read_csv(
        io.BytesIO(inhoud),
        sep=";",
        header=None,
        names=list("abcdefghij"),
        dtype=str,
        engine="pyarrow",
        keep_default_na=False,
    )
    with contextlib.suppress(pa.errors.SchemaErrors):
        Kaal.validate(frame, lazy=True)
    return len(frame)


def loop(inhoud: bytes) -> int:
    """Read, judge and report row by row; return the number of errors."""
    lezer = csv.reader(io.StringIO(inhoud.decode(), newline=""), delimiter=";")
    rijen = ((lezer.line_num, [cel.strip() for cel in rij]) for rij in lezer)
    fouten = beoordeel_rijen(rijen, LOKET)
    verslag = csv.writer(io.StringIO(), delimiter=";")
    for regel, kolom, code in fouten:
        verslag.writerow((regel, kolom, PER_CODE[code].kolom.veld, code, PER_CODE[code].omschrijving))
    return len(fouten)


def seconds(werk: Callable[[bytes], int], inhoud: bytes, keer: int = 3) -> tuple[float, int]:
    """Return the shortest time of some runs, and what came out."""
    tijden = []
    for _ in range(keer):
        start = time.perf_counter()
        uitkomst = werk(inhoud)
        tijden.append(time.perf_counter() - start)
    return min(tijden), uitkomst


def memory(bestand: Path) -> float:
    """Return the highest use of memory of ours in a fresh process, in bytes, the file itself included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_highest_use, (bestand,))


def _highest_use(bestand: Path) -> float:
    ours(vraagbestand(10, 0.5))  # so that every module is loaded
    vooraf = _high_water()
    ours(bestand.read_bytes())
    return _high_water() - vooraf


def _high_water() -> float:
    """The most memory that this process ever held, in bytes; Linux keeps it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024.0 * int(status.split("VmHWM:")[1].split()[0])


def main(aantal: int = AANTAL) -> None:
    """Print seconds, ratios and memory for each share of bad rows."""
    print(f"{aantal:,} rows; seconds, the shortest of 3 (the loop: 1)")
    print("bad rows  file MB   errors  ours  pandas+pandera  ratio   loop  times faster  memory / file")
    for deel_fout in (0.0, 0.1, 1.0):
        inhoud = vraagbestand(aantal, deel_fout)
        tijd, fouten = seconds(ours, inhoud)
        kaal, _ = seconds(bare, inhoud)
        lus, fouten_lus = seconds(loop, inhoud, keer=1)
        assert fouten == fouten_lus, f"{fouten} errors, row by row {fouten_lus}"
        with tempfile.TemporaryDirectory() as map_:
            bestand = Path(map_, "vraagbestand.csv")
            bestand.write_bytes(inhoud)
            geheugen = memory(bestand) / len(inhoud)
        print(
            f"{deel_fout:8.0%} {len(inhoud) / 1e6:8.1f} {fouten:8} {tijd:5.2f} {kaal:15.2f} {tijd / kaal:6.2f}"
            f" {lus:6.1f} {lus / tijd:13.1f} {geheugen:14.1f}"
        )
    print(AIMS)
