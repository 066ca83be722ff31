"""Norm files with one thing wrong: the message says in which file, on which line, and what to do.

Every case is an edit of a file that is right, so that it is refused for what the edit breaks and for nothing else.
"""

from pathlib import Path

import pytest

from include.errors import NormFout
from include.normen import gemeenten, models
from include.normen.norm_tables import BESTANDEN
from include.normen.yaml_file import lees_normbestand

GOED = {
    "aow_leeftijd": """\
leeftijden:
  - geboren_vanaf: 0001-01-01
    geboren_tot_en_met: 1960-12-31
    jaren: 67
    maanden: 0
    bron: {wet: Algemene Ouderdomswet, artikel: "7a", bwb: BWBR0002221}
    herkomst: "rijksoverheid"
  - geboren_vanaf: 1961-01-01
    geboren_tot_en_met: 1964-09-30
    jaren: 67
    maanden: 3
    bron: {wet: Algemene Ouderdomswet, artikel: "7a", bwb: BWBR0002221}
    herkomst: "rijksoverheid"
""",
    "bijstandsnormen": """\
perioden:
  - vanaf: 2026-01-01
    tot_en_met: 2026-06-30
    bron: {wet: Participatiewet, bwb: BWBR0015703}
    herkomst: "wettekst 2026-01-01"
    normen:
      alleenstaand: {bedrag: "1401.50", artikel: "21, onder a"}
      gehuwd: {bedrag: "2002.13", artikel: "21, onder b"}
      alleenstaand_aow: {bedrag: "1564.69", artikel: "22, onder a"}
      gehuwd_aow: {bedrag: "2144.16", artikel: "22, onder b en c"}
  - vanaf: 2026-07-01
    tot_en_met: 2026-12-31
    bron: {wet: Participatiewet, bwb: BWBR0015703}
    herkomst: "wettekst 2026-07-01"
    normen:
      alleenstaand: {bedrag: "1401.50", artikel: "21, onder a"}
      gehuwd: {bedrag: "2002.13", artikel: "21, onder b"}
      alleenstaand_aow: {bedrag: "1564.69", artikel: "22, onder a"}
      gehuwd_aow: {bedrag: "2144.16", artikel: "22, onder b en c"}
""",
    "deelnamedatum": """\
uitzonderingen:
  - ronde: "2026-11"
    deelnamedatum: 2026-11-20
    reden: "verbouwing van het portaal"
    herkomst: "besluit productmanager"
  - ronde: "2026-12"
    deelnamedatum: 2026-12-22
    reden: "Kerst"
    herkomst: "besluit productmanager"
""",
    "gemeenten": """\
gemeentecode;naam;ingang;einde;nieuwe_code
0014;Groningen;;;
0017;Haren;;2019-01-01;0014
""",
    "heffingskortingen": """\
perioden:
  - vanaf: 2022-01-01
    tot_en_met: 2025-12-31
    bron: {wet: Wet inkomstenbelasting 2001, bwb: BWBR0011353}
    herkomst: "codes van de bron"
    kortingen:
      AHK: {omschrijving: "algemene heffingskorting", artikel: "8.10"}
  - vanaf: 2026-01-01
    tot_en_met: open
    bron: {wet: Wet inkomstenbelasting 2001, bwb: BWBR0011353}
    herkomst: "codes van de bron"
    kortingen:
      AHK: {omschrijving: "algemene heffingskorting", artikel: "8.10"}
""",
    "inkomstenverhoudingen": """\
perioden:
  - vanaf: 2022-01-01
    tot_en_met: open
    bron: {pagina: "https://www.belastingdienst.nl/"}
    herkomst: "codetabel"
    soorten:
      "22":
        omschrijving: Uitkering AOW
        groep: uitkering
        uitkeringsvorm: AOW
      "56":
        omschrijving: Ouderdomspensioen
        groep: pensioen
""",
    "instellingen": """\
perioden:
  - vanaf: 2022-01-01
    tot_en_met: open
    bron: {handleiding: Bijzondere Bijstand, paragraaf: "3.1"}
    herkomst: "besluit B8"
    vermogen: nee
    voertuigen: nee
    percentage: 120
""",
    "normvariant": """\
varianten:
  inclusief: "1.00"
  exclusief: "0.95"
perioden:
  - vanaf: 2022-01-01
    tot_en_met: 2026-06-30
    bron: {wet: Participatiewet, artikel: "19, derde lid", bwb: BWBR0015703}
    herkomst: "besluit B9"
    variant: inclusief
  - vanaf: 2026-07-01
    tot_en_met: open
    bron: {wet: Participatiewet, artikel: "19, derde lid", bwb: BWBR0015703}
    herkomst: "besluit B9"
    variant: inclusief
""",
    "vermogen": """\
vermogensgrenzen:
  - vanaf: 2025-01-01
    tot_en_met: 2025-12-31
    bron: {wet: Participatiewet, bwb: BWBR0015703}
    herkomst: "wettekst 2025-01-01"
    alleenstaand: {bedrag: "7770", artikel: "34, derde lid onder a"}
    gehuwd: {bedrag: "15540", artikel: "34, derde lid onder b en c"}
  - vanaf: 2026-01-01
    tot_en_met: 2026-12-31
    bron: {wet: Participatiewet, bwb: BWBR0015703}
    herkomst: "wettekst 2026-01-01"
    alleenstaand: {bedrag: "8000", artikel: "34, derde lid onder a"}
    gehuwd: {bedrag: "16000", artikel: "34, derde lid onder b en c"}
rentegrens:
  - vanaf: 2022-01-01
    tot_en_met: 2024-12-31
    bron: {handleiding: Bijzondere Bijstand, paragraaf: "5.4.3"}
    herkomst: "besluit B39"
    procent: "1.0"
  - vanaf: 2025-01-01
    tot_en_met: open
    bron: {handleiding: Bijzondere Bijstand, paragraaf: "5.4.3"}
    herkomst: "besluit B39"
    procent: "1.0"
""",
    "voertuigen": """\
perioden:
  - vanaf: 2022-01-01
    tot_en_met: open
    bron: {handleiding: Bijzondere Bijstand, paragraaf: "5.4.5"}
    herkomst: "handleiding"
    jaren: 9
    exclusieve_merken:
      - Audi
      - Mercedes-Benz
    merk_aliassen:
      MERCEDES-AMG: Mercedes-Benz
    geen_motorvoertuig:
      - Bromfiets
      - Oplegger
""",
}
MODELS = {
    "aow_leeftijd": models.AowLeeftijdenbestand,
    "bijstandsnormen": models.Bijstandsnormenbestand,
    "deelnamedatum": models.Deelnamedatabestand,
    "heffingskortingen": models.Heffingskortingenbestand,
    "inkomstenverhoudingen": models.Inkomstenverhoudingenbestand,
    "instellingen": models.Instellingenbestand,
    "normvariant": models.Normvariantenbestand,
    "vermogen": models.Vermogensbestand,
    "voertuigen": models.Voertuigenbestand,
}

