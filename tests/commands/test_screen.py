"""Errors of one line, and a bar only where somebody looks."""

from __future__ import annotations

import io
import os
import pty
import re
from collections.abc import Iterator

import pytest
import typer
from rich.console import Console

from include.commands import screen
from include.commands.screen import amsterdams, met_nette_fouten, voortgangsbalk
from include.errors import GegevensFout
from include.steps.verwerking import Verwerking


@pytest.mark.parametrize(
    ("fout", "regel"),
    [
        (GegevensFout("Alfa: [niet] bekend"), "GegevensFout: Alfa: [niet] bekend"),
        (GegevensFout("twee\nregels"), "GegevensFout: twee regels"),
        (GegevensFout("lang " * 100), "GegevensFout: " + "lang " * 100),
        (OSError(28, "No space left", "uit/detail.xml"), "uit/detail.xml cannot be read or written: No space left"),
        (OSError("iets"), "a file cannot be read or written: OSError"),
    ],
)  # fmt: skip
def test_an_error_is_one_line(fout: Exception, regel: str, capsys: pytest.CaptureFixture[str]) -> None:
    @met_nette_fouten
    def mislukt() -> None:
        raise fout

    with pytest.raises(typer.Exit) as einde:
        mislukt()
    assert einde.value.exit_code == 2
    assert capsys.readouterr().err.rstrip("\n").rstrip() == regel.rstrip()


def test_of_what_is_not_foreseen_it_says_what_and_where_but_not_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @met_nette_fouten
    def mislukt() -> None:
        Verwerking.uit_dict({"Jansen-de Vries 1980-03-17": 999900018})

    with pytest.raises(typer.Exit) as einde:
        mislukt()
    assert einde.value.exit_code == 2
    gezegd = capsys.readouterr().err
    assert re.match(r"KeyError in include/steps/verwerking\.py, line \d+ \(", gezegd)
    assert "Jansen" not in gezegd
    assert "999900018" not in gezegd


@pytest.mark.parametrize("einde", [typer.Exit(3), typer.Abort(), typer.BadParameter("--ronde")])
def test_what_ends_a_command_on_purpose_passes(einde: Exception) -> None:
    @met_nette_fouten
    def klaar() -> None:
        raise einde

    with pytest.raises(type(einde)):
        klaar()


def _balk(monkeypatch: pytest.MonkeyPatch, stroom: io.TextIOBase, *, geduld: float, op_scherm: bool) -> None:
    monkeypatch.setattr(screen, "GEDULD", geduld)
    monkeypatch.setattr(screen, "fouten", Console(file=stroom, width=100))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stderr.isatty", lambda: op_scherm, raising=False)
    with voortgangsbalk() as maak:
        stap = maak("uwv bevragen")
        for klaar in range(1, 4):
            stap(klaar, 3)


class TestBalk:
    @pytest.fixture
    def scherm_(self) -> Iterator[io.TextIOBase]:
        """Somebody who looks: the writing end of a pseudo-terminal."""
        self.meester, slaaf = pty.openpty()
        with os.fdopen(slaaf, "w") as stroom:
            yield stroom
        os.close(self.meester)

    def _gezien(self, scherm_: io.TextIOBase) -> bytes:
        scherm_.write("einde")
        scherm_.flush()
        gezien = b""
        while b"einde" not in gezien:
            gezien += os.read(self.meester, 65_536)
        return gezien

    def test_shows_on_a_screen_what_takes_long(
        self, scherm_: io.TextIOBase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _balk(monkeypatch, scherm_, geduld=-1, op_scherm=True)
        assert b"uwv bevragen" in self._gezien(scherm_)

    def test_shows_nothing_of_what_is_quick(
        self, scherm_: io.TextIOBase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _balk(monkeypatch, scherm_, geduld=3_600, op_scherm=True)
        assert b"uwv" not in self._gezien(scherm_)

    def test_shows_nothing_in_a_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stroom = io.StringIO()
        _balk(monkeypatch, stroom, geduld=-1, op_scherm=False)
        assert stroom.getvalue() == ""


@pytest.mark.parametrize(
    ("getypt", "bedoeld"),
    [
        ("2026-09-12T10:00", "2026-09-12T10:00:00+02:00"),
        ("2026-12-12T10:00", "2026-12-12T10:00:00+01:00"),
        ("2026-09-12T10:00:00+00:00", "2026-09-12T10:00:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_of_amsterdam(getypt: str, bedoeld: str) -> None:
    from datetime import datetime

    assert amsterdams(datetime.fromisoformat(getypt)).isoformat() == bedoeld
