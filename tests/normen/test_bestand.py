"""The files of ``kapot/``: each has one thing wrong, and the message says where and what to do.

Every folder also holds a ``goed`` file, so that a broken one is refused for what is broken in it, and some
hold more of them for what only just holds.
"""

from pathlib import Path
from typing import Annotated

import pytest
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from include.errors import NormFout
from include.normen import gemeenten, vormen
from include.normen.bestand import ROOT, Normbestand, lees, naar_centen, toon, zoals

KAPOT = Path(__file__).with_name("kapot")
VORMEN = {
    "aow_leeftijd": vormen.AowLeeftijden,
    "bijstandsnormen": vormen.Bijstandsnormen,
    "deelnamedatum": vormen.Deelnamedata,
    "heffingskortingen": vormen.Heffingskortingen,
    "inkomstenverhoudingen": vormen.Inkomstenverhoudingen,
    "instellingen": vormen.Standaardinstellingen,
    "normvariant": vormen.Normvarianten,
    "vermogen": vormen.Vermogen,
    "voertuigen": vormen.Voertuigen,
}

# file, line, what the message says after them
MELDINGEN = """
aow_leeftijd/dalend.yaml                    8 leeftijden.2 has a lower AOW age than those born before it: check
aow_leeftijd/dalende_maanden.yaml           8 leeftijden.2 has a lower AOW age than those born before it: check
aow_leeftijd/gat.yaml                       8 leeftijden.2 leaves a gap in the birth dates between 1960-12-31 and 1961-02-01: fill it
aow_leeftijd/jaren.yaml                     4 leeftijden.1.jaren is too low: at least 60
aow_leeftijd/jaren_tekst.yaml               4 leeftijden.1.jaren must be a whole number without quotes
aow_leeftijd/maanden.yaml                  11 leeftijden.2.maanden is too high: at most 11
aow_leeftijd/overlap.yaml                   8 leeftijden.2 overlaps the one above it: end that one on 1960-12-31
aow_leeftijd/zonder_bwb.yaml                6 leeftijden.1.bron must give wet + artikel + bwb, or pagina, or handleiding
bijstandsnormen/alias.yaml                 18 perioden.2.bron is an alias: write the values out
bijstandsnormen/bwb.yaml                   18 perioden.2.bron.bwb cannot be 'BWB0015703': write it in the form BWBR0015703
bijstandsnormen/datum_bestaat_niet.yaml    16 perioden.2.vanaf cannot be '2026-06-31': correct it
bijstandsnormen/datum_met_quotes.yaml      16 perioden.2.vanaf must be a date, written without quotes as 2026-07-01
bijstandsnormen/dubbele_sleutel.yaml       24 perioden.2.normen.gehuwd is there twice: keep one
bijstandsnormen/gat.yaml                   16 perioden.2 leaves a gap between 2026-06-30 and 2026-07-02: fill it
bijstandsnormen/geen_blok.yaml              2 perioden.1 must be keys with values
bijstandsnormen/geen_lijst.yaml             1 perioden must be a list: lines that begin with a dash
bijstandsnormen/geen_utf8.yaml              2 is not UTF-8: save the file as UTF-8
bijstandsnormen/geheel_getal.yaml          22 perioden.2.normen.gehuwd.bedrag must be an amount in double quotes, as in "1419.46"
bijstandsnormen/komma.yaml                 22 perioden.2.normen.gehuwd.bedrag is not an amount: write '2002,13' in euros with a full stop
bijstandsnormen/kommagetal.yaml            22 perioden.2.normen.gehuwd.bedrag must be an amount in double quotes, as in "1419.46"
bijstandsnormen/leeg.yaml                   1 the file is empty: put it back from the repository
bijstandsnormen/lege_lijst.yaml             1 perioden is empty: give at least one
bijstandsnormen/negatief.yaml              22 perioden.2.normen.gehuwd.bedrag is not an amount: write '-2002.13'
bijstandsnormen/omgekeerd.yaml             16 perioden.2 ends on 2025-12-31, before it begins on 2026-07-01: correct the dates
bijstandsnormen/onbekende_sleutel.yaml     24 perioden.2.normen.gehuwt_aow is not a key of this file: correct or remove it
bijstandsnormen/ontbrekende_norm.yaml      20 perioden.2.normen.gehuwd_aow is missing: add it
bijstandsnormen/open_einde.yaml            17 perioden.2.tot_en_met must be a date
bijstandsnormen/overlap.yaml               16 perioden.2 overlaps the one above it: end that one on 2026-06-30
bijstandsnormen/punt_voor_duizend.yaml     22 perioden.2.normen.gehuwd.bedrag is not an amount: write '2.002'
bijstandsnormen/sprong.yaml                22 perioden.2.normen.gehuwd goes from 2002.13 to 2503.00, over 25%: check both
bijstandsnormen/stuurteken.yaml             1 holds characters that YAML does not allow: remove them
bijstandsnormen/tab.yaml                    3 is not YAML (found a tab character that violates indentation): mend it
bijstandsnormen/te_hoog.yaml               22 perioden.2.normen.gehuwd.bedrag cannot be right: 20021.30 is not between 100 and 5000 euros
bijstandsnormen/te_laag.yaml               25 perioden.2.normen.jong_alleenstaand.bedrag cannot be right: 34.59 is not between 100 and
bijstandsnormen/tijdstip.yaml              16 perioden.2.vanaf must be a date, written without quotes as 2026-07-01
bijstandsnormen/twee_gaten.yaml            16 perioden.2 leaves a gap between 2026-06-30 and 2026-07-02: fill it
bijstandsnormen/volgorde.yaml              16 perioden.2 begins on 2026-01-01, not after the one above it (2026-07-01): put the oldest
bijstandsnormen/wortel_lijst.yaml           1 the file must be keys with values
bijstandsnormen/zelfde_begin.yaml          16 perioden.2 begins on 2026-01-01, not after the one above it (2026-01-01): put the oldest
bijstandsnormen/zonder_artikel.yaml        23 perioden.2.normen.alleenstaand_aow.artikel is missing: add it
bijstandsnormen/zonder_bron.yaml           16 perioden.2.bron is missing: add it
bijstandsnormen/zonder_herkomst.yaml       19 perioden.2.herkomst is empty: fill it in
deelnamedatum/dag_na_de_maand.yaml          3 uitzonderingen.1.deelnamedatum (2026-12-01) lies outside its ronde 2026-11: choose a day
deelnamedatum/dag_voor_de_maand.yaml        7 uitzonderingen.2.deelnamedatum (2026-11-30) lies outside its ronde 2026-12: choose a day
deelnamedatum/dubbel.yaml                   6 uitzonderingen.2.ronde (2026-11) does not come after 2026-11: one line a ronde
deelnamedatum/maand_13.yaml                 6 uitzonderingen.2.ronde cannot be '2026-13': write it in the form "2026-12"
deelnamedatum/volgorde.yaml                 6 uitzonderingen.2.ronde (2026-10) does not come after 2026-11: one line a ronde
deelnamedatum/zonder_reden.yaml             6 uitzonderingen.2.reden is missing: add it
gemeenten/cellen.csv                        3 has 4 cells, not 5: mend the line
gemeenten/code.csv                          3 begins with a code of four digits and a name: mend the line
gemeenten/datum.csv                         3 ingang and einde are dates written as 2023-01-01, or empty: mend the line
gemeenten/dubbel.csv                        3 0014 is there twice: keep one
gemeenten/einde_voor_ingang.csv             3 einde must come after ingang
gemeenten/geen_utf8.csv                     3 is not UTF-8: save the file as UTF-8
gemeenten/kop.csv                           1 the header must be gemeentecode;naam;ingang;einde;nieuwe_code
gemeenten/leeg.csv                          1 the header must be gemeentecode;naam;ingang;einde;nieuwe_code
gemeenten/naam.csv                          3 begins with a code of four digits and a name: mend the line
gemeenten/opvolger_onbekend.csv             3 nieuwe_code 0015 is not in the table: add it
gemeenten/opvolger_zonder_einde.csv         3 einde must come after ingang, and nieuwe_code asks for an einde
gemeenten/rondje.csv                        4 the successors go round (0018 -> 0019 -> 0018): mend one nieuwe_code
heffingskortingen/artikel_zonder_quotes.yaml 7 perioden.1.kortingen.AHK.artikel must be text: put it in double quotes
heffingskortingen/gat.yaml                  8 perioden.2 leaves a gap between 2025-12-31 and 2027-01-01: fill it
heffingskortingen/kleine_letters.yaml       7 perioden.1.kortingen.ahk cannot be 'ahk': write it in the form AHK
inkomstenverhoudingen/code_dubbel.yaml     11 perioden.1.soorten.22 is there twice: keep one
inkomstenverhoudingen/code_te_lang.yaml    11 perioden.1.soorten.056 cannot be '056': write it in the form "15"
inkomstenverhoudingen/code_zonder_quotes.yaml 11 perioden.1.soorten.56 is a key and must be text: put it in double quotes
inkomstenverhoudingen/geen_soorten.yaml     6 perioden.1.soorten is empty: give at least one
inkomstenverhoudingen/groep.yaml           13 perioden.1.soorten.56.groep must be 'loondienst', 'uitkering' or 'pensioen'
inkomstenverhoudingen/uitkeringsvorm.yaml  10 perioden.1.soorten.22.uitkeringsvorm must be 'PW', 'IOAW'
instellingen/engels.yaml                    6 perioden.1.vermogen must be 'ja' or 'nee'
instellingen/percentage_te_hoog.yaml        8 perioden.1.percentage is too high: at most 150
instellingen/percentage_te_laag.yaml        8 perioden.1.percentage is too low: at least 100
normvariant/factor_kommagetal.yaml          3 varianten.exclusief must be text: put it in double quotes
normvariant/factor_te_groot.yaml            3 varianten.exclusief cannot be '9.50': write it in the form "0.95"
normvariant/onbekend.yaml                   9 perioden.1.variant is not a known normvariant: choose from exclusief, inclusief
normvariant/overlap.yaml                   10 perioden.2 overlaps the one above it: end that one on 2026-06-30
normvariant/vreemde_variant.yaml            3 varianten.netto must be 'inclusief' or 'exclusief'
vermogen/gat_grenzen.yaml                   8 vermogensgrenzen.2 leaves a gap between 2024-12-31 and 2026-01-01: fill it
vermogen/gelijk.yaml                        7 vermogensgrenzen.1.gehuwd is not above alleenstaand: swap them
vermogen/overlap_na_open.yaml              14 rentegrens.2 overlaps the one above it: end that one on 2025-12-31
vermogen/rente_halve_bron.yaml             11 rentegrens.1.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_kommagetal.yaml             13 rentegrens.1.procent must be text: put it in double quotes
vermogen/rente_lege_bron.yaml              11 rentegrens.1.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_pagina.yaml                 11 rentegrens.1.bron.pagina cannot be 'http://www.rijksoverheid.nl/': write it in the form https
vermogen/rente_twee_bronnen.yaml           11 rentegrens.1.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_vorm.yaml                   13 rentegrens.1.procent cannot be '1,0': write it in the form "1.0"
vermogen/te_laag.yaml                       6 vermogensgrenzen.1.alleenstaand.bedrag cannot be right: 800 is not between 1000 and
vermogen/verwisseld.yaml                    7 vermogensgrenzen.1.gehuwd is not above alleenstaand: swap them
voertuigen/alias_is_merk.yaml              11 perioden.1.merk_aliassen.AUDI must be another name of a brand in exclusieve_merken
voertuigen/alias_onbekend_merk.yaml        11 perioden.1.merk_aliassen.MERCEDES-AMG must be another name of a brand in exclusieve_merken
voertuigen/geen_merken.yaml                 7 perioden.1.exclusieve_merken is empty: give at least one
voertuigen/jaren.yaml                       6 perioden.1.jaren is too low: at least 1
voertuigen/merk_dubbel.yaml                10 perioden.1.exclusieve_merken.3 is there twice ('MERCEDES BENZ', case and spaces aside)
voertuigen/soort_dubbel.yaml               15 perioden.1.geen_motorvoertuig.3 is there twice ('bromfiets', case and spaces aside)
"""  # noqa: E501 a table reads best with one line a case
MET_MEER = {"bijstandsnormen/onbekende_sleutel.yaml", "bijstandsnormen/twee_gaten.yaml"}
GEVALLEN = [tuple(regel.split(maxsplit=2)) for regel in MELDINGEN.strip().splitlines()]


