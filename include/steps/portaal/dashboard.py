"""The dashboard: per organisation and product what is due, what is new and what goes soon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from include.normen.kalender import Ronde
from include.schemas.domein import LeveringStatus, Product
from include.steps.leveren import ronde_van_ontvangst
from include.steps.portaal.toegang import Gebruiker
from include.steps.verwerking import Opslag
from include.storage import portal_queries as vragen
from include.storage.portal_queries import Stand

BINNENKORT = timedelta(days=14)
"""So long before it is removed a publication is shown as going."""


@dataclass(frozen=True)
class Regel:
    """One organisation and product of the user."""

    organisatie: str
    product: Product
    aangemeld: bool
    """Registered for the product today (besluit B53a)."""
    nieuw: int
    """Publications that this user has not fetched yet."""
    verdwijnt: int
    """Publications that are removed within BINNENKORT."""
    geleverd_op: datetime | None = None
    """When the delivery came in that counts for the current ronde, if there is one."""
    status: LeveringStatus | None = None
    """Of that delivery, once judged."""

    @property
    def moet_nog(self) -> bool:
        """Whether a vraagbestand can still be handed in and nothing usable was."""
        return (
            self.product is Product.BIJZONDERE_BIJSTAND
            and self.aangemeld
            and (self.geleverd_op is None or self.status is LeveringStatus.AFGEKEURD)
        )


@dataclass(frozen=True)
class Dashboard:
    """What the user sees first."""

    ronde: Ronde
    """The ronde for which a delivery of today counts."""
    dagen: int
    """Days in which it can still be handed in, today included."""
    laatste_dag: date
    """The last day on which a delivery counts for this ronde (besluit B2)."""
    regels: tuple[Regel, ...]


def dashboard(opslag: Opslag, gebruiker: Gebruiker, *, organisatie: str | None = None) -> Dashboard:
    """Return the dashboard of a user, of all organisations or the one that was chosen."""
    vandaag = opslag.vandaag
    ronde = ronde_van_ontvangst(vandaag)
    ids: dict[Product, dict[int, str]] = defaultdict(dict)
    for mandaat in gebruiker.mandaten:
        if organisatie in (None, mandaat.organisatie):
            ids[mandaat.product][mandaat.organisatie_id] = mandaat.organisatie
    regels: list[Regel] = []
    with opslag.database.reading() as sessie:
        geleverd: Mapping[int, tuple[LeveringStatus | None, datetime]] = vragen.last_deliveries(
            sessie,
            ids[Product.BIJZONDERE_BIJSTAND],
            van=ronde.vorige_deelnamedatum,
            tot=ronde.deelnamedatum,
        )
        for product, eigen in ids.items():
            aangemeld = vragen.registered_on(sessie, product, eigen, vandaag)
            standen = vragen.publication_counts(
                sessie, gebruiker.account_id, product, eigen, verdwijnt_voor=vandaag + BINNENKORT
            )
            for nummer, naam in eigen.items():
                stand = standen.get(nummer, Stand(0, 0))
                status, op = (
                    geleverd.get(nummer, (None, None))
                    if product is Product.BIJZONDERE_BIJSTAND
                    else (None, None)
                )
                regels.append(
                    Regel(naam, product, nummer in aangemeld, *stand, geleverd_op=op, status=status)
                )
    return Dashboard(
        ronde=ronde,
        dagen=(ronde.deelnamedatum - vandaag).days,
        laatste_dag=ronde.deelnamedatum - timedelta(days=1),
        regels=tuple(sorted(regels, key=lambda regel: (regel.organisatie.casefold(), regel.product))),
    )
