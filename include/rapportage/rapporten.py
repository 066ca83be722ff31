"""Both reports on one vraagbestand, written from the same cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

import pandas as pd

from include.rapportage.deel import AANVRAGEN_PER_DEEL, delen
from include.rapportage.detail import Detail, Detailrapport
from include.rapportage.geschreven import Geschreven
from include.rapportage.kop import Kop
from include.rapportage.overzicht import Overzicht
from include.schemas.uitkomst import Uitkomst


class Rapporten(NamedTuple):
    """Both reports as written."""

    overzicht: Geschreven
    detail: Detailrapport


def schrijf_rapporten(
    uitkomsten: Iterable[Uitkomst],
    kop: Kop,
    tevens: pd.DataFrame,
    overzicht: BinaryIO,
    detail: BinaryIO,
    *,
    per_deel: int = AANVRAGEN_PER_DEEL,
) -> Rapporten:
    """Write both reports; ``tevens`` has columns ``aanvraag`` and ``gemeente`` (besluit B52).

    ``uitkomsten`` follow each other in report order and are read one at a time. Memory is bounded by the largest of
    them and by ``per_deel`` aanvragen; neither changes a byte.
    """
    csv, xml = Overzicht(overzicht), Detail(detail, kop, tevens)
    for deel in delen(uitkomsten, kop, per_deel):
        csv.schrijf(deel)
        xml.schrijf(deel)
    return Rapporten(csv.klaar(), xml.klaar())
