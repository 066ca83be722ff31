from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from include.rapportage.uitkeringen import te_tonen


def vormen(*regels: tuple[int, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(regels, columns=["aanvraag", "vorm", "einde"])
    return frame.astype({"aanvraag": "int64", "vorm": "str", "einde": "datetime64[s]"})


@pytest.mark.parametrize(
    ("regels", "toont"),
    [
        ([(0, "PW", None)], [(0, "PW")]),
        ([(0, "PW", "2026-10-05")], [(0, "PW")]),  # the last day itself is not before it
        ([(0, "PW", "2026-10-04")], []),
        ([(0, "PW", "2026-10-04"), (0, "PW", None)], [(0, "PW")]),  # of two partners one still has it
        ([(0, "PW", None), (0, "PW", "2026-12-31")], [(0, "PW")]),
        ([(0, "AIO", None), (1, "AIO", None)], [(0, "AIO"), (1, "AIO")]),
        ([(0, "IOAW", None), (0, "AIO", None), (0, "WGA", None)], [(0, "IOAW"), (0, "AIO"), (0, "WGA")]),
        ([], []),
    ],
)
def test_what_shows(regels: list[tuple[int, str, str | None]], toont: list[tuple[int, str]]) -> None:
    getoond = te_tonen(vormen(*regels), date(2026, 10, 5))
    assert list(getoond.itertuples(index=False, name=None)) == toont
