"""Airflow's scheduler, with what the tasks import already in memory.

LocalExecutor forks every task from the scheduler. What is loaded here once, every task would load by itself:
about a second each. Nothing else differs from ``airflow scheduler``, whose options this takes.
"""

from __future__ import annotations

import importlib
import sys

NEEDED_BY_TASKS = (
    "bidn_operators.operators.toetsing",
    "include.bronnen.client",
    "include.stappen.notificeren",
    "include.stappen.organisaties",
    "include.stappen.rondes",
)


def main() -> None:
    """Load, and become the scheduler."""
    for module in NEEDED_BY_TASKS:
        importlib.import_module(module)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
