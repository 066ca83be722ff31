"""Who may see what: every route of the portal, for everybody who may not (contracten §4, besluit B53a).

The routes come from the application itself: one that is added stands in these tables by itself.
"""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from include.portaal.app import routes
from include.portaal.guard import OPENBAAR, UPLOAD
from include.schemas.domein import Product
from include.steps.portaal.sessies import vind_sessie
from include.steps.registreren import trek_beheerder_in
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen
from include.storage.organisaties import find_organisatie
from include.storage.publicaties import find_publicaties
from tests.dags.wereld import ALFA, BETA
from tests.portaal.conftest import Als
from tests.portaal.wereld import ANNA, BB, BRAM, CARLA, DIRK, EVA, SETTINGS, Bezoeker, bouw, token_van

ROUTES = [
    (methode, route.path)
    for route in routes(bouw(Opslag.__new__(Opslag)))
    for methode in sorted(route.methods - {"HEAD"})
]
GESLOTEN = [(methode, pad) for methode, pad in ROUTES if pad not in OPENBAAR]
EIGEN_VAN_ELKE_SESSIE = {"/", "/organisatie", "/uitloggen", "/overal-uitloggen", "/sessie/verlengen"}
"""About the user alone: whoever has a session may use them."""


def _vraag(wie: Bezoeker, methode: str, pad: str, id: str = "geen") -> int:  # noqa: A002
    gevuld = re.sub(r"{[^}]+}", id, pad)
    if methode == "GET":
        return wie.haal(gevuld).status_code
    if pad == UPLOAD:
        antwoord = wie.client.post(
            gevuld,
            data={"token": wie.csrf()},
            files={"bestand": ("vraag.csv", b"0014;J;;999900043;;;;;;\r\n")},
            headers={"Origin": SETTINGS.origin},
            follow_redirects=False,
        )
        return antwoord.status_code
    return wie.stuur(
        gevuld, bsn="999900043", vermogen="ja", voertuigen="ja", percentage="120", notificaties="nee"
    ).status_code


def _vreemd(opslag: Opslag, pad: str, organisatie: str = BETA) -> str:
    """The id of something real of another organisation, for a path with an id."""
    with opslag.database.reading() as sessie:
        wie = find_organisatie(sessie, organisatie)
        if "aanleveringen" in pad:
            return find_leveringen(sessie, organisatie=wie)[0].id
        return find_publicaties(sessie, organisatie=wie)[0].bestand("overzicht").openbaar_id


def test_the_table_holds_every_page_of_the_contract() -> None:
    paden = {pad for _, pad in ROUTES}
    assert paden >= {
        "/", "/organisatie", "/bijzondere-bijstand/aanleveren", "/bijzondere-bijstand/aanleveringen/{id}",
        "/bijzondere-bijstand/aanleveringen/{id}/csv", "/bijzondere-bijstand/ophalen",
        "/bijzondere-bijstand/bestanden/{id}", "/bijzondere-bijstand/detailrapport",
        "/bijzondere-bijstand/instellingen", "/bijzondere-bijstand/notificaties", "/alleenverdieners/ophalen",
        "/alleenverdieners/bestanden/{id}", "/alleenverdieners/notificaties", "/uitloggen", *OPENBAAR,
    }  # fmt: skip


@pytest.mark.parametrize(("methode", "pad"), GESLOTEN)
def test_nobody_is_sent_to_the_login(als: Als, methode: str, pad: str) -> None:
    niemand = als(None)
    gevuld = re.sub(r"{[^}]+}", "geen", pad)
    antwoord = niemand.client.request(
        methode, gevuld, headers={"Origin": SETTINGS.origin}, follow_redirects=False
    )
    assert (antwoord.status_code, antwoord.headers["location"].split("?")[0]) == (303, "/inloggen")


@pytest.mark.parametrize(
    ("methode", "pad"), [rij for rij in GESLOTEN if rij[1].startswith("/alleenverdieners")]
)
def test_the_other_product_is_not_there(als: Als, methode: str, pad: str) -> None:
    assert _vraag(als(ANNA), methode, pad) == 404


@pytest.mark.parametrize(
    ("methode", "pad"), [rij for rij in GESLOTEN if rij[1].startswith("/bijzondere-bijstand")]
)
def test_nor_is_the_first_product_for_who_has_the_second(als: Als, methode: str, pad: str) -> None:
    assert _vraag(als(CARLA), methode, pad) == 404


@pytest.mark.parametrize(("methode", "pad"), [rij for rij in GESLOTEN if "{" in rij[1]])
def test_what_is_anothers_answers_as_what_does_not_exist(
    als: Als, inhoud: Opslag, methode: str, pad: str
) -> None:
    anna = als(ANNA)
    van_beta = _vreemd(inhoud, pad) if "bijzondere" in pad else "0" * 36
    vreemd, onbekend = (
        anna.haal(re.sub(r"{[^}]+}", kenmerk, pad))
        for kenmerk in (van_beta, "00000000-0000-4000-8000-000000000000")
    )
    assert (vreemd.status_code, vreemd.text) == (404, onbekend.text)


