"""What a productbeheerder does and sees on the tab Aanleveren (manual 3.5-3.7): only what is their own.

Every function takes the user and raises NietGevonden for what is not theirs: the same for an id that does not exist,
after the same work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Select, func, select

from include.intake.cellen import GRENZEN
from include.normen import laden
from include.normen.kalender import Ronde
from include.rapportage.foutkolom import FoutRegel, lees_verslag, met_foutkolom
from include.schemas.domein import LeveringStatus, Product, Stap
from include.steps.audit import noteer_verslag, noteer_vraagbestand
from include.steps.leveren import lees_samenvatting, moet_beoordeeld, ontvang, ronde_van_ontvangst, tel
from include.steps.portaal.namen import naam_van
from include.steps.portaal.toegang import Gebruiker, NietGevonden
from include.steps.verwerking import Opslag
from include.storage.delivery_terms import delivery_terms
from include.storage.levering_voortgang import FAILED, LEASE, await_judgement, find_voortgang
from include.storage.leveringen import Telling
from include.storage.models import Levering
from include.storage.organisaties import find_organisatie, is_aangemeld

PRODUCT = Product.BIJZONDERE_BIJSTAND
GROOTSTE_BESTAND = GRENZEN.bytes
"""Bytes of the largest vraagbestand that can be judged."""
PER_BLAD = 20
"""Deliveries of the history on one page."""
FOUTEN_PER_BLAD = 25
EERSTE_REGELS = 5
"""Line numbers that are shown of each error."""
_BLOK = 1 << 16


@dataclass(frozen=True)
class Aangeleverd:
    """A file that was received; ``nieuw`` is False when these very bytes were already the latest delivery."""

    levering_id: str
    nieuw: bool


def lever_aan(
    opslag: Opslag, gebruiker: Gebruiker, organisatie: str, *, bestandsnaam: str, inhoud: BinaryIO
) -> Aangeleverd:
    """Receive a vraagbestand; it is safe when this returns, and waits to be judged.

    ``inhoud`` may still be coming in: what its ``read`` raises passes, and nothing is kept then. The moment of receipt
    is the one at which it began to come in. Raises as ``leveren.ontvang``.
    """
    gebruiker.mandaat(PRODUCT, organisatie)
    ontvangst = ontvang(
        opslag, organisatie=organisatie, bestandsnaam=bestandsnaam, inhoud=inhoud, ontvangen=opslag.klok()
    )
    if moet_beoordeeld(opslag, ontvangst):
        with opslag.database.transaction() as sessie:
            await_judgement(sessie, ontvangst.levering.id, nu=opslag.klok())
    return Aangeleverd(ontvangst.levering.id, ontvangst.nieuw)


@dataclass(frozen=True)
class Vooruitblik:
    """What a file that is handed in today would count for (besluiten B2, B3, B53a)."""

    ronde: Ronde
    aangemeld: bool
    """Whether the organisation is registered today: else a file is refused."""
    doet_mee: bool
    """Whether its registration covers the deelnamedatum: else it is not in the ronde."""

    @property
    def tot_en_met(self) -> date:
        """The last day on which a file counts for this ronde."""
        return self.ronde.deelnamedatum - timedelta(days=1)

    @property
    def uiterlijk(self) -> date:
        """The day on which the report is there at the latest."""
        return self.ronde.rapportagemaand.laatste_dag


def vooruitblik(opslag: Opslag, gebruiker: Gebruiker, organisatie: str) -> Vooruitblik:
    """Return what a file of the organisation would count for today."""
    gebruiker.mandaat(PRODUCT, organisatie)
    ronde = ronde_van_ontvangst(opslag.vandaag)
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie)
        return Vooruitblik(
            ronde,
            aangemeld=is_aangemeld(sessie, wie, PRODUCT, opslag.vandaag),
            doet_mee=is_aangemeld(sessie, wie, PRODUCT, ronde.deelnamedatum),
        )


@dataclass(frozen=True)
class Aanlevering:
    """A delivery as its municipality sees it."""

    id: str
    organisatie: str
    bestandsnaam: str
    omvang: int
    ontvangen_op: datetime
    door: str
    ronde: Ronde
    status: LeveringStatus | None
    """None while it waits for its judgement."""
    gelezen: int
    goedgekeurd: int
    afgewezen: int
    telt_mee: bool
    """It is, or will be, what the reports of its ronde are made of; also while it waits for its judgement."""
    vervangen_door: str | None
    """The name of the file that took its place."""
    verdwijnt_op: date | None


@dataclass(frozen=True)
class Geschiedenis:
    """One page of what was handed in, the newest first."""

    aanleveringen: tuple[Aanlevering, ...]
    blad: int
    bladen: int


def geschiedenis(
    opslag: Opslag, gebruiker: Gebruiker, organisatie: str | None = None, blad: int = 1
) -> Geschiedenis:
    """Return what was handed in for an organisation, or for all of the user's own, and is still kept."""
    namen = gebruiker.organisaties(PRODUCT) if organisatie is None else (organisatie,)
    ids = [gebruiker.mandaat(PRODUCT, naam).organisatie_id for naam in namen]
    with opslag.database.reading() as sessie:
        aantal = sessie.scalar(select(func.count()).select_from(_eigen(ids).subquery())) or 0
        bladen = max(1, -(-aantal // PER_BLAD))
        blad = min(max(1, blad), bladen)
        leveringen = sessie.scalars(
            _eigen(ids)
            .order_by(Levering.ontvangen_op.desc(), Levering.volgnummer.desc())
            .offset((blad - 1) * PER_BLAD)
            .limit(PER_BLAD)
        ).all()
    return Geschiedenis(tuple(_als_aanleveringen(opslag, leveringen)), blad, bladen)


@dataclass(frozen=True)
class Stand:
    """How far the judging of a delivery is."""

    aanlevering: Aanlevering
    klaar: bool
    gedaan: int
    """How many of the steps in ``Stap`` are done."""
    rijen: int | None
    """Rows in the file, once they are read."""
    hapert: bool
    """It failed, or takes longer than it should; it will be tried again."""


def stand(opslag: Opslag, gebruiker: Gebruiker, levering_id: str) -> Stand:
    """Return how far the judging of a delivery is: from the work itself, not from a clock."""
    with opslag.database.reading() as sessie:
        rij = find_voortgang(sessie, levering_id)
    levering = _vind(opslag, gebruiker, levering_id)  # after it: without a row, what it says is its outcome
    [aanlevering] = _als_aanleveringen(opslag, [levering])
    if rij is None:
        klaar = levering.status is not None
        return Stand(aanlevering, klaar, len(Stap) if klaar else 1, rijen=None, hapert=False)
    return Stand(
        aanlevering,
        klaar=False,
        gedaan=1 + list(Stap).index(Stap(rij.stap)),
        rijen=rij.totaal or None,
        hapert=rij.houder == FAILED or rij.bijgewerkt_op <= opslag.klok() - LEASE,
    )


class Foutsoort(NamedTuple):
    """How often one error occurs, and the first lines it is on."""

    code: str
    kolom: str
    veld: str
    omschrijving: str
    aantal: int
    regels: tuple[int, ...]


@dataclass(frozen=True)
class Verslag:
    """The verwerkingsverslag of a delivery, and one page of its rows in error."""

    aanlevering: Aanlevering
    samenvatting: dict[str, Any]
    """The summary of the verwerkingsverslag."""
    doet_mee: bool
    """The registration of the organisation covers the deelnamedatum (besluit B53a)."""
    soorten: tuple[Foutsoort, ...]
    rijen: tuple[FoutRegel, ...]
    """Of the errors, or of those with ``code``, this page."""
    code: str | None
    blad: int
    bladen: int

    @property
    def leesbaar(self) -> bool:
        """Whether the file could be read as a vraagbestand: only then its rows can be handed back."""
        return self.samenvatting["tekenset"] is not None


def verslag(
    opslag: Opslag, gebruiker: Gebruiker, levering_id: str, *, code: str | None = None, blad: int = 1
) -> Verslag:
    """Return the verwerkingsverslag of a judged delivery; entered in the logboek when it shows rows.

    An unknown ``code`` narrows nothing. Raises NietGevonden also for one that was not judged yet.
    """
    levering = _beoordeelde(opslag, gebruiker, levering_id)
    [aanlevering] = _als_aanleveringen(opslag, [levering])
    per_code = levering.fouten or {}
    code = code if code in per_code else None
    aantal = per_code[code] if code else sum(per_code.values())
    bladen = max(1, -(-aantal // FOUTEN_PER_BLAD))
    blad = min(max(1, blad), bladen)
    soorten: tuple[Foutsoort, ...] = ()
    rijen: tuple[FoutRegel, ...] = ()
    if per_code:
        noteer_verslag(opslag, levering, aanlevering.organisatie)
        with closing(opslag.bestanden.open_read(levering.sleutel_verslag)) as bron:
            soorten, rijen = _lees_fouten(lees_verslag(bron), per_code, code, (blad - 1) * FOUTEN_PER_BLAD)
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, aanlevering.organisatie)
        doet_mee = is_aangemeld(sessie, wie, PRODUCT, aanlevering.ronde.deelnamedatum)
    samenvatting = lees_samenvatting(opslag, levering)
    return Verslag(aanlevering, samenvatting, doet_mee, soorten, rijen, code, blad, bladen)


@dataclass(frozen=True)
class Download:
    """A file to send: its name, and its bytes in parts. Readable when this is made; read on while it is sent."""

    naam: str
    stukken: Iterator[bytes]


def verslag_csv(opslag: Opslag, gebruiker: Gebruiker, levering_id: str) -> Download:
    """Return the verwerkingsverslag as CSV, entered in the logboek before its first byte. Raises as ``verslag``."""
    levering = _beoordeelde(opslag, gebruiker, levering_id)
    noteer_verslag(opslag, levering, _organisatie(levering))
    naam = f"verwerkingsverslag-{levering.ronde}-{levering.volgnummer}.csv"
    return Download(naam, _begonnen(_blokken(opslag, levering.sleutel_verslag)))


def bestand_met_fouten(opslag: Opslag, gebruiker: Gebruiker, levering_id: str) -> Download:
    """Return the delivered file with a last column that says per row what is wrong (``met_foutkolom``).

    Entered in the logboek before its first byte. Raises NietGevonden also when it was not judged yet, or could not be
    read as a vraagbestand.
    """
    levering = _beoordeelde(opslag, gebruiker, levering_id)
    samenvatting = lees_samenvatting(opslag, levering)
    if samenvatting["tekenset"] is None:
        raise NietGevonden("this delivery has no rows to hand back")
    noteer_vraagbestand(opslag, levering, _organisatie(levering))
    return Download(
        f"{PurePosixPath(levering.bestandsnaam).stem or 'vraagbestand'}-met-fouten.csv",
        _begonnen(_met_fouten(opslag, levering, samenvatting)),
    )


def _eigen(organisatie_ids: list[int]) -> Select[Levering]:
    return select(Levering).where(
        Levering.organisatie_id.in_(organisatie_ids),
        Levering.product == PRODUCT,
        Levering.verwijderd_op.is_(None),
    )


def _vind(opslag: Opslag, gebruiker: Gebruiker, levering_id: str) -> Levering:
    ids = [mandaat.organisatie_id for mandaat in gebruiker.mandaten if mandaat.product is PRODUCT]
    with opslag.database.reading() as sessie:
        levering = sessie.scalar(_eigen(ids).where(Levering.id == levering_id))
    if levering is None:
        raise NietGevonden("no delivery of this user has that id")
    return levering


def _beoordeelde(opslag: Opslag, gebruiker: Gebruiker, levering_id: str) -> Levering:
    levering = _vind(opslag, gebruiker, levering_id)
    if levering.status is None:
        raise NietGevonden("this delivery was not judged yet")
    return levering


def _organisatie(levering: Levering) -> str:
    return levering.organisatie.naam if levering.organisatie else ""


def _als_aanleveringen(opslag: Opslag, leveringen: Any) -> Iterator[Aanlevering]:  # noqa: ANN401 - rows of a query
    """Yield deliveries as their municipality sees them; what counts is asked once per organisation and ronde."""
    tellingen: dict[tuple[int | None, str | None], Telling | None] = {}
    with opslag.database.reading() as sessie:
        namen = {door: naam_van(sessie, door) for door in {lev.ingeleverd_door for lev in leveringen}}
        termen = {
            term.levering.id: term.removal_day
            for lev in leveringen
            for term in delivery_terms(sessie, lev.id)
        }
    for lev in leveringen:
        ronde = laden.ronde(lev.ronde)
        sleutel = (lev.organisatie_id, lev.ronde)
        if sleutel not in tellingen:
            # Also with what only the register has left: what it replaced does not count again (besluit B2).
            tellingen[sleutel] = tel(opslag, lev.organisatie, ronde, ook_verwijderd=True)
        telling = tellingen[sleutel]
        afgekeurd = lev.status is LeveringStatus.AFGEKEURD
        telt_mee = telling is not None and telling.levering.id == lev.id and not afgekeurd
        vervangen = telling is not None and not telt_mee and not afgekeurd
        yield Aanlevering(
            id=lev.id,
            organisatie=_organisatie(lev),
            bestandsnaam=lev.bestandsnaam,
            omvang=lev.omvang,
            ontvangen_op=lev.ontvangen_op,
            door=namen[lev.ingeleverd_door],
            ronde=ronde,
            status=lev.status,
            gelezen=lev.rijen_gelezen or 0,
            goedgekeurd=lev.rijen_goedgekeurd or 0,
            afgewezen=lev.rijen_afgewezen or 0,
            telt_mee=telt_mee,
            vervangen_door=telling.levering.bestandsnaam if telling and vervangen else None,
            verdwijnt_op=termen.get(lev.id),
        )


def _lees_fouten(
    fouten: Iterator[FoutRegel], per_code: dict[str, int], code: str | None, begin: int
) -> tuple[tuple[Foutsoort, ...], tuple[FoutRegel, ...]]:
    """Return each kind of error with its first lines, and a page of rows; reads no further than it has to."""
    eerste: dict[str, list[FoutRegel]] = {soort: [] for soort in per_code}
    te_gaan = sum(min(aantal, EERSTE_REGELS) for aantal in per_code.values())
    rijen: list[FoutRegel] = []
    gezien: Counter[bool] = Counter()
    for fout in fouten:
        if len(eerste[fout.foutcode]) < EERSTE_REGELS:
            eerste[fout.foutcode].append(fout)
            te_gaan -= 1
        if code in (None, fout.foutcode):
            gezien[True] += 1
            if begin < gezien[True] <= begin + FOUTEN_PER_BLAD:
                rijen.append(fout)
        if not te_gaan and gezien[True] >= begin + FOUTEN_PER_BLAD:
            break
    soorten = tuple(
        Foutsoort(
            soort,
            gevonden[0].kolom,
            gevonden[0].veld,
            gevonden[0].omschrijving,
            per_code[soort],
            tuple(fout.regel for fout in gevonden),
        )
        for soort, gevonden in sorted(eerste.items())
        if gevonden
    )
    return soorten, tuple(rijen)


def _blokken(opslag: Opslag, sleutel: str) -> Iterator[bytes]:
    with closing(opslag.bestanden.open_read(sleutel)) as bron:
        while blok := bron.read(_BLOK):
            yield blok


def _met_fouten(opslag: Opslag, levering: Levering, samenvatting: dict[str, Any]) -> Iterator[bytes]:
    losse_cr = not any(b"\n" in blok for blok in _blokken(opslag, levering.sleutel))
    with (
        closing(opslag.bestanden.open_read(levering.sleutel)) as bestand,
        closing(opslag.bestanden.open_read(levering.sleutel_verslag)) as fouten,
    ):
        yield from met_foutkolom(
            bestand,
            lees_verslag(fouten),
            tekenset=samenvatting["tekenset"],
            scheidingsteken=samenvatting["scheidingsteken"],
            losse_cr=losse_cr,
        )


def _begonnen(stukken: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first part at once: what cannot be read is an error page then, and not half a file."""
    return chain((next(stukken, b""),), stukken)
