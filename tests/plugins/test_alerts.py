"""What goes into an alert, and what becomes of it when it cannot be mailed."""

from __future__ import annotations

import logging
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from bidn_operators import alerts
from bidn_operators.alerts import Alarm, Foutmelding, Melding, tekst, verzend
from include.errors import BronFout, RondeFout
from include.steps.notificeren import Bezorging


def _melding(taak: str = "toetsing.uwv_ophalen", plaats: int = 0, **meer: str) -> Melding:
    gegeven = {"betreft": "Gemeente Alfa", "periode": "2026-10", "klasse": "BronFout"} | meer
    return Melding(
        "bijzondere_bijstand", taak, plaats, sectie="bronfout", gevolg="nobody is affected.", **gegeven
    )


class Ti:
    """The task instance of a closing task, or of a failed one."""

    dag_id, map_index, run_id = "bijzondere_bijstand", -1, "run-1"

    def __init__(self, taak: str, toestanden: dict[str, str], meldingen: list[Melding]) -> None:
        self.task_id, self.toestanden, self.meldingen = taak, toestanden, meldingen
        self.xcoms: dict[str, Any] = {}
        self.rendered_map_index: str | None = None

    def get_task_states(self, **_: object) -> dict[str, dict[str, str]]:
        return {"run-1": self.toestanden}

    def xcom_pull(self, *, task_ids: list[str], key: str) -> list[dict[str, Any] | None]:
        assert key == "melding"
        return [None, *(asdict(melding) for melding in self.meldingen)]

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value


def _context(ti: Ti, fout: Exception | None = None) -> Any:
    return {
        "ti": ti,
        "exception": fout,
        "task": SimpleNamespace(task_id=ti.task_id),
        "dag": SimpleNamespace(task_ids=["a", "b"]),
        "dag_run": SimpleNamespace(dag_id="bijzondere_bijstand", run_id="run-1", partition_key="2026-10"),
        "params": {},
    }


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    verzonden: list[tuple[str, str]] = []
    monkeypatch.setattr(alerts, "verzend", lambda *mail: verzonden.append(mail))
    return verzonden


class TestFoutmelding:
    def test_leaves_everything_but_the_text_of_the_error(self, caplog: pytest.LogCaptureFixture) -> None:
        ti = Ti("toetsing.uwv_ophalen", {}, [])
        ti.map_index, ti.rendered_map_index = 3, "Gemeente\nAlfa"
        Foutmelding().notify(_context(ti, BronFout("source uwv is down, see 999900018", bron="uwv")))
        melding = Melding(**ti.xcoms["melding"])
        assert str(melding) == "toetsing.uwv_ophalen (Gemeente Alfa, ronde 2026-10): BronFout"
        assert melding.kenmerk == "toetsing.uwv_ophalen_3"
        assert melding.links == [
            "docs/runbook.md#bijzondere_bijstand-uwv_ophalen",
            "docs/runbook.md#bronfout",
        ]
        assert "999900018" not in str(ti.xcoms)

    def test_the_log_ends_outside_a_fold_with_what_to_do(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO):
            Foutmelding().notify(
                _context(Ti("ronde_openen", {}, []), RondeFout("ronde 2031-01 cannot run yet: wait."))
            )
        assert caplog.messages[0] == "::endgroup::"
        assert caplog.messages[-1] == "ronde 2031-01 cannot run yet: wait."

    def test_the_words_of_others_are_not_repeated(self, caplog: pytest.LogCaptureFixture) -> None:
        Foutmelding().notify(_context(Ti("ronde_openen", {}, []), KeyError("999900018")))
        assert caplog.messages[-1].startswith("What to do: docs/runbook.md#")
        assert "999900018" not in caplog.text

    def test_without_an_exception_nobody_knows_the_class(self) -> None:
        ti = Ti("ronde_openen", {}, [])
        Foutmelding().notify(_context(ti))
        melding = Melding(**ti.xcoms["melding"])
        assert str(melding) == "ronde_openen (ronde 2026-10): ended without an error of its own"
        assert melding.links[-1] == "docs/runbook.md#unexpected-error"


