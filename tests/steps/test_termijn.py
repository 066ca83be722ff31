"""What ops hear of a delivery that is about to be removed unused (besluit B55)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from include.steps.termijn import verloren_dreigend
from include.steps.verwerking import Opslag
from tests.dags.wereld import ALFA, BETA
from tests.steps.hulp import Klok

# Ronde 2026-10, rapportagemaand November: removed 90 days after the 30th, on 28 February; 14 days before is the 14th.


@pytest.mark.parametrize(
    ("moment", "aangekondigd"),
    [("2027-02-13T22:59:59", False), ("2027-02-13T23:00:00", True), ("2027-02-27T22:59:59", True)],
)
def test_named_from_14_days_before(wereld: Opslag, klok: Klok, moment: str, aangekondigd: bool) -> None:
    klok.nu = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    gezegd = verloren_dreigend(wereld)
    if not aangekondigd:
        assert gezegd is None
        return
    assert str(gezegd).startswith("2 deliveries count, were never published")  # not that of Gamma: afgekeurd
    assert f"{ALFA}, ronde 2026-10: 2027-02-28; {BETA}, ronde 2026-10: 2027-02-28" in str(gezegd)


def test_what_was_published_is_not_missed(gepubliceerd: Opslag, klok: Klok) -> None:
    """Published on 5 November: removed on 3 February, and rightly."""
    klok.nu = datetime(2027, 2, 2, 12, 0, tzinfo=UTC)
    assert verloren_dreigend(gepubliceerd) is None
