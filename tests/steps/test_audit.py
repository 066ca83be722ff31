"""What the steps leave in the logboek: every question, publication, look-up, download and removal."""

from __future__ import annotations

from collections import Counter
from typing import Any, NoReturn, cast

import numpy as np
import pytest
from typer.testing import CliRunner

from include.bronnen.brp import ADRESVRAGEN
from include.bronnen.client import Bronclient
from include.cli import app
from include.errors import BronFout, GegevensFout
from include.schemas.domein import Product
from include.steps.audit import recorded, ruim_op
from include.steps.raadplegen import haal_op, zoek_detail
from include.steps.verwerking import Opslag
from include.storage import audit_log
from include.storage.actor import acting_as
from include.storage.audit_log import AuditCheck
from include.storage.audit_models import AuditEntry, AuditSubjects
from include.storage.pseudonyms import Pseudonyms
from tests.dags.wereld import ALFA, ARM, BETA, BIJSTAND, KIND, PERSONEN, RIJK, RIJK_PARTNER, RONDE
from tests.harness import take_until
from tests.steps.hulp import Klok, versies, verwerking_van

pytestmark = pytest.mark.usefixtures("bronnen")


def _regels(opslag: Opslag, naam: str | None = None) -> list[AuditEntry]:
    with opslag.database.reading() as sessie:
        return audit_log.entries(sessie, naam=naam)


def _gaaf(opslag: Opslag) -> AuditCheck:
    with opslag.database.reading() as sessie:
        return audit_log.verify(sessie, audit_log.read_anchor(opslag.bestanden))


def _betrokkenen(opslag: Opslag, regel: AuditEntry) -> set[str]:
    """Which persons of the world are in the list of a logregel."""
    with opslag.database.reading() as sessie:
        lijst = sessie.get_one(AuditSubjects, regel.volgnummer).hashes
    return {bsn for bsn in PERSONEN if Pseudonyms().is_in(lijst, int(bsn))}


@pytest.fixture
def gepubliceerd(wereld: Opslag, bronnen: Any) -> Opslag:
    """ALFA is published; the questions were about RIJK (with her partner) and ARM."""
    take_until(wereld, verwerking_van(wereld, ALFA), bronnen.url)
    return wereld


def test_every_question_to_a_source_is_entered_with_whom_it_was_about(gepubliceerd: Opslag, bronnen: Any):
    vragen = _regels(gepubliceerd, "bron-bevragen")
    assert {regel.bijzonderheden["endpoint"]: _betrokkenen(gepubliceerd, regel) for regel in vragen} == {
        "/brp/adresvragen": {RIJK, ARM},
        "/bijstand/uitkeringsverhoudingen": {RIJK, RIJK_PARTNER, ARM},
        "/uwv/inkomstenverhoudingen": {RIJK, RIJK_PARTNER, ARM},
        "/belastingdienst/heffingskortingen": {RIJK, RIJK_PARTNER, ARM},
    }
    for regel in vragen:
        bron = regel.bijzonderheden["endpoint"].split("/")[1]
        gevraagd = {bsn for aanroep in bronnen.beheer.bevraagd(bron) for bsn in aanroep}
        assert _betrokkenen(gepubliceerd, regel) == gevraagd  # what the source itself saw
        assert (regel.organisatie, regel.doelbinding, regel.ronde, regel.aantal) == (
            ALFA,
            "bijzondere-bijstand",
            RONDE,
            len(gevraagd),
        )
    antwoorden = _regels(gepubliceerd, "bron-antwoord")
    assert [regel.parent_span_id for regel in antwoorden] == [regel.span_id for regel in vragen]
    assert {regel.status for regel in antwoorden} == {"Ok"}
    assert all(regel.begin_op <= regel.einde_op for regel in antwoorden)


def test_a_publication_and_the_removal_of_what_was_fetched_are_entered(gepubliceerd: Opslag):
    [publicatie] = _regels(gepubliceerd, "publicatie")
    [echt] = versies(gepubliceerd, ALFA)
    assert (publicatie.onderwerp, publicatie.organisatie, publicatie.ronde, publicatie.aantal) == (
        echt.id,
        ALFA,
        RONDE,
        2,
    )
    assert publicatie.bijzonderheden["sha256"]["overzicht"] == echt.bestand("overzicht").sha256
    [weg] = _regels(gepubliceerd, "vernietiging")
    assert list(weg.bijzonderheden["bestanden"]) == ["tussenresultaat"]
    aantallen = Counter(regel.naam for regel in _regels(gepubliceerd))
    assert aantallen["organisatie-registreren"] == 3
    assert aantallen["levering-ontvangen"] == 3
    assert _gaaf(gepubliceerd) == AuditCheck(sum(aantallen.values()))


