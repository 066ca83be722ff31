"""``make backfill``: what it says and what it asks. That Airflow then runs it: test_launcher.py."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from airflow_client.client import DAGRunResponse, DagRunState
from rich.console import Console

from include.errors import NormFout, RondeFout
from include.local.backfill import backfill
from include.normen import laden
from include.steps.leveren import lever
from include.steps.registreren import Inschrijving, schrijf_in
from include.steps.verwerking import Opslag
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.leveringen import find_leveringen
from include.storage.migrations import migrate
from include.storage.organisaties import find_organisaties
from include.storage.publicaties import TePubliceren, publish
from include.storage.rondes import enter_deelname, open_ronde
from tests.dags.wereld import AANGEMELD

NU = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ALFA = "Gemeente Alfa"


@pytest.fixture
def opslag(tmp_path: Path) -> Opslag:
    """One organisation that delivered for ronde 2026-09."""
    url = f"sqlite:///{tmp_path / 'bidn.sqlite'}"
    migrate(url)
    opslag = Opslag(Database(url), FileStore((tmp_path / "opslag").as_uri()), lambda: NU)
    schrijf_in(opslag, Inschrijving(naam=ALFA, gemeentecodes=["0014"], aanmeldingen=[AANGEMELD]))
    lever(
        opslag,
        organisatie=ALFA,
        bestandsnaam="alfa.csv",
        inhoud=b"0014;J;;999900018;;;;;;\r\n",
        ontvangen=datetime(2026, 9, 12, 10, 0, tzinfo=UTC),
    )
    return opslag


def _publish(opslag: Opslag) -> None:
    with opslag.database.transaction() as sessie:
        [organisatie], [levering] = find_organisaties(sessie), find_leveringen(sessie)
        open_ronde(sessie, "2026-09", deelnamedatum=date(2026, 9, 26), run="run", nu=NU)
        enter_deelname(sessie, "2026-09", organisatie, levering, verwerking="run/1", nu=NU)
    publish(
        opslag.database,
        opslag.bestanden,
        organisatie=organisatie,
        levering=levering,
        ronde="2026-09",
        uitvoer=[TePubliceren("overzicht", "overzicht.csv", b"x", 1)],
        manifest={},
        verwerking="run/1",
        nu=NU,
    )


@dataclass
class FakeAirflow:
    """Answers as Airflow would: runs everything in the range that is not in ``ran``, and ends in ``ending``."""

    ran: tuple[str, ...] = ()
    ending: str = "success"
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    looks: int = 0
    publishes: Opslag | None = None
    """Where a run of 2026-09 enters its reports, if it does."""

    def backfill_would_run(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> list[str]:
        assert (first.hour, first.tzinfo) == (0, ZoneInfo("Europe/Amsterdam"))
        months = {str(ronde) for ronde in (laden.ronde("2026-08"), laden.ronde("2026-09"))}
        within = {month for month in months if f"{first:%Y-%m}" <= month <= f"{last:%Y-%m}"}
        return sorted(within if again else within - set(self.ran))

    def create_backfill(self, dag_id: str, first: datetime, last: datetime, *, again: bool) -> int:
        self.asked.append((f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", again))
        if self.publishes:
            _publish(self.publishes)
        return 7

    def is_open(self, backfill: int) -> bool:
        assert backfill == 7
        self.looks += 1
        return self.looks < 2

    def backfill_runs(self, dag_id: str, since: datetime) -> list[DAGRunResponse]:
        state = "running" if self.looks < 2 else self.ending
        return [
            DAGRunResponse.model_construct(
                dag_run_id=f"backfill__{ronde}", state=DagRunState(state), partition_key=ronde
            )
            for ronde in ("2026-08", "2026-09")
        ]


def _backfill(airflow: Any, opslag: Opslag, **options: Any) -> tuple[int, str]:
    text = io.StringIO()
    given: Any = {"van": "2026-08", "tot": "2026-09", "again": False, "yes": True} | options
    code = backfill(airflow, opslag, Console(file=text, width=200), dag_id="bijzondere_bijstand", **given)
    return code, text.getvalue()


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.local.backfill.POLL_SECONDS", 0.01)


class TestWhatItSays:
    def test_what_will_happen_before_it_does(self, opslag: Opslag) -> None:
        airflow = FakeAirflow(publishes=opslag)
        code, text = _backfill(airflow, opslag)
        assert code == 0
        shown = text[: text.index("2026-08  running")]
        assert "Ronde 2026-08: will run" in shown
        assert "nobody delivered" in shown
        # Rapportagemaand October, so peilmaand August; the norms of 26 September 2026.
        assert "peilmaand 2026-08, belastingjaar 2025; norms of that day: alleenstaand 1419.46" in shown
        assert "2026-09-12 correct" in shown
        assert "v0: 120 %, vermogen nee, voertuigen nee" in shown
        # Never published: 90 days after the end of October.
        assert "first publication; its delivery is kept until 2027-01-29" in shown
        assert airflow.asked == [("2026-08-01", "2026-09-01", False)]
        assert "Runs: 2, of which failed: 0." in text

    def test_what_ran_before_is_left_alone_unless_asked(self, opslag: Opslag) -> None:
        airflow = FakeAirflow(ran=("2026-08", "2026-09"))
        code, text = _backfill(airflow, opslag)
        assert (code, airflow.asked) == (0, [])
        assert text.count("ran before, left alone") == 2
        assert "stays as it is" in text
        _backfill(airflow, opslag, again=True)
        assert airflow.asked == [("2026-08-01", "2026-09-01", True)]

    def test_a_failed_run_is_told(self, opslag: Opslag) -> None:
        code, text = _backfill(FakeAirflow(ending="failed"), opslag)
        assert code == 1
        assert "2026-09  failed   backfill__2026-09" in text
        assert "Runs: 2, of which failed: 2." in text

    def test_a_run_that_ended_well_without_what_was_promised_is_no_success(self, opslag: Opslag) -> None:
        code, text = _backfill(FakeAirflow(), opslag)
        assert code == 1
        assert "Runs: 2, of which failed: 0." in text
        assert f"Ronde 2026-09: its run ended success; no reports for {ALFA}." in text

    def test_a_run_that_never_came_is_told(self, opslag: Opslag, monkeypatch: pytest.MonkeyPatch) -> None:
        airflow = FakeAirflow(publishes=opslag)
        monkeypatch.setattr(airflow, "backfill_runs", lambda *_: [])
        code, text = _backfill(airflow, opslag)
        assert code == 1
        assert "Ronde 2026-08: its run never came." in text
        assert "Ronde 2026-09: its run never came." in text

    def test_what_is_past_its_term_is_named_first_and_not_promised(self, opslag: Opslag) -> None:
        """On 29 January, 90 days after the end of the rapportagemaand, with no sweep that came by."""
        late = replace(opslag, klok=lambda: datetime(2027, 1, 29, 9, 0, tzinfo=UTC))
        code, text = _backfill(FakeAirflow(ending="failed"), late)
        assert code == 1
        shown = text[: text.index("2026-08  running")]
        assert "Ronde 2026-09: will end failed, with reports for 0 of 1" in shown
        assert "NO REPORTS: its delivery is gone, its term ended on 2027-01-29 (besluit B55)" in shown
        assert f"Not promised: ronde 2026-09 for {ALFA}." in shown
        assert "no reports for" not in text

    def test_it_asks_and_without_an_answer_starts_nothing(
        self, opslag: Opslag, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow = FakeAirflow()
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        code, text = _backfill(airflow, opslag, yes=False)
        assert (code, airflow.asked) == (0, [])
        assert "Nothing was started." in text


class TestWhatItRefuses:
    @pytest.mark.parametrize(
        ("van", "tot", "error"),
        [
            ("2026-10", "2026-11", RondeFout),
            ("2027-01", "2027-01", RondeFout),
            ("2021-12", "2022-01", NormFout),
        ],
        ids=["its rapportagemaand has not begun", "the future", "before the norms"],
    )
    def test_before_airflow_is_asked(
        self, opslag: Opslag, van: str, tot: str, error: type[Exception]
    ) -> None:
        airflow = FakeAirflow()
        with pytest.raises(error):
            _backfill(airflow, opslag, van=van, tot=tot)
        assert airflow.asked == []
