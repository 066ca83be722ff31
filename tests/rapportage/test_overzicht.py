from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from datetime import date

import pytest

from include.rapportage.overzicht import KOLOMMEN
from tests.rapportage.hulp import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    KOP,
    MET_ALLES,
    Aanvraag,
    Voertuig,
    met,
    overzicht,
    overzichtsrapport,
)

KOPREGEL = (
    "GSD-code;BRP bevraagd;Aanvrager BSN;Aanvrager Geboortedatum;Aanvrager Naam;Partner BSN;"
    "Partner Geboortedatum;Partner Naam;Leefvorm;Zekerheid leefvorm;Uitkeringen;Belemmering;Inkomen;"
    "Inkomensnorm;Toetspercentage;Toetsbedrag;Reden(bedrag);Reden (percentage);Vermogen;Reden(saldo);"
    "Reden(rente);Huishouden;Reden(en);Kenteken(s)"
)
INKOMEN = met(MET_ALLES, vermogen="N", bank=())
GEEN_PERSOON = Aanvraag(
    persoon_bekend=False,
    naam="",
    geboortedatum="",
    leefvorm="Onbekend",
    zekerheid="Geen",
    huishouden="J",
    meerderjarigen=0,
    inkomen="Niet getoetst",
    norm=0,
    vermogen="Niet getoetst",
    belemmering="J",
    redenen=("Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden",),
)


def cellen(aanvraag: Aanvraag) -> dict[str, str]:
    _, regel = csv.reader(io.StringIO(overzicht(aanvraag).decode("utf-8-sig"), newline=""), delimiter=";")
    return dict(zip(KOLOMMEN, regel, strict=True))


@pytest.mark.parametrize(
    ("aanvraag", "regel"),
    [
        pytest.param(
            Aanvraag(),
            "0014;J;999990019;19800317;Meer;;;;Alleenstaand;Hoog;;N;N;;120;;;;N;;;N;;",
            id="nothing found: of the amounts only the percentage that was tested with (B46)",
        ),
        pytest.param(
            MET_ALLES,
            "0014;J;999990019;19800317;van der Meer;999990020;19791100;'t Hart & Zn;Gehuwd/samenwonend;Hoog;"
            "ANW / AOW;J;J;1893;110;2082;2501;132;J;15300;-1;N;"
            "Geen gegevens bekend bij Belastingdienst | 4 bewoners, waarvan 3 meerderjarig;X999XX, 9ABC01",
            id="everything found",
        ),
        pytest.param(
            GEEN_PERSOON,
            "0014;J;999990019;;;;;;Onbekend;Geen;;J;Niet getoetst;;;;;;Niet getoetst;;;J;"
            "Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden;",
            id="nobody found: no name, no date, nothing tested",
        ),
        pytest.param(
            Aanvraag(
                bsn=12345672,
                gsd_code="0003",
                brp_bevraagd=False,
                zekerheid="Geen",
                huishouden="Niet getoetst",
            ),
            "0003;N;012345672;19800317;Meer;;;;Alleenstaand;Geen;;N;N;;120;;;;N;;;Niet getoetst;;",
            id="BRP not asked; a BSN with a leading zero",
        ),
    ],
)
def test_line(aanvraag: Aanvraag, regel: str) -> None:
    assert overzicht(aanvraag) == b"\xef\xbb\xbf" + f"{KOPREGEL}\r\n{regel}\r\n".encode()


def test_without_lines_there_is_the_header() -> None:
    assert overzicht() == b"\xef\xbb\xbf" + f"{KOPREGEL}\r\n".encode()


@pytest.mark.parametrize(
    ("geboortedatum", "cel"),
    [
        ("1980-03-17", "19800317"),
        ("1980-03", "19800300"),
        ("1980", "19800000"),
        ("", "00000000"),  # the person is known, the date is not
    ],
)
def test_dates(geboortedatum: str, cel: str) -> None:
    rij = cellen(met(MET_ALLES, geboortedatum=geboortedatum, partner_geboortedatum=geboortedatum))
    assert (rij["Aanvrager Geboortedatum"], rij["Partner Geboortedatum"]) == (cel, cel)


