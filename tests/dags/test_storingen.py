"""One run of each DAG in which every organisation meets another fault: its own branch stops or waits, no other.

What every fault does by itself is in tests/storingen.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from wereld import AANGEMELD, ALFA, ARM, BETA, GAMMA, RONDE, Wereld

from include.errors import OpslagFout
from include.pipeline import ALLEENVERDIENERS, BIJZONDERE_BIJSTAND
from include.schemas.domein import Product
from include.steps.leveren import lever
from include.steps.registreren import Beheerder, Inschrijving, ProductInstellingen, schrijf_in
from include.steps.stored_branch import StoredBranch
from include.steps.verdeling import Verdeling
from include.steps.verwerking import Verwerking
from include.storage.leveringen import find_leveringen
from include.storage.organisaties import find_organisatie, register_aanmelding, register_productbeheerder
from include.storage.publicaties import find_publicaties, read_published
from tests.harness import before

Draai = Callable[..., dict[str, str]]
pytestmark = pytest.mark.slow

EXTRA = {"Gemeente Delta": "0197", "Gemeente Epsilon": "0106", "Gemeente Zeta": "0200"}
DELTA, EPSILON, ZETA = EXTRA
KOP = "BSN;Gemeentecode\r\n"
A, B, C, D = "999990019", "999990032", "999990044", "999990056"


def _mails(organisatie: str) -> list[str]:
    return [f"{wie}@{organisatie.rsplit(maxsplit=1)[-1].lower()}.test" for wie in ("een", "twee")]


@pytest.fixture
def zes(bidn: Wereld) -> Wereld:
    """The world with three more organisations; each delivers the same household."""
    for naam, code in EXTRA.items():
        schrijf_in(
            bidn.opslag,
            Inschrijving(
                naam=naam,
                gemeentecodes=[code],
                productbeheerders=[
                    Beheerder(naam="B", email=adres, product=Product.BIJZONDERE_BIJSTAND)
                    for adres in _mails(naam)
                ],
                instellingen=ProductInstellingen(),
                aanmeldingen=[AANGEMELD],
            ),
        )
        inhoud = f"{code};J;;{ARM};;;;;;\r\n".encode()
        ontvangen = datetime(2026, 10, 12, 11, 0, tzinfo=UTC)
        lever(bidn.opslag, organisatie=naam, bestandsnaam="v.csv", inhoud=inhoud, ontvangen=ontvangen)
    return bidn


def vol(wie: Verwerking | Verdeling) -> None:
    """For one organisation the disk is full, and stays so."""
    if wie.organisatie == EPSILON:
        raise OpslagFout("the file store could not write: No space left on device")


def _gepubliceerd(wereld: Wereld) -> dict[str, dict[str, str]]:
    """Aanvrager and belemmering of every overzicht, by organisation; of all versions there are."""
    uit = {}
    with wereld.opslag.database.reading() as sessie:
        for publicatie in find_publicaties(sessie, ronde=RONDE, ook_vervangen=True):
            tekst = read_published(wereld.opslag.bestanden, publicatie.bestand("overzicht")).decode(
                "utf-8-sig"
            )
            rijen = list(csv.DictReader(io.StringIO(tekst), delimiter=";"))
            assert publicatie.organisatie.naam not in uit
            uit[publicatie.organisatie.naam] = {rij["Aanvrager BSN"]: rij["Belemmering"] for rij in rijen}
    return uit


def test_a_ronde_in_which_every_organisation_meets_another_fault(
    zes: Wereld, draai: Draai, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # One delivery is damaged; for another the disk is full, and stays so.
    with zes.opslag.database.reading() as sessie:
        [levering] = find_leveringen(sessie, organisatie=find_organisatie(sessie, ZETA))
    zes.opslag.bestanden.write(levering.sleutel, b"beschadigd")
    before(monkeypatch, BIJZONDERE_BIJSTAND.step("rapporten_maken"), lambda tak: vol(tak.verwerking))

    # The BRP refuses a third. Others meet what passes: at once, or at the second attempt.
    def geweigerd(tak: StoredBranch) -> None:
        if tak.verwerking.organisatie == DELTA:
            zes.bronnen.storingen("brp", ("403", 1))

    before(monkeypatch, BIJZONDERE_BIJSTAND.step("huishouden_brp"), geweigerd)
    zes.bronnen.storingen("bijstand", ("missing_bsn", 1))
    zes.bronnen.storingen("uwv", ("truncated", 1), ("503", 2))
    zes.bronnen.storingen("belastingdienst", ("malformed_json", 1), ("429", 3))
    zes.bus.weigert = ["451 later"]

    uit = draai("bijzondere_bijstand", ronde=RONDE)

    mislukt = {taak: toestand for taak, toestand in uit.items() if toestand == "failed"}
    assert set(mislukt) == {
        "",
        f"intake[{ZETA}]",
        f"toetsing.huishouden_brp[{DELTA}]",
        f"toetsing.rapporten_maken[{EPSILON}]",
        "ronde_afsluiten",
    }
    assert (
        uit[f"toetsing.publiceren[{DELTA}]"] == uit[f"toetsing.notificeren[{EPSILON}]"] == "upstream_failed"
    )
    assert uit["bewaartermijn_toepassen"] == "success"
    # Everybody else has exactly the right reports, once, and was told of them once, also who was refused at first.
    assert _gepubliceerd(zes) == {
        ALFA: {"999900018": "J", ARM: "N"},
        BETA: {"999900055": "N", "999900018": "J", "999900079": "J"},
    }
    gemaild = [adres for naam in (ALFA, BETA) for adres in _mails(naam) if adres != "twee@alfa.test"]
    assert zes.mails == sorted(gemaild)
    assert uit[f"toetsing.huishouden_brp[{GAMMA}]"] == "skipped"
    # A mistake is not repeated, an outage is: BIDN_HERHALINGEN times.
    assert len(zes.bronnen.aanroepen("brp")) == 4
    geschreven = "".join(capfd.readouterr())
    assert f"organisation {DELTA}, ronde {RONDE}: source brp" in geschreven
    assert f"organisation {ZETA}, ronde {RONDE}: its stored delivery cannot be read" in geschreven
    assert "2 of 5 organisations published; 3 tasks failed" in geschreven
    # What was fetched about the households of a branch that may be taken up again is kept, of the others nothing.
    over = {bestand.key.split("/")[1] for bestand in zes.opslag.bestanden.list("tussenresultaten")}
    assert len(over) == 2


def test_what_cannot_be_known_of_one_organisation_is_not_published_of_another(
    bidn: Wereld, draai: Draai, wis: Draai, capfd: pytest.CaptureFixture[str]
) -> None:
    """Alfa and Beta deliver RIJK (besluit B52); all that is kept of Alfa's delivery is damaged."""
    with bidn.opslag.database.reading() as sessie:
        [levering] = find_leveringen(sessie, organisatie=find_organisatie(sessie, ALFA))
    heel = bidn.opslag.bestanden.read(levering.sleutel)
    for sleutel in (levering.sleutel, levering.sleutel_aangenomen):
        bidn.opslag.bestanden.write(sleutel, b"beschadigd")

    uit = draai("bijzondere_bijstand", ronde=RONDE)

    mislukt = {taak for taak, toestand in uit.items() if toestand == "failed"}
    assert mislukt == {"", f"intake[{ALFA}]", f"toetsing.rapporten_maken[{BETA}]", "ronde_afsluiten"}
    assert (_gepubliceerd(bidn), bidn.mails) == ({}, [])
    geschreven = "".join(capfd.readouterr())
    assert f"delivered too by {ALFA}" in geschreven
    assert f"clear the intake of {ALFA} with everything after it" in geschreven
    assert "then clear each failed intake with everything after it: that takes the others along" in geschreven

    # Done as they say: the file is restored from the backup, and that one intake cleared.
    bidn.opslag.bestanden.write(levering.sleutel, heel)
    assert wis("bijzondere_bijstand", f"intake[{ALFA}]", downstream=True)[""] == "success"
    assert sorted(_gepubliceerd(bidn)) == [ALFA, BETA]  # one version each
    assert bidn.mails == ["een@alfa.test", "een@beta.test", "twee@beta.test"]
    with bidn.opslag.database.reading() as sessie:
        [beta] = find_publicaties(sessie, organisatie=find_organisatie(sessie, BETA), ronde=RONDE)
    detail = read_published(bidn.opslag.bestanden, beta.bestand("detail")).decode()
    assert detail.count("<BSNTevensAangeleverd>Groningen</BSNTevensAangeleverd>") == 1