def laad(naam: str):
    pad = KAPOT / naam
    return gemeenten.lees(pad) if pad.suffix == ".csv" else lees(pad, VORMEN[pad.parent.name])


@pytest.mark.parametrize(("naam", "regel", "woorden"), GEVALLEN, ids=[geval[0] for geval in GEVALLEN])
def test_a_broken_file_is_refused_with_file_line_and_what_to_do(naam: str, regel: str, woorden: str):
    with pytest.raises(NormFout) as fout:
        laad(naam)
    melding = str(fout.value)
    assert melding.startswith(f"tests/normen/kapot/{naam}, line {regel}: {woorden}")
    assert melding.endswith(".")
    assert ("more after this one" in melding) is (naam in MET_MEER)
    assert fout.value.__suppress_context__ or fout.value.__context__ is None


def test_every_broken_file_is_in_the_table_and_every_form_has_one_that_is_right():
    op_schijf = {str(pad.relative_to(KAPOT)) for pad in KAPOT.glob("*/*")}
    goed = {naam for naam in op_schijf if Path(naam).stem.startswith("goed")}

    assert op_schijf - goed == {naam for naam, _, _ in GEVALLEN}
    assert {Path(naam).parent.name for naam in goed} == {*VORMEN, "gemeenten"}
    for naam in goed:
        assert laad(naam)


