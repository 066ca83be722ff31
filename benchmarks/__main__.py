"""``python -m benchmarks [NAME …]`` runs every ``benchmarks/bench_<name>.py``, or those named."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

BESIDE = "pijplijn"
"""The benchmark that can run another checkout beside this one."""


def found() -> list[str]:
    """Return the names of the benchmarks that exist, in alphabetical order."""
    return sorted(pad.stem.removeprefix("bench_") for pad in Path(__file__).parent.glob("bench_*.py"))


def main(arguments: list[str]) -> None:
    """Run the benchmarks named, or all; exit code 2 for a name that does not exist."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(found())}; all by default")
    parser.add_argument(
        "--tegen",
        type=Path,
        metavar="DIR",
        help=f"another checkout: {BESIDE} runs the same work there, by turns",
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(found())):
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    if options.tegen and options.names != [BESIDE]:
        parser.error(f"--tegen goes with {BESIDE} alone")
    for name in options.names or found():
        print(f"\n== {name} ==", flush=True)
        start = time.perf_counter()
        bench = importlib.import_module(f"benchmarks.bench_{name}")
        bench.main(**({"tegen": options.tegen} if options.tegen else {}))
        print(f"({name} took {time.perf_counter() - start:.1f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
