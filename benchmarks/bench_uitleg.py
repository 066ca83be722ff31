"""The facts of an explanation: what they cost beside the rules and the reports, and how many bytes they take."""

from __future__ import annotations

import io

from benchmarks.bench_rapportage import KOP
from benchmarks.bench_toets import ALLES_AAN, RONDE, bevolking, meet
from include.normen import laden
from include.rapportage.opzoeken import maak_index, zoek
from include.rapportage.rapporten import schrijf_rapporten
from include.rapportage.uitleg import maak_feiten, schrijf_feiten, uitleg, zoek_feiten
from include.steps.tevens import niemand_tevens
from include.toets.huishouden import leid_huishoudens_af
from include.toets.toelichting import Invoer
from include.toets.toetsen import toets

AANTAL = 100_000
AIM_BYTES = 150


def main(aantal: int = AANTAL) -> None:
    """Print seconds of processor time per stage, bytes a household, and the time to explain one aanvrager."""
    ronde = laden.ronde(RONDE)
    normen = laden.normen_op(ronde.deelnamedatum)
    b = bevolking(aantal)
    gegeven = Invoer(b.aanvragen, b.brp, b.bronnen, ALLES_AAN, ronde, normen)
    huishoudens, afleiden = meet(lambda: leid_huishoudens_af(b.aanvragen, b.brp, normen))
    uitkomst, toetsen = meet(lambda: toets(b.aanvragen, huishoudens, b.bronnen, ALLES_AAN, ronde, normen))
    detail, bestand = io.BytesIO(), io.BytesIO()
    rapporten, rapporteren = meet(
        lambda: schrijf_rapporten([uitkomst], KOP, niemand_tevens(), io.BytesIO(), detail)
    )
    feiten, maken = meet(lambda: maak_feiten(uitkomst, gegeven))
    _, schrijven = meet(lambda: schrijf_feiten(bestand, [feiten]))

    print(f"{aantal:,} households, seconds of processor time:")
    for wat, seconden in (
        ("rules", afleiden.processor + toetsen.processor),
        ("reports", rapporteren.processor),
        ("facts, made", maken.processor),
        ("facts, written", schrijven.processor),
    ):
        print(f"  {wat:20} {seconden:7.2f} s")
    print(f"  {bestand.tell() / aantal:.1f} bytes a household (aim {AIM_BYTES})")

    index = maak_index(uitkomst.uitkomsten["bsn"].to_numpy(), rapporten.detail.plaatsen)
    laatste = int(uitkomst.uitkomsten["bsn"].iloc[-1])
    _, een = meet(lambda: _leg_uit(index, detail, bestand, laatste))
    print(f"  the last aanvrager explained in {een.klok * 1000:.0f} ms")


def _leg_uit(index: bytes, detail: io.BytesIO, bestand: io.BytesIO, bsn: int) -> str:
    detail.seek(0)
    bestand.seek(0)
    aanvraag = zoek(index, detail, bsn)
    assert aanvraag is not None
    return uitleg(*zoek_feiten(bestand, bsn), aanvraag)
