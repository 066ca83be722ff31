"""The toets of one vraagbestand, source by source, over whatever keeps its intermediate files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from include.bronnen import belastingdienst, bijstand, brp, rdw, uwv
from include.bronnen.client import Bronclient, Voortgang
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.bronnen import Bronantwoorden
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import MODELLEN, OORDELEN, Uitkomst
from include.toets import bevraging
from include.toets.huishouden import leid_huishoudens_af
from include.toets.toelichting import Invoer, Toelichting, toelichting
from include.toets.toetsen import toets

BRP, BIJSTAND, UWV, VERMOGENS, HEFFINGSKORTINGEN, RDW = (
    "brp",
    "bijstand",
    "uwv",
    "vermogens",
    "heffingskortingen",
    "rdw",
)
SNAPSHOTS = (BRP, BIJSTAND, UWV, VERMOGENS, HEFFINGSKORTINGEN, RDW)
AANVRAGEN, HUISHOUDENS = "aanvragen", "huishoudens"

AANVRAGEN_PER_DEEL = 20_000
"""How many aanvragen of one vraagbestand are asked about and tested at a time: bounds memory, changes no outcome."""

Tellingen = dict[str, Any]
"""Counts that may be shown anywhere: never anything about one person."""


class Werkbestanden(Protocol):
    """Keeps what one step leaves for the next: in the file store for a DAG, in memory for the command line."""

    def schrijf_tabel(self, naam: str, tabel: pa.Table) -> None:
        """Keep a bronsnapshot."""

    def lees_tabel(self, naam: str) -> pa.Table:
        """Return a bronsnapshot."""

    def schrijf_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """Keep a frame."""

    def lees_frame(self, naam: str) -> pd.DataFrame:
        """Return a frame."""


@dataclass
class InGeheugen:
    """Work files that are gone when the process ends."""

    _tabellen: dict[str, pa.Table] = field(default_factory=dict)
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    def schrijf_tabel(self, naam: str, tabel: pa.Table) -> None:
        """Keep a bronsnapshot."""
        self._tabellen[naam] = tabel

    def lees_tabel(self, naam: str) -> pa.Table:
        """Return a bronsnapshot."""
        return self._tabellen[naam]

    def schrijf_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """Keep a frame."""
        self._frames[naam] = frame

    def lees_frame(self, naam: str) -> pd.DataFrame:
        """Return a frame."""
        return self._frames[naam]


@dataclass(frozen=True)
class Deelbestanden:
    """The work files of some of the aanvragen, beside those of the others.

    Named by the aanvragen they are about, so that files made for another division are missed, not misread.
    """

    werk: Werkbestanden
    begin: int
    eind: int

    def schrijf_tabel(self, naam: str, tabel: pa.Table) -> None:
        """Keep a bronsnapshot."""
        self.werk.schrijf_tabel(self._naam(naam), tabel)

    def lees_tabel(self, naam: str) -> pa.Table:
        """Return a bronsnapshot."""
        return self.werk.lees_tabel(self._naam(naam))

    def schrijf_frame(self, naam: str, frame: pd.DataFrame) -> None:
        """Keep a frame."""
        self.werk.schrijf_frame(self._naam(naam), frame)

    def lees_frame(self, naam: str) -> pd.DataFrame:
        """Return a frame."""
        return self.werk.lees_frame(self._naam(naam))

    def _naam(self, naam: str) -> str:
        return f"{naam}-{self.begin}-{self.eind}"


@dataclass(frozen=True)
class Toetsing:
    """One vraagbestand being tested: the accepted rows, what applies to them, and the work files."""

    ronde: Ronde
    normen: Toetsnormen
    instellingen: Instellingen
    aanvragen: pd.DataFrame
    """Frame of ``Aanvragen``."""
    werk: Werkbestanden
    voortgang: Voortgang | None = None

    def met_voortgang(self, voortgang: Voortgang | None) -> Toetsing:
        """Return the same toetsing, telling its progress to ``voortgang``."""
        return replace(self, voortgang=voortgang)

    def delen(self) -> list[Toetsing]:
        """Return the toetsing in runs of at most ``AANVRAGEN_PER_DEEL`` aanvragen, each with its own work files.

        No outcome depends on who else is in the file, so they can be taken one after the other.
        """
        aantal = len(self.aanvragen)
        grenzen = [*range(0, max(aantal, 1), AANVRAGEN_PER_DEEL), aantal]
        return [
            replace(
                self,
                aanvragen=self.aanvragen.iloc[begin:eind].reset_index(drop=True),
                werk=Deelbestanden(self.werk, begin, eind),
            )
            for begin, eind in pairwise(grenzen)
        ]

    @property
    def huishoudens(self) -> pd.DataFrame:
        """What ``bepaal_huishoudens`` left."""
        return self.werk.lees_frame(HUISHOUDENS)

    @property
    def peildatum(self) -> np.datetime64:
        """The deelnamedatum."""
        return np.datetime64(self.normen.deelnamedatum)


def bepaal_huishoudens(toetsing: Toetsing, client: Bronclient) -> Tellingen:
    """Ask the BRP and derive every household (besluiten B22-B27). Raises BronFout, BronWeigering."""
    bsns = bevraging.te_bevragen_brp(toetsing.aanvragen)
    toetsing.werk.schrijf_tabel(BRP, brp.vraag_brp(client, bsns, voortgang=toetsing.voortgang))
    antwoord = brp.brp_frames(toetsing.werk.lees_tabel(BRP))
    huishoudens = leid_huishoudens_af(toetsing.aanvragen, antwoord, toetsing.normen)
    toetsing.werk.schrijf_frame(HUISHOUDENS, huishoudens)
    return {
        "aanvragen": len(huishoudens),
        "brp_gevraagd": len(bsns),
        "huishouden": _tel(huishoudens["huishouden"]),
    }


def vraag_bijstand(toetsing: Toetsing, client: Bronclient) -> Tellingen:
    """Ask who has a running bijstandsuitkering: those are not asked about at UWV (besluit B28)."""
    bsns = bevraging.te_bevragen_bijstand(toetsing.aanvragen, toetsing.huishoudens)
    tabel = bijstand.vraag_bijstand(client, bsns, toetsing.normen.deelnamedatum, voortgang=toetsing.voortgang)
    toetsing.werk.schrijf_tabel(BIJSTAND, tabel)
    return {"bijstand_gevraagd": len(bsns)}


def vraag_inkomen(toetsing: Toetsing, client: Bronclient) -> Tellingen:
    """Ask UWV for the income of those whose income is tested (besluiten B28, B30)."""
    bsns = _inkomen_te_toetsen(toetsing)
    periode = toetsing.ronde.uwv_periode
    tabel = uwv.vraag_uwv(client, bsns, periode.van, periode.tot_en_met, voortgang=toetsing.voortgang)
    toetsing.werk.schrijf_tabel(UWV, tabel)
    return {"uwv_gevraagd": len(bsns)}


def vraag_belastingdienst(toetsing: Toetsing, client: Bronclient) -> Tellingen:
    """Ask the Belastingdienst for accounts (when the setting is on) and heffingskortingen (besluiten B34, B36)."""
    met_vermogen = bevraging.te_bevragen_vermogen(
        toetsing.aanvragen, toetsing.huishoudens, toetsing.instellingen
    )
    met_inkomen = _inkomen_te_toetsen(toetsing)
    jaar, voortgang = toetsing.ronde.belastingjaar, toetsing.voortgang
    vermogens = belastingdienst.vraag_vermogens(client, met_vermogen, jaar, voortgang=voortgang)
    toetsing.werk.schrijf_tabel(VERMOGENS, vermogens)
    kortingen = belastingdienst.vraag_heffingskortingen(client, met_inkomen, jaar, voortgang=voortgang)
    toetsing.werk.schrijf_tabel(HEFFINGSKORTINGEN, kortingen)
    return {"vermogens_gevraagd": len(met_vermogen), "heffingskortingen_gevraagd": len(met_inkomen)}


def vraag_voertuigen(toetsing: Toetsing, client: Bronclient) -> Tellingen:
    """Ask the RDW for vehicles, when the setting is on (besluit B41)."""
    bsns = bevraging.te_bevragen_voertuigen(toetsing.aanvragen, toetsing.huishoudens, toetsing.instellingen)
    tabel = rdw.vraag_rdw(client, bsns, toetsing.normen.deelnamedatum, voortgang=toetsing.voortgang)
    toetsing.werk.schrijf_tabel(RDW, tabel)
    return {"rdw_gevraagd": len(bsns)}


BEVRAGINGEN: dict[str, Callable[[Toetsing, Bronclient], Tellingen]] = {
    "bijstand": vraag_bijstand,
    "uwv": vraag_inkomen,
    "belastingdienst": vraag_belastingdienst,
    "rdw": vraag_voertuigen,
}
"""The sources after the BRP; bijstand comes first, for it decides who is asked at UWV."""


def toets_regels(toetsing: Toetsing) -> Tellingen:
    """Apply the rules to what was fetched (besluiten B28-B51)."""
    werk, antwoorden = toetsing.werk, lees_antwoorden(toetsing.werk)
    uitkomst = toets(
        toetsing.aanvragen,
        toetsing.huishoudens,
        antwoorden,
        toetsing.instellingen,
        toetsing.ronde,
        toetsing.normen,
    )
    for naam, frame in uitkomst.frames().items():
        werk.schrijf_frame(naam, MODELLEN[naam].validate(frame))
    onbekend = ~antwoorden.opgaven["soort"].isin(list(toetsing.normen.soorten))
    uitkomsten = uitkomst.uitkomsten
    return {
        "belemmering": _tel(uitkomsten["belemmering"]),
        **{toets_: _tel(uitkomsten[toets_]) for toets_ in ("inkomen", "vermogen", "huishouden")},
        "opgaven_onbekende_soort": int(onbekend.sum()),
        "redenen": _tel_redenen(uitkomsten),
    }


def lees_antwoorden(werk: Werkbestanden) -> Bronantwoorden:
    """Return what the sources after the BRP answered."""
    vermogen = belastingdienst.vermogen_frames(werk.lees_tabel(VERMOGENS))
    return Bronantwoorden(
        uitkeringen=bijstand.bijstand_frames(werk.lees_tabel(BIJSTAND)),
        opgaven=uwv.uwv_frames(werk.lees_tabel(UWV)),
        verificaties=vermogen.verificaties,
        rekeningen=vermogen.rekeningen,
        heffingskortingen=belastingdienst.heffingskorting_frames(werk.lees_tabel(HEFFINGSKORTINGEN)),
        voertuigen=rdw.rdw_frames(werk.lees_tabel(RDW)),
    )


def licht_toe(toetsing: Toetsing, bsn: int) -> Toelichting:
    """Return the steps behind the outcome of one aanvrager, after ``toets_regels``. Raises GegevensFout."""
    invoer = Invoer(
        toetsing.aanvragen,
        brp.brp_frames(toetsing.werk.lees_tabel(BRP)),
        lees_antwoorden(toetsing.werk),
        toetsing.instellingen,
        toetsing.ronde,
        toetsing.normen,
    )
    return toelichting(lees_uitkomst(toetsing.werk), invoer, bsn)


def lees_uitkomst(werk: Werkbestanden) -> Uitkomst:
    """Return what ``toets_regels`` left."""
    return Uitkomst(**{naam: werk.lees_frame(naam) for naam in MODELLEN})


def tel_op(tellingen: Iterable[Tellingen]) -> Tellingen:
    """Return the counts of all parts together."""
    samen: Tellingen = {}
    for telling in tellingen:
        for naam, aantal in telling.items():
            if isinstance(aantal, dict):
                samen[naam] = tel_op([samen.get(naam, {}), aantal])
            else:
                samen[naam] = samen.get(naam, 0) + aantal
    return samen


def _inkomen_te_toetsen(toetsing: Toetsing) -> np.ndarray:
    uitkeringen = bijstand.bijstand_frames(toetsing.werk.lees_tabel(BIJSTAND))
    return bevraging.te_bevragen_inkomen(
        toetsing.aanvragen, toetsing.huishoudens, uitkeringen, toetsing.peildatum
    )


def _tel_redenen(uitkomsten: pd.DataFrame) -> dict[str, int]:
    """Count the reasons of column W that are the same for everybody: those of B22, B39 and B40, without a BSN."""
    redenen = uitkomsten["huishouden_reden"]
    mislukt = uitkomsten["verificatie_mislukt_aanvrager"] | uitkomsten["verificatie_mislukt_partner"]
    aantallen = redenen[redenen != ""].value_counts()
    return {str(reden): int(aantal) for reden, aantal in aantallen.items()} | {
        naam: int(waar.sum())
        for naam, waar in (
            ("BSN-verificatie mislukt", mislukt),
            ("Geen gegevens bekend bij Belastingdienst", uitkomsten["geen_gegevens"]),
        )
        if waar.any()
    }


def _tel(oordelen: pd.Series) -> dict[str, int]:
    """Count J, N and Niet getoetst."""
    aantallen = oordelen.value_counts()
    return {oordeel: int(aantallen.get(oordeel, 0)) for oordeel in OORDELEN if oordeel in aantallen.index}
