"""A YAML file of organisations: what is wrong with it is said in one line, with the place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.errors import GegevensFout
from include.schemas.domein import Product
from include.steps.registreren import (
    Productaanmelding,
    ingeschreven,
    kies_instellingen,
    lees_inschrijvingen,
    meld_aan,
    meld_af,
    registreer,
    schrijf_in,
    schrijf_in_als_nieuw,
    trek_beheerder_in,
    zet_mails,
)
from include.steps.verwerking import Opslag
from include.storage.organisaties import find_organisaties

AVD = "{product: alleenverdieners, ingang: %s}"
NAAM = "Gemeente Alfa"
ALFA = "organisaties: [{naam: Alfa, gemeentecodes: ['0014'], %s}]"


@pytest.mark.parametrize(
    ("tekst", "woorden"),
    [
        (b"", "the file as a whole: Input should be"),
        (b"- a\n- b\n", "the file as a whole: Input should be"),
        (b"a: [", "is not YAML in UTF-8"),
        (b"\xff\xfe", "is not YAML in UTF-8"),
        (b"!!python/object/apply:os.system ['true']", "is not YAML in UTF-8"),
        (b"organisaties: {}", "organisaties: Input should be a valid list"),
        (b"organisaties: []\nrest: 1", "rest: Extra inputs are not permitted"),
        (b"organisaties: [{naam: Alfa}]", r"organisaties\.0\.gemeentecodes: Field required"),
        # YAML reads these as the numbers 12 and 34.
        (
            b"organisaties: [{naam: Alfa, gemeentecodes: [0014]}]",
            r"organisaties\.0\.gemeentecodes\.0: Input should be a valid string; put it between quotes",
        ),
        (
            b"organisaties: [{naam: Alfa, gemeentecodes: ['34']}]",
            r"gemeentecodes\.0: String should match pattern",
        ),
        ((ALFA % "percentage: 110").encode(), r"organisaties\.0\.percentage: Extra inputs are not permitted"),
        (
            (ALFA % "instellingen: {normpercentage: 99}").encode(),
            r"instellingen\.normpercentage: .*greater than",
        ),
        ((ALFA % "instellingen: {vermogen: soms}").encode(), r"instellingen\.vermogen: .*valid boolean"),
        (
            (ALFA % "aanmeldingen: [{product: x, ingang: 2026-01-01}]").encode(),
            r"aanmeldingen\.0\.product: Input",
        ),
        (
            (ALFA % "aanmeldingen: [{product: alleenverdieners, ingang: 1 mei}]").encode(),
            r"ingang: .*valid date",
        ),
        ((ALFA % "productbeheerders: [{naam: x}]").encode(), r"productbeheerders\.0\.email: Field required"),
        # Of which product? Never of one that nobody named (besluit B53a).
        (
            (ALFA % "productbeheerders: [{naam: x, email: e@a.test}]").encode(),
            r"productbeheerders\.0\.product: Field required",
        ),
    ],
)
def test_a_file_with_a_mistake(tmp_path: Path, tekst: bytes, woorden: str) -> None:
    pad = tmp_path / "organisaties.yaml"
    pad.write_bytes(tekst)
    with pytest.raises(GegevensFout, match=woorden) as fout:
        lees_inschrijvingen(pad)
    assert str(fout.value).startswith(str(pad))
    assert "\n" not in str(fout.value)


def test_a_value_is_not_repeated(tmp_path: Path) -> None:
    pad = tmp_path / "organisaties.yaml"
    pad.write_text(ALFA % "productbeheerders: [{naam: [Kanariepiet], email: geheim@alfa.test}]")
    with pytest.raises(GegevensFout) as fout:
        lees_inschrijvingen(pad)
    assert "Kanariepiet" not in str(fout.value)
    assert "geheim" not in str(fout.value)


@pytest.mark.parametrize(
    ("rest", "woorden"),
    [
        ("gemeentecodes: ['0014', '9999']", "no gemeente has code 9999 on 2026-11-05"),
        ("gemeentecodes: []", "at least one"),
        (
            "gemeentecodes: ['0014'], productbeheerders: [{naam: x, email: geen adres, product: alleenverdieners}]",
            "address given is not one",
        ),
        (
            f"gemeentecodes: ['0014'], aanmeldingen: [{AVD % '2026-03-01'}, {AVD % '2026-04-01'}]",
            "already registered for alleenverdieners from 2026-03-01",
        ),
    ],
)
def test_an_organisation_is_registered_whole_or_not(
    opslag: Opslag, tmp_path: Path, rest: str, woorden: str
) -> None:
    pad = tmp_path / "organisaties.yaml"
    pad.write_text(f"organisaties: [{{naam: Gemeente Alfa, {rest}}}]")
    [inschrijving] = lees_inschrijvingen(pad)
    with pytest.raises(GegevensFout, match=f"^organisation Gemeente Alfa: .*{woorden}|{woorden}"):
        schrijf_in(opslag, inschrijving)
    with opslag.database.reading() as sessie:
        assert find_organisaties(sessie) == []


BESCHRIJVING = """
organisaties:
  - naam: Gemeente Alfa
    gemeentecodes: ["0014"]
    productbeheerders:
      - {naam: Een, email: een@alfa.test, product: bijzondere-bijstand, notificaties: true}
      - {naam: Twee, email: twee@alfa.test, product: bijzondere-bijstand, notificaties: true}
    instellingen: {vermogen: true, normpercentage: 110}
    aanmeldingen:
      - {product: bijzondere-bijstand, ingang: 2026-01-01}
      - {product: alleenverdieners, ingang: 2026-01-01}
