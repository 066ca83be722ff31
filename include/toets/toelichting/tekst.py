"""A toelichting in Dutch, for a policy officer with the manual beside it (manual 5.4)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from include.schemas.uitkomst import ALLEENSTAANDE_OUDER, JA, NEE
from include.toets.huishouden import (
    ALLEEN,
    EEN_ANDER,
    ELDERS_GETROUWD,
    GETROUWD,
    KIND_GEMEEN,
    MEER_ANDEREN,
    OUDER,
)
from include.toets.toelichting.vormen import (
    Huishouden,
    Inkomen,
    Norm,
    Opgave,
    Persoon,
    Rekening,
    Toelichting,
    Vermogen,
    Voertuig,
    Voertuigen,
)
from include.toets.toelichting.woorden import dag, euro, maand

_ANDEREN = "(ouders en kinderen van de aanvrager niet meegerekend)"
REGELS = {
    GETROUWD: "de aanvrager heeft een niet-ontbonden huwelijk of geregistreerd partnerschap met een bewoner",
    ELDERS_GETROUWD: (
        "de aanvrager heeft een niet-ontbonden huwelijk of geregistreerd partnerschap, maar niet met een bewoner"
    ),
    KIND_GEMEEN: (
        f"er is precies één andere meerderjarige bewoner {_ANDEREN}, en die heeft een kind gemeen met de aanvrager"
    ),
    EEN_ANDER: (
        f"er is precies één andere meerderjarige bewoner {_ANDEREN}, zonder gemeenschappelijk kind met de aanvrager"
    ),
    MEER_ANDEREN: f"er zijn twee of meer andere meerderjarige bewoners {_ANDEREN}",
    OUDER: f"er zijn geen andere meerderjarige bewoners {_ANDEREN}, en een eigen kind van de aanvrager is bewoner",
    ALLEEN: f"er zijn geen andere meerderjarige bewoners {_ANDEREN}, en geen eigen kind van de aanvrager is bewoner",
}
"""What the rules of besluit B23 say, by their number."""

BREEDTE = 110
_OORDEEL = {JA: "belemmering", NEE: "geen belemmering"}


def tekst(toelichting: Toelichting) -> str:
    """Return a toelichting as plain text, amounts to the cent; ends with a newline."""
    t, ronde = toelichting, toelichting.ronde
    partner = f" en partner {t.partner_bsn:09d}" if t.partner_bsn else ""
    delen = [
        [
            f"Toelichting bij aanvrager {t.bsn:09d} {t.naam}".rstrip() + partner,
            f"Ronde {ronde}, deelnamedatum {dag(ronde.deelnamedatum)}.",
        ],
        _onder("1. Huishouden (handleiding 5.4.4)", t.huishouden.oordeel, _huishouden(t.huishouden)),
        _onder("2. Inkomen (handleiding 5.4.2)", t.inkomen.oordeel, _inkomen(t)),
        _onder("3. Vermogen (handleiding 5.4.3)", t.vermogen.oordeel, _vermogen(t.vermogen, t.huishouden)),
        ["4. Voertuigen (handleiding 5.4.5)", *_ingesprongen(_voertuigen(t.voertuigen, t.huishouden))],
        _onder("5. Eindoordeel (handleiding 5.4.1)", t.belemmering, _eindoordeel(t)),
        [f"Kenmerk van de gebruikte normbestanden: {t.herkomst}"],
    ]
    return "\n\n".join("\n".join(deel) for deel in delen) + "\n"


def _onder(kop: str, oordeel: str, regels: Iterable[str]) -> list[str]:
    return [f"{kop}: {_OORDEEL.get(oordeel, 'niet getoetst')}", *_ingesprongen(regels)]


def _ingesprongen(regels: Iterable[str]) -> Iterator[str]:
    for regel in regels:
        vervolg = "     " if regel.startswith(("- ", "  ")) else "   "
        yield textwrap.fill(regel, BREEDTE, initial_indent="   ", subsequent_indent=vervolg)


def _huishouden(h: Huishouden) -> Iterator[str]:
    if not h.brp_bevraagd:
        yield f"De BRP is niet bevraagd. Leefvorm zoals aangeleverd: {h.leefvorm}; zekerheid {h.zekerheid}."
        if h.reden:
            yield f"Belemmering: {h.reden}"
        return
    if h.personen:
        yield f"De BRP is bevraagd. Op het adres ingeschreven: {len(h.personen)}."
        yield from (f"- {_persoon(persoon)}" for persoon in h.personen)
        yield f"Bewoners: {h.bewoners}, van wie {h.meerderjarigen} zeker meerderjarig op de deelnamedatum."
    else:
        yield "De BRP is bevraagd en gaf geen personen op het adres."
    if h.regel:
        yield f"Leefvorm: {h.leefvorm}, zekerheid {h.zekerheid}."
        yield f"Regel {h.regel} (besluit B23): {REGELS[h.regel]}."
        yield from (f"De zekerheid is ten hoogste Middel: {twijfel}." for twijfel in h.twijfels)
    else:
        yield "De leefvorm is niet afgeleid: leefvorm Onbekend, zekerheid Geen."
    if h.reden:
        yield f"Belemmering (besluit B22): {h.reden}"
        yield "De andere bronnen zijn daarom niet bevraagd."


def _persoon(p: Persoon) -> str:
    leeftijd = {True: "meerderjarig", False: "minderjarig", None: "meerderjarigheid niet te bepalen"}
    woont = "bewoner" if p.bewoner else f"geen bewoner ({p.waarom_geen_bewoner})"
    bsn = f"{p.bsn:09d}" if p.bsn else "zonder BSN"
    geboren = p.geboortedatum or "onbekend"
    return f"{bsn} {p.naam}, geboren {geboren}: {p.rol}; {woont}, {leeftijd[p.meerderjarig]}"


def _inkomen(t: Toelichting) -> Iterator[str]:
    i = t.inkomen
    if i.norm is None:
        yield from _inkomen_niet_getoetst(t.huishouden, i)
        return
    venster = t.ronde.pensioenvenster
    yield (
        f"Peilmaand {maand(t.ronde.peilmaand)}; "
        f"pensioenen over {dag(venster.van)} tot en met {dag(venster.tot_en_met)}."
    )
    yield "Netto = loon - privégebruik auto - ingehouden loonheffing - ingehouden bijdrage Zvw."
    if not i.opgaven:
        yield "Er zijn geen inkomstenopgaven gevonden."
    for opgave in i.opgaven:
        yield from _opgave(opgave)
    for pensioen in i.pensioenen:
        yield (
            f"Pensioen van {pensioen.bsn:09d}, {pensioen.werkgever}: {euro(pensioen.som)} / 3 maanden = "
            f"{euro(pensioen.per_maand)} per maand."
        )
    yield f"Totaal netto-inkomen van het huishouden: {euro(i.totaal)}."
    yield "Heffingskortingen tellen niet mee (besluit B34)."
    if t.partner_bsn:
        wie = "aanvrager of partner heeft die" if i.aow.bereikt else "aanvrager noch partner heeft die"
    else:
        wie = "de aanvrager heeft die" if i.aow.bereikt else "de aanvrager heeft die niet"
    yield (
        f"De AOW-leeftijd heeft op de deelnamedatum wie geboren is tot en met {dag(i.aow.geboren_tot_en_met)} "
        f"({i.aow.bron}): {wie} bereikt."
    )
    yield f"Inkomensnorm: {_norm(i.norm)}, {t.normvariant} vakantietoeslag."
    yield f"Toetsbedrag: {euro(i.norm.bedrag)} x {i.percentage} % = {euro(i.toetsbedrag)}."
    yield from _vergelijking(i)


def _inkomen_niet_getoetst(h: Huishouden, i: Inkomen) -> Iterator[str]:
    if h.oordeel == JA:
        yield "Niet getoetst, omdat het huishouden een belemmering heeft."
    for uitkering in i.bijstand:
        einde = f"tot en met {dag(uitkering.einde)}" if uitkering.einde else "zonder einddatum"
        yield (
            f"Niet getoetst, omdat op de deelnamedatum een bijstandsuitkering loopt: {uitkering.regeling} van "
            f"{uitkering.bsn:09d}, vanaf {dag(uitkering.aanvang)} {einde} (besluit B28)."
        )


def _opgave(o: Opgave) -> Iterator[str]:
    yield (
        f"- {o.bsn:09d}, {o.werkgever}, soort {o.soort} ({o.omschrijving}), "
        f"{dag(o.aanvang)} tot en met {dag(o.einde)}"
    )
    yield (
        f"  {euro(o.loon)} - {euro(o.auto)} - {euro(o.loonheffing)} - {euro(o.zvw)} = {euro(o.netto)} netto; "
        f"{'telt' if o.telt else 'telt niet'}: {o.waarom}"
    )


def _vergelijking(i: Inkomen) -> Iterator[str]:
    totaal, grens = euro(i.totaal), euro(i.toetsbedrag)
    if i.oordeel == NEE:
        yield f"Geen belemmering: {totaal} is lager dan het toetsbedrag {grens} (besluit B33)."
    elif i.totaal > 0:
        yield f"Belemmering: {totaal} is gelijk aan of hoger dan het toetsbedrag {grens} (besluit B33)."
    else:
        yield f"Belemmering: het inkomen {totaal} is niet hoger dan nul (besluit B33)."


def _vermogen(v: Vermogen, h: Huishouden) -> Iterator[str]:
    if v.grens is None or v.rentegrens is None:
        yield _niet_gevraagd("vermogen", v.gevraagd, h)
        return
    yield f"Gegevens van 31 december {v.belastingjaar}."
    if not v.rekeningen:
        yield "Er zijn geen rekeningen bekend."
    yield from (f"- {_rekening(rekening)}" for rekening in v.rekeningen)
    yield f"Saldo: {euro(v.saldo)}; rente: {euro(v.rente)}."
    if h.leefvorm == ALLEENSTAANDE_OUDER:
        yield _grens_van_ouder(h)
    yield f"Vermogensgrens: {_norm(v.grens)}."
    yield f"Rentegrens: {_norm(v.rentegrens)}."
    hoe = "gelijk aan of hoger" if v.saldo_te_hoog else "lager"
    yield f"{_oordeel(v.saldo_te_hoog)}: het saldo is {hoe} dan de vermogensgrens (besluit B39)."
    hoe = "hoger" if v.rente_te_hoog else "niet hoger"
    yield f"{_oordeel(v.rente_te_hoog)}: de rente is {hoe} dan de rentegrens (besluit B39)."
    yield from (
        f"Belemmering: de BSN-verificatie van {bsn:09d} is mislukt (besluit B39)." for bsn in v.mislukt
    )
    if v.geen_gegevens:
        yield "Van een geverifieerd BSN zijn geen rekeningen bekend; dat is geen belemmering (besluit B40)."


def _grens_van_ouder(h: Huishouden) -> str:
    if not h.brp_bevraagd:
        return "Voor een aangeleverde alleenstaande ouder geldt de grens van gehuwden (besluit B37)."
    kind = "een" if h.kind_onder_18 else "geen"
    grens = "gehuwden" if h.kind_onder_18 else "alleenstaanden"
    return f"Er woont {kind} eigen kind onder 18: voor deze ouder geldt de grens van {grens} (besluit B37)."


def _rekening(r: Rekening) -> str:
    telt = "telt" if r.telt else "telt niet: hetzelfde rekeningnummer is al geteld"
    bedragen = f"saldo {euro(r.saldo)}, rente {euro(r.rente)}"
    return f"{r.bsn:09d}, {r.bank} {r.product}, {r.tenaamstelling}: {bedragen}; {telt}"


def _voertuigen(v: Voertuigen, h: Huishouden) -> Iterator[str]:
    if not v.gevraagd or h.oordeel == JA:
        yield _niet_gevraagd("voertuigen", v.gevraagd, h)
        return
    if not v.voertuigen:
        yield "Er zijn geen voertuigen bekend."
    yield from (f"- {_voertuig(voertuig)}" for voertuig in v.voertuigen)
    yield f"Voertuigen vormen nooit een belemmering. Bron van de exclusieve merken: {v.bron}."


def _voertuig(v: Voertuig) -> str:
    return (
        f"{v.bsn:09d}, {v.kenteken}, {v.voertuigsoort} {v.merk} {v.handelsbenaming}, eerste toelating "
        f"{dag(v.eerste_toelating)}: {'getoond' if v.getoond else 'niet getoond'}, {v.waarom}"
    )


def _niet_gevraagd(wat: str, gevraagd: bool, h: Huishouden) -> str:
    if not gevraagd:
        return f"De organisatie heeft {wat} niet aangezet in haar instellingen."
    return f"Niet getoetst ({wat}), omdat het huishouden een belemmering heeft ({h.reden})."


def _eindoordeel(t: Toelichting) -> Iterator[str]:
    oordelen = {
        "huishouden": t.huishouden.oordeel,
        "inkomen": t.inkomen.oordeel,
        "vermogen": t.vermogen.oordeel,
    }
    waarop = [naam for naam, oordeel in oordelen.items() if oordeel == JA]
    if waarop:
        yield f"Belemmering op {' en '.join(waarop)}; één is genoeg (besluit B44)."
    else:
        yield "Geen van de toetsen gaf een belemmering (besluit B44)."
    if t.redenen:
        yield "In de rapportage onder Reden(en): " + " | ".join(t.redenen)


def _oordeel(belemmering: bool) -> str:
    return "Belemmering" if belemmering else "Geen belemmering"


def _norm(norm: Norm) -> str:
    return f"{norm.naam}, {euro(norm.bedrag)} ({norm.bron})"
