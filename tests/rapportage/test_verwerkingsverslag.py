"""The verwerkingsverslag as a municipality opens it: a CSV for the errors, a JSON for the summary."""

import csv
import datetime as dt
import io
import json

import pytest

from include.intake.valideren import Intake, beoordeel
from include.rapportage import verwerkingsverslag
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json

KOP = "\ufeffRegel;Kolom;Veld;Foutcode;Omschrijving;Waarde\r\n"
GOED = "0014;J;;999990019;;;;;;"


def lever(tekst: str | bytes) -> Intake:
    return beoordeel(
        tekst if isinstance(tekst, bytes) else tekst.encode(),
        deelnamedatum=dt.date(2026, 9, 26),
        gemeentecodes={"0014"},
        actieve_gemeenten={"0014", "0034"},
    )


def test_a_correct_delivery_has_only_the_header():
    assert verslag_csv(lever(GOED)) == KOP.encode()


def test_byte_for_byte():
    intake = lever(f"GSD;BRP\n\n{GOED}\n34;J;110%;{999990018};;;;;;\n0014;J\n")
    assert verslag_csv(intake).decode() == KOP + (
        "1;*;Rij;V011;Dit is een kopregel met kolomnamen: verwijder deze, want het vraagbestand begint met de eerste"
        ' aanvrager.;"GSD;BRP"\r\n'
        "4;A;GSD-code;V024;Deze gemeente hoort niet bij uw organisatie: lever alleen aanvragers aan van gemeenten"
        " waarvoor u werkt.;34\r\n"
        "4;C;Normpercentage;V041;Het normpercentage is geen heel getal van 100 tot en met 150: vul 3 cijfers in"
        " zonder komma of procentteken, of maak de cel leeg.;110%\r\n"
        "4;D;Aanvrager BSN;V053;Het BSN van de aanvrager voldoet niet aan de elfproef: controleer of alle cijfers"
        " goed zijn overgenomen.;999990018\r\n"
        "5;*;Rij;V012;Deze rij heeft minder dan 4 kolommen, of is voorbij kolom J gevuld: lever de kolommen A tot en"
        ' met J mee, ook de lege, en geen andere.;"0014;J"\r\n'
    )


def test_a_file_as_a_whole_stands_on_line_0():
    verslag = verslag_csv(lever(b"")).decode()
    assert verslag == KOP + (
        "0;*;Bestand;V001;Het bestand is leeg: lever een bestand met minstens één aanvrager aan.;\r\n"
    )


@pytest.mark.parametrize(
    ("waarde", "cel"),
    [
        ("=1+1", "'=1+1"),
        ("+31", "+31"),
        ("-1", "-1"),
        ("-1,5%", "-1,5%"),
        ("-", "-"),
        ("-1+1", "'-1+1"),
        ("+A1", "'+A1"),
        ("@SOM(A1)", "'@SOM(A1)"),
        ("=\"a\"&'b'", '"\'=""a""&\'b\'"'),
        ("110%", "110%"),
        ("1=1", "1=1"),
        ("'=1", "'=1"),
        ("a;b", '"a;b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("=a\r\nb", '"\'=a\nb"'),
        ("é€", "é€"),
        ("＝1+1", "'＝1+1"),
        ("＠SOM(A1)", "'＠SOM(A1)"),
        ("a\u202eb\u2069c", "a\ufffdb\ufffdc"),
    ],
)
def test_a_value_is_quoted_where_needed_and_never_run_as_a_formula(waarde, cel):
    aangehaald = '"' + waarde.replace('"', '""') + '"'
    verslag = verslag_csv(lever(f"{GOED}\n0014;J;{aangehaald};999990020;;;;;;\n")).decode()
    assert verslag.partition(KOP)[2].split(";", 5)[5] == f"{cel}\r\n"


def test_parts_do_not_change_a_byte(monkeypatch):
    intake = lever(GOED + "\n" + "0034;x;99;999990018;;;;;;\n=;\n" * 5)
    geheel = verslag_csv(intake)
    monkeypatch.setattr(verwerkingsverslag, "FOUTEN_PER_DEEL", 3)
    assert verslag_csv(intake) == geheel
    rijen = list(csv.reader(io.StringIO(geheel.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [rij[0] + rij[1] for rij in rijen[1:6]] == ["2A", "2B", "2C", "2D", "3*"]
    assert len(rijen) == 1 + 5 * 5


def test_summary():
    feiten = {"bestandsnaam": "september.csv", "sha256": "ab12", "vervangt": ["augustus.csv"]}
    inhoud = f"{GOED}\n\n{GOED}\n0034;x;;999990020;;;;;;\n0014;x;;999990032;;;;;;\n".encode("utf-8-sig")
    assert json.loads(verslag_json(lever(inhoud), feiten)) == {
        "bestandsnaam": "september.csv",
        "sha256": "ab12",
        "vervangt": ["augustus.csv"],
        "status": "deels incorrect",
        "rijen_gelezen": 4,
        "rijen_geaccepteerd": 1,
        "rijen_afgekeurd": 3,
        "rijen_dubbel": 1,
        "lege_regels_overgeslagen": 1,
        "tekenset": "UTF-8 met BOM",
        "scheidingsteken": ";",
        "fouten_per_code": {"V024": 1, "V032": 2, "V054": 1},
    }


def test_summary_of_a_file_that_cannot_be_read():
    samenvatting = json.loads(verslag_json(lever(b"\0")))
    assert samenvatting["status"] == "afgekeurd"
    assert samenvatting["fouten_per_code"] == {"V003": 1}
    assert samenvatting["rijen_gelezen"] == 0
    assert samenvatting["tekenset"] is None


def test_facts_cannot_hide_the_outcome():
    assert json.loads(verslag_json(lever(b""), {"status": "correct"}))["status"] == "afgekeurd"


def test_summary_holds_no_personal_data():
    tekst = verslag_json(lever(f"{GOED}\n0014;N;;999990020;Kanarie7;19771231;3;;;\n")).decode()
    assert not [kanarie for kanarie in ("999990020", "Kanarie", "19771231") if kanarie in tekst]
