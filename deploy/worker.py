"""``python -m deploy.worker``: Airflow's Celery worker, with what the tasks import already in memory.

Every task is forked from the worker. What is loaded here once, every task would load by itself: about a second
each. Nothing else differs from ``airflow celery worker``, whose options this takes.
"""

from __future__ import annotations

import importlib
import sys

from include.lokaal.scheduler import NEEDED_BY_TASKS


def main() -> None:
    """Load, and become the worker."""
    for module in NEEDED_BY_TASKS:
        importlib.import_module(module)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "celery", "worker", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
