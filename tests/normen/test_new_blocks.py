"""The next norms: an empty block to fill in, which is refused until it is filled, and what it changes."""

import re
from datetime import date

import pytest

from include.errors import NormFout
from include.normen.new_blocks import Wijziging, nieuwe_blokken, wijzigingen
from include.normen.norm_tables import Normtabellen
from tests.normen.conftest import voeg_toe

NORMEN_2027 = ["1430.00", "2042.86", "1600.00", "2200.00"]
GRENZEN_2027 = ["8100", "16200"]


def test_a_new_block_is_the_last_one_with_its_dates_and_everything_to_fill_in(folder_2026):
    teksten = nieuwe_blokken(folder_2026, date(2027, 1, 1))

    assert [pad.name for pad in teksten] == ["bijstandsnormen.yaml", "vermogen.yaml"]
    bijstand, vermogen = teksten.values()
    oud = (folder_2026 / "bijstandsnormen.yaml").read_text()
    assert bijstand.removeprefix(oud) == (
        "  - vanaf: 2027-01-01\n"
        "    tot_en_met: 2027-06-30\n"
        "    bron: {wet: Participatiewet, bwb: BWBR0015703}\n"
        '    herkomst: "?"\n'
        "    normen:\n"
        '      alleenstaand:            {bedrag: "?", artikel: "21, onder a"}\n'
        '      gehuwd:                  {bedrag: "?", artikel: "21, onder b"}\n'
        '      alleenstaand_aow:        {bedrag: "?", artikel: "22, onder a"}\n'
        '      gehuwd_aow:              {bedrag: "?", artikel: "22, onder b en c"}\n'
    )
    blok = (
        "  - vanaf: 2027-01-01\n"
        "    tot_en_met: 2027-12-31\n"
        "    bron: {wet: Participatiewet, bwb: BWBR0015703}\n"
        '    herkomst: "?"\n'
        '    alleenstaand: {bedrag: "?", artikel: "34, derde lid onder a"}\n'
        '    gehuwd:       {bedrag: "?", artikel: "34, derde lid onder b en c"}\n'
    )
    assert vermogen.count(blok) == 1
    assert vermogen.replace(blok, "") == (folder_2026 / "vermogen.yaml").read_text()
    assert "?" not in oud  # nothing was written


@pytest.mark.parametrize(
    ("bestand", "wat"),
    [("bijstandsnormen.yaml", "perioden.11.herkomst"), ("vermogen.yaml", "vermogensgrenzen.6.herkomst")],
)
def test_a_block_that_is_not_filled_in_is_refused(folder_2026, bestand, wat):
    tekst = nieuwe_blokken(folder_2026, date(2027, 1, 1))[folder_2026 / bestand]
    (folder_2026 / bestand).write_text(tekst)

    with pytest.raises(
        NormFout,
        match=rf"{bestand}, line \d+: {wat} is still to be filled in: write what the source says, in double",
    ):
        Normtabellen(folder_2026)


def test_one_amount_that_is_not_filled_in_is_refused(folder_2026):
    voeg_toe(folder_2026, date(2027, 1, 1), bijstandsnormen=[*NORMEN_2027[:3], "?"], vermogen=GRENZEN_2027)

    with pytest.raises(NormFout, match=r"perioden\.11\.normen\.gehuwd_aow\.bedrag is still to be filled in"):
        Normtabellen(folder_2026)


def test_a_filled_block_is_in_force_and_tells_what_it_changes(folder_2026):
    voeg_toe(folder_2026, date(2027, 1, 1), bijstandsnormen=NORMEN_2027, vermogen=GRENZEN_2027)

    assert Normtabellen(folder_2026).normen_op(date(2027, 1, 1)).bijstandsnorm_gehuwd == 204286
    assert wijzigingen(folder_2026, date(2027, 1, 1)) == [
        Wijziging("bijstandsnorm_alleenstaand", 141946, 143000),
        Wijziging("bijstandsnorm_gehuwd", 202779, 204286),
        Wijziging("bijstandsnorm_alleenstaand_aow", 158734, 160000),
        Wijziging("bijstandsnorm_gehuwd_aow", 217610, 220000),
        Wijziging("vermogensgrens_alleenstaand", 800000, 810000),
        Wijziging("vermogensgrens_gehuwd", 1600000, 1620000),
    ]
    assert Wijziging("vermogensgrens_gehuwd", 1600000, 1620000).procent == 1.25
    with pytest.raises(NormFout, match=r"^no amounts change on 2027-01-02: no block begins then\. Add one"):
        wijzigingen(folder_2026, date(2027, 1, 2))


def test_in_july_only_the_norms_get_a_block(folder_2026):
    voeg_toe(folder_2026, date(2027, 1, 1), bijstandsnormen=NORMEN_2027, vermogen=GRENZEN_2027)
    voeg_toe(folder_2026, date(2027, 7, 1), bijstandsnormen=NORMEN_2027)

    assert Normtabellen(folder_2026).dekking == (date(2022, 1, 1), date(2027, 12, 31))
    assert [wijziging.procent for wijziging in wijzigingen(folder_2026, date(2027, 7, 1))] == [0, 0, 0, 0]


def test_a_block_begins_on_the_day_after_an_end(folder_2026):
    with pytest.raises(
        NormFout,
        match=rf"^no table ends on 2027-01-01: {folder_2026}/bijstandsnormen\.yaml on 2026-12-31 and "
        rf"{folder_2026}/vermogen\.yaml on 2026-12-31\. Let the new block begin on the day after such an end\.$",
    ):
        nieuwe_blokken(folder_2026, date(2027, 1, 2))


def test_a_last_line_without_its_end_gets_one(folder_2026):
    pad = folder_2026 / "bijstandsnormen.yaml"
    volledig = nieuwe_blokken(folder_2026, date(2027, 1, 1))[pad]
    pad.write_text(pad.read_text().rstrip())

    assert nieuwe_blokken(folder_2026, date(2027, 1, 1))[pad] == volledig


def test_a_file_that_is_indented_otherwise_is_left_to_its_writer(folder_2026):
    pad = folder_2026 / "vermogen.yaml"
    pad.write_text(re.sub(r"^  ", "", pad.read_text(), flags=re.MULTILINE))

    with pytest.raises(
        NormFout, match=r"^vermogen\.yaml is not indented as in the repository: add the block"
    ):
        nieuwe_blokken(folder_2026, date(2027, 1, 1))
