"""Vehicles (RDW): of every kind, age and brand that besluiten B41-B43 tell apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

from include.mock_sources.genereren.huishoudens import Huishouden
from include.mock_sources.genereren.wereld import Wereld, jaren_terug

PERSONENAUTOS = (
    ("VOLKSWAGEN", "GOLF", 1205, "hatchback"),
    ("VOLKSWAGEN", "POLO", 1060, "hatchback"),
    ("OPEL", "CORSA", 1045, "hatchback"),
    ("FORD", "FIESTA", 1035, "hatchback"),
    ("PEUGEOT", "206", 980, "hatchback"),
    ("RENAULT", "MEGANE SCÉNIC", 1340, "MPV"),
    ("TOYOTA", "AYGO", 800, "hatchback"),
    ("KIA", "PICANTO", 855, "hatchback"),
    ("CITROËN", "BERLINGO", 1280, "stationwagen"),
    ("FIAT", "PANDA", 860, "hatchback"),
    ("ŠKODA", "OCTAVIA COMBI", 1290, "stationwagen"),
    ("SEAT", "LEON", 1190, "hatchback"),
    ("SUZUKI", "ALTO", 780, "hatchback"),
    ("CHEVROLET", "MATIZ", 770, "hatchback"),
)
# On the exclusive list as brand, as alias, or by the handelsbenaming; and two that only look like it.
EXCLUSIEF = (
    ("AUDI", "A4", 1390, "sedan"),
    ("BMW", "318I", 1345, "sedan"),
    ("BMW I", "I3", 1195, "hatchback"),
    ("MERCEDES-BENZ", "C 180", 1410, "sedan"),
    ("MERCEDES BENZ", "A 150", 1140, "hatchback"),
    ("MERCEDES-AMG", "C 63", 1655, "sedan"),
    ("LAND ROVER", "RANGE ROVER EVOQUE", 1640, "SUV"),
    ("CHEVROLET", "CORVETTE", 1450, "coupé"),
    ("JAGUAR", "X-TYPE", 1480, "sedan"),
    ("LEXUS", "IS200", 1360, "sedan"),
    ("PORSCHE", "CAYENNE", 2100, "SUV"),
    ("ROLLS ROYCE", "SILVER SHADOW", 2100, "sedan"),
    ("SUNBEAM", "LOTUS", 960, "hatchback"),
    ("FIAT", "AUDITORIUM", 900, "hatchback"),
    ("JAGUARETTE", "MINI", 600, "niet geregistreerd"),
)
ANDERE = (
    ("Motorfiets", "YAMAHA", "XJ 600", 195, "niet geregistreerd"),
    ("Bedrijfsauto", "FORD", "TRANSIT", 1700, "gesloten opbouw"),
    ("Driewielig motorrijtuig", "PIAGGIO", "APE", 300, "niet geregistreerd"),
)
GEEN_MOTORVOERTUIG = (
    ("Bromfiets", "VESPA", "SPRINT", 110, "niet geregistreerd"),
    ("Snorfiets", "SYM", "FIDDLE II", 100, "niet geregistreerd"),
    ("Scootmobiel", "STERLING", "S425", 120, "niet geregistreerd"),
    ("Gehandicaptenvoertuig", "CANTA", "COMFORT", 350, "niet geregistreerd"),
    ("Aanhangwagen", "ANSSEMS", "BSX 750", 150, "open laadvloer"),
    ("Oplegger", "PACTON", "T3", 5200, "open laadvloer"),
    ("Middenasaanhangwagen", "KIP", "KOMPAKT", 640, "caravan"),
    ("Autonome aanhangwagen", "HULCO", "TERRAX", 700, "open laadvloer"),
    ("Land- of bosb aanhw of getr uitr stuk", "VEENHUIS", "JVZ", 2500, "niet geregistreerd"),
)
_ZONDER_MOTOR = ("Aanhangwagen", "Oplegger", "Middenasaanhangwagen", "Autonome aanhangwagen")
BRANDSTOFFEN = (["Benzine"], ["Benzine"], ["Benzine"], ["Diesel"], ["Elektriciteit"], ["Benzine", "LPG"])
BIJZONDERHEDEN = ("Taxi", "Lesvoertuig", "Rolstoelvervoer")
STATUSSEN = (["normaal"] * 9) + ["geschorst"]


def trek(w: Wereld, huis: Huishouden) -> list[dict[str, Any]]:
    """The lines of ``rdw.jsonl`` of aanvrager and partner; who owned nothing has no line."""
    garages: list[tuple[str, list[dict[str, Any]]]] = []
    for lid in (huis.aanvrager, huis.partner):
        if lid is None:
            continue
        aantal = w.weeg((0, 1, 2, 3), (50, 38, 9, 3))
        if aantal:
            garages.append((lid.bsn, [_voertuig(w) for _ in range(aantal)]))
    if len(garages) == 2 and w.kans(0.03):  # one car in both names
        garages[1][1].append(garages[0][1][0])
    return [{"burgerservicenummer": bsn, "voertuigen": voertuigen} for bsn, voertuigen in garages]


def _voertuig(w: Wereld) -> dict[str, Any]:
    lot = w.dobbel.random()
    if lot < 0.72:
        soort, (merk, benaming, massa, inrichting) = "Personenauto", w.kies(PERSONENAUTOS)
    elif lot < 0.82:
        soort, (merk, benaming, massa, inrichting) = "Personenauto", w.kies(EXCLUSIEF)
    else:
        soort, merk, benaming, massa, inrichting = w.kies(ANDERE if lot < 0.87 else GEEN_MOTORVOERTUIG)
    toelating = _eerste_toelating(w)
    sinds, einde = _aansprakelijk(w, toelating)
    return {
        "kenteken": w.nummers.kenteken(),
        "voertuigsoort": soort,
        "merk": merk,
        "handelsbenaming": benaming,
        "massaLedigVoertuig": massa,
        "brandstofsoorten": [] if soort in _ZONDER_MOTOR else w.kies(BRANDSTOFFEN),
        "inrichting": inrichting,
        "bijzonderheden": [w.kies(BIJZONDERHEDEN)] if w.kans(0.02) else [],
        "status": w.kies(STATUSSEN),
        "datumEersteToelating": toelating.isoformat(),
        "datumAanvangAansprakelijkheid": sinds.isoformat(),
        "datumEindeAansprakelijkheid": einde and einde.isoformat(),
    }


def _eerste_toelating(w: Wereld) -> dt.date:
    """Up to thirty years ago; one in twenty nine years to the day, a day more or a day less."""
    if w.kans(0.05):
        return jaren_terug(w.deelnamedatum, 9) + dt.timedelta(days=w.kies((-1, 0, 1)))
    jaren = min(30.0, w.dobbel.gammavariate(3.2, 4.0))
    return w.deelnamedatum - dt.timedelta(days=int(jaren * 365.25) + 30)


def _aansprakelijk(w: Wereld, toelating: dt.date) -> tuple[dt.date, dt.date | None]:
    """Since when, and for one in nine until when; some begin or end around the deelnamedatum."""
    oud = (w.deelnamedatum - toelating).days
    sinds = w.dagen_terug(0, min(oud, 4_000))
    lot = w.dobbel.random()
    if lot < 0.08:
        return sinds, max(sinds, w.dagen_terug(0, 900))
    if lot < 0.11:
        return sinds, w.dagen_terug(-40, 1) if sinds < w.deelnamedatum else None
    if lot < 0.13:
        return w.dagen_terug(-40, 0), None
    return sinds, None
