"""What holds for every vraagbestand: a valid one passes whole, one wrong cell gives one error, nothing breaks."""

import csv
import datetime as dt
import io
import unicodedata

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from include.intake.lezen import WIT
from include.intake.valideren import Intake, beoordeel
from include.rapportage.verwerkingsverslag import verslag_csv, verslag_json
from include.schemas.aanvragen import Aanvragen
from include.schemas.domein import LeveringStatus
from include.schemas.vraagbestand import Fouten
from tests.intake.referentie import LEESTEKENS, Loket, beoordeel_bestand, beoordeel_rijen, lees_rijen

LOKET = Loket(
    deelnamedatum=dt.date(2026, 9, 26),
    gemeentecodes={"0014", "0034", "0363"},
    actieve_gemeenten={"0014", "0034", "0363", "0518"},
)


def lever(inhoud: bytes) -> Intake:
    return beoordeel(inhoud, **vars(LOKET))


def fouten(intake: Intake) -> list[tuple[int, str, str]]:
    kolommen = (intake.fouten[naam].tolist() for naam in ("regel", "kolom", "foutcode"))
    return list(zip(*kolommen, strict=True))


def schrijf(
    rijen: list[list[str]], scheidingsteken: str, regeleinde: str, *, alles_aangehaald: bool
) -> bytes:
    bak = io.StringIO(newline="")
    hoe = csv.QUOTE_ALL if alles_aangehaald else csv.QUOTE_MINIMAL
    csv.writer(bak, delimiter=scheidingsteken, lineterminator=regeleinde, quoting=hoe).writerows(rijen)
    return bak.getvalue().encode()


def _elfproef(begin: int) -> str | None:
    cijfers = [int(cijfer) for cijfer in f"{begin:08d}"]
    laatste = sum(gewicht * cijfer for gewicht, cijfer in zip(range(9, 1, -1), cijfers, strict=True)) % 11
    return f"{begin:08d}{laatste}" if laatste < 10 else None


BSN = st.integers(99_990_000, 99_999_999).map(_elfproef).filter(bool)
ACHT_CIJFERS = st.integers(9_999_000, 9_999_999).map(_elfproef).filter(bool).map(lambda bsn: bsn[1:])
NAAM = st.text(st.sampled_from("abcXYZéüñçßøĳŁ王אéاи -'‘’."), min_size=1, max_size=100).filter(
    lambda naam: naam.strip(WIT) == naam and any(map(str.isalpha, naam))
)
DATUM = st.dates(dt.date(1900, 1, 1), LOKET.deelnamedatum).map(lambda dag: f"{dag:%Y%m%d}")
GSD = st.sampled_from(["0014", "014", "14", "0034", "34", "0363", "363"])
PERCENTAGE = st.just("") | st.integers(100, 150).map(str)


@st.composite
def geldige_rijen(draw: st.DrawFn, aantal: st.SearchStrategy[int]) -> list[list[str]]:
    """Rows that are valid, each with an aanvrager of its own."""
    n = draw(aantal)
    uniek = st.lists(BSN | ACHT_CIJFERS, min_size=2 * n, max_size=2 * n, unique_by=lambda bsn: bsn.zfill(9))
    bsns = iter(draw(uniek))
    rijen = []
    for bsn, partner in zip(bsns, bsns, strict=True):
        rij = [draw(GSD), draw(st.sampled_from("JjNn")), draw(PERCENTAGE), bsn, *[""] * 6]
        if rij[1] in "Nn":
            rij[4:7] = draw(NAAM), draw(DATUM), draw(st.sampled_from("123"))
            if rij[6] == "1":
                rij[7:] = partner, draw(NAAM), draw(DATUM)
        rijen.append(rij)
    return rijen


VORM = {
    "scheidingsteken": st.sampled_from(";,\t"),
    "regeleinde": st.sampled_from(["\n", "\r\n"]),
    "alles_aangehaald": st.booleans(),
}