def test_a_step_taken_twice_publishes_and_enters_once(gepubliceerd: Opslag, bronnen: Any):
    take_until(gepubliceerd, verwerking_van(gepubliceerd, ALFA), bronnen.url, van="publiceren")
    assert len(_regels(gepubliceerd, "publicatie")) == 1


def test_a_question_that_fails_is_entered_with_the_kind_of_error(wereld: Opslag, bronnen: Any):
    bronnen.beheer.storing("brp", 503, vanaf=1, aantal=99)
    with pytest.raises(BronFout):
        take_until(wereld, verwerking_van(wereld, ALFA), bronnen.url, tot="huishouden_brp")
    [vraag], [antwoord] = _regels(wereld, "bron-bevragen"), _regels(wereld, "bron-antwoord")
    assert _betrokkenen(wereld, vraag) == {RIJK, ARM}
    assert (vraag.status, antwoord.status) == ("Unset", "Error")
    assert antwoord.bijzonderheden["exception.type"] == "BronFout"


@pytest.mark.parametrize(("bsn", "gevonden"), [(RIJK, True), (BIJSTAND, False)])
def test_every_look_up_is_entered_found_or_not(gepubliceerd: Opslag, bsn: str, gevonden: bool):
    with acting_as("p.beheerder"):
        uitkomst = zoek_detail(gepubliceerd, organisatie=ALFA, bsn=int(bsn))
    assert (uitkomst is not None) == gevonden
    [regel] = _regels(gepubliceerd, "detail-opzoeken")
    assert regel.uitvoerder == "gebruiker:p.beheerder"
    assert regel.betrokkene == Pseudonyms().of(int(bsn))
    assert regel.bijzonderheden == {"gevonden": gevonden}
    assert (regel.organisatie, regel.doelbinding) == (ALFA, "bijzondere-bijstand")
    assert _gaaf(gepubliceerd).first_break is None


def test_nothing_is_shown_when_it_cannot_be_entered(gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch):
    def weiger(*_: Any, **__: Any) -> None:
        raise GegevensFout("no logboek")

    monkeypatch.setattr(audit_log, "record", weiger)
    [publicatie] = versies(gepubliceerd, ALFA)
    with pytest.raises(GegevensFout, match="no logboek"):
        zoek_detail(gepubliceerd, organisatie=ALFA, bsn=int(RIJK))
    with pytest.raises(GegevensFout, match="no logboek"):
        haal_op(gepubliceerd, publicatie, "overzicht")


def test_a_download_is_entered(gepubliceerd: Opslag):
    [publicatie] = versies(gepubliceerd, ALFA)
    assert RIJK.encode() in haal_op(gepubliceerd, publicatie, "overzicht")
    [regel] = _regels(gepubliceerd, "rapport-ophalen")
    assert (regel.onderwerp, regel.aantal, regel.bijzonderheden["soort"]) == (publicatie.id, 2, "overzicht")


def test_a_sweep_is_entered(gepubliceerd: Opslag):
    cast("Klok", gepubliceerd.klok).verder(days=90)
    ruim_op(gepubliceerd)
    klassen: Counter[str] = Counter()
    for regel in _regels(gepubliceerd, "vernietiging"):
        klassen.update(regel.bijzonderheden["bestanden"])
    assert klassen["rapport"] == 5
    assert _gaaf(gepubliceerd).first_break is None


def test_who_was_asked_about_is_entered_before_the_question_is_put(wereld: Opslag):
    class Dies(Bronclient):
        """A client whose process ends while it asks."""

        def _draai(self, werk: object) -> NoReturn:
            raise SystemExit

    alone = Dies("http://127.0.0.1:9", "t", bron="brp", doelbinding=Product.BIJZONDERE_BIJSTAND)
    asked = recorded(wereld, alone, doelbinding=Product.BIJZONDERE_BIJSTAND, onderwerp="5f0c")
    with pytest.raises(SystemExit):
        asked.vraag(ADRESVRAGEN, np.array([int(KIND)]))
    assert [_betrokkenen(wereld, regel) for regel in _regels(wereld, "bron-bevragen")] == [{KIND}]


