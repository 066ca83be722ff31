"""Populations as a policy officer would tell them, and the frames that the rules get to see of them.

A test writes persons, opgaven and accounts as the lines below, with only what matters to it; everything else is
an unremarkable default. :func:`toets_populatie` walks the way of the pipeline: the BRP first, then every other
source about exactly those it may be asked about, then the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from include.normen import laden
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas import bronnen as schemas
from include.schemas.aanvragen import Aanvragen
from include.schemas.bronnen import Bronantwoorden, Brp
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import Uitkomst
from include.toets import bevraging
from include.toets.huishouden import leid_huishoudens_af
from include.toets.toelichting import Invoer
from include.toets.toetsen import toets


def bsns() -> Iterator[int]:
    """Yield the synthetic BSNs (9999…) that pass the elfproef, ascending."""
    for getal in count(999_900_000):
        cijfers = [int(cijfer) for cijfer in str(getal)]
        if (sum(c * g for c, g in zip(cijfers, range(9, 1, -1), strict=False)) - cijfers[8]) % 11 == 0:
            yield getal


_VOORRAAD = bsns()
ANNA, BRAM, CARLA, DIRK, ELS, FATIMA = (next(_VOORRAAD) for _ in range(6))
"""The persons of the hand-written tables: Anna asks, Bram is her partner or another, the rest as told."""


@dataclass(frozen=True)
class Persoon:
    """Somebody as the BRP knows them, registered at the address of an aanvrager."""

    bsn: int = ANNA
    geboren: str = "1980-03-17"
    functieadres: str = "W"
    in_onderzoek: bool = False
    opgeschort: bool = False
    gehuwd_met: tuple[int, ...] = ()
    """Partners by undissolved marriage or registered partnership; 0 is one without BSN."""
    gescheiden_van: tuple[int, ...] = ()
    kinderen: tuple[int, ...] = ()
    ouders: tuple[int, ...] = ()
    voorvoegsel: str = ""
    geslachtsnaam: str = "Meer"


@dataclass(frozen=True)
class Vraag:
    """A row of the vraagbestand with what the BRP answers to it: ``adres`` holds the aanvrager too."""

    bsn: int = ANNA
    adres: tuple[Persoon, ...] | None = None
    """None: the aanvrager alone."""
    letter: str = "A"
    percentage: int | None = None
    leefvorm: int = 0
    """1, 2 or 3: supplied by the municipality, the BRP is not asked."""
    geboren: str = ""
    partner: int = 0
    partner_geboren: str = ""
    gsd_code: str = "0014"

    @property
    def brp(self) -> bool:
        """Whether the BRP is asked."""
        return self.leefvorm == 0

    @property
    def personen(self) -> tuple[Persoon, ...]:
        """Who the BRP answers with."""
        if not self.brp or self.letter != "A":
            return ()
        return (Persoon(self.bsn),) if self.adres is None else self.adres


@dataclass(frozen=True)
class Opgave:
    """What an employer or fund reported of one pay period; amounts in euro cents."""

    einde: str = "2026-08-31"
    aanvang: str = ""
    """Empty: the first day of the month in which the period ends."""
    loon: int = 0
    auto: int = 0
    loonheffing: int = 0
    zvw: int = 0

    @property
    def begin(self) -> str:
        """The first day of the pay period."""
        return self.aanvang or self.einde[:8] + "01"


@dataclass(frozen=True)
class Verhouding:
    """An inkomstenverhouding with its opgaven."""

    bsn: int = ANNA
    soort: str = "15"
    opgaven: tuple[Opgave, ...] = ()
    werkgever: str = "Bakkerij Jansen"
    nummer: str = ""
    """Loonheffingennummer; empty: not given, so that it is nobody else's."""


def loon(bedrag: int, bsn: int = ANNA, soort: str = "15", einde: str = "2026-08-31") -> Verhouding:
    """Return an inkomstenverhouding with one opgave of a month, of which nothing is withheld."""
    return Verhouding(bsn, soort, (Opgave(einde, loon=bedrag),))


@dataclass(frozen=True)
class Rekening:
    """A bank account on 31 December, in euro cents."""

    bsn: int = ANNA
    rekeningnummer: str = "NL91ABNA0417164300"
    saldo: int = 0
    rente: int = 0
    bank: str = "ABN AMRO"
    product: str = "spaarrekening"
    tenaamstelling: str = "A Meer"


@dataclass(frozen=True)
class Korting:
    """A heffingskorting, in euro cents."""

    bsn: int = ANNA
    code: str = "AHK"
    bedrag: int = 311_500


@dataclass(frozen=True)
class Voertuig:
    """A vehicle and the period in which its keeper answers for it."""

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
    eerste_toelating: str = "2012-04-01"
    aansprakelijk_vanaf: str = "2020-01-01"
    aansprakelijk_tot_en_met: str = ""


@dataclass(frozen=True)
class Uitkering:
    """A bijstandsuitkering; an empty end is a running one."""

    bsn: int = ANNA
    regeling: str = "PW"
    aanvang: str = "2024-01-01"
    einde: str = ""


