"""The toets stage, from fetched frames to outcome rows, beside slower ways to compute the same.

One process, one thread. In the same run and on the same households: the plain row-by-row reading of the besluiten
that the tests hold the rules against (on a sample, extrapolated), and OpenFisca-Core computing the income test.
Every outcome that is compared must be equal, or the benchmark stops.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from benchmarks import openfisca_inkomen
from include.normen import laden
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.bronnen import Bronantwoorden, Brp
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import JA
from include.toets.bevraging import heeft_bijstand
from include.toets.huishouden import leid_huishoudens_af
from include.toets.inkomen import Inkomen, toets_inkomen
from include.toets.leden import Leden
from include.toets.toetsen import toets
from tests.toets.bouw import Opgave, Persoon, Populatie, Rekening, Uitkering, Verhouding, Voertuig, Vraag
from tests.toets.referentie import Kader, Verwacht, verwacht

AANTAL = 1_000_000
STEEKPROEF = 10_000
RONDE = "2026-09"
ALLES_AAN = Instellingen(vermogen=True, voertuigen=True, percentage=120)
AIM_PER_SECOND, AIM_GIGABYTES = 150_000, 3.0


@dataclass(frozen=True)
class Bevolking:
    """Fetched data of ``n`` households: half of them couples, a third of the singles with a child at home."""

    aanvragen: pd.DataFrame
    brp: Brp
    bronnen: Bronantwoorden


def _datums(rng: np.random.Generator, van: str, tot: str, n: int) -> np.ndarray:
    eerste, laatste = np.datetime64(van, "D"), np.datetime64(tot, "D")
    return eerste + rng.integers(0, (laatste - eerste).astype(int), n).astype("timedelta64[D]")


def _woorden(rng: np.random.Generator, keuze: list[str], n: int) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes(rng.integers(0, len(keuze), n), pd.Index(keuze))).astype("str")


def bevolking(n: int, seed: int = 1) -> Bevolking:
    """Invent the frames of ``n`` households; the same seed gives the same frames.

    Persons are numbered, not named: their numbers are no BSNs and do not claim to pass the elfproef.
    """
    rng = np.random.default_rng(seed)
    aanvrager = np.arange(n) * 3 + 100_000_000
    paar = rng.random(n) < 0.5
    kind = ~paar & (rng.random(n) < 0.33)
    bij_adres = np.concatenate([np.arange(n), np.flatnonzero(paar), np.flatnonzero(kind)])
    bsn = np.concatenate([aanvrager, aanvrager[paar] + 1, aanvrager[kind] + 2])
    volgorde = np.argsort(bij_adres, kind="stable")
    bij_adres, bsn = bij_adres[volgorde], bsn[volgorde]
    rol = bsn - aanvrager[bij_adres]
    m = len(bsn)
    geboren = np.where(
        rol == 2, _datums(rng, "2009-01-01", "2026-01-01", m), _datums(rng, "1940-01-01", "2006-01-01", m)
    )
    personen = pd.DataFrame(
        {
            "persoon": np.arange(m),
            "vraag_bsn": aanvrager[bij_adres],
            "bsn": bsn,
            "voorvoegsel": _woorden(rng, ["", "van", "de"], m),
            "geslachtsnaam": _woorden(rng, ["Jansen", "Meer", "Yilmaz", "O'Neill"], m),
            "geboortedatum": pd.Series(np.datetime_as_string(geboren), dtype="str"),
            "functieadres": pd.Series(["W"], dtype="str").repeat(m).reset_index(drop=True),
            "in_onderzoek": np.zeros(m, bool),
            "opgeschort": np.zeros(m, bool),
        }
    )
    eigen = np.flatnonzero(rol == 0)
    getrouwd, ouders = eigen[paar], eigen[kind]
    brp = Brp(
        pd.DataFrame({"vraag_bsn": aanvrager, "letter": pd.Series(["A"], dtype="str").repeat(n).to_numpy()}),
        personen,
        pd.DataFrame(
            {"persoon": getrouwd, "partner_bsn": aanvrager[paar] + 1, "ontbonden": np.zeros(paar.sum(), bool)}
        ),
        pd.DataFrame({"persoon": ouders, "bsn": aanvrager[kind] + 2}),
        pd.DataFrame({"persoon": np.array([], np.int64), "bsn": np.array([], np.int64)}),
    )
    geen = pd.Series(np.full(n, "NaT", dtype="datetime64[s]"))
    leeg = pd.Series([""], dtype="str").repeat(n).reset_index(drop=True)
    nul = np.zeros(n, np.int64)
    aanvragen = pd.DataFrame(
        {
            "regel": np.arange(n) + 1,
            "gsd_code": pd.Series(["0014"], dtype="str").repeat(n).reset_index(drop=True),
            "brp_bevragen": np.ones(n, bool),
            "normpercentage": pd.array([pd.NA], dtype="Int64").repeat(n),
            "bsn": aanvrager,
            "naam": leeg,
            "geboortedatum": geen,
            "leefvorm": nul,
            "partner_bsn": nul,
            "partner_naam": leeg,
            "partner_geboortedatum": geen,
        }
    )
    return Bevolking(aanvragen, brp, _bronnen(rng, bsn[rol < 2]))


def _bronnen(rng: np.random.Generator, personen: np.ndarray) -> Bronantwoorden:
    def deel(kans: float) -> np.ndarray:
        return personen[rng.random(len(personen)) < kans]

    uitkering, verdiener, auto = deel(0.15), np.repeat(deel(0.9), 3), deel(0.5)
    maand = np.tile([6, 7, 8], len(verdiener) // 3)
    geslaagd = rng.random(len(personen)) < 0.99
    rekeninghouder = np.repeat(personen[geslaagd], 2)
    v, a, r = len(verdiener), len(auto), len(rekeninghouder)
    return Bronantwoorden(
        uitkeringen=pd.DataFrame(
            {
                "bsn": uitkering,
                "regeling": _woorden(rng, ["PW", "IOAW", "IOAZ", "AIO"], len(uitkering)),
                "aanvang": _datums(rng, "2015-01-01", "2026-12-01", len(uitkering)).astype("datetime64[s]"),
                "einde": np.full(len(uitkering), "NaT", dtype="datetime64[s]"),
            }
        ),
        opgaven=pd.DataFrame(
            {
                "bsn": verdiener,
                "inkomstenverhouding": np.arange(v) // 3,
                "loonheffingennummer": _woorden(rng, ["001234567L01", "001234567L02"], v // 3)
                .repeat(3)
                .reset_index(drop=True),
                "werkgever": _woorden(rng, ["Bakkerij", "Bouw", "SVB", "Pensioenfonds"], v),
                "soort": _woorden(rng, ["15", "22", "56", "33", "40"], v // 3)
                .repeat(3)
                .reset_index(drop=True),
                "aanvang": np.array([f"2026-{m:02d}-01" for m in (6, 7, 8)], "datetime64[s]")[maand - 6],
                "einde": np.array(["2026-06-30", "2026-07-31", "2026-08-31"], "datetime64[s]")[maand - 6],
                "loon": rng.integers(20_000, 300_000, v),
                "auto": np.zeros(v, np.int64),
                "loonheffing": rng.integers(0, 40_000, v),
                "zvw": rng.integers(0, 5_000, v),
            }
        ),
        verificaties=pd.DataFrame({"bsn": personen, "geslaagd": geslaagd}),
        rekeningen=pd.DataFrame(
            {
                "bsn": rekeninghouder,
                "rekeningnummer": pd.Series(
                    np.char.add("NL", rng.integers(0, 3 * r, r).astype("U")), dtype="str"
                ),
                "saldo": rng.integers(-100_000, 1_200_000, r),
                "rente": rng.integers(0, 10_000, r),
                "bank": _woorden(rng, ["ING", "ABN AMRO", "Rabobank"], r),
                "product": _woorden(rng, ["spaarrekening", "betaalrekening"], r),
                "tenaamstelling": _woorden(rng, ["A Jansen", "B Meer"], r),
            }
        ),
        heffingskortingen=pd.DataFrame(
            {
                "bsn": personen,
                "code": _woorden(rng, ["AHK", "AK", "OK", "IACK"], len(personen)),
                "bedrag": rng.integers(0, 350_000, len(personen)),
            }
        ),
        voertuigen=pd.DataFrame(
            {
                "bsn": auto,
                "kenteken": pd.Series(np.char.add("X", np.arange(a).astype("U")), dtype="str"),
                "voertuigsoort": _woorden(rng, ["Personenauto", "Bromfiets", "Motorfiets"], a),
                "merk": _woorden(rng, ["VOLKSWAGEN", "AUDI", "OPEL", "MERCEDES-BENZ"], a),
                "handelsbenaming": _woorden(rng, ["GOLF", "A4", "CORSA", "E 200"], a),
                "massa": np.full(a, 1200),
                **{
                    naam: _woorden(rng, ["x", "y"], a)
                    for naam in (
                        "brandstofsoort_1",
                        "brandstofsoort_2",
                        "inrichting",
                        "bijzonderheden",
                        "status",
                    )
                },
                "eerste_toelating": _datums(rng, "2005-01-01", "2026-01-01", a).astype("datetime64[s]"),
                "aansprakelijk_vanaf": _datums(rng, "2015-01-01", "2026-12-01", a).astype("datetime64[s]"),
                "aansprakelijk_tot_en_met": np.full(a, "NaT", dtype="datetime64[s]"),
            }
        ),
    )


def toets_bevolking(b: Bevolking, ronde: Ronde, normen: Toetsnormen) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the whole stage makes of a population: ``Huishoudens`` and ``Uitkomsten``."""
    huishoudens = leid_huishoudens_af(b.aanvragen, b.brp, normen)
    return huishoudens, toets(b.aanvragen, huishoudens, b.bronnen, ALLES_AAN, ronde, normen).uitkomsten


