from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.rapportage import kolommen as k


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1), st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero_at_any_size(tellers: list[int], noemer: int) -> None:
    verwacht = [int((Decimal(t) / noemer).quantize(Decimal(1), ROUND_HALF_UP)) for t in tellers]
    assert k.afgerond(np.array(tellers), noemer).tolist() == verwacht


@pytest.mark.parametrize(
    ("bsn", "tekst"), [(0, ""), (999990019, "999990019"), (12345672, "012345672"), (19, "000000019")]
)
def test_bsn(bsn: int, tekst: str) -> None:
    assert k.bsn(np.array([bsn])).to_pylist() == [tekst]


@pytest.mark.parametrize(
    "reeks",
    [
        pd.Series(["a", None, "b"], dtype="str"),
        pd.Series(["a", None, "b"], dtype="object"),
        pd.Series(["a", None, "b"], dtype="string[python]"),
        pd.Series(pd.Categorical(["a", None, "b"], categories=["b", "a"])),
        pd.concat([pd.Series(["a", None], dtype="str"), pd.Series(["b"], dtype="str")]),
    ],
)
def test_text_however_pandas_keeps_it(reeks: pd.Series) -> None:
    assert k.tekst(reeks).to_pylist() == ["a", "", "b"]


def test_lines_of_an_unsorted_frame_come_with_their_aanvraag_and_keep_their_order() -> None:
    lijst = k.Lijst(pd.DataFrame({"aanvraag": [2, 0, 2, 5, 0], "wat": list("abcde")}))

    def samen(begin: int, eind: int) -> list[str]:
        stuk = lijst.stuk(begin, eind)
        return stuk.per_aanvraag(k.tekst(stuk.regels["wat"]), "+").to_pylist()

    assert samen(0, 6) == ["b+e", "", "a+c", "", "", "d"]
    assert [samen(0, 2), samen(2, 3), samen(3, 5)] == [["b+e", ""], ["a+c"], ["", ""]]


def test_bytes_of_a_column_and_of_a_part_of_it() -> None:
    kolom = k.tekst(pd.Series(["é", "", "abc"], dtype="str"))
    assert bytes(k.inhoud(kolom)) == "éabc".encode()
    assert k.lengten(kolom).tolist() == [2, 0, 3]
    assert bytes(k.inhoud(kolom.slice(1, 2))) == b"abc"
    assert bytes(k.inhoud(kolom.slice(0, 0))) == b""
