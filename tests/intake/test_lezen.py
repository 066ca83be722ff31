"""Reading: any CSV a municipality exports, and whatever else ends up in an upload field."""

import csv
import io
import zipfile
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import BestandFout
from include.intake import cellen
from include.intake.cellen import Grenzen, OnleesbaarBestand, snijd
from include.intake.lezen import RAND, lees

RIJ = "0014;N;;999990019;Café;19800317;3;;;"
RUIM = Grenzen()


def rijen(inhoud: bytes) -> list[tuple[int, list[str]]]:
    ruw = lees(inhoud)
    kolommen = [kolom.to_pylist() for kolom in ruw.cellen.values()]
    return [(int(regel), list(cel)) for regel, *cel in zip(ruw.regels, *kolommen, strict=True)]


@pytest.mark.parametrize(
    ("inhoud", "tekenset"),
    [
        (RIJ.encode("utf-8"), "UTF-8"),
        (RIJ.encode("utf-8-sig"), "UTF-8 met BOM"),
        (RIJ.encode("cp1252"), "Windows-1252"),
        (RIJ.replace("Café", "€uro-‘t’").encode("cp1252"), "Windows-1252"),
        (b"\xef\xbb\xbf" + RIJ.encode("cp1252"), "Windows-1252"),
        (RIJ.replace("é", "e").encode("ascii"), "UTF-8"),
    ],
)
@pytest.mark.parametrize("regeleinde", [b"", b"\n", b"\r\n", b"\r\n\r\n", b"\n\x0b\n"])
def test_encodings_and_line_ends(inhoud, tekenset, regeleinde):
    ruw = lees(inhoud + regeleinde)
    assert (ruw.tekenset, ruw.scheidingsteken) == (tekenset, ";")
    verwacht = (
        inhoud.removeprefix(b"\xef\xbb\xbf")
        .decode("cp1252" if tekenset == "Windows-1252" else "utf-8-sig")
        .split(";")
    )
    assert rijen(inhoud + regeleinde) == [(1, verwacht)]


@pytest.mark.parametrize(
    ("tekst", "scheidingsteken", "regels"),
    [
        ("1;b;c;d;e;f;g;h;i;j\n", ";", [1]),
        ("1,b,c,d,e,f,g,h,i,j\n", ",", [1]),
        ("1\tb\tc\td\te\tf\tg\th\ti\tj\n", "tab", [1]),
        # most lines decide
        ("1,b,c,d,e,f,g,h,i,j\n" + "1;b;c;d;e;f;g;h;i;j\n" * 2, ";", [2, 3]),
        ("1;b;c;d;e;f;g;h;i;j\n" + "1,b,c,d,e,f,g,h,i,j\n" * 2, ",", [2, 3]),
        # a tie goes to ; before , before tab
        ("1,b,c,d,e,f,g,h,i,j\n1;b;c;d;e;f;g;h;i;j\n", ";", [2]),
        ("1\tb\tc\td\te\tf\tg\th\ti\tj\n1,b,c,d,e,f,g,h,i,j\n", ",", [2]),
        ("1,b,c,d,e,f,g,h,i,j\n1;b;c;d;e;f;g;h;i;j\n" + "x,,,,,,,,,,,x\n", ";", [2]),
        # commas in the cells of a file with semicolons, and the other way about
        ("1;b;c;d;e,e,e;f,f;g,g;h,h,h;i,i,i;j\n", ";", [1]),
        ('1,b,c,d,"e;e;e;e;e",f,g,"h;h;h;h;h",i,j\n2,b,c,d\n', ",", [1, 2]),
        # empty lines have no say, however many and with whichever separator
        (",,,,,,,,,\n" * 5 + "1;b;c;d;e;f;g;h;i;j\n", ";", [6]),
        # with commas, these rows would end in an open quote
        (f'0014;N;;999990019;{"a," * 30}"b;19800317;3;;;\n' * 5, ";", [1, 2, 3, 4, 5]),
        # trailing separators of a spreadsheet
        ("1,b,c,d,e,f,g,h,i,j,,,\n2,,,,,,,,,,,,\n", ",", [1, 2]),
        # four cells are enough, and a row of four counts as one of ten
        ("1;b;c;d\n", ";", [1]),
        ("1,b,c,d\n", ",", [1]),
        ("1\tb\tc\td\n", "tab", [1]),
        ("1,b,c,d,e,f,g,h,i,j\n1;b;c;d\n2;b;c;d,d\n", ";", [2, 3]),
        ("1;b;c;d,d,d,d\n2,b,c;d\n3,b,c,d\n", ",", [1, 3]),
        ("1;b;c\n1,b,c,d\n", ",", [2]),
        # a filled cell beyond the tenth makes a row of no separator
        ("1;b;c;d;e;f;g;h;i;j;k\n" * 3 + "1,b,c,d\n", ",", [4]),
        # the first line says it
        ("sep=,\n" + "1;b;c;d,d,d,d\n" * 5 + "1,b,c,d\n", ",", [2, 3, 4, 5, 6, 7]),
        ("sep=\t\n1;b;c;d\t\t\t\n", "tab", [2]),
    ],
)
def test_separator(tekst, scheidingsteken, regels):
    ruw = lees(tekst.encode())
    assert (ruw.scheidingsteken, ruw.regels.tolist()) == (scheidingsteken, regels)


