"""Example rows: what a municipality hands in, and what it reads back. The outcomes are written by hand."""

import datetime as dt

import pytest

from include.intake.valideren import Intake, Status, beoordeel
from include.schemas.controles import CONTROLES

DEELNAMEDATUM = dt.date(2026, 9, 26)
GEMEENTEN = {"0014", "0034", "0363", "0518"}
BEDIEND = {"0014", "0034", "0363"}

VOORAF = "0034;J;;999990032;;;;;;"
"""A valid row that stands above every example, so that the example is on line 2."""


def lever(*regels: str) -> Intake:
    inhoud = "".join(f"{regel}\r\n" for regel in regels).encode()
    return beoordeel(inhoud, deelnamedatum=DEELNAMEDATUM, gemeentecodes=BEDIEND, actieve_gemeenten=GEMEENTEN)


def fouten(intake: Intake) -> list[tuple[int, str, str]]:
    kolommen = (intake.fouten[naam].tolist() for naam in ("regel", "kolom", "foutcode"))
    return list(zip(*kolommen, strict=True))


RIJEN = [
    # BRP bevragen: the least that can be delivered
    ("0014;J;;999990019;;;;;;", ""),
    ("14;j;;999990019;;;;;;", ""),
    ("014;J;110;999990019;;;;;;", ""),
    (" 0014 ; J ;\t;\u00a0999990019\u00a0; ;\u2003;;;; ", ""),
    # GSD-code (B12)
    (";J;;999990019;;;;;;", "A V021"),
    ("4;J;;999990019;;;;;;", "A V022"),
    ("00014;J;;999990019;;;;;;", "A V022"),
    ("0O14;J;;999990019;;;;;;", "A V022"),
    ("٠٠١٤;J;;999990019;;;;;;", "A V022"),
    ("9999;J;;999990019;;;;;;", "A V023"),
    ("0003;J;;999990019;;;;;;", "A V023"),
    ("0518;J;;999990019;;;;;;", "A V024"),
    # BRP bevragen (B13); what depends on it is not judged when it is wrong (B21)
    ("0014;;;999990019;;;;;;", "B V031"),
    ("0014;Y;;999990019;;;;;;", "B V032"),
    ("0014;JA;;999990019;;;;;;", "B V032"),
    ("0014;0;;999990019;x1;19801301;9;1;2;3", "B V032"),
    ("0014;;;999990019;x1;19801301;9;1;2;3", "B V031"),
    # Normpercentage (B14)
    ("0014;J;100;999990019;;;;;;", ""),
    ("0014;J;150;999990019;;;;;;", ""),
    ("0014;J;099;999990019;;;;;;", "C V041"),
    ("0014;J;99;999990019;;;;;;", "C V041"),
    ("0014;J;151;999990019;;;;;;", "C V041"),
    ("0014;J;110,0;999990019;;;;;;", "C V041"),
    ("0014;J;110%;999990019;;;;;;", "C V041"),
    ("0014;J;1100;999990019;;;;;;", "C V041"),
    ("0014;J;-10;999990019;;;;;;", "C V041"),
    # Aanvrager BSN (B15)
    ("0014;J;;99990003;;;;;;", ""),
    ("0014;J;;099990003;;;;;;", ""),
    ("0014;J;;;;;;;;", "D V051"),
    ("0014;J;;9999900;;;;;;", "D V052"),
    ("0014;J;;0999990019;;;;;;", "D V052"),
    ("0014;J;;9999.90.019;;;;;;", "D V052"),
    ("0014;J;;99999001９;;;;;;", "D V052"),
    ("0014;J;;999990018;;;;;;", "D V053"),
    ("0014;J;;999990091;;;;;;", "D V053"),
    ("0014;J;;000000000;;;;;;", "D V053"),
    ("0014;J;;00000000;;;;;;", "D V053"),
    # BRP bevragen J: E to J empty (B16), one error per column
    ("0014;J;;999990019;Jansen;;;;;", "E V061"),
    ("0014;J;;999990019;;19800317;;;;", "F V071"),
    ("0014;J;;999990019;;;3;;;", "G V081"),
    ("0014;J;;999990019;;;;999990020;;", "H V091"),
    ("0014;J;;999990019;;;;;de Vries;", "I V101"),
    ("0014;J;;999990019;;;;;;19810402", "J V111"),
    ("0014;J;;999990019;x1;0;9;1;2;3", "E V061, F V071, G V081, H V091, I V101, J V111"),
    # BRP bevragen N: E, F and G filled (B17)
    ("0014;N;;999990019;Jansen;19800317;3;;;", ""),
    ("0014;n;120;999990019;Jansen;19800317;2;;;", ""),
    ("0014;N;;999990019;;;;;;", "E V062, F V072, G V082"),
    ("0014;N;;999990019;;19800317;3;;;", "E V062"),
    ("0014;N;;999990019;Jansen;;3;;;", "F V072"),
    ("0014;N;;999990019;Jansen;19800317;;;;", "G V082"),
    ("0014;N;;999990019;Jansen;19800317;0;;;", "G V083"),
    ("0014;N;;999990019;Jansen;19800317;4;;;", "G V083"),
    ("0014;N;;999990019;Jansen;19800317;01;;;", "G V083"),
    ("0014;N;;999990019;Jansen;19800317;;999990018;;x", "G V082"),
    ("0014;N;;999990019;Jansen;19800317;4;999990018;;x", "G V083"),
    # Geslachtsnaam (B18)
    ("0014;N;;999990019;van der Meer-'t Hooft;19800317;3;;;", ""),
    ("0014;N;;999990019;d’Arçon ‘t Zand St. Jó;19800317;3;;;", ""),
    ("0014;N;;999990019;Žižek Ÿ́ 王 Ølé;19800317;3;;;", ""),
    ("0014;N;;999990019;Y;19800317;3;;;", ""),
    (f"0014;N;;999990019;{'ë' * 100};19800317;3;;;", ""),
    (f"0014;N;;999990019;{'ë' * 101};19800317;3;;;", "E V063"),
    ("0014;N;;999990019;Jansen2;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;Jan\tsen;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;Jan\u200bsen;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;Jan\u00a0sen;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;Jansen (de);19800317;3;;;", "E V064"),
    ("0014;N;;999990019;-'. ’;19800317;3;;;", "E V064"),
    ('0014;N;;999990019;Jan "de" Boer;19800317;3;;;', "E V064"),
    ('0014;N;;999990019;"Jan;sen";19800317;3;;;', "E V064"),
    # Geboortedatum (B19)
    ("0014;N;;999990019;Jansen;19000101;3;;;", ""),
    ("0014;N;;999990019;Jansen;20000229;3;;;", ""),
    ("0014;N;;999990019;Jansen;20260926;3;;;", ""),
    ("0014;N;;999990019;Jansen;18991231;3;;;", "F V074"),
    ("0014;N;;999990019;Jansen;20260927;3;;;", "F V075"),
    ("0014;N;;999990019;Jansen;19000229;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19810229;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19800431;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19801301;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19800001;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19800100;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;00000101;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;17-03-1980;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;1980317;3;;;", "F V073"),
    # The partner at leefvorm 1 (B15, B17, B18, B19)
    ("0014;N;;999990019;Jansen;19800317;1;999990020;de Vries;19810402", ""),
    ("0014;N;;999990019;Jansen;19800317;1;99990003;de Vries;20260926", ""),
    ("0014;N;;999990019;Jansen;19800317;1;;;", "H V093, I V103, J V113"),
    ("0014;N;;999990019;Jansen;19800317;1;9999900;de Vries;19810402", "H V094"),
    ("0014;N;;999990019;Jansen;19800317;1;999990021;de Vries;19810402", "H V095"),
    ("0014;N;;999990019;Jansen;19800317;1;000000000;de Vries;19810402", "H V095"),
    ("0014;N;;999990019;Jansen;19800317;1;999990019;de Vries;19810402", "H V096"),
    ("0014;N;;99990003;Jansen;19800317;1;099990003;de Vries;19810402", "H V096"),
    ("0014;N;;999990018;Jansen;19800317;1;999990018;de Vries;19810402", "D V053, H V095"),
    (f"0014;N;;999990019;Jansen;19800317;1;999990020;{'a' * 101};19810402", "I V104"),
    ("0014;N;;999990019;Jansen;19800317;1;999990020;Vries3;19810402", "I V105"),
    ("0014;N;;999990019;Jansen;19800317;1;999990020;de Vries;19810229", "J V114"),
    ("0014;N;;999990019;Jansen;19800317;1;999990020;de Vries;18991231", "J V115"),
    ("0014;N;;999990019;Jansen;19800317;1;999990020;de Vries;20260927", "J V116"),
    # No partner at leefvorm 2 and 3 (B17)
    ("0014;N;;999990019;Jansen;19800317;2;999990020;;", "H V092"),
    ("0014;N;;999990019;Jansen;19800317;3;;de Vries;", "I V102"),
    ("0014;N;;999990019;Jansen;19800317;3;;;19810402", "J V112"),
    ("0014;N;;999990019;Jansen;19800317;2;x;9;0", "H V092, I V102, J V112"),
    # Several errors in one row (B21)
    (";x;1;2;;;;;;", "A V021, B V032, C V041, D V052"),
    ("9999;N;5;999990018;J4;19801301;4;;;", "A V023, C V041, D V053, E V064, F V073, G V083"),
    # The same BSN as the row above (B20): on D, also when the row has other errors
    ("0014;J;;999990032;;;;;;", "D V054"),
    ("0014;X;99;999990032;;;;;;", "B V032, C V041, D V054"),
    ("0014;N;99;999990032;x1;19800317;3;;;", "C V041, D V054, E V064"),
    # The number of cells (B21); trailing separators of a spreadsheet are no cells
    ("0014;J;;999990019;;;;;", "* V012"),
    ("0014;J;;999990019", "* V012"),
    ("0014", "* V012"),
    ("0014;J;;999990019;;;;;;;;; ;", ""),
    ("0014;J;;999990019;;;;;;;x", "* V012"),
    ("0014,J,,999990019,,,,,,", "* V012"),
    ("9999;J;;999990032;;;;;;;x", "* V012"),
    # Quotes (B10)
    ('"0014";"J";"";"999990019";"";"";"";"";"";""', ""),
    ('0014;N;;999990019;"Jansen";19800317;3;;;', ""),
    ('"0014";"N";"110";"999990019";"O""Neill";"19800317";"3";"";"";""', "E V064"),
]


