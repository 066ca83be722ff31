"""A ronde whose outcomes shifted: two humans answer, and the summary says what it came to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.utils.session import create_session
from sqlalchemy import select
from wereld import ALFA, BETA, GAMMA, NAMEN, PERSONEN, RONDE, Wereld

from include.local.mail_catcher import lijst
from include.normen import laden
from include.schemas.domein import Product
from include.steps.overzicht_rondes import overzicht
from include.steps.termijn import niet_gepubliceerd
from include.storage.models import RondeRow
from include.storage.rondes import close_ronde, open_ronde

pytestmark = pytest.mark.slow
MOST_BYTES = 2000


@contextmanager
def _antwoorden(**antwoorden: str) -> Iterator[dict[str, str]]:
    """Answer every request for approval as Airflow's API does, by the organisation that its subject names."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent

    gevraagd: dict[str, str] = {}
    klaar = threading.Event()

    def antwoord() -> None:
        while not klaar.is_set():
            with create_session() as sessie:
                for vraag in sessie.scalars(select(HITLDetail).where(HITLDetail.responded_at.is_(None))):
                    ti = sessie.get(TaskInstance, vraag.ti_id)
                    keuze = next((k for naam, k in antwoorden.items() if naam in vraag.subject), None)
                    if ti is None or str(ti.state) != "awaiting_input" or keuze is None:
                        continue
                    gevraagd[vraag.subject] = vraag.body or ""
                    vraag.responded_at, vraag.chosen_options = datetime.now(UTC), [keuze]
                    vraag.responded_by, vraag.params_input = {"id": "1", "name": "ops"}, {}
                    handle_event_submit(
                        TriggerEvent(vraag.as_resume_event_payload()), task_instance=ti, session=sessie
                    )
            time.sleep(0.3)

    draad = threading.Thread(target=antwoord, daemon=True)
    draad.start()
    try:
        yield gevraagd
    finally:
        klaar.set()
        draad.join(timeout=30)


def _vorige_ronde(bidn: Wereld) -> None:
    """In September one in ten of Alfa and of Beta had too much income."""
    ronde = laden.ronde("2026-09")
    een_op_tien = {
        "toetsen": {"Inkomen": {"J": 10, "N": 90, "Niet getoetst": 0}},
        "instellingen": {"vermogen": False, "voertuigen": False, "percentage": 120},
    }
    with bidn.opslag.database.transaction() as sessie:
        nu = datetime(2026, 10, 1, tzinfo=UTC)
        open_ronde(sessie, ronde.naam, deelnamedatum=ronde.deelnamedatum, run="eerder", nu=nu)
        close_ronde(
            sessie,
            ronde.naam,
            run="eerder",
            samenvatting={"per_organisatie": {ALFA: een_op_tien, BETA: een_op_tien}},
            nu=nu,
        )


def _xcoms(run_na: datetime) -> dict[str, list[Any]]:
    from airflow.models.xcom import XComModel

    with create_session() as sessie:
        rijen = sessie.execute(
            select(XComModel.task_id, XComModel.key, XComModel.value).where(XComModel.timestamp >= run_na)
        ).all()
    return {f"{taak} {sleutel}": waarde for taak, sleutel, waarde in rijen}