def rij_voor_rij(b: Bevolking, aantal: int) -> Iterator[Populatie]:
    """Yield the first households one by one, each with everything known of it, as the reference reads them."""
    aanvragen = b.aanvragen["bsn"].to_numpy()[:aantal]
    personen = b.brp.personen[b.brp.personen["vraag_bsn"].isin(aanvragen)]
    partner = b.brp.verbintenissen.set_index("persoon")["partner_bsn"].to_dict()
    kind = b.brp.kinderen.set_index("persoon")["bsn"].to_dict()
    adressen: dict[int, list[Persoon]] = defaultdict(list)
    for p in personen.to_dict("records"):
        nummer = p["persoon"]
        gehuwd_met = (partner[nummer],) if nummer in partner else ()
        kinderen = (kind[nummer],) if nummer in kind else ()
        persoon = Persoon(p["bsn"], p["geboortedatum"], gehuwd_met=gehuwd_met, kinderen=kinderen)
        adressen[p["vraag_bsn"]].append(persoon)
    bekend = set(personen["bsn"])
    feiten = {
        "verhoudingen": _per_persoon(_verhoudingen(b.bronnen.opgaven, bekend)),
        "rekeningen": _per_persoon(_regels(Rekening, b.bronnen.rekeningen, bekend)),
        "voertuigen": _per_persoon(_regels(Voertuig, b.bronnen.voertuigen, bekend)),
        "uitkeringen": _per_persoon(_regels(Uitkering, b.bronnen.uitkeringen, bekend)),
    }
    mislukt = set(b.bronnen.verificaties.loc[~b.bronnen.verificaties["geslaagd"], "bsn"])
    for bsn in aanvragen.tolist():
        leden = [persoon.bsn for persoon in adressen[bsn]]
        eigen = {soort: tuple(feit for lid in leden for feit in van[lid]) for soort, van in feiten.items()}
        yield Populatie((Vraag(bsn, tuple(adressen[bsn])),), mislukt=frozenset(mislukt & set(leden)), **eigen)


