"""The lists of one organisation in a run of Alleenverdieners, and the run as a whole (besluiten A3-A5)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from include.errors import ControleFout, GegevensFout
from include.intake.selectielijst import beoordeel
from include.moments import day_of
from include.normen.gemeenten import actieve_gemeenten
from include.rapportage.doelgroepselectielijst import KOPREGEL, lijst_csv
from include.rapportage.manifest import Bestand, Manifest
from include.schemas.domein import LeveringStatus, Product
from include.steps.audit import veranker
from include.steps.code_version import codeversie
from include.steps.notificeren import Bezorger, notificeer
from include.steps.selectielijsten import is_bruikbaar, laatste_levering, open_leveringen
from include.steps.verdeling import Stand, Verdeling, bepaal_stand
from include.steps.verwerking import Opslag
from include.storage.bewaartermijn import remove_intermediates
from include.storage.file_store import intermediate_key
from include.storage.leveringen import find_levering
from include.storage.models import Levering, Organisatie, Publicatie
from include.storage.organisaties import find_aangemeld
from include.storage.publicaties import TePubliceren, find_publicaties, publish
from include.storage.ronde_queries import untold

log = logging.getLogger(__name__)

LIJST = "lijst"
"""The soort of a published list."""


@dataclass(frozen=True)
class ListBranch:
    """The lists of one organisation in one run, at any of their steps."""

    opslag: Opslag
    verdeling: Verdeling
    bezorg: Bezorger


def maak_lijsten(branch: ListBranch) -> dict[str, int]:
    """Write the list of each gemeente of the organisation, and read it back (besluit A4).

    Raises:
        ControleFout: a list does not hold what it should; nothing is published.
    """
    opslag, verdeling = branch.opslag, branch.verdeling
    stand = _stand(opslag, verdeling)
    huishoudens = stand.aangenomen.huishoudens
    gemeente_nu = huishoudens["gemeentecode"].map(stand.bestemming)
    rijen = 0
    for gemeente in verdeling.gemeenten:
        bsns = huishoudens["bsn"][gemeente_nu == gemeente]
        lijst = lijst_csv(bsns, gemeente)
        _controleer(opslag, verdeling, gemeente, lijst, len(bsns))
        opslag.bestanden.write(_key(verdeling, gemeente), lijst)
        rijen += len(bsns)
    return {"lijsten": len(verdeling.gemeenten), "rijen": rijen}


def publiceer_lijsten(branch: ListBranch) -> dict[str, Any]:
    """Make the lists visible, one publication per gemeente, and remove the intermediates (besluiten B55, B56).

    Repeated within a run it publishes what was not published yet. A list of this levering that holds the same as the
    current version is not published anew.

    Raises:
        GegevensFout: the organisation may not have these lists (any more), or they were not made.
        ControleFout: the control totals do not add up.
    """
    opslag, verdeling = branch.opslag, branch.verdeling
    stand = _stand(opslag, verdeling)
    organisatie = _bevoegd(opslag, verdeling)
    eigen = {publicatie.gemeentecode for publicatie in _eigen(stand, verdeling)}
    nieuw = 0
    for gemeente in verdeling.gemeenten:
        sleutel = _key(verdeling, gemeente)
        gedaan = gemeente in eigen and not opslag.bestanden.exists(sleutel)
        # Another run may have published it, while this one waited to be resumed.
        if gedaan or not (
            gemeente in eigen or stand.is_nodig(gemeente, organisatie, opnieuw=verdeling.opnieuw)
        ):
            continue
        lijst = _lees(opslag, verdeling, sleutel)
        rijen = lijst.count(b"\n") - 1
        uitkomst = publish(
            opslag.database,
            opslag.bestanden,
            organisatie=organisatie,
            levering=stand.levering,
            uitvoer=[TePubliceren(LIJST, bestandsnaam(gemeente), lijst, rijen)],
            manifest=_manifest(opslag, verdeling, stand, gemeente, rijen).als_dict(),
            verwerking=verdeling.kenmerk,
            nu=opslag.klok(),
            gemeentecode=gemeente,
        )
        nieuw += uitkomst.nieuw
        if uitkomst.publicatie.verwerking != verdeling.kenmerk:
            log.info(
                "%s, gemeente %s: same content as version %d of %s: nothing new is published",
                *(verdeling.betreft, gemeente, uitkomst.publicatie.versie),
                day_of(uitkomst.publicatie.gepubliceerd_op),
            )
    remove_intermediates(
        opslag.database,
        opslag.bestanden,
        verdeling.kenmerk,
        nu=opslag.klok(),
        product=Product.ALLEENVERDIENERS,
    )
    veranker(opslag)
    gepubliceerd = _gepubliceerd(opslag, verdeling)
    return {
        "nieuw": nieuw,
        "lijsten": len(gepubliceerd),
        "rijen": sum(publicatie.bestand(LIJST).rijen or 0 for publicatie in gepubliceerd),
    }


def meld_lijsten(branch: ListBranch) -> dict[str, int]:
    """Mail the productbeheerders once about all the lists that this verdeling published (besluit B54).

    Of a list that did not change nobody is mailed, but for who was not reached when it was published.

    Raises:
        MailFout: the mail server refused; the publication stands.
    """
    opslag, verdeling = branch.opslag, branch.verdeling
    gepubliceerd = _gepubliceerd(opslag, verdeling)
    if not gepubliceerd:  # another run was first, and told of it
        return {"verzonden": 0, "nu_verzonden": 0, "onzeker": 0}
    return notificeer(
        opslag,
        [publicatie.id for publicatie in gepubliceerd],
        product=Product.ALLEENVERDIENERS,
        periode=verdeling.levering,
        organisatie=verdeling.organisatie,
        verwijderen_op=min(publicatie.verwijderen_op for publicatie in gepubliceerd),
        bezorg=branch.bezorg,
        rapporten_per_publicatie=1,
    )


def verantwoord(opslag: Opslag, run: str, namen: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Account for every row of the leveringen that are open, and of those with these names.

    Returns:
        Per levering its ``status``, ``gelezen`` (the rows that came in), where those went (see
        ``Stand.tellingen``; a rejected levering has them all under ``afgewezen``), ``lijsten`` and
        ``organisaties`` of this run, under ``zonder_aanmelding`` the gemeenten whose rows are held back, and under
        ``niemand_bericht`` the organisations whose lists of this run nobody is told of.

    Raises:
        GegevensFout: a levering would be judged differently now; it says what to do.
        ControleFout: a row is not accounted for.
    """
    gevonden = {levering.id: levering for levering in open_leveringen(opslag)}
    for naam in namen:
        if levering := laatste_levering(opslag, naam):
            gevonden[levering.id] = levering
    return [_samenvatting(opslag, run, levering) for levering in gevonden.values()]


