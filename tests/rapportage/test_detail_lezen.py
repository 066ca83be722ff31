from __future__ import annotations

import io
from pathlib import Path

import pytest
from lxml import etree

from include.errors import ControleFout
from include.rapportage.detail_lezen import XSD, aanvragen, valideer
from include.schemas.uitkomst import LEEFVORMEN, OORDELEN, ZEKERHEDEN
from include.toets.eindoordeel import UITKERINGSVORMEN
from tests.rapportage.hulp import ANNA, BRAM, MET_ALLES, Aanvraag, detail

GOED = detail(MET_ALLES, Aanvraag(bsn=BRAM)).decode()
XS = {"xs": "http://www.w3.org/2001/XMLSchema"}


def test_counts_the_aanvragen_of_a_valid_report() -> None:
    assert valideer(io.BytesIO(GOED.encode())) == 2


def test_reads_a_report_of_version_1_0_that_is_still_kept() -> None:
    with Path(__file__).with_name("detail_1_0.xml").open("rb") as bestand:
        assert [aanvraag[1].text for aanvraag in aanvragen(bestand)] == [str(ANNA)]


@pytest.mark.parametrize(
    ("oud", "nieuw"),
    [
        pytest.param("<BSN>999990019</BSN>", "<BSN>99999001</BSN>", id="BSN of eight digits"),
        pytest.param("<BSN>999990019</BSN>", "<BSN>٩99990019</BSN>", id="digit of another script"),
        pytest.param("<BSN>999990019</BSN>", "", id="no BSN"),
        pytest.param("<Geslachtsnaam>van der Meer</Geslachtsnaam>", "", id="element missing"),
        pytest.param("<Geboortedatum>1980-03-17<", "<Geboortedatum>17-03-1980<", id="date the Dutch way"),
        pytest.param("<GeboortedatumPartner>1979-11</GeboortedatumPartner>", "", id="half a partner"),
        pytest.param("<GSDCode>0014<", "<GSDCode>14<", id="GSD-code of two digits"),
        pytest.param("<Meegeteld>1301<", "<Meegeteld>1300.50<", id="cents of what counted"),
        pytest.param("<TeltMee>J<", "<TeltMee>ja<", id="another word for yes"),
        pytest.param("<Leefvorm>Gehuwd/samenwonend<", "<Leefvorm>Gehuwd<", id="unknown leefvorm"),
        pytest.param("<Uitkering>ANW<", "<Uitkering>WW<", id="benefit that has no column"),
        pytest.param("<TotaalNettoInkomen>2501<", "<TotaalNettoInkomen>2501.00<", id="cents"),
        pytest.param("<TotaalNettoInkomen>2501<", "<TotaalNettoInkomen>2.501<", id="thousands separator"),
        pytest.param("<RenteTotaal>-1<", "<RenteTotaal>-0<", id="minus zero"),
        pytest.param("<Toetspercentage>110<", "<Toetspercentage>151<", id="percentage above 150"),
        pytest.param(
            "<BelemmeringEindoordeel>J<", "<BelemmeringEindoordeel>Niet getoetst<", id="no eindoordeel"
        ),
        pytest.param("<Kenteken>X999XX<", "<Kenteken><", id="empty kenteken"),
        pytest.param("<Berichtversie>1.1<", "<Berichtversie>2.0<", id="another version"),
        pytest.param("<Rapportagedatum>2026-10-05<", "<Rapportagedatum><", id="no rapportagedatum"),
        pytest.param("<Ronde>2026-09<", "<Ronde>2026-13<", id="thirteenth month"),
        pytest.param("<Leefvorm>G", "<Leefvorm xmlns=''>G", id="another namespace"),
        pytest.param("<Huishouden>", "<Extra>999990019</Extra><Huishouden>", id="element nobody agreed on"),
        pytest.param(
            "</Huishouden></Aanvraag>\n<Aanvraag>",
            "</Huishouden><Aanvraag/></Aanvraag><Aanvraag>",
            id="nested",
        ),
        pytest.param("</Aanvraag>\n</Det", "</Aanvraag>\n999990019</Det", id="text where none belongs"),
    ],
)
def test_refuses_what_is_not_valid_without_quoting_it(oud: str, nieuw: str) -> None:
    assert oud in GOED
    with pytest.raises(ControleFout, match=r"is not valid against detailrapportage\.xsd; nothing") as fout:
        valideer(io.BytesIO(GOED.replace(oud, nieuw).encode()))
    _quotes_nothing(fout.value)
    assert valideer(io.BytesIO(GOED.encode())) == 2  # and does not remember it


