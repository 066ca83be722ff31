"""Random populations that live on the limits: amounts a cent to each side, dates a day to each side.

What a rule compares with is drawn far more often than chance would: the norms times the percentages, the days of
coming of age, the edges of peilmaand and pension window, shared accounts, shared partners, incomplete dates.
"""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.toets.bouw import (
    Korting,
    Opgave,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Verhouding,
    Voertuig,
    Vraag,
    bsns,
)
from tests.toets.referentie import AOW, AOW_LAATSTE, MERKEN, Kader

KADERS = (Kader(2026, 9), Kader(2026, 6), Kader(2025, 10), Kader(2024, 2), Kader(2026, 1, percentage=100))
"""Rondes with their own norms: peilmaand August, April for May, September, January, November for December."""
SOORTEN = (
    "15",
    "15",
    "13",
    "22",
    "24",
    "31",
    "32",
    "37",
    "38",
    "39",
    "40",
    "46",
    "43",
    "56",
    "60",
    "99",
    "21",
)
MERKNAMEN = (
    "VOLKSWAGEN",
    "OPEL",
    "audi",
    "ROLLS-ROYCE",
    "B M W",
    "MERCEDES-AMG",
    "MERCEDES",
    "Škoda",
    "LÓTUS",
)
HANDELSNAMEN = (
    "GOLF",
    "AUDITORIUM",
    "RANGE ROVER SPORT",
    "Corvette",
    "ASTON",
    "rolls royce ghost",
    "A4 AUDI",
)
SOORTEN_VOERTUIG = ("Personenauto", "Bestelauto", "Motorfiets", "bromfiets", "Oplegger", "SCOOTMOBIEL")


