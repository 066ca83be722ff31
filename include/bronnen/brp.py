"""BRP: who lives at the address of the person asked for, with their marriages, children and parents."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.client import Endpoint
from include.bronnen.vraag import Vraag
from include.schemas.bronberichten import Adresantwoord, Antwoorden
from include.schemas.bronnen import Brp, BrpPersonen, BrpResultaten, BrpVerbintenissen, BrpVerwanten
from include.toets import bevraging

BRON = "brp"


# Of a dissolution and a suspension only the presence counts (besluiten, Household), so nothing else is kept.
_AANWEZIG = pa.struct([])
_VERWANTEN = pa.list_(pa.struct([flatten.BSN]))
_PERSOON = pa.struct(
    [
        flatten.BSN,
        ("naam", pa.struct([("voorvoegsel", pa.string()), ("geslachtsnaam", pa.string())])),
        ("geboorte", pa.struct([("datum", pa.string())])),
        (
            "verblijfplaats",
            pa.struct([("functieAdres", pa.struct([("code", pa.string())])), ("inOnderzoek", pa.bool_())]),
        ),
        ("partners", pa.list_(pa.struct([flatten.BSN, ("ontbindingHuwelijkPartnerschap", _AANWEZIG)]))),
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
        [flatten.BSN, ("resultaat", pa.struct([("letter", pa.string())])), ("personen", pa.list_(_PERSOON))]
    ),
)


VRAGEN = (Vraag("brp", ADRESVRAGEN, wie=lambda v: bevraging.te_bevragen_brp(v.aanvragen)),)


def brp_frames(tabel: pa.Table) -> Brp:
    """Return a snapshot of the adresvragen as the five frames of the rules.

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, ADRESVRAGEN.schema)
    gevraagd = flatten.bsn(flatten.kolom(tabel, "burgerservicenummer"))
    letters = flatten.veld(flatten.kolom(tabel, "resultaat"), "letter")
    vraag, personen = flatten.uitgeklapt(flatten.kolom(tabel, "personen"))
    nummers = flatten.nummers(len(personen))
    return Brp(
        resultaten=flatten.frame(BrpResultaten, {"vraag_bsn": gevraagd, "letter": letters}, bron=BRON),
        personen=flatten.frame(
            BrpPersonen,
            {
                "persoon": nummers,
                "vraag_bsn": gevraagd.take(vraag),
                "bsn": flatten.bsn(flatten.veld(personen, "burgerservicenummer")),
                "voorvoegsel": flatten.tekst(flatten.veld(personen, "naam", "voorvoegsel")),
                "geslachtsnaam": flatten.tekst(flatten.veld(personen, "naam", "geslachtsnaam")),
                "geboortedatum": flatten.tekst(flatten.veld(personen, "geboorte", "datum")),
                "functieadres": flatten.tekst(
                    flatten.veld(personen, "verblijfplaats", "functieAdres", "code")
                ),
                "in_onderzoek": pc.fill_null(flatten.veld(personen, "verblijfplaats", "inOnderzoek"), False),
                "opgeschort": flatten.veld(personen, "opschortingBijhouding").is_valid(),
            },
            bron=BRON,
        ),
        verbintenissen=_verbintenissen(flatten.veld(personen, "partners")),
        kinderen=_verwanten(flatten.veld(personen, "kinderen")),
        ouders=_verwanten(flatten.veld(personen, "ouders")),
    )


def _verbintenissen(partners: pa.ListArray) -> pd.DataFrame:
    persoon, partner = flatten.uitgeklapt(partners)
    return flatten.frame(
        BrpVerbintenissen,
        {
            "persoon": persoon,
            "partner_bsn": flatten.bsn(flatten.veld(partner, "burgerservicenummer")),
            "ontbonden": flatten.veld(partner, "ontbindingHuwelijkPartnerschap").is_valid(),
        },
        bron=BRON,
    )


def _verwanten(lijst: pa.ListArray) -> pd.DataFrame:
    persoon, verwant = flatten.uitgeklapt(lijst)
    bsn = flatten.bsn(flatten.veld(verwant, "burgerservicenummer"))
    bekend = pc.greater(bsn, 0)
    return flatten.frame(
        BrpVerwanten, {"persoon": persoon.filter(bekend), "bsn": bsn.filter(bekend)}, bron=BRON
    )
