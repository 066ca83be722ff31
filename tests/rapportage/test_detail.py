from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from include.rapportage.detail import NAMESPACE
from include.rapportage.detail_lezen import valideer
from tests.rapportage.hulp import (
    ANNA,
    BRAM,
    CARLA,
    KOP,
    MET_ALLES,
    Aanvraag,
    detail,
    detailrapport,
    met,
)

ALLES = """\
<?xml version="1.0" encoding="UTF-8"?>
<DetailrapportageBijzondereBijstand xmlns="urn:bidn:bijzondere-bijstand:detailrapportage:1">
<Kop>
  <AanleverendeOrganisatie>Gemeente Groningen</AanleverendeOrganisatie>
  <Bestandsnaam>vraag september.csv</Bestandsnaam>
  <Aanleverdatum>2026-09-12</Aanleverdatum>
  <Deelnamedatum>2026-09-26</Deelnamedatum>
  <Rapportagedatum>2026-10-05</Rapportagedatum>
  <Berichtversie>1.1</Berichtversie>
  <Ronde>2026-09</Ronde>
  <Peilmaand>2026-08</Peilmaand>
  <Belastingjaar>2025</Belastingjaar>
  <Normvariant>inclusief</Normvariant>
</Kop>
<Aanvraag>
  <GSDCode>0014</GSDCode>
  <BRPBevraagd>J</BRPBevraagd>
  <BSN>999990019</BSN>
  <Geslachtsnaam>van der Meer</Geslachtsnaam>
  <Geboortedatum>1980-03-17</Geboortedatum>
  <BSNPartner>999990020</BSNPartner>
  <GeslachtsnaamPartner>'t Hart &amp; Zn</GeslachtsnaamPartner>
  <GeboortedatumPartner>1979-11</GeboortedatumPartner>
  <Leefvorm>Gehuwd/samenwonend</Leefvorm>
  <BetrouwbaarheidLeefvorm>Hoog</BetrouwbaarheidLeefvorm>
  <Uitkering>ANW</Uitkering>
  <Uitkering>AOW</Uitkering>
  <BelemmeringEindoordeel>J</BelemmeringEindoordeel>
  <AantalMeerderjarigeBewoners>3</AantalMeerderjarigeBewoners>
  <Organisatie>Groningen</Organisatie>
  <BSNTevensAangeleverd>Baarn</BSNTevensAangeleverd>
  <BSNTevensAangeleverd>Zwolle</BSNTevensAangeleverd>
  <Inkomen>
    <Belemmering>J</Belemmering>
    <TotaalNettoInkomen>2501</TotaalNettoInkomen>
    <Inkomensnorm>1893</Inkomensnorm>
    <Toetspercentage>110</Toetspercentage>
    <Toetsbedrag>2082</Toetsbedrag>
    <PercentageVanNorm>132</PercentageVanNorm>
    <Inkomstenverhouding>
      <BSN>999990019</BSN>
      <WerkgeverUitkeringsinstantie>Bakkerij Jansen</WerkgeverUitkeringsinstantie>
      <BedragInkomsten>1520</BedragInkomsten>
      <SoortInkomstenverhouding>15</SoortInkomstenverhouding>
      <Meegeteld>1301</Meegeteld>
    </Inkomstenverhouding>
    <Inkomstenverhouding>
      <BSN>999990020</BSN>
      <WerkgeverUitkeringsinstantie>Stichting &lt;Pensioen&gt; &amp; Co</WerkgeverUitkeringsinstantie>
      <BedragInkomsten>-2</BedragInkomsten>
      <SoortInkomstenverhouding>onbekend</SoortInkomstenverhouding>
      <Meegeteld>1200</Meegeteld>
    </Inkomstenverhouding>
    <Heffingskorting>
      <BSN>999990019</BSN>
      <Omschrijving>arbeidskorting</Omschrijving>
      <Kortingsbedrag>3115</Kortingsbedrag>
    </Heffingskorting>
    <Heffingskorting>
      <BSN>999990020</BSN>
      <Omschrijving>onbekend (XYZ)</Omschrijving>
      <Kortingsbedrag>0</Kortingsbedrag>
    </Heffingskorting>
  </Inkomen>
  <Vermogen>
    <Belemmering>J</Belemmering>
    <SaldoTotaal>15300</SaldoTotaal>
    <RenteTotaal>-1</RenteTotaal>
    <Rekening>
      <BSN>999990019</BSN>
      <Saldo>15300</Saldo>
      <Rente>-1</Rente>
      <Banknaam>ABN AMRO</Banknaam>
      <BanknaamProduct>spaarrekening</BanknaamProduct>
      <NaamRekeninghouder>A van der Meer</NaamRekeninghouder>
      <TeltMee>J</TeltMee>
    </Rekening>
    <Rekening>
      <BSN>999990020</BSN>
      <Saldo>3121</Saldo>
      <Rente>12</Rente>
      <Banknaam>ABN AMRO</Banknaam>
      <BanknaamProduct>spaarrekening</BanknaamProduct>
      <NaamRekeninghouder>B 't Hart</NaamRekeninghouder>
      <TeltMee>N</TeltMee>
    </Rekening>
  </Vermogen>
  <Voertuig>
    <BSN>999990019</BSN>
    <Kenteken>X999XX</Kenteken>
    <Soort>Personenauto</Soort>
    <Merk>VOLKSWAGEN</Merk>
    <Type>GOLF</Type>
    <Gewicht>1205</Gewicht>
    <Brandstofsoort1>Benzine</Brandstofsoort1>
    <Inrichting>hatchback</Inrichting>
    <Status>normaal</Status>
  </Voertuig>
  <Voertuig>
    <BSN>999990020</BSN>
    <Kenteken>9ABC01</Kenteken>
    <Soort>Motorfiets</Soort>
    <Merk>HONDA</Merk>
    <Type>CB 500</Type>
    <Gewicht>190</Gewicht>
    <Brandstofsoort2>Elektriciteit</Brandstofsoort2>
    <Inrichting></Inrichting>
    <BijzondereCondities>Taxi, Geleend</BijzondereCondities>
    <Status>geschorst</Status>
  </Voertuig>
  <Huishouden>
    <Belemmering>N</Belemmering>
    <Reden>Geen gegevens bekend bij Belastingdienst</Reden>
    <Reden>4 bewoners, waarvan 3 meerderjarig</Reden>
  </Huishouden>
</Aanvraag>
</DetailrapportageBijzondereBijstand>
"""


