"""The toets of one vraagbestand: ask the sources, derive the households, apply the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from include.bronnen import belastingdienst, bijstand, brp, rdw, uwv
from include.rapportage.uitleg import maak_feiten
from include.schemas.bronnen import Bronantwoorden
from include.schemas.uitkomst import MODELLEN, OORDELEN
from include.steps.branch import HUISHOUDENS, UITLEG, Branch, Toetsing
from include.toets.huishouden import leid_huishoudens_af
from include.toets.toelichting import Invoer, Toelichting, toelichting
from include.toets.toetsen import toets

Tellingen = dict[str, Any]
"""Counts that may be shown anywhere: never anything about one person."""


def bevraag(branch: Branch) -> Tellingen:
    """Ask the source of this step whatever the tests need of it, part by part. Raises BronFout, BronWeigering."""
    source = branch.step.source
    assert source is not None, f"{branch.step.name} asks no source"  # noqa: S101 - the table of the pipeline says so
    client = branch.ask(source)
    tellingen: Tellingen = {}
    for deel in branch.toetsing.delen():
        for vraag in source.questions:
            tabel = vraag.stel(client, deel, branch.voortgang)
            deel.werk.write_table(vraag.naam, tabel)
            tel_bij(tellingen, {f"{vraag.naam}_gevraagd": tabel.num_rows})
    return tellingen | asdict(client.statistiek)


def bepaal_huishoudens(branch: Branch) -> Tellingen:
    """Ask the BRP and derive every household (besluiten B22-B27). Raises BronFout, BronWeigering."""
    gevraagd = bevraag(branch)
    tellingen: Tellingen = {}
    for deel in branch.toetsing.delen():
        antwoord = brp.brp_frames(deel.antwoord("brp"))
        huishoudens = leid_huishoudens_af(deel.aanvragen, antwoord, deel.normen)
        deel.werk.write_frame(HUISHOUDENS, huishoudens)
        tel_bij(
            tellingen, {"aanvragen": len(huishoudens), "huishouden": tel_oordelen(huishoudens["huishouden"])}
        )
    return tellingen | gevraagd


def toets_regels(branch: Branch) -> Tellingen:
    """Apply the rules to what was fetched (besluiten B28-B51), and keep what explains each outcome (besluit B49a)."""
    tellingen: Tellingen = {}
    for deel in branch.toetsing.delen():
        antwoorden = lees_antwoorden(deel)
        uitkomst = toets(
            deel.aanvragen, deel.huishoudens, antwoorden, deel.instellingen, deel.ronde, deel.normen
        )
        for naam, frame in uitkomst.frames().items():
            deel.werk.write_frame(naam, MODELLEN[naam].validate(frame))
        deel.werk.write_table(UITLEG, maak_feiten(uitkomst, _invoer(deel, antwoorden)))
        onbekend = ~antwoorden.opgaven["soort"].isin(list(deel.normen.soorten))
        tel_bij(tellingen, _tellingen(uitkomst.uitkomsten) | {"opgaven_onbekende_soort": int(onbekend.sum())})
    return tellingen


def lees_antwoorden(deel: Toetsing) -> Bronantwoorden:
    """Return what the sources after the BRP answered."""
    vermogen = belastingdienst.vermogen_frames(deel.antwoord("vermogens"))
    return Bronantwoorden(
        uitkeringen=bijstand.bijstand_frames(deel.antwoord("bijstand")),
        opgaven=uwv.uwv_frames(deel.antwoord("uwv")),
        verificaties=vermogen.verificaties,
        rekeningen=vermogen.rekeningen,
        heffingskortingen=belastingdienst.heffingskorting_frames(deel.antwoord("heffingskortingen")),
        voertuigen=rdw.rdw_frames(deel.antwoord("rdw")),
    )


def licht_toe(toetsing: Toetsing, bsn: int) -> Toelichting:
    """Return the steps behind the outcome of one aanvrager, after ``toets_regels``. Raises GegevensFout."""
    [deel] = [deel for deel in toetsing.delen() if bsn in deel.aanvragen["bsn"].to_numpy()]
    return toelichting(deel.uitkomst, _invoer(deel, lees_antwoorden(deel)), bsn)


def _invoer(deel: Toetsing, antwoorden: Bronantwoorden) -> Invoer:
    return Invoer(
        deel.aanvragen,
        brp.brp_frames(deel.antwoord("brp")),
        antwoorden,
        deel.instellingen,
        deel.ronde,
        deel.normen,
    )


def tel_bij(samen: Tellingen, tellingen: Mapping[str, Any]) -> None:
    """Add counts to those of the parts before."""
    for naam, aantal in tellingen.items():
        if isinstance(aantal, dict):
            tel_bij(samen.setdefault(naam, {}), aantal)
        else:
            samen[naam] = samen.get(naam, 0) + aantal


def tel_oordelen(oordelen: pd.Series) -> dict[str, int]:
    """Count J, N and Niet getoetst."""
    aantallen = oordelen.value_counts()
    return {oordeel: int(aantallen.get(oordeel, 0)) for oordeel in OORDELEN if oordeel in aantallen.index}


def _tellingen(uitkomsten: pd.DataFrame) -> Tellingen:
    return {
        toets_: tel_oordelen(uitkomsten[toets_])
        for toets_ in ("belemmering", "inkomen", "vermogen", "huishouden")
    } | {"redenen": _tel_redenen(uitkomsten)}


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