@pytest.fixture
def cli(gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> CliRunner:
    monkeypatch.setenv("BIDN_DATABASE_URL", str(gepubliceerd.database.engine.url))
    monkeypatch.setenv("BIDN_OPSLAG", (tmp_path / "opslag").as_uri())
    return CliRunner()


def test_the_commands_verify_list_and_tell_a_person(cli: CliRunner, gepubliceerd: Opslag):
    aantal = len(_regels(gepubliceerd))
    klaar = cli.invoke(app, ["logboek", "controleer"])
    assert klaar.exit_code == 0, klaar.output
    assert f"gaaf: tot en met logregel {aantal}." in klaar.output

    klaar = cli.invoke(app, ["logboek", "betrokkene", "--bsn", RIJK_PARTNER, "--ldv"])
    assert klaar.exit_code == 0, klaar.output
    assert [regel.count('"bron-bevragen"') for regel in klaar.output.splitlines()] == [1, 1, 1]
    assert RIJK_PARTNER not in klaar.output
    assert _regels(gepubliceerd)[-1].naam == "logboek-inzien"

    klaar = cli.invoke(app, ["logboek", "lijst", "--organisatie", BETA, "--ldv"])
    assert '"levering-ontvangen"' in klaar.output
    assert ALFA not in klaar.output


def _buitenom(opslag: Opslag, *opdrachten: str) -> None:
    with opslag.database.engine.begin() as verbinding:
        for trigger in ("logboek_geen_update", "logboek_geen_delete"):
            verbinding.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        for opdracht in opdrachten:
            verbinding.exec_driver_sql(opdracht)


def test_every_break_is_named_a_known_one_can_be_accepted_and_the_next_is_still_seen(
    cli: CliRunner, gepubliceerd: Opslag
):
    def controleer(code: int, *genoemd: str) -> str:
        klaar = cli.invoke(app, ["logboek", "controleer"])
        gezegd = klaar.output + klaar.stderr
        assert klaar.exit_code == code, gezegd
        assert [woorden for woorden in genoemd if woorden not in gezegd] == []
        return gezegd

    def aanvaard(nummer: int, reden: str = "proef van ops, zie dossier 12") -> int:
        woorden = ["--reden", reden, "--door", "Functionaris"]
        return cli.invoke(app, ["logboek", "aanvaard", str(nummer), *woorden]).exit_code

    _buitenom(
        gepubliceerd,
        "UPDATE logboek SET organisatie = 'Gemeente Gamma' WHERE volgnummer = 5",
        "PRAGMA defer_foreign_keys = ON",
        "DELETE FROM logboek_betrokkenen WHERE volgnummer = 7",
        "DELETE FROM logboek WHERE volgnummer = 7",
    )
    controleer(2, "broken at logregel 5", "logregel 5: its seal does not fit", "logregel 7: it was removed")
    assert aanvaard(6) == 2  # nothing is wrong there
    assert aanvaard(5, " ") == 2
    assert aanvaard(5) == 0
    assert "logregel 5" not in controleer(2, "broken at logregel 7")
    assert aanvaard(7) == 0
    controleer(0, "gaaf", "door Functionaris: proef van ops, zie dossier 12")

    # What was accepted is what was there then.
    _buitenom(gepubliceerd, "UPDATE logboek SET organisatie = 'Gemeente Delta' WHERE volgnummer = 5")
    controleer(2, "broken at logregel 5")
    assert aanvaard(5) == 0
    _buitenom(gepubliceerd, "UPDATE logboek SET aantal = 0 WHERE volgnummer = 2")
    controleer(2, "broken at logregel 2", "1 breaks in all")
    assert aanvaard(2) == 0

    # The end: what was cut off, and with it the anchor that knew of it.
    laatste = _regels(gepubliceerd)[-1].volgnummer
    _buitenom(gepubliceerd, "DELETE FROM logboek WHERE volgnummer = (SELECT MAX(volgnummer) FROM logboek)")
    controleer(2, f"logregel {laatste}: the end was removed")
    assert aanvaard(laatste) == 0
    controleer(2, "broken at logregel 2")  # the note about it was what was cut off
    assert aanvaard(2) == 0
    controleer(0, "gaaf")
    assert [regel.naam for regel in _regels(gepubliceerd, "logboek-controleren")] == ["logboek-controleren"]
