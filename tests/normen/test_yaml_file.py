"""How a norm file is read: amounts, forms and paths; what is wrong in one stands in test_broken_files.py."""

from pathlib import Path
from typing import Annotated

import pytest
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from include.errors import NormFout
from include.normen import laden, models
from include.normen.yaml_file import ROOT, Normbestand, lees_normbestand, naar_centen, projectpad, zoals


def test_an_objection_without_words_of_ours_keeps_those_of_pydantic(tmp_path: Path):
    class Even(Normbestand):
        getal: Annotated[int, Field(multiple_of=2)]

        def bezwaren(self):
            return iter(())

    bestand = tmp_path / "even.yaml"
    bestand.write_text("getal: 3\n")

    with pytest.raises(NormFout, match=r"even\.yaml, line 1: getal Input should be a multiple of 2\.$"):
        lees_normbestand(bestand, Even)


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
    assert models.merksleutel(naam) == sleutel


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(
        NormFout, match=r"vermogen\.yaml cannot be read \(No such file or directory\): put it back"
    ):
        lees_normbestand(tmp_path / "vermogen.yaml", models.Vermogensbestand)


def test_an_objection_without_a_place_is_on_the_first_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def weiger(*_: object, **__: object) -> None:
        raise yaml.MarkedYAMLError(problem="found something")

    monkeypatch.setattr(yaml, "compose", weiger)
    bestand = tmp_path / "vermogen.yaml"
    bestand.write_text("vermogensgrenzen: []\n")

    with pytest.raises(
        NormFout, match=r"vermogen\.yaml, line 1: is not YAML \(found something\): mend it\.$"
    ):
        lees_normbestand(bestand, models.Vermogensbestand)


def test_what_is_read_cannot_be_changed():
    instellingen = lees_normbestand(laden.MAP / "instellingen.yaml", models.Instellingenbestand).perioden[0]

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
    assert projectpad(ROOT / "include" / "normen" / "vermogen.yaml") == "include/normen/vermogen.yaml"
    assert projectpad(tmp_path / "x.yaml") == str(tmp_path / "x.yaml")