# file and case | what is replaced, where it stands last => by what (or the whole file) | line | what the message says
KAPOT = r"""
aow_leeftijd/dalend | jaren: 67 => jaren: 66 | 8 | leeftijden.2 has a lower AOW age than those born before it: check
aow_leeftijd/dalende_maanden | maanden: 0 => maanden: 4 | 8 | leeftijden.2 has a lower AOW age than those born before it: check
aow_leeftijd/gat | vanaf: 1961-01-01 => vanaf: 1961-02-01 | 8 | leeftijden.2 leaves a gap in the birth dates between 1960-12-31 and 1961-02-01: fill it
aow_leeftijd/jaren | jaren: 67 => jaren: 6 | 10 | leeftijden.2.jaren is too low: at least 60
aow_leeftijd/jaren_tekst | jaren: 67 => jaren: "67" | 10 | leeftijden.2.jaren must be a whole number without quotes
aow_leeftijd/maanden | maanden: 3 => maanden: 12 | 11 | leeftijden.2.maanden is too high: at most 11
aow_leeftijd/overlap | 1960-12-31 => 1961-01-01 | 8 | leeftijden.2 overlaps the one above it: end that one on 1960-12-31
aow_leeftijd/zonder_bwb | , bwb: BWBR0002221 => | 12 | leeftijden.2.bron must give wet + artikel + bwb, or pagina, or handleiding
bijstandsnormen/alias | perioden:\n  - bron: &wet {}\n  - bron: *wet | 3 | perioden.2.bron is an alias: write the values out
bijstandsnormen/bwb | BWBR0015703 => BWB0015703 | 13 | perioden.2.bron.bwb cannot be 'BWB0015703': write it in the form BWBR0015703
bijstandsnormen/datum_bestaat_niet | vanaf: 2026-07-01 => vanaf: 2026-06-31 | 11 | perioden.2.vanaf cannot be '2026-06-31': correct it
bijstandsnormen/datum_met_quotes | vanaf: 2026-07-01 => vanaf: "2026-07-01" | 11 | perioden.2.vanaf must be a date, written without quotes as 2026-07-01
bijstandsnormen/dubbele_sleutel | gehuwd_aow: => gehuwd: | 19 | perioden.2.normen.gehuwd is there twice: keep one
bijstandsnormen/gat | vanaf: 2026-07-01 => vanaf: 2026-07-02 | 11 | perioden.2 leaves a gap between 2026-06-30 and 2026-07-02: fill it
bijstandsnormen/geen_blok | perioden:\n  - 2026-01-01 | 2 | perioden.1 must be keys with values
bijstandsnormen/geen_lijst | perioden:\n  vanaf: 2026-01-01 | 1 | perioden must be a list: lines that begin with a dash
bijstandsnormen/geen_utf8 | perioden:\n  - herkomst: "gemeente Skarsterl\udce2n" | 2 | is not UTF-8: save the file as UTF-8
bijstandsnormen/geheel_getal | "2002.13" => 2002 | 17 | perioden.2.normen.gehuwd.bedrag must be an amount in double quotes, as in "1419.46"
bijstandsnormen/komma | 2002.13 => 2002,13 | 17 | perioden.2.normen.gehuwd.bedrag is not an amount: write '2002,13' in euros with a full stop
bijstandsnormen/kommagetal | "2002.13" => 2002.13 | 17 | perioden.2.normen.gehuwd.bedrag must be an amount in double quotes, as in "1419.46"
bijstandsnormen/leeg | # alleen commentaar | 1 | the file is empty: put it back from the repository
bijstandsnormen/lege_lijst | perioden: [] | 1 | perioden is empty: give at least one
bijstandsnormen/negatief | 2002.13 => -2002.13 | 17 | perioden.2.normen.gehuwd.bedrag is not an amount: write '-2002.13'
bijstandsnormen/omgekeerd | 2026-12-31 => 2025-12-31 | 11 | perioden.2 ends on 2025-12-31, before it begins on 2026-07-01: correct the dates
bijstandsnormen/onbekende_sleutel | gehuwd_aow: => gehuwt_aow: | 19 | perioden.2.normen.gehuwt_aow is not a key of this file: correct or remove it, see the top of the file (1 more after this one).
bijstandsnormen/ontbrekende_norm | \n      gehuwd_aow: {bedrag: "2144.16", artikel: "22, onder b en c"} => | 15 | perioden.2.normen.gehuwd_aow is missing: add it
bijstandsnormen/open_einde | 2026-12-31 => open | 12 | perioden.2.tot_en_met must be a date
bijstandsnormen/overlap | 2026-06-30 => 2026-07-01 | 11 | perioden.2 overlaps the one above it: end that one on 2026-06-30
bijstandsnormen/punt_voor_duizend | 2002.13 => 2.002 | 17 | perioden.2.normen.gehuwd.bedrag is not an amount: write '2.002'
bijstandsnormen/sprong | 2002.13 => 2503.00 | 17 | perioden.2.normen.gehuwd goes from 2002.13 to 2503.00, over 25%: check both
bijstandsnormen/stuurteken | perioden:\n  - herkomst: "\0" | 1 | holds characters that YAML does not allow: remove them
bijstandsnormen/tab | \n    tot_en_met: 2026-06-30 => \n\ttot_en_met: 2026-06-30 | 3 | is not YAML (found a tab character that violates indentation): mend it
bijstandsnormen/te_hoog | 2002.13 => 20021.30 | 17 | perioden.2.normen.gehuwd.bedrag cannot be right: 20021.30 is not between 100 and 5000 euros
bijstandsnormen/te_laag | 1401.50 => 14.01 | 16 | perioden.2.normen.alleenstaand.bedrag cannot be right: 14.01 is not between 100 and
bijstandsnormen/tijdstip | vanaf: 2026-07-01 => vanaf: 2026-07-01 00:00:00 | 11 | perioden.2.vanaf must be a date, written without quotes as 2026-07-01
bijstandsnormen/volgorde | vanaf: 2026-07-01 => vanaf: 2025-12-31 | 11 | perioden.2 begins on 2025-12-31, not after the one above it (2026-01-01): put the oldest
bijstandsnormen/wortel_lijst | - perioden | 1 | the file must be keys with values
bijstandsnormen/zelfde_begin | vanaf: 2026-07-01 => vanaf: 2026-01-01 | 11 | perioden.2 begins on 2026-01-01, not after the one above it (2026-01-01): put the oldest
bijstandsnormen/zonder_artikel | "1564.69", artikel: "22, onder a" => "1564.69" | 18 | perioden.2.normen.alleenstaand_aow.artikel is missing: add it
bijstandsnormen/zonder_bron | bron: {wet: Participatiewet, bwb: BWBR0015703}\n    herkomst => herkomst | 11 | perioden.2.bron is missing: add it
bijstandsnormen/zonder_herkomst | "wettekst 2026-07-01" => "" | 14 | perioden.2.herkomst is empty: fill it in
deelnamedatum/dag_na_de_maand | 2026-11-20 => 2026-12-01 | 3 | uitzonderingen.1.deelnamedatum (2026-12-01) lies outside its ronde 2026-11: choose a day
deelnamedatum/dag_voor_de_maand | 2026-12-22 => 2026-11-30 | 7 | uitzonderingen.2.deelnamedatum (2026-11-30) lies outside its ronde 2026-12: choose a day
deelnamedatum/dubbel | "2026-12" => "2026-11" & 2026-12-22 => 2026-11-22 | 6 | uitzonderingen.2.ronde (2026-11) does not come after 2026-11: one line a ronde
deelnamedatum/maand_13 | "2026-12" => "2026-13" | 6 | uitzonderingen.2.ronde cannot be '2026-13': write it in the form "2026-12"
deelnamedatum/volgorde | "2026-12" => "2026-10" & 2026-12-22 => 2026-10-22 | 6 | uitzonderingen.2.ronde (2026-10) does not come after 2026-11: one line a ronde
deelnamedatum/zonder_reden | \n    reden: "Kerst" => | 6 | uitzonderingen.2.reden is missing: add it
gemeenten/cellen | ;0014 => | 3 | has 4 cells, not 5: mend the line
gemeenten/code | 0017 => 17 | 3 | begins with a code of four digits and a name: mend the line
gemeenten/datum | 2019-01-01 => 01-01-2019 | 3 | ingang and einde are dates written as 2023-01-01, or empty: mend the line
gemeenten/dubbel | 0017 => 0014 | 3 | 0014 is there twice: keep one
gemeenten/einde_voor_ingang | ;2019-01-01 => 2019-01-01;2019-01-01 | 3 | einde must come after ingang
gemeenten/geen_utf8 | Haren => Skarsterl\udce2n | 3 | is not UTF-8: save the file as UTF-8
gemeenten/kop | naam => Naam | 1 | the header must be gemeentecode;naam;ingang;einde;nieuwe_code
gemeenten/leeg |  | 1 | the header must be gemeentecode;naam;ingang;einde;nieuwe_code
gemeenten/naam | Haren => | 3 | begins with a code of four digits and a name: mend the line
gemeenten/opvolger_onbekend | ;0014 => ;0015 | 3 | nieuwe_code 0015 is not in the table: add it
gemeenten/opvolger_zonder_einde | 2019-01-01 => | 3 | einde must come after ingang, and nieuwe_code asks for an einde
gemeenten/rondje | ;0014 => ;0014\n0018;Hoogezand;;2018-01-01;0019\n0019;Sappemeer;;2018-01-01;0018 | 4 | the successors go round (0018 -> 0019 -> 0018): mend one nieuwe_code
heffingskortingen/artikel_zonder_quotes | "8.10" => 8.10 | 13 | perioden.2.kortingen.AHK.artikel must be text: put it in double quotes
heffingskortingen/gat | vanaf: 2026-01-01 => vanaf: 2027-01-01 | 8 | perioden.2 leaves a gap between 2025-12-31 and 2027-01-01: fill it
heffingskortingen/kleine_letters | AHK => ahk | 13 | perioden.2.kortingen.ahk cannot be 'ahk': write it in the form AHK
inkomstenverhoudingen/code_dubbel | "56" => "22" | 11 | perioden.1.soorten.22 is there twice: keep one
inkomstenverhoudingen/code_te_lang | "56" => "056" | 11 | perioden.1.soorten.056 cannot be '056': write it in the form "15"
inkomstenverhoudingen/code_zonder_quotes | "56" => 56 | 11 | perioden.1.soorten.56 is a key and must be text: put it in double quotes
inkomstenverhoudingen/geen_soorten | perioden:\n  - vanaf: 2022-01-01\n    tot_en_met: open\n    bron: {pagina: "https://www.belastingdienst.nl/"}\n    herkomst: codetabel\n    soorten: {} | 6 | perioden.1.soorten is empty: give at least one
inkomstenverhoudingen/groep | groep: pensioen => groep: pensioenen | 13 | perioden.1.soorten.56.groep must be 'loondienst', 'uitkering' or 'pensioen'
inkomstenverhoudingen/uitkeringsvorm | uitkeringsvorm: AOW => uitkeringsvorm: WW | 10 | perioden.1.soorten.22.uitkeringsvorm must be 'PW', 'IOAW'
instellingen/engels | vermogen: nee => vermogen: no | 6 | perioden.1.vermogen must be 'ja' or 'nee'
instellingen/percentage_te_hoog | 120 => 151 | 8 | perioden.1.percentage is too high: at most 150
instellingen/percentage_te_laag | 120 => 99 | 8 | perioden.1.percentage is too low: at least 100
normvariant/factor_kommagetal | "0.95" => 0.95 | 3 | varianten.exclusief must be text: put it in double quotes
normvariant/factor_te_groot | 0.95 => 9.50 | 3 | varianten.exclusief cannot be '9.50': write it in the form "0.95"
normvariant/onbekend | variant: inclusief => variant: netto | 14 | perioden.2.variant is not a known normvariant: choose from exclusief, inclusief
normvariant/overlap | 2026-06-30 => open | 10 | perioden.2 overlaps the one above it: end that one on 2026-06-30
normvariant/vreemde_variant | exclusief: => netto: | 3 | varianten.netto must be 'inclusief' or 'exclusief'
vermogen/gat_grenzen | vanaf: 2026-01-01 => vanaf: 2026-01-02 | 8 | vermogensgrenzen.2 leaves a gap between 2025-12-31 and 2026-01-02: fill it
vermogen/gelijk | 8000 => 16000 | 13 | vermogensgrenzen.2.gehuwd is not above alleenstaand: swap them
vermogen/overlap_na_open | 2024-12-31 => open | 20 | rentegrens.2 overlaps the one above it: end that one on 2024-12-31
vermogen/rente_halve_bron | , paragraaf: "5.4.3" => | 22 | rentegrens.2.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_kommagetal | "1.0" => 1.0 | 24 | rentegrens.2.procent must be text: put it in double quotes
vermogen/rente_lege_bron | handleiding: Bijzondere Bijstand, paragraaf: "5.4.3" => | 22 | rentegrens.2.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_pagina | handleiding: Bijzondere Bijstand, paragraaf: "5.4.3" => pagina: "http://www.rijksoverheid.nl/" | 22 | rentegrens.2.bron.pagina cannot be 'http://www.rijksoverheid.nl/': write it in the form https
vermogen/rente_twee_bronnen | "5.4.3" => "5.4.3", pagina: "https://www.rijksoverheid.nl/" | 22 | rentegrens.2.bron must give wet + artikel + bwb, or pagina, or handleiding
vermogen/rente_vorm | 1.0 => 1,0 | 24 | rentegrens.2.procent cannot be '1,0': write it in the form "1.0"
vermogen/te_laag | 8000 => 800 | 12 | vermogensgrenzen.2.alleenstaand.bedrag cannot be right: 800 is not between 1000 and
vermogen/twee_gaten | vanaf: 2026-01-01 => vanaf: 2026-01-02 & vanaf: 2025-01-01 => vanaf: 2025-01-03 | 8 | vermogensgrenzen.2 leaves a gap between 2025-12-31 and 2026-01-02: fill it (1 more after this one).
vermogen/verwisseld | 8000 => 16001 | 13 | vermogensgrenzen.2.gehuwd is not above alleenstaand: swap them
voertuigen/alias_is_merk | MERCEDES-AMG => AUDI | 11 | perioden.1.merk_aliassen.AUDI must be another name of a brand in exclusieve_merken
voertuigen/alias_onbekend_merk | Mercedes-Benz => Mercedes | 11 | perioden.1.merk_aliassen.MERCEDES-AMG must be another name of a brand in exclusieve_merken
voertuigen/geen_merken | exclusieve_merken:\n      - Audi\n      - Mercedes-Benz => exclusieve_merken: [] | 7 | perioden.1.exclusieve_merken is empty: give at least one
voertuigen/jaren | jaren: 9 => jaren: 0 | 6 | perioden.1.jaren is too low: at least 1
voertuigen/merk_dubbel | - Mercedes-Benz => - Mercedes-Benz\n      - MERCEDES BENZ | 10 | perioden.1.exclusieve_merken.3 is there twice ('MERCEDES BENZ', case and spaces aside)
voertuigen/soort_dubbel | - Oplegger => - Oplegger\n      - bromfiets | 15 | perioden.1.geen_motorvoertuig.3 is there twice ('bromfiets', case and spaces aside)
"""  # noqa: E501 a table reads best with one line a case
HOUDT_NET = r"""
aow_leeftijd/gelijke_leeftijd | maanden: 3 => maanden: 0
bijstandsnormen/een_dag | 2026-06-30 => 2026-01-01 & vanaf: 2026-07-01 => vanaf: 2026-01-02
bijstandsnormen/een_kwart_erbij | 2144.16 => 2680.20
deelnamedatum/eerste_en_laatste_dag | 2026-11-20 => 2026-11-30 & 2026-12-22 => 2026-12-01
"""


