"""Who delivered and is not registered on the deelnamedatum: said at the opening and in the summary (besluit B53a)."""

from __future__ import annotations

from datetime import date

import pytest

from bidn_operators.operators.ronde import RondeAfsluitenOperator, RondeOpenenOperator
from include.schemas.domein import DeelnameStatus
from include.steps.registreren import meld_af
from include.steps.verwerking import Opslag
from include.storage.models import RondeRow
from include.storage.organisaties import find_organisatie
from include.storage.rondes import set_status
from tests.dags.wereld import AANGEMELD, ALFA, BETA, GAMMA, RONDE
from tests.plugins.operators.hulp import context
from tests.steps.hulp import begin_run


def test_who_is_not_registered_is_not_in_the_ronde_and_is_named(
    installatie: Opslag, logregels: pytest.LogCaptureFixture
) -> None:
    # The registrations end on the deelnamedatum of 2026-10 and the day before; Gamma's goes on.
    meld_af(installatie, ALFA, AANGEMELD.product, per=date(2026, 10, 26))
    meld_af(installatie, BETA, AANGEMELD.product, per=date(2026, 10, 25))
    deelnemers = RondeOpenenOperator(task_id="ronde_openen").execute(context(ronde=RONDE))
    assert [deelnemer["organisatie"] for deelnemer in deelnemers] == [GAMMA]
    assert "ronde 2026-10: 1 organisations delivered and take part" in logregels.text
    assert (
        "ronde 2026-10: 2 organisations delivered and do not take part, for their registration does not cover the "
        f"deelnamedatum 2026-10-26: {ALFA}, {BETA}" in logregels.text
    )


def test_the_summary_names_them_too(installatie: Opslag, logregels: pytest.LogCaptureFixture) -> None:
    meld_af(installatie, BETA, AANGEMELD.product, per=date(2026, 10, 26))
    begin_run(installatie)
    with installatie.database.transaction() as sessie:
        for naam in (ALFA, GAMMA):
            wie = find_organisatie(sessie, naam)
            set_status(sessie, RONDE, wie, DeelnameStatus.GEPUBLICEERD, nu=installatie.klok())
    samenvatting = RondeAfsluitenOperator(task_id="ronde_afsluiten").execute(
        context(ronde=RONDE, toestanden={})
    )
    assert (samenvatting["niet_aangemeld"], samenvatting["organisaties"]) == ([BETA], 2)
    assert f"niet aangemeld {BETA}" in logregels.text
    with installatie.database.reading() as sessie:
        bewaard = sessie.get_one(RondeRow, RONDE).samenvatting
    assert bewaard is not None
    assert (bewaard["niet_aangemeld"], bewaard["niemand_bericht"]) == ([BETA], [])