@settings(max_examples=60, deadline=None)
@given(geldige_rijen(st.integers(1, 8)), st.fixed_dictionaries(VORM))
def test_a_valid_file_passes_whole(rijen, vorm):
    intake = lever(schrijf(rijen, **vorm))
    assert intake.status is LeveringStatus.CORRECT
    assert len(intake.fouten) == 0
    assert intake.gelezen == intake.geaccepteerd == len(rijen)
    Aanvragen.validate(intake.aanvragen)
    terug = intake.aanvragen.sort_values("regel").to_dict("records")
    for regel, (rij, aanvraag) in enumerate(zip(rijen, terug, strict=True), start=1):
        a, b, c, d, e, f, g, h, i, j = rij
        assert aanvraag["regel"] == regel
        assert aanvraag["gsd_code"] == a.zfill(4)
        assert aanvraag["brp_bevragen"] == (b in "Jj")
        assert ("" if pd.isna(aanvraag["normpercentage"]) else str(aanvraag["normpercentage"])) == c
        assert (aanvraag["bsn"], aanvraag["partner_bsn"]) == (int(d), int(h or 0))
        assert (aanvraag["naam"], aanvraag["partner_naam"]) == (e, i)
        assert aanvraag["leefvorm"] == int(g or 0)
        for datum, cel in ((aanvraag["geboortedatum"], f), (aanvraag["partner_geboortedatum"], j)):
            assert ("" if pd.isna(datum) else f"{datum:%Y%m%d}") == cel


# One cell made wrong: (column, which rows it can happen to, the new value from the old, the code).
_J, _N, _1, _23, _ALLE = "J", "N", "1", "23", "alle"
MUTATIES = [
    ("A", _ALLE, lambda _: "", "V021"),
    ("A", _ALLE, lambda oud: oud + "x", "V022"),
    ("A", _ALLE, lambda oud: "0" + oud.zfill(4), "V022"),
    ("A", _ALLE, lambda _: "9999", "V023"),
    ("A", _ALLE, lambda _: "518", "V024"),
    ("B", _ALLE, lambda _: "", "V031"),
    ("B", _ALLE, lambda oud: oud * 2, "V032"),
    ("C", _ALLE, lambda _: "99", "V041"),
    ("C", _ALLE, lambda _: "151", "V041"),
    ("C", _ALLE, lambda oud: (oud or "110") + "%", "V041"),
    ("D", _ALLE, lambda _: "", "V051"),
    ("D", _ALLE, lambda oud: oud + "0" * (10 - len(oud)), "V052"),
    ("D", _ALLE, lambda oud: oud.replace("9", "٩", 1), "V052"),
    ("D", _ALLE, lambda oud: oud[:-1] + str((int(oud[-1]) + 1) % 10), "V053"),
    ("E", _J, lambda _: "Jansen", "V061"),
    ("E", _N, lambda _: "", "V062"),
    ("E", _N, lambda oud: oud + "a" * 100, "V063"),
    ("E", _N, lambda oud: oud + "1", "V064"),
    ("F", _J, lambda _: "19800317", "V071"),
    ("F", _N, lambda _: "", "V072"),
    ("F", _N, lambda oud: oud[:4] + "1301", "V073"),
    ("F", _N, lambda oud: oud[:4] + "0230", "V073"),
    ("F", _N, lambda oud: "1899" + oud[4:6] + "01", "V074"),
    ("F", _N, lambda oud: "2027" + oud[4:6] + "01", "V075"),
    ("G", _J, lambda _: "1", "V081"),
    ("G", _N, lambda _: "", "V082"),
    ("G", _N, lambda oud: oud + oud, "V083"),
    ("H", _J, lambda _: "999990019", "V091"),
    ("H", _23, lambda _: "999990019", "V092"),
    ("H", _1, lambda _: "", "V093"),
    ("H", _1, lambda oud: oud[:7], "V094"),
    ("H", _1, lambda oud: oud[:-1] + str((int(oud[-1]) + 1) % 10), "V095"),
    ("I", _J, lambda _: "Jansen", "V101"),
    ("I", _23, lambda _: "Jansen", "V102"),
    ("I", _1, lambda _: "", "V103"),
    ("I", _1, lambda oud: oud + "a" * 100, "V104"),
    ("I", _1, lambda oud: oud + "_", "V105"),
    ("J", _J, lambda _: "19800317", "V111"),
    ("J", _23, lambda _: "19800317", "V112"),
    ("J", _1, lambda _: "", "V113"),
    ("J", _1, lambda oud: oud[:6] + "32", "V114"),
    ("J", _1, lambda oud: "1899" + oud[4:6] + "01", "V115"),
    ("J", _1, lambda oud: "2027" + oud[4:6] + "01", "V116"),
]