@pytest.mark.parametrize("naam", sorted(MET_MEER))
def test_further_objections_are_counted(naam: str):
    with pytest.raises(NormFout, match=r"\(1 more after this one\)\.$"):
        laad(naam)


def test_an_objection_without_words_of_ours_keeps_those_of_pydantic(tmp_path: Path):
    class Even(Normbestand):
        getal: Annotated[int, Field(multiple_of=2)]

        def bezwaren(self):
            return iter(())

    bestand = tmp_path / "even.yaml"
    bestand.write_text("getal: 3\n")

    with pytest.raises(NormFout, match=r"even\.yaml, line 1: getal Input should be a multiple of 2\.$"):
        lees(bestand, Even)


def test_text_in_a_form_is_kept_or_refused_with_an_example():
    code = TypeAdapter(Annotated[str, zoals("AB12", r"[A-Z]{2}[0-9]{2}")])

    assert code.validate_python("XY99") == "XY99"
    for waarde in ("XY9", "XY999", "xy99", "XY99\n", ""):
        with pytest.raises(ValidationError, match=f"cannot be '{waarde}': write it in the form AB12"):
            code.validate_python(waarde)


@pytest.mark.parametrize(
    ("naam", "sleutel"),
    [
        ("Mercedes-Benz", "mercedesbenz"),
        ("MERCEDES BENZ", "mercedesbenz"),
        ("Citroën", "citroen"),
        ("Land Rover", "landrover"),
        ("Škoda", "skoda"),
    ],
)
def test_brands_compare_without_case_accents_spaces_and_hyphens(naam: str, sleutel: str):
    assert vormen.merksleutel(naam) == sleutel


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(
        NormFout, match=r"vermogen\.yaml cannot be read \(No such file or directory\): put it back"
    ):
        lees(tmp_path / "vermogen.yaml", vormen.Vermogen)


