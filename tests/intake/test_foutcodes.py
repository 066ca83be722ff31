"""The published list of codes is the one that the rules make."""

from include.intake.foutcodes import BESTAND, lijst
from include.schemas import controles, selectielijst


def test_the_list_is_current():
    assert BESTAND.read_text(encoding="utf-8") == lijst(), "run: python -m include.intake.foutcodes"


def test_every_code_is_a_line_of_four_cells():
    regels = [regel for regel in lijst().splitlines() if regel.startswith(("| V", "| S"))]
    alle = (*controles.CONTROLES, *selectielijst.CONTROLES)
    assert [regel.split(" | ")[0] for regel in regels] == [f"| {controle.code}" for controle in alle]
    assert all(regel.count("|") == 5 for regel in regels)
    assert "{" not in lijst()