def test_everything_stays_text_and_is_trimmed():
    cellen_ = ["0014", "NA", "1e3", "00", "null", "True", "1.0", "-", "#N/A", "nan"]
    assert rijen(";".join(f" \u00a0{cel}\t\u2003" for cel in cellen_).encode()) == [(1, cellen_)]


@pytest.mark.parametrize("wit", [teken for teken in RAND if teken not in "\n\r"])
def test_white_space_and_what_has_no_width_is_trimmed_and_skipped(wit):
    inhoud = f"{wit}\n{wit};{wit}\n{RIJ.replace('Café', wit + 'A' + wit + 'B' + wit)}\n".encode()
    assert [(regel, rij[4]) for regel, rij in rijen(inhoud)] == [(3, f"A{wit}B")]
    assert lees(inhoud).overgeslagen == 2


@pytest.mark.parametrize(
    ("tekst", "regels", "overgeslagen"),
    [
        ("{r}\n\n{r}\n\n\n", [1, 3], 3),
        ("\n \t\n;;;\n,,\n;,\t;\n{r}", [6], 5),
        (";;;;;;;;;\n{r}\n" + ";" * 40 + "\n", [2], 2),
        ('"";"";"";"";"";"";"";"";"";""\n{r}\n', [2], 1),
        ('{r}\n0014;J;;1;"a\nb\nc";;;;;\n{r}\n', [1, 2, 5], 0),
        ('{r}\n0014;J;;1;"a\r\nb\r\n";;;;;\r\n{r}\r\n', [1, 2, 5], 0),
        ('{r}\n0014;J;;1;Jan "de" Boer;;;;;\n{r}\n', [1, 2, 3], 0),
        ('{r}\n0014;J;;1;5";;;;;\n\n"0014";J;;1;"a\nb";;;;;\n{r}\n', [1, 2, 4, 6], 1),
    ],
)
def test_line_numbers_are_physical_lines(tekst, regels, overgeslagen):
    ruw = lees(tekst.replace("{r}", RIJ).encode())
    assert (ruw.regels.tolist(), ruw.overgeslagen) == (regels, overgeslagen)


def test_rows_with_another_number_of_cells_are_set_apart():
    ruw = lees(f"0014;J;\n{RIJ}\n\n{RIJ};;x\n{RIJ}; ;\n".encode())
    assert ruw.regels.tolist() == [2, 5]
    assert ruw.afwijkende_regels.tolist() == [1, 4]
    assert ruw.afwijkend.to_pylist() == ["0014;J;", f"{RIJ};;x"]
    assert not ruw.kopregel


@pytest.mark.parametrize("blok", [1, 40, 4_000_000])
def test_short_rows_are_completed(blok, monkeypatch):
    """Wherever the text is divided into blocks."""
    monkeypatch.setattr(cellen, "BLOK", blok)
    vol = "0014;N;;9;a;b;c;d;e;f"
    assert rijen(f"{vol}\n1;J;;2\n{vol}\n1;;;;x;y\n;;;z\n{vol};\u200b;\n".encode()) == [
        (1, vol.split(";")),
        (2, ["1", "J", "", "2", "", "", "", "", "", ""]),
        (3, vol.split(";")),
        (4, ["1", "", "", "", "x", "y", "", "", "", ""]),
        (5, ["", "", "", "z", "", "", "", "", "", ""]),
        (6, vol.split(";")),
    ]


def test_a_header_row_is_set_apart_as_it_stands():
    for kop in ("GSD;BRP", "GSD;BRP;%;BSN;Naam", "GSD;BRP;;;;;;;;;;"):
        ruw = lees(f"{kop}\n{RIJ}\n0014\n".encode())
        assert ruw.kopregel
        assert ruw.afwijkend.to_pylist() == [kop, "0014"]
        assert (ruw.afwijkende_regels.tolist(), ruw.regels.tolist()) == ([1, 3], [2])


