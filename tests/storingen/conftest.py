"""Mock sources for both services, and one undisturbed run of each, with a copy of the installation before each task."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.mock_sources import Beheer, mock_bronnen
from include.normen import laden
from include.schemas.domein import Product
from include.steps import rondes
from include.steps.leveren import lever
from include.steps.registreren import (
    Beheerder,
    Inschrijving,
    Productaanmelding,
    ProductInstellingen,
    schrijf_in,
)
from include.storage.file_store import intermediate_key
from include.storage.migrations import migrate
from tests.dags.wereld import ALFA, BETA, GAMMA, RONDE, VRAAGBESTANDEN
from tests.steps import conftest as stappen
from tests.steps.hulp import GEMEENTEN, IN_RAPPORTAGEMAAND, OP_TIJD, Klok
from tests.storingen import bevolking
from tests.storingen.installatie import (
    ALLEENVERDIENERS,
    BIJZONDERE_BIJSTAND,
    EERDER,
    RUN,
    TAK,
    Halte,
    Installatie,
    Run,
    loop,
)

geen_fsync, lege_sqlite = stappen.geen_fsync, stappen.lege_sqlite

VORIGE_RONDE = "2026-06"
"""Its reports have had their 90 days on the day of the run."""


@pytest.fixture(scope="session")
def populatie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("populatie")
    bevolking.schrijf(folder)
    return folder


@pytest.fixture(scope="session")
def _mock(populatie: Path) -> Iterator[SimpleNamespace]:
    with mock_bronnen(populatie) as url, Beheer(url) as beheer:
        yield SimpleNamespace(url=url, beheer=beheer)


@pytest.fixture(scope="session")
def werk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an installation is put to be disturbed: every time the same place."""
    return tmp_path_factory.mktemp("storing") / "werk"


