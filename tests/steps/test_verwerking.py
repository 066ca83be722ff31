"""What a task hands to the next, and what it leaves in the file store."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from include.errors import GegevensFout
from include.steps.verwerking import Opslag, Tussenresultaten, Verwerking, vind_organisatie

VERWERKING = Verwerking("2026-10", "manual__2026-11-05", 7, "Gemeente Alfa", "een-levering")


def test_goes_through_xcom_and_back_whatever_else_is_added() -> None:
    assert Verwerking.uit_dict(VERWERKING.als_dict() | {"status": "correct", "gelezen": 3}) == VERWERKING


def test_is_named_for_the_database_and_for_people() -> None:
    assert VERWERKING.kenmerk == "manual__2026-11-05/7"
    assert VERWERKING.betreft == "organisation Gemeente Alfa, ronde 2026-10"


def test_tables_and_frames_come_back_as_they_were(opslag: Opslag) -> None:
    werk = Tussenresultaten(opslag.bestanden, VERWERKING)
    tabel = pa.table({"bsn": [1, 2]}).replace_schema_metadata({"gevraagd": "2"})
    frame = pd.DataFrame({"bsn": [1, 2], "naam": pd.array(["a", None], dtype="str")})
    for _ in range(2):
        werk.schrijf_tabel("brp", tabel)
        werk.schrijf_frame("huishoudens", frame)
    assert werk.lees_tabel("brp").equals(tabel, check_metadata=True)
    pd.testing.assert_frame_equal(werk.lees_frame("huishoudens"), frame)
    assert werk.aanwezig(["brp.arrow", "huishoudens.feather"])
    assert not werk.aanwezig(["brp.arrow", "uwv.arrow"])


def test_another_run_does_not_find_it(opslag: Opslag) -> None:
    Tussenresultaten(opslag.bestanden, VERWERKING).schrijf("a.json", b"{}")
    ander = Verwerking("2026-10", "manual__2026-11-06", 7, "Gemeente Alfa", "een-levering")
    with pytest.raises(
        GegevensFout,
        match=r"^organisation Gemeente Alfa, ronde 2026-10: intermediate file a\.json is not there \(removed",
    ):
        Tussenresultaten(opslag.bestanden, ander).lees("a.json")


def test_no_file_name_tells_whose_it_is(opslag: Opslag) -> None:
    Tussenresultaten(opslag.bestanden, VERWERKING).schrijf("a.json", b"{}")
    [stuk] = opslag.bestanden.list()
    assert "alfa" not in stuk.key.lower()
    assert "manual" not in stuk.key


def test_an_organisation_that_is_no_longer_there(opslag: Opslag) -> None:
    with pytest.raises(GegevensFout, match=r"^organisation Gemeente Alfa, ronde 2026-10: .*not registered"):
        vind_organisatie(opslag, VERWERKING)
