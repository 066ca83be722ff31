"""A large vraagbestand is tested in parts, and nobody can tell: the same reports, counts and places in the index."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.errors import GegevensFout
from include.mock_sources import mock_bronnen
from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.normen.kalender import Maand
from include.pipeline import BIJZONDERE_BIJSTAND, SOURCES
from include.rapportage.opzoeken import zoek
from include.steps import branch as module
from include.steps.branch import Toetsing
from include.steps.rapporten import oordelen
from include.steps.toetsing import tel_bij
from include.steps.verwerking import Opslag
from include.steps.workfiles import LocalFiles
from include.storage.organisaties import set_instellingen
from tests.dags.wereld import RONDE
from tests.harness import branch, take, take_until
from tests.steps.hulp import (
    OP_TIJD,
    inhoud,
    laat_vervallen,
    lever_in,
    schrijf_in,
    versies,
    verwerking_van,
)

GRONINGEN = "Groningen"
AANVRAGERS = 40


@pytest.fixture(scope="module")
def populatie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty generated households of one organisation, with everything the sources know of them."""
    folder = tmp_path_factory.mktemp("veertig")
    genereer(Opdracht(AANVRAGERS, seed=3, ronde=Maand(2026, 10), organisaties=1), folder)
    return folder


@pytest.fixture(scope="module")
def url(populatie: Path) -> Iterator[str]:
    with mock_bronnen(populatie) as adres:
        yield adres


@pytest.fixture
def groningen(opslag: Opslag, populatie: Path) -> Opslag:
    organisatie = schrijf_in(opslag, GRONINGEN, ["0014"])
    with opslag.database.transaction() as sessie:
        set_instellingen(sessie, organisatie, nu=OP_TIJD, vermogen=True, voertuigen=True)
    lever_in(opslag, GRONINGEN, (populatie / "vraagbestanden" / f"{GRONINGEN}.csv").read_bytes())
    return opslag


def _run(opslag: Opslag, url: str, run: str) -> dict[str, Any]:
    """What each step of the branch counted, without what differs from run to run."""
    verwerking = verwerking_van(opslag, GRONINGEN, run)
    geteld = {
        step.name: take(opslag, verwerking, step.name, url)
        for step in BIJZONDERE_BIJSTAND.until("rapporten_maken")
    }
    geteld["oordelen"] = oordelen(branch(opslag, verwerking, "publiceren"))
    take_until(opslag, verwerking, url, van="publiceren")
    wisselend = {"duur", "verzoeken", "bytes"}
    return {
        naam: {k: v for k, v in telling.items() if k not in wisselend} for naam, telling in geteld.items()
    }


@pytest.mark.parametrize("per_deel", [7, AANVRAGERS - 1])
def test_the_parts_do_not_show(
    groningen: Opslag, url: str, monkeypatch: pytest.MonkeyPatch, per_deel: int
) -> None:
    heel = _run(groningen, url, "run-heel")
    [eerste] = versies(groningen, GRONINGEN)
    laat_vervallen(groningen, eerste)
    monkeypatch.setattr(module, "AANVRAGEN_PER_TOETS", per_deel)
    in_delen = _run(groningen, url, "run-delen")

    assert heel["regels_toetsen"]["belemmering"]["J"] > 0
    assert heel["regels_toetsen"]["belemmering"]["N"] > 0
    assert in_delen == heel
    [tweede] = versies(groningen, GRONINGEN)
    assert tweede.inhoud_sha256 == eerste.inhoud_sha256
    for soort in ("overzicht", "detail", "index"):
        assert inhoud(groningen, tweede, soort) == inhoud(groningen, eerste, soort)
    zonder = {"bronnen", "uitvoer", "inhoud_sha256"}
    assert {k: v for k, v in tweede.manifest.items() if k not in zonder} == {
        k: v for k, v in eerste.manifest.items() if k not in zonder
    }
    gevraagd = [
        {bron["bron"]: (bron["gevraagd"], bron["beantwoord"]) for bron in versie.manifest["bronnen"]}
        for versie in (eerste, tweede)
    ]
    assert gevraagd[0] == gevraagd[1]
    assert list(gevraagd[0]) == [vraag.naam for source in SOURCES for vraag in source.questions]
    assert all(aantal > 0 for aantal, _ in gevraagd[0].values())


def test_everybody_is_found_in_a_report_made_of_parts(
    groningen: Opslag, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AANVRAGEN_PER_TOETS", 7)
    verwerking = verwerking_van(groningen, GRONINGEN)
    take_until(groningen, verwerking, url, tot="huishouden_brp")
    bsns = branch(groningen, verwerking, "uwv_ophalen").toetsing.aanvragen["bsn"].tolist()
    take_until(groningen, verwerking, url, van="bijstand_ophalen")
    [publicatie] = versies(groningen, GRONINGEN)
    index, detail = (inhoud(groningen, publicatie, soort) for soort in ("index", "detail"))
    assert len(bsns) > 30
    for bsn in bsns:
        gevonden = zoek(index, io.BytesIO(detail), bsn)
        assert gevonden is not None


@pytest.mark.parametrize(
    ("aantal", "per_deel", "grenzen"),
    [
        (0, 3, [0]),  # without aanvragen there is one part, so that every step leaves its files
        (1, 3, [1]),
        (3, 3, [3]),
        (4, 3, [3, 1]),
        (7, 3, [3, 3, 1]),
    ],
)
def test_division(monkeypatch: pytest.MonkeyPatch, aantal: int, per_deel: int, grenzen: list[int]) -> None:
    monkeypatch.setattr(module, "AANVRAGEN_PER_TOETS", per_deel)
    heel = Toetsing(None, None, None, pd.DataFrame({"bsn": range(aantal)}), LocalFiles(Path()))  # type: ignore[arg-type]
    delen = heel.delen()
    assert [len(deel.aanvragen) for deel in delen] == grenzen
    assert [bsn for deel in delen for bsn in deel.aanvragen["bsn"]] == list(range(aantal))
    assert all(deel.aanvragen.index.tolist() == list(range(len(deel.aanvragen))) for deel in delen)


def test_files_of_another_division_are_missed_not_misread(
    groningen: Opslag, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verwerking = verwerking_van(groningen, GRONINGEN)
    take_until(groningen, verwerking, url, tot="rdw_ophalen")
    monkeypatch.setattr(module, "AANVRAGEN_PER_TOETS", 7)
    with pytest.raises(GegevensFout, match=rf"{GRONINGEN}, ronde {RONDE}: .* Clear huishouden_brp"):
        take(groningen, verwerking, "regels_toetsen")


def test_counts_of_parts_add_up() -> None:
    delen = [
        {"aanvragen": 2, "inkomen": {"J": 1, "N": 1}, "redenen": {}},
        {"aanvragen": 3, "inkomen": {"N": 2}, "redenen": {"Geen persoon gevonden": 1}},
    ]
    samen: dict[str, Any] = {}
    for deel in delen:
        tel_bij(samen, deel)
    assert samen == {
        "aanvragen": 5,
        "inkomen": {"J": 1, "N": 3},
        "redenen": {"Geen persoon gevonden": 1},
    }
