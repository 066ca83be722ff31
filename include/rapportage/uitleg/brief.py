"""The explanation of one outcome in plain Dutch, which an official can send on (manual 2.3, taalniveau B1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from lxml import etree

from include.errors import ControleFout
from include.rapportage.uitleg import bezit, huishouden, inkomen
from include.rapportage.uitleg.vormen import Feiten, Kader
from include.rapportage.uitleg.zaak import Grond, Zaak, punten
from include.schemas.uitkomst import JA
from include.toets.toelichting.woorden import dag


def uitleg(feiten: Feiten, kader: Kader, aanvraag: etree._Element) -> str:
    """Return why the outcome of an aanvraag is what it is, in Dutch; ends with a newline.

    Args:
        feiten: the facts of this aanvrager, from :func:`include.rapportage.uitleg.bestand.zoek_feiten`.
        kader: what holds for the whole report, from the same.
        aanvraag: the ``Aanvraag`` of the detail report, from :func:`include.rapportage.opzoeken.zoek`.

    Raises:
        ControleFout: facts and report do not belong together.
    """
    zaak = Zaak(feiten, kader, aanvraag)
    if zaak.veld("BSN") != f"{feiten.bsn:09d}":
        raise ControleFout("the facts are about another aanvrager than the Aanvraag; reprocess the ronde.")
    gronden = [*huishouden.gronden(zaak), *inkomen.gronden(zaak), *bezit.gronden(zaak)]
    delen = {
        "Uitleg bij de uitkomst van de toets op bijzondere bijstand": _aan_wie(zaak),
        "Uitkomst in het kort": _kort(zaak, gronden),
        "Huishouden": huishouden.huishouden(zaak),
        "Inkomen": inkomen.inkomen(zaak),
        "Vermogen": bezit.vermogen(zaak),
        "Voertuigen": bezit.voertuigen(zaak),
        "Wat had het anders gemaakt": _anders(zaak, gronden),
    }
    return "\n\n".join(_deel(kop, regels) for kop, regels in delen.items() if regels) + "\n"


def _deel(kop: str, regels: Iterable[str]) -> str:
    return "\n".join((kop, *regels))


def _aan_wie(zaak: Zaak) -> list[str]:
    naam, geboren, gemeente = (zaak.veld(v) for v in ("Geslachtsnaam", "Geboortedatum", "Organisatie"))
    wie = [naam] if naam else []
    if len(geboren) == len("1980-03-17"):
        wie.append(f"geboren op {dag(date.fromisoformat(geboren))}")
    wie.append(f"burgerservicenummer {zaak.veld('BSN')}")
    return [
        f"Voor: {', '.join(wie)}.",
        f"BIDN heeft deze toets automatisch gedaan voor de gemeente {gemeente}. Met wij bedoelen wij hier BIDN.",
        f"De uitkomst gaat over uw situatie op {zaak.peildag}. Bedragen zijn meestal afgerond op hele euro's.",
    ]


def _kort(zaak: Zaak, gronden: list[Grond]) -> Iterator[str]:
    if zaak.veld("BelemmeringEindoordeel") != JA:
        yield "Wij vonden niets dat bijzondere bijstand in de weg staat."
        return
    yield "Wij kunnen niet automatisch vaststellen dat u recht hebt op bijzondere bijstand. Dat komt hierdoor:"
    yield from punten(grond.kort for grond in gronden)
    yield (
        "Dit is nog geen besluit van de gemeente. De gemeente mag een aanvraag niet alleen om deze uitkomst "
        "afwijzen. U kunt ook zelf nog een aanvraag doen."
    )


def _anders(zaak: Zaak, gronden: list[Grond]) -> list[str]:
    if not gronden:
        return []
    gestopt = zaak.belemmerd("Huishouden")
    begin = "De toets was verder gegaan als" if gestopt else "De uitkomst was anders geweest als"
    *eerste, laatste = (grond.anders for grond in gronden)
    if eerste:
        regels = [begin, *punten([*(f"{anders}, en" for anders in eerste), f"{laatste}."])]
    else:
        regels = [f"{begin} {laatste}."]
    if gestopt:
        ook = "waren ook uw inkomen en vermogen" if zaak.kader.vermogen else "was ook uw inkomen"
        regels.append(f"Dan {ook} getoetst.")
    return regels