class TestAlarm:
    def test_names_what_failed_and_counts_what_waited(self, mails: list[tuple[str, str]]) -> None:
        toestanden = {
            "toetsing.uwv_ophalen_0": "failed",
            "toetsing.uwv_ophalen_1": "success",
            "toetsing.regels_toetsen_0": "upstream_failed",
            "toetsing.publiceren_0": "upstream_failed",
            "toetsing.rdw_ophalen_1": "failed",  # killed: it left no melding
            "ronde_afsluiten": "failed",
        }
        achtergelaten = [
            _melding(),
            _melding(plaats=1),
        ]  # the second failed before, and succeeded after clearing
        Alarm().notify(_context(Ti("ronde_afsluiten", toestanden, achtergelaten), RuntimeError()))
        [(onderwerp, inhoud)] = mails
        assert onderwerp == "2 failed, bijzondere_bijstand 2026-10"
        assert inhoud.count("* toetsing.uwv_ophalen (Gemeente Alfa, ronde 2026-10): BronFout") == 1
        assert "(killed, or out of time): toetsing.rdw_ophalen_1" in inhoud
        assert "2 tasks did not run because of it." in inhoud
        assert "ronde_afsluiten" not in inhoud

    def test_names_itself_when_nothing_else_failed(self, mails: list[tuple[str, str]]) -> None:
        Alarm().notify(_context(Ti("ronde_afsluiten", {"ronde_afsluiten": "failed"}, []), KeyError("x")))
        [(onderwerp, inhoud)] = mails
        assert onderwerp == "1 failed, bijzondere_bijstand 2026-10"
        assert (
            "* ronde_afsluiten (ronde 2026-10): KeyError\n  Citizens: what was published is right and stays"
            in inhoud
        )

    @pytest.mark.parametrize(
        ("how", "klasse", "alarms"),
        [("manual", "RondeFout", 0), ("scheduled", "RondeFout", 1), ("manual", "NormFout", 1)],
    )
    def test_a_wrong_ronde_asked_for_by_hand_alarms_nobody(
        self, mails: list[tuple[str, str]], how: str, klasse: str, alarms: int
    ) -> None:
        toestanden = {"ronde_openen": "failed", "ronde_afsluiten": "failed", "intake": "upstream_failed"}
        achtergelaten = [_melding("ronde_openen", -1, klasse=klasse)]
        context = _context(Ti("ronde_afsluiten", toestanden, achtergelaten), RondeFout("no ronde"))
        context["dag_run"].run_type = how
        Alarm().notify(context)
        assert len(mails) == alarms

    def test_stays_readable_when_everything_fails(self) -> None:
        inhoud = tekst([_melding(plaats=nr) for nr in range(340)], zonder=[], gewacht=0, run="http://airflow")
        assert inhoud.count("* toetsing.uwv_ophalen") == 40
        assert "* and 300 more" in inhoud


class TestVerzend:
    def test_nothing_is_sent_without_an_address_and_the_log_says_so(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.delenv("BIDN_ALARM_AAN", raising=False)
        with caplog.at_level(logging.WARNING):
            assert verzend("1 failed", "what failed") == 0
        assert "BIDN_ALARM_AAN is not set" in caplog.text

    def test_one_mail_for_each_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BIDN_ALARM_AAN", " een@bidn.test ,twee@bidn.test,")
        monkeypatch.setenv("BIDN_OMGEVING", "productie")
        bezorgd: list[Any] = []

        def bezorg(_: object, mail: Any, adres: str) -> tuple[Bezorging, str]:
            bezorgd.append((adres, mail.onderwerp, mail.taal, mail.html))
            return Bezorging.AANGENOMEN, ""

        monkeypatch.setattr("bidn_operators.hooks.mail.MailHook.bezorg", bezorg)
        assert verzend("1 failed", "a < b") == 2
        assert bezorgd == [
            (adres, "BIDN: 1 failed", "en", "<pre>a &lt; b</pre>")
            for adres in ("een@bidn.test", "twee@bidn.test")
        ]

    def test_a_mail_server_that_refuses_hides_nothing(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("BIDN_ALARM_AAN", "een@bidn.test")
        monkeypatch.setattr(
            "bidn_operators.hooks.mail.MailHook.bezorg", lambda *_: (Bezorging.GEWEIGERD, "no connection")
        )
        assert verzend("1 failed", "what failed") == 0
        assert "An alert was not mailed (1 failed): no connection." in caplog.text
        assert "een@bidn.test" not in caplog.text
