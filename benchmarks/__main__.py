"""``python -m benchmarks [NAME …]`` runs every ``benchmarks/bench_<name>.py``, or those named."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path


def found() -> list[str]:
    """Return the names of the benchmarks that exist, in alphabetical order."""
    return sorted(pad.stem.removeprefix("bench_") for pad in Path(__file__).parent.glob("bench_*.py"))


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; return the exit code (2 for a name that does not exist)."""
    known = found()
    unknown = sorted(set(names) - set(known))
    if unknown:
        there_are = ", ".join(known) or "none yet"
        print(f"No such benchmark: {', '.join(unknown)}. There are: {there_are}.", file=sys.stderr)
        return 2
    for name in names or known:
        print(f"\n== {name} ==", flush=True)
        start = time.perf_counter()
        importlib.import_module(f"benchmarks.bench_{name}").main()
        print(f"({name} took {time.perf_counter() - start:.1f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
