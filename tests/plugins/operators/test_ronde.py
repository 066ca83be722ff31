"""The tasks around the branches: open, take in, put together, close."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from bidn_operators.operators.bewaartermijn import DAGS, BewaartermijnToepassenOperator
from bidn_operators.operators.ronde import (
    RondeAfsluitenOperator,
    RondeOpenenOperator,
    RondeSamenstellenOperator,
)
from bidn_operators.operators.step import IntakeStep, VerwerkingStep
from include.errors import ControleFout, GegevensFout, RondeFout
from include.schemas.domein import DeelnameStatus
from include.steps.verwerking import Opslag
from include.storage.models import RondeRow
from include.storage.organisaties import find_organisatie
from include.storage.rondes import set_status
from tests.dags.wereld import ALFA, BETA, GAMMA, NAMEN, PERSONEN, RONDE
from tests.harness import take_until
from tests.plugins.operators.hulp import context
from tests.steps.hulp import Klok, begin_run, versies, verwerking_van


def _open() -> list[dict[str, Any]]:
    return RondeOpenenOperator(task_id="ronde_openen").execute(context(ronde=RONDE))


def _neem_in(deelnemer: dict[str, Any]) -> dict[str, Any]:
    return IntakeStep(task_id="intake", deelnemer=deelnemer).execute(context())


def _stel_samen(deelnemers: list[dict[str, Any]], ingenomen: Any) -> list[dict[str, Any]]:
    taak = RondeSamenstellenOperator(task_id="ronde_samenstellen", deelnemers=deelnemers, ingenomen=ingenomen)
    return taak.execute(context())


def _sluit(**gegeven: Any) -> dict[str, Any]:
    return RondeAfsluitenOperator(task_id="ronde_afsluiten").execute(context(ronde=RONDE, **gegeven))


class TestOpenenEnInnemen:
    def test_from_deliveries_to_branches(
        self, installatie: Opslag, logregels: pytest.LogCaptureFixture
    ) -> None:
        deelnemers = _open()
        samen = _stel_samen(deelnemers, [_neem_in(deelnemer) for deelnemer in deelnemers])
        assert [(d["organisatie"], d["status"]) for d in samen] == [
            (ALFA, "deels incorrect"),
            (GAMMA, "afgekeurd"),
            (BETA, "correct"),
        ]
        assert "ronde 2026-10: 3 organisations delivered" in logregels.text
        assert (
            "status deels incorrect, gelezen 3, geaccepteerd 2, afgewezen 1, fouten (V053 1)"
            in logregels.text
        )
        for geheim in (*PERSONEN, *NAMEN, "123456789"):
            assert geheim not in logregels.text

    @pytest.mark.parametrize("ingenomen", [None, [], [None, None]])
    def test_no_intake_succeeded(self, installatie: Opslag, ingenomen: Any) -> None:
        assert [d["status"] for d in _stel_samen(_open(), ingenomen)] == ["mislukt"] * 3

    def test_airflow_leaves_a_hole_for_an_intake_that_failed(self, installatie: Opslag) -> None:
        deelnemers = _open()
        samen = _stel_samen(deelnemers, iter([None, *map(_neem_in, deelnemers[1:])]))
        assert [d["status"] for d in samen] == ["mislukt", "afgekeurd", "correct"]

    def test_too_early(self, installatie: Opslag, klok: Klok) -> None:
        klok.nu = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
        with pytest.raises(RondeFout, match="begins on 2026-11-01"):
            _open()

    def test_norms_that_end_soon_are_announced(
        self, installatie: Opslag, klok: Klok, logregels: pytest.LogCaptureFixture
    ) -> None:
        from include.normen import laden

        einde = laden.dekking()[1]
        klok.nu = datetime(einde.year, einde.month, 1, 12, 0, tzinfo=UTC)
        _open()
        assert einde.isoformat() in logregels.text

    @pytest.mark.parametrize(
        ("deelnemer", "reden"),
        [
            (
                {"organisatie": GAMMA, "status": "afgekeurd", "gelezen": 7},
                "afgekeurd, not one of 7 rows is valid",
            ),
            ({"organisatie": ALFA, "status": "mislukt"}, "its intake failed"),
        ],
    )
    def test_a_branch_with_nothing_to_test_is_skipped_with_its_reason(
        self, deelnemer: dict[str, Any], reden: str
    ) -> None:
        with pytest.raises(AirflowSkipException, match=f"^{deelnemer['organisatie']}: .*{reden}"):
            VerwerkingStep(task_id="huishouden_brp", verwerking=deelnemer).execute(context())


class TestAfsluiten:
    @pytest.fixture
    def klaar(self, installatie: Opslag) -> Opslag:
        """Alfa published, Gamma afgekeurd, Beta still to go."""
        begin_run(installatie)
        self._is_gepubliceerd(installatie, ALFA)
        return installatie

    @staticmethod
    def _is_gepubliceerd(opslag: Opslag, organisatie: str) -> None:
        with opslag.database.transaction() as sessie:
            wie = find_organisatie(sessie, organisatie)
            set_status(sessie, RONDE, wie, DeelnameStatus.GEPUBLICEERD, nu=opslag.klok())

    @pytest.mark.parametrize(
        "toestanden",
        [
            {},
            {"ronde_openen": "success", "toetsing.publiceren_0": "success"},
            {"toetsing.huishouden_brp_1": "skipped", "toetsing.publiceren_1": "removed"},
            {"ronde_afsluiten": "failed"},  # its own previous attempt
            {"toetsing.uwv_ophalen_0": None},
        ],
    )
    def test_what_went_well_is_closed(self, klaar: Opslag, toestanden: dict[str, Any]) -> None:
        self._is_gepubliceerd(klaar, BETA)
        samenvatting = _sluit(toestanden=toestanden)
        assert (samenvatting["gepubliceerd"], samenvatting["afgekeurd"], samenvatting["open"]) == (2, 1, 0)
        with klaar.database.reading() as sessie:
            rij = sessie.get(RondeRow, RONDE)
        assert rij is not None
        assert rij.samenvatting is not None
        assert samenvatting.items() <= rij.samenvatting.items()
        assert rij.afgesloten_op == klaar.klok()

    @pytest.mark.parametrize("toestand", ["failed", "upstream_failed", "running", "up_for_retry"])
    def test_any_task_that_did_not_succeed_fails_the_run(self, klaar: Opslag, toestand: str) -> None:
        with pytest.raises(ControleFout) as fout:
            _sluit(toestanden={"toetsing.uwv_ophalen_2": toestand, "toetsing.uwv_ophalen_0": "success"})
        assert str(fout.value).startswith(
            "ronde 2026-10 is not finished: 1 of 3 organisations published; 1 task failed "
            "(toetsing.uwv_ophalen_2)."
        )
        with klaar.database.reading() as sessie:
            rij = sessie.get(RondeRow, RONDE)
        assert rij is not None
        assert rij.afgesloten_op is None

    def test_a_hundred_failures_are_counted_and_ten_are_named(self, klaar: Opslag) -> None:
        with pytest.raises(ControleFout, match=r"100 tasks failed \(([^,]+, ){10}…\)"):
            _sluit(toestanden={f"toetsing.uwv_ophalen_{nummer:03d}": "failed" for nummer in range(100)})

    def test_an_organisation_that_was_taken_in_too_late_is_not_forgotten(self, klaar: Opslag) -> None:
        """Its intake failed, its branch was skipped, the intake was cleared alone: every task is green now."""
        with pytest.raises(
            ControleFout, match=rf"no reports of what was delivered by {BETA}\. Clear ronde_openen"
        ):
            _sluit(toestanden={"toetsing.huishouden_brp_2": "skipped"})

    def test_a_ronde_that_another_run_opened_since_is_left_to_that(self, klaar: Opslag) -> None:
        self._is_gepubliceerd(klaar, BETA)
        with pytest.raises(GegevensFout, match=r"opened by run 'run-1' since, so run 'run-0' does not close"):
            _sluit(run="run-0", toestanden={"toetsing.uwv_ophalen_2": "failed"})
        with klaar.database.reading() as sessie:
            rij = sessie.get_one(RondeRow, RONDE)
        assert (rij.afgesloten_op, rij.samenvatting) == (None, None)

    def test_a_run_without_a_ronde_says_so_again(self, installatie: Opslag) -> None:
        with pytest.raises(RondeFout, match="does not say which ronde"):
            RondeAfsluitenOperator(task_id="ronde_afsluiten").execute(
                context(toestanden={"ronde_openen": "failed"})
            )


class TestBewaartermijn:
    def test_removes_what_is_due_and_counts_it(
        self, installatie: Opslag, klok: Klok, bronnen: SimpleNamespace
    ) -> None:
        take_until(installatie, verwerking_van(installatie, ALFA), bronnen.url)
        klok.nu = datetime(
            2027, 2, 2, 22, 59, tzinfo=UTC
        )  # the day before Alfa's reports have had their 90 days
        taak = BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen")
        eerst = taak.execute(context())
        assert "rapport" not in eerst["bestanden"]
        assert (
            eerst["bestanden"]["levering"] == 1
        )  # Gamma, afgekeurd: 90 days after receipt. Beta's can still be run (besluit B55)
        klok.verder(minutes=1)
        assert taak.execute(context(voorbeeld=True)) == {
            "voorbeeld": 2
        }  # Alfa's publication and its delivery
        assert len(versies(installatie, ALFA)) == 1
        daarna = taak.execute(context())
        assert daarna["bestanden"] == {"rapport": 5, "levering": 1, "verslag": 4}
        assert versies(installatie, ALFA) == []
        assert taak.execute(context()) == {"bestanden": {}, "rijen": {}}

    def test_the_logs_of_its_own_airflow_go_too(
        self,
        installatie: Opslag,
        klok: Klok,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        logregels: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path / "logs"))
        for dag in ("bijzondere_bijstand", "of_somebody_else"):
            log = tmp_path / "logs" / f"dag_id={dag}" / "run_id=r" / "task_id=t" / "attempt=1.log"
            log.parent.mkdir(parents=True)
            log.write_text("{}")
            os.utime(log, (klok.nu.timestamp(), klok.nu.timestamp()))
        taak = BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen")
        klok.verder(days=89)
        assert "airflow-log" not in taak.execute(context())["bestanden"]
        klok.verder(days=1)
        assert taak.execute(context(voorbeeld=True)) == {"voorbeeld": 1}
        assert "would remove airflow-log dag_id=bijzondere_bijstand/run_id=r" in logregels.messages
        assert taak.execute(context())["bestanden"] == {"airflow-log": 1}
        assert [pad.name for pad in (tmp_path / "logs").iterdir()] == ["dag_id=of_somebody_else"]
        assert self._waarschuwingen(logregels) == []

    @pytest.mark.parametrize("voorbeeld", [True, False])
    def test_it_says_which_logs_are_out_of_its_reach(
        self,
        installatie: Opslag,
        monkeypatch: pytest.MonkeyPatch,
        logregels: pytest.LogCaptureFixture,
        voorbeeld: bool,
    ) -> None:
        monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_LOGGING", "True")
        monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "s3://bidn-logs/airflow")
        monkeypatch.setenv("AIRFLOW__LOGGING__LOG_FILENAME_TEMPLATE", "{{ ti.task_id }}.log")
        BewaartermijnToepassenOperator(task_id="bewaartermijn_toepassen").execute(
            context(voorbeeld=voorbeeld)
        )
        ver, anders = self._waarschuwingen(logregels)
        assert "also go to s3://bidn-logs/airflow, where nothing is removed from here" in ver
        assert "log_filename_template is not Airflow's own" in anders

    @staticmethod
    def _waarschuwingen(logregels: pytest.LogCaptureFixture) -> list[str]:
        eigen = [regel for regel in logregels.records if regel.module == "bewaartermijn"]
        return [regel.message for regel in eigen if regel.levelname == "WARNING"]

    def test_it_knows_every_dag_of_ours(self) -> None:
        bestanden = (Path(__file__).resolve().parents[3] / "dags").glob("*.py")
        assert sorted(DAGS) == sorted(pad.stem for pad in bestanden)
