"""The demo describes organisations; what somebody changed since is not undone by starting again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from include.local.demo import BijzondereBijstand, in_time, newest
from include.moments import day_of
from include.schemas.domein import Product
from include.steps.registreren import (
    ingeschreven,
    kies_instellingen,
    meld_af,
    trek_beheerder_in,
    zet_mails,
)
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen

BB = Product.BIJZONDERE_BIJSTAND
BESCHRIJVING = """
organisaties:
  - naam: Gemeente Alfa
    gemeentecodes: ["0014"]
    productbeheerders:
      - {naam: Een, email: een@alfa.test, product: bijzondere-bijstand, notificaties: true}
      - {naam: Twee, email: twee@alfa.test, product: bijzondere-bijstand, notificaties: true}
    instellingen: {vermogen: true}
    aanmeldingen: [{product: bijzondere-bijstand, ingang: 2023-01-01}]
  - naam: Gemeente Gamma
    gemeentecodes: ["0193"]
    aanmeldingen: [{product: bijzondere-bijstand, ingang: 2023-01-01}]
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Do what every start of the demo does to the database."""
    monkeypatch.setenv("BIDN_DATABASE_URL", f"sqlite:///{tmp_path / 'bidn.sqlite'}")
    monkeypatch.setenv("BIDN_OPSLAG", (tmp_path / "opslag").as_uri())
    monkeypatch.setenv("BIDN_DATA", str(tmp_path))
    monkeypatch.setenv("BIDN_OMGEVING", "ontwikkeling")
    (tmp_path / "vraagbestanden").mkdir()
    (tmp_path / "organisaties.yaml").write_text(BESCHRIJVING)
    for naam, code in (("Gemeente Alfa", "0014"), ("Gemeente Gamma", "0193")):
        (tmp_path / "vraagbestanden" / f"{naam}.csv").write_text(f"{code};J;;999900018;;;;;;\r\n")
    return lambda: BijzondereBijstand().prepare_organisations(
        SimpleNamespace(populatie=tmp_path, gebruikers=tmp_path / "gebruikers.yaml")
    )


def _geleverd(opslag: Opslag) -> list[str]:
    with opslag.database.reading() as sessie:
        return [levering.organisatie.naam for levering in find_leveringen(sessie) if levering.organisatie]


def test_a_second_start_undoes_nothing(start: Any) -> None:
    start()
    opslag = Opslag()
    assert _geleverd(opslag) == ["Gemeente Alfa", "Gemeente Gamma"]

    zet_mails(opslag, "Gemeente Alfa", email="een@alfa.test", product=BB, aan=False)
    trek_beheerder_in(opslag, "Gemeente Alfa", email="twee@alfa.test", product=BB)
    kies_instellingen(opslag, "Gemeente Alfa", vermogen=False, percentage=130)
    start()
    alfa, _ = ingeschreven(opslag)
    assert [(rij.email, rij.notificaties) for rij in alfa.productbeheerders] == [("een@alfa.test", False)]
    assert (alfa.instellingen.versie, alfa.instellingen.vermogen, alfa.instellingen.percentage) == (
        2,
        False,
        130,
    )
    assert _geleverd(opslag) == ["Gemeente Alfa", "Gemeente Gamma"]


def test_who_is_no_longer_registered_hands_nothing_in_and_the_demo_goes_on(
    start: Any, tmp_path: Path
) -> None:
    beschrijving = tmp_path / "organisaties.yaml"
    ontvangst = day_of(in_time(newest()))
    # Alfa's registration ended before the demo hands in its vraagbestand.
    einde = date(ontvangst.year, ontvangst.month, 1)
    beschrijving.write_text(BESCHRIJVING.replace("2023-01-01}]", f"2023-01-01, einde: {einde}}}]", 1))
    start()
    opslag = Opslag()
    assert _geleverd(opslag) == ["Gemeente Gamma"]

    # Withdrawn from the very beginning, and not given back by another start.
    meld_af(opslag, "Gemeente Gamma", BB, per=date(2023, 1, 1))
    start()
    assert [rij.einde for een in ingeschreven(opslag) for rij in een.aanmeldingen] == [einde]
    assert _geleverd(opslag) == ["Gemeente Gamma"]
