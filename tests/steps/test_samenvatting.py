"""The summary of a ronde, and what counts as a shift against an earlier one."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import InstallatieFout
from include.normen import laden
from include.schemas.instellingen import Instellingen
from include.steps.rapporten import oordelen
from include.steps.samenvatting import (
    Grenzen,
    bewaar,
    grenzen,
    stel_op,
    vergelijk_met_eerder,
    verschuivingen,
)
from include.steps.verwerking import Opslag, Verwerking
from include.storage.rondes import close_ronde, earlier_samenvattingen, keep_samenvatting, open_ronde
from tests.dags.wereld import ALFA, BETA, GAMMA, NAMEN, PERSONEN, RONDE
from tests.harness import branch, take_until
from tests.steps.hulp import begin_run


def _telling(ja: int, nee: int, niet: int = 0) -> dict[str, int]:
    return {"J": ja, "N": nee, "Niet getoetst": niet}


# now (J, N), before (J, N), is it a shift with the default limits: twice, 20 tested, 5 points
SCHUIVEN = [
    ((20, 80), (10, 90), True),  # 20 % from 10 %: twice
    ((19, 81), (10, 90), False),
    ((10, 90), (20, 80), True),  # half is as unusual as twice
    ((10, 90), (0, 100), True),  # out of nothing
    ((0, 100), (10, 90), True),  # into nothing
    ((0, 100), (0, 100), False),
    ((4, 96), (1, 99), False),  # four times, but three points
    ((6, 94), (1, 99), True),
    ((10, 9), (1, 99), False),  # nineteen tested: chance
    ((10, 10), (1, 99), True),
    ((50, 50), (1, 18), False),  # nineteen before
    ((100, 0), (60, 40), False),
    ((0, 0), (10, 90), False),  # nobody tested: the setting was turned off
]


@pytest.mark.parametrize(("nu", "toen", "verwacht"), SCHUIVEN)
def test_a_shift_is_twice_the_share_or_half_of_it(
    nu: tuple[int, int], toen: tuple[int, int], verwacht: bool
) -> None:
    gevonden = verschuivingen(
        {"Inkomen": _telling(*nu, 7)},
        {"Inkomen": _telling(*toen, 900)},
        vorige_ronde="2026-09",
        grens=Grenzen(),
    )
    assert bool(gevonden) is verwacht


def test_a_shift_says_which_test_and_both_shares() -> None:
    [een] = verschuivingen(
        {"Inkomen": _telling(20, 80), "Vermogen": _telling(10, 90)},
        {"Inkomen": _telling(8, 92), "Vermogen": _telling(10, 90)},
        vorige_ronde="2026-09",
        grens=Grenzen(),
    )
    assert str(een) == "Inkomen: 20% J (20 of 100), in ronde 2026-09 8% J (8 of 100)"


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_a_shift_looks_the_same_from_both_sides(a: int, b: int, c: int, d: int) -> None:
    heen, terug = {"Inkomen": _telling(a, b)}, {"Inkomen": _telling(c, d)}
    assert bool(verschuivingen(heen, terug, vorige_ronde="x", grens=Grenzen())) == bool(
        verschuivingen(terug, heen, vorige_ronde="x", grens=Grenzen())
    )
    assert verschuivingen(heen, heen, vorige_ronde="x", grens=Grenzen()) == []


def test_the_limits_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert grenzen() == Grenzen(2, 20, 5)
    monkeypatch.setenv("BIDN_VERSCHUIVING_FACTOR", "1.5")
    monkeypatch.setenv("BIDN_VERSCHUIVING_MINSTENS", "5")
    assert grenzen() == Grenzen(1.5, 5, 5)
    monkeypatch.setenv("BIDN_VERSCHUIVING_FACTOR", "twice")
    with pytest.raises(InstallatieFout, match="not a number"):
        grenzen()


ALLES = Instellingen(vermogen=True, voertuigen=True, percentage=120)
INKOMEN = Instellingen(vermogen=False, voertuigen=True, percentage=120)


def _bewaar(opslag: Opslag, naam: str, instellingen: Instellingen = ALLES, **toetsen: dict[str, int]) -> None:
    ronde = laden.ronde(naam)
    with opslag.database.transaction() as sessie:
        open_ronde(sessie, naam, deelnamedatum=ronde.deelnamedatum, run="eerder", nu=opslag.klok())
        deel = {"toetsen": toetsen, "instellingen": asdict(instellingen)}
        samenvatting = {"per_organisatie": {ALFA: deel}}
        close_ronde(sessie, naam, run="eerder", samenvatting=samenvatting, nu=opslag.klok())


class TestVerschoven:
    def test_looks_at_the_last_ronde_in_which_the_organisation_was_tested(self, opslag: Opslag) -> None:
        _bewaar(opslag, "2026-07", Inkomen=_telling(50, 50))
        _bewaar(opslag, "2026-08", Inkomen=_telling(10, 90))
        _bewaar(opslag, "2026-09")  # nothing was published for it
        _bewaar(opslag, "2026-11", Inkomen=_telling(99, 1))  # later: does not count
        nu = {"Inkomen": _telling(45, 55)}
        assert str(vergelijk_met_eerder(opslag, RONDE, ALFA, nu, ALLES)) == (
            "Inkomen: 45% J (45 of 100), in ronde 2026-08 10% J (10 of 100)"
        )
        juli = vergelijk_met_eerder(opslag, "2026-08", ALFA, nu, ALLES)  # 45 and 50 %
        assert (juli.vorige_ronde, juli.verschuivingen) == ("2026-07", [])

    def test_looks_at_rondes_with_the_same_instellingen_only(self, opslag: Opslag) -> None:
        """Eleven months back the vermogenstoets was off, and hardly anybody had a belemmering."""
        _bewaar(opslag, "2025-11", INKOMEN, Belemmering=_telling(5, 95))
        nu = {"Belemmering": _telling(45, 55)}
        niets = vergelijk_met_eerder(opslag, RONDE, ALFA, nu, ALLES)
        assert (niets.vorige_ronde, niets.verschuivingen) == (None, ())
        assert str(niets) == "there is no earlier ronde with the same instellingen to compare with"
        _bewaar(opslag, "2026-08", ALLES, Belemmering=_telling(40, 60))
        _bewaar(opslag, "2026-09", INKOMEN, Belemmering=_telling(6, 94))
        assert vergelijk_met_eerder(opslag, RONDE, ALFA, nu, ALLES).vorige_ronde == "2026-08"
        assert vergelijk_met_eerder(opslag, RONDE, ALFA, nu, INKOMEN).vorige_ronde == "2026-09"

    def test_the_first_ronde_of_an_organisation_has_nothing_to_shift_from(self, opslag: Opslag) -> None:
        _bewaar(opslag, "2026-08", Inkomen=_telling(10, 90))
        nu = {"Inkomen": _telling(90, 10)}
        assert vergelijk_met_eerder(opslag, RONDE, BETA, nu, ALLES).vorige_ronde is None
        assert vergelijk_met_eerder(opslag, "2026-01", ALFA, nu, ALLES).vorige_ronde is None


class TestSamenvatting:
    def test_counts_per_organisation_and_in_all(self, wereld: Opslag, bronnen: SimpleNamespace) -> None:
        deelnemers = begin_run(wereld)
        regels: list[dict[str, Any]] = []
        for naam in (ALFA, BETA):
            verwerking = Verwerking.uit_dict(deelnemers[naam])
            uitkomst = take_until(wereld, verwerking, bronnen.url, tot="regels_toetsen")
            regels.append(uitkomst | {"organisatie": naam, "seconden": 1.5 if naam == ALFA else 2.5})
            take_until(wereld, verwerking, bronnen.url, van="rapporten_maken")
        vragen = {
            "gevraagd": 3,
            "beantwoord": 2,
            "verzoeken": 1,
            "herhalingen": 0,
            "bytes": 100,
            "duur": 0.25,
        }
        samenvatting = stel_op(
            wereld,
            RONDE,
            "run-1",
            {
                "toetsing.regels_toetsen": regels,
                "toetsing.uwv_ophalen": [vragen | {"organisatie": ALFA}, vragen | {"organisatie": BETA}],
                "bewaartermijn_toepassen": [{"bestanden": {}, "rijen": {}}],
            },
        )
        # Alfa: RIJK has too much income, ARM has not. Beta: BIJSTAND is not tested, RIJK has too much, and of ONBEKEND
        # there is no household. Nobody asked for vermogen.
        assert samenvatting["toetsen"] == {
            "Belemmering": _telling(3, 2),
            "Inkomen": _telling(2, 1, 2),
            "Vermogen": _telling(0, 0, 5),
            "Huishouden": _telling(1, 4),
        }
        reden = {"Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden": 1}
        assert samenvatting["redenen"] == reden
        assert samenvatting["duren"] == {
            "toetsing.regels_toetsen": {"mediaan": 2.0, "langste": 2.5, "totaal": 4.0}
        }
        assert samenvatting["bronnen"] == {
            "toetsing.uwv_ophalen": {naam: 2 * waarde for naam, waarde in vragen.items()}
        }
        assert (samenvatting["organisaties"], samenvatting["gepubliceerd"], samenvatting["afgekeurd"]) == (
            3,
            2,
            1,
        )
        assert (samenvatting["aanvragen"], samenvatting["afgewezen"]) == (5, 2)
        alfa, beta, gamma = (samenvatting["per_organisatie"][naam] for naam in (ALFA, BETA, GAMMA))
        assert (alfa["gelezen"], alfa["geaccepteerd"], alfa["afgewezen"], sum(alfa["fouten"].values())) == (
            3,
            2,
            1,
            1,
        )
        assert alfa["toetsen"]["Inkomen"] == _telling(1, 1)
        assert (alfa["redenen"], beta["redenen"]) == ({}, reden)
        assert (gamma["status"], gamma["toetsen"]) == ("afgekeurd", {})
        # Nobody chose instellingen: those of besluit B8.
        assert alfa["instellingen"] == {"vermogen": False, "voertuigen": False, "percentage": 120}
        assert (alfa["vergeleken_met"], gamma["instellingen"]) == (None, None)
        for kanarie in (*PERSONEN, *NAMEN):
            assert kanarie not in str(samenvatting)

    def test_what_another_run_published_is_not_counted(
        self, wereld: Opslag, bronnen: SimpleNamespace
    ) -> None:
        take_until(wereld, Verwerking.uit_dict(begin_run(wereld)[ALFA]), bronnen.url)
        begin_run(wereld, "run-2")
        assert stel_op(wereld, RONDE, "run-2", {})["toetsen"] == {}

    def test_a_ronde_that_is_not_finished_keeps_its_summary_and_stays_open(self, wereld: Opslag) -> None:
        begin_run(wereld)
        bewaar(wereld, RONDE, "run-1", stel_op(wereld, RONDE, "run-1", {}))
        with wereld.database.transaction() as sessie:
            rij = keep_samenvatting(sessie, RONDE, run="run-1", samenvatting={"organisaties": 3})
            assert rij.afgesloten_op is None
            assert earlier_samenvattingen(sessie, "2026-11") == [(RONDE, {"organisaties": 3})]
            assert earlier_samenvattingen(sessie, RONDE) == []

    def test_the_outcomes_of_reports_that_are_ready(self, wereld: Opslag, bronnen: SimpleNamespace) -> None:
        verwerking = Verwerking.uit_dict(begin_run(wereld)[ALFA])
        take_until(wereld, verwerking, bronnen.url, tot="rapporten_maken")
        assert oordelen(branch(wereld, verwerking, "goedkeuren"))["Belemmering"] == _telling(1, 1)
