"""From the separate tests to one outcome: eindoordeel, reasons, benefits and details (besluiten B44-B51)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from include.normen.toetsnormen import Toetsnormen
from include.schemas.uitkomst import categorie
from include.toets.inkomen import netto_per_verhouding
from include.toets.leden import Getallen, Leden, Vlaggen, dagen, eerste_van, loopt_op
from include.toets.vermogen import VERIFICATIES

REGELINGEN = ("PW", "IOAW", "IOAZ", "AIO")
UITKERINGSVORMEN = (*REGELINGEN, "ANW", "Wajong", "TW", "AOW", "ZW", "WAO", "IVA", "WGA")
"""In the order in which column Uitkeringen shows them (B45)."""
GEEN_GEGEVENS = "Geen gegevens bekend bij Belastingdienst"


def redenen(uitkomsten: pd.DataFrame) -> pd.DataFrame:
    """Return the reasons of column W, one a line, in the order of B48: frame of ``Redenen``.

    The literal texts are those of manual 5.1 and besluiten B22, B24, B39 and B40.
    """
    verificatie = [
        "BSN-verificatie voor "
        + uitkomsten.loc[uitkomsten[mislukt], bsn].astype("str").str.zfill(9)
        + " mislukt"
        for bsn, mislukt in VERIFICATIES
    ]
    geteld = uitkomsten[uitkomsten["telling"]]
    delen = [
        uitkomsten.loc[uitkomsten["huishouden_reden"] != "", "huishouden_reden"],
        *verificatie,
        pd.Series(GEEN_GEGEVENS, index=uitkomsten.index[uitkomsten["geen_gegevens"]]),
        geteld["bewoners"].astype("str")
        + " bewoners, waarvan "
        + geteld["meerderjarigen"].astype("str")
        + " meerderjarig",
    ]
    samen = pd.concat(delen).sort_index(kind="stable")
    return pd.DataFrame({"aanvraag": samen.index.astype(np.int64), "reden": samen.array}).astype(
        {"reden": "str"}
    )


def uitkeringsvormen(
    leden: Leden,
    te_veel_inkomen: Vlaggen,
    te_toetsen: Vlaggen,
    bijstand: pd.DataFrame,
    opgaven: pd.DataFrame,
    normen: Toetsnormen,
) -> pd.DataFrame:
    """Return what column Uitkeringen may show: frame of ``Uitkeringsvormen`` (B45).

    Bijstand that runs on the deelnamedatum, with its end so that rendering can leave out what ended before the
    rapportagedatum; and, of households whose income reaches the toetsbedrag, the forms of the opgaven that counted.
    """
    volgorde = {vorm: plaats for plaats, vorm in enumerate(UITKERINGSVORMEN)}
    peildatum = np.datetime64(normen.deelnamedatum)
    bijstand = bijstand[loopt_op(bijstand["aanvang"], bijstand["einde"], peildatum)]
    huishouden, regel = leden.regels(leden.nummers(bijstand["bsn"]), te_toetsen)
    lopend = pd.DataFrame(
        {
            "aanvraag": huishouden,
            "plaats": bijstand["regeling"].map(volgorde).astype(np.int64).to_numpy()[regel],
            "einde": dagen(bijstand["einde"])[regel],
        }
    )

    plaats_van_soort = {
        code: volgorde[soort.uitkeringsvorm]
        for code, soort in normen.soorten.items()
        if soort.uitkeringsvorm in UITKERINGSVORMEN[len(REGELINGEN) :]
    }
    soort = opgaven.loc[opgaven["telt"] & opgaven["soort"].isin(list(plaats_van_soort)), "soort"]
    plaats = soort.map(plaats_van_soort).to_numpy().astype(np.int64)
    huishouden, regel = leden.regels(leden.nummers(opgaven.loc[soort.index, "bsn"]), te_veel_inkomen)
    eerste = eerste_van(huishouden, plaats[regel])
    geteld = pd.DataFrame({"aanvraag": huishouden[eerste], "plaats": plaats[regel][eerste]})

    # An opgave has no end: there the concatenation fills in NaT.
    samen = pd.concat([lopend, geteld]).sort_values(["aanvraag", "plaats"], ignore_index=True)
    vormen = categorie(samen["plaats"].to_numpy(), UITKERINGSVORMEN)
    return pd.DataFrame(
        {"aanvraag": samen["aanvraag"], "vorm": pd.Series(vormen).astype("str"), "einde": samen["einde"]}
    )


def inkomensdetails(
    leden: Leden, belemmering: Vlaggen, opgaven: pd.DataFrame, loon: Getallen
) -> pd.DataFrame:
    """Return the inkomstenverhoudingen with a counted opgave: frame of ``Inkomensdetails`` (B49a, B51).

    ``loon`` is lnLbPh per line of ``opgaven`` in euro cents; it is summed over what counted, pensions undivided.
    """
    telt = opgaven["telt"].to_numpy()
    geteld = opgaven[telt].assign(loon=loon[telt])
    verhoudingen = geteld.groupby("inkomstenverhouding").agg(
        bsn=("bsn", "first"),
        werkgever=("werkgever", "first"),
        bedrag=("loon", "sum"),
        soort=("soort", "first"),
    )
    verhoudingen["meegeteld"] = netto_per_verhouding(opgaven)["netto"]
    return _details(leden, belemmering, verhoudingen)


def kortingsdetails(
    leden: Leden, belemmering: Vlaggen, heffingskortingen: pd.DataFrame, normen: Toetsnormen
) -> pd.DataFrame:
    """Return the heffingskortingen to show, in words: frame of ``Kortingsdetails`` (B34, B51)."""
    code = heffingskortingen["code"]
    omschrijving = code.map(normen.heffingskortingen).where(
        code.isin(list(normen.heffingskortingen)), "onbekend (" + code + ")"
    )
    kortingen = pd.DataFrame(
        {
            "bsn": heffingskortingen["bsn"],
            "omschrijving": omschrijving.astype("str"),
            "bedrag": heffingskortingen["bedrag"],
        }
    )
    return _details(leden, belemmering, kortingen)


def rekeningdetails(leden: Leden, belemmering: Vlaggen, rekeningen: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts to show, for each holder once: frame of ``Rekeningdetails`` (B49a, B51).

    The aanvrager's come first, so the first line of a number is the record that counts (B38).
    """
    details = _details(leden, belemmering, rekeningen)
    nummer = pd.factorize(details.pop("rekeningnummer"))[0]
    aanvraag = details["aanvraag"].to_numpy()
    eenmaal = eerste_van(aanvraag, details["bsn"].to_numpy(), nummer)
    return details.assign(telt=eerste_van(aanvraag, nummer))[eenmaal].reset_index(drop=True)


def _details(leden: Leden, huishoudens: Vlaggen, feiten: pd.DataFrame) -> pd.DataFrame:
    """Give each chosen household the facts of its persons, the aanvrager's first."""
    huishouden, regel = leden.regels(leden.nummers(feiten["bsn"]), huishoudens)
    details = feiten.iloc[regel].reset_index(drop=True)
    details.insert(0, "aanvraag", huishouden)
    return details
