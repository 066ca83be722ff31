"""Which benefits a report shows: column K of the overzicht, and ``Uitkering`` of the detail (besluit B45)."""

from __future__ import annotations

from datetime import date

import pandas as pd


def te_tonen(uitkeringsvormen: pd.DataFrame, grens: date) -> pd.DataFrame:
    """Return the lines of ``Uitkeringsvormen`` that show: each vorm once per aanvraag, in their own order.

    ``grens`` is :meth:`include.normen.kalender.Ronde.rapportagegrens` of the day of publication: a benefit
    that ended before it is left out, one that ended on it shows, and so does one without an end.
    """
    afgelopen = uitkeringsvormen["einde"] < pd.Timestamp(grens)
    return uitkeringsvormen.loc[~afgelopen, ["aanvraag", "vorm"]].drop_duplicates()
