"""Gathers the steps behind one outcome: what each rule saw, what counted, and against what.

Nothing is judged here. Outcomes come from :class:`Uitkomst`; what an outcome does not keep (who lives at the
address, which accounts and vehicles counted) is asked of the very functions that the rules are made of.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from include.errors import GegevensFout
from include.normen.toetsnormen import Toetsnormen
from include.schemas.uitkomst import JA, NIET_GETOETST, Uitkomst
from include.toets.huishouden import Afleiding, leid_leefvorm_af, namen
from include.toets.inkomen import NORMEN, netto_per_verhouding, welke_norm
from include.toets.leden import Getallen, Leden, loopt_op
from include.toets.toelichting.vormen import (
    AANVRAGER,
    ANDER,
    ECHTGENOOT,
    KIND,
    NIEMAND,
    OUDER,
    Aow,
    Bijstand,
    Huishouden,
    Inkomen,
    Invoer,
    Norm,
    Opgave,
    Pensioen,
    Persoon,
    Rekening,
    Toelichting,
    Vermogen,
    Voertuig,
    Voertuigen,
)
from include.toets.vermogen import GRENZEN, VERIFICATIES, getelde_rekeningen, overschrijdingen, welke_grens
from include.toets.voertuigen import beoordeel_voertuigen

Rij = dict[Hashable, Any]
"""One line of a frame by column name."""

NORMNAMEN = {
    "bijstandsnorm_alleenstaand": "norm alleenstaanden",
    "bijstandsnorm_gehuwd": "norm gehuwden",
    "bijstandsnorm_alleenstaand_aow": "norm alleenstaanden met AOW-leeftijd",
    "bijstandsnorm_gehuwd_aow": "norm gehuwden, van wie ten minste één met AOW-leeftijd",
    "vermogensgrens_alleenstaand": "grens alleenstaanden",
    "vermogensgrens_gehuwd": "grens gehuwden",
}


def toelichting(uitkomst: Uitkomst, invoer: Invoer, bsn: int) -> Toelichting:
    """Return the steps behind the outcome of aanvrager ``bsn``.

    Args:
        uitkomst: what :func:`include.toets.toetsen.toets` made of ``invoer``.
        invoer: what it was made of.
        bsn: an aanvrager among ``invoer.aanvragen``.

    Raises:
        GegevensFout: this BSN is no aanvrager of a valid row.
    """
    plaats = np.flatnonzero(uitkomst.uitkomsten["bsn"] == bsn)
    if not len(plaats):
        raise GegevensFout(
            "the BSN to explain is not the aanvrager of a valid row of this vraagbestand: see the verwerkingsverslag"
        )
    rij = uitkomst.uitkomsten.iloc[plaats]
    aanvraag = rij.to_dict("records")[0]
    leden = Leden.van(rij["bsn"].to_numpy(), rij["partner_bsn"].to_numpy())
    redenen = uitkomst.redenen
    return Toelichting(
        bsn=bsn,
        naam=aanvraag["naam"],
        partner_bsn=aanvraag["partner_bsn"],
        ronde=invoer.ronde,
        normvariant=invoer.normen.normvariant,
        huishouden=_huishouden(aanvraag, invoer),
        inkomen=_inkomen(rij, leden, uitkomst.opgavedetails, invoer),
        vermogen=_vermogen(rij, leden, invoer),
        voertuigen=_voertuigen(rij, leden, invoer),
        redenen=tuple(redenen.loc[redenen["aanvraag"] == plaats[0], "reden"]),
        belemmering=aanvraag["belemmering"],
        herkomst=invoer.normen.herkomst,
    )


def _huishouden(aanvraag: Rij, invoer: Invoer) -> Huishouden:
    twijfels: tuple[str, ...] = ()
    personen: tuple[Persoon, ...] = ()
    if aanvraag["brp_bevraagd"]:
        afleiding = leid_leefvorm_af(np.array([aanvraag["bsn"]]), invoer.brp, invoer.normen)
        personen = tuple(_personen(afleiding, invoer.brp.personen))
        if aanvraag["leefvorm_regel"]:
            twijfels = tuple(twijfel for twijfel, geldt in afleiding.twijfels.items() if geldt[0])
    return Huishouden(
        brp_bevraagd=aanvraag["brp_bevraagd"],
        oordeel=aanvraag["huishouden"],
        reden=aanvraag["huishouden_reden"],
        leefvorm=aanvraag["leefvorm"],
        zekerheid=aanvraag["zekerheid"],
        regel=aanvraag["leefvorm_regel"],
        twijfels=twijfels,
        bewoners=aanvraag["bewoners"],
        meerderjarigen=aanvraag["meerderjarigen"],
        personen=personen,
        kind_onder_18=aanvraag["kind_onder_18"],
    )


def _personen(afleiding: Afleiding, personen: pd.DataFrame) -> Iterator[Persoon]:
    """Yield everyone at the one address of ``afleiding``."""
    adressen = afleiding.adressen
    regels = np.flatnonzero(adressen.aanvraag >= 0)
    for regel, naam in zip(regels, namen(personen, regels), strict=True):
        rollen = (
            (AANVRAGER, adressen.aanvrager[regel]),
            (ECHTGENOOT, afleiding.echtgenoot[0] == regel),
            (KIND, afleiding.kind[regel]),
            (OUDER, afleiding.ouder[regel]),
            (ANDER, afleiding.ander[regel]),
            (NIEMAND, True),
        )
        beslist = adressen.volwassen[regel] | adressen.minderjarig[regel]
        yield Persoon(
            bsn=int(personen["bsn"].iloc[regel]),
            naam=naam,
            geboortedatum=personen["geboortedatum"].iloc[regel],
            rol=next(rol for rol, geldt in rollen if geldt),
            bewoner=bool(adressen.bewoner[regel]),
            waarom_geen_bewoner="" if adressen.bewoner[regel] else _waarom_geen_bewoner(personen.iloc[regel]),
            meerderjarig=bool(adressen.volwassen[regel]) if beslist else None,
        )


def _waarom_geen_bewoner(persoon: pd.Series[Any]) -> str:
    if persoon["opgeschort"]:
        return "de bijhouding is opgeschort"
    return f"functieadres {persoon['functieadres']}" if persoon["functieadres"] else "geen adres in Nederland"


def _inkomen(rij: pd.DataFrame, leden: Leden, details: pd.DataFrame, invoer: Invoer) -> Inkomen:
    """``details`` holds ``Opgavedetails``, line by line those of ``invoer.bronnen.opgaven``."""
    aanvraag, normen = rij.to_dict("records")[0], invoer.normen
    aow = Aow(aanvraag["aow"], normen.aow_geboren_tot_en_met, normen.bronnen["aow_geboren_tot_en_met"])
    if aanvraag["inkomen"] == NIET_GETOETST:
        bijstand = tuple(_bijstand(leden, invoer)) if aanvraag["bijstand"] else ()
        return Inkomen(NIET_GETOETST, bijstand, (), (), 0, None, aow, aanvraag["percentage"], Decimal(0))
    regels = _regels(leden, details)
    eigen = details.iloc[regels]
    per_maand = netto_per_verhouding(eigen)["netto"]
    geteld = eigen[eigen["telt"] & eigen["pensioen"]].groupby("inkomstenverhouding", sort=False)
    pensioenen = tuple(
        Pensioen(
            int(deel["bsn"].iloc[0]),
            deel["werkgever"].iloc[0],
            int(deel["netto"].sum()),
            int(per_maand[nummer]),
        )
        for nummer, deel in geteld
    )
    return Inkomen(
        oordeel=aanvraag["inkomen"],
        bijstand=(),
        opgaven=tuple(_opgaven(eigen, invoer.bronnen.opgaven.iloc[regels], normen)),
        pensioenen=pensioenen,
        totaal=aanvraag["totaal"],
        norm=_norm(NORMEN[welke_norm(rij)[0]], aanvraag["norm"], normen),
        aow=aow,
        percentage=aanvraag["percentage"],
        toetsbedrag=Decimal(aanvraag["norm"]) * aanvraag["percentage"] / 100,
    )


def _opgaven(details: pd.DataFrame, opgaven: pd.DataFrame, normen: Toetsnormen) -> Iterator[Opgave]:
    for detail, opgave in zip(details.to_dict("records"), opgaven.to_dict("records"), strict=True):
        periode = "het pensioenvenster" if detail["pensioen"] else "de peilmaand"
        if detail["telt"]:
            waarom = f"eindigt in {periode}"
        elif detail["in_periode"]:
            waarom = "een latere vierwekenopgave van dezelfde werkgever in die maand telt"
        else:
            waarom = f"eindigt niet in {periode}"
        soort = normen.soorten.get(detail["soort"])
        yield Opgave(
            bsn=detail["bsn"],
            inkomstenverhouding=detail["inkomstenverhouding"],
            werkgever=detail["werkgever"],
            soort=detail["soort"],
            omschrijving=soort.omschrijving if soort else "onbekende soort, telt niet als pensioen",
            aanvang=detail["aanvang"].date(),
            einde=detail["einde"].date(),
            **{naam: opgave[naam] for naam in ("loon", "auto", "loonheffing", "zvw")},
            netto=detail["netto"],
            pensioen=detail["pensioen"],
            telt=detail["telt"],
            waarom=waarom,
        )


def _bijstand(leden: Leden, invoer: Invoer) -> Iterator[Bijstand]:
    uitkeringen = invoer.bronnen.uitkeringen.iloc[_regels(leden, invoer.bronnen.uitkeringen)]
    loopt = loopt_op(uitkeringen["aanvang"], uitkeringen["einde"], np.datetime64(invoer.normen.deelnamedatum))
    for uitkering in uitkeringen[loopt].to_dict("records"):
        einde = uitkering["einde"]
        yield Bijstand(
            uitkering["bsn"],
            uitkering["regeling"],
            uitkering["aanvang"].date(),
            None if pd.isna(einde) else einde.date(),
        )


def _vermogen(rij: pd.DataFrame, leden: Leden, invoer: Invoer) -> Vermogen:
    aanvraag, normen = rij.to_dict("records")[0], invoer.normen
    getoetst = aanvraag["vermogen"] != NIET_GETOETST
    rekeningen = invoer.bronnen.rekeningen
    geteld = getelde_rekeningen(leden, np.array([getoetst]), rekeningen)[1]
    saldo, rente, grenzen = (rij[naam].to_numpy() for naam in ("saldo", "rente", "grens"))
    saldo_te_hoog, rente_te_hoog = overschrijdingen(saldo, rente, grenzen, normen)
    grens = rentegrens = None
    if getoetst:
        welke = welke_grens(rij, rij["brp_bevraagd"].to_numpy())[0]
        grens = _norm(GRENZEN[welke], aanvraag["grens"], normen)
        rentegrens = Norm(
            f"{normen.rentegrens_promille / 10:.1f} % van de vermogensgrens".replace(".", ","),
            Decimal(aanvraag["grens"]) * normen.rentegrens_promille / 1000,
            normen.bronnen["rentegrens_promille"],
        )
    return Vermogen(
        oordeel=aanvraag["vermogen"],
        gevraagd=invoer.instellingen.vermogen,
        belastingjaar=invoer.ronde.belastingjaar,
        rekeningen=tuple(
            Rekening(
                **{
                    naam: rekening[naam]
                    for naam in ("bsn", "bank", "product", "tenaamstelling", "saldo", "rente")
                },
                telt=regel in geteld,
            )
            for regel, rekening in _rijen(rekeningen, _regels(leden, rekeningen))
            if getoetst
        ),
        saldo=aanvraag["saldo"],
        rente=aanvraag["rente"],
        grens=grens,
        rentegrens=rentegrens,
        saldo_te_hoog=bool(getoetst and saldo_te_hoog[0]),
        rente_te_hoog=bool(getoetst and rente_te_hoog[0]),
        mislukt=tuple(aanvraag[bsn] for bsn, mislukt in VERIFICATIES if aanvraag[mislukt]),
        geen_gegevens=aanvraag["geen_gegevens"],
    )


_OVERGENOMEN = ("bsn", "kenteken", "voertuigsoort", "merk", "handelsbenaming")


def _voertuigen(rij: pd.DataFrame, leden: Leden, invoer: Invoer) -> Voertuigen:
    te_toetsen = (rij["huishouden"] != JA).to_numpy() & invoer.instellingen.voertuigen
    voertuigen, normen = invoer.bronnen.voertuigen, invoer.normen
    beoordeeld = beoordeel_voertuigen(leden, te_toetsen, voertuigen, normen)
    gevonden = _rijen(voertuigen, beoordeeld["regel"].to_numpy())
    return Voertuigen(
        gevraagd=invoer.instellingen.voertuigen,
        bron=normen.bronnen["exclusieve_merken"],
        voertuigen=tuple(
            Voertuig(
                **{naam: voertuig[naam] for naam in _OVERGENOMEN},
                eerste_toelating=voertuig["eerste_toelating"].date(),
                getoond=oordeel["tonen"],
                waarom=_waarom_voertuig(oordeel, normen.voertuig_jaren),
            )
            for (_, voertuig), oordeel in zip(gevonden, beoordeeld.to_dict("records"), strict=True)
        ),
    )


def _waarom_voertuig(oordeel: Rij, jaren: int) -> str:
    """Say why a vehicle of ``beoordeel_voertuigen`` shows or not."""
    redenen = (
        ("staat op de deelnamedatum niet op naam", not oordeel["loopt"]),
        ("is geen motorvoertuig", not oordeel["motorvoertuig"]),
        ("dit kenteken is al geteld", not oordeel["telt"]),
        ("meer dan één motorvoertuig op naam", oordeel["meer_dan_een"]),
        (f"jonger dan {jaren} jaar", oordeel["jong"]),
        ("exclusief merk", oordeel["exclusief"]),
        (f"het enige motorvoertuig, {jaren} jaar of ouder en geen exclusief merk", True),
    )
    return next(reden for reden, geldt in redenen if geldt)


def _norm(veld: str, bedrag: int, normen: Toetsnormen) -> Norm:
    return Norm(NORMNAMEN[veld], bedrag, normen.bronnen[veld])


def _regels(leden: Leden, feiten: pd.DataFrame) -> Getallen:
    """Return the lines about the aanvrager and then those about the partner, for one household."""
    return leden.regels(leden.nummers(feiten["bsn"]), np.array([True]))[1]


def _rijen(feiten: pd.DataFrame, regels: Getallen) -> Iterator[tuple[int, Rij]]:
    yield from zip(regels.tolist(), feiten.iloc[regels].to_dict("records"), strict=True)
