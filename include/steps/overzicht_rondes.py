"""How far the rondes are, for the ops page: what our database knows of every organisation.

Counts, dates and names of organisations; nothing about a citizen, and no address of a productbeheerder. For
Alleenverdieners a levering of the Belastingdienst takes the place of the ronde, and a line is one gemeente.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from include.errors import GegevensFout
from include.normen import laden
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.storage import ronde_queries as vragen
from include.storage.database import Database
from include.storage.leveringen import find_leveringen
from include.storage.models import Deelname, Levering, Publicatie, RondeRow
from include.storage.organisaties import find_aangemeld
from include.storage.publicaties import came_to, find_publicaties
from include.storage.ronde_queries import Mailstand
from include.storage.rondes import find_deelnames

AANGELEVERD = "aangeleverd"
"""Status of an organisation whose delivery waits for the ronde to run."""
NIET_AANGEMELD = "niet aangemeld"
"""Status of an organisation that delivered and is not registered on the deelnamedatum (besluit B53a)."""
RAPPORT = {Product.BIJZONDERE_BIJSTAND: "overzicht", Product.ALLEENVERDIENERS: "lijst"}
"""The published file whose rows are the households."""


@dataclass(frozen=True)
class Periode:
    """A ronde, or a levering of the Belastingdienst, and how many organisations are how far."""

    naam: str
    organisaties: int
    """Who take part; before the ronde was opened, who delivered."""
    gepubliceerd: int
    afgekeurd: int
    deelnamedatum: date | None = None
    uiterlijk: date | None = None
    """The last day on which the reports must be out (besluit B3)."""
    geopend_op: datetime | None = None
    afgesloten_op: datetime | None = None
    duren: Mapping[str, float] = field(default_factory=dict)
    """Median seconds by task, when the summary of a closed ronde has them."""


@dataclass(frozen=True)
class Leveringstand:
    """A delivery and what intake made of it (besluit B21); ``status`` None when it was not judged yet."""

    status: LeveringStatus | None
    ontvangen_op: datetime
    gelezen: int | None
    goedgekeurd: int | None
    afgewezen: int | None
    fouten: Mapping[str, int]
    verwijderd_op: datetime | None


@dataclass(frozen=True)
class Publicatiestand:
    """One version of what was published, and its control totals; those go with the files (besluit B55)."""

    versie: int
    gepubliceerd_op: datetime
    verwijderen_op: date
    verwijderd_op: datetime | None
    vervangen_op: datetime | None
    rijen: int | None
    oordelen: Mapping[str, Mapping[str, int]]
    """Per test the number of J, N and Niet getoetst; empty for Alleenverdieners."""
    mail: Mailstand


@dataclass(frozen=True)
class Weigering:
    """A human turned the publication down: which user of Airflow, when, and what had shifted."""

    door: str
    om: datetime
    reden: str


@dataclass(frozen=True)
class Regel:
    """One organisation; for Alleenverdieners one of its gemeenten."""

    organisatie: str
    gemeentecode: str | None
    status: str
    """``aangeleverd``, ``niet aangemeld`` or a DeelnameStatus."""
    run: str | None
    """The DAG run that worked on it last."""
    levering: Leveringstand | None
    publicatie: Publicatiestand | None
    geweigerd: Weigering | None = None


@dataclass(frozen=True)
class Overzicht:
    """Everybody in one ronde or levering, by name of the organisation."""

    periode: Periode
    levering: Leveringstand | None
    """The levering of the Belastingdienst; a ronde has one per organisation instead."""
    regels: list[Regel]
    omschrijvingen: Mapping[str, str]
    """What the error codes stand for, in the words of the verwerkingsverslag."""
    niet_geleverd: list[str] = field(default_factory=list)
    """Who is registered on the deelnamedatum and handed nothing in for this ronde, by name."""


def lezer() -> Database:
    """Return the database of this installation, to read: the page has no file store and no keys."""
    return Database()


def periodes(database: Database, product: Product) -> list[Periode]:
    """Return the rondes, or the leveringen of Alleenverdieners, the newest first."""
    with database.reading() as sessie:
        if product is Product.ALLEENVERDIENERS:
            return _leveringen(sessie)
        return _rondes(sessie)


def periodes_van_run(database: Database, product: Product, run: str) -> list[str]:
    """Return the names of the periodes that a DAG run worked on; empty when it came to nothing yet."""
    with database.reading() as sessie:
        return vragen.periodes_of_run(sessie, product, run)


def overzicht(
    database: Database, product: Product, periode: str, *, nu: datetime, run: str | None = None
) -> Overzicht:
    """Return how far every organisation is in a ronde or levering.

    Args:
        database: ours.
        product: of which service.
        periode: name of the ronde (``JJJJ-MM``), or kenmerk of the levering.
        nu: the moment it is: tells a mail that is on its way from one in doubt.
        run: show what this DAG run published, instead of what is current.

    Raises:
        GegevensFout: there is no such ronde or levering.
    """
    with database.reading() as sessie:
        if product is Product.ALLEENVERDIENERS:
            return _van_levering(sessie, periode, nu=nu, run=run)
        return _van_ronde(sessie, periode, nu=nu, run=run)


# -- Bijzondere Bijstand -----------------------------------------------------------------------------------


def _rondes(sessie: Session) -> list[Periode]:
    geopend = {ronde.ronde: ronde for ronde in vragen.find_rondes(sessie)}
    stand = vragen.count_deelnames(sessie)
    aangeleverd = vragen.count_aangeleverd(sessie)
    return [
        _ronde(naam, geopend.get(naam), stand.get(naam, {}), aangeleverd.get(naam, 0))
        for naam in sorted({*geopend, *aangeleverd}, reverse=True)
    ]


def _ronde(
    naam: str, geopend: RondeRow | None, stand: Mapping[DeelnameStatus, int], aangeleverd: int
) -> Periode:
    kalender = laden.ronde(naam)
    return Periode(
        naam=naam,
        organisaties=max(sum(stand.values()), aangeleverd),
        gepubliceerd=stand.get(DeelnameStatus.GEPUBLICEERD, 0),
        afgekeurd=stand.get(DeelnameStatus.AFGEKEURD, 0),
        deelnamedatum=geopend.deelnamedatum if geopend else kalender.deelnamedatum,
        uiterlijk=kalender.rapportagemaand.laatste_dag,
        geopend_op=geopend.geopend_op if geopend else None,
        afgesloten_op=geopend.afgesloten_op if geopend else None,
        duren=_duren(geopend),
    )


def _duren(ronde: RondeRow | None) -> dict[str, float]:
    """Return what the summary says under ``duren``: ``{task: {"mediaan": seconds, …}}``.

    A summary of another time may have it otherwise: that leaves a chart out, and the page standing.
    """
    duren = ((ronde.samenvatting if ronde else None) or {}).get("duren")
    if not isinstance(duren, dict):
        return {}
    medianen = {taak: duur.get("mediaan") for taak, duur in duren.items() if isinstance(duur, dict)}
    return {taak: float(waarde) for taak, waarde in medianen.items() if isinstance(waarde, (int, float))}


def _van_ronde(sessie: Session, naam: str, *, nu: datetime, run: str | None) -> Overzicht:
    periode = next((een for een in _rondes(sessie) if een.naam == naam), None)
    if periode is None:
        raise GegevensFout(f"ronde {naam} was not opened and nobody delivered for it")
    alle = find_publicaties(
        sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=naam, ook_vervangen=True, ook_verwijderd=True
    )
    deelnames = find_deelnames(sessie, naam)
    gekozen = {rij.organisatie_id: rij for rij in _kies(alle, run)}
    for deelname in deelnames:
        van_organisatie = [rij for rij in alle if rij.organisatie_id == deelname.organisatie_id]
        # A run that changed nothing ended with a version of an earlier one (besluit B56).
        if run and (einde := came_to(deelname, f"{run}/{deelname.organisatie_id}", van_organisatie)):
            gekozen[deelname.organisatie_id] = einde
    mail = vragen.count_mails(sessie, [rij.id for rij in gekozen.values()], nu=nu)
    regels: dict[int, Regel] = {}
    for deelname in deelnames:
        publicatie = gekozen.get(deelname.organisatie_id)
        laatste_run = _run(deelname.verwerking, 1)
        regels[deelname.organisatie_id] = Regel(
            organisatie=deelname.organisatie.naam,
            gemeentecode=None,
            status=str(deelname.status),
            run=run if run and publicatie else laatste_run,
            levering=_levering(deelname.levering),
            publicatie=_publicatie(publicatie, mail) if publicatie else None,
            geweigerd=_weigering(deelname),
        )
    dag = periode.deelnamedatum or laden.ronde(naam).deelnamedatum
    aangemeld = {wie.id: wie.naam for wie in find_aangemeld(sessie, Product.BIJZONDERE_BIJSTAND, dag)}
    for levering in find_leveringen(sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=naam):
        if levering.organisatie is not None and _zonder_deelname(regels.get(levering.organisatie.id)):
            regels[levering.organisatie.id] = Regel(
                organisatie=levering.organisatie.naam,
                gemeentecode=None,
                status=AANGELEVERD if levering.organisatie.id in aangemeld else NIET_AANGEMELD,
                run=None,
                levering=_levering(levering),
                publicatie=None,
            )
    op_naam = sorted(regels.values(), key=lambda regel: regel.organisatie.casefold())
    fouten = (regel.levering.fouten for regel in op_naam if regel.levering)
    return Overzicht(
        periode,
        None,
        op_naam,
        _omschrijvingen(Product.BIJZONDERE_BIJSTAND, fouten),
        sorted((naam for wie, naam in aangemeld.items() if wie not in regels), key=str.casefold),
    )


def _weigering(deelname: Deelname) -> Weigering | None:
    if deelname.geweigerd_door is None or deelname.geweigerd_om is None:
        return None
    return Weigering(deelname.geweigerd_door, deelname.geweigerd_om, deelname.geweigerd_reden or "")


def _zonder_deelname(regel: Regel | None) -> bool:
    """Whether a delivery says more than ``regel``: of several deliveries the last is shown."""
    return regel is None or regel.status in (AANGELEVERD, NIET_AANGEMELD)


# -- Alleenverdieners --------------------------------------------------------------------------------------


def _leveringen(sessie: Session) -> list[Periode]:
    alle = find_leveringen(sessie, product=Product.ALLEENVERDIENERS, ook_verwijderd=True)
    gepubliceerd = find_publicaties(
        sessie, product=Product.ALLEENVERDIENERS, ook_vervangen=True, ook_verwijderd=True
    )
    per_levering: dict[str, set[int]] = {}
    for publicatie in gepubliceerd:
        per_levering.setdefault(publicatie.levering_id, set()).add(publicatie.organisatie_id)
    # Of one that was delivered again, the last.
    laatste = {levering.kenmerk or "": levering for levering in alle}
    return [
        Periode(
            naam=kenmerk,
            organisaties=len(per_levering.get(levering.id, ())),
            gepubliceerd=len(per_levering.get(levering.id, ())),
            afgekeurd=int(levering.status is LeveringStatus.AFGEKEURD),
            geopend_op=levering.ontvangen_op,
        )
        for kenmerk, levering in sorted(
            laatste.items(), key=lambda paar: (paar[1].ontvangen_op, paar[0]), reverse=True
        )
    ]


def _van_levering(sessie: Session, kenmerk: str, *, nu: datetime, run: str | None) -> Overzicht:
    gevonden = find_leveringen(sessie, product=Product.ALLEENVERDIENERS, kenmerk=kenmerk, ook_verwijderd=True)
    periode = next((een for een in _leveringen(sessie) if een.naam == kenmerk), None)
    if periode is None:
        raise GegevensFout(f"levering {kenmerk} is unknown")
    alle: list[Publicatie] = []
    for levering in gevonden:
        alle += find_publicaties(sessie, levering=levering, ook_vervangen=True, ook_verwijderd=True)
    gekozen = _kies(alle, run)
    mail = vragen.count_mails(sessie, [rij.id for rij in gekozen], nu=nu)
    regels = [
        Regel(
            organisatie=publicatie.organisatie.naam,
            gemeentecode=publicatie.gemeentecode,
            status=str(DeelnameStatus.GEPUBLICEERD),
            run=_run(publicatie.verwerking, 2),
            levering=None,
            publicatie=_publicatie(publicatie, mail),
        )
        for publicatie in gekozen
    ]
    regels.sort(key=lambda regel: (regel.organisatie.casefold(), regel.gemeentecode or ""))
    stand = _levering(gevonden[-1])
    return Overzicht(periode, stand, regels, _omschrijvingen(Product.ALLEENVERDIENERS, [stand.fouten]))


# -- both --------------------------------------------------------------------------------------------------


def _kies(alle: Iterable[Publicatie], run: str | None) -> list[Publicatie]:
    """Return of every reeks the last version, of this run when one is given."""
    per_reeks: dict[str, Publicatie] = {}
    for publicatie in sorted(alle, key=lambda een: een.versie):
        if run is None or publicatie.verwerking.startswith(f"{run}/"):
            per_reeks[publicatie.reeks] = publicatie
    return list(per_reeks.values())


def _run(verwerking: str, delen: int) -> str:
    """Return the DAG run in the name of a verwerking, which ends in ``delen`` parts of our own."""
    return verwerking.rsplit("/", delen)[0]


def _levering(levering: Levering) -> Leveringstand:
    return Leveringstand(
        status=levering.status,
        ontvangen_op=levering.ontvangen_op,
        gelezen=levering.rijen_gelezen,
        goedgekeurd=levering.rijen_goedgekeurd,
        afgewezen=levering.rijen_afgewezen,
        fouten=levering.fouten or {},
        verwijderd_op=levering.verwijderd_op,
    )


def _publicatie(publicatie: Publicatie, mail: Mapping[str, Mailstand]) -> Publicatiestand:
    totalen: dict[str, Any] = (publicatie.manifest or {}).get("totalen", {})
    rapport = RAPPORT[publicatie.product]
    rijen = [bestand.rijen for bestand in publicatie.bestanden if bestand.soort == rapport]
    return Publicatiestand(
        versie=publicatie.versie,
        gepubliceerd_op=publicatie.gepubliceerd_op,
        verwijderen_op=publicatie.verwijderen_op,
        verwijderd_op=publicatie.verwijderd_op,
        vervangen_op=publicatie.vervangen_op,
        rijen=rijen[0] if rijen else None,
        oordelen=totalen.get("oordelen", {}),
        mail=mail.get(publicatie.id, Mailstand(0, 0, 0, 0)),
    )


def _omschrijvingen(product: Product, fouten: Iterable[Mapping[str, int]]) -> dict[str, str]:
    codes = sorted({code for per_code in fouten for code in per_code})
    if not codes:
        return {}
    if product is Product.ALLEENVERDIENERS:
        from include.schemas.selectielijst import CONTROLES
    else:
        from include.schemas.controles import CONTROLES
    zinnen = {controle.code: controle.omschrijving for controle in CONTROLES}
    return {code: zinnen[code] for code in codes if code in zinnen}
