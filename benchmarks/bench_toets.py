"""The toets stage, from fetched data to outcome rows, beside slower ways to compute the same income test."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from include.schemas.bronnen import Bronantwoorden, Brp
from include.schemas.instellingen import Instellingen
from include.toets.huishouden import leid_huishoudens_af
from include.toets.toetsen import toets

AANTAL = 1_000_000
RONDE = "2026-09"


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
    return pd.Series(pd.Categorical.from_codes(rng.integers(0, len(keuze), n), keuze)).astype("str")


def bevolking(n: int, seed: int = 1) -> Bevolking:
    """Invent the frames of ``n`` households; the same seed gives the same frames."""
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
    geboren = np.where(rol == 2, _datums(rng, "2009-01-01", "2026-01-01", m), _datums(rng, "1940-01-01", "2006-01-01", m))
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
        pd.DataFrame({"persoon": getrouwd, "partner_bsn": aanvrager[paar] + 1, "ontbonden": np.zeros(paar.sum(), bool)}),
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
    v, a, r = len(verdiener), len(auto), 2 * len(personen)
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
                "werkgever": _woorden(rng, ["Bakkerij", "Bouw", "SVB", "Pensioenfonds"], v),
                "soort": _woorden(rng, ["15", "22", "56", "33", "40"], v // 3).repeat(3).reset_index(drop=True),
                "aanvang": np.array([f"2026-{m:02d}-01" for m in (6, 7, 8)], "datetime64[s]")[maand - 6],
                "einde": np.array(["2026-06-30", "2026-07-31", "2026-08-31"], "datetime64[s]")[maand - 6],
                "loon": rng.integers(20_000, 300_000, v),
                "auto": np.zeros(v, np.int64),
                "loonheffing": rng.integers(0, 40_000, v),
                "zvw": rng.integers(0, 5_000, v),
            }
        ),
        verificaties=pd.DataFrame({"bsn": personen, "geslaagd": rng.random(len(personen)) < 0.99}),
        rekeningen=pd.DataFrame(
            {
                "bsn": np.repeat(personen, 2),
                "rekeningnummer": pd.Series(np.char.add("NL", rng.integers(0, 3 * r, r).astype("U")), dtype="str"),
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
                    for naam in ("brandstofsoort_1", "brandstofsoort_2", "inrichting", "bijzonderheden", "status")
                },
                "eerste_toelating": _datums(rng, "2005-01-01", "2026-01-01", a).astype("datetime64[s]"),
                "aansprakelijk_vanaf": _datums(rng, "2015-01-01", "2026-12-01", a).astype("datetime64[s]"),
                "aansprakelijk_tot_en_met": np.full(a, "NaT", dtype="datetime64[s]"),
            }
        ),
    )
