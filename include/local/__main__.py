"""``python -m include.local run|up|backfill``: what ``make run``, ``make up`` and ``make backfill`` call."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from include.errors import BidnFout
from include.local import config, environment
from include.local.airflow_api import AirflowApi
from include.local.demo import Alleenverdieners, BijzondereBijstand
from include.local.launcher import launch

EXIT_INSTALLATION = 2
EXIT_INTERRUPTED = 130


def main() -> int:
    """Run; exit code 0, 1 when the run failed, 2 when it could not be started, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m include.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run both products for three demo organisations, and stop")
    commands.add_parser("up", help="the same, and keep Airflow's pages up until Ctrl-C")
    backfill = commands.add_parser("backfill", help="run past rondes in the Airflow that is up")
    backfill.add_argument("van", help="the first ronde, JJJJ-MM")
    backfill.add_argument("tot", help="the last ronde, JJJJ-MM")
    backfill.add_argument(
        "--opnieuw", action="store_true", help="also rondes that ran before: a new version of what changed"
    )
    backfill.add_argument("--ja", action="store_true", help="do not ask")
    arguments = parser.parse_args()
    # Piped into a file or a log, lines are as long as they need to be.
    console = Console() if sys.stdout.isatty() else Console(width=160)
    try:
        settings = config.load()
        if arguments.command == "backfill":
            return _backfill(settings, arguments, console)
        stay = arguments.command == "up"
        return launch(settings, BijzondereBijstand(), console, stay=stay, also=[Alleenverdieners()])
    except BidnFout as error:
        problem = str(error)
    except OSError as error:
        if not error.filename:
            raise
        advice = "Mend its rights, its mount or its disk, or name another folder as BIDN_DATA in .env."
        problem = f"{error.filename}: {error.strerror}. {advice}"
    except KeyboardInterrupt:
        console.print("Interrupted.")
        return EXIT_INTERRUPTED
    console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    return EXIT_INSTALLATION


def _backfill(settings: config.Config, arguments: argparse.Namespace, console: Console) -> int:
    from include.local.backfill import backfill
    from include.steps.verwerking import Opslag

    known = environment.load_secrets(settings.secrets)
    user = environment.LAUNCHER
    with environment.in_force(environment.build(settings, known)):
        airflow = AirflowApi(settings.airflow_url, user, known[f"login_{user}"])
        airflow.log_in()
        return backfill(
            airflow,
            Opslag(),
            console,
            dag_id=settings.dag_id,
            van=arguments.van,
            tot=arguments.tot,
            again=arguments.opnieuw,
            yes=arguments.ja,
        )


if __name__ == "__main__":
    sys.exit(main())
