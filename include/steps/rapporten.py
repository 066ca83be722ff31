"""From outcome to reports: written, read back and compared before anybody can see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from include.bronnen import snapshot
from include.pipeline import BIJZONDERE_BIJSTAND
from include.rapportage.controle import controleer
from include.rapportage.manifest import Momentopname
from include.rapportage.opzoeken import maak_index
from include.rapportage.rapporten import schrijf_rapporten
from include.rapportage.uitleg import schrijf_feiten
from include.schemas.uitkomst import NIET_GETOETST, Uitkomst
from include.steps.branch import Branch, Toetsing

OVERZICHT, DETAIL, INDEX, UITLEG = "overzicht.csv", "detail.xml", "detail.index", "uitleg.arrow"
RAPPORTEN = (OVERZICHT, DETAIL)
"""What the municipality fetches; the index serves the look-up by BSN, and the uitleg what is told of it."""
NORMGRENZEN = (100, 110, 120, 130, 150)
"""The percentages of the norm within which a municipality asks how many incomes fall."""
RAPPORT = "rapport.json"
"""Facts about the reports. Written last: without it nothing can be published, so what was cut short never is."""


class Rapportfeiten(TypedDict):
    """What publishing must know of reports that are ready."""

    rapportagedatum: str
    geldig_tot: str
    """The last day on which they can be published as they are but for their date: then an uitkering stops showing."""
    datum_op: int
    """Where in the detailrapportage the rapportagedatum stands, in bytes."""
    inhoud_sha256: str
    """One hash over both, the same after every rerun with the same inputs (besluit B7)."""
    rijen: int
    totalen: dict[str, Any]
    normen: str
    bronnen: list[dict[str, Any]]


def maak_rapporten(branch: Branch) -> dict[str, Any]:
    """Write both reports, read them back and compare them (besluiten B44-B53).

    Memory is bounded by the largest part that was tested.

    Raises:
        ControleFout: the reports contradict each other or the accepted rows; nothing may be published.
    """
    toetsing, kop = branch.toetsing, branch.kop
    werk = toetsing.werk
    werk.remove(RAPPORT)
    with werk.writer(OVERZICHT) as overzicht, werk.writer(DETAIL) as detail:
        geschreven, rapport = schrijf_rapporten(_uitkomsten(toetsing), kop, branch.tevens, overzicht, detail)
    with werk.reader(OVERZICHT) as overzicht, werk.reader(DETAIL) as detail:
        totalen = controleer(overzicht, detail, len(toetsing.aanvragen))
    werk.write(INDEX, maak_index(toetsing.aanvragen["bsn"].to_numpy(), rapport.plaatsen))
    with werk.writer(UITLEG) as uitleg:
        schrijf_feiten(uitleg, (deel.antwoord("uitleg") for deel in toetsing.delen()))
    binnen = inkomen_binnen(_uitkomsten(toetsing))
    feiten = Rapportfeiten(
        rapportagedatum=kop.rapportagedatum.isoformat(),
        geldig_tot=_geldig_tot(toetsing, kop.grens).isoformat(),
        datum_op=rapport.datum_op,
        inhoud_sha256=hashlib.sha256((geschreven.inhoud_sha256 + rapport.inhoud_sha256).encode()).hexdigest(),
        rijen=geschreven.rijen,
        totalen=asdict(totalen) | {"inkomen_binnen": binnen},
        normen=toetsing.normen.herkomst,
        bronnen=[asdict(momentopname) for momentopname in _momentopnamen(toetsing)],
    )
    werk.write(RAPPORT, json.dumps(feiten).encode())
    return {"rijen": geschreven.rijen, "totalen": asdict(totalen)}


def oordelen(branch: Branch) -> dict[str, dict[str, int]]:
    """Return per test the number of J, N and Niet getoetst in the reports that are ready. Raises GegevensFout."""
    totalen: dict[str, dict[str, int]] = lees_feiten(branch)["totalen"]["oordelen"]
    return totalen


def lees_feiten(branch: Branch) -> Rapportfeiten:
    """Return what ``maak_rapporten`` left about the reports. Raises GegevensFout when there are none."""
    feiten: Rapportfeiten = json.loads(branch.toetsing.werk.read(RAPPORT))
    return feiten


def inkomen_binnen(uitkomsten: Iterable[Uitkomst]) -> dict[str, int]:
    """Return how many tested incomes fall in each band of percentages of the norm (manual 3.3.1).

    ``tot 110`` counts those from the limit before it (100 %) up to but not including 110 % of the norm; without income
    (0 or less) they stand apart, for those are a belemmering for another reason (besluit B33).
    """
    telling = dict.fromkeys(("geen", *(f"tot {grens}" for grens in NORMGRENZEN), "daarboven"), 0)
    for uitkomst in uitkomsten:
        regels = uitkomst.uitkomsten
        getoetst = (regels["inkomen"] != NIET_GETOETST).to_numpy()
        totaal, norm = (regels[kolom].to_numpy()[getoetst] for kolom in ("totaal", "norm"))
        band = sum(100 * totaal >= grens * norm for grens in NORMGRENZEN) + 1
        band = np.where(totaal <= 0, 0, band)
        for naam, aantal in zip(telling, np.bincount(band, minlength=len(telling)), strict=True):
            telling[naam] += int(aantal)
    return telling


def _uitkomsten(toetsing: Toetsing) -> Iterator[Uitkomst]:
    return (deel.uitkomst for deel in toetsing.delen())


def _geldig_tot(toetsing: Toetsing, grens: date) -> date:
    """Return the first end of an uitkering that shows: published after it, the report would leave that one out."""
    eerste = date.max
    for uitkomst in _uitkomsten(toetsing):
        einden = uitkomst.uitkeringsvormen["einde"].dropna()
        getoond = einden[einden >= pd.Timestamp(grens)]
        eerste = min(eerste, getoond.min().date()) if len(getoond) else eerste
    return eerste


def _momentopnamen(toetsing: Toetsing) -> Iterator[Momentopname]:
    """Yield what every source answered about all parts; the hash is over their snapshots, one behind the other."""
    vragen = (
        vraag for step in BIJZONDERE_BIJSTAND.branch_steps if step.source for vraag in step.source.questions
    )
    for vraag in vragen:
        gevraagd = rijen = 0
        som = hashlib.sha256()
        for deel in toetsing.delen():
            tabel = deel.antwoord(vraag.naam)
            gevraagd += int(snapshot.kenmerken(tabel)["gevraagd"])
            rijen += tabel.num_rows
            som.update(snapshot.naar_bytes(tabel))
        yield Momentopname(vraag.naam, gevraagd, rijen, rijen, som.hexdigest())