def _soorten(rij: list[str]) -> set[str]:
    if rij[1] in "Jj":
        return {_ALLE, _J}
    return {_ALLE, _N, _1 if rij[6] == "1" else _23}


@pytest.mark.parametrize(("kolom", "waar", "wijziging", "code"), MUTATIES)
@settings(max_examples=6, deadline=None)
@given(st.data())
def test_one_wrong_cell_gives_exactly_its_error(kolom, waar, wijziging, code, data):
    rijen = data.draw(geldige_rijen(st.integers(2, 4)))
    passend = [nummer for nummer, rij in enumerate(rijen) if waar in _soorten(rij)]
    assume(passend)
    nummer = data.draw(st.sampled_from(passend))
    cel = "ABCDEFGHIJ".index(kolom)
    rijen[nummer][cel] = wijziging(rijen[nummer][cel])
    intake = lever(schrijf(rijen, ";", "\r\n", alles_aangehaald=False))
    assert fouten(intake) == [(nummer + 1, kolom, code)]
    assert intake.fouten["waarde"].tolist()[0][:200] == rijen[nummer][cel][:200]
    assert (intake.status, intake.geaccepteerd, intake.afgekeurd) == (
        LeveringStatus.DEELS_INCORRECT,
        len(rijen) - 1,
        1,
    )


@settings(max_examples=40, deadline=None)
@given(geldige_rijen(st.integers(2, 5)), st.data())
def test_a_repeated_aanvrager_or_partner_gives_exactly_its_error(rijen, data):
    eerste, tweede = sorted(data.draw(st.permutations(range(len(rijen))))[:2])
    rijen[tweede][3] = rijen[eerste][3].zfill(9)
    verwacht = [(tweede + 1, "D", "V054")]
    if rijen[eerste][6] == "1" and data.draw(
        st.booleans()
    ):  # then the first is not valid, and does not count
        rijen[eerste][7] = rijen[eerste][3]
        verwacht = [(eerste + 1, "H", "V096")]
    assert fouten(lever(schrijf(rijen, ";", "\n", alles_aangehaald=True))) == verwacht


LASTIG = {
    "A": ["0014", "14", "0518", "9999", "", "1", "x", "00363"],
    "B": ["J", "N", "n", "", "x"],
    "C": ["", "", "110", "99", "1O0", "151"],
    "D": [
        "999990019",
        "99990003",
        "099990003",
        "999990032",
        "999990018",
        "000000000",
        "",
        "9999",
        "-99990019",
    ],
    "E": ["", "Jansen", "Ÿ́", "1", "-", "a" * 101, "=1+1", "İ", "a\u0301\u20dd"],
    "F": ["", "19800317", "19000229", "20260927", "18991231", "00000000", "99999999"],
    "G": ["", "1", "1", "2", "3", "4", "01"],
    "H": ["", "999990020", "999990019", "99990003", "999990018", "x"],
    "I": ["", "Boer", "Boer2", "." * 100, "\u0301"],
    "J": ["", "19810402", "20001301", "20260926", "18000101"],
}
LASTIGE_RIJ = st.tuples(*(st.sampled_from(waarden) for waarden in LASTIG.values())).map(list)


