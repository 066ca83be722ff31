"""Kill the process between any two steps of making and publishing reports: old or new, never half."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.opslag.bestanden import Bestandsopslag
from include.opslag.database import Database
from include.rapportage.detail_lezen import valideer
from include.stappen.organisaties import RAPPORTEN, is_afgerond, maak_rapporten, publiceer
from include.stappen.verwerking import Opslag, Tussenresultaten, Verwerking
from tests.dags.wereld import ALFA
from tests.opslag.moord import sterf_na
from tests.stappen.hulp import Klok, doorloop, inhoud, versies, verwerking_van

ZONDER_EIND = 1_000


def _kopie(van: Path, naar: Path, klok: Klok) -> Opslag:
    shutil.rmtree(naar, ignore_errors=True)
    naar.mkdir()
    for naam in ("bidn.sqlite", "bidn.sqlite-wal", "opslag"):
        bron = van / naam
        if bron.is_dir():
            shutil.copytree(bron, naar / naam)
        elif bron.exists():
            shutil.copy(bron, naar / naam)
    return Opslag(
        Database(f"sqlite:///{naar / 'bidn.sqlite'}"), Bestandsopslag((naar / "opslag").as_uri()), klok
    )


def _telkens_verder(
    begin: Path, tmp_path: Path, klok: Klok, werk: Callable[[Opslag], object]
) -> Iterator[Opslag]:
    """Yield the storage after ``werk`` was killed before its first step, its second, and so on to its end."""
    for stappen in range(ZONDER_EIND):
        opslag = _kopie(begin, tmp_path / "kopie", klok)
        klaar = sterf_na(stappen, partial(werk, opslag), binnen_transacties=False)
        yield opslag
        if klaar:
            assert stappen > 10
            return
    pytest.fail("the work takes no end")


def _eis_heel(opslag: Opslag, kan: tuple[list[int], ...]) -> None:
    """Every publication is whole, one is current, and the versions are one of these."""
    gepubliceerd = versies(opslag, ALFA)
    assert [publicatie.versie for publicatie in gepubliceerd] in kan
    assert sum(publicatie.vervangen_op is None for publicatie in gepubliceerd) == min(1, len(gepubliceerd))
    for publicatie in gepubliceerd:
        assert {bestand.soort for bestand in publicatie.bestanden} == {
            "overzicht",
            "detail",
            "index",
            "manifest",
        }
        for bestand in publicatie.bestanden:
            assert publicatie.manifest["uitvoer"].get(bestand.soort, {}).get("sha256") in (
                bestand.sha256,
                None,
            )
            inhoud(opslag, publicatie, bestand.soort)  # checks the hash
        sleutel = publicatie.bestand("detail").sleutel
        with opslag.bestanden.open_lezen(sleutel) as detail:
            assert valideer(detail) == 2


@pytest.fixture
def gemaakt(wereld: Opslag, bronnen: SimpleNamespace) -> Verwerking:
    """One version is published; the reports of a next run are made and wait."""
    doorloop(wereld, verwerking_van(wereld, ALFA, "run-1"), bronnen.url)
    verwerking = verwerking_van(wereld, ALFA, "run-2")
    doorloop(wereld, verwerking, bronnen.url, tot="rapporten_maken")
    return verwerking


@pytest.mark.slow
def test_a_kill_while_publishing(wereld: Opslag, gemaakt: Verwerking, tmp_path: Path, klok: Klok) -> None:
    for opslag in _telkens_verder(tmp_path, tmp_path, klok, lambda opslag: publiceer(opslag, gemaakt)):
        _eis_heel(opslag, ([1], [1, 2]))
        publiceer(opslag, gemaakt)
        _eis_heel(opslag, ([1, 2],))
        assert is_afgerond(opslag, gemaakt)
        werk = Tussenresultaten(opslag.bestanden, gemaakt)
        assert not any(werk.aanwezig([naam]) for naam in ("brp.arrow", "uitkomsten.feather", *RAPPORTEN))


@pytest.mark.slow
def test_a_kill_while_making_reports_anew(
    wereld: Opslag, gemaakt: Verwerking, tmp_path: Path, klok: Klok
) -> None:
    # Another outcome than the reports that wait: a mixture of both would show.
    werk = Tussenresultaten(wereld.bestanden, gemaakt)
    werk.schrijf_frame("uitkomsten", werk.lees_frame("uitkomsten").assign(naam="Anders"))
    for opslag in _telkens_verder(tmp_path, tmp_path, klok, lambda opslag: maak_rapporten(opslag, gemaakt)):
        kopie = Tussenresultaten(opslag.bestanden, gemaakt)
        if kopie.aanwezig(["rapport.json"]):
            assert len({b"Anders" in kopie.lees(rapport) for rapport in RAPPORTEN}) == 1
        maak_rapporten(opslag, gemaakt)
        publiceer(opslag, gemaakt)
        _eis_heel(opslag, ([1, 2],))
        nieuw = versies(opslag, ALFA)[-1]
        assert all(b"Anders" in inhoud(opslag, nieuw, soort) for soort in ("overzicht", "detail"))
