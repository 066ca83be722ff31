"""docs/privacy.md keeps up with the code, and nothing readable of a person is left by a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from include.storage.audit_log import ProcessingActivity

ROOT = Path(__file__).resolve().parent.parent
PRIVACY = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("activiteit", ProcessingActivity)
def test_every_activity_of_the_logboek_is_in_the_register_van_verwerkingen(activiteit):
    assert f"| `{activiteit.value}` |" in PRIVACY


def test_every_handeling_that_is_entered_is_described():
    bronnen = [*(ROOT / "include/storage").glob("*.py"), *(ROOT / "include/steps").rglob("*.py")]
    bronnen += (ROOT / "include/commands").glob("*.py")
    namen = {
        naam
        for bron in bronnen
        for naam in re.findall(
            r'(?:AuditEvent\(|record_change\(sessie,|record_change\(\s*sessie,|_noteer\(sessie,|naam=)\s*"([a-z]+(?:-[a-z]+)*)"',
            bron.read_text(encoding="utf-8"),
        )
    }
    assert {"publicatie", "detail-opzoeken", "bron-antwoord", "aanmelding-registreren"} <= namen
    assert [naam for naam in sorted(namen) if f"`{naam}`" not in PRIVACY] == []


@pytest.mark.slow
def test_a_ronde_leaves_nothing_readable_of_anybody(tmp_path, database_url, monkeypatch):
    """Every byte in storage and every cell in our database, halfway, and after publishing and looking up.

    What Airflow and the DAGs leave is in tests/dags/test_kanarie.py; here is what is gone again after a run.
    """
    from include.steps.raadplegen import zoek_detail
    from include.steps.verwerking import Opslag
    from include.storage.database import Database
    from tests.dags.kanaries import doorzoek, kanaries_in, populatie, vraagbestanden
    from tests.dags.wereld import ALFA, RIJK, wereld
    from tests.harness import take_until
    from tests.steps.hulp import Klok, verwerking_van

    def leesbaar() -> list[tuple[str, str]]:
        """The canaries that lie readable in storage, or name something there."""
        assert list((tmp_path / "data" / "opslag").rglob("*.*"))
        return doorzoek(tmp_path / "data")

    with wereld(tmp_path, database_url, populatie=populatie(), vraagbestanden=vraagbestanden()) as gemaakt:
        opslag = Opslag(Database(database_url), gemaakt.opslag.bestanden, Klok())
        adres = json.loads(gemaakt.omgeving["AIRFLOW_CONN_BRON_BRP"])
        bronnen = f"http://{adres['host']}:{adres['port']}"
        verwerking = verwerking_van(opslag, ALFA)
        take_until(opslag, verwerking, bronnen, tot="rapporten_maken")
        assert len(opslag.bestanden.list("tussenresultaten")) > 10
        assert leesbaar() == []
        take_until(opslag, verwerking, bronnen, van="publiceren")
        assert zoek_detail(opslag, organisatie=ALFA, bsn=int(RIJK)) is not None
        assert leesbaar() == []

    engine = opslag.database.engine
    with engine.connect() as verbinding:
        cellen = [
            bytes(cel) if isinstance(cel, (bytes, memoryview)) else str(cel).encode()
            for tabel in inspect(engine).get_table_names()
            for rij in verbinding.execute(text(f"SELECT * FROM {tabel}"))  # noqa: S608 - names from the database
            for cel in rij
        ]
    assert len(cellen) > 100
    assert [kanarie for cel in cellen for kanarie in kanaries_in(cel)] == []
