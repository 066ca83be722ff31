"""The reports of one organisation: compared with the ronde before, published, and told of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, BinaryIO, NoReturn

from include.errors import ControleFout, GegevensFout
from include.moments import day_of
from include.rapportage.manifest import Bestand, Manifest, Momentopname
from include.schemas.domein import Product
from include.steps.audit import veranker
from include.steps.code_version import codeversie
from include.steps.notificeren import notificeer
from include.steps.rapporten import (
    DETAIL,
    INDEX,
    OVERZICHT,
    RAPPORT,
    RAPPORTEN,
    UITLEG,
    Rapportfeiten,
    lees_feiten,
    maak_rapporten,
    oordelen,
)
from include.steps.samenvatting import Vergelijking, vergelijk_met_eerder
from include.steps.stored_branch import StoredBranch
from include.storage.bewaartermijn import remove_intermediates
from include.storage.models import Publicatie
from include.storage.publicaties import TePubliceren, publish
from include.storage.rondes import refuse

log = logging.getLogger(__name__)


def vergelijk(branch: StoredBranch) -> Vergelijking:
    """Return what has shifted in the reports that are ready, against an earlier ronde of this organisation.

    Like with like: the last one with the same instellingen.
    """
    wie, instellingen = branch.verwerking, branch.toetsing.instellingen
    return vergelijk_met_eerder(branch.opslag, wie.ronde, wie.organisatie, oordelen(branch), instellingen)


def keur_af(branch: StoredBranch, door: str) -> NoReturn:
    """Enter that a user of Airflow turned the publication down.

    Raises:
        ControleFout: always; says who, why, and what to do.
    """
    reden = str(vergelijk(branch))
    nu = branch.opslag.klok()
    with branch.opslag.database.transaction() as sessie:
        refuse(sessie, branch.verwerking.ronde, branch.organisatie, door=door, reden=reden, nu=nu)
    raise ControleFout(
        f"{branch.verwerking.betreft}: {door} turned the publication down, so nothing of it was published ({reden}). "
        "Mend the cause and start a new run of the ronde. If it was a mistake, clear this task of the organisation "
        "with everything after it, and answer again."
    )


def publiceer_rapporten(branch: StoredBranch) -> dict[str, Any]:
    """Make the reports visible, all at once, and remove the intermediates (besluiten B55, B56).

    Repeated within a run it finishes what was cut short and returns the publication that is there. Reports with the
    same content as the current version are not published: that version stands, and ``ongewijzigd`` says so.
    Rapportagedatum is the day of publication: if the reports were made on an earlier day, it is filled in here.

    Raises:
        ControleFout: the control totals do not add up; nothing was published.
        OpslagFout: as of publishing; or an intermediate could not be removed: the publication stands.
    """
    opslag, publicatie = branch.opslag, branch.gepubliceerd
    klaar = lees_feiten(branch) if branch.werk.exists(RAPPORT) else None
    nieuw = False
    if publicatie is None or (klaar and klaar["inhoud_sha256"] != publicatie.inhoud_sha256):
        publicatie, nieuw = _publiceer(branch, nu := opslag.klok(), _feiten_op(branch, day_of(nu)))
    remove_intermediates(opslag.database, opslag.bestanden, branch.verwerking.kenmerk, nu=opslag.klok())
    veranker(opslag)
    ongewijzigd = publicatie.verwerking != branch.verwerking.kenmerk
    if ongewijzigd:
        log.info(
            "%s: same content as version %d of %s: nothing new is published",
            *(branch.verwerking.betreft, publicatie.versie, day_of(publicatie.gepubliceerd_op)),
        )
    return {
        "publicatie": publicatie.id,
        "versie": publicatie.versie,
        "nieuw": nieuw,
        "ongewijzigd": ongewijzigd,
        "rijen": publicatie.bestand("overzicht").rijen,
        "verwijderen_op": publicatie.verwijderen_op.isoformat(),
    }


def meld_rapporten(branch: StoredBranch) -> dict[str, int]:
    """Mail the productbeheerders about what this verwerking published (besluit B54).

    When it published nothing because nothing changed, they have heard of the version that stands, and nobody is
    mailed: only who was not reached then, because that run was cut short, still is.

    Raises:
        GegevensFout: it came to no publication.
        MailFout: the mail server refused; the publication stands.
    """
    publicatie = branch.gepubliceerd
    if publicatie is None:
        raise GegevensFout(f"{branch.verwerking.betreft}: there is no publication of this run to tell of.")
    return notificeer(
        branch.opslag,
        [publicatie.id],
        product=Product.BIJZONDERE_BIJSTAND,
        periode=branch.verwerking.ronde,
        organisatie=branch.verwerking.organisatie,
        verwijderen_op=publicatie.verwijderen_op,
        bezorg=branch.outside.bezorg,
        rapporten_per_publicatie=len(RAPPORTEN),
    )


def _feiten_op(branch: StoredBranch, dag: date) -> Rapportfeiten:
    """Return the facts about reports that can be published on a day.

    An uitkering that ended since they were made may no longer show (besluit B45): only then they are made anew.
    """
    feiten = lees_feiten(branch)
    if branch.toetsing.ronde.rapportagegrens(dag) > date.fromisoformat(feiten["geldig_tot"]):
        maak_rapporten(branch)
        feiten = lees_feiten(branch)
    return feiten


def _publiceer(branch: StoredBranch, nu: datetime, feiten: Rapportfeiten) -> tuple[Publicatie, bool]:
    rijen = feiten["rijen"]
    with (
        branch.werk.reader(OVERZICHT) as overzicht,
        _met_datum(branch, feiten, day_of(nu)) as detail,
        branch.werk.reader(INDEX) as index,
        branch.werk.reader(UITLEG) as uitleg,
    ):
        return publish(
            branch.opslag.database,
            branch.opslag.bestanden,
            organisatie=branch.organisatie,
            levering=branch.levering,
            uitvoer=[
                TePubliceren("overzicht", OVERZICHT, overzicht, rijen),
                TePubliceren("detail", DETAIL, detail, rijen),
                TePubliceren("index", INDEX, index, rijen),
                TePubliceren("uitleg", UITLEG, uitleg, rijen),
            ],
            manifest=_manifest(branch, feiten, day_of(nu)).als_dict(),
            verwerking=branch.verwerking.kenmerk,
            nu=nu,
            ronde=branch.verwerking.ronde,
            inhoud_sha256=feiten["inhoud_sha256"],
        )


@contextmanager
def _met_datum(branch: StoredBranch, feiten: Rapportfeiten, dag: date) -> Iterator[BinaryIO]:
    """Open the detailrapportage with its rapportagedatum filled in."""
    with branch.werk.reader(DETAIL) as bron:
        if feiten["rapportagedatum"] == dag.isoformat():
            yield bron
        else:
            yield _Ingevuld(bron, feiten["datum_op"], dag.isoformat().encode())  # type: ignore[misc] # it is read


class _Ingevuld:
    """A file to read in order, with other bytes in one place."""

    def __init__(self, bron: BinaryIO, plaats: int, inhoud: bytes) -> None:
        begin = bron.read(plaats + len(inhoud))
        self._begin, self._bron = begin[:plaats] + inhoud, bron

    def read(self, omvang: int = -1) -> bytes:
        """Read on."""
        if self._begin:
            begin, self._begin = self._begin, b""
            return begin
        return self._bron.read(omvang)


def _manifest(branch: StoredBranch, feiten: Rapportfeiten, dag: date) -> Manifest:
    levering = branch.levering
    gelezen, afgewezen = levering.rijen_gelezen or 0, levering.rijen_afgewezen or 0
    return Manifest(
        product=Product.BIJZONDERE_BIJSTAND,
        organisatie=branch.verwerking.organisatie,
        periode=branch.verwerking.ronde,
        rapportagedatum=dag,
        codeversie=codeversie(),
        levering=Bestand(levering.bestandsnaam, levering.sha256, gelezen),
        normen_sha256=feiten["normen"],
        instellingen_versie=str(branch.instellingen_versie),
        bronnen=tuple(Momentopname(**bron) for bron in feiten["bronnen"]),
        regels_in=gelezen,
        regels_uit={"gerapporteerd": feiten["rijen"], "afgewezen": afgewezen},
        totalen=feiten["totalen"],
    )