def _zip() -> bytes:
    bak = io.BytesIO()
    with zipfile.ZipFile(bak, "w") as archief:
        archief.writestr("vraagbestand.csv", RIJ)
    return bak.getvalue()


KLEIN = Grenzen(bytes=50_000_000, regels=1000, regelbytes=10_000)

ONLEESBAAR = {
    "empty": (b"", "V001"),
    "only a BOM": (b"\xef\xbb\xbf", "V001"),
    "only white space": (" \r\n\t\u00a0\n\n".encode(), "V001"),
    "only separators": (b";;;;;;;;;\r\n,,\n\t\t\n", "V001"),
    "only empty quotes": (b'"";"";"";"";"";"";"";"";"";""\n', "V001"),
    "too large": (b"0" * 50_000_001, "V002"),
    "a zip": (_zip(), "V003"),
    "a zip named csv, cut off": (_zip()[:20], "V003"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "V003"),
    "a pdf": (b"%PDF-1.7\n", "V003"),
    "a NUL byte": (RIJ.encode() + b"\0", "V003"),
    "neither UTF-8 nor Windows-1252": (RIJ.encode() + b"\n\x81\x8d", "V003"),
    "UTF-16 with a BOM": (RIJ.encode("utf-16"), "V004"),
    "UTF-16, big end first": (b"\xfe\xff" + RIJ.encode("utf-16-be"), "V004"),
    "UTF-16 without a BOM": (RIJ.encode("utf-16-le"), "V003"),
    "an unclosed quote": (f'{RIJ}\n0014;J;;9;"Jan;;;;;\n'.encode() + f"{RIJ}\n".encode() * 900, "V005"),
    "an unclosed quote in a file without separators": (b'999990019\n"999990020\n999990032\n', "V005"),
    "an unclosed quote among commas": (
        (f"{RIJ.replace('Café', 'a,b,c,d')}\n" * 5 + '1;2;3;"4\n').encode(),
        "V005",
    ),
    "an unclosed quote at the end": (f"{RIJ}\n".encode() * 5 + b'"', "V005"),
    "an unclosed quote beside a loose one": (f'{RIJ}\n0014;J;;9;a"b;;;;;\n0014;J;;9;"b;;\n'.encode(), "V005"),
    "no separators": (b"hallo\nwereld\n", "V006"),
    "three columns": (b"0014;J;999990019\n" * 3, "V006"),
    "one column": (b"999990019\n" * 3, "V006"),
    "another separator than the file says": (b"sep=,\n" + b"0014;J;;999990019\n" * 3, "V006"),
    "only a line that names the separator": (b"sep=;\r\n", "V001"),
    "only a mark of the end": (b"\r\n\x1a", "V001"),
    "only characters without width": ("\u200b;\ufeff\n\u2060\n".encode(), "V001"),
    "eleven columns": (b"0014;J;;999990019;;;;;;;x\n" * 3, "V006"),
    "another separator": (b"0014|J||999990019||||||\n", "V006"),
    "one endless line": (b"a" * 40_000_000, "V007"),
    "one endless line of a row": (b"0014;J;;999990019;" + b"a" * 40_000_000 + b";;;;;", "V007"),
    "a million columns": (b"1;" * 1_000_000, "V007"),
    "a million empty columns": (RIJ.encode() + b";" * 1_000_000, "V007"),
    "millions of carriage returns": (b"0014;J;;1;;;;;;\r" * 2_000_000, "V008"),
    "millions of carriage returns in one line": (b"0014;J;;1;;;;;;\r" * 2_000_000 + b"\n", "V007"),
    "millions of quotes in one line": (b'"' * 5_000_000, "V007"),
    "millions of quotes in one cell": (RIJ.encode() + b'"' * 5_000_000, "V007"),
    "a quote closed far away": (f'{RIJ}\n"'.encode() + f"{RIJ}\n".encode() * 900 + b'"\n', "V007"),
    "a loose quote, another closed far away": (
        f'{RIJ}a"b\n"'.encode() + f"{RIJ}\n".encode() * 900 + b'"\n',
        "V007",
    ),
    "too many lines": (f"{RIJ}\n".encode() * 1001, "V008"),
    "millions of empty lines": (b"\n" * 5_000_000, "V008"),
}


