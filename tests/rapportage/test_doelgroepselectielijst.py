from __future__ import annotations

import pandas as pd
import pytest

from include.rapportage.doelgroepselectielijst import lijst_csv


@pytest.mark.parametrize(
    ("bsns", "lijst"),
    [
        ([], b"BSN;Gemeentecode\r\n"),
        ([999990019], b"BSN;Gemeentecode\r\n999990019;0014\r\n"),
        (
            [999990032, 12345672, 999990019],
            b"BSN;Gemeentecode\r\n012345672;0014\r\n999990019;0014\r\n999990032;0014\r\n",
        ),
    ],
)
def test_list(bsns: list[int], lijst: bytes) -> None:
    assert lijst_csv(pd.Series(bsns, dtype="int64"), "0014") == lijst