def _kondig_aan(wereld: Wereld, **rijen: list[str]) -> None:
    map_ = wereld.map / "populatie" / "alleenverdieners"
    map_.mkdir()
    aangekondigd = []
    for naam, regels in rijen.items():
        inhoud = (KOP + "".join(f"{regel}\r\n" for regel in regels)).encode()
        (map_ / f"{naam}.csv").write_bytes(inhoud)
        feiten = {"levering": naam, "lijstjaar": 2026, "aangemaakt": "2026-03-02"}
        aangekondigd.append(feiten | {"aantal": len(regels), "sha256": hashlib.sha256(inhoud).hexdigest()})
    (map_ / "leveringen.json").write_text(json.dumps({"leveringen": aangekondigd}))


def test_a_run_of_alleenverdieners_in_which_everybody_meets_another_fault(
    zes: Wereld, dagbag: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from airflow.models.pool import Pool

    Pool.create_or_update_pool("bron_belastingdienst", 4, "", include_deferred=False)
    _kondig_aan(zes, avd_1=[f"{A};0014"], avd_2=[f"{B};0014"], avd_3=[f"{C};0014", f"{D};0197", f"{D};0106"])
    with zes.opslag.database.transaction() as sessie:
        for naam in (ALFA, DELTA, EPSILON):
            wie = find_organisatie(sessie, naam)
            register_aanmelding(sessie, wie, Product.ALLEENVERDIENERS, begin=date(2026, 1, 1))
            adres = _mails(naam)[0]
            register_productbeheerder(sessie, wie, naam="B", email=adres, product=Product.ALLEENVERDIENERS)
    # The list is away at first; of the three files the first breaks off, the second is another one than announced.
    zes.bronnen.storingen("alleenverdieners", ("503", 1), ("truncated", 3), ("missing_bsn", 4))
    before(monkeypatch, ALLEENVERDIENERS.step("lijsten_maken"), lambda tak: vol(tak.verdeling))
    zes.bus.weigert = ["451 later"]

    run = dagbag.dags["alleenverdieners"].test(run_conf={})

    tis = run.get_task_instances()
    mislukt = {(ti.task_id, ti.rendered_map_index) for ti in tis if ti.state == "failed"}
    [(_, kapot)] = [taak for taak in mislukt if taak[0] == "levering_innemen"]
    goed = {"avd_1", "avd_2", "avd_3"} - {kapot}
    assert mislukt == {
        ("levering_innemen", kapot),
        *(("verdeling.lijsten_maken", f"{EPSILON} ({levering})") for levering in goed),
        ("run_afsluiten", None),
    }
    with zes.opslag.database.reading() as sessie:
        lijsten = {
            (p.organisatie.naam, p.manifest["periode"], p.versie): read_published(
                zes.opslag.bestanden, p.bestand("lijst")
            ).decode()
            for p in find_publicaties(sessie, product=Product.ALLEENVERDIENERS, ook_vervangen=True)
        }
    rijen = {"avd_1": {ALFA: A}, "avd_2": {ALFA: B}, "avd_3": {ALFA: C}}
    codes = {ALFA: "0014", DELTA: "0197"}
    # The same BSN under two codes is rejected (besluit A2): Delta gets lists with only their header.
    assert lijsten == {
        (naam, levering, 1): KOP + (f"{rijen[levering][naam]};{code}\r\n" if naam in rijen[levering] else "")
        for levering in goed
        for naam, code in codes.items()
    }
    assert zes.mails == sorted(_mails(naam)[0] for naam in codes for _ in goed)
    geschreven = "".join(capfd.readouterr())
    assert f"Levering {kapot} does not have the sha-256 that the Belastingdienst announced" in geschreven
    for bsn in (A, B, C, D):
        assert bsn not in geschreven