@settings(max_examples=100, deadline=None)
@given(st.lists(LASTIGE_RIJ, min_size=1, max_size=40), st.fixed_dictionaries(VORM))
def test_the_same_errors_as_row_by_row(rijen, vorm):
    rijen[0][0] = "0014"  # no header row
    intake = lever(schrijf(rijen, **vorm))
    assert fouten(intake) == beoordeel_rijen(enumerate(rijen, start=1), LOKET)
    assert intake.gelezen == len(rijen) == intake.geaccepteerd + intake.afgekeurd
    assert intake.afgekeurd == intake.fouten["regel"].nunique()


def test_names_take_the_letters_and_marks_of_unicode():
    """Every character of the Basic Multilingual Plane, in a name between two letters."""
    tekens = [
        teken
        for teken in map(chr, range(0x21, 0x10000))
        if unicodedata.category(teken) not in {"Cs", "Cn", "Co"} and teken not in WIT and teken not in '";,'
    ]
    inhoud = "".join(f"0014;N;;{9};a{teken}a;19800317;3;;;\n" for teken in tekens).encode()
    fout = {regel for regel, _, code in fouten(lever(inhoud)) if code == "V064"}
    goed = {
        regel
        for regel, teken in enumerate(tekens, start=1)
        if unicodedata.category(teken)[0] in "LM" or teken in LEESTEKENS
    }
    assert fout == set(range(1, len(tekens) + 1)) - goed


# fmt: off
BSNS_BEDORVEN = [
    "9,99E+08", "9.99E+08", "9,9999E+8", "1e9", "9,99E", "E+08", "9,9,9E+08", "999.990.019", "999990019,0",
]
NAMEN_MET_TEKENS = [
    "d’Arc", "‘t Zand", "`t Hof", "O´Hara", "\u02bc", "\u02bca", "A\u2010B", "A\u2011B", "A\u2013B", "A\u2014B",
    "e\u0301",
]
DATUMS_BEDORVEN = [
    "17-03-1980", "17/03/1980", "1980-03-17", "17.3.80", "17 mrt 1980", "1980-03-17 00:00:00", "17-03-980",
    "1980-03", "17--1980", "1980317", "29297", "29297,0", "3000", "2999", "1980", "029297", "129297",
]
# fmt: on
EXTRA = {"D": BSNS_BEDORVEN, "E": NAMEN_MET_TEKENS, "F": DATUMS_BEDORVEN}
EXTRA |= {"H": BSNS_BEDORVEN, "I": NAMEN_MET_TEKENS, "J": DATUMS_BEDORVEN}
ZONDERLINGE_RIJ = st.tuples(*(st.sampled_from(cel + EXTRA.get(kolom, [])) for kolom, cel in LASTIG.items()))
GOEDE_RIJ = st.sampled_from(
    [
        ["0014", "J", "", "999990019", *[""] * 6],
        ["34", "j", "120", "99990003", *[""] * 6],
        ["0363", "N", "", "999990032", "Smit\u2011Bé", "19800317", "3", "", "", ""],
        ["0014", "N", "100", "999990020", "d’Arc", "19800317", "1", "999990019", "Boer", "19810402"],
    ]
)
KOPREGEL = st.sampled_from(["GSD|BRP||x", "GSD|n", "|BRP||x", "GSD1|BRP||x", "Lijst"]).map(
    lambda rij: rij.split("|")
)
GEEN_RIJ = st.sampled_from(["", " ", ";;;;", ",,,", "\t\t", "\u200b;\ufeff", '"";""', "\v", "sep=;", "sep=,"])
SEP_REGEL = st.sampled_from(
    ["sep=;", "SEP=,", "sep=\t", '"sep=;"', "sep=;;;", "sep=|", '"sep=;', "sep=,;", "\ufeffsep=,"]
)
RAND_VAN_CEL = st.sampled_from(["", " ", "\u00a0", "\u200b", "\ufeff", "\t", "\u2060\u3000"])


