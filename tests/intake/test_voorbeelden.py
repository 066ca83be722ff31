"""Example rows: what a municipality hands in, and what it reads back. The outcomes are written by hand."""

import datetime as dt

import pytest

from include.intake.valideren import Intake, beoordeel
from include.schemas.controles import CONTROLES
from include.schemas.domein import LeveringStatus

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
    ("\ufeff0014;\u200bJ\u200d;\u2060;\u200e999990019\ufeff;\u200b;\u2060 \u200b;;;;", ""),
    ("0014;J;;99999\u200b0019;;;;;;", "D V052"),
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
    ("0014;N;;999990019;Smit-Bos Smit\u2010Bos Smit\u2011Bos Smit\u2013Bos;19800317;3;;;", ""),
    ("0014;N;;999990019;d'A d\u2018A d\u2019A d`A d\u00b4A d\u02bcA;19800317;3;;;", ""),
    ("0014;N;;999990019;Jose\u0301 St. Jans;19800317;3;;;", ""),
    ("0014;N;;999990019;Smit\u2014Bos;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;d\u201dA;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;.;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;\u02bc;19800317;3;;;", "E V064"),
    ("0014;N;;999990019;\u0301;19800317;3;;;", "E V064"),
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
    ("0014;N;;999990019;Jansen;17031980;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;1980;3;;;", "F V073"),
    # What a spreadsheet spoilt (B14a)
    ("0014;J;;9,99E+08;;;;;;", "D V055"),
    ("0014;J;;9.99E+08;;;;;;", "D V055"),
    ("0014;J;;9,9999E+8;;;;;;", "D V055"),
    ("0014;J;;1e9", "D V055"),
    ("0014;J;;9,9,9E+08;;;;;;", "D V052"),
    ("0014;J;;999990019,00;;;;;;", "D V052"),
    ("0014;N;;999990019;Jansen;17-03-1980;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;17/03/1980;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;1980-03-17;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;17-3-80;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;17 mrt 1980;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;1980-03-17 00:00:00;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;3/17/1980 12:00:00 AM;3;;;", "F V076"),
    ("0014;N;;999990019;Jansen;1980-03;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;29297;3;;;", "F V077"),
    ("0014;N;;999990019;Jansen;9999;3;;;", "F V077"),
    ("0014;N;;999990019;Jansen;29297,0;3;;;", "F V077"),
    ("0014;N;;999990019;Jansen;129297;3;;;", "F V073"),
    ("0014;N;;999990019;Jansen;19800317;1;9,99E+08;de Vries;02-04-1981", "H V097, J V117"),
    ("0014;N;;9,99E+08;Jansen;19800317;1;9,99E+08;de Vries;29678", "D V055, H V097, J V118"),
    ("0014;J;;999990019;;17-03-1980;;9,99E+08;;29678", "F V071, H V091, J V111"),
    ("0014;N;;999990019;Jansen;29297;2;9,99E+08;;02-04-1981", "F V077, H V092, J V112"),
    ("0014;x;;9,99E+08;;17-03-1980;;9,99E+08;;29678", "B V032, D V055"),
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
    # The number of cells (B10, B21): a spreadsheet leaves out the last separators, or adds some
    ("0014;J;;999990019;;;;;", ""),
    ("0014;J;;999990019;", ""),
    ("0014;J;;999990019", ""),
    ("0014;N;;999990019;Jansen;19800317;3", ""),
    ("0014;N;;999990019;Jansen;19800317;1", "H V093, I V103, J V113"),
    ("0014;N;;999990019;Jansen", "F V072, G V082"),
    ("0014;N;;999990019", "E V062, F V072, G V082"),
    ("0014;J;120;", "D V051"),
    ("0014;J;120", "* V012"),
    ("0014;J", "* V012"),
    ("0014", "* V012"),
    ("0014;J;;999990019;;;;;;;\u200b;\ufeff", ""),
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
    assert intake.status == (LeveringStatus.DEELS_INCORRECT if verwacht else LeveringStatus.CORRECT)
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
    (["GSD;BRP;%;BSN", "14;J;;999990019"], "1 * V011"),
    # B10: a first line that names the separator is no row; what follows is the first one
    (["sep=;", "14;J;;999990019"], ""),
    (["SEP=,", "14,J,,999990019"], ""),
    (["sep=\t", "14\tJ\t\t999990019"], ""),
    (["\ufeffsep=;", "14;J;;999990019"], ""),
    (["sep=;", "\ufeff14;J;;999990019", "14;J;;8"], "3 D V052"),
    (['"sep=;"', '"14";"J";"";"999990019"', "14;J;;8"], "3 D V052"),
    (["sep=;;;;;;;;;;", "14;J;;999990019"], ""),
    (["sep=;", "GSD;BRP;;;;;;;;", "14;J;;999990019"], "2 * V011"),
    (["14;J;;999990019", "sep=;", "14;J;;999990020"], "2 * V012"),
    (["", "sep=;", "14;J;;999990019"], "2 * V011"),
    (["sep=|", "14;J;;999990019"], "1 * V011"),
    # A file of which the first rows are filled up to D, the others up to J
    (
        [
            "14;J;;999990019",
            "14;J;;999990020",
            "14;N;;999990032;Boer;19800317;3;;;",
            "34;J;;99990003;;;;;;;;",
        ],
        "",
    ),
    # A tab for separator; the first cells empty
    (["14\tJ\t\t999990019", "\tJ\t\t999990020", "\t\t\t999990032"], "2 A V021, 3 A V021, 3 B V031"),
    # Files glued together
    (["14;J;;999990019", "\ufeff14;J;;999990020", '\ufeff"14";"J";"";"999990032"'], ""),
    (["14;J;;999990019;;;;;;\ufeff14;J;;999990020;;;;;;", "14;J;;999990032"], "1 * V012"),
    # Quotes with separators and line ends in them
    (
        ['"14";"J";;"999990019"', '"14";"N";"";"999990020";"Bo;er', '";"19800317";3', "14;J;;8"],
        "2 E V064, 4 D V052",
    ),
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


