"""Income in sentences (besluiten B28-B35 and B45, manual 5.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

import numpy as np

from include.errors import ControleFout
from include.normen.kalender import Maand
from include.rapportage.uitleg.vormen import (
    AARDEN,
    INGEHAALD,
    INKOMEN,
    LOON,
    PENSIOEN,
    TELT,
    UITKERING,
    Opgave,
)
from include.rapportage.uitleg.zaak import (
    AL_GESTOPT,
    Grond,
    Zaak,
    bron,
    euros,
    hoofdletter,
    opsomming,
    punten,
    tekst,
    veld,
    wie,
)
from include.schemas.uitkomst import ALLEENSTAANDE_OUDER, NIET_GETOETST
from include.toets.inkomen import deel_half_omhoog
from include.toets.toelichting.woorden import dag, maand

_NORMEN = (
    "iemand die alleenstaand is en de AOW-leeftijd nog niet heeft",
    "mensen die getrouwd zijn of samenwonen en de AOW-leeftijd nog niet hebben",
    "iemand die alleenstaand is en de AOW-leeftijd heeft",
    "mensen die getrouwd zijn of samenwonen, als ten minste een van hen de AOW-leeftijd heeft",
)
"""For whom the norms of ``include.toets.inkomen.NORMEN`` are."""
_VAKANTIETOESLAG = {"inclusief": "met", "exclusief": "zonder"}
_REGELINGEN = {
    "PW": "bijstand",
    "IOAW": "een uitkering voor oudere werklozen (IOAW)",
    "IOAZ": "een uitkering voor oudere zelfstandigen (IOAZ)",
    "AIO": "een aanvulling op de AOW (AIO)",
}


def inkomen(zaak: Zaak) -> Iterator[str]:
    """Yield the sentences about income."""
    if zaak.belemmerd("Huishouden"):
        yield f"Het inkomen is niet getoetst, {AL_GESTOPT}."
    elif zaak.veld("Inkomen/Belemmering") == NIET_GETOETST:
        yield f"Het inkomen is niet getoetst, want op {zaak.peildag} {_bijstand(zaak)}."
    elif zaak.belemmerd("Inkomen"):
        yield from _belemmering(zaak)
    else:
        yield (
            f"Wij vonden wel inkomen, en {zaak.uw('inkomen')} is lager dan "
            f"{zaak.veld('Inkomen/Toetspercentage')} procent van de norm die voor {zaak.u} geldt."
        )


def gronden(zaak: Zaak) -> Iterator[Grond]:
    """Yield why income is a belemmering; nothing when it is none."""
    if not zaak.belemmerd("Inkomen"):
        return
    grens = euros(_toetsbedrag(zaak))
    kort = (
        f"{hoofdletter(zaak.uw('inkomen'))} is te hoog."
        if _te_hoog(zaak)
        else f"Wij vonden geen inkomen van {zaak.u} boven nul euro."
    )
    yield Grond(kort, f"{zaak.uw('inkomen')} hoger was dan € 0 en lager dan {grens} per maand")


def _bijstand(zaak: Zaak) -> str:
    """Say who had which bijstandsuitkering (B28)."""
    uitkeringen = dict.fromkeys((b.partner, _REGELINGEN[b.regeling]) for b in zaak.feiten.bijstand)
    return opsomming(
        f"kreeg {wie(partner)} {opsomming(regeling for _, regeling in deel)}"
        for partner, deel in groupby(uitkeringen, key=lambda uitkering: uitkering[0])
    )


def _belemmering(zaak: Zaak) -> Iterator[str]:
    f, kader = zaak.feiten, zaak.kader
    peilmaand = maand(kader.peilmaand)
    yield f"Wij keken naar {zaak.uw('inkomen')} in {peilmaand}."
    if any(AARDEN[opgave.aard] == PENSIOEN for opgave in f.opgaven):
        van, tot = (maand(Maand(d.year, d.month)) for d in (kader.pensioen_vanaf, kader.pensioen_tot_en_met))
        yield f"Pensioen telden wij op over de drie maanden {van} tot en met {tot}, en deelden wij door drie."
    geteld = list(_geteld(zaak))
    if geteld:
        yield (
            "Van elk bedrag zijn de loonheffing, de bijdrage voor de Zorgverzekeringswet en de waarde van een auto "
            "van de zaak al afgetrokken."
        )
        yield "Dit telde mee:"
        yield from punten(geteld)
    else:
        yield "Over die tijd is geen inkomen gevonden."
    niet_geteld = [*_niet_geteld(zaak), *_kortingen(zaak)]
    if niet_geteld:
        yield "Dit telde niet mee:"
        yield from punten(niet_geteld)
    yield f"Samen is dat {euros(f.totaal)} per maand."
    if zaak.veld("Leefvorm") == ALLEENSTAANDE_OUDER:
        yield "Voor een alleenstaande ouder geldt bij inkomen dezelfde norm als voor iemand die alleenstaand is."
    norm, toeslag = kader.inkomensnormen[f.norm], _VAKANTIETOESLAG[kader.normvariant]
    yield (
        f"De norm voor {_NORMEN[f.norm]}, is {euros(norm.bedrag)} per maand, {toeslag} vakantietoeslag "
        f"({bron(norm.bron)})."
    )
    grens = euros(_toetsbedrag(zaak))
    yield f"De gemeente rekent met {zaak.veld('Inkomen/Toetspercentage')} procent van die norm. Dat is {grens}."
    if _te_hoog(zaak):
        yield f"{hoofdletter(zaak.uw('inkomen'))} is gelijk aan dit bedrag of hoger."
    else:
        yield (
            f"{hoofdletter(zaak.uw('inkomen'))} is niet hoger dan nul. Wij verwachten dat iedereen inkomen heeft. "
            "Daarom moet de gemeente dit eerst met u bespreken."
        )
    uitkeringen = [_REGELINGEN.get(tekst(u), tekst(u)) for u in zaak.alle("Uitkering")]
    if uitkeringen:
        yield f"De gemeente krijgt te zien welke uitkering daarbij is: {opsomming(uitkeringen)}."


def _toetsbedrag(zaak: Zaak) -> Decimal:
    """Return the norm that was used times the percentage, in cents and unrounded (B32)."""
    norm = zaak.kader.inkomensnormen[zaak.feiten.norm].bedrag
    return Decimal(norm) * int(zaak.veld("Inkomen/Toetspercentage")) / 100


def _te_hoog(zaak: Zaak) -> bool:
    return zaak.feiten.totaal >= _toetsbedrag(zaak)


def _geteld(zaak: Zaak) -> Iterator[str]:
    """Yield every inkomstenverhouding that counted, with what it consists of."""
    verhoudingen = zaak.alle("Inkomen/Inkomstenverhouding")
    opgaven = sorted((o for o in zaak.feiten.opgaven if o.oordeel == TELT), key=lambda o: o.plaats)
    per_verhouding = [list(deel) for _, deel in groupby(opgaven, key=lambda o: o.plaats)]
    if [deel[0].partner for deel in per_verhouding] != [zaak.van_partner(v) for v in verhoudingen]:
        raise ControleFout(
            "the facts and the detailrapportage are not of the same version; reprocess the ronde."
        )
    for verhouding, deel in zip(verhoudingen, per_verhouding, strict=True):
        kop = _wat(deel[0], veld(verhouding, "WerkgeverUitkeringsinstantie"))
        som = sum(opgave.netto for opgave in deel)
        if AARDEN[deel[0].aard] == PENSIOEN:
            per_maand = int(deel_half_omhoog(np.array(som), 3))
            yield f"{kop}, {_periode(deel)}: {euros(som)}. Gedeeld door drie is dat {euros(per_maand)} per maand."
        else:
            yield f"{kop}, {_periode(deel)}: {euros(som)}{_bestaat_uit(deel)}."


def _bestaat_uit(deel: list[Opgave]) -> str:
    """Name the amounts that one is the sum of, corrections too."""
    if len(deel) == 1:
        return ""
    return f" ({opsomming(euros(opgave.netto) for opgave in deel)} bij elkaar opgeteld)"


def _niet_geteld(zaak: Zaak) -> Iterator[str]:
    """Yield what was reported and did not count, and why; what is alike in one line."""
    verhoudingen = zaak.alle("Inkomen/Inkomstenverhouding")

    def soort(opgave: Opgave) -> tuple[str, int]:
        werkgever = opgave.werkgever
        if opgave.plaats >= 0:
            werkgever = veld(verhoudingen[opgave.plaats], "WerkgeverUitkeringsinstantie")
        return _wat(opgave, werkgever), opgave.oordeel

    niet = [opgave for opgave in zaak.feiten.opgaven if opgave.oordeel != TELT]
    for (kop, oordeel), groep in groupby(niet, key=soort):
        deel = list(groep)
        yield f"{kop}, {_periode(deel)}, want {_waarom_niet(deel[0], oordeel, zaak)}."


def _waarom_niet(opgave: Opgave, oordeel: int, zaak: Zaak) -> str:
    if oordeel == INGEHAALD:
        return (
            "in dezelfde maand eindigt een latere periode van vier weken. Alleen de laatste telt, zodat niet twee "
            "keer loon in één maand valt"
        )
    if AARDEN[opgave.aard] == PENSIOEN:
        return "dit valt buiten die drie maanden"
    return f"dit eindigt niet in {maand(zaak.kader.peilmaand)}"


def _kortingen(zaak: Zaak) -> Iterator[str]:
    """Yield the heffingskortingen, which never count (B34)."""
    if zaak.alle("Inkomen/Heffingskorting"):
        yield "Heffingskortingen, want kortingen op de belasting tellen nooit mee."


def _wat(opgave: Opgave, werkgever: str) -> str:
    """Name a source of income and whose it is."""
    aard = AARDEN[opgave.aard]
    zelf = aard if aard in (INKOMEN, LOON, UITKERING, PENSIOEN) else f"{aard}-uitkering"
    van = f" van {werkgever}" if werkgever else ""
    return f"{hoofdletter(zelf)}{van} ({wie(opgave.partner)})"


def _periode(opgaven: list[Opgave]) -> str:
    van, tot = min(o.aanvang for o in opgaven), max(o.einde for o in opgaven)
    return f"van {dag(van)} tot en met {dag(tot)}"
