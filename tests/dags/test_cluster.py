"""The monthly DAG whole, with our database on PostgreSQL and its files on an S3 API; nothing on this machine's disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from wereld import ALFA, BETA, RONDE, wereld

from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties, read_published
from tests.cluster.conftest import _s3, s3_omgeving  # noqa: F401 - fixtures
from tests.cluster.objectopslag import keys, unfinished

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def test_a_ronde_publishes_on_postgresql_and_object_storage(
    tmp_path: Path,
    postgres_url: str,
    s3_omgeving: dict[str, str],  # noqa: F811
    draai: Callable[..., dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with wereld(tmp_path, postgres_url, s3_omgeving) as bidn:
        for naam, waarde in bidn.omgeving.items():
            monkeypatch.setenv(naam, waarde)
        draai("bijzondere_bijstand", ronde=RONDE)
        uit = draai("bijzondere_bijstand", ronde=RONDE)

        assert uit[""] == "success"
        for organisatie in (ALFA, BETA):
            with bidn.opslag.database.reading() as sessie:
                alle = find_publicaties(
                    sessie,
                    organisatie=find_organisatie(sessie, organisatie),
                    ronde=RONDE,
                    ook_vervangen=True,
                )
            assert sorted(publicatie.versie for publicatie in alle) == [1]
            for publicatie in alle:
                for bestand in publicatie.bestanden:
                    assert read_published(bidn.opslag.bestanden, bestand)
                    assert f"opslag/{bestand.sleutel}" in keys(s3_omgeving)
        assert bidn.mails == ["een@alfa.test", "een@beta.test", "twee@beta.test"]
        assert [key for key in keys(s3_omgeving) if "tussenresultaten" in key] == []
        assert unfinished(s3_omgeving) == []
        assert not (tmp_path / "data" / "opslag").exists()
