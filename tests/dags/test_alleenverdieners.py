"""The DAG of Alleenverdieners, run whole against the real mock sources and a real SMTP server, over several days."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from wereld import ALFA, BETA, GAMMA, Wereld

from include.local.mail_catcher import lijst
from include.schemas.domein import Product
from include.steps.verwerking import Opslag
from include.storage.organisaties import find_organisatie, register_aanmelding, register_productbeheerder
from include.storage.publicaties import find_publicaties, read_published

pytestmark = pytest.mark.slow

KOP = "BSN;Gemeentecode\r\n"
A, B, C, D = "999990019", "999990032", "999990044", "999990056"
SLECHT = "123456789"
BEGIN = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
TAK = ("lijsten_maken", "publiceren", "notificeren")
Draai = Callable[..., dict[str, str]]


class Dagen:
    """The calendar: what day it is for every task."""

    nu = BEGIN

    def dag(self, nummer: int) -> None:
        self.nu = BEGIN + timedelta(days=nummer)


@pytest.fixture
def dagen(monkeypatch: pytest.MonkeyPatch) -> Dagen:
    """Set the clock of every Opslag that a task makes."""
    dagen = Dagen()
    monkeypatch.setattr("include.steps.verwerking.Opslag", lambda: Opslag(klok=lambda: dagen.nu))
    return dagen


@pytest.fixture
def draai(dagbag: Any, airflow_db: str) -> Draai:
    """Run the DAG to its end; the state of every task by its name, mapped ones as ``task[label]``."""
    from airflow.models.pool import Pool

    Pool.create_or_update_pool("bron_belastingdienst", 4, "", include_deferred=False)

    def tot_het_einde(**conf: Any) -> dict[str, str]:
        run = dagbag.dags["alleenverdieners"].test(run_conf=conf)
        tis = run.get_task_instances()
        labels = {
            (ti.task_id.split(".")[0], ti.map_index): ti.rendered_map_index
            for ti in tis
            if ti.rendered_map_index
        }
        taken = {
            ti.task_id
            if ti.map_index < 0
            else f"{ti.task_id}[{labels.get((ti.task_id.split('.')[0], ti.map_index))}]": str(ti.state)
            for ti in tis
        }
        return {"": str(run.state)} | taken

    return tot_het_einde


def _lever(bidn: Wereld, **leveringen: list[str] | tuple[list[str], int]) -> None:
    """Put leveringen at the Belastingdienst; with a number, that many rows are announced."""
    map_ = bidn.map / "populatie" / "alleenverdieners"
    map_.mkdir(exist_ok=True)
    lijst_pad = map_ / "leveringen.json"
    aangekondigd = json.loads(lijst_pad.read_text())["leveringen"] if lijst_pad.exists() else []
    for naam, wat in leveringen.items():
        rijen, aantal = wat if isinstance(wat, tuple) else (wat, len(wat))
        inhoud = (KOP + "".join(f"{rij}\r\n" for rij in rijen)).encode()
        (map_ / f"{naam}.csv").write_bytes(inhoud)
        aangekondigd.append(
            {
                "levering": naam,
                "lijstjaar": 2026,
                "aangemaakt": "2026-03-02",
                "aantal": aantal,
                "sha256": hashlib.sha256(inhoud).hexdigest(),
            }
        )
    lijst_pad.write_text(json.dumps({"leveringen": aangekondigd}))


def _meld_aan(bidn: Wereld, *namen: str) -> None:
    with bidn.opslag.database.transaction() as sessie:
        for naam in namen:
            organisatie = find_organisatie(sessie, naam)
            register_aanmelding(sessie, organisatie, Product.ALLEENVERDIENERS, begin=date(2026, 1, 1))
            register_productbeheerder(
                sessie,
                organisatie,
                naam="Avi",
                email=f"avi@{naam.split()[-1].lower()}.test",
                product=Product.ALLEENVERDIENERS,
            )


def _lijsten(bidn: Wereld) -> dict[tuple[str, str], tuple[int, str]]:
    """Version and contents of every current list, by organisation and gemeente."""
    bestanden = Opslag().bestanden
    with bidn.opslag.database.reading() as sessie:
        return {
            (p.organisatie.naam, str(p.gemeentecode)): (
                p.versie,
                read_published(bestanden, p.bestand("lijst")).decode(),
            )
            for p in find_publicaties(sessie, product=Product.ALLEENVERDIENERS)
        }


def test_from_levering_to_mailbox_over_several_days(
    bidn: Wereld, dagen: Dagen, draai: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    _lever(bidn, avd_2026_01=[f"{B};0014", f"{A};0014", f"{C};0687", f"{D};0193", f"{SLECHT};0014"])
    _meld_aan(bidn, ALFA, BETA)

    # Day 0: Alfa gets its two rows, Beta one file per gemeente; Gamma is not registered.
    uit = draai()

    assert uit[""] == "success"
    assert uit["levering_innemen[avd_2026_01]"] == "success"
    for organisatie in (ALFA, BETA):
        assert [uit[f"verdeling.{taak}[{organisatie} (avd_2026_01)]"] for taak in TAK] == ["success"] * 3
    eerste = {
        (ALFA, "0014"): (1, f"{KOP}{A};0014\r\n{B};0014\r\n"),
        (BETA, "0687"): (1, f"{KOP}{C};0687\r\n"),
        (BETA, "0717"): (1, KOP),
        (BETA, "0718"): (1, KOP),
    }
    assert _lijsten(bidn) == eerste
    assert bidn.mails == ["avi@alfa.test", "avi@beta.test"]
    assert not bidn.opslag.bestanden.list("tussenresultaten")
    geschreven = list(capfd.readouterr())
    telling = "gepubliceerd 3, te publiceren 0, aangehouden 1, afgewezen 1, dubbel 0"
    assert telling in "".join(geschreven)

    # Day 1: nothing new. Green, the branches skipped, nobody mailed.
    dagen.dag(1)
    uit = draai()
    assert uit[""] == "success"
    assert uit["levering_innemen"] == uit["verdeling.publiceren"] == "skipped"
    assert uit["run_afsluiten"] == "success"
    assert (_lijsten(bidn), len(bidn.mails)) == (eerste, 2)
    geschreven += capfd.readouterr()
    assert "nothing new: this run published nothing" in "".join(geschreven)

    # Day 89: Gamma has registered, in time for the row that was held back.
    dagen.dag(89)
    _meld_aan(bidn, GAMMA)
    uit = draai()
    assert uit[""] == "success"
    assert uit[f"verdeling.notificeren[{GAMMA} (avd_2026_01)]"] == "success"
    assert f"verdeling.notificeren[{ALFA} (avd_2026_01)]" not in uit
    assert _lijsten(bidn)[GAMMA, "0193"] == (1, f"{KOP}{D};0193\r\n")
    assert bidn.mails == ["avi@alfa.test", "avi@beta.test", "avi@gamma.test"]

    geschreven += capfd.readouterr()
    for kanarie in (A, B, C, D, SLECHT):
        assert kanarie not in "".join(geschreven)
    onderwerpen = {mail.onderwerp for mail in lijst(bidn.bus.folder)}
    assert all("avd_2026_01" in onderwerp for onderwerp in onderwerpen)


def test_a_rejected_levering_fails_once_and_leaves_others_alone(
    bidn: Wereld, dagen: Dagen, draai: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    _lever(bidn, avd_2026_01=([f"{A};0014"], 2), avd_2026_02=[f"{B};0014"])
    _meld_aan(bidn, ALFA)

    uit = draai()

    assert uit[""] == "failed"
    assert uit["levering_innemen[avd_2026_01]"] == "failed"
    assert uit["levering_innemen[avd_2026_02]"] == "success"
    assert uit[f"verdeling.notificeren[{ALFA} (avd_2026_02)]"] == "success"
    assert uit["run_afsluiten"] == "failed"
    assert _lijsten(bidn) == {(ALFA, "0014"): (1, f"{KOP}{B};0014\r\n")}
    geschreven = "".join(capfd.readouterr())
    assert "levering avd_2026_01 is afgekeurd: S004 Het aantal rijen" in geschreven
    assert "1 rows were read, 2 announced" in geschreven
    assert A not in geschreven

    # It has had its failure: the next day is green again.
    dagen.dag(1)
    assert draai()[""] == "success"


def test_a_levering_that_is_asked_for_and_did_not_change_is_not_published_again(
    bidn: Wereld, dagen: Dagen, draai: Draai
) -> None:
    _lever(bidn, avd_2026_01=[f"{A};0014"], avd_2026_02=[f"{B};0014"])
    _meld_aan(bidn, ALFA)
    draai()

    dagen.dag(1)
    uit = draai(levering="avd_2026_01")

    assert uit[""] == "success"
    assert uit["levering_innemen[avd_2026_01]"] == "success"
    assert "levering_innemen[avd_2026_02]" not in uit
    with bidn.opslag.database.reading() as sessie:
        alle = find_publicaties(sessie, product=Product.ALLEENVERDIENERS, ook_vervangen=True)
    assert sorted((p.manifest["periode"], p.versie, p.vervangen_op is None) for p in alle) == [
        ("avd_2026_01", 1, True),
        ("avd_2026_02", 1, True),
    ]
    assert len(bidn.mails) == 2


def test_a_levering_that_nobody_knows_fails_and_says_which_there_are(
    bidn: Wereld, dagen: Dagen, draai: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    _lever(bidn, avd_2026_01=[f"{A};0014"])

    uit = draai(levering="avd_2031_01")

    assert (uit[""], uit["leveringen_zoeken"]) == ("failed", "failed")
    assert "Announced: avd_2026_01" in "".join(capfd.readouterr())


def test_an_outage_does_not_keep_back_what_is_there(bidn: Wereld, dagen: Dagen, draai: Draai) -> None:
    _lever(bidn, avd_2026_01=[f"{A};0014"])
    draai()
    _meld_aan(bidn, ALFA)
    bidn.bronnen.storing("alleenverdieners", 503, vanaf=1, aantal=99)

    dagen.dag(1)
    uit = draai()

    assert (uit[""], uit["leveringen_zoeken"]) == ("failed", "failed")
    assert uit[f"verdeling.notificeren[{ALFA} (avd_2026_01)]"] == "success"
    assert _lijsten(bidn) == {(ALFA, "0014"): (1, f"{KOP}{A};0014\r\n")}