@dataclass(frozen=True)
class Populatie:
    """Rows of a vraagbestand, and everything the sources know (more than they may be asked about)."""

    vragen: tuple[Vraag, ...] = (Vraag(),)
    verhoudingen: tuple[Verhouding, ...] = ()
    rekeningen: tuple[Rekening, ...] = ()
    mislukt: frozenset[int] = frozenset()
    """BSNs that the Belastingdienst cannot verify."""
    kortingen: tuple[Korting, ...] = ()
    voertuigen: tuple[Voertuig, ...] = ()
    uitkeringen: tuple[Uitkering, ...] = ()

    def alleen(self, vragen: Iterable[Vraag]) -> Populatie:
        """Return the same world with only these rows asked."""
        return replace(self, vragen=tuple(vragen))


@dataclass(frozen=True)
class Omgeving:
    """What applies to a whole vraagbestand."""

    ronde: Ronde = field(default_factory=lambda: laden.ronde("2026-09"))
    instellingen: Instellingen = field(default_factory=lambda: Instellingen(True, True, 120))

    @property
    def normen(self) -> Toetsnormen:
        """The norms of the deelnamedatum."""
        return laden.normen_op(self.ronde.deelnamedatum)


@cache
def _soorten(model: type[pa.DataFrameModel]) -> dict[str, Any]:
    """Return the dtype of each column, dates apart: pandera's own check would take most of the time of a test."""
    soorten = {naam: kolom.dtype.type for naam, kolom in model.to_schema().columns.items()}
    return {naam: DATUM if getattr(soort, "kind", "") == "M" else soort for naam, soort in soorten.items()}


DATUM = np.dtype("datetime64[s]")


def frame(model: type[pa.DataFrameModel], regels: Iterable[Any]) -> pd.DataFrame:
    """Return lines of dataclasses or mappings as a frame of ``model``; empty texts become NaT in date columns."""
    als_dict = [
        regel if isinstance(regel, dict) else {v.name: getattr(regel, v.name) for v in fields(regel)}
        for regel in regels
    ]
    kolommen = {}
    for naam, soort in _soorten(model).items():
        waarden = [regel[naam] for regel in als_dict]
        if soort is DATUM:
            waarden = np.array([waarde or "NaT" for waarde in waarden], dtype=DATUM)
        kolommen[naam] = pd.Series(waarden, dtype=soort)
    return pd.DataFrame(kolommen)


def aanvragen_frame(vragen: Sequence[Vraag]) -> pd.DataFrame:
    """Return the accepted rows as the intake hands them on."""
    return frame(
        Aanvragen,
        (
            {
                "regel": regel,
                "gsd_code": vraag.gsd_code,
                "brp_bevragen": vraag.brp,
                "normpercentage": pd.NA if vraag.percentage is None else vraag.percentage,
                "bsn": vraag.bsn,
                "naam": "" if vraag.brp else "de Vries",
                "geboortedatum": vraag.geboren,
                "leefvorm": vraag.leefvorm,
                "partner_bsn": vraag.partner,
                "partner_naam": "Bakker" if vraag.partner else "",
                "partner_geboortedatum": vraag.partner_geboren,
            }
            for regel, vraag in enumerate(vragen, start=1)
        ),
    )


def brp_antwoord(vragen: Sequence[Vraag], gevraagd: Iterable[int]) -> Brp:
    """Return what the BRP answers about those it is asked about, in an order of its own."""
    gevraagd = set(gevraagd)
    vragen = sorted((vraag for vraag in vragen if vraag.bsn in gevraagd), key=lambda vraag: -vraag.bsn)
    personen = list(enumerate((vraag, persoon) for vraag in vragen for persoon in vraag.personen))
    return Brp(
        resultaten=frame(
            schemas.BrpResultaten, ({"vraag_bsn": vraag.bsn, "letter": vraag.letter} for vraag in vragen)
        ),
        personen=frame(
            schemas.BrpPersonen,
            (
                {
                    "persoon": nummer,
                    "vraag_bsn": vraag.bsn,
                    "bsn": persoon.bsn,
                    "voorvoegsel": persoon.voorvoegsel,
                    "geslachtsnaam": persoon.geslachtsnaam,
                    "geboortedatum": persoon.geboren,
                    "functieadres": persoon.functieadres,
                    "in_onderzoek": persoon.in_onderzoek,
                    "opgeschort": persoon.opgeschort,
                }
                for nummer, (vraag, persoon) in personen
            ),
        ),
        verbintenissen=frame(
            schemas.BrpVerbintenissen,
            (
                {"persoon": nummer, "partner_bsn": partner, "ontbonden": ontbonden}
                for nummer, (_, persoon) in personen
                for partners, ontbonden in ((persoon.gescheiden_van, True), (persoon.gehuwd_met, False))
                for partner in partners
            ),
        ),
        kinderen=_verwanten(personen, "kinderen"),
        ouders=_verwanten(personen, "ouders"),
    )


