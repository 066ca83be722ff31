"""``python -m include.cli`` as a program: every command is there, explains itself, and ends as agreed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.dags.wereld import ALFA, VRAAGBESTANDEN

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program as a process of its own, on an installation of its own."""
    omgeving = {naam: waarde for naam, waarde in os.environ.items() if not naam.startswith("BIDN_")}
    omgeving |= {
        "BIDN_DATA": str(tmp_path / "data"),
        "BIDN_DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'bidn.sqlite'}",
        "PYTHONPATH": str(ROOT),
    }

    def draai(*argumenten: str | Path) -> subprocess.CompletedProcess[str]:
        regel = [sys.executable, "-m", "include.cli", *map(str, argumenten)]
        return subprocess.run(regel, cwd=ROOT, env=omgeving, capture_output=True, text=True, timeout=120)

    return draai


def test_from_nothing_to_a_delivery(program: Callable[..., Any], tmp_path: Path) -> None:
    bestand = tmp_path / "vraag.csv"
    bestand.write_text(VRAAGBESTANDEN[ALFA])
    eerst = program("organisatie", "registreer", "--naam", ALFA, "--gemeentecodes", "0014")
    assert (eerst.returncode, eerst.stdout, eerst.stderr) == (0, f"{ALFA} is geregistreerd voor 0014.\n", "")
    geweigerd = program(
        "lever", "--organisatie", ALFA, "--bestand", bestand, "--ontvangen", "2026-10-12T10:00"
    )
    assert (geweigerd.returncode, geweigerd.stdout) == (2, "")
    assert "no active registration for bijzondere-bijstand on 2026-10-12" in geweigerd.stderr
    product = ("--product", "bijzondere-bijstand", "--ingang", "2026-01-01")
    assert program("aanmelding", "registreer", "--organisatie", ALFA, *product).returncode == 0
    geleverd = program(
        "lever", "--organisatie", ALFA, "--bestand", bestand, "--ontvangen", "2026-10-12T10:00"
    )
    assert (geleverd.returncode, geleverd.stderr) == (0, "")
    assert "deels incorrect" in geleverd.stdout
    mis = program("detail", "--organisatie", ALFA, "--bsn", "999900018")
    assert (mis.returncode, mis.stdout) == (2, "")
    assert mis.stderr == f"GegevensFout: not found: {ALFA} has no report about this BSN\n"


COMMANDS = [
    ["toets"],
    ["lever"],
    ["rapporten"],
    ["detail"],
    ["organisatie"],
    ["organisatie", "registreer"],
    ["organisatie", "lijst"],
    ["organisatie", "toon"],
    ["organisatie", "trek-in"],
    ["productbeheerder"],
    ["productbeheerder", "registreer"],
    ["productbeheerder", "notificaties"],
    ["productbeheerder", "lijst"],
    ["productbeheerder", "trek-in"],
    ["gebruikersbeheerder"],
    ["gebruikersbeheerder", "registreer"],
    ["gebruikersbeheerder", "lijst"],
    ["gebruikersbeheerder", "trek-in"],
    ["instellingen"],
    ["instellingen", "zet"],
    ["instellingen", "lijst"],
    ["instellingen", "toon"],
    ["instellingen", "trek-in"],
    ["aanmelding"],
    ["aanmelding", "registreer"],
    ["aanmelding", "lijst"],
    ["aanmelding", "toon"],
    ["aanmelding", "trek-in"],
    ["normen"],
    ["normen", "nieuw"],
    ["normen", "verschil"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from include.cli import app

    monkeypatch.setenv("BIDN_DATA", "/nergens")
    resultaat = CliRunner().invoke(app, [*command, "--help"])
    assert resultaat.exit_code == 0
    assert f"Usage: root {' '.join(command)}" in resultaat.output


@pytest.mark.parametrize(
    ("command", "opties"),
    [
        (
            "toets",
            "ronde organisatie gemeentecodes vraagbestand bronnen vermogen voertuigen percentage rapportagedatum uit",
        ),
        ("lever", "organisatie bestand ontvangen"),
        ("rapporten", "organisatie ronde uit"),
        ("detail", "organisatie bsn ronde"),
        ("aanmelding registreer", "organisatie product ingang einde kenmerk getekend-door"),
        ("productbeheerder registreer", "organisatie product naam email"),
        ("productbeheerder trek-in", "organisatie product email"),
    ],
)
def test_every_option_of_the_contract_is_there(command: str, opties: str) -> None:
    import typer

    from include.cli import app

    opdracht: Any = typer.main.get_command(app)
    for naam in command.split():
        opdracht = opdracht.commands[naam]
    bekend = {naam for param in opdracht.params for naam in param.opts}
    assert {f"--{optie}" for optie in opties.split()} <= bekend


def test_without_a_command_it_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from include.cli import app

    resultaat = CliRunner().invoke(app, [])
    for command in ("toets", "lever", "rapporten", "detail", "organisatie", "aanmelding"):
        assert command in resultaat.output
