"""The income test once more in OpenFisca-Core, to measure against: the same rules, norms and households.

Written as one writes OpenFisca: a person has wages by month, a household adds up and compares (besluiten B29-B33).
It judges less than the toets: opgaven reach it already laid out by person and month, so that it need not decide
which month an opgave falls in, know the kinds of income, or see four-week payers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from include.normen.kalender import Maand, Ronde
from include.normen.toetsnormen import Toetsnormen

LID = Entity("lid", "leden", "A tested person", "")
HUISHOUDEN = GroupEntity("huishouden", "huishoudens", "A household", "", [{"key": "lid", "plural": "leden"}])
BEDRAGEN = ("loon", "auto", "loonheffing", "zvw")
NEE, JA, NIET_GETOETST = 0, 1, 2


@dataclass(frozen=True)
class Gegevens:
    """What the income test needs, laid out for OpenFisca; money in euro cents."""

    huishouden_van: np.ndarray
    """Per person, the position of the household."""
    aow: np.ndarray
    pensioen: np.ndarray
    bedragen: dict[tuple[str, Maand], np.ndarray]
    """Per amount and month, one value a person."""
    gehuwd: np.ndarray
    te_toetsen: np.ndarray
    percentage: np.ndarray


def _bedrag(naam: str) -> type[Variable]:
    kenmerken = {"value_type": int, "entity": LID, "definition_period": DateUnit.MONTH, "label": naam}
    return type(naam, (Variable,), kenmerken)


def _vast(naam: str, entiteit: Entity | GroupEntity, soort: type) -> type[Variable]:
    kenmerken = {
        "value_type": soort,
        "entity": entiteit,
        "definition_period": DateUnit.ETERNITY,
        "label": naam,
    }
    return type(naam, (Variable,), kenmerken)


class netto(Variable):  # noqa: N801 - OpenFisca names a variable after its class
    """B29."""

    value_type = int
    entity = LID
    definition_period = DateUnit.MONTH
    label = "Net income of one month"

    def formula(lid, maand, parameters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG002, D102, N805
        loon, auto, loonheffing, zvw = (lid(naam, maand) for naam in BEDRAGEN)
        return loon - auto - loonheffing - zvw


class maandinkomen(Variable):  # noqa: N801
    """B30: a third of the pension window, or the peilmaand."""

    value_type = int
    entity = LID
    definition_period = DateUnit.MONTH
    label = "What a person adds to the total of a ronde"

    def formula(lid, maand, parameters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG002, D102, N805
        venster = sum(lid("netto", maand.offset(-terug)) for terug in (1, 2, 3))
        rapportagemaand = maand.offset(1)
        peilmaand = rapportagemaand.offset(-2)
        if peilmaand.start.month in (5, 12):
            peilmaand = peilmaand.offset(-1)
        return np.where(lid("pensioen", maand), (2 * venster + 3) // 6, lid("netto", peilmaand))


class norm(Variable):  # noqa: N801
    """B31."""

    value_type = int
    entity = HUISHOUDEN
    definition_period = DateUnit.MONTH
    label = "Norm in force"

    def formula(huishouden, maand, parameters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, D102, N805
        normen = parameters(maand)
        aow = huishouden.any(huishouden.members("aow", maand))
        gehuwd = huishouden("gehuwd", maand)
        return np.select(
            [gehuwd & aow, gehuwd, aow],
            [normen.gehuwd_aow, normen.gehuwd, normen.alleenstaand_aow],
            normen.alleenstaand,
        )


class totaal(Variable):  # noqa: N801
    """B30."""

    value_type = int
    entity = HUISHOUDEN
    definition_period = DateUnit.MONTH
    label = "Total net income"

    def formula(huishouden, maand, parameters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG002, D102, N805
        return huishouden.sum(huishouden.members("maandinkomen", maand))


class inkomen(Variable):  # noqa: N801
    """B28, B32, B33."""

    value_type = int
    entity = HUISHOUDEN
    definition_period = DateUnit.MONTH
    label = "Belemmering inkomen: 0 N, 1 J, 2 not tested"

    def formula(huishouden, maand, parameters):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG002, D102, N805
        totaal = huishouden("totaal", maand).astype(np.int64)
        te_veel = totaal * 100 >= huishouden("norm", maand).astype(np.int64) * huishouden("percentage", maand)
        belemmering = te_veel | (totaal <= 0)
        return np.where(huishouden("te_toetsen", maand), np.where(belemmering, JA, NEE), NIET_GETOETST)


def stelsel(normen: Toetsnormen) -> TaxBenefitSystem:
    """Return the income test as a tax and benefit system with the norms of one deelnamedatum."""
    systeem = TaxBenefitSystem([LID, HUISHOUDEN])
    systeem.add_variables(*(_bedrag(naam) for naam in BEDRAGEN))
    systeem.add_variables(_vast("aow", LID, bool), _vast("pensioen", LID, bool))
    systeem.add_variables(
        _vast("gehuwd", HUISHOUDEN, bool),
        _vast("te_toetsen", HUISHOUDEN, bool),
        _vast("percentage", HUISHOUDEN, int),
    )
    systeem.add_variables(netto, maandinkomen, norm, totaal, inkomen)
    vanaf = normen.deelnamedatum.replace(day=1).isoformat()
    systeem.parameters = ParameterNode(
        data={
            naam: {"values": {vanaf: {"value": getattr(normen, f"bijstandsnorm_{naam}")}}}
            for naam in ("alleenstaand", "gehuwd", "alleenstaand_aow", "gehuwd_aow")
        }
    )
    return systeem


def leg_uit(
    aanvragen: pd.DataFrame,
    huishoudens: pd.DataFrame,
    uitkomsten: pd.DataFrame,
    opgaven: pd.DataFrame,
    ronde: Ronde,
    normen: Toetsnormen,
) -> Gegevens:
    """Lay out for OpenFisca what the toets reads from frames; at most one inkomstenverhouding a person."""
    bsn = np.concatenate([aanvragen["bsn"], huishoudens["partner_bsn"]])
    lid = np.flatnonzero(bsn > 0)
    plaats = pd.Index(bsn[lid]).get_indexer(pd.Index(opgaven["bsn"]))
    maanden = [ronde.rapportagemaand.plus(-terug) for terug in (2, 3, 4)]
    einde = opgaven["einde"].to_numpy("datetime64[M]")
    bedragen = {}
    for maand in maanden:
        regel = np.flatnonzero((einde == np.datetime64(str(maand))) & (plaats >= 0))
        for naam in BEDRAGEN:
            bedragen[naam, maand] = np.zeros(len(lid), np.int32)
            bedragen[naam, maand][plaats[regel]] = opgaven[naam].to_numpy()[regel]
    pensioen = np.zeros(len(lid), bool)
    soorten = [code for code, soort in normen.soorten.items() if soort.groep == "pensioen"]
    pensioen[plaats[opgaven["soort"].isin(soorten).to_numpy() & (plaats >= 0)]] = True
    geboren = np.concatenate([huishoudens["geboortedatum"], huishoudens["partner_geboortedatum"]])[lid]
    return Gegevens(
        huishouden_van=lid % len(aanvragen),
        aow=geboren.astype("datetime64[D]") <= np.datetime64(normen.aow_geboren_tot_en_met),
        pensioen=pensioen,
        bedragen=bedragen,
        gehuwd=(huishoudens["leefvorm"] == "Gehuwd/samenwonend").to_numpy(),
        te_toetsen=(uitkomsten["inkomen"] != "Niet getoetst").to_numpy(),
        percentage=uitkomsten["percentage"].to_numpy(np.int32),
    )


def bouw(systeem: TaxBenefitSystem, gegevens: Gegevens) -> Simulation:
    """Return the simulation of these households, all inputs set."""
    bouwer = SimulationBuilder()
    bouwer.create_entities(systeem)
    bouwer.declare_person_entity("lid", np.arange(len(gegevens.huishouden_van)))
    huishoudens = bouwer.declare_entity("huishouden", np.arange(len(gegevens.gehuwd)))
    rollen = np.full(len(gegevens.huishouden_van), "lid")
    bouwer.join_with_persons(huishoudens, gegevens.huishouden_van, roles=rollen)
    simulatie = bouwer.build(systeem)
    for (naam, maand), bedragen in gegevens.bedragen.items():
        simulatie.set_input(naam, str(maand), bedragen)
    for naam in ("aow", "pensioen", "gehuwd", "te_toetsen", "percentage"):
        simulatie.set_input(naam, "eternity", getattr(gegevens, naam))
    return simulatie


def bereken(simulatie: Simulation, ronde: Ronde) -> pd.DataFrame:
    """Return totaal, norm (euro cents) and inkomen (0 N, 1 J, 2 not tested) of every household."""
    maand = period(str(ronde))
    return pd.DataFrame({naam: simulatie.calculate(naam, maand) for naam in ("totaal", "norm", "inkomen")})
