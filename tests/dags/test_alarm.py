"""The one mail that ops get about a run in which something failed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from wereld import ALFA, BETA, NAMEN, PERSONEN, RONDE, Wereld

from include.local.mail_catcher import lijst

pytestmark = pytest.mark.slow
Draai = Callable[..., dict[str, str]]


def test_one_mail_about_everything_that_failed_in_a_run(
    bidn: Wereld, draai: Draai, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BIDN_ALARM_AAN", "ops@bidn.test, wacht@bidn.test")
    monkeypatch.setenv("BIDN_RUNBOOK", "https://ops.bidn.test/runbook")
    # Both organisations: each attempt and each of its retries is refused.
    bidn.bronnen.storing("brp", 503, vanaf=1, aantal=99)

    uit = draai("bijzondere_bijstand", ronde=RONDE)

    assert uit[""] == "failed"
    mails = lijst(bidn.bus.folder)
    assert sorted(mail.aan for mail in mails) == ["ops@bidn.test", "wacht@bidn.test"]
    [onderwerp] = {mail.onderwerp for mail in mails}
    assert onderwerp == f"[ONTWIKKELING] BIDN: 2 failed, bijzondere_bijstand {RONDE}"
    tekst = mails[0].tekst
    for organisatie in (ALFA, BETA):
        assert f"* toetsing.huishouden_brp ({organisatie}, ronde {RONDE}): BronFout" in tekst
    assert "Citizens: nobody gets a wrong outcome" in tekst
    assert "https://ops.bidn.test/runbook#bijzondere_bijstand-huishouden_brp" in tekst
    assert "https://ops.bidn.test/runbook#bronfout" in tekst
    assert "/dags/bijzondere_bijstand/runs/" in tekst
    # Nine tasks of both branches waited for these.
    assert "18 tasks did not run because of it." in tekst
    # What went wrong stays in the log.
    assert "503" not in tekst
    assert "ronde_afsluiten" not in tekst
    for kanarie in (*PERSONEN, *NAMEN):
        assert kanarie not in tekst

    geschreven = caplog.text
    assert f"Failed for good: toetsing.huishouden_brp ({ALFA}, ronde {RONDE}): BronFout" in geschreven


def test_a_ronde_that_somebody_mistyped_alarms_nobody(
    bidn: Wereld, draai: Draai, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIDN_ALARM_AAN", "ops@bidn.test")

    uit = draai("bijzondere_bijstand", ronde="2031-01")

    assert uit["ronde_openen"] == uit[""] == "failed"
    assert lijst(bidn.bus.folder) == []
