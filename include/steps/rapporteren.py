"""From outcome to reports: written, read back and compared before anybody can see them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import pandas as pd

from include.normen.gemeenten import gemeentenaam
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.rapportage.controle import Totalen, controleer
from include.rapportage.deel import AANVRAGEN_PER_DEEL, delen
from include.rapportage.detail import Detail, Detailrapport
from include.rapportage.geschreven import Geschreven
from include.rapportage.kop import Kop
from include.rapportage.overzicht import Overzicht
from include.schemas.uitkomst import Uitkomst
from include.storage.models import Levering
from include.storage.moments import dag_van

TEVENS_KOLOMMEN = ("aanvraag", "gemeente")


@dataclass(frozen=True)
class Rapporten:
    """Both reports as written."""

    overzicht: Geschreven
    detail: Detailrapport

    @property
    def inhoud_sha256(self) -> str:
        """One hash over both, the same after every rerun with the same inputs (besluit B7)."""
        samen = self.overzicht.inhoud_sha256 + self.detail.inhoud_sha256
        return hashlib.sha256(samen.encode()).hexdigest()


def maak_kop(
    levering: Levering, organisatie: str, ronde: Ronde, normen: Toetsnormen, rapportagedatum: date
) -> Kop:
    """Return the heading of the reports on a delivery."""
    return Kop(
        aanleverende_organisatie=organisatie,
        bestandsnaam=levering.bestandsnaam,
        aanleverdatum=dag_van(levering.ontvangen_op),
        rapportagedatum=rapportagedatum,
        ronde=ronde,
        normvariant=normen.normvariant,
    )


def schrijf_rapporten(
    uitkomsten: Iterable[Uitkomst],
    kop: Kop,
    tevens: pd.DataFrame,
    overzicht: BinaryIO,
    detail: BinaryIO,
    *,
    per_deel: int = AANVRAGEN_PER_DEEL,
) -> Rapporten:
    """Write both reports from the same cells; ``tevens`` has columns ``aanvraag`` and ``gemeente`` (B52).

    ``uitkomsten`` follow each other in report order and are read one at a time. Memory is bounded by the largest of
    them and by ``per_deel`` aanvragen; neither changes a byte.
    """
    csv, xml = Overzicht(overzicht), Detail(detail, kop, tevens)
    for deel in delen(uitkomsten, kop, per_deel):
        csv.schrijf(deel)
        xml.schrijf(deel)
    return Rapporten(csv.klaar(), xml.klaar())


def controleer_rapporten(overzicht: BinaryIO, detail: BinaryIO, aangenomen: int) -> Totalen:
    """Read both reports back, validate and compare them. Raises ControleFout: nothing may be published."""
    return controleer(overzicht, detail, aangenomen)


def niemand_tevens() -> pd.DataFrame:
    """Return the ``tevens`` of a delivery that shares no aanvrager with another organisation."""
    return pd.DataFrame({"aanvraag": pd.Series([], dtype="int64"), "gemeente": pd.Series([], dtype="str")})


def tevens_aangeleverd(aanvragers: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Find who was delivered by more than one organisation of the ronde (besluit B52).

    Args:
        aanvragers: per organisation ``bsn`` and ``gsd_code`` of its counted delivery, in report order.

    Returns:
        Per organisation a frame with columns ``aanvraag`` (position) and ``gemeente``: the name of each gemeente for
        which others delivered that aanvrager, once.
    """
    alle = pd.concat(
        [
            rijen[["bsn", "gsd_code"]].assign(aanvraag=range(len(rijen)), organisatie=naam)
            for naam, rijen in aanvragers.items()
        ]
        or [pd.DataFrame({"bsn": [], "gsd_code": [], "aanvraag": [], "organisatie": []})]
    )
    gedeeld = alle[alle["bsn"].duplicated(keep=False)]
    anderen = gedeeld.assign(gemeente=gedeeld["gsd_code"].map(gemeentenaam))
    paren = gedeeld.merge(anderen[["bsn", "organisatie", "gemeente"]], on="bsn", suffixes=("", "_ander"))
    paren = paren[paren["organisatie"] != paren["organisatie_ander"]]
    return {
        str(naam): groep[list(TEVENS_KOLOMMEN)]
        .drop_duplicates()
        .sort_values(list(TEVENS_KOLOMMEN), ignore_index=True)
        for naam, groep in paren.groupby("organisatie")
    }
