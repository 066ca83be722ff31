"""Contract §1 per endpoint, over real HTTP, on populations of a few hand-written lines."""

from __future__ import annotations

import json

import httpx
import pytest

from include.mock_sources import mock_bronnen
from tests.mock_sources.hulp import AUTO, KOP, Bronnen, leg_levering_neer, persoon, schrijf

ANNA, BRAM, CARLA, DIRK, ONBEKEND = "999990019", "999990020", "999990032", "999990044", "999990056"
PERIODE = {"periodeVan": "2026-06-01", "periodeTotEnMet": "2026-08-31"}
ALLE_ENDPOINTS = [
    ("/brp/adresvragen", {}),
    ("/uwv/inkomstenverhoudingen", PERIODE),
    ("/belastingdienst/vermogens", {"belastingjaar": 2025}),
    ("/belastingdienst/heffingskortingen", {"belastingjaar": 2025}),
    ("/rdw/voertuigen", {"peildatum": "2026-09-26"}),
    ("/bijstand/uitkeringsverhoudingen", {"peildatum": "2026-09-26"}),
]
GEEN_GEGEVENS = {"letter": "G", "code": 33, "omschrijving": "Geen gegevens gevonden"}


def opgave(begin, einde, loon=152000):
    return {
        "datumAanvang": begin,
        "datumEinde": einde,
        "lnLbPh": loon,
        "wrdPrGebrAut": 0,
        "ingLbPh": 21000,
        "bijdrZvw": 0,
    }


def verhouding(*opgaven, code="15"):
    return {
        "naamAdministratieveEenheid": "Bakkerij Jansen",
        "loonheffingennummer": "001234567L01",
        "codeSoortInkomstenverhouding": code,
        "inkomstenopgaven": list(opgaven),
    }


@pytest.fixture(scope="module")
def bronnen(tmp_path_factory):
    """One service for all tests that only ask: two persons, one of them without an address."""
    map_ = schrijf(tmp_path_factory.mktemp("populatie"), brp=[persoon(ANNA), persoon(BRAM, adres=None)])
    with mock_bronnen(map_) as base_url:
        gestart = Bronnen(base_url)
        yield gestart
        gestart.sluit()


@pytest.mark.parametrize(("pad", "velden"), ALLE_ENDPOINTS)
class TestElkEndpoint:
    """What holds wherever BSNs are asked about."""

    def test_one_entry_per_bsn_in_another_order(self, bronnen, pad, velden):
        regels = bronnen.vraag(pad, [ANNA, BRAM, ONBEKEND], **velden).json()["antwoorden"]
        assert [regel["burgerservicenummer"] for regel in regels] == [ONBEKEND, BRAM, ANNA]

    def test_a_bsn_asked_twice_is_answered_once(self, bronnen, pad, velden):
        assert list(bronnen.antwoorden(pad, [ANNA, ANNA], **velden)) == [ANNA]

    @pytest.mark.parametrize(
        ("weg", "status"), [("Authorization", 401), ("X-Request-ID", 400), ("X-Doelbinding", 400)]
    )
    def test_a_missing_header_is_refused(self, bronnen, pad, velden, weg, status):
        kop = {naam: waarde for naam, waarde in KOP.items() if naam != weg}
        inhoud = {"burgerservicenummers": [ANNA], **velden}
        antwoord = httpx.post(bronnen.base_url + pad, json=inhoud, headers=kop)
        assert antwoord.status_code == status
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert antwoord.json()["status"] == status
        assert weg in antwoord.json()["title"]

    @pytest.mark.parametrize(
        ("naam", "waarde", "status"),
        [
            ("Authorization", "Basic YTpi", 401),
            ("Authorization", "Bearer", 401),
            ("X-Doelbinding", "nieuwsgierigheid", 400),
            ("X-Doelbinding", "alleenverdieners", 200),
        ],
    )
    def test_headers_are_judged_on_what_they_say(self, bronnen, pad, velden, naam, waarde, status):
        inhoud = {"burgerservicenummers": [ANNA], **velden}
        assert bronnen.client.post(pad, json=inhoud, headers={naam: waarde}).status_code == status

    def test_250_bsns_is_the_limit(self, bronnen, pad, velden):
        bsns = [f"{999990000 + k:09d}" for k in range(251)]
        assert len(bronnen.antwoorden(pad, bsns[:250], **velden)) == 250
        te_veel = bronnen.vraag(pad, bsns, **velden)
        assert (te_veel.status_code, te_veel.headers["content-type"]) == (400, "application/problem+json")

    @pytest.mark.parametrize(
        "inhoud",
        [
            b"",
            b"{",
            b"[]",
            b'{"burgerservicenummers": "999990019"}',
            b'{"burgerservicenummers": [999990019]}',
            b'{"burgerservicenummers": ["99999001"]}',
            b'{"burgerservicenummers": ["99999001X"]}',
        ],
    )
    def test_a_malformed_request_is_refused_without_repeating_it(self, bronnen, pad, velden, inhoud):
        if inhoud.endswith(b"]}") and velden:
            inhoud = inhoud[:-1] + b"," + json.dumps(velden).encode()[1:]
        antwoord = bronnen.client.post(pad, content=inhoud)
        assert antwoord.status_code == 400
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert "9999" not in antwoord.text


