"""``python -m deploy.worker``: Airflow's Celery worker, with what the tasks need already in memory.

Nothing else differs from ``airflow celery worker``, whose options this takes.
"""

from __future__ import annotations

import sys

from include.local.preload import preload


def main() -> None:
    """Load, and become the worker."""
    preload()
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "celery", "worker", *sys.argv[1:]]
    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
