"""Who may what in the portal: what the account is coupled to at this moment, and never a claim (besluit B53a)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from include.errors import BidnFout
from include.schemas.domein import Product
from include.steps.verwerking import Opslag
from include.storage.actor import acting_as
from include.storage.portal_accounts import find_mandates
from include.storage.portal_models import PortaalAccount


class NietGevonden(BidnFout):
    """It is not there, or it is not the user's own: one answer, for the difference is nobody's business."""


@dataclass(frozen=True)
class Mandaat:
    """The user is productbeheerder of this product at this organisation."""

    productbeheerder_id: int
    organisatie: str
    organisatie_id: int
    product: Product


@dataclass(frozen=True)
class Gebruiker:
    """Who is logged in, with all mandates, by organisation and product."""

    account_id: str
    naam: str
    email: str
    mandaten: tuple[Mandaat, ...]

    def organisaties(self, product: Product | None = None) -> tuple[str, ...]:
        """The names of the organisations for which the user works, of one product or of any; alphabetical."""
        namen = {mandaat.organisatie for mandaat in self.mandaten if product in (None, mandaat.product)}
        return tuple(sorted(namen, key=str.casefold))

    def producten(self) -> tuple[Product, ...]:
        """The products that the user works with, in the order of Product."""
        eigen = {mandaat.product for mandaat in self.mandaten}
        return tuple(product for product in Product if product in eigen)

    def mandaat(self, product: Product, organisatie: str) -> Mandaat:
        """The mandate for a product of an organisation. Raises NietGevonden when the user has none."""
        for mandaat in self.mandaten:
            if (mandaat.product, mandaat.organisatie) == (product, organisatie):
                return mandaat
        raise NietGevonden("the user has no mandate for this product of this organisation")

    def mandaten_voor(self, product: Product, organisatie: str | None = None) -> tuple[Mandaat, ...]:
        """The mandates for a product, or the one for an organisation. Raises NietGevonden when there is none."""
        if organisatie is not None:
            return (self.mandaat(product, organisatie),)
        eigen = tuple(mandaat for mandaat in self.mandaten if mandaat.product is product)
        if not eigen:
            raise NietGevonden("the user has no mandate for this product")
        return eigen

    def organisatie_ids(self, product: Product, organisatie: str | None = None) -> tuple[int, ...]:
        """The numbers of the organisations of ``mandaten_voor``. Raises as that."""
        return tuple(mandaat.organisatie_id for mandaat in self.mandaten_voor(product, organisatie))


def gebruiker_van(opslag: Opslag, account_id: str) -> Gebruiker:
    """Return the user of an account with the mandates of this moment, maybe none.

    Read it at every request: a withdrawal then counts at once. Raises NietGevonden for an unknown account.
    """
    with opslag.database.reading() as sessie:
        return gebruiker_in(sessie, account_id)


def gebruiker_in(sessie: Session, account_id: str) -> Gebruiker:
    """As ``gebruiker_van``, in a session of the caller's."""
    account = sessie.get(PortaalAccount, account_id)
    if account is None:
        raise NietGevonden("there is no such account")
    mandaten = [
        Mandaat(beheerder.id, organisatie.naam, organisatie.id, beheerder.product)
        for beheerder, organisatie in find_mandates(sessie, account_id)
    ]
    mandaten.sort(key=lambda mandaat: (mandaat.organisatie.casefold(), list(Product).index(mandaat.product)))
    return Gebruiker(account.id, account.naam, account.email, tuple(mandaten))


def handelt_als(account_id: str | None, *, trace: str) -> AbstractContextManager[None]:
    """What happens in this block stands in the logboek as done by this user (None: nobody logged in), in one request.

    ``trace`` is the id of the request, 32 hex digits.
    """
    return acting_as(account_id, trace=trace)
