"""Logging in over real HTTP: with a provider that behaves, and with one that does not."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from include.mock_sources.inlogdienst import FOUTEN, Gebruiker, Inlogdienst
from include.portaal import oidc
from include.portaal.inloggen import REDENEN, WEIGERINGEN, lokaal_pad
from include.schemas.domein import Product
from include.steps.registreren import trek_beheerder_in
from include.steps.verwerking import Opslag
from include.storage.portal_models import PortaalSessie
from tests.portaal.inloggen.conftest import ANNA, EXTRA_CONTROLE, VREEMDE, Browser, maak_app, regels
from tests.steps.hulp import Klok

SERVICEDESK = "0800 222 11 22"


def _sessies(opslag: Opslag) -> int:
    with opslag.database.reading() as sessie:
        return sessie.scalar(select(func.count()).select_from(PortaalSessie)) or 0


def test_a_productbeheerder_logs_in_and_comes_where_they_wanted_to_be(bezoeker: Browser, opslag: Opslag):
    laatste = bezoeker.log_in(pad="/inloggen?naar=/alleenverdieners/ophalen")
    assert laatste.json() == {"pad": "/alleenverdieners/ophalen", "naam": ANNA.naam}
    [regel] = regels(opslag)
    assert (regel.naam, regel.status) == ("inloggen", "Ok")
    assert regel.uitvoerder == f"gebruiker:{regel.onderwerp}"
    assert (
        bezoeker.get("/inloggen?naar=/organisatie").headers["location"] == "/organisatie"
    )  # already logged in


# The fault the provider shows; the status and a phrase of the page; the code in the logboek.
KAPOT = [
    ("geweigerd", 403, "Het inloggen is afgebroken", "afgebroken"),
    ("storing", 502, "De inlogdienst werkt op dit moment niet", "onbereikbaar"),
    ("antwoord-iss", 502, "Het antwoord van de inlogdienst klopt niet", "ongeldig"),
    ("code-gebruikt", 400, "De inlogdienst heeft deze inlogpoging al afgerond", "code"),
    ("client-geweigerd", 502, "De inlogdienst werkt op dit moment niet", "onbereikbaar"),
    # what the ID token says
    ("nonce-anders", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("nonce-weg", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("iss-anders", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("aud-anders", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("azp-anders", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("azp-weg", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("sub-raar", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("sub-weg", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("exp-weg", 502, "Voor uw veiligheid hebben wij u niet ingelogd", "ongeldig"),
    ("exp-voorbij", 502, "De klok van de inlogdienst loopt niet gelijk", "klok"),
    ("iat-toekomst", 502, "De klok van de inlogdienst loopt niet gelijk", "klok"),
    ("nbf-toekomst", 502, "De klok van de inlogdienst loopt niet gelijk", "klok"),
    ("acr-weg", 403, "is bij de inlogdienst een extra controle nodig", "acr"),
    ("acr-laag", 403, "is bij de inlogdienst een extra controle nodig", "acr"),
    ("email-weg", 403, "De inlogdienst gaf ons uw e-mailadres niet door", "email-ontbreekt"),
    ("email-onbevestigd", 403, "Bevestig uw e-mailadres bij de inlogdienst", "email-niet-geverifieerd"),
    ("email-tekst", 403, "Bevestig uw e-mailadres bij de inlogdienst", "email-niet-geverifieerd"),
    # how it is signed
    ("alg-none", 502, "niet vaststellen dat het antwoord echt van de inlogdienst is", "handtekening"),
    ("alg-hs256", 502, "niet vaststellen dat het antwoord echt van de inlogdienst is", "handtekening"),
    ("sleutel-onbekend", 502, "niet vaststellen dat het antwoord echt van de inlogdienst is", "handtekening"),
    ("sleutel-vreemd", 502, "niet vaststellen dat het antwoord echt van de inlogdienst is", "handtekening"),
    ("token-vervormd", 502, "niet vaststellen dat het antwoord echt van de inlogdienst is", "handtekening"),
    ("token-weg", 502, "De inlogdienst werkt op dit moment niet", "onbereikbaar"),
    ("discovery-iss", 502, "De inlogdienst werkt op dit moment niet", "onbereikbaar"),
    *(
        (f"{endpoint}-{soort}", 502, "De inlogdienst werkt op dit moment niet", "onbereikbaar")
        for endpoint in ("discovery", "jwks", "token")
        for soort in ("500", "html", "lijst", "reuze", "traag")
    ),
]


def test_every_fault_that_the_provider_can_show_is_tried():
    assert {geval[0] for geval in KAPOT} == FOUTEN
    assert {geval[3] for geval in KAPOT} | {"poging", "onbekend"} == set(WEIGERINGEN)


@pytest.mark.parametrize("acr", [(EXTRA_CONTROLE,)])
@pytest.mark.parametrize(("fout", "status", "zin", "reden"), KAPOT, ids=[geval[0] for geval in KAPOT])
def test_a_provider_that_misbehaves_ends_on_a_page_that_says_what_to_do(
    bezoeker: Browser, provider: Inlogdienst, opslag: Opslag, caplog, monkeypatch, fout, status, zin, reden
):
    caplog.set_level("DEBUG")
    provider.fouten.add(fout)
    with monkeypatch.context() as ongeduldig:
        if fout.endswith("traag"):
            ongeduldig.setattr(oidc, "WACHTTIJD", 0.3)
        bladzij = bezoeker.log_in()
    assert bladzij.status_code == status
    assert zin in bladzij.text
    assert SERVICEDESK in bladzij.text
    assert "bidn" not in bezoeker.cookies
    assert _sessies(opslag) == 0
    [regel] = regels(opslag)
    assert (regel.naam, regel.status, regel.bijzonderheden) == (
        "inloggen-geweigerd",
        "Error",
        {"reden": reden},
    )
    overal = f"{caplog.text} {vars(regel)}"
    assert not [waarde for waarde in (ANNA.email, ANNA.sub, ANNA.naam) if waarde in overal]


def test_once_the_provider_was_mended_the_same_browser_gets_in(bezoeker: Browser, provider: Inlogdienst):
    for fout in ("discovery-500", "jwks-500", "token-500"):
        provider.fouten.add(fout)
        assert bezoeker.log_in().status_code == 502
        provider.fouten.clear()
    assert bezoeker.log_in().json()["naam"] == ANNA.naam


def test_who_is_nobody_of_ours_is_told_so_and_leaves_nothing_behind(
    bezoeker: Browser, opslag: Opslag, caplog
):
    bladzij = bezoeker.log_in(VREEMDE)
    assert bladzij.status_code == 403
    assert "Alleen productbeheerders van een deelnemende organisatie kunnen inloggen" in bladzij.text
    [regel] = regels(opslag)
    assert regel.bijzonderheden == {"reden": "onbekend"}
    assert VREEMDE.email not in f"{caplog.text} {vars(regel)}"


def _halverwege(bezoeker: Browser, wie: Gebruiker = ANNA) -> str:
    """The address to which the provider sends the browser back."""
    return bezoeker.kies(bezoeker.volg(bezoeker.get("/inloggen")), wie).headers["location"]


@pytest.mark.parametrize(
    "wijzig",
    [
        pytest.param(lambda terug: terug.replace("state=", "state=x"), id="forged"),
        pytest.param(lambda terug: terug.split("?")[0], id="none"),
        pytest.param(lambda terug: terug.split("?")[0] + "?error=access_denied", id="an error without one"),
    ],
)
def test_an_answer_without_an_attempt_of_ours_is_not_believed(bezoeker: Browser, opslag: Opslag, wijzig):
    bladzij = bezoeker.get(wijzig(_halverwege(bezoeker)))
    assert bladzij.status_code == 400
    assert "Deze inlogpoging is niet meer geldig" in bladzij.text
    assert _sessies(opslag) == 0
    assert [regel.bijzonderheden for regel in regels(opslag)] == [{"reden": "poging"}]


def test_an_attempt_works_once_and_in_the_browser_that_began_it(
    bezoeker: Browser, provider: Inlogdienst, opslag: Opslag
):
    van_een_ander = _halverwege(bezoeker)
    with Browser(bezoeker.portaal, provider) as slachtoffer:
        assert slachtoffer.get(van_een_ander).status_code == 400
        assert "bidn" not in slachtoffer.cookies
    terug = _halverwege(bezoeker)
    assert bezoeker.volg(bezoeker.get(terug)).json()["naam"] == ANNA.naam
    assert bezoeker.get(terug).status_code == 400
    assert _sessies(opslag) == 1


def test_an_attempt_lasts_ten_minutes(bezoeker: Browser, klok: Klok):
    terug = _halverwege(bezoeker)
    klok.verder(minutes=10)
    assert "Deze inlogpoging is niet meer geldig" in bezoeker.get(terug).text


def test_two_tabs_may_log_in_at_once(bezoeker: Browser):
    eerste, tweede = _halverwege(bezoeker), _halverwege(bezoeker)
    assert bezoeker.get(eerste).status_code == 303
    assert bezoeker.get(tweede).status_code == 303


def test_a_log_in_begins_a_new_session_and_ends_the_one_before(bezoeker: Browser, opslag: Opslag):
    terug = _halverwege(bezoeker)
    bezoeker.log_in()
    eerder = bezoeker.cookies["bidn"]
    assert bezoeker.get(terug).status_code == 303
    assert bezoeker.cookies["bidn"] != eerder
    assert _sessies(opslag) == 1


def test_either_algorithm_and_new_keys_are_accepted_and_discovery_is_kept(
    bezoeker: Browser, provider: Inlogdienst
):
    bezoeker.log_in()
    provider.alg = "RS256"
    bezoeker.post("/uitloggen")
    assert bezoeker.log_in().json()["naam"] == ANNA.naam
    assert provider.aanroepen == {"discovery": 1, "jwks": 1, "token": 2}
    provider.nieuwe_sleutels()
    bezoeker.post("/uitloggen")
    assert bezoeker.log_in().json()["naam"] == ANNA.naam
    assert provider.aanroepen == {"discovery": 1, "jwks": 2, "token": 3}


def test_an_unknown_key_is_asked_for_once(bezoeker: Browser, provider: Inlogdienst):
    bezoeker.log_in()
    bezoeker.post("/uitloggen")
    provider.fouten.add("sleutel-onbekend")
    assert bezoeker.log_in().status_code == 502
    assert provider.aanroepen["jwks"] == 2


@pytest.mark.parametrize("acr", [("urn:test:hoger", EXTRA_CONTROLE)])
def test_how_strongly_is_asked_for_with_a_fresh_challenge(bezoeker: Browser):
    vragen = [parse_qs(urlsplit(bezoeker.get("/inloggen").headers["location"]).query) for _ in range(2)]
    assert vragen[0]["acr_values"] == [f"urn:test:hoger {EXTRA_CONTROLE}"]
    assert vragen[0]["code_challenge_method"] == ["S256"]
    assert not any(vragen[0][naam] == vragen[1][naam] for naam in ("state", "nonce", "code_challenge"))


def test_behind_tls_the_cookies_are_bound_to_this_host_and_hidden_from_scripts(
    opslag: Opslag, provider: Inlogdienst
):
    app = maak_app(provider, "https://portaal.test")
    app.state.opslag = opslag
    with TestClient(app, base_url="https://portaal.test", follow_redirects=False) as bezoeker:
        heen = bezoeker.get("/inloggen")
        with Browser("https://portaal.test", provider) as bij_provider:
            terug = bij_provider.kies(httpx.get(heen.headers["location"]), ANNA).headers["location"]
        klaar = bezoeker.get(terug)
    poging, sessie = heen.headers["set-cookie"], klaar.headers.get_list("set-cookie")[0]
    assert poging.startswith("__Host-bidn-inlogpoging=")
    assert sessie.startswith("__Host-bidn=")
    for cookie, kenmerken in ((poging, {"Max-Age=600"}), (sessie, set())):
        assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} | kenmerken


def test_another_name_of_this_machine_leads_to_the_public_address(bezoeker: Browser):
    anders = bezoeker.get(bezoeker.portaal.replace("127.0.0.1", "localhost") + "/inloggen?naar=/privacy")
    assert anders.headers["location"] == f"{bezoeker.portaal}/inloggen?naar=%2Fprivacy"


@pytest.mark.parametrize("reden", ["uitgelogd", "overal-uitgelogd", "verlopen", "<script>"])
def test_a_reason_is_explained_before_the_browser_is_sent_away(bezoeker: Browser, reden):
    bladzij = bezoeker.get("/inloggen", params={"reden": reden, "naar": "/privacy"})
    assert bladzij.status_code == 200
    assert f">{REDENEN.get(reden, REDENEN['']).kop}</h1>" in bladzij.text
    assert 'href="/inloggen?naar=%2Fprivacy">Inloggen</a>' in bladzij.text
    assert SERVICEDESK in bladzij.text
    assert "<script>" not in bladzij.text


def test_logging_out_ends_the_session_here_or_everywhere(
    bezoeker: Browser, provider: Inlogdienst, opslag: Opslag
):
    with Browser(bezoeker.portaal, provider) as thuis:
        for een in (bezoeker, thuis):
            een.log_in()
        token = bezoeker.cookies["bidn"]
        uit = bezoeker.post("/uitloggen")
        assert (uit.status_code, uit.headers["location"]) == (303, "/inloggen?reden=uitgelogd")
        bezoeker.cookies["bidn"] = token  # of who kept it
        assert bezoeker.get("/").json()["naam"] is None
        bezoeker.cookies.clear()
        bezoeker.log_in()
        assert thuis.post("/overal-uitloggen").headers["location"] == "/inloggen?reden=overal-uitgelogd"
    assert bezoeker.get("/").json()["naam"] is None
    assert [regel.naam for regel in regels(opslag)][-2:] == ["inloggen", "overal-uitloggen"]


def test_a_session_can_be_extended_by_a_script_and_by_a_form(bezoeker: Browser, opslag: Opslag):
    bezoeker.log_in()
    assert bezoeker.post("/sessie/verlengen", headers={"Accept": "*/*"}).status_code == 204
    formulier = {"Accept": "text/html", "Referer": f"{bezoeker.portaal}/bijzondere-bijstand/ophalen?blad=2"}
    verder = bezoeker.post("/sessie/verlengen", headers=formulier)
    assert (verder.status_code, verder.headers["location"]) == (
        303,
        "/bijzondere-bijstand/ophalen?gedaan=verlengd",
    )
    trek_beheerder_in(opslag, "Gemeente Alfa", email=ANNA.email, product=Product.BIJZONDERE_BIJSTAND)
    assert bezoeker.post("/sessie/verlengen").headers["location"] == "/inloggen?reden=verlopen"


@pytest.mark.parametrize(
    ("naar", "verwacht"),
    [
        ("/bijzondere-bijstand/ophalen?blad=2", "/bijzondere-bijstand/ophalen?blad=2"),
        ("", "/"),
        ("ophalen", "/"),
        ("https://elders.test/", "/"),
        ("//elders.test/", "/"),
        ("/\\elders.test/", "/"),
        ("/\t/elders.test/", "/"),
        ("/\r\nSet-Cookie: bidn=x", "/"),
        ("/é", "/"),
        ("/inloggen?naar=/", "/"),
        ("/" + "a" * 500, "/"),
    ],
)
def test_only_a_path_of_the_portal_is_followed(naar, verwacht):
    assert lokaal_pad(naar) == verwacht
