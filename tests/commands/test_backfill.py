"""``backfill``: the plan where the product runs, without Airflow; what it starts with is Airflow's own command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from include.steps.verwerking import Opslag
from tests.commands.hulp import eis_een_regel
from tests.dags.wereld import ALFA, BETA, RONDE

Opdrachtregel = Callable[..., Any]


def test_it_shows_the_plan_and_starts_nothing(ingericht: Opslag, bidn: Opdrachtregel) -> None:
    shown = bidn("backfill", RONDE)
    assert shown.exit_code == 0
    # Delivered in October, rapportagemaand November: 90 days after 30 November.
    assert "first publication; its delivery is kept until 2027-02-28" in shown.output
    assert "skipped: not one valid row (besluit B53)" in shown.output
    assert "--from-date 2026-10-01 --to-date 2026-10-01 --max-active-runs 1" in shown.output

    after = bidn("backfill", RONDE, "--controleer")
    assert (after.exit_code, after.output) == (1, f"Ronde {RONDE}: no reports for {ALFA}, {BETA}\n")


def test_afterwards_it_says_that_everybody_has_reports(gepubliceerd: Opslag, bidn: Opdrachtregel) -> None:
    after = bidn("backfill", RONDE, RONDE, "--controleer")
    assert (after.exit_code, after.output) == (0, "Every organisation that could have reports has them.\n")
    assert "version 2 if its content differs from version 1" in bidn("backfill", RONDE).output


def test_a_ronde_that_cannot_run_yet_is_refused(ingericht: Opslag, bidn: Opdrachtregel) -> None:
    eis_een_regel(bidn("backfill", "2026-10", "2027-05"), "RondeFout: ronde .* cannot run yet")
