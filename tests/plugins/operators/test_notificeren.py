"""The last task of a branch, against a real mail server: at most one mail each, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bidn_operators.operators.toetsing import NotificerenOperator
from include.fouten import MailFout
from include.opslag.organisaties import registreer_productbeheerder, vind_organisatie
from include.stappen.verwerking import Opslag, Verwerking
from tests.dags.wereld import ALFA, NAMEN, PERSONEN
from tests.plugins.operators.hulp import context
from tests.plugins.postserver import Server, draaiend, verbind, vrije_poort
from tests.stappen.hulp import gepubliceerde, versies

EEN, TWEE, DRIE = (f"{naam}@alfa.test" for naam in ("een", "twee", "drie"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with draaiend(monkeypatch) as server:
        yield server


@pytest.fixture
def verwerking(na_afloop: Opslag) -> Verwerking:
    with na_afloop.database.transactie() as sessie:
        for adres in (EEN, TWEE, DRIE):
            wie = vind_organisatie(sessie, ALFA)
            registreer_productbeheerder(sessie, wie, naam="Beheerder", email=adres)
    return gepubliceerde(na_afloop, ALFA)


def _notificeer(verwerking: Verwerking) -> Any:
    taak = NotificerenOperator(
        task_id="notificeren", verwerking=verwerking.als_dict() | {"status": "correct"}
    )
    uitkomst = taak.execute(context())
    return {naam: uitkomst[naam] for naam in ("verzonden", "nu_verzonden", "onzeker")}


def test_everybody_is_mailed_once(server: Server, verwerking: Verwerking) -> None:
    assert _notificeer(verwerking) == {"verzonden": 3, "nu_verzonden": 3, "onzeker": 0}
    assert _notificeer(verwerking) == {"verzonden": 3, "nu_verzonden": 0, "onzeker": 0}
    assert sorted(server.gemaild) == [DRIE, EEN, TWEE]
    for _, bericht in server.mails:
        assert bericht["Subject"].startswith("[ONTWIKKELING] ")
        alles = bericht.as_string()
        for geheim in (*PERSONEN, *NAMEN):
            assert geheim not in alles


@pytest.mark.parametrize(
    ("stadium", "antwoord", "code"),
    [
        ("RCPT", "450 busy", "450"),
        ("RCPT", "550 unknown", "550"),
        ("DATA", "451 later", "451"),
        ("RCPT", "", ""),
    ],
)
def test_after_a_refusal_a_retry_mails_only_the_rest(
    na_afloop: Opslag, server: Server, verwerking: Verwerking, stadium: str, antwoord: str, code: str
) -> None:
    server.grillen = [(EEN, stadium, antwoord)]
    with pytest.raises(
        MailFout, match=f"refused 1 of 3 notifications .*{code}.* The publication stands"
    ) as fout:
        _notificeer(verwerking)
    assert EEN not in str(fout.value)
    assert len(versies(na_afloop, ALFA)) == 1
    assert sorted(server.gemaild) == [DRIE, TWEE]
    assert _notificeer(verwerking) == {"verzonden": 3, "nu_verzonden": 1, "onzeker": 0}
    assert sorted(server.gemaild) == [DRIE, EEN, TWEE]


def test_a_connection_lost_after_the_mail_was_offered_is_left_in_doubt(
    server: Server, verwerking: Verwerking, caplog: pytest.LogCaptureFixture
) -> None:
    server.grillen = [(TWEE, "TAKEN", "")]
    for _ in range(2):
        assert _notificeer(verwerking) | {"nu_verzonden": 0} == {
            "verzonden": 2,
            "nu_verzonden": 0,
            "onzeker": 1,
        }
    assert sorted(server.gemaild) == [DRIE, EEN, TWEE]  # it had arrived: sending it again would be twice
    assert f"organisation {ALFA}, bijzondere-bijstand 2026-10: of 1 notifications nobody knows" in caplog.text


def test_no_mail_server_at_all(verwerking: Verwerking, monkeypatch: pytest.MonkeyPatch) -> None:
    verbind(monkeypatch, vrije_poort())
    with pytest.raises(
        MailFout, match=r"refused 3 of 3 notifications \(no connection to the mail server, Conn"
    ):
        _notificeer(verwerking)
    with draaiend(monkeypatch) as server:
        assert _notificeer(verwerking)["nu_verzonden"] == 3
    assert sorted(server.gemaild) == [DRIE, EEN, TWEE]
