"""The deadline of a ronde: when it is, for which runs there is one, and whom the alert names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bidn_operators import deadline
from bidn_operators.deadline import EindeRapportagemaand, waarschuw
from include.normen import laden
from include.schemas.domein import DeelnameStatus
from include.steps.leveren import lever
from include.steps.registreren import Inschrijving, schrijf_in
from include.steps.termijn import niet_begonnen, niet_gepubliceerd
from include.steps.verwerking import Opslag
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.leveringen import find_leveringen
from include.storage.migrations import migrate
from include.storage.organisaties import find_organisatie
from include.storage.rondes import enter_deelname, open_ronde, set_status
from tests.dags.wereld import AANGEMELD

ALFA, BETA, GAMMA = "Gemeente Alfa", "Regeling Beta", "Gemeente Gamma"
GOED, SLECHT = b"0014;J;;999900018;;;;;;\r\n", b"0014;J;;123456789;;;;;;\r\n"


# Midnight in Amsterdam, in UTC: the clock is set back on 25 October 2026, and forward on 28 March 2027.
@pytest.mark.parametrize(
    ("ronde", "dagen", "moment"),
    [
        ("2026-09", 0, "2026-10-31T23:00:00"),
        ("2026-09", 5, "2026-10-26T23:00:00"),
        ("2026-09", 10, "2026-10-21T22:00:00"),
        ("2026-11", 0, "2026-12-31T23:00:00"),
        ("2027-02", 0, "2027-03-31T22:00:00"),
        ("2027-02", 5, "2027-03-26T23:00:00"),
        ("2027-01", 0, "2027-02-28T23:00:00"),
        ("2028-01", 0, "2028-02-29T23:00:00"),
    ],
)
def test_the_end_of_the_rapportagemaand(ronde: str, dagen: int, moment: str) -> None:
    assert EindeRapportagemaand(dagen).moment(ronde) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


class Session:
    """Knows one run."""

    def __init__(self, partition_key: str | None, conf: dict[str, Any] | None = None) -> None:
        self.row = SimpleNamespace(partition_key=partition_key, conf=conf)

    def execute(self, _: object) -> Any:
        return SimpleNamespace(one_or_none=lambda: self.row)


@pytest.mark.parametrize(
    ("run", "nu", "dagen", "alert"),
    [
        (Session("2026-09"), "2026-10-01T00:00:00", 0, True),
        (Session(None, {"ronde": "2026-09"}), "2026-10-01T00:00:00", 0, True),
        (Session("2026-09"), "2026-10-31T22:59:59", 0, True),
        # The last five days: too late for a warning in time, not for the deadline itself.
        (Session("2026-09"), "2026-10-26T23:00:00", 5, False),
        (Session("2026-09"), "2026-10-26T23:00:00", 0, True),
        # A backfill of the past cannot be in time any more.
        (Session("2026-09"), "2026-10-31T23:00:00", 0, False),
        (Session("2026-09"), "2026-12-01T00:00:00", 0, False),
        # A run that says no ronde fails by itself.
        (Session(None), "2026-10-01T00:00:00", 0, False),
        (Session(None, {"ronde": "soon"}), "2026-10-01T00:00:00", 0, False),
    ],
)
def test_which_runs_have_a_deadline(
    monkeypatch: pytest.MonkeyPatch, run: Session, nu: str, dagen: int, alert: bool
) -> None:
    monkeypatch.setattr(deadline, "_nu", lambda: datetime.fromisoformat(nu).replace(tzinfo=UTC))
    moment = EindeRapportagemaand(dagen)._evaluate_with(session=run, dag_id="x", run_id="y")  # type: ignore[arg-type]
    assert (moment is not None) is alert


def test_a_reference_survives_being_stored() -> None:
    for een in (EindeRapportagemaand(), EindeRapportagemaand(5)):
        terug = EindeRapportagemaand.deserialize_reference(een.serialize_reference())
        assert terug == een
    assert EindeRapportagemaand() != EindeRapportagemaand(5)


# -- whom it names ------------------------------------------------------------------------------------------------


@pytest.fixture
def opslag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opslag:
    """Three organisations that delivered for ronde 2026-09; of Gamma not one row is valid."""
    url, bestanden = f"sqlite:///{tmp_path / 'bidn.sqlite'}", (tmp_path / "opslag").as_uri()
    monkeypatch.setenv("BIDN_DATABASE_URL", url)
    monkeypatch.setenv("BIDN_OPSLAG", bestanden)
    migrate(url)
    opslag = Opslag(Database(url), FileStore(bestanden), lambda: datetime(2026, 10, 2, 7, 0, tzinfo=UTC))
    for naam, inhoud in ((ALFA, GOED), (BETA, GOED), (GAMMA, SLECHT)):
        schrijf_in(opslag, Inschrijving(naam=naam, gemeentecodes=["0014"], aanmeldingen=[AANGEMELD]))
        moment = datetime(2026, 9, 12, 10, 0, tzinfo=UTC)
        lever(opslag, organisatie=naam, bestandsnaam="v.csv", inhoud=inhoud, ontvangen=moment)
    return opslag


def _deelname(opslag: Opslag, naam: str, status: DeelnameStatus) -> None:
    ronde = laden.ronde("2026-09")
    with opslag.database.transaction() as sessie:
        open_ronde(sessie, ronde.naam, deelnamedatum=ronde.deelnamedatum, run="run", nu=opslag.klok())
        organisatie = find_organisatie(sessie, naam)
        [levering] = find_leveringen(sessie, organisatie=organisatie)
        enter_deelname(sessie, ronde.naam, organisatie, levering, verwerking="run/1", nu=opslag.klok())
        set_status(sessie, ronde.naam, organisatie, status, nu=opslag.klok())


class TestNietGepubliceerd:
    def test_who_delivered_and_has_no_reports(self, opslag: Opslag) -> None:
        ronde = laden.ronde("2026-09")
        assert niet_gepubliceerd(opslag, ronde) == [ALFA, BETA]
        _deelname(opslag, ALFA, DeelnameStatus.OPEN)
        assert niet_gepubliceerd(opslag, ronde) == [ALFA, BETA]
        _deelname(opslag, ALFA, DeelnameStatus.GEPUBLICEERD)
        assert niet_gepubliceerd(opslag, ronde) == [BETA]
        with opslag.database.transaction() as sessie:
            for levering in find_leveringen(sessie, organisatie=find_organisatie(sessie, BETA)):
                levering.verwijderd_op = opslag.klok()
        assert niet_gepubliceerd(opslag, ronde) == []

    def test_the_alert_names_them_and_nothing_else(
        self, opslag: Opslag, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mails: list[tuple[str, str]] = []
        monkeypatch.setattr(deadline, "verzend", lambda onderwerp, tekst: mails.append((onderwerp, tekst)))
        run = {"dag_id": "bijzondere_bijstand", "dag_run_id": "scheduled__1", "state": "failed", "conf": None}
        context = {"dag_run": run | {"partition_key": "2026-09"}}

        waarschuw(context, dagen=5)
        waarschuw(context, dagen=0)

        [(vooraf, tekst), (te_laat, _)] = mails
        assert vooraf == "2 not published, ronde 2026-09 is due"
        assert te_laat == "2 not published, ronde 2026-09 is late"
        assert "the reports of 2 organisations are due in 5 days, on 2026-10-31." in tekst
        assert f"* {ALFA}\n* {BETA}\n" in tekst
        assert "Run: scheduled__1 of bijzondere_bijstand (failed)" in tekst
        assert "docs/runbook.md#deadline" in tekst

    def test_silent_when_everybody_is_finished(self, opslag: Opslag, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deadline, "verzend", lambda *_: pytest.fail("an alert about nobody"))
        for naam in (ALFA, BETA):
            _deelname(opslag, naam, DeelnameStatus.GEPUBLICEERD)
        run = {"partition_key": None, "conf": {"ronde": "2026-09"}, "state": "running"}
        waarschuw({"dag_run": run}, dagen=0)


class TestNietBegonnen:
    def test_a_ronde_that_is_due_and_did_not_run(self, opslag: Opslag) -> None:
        melding = niet_begonnen(opslag)
        assert melding is not None
        assert melding.startswith("ronde 2026-09 has not run: 2 organisations delivered")
        assert "due on 2026-10-31" in melding
        assert "start it: Trigger, with Ronde 2026-09" in melding

    def test_silent_on_the_first_day_and_once_it_ran(self, opslag: Opslag) -> None:
        eerste = Opslag(opslag.database, opslag.bestanden, lambda: datetime(2026, 10, 1, 21, 59, tzinfo=UTC))
        assert niet_begonnen(eerste) is None
        _deelname(opslag, ALFA, DeelnameStatus.OPEN)
        assert niet_begonnen(opslag) is None

    def test_silent_when_nobody_delivered(self, opslag: Opslag) -> None:
        later = Opslag(opslag.database, opslag.bestanden, lambda: datetime(2026, 11, 5, tzinfo=UTC))
        assert niet_begonnen(later) is None