@pytest.mark.parametrize(("pad", "velden"), ALLE_ENDPOINTS[1:])
def test_the_fields_beside_the_bsns_are_required(bronnen, pad, velden):
    assert bronnen.vraag(pad, [ANNA]).status_code == 400
    for naam in velden:
        assert bronnen.vraag(pad, [ANNA], **{**velden, naam: "ooit"}).status_code == 400


def test_without_files_every_source_knows_nobody(start, tmp_path):
    bronnen = start(tmp_path)
    verwacht = [
        {"resultaat": GEEN_GEGEVENS, "personen": []},
        {"inkomstenverhoudingen": []},
        {"verificatie": "geslaagd", "rekeningen": []},
        {"heffingskortingen": []},
        {"voertuigen": []},
        {"uitkeringen": []},
    ]
    for (pad, velden), inhoud in zip(ALLE_ENDPOINTS, verwacht, strict=True):
        assert bronnen.antwoorden(pad, [ANNA], **velden) == {ANNA: {"burgerservicenummer": ANNA, **inhoud}}
    assert bronnen.client.get("/belastingdienst/alleenverdieners").json() == {"leveringen": []}


class TestBrp:
    def test_everybody_registered_at_the_address_comes_along(self, start, tmp_path):
        bram = persoon(BRAM, kinderen=[{"burgerservicenummer": CARLA}], extraGegeven="blijft staan")
        brp = [persoon(ANNA), persoon(CARLA, adres="0014010000000002"), bram]
        antwoord = start(schrijf(tmp_path, brp=brp)).antwoorden("/brp/adresvragen", [ANNA])[ANNA]
        assert antwoord["resultaat"] == {"letter": "A", "code": 0, "omschrijving": "OK"}
        assert antwoord["personen"] == [persoon(ANNA), bram]

    def test_persons_without_an_address_do_not_live_together(self, start, tmp_path):
        bronnen = start(schrijf(tmp_path, brp=[persoon(ANNA, adres=None), persoon(BRAM, adres=None)]))
        antwoord = bronnen.antwoorden("/brp/adresvragen", [ANNA, BRAM])
        assert antwoord[ANNA]["personen"] == [persoon(ANNA, adres=None)]
        assert antwoord[BRAM]["personen"] == [persoon(BRAM, adres=None)]

    @pytest.mark.parametrize(
        ("letter", "code", "omschrijving"),
        [
            ("G", 33, "Geen gegevens gevonden"),
            ("P", 32, "Te veel zoekresultaten"),
            ("T", 31, "Zoekproces afgebroken"),
            ("Z", 37, "Geen PL-en die aan de verstrekkingscondities voldoen"),
        ],
    )
    def test_a_result_can_be_forced_for_one_bsn(self, start, tmp_path, letter, code, omschrijving):
        gedwongen = persoon(ANNA, adresvraagResultaat={"letter": letter, "code": code})
        antwoord = start(schrijf(tmp_path, brp=[gedwongen, persoon(BRAM)])).antwoorden(
            "/brp/adresvragen", [ANNA, BRAM]
        )
        assert antwoord[ANNA]["resultaat"] == {"letter": letter, "code": code, "omschrijving": omschrijving}
        assert antwoord[ANNA]["personen"] == []
        # To a neighbour at the address the person is there as ever, without the instruction to the mock.
        assert antwoord[BRAM]["personen"] == [persoon(ANNA), persoon(BRAM)]

    def test_a_forced_a_is_an_ordinary_answer(self, start, tmp_path):
        brp = [persoon(ANNA, adresvraagResultaat={"letter": "A", "code": 0})]
        antwoord = start(schrijf(tmp_path, brp=brp)).antwoorden("/brp/adresvragen", [ANNA])
        assert antwoord[ANNA]["personen"] == [persoon(ANNA)]

    def test_keys_a_line_leaves_out_are_there_in_the_answer(self, start, tmp_path):
        kaal = {"burgerservicenummer": ANNA, "naam": {"geslachtsnaam": "Meer"}, "geboorte": {"datum": None}}
        antwoord = start(schrijf(tmp_path, brp=[kaal])).antwoorden("/brp/adresvragen", [ANNA])
        assert antwoord[ANNA]["personen"] == [
            kaal
            | {
                "verblijfplaats": None,
                "partners": [],
                "kinderen": [],
                "ouders": [],
                "opschortingBijhouding": None,
            }
        ]

    @pytest.mark.parametrize("datum", ["1980-03-17", "1980-03", "1980", None])
    def test_birth_dates_come_as_they_are(self, start, tmp_path, datum):
        brp = [persoon(ANNA, geboorte={"datum": datum})]
        antwoord = start(schrijf(tmp_path, brp=brp)).antwoorden("/brp/adresvragen", [ANNA])
        assert antwoord[ANNA]["personen"][0]["geboorte"]["datum"] == datum


