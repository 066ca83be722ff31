"""Telling productbeheerders that reports are ready, at most once each (besluit B54)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum

from include.errors import GegevensFout, InstallatieFout, MailFout
from include.rapportage.mail import Mail, notificatie
from include.schemas.domein import Product
from include.settings import omgeving
from include.steps.verwerking import Opslag
from include.storage.notificaties import (
    claim_mail,
    count_sent,
    mark_sent,
    recipients,
    release_claim,
    uncertain_claims,
)

log = logging.getLogger(__name__)


class Bezorging(Enum):
    """How handing a mail to the mail server ended."""

    AANGENOMEN = "taken"
    GEWEIGERD = "not taken"
    """Surely not: refused for now, or the server was away. A next attempt may send it."""
    ONBESTELBAAR = "refused for good"
    """Surely not, and the same mail to the same address never will be."""
    ONZEKER = "in doubt"
    """The connection was lost after the mail was offered: it may have gone out, so it is not sent again."""


Bezorger = Callable[[Mail, str], tuple[Bezorging, str]]
"""Hands a mail for an address to the mail server; returns how that ended and why it was not taken, in our words.

An InstallatieFout says that there is no way to hand it over: nothing was offered."""


def notificeer(
    opslag: Opslag,
    publicaties: Sequence[str],
    *,
    product: Product,
    periode: str,
    organisatie: str,
    verwijderen_op: date,
    bezorg: Bezorger,
    rapporten_per_publicatie: int,
) -> dict[str, int]:
    """Mail everybody who must still hear of these publications.

    A recipient is claimed before the mail goes out, so nobody is mailed twice, whatever is retried or killed.

    Returns:
        ``verzonden`` (all told), ``nu_verzonden`` and ``onzeker``: claimed, and nobody knows whether it went out.

    Raises:
        GegevensFout: the mail server refused at least one address for good; the others were mailed.
        MailFout: the mail server did not take at least one mail; the publication stands and a retry sends the rest.
        InstallatieFout: this installation has no mail server.
    """
    with opslag.database.reading() as sessie:
        wachtend = recipients(sessie, publicaties)
    nu_verzonden = 0
    geweigerd: list[str] = []
    onbestelbaar: dict[int, str] = {}
    for ontvanger in wachtend:
        recht = claim_mail(opslag.database, publicaties, ontvanger, nu=opslag.klok())
        if recht is None:
            continue
        mail = notificatie(
            product=product,
            periode=periode,
            aantal_rapporten=len(recht.publicaties) * rapporten_per_publicatie,
            ophalen_tot=verwijderen_op,
            omgeving=omgeving().soort,
            organisatie=organisatie,
            portaal=omgeving().portaal,
        )
        try:
            bezorging, antwoord = bezorg(mail, ontvanger.email)
        except InstallatieFout:
            release_claim(opslag.database, recht)
            raise
        if bezorging is Bezorging.AANGENOMEN:
            mark_sent(opslag.database, recht, nu=opslag.klok())
            nu_verzonden += 1
        elif bezorging is not Bezorging.ONZEKER:
            release_claim(opslag.database, recht)
            if bezorging is Bezorging.ONBESTELBAAR:
                onbestelbaar[ontvanger.productbeheerder_id] = antwoord
            else:
                geweigerd.append(antwoord)
    with opslag.database.reading() as sessie:
        stand = {
            "verzonden": count_sent(sessie, publicaties),
            "nu_verzonden": nu_verzonden,
            "onzeker": uncertain_claims(sessie, publicaties),
        }
    betreft = f"organisation {organisatie}, {product} {periode}"
    _warn(betreft, stand, geweigerd)
    niet_verzonden = f"{len(geweigerd)} of {len(wachtend)} notifications were not sent"
    if onbestelbaar:
        wie = "; ".join(
            f"productbeheerder number {nummer}: {reden}" for nummer, reden in onbestelbaar.items()
        )
        raise GegevensFout(
            f"{betreft}: the mail server refuses {len(onbestelbaar)} of {len(wachtend)} notifications for good "
            f"({wie}). {f'For another reason {niet_verzonden}. ' if geweigerd else ''}The others were mailed, and the "
            "publication stands. Ask the organisation for the right address, register it and switch the mails to the "
            "wrong one off; then clear this task: it mails only who was not reached yet."
        )
    if geweigerd:
        raise MailFout(
            f"{betreft}: {niet_verzonden} ({'; '.join(sorted(set(geweigerd)))}). The publication stands; a retry mails "
            "only who was not reached yet. Check that the mail server is up and the connection smtp_default."
        )
    return stand


def _warn(betreft: str, stand: Mapping[str, int], geweigerd: Sequence[str]) -> None:
    """Log what nobody would hear of otherwise: that nobody is told, or that nobody knows who was."""
    if not (geweigerd or stand["verzonden"] or stand["onzeker"]):
        log.warning(
            "%s: it is published and nobody is told of it: no productbeheerder of it has notifications on. Register "
            "one with `productbeheerder registreer`, or tell the organisation yourself.",
            betreft,
        )
    if stand["onzeker"]:
        log.warning(
            "%s: of %d notifications nobody knows whether they went out: the connection was lost, or the task killed, "
            "while they did. They are not sent again; ask the productbeheerder.",
            *(betreft, stand["onzeker"]),
        )