@pytest.mark.parametrize(("inhoud", "code"), ONLEESBAAR.values(), ids=ONLEESBAAR.keys())
def test_unreadable_as_a_whole(inhoud, code):
    with pytest.raises(BestandFout) as fout:
        lees(inhoud, KLEIN)
    assert fout.value.foutcode == code
    assert fout.value.reden.endswith(".")
    assert "{" not in fout.value.reden


@pytest.mark.parametrize(
    ("inhoud", "stukje"),
    [
        (f'{RIJ}\n{RIJ}\n0014;J;;9;"Canarie\n{RIJ}\n', "regel 3 "),
        (f'{RIJ}\n{RIJ}5"\n0014;J;;9;"Canarie\n{RIJ}\n', "regel 3 "),
        (f"{RIJ}\n\n{RIJ}{'Canarie' * 2000}\n", "regel 3 begint is langer dan 10.000 tekens"),
        (f"{RIJ}\r\n\r\n{RIJ}Canarie\0\r\n", "regel 3 staat iets anders dan tekst"),
        (f"{RIJ}\r\r{RIJ}Canarie\0\r", "regel 3 staat iets anders dan tekst"),
        (
            "\n;;\n0014;J;Canarie\n0014;J;Canarie\n",
            "Geen enkele rij vanaf regel 3 heeft 4 tot en met 10 kolommen",
        ),
    ],
)
def test_the_reason_names_the_line_and_no_cell(inhoud, stukje):
    with pytest.raises(OnleesbaarBestand, match=stukje) as fout:
        lees(inhoud.encode(), KLEIN)
    assert "Canarie" not in str(fout.value)
    assert "Café" not in str(fout.value)


def _met_module_csv(tekst: str, scheidingsteken: str) -> list[list[str]]:
    lezer = csv.reader(io.StringIO(tekst, newline="\n"), delimiter=scheidingsteken)
    return [(rij or [""]) for rij in lezer]


TEKST = st.text(st.sampled_from('ab;,\t" \n\u00e9'), max_size=60)


@settings(max_examples=400, deadline=None)
@given(TEKST, st.sampled_from(";,"), st.integers(1, 12))
def test_cells_are_those_of_the_csv_module(tekst, scheidingsteken, blok):
    """Whatever the quotes, and however the text is divided into blocks."""
    tekst += "\n"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(cellen, "BLOK", blok)
        monkeypatch.setattr(cellen, "CELLEN_PER_BLOK", blok)
        try:
            blokken = list(snijd(tekst.encode(), scheidingsteken, RUIM))
        except OnleesbaarBestand as fout:
            uitkomst, regels = fout.foutcode, []
        else:
            uitkomst = [
                deel.cellen.to_pylist()[van:tot]
                for deel in blokken
                for van, tot in zip(deel.eerste[:-1], deel.eerste[1:], strict=True)
            ]
            regels = [int(regel) for deel in blokken for regel in deel.regels]
    verwacht = _met_module_csv(tekst + "#", scheidingsteken)
    if verwacht[-1] != ["#"]:  # what follows the text became part of an open cell
        assert uitkomst == "V005"
        return
    assert uitkomst == verwacht[:-1]
    einden = csv.reader(io.StringIO(tekst, newline="\n"), delimiter=scheidingsteken)
    assert regels == [1, *(einden.line_num + 1 for _ in einden)][:-1]


TOKENS = [
    b";",
    b",",
    b"\t",
    b"\r",
    b"\n",
    b'"',
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xe9",
    b"\x81",
]
TOKENS += [
    b"0014",
    b"J",
    b"N",
    b"999990019",
    b"Jansen",
    b"19800317",
    b"\xf0\x9f\x98\x80",
    b";;;;;;;;;",
    b",,,,,,,,,",
]
RUWE_BYTES = st.binary(max_size=300) | st.lists(st.sampled_from(TOKENS), max_size=60).map(b"".join)


@settings(max_examples=500, deadline=None)
@given(RUWE_BYTES)
def test_only_our_own_error_comes_out(inhoud):
    try:
        ruw = lees(inhoud, Grenzen(bytes=250, regels=20, regelbytes=100))
    except BestandFout:
        return
    uit = SimpleNamespace(**{letter: kolom.to_pylist() for letter, kolom in ruw.cellen.items()})
    assert all(len(kolom) == len(ruw.regels) for kolom in vars(uit).values())
    assert len(ruw.regels) > 0 or ruw.kopregel
    assert all(any(rij) for rij in zip(*vars(uit).values(), strict=True))
    alle = sorted([*ruw.regels.tolist(), *ruw.afwijkende_regels.tolist()])
    assert len(set(alle)) == len(alle) == len(ruw.regels) + len(ruw.afwijkend)
