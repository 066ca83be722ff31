"""The daily look: which day says what."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from bidn_operators.operators.termijn import TermijnenBewakenOperator
from include.errors import NormFout, RondeFout
from tests.normen.conftest import ook_met_volgend_jaar  # noqa: F401 a fixture

MAANDAG, DINSDAG = datetime(2026, 11, 23, 7, 0, tzinfo=UTC), datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def _kijk(
    monkeypatch: pytest.MonkeyPatch,
    nu: datetime,
    *,
    ronde: str | None,
    normen: str | None,
    verlies: str | None = None,
) -> None:
    monkeypatch.setattr("include.steps.verwerking.Opslag", lambda: SimpleNamespace(vandaag=nu.date()))
    monkeypatch.setattr("include.steps.termijn.niet_begonnen", lambda _: ronde)
    monkeypatch.setattr("include.steps.termijn.verloren_dreigend", lambda _: verlies)
    monkeypatch.setattr("include.steps.termijn.normen_lopen_af", lambda _: normen)
    TermijnenBewakenOperator(task_id="termijnen_bewaken").execute({})


def test_norms_that_run_out_fail_on_mondays_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NormFout, match="extend it"):
        _kijk(monkeypatch, MAANDAG, ronde=None, normen="extend it")
    _kijk(monkeypatch, DINSDAG, ronde=None, normen="extend it")


@pytest.mark.parametrize("nu", [MAANDAG, DINSDAG])
def test_a_ronde_that_did_not_run_fails_every_day(monkeypatch: pytest.MonkeyPatch, nu: datetime) -> None:
    with pytest.raises(RondeFout, match="has not run"):
        _kijk(monkeypatch, nu, ronde="ronde 2026-10 has not run", normen="extend it")


@pytest.mark.parametrize("nu", [MAANDAG, DINSDAG])
def test_a_delivery_about_to_be_lost_fails_every_day(monkeypatch: pytest.MonkeyPatch, nu: datetime) -> None:
    with pytest.raises(RondeFout, match=r"^2 deliveries count$"):
        _kijk(monkeypatch, nu, ronde=None, normen=None, verlies="2 deliveries count")


def test_both_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RondeFout, match=r"^ronde 2026-10 has not run 2 deliveries count$"):
        _kijk(
            monkeypatch, DINSDAG, ronde="ronde 2026-10 has not run", normen=None, verlies="2 deliveries count"
        )


def test_all_is_well(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        _kijk(monkeypatch, MAANDAG, ronde=None, normen=None)
    assert caplog.records == []


@pytest.mark.usefixtures("ook_met_volgend_jaar")
def test_today_the_norms_are_looked_at_for_real() -> None:
    from datetime import timedelta

    from include.normen import laden
    from include.steps.termijn import normen_lopen_af

    # Two months, 62 days at most, before the first table ends, ops hear of it.
    _, einde = laden.dekking()
    assert normen_lopen_af(einde - timedelta(days=63)) is None
    assert str(einde) in str(normen_lopen_af(einde - timedelta(days=59)))
