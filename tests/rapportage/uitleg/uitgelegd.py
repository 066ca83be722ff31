"""From a population to the explanation of one aanvrager, the way of the pipeline: rules, report, facts, words."""

from __future__ import annotations

import io
from datetime import date

from lxml import etree

from include.rapportage.detail_lezen import NS
from include.rapportage.kop import Kop
from include.rapportage.opzoeken import maak_index, zoek
from include.rapportage.rapporten import schrijf_rapporten
from include.rapportage.uitleg import maak_feiten, schrijf_feiten, uitleg, zoek_feiten
from include.schemas.uitkomst import Uitkomst
from include.steps.tevens import niemand_tevens
from tests.toets.bouw import ANNA, Invoer, Omgeving, Populatie, invoer, toets_invoer


class Gepubliceerd:
    """A population as it was published: both reports and the facts, which is all that an explanation is made of."""

    def __init__(self, populatie: Populatie, omgeving: Omgeving | None = None) -> None:
        gegeven, huishoudens = invoer(populatie, omgeving)
        self.uitkomst = toets_invoer(gegeven, huishoudens)
        self.csv, self._xml = io.BytesIO(), io.BytesIO()
        rapporten = schrijf_rapporten([self.uitkomst], _kop(gegeven), niemand_tevens(), self.csv, self._xml)
        self._index = maak_index(self.uitkomst.uitkomsten["bsn"].to_numpy(), rapporten.detail.plaatsen)
        self.feiten = feitenbestand(self.uitkomst, gegeven)

    def aanvraag(self, bsn: int = ANNA) -> etree._Element:
        """Return the Aanvraag of the detail report."""
        self._xml.seek(0)
        gevonden = zoek(self._index, self._xml, bsn)
        assert gevonden is not None
        return gevonden

    def uitleg(self, bsn: int = ANNA, telt_niet_mee: tuple[int, ...] = ()) -> str:
        """Return the explanation; the accounts at these places have TeltMee N, as the report of 1.1 writes it."""
        aanvraag = self.aanvraag(bsn)
        for plaats, rekening in enumerate(aanvraag.iter(f"{NS}Rekening")):
            if rekening.find(f"{NS}TeltMee") is None:
                etree.SubElement(rekening, f"{NS}TeltMee").text = "N" if plaats in telt_niet_mee else "J"
        return uitleg(*zoek_feiten(io.BytesIO(self.feiten), bsn), aanvraag)


def feitenbestand(uitkomst: Uitkomst, gegeven: Invoer) -> bytes:
    uit = io.BytesIO()
    schrijf_feiten(uit, [maak_feiten(uitkomst, gegeven)])
    return uit.getvalue()


def _kop(gegeven: Invoer) -> Kop:
    return Kop(
        aanleverende_organisatie="Groningen",
        bestandsnaam="vraag.csv",
        aanleverdatum=date(2026, 9, 12),
        rapportagedatum=gegeven.ronde.rapportagemaand.eerste_dag,
        ronde=gegeven.ronde,
        normvariant=gegeven.normen.normvariant,
    )
