from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from include.errors import ControleFout
from include.rapportage.opzoeken import detail_tekst, maak_index, zoek
from tests.rapportage.hulp import ANNA, BRAM, CARLA, DIRK, ELS, MET_ALLES, Aanvraag, detailrapport, met

DRIE = (met(MET_ALLES, bsn=CARLA), Aanvraag(bsn=DIRK), Aanvraag(bsn=ANNA, gsd_code="0034", naam="Żółć & Zn"))
XML, RAPPORT = detailrapport(*DRIE, per_deel=2)
INDEX = maak_index(np.array([aanvraag.bsn for aanvraag in DRIE]), RAPPORT.plaatsen)


class Stroom(io.BytesIO):
    """A file as it comes out of decryption: only forward."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("seek")


@pytest.mark.parametrize("bestand", [io.BytesIO, Stroom])
@pytest.mark.parametrize("aanvraag", DRIE)
def test_finds_each_aanvrager(aanvraag: Aanvraag, bestand: type[io.BytesIO]) -> None:
    gevonden = zoek(INDEX, bestand(XML), aanvraag.bsn)
    assert [kind.text for kind in gevonden[2:4]] == [str(aanvraag.bsn), aanvraag.naam]


@pytest.mark.parametrize("bsn", [BRAM, ELS, 1, 10**9])
def test_finds_nobody_else_and_no_partner(bsn: int) -> None:
    assert zoek(INDEX, io.BytesIO(XML), bsn) is None


def test_finds_nobody_in_an_empty_report() -> None:
    xml, rapport = detailrapport()
    assert zoek(maak_index(np.array([], dtype=np.int64), rapport.plaatsen), io.BytesIO(xml), ANNA) is None


def test_index_is_the_same_bytes_for_the_same_report() -> None:
    assert maak_index(np.array([aanvraag.bsn for aanvraag in DRIE]), RAPPORT.plaatsen) == INDEX


@pytest.mark.parametrize(
    ("index", "xml"),
    [
        (INDEX, XML[10:]),
        (INDEX, XML[:700]),
        (INDEX, detailrapport(*DRIE[1:])[0]),
        (b"something else altogether" * 4, XML),
        (b"", XML),
    ],
)
def test_refuses_an_index_of_another_report(index: bytes, xml: bytes) -> None:
    with pytest.raises(ControleFout) as fout:
        zoek(index, io.BytesIO(xml), DIRK)
    assert str(DIRK) not in str(fout.value)


def test_readable_text() -> None:
    xml, rapport = detailrapport(MET_ALLES)
    gevonden = zoek(maak_index(np.array([ANNA]), rapport.plaatsen), io.BytesIO(xml), ANNA)
    assert (
        detail_tekst(gevonden)
        == """\
GSD-code                       0014
BRP bevraagd                   J
BSN                            999990019
Geslachtsnaam                  van der Meer
Geboortedatum                  1980-03-17
BSN partner                    999990020
Geslachtsnaam partner          't Hart & Zn
Geboortedatum partner          1979-11
Leefvorm                       Gehuwd/samenwonend
Betrouwbaarheid leefvorm       Hoog
Uitkering                      ANW
Uitkering                      AOW
Belemmering (eindoordeel)      J
Aantal meerderjarige bewoners  3
Organisatie                    Groningen
BSN tevens aangeleverd door    Baarn
BSN tevens aangeleverd door    Zwolle

Inkomen
  Belemmering                           J
  Totaal netto-inkomen (euro)           2501
  Inkomensnorm (euro)                   1893
  Toetspercentage (%)                   110
  Toetsbedrag (euro)                    2082
  Inkomen ten opzichte van de norm (%)  132
  Inkomstenverhouding
    BSN                               999990019
    Werkgever of uitkeringsinstantie  Bakkerij Jansen
    Bedrag inkomsten (euro)           1520
    Soort inkomstenverhouding (code)  15
    Meegeteld (euro)                  1301
  Inkomstenverhouding
    BSN                               999990020
    Werkgever of uitkeringsinstantie  Stichting <Pensioen> & Co
    Bedrag inkomsten (euro)           -2
    Soort inkomstenverhouding (code)  onbekend
    Meegeteld (euro)                  1200
  Heffingskorting
    BSN                    999990019
    Omschrijving           arbeidskorting
    Kortingsbedrag (euro)  3115
  Heffingskorting
    BSN                    999990020
    Omschrijving           onbekend (XYZ)
    Kortingsbedrag (euro)  0

Vermogen
  Belemmering          J
  Saldo totaal (euro)  15300
  Rente totaal (euro)  -1
  Rekening
    BSN                  999990019
    Saldo (euro)         15300
    Rente (euro)         -1
    Banknaam             ABN AMRO
    Banknaam product     spaarrekening
    Naam rekeninghouder  A van der Meer
    Telt mee             J
  Rekening
    BSN                  999990020
    Saldo (euro)         3121
    Rente (euro)         12
    Banknaam             ABN AMRO
    Banknaam product     spaarrekening
    Naam rekeninghouder  B 't Hart
    Telt mee             N

Voertuig
  BSN               999990019
  Kenteken          X999XX
  Soort             Personenauto
  Merk              VOLKSWAGEN
  Type              GOLF
  Gewicht (kg)      1205
  Brandstofsoort 1  Benzine
  Inrichting        hatchback
  Status            normaal

Voertuig
  BSN                   999990020
  Kenteken              9ABC01
  Soort                 Motorfiets
  Merk                  HONDA
  Type                  CB 500
  Gewicht (kg)          190
  Brandstofsoort 2      Elektriciteit
  Inrichting            –
  Bijzondere condities  Taxi, Geleend
  Status                geschorst

Huishouden
  Belemmering  N
  Reden        Geen gegevens bekend bij Belastingdienst
  Reden        4 bewoners, waarvan 3 meerderjarig"""
    )


def test_a_report_of_version_1_0_that_is_still_kept_is_found_and_read() -> None:
    xml = Path(__file__).with_name("detail_1_0.xml").read_bytes()
    begin, eind = xml.index(b"<Aanvraag>"), xml.index(b"</DetailrapportageBijzondereBijstand>")
    gevonden = zoek(maak_index(np.array([ANNA]), np.array([begin, eind])), io.BytesIO(xml), ANNA)
    regels = [regel.strip() for regel in detail_tekst(gevonden).splitlines()]
    assert regels[0] == "BRP bevraagd                   J"
    assert "Organisatie                    Gemeente Groningen" in regels
    assert "BSN tevens aangeleverd door    Zwolle" in regels
    assert regels.count("Inkomstenverhouding") == 2
    assert not any(regel.startswith(("GSD-code", "Meegeteld", "Telt mee")) for regel in regels)


def test_text_cannot_steer_a_terminal() -> None:
    xml, rapport = detailrapport(Aanvraag(naam="a\x9b31m\nb\u202ec"))
    gevonden = zoek(maak_index(np.array([ANNA]), rapport.plaatsen), io.BytesIO(xml), ANNA)
    assert detail_tekst(gevonden).splitlines()[3].split()[1] == "a\ufffd31m\ufffdb\ufffdc"
