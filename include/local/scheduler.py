"""``python -m include.local.scheduler``: Airflow's scheduler, with what the tasks need already in memory.

Nothing else differs from ``airflow scheduler``, whose options this takes.
"""

from __future__ import annotations

import sys

from include.local.preload import preload


def main() -> None:
    """Load, and become the scheduler."""
    preload()
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