@pytest.mark.parametrize(("rij", "verwacht"), RIJEN)
def test_rij(rij, verwacht):
    intake = lever(VOORAF, rij)
    assert fouten(intake) == [(2, *fout.split()) for fout in verwacht.split(", ") if fout]
    assert intake.gelezen == 2
    assert intake.geaccepteerd == (1 if verwacht else 2)
    assert intake.status == (Status.DEELS_INCORRECT if verwacht else Status.CORRECT)
    assert 2 in intake.aanvragen["regel"].tolist() or verwacht


BESTANDEN = [
    # B11: a header row is an error of its own; the rest is processed
    (["GSD;BRP;%;BSN;Naam;Datum;LV;BSN2;Naam2;Datum2", "14;J;;999990019;;;;;;"], "1 * V011"),
    (["GSD-code;BRP bevragen", "14;J;;999990019;;;;;;"], "1 * V011"),
    (["Vraagbestand september", "", "14;J;;999990019;;;;;;"], "1 * V011"),
    (["", ";;;", "GSD;BRP;;;;;;;;", "14;J;;999990019;;;;;;"], "3 * V011"),
    (["Kolom1;BRP;;;;;;;;", "14;J;;999990019;;;;;;"], "1 A V022, 1 B V032, 1 D V051"),
    (["GSD;J;;999990020;;;;;;", "14;J;;999990019;;;;;;"], "1 A V022"),
    (["GSD;n;;999990020;;;;;;", "14;J;;999990019;;;;;;"], "1 A V022, 1 E V062, 1 F V072, 1 G V082"),
    ([";BRP;;999990020;;;;;;", "14;J;;999990019;;;;;;"], "1 A V021, 1 B V032"),
    (["14;J;;999990019;;;;;;", "GSD;BRP;;;;;;;;"], "2 A V022, 2 B V032, 2 D V051"),
    # B20: the first valid row wins
    (["14;J;;999990019;;;;;;", "34;J;;999990019;;;;;;", "14;J;;999990019;;;;;;"], "2 D V054, 3 D V054"),
    (["14;J;99;999990019;;;;;;", "34;J;;999990019;;;;;;"], "1 C V041"),
    (["14;J;99;999990019;;;;;;", "34;J;;999990019;;;;;;", "34;J;;999990019;;;;;;"], "1 C V041, 3 D V054"),
    (["14;J;;99990003;;;;;;", "14;J;;099990003;;;;;;"], "2 D V054"),
    (["14;J;;999990018;;;;;;", "14;J;;999990018;;;;;;", "14;J;;999990019;;;;;;"], "1 D V053, 2 D V053"),
    # A partner who is also an aanvrager is no duplicate
    (["14;N;;999990019;Jansen;19800317;1;999990020;Boer;19810402", "14;J;;999990020;;;;;;"], ""),
    # Lines that are skipped keep their number (B10)
    (["", "14;J;;999990019;;;;;;", " \t ", ",,,,,", ";\u00a0;;", "14;J;;999990018;;;;;;"], "6 D V053"),
    (
        ['14;J;;999990019;"\r\n\r\n";;;;;', '14;J;;999990020;"a', '";;;;;', "14;J;;8;;;;;;"],
        "4 E V061, 6 D V052",
    ),
]


@pytest.mark.parametrize(("regels", "verwacht"), BESTANDEN)
def test_bestand(regels, verwacht):
    expected = [fout.split() for fout in verwacht.split(", ") if fout]
    assert fouten(lever(*regels)) == [(int(regel), kolom, code) for regel, kolom, code in expected]


def test_every_rule_about_a_row_has_an_example():
    genoemd = {fout.split()[-1] for _, verwacht in RIJEN + BESTANDEN for fout in verwacht.split(", ") if fout}
    assert genoemd == {controle.code for controle in CONTROLES if controle.kolom.veld != "Bestand"}
    assert len(RIJEN) + len(BESTANDEN) >= 60
