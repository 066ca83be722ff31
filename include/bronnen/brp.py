"""BRP: who lives at the address of the person asked for, with their marriages, children and parents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import vlak
from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.schemas.bronberichten import Adresantwoord, Antwoorden
from include.schemas.bronnen import Brp, BrpPersonen, BrpResultaten, BrpVerbintenissen, BrpVerwanten

BRON = "brp"


# Of a dissolution and a suspension only the presence counts (besluiten, Household), so nothing else is kept.
_AANWEZIG = pa.struct([])
_VERWANTEN = pa.list_(pa.struct([vlak.BSN]))
_PERSOON = pa.struct(
    [
        vlak.BSN,
        ("naam", pa.struct([("voorvoegsel", pa.string()), ("geslachtsnaam", pa.string())])),
        ("geboorte", pa.struct([("datum", pa.string())])),
        (
            "verblijfplaats",
            pa.struct([("functieAdres", pa.struct([("code", pa.string())])), ("inOnderzoek", pa.bool_())]),
        ),
        ("partners", pa.list_(pa.struct([vlak.BSN, ("ontbindingHuwelijkPartnerschap", _AANWEZIG)]))),
        ("kinderen", _VERWANTEN),
        ("ouders", _VERWANTEN),
        ("opschortingBijhouding", _AANWEZIG),
    ]
)
ADRESVRAGEN = Endpoint(
    BRON,
    "/brp/adresvragen",
    TypeAdapter(Antwoorden[Adresantwoord]),
    pa.schema(
        [vlak.BSN, ("resultaat", pa.struct([("letter", pa.string())])), ("personen", pa.list_(_PERSOON))]
    ),
)


def vraag_brp(
    client: Bronclient, bsns: np.ndarray | pd.Series, voortgang: Voortgang | None = None
) -> pa.Table:
    """Return the snapshot of the adresvragen about ``bsns``, one row each. Raises as Bronclient.vraag."""
    return client.vraag(ADRESVRAGEN, bsns, voortgang)


def brp_frames(tabel: pa.Table) -> Brp:
    """Return a snapshot of ``vraag_brp`` as the five frames of the rules.

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = vlak.controleer(tabel, ADRESVRAGEN.schema)
    gevraagd = vlak.bsn(vlak.kolom(tabel, "burgerservicenummer"))
    letters = vlak.veld(vlak.kolom(tabel, "resultaat"), "letter")
    vraag, personen = vlak.uitgeklapt(vlak.kolom(tabel, "personen"))
    nummers = vlak.nummers(len(personen))
    return Brp(
        resultaten=vlak.frame(BrpResultaten, {"vraag_bsn": gevraagd, "letter": letters}, bron=BRON),
        personen=vlak.frame(
            BrpPersonen,
            {
                "persoon": nummers,
                "vraag_bsn": gevraagd.take(vraag),
                "bsn": vlak.bsn(vlak.veld(personen, "burgerservicenummer")),
                "voorvoegsel": vlak.tekst(vlak.veld(personen, "naam", "voorvoegsel")),
                "geslachtsnaam": vlak.tekst(vlak.veld(personen, "naam", "geslachtsnaam")),
                "geboortedatum": vlak.tekst(vlak.veld(personen, "geboorte", "datum")),
                "functieadres": vlak.tekst(vlak.veld(personen, "verblijfplaats", "functieAdres", "code")),
                "in_onderzoek": pc.fill_null(vlak.veld(personen, "verblijfplaats", "inOnderzoek"), False),
                "opgeschort": vlak.veld(personen, "opschortingBijhouding").is_valid(),
            },
            bron=BRON,
        ),
        verbintenissen=_verbintenissen(vlak.veld(personen, "partners")),
        kinderen=_verwanten(vlak.veld(personen, "kinderen")),
        ouders=_verwanten(vlak.veld(personen, "ouders")),
    )


def _verbintenissen(partners: pa.ListArray) -> pd.DataFrame:
    persoon, partner = vlak.uitgeklapt(partners)
    return vlak.frame(
        BrpVerbintenissen,
        {
            "persoon": persoon,
            "partner_bsn": vlak.bsn(vlak.veld(partner, "burgerservicenummer")),
            "ontbonden": vlak.veld(partner, "ontbindingHuwelijkPartnerschap").is_valid(),
        },
        bron=BRON,
    )


def _verwanten(lijst: pa.ListArray) -> pd.DataFrame:
    persoon, verwant = vlak.uitgeklapt(lijst)
    bsn = vlak.bsn(vlak.veld(verwant, "burgerservicenummer"))
    bekend = pc.greater(bsn, 0)
    return vlak.frame(BrpVerwanten, {"persoon": persoon.filter(bekend), "bsn": bsn.filter(bekend)}, bron=BRON)
