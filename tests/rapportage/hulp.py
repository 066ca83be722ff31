"""Hand-written outcomes: a line of ``Aanvraag`` says only what matters to the test."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from include.normen.kalender import Maand, Ronde
from include.rapportage.deel import AANVRAGEN_PER_DEEL, delen
from include.rapportage.detail import Detail, Detailrapport
from include.rapportage.geschreven import Geschreven
from include.rapportage.kop import Kop
from include.rapportage.overzicht import Overzicht
from include.schemas.bronnen import leeg
from include.schemas.uitkomst import (
    ALLEENSTAAND,
    HOOG,
    LEEFVORMEN,
    MODELLEN,
    NEE,
    OORDELEN,
    ZEKERHEDEN,
    Uitkomst,
)

RONDE = Ronde(Maand(2026, 9), date(2026, 9, 26), date(2026, 8, 26))
KOP = Kop(
    aanleverende_organisatie="Gemeente Groningen",
    bestandsnaam="vraag september.csv",
    aanleverdatum=date(2026, 9, 12),
    rapportagedatum=date(2026, 10, 5),
    ronde=RONDE,
    normvariant="inclusief",
)

ANNA, BRAM, CARLA, DIRK, ELS = 999990019, 999990020, 999990032, 999990044, 999990056


@dataclass(frozen=True)
class Inkomst:
    bsn: int = ANNA
    werkgever: str = "Bakkerij Jansen"
    bedrag: int = 152_000
    soort: str = "15"
    meegeteld: int = 130_050


@dataclass(frozen=True)
class Korting:
    bsn: int = ANNA
    omschrijving: str = "arbeidskorting"
    bedrag: int = 311_500


@dataclass(frozen=True)
class Rekening:
    bsn: int = ANNA
    saldo: int = 312_050
    rente: int = 1_205
    bank: str = "ABN AMRO"
    product: str = "spaarrekening"
    tenaamstelling: str = "A van der Meer"
    telt: bool = True


@dataclass(frozen=True)
class Voertuig:
    bsn: int = ANNA
    kenteken: str = "X999XX"
    voertuigsoort: str = "Personenauto"
    merk: str = "VOLKSWAGEN"
    handelsbenaming: str = "GOLF"
    massa: int = 1_205
    brandstofsoort_1: str = "Benzine"
    brandstofsoort_2: str = ""
    inrichting: str = "hatchback"
    bijzonderheden: str = ""
    status: str = "normaal"


@dataclass(frozen=True)
class Aanvraag:
    """One line of ``Uitkomsten`` with its details. By default: BRP asked, alone, tested, nothing found."""

    bsn: int = ANNA
    gsd_code: str = "0014"
    brp_bevraagd: bool = True
    persoon_bekend: bool = True
    naam: str = "Meer"
    geboortedatum: str = "1980-03-17"
    partner_bsn: int = 0
    partner_naam: str = ""
    partner_geboortedatum: str = ""
    leefvorm: str = ALLEENSTAAND
    zekerheid: str = HOOG
    huishouden: str = NEE
    meerderjarigen: int = 1
    inkomen: str = NEE
    totaal: int = 0
    norm: int = 132_508
    percentage: int = 120
    vermogen: str = NEE
    saldo: int = 0
    rente: int = 0
    rekeningen: int = 0
    belemmering: str = NEE

    redenen: tuple[str, ...] = ()
    uitkeringen: tuple[tuple[str, date | None], ...] = ()
    """Vorm and last day."""
    inkomsten: tuple[Inkomst, ...] = ()
    kortingen: tuple[Korting, ...] = ()
    bank: tuple[Rekening, ...] = ()
    voertuigen: tuple[Voertuig, ...] = ()
    tevens: tuple[str, ...] = field(default=())
    """Gemeenten for which other organisations delivered the same aanvrager."""


MET_ALLES = Aanvraag(
    bsn=ANNA,
    naam="van der Meer",
    partner_bsn=BRAM,
    partner_naam="'t Hart & Zn",
    partner_geboortedatum="1979-11",
    leefvorm="Gehuwd/samenwonend",
    meerderjarigen=3,
    inkomen="J",
    totaal=250_050,
    norm=189_297,
    percentage=110,
    vermogen="J",
    saldo=1_530_049,
    rente=-50,
    rekeningen=1,
    belemmering="J",
    redenen=("Geen gegevens bekend bij Belastingdienst", "4 bewoners, waarvan 3 meerderjarig"),
    uitkeringen=(("ANW", None), ("AOW", None)),
    inkomsten=(
        Inkomst(),
        Inkomst(
            bsn=BRAM, werkgever="Stichting <Pensioen> & Co", bedrag=-150, soort="onbekend", meegeteld=120_000
        ),
    ),
    kortingen=(Korting(), Korting(bsn=BRAM, omschrijving="onbekend (XYZ)", bedrag=49)),
    bank=(
        Rekening(saldo=1_530_049, rente=-50),
        Rekening(bsn=BRAM, saldo=312_050, rente=1_205, tenaamstelling="B 't Hart", telt=False),
    ),
    voertuigen=(
        Voertuig(),
        Voertuig(
            bsn=BRAM,
            kenteken="9ABC01",
            voertuigsoort="Motorfiets",
            merk="HONDA",
            handelsbenaming="CB 500",
            massa=190,
            brandstofsoort_1="",
            brandstofsoort_2="Elektriciteit",
            inrichting="",
            bijzonderheden="Taxi, Geleend",
            status="geschorst",
        ),
    ),
    tevens=("Zwolle", "Baarn"),
)
"""Every element of the detailrapportage, in as many of its forms as fit in one aanvraag."""

_VELDEN_ZONDER_BELANG = {
    "leefvorm_regel": 0,
    "huishouden_reden": "",
    "bewoners": 0,
    "telling": False,
    "kind_onder_18": False,
    "aow": False,
    "bijstand": False,
    "grens": 0,
    "verificatie_mislukt_aanvrager": False,
    "verificatie_mislukt_partner": False,
    "geen_gegevens": False,
}
_SOORTEN = {"leefvorm": LEEFVORMEN, "zekerheid": ZEKERHEDEN} | dict.fromkeys(
    ("huishouden", "inkomen", "vermogen"), OORDELEN
)


def uitkomst(*aanvragen: Aanvraag) -> Uitkomst:
    """Build the frames, checked against their models: a test on an impossible outcome proves nothing."""
    rijen = [asdict(aanvraag) | _VELDEN_ZONDER_BELANG for aanvraag in aanvragen]
    uitkomsten = _frame("uitkomsten", rijen)
    for kolom, waarden in {**_SOORTEN, "belemmering": OORDELEN[:2]}.items():
        uitkomsten[kolom] = pd.Categorical(uitkomsten[kolom].astype("object"), categories=list(waarden))

    def details(model: str, veld: str) -> pd.DataFrame:
        regels = [asdict(d) | {"aanvraag": i} for i, a in enumerate(aanvragen) for d in getattr(a, veld)]
        return _frame(model, regels)

    redenen = [{"aanvraag": i, "reden": reden} for i, a in enumerate(aanvragen) for reden in a.redenen]
    vormen = [
        {"aanvraag": i, "vorm": vorm, "einde": pd.Timestamp(einde)}
        for i, a in enumerate(aanvragen)
        for vorm, einde in a.uitkeringen
    ]
    gebouwd = Uitkomst(
        uitkomsten=uitkomsten,
        redenen=_frame("redenen", redenen),
        uitkeringsvormen=_frame("uitkeringsvormen", vormen),
        inkomensdetails=details("inkomensdetails", "inkomsten"),
        kortingsdetails=details("kortingsdetails", "kortingen"),
        rekeningdetails=details("rekeningdetails", "bank"),
        voertuigdetails=details("voertuigdetails", "voertuigen"),
        opgavedetails=leeg(MODELLEN["opgavedetails"]),
    )
    for naam, frame in gebouwd.frames().items():
        if len(frame):
            MODELLEN[naam].validate(frame)
    return gebouwd


def tevens(*aanvragen: Aanvraag) -> pd.DataFrame:
    """Build who else delivered these aanvragers."""
    paren = [(i, naam) for i, aanvraag in enumerate(aanvragen) for naam in aanvraag.tevens]
    return pd.DataFrame(paren, columns=["aanvraag", "gemeente"]).astype(
        {"aanvraag": "int64", "gemeente": "str"}
    )


def overzicht(*aanvragen: Aanvraag, **opties: Any) -> bytes:
    """Return the overzichtsrapportage of these aanvragen."""
    return overzichtsrapport(*aanvragen, **opties)[0]


def detail(*aanvragen: Aanvraag, **opties: Any) -> bytes:
    """Return the detailrapportage of these aanvragen."""
    return detailrapport(*aanvragen, **opties)[0]


def overzichtsrapport(
    *aanvragen: Aanvraag, kop: Kop = KOP, per_deel: int = AANVRAGEN_PER_DEEL
) -> tuple[bytes, Geschreven]:
    """Return the overzichtsrapportage of these aanvragen, and what is known of it."""
    uit = io.BytesIO()
    return _geschreven(uit, Overzicht(uit), aanvragen, kop, per_deel)


def detailrapport(
    *aanvragen: Aanvraag, kop: Kop = KOP, per_deel: int = AANVRAGEN_PER_DEEL
) -> tuple[bytes, Detailrapport]:
    """Return the detailrapportage of these aanvragen, and what is known of it."""
    uit = io.BytesIO()
    return _geschreven(uit, Detail(uit, kop, tevens(*aanvragen)), aanvragen, kop, per_deel)


def _geschreven(
    uit: io.BytesIO, rapport: Overzicht | Detail, aanvragen: tuple[Aanvraag, ...], kop: Kop, per_deel: int
) -> tuple[bytes, Any]:
    for deel in delen([uitkomst(*aanvragen)], kop, per_deel):
        rapport.schrijf(deel)
    geschreven = rapport.klaar()
    return uit.getvalue(), geschreven


def met(aanvraag: Aanvraag, **wat: object) -> Aanvraag:
    """Return the aanvraag with some facts changed."""
    return replace(aanvraag, **wat)


def _frame(model: str, regels: list[dict[str, object]]) -> pd.DataFrame:
    vorm = leeg(MODELLEN[model])
    if not regels:
        return vorm
    soorten = {naam: soort for naam, soort in vorm.dtypes.items() if soort.kind != "O"}
    return pd.DataFrame(regels)[list(vorm.columns)].astype(
        {naam: soort for naam, soort in soorten.items() if not isinstance(soort, pd.CategoricalDtype)}
    )
