"""A national levering: 10,000 rows over 342 gemeenten, 60 organisations, 10 of them gemeenschappelijke regelingen."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from include.mock_sources.genereren.genereer import Opdracht, genereer
from include.normen.gemeenten import actieve_gemeenten, opvolgers
from include.normen.kalender import Maand
from include.steps.verwerking import Opslag
from tests.steps.land import Land

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


def test_all_broken_leveringen_of_the_generator_in_one_run(opslag: Opslag, tmp_path: Path) -> None:
    genereer(Opdracht(aanvragers=30, seed=3, ronde=Maand(2026, 9), landelijk=5, gebroken=True), tmp_path)
    map_ = tmp_path / "alleenverdieners"
    land = Land(opslag)
    land.nu = land.nu.replace(month=10, day=5)
    bestanden = [pad.read_text().split()[1:] for pad in sorted(map_.glob("*.csv"))[1:]]
    codes = {opvolgers(AANGEMAAKT).get(rij[-4:]) for rijen in bestanden for rij in rijen}
    land.meld_aan("Overal", *filter(None, codes))
    for levering in json.loads((map_ / "leveringen.json").read_text())["leveringen"]:
        inhoud = (map_ / f"{levering['levering']}.csv").read_bytes()
        land.bron.maak(
            levering["levering"], inhoud, aangemaakt=levering["aangemaakt"], aantal=levering["aantal"]
        )

    run = land.draai()

    # Wrong header, wrong control total and no rows reject a levering; the other defects reject rows.
    assert [str(fout).split(":")[1][1:5] for fout in run.fouten] == ["S002", "S004", "S003"]
    assert sum(regel["status"] == "afgekeurd" for regel in run.samenvatting.values()) == 3
    gebroken = json.loads((map_ / "gebroken.json").read_text())
    rijen = {
        gebrek.split(":")[0][:25]: [
            run.samenvatting[naam][waar] for waar in ("gelezen", "gepubliceerd", "afgewezen", "dubbel")
        ]
        for naam, gebrek in gebroken.items()
    }
    assert rijen == {
        "corrupte regel": [24, 23, 1, 0],
        "verkeerde kop": [24, 0, 24, 0],
        "controletotaal": [24, 0, 24, 0],
        "twee rijen met een onbeke": [26, 24, 2, 0],
        "7 rijen met een heringede": [31, 31, 0, 0],
        "één BSN tweemaal met deze": [25, 24, 0, 1],
        "één BSN tweemaal met vers": [25, 23, 2, 0],
        "geen enkele rij": [0, 0, 0, 0],
    }
    assert land.draai().fouten == []