@pytest.mark.parametrize(
    ("centen", "euros"),
    [
        (0, "0"),
        (49, "0"),
        (50, "1"),
        (149, "1"),
        (150, "2"),
        (-49, "0"),  # never -0
        (-50, "-1"),
        (-149, "-1"),
        (-150, "-2"),
        (123_456_789_050, "1234567891"),
    ],
)
def test_whole_euros_half_away_from_zero(centen: int, euros: str) -> None:
    rij = cellen(met(MET_ALLES, totaal=centen, saldo=centen, rente=centen))
    assert (rij["Reden(bedrag)"], rij["Reden(saldo)"], rij["Reden(rente)"]) == (euros, euros, euros)


@pytest.mark.parametrize(
    ("norm", "percentage", "totaal", "toetsbedrag", "van_norm"),
    [
        (132_508, 120, 0, "1590", "0"),  # 1590.096
        (
            100_050,
            101,
            100_050,
            "1011",
            "100",
        ),  # 1010.505, of which rounding to cents first would make no less
        (100_049, 100, 100_549, "1000", "100"),  # 1000.49: not 1001, as rounding to 1000.5 first would give
        (20_000, 150, 20_100, "300", "101"),  # 100.5 %
        (20_000, 150, -20_100, "300", "-101"),
        (20_000, 150, -99, "300", "0"),  # -0.495 %
        (189_297, 125, 10_000_000, "2366", "5283"),  # 2366.2125; 5282.70 %
    ],
)
def test_toetsbedrag_and_percentage_are_rounded_only_at_the_end(
    norm: int, percentage: int, totaal: int, toetsbedrag: str, van_norm: str
) -> None:
    rij = cellen(met(MET_ALLES, norm=norm, percentage=percentage, totaal=totaal))
    assert (rij["Toetsbedrag"], rij["Reden (percentage)"]) == (toetsbedrag, van_norm)


@pytest.mark.parametrize(
    ("inkomen", "vermogen", "rekeningen", "gevuld"),
    [
        (
            "J",
            "N",
            1,
            {"Inkomensnorm", "Toetspercentage", "Toetsbedrag", "Reden(bedrag)", "Reden (percentage)"},
        ),
        ("N", "N", 1, {"Toetspercentage"}),
        ("Niet getoetst", "N", 1, set()),
        ("Niet getoetst", "J", 1, {"Reden(saldo)", "Reden(rente)"}),
        ("Niet getoetst", "J", 0, set()),  # J by a failed verification, no account known
        ("Niet getoetst", "Niet getoetst", 1, set()),
    ],
)
def test_what_is_empty(inkomen: str, vermogen: str, rekeningen: int, gevuld: set[str]) -> None:
    rij = cellen(
        met(MET_ALLES, inkomen=inkomen, inkomsten=(), kortingen=(), vermogen=vermogen, rekeningen=rekeningen)
    )
    bedragen = {*KOLOMMEN[13:18], *KOLOMMEN[19:21]}
    assert {kolom for kolom in bedragen if rij[kolom]} == gevuld


