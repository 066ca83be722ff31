"""Who logs in to the portal, and of which productbeheerders an account is the account."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from include.email_address import as_address
from include.storage.models import Organisatie, Productbeheerder
from include.storage.portal_models import PortaalAccount, PortaalKoppeling


def find_account(sessie: Session, issuer: str, sub: str) -> PortaalAccount | None:
    """The account that an identity provider knows as ``sub``; None when it never logged in with success."""
    return sessie.scalar(
        select(PortaalAccount).where(PortaalAccount.issuer == issuer, PortaalAccount.sub == sub)
    )


def make_account(
    sessie: Session, *, issuer: str, sub: str, naam: str, email: str, nu: datetime
) -> PortaalAccount:
    """Enter an account under a random id."""
    account = PortaalAccount(
        id=str(uuid.uuid4()),
        issuer=issuer,
        sub=sub,
        naam=naam,
        email=email,
        gekoppeld_op=nu,
        laatst_ingelogd_op=nu,
    )
    sessie.add(account)
    sessie.flush()
    return account


def find_uncoupled(sessie: Session, email: str) -> Sequence[Productbeheerder]:
    """The productbeheerders with this address, in whatever case, that are nobody's account yet."""
    address = _is_the_address(email)
    if address is None:
        return []
    coupled = exists().where(PortaalKoppeling.productbeheerder_id == Productbeheerder.id)
    return sessie.scalars(
        select(Productbeheerder).where(address, ~coupled).order_by(Productbeheerder.id)
    ).all()


def couple(sessie: Session, account: PortaalAccount, beheerders: Sequence[Productbeheerder]) -> None:
    """Make the account that of these productbeheerders."""
    sessie.add_all(
        PortaalKoppeling(account_id=account.id, productbeheerder_id=beheerder.id) for beheerder in beheerders
    )
    sessie.flush()


def find_mandates(sessie: Session, account_id: str) -> Sequence[tuple[Productbeheerder, Organisatie]]:
    """What the account is coupled to now, with the organisation of each."""
    return [
        (beheerder, organisatie)
        for beheerder, organisatie in sessie.execute(
            select(Productbeheerder, Organisatie)
            .join(PortaalKoppeling, PortaalKoppeling.productbeheerder_id == Productbeheerder.id)
            .join(Organisatie, Organisatie.id == Productbeheerder.organisatie_id)
            .where(PortaalKoppeling.account_id == account_id)
        )
    ]


def _is_the_address(email: str) -> ColumnElement[bool] | None:
    """The condition that a productbeheerder has this address; None when it cannot be one.

    Letters outside ASCII are compared as they are: folding them makes one address of two (the Kelvin sign becomes a k),
    and whoever has the one would get the rights of the other.
    """
    try:
        address = as_address(email)
    except ValueError:
        return None
    if address.rpartition("@")[0] != email.strip().rpartition("@")[0]:
        return None  # normalising alone made it look like another
    if address.isascii():
        return func.lower(Productbeheerder.email) == address.lower()
    return Productbeheerder.email == address
