"""The development provider as its users meet it; that the portal can log in with it is in tests/portaal."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from include.errors import InstallatieFout
from include.mock_sources.__main__ import main
from include.mock_sources.draaien import mock_inlogdienst
from include.mock_sources.inlogdienst import (
    CLIENT_ID,
    CLIENT_SECRET,
    Gebruiker,
    demogebruikers,
    lees_gebruikers,
)

VRAAG = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "scope": "openid email",
    "redirect_uri": "http://127.0.0.1:1/terug",
    "state": '"><script>',
    # RFC 7636, appendix B
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture(scope="module")
def dienst():
    with mock_inlogdienst([Gebruiker("s1", "Anna d'Or <&>", "anna@alfa.test")]) as dienst:
        yield dienst


def _code(dienst) -> str:
    terug = httpx.post(f"{dienst.issuer}/authorize", data=VRAAG | {"sub": "s1"}).headers["location"]
    vraag = parse_qs(urlsplit(terug).query)
    assert (terug.split("?")[0], vraag["state"]) == (VRAAG["redirect_uri"], [VRAAG["state"]])
    return vraag["code"][0]


def test_its_page_has_a_form_for_every_user_with_one_button_and_no_script(dienst):
    bladzij = httpx.get(f"{dienst.issuer}/authorize", params=VRAAG).text
    assert re.findall("<button.*?</button>", bladzij) == [
        '<button type="submit">Anna d&#x27;Or &lt;&amp;&gt;</button>'
    ]
    assert 'name="state" value="&quot;&gt;&lt;script&gt;"' in bladzij
    assert 'type="hidden" name="sub" value="s1"' in bladzij
    assert "password" not in bladzij


@pytest.mark.parametrize(
    "anders",
    [
        {"client_id": "ander"},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"scope": "email"},
        {"sub": "s2"},
    ],
)
def test_it_gives_no_code_for_a_question_that_is_not_right(dienst, anders):
    assert httpx.post(f"{dienst.issuer}/authorize", data=VRAAG | {"sub": "s1"} | anders).status_code == 400


@pytest.mark.parametrize(
    ("anders", "client", "fout"),
    [
        ({}, (CLIENT_ID, CLIENT_SECRET), None),
        ({}, (CLIENT_ID, "geraden"), "invalid_client"),
        ({"code_verifier": "geraden"}, (CLIENT_ID, CLIENT_SECRET), "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, (CLIENT_ID, CLIENT_SECRET), "invalid_grant"),
    ],
)
def test_a_code_works_once_for_who_asked_for_it(dienst, anders, client, fout):
    velden = {
        "grant_type": "authorization_code",
        "code": _code(dienst),
        "redirect_uri": VRAAG["redirect_uri"],
        "code_verifier": VERIFIER,
    }
    antwoord = httpx.post(f"{dienst.issuer}/token", data=velden | anders, auth=client).json()
    assert (antwoord.get("error"), "id_token" in antwoord) == (fout, fout is None)
    if fout is None:
        nog_eens = httpx.post(f"{dienst.issuer}/token", data=velden, auth=client)
        assert (nog_eens.status_code, nog_eens.json()) == (400, {"error": "invalid_grant"})


def test_its_users_come_from_a_file_or_are_those_of_the_demo(tmp_path):
    bestand = tmp_path / "gebruikers.yaml"
    bestand.write_text("gebruikers:\n- {sub: '1', naam: Anna, email: anna@alfa.test}\n", encoding="utf-8")
    assert lees_gebruikers(bestand) == [Gebruiker("1", "Anna", "anna@alfa.test")]
    demo = demogebruikers()
    assert len({een.sub for een in demo}) == len(demo) == 9
    assert all(een.email.endswith(".test") for een in demo)


@pytest.mark.parametrize(
    "inhoud",
    [
        "",
        "gebruikers: 3",
        "gebruikers: [{sub: '1', naam: Anna}]",
        "gebruikers:\n- &a {sub: '1', naam: A, email: a@b.c}\n- *a",
    ],
)
def test_a_file_that_is_not_right_stops_the_start_with_one_line(tmp_path, capsys, inhoud):
    bestand = tmp_path / "gebruikers.yaml"
    bestand.write_text(inhoud, encoding="utf-8")
    with pytest.raises(InstallatieFout):
        lees_gebruikers(bestand)
    assert main(["inlogdienst", "--gebruikers", str(bestand)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