@pytest.fixture
def bronnen(_mock: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The mock sources, without faults or memory of earlier calls: ``url`` and ``beheer``."""
    _mock.beheer.herstel()
    _mock.beheer.wis_aanroepen()
    yield _mock
    _mock.beheer.herstel()


def _richt_in(map_: Path, lege_sqlite: Path, url: str, nu: datetime, database_url: str = "") -> Installatie:
    """Three organisations that take part in both services, each with productbeheerders to mail."""
    map_.mkdir()
    if not database_url:
        shutil.copy(lege_sqlite, map_ / "bidn.sqlite")
    installatie = Installatie(map_, Klok(nu), url, database_url=database_url)
    for naam in (ALFA, BETA, GAMMA):
        kort = naam.split()[-1].lower()
        producten = [Product.BIJZONDERE_BIJSTAND, *([] if naam == GAMMA else [Product.ALLEENVERDIENERS])]
        schrijf_in(
            installatie.opslag,
            Inschrijving(
                naam=naam,
                gemeentecodes=GEMEENTEN[naam],
                productbeheerders=[
                    Beheerder(naam="B", email=f"{wie}@{kort}.test", product=product)
                    for wie in ("een", "twee", "drie")
                    for product in producten
                ],
                instellingen=ProductInstellingen(vermogen=True, voertuigen=True),
                aanmeldingen=[
                    Productaanmelding(product=product, ingang=date(2025, 1, 1)) for product in producten
                ],
            ),
        )
    return installatie


def _publiceer_eerder(installatie: Installatie, ronde: str, ontvangen: datetime, nu: datetime) -> None:
    """Let Alfa have reports of a ronde, from a delivery and a run of their own."""
    inhoud = VRAAGBESTANDEN[ALFA].encode()
    lever(installatie.opslag, organisatie=ALFA, bestandsnaam="v.csv", inhoud=inhoud, ontvangen=ontvangen)
    installatie.klok.nu = nu
    deelnemers = rondes.open_voor_verwerking(installatie.opslag, laden.ronde(ronde), EERDER)
    ingenomen = [rondes.neem_in(installatie.opslag, deelnemer) for deelnemer in deelnemers]
    installatie.xcom["ronde_samenstellen"] = rondes.stel_samen(installatie.opslag, deelnemers, ingenomen)
    for naam, stap in TAK.items():
        if naam not in ("goedkeuren", "notificeren"):
            stap(installatie, ALFA)
    installatie.xcom.clear()


def _laat_iets_liggen(installatie: Installatie) -> None:
    """What a run left that was never finished: for the sweep."""
    sleutel = intermediate_key(f"{EERDER}/2", "brp.arrow")
    installatie.opslag.bestanden.write(sleutel, b"wat een run liet liggen")
    lang_geleden = (OP_TIJD - timedelta(days=1)).timestamp()
    os.utime(installatie.map / "opslag" / sleutel, (lang_geleden, lang_geleden))


def _begin_bb(installatie: Installatie) -> Installatie:
    """Deliveries of everybody but Alfa, which delivered and was published before; and something to sweep."""
    juni, juli = datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC)
    _publiceer_eerder(installatie, VORIGE_RONDE, juni, juli)
    # The run is a second one: it publishes version 2 for Alfa, from a newer delivery.
    _publiceer_eerder(installatie, RONDE, OP_TIJD - timedelta(days=1), IN_RAPPORTAGEMAAND - timedelta(days=1))
    _laat_iets_liggen(installatie)
    for naam in (BETA, GAMMA):
        inhoud = VRAAGBESTANDEN[naam].encode()
        lever(installatie.opslag, organisatie=naam, bestandsnaam="v.csv", inhoud=inhoud, ontvangen=OP_TIJD)
    installatie.klok.nu = IN_RAPPORTAGEMAAND
    return installatie


INSCHRIJVING = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def haltes_bb(
    tmp_path_factory: pytest.TempPathFactory, lege_sqlite: Path, _mock: SimpleNamespace
) -> dict[str, Halte]:
    """Bijzondere Bijstand, task by task, without any fault."""
    map_ = tmp_path_factory.mktemp("bijzondere_bijstand")
    installatie = _richt_in(map_ / "begin", lege_sqlite, _mock.url, INSCHRIJVING)
    return loop(BIJZONDERE_BIJSTAND, _begin_bb(installatie), map_)


@pytest.fixture
def op_postgresql(
    tmp_path: Path, lege_sqlite: Path, _mock: SimpleNamespace, postgres_url: str
) -> Installatie:
    """What ``haltes_bb`` begins with, on PostgreSQL."""
    migrate(postgres_url)
    return _begin_bb(_richt_in(tmp_path / "pg", lege_sqlite, _mock.url, INSCHRIJVING, postgres_url))


@pytest.fixture(scope="session")
def haltes_avd(
    tmp_path_factory: pytest.TempPathFactory, lege_sqlite: Path, _mock: SimpleNamespace, populatie: Path
) -> dict[str, Halte]:
    """Alleenverdieners, task by task, without any fault; an earlier run published, and is swept in this one."""
    map_ = tmp_path_factory.mktemp("alleenverdieners")
    begin = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    installatie = _richt_in(map_ / "begin", lege_sqlite, _mock.url, begin)
    eerder = loop(ALLEENVERDIENERS, replace(installatie, run=EERDER), map_ / EERDER)
    bevolking.kondig_aan(populatie, bevolking.LEVERINGEN)
    laatste = eerder["bewaartermijn_toepassen"].na
    laatste.klok.nu = begin + timedelta(days=90)
    return loop(ALLEENVERDIENERS, replace(laatste, xcom={}, run=RUN), map_ / "nu")


@pytest.fixture(params=["bijzondere_bijstand", "alleenverdieners"])
def hele_run(
    request: pytest.FixtureRequest,
    haltes_bb: dict[str, Halte],
    haltes_avd: dict[str, Halte],
    bronnen: SimpleNamespace,
) -> Run:
    """Each service from its first task to its last."""
    if request.param == "bijzondere_bijstand":
        return Run(BIJZONDERE_BIJSTAND, haltes_bb)
    return Run(ALLEENVERDIENERS, haltes_avd)
