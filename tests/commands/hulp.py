"""What a command may not say, and how it must end."""

from __future__ import annotations

import re
from typing import Any

from tests.dags.wereld import NAMEN, PERSONEN


def eis_een_regel(resultaat: Any, woorden: str) -> None:
    """Exit code 2, one line on stderr that says ``woorden``, nothing on stdout, no traceback, nobody's data."""
    assert resultaat.exit_code == 2, resultaat.output
    assert resultaat.stdout == ""
    [regel] = resultaat.stderr.splitlines()
    assert re.search(woorden, regel), regel
    assert "Traceback" not in regel
    eis_niemand(regel)


def eis_niemand(tekst: str) -> None:
    """No BSN or name of anybody in the world."""
    for geheim in (*PERSONEN, *NAMEN, "123456789"):
        assert geheim not in tekst
