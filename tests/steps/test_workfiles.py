"""What a task hands to the next, and what it leaves in the file store."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from include.errors import GegevensFout
from include.steps.verwerking import Opslag, Verwerking, vind_organisatie
from include.steps.workfiles import StoredFiles

VERWERKING = Verwerking("2026-10", "manual__2026-11-05", 7, "Gemeente Alfa", "een-levering")


def _files(opslag: Opslag, verwerking: Verwerking) -> StoredFiles:
    return StoredFiles(opslag.bestanden, verwerking.kenmerk, verwerking.betreft)


def test_goes_through_xcom_and_back_whatever_else_is_added() -> None:
    assert Verwerking.uit_dict(VERWERKING.als_dict() | {"status": "correct", "gelezen": 3}) == VERWERKING


def test_is_named_for_the_database_and_for_people() -> None:
    assert VERWERKING.kenmerk == "manual__2026-11-05/7"
    assert VERWERKING.betreft == "organisation Gemeente Alfa, ronde 2026-10"


def test_tables_and_frames_come_back_as_they_were(opslag: Opslag) -> None:
    werk = _files(opslag, VERWERKING)
    tabel = pa.table({"bsn": [1, 2]}).replace_schema_metadata({"gevraagd": "2"})
    frame = pd.DataFrame({"bsn": [1, 2], "naam": pd.array(["a", None], dtype="str")})
    for _ in range(2):
        werk.write_table("brp", tabel)
        werk.write_frame("huishoudens", frame)
    assert werk.read_table("brp").equals(tabel, check_metadata=True)
    pd.testing.assert_frame_equal(werk.read_frame("huishoudens"), frame)
    assert werk.names() == ["brp.arrow", "huishoudens.feather"]
    assert [werk.exists(name) for name in ("brp.arrow", "uwv.arrow")] == [True, False]


def test_another_run_does_not_find_it(opslag: Opslag) -> None:
    _files(opslag, VERWERKING).write("a.json", b"{}")
    ander = Verwerking("2026-10", "manual__2026-11-06", 7, "Gemeente Alfa", "een-levering")
    with pytest.raises(
        GegevensFout,
        match=r"^organisation Gemeente Alfa, ronde 2026-10: intermediate file a\.json is not there \(removed",
    ):
        _files(opslag, ander).read("a.json")


def test_no_file_name_tells_whose_it_is(opslag: Opslag) -> None:
    _files(opslag, VERWERKING).write("a.json", b"{}")
    [stuk] = opslag.bestanden.list()
    assert "alfa" not in stuk.key.lower()
    assert "manual" not in stuk.key


def test_an_organisation_that_is_no_longer_there(opslag: Opslag) -> None:
    with pytest.raises(GegevensFout, match=r"^organisation Gemeente Alfa, ronde 2026-10: .*not registered"):
        vind_organisatie(opslag, VERWERKING)