def compact(xml: str) -> bytes:
    """Undo the indentation: the report has one line per Kop and Aanvraag."""
    return re.sub(r"\n +|\n(?=</(Kop|Aanvraag)>)", "", xml).encode()


def een(aanvraag: Aanvraag) -> etree._Element:
    return etree.fromstring(detail(aanvraag))[1]


def tekst(aanvraag: Aanvraag, pad: str) -> str | None:
    """Return the text of the element, None when it is not there."""
    element = een(aanvraag).find("/".join(f"{{{NAMESPACE}}}{naam}" for naam in pad.split("/")))
    return None if element is None else element.text or ""


def test_everything() -> None:
    assert detail(MET_ALLES) == compact(ALLES)


def test_nothing_found() -> None:
    niets = compact("""\
<Aanvraag>
  <GSDCode>0014</GSDCode>
  <BRPBevraagd>J</BRPBevraagd>
  <BSN>999990019</BSN>
  <Geslachtsnaam>Meer</Geslachtsnaam>
  <Geboortedatum>1980-03-17</Geboortedatum>
  <Leefvorm>Alleenstaand</Leefvorm>
  <BetrouwbaarheidLeefvorm>Hoog</BetrouwbaarheidLeefvorm>
  <BelemmeringEindoordeel>N</BelemmeringEindoordeel>
  <AantalMeerderjarigeBewoners>1</AantalMeerderjarigeBewoners>
  <Organisatie>Groningen</Organisatie>
  <Inkomen>
    <Belemmering>N</Belemmering>
    <Toetspercentage>120</Toetspercentage>
  </Inkomen>
  <Vermogen>
    <Belemmering>N</Belemmering>
  </Vermogen>
  <Huishouden>
    <Belemmering>N</Belemmering>
  </Huishouden>
</Aanvraag>
""")
    assert detail(Aanvraag()).split(b"</Kop>\n")[1] == niets + b"</DetailrapportageBijzondereBijstand>\n"


def test_without_aanvragen_there_is_the_kop() -> None:
    leeg = detail()
    assert leeg.endswith(b"</Kop>\n</DetailrapportageBijzondereBijstand>\n")
    assert valideer(io.BytesIO(leeg)) == 0


@pytest.mark.parametrize(
    ("aanvraag", "aantal"),
    [
        (Aanvraag(meerderjarigen=0), "0"),  # the BRP knows the person, who has no address
        (Aanvraag(meerderjarigen=12), "12"),
        (Aanvraag(brp_bevraagd=False), None),
    ],
)
def test_adult_residents_are_counted_whenever_the_brp_was_asked(
    aanvraag: Aanvraag, aantal: str | None
) -> None:
    assert tekst(aanvraag, "AantalMeerderjarigeBewoners") == aantal


def test_an_unknown_person_has_empty_name_and_date_and_no_partner() -> None:
    onbekend = Aanvraag(persoon_bekend=False, naam="", geboortedatum="")
    assert [tekst(onbekend, naam) for naam in ("Geslachtsnaam", "Geboortedatum")] == ["", ""]
    assert [tekst(onbekend, f"{naam}Partner") for naam in ("BSN", "Geslachtsnaam", "Geboortedatum")] == [
        None
    ] * 3


