"""Detailrapport: one aanvrager by BSN, with the explanation of the outcome (manual 4.4, besluit B49a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.rapportage.opzoeken import Groep, detail_groepen
from include.schemas.domein import Product
from include.steps.portaal.toegang import Gebruiker
from include.steps.raadplegen import leg_uit, zoek_detail
from include.steps.verwerking import Opslag
from include.storage import portal_queries as vragen

MEESTE_ORGANISATIES = 25
"""In so many organisations at once is looked; who has more chooses one first."""


@dataclass(frozen=True)
class Detail:
    """What was reported about an aanvrager to one organisation."""

    organisatie: str
    ronde: str
    rapportagedatum: date
    groepen: tuple[Groep, ...]
    uitleg: str | None
    """Why the outcome is what it is, in Dutch; None for reports of before explanations were kept."""


def rondes_met_rapport(opslag: Opslag, gebruiker: Gebruiker, *, organisatie: str | None = None) -> list[str]:
    """Return the rondes of which a report can be looked in, newest first. Raises NietGevonden."""
    ids = gebruiker.organisatie_ids(Product.BIJZONDERE_BIJSTAND, organisatie)
    with opslag.database.reading() as sessie:
        return vragen.reported_rondes(sessie, ids)


def zoek(
    opslag: Opslag,
    gebruiker: Gebruiker,
    *,
    bsn: int,
    ronde: str | None = None,
    organisatie: str | None = None,
) -> list[Detail]:
    """Return the newest report about an aanvrager, of each of the user's organisations that delivered them.

    Every look-up is entered in the logboek, found or not, before anything is shown.

    Raises:
        NietGevonden: the user is no productbeheerder of Bijzondere Bijstand, or not of that organisation.
        ControleFout: what is stored is not what was published.
    """
    gevonden = []
    for mandaat in gebruiker.mandaten_voor(Product.BIJZONDERE_BIJSTAND, organisatie):
        treffer = zoek_detail(opslag, organisatie=mandaat.organisatie, bsn=bsn, ronde=ronde)
        if treffer is None:
            continue
        heeft_uitleg = any(bestand.soort == "uitleg" for bestand in treffer.publicatie.bestanden)
        gevonden.append(
            Detail(
                organisatie=mandaat.organisatie,
                ronde=treffer.publicatie.ronde or "",
                rapportagedatum=date.fromisoformat(treffer.publicatie.manifest["rapportagedatum"]),
                groepen=tuple(detail_groepen(treffer.aanvraag)),
                uitleg=leg_uit(opslag, treffer) if heeft_uitleg else None,
            )
        )
    return gevonden