def vervallen_gemeenten(opslag: Opslag) -> dict[str, list[str]]:
    """Return the registered organisations that serve a gemeente which no longer exists, with those codes."""
    bestaand = actieve_gemeenten(opslag.vandaag)
    with opslag.database.reading() as sessie:
        deelnemers = find_aangemeld(sessie, Product.ALLEENVERDIENERS, opslag.vandaag)
    per_naam = {wie.naam: [code for code in wie.gemeentecodes if code not in bestaand] for wie in deelnemers}
    return {naam: codes for naam, codes in per_naam.items() if codes}


def _key(verdeling: Verdeling, gemeente: str) -> str:
    """The storage key of a list that is not published yet."""
    return intermediate_key(verdeling.kenmerk, bestandsnaam(gemeente), Product.ALLEENVERDIENERS)


def bestandsnaam(gemeente: str) -> str:
    """Return what the list of a gemeente is called."""
    return f"alleenverdieners-{gemeente}.csv"


def _samenvatting(opslag: Opslag, run: str, levering: Levering) -> dict[str, Any]:
    feiten = {"levering": levering.kenmerk, "status": str(levering.status), "gelezen": levering.rijen_gelezen}
    if not is_bruikbaar(levering):
        geen = dict.fromkeys(("gepubliceerd", "te_publiceren", "aangehouden", "dubbel"), 0)
        return feiten | geen | {"afgewezen": levering.rijen_afgewezen or 0, "lijsten": 0, "organisaties": 0}
    stand = bepaal_stand(opslag, levering)
    nu = [publicatie for publicatie in stand.publicaties if publicatie.verwerking.startswith(f"{run}/")]
    with opslag.database.reading() as sessie:
        niemand_bericht = untold(sessie, nu)
    return (
        feiten
        | stand.tellingen()
        | {
            "heringedeeld": sum(stand.aangenomen.heringedeeld.values()),
            "lijsten": len({(publicatie.organisatie_id, publicatie.gemeentecode) for publicatie in nu}),
            "organisaties": len({publicatie.organisatie_id for publicatie in nu}),
            "zonder_aanmelding": stand.zonder_aanmelding,
            "niemand_bericht": niemand_bericht,
        }
    )