def _per_persoon(feiten: Iterator[Any]) -> dict[int, list[Any]]:
    uit: dict[int, list[Any]] = defaultdict(list)
    for feit in feiten:
        uit[feit.bsn].append(feit)
    return uit


def _regels(soort: type[Any], frame: pd.DataFrame, bekend: set[int]) -> Iterator[Any]:
    kolommen = [veld.name for veld in fields(soort)]
    for regel in _als_teksten(frame.loc[frame["bsn"].isin(bekend), kolommen]):
        yield soort(**regel)


def _verhoudingen(opgaven: pd.DataFrame, bekend: set[int]) -> Iterator[Verhouding]:
    eigen = opgaven[opgaven["bsn"].isin(bekend)]
    for _, deel in eigen.groupby("inkomstenverhouding", sort=False):
        regels = _als_teksten(deel[["einde", "aanvang", "loon", "auto", "loonheffing", "zvw"]])
        bsn, soort = int(deel["bsn"].iloc[0]), str(deel["soort"].iloc[0])
        yield Verhouding(bsn, soort, tuple(Opgave(**regel) for regel in regels))


def _als_teksten(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lines of a frame, dates written as the reference reads them."""
    datums = frame.select_dtypes("datetime")
    teksten = {str(naam): kolom.dt.strftime("%Y-%m-%d").fillna("") for naam, kolom in datums.items()}
    lijnen = frame.assign(**teksten).to_dict("records")
    return [{str(naam): waarde for naam, waarde in lijn.items()} for lijn in lijnen]


def eis_gelijk(uitkomsten: pd.DataFrame, hoort: list[Verwacht]) -> None:
    """Stop when the stage and the reference differ on any household of the sample."""
    for naam in (
        "leefvorm",
        "huishouden",
        "inkomen",
        "totaal",
        "norm",
        "vermogen",
        "saldo",
        "rente",
        "belemmering",
    ):
        echt = uitkomsten[naam].iloc[: len(hoort)].tolist()
        assert echt == [getattr(v, naam) for v in hoort], f"{naam} differs from the reference"


def hoogste_gebruik(aantal: int) -> tuple[float, float]:
    """Return the gigabytes of memory of a process that holds the frames, and its peak while it tests them."""
    ronde = laden.ronde(RONDE)
    normen = laden.normen_op(ronde.deelnamedatum)
    b = bevolking(aantal)
    Path("/proc/self/clear_refs").write_text("5")  # Linux: start measuring the peak anew
    vooraf = _geheugen("VmHWM")
    toets_bevolking(b, ronde, normen)
    return vooraf, _geheugen("VmHWM")


def _geheugen(naam: str) -> float:
    status = dict(regel.split(":", 1) for regel in Path("/proc/self/status").read_text().splitlines())
    return int(status[naam].split()[0]) * 1024 / 1e9


@dataclass(frozen=True)
class Tijd:
    """Seconds by the clock, and of the processor: the second tells more on a machine that is busy."""

    klok: float
    processor: float


T = TypeVar("T")


def meet(werk: Callable[[], T]) -> tuple[T, Tijd]:
    """Do the work; return what came of it and what it took."""
    klok, processor = time.perf_counter(), time.process_time()
    uitkomst = werk()
    return uitkomst, Tijd(time.perf_counter() - klok, time.process_time() - processor)


def inkomenstoets(b: Bevolking, huishoudens: pd.DataFrame, ronde: Ronde, normen: Toetsnormen) -> Inkomen:
    """Do the income test alone, from opgaven to judgement."""
    leden = Leden.van(b.aanvragen["bsn"].to_numpy(), huishoudens["partner_bsn"].to_numpy())
    bijstand = heeft_bijstand(leden, b.bronnen.uitkeringen, np.datetime64(normen.deelnamedatum))
    te_toetsen = (huishoudens["huishouden"] != JA).to_numpy()
    percentage = np.full(len(huishoudens), ALLES_AAN.percentage)
    return toets_inkomen(
        leden, huishoudens, bijstand, te_toetsen, percentage, b.bronnen.opgaven, ronde, normen
    )


def _toon(wat: str, aantal: int, tijd: Tijd, erbij: str = "") -> None:
    print(
        f"  {wat:40} {tijd.klok:7.2f} s {aantal / tijd.klok:11,.0f}/s   processor {tijd.processor:7.2f} s "
        f"{aantal / tijd.processor:11,.0f}/s   {erbij}",
        flush=True,
    )


def main(aantal: int = AANTAL, steekproef: int = STEEKPROEF) -> None:
    """Print households per second and memory of the stage, and of the two yardsticks."""
    ronde = laden.ronde(RONDE)
    normen = laden.normen_op(ronde.deelnamedatum)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        vooraf, hoogste = pool.apply(hoogste_gebruik, (aantal,))
    b = bevolking(aantal)
    toets_bevolking(bevolking(100), ronde, normen)  # load every module first
    print(f"{aantal:,} households, {len(b.brp.personen):,} persons, {len(b.bronnen.opgaven):,} opgaven")

    print("the whole stage, from fetched frames to outcome rows (households per second):")
    (huishoudens, uitkomsten), ons = meet(lambda: toets_bevolking(b, ronde, normen))
    _toon("ours", aantal, ons, f"aim {AIM_PER_SECOND:,}/s")
    populaties = list(rij_voor_rij(b, min(aantal, steekproef)))
    kader = Kader(ronde.maand.jaar, ronde.maand.maand)
    hoort, tijd = meet(lambda: [verwacht(p.vragen[0], p, kader) for p in populaties])
    eis_gelijk(uitkomsten, hoort)
    keer = aantal / len(hoort)
    per_rij = Tijd(tijd.klok * keer, tijd.processor * keer)
    _toon(f"row by row, extrapolated from {len(hoort):,}", aantal, per_rij, _keer(per_rij, ons))
    print(
        f"  memory: {vooraf:.2f} GB of fetched frames, {hoogste:.2f} GB at the peak (aim {AIM_GIGABYTES} GB)"
    )

    print("the income test alone:")
    _, ons = meet(lambda: inkomenstoets(b, huishoudens, ronde, normen))
    _toon("ours, from opgaven to judgement", aantal, ons)
    gegevens, uitgelegd = meet(
        lambda: openfisca_inkomen.leg_uit(
            b.aanvragen, huishoudens, uitkomsten, b.bronnen.opgaven, ronde, normen
        )
    )
    _toon("OpenFisca: opgaven by person and month", aantal, uitgelegd, "numpy, before OpenFisca")
    stelsel = openfisca_inkomen.stelsel(normen)
    simulatie, gebouwd = meet(lambda: openfisca_inkomen.bouw(stelsel, gegevens))
    _toon("OpenFisca: building the simulation", aantal, gebouwd)
    anders, berekend = meet(lambda: openfisca_inkomen.bereken(simulatie, ronde))
    _toon("OpenFisca: calculating", aantal, berekend)
    samen = Tijd(*(sum(delen) for delen in zip(*map(astuple, (uitgelegd, gebouwd, berekend)), strict=True)))
    _toon("OpenFisca, together", aantal, samen, _keer(samen, ons))
    _eis_zelfde_inkomen(uitkomsten, anders)
    print("all outcomes equal")


def _keer(ander: Tijd, ons: Tijd) -> str:
    return f"{ander.processor / ons.processor:.1f} times ours"


def _eis_zelfde_inkomen(uitkomsten: pd.DataFrame, anders: pd.DataFrame) -> None:
    """Stop when OpenFisca judges any household otherwise."""
    oordeel = pd.Series(["N", "J", "Niet getoetst"]).iloc[anders["inkomen"]].tolist()
    assert oordeel == uitkomsten["inkomen"].tolist(), "inkomen differs from OpenFisca"
    getoetst = (uitkomsten["inkomen"] != "Niet getoetst").to_numpy()
    for naam in ("totaal", "norm"):
        assert (anders[naam].to_numpy() == uitkomsten[naam].to_numpy())[getoetst].all(), f"{naam} differs"