@pytest.mark.parametrize(
    ("naam", "cel"),
    [
        ("=1+1", "'=1+1"),
        ("+31", "'+31"),
        ("-Jansen", "'-Jansen"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tJansen", "'\tJansen"),
        ("\rJansen", '"\'\rJansen"'),
        ("Jansen-de Vries", "Jansen-de Vries"),
        ("'t Hart", "'t Hart"),
        ("d’Arc", "d’Arc"),
        ("Jansen; de Vries", '"Jansen; de Vries"'),
        ('Jansen "de" Vries', '"Jansen ""de"" Vries"'),
        ("=Jansen;", '"\'=Jansen;"'),
        ("Jansen\nde Vries", '"Jansen\nde Vries"'),
        ("Çelik-Ōe", "Çelik-Ōe"),
        ("Jan\0sen\x1b", "Jan\ufffdsen\ufffd"),
        ("＝1+1", "'＝1+1"),
        ("＋31", "'＋31"),
        ("－Jansen", "'－Jansen"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("Jan＝sen", "Jan＝sen"),
        ("Jan\u202esen\u061c", "Jan\ufffdsen\ufffd"),
        ("\u2066=1", "\ufffd=1"),
    ],
)
def test_names_survive_and_never_run(naam: str, cel: str) -> None:
    regel = overzicht(met(MET_ALLES, naam=naam, partner_naam=naam)).decode("utf-8-sig").split("\r\n", 1)[1]
    assert regel.startswith(f"0014;J;999990019;19800317;{cel};999990020;19791100;{cel};Gehuwd")


def test_reasons_and_kentekens_never_run_but_amounts_keep_their_minus() -> None:
    rij = cellen(met(MET_ALLES, redenen=("=1", "=2"), voertuigen=(Voertuig(kenteken="@1"),), totaal=-500))
    assert (rij["Reden(en)"], rij["Kenteken(s)"], rij["Reden(bedrag)"]) == ("'=1 | =2", "'@1", "-5")


def test_lines_keep_the_order_of_the_outcome_however_they_are_cut() -> None:
    vier = (
        met(MET_ALLES, bsn=BRAM),
        Aanvraag(bsn=DIRK),
        met(MET_ALLES, bsn=ANNA, gsd_code="0034", voertuigen=()),
        met(MET_ALLES, bsn=CARLA, gsd_code="0034", redenen=("alleen deze",)),
    )
    heel = overzicht(*vier)
    assert heel.decode().splitlines()[1:] == [
        overzicht(aanvraag).decode().splitlines()[1] for aanvraag in vier
    ]
    assert [overzicht(*vier, per_deel=aantal) for aantal in (1, 2, 3)] == [heel] * 3


def test_says_what_it_wrote() -> None:
    csv_uit, geschreven = overzichtsrapport(MET_ALLES, Aanvraag(bsn=BRAM))
    som = hashlib.sha256(csv_uit).hexdigest()
    assert (geschreven.rijen, geschreven.omvang) == (2, len(csv_uit))
    assert (geschreven.sha256, geschreven.inhoud_sha256) == (som, som)


@pytest.mark.parametrize(
    ("rapportagedatum", "uitkeringen"),
    [
        (date(2026, 10, 5), "IOAW / AIO"),  # IOAW ended on that day, PW the day before
        (date(2026, 10, 6), "AIO"),
        (date(2026, 11, 15), "AIO"),  # after the rapportagemaand its last day counts: AIO ended on it
        (date(2026, 10, 1), "PW / IOAW / AIO"),
    ],
)
def test_benefits_that_ended_before_the_rapportagedatum_are_left_out(
    rapportagedatum: date, uitkeringen: str
) -> None:
    aanvraag = Aanvraag(
        inkomen="Niet getoetst",
        uitkeringen=(
            ("PW", date(2026, 10, 4)),
            ("IOAW", date(2026, 10, 5)),
            ("AIO", date(2026, 10, 31)),
        ),
    )
    regel = overzicht(aanvraag, kop=replace(KOP, rapportagedatum=rapportagedatum)).decode().splitlines()[1]
    assert regel.split(";")[10] == uitkeringen


def test_a_benefit_of_both_partners_shows_once_also_when_one_of_them_ended() -> None:
    rij = cellen(
        met(INKOMEN, uitkeringen=(("PW", date(2026, 9, 30)), ("PW", None), ("PW", None), ("AOW", None)))
    )
    assert rij["Uitkeringen"] == "PW / AOW"
