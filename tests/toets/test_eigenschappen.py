"""What must hold for every population: nobody's outcome hangs on order, on neighbours, or on who earns it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.schemas.uitkomst import Uitkomst
from tests.toets.bouw import (
    ANNA,
    BRAM,
    Omgeving,
    Persoon,
    Populatie,
    Rekening,
    Verhouding,
    Voertuig,
    Vraag,
    aanvraag,
    loon,
    toets_populatie,
)
from tests.toets.willekeurig import KADERS, willekeurige_populatie

KADER = KADERS[0]
OMGEVING = Omgeving()
zaden = st.integers(0, 2**32)
weinig = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
meer = settings(weinig, max_examples=40)


def per_bsn(uitkomst: Uitkomst) -> dict[int, dict[str, list[list[object]]]]:
    """Return everything an outcome says of each aanvrager, whatever the place of its row."""
    bsns = uitkomst.uitkomsten["bsn"].tolist()
    alles: dict[int, dict[str, list[list[object]]]] = {bsn: {} for bsn in bsns}
    for naam, frame in uitkomst.frames().items():
        if naam == "opgavedetails":
            continue
        wie = frame["aanvraag"] if "aanvraag" in frame else pd.Series(range(len(frame)))
        rest = frame.drop(columns="aanvraag", errors="ignore").astype("str").to_numpy().tolist()
        for aanvraag_, regel in zip(wie, rest, strict=True):
            alles[bsns[aanvraag_]].setdefault(naam, []).append(regel)
    return alles


def wereld(zaad: int, aantal: int = 25) -> Populatie:
    return willekeurige_populatie(Random(zaad), KADER, aantal)


@weinig
@given(zaden)
def test_the_order_of_the_rows_changes_nothing(zaad):
    populatie = wereld(zaad)
    vragen = list(populatie.vragen)
    Random(zaad).shuffle(vragen)
    assert per_bsn(toets_populatie(populatie)) == per_bsn(toets_populatie(populatie.alleen(vragen)))


@weinig
@given(zaden)
def test_who_else_is_in_the_file_changes_nothing(zaad):
    populatie = wereld(zaad)
    allen = per_bsn(toets_populatie(populatie))
    enkelen = Random(zaad).sample(populatie.vragen, 6)
    for bsn, uitkomst in per_bsn(toets_populatie(populatie.alleen(enkelen))).items():
        assert uitkomst == allen[bsn]


@weinig
@given(zaden)
def test_a_batch_of_one_equals_a_batch_of_many(zaad):
    populatie = wereld(zaad, 8)
    allen = per_bsn(toets_populatie(populatie))
    for vraag in populatie.vragen:
        assert per_bsn(toets_populatie(populatie.alleen([vraag]))) == {vraag.bsn: allen[vraag.bsn]}


@weinig
@given(zaden)
def test_a_bicycle_changes_nothing(zaad):
    populatie = wereld(zaad)
    fietsen = tuple(
        Voertuig(vraag.bsn, f"FIETS{vraag.bsn}", "Bromfiets", "AUDI", eerste_toelating="2026-01-01")
        for vraag in populatie.vragen
    )
    met = replace(populatie, voertuigen=(*populatie.voertuigen, *fietsen))
    assert per_bsn(toets_populatie(met)) == per_bsn(toets_populatie(populatie))


@weinig
@given(zaden)
def test_the_order_in_which_a_source_answers_about_different_persons_changes_nothing(zaad):
    populatie = wereld(zaad)
    gekeerd = replace(
        populatie,
        **{
            soort: tuple(sorted(getattr(populatie, soort), key=lambda feit: -feit.bsn))
            for soort in ("verhoudingen", "rekeningen", "kortingen", "voertuigen", "uitkeringen")
        },
    )
    assert per_bsn(toets_populatie(populatie)) == per_bsn(toets_populatie(gekeerd))


@weinig
@given(zaden, st.integers(1, 500_000))
def test_more_income_never_turns_too_much_into_none(zaad, meer_loon):
    populatie = wereld(zaad)
    meer_verdiend = tuple(loon(meer_loon, vraag.bsn) for vraag in populatie.vragen)
    voor = toets_populatie(populatie).uitkomsten
    na = toets_populatie(
        replace(populatie, verhoudingen=(*populatie.verhoudingen, *meer_verdiend))
    ).uitkomsten
    te_veel = (voor["inkomen"] == "J") & (voor["totaal"] > 0)
    assert (na["inkomen"][te_veel] == "J").all()
    getoetst = voor["inkomen"] != "Niet getoetst"
    assert (na["totaal"][getoetst] - voor["totaal"][getoetst] >= meer_loon).all()
    assert (na["inkomen"] == "Niet getoetst").eq(~getoetst).all()


bedragen = st.integers(-300_000, 300_000)
PAAR = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))
soorten = st.sampled_from(["15", "22", "56", "60", "99"])
verdiensten = st.lists(st.tuples(bedragen, soorten), max_size=4)


@meer
@given(verdiensten, st.randoms(use_true_random=False))
def test_it_does_not_matter_who_of_the_partners_earns_it(verdiend, toeval):
    def van(wie):
        return tuple(loon(bedrag, bsn, soort) for (bedrag, soort), bsn in zip(verdiend, wie, strict=True))

    anna = aanvraag(Populatie((PAAR,), van([ANNA] * len(verdiend))))
    samen = aanvraag(Populatie((PAAR,), van([toeval.choice((ANNA, BRAM)) for _ in verdiend])))
    assert (samen["totaal"], samen["inkomen"]) == (anna["totaal"], anna["inkomen"])


@meer
@given(verdiensten, st.integers(-900_000, 2_000_000))
def test_swapping_aanvrager_and_partner_gives_the_same_judgement(verdiend, saldo):
    verhoudingen = tuple(
        loon(bedrag, bsn, soort) for bsn, (bedrag, soort) in zip([ANNA, BRAM] * 2, verdiend, strict=False)
    )
    rekeningen = (Rekening(ANNA, "A", saldo, 1), Rekening(BRAM, "B", 400_000, 2))
    omgekeerd = Vraag(BRAM, (Persoon(BRAM, gehuwd_met=(ANNA,)), Persoon(ANNA)))
    een = aanvraag(Populatie((PAAR,), verhoudingen, rekeningen))
    ander = aanvraag(Populatie((omgekeerd,), verhoudingen, rekeningen))
    for naam in ("totaal", "norm", "inkomen", "saldo", "rente", "grens", "vermogen", "belemmering"):
        assert een[naam] == ander[naam]


@meer
@given(st.lists(bedragen, min_size=1, max_size=3), st.integers(100, 150))
def test_a_higher_percentage_never_makes_a_belemmering(maandlonen, percentage):
    verhoudingen = tuple(Verhouding(opgaven=loon(bedrag).opgaven) for bedrag in maandlonen)
    laag, hoog = (aanvraag(Populatie((Vraag(percentage=p),), verhoudingen)) for p in (100, percentage))
    assert (laag["inkomen"], hoog["inkomen"]) != ("N", "J")