def test_a_partner_without_birth_date_keeps_the_element() -> None:
    assert tekst(met(MET_ALLES, partner_geboortedatum=""), "GeboortedatumPartner") == ""


def test_a_partner_without_bsn_shows_by_name_and_birth_date() -> None:
    zonder = met(MET_ALLES, partner_bsn=0)
    elementen = [f"{naam}Partner" for naam in ("BSN", "Geslachtsnaam", "Geboortedatum")]
    assert [tekst(zonder, naam) for naam in elementen] == [None, "'t Hart & Zn", "1979-11"]
    assert valideer(io.BytesIO(detail(zonder))) == 1


@pytest.mark.parametrize(("inkomen", "percentage"), [("J", "120"), ("N", "120"), ("Niet getoetst", None)])
def test_toetspercentage_shows_when_income_was_tested(inkomen: str, percentage: str | None) -> None:
    assert tekst(Aanvraag(inkomen=inkomen, totaal=5_000), "Inkomen/Toetspercentage") == percentage


def test_belemmering_vermogen_without_known_accounts_has_no_totals() -> None:
    mislukt = Aanvraag(
        vermogen="J", rekeningen=0, belemmering="J", redenen=("BSN-verificatie voor x mislukt",)
    )
    assert tekst(mislukt, "Vermogen/Belemmering") == "J"
    assert tekst(mislukt, "Vermogen/SaldoTotaal") is None


def test_each_row_names_its_own_gemeente() -> None:
    rijen = etree.fromstring(detail(Aanvraag(), Aanvraag(bsn=BRAM, gsd_code="0034")))[1:]
    assert [rij.findtext(f"{{{NAMESPACE}}}Organisatie") for rij in rijen] == ["Groningen", "Almere"]


def test_names_of_other_gemeenten_are_alphabetical_whatever_their_case() -> None:
    namen = ("Zwolle", "de Bilt", "BUCH", "Baarn", "’s-Gravenhage", "Zwolle")
    gevonden = een(Aanvraag(tevens=namen)).findall(f"{{{NAMESPACE}}}BSNTevensAangeleverd")
    assert [element.text for element in gevonden] == ["Baarn", "BUCH", "de Bilt", "Zwolle", "’s-Gravenhage"]


@pytest.mark.parametrize(
    ("geschreven", "gelezen"),
    [
        ("<&>\"'", "<&>\"'"),
        ("]]>", "]]>"),
        ("&lt;", "&lt;"),
        (" van  Dijk ", " van  Dijk "),
        ("a\rb\nc\td", "a\rb\nc\td"),
        ("Ünal-Żółć", "Ünal-Żółć"),
        ("a\0b\x1fc\ufffed", "a\ufffdb\ufffdc\ufffdd"),
    ],
)
def test_text_reads_back(geschreven: str, gelezen: str) -> None:
    assert tekst(met(MET_ALLES, naam=geschreven), "Geslachtsnaam") == gelezen
    organisatie = etree.fromstring(detail(Aanvraag(), kop=replace(KOP, aanleverende_organisatie=geschreven)))
    assert organisatie[0][0].text == gelezen


def test_the_same_bytes_however_it_is_cut() -> None:
    drie = (MET_ALLES, Aanvraag(bsn=BRAM), met(MET_ALLES, bsn=CARLA, bank=(), kortingen=()))
    assert len({detail(*drie, per_deel=aantal) for aantal in (1, 2, 3, 10_000)}) == 1


def test_the_rapportagedatum_changes_the_file_but_not_its_contents() -> None:
    vroeg, vroege = detailrapport(MET_ALLES)
    laat, late = detailrapport(MET_ALLES, kop=replace(KOP, rapportagedatum=date(2026, 10, 31)))
    assert laat == vroeg.replace(b"<Rapportagedatum>2026-10-05<", b"<Rapportagedatum>2026-10-31<")
    assert (vroege.sha256, late.sha256) == tuple(hashlib.sha256(xml).hexdigest() for xml in (vroeg, laat))
    zonder = vroeg.replace(b"<Rapportagedatum>2026-10-05<", b"<Rapportagedatum><")
    assert vroege.inhoud_sha256 == late.inhoud_sha256 == hashlib.sha256(zonder).hexdigest()
    _, andere = detailrapport(met(MET_ALLES, naam="Anders"))
    assert andere.inhoud_sha256 != vroege.inhoud_sha256


def test_says_where_each_aanvraag_stands() -> None:
    xml, rapport = detailrapport(MET_ALLES, Aanvraag(bsn=BRAM), met(MET_ALLES, bsn=CARLA), per_deel=2)
    assert (rapport.rijen, rapport.omvang) == (3, len(xml))
    stukken = [
        xml[begin:eind] for begin, eind in zip(rapport.plaatsen[:-1], rapport.plaatsen[1:], strict=True)
    ]
    assert [etree.fromstring(stuk)[2].text for stuk in stukken] == [str(bsn) for bsn in (ANNA, BRAM, CARLA)]