def test_shifted_outcomes_wait_for_a_human_and_the_ronde_is_summarised(
    bidn: Wereld,
    draai: Callable[..., dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BIDN_GOEDKEURING", "ja")
    monkeypatch.setenv("BIDN_VERSCHUIVING_MINSTENS", "1")
    monkeypatch.setenv("BIDN_ALARM_AAN", "ops@bidn.test")
    _vorige_ronde(bidn)
    begin = datetime.now(UTC)

    with _antwoorden(**{ALFA: "Publish", BETA: "Do not publish"}) as gevraagd:
        uit = draai("bijzondere_bijstand", ronde=RONDE)

    # Alfa: one of two tested. Beta: one of one tested, the others have bijstand or no household.
    assert {vraag: tekst.split("\n\nThe ronde: ")[0] for vraag, tekst in gevraagd.items()} == {
        f"Publish the reports of {ALFA}, ronde {RONDE}?": _vraag("50% J (1 of 2)"),
        f"Publish the reports of {BETA}, ronde {RONDE}?": _vraag("100% J (1 of 1)"),
    }
    assert uit[""] == "failed"
    assert uit[f"toetsing.publiceren[{ALFA}]"] == uit[f"toetsing.notificeren[{ALFA}]"] == "success"
    # Beta was refused: the run fails and ops are told; the deadline and the page still name it, and who refused.
    assert uit[f"toetsing.goedkeuren[{BETA}]"] == "failed"
    assert uit[f"toetsing.publiceren[{BETA}]"] == "upstream_failed"
    mails = [(mail.aan, mail.onderwerp.partition("BIDN: ")[2]) for mail in lijst(bidn.bus.folder)]
    assert [aan for aan, _ in mails if aan != "ops@bidn.test"] == ["een@alfa.test"]
    assert {onderwerp for aan, onderwerp in mails if aan == "ops@bidn.test"} == {
        f"publication waits for you, ronde {RONDE}",
        f"1 failed, bijzondere_bijstand {RONDE}",
    }
    assert niet_gepubliceerd(bidn.opslag, laden.ronde(RONDE)) == [BETA]
    alle = overzicht(bidn.opslag.database, Product.BIJZONDERE_BIJSTAND, RONDE, nu=begin).regels
    geweigerd = {regel.organisatie: regel.geweigerd for regel in alle}
    assert geweigerd[ALFA] is None
    assert geweigerd[BETA] is not None
    assert (geweigerd[BETA].door, geweigerd[BETA].reden[:14]) == ("ops", "Inkomen: 100% ")

    with bidn.opslag.database.reading() as sessie:
        samenvatting = sessie.get_one(RondeRow, RONDE).samenvatting
    assert samenvatting is not None
    assert {naam: deel["status"] for naam, deel in samenvatting["per_organisatie"].items()} == {
        ALFA: "gepubliceerd",
        BETA: "mislukt",
        GAMMA: "afgekeurd",
    }
    assert samenvatting["toetsen"]["Belemmering"] == {"J": 1, "N": 1, "Niet getoetst": 0}
    assert samenvatting["per_organisatie"][ALFA]["verschuivingen"] == [
        "Inkomen: 50% J (1 of 2), in ronde 2026-09 10% J (10 of 100)"
    ]
    assert samenvatting["per_organisatie"][ALFA]["vergeleken_met"] == "2026-09"
    assert samenvatting["redenen"] == {"Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden": 1}
    # Two persons of Alfa and three of Beta; at UWV two couples and one single.
    assert samenvatting["bronnen"]["toetsing.huishouden_brp"]["gevraagd"] == 5
    assert samenvatting["bronnen"]["toetsing.uwv_ophalen"]["beantwoord"] == 5
    assert samenvatting["bronnen"]["toetsing.uwv_ophalen"]["herhalingen"] == 0
    taken = ("intake", "toetsing.huishouden_brp", "toetsing.regels_toetsen", "toetsing.publiceren")
    assert set(taken) <= set(samenvatting["duren"])
    assert all(duur["mediaan"] >= 0 for duur in samenvatting["duren"].values())

    geschreven = "".join(capfd.readouterr()) + json.dumps(samenvatting)
    for kanarie in (*PERSONEN, *NAMEN):
        assert kanarie not in geschreven

    # What the tasks leave each other is references and counts: small, and nobody's.
    xcoms = _xcoms(begin)
    assert len(xcoms) > 12
    for naam, waarde in xcoms.items():
        tekst = json.dumps(waarde)
        assert len(tekst) < MOST_BYTES, naam
        assert not any(kanarie in tekst for kanarie in (*PERSONEN, *NAMEN)), naam


def _vraag(aandeel: str) -> str:
    return (
        "Outcomes have shifted against ronde 2026-09, the last one of this organisation with the same instellingen:"
        f"\n\n* Inkomen: {aandeel}, in ronde 2026-09 10% J (10 of 100)"
    )
