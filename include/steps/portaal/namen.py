"""Who did it, as colleagues read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from include.storage.portal_models import PortaalAccount

BIDN = "BIDN"
"""Whoever is no user of the portal: the command line and the pipelines."""


def naam_van(sessie: Session, uitvoerder: str | None) -> str:
    """Return the name of the user that an ``actor`` names, BIDN for anybody else."""
    soort, _, account_id = (uitvoerder or "").partition(":")
    account = sessie.get(PortaalAccount, account_id) if soort == "gebruiker" else None
    return account.naam if account else BIDN
