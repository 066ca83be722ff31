"""Retention: what has to go, and that it went (besluit B55).

Every removal is entered in the register before a file is touched and completed after, so a sweep that was cut
short is finished by the next. What cannot be removed is tried again then, and reported by every sweep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from include.errors import BidnFout, OpslagFout
from include.storage import audit_log
from include.storage.audit_log import Activiteit, Handeling
from include.storage.bewaarklassen import KLASSEN, Bewaarklasse, Stuk, TeVernietigen, Tussenresultaten
from include.storage.database import Database, om_de_beurt
from include.storage.file_store import Bestandsopslag, map_tussenresultaten
from include.storage.models import Vernietiging

_REDENEN = 5
"""How many of them the error says: enough to begin with."""


@dataclass(slots=True)
class Opruimverslag:
    """What a sweep did, by soort: files removed, the rows in them, and what it could not remove."""

    bestanden: Counter[str] = field(default_factory=Counter)
    rijen: Counter[str] = field(default_factory=Counter)
    mislukt: Counter[str] = field(default_factory=Counter)
    redenen: list[str] = field(default_factory=list)
    """Why, of what never came to the register."""

    def kan_niet(self, klasse: str, reden: str) -> None:
        """Count what is in the way of a removal."""
        self.mislukt[klasse] += 1
        if reden not in self.redenen:
            self.redenen.append(reden)

    def __str__(self) -> str:
        weg = ", ".join(f"{aantal} {soort}" for soort, aantal in sorted(self.bestanden.items()))
        bleef = ", ".join(f"{aantal} {soort}" for soort, aantal in sorted(self.mislukt.items()))
        return f"removed {weg or 'nothing'}" + (f"; could not remove {bleef}" if bleef else "")


def voorbeeld(
    database: Database, bestanden: Bestandsopslag, *, nu: datetime, klassen: Sequence[Bewaarklasse] = KLASSEN
) -> list[TeVernietigen]:
    """What ``voer_uit`` would remove at ``nu``, unfinished removals first; changes nothing."""
    with database.raadpleging() as sessie:
        begonnen = [
            TeVernietigen(
                klasse=regel.klasse,
                onderwerp=regel.sleutel,
                stukken=(Stuk(regel.klasse, regel.sleutel, regel.rijen, regel.sha256),),
                product=regel.product,
                ronde=regel.ronde,
            )
            for regel in _onvoltooid(sessie)
        ]
    verslag = Opruimverslag()
    return begonnen + [
        vondst for klasse in klassen for vondst in _vind(database, bestanden, klasse, nu, verslag)
    ]


def voer_uit(
    database: Database, bestanden: Bestandsopslag, *, nu: datetime, klassen: Sequence[Bewaarklasse] = KLASSEN
) -> Opruimverslag:
    """Remove everything that is due at ``nu``, from database and storage, and register it.

    Raises OpslagFout with the counts when some files could not be removed or a name is not ours, after removing
    all others, of every class; and at once when the database is away.
    Sweeping twice, or twice at the same time, does no harm.
    """
    verslag = Opruimverslag()
    with database.raadpleging() as sessie:
        begonnen = _onvoltooid(sessie)
    wissers = {soort: klasse for klasse in klassen for soort in klasse.soorten}

    def maak_af(regel: Vernietiging) -> None:
        if not _herschreven(bestanden, regel):
            wissers[regel.klasse].wis(bestanden, regel.sleutel, regel.begonnen_op)

    _wis(database, [regel for regel in begonnen if regel.klasse in wissers], maak_af, nu, verslag)
    for klasse in klassen:
        for vondst in _vind(database, bestanden, klasse, nu, verslag):
            _vernietig(database, bestanden, klasse, vondst, nu, verslag)
    return _gelukt(verslag)


def verwijder_tussenresultaten(
    database: Database, bestanden: Bestandsopslag, verwerking: str, *, nu: datetime
) -> Opruimverslag:
    """Remove and register everything this verwerking fetched or computed, as soon as it has published (B55).

    Repeating it finishes what was cut short. Raises OpslagFout as ``voer_uit``; the publication stands, and the
    sweep takes what is left.
    """
    verslag = Opruimverslag()
    klasse = Tussenresultaten()
    map_ = map_tussenresultaten(verwerking)
    with database.raadpleging() as sessie:
        begonnen = [regel for regel in _onvoltooid(sessie) if regel.sleutel.startswith(f"{map_}/")]
    _wis(
        database,
        begonnen,
        lambda regel: klasse.wis(bestanden, regel.sleutel, regel.begonnen_op),
        nu,
        verslag,
    )
    stukken = tuple(Stuk(klasse.naam, bestand.sleutel) for bestand in bestanden.lijst(map_))
    if stukken:
        _vernietig(database, bestanden, klasse, TeVernietigen(klasse.naam, map_, stukken), nu, verslag)
    return _gelukt(verslag)


def register(sessie: Session) -> list[Vernietiging]:
    """The destruction register, oldest first; lines without ``vernietigd_op`` are unfinished."""
    return list(sessie.scalars(select(Vernietiging).order_by(Vernietiging.begonnen_op, Vernietiging.id)))


def _vind(
    database: Database, bestanden: Bestandsopslag, klasse: Bewaarklasse, nu: datetime, verslag: Opruimverslag
) -> list[TeVernietigen]:
    """What of this class is due and can go; what is in the way is counted, for other classes have theirs to do."""
    with database.raadpleging() as sessie:
        try:
            vondsten = klasse.vind(sessie, bestanden, nu)
        except BidnFout as fout:  # of storage: the database's own become ours only outside this block
            verslag.kan_niet(klasse.naam, str(fout))
            return []
    for vondst in vondsten:
        if vondst.belet:
            verslag.kan_niet(vondst.klasse, vondst.belet)
    return [vondst for vondst in vondsten if not vondst.belet]


def _vernietig(
    database: Database,
    bestanden: Bestandsopslag,
    klasse: Bewaarklasse,
    vondst: TeVernietigen,
    nu: datetime,
    verslag: Opruimverslag,
) -> None:
    """Enter and make invisible in one transaction; only then touch the files."""
    bekend = [_met_vingerafdruk(klasse, bestanden, stuk) for stuk in vondst.stukken]
    with database.transactie() as sessie:
        om_de_beurt(sessie, "bewaartermijn")  # else two sweeps enter the same file
        try:
            stukken = klasse.trek_in(sessie, bestanden, replace(vondst, stukken=tuple(bekend)), nu)
        except BidnFout as fout:  # of storage, as in _vind: nothing was entered, so nothing is touched
            verslag.kan_niet(vondst.klasse, str(fout))
            return
        begonnen = {regel.sleutel for regel in _onvoltooid(sessie)}
        regels = [
            Vernietiging(
                klasse=stuk.soort,
                sleutel=stuk.sleutel,
                product=vondst.product,
                ronde=vondst.ronde,
                rijen=stuk.rijen,
                sha256=stuk.sha256,
                begonnen_op=nu,
            )
            for stuk in stukken
            if stuk.sleutel not in begonnen
        ]
        sessie.add_all(regels)
    _wis(
        database,
        regels,
        lambda regel: klasse.wis(bestanden, regel.sleutel, regel.begonnen_op),
        nu,
        verslag,
    )


def _wis(
    database: Database,
    regels: Sequence[Vernietiging],
    wis: Callable[[Vernietiging], None],
    nu: datetime,
    verslag: Opruimverslag,
) -> None:
    """Remove the files of these register lines and complete the lines of those that are gone."""
    klaar: list[Vernietiging] = []
    for regel in regels:
        try:
            wis(regel)
        except BidnFout:
            verslag.mislukt[regel.klasse] += 1
        else:
            klaar.append(regel)
    if not klaar:
        return
    with database.transactie() as sessie:
        sessie.execute(
            update(Vernietiging)
            .where(Vernietiging.id.in_([regel.id for regel in klaar]), Vernietiging.vernietigd_op.is_(None))
            .values(vernietigd_op=nu)
        )
        audit_log.schrijf(sessie, _handeling(klaar))
    for regel in klaar:
        verslag.bestanden[regel.klasse] += 1
        verslag.rijen[regel.klasse] += regel.rijen or 0


def _handeling(regels: Sequence[Vernietiging]) -> Handeling:
    """The lines of the register that were completed, as one logregel."""
    producten, rondes = {regel.product for regel in regels}, {regel.ronde for regel in regels}
    product = producten.pop() if len(producten) == 1 else None
    return Handeling(
        "vernietiging",
        Activiteit.VERNIETIGING,
        doelbinding=product.value if product else None,
        ronde=rondes.pop() if len(rondes) == 1 else None,
        aantal=sum(regel.rijen or 0 for regel in regels),
        bijzonderheden={
            "bestanden": dict(Counter(regel.klasse for regel in regels)),
            "register": [min(regel.id for regel in regels), max(regel.id for regel in regels)],
        },
    )


def _herschreven(bestanden: Bestandsopslag, regel: Vernietiging) -> bool:
    """Whether a verwerking that was run again wrote the same intermediate anew since its removal began.

    What was to go is gone then. Told by content: the clocks of storage and of this process may differ. That of
    storage, so ``sleutels roteer`` leaves alone what is being removed.
    """
    if regel.klasse != Tussenresultaten.naam or regel.sha256 is None or not bestanden.bestaat(regel.sleutel):
        return False
    return bestanden.vingerafdruk(regel.sleutel) != regel.sha256


def _met_vingerafdruk(klasse: Bewaarklasse, bestanden: Bestandsopslag, stuk: Stuk) -> Stuk:
    if stuk.sha256 is not None:
        return stuk
    try:
        return replace(stuk, sha256=klasse.vingerafdruk(bestanden, stuk.sleutel))
    except BidnFout:  # unreadable or just gone: removing it matters more than its hash
        return stuk


def _onvoltooid(sessie: Session) -> list[Vernietiging]:
    vraag = select(Vernietiging).where(Vernietiging.vernietigd_op.is_(None)).order_by(Vernietiging.id)
    return list(sessie.scalars(vraag))


def _gelukt(verslag: Opruimverslag) -> Opruimverslag:
    if verslag.mislukt:
        redenen = "".join(f"{reden.rstrip('.')}. " for reden in verslag.redenen[:_REDENEN])
        if len(verslag.redenen) > _REDENEN:
            redenen += f"And {len(verslag.redenen) - _REDENEN} more such. "
        raise OpslagFout(
            f"retention: {verslag}. {redenen}The next sweep tries again: look "
            "at the rights and the state of the file store, and of Airflow's log folder when it is about airflow-log"
        )
    return verslag
