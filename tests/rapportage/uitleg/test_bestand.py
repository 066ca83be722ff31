"""The facts: kept sparingly, written part by part, found one at a time, and of no use when damaged."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from include.errors import ControleFout
from include.rapportage.uitleg import maak_feiten, schrijf_feiten, uitleg, zoek_feiten
from include.rapportage.uitleg.vormen import TELT, VALT_BUITEN, Bijstand, Norm, Opgave
from tests.rapportage.uitleg.uitgelegd import Gepubliceerd, feitenbestand
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Verhouding,
    Voertuig,
    Vraag,
    invoer,
    loon,
    toets_invoer,
)
from tests.toets.bouw import Opgave as Aangifte

PAAR = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))


def tabel(populatie: Populatie) -> pa.Table:
    gegeven, huishoudens = invoer(populatie)
    return maak_feiten(toets_invoer(gegeven, huishoudens), gegeven)


def feiten(populatie: Populatie, bsn: int = ANNA):
    uit = io.BytesIO()
    schrijf_feiten(uit, [tabel(populatie)])
    return zoek_feiten(io.BytesIO(uit.getvalue()), bsn)


def test_the_norms_are_kept_as_they_were_used():
    gegeven, huishoudens = invoer(Populatie())
    gegeven = replace(gegeven, normen=replace(gegeven.normen, bijstandsnorm_alleenstaand=123_456))
    kader = zoek_feiten(io.BytesIO(feitenbestand(toets_invoer(gegeven, huishoudens), gegeven)), ANNA)[1]
    bron = "Participatiewet, artikel 21, onder a (BWBR0015703), geldig vanaf 2026-07-01 tot en met 2026-12-31"
    assert kader.inkomensnormen[0] == Norm(123_456, bron)
    assert [norm.bedrag for norm in kader.vermogensgrenzen] == [800_000, 1_600_000]
    assert (kader.deelnamedatum, str(kader.peilmaand)) == (date(2026, 9, 26), "2026-08")


def test_an_opgave_points_at_its_inkomstenverhouding_in_the_report():
    # Shown: Bakkerij Jansen (0) of Anna, and of Bram first the SVB (1), then Fonds (2). "Oud" has nothing that counts.
    verhoudingen = (
        Verhouding(BRAM, "22", (Aangifte(loon=400_000), Aangifte("2026-07-31", loon=1)), "SVB"),
        Verhouding(ANNA, "15", (Aangifte("2026-07-31", loon=1),), "Oud"),
        Verhouding(ANNA, "15", (Aangifte(loon=100),)),
        Verhouding(BRAM, "56", (Aangifte("2026-06-30", loon=300),), "Fonds"),
    )
    gevonden = feiten(Populatie((PAAR,), verhoudingen))[0]
    augustus, juli = (date(2026, 8, 1), date(2026, 8, 31)), (date(2026, 7, 1), date(2026, 7, 31))
    loon_, pensioen, aow = 1, 3, 7
    assert gevonden.opgaven == (
        Opgave(-1, False, "Oud", loon_, *juli, VALT_BUITEN, 0),
        Opgave(0, False, "", loon_, *augustus, TELT, 100),
        Opgave(1, True, "", aow, *augustus, TELT, 400_000),
        Opgave(1, True, "", aow, *juli, VALT_BUITEN, 0),
        Opgave(2, True, "", pensioen, date(2026, 6, 1), date(2026, 6, 30), TELT, 300),
    )
    assert (gevonden.norm, gevonden.totaal) == (1, 400_200)


def test_nothing_is_kept_that_the_report_may_not_show():
    # Not a cent of an income or an account without belemmering (besluit B46), and of housemates not even a number
    # where the household is certain.
    populatie = Populatie(
        (replace(PAAR, adres=(*PAAR.personen, Persoon(DIRK, "2015-01-01"))),),
        (loon(12_345),),
        (Rekening(ANNA, "S", 54_321, 77),),
        voertuigen=(Voertuig(voertuigsoort="Bromfiets"),),
    )
    gevonden = feiten(populatie)[0]
    leeg = dict.fromkeys(("norm", "totaal", "grens", "saldo", "rente", "bewoners", "jonger", "anderen"), 0)
    assert {naam: getattr(gevonden, naam) for naam in leeg} == leeg
    assert (gevonden.opgaven, gevonden.bijstand, gevonden.geen_motorvoertuig) == ((), (), 0)


def test_bijstand_is_kept_where_it_kept_income_from_being_tested():
    vragen = (PAAR, Vraag(CARLA, (Persoon(CARLA), Persoon(DIRK))))  # Carla's household is not certain
    uitkeringen = (Uitkering(BRAM, "IOAW"), Uitkering(ANNA, einde="2026-09-25"), Uitkering(CARLA))
    populatie = Populatie(vragen, uitkeringen=uitkeringen)
    assert feiten(populatie)[0].bijstand == (Bijstand(True, "IOAW"),)
    assert feiten(populatie, CARLA)[0].bijstand == ()


class NietTerug(io.RawIOBase):
    """A stream that only goes forward, as one that decrypts does."""

    def __init__(self, inhoud: bytes) -> None:
        self._rest = io.BytesIO(inhoud)
        self.gelezen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        blok = self._rest.read(len(buffer))
        self.gelezen += len(blok)
        buffer[: len(blok)] = blok
        return len(blok)


def test_it_is_written_part_by_part_and_read_as_far_as_needed():
    delen = [tabel(Populatie((Vraag(bsn),))) for bsn in (ANNA, BRAM, CARLA)]
    uit = io.BytesIO()
    schrijf_feiten(uit, iter(delen))
    gelezen = {}
    for bsn in (ANNA, CARLA):
        stroom = NietTerug(uit.getvalue())
        assert zoek_feiten(io.BufferedReader(stroom, 512), bsn)[0].bsn == bsn
        gelezen[bsn] = stroom.gelezen
    assert gelezen[ANNA] < 0.7 * len(uit.getvalue()) < gelezen[CARLA]


def test_the_same_outcome_gives_the_same_bytes():
    eens, nog_eens = (Gepubliceerd(Populatie((PAAR,), (loon(100),))).feiten for _ in range(2))
    assert eens == nog_eens


BESCHADIGD = {
    "of another report": lambda _: Gepubliceerd(Populatie((Vraag(BRAM),))).feiten,
    "no such file": lambda _: b"%PDF-1.7 what is this",
    "empty": lambda _: b"",
    "cut off": lambda inhoud: inhoud[: len(inhoud) * 2 // 3],
    "of another version": lambda inhoud: inhoud.replace(b"bidn-uitleg-1", b"bidn-uitleg-9"),
}


@pytest.mark.parametrize("beschadig", BESCHADIGD.values(), ids=BESCHADIGD)
def test_what_is_damaged_explains_nothing(beschadig):
    inhoud = Gepubliceerd(Populatie()).feiten
    with pytest.raises(ControleFout) as fout:
        zoek_feiten(io.BytesIO(beschadig(inhoud)), ANNA)
    assert "make them anew by reprocessing the ronde" in str(fout.value)


def test_facts_and_report_of_different_versions_explain_nothing():
    een, ander = Gepubliceerd(Populatie()), Gepubliceerd(Populatie(verhoudingen=(loon(900_000),)))
    gevonden = zoek_feiten(io.BytesIO(een.feiten), ANNA)
    with pytest.raises(ControleFout, match="not of the same version"):
        uitleg(*gevonden, ander.aanvraag())


def test_facts_about_another_aanvrager_explain_nothing():
    gepubliceerd = Gepubliceerd(Populatie((Vraag(ANNA), Vraag(CARLA))))
    gevonden = zoek_feiten(io.BytesIO(gepubliceerd.feiten), ANNA)
    with pytest.raises(ControleFout, match="another aanvrager"):
        uitleg(*gevonden, gepubliceerd.aanvraag(CARLA))