class TestUwv:
    def test_only_opgaven_that_end_within_the_period(self, start, tmp_path):
        juni_tot_juli = opgave("2026-05-18", "2026-06-14")  # a four-week period over the first boundary
        augustus = opgave("2026-08-01", "2026-08-31")
        uwv = {
            "burgerservicenummer": ANNA,
            "inkomstenverhoudingen": [
                verhouding(
                    opgave("2026-05-01", "2026-05-31"),
                    juni_tot_juli,
                    augustus,
                    opgave("2026-08-10", "2026-09-06"),
                ),
                verhouding(opgave("2025-01-01", "2025-01-31"), code="56"),
            ],
        }
        antwoord = start(schrijf(tmp_path, uwv=[uwv])).antwoorden(
            "/uwv/inkomstenverhoudingen", [ANNA, BRAM], **PERIODE
        )
        assert antwoord[ANNA]["inkomstenverhoudingen"] == [verhouding(juni_tot_juli, augustus)]
        assert antwoord[BRAM]["inkomstenverhoudingen"] == []

    def test_both_ends_of_the_period_count(self, start, tmp_path):
        opgaven = [opgave("2026-05-20", "2026-06-01"), opgave("2026-08-01", "2026-08-31")]
        uwv = [{"burgerservicenummer": ANNA, "inkomstenverhoudingen": [verhouding(*opgaven)]}]
        antwoord = start(schrijf(tmp_path, uwv=uwv)).antwoorden(
            "/uwv/inkomstenverhoudingen", [ANNA], **PERIODE
        )
        assert antwoord[ANNA]["inkomstenverhoudingen"][0]["inkomstenopgaven"] == opgaven

    def test_a_period_that_ends_before_it_begins_is_refused(self, bronnen):
        averechts = {"periodeVan": "2026-08-31", "periodeTotEnMet": "2026-06-01"}
        assert bronnen.vraag("/uwv/inkomstenverhoudingen", [ANNA], **averechts).status_code == 400


class TestBelastingdienst:
    REKENING = {  # noqa: RUF012 - read only
        "rekeningnummer": "NL91ABNA0417164300",
        "saldo": 312050,
        "rente": 1205,
        "bank": "ABN AMRO",
        "product": "spaarrekening",
        "tenaamstelling": "A van der Meer",
    }

    @pytest.fixture
    def bronnen(self, start, tmp_path):
        regels = [
            {
                "burgerservicenummer": ANNA,
                "verificatie": "geslaagd",
                "rekeningen": {"2024": [], "2025": [self.REKENING]},
                "heffingskortingen": {"2024": [{"code": "AHK", "bedrag": 311500}]},
            },
            {
                "burgerservicenummer": BRAM,
                "verificatie": "mislukt",
                "rekeningen": {"2025": [self.REKENING]},
                "heffingskortingen": {},
            },
        ]
        return start(schrijf(tmp_path, belastingdienst=regels))

    def test_accounts_of_the_year_asked_for(self, bronnen):
        pad = "/belastingdienst/vermogens"
        assert bronnen.antwoorden(pad, [ANNA], belastingjaar=2025)[ANNA]["rekeningen"] == [self.REKENING]
        for jaar in (2023, 2024):
            antwoord = bronnen.antwoorden(pad, [ANNA], belastingjaar=jaar)[ANNA]
            assert antwoord == {"burgerservicenummer": ANNA, "verificatie": "geslaagd", "rekeningen": []}

    def test_a_failed_verification_has_no_accounts(self, bronnen):
        antwoord = bronnen.antwoorden("/belastingdienst/vermogens", [BRAM], belastingjaar=2025)
        assert antwoord[BRAM] == {"burgerservicenummer": BRAM, "verificatie": "mislukt", "rekeningen": []}

    @pytest.mark.parametrize(("jaar", "verwacht"), [(2024, [{"code": "AHK", "bedrag": 311500}]), (2025, [])])
    def test_heffingskortingen_of_the_year_asked_for(self, bronnen, jaar, verwacht):
        antwoord = bronnen.antwoorden("/belastingdienst/heffingskortingen", [ANNA], belastingjaar=jaar)
        assert antwoord[ANNA] == {"burgerservicenummer": ANNA, "heffingskortingen": verwacht}