def _stand(opslag: Opslag, verdeling: Verdeling) -> Stand:
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, verdeling.levering_id)
    return bepaal_stand(opslag, levering)


def _eigen(stand: Stand, verdeling: Verdeling) -> list[Publicatie]:
    return [publicatie for publicatie in stand.publicaties if publicatie.verwerking == verdeling.kenmerk]


def _gepubliceerd(opslag: Opslag, verdeling: Verdeling) -> list[Publicatie]:
    """Return what this verdeling published and can be fetched, the last version per gemeente.

    Of a levering that was asked for also what it found published with the same content: the current version.
    """
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, verdeling.levering_id)
        alle = find_publicaties(sessie, levering=levering, ook_vervangen=True)
    per_gemeente: dict[str | None, Publicatie] = {}
    for publicatie in alle:  # newest first
        eigen = publicatie.verwerking == verdeling.kenmerk
        huidig = verdeling.opnieuw and publicatie.vervangen_op is None and _is_van(publicatie, verdeling)
        if eigen or huidig:
            per_gemeente.setdefault(publicatie.gemeentecode, publicatie)
    return list(per_gemeente.values())


def _is_van(publicatie: Publicatie, verdeling: Verdeling) -> bool:
    wie_en_wat = publicatie.organisatie_id == verdeling.organisatie_id
    return wie_en_wat and publicatie.gemeentecode in verdeling.gemeenten


def _bevoegd(opslag: Opslag, verdeling: Verdeling) -> Organisatie:
    """Return the organisation, when today it is registered for all these gemeenten (besluit A3)."""
    with opslag.database.reading() as sessie:
        for organisatie in find_aangemeld(sessie, Product.ALLEENVERDIENERS, opslag.vandaag):
            if organisatie.id == verdeling.organisatie_id and set(verdeling.gemeenten) <= set(
                organisatie.gemeentecodes
            ):
                return organisatie
    raise GegevensFout(
        f"{verdeling.betreft}: its registration for Alleenverdieners, or for one of these gemeenten, ended while the "
        "run went on. Nothing more was published to it; the next run goes by the registrations of that day."
    )


def _controleer(opslag: Opslag, verdeling: Verdeling, gemeente: str, lijst: bytes, rijen: int) -> None:
    """Read a list as a levering would be read: it has the same form (besluit A4)."""
    if rijen == 0:
        goed = lijst == KOPREGEL.encode()
    else:
        terug = beoordeel(lijst, aangekondigd=rijen, peildatum=opslag.vandaag)
        codes = set(terug.huishoudens["gemeentecode"])
        goed = terug.status is LeveringStatus.CORRECT and codes == {gemeente}
    if not goed:
        raise ControleFout(
            f"{verdeling.betreft}: the list of gemeente {gemeente} does not hold the {rijen} rows that it should. "
            "Nothing was published."
        )


def _lees(opslag: Opslag, verdeling: Verdeling, sleutel: str) -> bytes:
    if not opslag.bestanden.exists(sleutel):
        raise GegevensFout(
            f"{verdeling.betreft}: its lists are not there (removed by the retention sweep, or never made). "
            "Clear lijsten_maken of this organisation with everything after it."
        )
    return opslag.bestanden.read(sleutel)


def _manifest(opslag: Opslag, verdeling: Verdeling, stand: Stand, gemeente: str, rijen: int) -> Manifest:
    uit = stand.tellingen()
    verdeeld = uit.pop("gepubliceerd") + uit.pop("te_publiceren")
    levering = stand.levering
    return Manifest(
        product=Product.ALLEENVERDIENERS,
        organisatie=verdeling.organisatie,
        periode=verdeling.levering,
        rapportagedatum=opslag.vandaag,
        codeversie=codeversie(),
        levering=Bestand(levering.bestandsnaam, levering.sha256, levering.rijen_gelezen or 0),
        normen_sha256="",
        instellingen_versie="",
        bronnen=(),
        regels_in=levering.rijen_gelezen or 0,
        regels_uit={"deze_lijst": rijen, "andere_lijsten": verdeeld - rijen} | uit,
        totalen={"gemeentecode": gemeente, "heringedeeld": sum(stand.aangenomen.heringedeeld.values())},
    )
