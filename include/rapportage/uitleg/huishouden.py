"""Who lives with the aanvrager, in sentences (besluiten B22-B25, manual 5.4.4)."""

from __future__ import annotations

from collections.abc import Iterator

from include.rapportage.uitleg.zaak import LEEFVORMEN, Grond, Zaak, aantal, punten
from include.toets.huishouden import (
    ALLEEN,
    EEN_ANDER,
    ELDERS_GETROUWD,
    GETROUWD,
    KIND_GEMEEN,
    MEER_ANDEREN,
    MEESTE_BEWONERS,
    OUDER,
    REDENEN,
)

(
    _GEEN_GEGEVENS,
    _TE_VEEL,
    _AFGEBROKEN,
    _VOORWAARDEN,
    _GEEN_BRP,
    _TE_JONG,
    _GEEN_WOONADRES,
    _TE_GROOT,
    _ONZEKER,
) = REDENEN[1:]

_FAMILIE = ", want ouders en kinderen tellen nooit mee"
_ADRES_BEKEND = "de BRP had laten zien wie er op uw adres wonen"
_ZEKER = {
    GETROUWD: "bent u getrouwd of hebt u een geregistreerd partner, en woont die op uw adres",
    KIND_GEMEEN: "woont u samen met iemand met wie u een kind hebt",
    OUDER: "bent u een alleenstaande ouder: op uw adres woont een kind van u, en geen andere volwassene",
    ALLEEN: "bent u alleenstaand: op uw adres woont geen andere volwassene",
}
"""What the rules of B23 that are certain say, to follow *volgens …*."""


def huishouden(zaak: Zaak) -> Iterator[str]:
    """Yield the sentences about the household."""
    if zaak.belemmerd("Huishouden"):
        yield from (grond.kort for grond in gronden(zaak))
    elif zaak.veld("BRPBevraagd") == "N":
        yield f"Volgens de gemeente {LEEFVORMEN[zaak.veld('Leefvorm')]}. Uw huishouden is daarom niet apart getoetst."
    else:
        telt = " die meetelt" if zaak.feiten.regel in (OUDER, ALLEEN) and zaak.feiten.bewoners else ""
        yield f"Volgens de Basisregistratie Personen (BRP) {_ZEKER[zaak.feiten.regel]}{telt}."
    if zaak.feiten.bewoners > zaak.feiten.zelf_bewoner and _GEEN_BRP not in zaak.redenen:
        yield from _bewoners(zaak)


def gronden(zaak: Zaak) -> Iterator[Grond]:
    """Yield why the household is a belemmering; nothing when it is none."""
    if not zaak.belemmerd("Huishouden"):
        return
    reden = next(reden for reden in zaak.redenen if reden in REDENEN)
    yield from _onzekerheden(zaak) if reden == _ONZEKER else (_grond(reden, zaak),)


def _grond(reden: str, zaak: Zaak) -> Grond:
    """Return what a reason of B22 a-e means."""
    if reden == _GEEN_BRP:
        if zaak.feiten.persoon_bekend:
            return Grond(
                "De Basisregistratie Personen (BRP) houdt uw gegevens niet meer bij. "
                "Dat is bijvoorbeeld zo na een verhuizing naar het buitenland.",
                "uw inschrijving in de BRP nog liep",
            )
        return Grond(
            "De Basisregistratie Personen (BRP) gaf uw eigen gegevens niet.", "de BRP uw gegevens had gegeven"
        )
    if reden == _GEEN_WOONADRES:
        waar = (
            "U staat in de Basisregistratie Personen (BRP) met een briefadres, niet met een woonadres."
            if zaak.feiten.eigen_briefadres
            else "Volgens de Basisregistratie Personen (BRP) hebt u geen adres in Nederland."
        )
        return Grond(waar, "u in de BRP een woonadres had")
    return {
        _GEEN_GEGEVENS: Grond(
            "De Basisregistratie Personen (BRP) gaf geen gegevens over uw adres.", _ADRES_BEKEND
        ),
        _TE_VEEL: Grond(
            "Het zoeken naar uw adres in de Basisregistratie Personen (BRP) gaf te veel resultaten.",
            _ADRES_BEKEND,
        ),
        _AFGEBROKEN: Grond(
            "Het zoeken naar uw adres in de Basisregistratie Personen (BRP) is afgebroken.", _ADRES_BEKEND
        ),
        _VOORWAARDEN: Grond(
            "De Basisregistratie Personen (BRP) heeft over uw adres geen gegevens die wij mogen krijgen.",
            _ADRES_BEKEND,
        ),
        _TE_JONG: Grond(
            f"U was op {zaak.peildag} jonger dan 18 jaar.", f"u op {zaak.peildag} 18 jaar of ouder was"
        ),
        _TE_GROOT: Grond(
            f"Op uw adres wonen {zaak.feiten.bewoners} mensen. Bij meer dan {MEESTE_BEWONERS} bewoners kunnen wij "
            "niet zien wie bij uw huishouden hoort.",
            f"er niet meer dan {MEESTE_BEWONERS} mensen op uw adres woonden",
        ),
    }[reden]


