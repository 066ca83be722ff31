"""Reports: from the outcome of a toets to a CSV and a validated XML, in one process.

Yardstick: lxml's element tree, which builds the same XML element by element and writes it.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lxml import etree

from include.normen.kalender import Maand, Ronde
from include.rapportage.controle import controleer
from include.rapportage.detail_lezen import valideer
from include.rapportage.kop import Kop
from include.rapportage.opzoeken import maak_index, zoek
from include.rapportage.rapporten import schrijf_rapporten
from include.schemas.uitkomst import (
    ALLEENSTAAND,
    GEHUWD,
    HOOG,
    JA,
    LEEFVORMEN,
    NEE,
    NIET_GETOETST,
    OORDELEN,
    ZEKERHEDEN,
    Uitkomst,
)

AANVRAGERS = 200_000
YARDSTICK = 5_000

KOP = Kop(
    aanleverende_organisatie="Gemeente Voorbeeld",
    bestandsnaam="vraagbestand.csv",
    aanleverdatum=date(2026, 9, 12),
    rapportagedatum=date(2026, 10, 5),
    ronde=Ronde(Maand(2026, 9), date(2026, 9, 26), date(2026, 8, 26)),
    normvariant="inclusief",
)


def main(aantal: int = AANVRAGERS) -> None:
    """Write and validate both reports of ``aantal`` aanvragers, and lxml's own for a part of them."""
    uitkomst, tevens = verzin(aantal)
    with tempfile.TemporaryDirectory() as map_:
        csv, xml = Path(map_, "overzicht.csv"), Path(map_, "detail.xml")
        start = time.perf_counter()
        with csv.open("wb") as overzicht, xml.open("wb") as detail:
            eerste, tweede = schrijf_rapporten([uitkomst], KOP, tevens, overzicht, detail)
        omvang = f"{eerste.omvang / 1e6:.0f} and {tweede.omvang / 1e6:.0f} MB"
        toon("overzicht and detail", aantal, start, omvang)
        tussen = time.perf_counter()
        with xml.open("rb") as bestand:
            valideer(bestand)
        toon("validated", aantal, tussen)
        toon("CSV and validated XML", aantal, start, f"peak {_geheugen():.0f} MB")

        tussen = time.perf_counter()
        with csv.open("rb") as geschreven, xml.open("rb") as bestand:
            controleer(geschreven, bestand, aantal)
        toon("controle (reads both back)", aantal, tussen)

        tussen = time.perf_counter()
        index = maak_index(uitkomst.uitkomsten["bsn"].to_numpy(), tweede.plaatsen)
        toon("index", aantal, tussen, f"{len(index) / 1e6:.0f} MB")
        tussen = time.perf_counter()
        with xml.open("rb") as bestand:
            assert zoek(index, bestand, int(uitkomst.uitkomsten["bsn"].iloc[aantal // 2])) is not None
        print(f"  one look-up: {(time.perf_counter() - tussen) * 1e3:.1f} ms")

        klein, tevens = verzin(min(aantal, YARDSTICK))
        deel = io.BytesIO()
        tussen = time.perf_counter()
        schrijf_rapporten([klein], KOP, tevens, io.BytesIO(), deel)
        toon("both, a part", len(klein.uitkomsten), tussen)
        voorbeeld = etree.fromstring(deel.getvalue())
        tussen = time.perf_counter()
        etree.tostring(nagebouwd(voorbeeld))
        toon("its detail with lxml's element tree", len(klein.uitkomsten), tussen)


def nagebouwd(bron: etree._Element) -> etree._Element:
    """Build the tree anew, element by element, as code that renders with lxml would."""
    doel = etree.Element(bron.tag)
    doel.text = bron.text
    for kind in bron:
        doel.append(nagebouwd(kind))
    return doel


def verzin(aantal: int) -> tuple[Uitkomst, pd.DataFrame]:
    """Invent an outcome of ``aantal`` aanvragers with every kind of detail, and who else delivered them."""
    kans = np.random.default_rng(9).random
    rij = np.arange(aantal)
    huishouden_ja = kans(aantal) < 0.15
    inkomen_ja = ~huishouden_ja & (kans(aantal) < 0.35)
    vermogen_ja = ~huishouden_ja & (kans(aantal) < 0.2)
    partner = ~huishouden_ja & (kans(aantal) < 0.4)
    bsn = 999_000_000 + 2 * rij  # too many for real test numbers: most of these fail the elfproef

    def soort(waarden: np.ndarray, uit: tuple[str, ...]) -> pd.Series:
        return pd.Series(pd.Categorical(waarden, categories=list(uit)))

    def oordeel(ja: np.ndarray, niet: np.ndarray) -> pd.Series:
        return soort(np.where(ja, JA, np.where(niet, NIET_GETOETST, NEE)), OORDELEN)

    def naam(waar: np.ndarray) -> pd.Series:
        return pd.Series(np.where(waar, "van den Überhorst-" + pd.Series(rij.astype(str)), ""), dtype="str")

    nullen, onwaar = np.zeros(aantal, np.int64), np.zeros(aantal, bool)
    uitkomsten = pd.DataFrame(
        {
            "gsd_code": pd.Series(np.where(rij < aantal // 2, "0014", "0034"), dtype="str"),
            "brp_bevraagd": kans(aantal) < 0.9,
            "bsn": bsn,
            "persoon_bekend": ~onwaar,
            "naam": naam(~onwaar),
            "geboortedatum": pd.Series("1980-03-17", index=rij, dtype="str"),
            "partner_bsn": np.where(partner, bsn + 1, 0),
            "partner_naam": naam(partner),
            "partner_geboortedatum": pd.Series(np.where(partner, "1981-04-18", ""), dtype="str"),
            "leefvorm": soort(np.where(partner, GEHUWD, ALLEENSTAAND), LEEFVORMEN),
            "zekerheid": soort(np.full(aantal, HOOG), ZEKERHEDEN),
            "leefvorm_regel": nullen,
            "huishouden": oordeel(huishouden_ja, onwaar),
            "huishouden_reden": pd.Series("", index=rij, dtype="str"),
            "bewoners": nullen + 3,
            "meerderjarigen": nullen + 2,
            "telling": onwaar,
            "kind_onder_18": onwaar,
            "aow": onwaar,
            "bijstand": onwaar,
            "inkomen": oordeel(inkomen_ja, huishouden_ja),
            "totaal": nullen + 2 * 130_050,
            "norm": nullen + 132_508,
            "percentage": nullen + 120,
            "vermogen": oordeel(vermogen_ja, huishouden_ja),
            "grens": nullen + 760_000,
            "saldo": nullen + 3 * 312_050,
            "rente": nullen + 3 * 1_205,
            "rekeningen": nullen + 3,
            "verificatie_mislukt_aanvrager": onwaar,
            "verificatie_mislukt_partner": onwaar,
            "geen_gegevens": onwaar,
            "belemmering": oordeel(huishouden_ja | inkomen_ja | vermogen_ja, onwaar),
        }
    )

    def details(waar: np.ndarray, per_aanvraag: int, **velden: Any) -> pd.DataFrame:
        aanvraag = np.repeat(rij[waar], per_aanvraag)
        frame = pd.DataFrame({"aanvraag": aanvraag, "bsn": bsn[aanvraag]}).assign(**velden)
        return frame.astype({veld: "str" for veld, waarde in velden.items() if isinstance(waarde, str)})

    def zonder_bsn(waar: np.ndarray, **velden: Any) -> pd.DataFrame:
        return details(waar, 1, **velden).drop(columns="bsn")

    inkomsten = {
        "werkgever": "Bakkerij Jansen & Zonen",
        "bedrag": 152_000,
        "soort": "15",
        "meegeteld": 130_050,
    }
    korting = {"omschrijving": "algemene heffingskorting", "bedrag": 311_500}
    rekening: dict[str, Any] = {
        "saldo": 312_050,
        "rente": 1_205,
        "bank": "ABN AMRO",
        "product": "spaarrekening",
    }
    voertuig: dict[str, Any] = {"kenteken": "X999XX", "voertuigsoort": "Personenauto", "merk": "VOLKSWAGEN"}
    voertuig |= {
        "handelsbenaming": "GOLF",
        "massa": 1_205,
        "brandstofsoort_1": "Benzine",
        "brandstofsoort_2": "",
    }
    voertuig |= {"inrichting": "hatchback", "bijzonderheden": "", "status": "normaal"}
    uitkomst = Uitkomst(
        uitkomsten=uitkomsten,
        redenen=zonder_bsn(kans(aantal) < 0.5, reden="3 bewoners, waarvan 2 meerderjarig"),
        uitkeringsvormen=zonder_bsn(inkomen_ja, vorm="AOW", einde=pd.Timestamp("NaT").to_numpy()),
        inkomensdetails=details(inkomen_ja, 2, **inkomsten),
        kortingsdetails=details(inkomen_ja, 2, **korting),
        rekeningdetails=details(vermogen_ja, 3, **rekening, tenaamstelling="A van der Meer", telt=True),
        voertuigdetails=details(kans(aantal) < 0.25, 1, **voertuig),
        opgavedetails=pd.DataFrame(),
    )
    return uitkomst, zonder_bsn(kans(aantal) < 0.02, gemeente="Zwolle")


def toon(wat: str, aantal: int, sinds: float, ook: str = "") -> None:
    """Print what took how long since ``sinds``, and how many aanvragers a second that is."""
    duur = time.perf_counter() - sinds
    print(f"  {wat}: {aantal:,} in {duur:.2f} s, {aantal / duur:,.0f} a second {ook}".rstrip(), flush=True)


def _geheugen() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
