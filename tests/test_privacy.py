"""docs/privacy.md keeps up with the code, and nothing readable of a person is left by a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from include.opslag.logboek import Activiteit

ROOT = Path(__file__).resolve().parent.parent
PRIVACY = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("activiteit", Activiteit)
def test_every_activity_of_the_logboek_is_in_the_register_van_verwerkingen(activiteit):
    assert f"| `{activiteit.value}` |" in PRIVACY


def test_every_handeling_that_is_entered_is_described():
    bronnen = [*(ROOT / "include/opslag").glob("*.py"), *(ROOT / "include/stappen").glob("*.py")]
    bronnen += (ROOT / "include/opdrachten").glob("*.py")
    namen = {
        naam
        for bron in bronnen
        for naam in re.findall(
            r'(?:Handeling\(|schrijf_wijziging\(sessie,|schrijf_wijziging\(\s*sessie,|naam=)\s*"([a-z]+(?:-[a-z]+)*)"',
            bron.read_text(encoding="utf-8"),
        )
    }
    assert {"publicatie", "detail-opzoeken", "bron-antwoord", "aanmelding-registreren"} <= namen
    assert [naam for naam in sorted(namen) if f"`{naam}`" not in PRIVACY] == []


@pytest.mark.slow
def test_a_ronde_leaves_nothing_readable_of_anybody(tmp_path, database_url, monkeypatch):
    """Every byte in storage and every cell in our database, after delivering, testing, publishing and looking up."""
    from include.opslag.database import Database
    from include.stappen.raadplegen import zoek_detail
    from include.stappen.verwerking import Opslag
    from tests.dags.wereld import ALFA, NAMEN, PERSONEN, RIJK, wereld
    from tests.stappen.hulp import Klok, doorloop, verwerking_van

    def leesbaar() -> list[str]:
        """The canaries that lie readable in storage, or name something there."""
        stukken = [pad for pad in (tmp_path / "data" / "opslag").rglob("*") if pad.is_file()]
        assert stukken
        inhoud = b"".join(pad.read_bytes() + str(pad).encode() for pad in stukken)
        return [kanarie for kanarie in (*PERSONEN, *NAMEN) if kanarie.encode() in inhoud]

    with wereld(tmp_path, database_url) as gemaakt:
        opslag = Opslag(Database(database_url), gemaakt.opslag.bestanden, Klok())
        adres = json.loads(gemaakt.omgeving["AIRFLOW_CONN_BRON_BRP"])
        bronnen = f"http://{adres['host']}:{adres['port']}"
        verwerking = verwerking_van(opslag, ALFA)
        doorloop(opslag, verwerking, bronnen, tot="rapporten_maken")
        assert len(opslag.bestanden.lijst("tussenresultaten")) > 10
        assert leesbaar() == []
        doorloop(opslag, verwerking, bronnen, van="publiceren")
        assert zoek_detail(opslag, organisatie=ALFA, bsn=int(RIJK)) is not None
        assert leesbaar() == []

    engine = opslag.database.engine
    with engine.connect() as verbinding:
        cellen = [
            str(bytes(cel) if isinstance(cel, memoryview) else cel)
            for tabel in inspect(engine).get_table_names()
            for rij in verbinding.execute(text(f"SELECT * FROM {tabel}"))  # noqa: S608 - names from the database
            for cel in rij
        ]
    assert len(cellen) > 100
    assert not [cel for cel in cellen for kanarie in (*PERSONEN, *NAMEN) if kanarie in cel]