def _onzekerheden(zaak: Zaak) -> Iterator[Grond]:
    """Yield what keeps the leefvorm from being certain: a rule of B23, and the doubts of its last paragraph."""
    f = zaak.feiten
    if f.regel == ELDERS_GETROUWD:
        yield Grond(
            "Volgens de Basisregistratie Personen (BRP) bent u getrouwd of hebt u een geregistreerd partner, maar "
            "die woont niet op uw adres.",
            "uw partner op uw adres woonde, of het huwelijk of partnerschap volgens de BRP voorbij was",
        )
    if f.regel == EEN_ANDER:
        yield Grond(
            "Op uw adres woont nog één andere volwassene. Wij kunnen niet zien of die persoon uw partner is.",
            "deze volwassene niet op uw adres woonde, of volgens de BRP met u getrouwd was, uw geregistreerd "
            "partner was of een kind met u had",
        )
    if f.regel == MEER_ANDEREN:
        yield Grond(
            f"Op uw adres wonen nog {f.anderen} andere volwassenen. Wij kunnen niet zien of een van hen uw "
            "partner is.",
            "deze volwassenen niet op uw adres woonden, of een van hen volgens de BRP met u getrouwd was of uw "
            "geregistreerd partner was",
        )
    if f.in_onderzoek:
        yield Grond(
            "De gemeente waar u staat ingeschreven, onderzoekt of uw adres klopt.",
            "er geen onderzoek naar uw adres liep",
        )
    if f.onvolledig:
        yield Grond(
            "Uw geboortedatum staat niet volledig in de Basisregistratie Personen (BRP).",
            "uw hele geboortedatum in de BRP stond",
        )
    if f.onbeslist:
        yield Grond(
            "Van een bewoner van uw adres weten wij niet zeker of die 18 jaar of ouder is.",
            "wij van elke bewoner van uw adres wisten of die 18 jaar of ouder is",
        )


def _bewoners(zaak: Zaak) -> Iterator[str]:
    """Yield how many people live at the address, and who of them count as another adult and who do not."""
    f = zaak.feiten
    wonen = "woont 1 persoon" if f.bewoners == 1 else f"wonen {f.bewoners} mensen"
    yield (
        f"Op uw adres {wonen}{', uzelf meegeteld' if f.zelf_bewoner else ''}. "
        f"Daarvan zeker 18 jaar of ouder: {zaak.veld('AantalMeerderjarigeBewoners')}."
    )
    if not zaak.belemmerd("Huishouden"):
        yield "De gemeente krijgt dit aantal als melding. Het is geen reden voor een andere uitkomst."
    tellen = ("telt niemand", "telt 1 persoon")[f.anderen] if f.anderen < 2 else f"tellen {f.anderen} mensen"
    yield f"Als andere volwassene naast {zaak.u} {tellen} mee."
    niet = list(_tellen_niet(zaak))
    if niet:
        yield "Deze mensen tellen niet mee:"
        yield from punten(niet)


def _tellen_niet(zaak: Zaak) -> Iterator[str]:
    f = zaak.feiten
    groepen = (
        (f.ouders, f"ouder van u{_FAMILIE}", f"ouders van u{_FAMILIE}"),
        (
            f.kinderen,
            f"kind van u van 18 jaar of ouder{_FAMILIE}",
            f"kinderen van u van 18 jaar of ouder{_FAMILIE}",
        ),
        *(
            (hoeveel, f"persoon {welke}", f"mensen {welke}")
            for hoeveel, welke in (
                (f.jonger, "jonger dan 18 jaar"),
                (f.leeftijd_onbekend, "van wie wij de leeftijd niet zeker weten"),
                (f.briefadres, "met op uw adres alleen een briefadres"),
                (f.opgeschort, "van wie de inschrijving in de BRP is gestopt"),
                (f.zonder_adres, "zonder adres in Nederland"),
            )
        ),
    )
    yield from (f"{aantal(hoeveel, een, meer)}." for hoeveel, een, meer in groepen if hoeveel)