class Fantasie:
    """Invents households for one ronde from a source of randomness."""

    def __init__(self, toeval: Random, kader: Kader) -> None:
        self.toeval = toeval
        self.kader = kader
        self._bsns = bsns()
        self.personen: list[int] = []

    def bsn(self) -> int:
        """Return a BSN nobody has yet, and remember it: the other sources may know something of this person."""
        self.personen.append(next(self._bsns))
        return self.personen[-1]

    def kans(self, deel: float) -> bool:
        """Return true in that part of the cases."""
        return self.toeval.random() < deel

    def rond(self, dag: date) -> str:
        """Return a day, or the one before or after it."""
        return (dag + timedelta(days=self.toeval.choice((-1, 0, 0, 1)))).isoformat()

    def terug(self, jaren: int, maanden: int = 0) -> date:
        """Return the day so long before the deelnamedatum."""
        dag = self.kader.deelnamedatum
        maand = dag.month - maanden
        return date(dag.year - jaren - (maand < 1), (maand - 1) % 12 + 1, dag.day)

    def geboren(self, *, volledig: bool = False) -> str:
        """Return a birth date: often at 18 or the AOW age to the day, sometimes incomplete."""
        leeftijden = [(18, 0), (18, 0), *((jaren, maanden) for _, jaren, maanden in AOW), AOW_LAATSTE]
        jaren, maanden = self.toeval.choice(leeftijden)
        geboren = (
            self.rond(self.terug(jaren, maanden))
            if self.kans(0.5)
            else f"{self.toeval.randint(1935, 2025)}-02-28"
        )
        if self.kans(0.05):
            geboren = "1988-02-29"
        if not volledig and self.kans(0.12):
            geboren = geboren[: self.toeval.choice((0, 4, 7))]
        return geboren

    def vraag(self) -> Vraag:
        """Return one row of the vraagbestand."""
        percentage = self.toeval.choice((None, None, 100, 110, 133, 150))
        if self.kans(0.25):
            leefvorm = self.toeval.choice((1, 2, 3))
            vraag = Vraag(
                self.bsn(), percentage=percentage, leefvorm=leefvorm, geboren=self.geboren(volledig=True)
            )
            if leefvorm > 1:
                return vraag
            partner = self.bekende()
            if partner == vraag.bsn:
                partner = self.bsn()
            return Vraag(
                vraag.bsn,
                percentage=percentage,
                leefvorm=1,
                geboren=vraag.geboren,
                partner=partner,
                partner_geboren=self.geboren(volledig=True),
            )
        letter = self.toeval.choice("AAAAAAAAAAAAAAAAGPTZ")
        ik = self.bsn()
        return Vraag(ik, self.adres(ik), letter, percentage)

    def bekende(self) -> int:
        """Return somebody new, or somebody who already has a place in another household."""
        return self.toeval.choice(self.personen) if self.kans(0.1) else self.bsn()

    def adres(self, ik: int) -> tuple[Persoon, ...]:
        """Return who is registered at an address, the aanvrager among them (nearly always)."""
        huisgenoten = [self.bsn() for _ in range(self.toeval.choice((0, 0, 1, 1, 1, 2, 3)))]
        vol = self.kans(0.02)
        if vol:
            huisgenoten = [self.bsn() for _ in range(self.toeval.choice((29, 30)))]
        elders = self.bsn()
        allen = [*huisgenoten, elders]
        rollen = {bsn: self.toeval.choice(("niets", "niets", "kind", "ouder", "echtgenoot")) for bsn in allen}
        if self.kans(0.9) and rollen[elders] == "echtgenoot":
            rollen[elders] = "kind"

        if self.kans(0.02):  # in the aanvrager's own record stands the aanvrager as partner
            rollen[ik] = "echtgenoot"
            allen.append(ik)

        def met(rol: str) -> tuple[int, ...]:
            return tuple(bsn for bsn in allen if rollen[bsn] == rol)

        gehuwd = (*met("echtgenoot"), *((0,) if self.kans(0.02) else ()))
        personen = [
            Persoon(
                ik,
                self.geboren(),
                self.toeval.choice(("W",) * 30 + ("B", "")),
                in_onderzoek=self.kans(0.03),
                opgeschort=self.kans(0.02),
                gehuwd_met=tuple(self.toeval.sample(gehuwd, len(gehuwd))),
                gescheiden_van=tuple(self.toeval.sample(allen, 1)) if self.kans(0.2) else (),
                kinderen=met("kind"),
                ouders=met("ouder"),
                voorvoegsel=self.toeval.choice(("", "van der")),
                geslachtsnaam=self.naam(),
            )
        ]
        personen += [
            Persoon(
                0 if self.kans(0.03) else bsn,
                self.geboren(),
                "W" if vol else self.toeval.choice(("W",) * 12 + ("B", "")),
                in_onderzoek=self.kans(0.05),
                opgeschort=not vol and self.kans(0.04),
                kinderen=tuple(self.toeval.sample(allen, 1)) if self.kans(0.5) else (),
                voorvoegsel=self.toeval.choice(("", "de")),
                geslachtsnaam=self.naam(),
            )
            for bsn in huisgenoten
        ]
        if self.kans(0.02):
            personen = personen[1:]
        if personen and self.kans(0.08):  # listed twice, with something else in the other record
            dubbel = self.toeval.choice(personen)
            wijzigingen = (
                {},
                {"functieadres": "B"},
                {"opgeschort": True},
                {"kinderen": (), "gehuwd_met": ()},
            )
            personen.append(replace(dubbel, **self.toeval.choice(wijzigingen)))
        self.toeval.shuffle(personen)
        return tuple(personen)

    def naam(self) -> str:
        """Return a geslachtsnaam, or now and then the BRP's standard value for unknown."""
        return "." if self.kans(0.04) else "Meer"

    def bedrag(self) -> int:
        """Return an amount on, or a cent beside, something that income is compared with."""
        grenzen = [0, 1, 200, 50_000]
        for norm in self.kader.norm[:4]:
            for percentage in (self.kader.percentage, 100, 110, 133, 150):
                grenzen += [norm * percentage // 100, -(-norm * percentage // 100)]
        return self.toeval.choice(grenzen) + self.toeval.choice((-1, 0, 0, 1))

    def opgave(self) -> Opgave:
        """Return an opgave that ends in or near one of the months that count."""
        jaar, maand = self.toeval.choice(
            (*self.kader.pensioenmaanden, self.kader.peilmaand, self.kader.peilmaand)
        )
        eerste = date(jaar, maand, 1)
        laatste = date(jaar, maand, calendar.monthrange(jaar, maand)[1])
        einde = self.toeval.choice(
            (laatste, laatste, eerste, laatste + timedelta(days=1), eerste - timedelta(days=1))
        )
        aanvang = einde.replace(day=1)
        if self.kans(0.3):
            einde = date(jaar, maand, self.toeval.choice((1, 2, 28)))
            aanvang = einde - timedelta(days=self.toeval.choice((26, 27, 27, 27, 28)))
        bedrag = self.bedrag()
        inhouding = self.toeval.choice((0, 0, 12_345))
        return Opgave(einde.isoformat(), aanvang.isoformat(), bedrag + inhouding, 0, inhouding)

    def verhouding(self, bsn: int) -> Verhouding:
        """Return an inkomstenverhouding of this person."""
        opgaven = [self.opgave() for _ in range(self.toeval.choice((1, 1, 1, 2, 4)))]
        if self.kans(0.1):
            opgaven.append(Opgave("2026-08-31", loon=-700, auto=100, zvw=55))
        if self.kans(0.2):  # a correction: the difference, for the same period
            opgaven.append(
                replace(self.toeval.choice(opgaven), loon=self.toeval.choice((-20_000, -1, 1, 300)))
            )
            self.toeval.shuffle(opgaven)
        nummer = self.toeval.choice(("", "L1", "L1", "L2"))
        return Verhouding(bsn, self.toeval.choice(SOORTEN), tuple(opgaven), nummer=nummer)

    def rekening(self, bsn: int) -> Rekening:
        """Return an account; its number may be that of somebody else too."""
        enkel, dubbel = self.kader.norm[4:]
        stap = self.toeval.choice((-1, 0, 1))
        saldo = self.toeval.choice((enkel, dubbel, enkel // 2, 0, -5_000, 12_345)) + stap
        rente = self.toeval.choice((enkel // 100, dubbel // 100, 0, 0, 77, -3)) + stap
        nummer = f"NL{self.toeval.choice((len(self.personen), 40)) + self.toeval.randrange(40)}"
        if self.kans(0.6):
            nummer = f"NL-{bsn}-{self.toeval.choice('AB')}"
        return Rekening(bsn, nummer, saldo, rente)

    def voertuig(self, bsn: int) -> Voertuig:
        """Return a vehicle around nine years old, of any kind and brand."""
        vanaf = self.toeval.choice(("2020-01-01", self.rond(self.kader.deelnamedatum)))
        einde = self.toeval.choice(("", "", self.rond(self.kader.deelnamedatum)))
        return Voertuig(
            bsn,
            kenteken=self.kenteken(bsn),
            voertuigsoort=self.toeval.choice(SOORTEN_VOERTUIG),
            merk=self.toeval.choice((*MERKNAMEN, *MERKEN[:4])),
            handelsbenaming=self.toeval.choice(HANDELSNAMEN),
            eerste_toelating=self.toeval.choice((self.rond(self.terug(9)), "2001-02-03")),
            aansprakelijk_vanaf=vanaf,
            aansprakelijk_tot_en_met=max(vanaf, einde) if einde else "",
        )

    def kenteken(self, bsn: int) -> str:
        """Return a kenteken that others may have too, in one of the ways to spell it."""
        letter, nummer = self.toeval.choice("XZ"), self.toeval.choice((bsn, bsn, 1))
        return self.toeval.choice(("{}{}", "{}{}", "{}-{}", "{} {}")).format(
            letter if self.kans(0.8) else letter.lower(), nummer
        )

    def uitkering(self, bsn: int) -> Uitkering:
        """Return a bijstandsuitkering that begins or ends around the deelnamedatum."""
        aanvang = self.toeval.choice(("2020-01-01", self.rond(self.kader.deelnamedatum)))
        einde = self.toeval.choice(("", self.rond(self.kader.deelnamedatum), "2021-05-05"))
        regeling = self.toeval.choice(("PW", "IOAW", "IOAZ", "AIO"))
        return Uitkering(bsn, regeling, aanvang, max(aanvang, einde) if einde else "")

    def populatie(self, aantal: int) -> Populatie:
        """Return that many rows and what the sources know of everybody in them."""
        vragen = tuple(self.vraag() for _ in range(aantal))
        return Populatie(
            vragen=vragen,
            verhoudingen=tuple(self.verhouding(b) for b in self._enkele((1, 1, 1, 2, 0))),
            rekeningen=tuple(self.rekening(b) for b in self._enkele((1, 2, 0, 3))),
            mislukt=frozenset(b for b in self.personen if self.kans(0.04)),
            kortingen=tuple(
                Korting(b, self.toeval.choice(("AHK", "OK", "XYZ")), 1_000) for b in self._enkele((0, 1))
            ),
            voertuigen=tuple(self.voertuig(b) for b in self._enkele((0, 1, 1, 2))),
            uitkeringen=tuple(self.uitkering(b) for b in self._enkele((0, 0, 0, 0, 1))),
        )

    def _enkele(self, aantallen: tuple[int, ...]) -> list[int]:
        personen = [bsn for bsn in self.personen for _ in range(self.toeval.choice(aantallen))]
        self.toeval.shuffle(personen)
        return personen


def willekeurige_populatie(toeval: Random, kader: Kader, aantal: int) -> Populatie:
    """Return a population of ``aantal`` rows for the ronde of ``kader``."""
    return Fantasie(toeval, kader).populatie(aantal)
