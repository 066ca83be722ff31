"""Every task of both services, killed (SIGKILL) before each step that shows, and tried again: nothing lost or twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.errors import GegevensFout
from include.steps.publicatie import publiceer_rapporten
from include.steps.rapporten import RAPPORT, RAPPORTEN, maak_rapporten
from include.storage.bewaarklassen import OrphanFiles, Removal
from include.storage.bewaartermijn import sweep
from tests.dags.wereld import ALFA, BETA
from tests.harness import branch
from tests.storage.moord import ZICHTBAAR_IN_OS, sterf_na
from tests.storingen.installatie import (
    ALLEENVERDIENERS,
    BIJZONDERE_BIJSTAND,
    Beeld,
    Halte,
    Installatie,
    Run,
    Taak,
    beeld,
    verwerking_van,
)

ZONDER_EIND = 200
LEZEN_ALLEEN = {"goedkeuren", "leveringen_zoeken", "verdeling_maken", "run_afsluiten"}
"""Tasks that leave nothing behind but what they return: there is nothing to kill them in."""

pytestmark = pytest.mark.slow


def _sterf_na(stappen: int, taak: Taak, installatie: Installatie) -> bool:
    return sterf_na(
        stappen, partial(taak.draai, installatie), binnen_transacties=False, in_os=ZICHTBAAR_IN_OS
    )


def _van_een(taken: tuple[Taak, ...], van: str) -> list[str]:
    """The tasks of all and those of one organisation."""
    return [str(taak) for taak in taken if taak.van in ("", van)]


@pytest.mark.parametrize("naam", _van_een(BIJZONDERE_BIJSTAND, ALFA))
def test_bijzondere_bijstand(
    haltes_bb: dict[str, Halte], bronnen: SimpleNamespace, werk: Path, naam: str
) -> None:
    _dood_bij_elke_stap(haltes_bb[naam], werk)


@pytest.mark.parametrize("naam", _van_een(ALLEENVERDIENERS, BETA))
def test_alleenverdieners(
    haltes_avd: dict[str, Halte], bronnen: SimpleNamespace, werk: Path, naam: str
) -> None:
    _dood_bij_elke_stap(haltes_avd[naam], werk)


def _dood_bij_elke_stap(halte: Halte, werk: Path) -> None:
    hervat: list[Beeld] = []
    for stappen in count():
        assert stappen < ZONDER_EIND, "the task takes no end"
        nu = halte.begin(werk)
        klaar = _sterf_na(stappen, halte.taak, nu)
        if klaar:
            halte.eis_als_ongestoord(nu)
            assert (stappen == 0) == (halte.taak.naam in LEZEN_ALLEEN)
            return
        achtergelaten = beeld(nu)
        halte.eis_heel(achtergelaten)
        if achtergelaten not in hervat:  # else it would go as it went before
            hervat.append(achtergelaten)
            halte.taak.draai(nu)  # Airflow's next attempt
            halte.eis_als_ongestoord(nu)


def test_a_run_in_which_every_task_is_killed_ends_with_the_same_reports(hele_run: Run, werk: Path) -> None:
    """Of every organisation; and a sweep two days later takes what the killed ones left behind."""
    nu = hele_run.begin(werk)
    for taak in hele_run.taken:
        if taak.naam not in (*LEZEN_ALLEEN, "notificeren"):
            assert not _sterf_na(1 if taak.naam == "publiceren" else 0, taak, nu)
        taak.draai(nu)
    hele_run.eis_zelfde_einde(nu)

    def wezen() -> list[Removal]:
        with nu.opslag.database.reading() as sessie:
            return OrphanFiles(timedelta(0)).find(sessie, nu.opslag.bestanden, morgen)

    voor, morgen = beeld(nu), datetime.now(UTC) + timedelta(days=1)
    assert wezen()
    sweep(
        nu.opslag.database,
        nu.opslag.bestanden,
        nu=morgen,
        klassen=(OrphanFiles(timedelta(0), however_many=True),),
    )
    assert wezen() == []
    assert beeld(nu) | {"": {}} == voor | {"": {}}


@pytest.mark.parametrize(("naam", "stappen"), [(f"publiceren[{ALFA}]", 1), (f"notificeren[{ALFA}]", 2)])
def test_a_new_run_after_a_crash_publishes_what_was_not_out_and_tells_everybody_once(
    haltes_bb: dict[str, Halte], bronnen: SimpleNamespace, werk: Path, naam: str, stappen: int
) -> None:
    """Beta is published and told, or Alfa is told in part; then killed, and not resumed but started anew (B56)."""
    halte, einde = haltes_bb[naam], haltes_bb["ronde_afsluiten"].na
    nu = halte.begin(werk)
    assert not _sterf_na(stappen, halte.taak, nu)
    nu = replace(nu, run="run-2", xcom={})
    for taak in BIJZONDERE_BIJSTAND[1:]:  # all but the deliveries
        taak.draai(nu)
    assert _gepubliceerd(nu) == _gepubliceerd(einde)
    # Of one mail nobody knows whether it went: it is not sent again (besluit B54).
    onzeker = [ding for wat in beeld(nu).values() for ding, deel in wat.items() if deel == "claimed"]
    assert len(onzeker) <= 1
    assert Counter(nu.gemaild) <= Counter(einde.gemaild)
    assert (Counter(einde.gemaild) - Counter(nu.gemaild)).total() <= len(onzeker)


def _gepubliceerd(installatie: Installatie) -> Beeld:
    """Every version of every report that is out, with its contents."""
    return {
        van: {ding: deel for ding, deel in wat.items() if ding.startswith("publicatie ")}
        for van, wat in beeld(installatie).items()
    }


def test_reports_made_anew_are_never_mixed_with_those_that_wait(
    haltes_bb: dict[str, Halte], bronnen: SimpleNamespace, werk: Path
) -> None:
    halte = haltes_bb[f"goedkeuren[{ALFA}]"]
    for stappen in count():
        nu = halte.begin(werk)
        tak = branch(nu.opslag, verwerking_van(nu, ALFA), "rapporten_maken")
        [deel] = tak.toetsing.delen()
        deel.werk.write_frame("uitkomsten", deel.werk.read_frame("uitkomsten").assign(naam="Anders"))
        klaar = sterf_na(
            stappen, partial(maak_rapporten, tak), binnen_transacties=False, in_os=ZICHTBAAR_IN_OS
        )
        if tak.werk.exists(RAPPORT):
            anders = {b"Anders" in tak.werk.read(rapport) for rapport in RAPPORTEN}
            assert anders == {stappen > 0}  # those that wait go first of all
        else:
            with pytest.raises(GegevensFout, match=r"rapport\.json is not there"):
                publiceer_rapporten(tak)
        if klaar:
            assert stappen >= 5
            return
