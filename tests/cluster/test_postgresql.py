"""Our database on PostgreSQL where tasks of several workers meet, and what a migration does to data that is there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from include.schemas.domein import DeelnameStatus, Product
from include.storage import bewaartermijn, notificaties
from include.storage.database import Database
from include.storage.file_store import FileStore
from include.storage.leveringen import register_levering
from include.storage.migrations import migrate
from include.storage.models import Organisatie, Publicatie
from include.storage.organisaties import register_organisatie, register_productbeheerder
from include.storage.publicaties import TePubliceren, publish, read_published
from include.storage.rondes import enter_deelname, find_deelname, open_ronde

NU = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
RONDE = "2026-09"
OUDE_RONDES = ("2026-04", "2026-05", "2026-06")
LANG_GELEDEN = (NU - timedelta(days=3)).timestamp()
ALLEN = 8
"""So many publishers, and as many sweepers and participants: all at once, each on a connection of its own."""


@pytest.mark.postgres
def test_what_workers_do_at_once_loses_nothing_and_blocks_nobody(postgres_url: str, tmp_path: Path) -> None:
    migrate(postgres_url)
    bestanden = FileStore((tmp_path / "opslag").as_uri())
    database = Database(postgres_url)
    with database.transaction() as sessie:
        organisatie = register_organisatie(sessie, "Gemeente Stichtse Vecht", ["1904"], nu=NU)
        register_productbeheerder(
            sessie, organisatie, naam="Eén", email="een@vecht.test", product=Product.BIJZONDERE_BIJSTAND
        )
        open_ronde(sessie, RONDE, deelnamedatum=date(2026, 9, 26), run="run-1", nu=NU)
    levering = register_levering(
        database,
        bestanden,
        inhoud=b"1904;J;;999900018;;;;;;\r\n",
        bestandsnaam="vraag.csv",
        nu=datetime(2026, 9, 12, 8, 0, tzinfo=UTC),
        organisatie=organisatie,
        ronde=RONDE,
    ).levering

    verlopen = [_verlopen(database, bestanden, organisatie, ronde) for ronde in OUDE_RONDES]
    wees = "onvoltooid/van-een-taak-die-omviel"
    bestanden.write(wees, b"x")
    os.utime(tmp_path / "opslag" / wees, times=(LANG_GELEDEN, LANG_GELEDEN))

    def deelnemen(eigen: Database, nummer: int) -> None:
        with eigen.transaction() as sessie:
            enter_deelname(sessie, RONDE, organisatie, levering, verwerking=f"run-{nummer}/1", nu=NU)

    def publiceren(eigen: Database, nummer: int) -> None:
        uitvoer = [TePubliceren("overzicht", "overzicht.csv", f"versie van {nummer}\r\n".encode(), 1)]
        publish(
            eigen,
            bestanden,
            organisatie=organisatie,
            levering=levering,
            ronde=RONDE,
            uitvoer=uitvoer,
            manifest={},
            verwerking=f"run-{nummer}/1",
            nu=NU,
        )

    def vegen(eigen: Database, _: int) -> None:
        bewaartermijn.sweep(eigen, bestanden, nu=NU)

    deelnemen(database, 0)
    _tegelijk(postgres_url, [deelnemen, publiceren, vegen])

    with database.reading() as sessie:
        alle = list(
            sessie.scalars(select(Publicatie).where(Publicatie.ronde == RONDE).order_by(Publicatie.versie))
        )
        # Which of the two it is depends on who was last: a run that takes part or one that publishes.
        assert find_deelname(sessie, RONDE, organisatie).status in (
            DeelnameStatus.GEPUBLICEERD,
            DeelnameStatus.OPEN,
        )
        # What was due went, once: of each old ronde its report with its manifest and its delivery; and the orphan.
        weg = bewaartermijn.vernietigingsregister(sessie)
    assert Counter((regel.klasse, regel.ronde) for regel in weg) == {
        **{("rapport", ronde): 2 for ronde in OUDE_RONDES},
        **{("levering", ronde): 1 for ronde in OUDE_RONDES},
        ("wees", None): 1,
    }
    assert all(regel.vernietigd_op for regel in weg)
    assert not {*verlopen, wees} & {bestand.key for bestand in bestanden.list()}
    assert [publicatie.versie for publicatie in alle] == list(range(1, ALLEN + 1))
    assert [publicatie.vervangen_op is None for publicatie in alle] == [False] * (ALLEN - 1) + [True]
    inhouden = {
        read_published(bestanden, bestand)
        for publicatie in alle
        for bestand in publicatie.bestanden
        if bestand.soort == "overzicht"
    }
    assert inhouden == {f"versie van {nummer}\r\n".encode() for nummer in range(ALLEN)}

    with database.reading() as sessie:
        [ontvanger] = notificaties.recipients(sessie, [alle[-1].id])
    gekregen: list[notificaties.MailClaim] = []

    def claimen(eigen: Database, _: int) -> None:
        if claim := notificaties.claim_mail(eigen, [alle[-1].id], ontvanger, nu=NU):
            gekregen.append(claim)

    _tegelijk(postgres_url, [claimen, vegen])
    assert len(gekregen) == 1


def _verlopen(database: Database, bestanden: FileStore, organisatie: Organisatie, ronde: str) -> str:
    """Publish in an old ronde what must be gone by now; returns the key of its report."""
    toen = datetime.fromisoformat(f"{ronde}-12T08:00+00:00")
    with database.transaction() as sessie:
        open_ronde(sessie, ronde, deelnamedatum=toen.date(), run="run-1", nu=toen)
    levering = register_levering(
        database,
        bestanden,
        inhoud=f"1904;J;;999900018;;;;;;{ronde}\r\n".encode(),
        bestandsnaam="vraag.csv",
        nu=toen,
        organisatie=organisatie,
        ronde=ronde,
    ).levering
    with database.transaction() as sessie:
        enter_deelname(sessie, ronde, organisatie, levering, verwerking=f"run-{ronde}/1", nu=toen)
    publicatie = publish(
        database,
        bestanden,
        organisatie=organisatie,
        levering=levering,
        ronde=ronde,
        uitvoer=[TePubliceren("overzicht", "overzicht.csv", ronde.encode(), 1)],
        manifest={},
        verwerking=f"run-{ronde}/1",
        nu=toen,
    ).publicatie
    return publicatie.bestand("overzicht").sleutel


def _tegelijk(url: str, werken: list[Callable[[Database, int], Any]]) -> None:
    """Do each kind of work ALLEN times, everything at the same moment; raises what any of them raised."""
    start = Barrier(ALLEN * len(werken))

    def doe(werk: Callable[[Database, int], Any], nummer: int) -> None:
        eigen = Database(url)
        start.wait(30)
        werk(eigen, nummer)

    with ThreadPoolExecutor(ALLEN * len(werken)) as draden:
        toekomst = [draden.submit(doe, werk, nummer) for werk in werken for nummer in range(ALLEN)]
        for een in toekomst:
            een.result()
