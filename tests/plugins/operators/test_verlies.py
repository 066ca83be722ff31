"""A run in which a delivery turns out to be gone is never green (besluit B55)."""

from __future__ import annotations

from typing import Any

import pytest

from bidn_operators.operators.ronde import RondeAfsluitenOperator
from include.errors import ControleFout, GegevensFout
from include.schemas.domein import DeelnameStatus
from include.steps.verwerking import Opslag
from include.storage.models import RondeRow
from include.storage.organisaties import find_organisatie
from include.storage.rondes import set_status
from tests.dags.wereld import ALFA, BETA, RONDE
from tests.plugins.operators.hulp import context
from tests.steps.hulp import begin_run


def _sluit(samengesteld: list[dict[str, Any]], **gegeven: Any) -> dict[str, Any]:
    omgeving = context(ronde=RONDE, **gegeven)
    omgeving["ti"].xcom_pull = lambda *, task_ids: samengesteld if task_ids == "ronde_samenstellen" else []
    uitkomst: dict[str, Any] = RondeAfsluitenOperator(task_id="ronde_afsluiten").execute(omgeving)
    return uitkomst


def _tak(organisatie: str, status: str) -> dict[str, Any]:
    return {"organisatie": organisatie, "organisatie_id": 9, "levering_id": "x", "status": status}


@pytest.fixture
def klaar(installatie: Opslag) -> Opslag:
    """Alfa and Beta published, Gamma afgekeurd."""
    begin_run(installatie)
    with installatie.database.transaction() as sessie:
        for naam in (ALFA, BETA):
            wie = find_organisatie(sessie, naam)
            set_status(sessie, RONDE, wie, DeelnameStatus.GEPUBLICEERD, nu=installatie.klok())
    return installatie


def test_it_names_whose_it_was_after_all_else_is_done_and_closed(klaar: Opslag) -> None:
    samen = [
        _tak(ALFA, "correct"),
        _tak("Gemeente Delta", "vervallen"),
    ]
    with pytest.raises(GegevensFout, match=r"1 organisation got no reports.*: Gemeente Delta\. Clearing"):
        _sluit(samen)
    with klaar.database.reading() as sessie:
        assert sessie.get_one(RondeRow, RONDE).afgesloten_op == klaar.klok()


def test_what_can_be_mended_comes_first(klaar: Opslag) -> None:
    with pytest.raises(ControleFout, match="1 task failed"):
        _sluit(
            [_tak("Gemeente Delta", "vervallen")],
            toestanden={"toetsing.uwv_ophalen_0": "failed"},
        )


def test_nothing_lost(klaar: Opslag) -> None:
    assert _sluit([_tak(ALFA, "correct")])["gepubliceerd"] == 2