"""


def _stand(opslag: Opslag) -> dict[str, Any]:
    [alfa] = ingeschreven(opslag)
    return {
        "gemeenten": alfa.organisatie.gemeentecodes,
        "instellingen": (alfa.instellingen.vermogen, alfa.instellingen.percentage),
        "mails": {rij.email: rij.notificaties for rij in alfa.productbeheerders},
        "aanmeldingen": {str(rij.product): rij.einde for rij in alfa.aanmeldingen},
    }


def test_a_description_registers_who_is_new_and_undoes_nothing(opslag: Opslag, tmp_path: Path) -> None:
    pad = tmp_path / "organisaties.yaml"
    pad.write_text(BESCHRIJVING)
    [inschrijving] = lees_inschrijvingen(pad)
    schrijf_in_als_nieuw(opslag, inschrijving)
    assert _stand(opslag) == {
        "gemeenten": ("0014",),
        "instellingen": (True, 110),
        "mails": {"een@alfa.test": True, "twee@alfa.test": True},
        "aanmeldingen": {"bijzondere-bijstand": None, "alleenverdieners": None},
    }

    # Somebody opts out, another is withdrawn, the settings are chosen anew, a registration ends, another is withdrawn
    # and a gemeente joins.
    bb, av = Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS
    zet_mails(opslag, NAAM, email="een@alfa.test", product=bb, aan=False)
    trek_beheerder_in(opslag, NAAM, email="twee@alfa.test", product=bb)
    kies_instellingen(opslag, NAAM, vermogen=False, percentage=130)
    meld_aan(opslag, NAAM, Productaanmelding(product=bb, ingang=date(2026, 1, 1), einde=date(2027, 1, 1)))
    meld_af(opslag, NAAM, av, per=date(2026, 1, 1))
    registreer(opslag, NAAM, ["0014", "0034"])
    veranderd = {
        "gemeenten": ("0014", "0034"),
        "instellingen": (False, 130),
        "mails": {"een@alfa.test": False},
        "aanmeldingen": {"bijzondere-bijstand": date(2027, 1, 1)},
    }
    assert _stand(opslag) == veranderd
    schrijf_in_als_nieuw(opslag, inschrijving)
    assert _stand(opslag) == veranderd