WERELD = b"14;J;;999990019\r\n34;J;;999990020\r\n"
"""A file that a spreadsheet wrote of columns A to D: correct, two rows."""

HELE_BESTANDEN = [
    (WERELD, "correct 2", ""),
    (WERELD.rstrip(), "correct 2", ""),
    (WERELD.replace(b"\r\n", b"\n"), "correct 2", ""),
    (WERELD.replace(b"\r\n", b"\r"), "correct 2", ""),
    (WERELD.replace(b"\r\n", b"\r").replace(b"J", b'"J"'), "correct 2", ""),
    (WERELD.replace(b"\r\n", b"\r\r\n"), "correct 2", ""),
    (
        WERELD.replace(b"\r\n", b"\r\r\n").replace(b"J", b'"J"').replace(b"19\r", b'19;"";""\r'),
        "correct 2",
        "",
    ),
    (WERELD.replace(b";", b","), "correct 2", ""),
    (WERELD.replace(b";", b"\t"), "correct 2", ""),
    (WERELD + b"\x1a", "correct 2", ""),
    (WERELD.rstrip() + b"\x1a", "correct 2", ""),
    (WERELD + b"\x1a\x1a\r\n", "correct 2", ""),
    (WERELD + b"\x1a14;J;;999990032\n", "deels incorrect 3", "3 A V022"),
    (b"\xef\xbb\xbf\xef\xbb\xbf" + WERELD, "correct 2", ""),
    (b"\xef\xbb\xbfsep=;\r" + WERELD.replace(b"\r\n", b"\r"), "correct 2", ""),
    (WERELD + b"14;N;;999990032;No\xebl;19800317;3\n\xef\xbb\xbf34;J;;99990003", "correct 4", ""),
    # A carriage return alone is no line end in a file with line feeds
    (
        b"14;J;;999990019\r14;J;;999990020\n34;J;;999990032\n",
        "deels incorrect 2",
        "1 D V052, 1 E V061, 1 G V081",
    ),
    (b"GSD;BRP;%;BSN\r" + WERELD.replace(b"\r\n", b"\r"), "deels incorrect 3", "1 * V011"),
    # The whole file
    (b"", "afgekeurd 0", "0 * V001"),
    (b"sep=;\r\n", "afgekeurd 0", "0 * V001"),
    (b"999990019\r\n999990020\r\n", "afgekeurd 0", "0 * V006"),
    (b"14;J;999990019\r\n34;J;999990020\r\n", "afgekeurd 0", "0 * V006"),
    (b"14;J;;1;;;;;;;x\r\n", "afgekeurd 0", "0 * V006"),
    (b"sep=,\r\n" + WERELD, "afgekeurd 0", "0 * V006"),
    (WERELD + b'14;J;;"999990032\r\n', "afgekeurd 0", "0 * V005"),
    (WERELD + b"\0", "afgekeurd 0", "0 * V003"),
    (WERELD + b"a" * 100_001, "afgekeurd 0", "0 * V007"),
]


@pytest.mark.parametrize(("inhoud", "ontvangst", "verwacht"), HELE_BESTANDEN)
def test_heel_bestand(inhoud, ontvangst, verwacht):
    intake = beoordeel(
        inhoud, deelnamedatum=DEELNAMEDATUM, gemeentecodes=BEDIEND, actieve_gemeenten=GEMEENTEN
    )
    expected = [fout.split() for fout in verwacht.split(", ") if fout]
    assert fouten(intake) == [(int(regel), kolom, code) for regel, kolom, code in expected]
    assert f"{intake.status} {intake.gelezen}" == ontvangst
    assert intake.overgeslagen == 0


def test_a_line_that_names_the_separator_is_not_an_empty_line():
    assert lever("sep=;", "", "14;J;;999990019").overgeslagen == 1


def test_every_rule_about_a_row_has_an_example():
    genoemd = {fout.split()[-1] for _, verwacht in RIJEN + BESTANDEN for fout in verwacht.split(", ") if fout}
    assert genoemd == {controle.code for controle in CONTROLES if controle.kolom.veld != "Bestand"}
    assert len(RIJEN) + len(BESTANDEN) >= 60