def _verwanten(personen: Sequence[tuple[int, tuple[Vraag, Persoon]]], soort: str) -> pd.DataFrame:
    return frame(
        schemas.BrpVerwanten,
        (
            {"persoon": nummer, "bsn": verwant}
            for nummer, (_, persoon) in personen
            for verwant in getattr(persoon, soort)
        ),
    )


def opgaven_frame(verhoudingen: Iterable[Verhouding]) -> pd.DataFrame:
    """Return the opgaven as UWV's frame, one number per inkomstenverhouding."""
    return frame(
        schemas.Inkomstenopgaven,
        (
            {
                "bsn": verhouding.bsn,
                "inkomstenverhouding": nummer,
                "loonheffingennummer": verhouding.nummer,
                "werkgever": verhouding.werkgever,
                "soort": verhouding.soort,
                "aanvang": opgave.begin,
                "einde": opgave.einde,
                "loon": opgave.loon,
                "auto": opgave.auto,
                "loonheffing": opgave.loonheffing,
                "zvw": opgave.zvw,
            }
            for nummer, verhouding in enumerate(verhoudingen)
            for opgave in verhouding.opgaven
        ),
    )


def haal_op(
    populatie: Populatie, aanvragen: pd.DataFrame, huishoudens: pd.DataFrame, omgeving: Omgeving
) -> Bronantwoorden:
    """Ask every source after the BRP, about exactly those that the rules name."""

    def over(feiten: Sequence[Any], gevraagd: np.ndarray) -> Iterator[Any]:
        gekozen = set(gevraagd.tolist())
        return (feit for feit in feiten if feit.bsn in gekozen)

    peildatum = np.datetime64(omgeving.normen.deelnamedatum)
    bijstand = bevraging.te_bevragen_bijstand(aanvragen, huishoudens)
    uitkeringen = frame(schemas.Uitkeringen, over(populatie.uitkeringen, bijstand))
    inkomen = bevraging.te_bevragen_inkomen(aanvragen, huishoudens, uitkeringen, peildatum)
    vermogen = bevraging.te_bevragen_vermogen(aanvragen, huishoudens, omgeving.instellingen)
    rdw = bevraging.te_bevragen_voertuigen(aanvragen, huishoudens, omgeving.instellingen)
    return Bronantwoorden(
        uitkeringen=uitkeringen,
        opgaven=opgaven_frame(over(populatie.verhoudingen, inkomen)),
        verificaties=frame(
            schemas.Verificaties,
            ({"bsn": bsn, "geslaagd": bsn not in populatie.mislukt} for bsn in vermogen.tolist()),
        ),
        rekeningen=frame(
            schemas.Rekeningen,
            (r for r in over(populatie.rekeningen, vermogen) if r.bsn not in populatie.mislukt),
        ),
        heffingskortingen=frame(schemas.Heffingskortingen, over(populatie.kortingen, inkomen)),
        voertuigen=frame(schemas.Voertuigen, over(populatie.voertuigen, rdw)),
    )


def leid_af(vragen: Sequence[Vraag], omgeving: Omgeving) -> tuple[pd.DataFrame, Brp, pd.DataFrame]:
    """Return the accepted rows, what the BRP answers, and the households that the rules make of it."""
    aanvragen = aanvragen_frame(vragen)
    brp = brp_antwoord(vragen, bevraging.te_bevragen_brp(aanvragen).tolist())
    return aanvragen, brp, leid_huishoudens_af(aanvragen, brp, omgeving.normen)


def invoer(populatie: Populatie, omgeving: Omgeving | None = None) -> tuple[Invoer, pd.DataFrame]:
    """Return everything the rules get to see of a population, and the households they make of it."""
    omgeving = omgeving or Omgeving()
    aanvragen, brp, huishoudens = leid_af(populatie.vragen, omgeving)
    antwoorden = haal_op(populatie, aanvragen, huishoudens, omgeving)
    return (
        Invoer(aanvragen, brp, antwoorden, omgeving.instellingen, omgeving.ronde, omgeving.normen),
        huishoudens,
    )


def toets_invoer(gegeven: Invoer, huishoudens: pd.DataFrame) -> Uitkomst:
    """Apply the rules."""
    return toets(
        gegeven.aanvragen, huishoudens, gegeven.bronnen, gegeven.instellingen, gegeven.ronde, gegeven.normen
    )


def toets_populatie(populatie: Populatie, omgeving: Omgeving | None = None) -> Uitkomst:
    """Test a whole population, source by source and rule by rule."""
    return toets_invoer(*invoer(populatie, omgeving))


def aanvraag(populatie: Populatie, omgeving: Omgeving | None = None) -> dict[str, Any]:
    """Return the line of ``Uitkomsten`` of the first row of a population."""
    eerste: dict[str, Any] = toets_populatie(populatie, omgeving).uitkomsten.to_dict("records")[0]
    return eerste


def huishouden(*vragen: Vraag) -> dict[str, Any]:
    """Return the line of ``Huishoudens`` of the first of these rows."""
    eerste: dict[str, Any] = leid_af(vragen, Omgeving())[2].to_dict("records")[0]
    return eerste
