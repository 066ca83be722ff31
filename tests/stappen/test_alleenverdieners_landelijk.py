"""A national levering: 10,000 rows over 342 gemeenten, 60 organisations, 10 of them gemeenschappelijke regelingen."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.normen.gemeenten import actieve_gemeenten
from include.normen.kalender import Maand
from include.stappen.verwerking import Opslag
from tests.stappen.land import Land

AANGEMAAKT = date(2026, 10, 2)
REGELINGEN, ORGANISATIES = 10, 60
ZONDER = 12
"""Gemeenten that nobody is registered for."""


@pytest.fixture(scope="module")
def levering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uit = tmp_path_factory.mktemp("landelijk")
    genereer(Opdracht(aanvragers=30, seed=6, ronde=Maand(2026, 9), landelijk=10_000), uit)
    return uit / "alleenverdieners" / "avd_2026_01.csv"


def _indeling() -> dict[str, list[str]]:
    """Fifty organisations of one gemeente; ten regelingen divide all others but twelve among themselves."""
    codes = sorted(actieve_gemeenten(AANGEMAAKT))
    assert len(codes) == 342
    los = ORGANISATIES - REGELINGEN
    samen = codes[los:-ZONDER]
    return {f"Gemeente {code}": [code] for code in codes[:los]} | {
        f"Regeling {nummer}": samen[nummer::REGELINGEN] for nummer in range(REGELINGEN)
    }


@pytest.mark.slow
def test_a_national_levering_is_published_and_announced_in_one_run(opslag: Opslag, levering: Path) -> None:
    land = Land(opslag)
    land.nu = land.nu.replace(month=10, day=5)
    indeling = _indeling()
    for naam, codes in indeling.items():
        land.meld_aan(naam, *codes)
    land.bron.maak("avd_2026_01", levering.read_bytes(), aangemaakt=AANGEMAAKT.isoformat())
    with levering.open(newline="") as bestand:
        rijen = [tuple(rij.values()) for rij in csv.DictReader(bestand, delimiter=";")]
    assert len(rijen) == 10_000
    bediend = {code: naam for naam, codes in indeling.items() for code in codes}
    verwacht = Counter(code for _, code in rijen if code in bediend)

    run = land.draai()

    assert run.fouten == []
    # Every row of a served gemeente is in its list, in the right hands, in order, and nowhere else.
    geland: list[tuple[str, str]] = []
    for naam, codes in indeling.items():
        lijsten = land.lijsten(naam)
        assert sorted(lijsten) == codes
        for code, regels in lijsten.items():
            assert len(regels) == verwacht[code]
            assert regels == sorted(regels)
            geland += [tuple(regel.split(";")) for regel in regels]
            assert {c for _, c in geland[-len(regels) :]} <= {code} or not regels
    assert sorted(geland) == sorted((bsn, code) for bsn, code in rijen if code in bediend)
    # Every row accounted for.
    telling = run.samenvatting["avd_2026_01"]
    gepubliceerd = sum(verwacht.values())
    assert telling["gelezen"] == 10_000
    assert telling["gepubliceerd"] == gepubliceerd
    assert telling["aangehouden"] == 10_000 - gepubliceerd > 0
    assert telling["te_publiceren"] == telling["afgewezen"] == telling["dubbel"] == 0
    assert telling["lijsten"] == 342 - ZONDER
    assert telling["organisaties"] == ORGANISATIES
    assert len(telling["zonder_aanmelding"]) <= ZONDER
    for publicatie in land.gepubliceerd():
        assert sum(publicatie.manifest["regels_uit"].values()) == publicatie.manifest["regels_in"] == 10_000
    # One mail per organisation, however many lists.
    assert len(run.mails) == len({adres for adres, _ in run.mails}) == ORGANISATIES
    assert not any(bsn in json.dumps([telling, run.verdelingen, run.mails]) for bsn, _ in rijen)

    tweede = land.draai()

    assert (tweede.lijsten, tweede.mails) == (set(), [])
    assert {publicatie.versie for publicatie in land.gepubliceerd(ook_vervangen=True)} == {1}