@st.composite
def zonderlinge_bestanden(draw: st.DrawFn) -> bytes:
    """Files with all that spreadsheets and copying do to them: short and long rows, quotes, empty lines, marks."""
    teken = draw(st.sampled_from(";;;,\t"))
    einde = draw(st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]))
    binnen_quotes = st.sampled_from(["", "", teken, einde, "\n", '""', ";;;;", ",,,,"])

    def regel() -> str:
        soort = draw(st.integers(0, 14))
        if soort == 0:
            return draw(GEEN_RIJ)
        rij = list(draw(KOPREGEL if soort == 1 else GOEDE_RIJ if soort < 9 else ZONDERLINGE_RIJ))
        rij = rij[: draw(st.sampled_from([10, 10, 10, 9, 7, 4, 4, 3, 1]))]
        vreemd = draw(st.integers(0, 15))
        if vreemd < len(rij):
            aangehaald = f'"{rij[vreemd]}{draw(binnen_quotes)}"'
            rij[vreemd] = draw(
                st.sampled_from([aangehaald, draw(RAND_VAN_CEL) + rij[vreemd] + draw(RAND_VAN_CEL)])
            )
        if len(rij) == 10:
            rij += draw(st.sampled_from([[], [], [""], ["", "", " "], ["", "x"]]))
        return teken.join(rij)

    regels = [regel() for _ in range(draw(st.integers(1, 8)))]
    if draw(st.integers(0, 3)) == 0:
        regels.insert(0, draw(SEP_REGEL))
    plakken = draw(st.sampled_from(["", "", "", "\ufeff", "\ufeff\ufeff"]))
    tekst = plakken + (einde + plakken * draw(st.integers(0, 1))).join(regels)
    tekst += draw(st.sampled_from([""] * 20 + ['"', "\0", f'{teken}"x']))
    tekst += draw(st.sampled_from(["", einde, einde * 3, "\x1a", einde + "\x1a", einde + "\x1a\x1a" + einde]))
    codering = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252"]))
    return tekst.encode(codering, errors="ignore")


@settings(max_examples=250, deadline=None)
@given(zonderlinge_bestanden())
def test_the_same_errors_as_the_reference_on_odd_files(inhoud):
    intake = lever(inhoud)
    assert fouten(intake) == beoordeel_bestand(inhoud, LOKET)
    rijen = lees_rijen(inhoud)
    assert intake.gelezen == (0 if isinstance(rijen, str) else len(rijen))
    assert intake.afgekeurd == intake.fouten["regel"][intake.fouten["regel"] > 0].nunique()


TOKENS = [
    b";",
    b",",
    b"\t",
    b"\r\n",
    b"\n",
    b'"',
    b"\0",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xe9",
    b"=",
    b";;;;;;;;;",
]
TOKENS += [b"0014;J;;999990019;;;;;;\n", b"GSD;x;", b"999990032", b"Jansen", b"19800317", b"0014;N;;", b"'@"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join))
def test_whatever_comes_in_there_is_a_verslag(inhoud):
    intake = lever(inhoud)
    Aanvragen.validate(intake.aanvragen)
    Fouten.validate(intake.fouten)
    assert intake.geaccepteerd + intake.afgekeurd == intake.gelezen
    assert (intake.status is LeveringStatus.AFGEKEURD) == (intake.geaccepteerd == 0)
    assert (intake.status is LeveringStatus.CORRECT) == (len(intake.fouten) == 0)
    assert sum(intake.fouten_per_code.values()) == len(intake.fouten) == len(set(fouten(intake)))
    regels = list(csv.reader(io.StringIO(verslag_csv(intake).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [len(regel) for regel in regels] == [6] * (1 + len(intake.fouten))
    assert verslag_json(intake).startswith(b"{")