def gevallen(tabel: str) -> list[list[str]]:
    return [[cel.strip() for cel in regel.split(" | ")] for regel in tabel.strip().splitlines()]


def bewerk(tekst: str, bewerking: str) -> str:
    """Return a file after an edit: pieces of it replaced, or all of it."""
    bewerking = bewerking.encode("ascii").decode("unicode_escape")
    if "=>" not in bewerking:
        return bewerking
    for wijziging in bewerking.split(" & "):
        oud, nieuw = (deel.strip(" ") for deel in wijziging.split("=>"))
        assert oud in tekst
        voor, _, na = tekst.rpartition(oud)
        tekst = voor + nieuw + na
    return tekst


def schrijf(folder: Path, bestand: str, tekst: str) -> Path:
    """Write a norm file; a lone surrogate in its text stands for a byte that is not UTF-8."""
    pad = folder / (f"{bestand}.csv" if bestand == "gemeenten" else f"{bestand}.yaml")
    pad.write_bytes(tekst.encode("utf-8", "surrogateescape"))
    return pad


def laad(pad: Path):
    return gemeenten.lees_gemeenten(pad) if pad.suffix == ".csv" else lees_normbestand(pad, MODELS[pad.stem])


@pytest.mark.parametrize(
    ("geval", "bewerking", "regel", "woorden"), gevallen(KAPOT), ids=[geval for geval, *_ in gevallen(KAPOT)]
)
def test_a_broken_file_is_refused_with_file_line_and_what_to_do(tmp_path, geval, bewerking, regel, woorden):
    bestand = geval.split("/")[0]
    pad = schrijf(tmp_path, bestand, bewerk(GOED[bestand], bewerking))
    with pytest.raises(NormFout) as fout:
        laad(pad)

    melding = str(fout.value)
    assert melding.startswith(f"{pad}, line {regel}: {woorden}")
    assert melding.endswith(".")
    assert ("more after this one" in melding) is ("more after this one" in woorden)
    assert fout.value.__suppress_context__ or fout.value.__context__ is None


@pytest.mark.parametrize("bestand", GOED)
def test_the_file_that_is_edited_is_right(tmp_path, bestand):
    assert laad(schrijf(tmp_path, bestand, GOED[bestand]))


@pytest.mark.parametrize(("geval", "bewerking"), gevallen(HOUDT_NET))
def test_what_only_just_holds_is_taken(tmp_path, geval, bewerking):
    bestand = geval.split("/")[0]

    assert laad(schrijf(tmp_path, bestand, bewerk(GOED[bestand], bewerking)))


def test_every_norm_file_has_its_cases():
    assert {geval.split("/")[0] for geval, *_ in gevallen(KAPOT)} == set(GOED)
    assert set(GOED) == {Path(naam).stem for naam in BESTANDEN}
