"""What the tests of the norms share."""

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from include.normen import gemeenten, laden
from include.normen.new_blocks import REEKSEN, nieuwe_blokken
from include.normen.norm_tables import BESTANDEN, Normtabellen

LATER = r"^  - (vanaf: 20(2[7-9]|[3-9]\d)|geboren_vanaf: 19(6[4-9]|[7-9]\d))-.*\n(    .*\n)*"
"""A block that was added after 2026."""


@pytest.fixture(autouse=True)
def _niets_onthouden() -> None:
    """Work everything out anew in each test: a mutation test sees only what a test itself sets to work."""
    for lezer in (laden.normen_op, gemeenten.actieve_gemeenten, gemeenten.opvolgers, gemeenten._gemeenten):
        lezer.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _lees_de_tabellen_opnieuw() -> None:
    """Read the files in this process, also when it was forked from one that already had."""
    laden.tabellen.cache_clear()


@pytest.fixture
def folder_2026(tmp_path: Path) -> Path:
    """A copy of the norm files as they stood at the end of 2026, whatever was added since."""
    folder = tmp_path / "normen"
    folder.mkdir()
    for naam in BESTANDEN:
        tekst = re.sub(LATER, "", (laden.MAP / naam).read_text(), flags=re.MULTILINE)
        (folder / naam).write_text(re.sub(r"(tot_en_met: )20(2[7-9]|[3-9]\d).*", r"\1open", tekst))
    return folder


@pytest.fixture
def in_2026(folder_2026: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, as the norms of this installation."""
    monkeypatch.setattr(laden, "MAP", folder_2026)
    laden.vergeet()
    yield folder_2026
    laden.vergeet()


def voeg_toe(folder: Path, ingang: date, **bedragen: list[str]) -> None:
    """Add the blocks that begin on a day, with these amounts in euros by file."""
    for pad, tekst in nieuwe_blokken(folder, ingang).items():
        waarden = iter(["wettekst", *bedragen[pad.stem]])
        pad.write_text(re.sub(r'"\?"', lambda _, nu=waarden: f'"{next(nu)}"', tekst))


@pytest.fixture(params=["as they are", "a year more"], scope="module")
def ook_met_volgend_jaar(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Run a test with the norms of this installation, and again with an invented January and July behind them.

    New norms are a change of data: no test may pin the day on which the tables end.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        if request.param == "a year more":
            folder = tmp_path_factory.mktemp("volgend_jaar")
            for naam in BESTANDEN:
                shutil.copy(laden.MAP / naam, folder)
            for _ in range(2):
                een_procent_meer = {
                    Path(reeks.bestand).stem: [
                        f"{oud.bedrag * 1.01 / 100:.2f}"
                        for oud in reeks.perioden(folder)[-1].bedragen.values()
                    ]
                    for reeks in REEKSEN
                }
                voeg_toe(folder, Normtabellen(folder).dekking[1] + timedelta(days=1), **een_procent_meer)
            monkeypatch.setattr(laden, "MAP", folder)
        laden.vergeet()
        yield
    laden.vergeet()