class TestRegisters:
    def test_vehicles_are_returned_whatever_their_dates(self, start, tmp_path):
        verkocht = AUTO | {"kenteken": "X998XX", "datumEindeAansprakelijkheid": "2021-01-01"}
        later = AUTO | {"kenteken": "X997XX", "datumAanvangAansprakelijkheid": "2030-01-01"}
        rdw = [{"burgerservicenummer": ANNA, "voertuigen": [AUTO, verkocht, later]}]
        antwoord = start(schrijf(tmp_path, rdw=rdw)).antwoorden(
            "/rdw/voertuigen", [ANNA], peildatum="2026-09-26"
        )
        assert antwoord[ANNA]["voertuigen"] == [AUTO, verkocht, later]

    def test_uitkeringen_are_returned_whatever_their_dates(self, start, tmp_path):
        uitkeringen = [
            {"regeling": "PW", "datumAanvang": "2024-01-01", "datumEinde": None},
            {"regeling": "IOAW", "datumAanvang": "2010-01-01", "datumEinde": "2011-01-01"},
        ]
        bijstand = [{"burgerservicenummer": ANNA, "uitkeringen": uitkeringen}]
        antwoord = start(schrijf(tmp_path, bijstand=bijstand)).antwoorden(
            "/bijstand/uitkeringsverhoudingen", [ANNA], peildatum="2026-09-26"
        )
        assert antwoord[ANNA]["uitkeringen"] == uitkeringen


class TestAlleenverdieners:
    RIJ = f"{ANNA};0014"

    def test_list_and_file(self, start, tmp_path):
        regel, inhoud = leg_levering_neer(tmp_path, self.RIJ)
        client = start(tmp_path).client
        assert client.get("/belastingdienst/alleenverdieners").json() == {"leveringen": [regel]}
        bestand = client.get("/belastingdienst/alleenverdieners/avd_2026_01")
        assert bestand.content == inhoud == f"BSN;Gemeentecode\r\n{ANNA};0014\r\n".encode()
        assert bestand.headers["content-type"].startswith("text/csv")

    def test_a_levering_can_arrive_while_the_service_runs(self, start, tmp_path):
        client = start(tmp_path).client
        regel, _ = leg_levering_neer(tmp_path, self.RIJ, naam="avd_2026_02")
        assert client.get("/belastingdienst/alleenverdieners").json() == {"leveringen": [regel]}

    @pytest.mark.parametrize("naam", ["avd_1999_01", "leveringen.json", "..%2Fbrp", "avd_2026_01.csv"])
    def test_only_announced_leveringen_exist(self, start, tmp_path, naam):
        leg_levering_neer(tmp_path, self.RIJ)
        antwoord = start(tmp_path).client.get(f"/belastingdienst/alleenverdieners/{naam}")
        assert (antwoord.status_code, antwoord.headers["content-type"]) == (404, "application/problem+json")

    def test_the_headers_are_required_here_too(self, start, tmp_path):
        client = start(tmp_path).client
        del client.headers["Authorization"]
        assert client.get("/belastingdienst/alleenverdieners").status_code == 401


@pytest.mark.parametrize(
    ("methode", "pad", "status"), [("GET", "/brp/adresvragen", 405), ("POST", "/brp/iets", 404)]
)
def test_what_does_not_exist_is_a_problem_too(bronnen, methode, pad, status):
    antwoord = bronnen.client.request(methode, pad)
    assert (antwoord.status_code, antwoord.headers["content-type"]) == (status, "application/problem+json")


def test_gezond_says_how_many_each_source_knows_and_asks_for_no_headers(bronnen):
    assert httpx.get(f"{bronnen.base_url}/gezond").json() == {
        "status": "ok",
        "personen": {"brp": 2, "uwv": 0, "belastingdienst": 0, "rdw": 0, "bijstand": 0},
    }
