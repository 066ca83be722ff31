"""The page "Rondes": a database with a ronde worked out by hand, Airflow's own api-server, and a browser."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chromium import Page, chromium, executable
from kijken import READY
from site_rondes import Site, everybody_in, serve
from voorbeeld import TOESTANDEN, taken, vul

from include.storage.database import Database
from include.storage.migrations import migrate

NO_CHROMIUM = "needs Chromium to look at the page (Debian: apt-get install chromium)"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating once is enough."""
    path = tmp_path_factory.mktemp("sqlite") / "leeg.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def leeg(database_url: str, empty_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A migrated database without rows, which the page finds as its own."""
    if database_url.startswith("sqlite"):
        shutil.copy(empty_sqlite, database_url.removeprefix("sqlite:///"))
    else:
        migrate(database_url)
    monkeypatch.setenv("BIDN_DATABASE_URL", database_url)
    return Database(database_url)


@pytest.fixture
def database(leeg: Database) -> Database:
    """The ronde of voorbeeld.py."""
    vul(leeg)
    return leeg


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if executable() is None:
        pytest.skip(NO_CHROMIUM)
    with chromium(tmp_path_factory.mktemp("chromium")) as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Page:
    """The tab, on nothing, as it was at the beginning."""
    browser.open("about:blank")
    browser.scheme("light")
    browser.size(1400, 900)
    browser.problems.clear()
    return browser


@pytest.fixture(scope="session")
def served() -> Iterator[Site]:
    if executable() is None:
        pytest.skip(NO_CHROMIUM)
    with serve() as site:
        yield site


@pytest.fixture
def site(served: Site) -> Iterator[Site]:
    """The page in an Airflow of pasteboard, whose runs and tasks a test sets."""
    served.reset()
    with everybody_in():
        yield served


@pytest.fixture
def rondes(page: Page, site: Site, database: Database) -> Page:
    """The page on the ronde of voorbeeld.py, while its run is at work."""
    site.tasks = taken(TOESTANDEN)
    page.open(site.page)
    page.wait(READY)
    return page
