"""Accounts and vehicles in sentences (besluiten B36-B43, manual 5.4.3 and 5.4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from include.rapportage.uitleg.zaak import (
    AL_GESTOPT,
    Grond,
    Zaak,
    aantal,
    bron,
    euros,
    opsomming,
    punten,
    veld,
    wie,
)
from include.schemas.uitkomst import ALLEENSTAANDE_OUDER, JA
from include.toets.toelichting.woorden import euro

_GRENZEN = (
    "iemand die alleenstaand is",
    "mensen die getrouwd zijn of samenwonen",
)
"""For whom the limits of ``include.toets.vermogen.GRENZEN`` are."""
_GEHUWD = 1


def vermogen(zaak: Zaak) -> Iterator[str]:
    """Yield the sentences about assets."""
    if not zaak.kader.vermogen:
        yield "De gemeente laat vermogen niet toetsen."
    elif zaak.belemmerd("Huishouden"):
        yield f"Het vermogen is niet getoetst, {AL_GESTOPT}."
    elif zaak.belemmerd("Vermogen"):
        yield from _belemmering(zaak)
    else:
        yield (
            f"Op {zaak.rekeningen} vonden wij op 31 december {zaak.kader.belastingjaar} niet te veel geld, en ook "
            "niet te veel rente."
        )
    yield from _zonder_rekening(zaak)


def gronden(zaak: Zaak) -> Iterator[Grond]:
    """Yield why assets are a belemmering; nothing when they are none."""
    f, jaar = zaak.feiten, zaak.kader.belastingjaar
    if f.saldo_te_hoog:
        yield Grond(
            f"Er stond te veel geld op {zaak.rekeningen}.",
            f"er op 31 december {jaar} minder dan {euros(_grens(zaak))} op {zaak.rekeningen} stond",
        )
    if f.rente_te_hoog:
        yield Grond(
            f"De rente op {zaak.rekeningen} was te hoog.",
            f"de rente over {jaar} niet hoger was dan {_rente_en_grens(zaak)[1]}",
        )
    yield from (_mislukking(partner) for partner in _mislukt(zaak))


def _mislukking(partner: bool) -> Grond:
    """Return what a failed verification means (B39)."""
    nummer = "het burgerservicenummer van uw partner" if partner else "uw burgerservicenummer"
    return Grond(
        f"De Belastingdienst kon {nummer} niet controleren.", f"de Belastingdienst {nummer} kon controleren"
    )


def _belemmering(zaak: Zaak) -> Iterator[str]:
    f, jaar = zaak.feiten, zaak.kader.belastingjaar
    yield f"Wij keken naar het geld op {zaak.rekeningen} op 31 december {jaar}, en naar de rente over {jaar}."
    for partner in _mislukt(zaak):
        yield f"{_mislukking(partner).kort} Daarom kennen wij niet alle rekeningen."
    rekeningen = zaak.alle("Vermogen/Rekening")
    if not rekeningen:
        yield "Er zijn geen rekeningen bekend."
        return
    yield "Dit telde mee:"
    yield from punten(_rekening(r, zaak) for r in rekeningen if veld(r, "TeltMee") != "N")
    niet = [_rekening(r, zaak) for r in rekeningen if veld(r, "TeltMee") == "N"]
    if niet:
        yield "Dit telde niet mee, omdat dezelfde rekening hierboven al is geteld:"
        yield from punten(niet)
    yield f"Samen is dat {euros(f.saldo)}, met {euros(f.rente)} rente."
    grens = zaak.kader.vermogensgrenzen[f.grens]
    if zaak.veld("Leefvorm") == ALLEENSTAANDE_OUDER:
        yield _grens_van_ouder(zaak)
    saldo, saldogrens = _vergeleken(f.saldo, _grens(zaak))
    rente, rentegrens = _rente_en_grens(zaak)
    yield f"De grens voor {_GRENZEN[f.grens]}, is {saldogrens} ({bron(grens.bron)})."
    procent = f"{zaak.kader.rentegrens_promille / 10:.1f}".replace(".", ",")
    yield f"De rente mag niet hoger zijn dan {procent} procent daarvan: {rentegrens}."
    yield (
        f"Het bedrag van {saldo} is {'gelijk aan de grens of hoger' if f.saldo_te_hoog else 'lager dan de grens'}. "
        f"De rente van {rente} is {'te hoog' if f.rente_te_hoog else 'niet te hoog'}."
    )


def _grens_van_ouder(zaak: Zaak) -> str:
    """Say which limit an alleenstaande ouder has (B37)."""
    if zaak.feiten.grens != _GEHUWD:
        return "Op uw adres woont geen kind van u dat jonger is dan 18 jaar. Daarom geldt de grens voor één persoon."
    kind = " met een kind jonger dan 18 jaar" if zaak.veld("BRPBevraagd") == JA else ""
    return f"Voor een alleenstaande ouder{kind} geldt dezelfde grens als voor twee mensen."


def _rekening(rekening: etree._Element, zaak: Zaak) -> str:
    """Name an account by what its holder knows it by."""
    bank, product, naam, saldo, rente = (
        veld(rekening, kolom)
        for kolom in ("Banknaam", "BanknaamProduct", "NaamRekeninghouder", "Saldo", "Rente")
    )
    bedragen = f"{euros(int(saldo) * 100)}, rente {euros(int(rente) * 100)}"
    return f"{bank}, {product} op naam van {naam} ({wie(zaak.van_partner(rekening))}): {bedragen}."


def _rente_en_grens(zaak: Zaak) -> tuple[str, str]:
    return _vergeleken(zaak.feiten.rente, _grens(zaak) * zaak.kader.rentegrens_promille / 1000)


def _vergeleken(bedrag: int, grens: Decimal) -> tuple[str, str]:
    """Write what is compared in whole euros, and in cents where it would otherwise look alike (B39)."""
    if euros(bedrag) == euros(grens) and bedrag != grens:
        return euro(bedrag), euro(grens)
    return euros(bedrag), euros(grens)


def _grens(zaak: Zaak) -> Decimal:
    return Decimal(zaak.kader.vermogensgrenzen[zaak.feiten.grens].bedrag)


def _mislukt(zaak: Zaak) -> list[bool]:
    """Return of whom the verification failed: false for the aanvrager, true for the partner."""
    gevonden = (re.fullmatch(r"BSN-verificatie voor (\d{9}) mislukt", reden) for reden in zaak.redenen)
    return [treffer[1] != zaak.veld("BSN") for treffer in gevonden if treffer]


def _zonder_rekening(zaak: Zaak) -> Iterator[str]:
    """Warn that the Belastingdienst knows no account (B40)."""
    wie_niet = [
        wie(partner)
        for partner, zonder in (
            (False, zaak.feiten.zonder_rekening_aanvrager),
            (True, zaak.feiten.zonder_rekening_partner),
        )
        if zonder
    ]
    if wie_niet:
        yield (
            f"De Belastingdienst kent geen rekeningen van {opsomming(wie_niet)}. De gemeente krijgt dit als melding, "
            "en kan u om bankafschriften vragen. Het is geen reden voor een andere uitkomst."
        )


def voertuigen(zaak: Zaak) -> Iterator[str]:
    """Yield the sentences about vehicles."""
    getoond = zaak.alle("Voertuig")
    if not zaak.kader.voertuigen:
        yield "De gemeente laat geen voertuigen opzoeken."
    elif zaak.belemmerd("Huishouden"):
        yield f"Voertuigen zijn niet opgezocht, {AL_GESTOPT}."
    elif not getoond:
        yield "Er is geen voertuig dat de gemeente te zien krijgt."
    else:
        yield from _getoond(getoond, zaak)


def _getoond(getoond: list[etree._Element], zaak: Zaak) -> Iterator[str]:
    f = zaak.feiten
    op_naam = f"op naam van {zaak.u}" if zaak.met_partner else "op uw naam"
    yield "De gemeente krijgt dit te zien:"
    yield from punten(
        f"{veld(v, 'Merk')} {veld(v, 'Type')} ({veld(v, 'Soort')}), kenteken {veld(v, 'Kenteken')}, op "
        f"{'naam van uw partner' if zaak.van_partner(v) else 'uw naam'}."
        for v in getoond
    )
    redenen = {
        f"er staat meer dan één motorvoertuig {op_naam}": len(getoond) > 1,
        f"het is jonger dan {zaak.kader.voertuig_jaren} jaar": f.jong,
        "het is van een duur merk, dat altijd wordt getoond": f.exclusief,
    }
    yield f"Dat is zo, want {opsomming(reden for reden, geldt in redenen.items() if geldt)}."
    niet = [
        f"{aantal(hoeveel, 'voertuig', 'voertuigen')} {wat}."
        for hoeveel, wat in (
            (f.niet_op_naam, f"op {zaak.peildag} niet {op_naam}"),
            (f.geen_motorvoertuig, "zoals een bromfiets of een aanhanger"),
        )
        if hoeveel
    ]
    if niet:
        yield "Dit krijgt de gemeente niet te zien:"
        yield from punten(niet)
    yield "Een voertuig is nooit een reden voor een andere uitkomst."
