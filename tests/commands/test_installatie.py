"""``installatie``, and what every reading command says beside a file store that is not of its database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.steps.verwerking import Opslag
from tests.commands.hulp import eis_een_regel
from tests.dags.wereld import ALFA, RIJK

Bidn = Callable[..., Any]


@pytest.mark.parametrize(
    "command",
    [
        ["rapporten"],
        ["verslag", "--organisatie", ALFA],
        ["detail", "--organisatie", ALFA, "--bsn", RIJK],
        ["organisatie", "lijst"],
        ["logboek", "lijst"],
        ["installatie", "controleer"],
    ],
)
def test_an_answer_that_may_be_wrong_says_so(
    bidn: Bidn, gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    right = bidn(*command)
    assert (right.exit_code, right.stderr) == (0, "")
    monkeypatch.setenv("BIDN_OPSLAG", (tmp_path / "not mounted").as_uri())
    wrong = bidn(*command)
    assert wrong.exit_code == (
        2 if command[0] == "detail" else 4
    )  # detail looks for a file that is not there
    assert wrong.stderr.startswith("This may be wrong: database and file store do not belong together")


def test_an_empty_database_beside_a_full_store_takes_nothing_in(
    bidn: Bidn, gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BIDN_DATABASE_URL", f"sqlite:///{tmp_path / 'other.sqlite'}")
    answer = bidn("rapporten")
    assert (answer.exit_code, answer.stdout) == (4, "Er is niets gepubliceerd.\n")
    (tmp_path / "vraag.csv").write_text("x")
    refused = bidn("lever", "--bestand", tmp_path / "vraag.csv", "--organisatie", ALFA)
    assert refused.exit_code == 2
    assert "nothing was kept: database and file store do not belong together" in refused.stderr


def test_a_human_binds_sweeps_and_brings_back(
    bidn: Bidn, gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BIDN_OPSLAG", (tmp_path / "new").as_uri())
    swept = bidn("installatie", "veeg", "--ondanks", "klok", "--reden", "gezien")
    eis_een_regel(swept, "do not belong together")
    assert bidn("installatie", "bind", "--reden", "opslag was verloren").exit_code == 0
    assert bidn("installatie", "controleer").stdout == "Database en bestandsopslag horen bijeen.\n"
    assert bidn("installatie", "veeg", "--ondanks", "klok", "--reden", "gezien").exit_code == 0
    assert bidn("installatie", "haal-terug", "--reden", "gezien").stdout == "Teruggezet: 0 bestanden.\n"
    entered = bidn("logboek", "lijst", "--aantal", "4").stdout
    assert all(naam in entered for naam in ("installatie-binden", "opruimen-ondanks", "quarantaine-terug"))
