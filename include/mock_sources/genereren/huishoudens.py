"""The kinds of household (leefvorm and everything around it), and how often each is drawn.

Every function takes the world and a fresh address, and gives the household as it *is*; what can be derived
from the BRP about it is up to the pipeline. The weights are chosen so that each branch of besluit B22 and
B23 has cases in a few hundred aanvragers, not after any statistic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from include.mock_sources.genereren.personen import (
    Persoon,
    eerder_gehuwd,
    kinderen,
    nieuw,
    verbind,
    verbintenis,
)
from include.mock_sources.genereren.wereld import Wereld, jaren_terug

GEHUWD, ALLEENSTAANDE_OUDER, ALLEENSTAAND = "1", "2", "3"
AOW_LEEFTIJD = 67  # years: what the drawing of incomes goes by; the exact table is the pipeline's


@dataclass(slots=True)
class Huishouden:
    """An aanvrager with whoever lives there; ``leefvorm`` and ``partner`` are the truth, known or not."""

    vorm: str
    aanvrager: Persoon
    overigen: list[Persoon] = field(default_factory=list)
    partner: Persoon | None = None
    leefvorm: str = ALLEENSTAAND
    bekend: bool = True  # False: the BRP does not know this aanvrager, nor does anybody else

    @property
    def personen(self) -> list[Persoon]:
        """Everybody with a line in the BRP."""
        return [self.aanvrager, *self.overigen] if self.bekend else []


def _alleen(w: Wereld, adres: str, vorm: str, van: int = 21, tot: int = 66) -> Huishouden:
    wie = nieuw(w, adres, van, tot)
    if w.kans(0.3) and van > 30:
        eerder_gehuwd(w, wie)
    return Huishouden(vorm, wie)


def alleenstaand(w: Wereld, adres: str) -> Huishouden:
    """Lives alone, below AOW age; some were married before."""
    return _alleen(w, adres, "alleenstaand", *w.kies(((21, 30), (31, 66), (31, 66))))


def alleenstaand_aow(w: Wereld, adres: str) -> Huishouden:
    """Lives alone, past AOW age."""
    return _alleen(w, adres, "alleenstaand_aow", AOW_LEEFTIJD + 1, 92)


def _paar(w: Wereld, adres: str, vorm: str, soort: str | None, van: int, tot: int) -> Huishouden:
    een = nieuw(w, adres, van, tot)
    leeftijd = (w.deelnamedatum - een.geboren).days // 366
    ander = nieuw(w, adres, max(20, leeftijd - 6), leeftijd + 6)
    if soort:
        verbind(w, een, ander, soort)
    return Huishouden(vorm, een, [ander], ander, GEHUWD)


def gehuwd(w: Wereld, adres: str) -> Huishouden:
    """Married, with or without children at home, some of them grown up."""
    huis = _paar(w, adres, "gehuwd", "H", 24, 60)
    assert huis.partner  # noqa: S101 - _paar gives one
    huis.overigen += kinderen(w, [huis.aanvrager, huis.partner], w.kies((0, 0, 1, 2, 2, 3)), 0, 24)
    return huis


def geregistreerd(w: Wereld, adres: str) -> Huishouden:
    """A registered partnership; some were married to somebody else before."""
    huis = _paar(w, adres, "geregistreerd", "P", 22, 60)
    if w.kans(0.3):
        eerder_gehuwd(w, huis.aanvrager)
        huis.aanvrager.partners.reverse()  # the dissolved one first
    return huis


def gehuwd_aow(w: Wereld, adres: str) -> Huishouden:
    """Married, one or both past AOW age."""
    return _paar(w, adres, "gehuwd_aow", "H", AOW_LEEFTIJD - 3, 88)


def samenwonend_met_kind(w: Wereld, adres: str) -> Huishouden:
    """Not married, with a child in common, which may live elsewhere."""
    huis = _paar(w, adres, "samenwonend_met_kind", None, 22, 52)
    assert huis.partner  # noqa: S101
    kroost = kinderen(w, [huis.aanvrager, huis.partner], w.kies((1, 1, 2)), 0, 17)
    if w.kans(0.1):  # the child they have in common lives elsewhere: it counts all the same
        for kind in kroost:
            kind.adres = w.nummers.adres(adres[:4])
    huis.overigen += kroost
    return huis


def samenwonend_zonder_kind(w: Wereld, adres: str) -> Huishouden:
    """Two adults at one address with nothing that says what they are to each other."""
    huis = _paar(w, adres, "samenwonend_zonder_kind", None, 21, 70)
    if w.kans(0.3):  # each a child of their own: none in common
        huis.overigen += kinderen(w, [huis.aanvrager], 1, 0, 17)
    return huis


def alleenstaande_ouder(w: Wereld, adres: str) -> Huishouden:
    """A parent with children under 18, some also with a grown-up one."""
    wie = nieuw(w, adres, 24, 55)
    huis = Huishouden("alleenstaande_ouder", wie, kinderen(w, [wie], w.tussen(1, 3), 0, 17))
    huis.leefvorm = ALLEENSTAANDE_OUDER
    if w.kans(0.2):
        huis.overigen += kinderen(w, [wie], 1, 18, 25)
    return huis


def ouder_met_volwassen_kind(w: Wereld, adres: str) -> Huishouden:
    """A parent whose children at home are all 18 or older."""
    wie = nieuw(w, adres, 42, 66)
    huis = Huishouden("ouder_met_volwassen_kind", wie, kinderen(w, [wie], w.kies((1, 1, 2)), 18, 27))
    huis.leefvorm = ALLEENSTAANDE_OUDER
    return huis


def thuis_bij_ouders(w: Wereld, adres: str) -> Huishouden:
    """A grown-up child that lives with one or two parents."""
    ouders = [nieuw(w, adres, 48, 64) for _ in range(w.kies((1, 2, 2)))]
    if len(ouders) == 2:
        verbind(w, ouders[0], ouders[1], "H")
    (kind,) = kinderen(w, ouders, 1, 18, 28)
    return Huishouden("thuis_bij_ouders", kind, ouders)


def ouder_in_huis(w: Wereld, adres: str) -> Huishouden:
    """An aanvrager whose old parent lives in."""
    ouder = nieuw(w, adres, 70, 90)
    (kind,) = kinderen(w, [ouder], 1, 40, 60)
    return Huishouden("ouder_in_huis", kind, [ouder])


def kostgangers(w: Wereld, adres: str) -> Huishouden:
    """Three to five unrelated adults at one address."""
    huis = _alleen(w, adres, "kostgangers")
    huis.overigen += [nieuw(w, adres, 19, 60) for _ in range(w.tussen(2, 4))]
    return huis


def gehuwd_met_derde(w: Wereld, adres: str) -> Huishouden:
    """Married, and another adult at the address."""
    huis = _paar(w, adres, "gehuwd_met_derde", "H", 26, 60)
    huis.overigen.append(nieuw(w, adres, 19, 85))
    return huis


def kind_met_partner(w: Wereld, adres: str) -> Huishouden:
    """A parent with a grown-up child and somebody who may be that child's partner."""
    wie = nieuw(w, adres, 45, 64)
    kroost = kinderen(w, [wie], 1, 20, 27)
    return Huishouden("kind_met_partner", wie, [*kroost, nieuw(w, adres, 20, 30)])