def test_an_objection_without_a_place_is_on_the_first_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def weiger(*_: object, **__: object) -> None:
        raise yaml.MarkedYAMLError(problem="found something")

    monkeypatch.setattr(yaml, "compose", weiger)
    bestand = tmp_path / "vermogen.yaml"
    bestand.write_text("vermogensgrenzen: []\n")

    with pytest.raises(
        NormFout, match=r"vermogen\.yaml, line 1: is not YAML \(found something\): mend it\.$"
    ):
        lees(bestand, vormen.Vermogen)


def test_what_is_read_cannot_be_changed():
    instellingen = laad("instellingen/goed.yaml").perioden[0]

    with pytest.raises(ValueError, match="frozen"):
        instellingen.percentage = 130


@pytest.mark.parametrize(
    ("bedrag", "centen"),
    [("1419.46", 141946), ("1401.50", 140150), ("269.51", 26951), ("100", 10000), ("5000.00", 500000)],
)
def test_an_amount_is_read_exactly_to_the_cent(bedrag: str, centen: int):
    assert naar_centen(bedrag, minste=100, hoogste=5000) == centen


@pytest.mark.parametrize(
    "bedrag", ["99.99", "5000.01", "", ".50", "1.5", "1 419.46", "1e3", "١٢٣٤", "0x10", "1419.46 "]
)
def test_what_is_no_plausible_amount_is_refused(bedrag: str):
    with pytest.raises(ValueError, match=r"is not an amount|cannot be right"):
        naar_centen(bedrag, minste=100, hoogste=5000)


def test_ops_see_paths_from_the_root_of_the_project(tmp_path: Path):
    assert toon(ROOT / "include" / "normen" / "vermogen.yaml") == "include/normen/vermogen.yaml"
    assert toon(tmp_path / "x.yaml") == str(tmp_path / "x.yaml")
