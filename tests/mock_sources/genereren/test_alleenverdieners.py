"""The simulated selection, and its leveringen: good ones, and one for every defect of besluit A2."""

from __future__ import annotations

import hashlib
import json

import pytest

from include.mock_sources.genereren.alleenverdieners import is_geselecteerd
from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.mock_sources.genereren.organisaties import gemeenten
from include.normen.kalender import Maand


def lees(map_, naam):
    return (map_ / "alleenverdieners" / f"{naam}.csv").read_bytes().decode().split("\r\n")[:-1]


@pytest.fixture(scope="module")
def leveringen(populatie):
    inhoud = json.loads((populatie.map / "alleenverdieners" / "leveringen.json").read_text())
    return {regel["levering"]: regel for regel in inhoud["leveringen"]}


@pytest.fixture(scope="module")
def gebroken(populatie):
    """The name of the levering by the first words of its defect."""
    inhoud = json.loads((populatie.map / "alleenverdieners" / "gebroken.json").read_text())
    return {gebrek: naam for naam, gebrek in inhoud.items()}


@pytest.mark.parametrize(
    ("bruto", "op_de_lijst", "waarom"),
    # Norm 12 × 2027.79 = 24 333.48; drempel (24 333.48 - 2 × 3115) / 0.6425 = 28 176.62;
    # netto = 0.6425 bruto + 3115; toeslagen shrink by 0.30 × (bruto - drempel)
    [
        (29_000_00, False, "netto 21 747.50 is below 90 % of the norm (21 900.13): bijstand, not this list"),
        (33_000_00, True, "netto 24 317.50, toeslagen 1447.01 below the maximum: 1462.99 short"),
        (35_000_00, True, "netto 25 602.50 is 1269.02 above the norm, toeslagen 2047.01 below the maximum"),
        (37_000_00, True, "netto 26 887.50 is 2554.02 above, toeslagen 2647.01 below"),
        (38_000_00, False, "netto 27 530.00 is 3196.52 above, toeslagen 2947.01 below"),
    ],
)
def test_who_is_selected(bruto, op_de_lijst, waarom):
    assert is_geselecteerd(bruto) is op_de_lijst, waarom


def test_the_selection_is_of_households_in_the_population(populatie, leveringen):
    kop, *rijen = lees(populatie.map, "avd_2026_01")
    assert kop == "BSN;Gemeentecode"
    assert len(rijen) == leveringen["avd_2026_01"]["aantal"] > 5
    brp, uwv, bijstand = (populatie.bron(bron) for bron in ("brp", "uwv", "bijstand"))
    for rij in rijen:
        bsn, code = rij.split(";")
        assert brp[bsn]["verblijfplaats"]["adresseerbaarObjectIdentificatie"].startswith(code)
        assert bsn in uwv
        assert bsn not in bijstand


def test_what_is_announced_is_what_is_there(populatie, leveringen):
    for naam, regel in leveringen.items():
        inhoud = (populatie.map / "alleenverdieners" / f"{naam}.csv").read_bytes()
        assert regel["sha256"] == hashlib.sha256(inhoud).hexdigest()
        assert (regel["lijstjaar"], regel["aangemaakt"]) == (2026, "2026-10-02")


class TestGebroken:
    def een(self, gebroken, begin):
        (naam,) = [naam for gebrek, naam in gebroken.items() if gebrek.startswith(begin)]
        return naam

    def test_corrupt_row(self, populatie, gebroken):
        _, *rijen = lees(populatie.map, self.een(gebroken, "corrupte regel"))
        assert [rij for rij in rijen if "XX" in rij and rij.endswith(";")] == [rijen[11]]

    def test_wrong_header(self, populatie, gebroken):
        assert lees(populatie.map, self.een(gebroken, "verkeerde kop"))[0] == "Gemeentecode;BSN"

    def test_control_total(self, populatie, gebroken, leveringen):
        naam = self.een(gebroken, "controletotaal")
        assert leveringen[naam]["aantal"] == len(lees(populatie.map, naam)) - 1 + 1

    def test_gemeentecodes(self, populatie, gebroken):
        op_code = {gemeente.code: gemeente for gemeente in gemeenten()}
        onbekend = [rij[-4:] for rij in lees(populatie.map, self.een(gebroken, "twee rijen"))[-2:]]
        assert onbekend[0] not in op_code
        assert op_code[onbekend[1]].einde
        assert not op_code[onbekend[1]].nieuwe_code
        herindeling = [rij[-4:] for rij in lees(populatie.map, self.een(gebroken, "7 rijen"))[-7:]]
        assert all(op_code[code].nieuwe_code for code in herindeling)
        assert op_code[op_code[herindeling[-1]].nieuwe_code].einde  # a chain

    @pytest.mark.parametrize(
        ("begin", "codes"), [("één BSN tweemaal met d", 1), ("één BSN tweemaal met v", 2)]
    )
    def test_duplicate_bsn(self, populatie, gebroken, begin, codes):
        _, *rijen = lees(populatie.map, self.een(gebroken, begin))
        dubbel = [rij for rij in rijen if rij[:9] == rijen[-1][:9]]
        assert (len(dubbel), len(set(dubbel))) == (2, codes)

    def test_no_rows(self, populatie, gebroken):
        assert lees(populatie.map, self.een(gebroken, "geen enkele rij")) == ["BSN;Gemeentecode"]


def test_a_national_levering_reaches_every_gemeente(tmp_path):
    genereer(Opdracht(aanvragers=30, seed=2, ronde=Maand(2026, 9), landelijk=8_000), tmp_path)
    _, *rijen = lees(tmp_path, "avd_2026_01")
    assert len(rijen) == 8_000
    assert len({rij[:9] for rij in rijen}) == 8_000
    codes = {rij[10:] for rij in rijen}
    actief = {gemeente.code for gemeente in gemeenten() if not gemeente.einde}
    assert codes <= actief
    assert len(codes) > 300