def partner_elders(w: Wereld, adres: str) -> Huishouden:
    """Married to somebody who lives at another address."""
    huis = _paar(w, adres, "partner_elders", "H", 28, 70)
    assert huis.partner  # noqa: S101
    huis.partner.adres = w.nummers.adres(adres[:4])
    return huis


def partner_zonder_bsn(w: Wereld, adres: str) -> Huishouden:
    """Married to somebody without a BSN, abroad."""
    huis = _alleen(w, adres, "partner_zonder_bsn", 25, 60)
    huis.aanvrager.partners = [verbintenis(None, "H", w.dagen_terug(300, 4_000).isoformat())]
    return huis


def instelling(w: Wereld, adres: str) -> Huishouden:
    """An institution: more than thirty residents."""
    huis = _alleen(w, adres, "instelling", 21, 90)
    huis.overigen += [nieuw(w, adres, 18, 95) for _ in range(w.tussen(30, 38))]
    return huis


def briefadres(w: Wereld, adres: str) -> Huishouden:
    """A postal address, sometimes with somebody who really lives there."""
    huis = _alleen(w, adres, "briefadres")
    huis.aanvrager.functie = "B"
    if w.kans(0.5):
        huis.overigen.append(nieuw(w, adres, 25, 70))
    return huis


def geen_echte_medebewoner(w: Wereld, adres: str) -> Huishouden:
    """Somebody else is registered at the address, but on a briefadres or suspended."""
    huis = _alleen(w, adres, "geen_echte_medebewoner")
    ander = nieuw(w, adres, 25, 70)
    if w.kans(0.5):
        ander.functie = "B"
    else:
        ander.opschorting = w.kies("OE")
    huis.overigen.append(ander)
    return huis


def opgeschort(w: Wereld, adres: str) -> Huishouden:
    """Died, emigrated, or otherwise suspended in the BRP."""
    huis = _alleen(w, adres, "opgeschort")
    huis.aanvrager.opschorting = w.kies("OOEEMRF")
    return huis


def in_onderzoek(w: Wereld, adres: str) -> Huishouden:
    """An ordinary household whose address is under investigation."""
    huis = w.kies((alleenstaand, gehuwd, alleenstaande_ouder))(w, adres)
    huis.vorm = "in_onderzoek"
    huis.aanvrager.in_onderzoek = True
    return huis


