"""Persons, and how they become lines of ``brp.jsonl``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from include.mock_sources.bronnen import RESULTATEN
from include.mock_sources.genereren.wereld import Wereld


@dataclass(slots=True)
class Persoon:
    """One person; ``geboren`` is the truth, ``geboortedatum`` what the BRP knows of it."""

    bsn: str
    voorvoegsel: str | None
    geslachtsnaam: str
    voorletter: str
    geboren: dt.date
    adres: str | None
    sinds: dt.date
    geboortedatum: str | None
    functie: str = "W"
    in_onderzoek: bool = False
    partners: list[dict[str, Any]] = field(default_factory=list)
    kinderen: list[str] = field(default_factory=list)
    ouders: list[str] = field(default_factory=list)
    opschorting: str | None = None
    resultaat: str | None = None

    @property
    def naam(self) -> str:
        """Voorvoegsel and geslachtsnaam (besluit B27)."""
        return f"{self.voorvoegsel} {self.geslachtsnaam}" if self.voorvoegsel else self.geslachtsnaam

    @property
    def tenaamstelling(self) -> str:
        """As a bank writes it."""
        return f"{self.voorletter} {self.naam}"

    def regel(self) -> dict[str, Any]:
        """The line of ``brp.jsonl``."""
        regel: dict[str, Any] = {
            "burgerservicenummer": self.bsn,
            "naam": {"voorvoegsel": self.voorvoegsel, "geslachtsnaam": self.geslachtsnaam},
            "geboorte": {"datum": self.geboortedatum},
            "verblijfplaats": self.adres
            and {
                "adresseerbaarObjectIdentificatie": self.adres,
                "functieAdres": {"code": self.functie},
                "datumVan": self.sinds.isoformat(),
                "inOnderzoek": self.in_onderzoek,
            },
            "partners": self.partners,
            "kinderen": [{"burgerservicenummer": bsn} for bsn in self.kinderen],
            "ouders": [{"burgerservicenummer": bsn} for bsn in self.ouders],
            "opschortingBijhouding": self.opschorting and {"reden": {"code": self.opschorting}},
        }
        if self.resultaat:
            code, omschrijving = RESULTATEN[self.resultaat]
            regel["adresvraagResultaat"] = {
                "letter": self.resultaat,
                "code": code,
                "omschrijving": omschrijving,
            }
        return regel


def nieuw(w: Wereld, adres: str | None, van: int, tot_en_met: int, familie: Persoon | None = None) -> Persoon:
    """Somebody of that age at an address, with the name of ``familie`` if given."""
    voorvoegsel, naam = (familie.voorvoegsel, familie.geslachtsnaam) if familie else w.geslachtsnaam()
    geboren = w.geboren(van, tot_en_met)
    dagen = (w.deelnamedatum - geboren).days
    return Persoon(
        w.nummers.bsn(),
        voorvoegsel,
        naam,
        w.kies("ABCDEFGHJKLMNPRSTVWYZ"),
        geboren,
        adres,
        w.dagen_terug(min(30, dagen), min(9_000, dagen)),
        geboren.isoformat(),
    )


def verbind(w: Wereld, een: Persoon, ander: Persoon, soort: str) -> None:
    """Marry them (H) or register their partnership (P)."""
    jongste = max(een.geboren, ander.geboren)
    dagen = max(60, (w.deelnamedatum - jongste).days - 18 * 366)
    datum = w.dagen_terug(30, dagen).isoformat()
    for wie, met in ((een, ander.bsn), (ander, een.bsn)):
        wie.partners.append(verbintenis(met, soort, datum))


def verbintenis(bsn: str | None, soort: str, sinds: str, ontbonden: str | None = None) -> dict[str, Any]:
    """An entry of ``partners``; dissolved when ``ontbonden`` has a date."""
    return {
        "burgerservicenummer": bsn,
        "soortVerbintenis": {"code": soort},
        "aangaanHuwelijkPartnerschap": {"datum": sinds},
        "ontbindingHuwelijkPartnerschap": ontbonden and {"datum": ontbonden},
    }


def eerder_gehuwd(w: Wereld, wie: Persoon) -> None:
    """Give somebody a marriage that has ended."""
    einde = w.dagen_terug(40, 5_000)
    begin = einde - dt.timedelta(days=w.tussen(400, 4_000))
    wie.partners.append(verbintenis(w.nummers.bsn(), "H", begin.isoformat(), einde.isoformat()))


def kinderen(w: Wereld, ouders: list[Persoon], aantal: int, van: int, tot_en_met: int) -> list[Persoon]:
    """Children of these parents at the address of the first, with the name of the last."""
    kroost = []
    jongste = max(ouder.geboren for ouder in ouders)
    plafond = max(van, (w.deelnamedatum - jongste).days // 366 - 17)
    for _ in range(aantal):
        kind = nieuw(w, ouders[0].adres, van, min(tot_en_met, plafond), ouders[-1])
        kind.ouders = [ouder.bsn for ouder in ouders]
        for ouder in ouders:
            ouder.kinderen.append(kind.bsn)
        kroost.append(kind)
    return kroost