@pytest.mark.parametrize(
    ("oud", "nieuw", "regel"),
    [
        pytest.param(b"</Geslachtsnaam>", b"</Naam>", 4, id="closed by another name"),
        pytest.param(b"van der Meer", b"van der \x0b Meer", 4, id="character XML cannot hold"),
        pytest.param(b"van der Meer", b"van d\xe9r Meer", 4, id="not UTF-8"),
        pytest.param(b"van der Meer", b"van der & Meer", 4, id="bare ampersand"),
        pytest.param(b"van der Meer", b"van der &meer;", 4, id="entity"),
        pytest.param(b"<Kop>", b"<!DOCTYPE x [<!ENTITY meer 'Meer'>]><Kop>", 3, id="DOCTYPE too late"),
        pytest.param(b"Bijstand>\n", b"Bijstand>\n<Extra/>", 7, id="something after the end"),
        pytest.param(b"</DetailrapportageBijzondereBijstand>\n", b"", 6, id="without its end"),
        pytest.param(
            b"</Huishouden></Aanvraag>\n</DetailrapportageBijzondereBijstand>\n", b"", 5, id="cut off"
        ),
    ],
)
def test_refuses_what_is_not_well_formed_or_whole(oud: bytes, nieuw: bytes, regel: int) -> None:
    kapot = GOED.encode().replace(oud, nieuw)
    assert kapot != GOED.encode()
    with pytest.raises(ControleFout, match=rf"is not whole, well-formed XML \(line {regel}\)") as fout:
        valideer(io.BytesIO(kapot))
    _quotes_nothing(fout.value)


@pytest.mark.parametrize("afgekapt", range(1, 400, 7))
def test_refuses_every_file_that_stops_halfway(afgekapt: int) -> None:
    with pytest.raises(ControleFout, match="nothing was published"):
        valideer(io.BytesIO(GOED.encode()[: -1 - afgekapt]))


def _quotes_nothing(fout: ControleFout) -> None:
    assert fout.__cause__ is None
    assert fout.__suppress_context__
    assert not [waarde for waarde in ("99999001", "Meer", "1980", "X999XX") if waarde in str(fout)]


@pytest.mark.parametrize(
    "begin",
    [
        "",
        "no xml",
        "<!DOCTYPE DetailrapportageBijzondereBijstand>",
        '<!DOCTYPE DetailrapportageBijzondereBijstand [<!ENTITY meer "Meer">]>',
        '<!DOCTYPE DetailrapportageBijzondereBijstand SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE DetailrapportageBijzondereBijstand [<!ENTITY meer SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_parses_nothing_that_does_not_begin_as_ours(begin: str) -> None:
    verklaring, rest = GOED.replace("van der Meer", "&meer;").split("\n", 1)
    for kapot in (begin, f"{verklaring}\n{begin}\n{rest}", f"{begin}\n{GOED}"):
        with pytest.raises(ControleFout, match="does not begin as ours do; nothing was published"):
            valideer(io.BytesIO(kapot.encode()))


def test_forgets_every_aanvraag_it_has_passed() -> None:
    bestand = io.BytesIO(detail(*(Aanvraag(bsn=bsn) for bsn in range(1, 200))))
    assert {sum(1 for _ in aanvraag.itersiblings(preceding=True)) for aanvraag in aanvragen(bestand)} <= {
        0,
        1,
    }


@pytest.mark.parametrize(
    ("element", "waarden"),
    [
        ("//xs:element[@name='Leefvorm']", set(LEEFVORMEN)),
        ("//xs:element[@name='BetrouwbaarheidLeefvorm']", set(ZEKERHEDEN)),
        ("//xs:element[@name='Uitkering']", set(UITKERINGSVORMEN)),
        ("//xs:simpleType[@name='Oordeel']", set(OORDELEN)),
    ],
)
def test_the_xsd_knows_the_words_the_rules_use(element: str, waarden: set[str]) -> None:
    soorten = etree.parse(XSD).xpath(f"{element}//xs:enumeration/@value", namespaces=XS)
    assert set(soorten) == waarden