def onvolledige_geboortedatum(w: Wereld, adres: str) -> Huishouden:
    """Of the birth date only month and year, only the year, or nothing is known."""
    huis = _alleen(w, adres, "onvolledige_geboortedatum")
    volledig = huis.aanvrager.geboren.isoformat()
    huis.aanvrager.geboortedatum = w.kies((volledig[:7], volledig[:4], volledig[:4], None))
    return huis


def onbesliste_medebewoner(w: Wereld, adres: str) -> Huishouden:
    """Of the child only a year is known, in which it may or may not have turned eighteen."""
    wie = nieuw(w, adres, 40, 60)
    kroost = kinderen(w, [wie], 1, 17, 18)
    jaar = w.deelnamedatum.year - 18
    kroost[0].geboren = dt.date(jaar, w.tussen(1, 12), w.tussen(1, 28))
    kroost[0].geboortedatum = str(jaar)
    return Huishouden("onbesliste_medebewoner", wie, kroost, leefvorm=ALLEENSTAANDE_OUDER)


def minderjarig(w: Wereld, adres: str) -> Huishouden:
    """Younger than eighteen."""
    ouder = nieuw(w, adres, 38, 55)
    (kind,) = kinderen(w, [ouder], 1, 16, 17)
    return Huishouden("minderjarig", kind, [ouder])


def op_de_grens(w: Wereld, adres: str) -> Huishouden:
    """A birthday (18, or AOW age) on the deelnamedatum, the day before or the day after."""
    huis = _alleen(w, adres, "op_de_grens")
    jaren = w.kies((18, AOW_LEEFTIJD, AOW_LEEFTIJD))
    geboren = jaren_terug(w.deelnamedatum, jaren) + dt.timedelta(days=w.kies((-1, 0, 0, 1)))
    huis.aanvrager.geboren, huis.aanvrager.geboortedatum = geboren, geboren.isoformat()
    huis.aanvrager.sinds = w.dagen_terug(30, 900)
    huis.aanvrager.partners = []
    return huis


def zonder_adres(w: Wereld, adres: str) -> Huishouden:
    """No Dutch address."""
    huis = _alleen(w, adres, "zonder_adres")
    huis.aanvrager.adres = None
    return huis


def geen_resultaat(w: Wereld, adres: str) -> Huishouden:
    """The BRP cannot answer about this BSN: G, P, T or Z."""
    huis = w.kies((alleenstaand, gehuwd))(w, adres)
    huis.vorm, huis.aanvrager.resultaat = "geen_resultaat", w.kies("GPTZ")
    return huis


def onbekend(w: Wereld, adres: str) -> Huishouden:
    """Unknown to every source; delivered with a BSN of eight digits."""
    huis = _alleen(w, adres, "onbekend")
    huis.aanvrager.bsn, huis.bekend = w.nummers.korte_bsn(), False
    return huis


SOORTEN: tuple[tuple[Callable[[Wereld, str], Huishouden], float], ...] = (
    (alleenstaand, 27.0),
    (alleenstaande_ouder, 13.0),
    (gehuwd, 14.0),
    (alleenstaand_aow, 8.0),
    (gehuwd_aow, 6.0),
    (samenwonend_met_kind, 4.5),
    (geregistreerd, 3.5),
    (samenwonend_zonder_kind, 3.0),
    (thuis_bij_ouders, 3.0),
    (kostgangers, 2.5),
    (ouder_met_volwassen_kind, 2.0),
    (gehuwd_met_derde, 1.5),
    (op_de_grens, 1.5),
    (ouder_in_huis, 1.0),
    (kind_met_partner, 1.0),
    (partner_elders, 1.0),
    (briefadres, 1.0),
    (opgeschort, 1.0),
    (in_onderzoek, 1.0),
    (geen_resultaat, 1.0),
    (onvolledige_geboortedatum, 0.8),
    (onbekend, 0.7),
    (geen_echte_medebewoner, 0.7),
    (onbesliste_medebewoner, 0.5),
    (minderjarig, 0.4),
    (partner_zonder_bsn, 0.4),
    (zonder_adres, 0.4),
    (instelling, 0.1),
)


def trek_soorten(w: Wereld, aantal: int) -> list[Callable[[Wereld, str], Huishouden]]:
    """Which households an organisation gets: every kind at least once if there is room, then by weight."""
    soorten = [soort for soort, _ in SOORTEN]
    vast = soorten if aantal >= 2 * len(soorten) else []
    rest = w.dobbel.choices(soorten, [gewicht for _, gewicht in SOORTEN], k=aantal - len(vast))
    getrokken = [*vast, *rest]
    w.dobbel.shuffle(getrokken)
    return getrokken
