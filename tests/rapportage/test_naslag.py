"""Both reports equal, byte for byte, what lxml and the csv module make of the same outcome."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from include.rapportage.controle import controleer
from include.schemas.uitkomst import LEEFVORMEN, ZEKERHEDEN
from tests.rapportage.hulp import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    KOP,
    MET_ALLES,
    Aanvraag,
    Inkomst,
    Korting,
    Rekening,
    Voertuig,
    detail,
    overzicht,
)
from tests.rapportage.naslag import detail_met_lxml, overzicht_met_csv

LASTIG = st.sampled_from("&<>\"';=+-@|/,.\r\n\t\0\x0b\x1f\x7f\x85\u2028\ufffe\uffff\u202e\u2066＝＠ éßǅ́𝄞ab")
TEKST = st.text(LASTIG, max_size=6) | st.sampled_from(["van 't Hart", "]]>", "&amp;", "<!--", "=1+1", "'=1"])
GEVULD = TEKST.filter(bool)
CENTEN = st.integers(-(10**11), 10**11) | st.sampled_from([0, -1, 49, 50, -49, -50, 149, 150, -150])
BSN = st.sampled_from([ANNA, BRAM, CARLA, DIRK])
GEBOORTEDATUM = st.sampled_from(["", "1980", "1980-03", "1980-03-17"])
OORDEEL = st.sampled_from(["J", "N", "Niet getoetst"])
EINDE = st.none() | st.dates(date(2026, 9, 26), date(2026, 10, 31))
VORM = st.sampled_from(["PW", "IOAW", "IOAZ", "AIO"])

INKOMST = st.builds(Inkomst, BSN, TEKST, CENTEN, TEKST, CENTEN)
KORTING = st.builds(Korting, BSN, TEKST, CENTEN)
REKENING = st.builds(Rekening, BSN, CENTEN, CENTEN, TEKST, TEKST, TEKST, st.booleans())
VOERTUIG = st.builds(
    Voertuig, BSN, GEVULD, TEKST, TEKST, TEKST, st.integers(0, 99_999), TEKST, TEKST, TEKST, TEKST, TEKST
)


def enkele(wat: st.SearchStrategy, max_size: int = 3) -> st.SearchStrategy:
    return st.lists(wat, max_size=max_size).map(tuple)


@st.composite
def een_aanvraag(draw: st.DrawFn, plaats: int) -> Aanvraag:
    inkomen, vermogen, partner = draw(OORDEEL), draw(OORDEEL), draw(st.booleans())
    bekend = draw(st.booleans())
    inkomsten = draw(enkele(INKOMST)) if inkomen == "J" else ()
    bank = draw(enkele(REKENING)) if vermogen == "J" else ()
    geteld = [rekening for rekening in bank if rekening.telt]
    return Aanvraag(
        bsn=draw(st.integers(1 + plaats * 10**6, 10**6 + plaats * 10**6)),
        gsd_code="0014" if plaats < 2 else "0034",
        brp_bevraagd=draw(st.booleans()),
        persoon_bekend=bekend,
        naam=draw(TEKST) if bekend else "",
        geboortedatum=draw(GEBOORTEDATUM) if bekend else "",
        partner_bsn=draw(BSN | st.just(0)) if partner else 0,
        partner_naam=draw(TEKST) if partner else "",
        partner_geboortedatum=draw(GEBOORTEDATUM) if partner else "",
        leefvorm=draw(st.sampled_from(LEEFVORMEN)),
        zekerheid=draw(st.sampled_from(ZEKERHEDEN)),
        huishouden=draw(OORDEEL),
        meerderjarigen=draw(st.integers(0, 40)),
        inkomen=inkomen,
        totaal=sum(inkomst.meegeteld for inkomst in inkomsten) if inkomen == "J" else draw(CENTEN),
        norm=draw(st.integers(1, 10**6)),
        percentage=draw(st.integers(100, 150)),
        vermogen=vermogen,
        saldo=sum(rekening.saldo for rekening in geteld) if vermogen == "J" else draw(CENTEN),
        rente=sum(rekening.rente for rekening in geteld) if vermogen == "J" else draw(CENTEN),
        rekeningen=len(geteld),
        belemmering=draw(st.sampled_from("JN")),
        redenen=draw(enkele(GEVULD)),
        uitkeringen=draw(enkele(st.tuples(VORM, EINDE))),
        inkomsten=inkomsten,
        kortingen=draw(enkele(KORTING)) if inkomen == "J" else (),
        bank=bank,
        voertuigen=draw(enkele(VOERTUIG, 2)),
        tevens=draw(st.lists(GEVULD, max_size=3, unique=True).map(tuple)),
    )


AANVRAGEN = st.integers(0, 4).flatmap(lambda aantal: st.tuples(*map(een_aanvraag, range(aantal))))
RUIM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(AANVRAGEN, st.integers(1, 3))
@example((MET_ALLES,), 1)
@example((), 1)
def test_reports_are_what_the_plain_writers_make_and_read_back(
    aanvragen: tuple[Aanvraag, ...], per_deel: int
) -> None:
    csv_uit, xml_uit = overzicht(*aanvragen, per_deel=per_deel), detail(*aanvragen, per_deel=per_deel)

    assert csv_uit == overzicht_met_csv(KOP, *aanvragen)
    verklaring, _, rest = xml_uit.partition(b"\n")
    assert verklaring == b'<?xml version="1.0" encoding="UTF-8"?>'
    assert rest.removesuffix(b"\n") == detail_met_lxml(KOP, *aanvragen)

    tekst = io.StringIO(csv_uit.decode("utf-8-sig"), newline="")
    regels = list(csv.reader(tekst, delimiter=";", strict=True))
    assert [len(regel) for regel in regels] == [24] * (1 + len(aanvragen))
    assert not any(cel.startswith(("=", "+", "@", "\t", "\r")) for regel in regels for cel in regel)
    assert controleer(io.BytesIO(csv_uit), io.BytesIO(xml_uit), len(aanvragen)).rijen == len(aanvragen)