@pytest.mark.parametrize(("methode", "pad"), GESLOTEN)
def test_who_was_withdrawn_is_out_at_the_next_click(als: Als, inhoud: Opslag, methode: str, pad: str) -> None:
    eva = als(EVA)
    assert eva.haal("/").status_code == 200
    trek_beheerder_in(inhoud, ALFA, email=EVA, product=BB)
    gevuld = re.sub(r"{[^}]+}", "geen", pad)
    antwoord = eva.client.request(
        methode, gevuld, headers={"Origin": SETTINGS.origin}, follow_redirects=False
    )
    assert (antwoord.status_code, antwoord.headers["location"].split("?")[0]) == (303, "/inloggen")


def test_a_gebruikersbeheerder_has_no_rights_here(inhoud: Opslag) -> None:
    with pytest.raises(Exception, match="onbekend"):
        token_van(inhoud, DIRK)


def test_who_loses_one_organisation_keeps_the_others(als: Als, inhoud: Opslag) -> None:
    bram = als(BRAM)
    trek_beheerder_in(inhoud, BETA, email=BRAM, product=BB)
    overzicht = bram.haal("/bijzondere-bijstand/ophalen").text
    assert BETA not in overzicht.partition("<main")[2]
    assert bram.haal(f"/bijzondere-bijstand/bestanden/{_vreemd(inhoud, 'bestanden')}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        ({"Origin": SETTINGS.origin}, "goed", 303),
        ({"Sec-Fetch-Site": "same-origin"}, "goed", 303),
        ({}, "goed", 403),
        ({"Origin": "https://elders.example"}, "goed", 403),
        ({"Origin": "null"}, "goed", 403),
        ({"Origin": SETTINGS.origin, "Sec-Fetch-Site": "cross-site"}, "goed", 403),
        ({"Origin": SETTINGS.origin, "Sec-Fetch-Site": "same-site"}, "goed", 403),
        ({"Origin": SETTINGS.origin}, "fout", 403),
        ({"Origin": SETTINGS.origin}, "", 403),
    ],
)
def test_a_form_counts_only_from_our_own_page(
    als: Als, headers: dict[str, str], token: str, status: int
) -> None:
    anna = als(ANNA)
    velden = {"token": anna.csrf() if token == "goed" else token, "organisatie": "alle"}
    antwoord = anna.client.post("/organisatie", data=velden, headers=headers, follow_redirects=False)
    assert antwoord.status_code == status


def test_the_token_of_another_session_does_not_count(als: Als) -> None:
    anna, bram = als(ANNA), als(BRAM)
    assert anna.stuur("/organisatie", token=bram.csrf(), organisatie="alle").status_code == 403


def test_an_upload_without_session_is_refused_before_its_body_is_read(portaal: FastAPI) -> None:
    gelezen = 0

    async def receive() -> dict[str, object]:
        nonlocal gelezen
        gelezen += 1
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    gestuurd: list[dict[str, object]] = []

    async def send(bericht: dict[str, object]) -> None:
        gestuurd.append(bericht)

    import anyio

    scope = {
        "type": "http", "method": "POST", "path": UPLOAD, "raw_path": UPLOAD.encode(), "query_string": b"",
        "scheme": "http", "http_version": "1.1", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8600),
        "headers": [(b"host", b"127.0.0.1:8600"), (b"origin", SETTINGS.origin.encode()),
                    (b"content-type", b"multipart/form-data; boundary=x")],
    }  # fmt: skip
    anyio.run(portaal, scope, receive, send)
    assert gestuurd[0]["status"] == 303
    assert gelezen == 0


def test_every_answer_has_strict_headers(als: Als) -> None:
    for antwoord in (als(None).haal("/privacy"), als(ANNA).haal("/"), als(ANNA).haal("/bestaat-niet")):
        headers = antwoord.headers
        csp = headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe" not in csp
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert not re.search(r"<(script|style)(?![^>]*src=)[^>]*>|\sstyle=|\son\w+=", antwoord.text)


def test_a_mistake_in_the_program_is_a_page_of_ours_and_its_words_stay_inside(
    als: Als, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stuk(*_: object, **__: object) -> None:
        raise ValueError("Kanariepiet, 999900018")

    monkeypatch.setattr("include.portaal.paginas.ophalen.uitgaven", stuk)
    antwoord = als(ANNA).haal("/bijzondere-bijstand/ophalen")
    assert (antwoord.status_code, "Er ging bij ons iets mis" in antwoord.text) == (500, True)
    assert "default-src 'none'" in antwoord.headers["content-security-policy"]
    assert "ValueError in" in caplog.text
    assert "Kanariepiet" not in caplog.text + antwoord.text


def test_another_host_or_method_is_refused(als: Als) -> None:
    anna = als(ANNA)
    assert anna.client.get("/", headers={"Host": "elders.example"}, follow_redirects=False).status_code == 421
    assert anna.client.put("/", content=b"x").status_code == 405


def test_no_address_or_log_line_holds_a_bsn(als: Als, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    anna = als(ANNA)
    antwoord = anna.stuur("/bijzondere-bijstand/detailrapport", bsn="9999.00.043")
    assert "999900043" in antwoord.text
    assert antwoord.status_code == 200
    anna.haal("/bijzondere-bijstand/aanleveringen/999900043")
    assert "999900043" not in caplog.text
    assert "/bijzondere-bijstand/aanleveringen/{id}" in caplog.text


def test_the_session_is_that_of_the_account(inhoud: Opslag) -> None:
    aangemeld = vind_sessie(inhoud, token_van(inhoud, BRAM))
    assert aangemeld is not None
    assert aangemeld.gebruiker.producten() == (Product.BIJZONDERE_BIJSTAND, Product.ALLEENVERDIENERS)
