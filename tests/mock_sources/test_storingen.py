"""Every fault as a caller meets it, which calls it hits, and what the call log tells afterwards."""

from __future__ import annotations

import threading
from collections import Counter

import httpx
import pytest

from include.mock_sources import Beheer, mock_bronnen
from tests.mock_sources.hulp import Bronnen, leg_levering_neer, persoon, schrijf

ANNA, BRAM = "999990019", "999990020"
GEVRAAGD = [ANNA, BRAM]


@pytest.fixture(scope="module")
def dienst(tmp_path_factory):
    map_ = schrijf(tmp_path_factory.mktemp("populatie"), brp=[persoon(ANNA), persoon(BRAM, adres=None)])
    leg_levering_neer(map_, f"{ANNA};0014", f"{BRAM};0193", naam="avd_1")
    with mock_bronnen(map_) as base_url:
        yield base_url


@pytest.fixture
def bronnen(dienst):
    """The shared service with no fault on and an empty log."""
    aanroeper = Bronnen(dienst)
    aanroeper.beheer.herstel()
    aanroeper.beheer.wis_aanroepen()
    yield aanroeper
    aanroeper.beheer.herstel()
    aanroeper.sluit()


def vraag(bronnen: Bronnen, **opties) -> httpx.Response:
    return bronnen.client.post("/brp/adresvragen", json={"burgerservicenummers": GEVRAAGD}, **opties)


def bsns(antwoord: httpx.Response) -> Counter[str]:
    return Counter(regel["burgerservicenummer"] for regel in antwoord.json()["antwoorden"])


class TestSoorten:
    @pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
    def test_a_status_as_problem(self, bronnen, status):
        bronnen.beheer.storing("brp", status)
        antwoord = vraag(bronnen)
        assert (antwoord.status_code, antwoord.json()["status"]) == (status, status)
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert "retry-after" not in antwoord.headers

    @pytest.mark.parametrize("status", [429, 503])
    def test_retry_after(self, bronnen, status):
        bronnen.beheer.storing("brp", status, retry_after=7)
        assert vraag(bronnen).headers["retry-after"] == "7"

    def test_latency_answers_after_all(self, bronnen):
        bronnen.beheer.storing("brp", "latency", seconden=0.1)
        assert vraag(bronnen).status_code == 200
        # Milliseconds. A sleep may end a tick of the clock early; an answer at once would take one or two.
        assert bronnen.beheer.aanroepen("brp")[0]["duur"] > 50

    def test_timeout_keeps_silent(self, bronnen):
        bronnen.beheer.storing("brp", "timeout")
        with pytest.raises(httpx.ReadTimeout):
            vraag(bronnen, timeout=0.1)

    def test_timeout_ends_when_the_fault_is_cleared(self, bronnen):
        bronnen.beheer.storing("brp", "timeout")
        uitkomst: list[int] = []
        wachter = threading.Thread(target=lambda: uitkomst.append(vraag(bronnen).status_code))
        wachter.start()
        while not bronnen.beheer.aanroepen("brp"):  # the call has arrived
            pass
        assert bronnen.beheer.aanroepen("brp")[0]["status"] == 0  # and hangs
        bronnen.beheer.herstel("brp")
        wachter.join(timeout=5)
        assert uitkomst == [200]

    def test_truncated_breaks_off_the_body(self, bronnen):
        bronnen.beheer.storing("brp", "truncated")
        with pytest.raises(httpx.RemoteProtocolError):
            vraag(bronnen)
        bronnen.beheer.herstel("brp")
        assert vraag(bronnen).status_code == 200

    def test_malformed_json_is_complete_http(self, bronnen):
        bronnen.beheer.storing("brp", "malformed_json")
        antwoord = vraag(bronnen)
        assert antwoord.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            antwoord.json()

    def test_content_type(self, bronnen):
        bronnen.beheer.storing("brp", "content_type")
        antwoord = vraag(bronnen)
        assert antwoord.headers["content-type"].startswith("text/html")
        assert bsns(antwoord) == Counter(GEVRAAGD)

    def test_wrong_types(self, bronnen):
        bronnen.beheer.storing("brp", "wrong_types")
        assert [regel["personen"] for regel in vraag(bronnen).json()["antwoorden"]] == ["geen lijst"] * 2

    def test_null_list(self, bronnen):
        bronnen.beheer.storing("brp", "null_list")
        eerste, tweede = vraag(bronnen).json()["antwoorden"]
        assert eerste["personen"] is None
        assert len(tweede["personen"]) == 1

    @pytest.mark.parametrize(
        ("soort", "verwacht"),
        [
            ("missing_bsn", {ANNA: 1}),
            ("duplicate_bsn", {ANNA: 1, BRAM: 2}),
            ("foreign_bsn", {ANNA: 1, BRAM: 1, "999999990": 1}),
        ],
    )
    def test_which_bsns_are_in_the_answer(self, bronnen, soort, verwacht):
        bronnen.beheer.storing("brp", soort)
        assert bsns(vraag(bronnen)) == Counter(verwacht)

    @pytest.mark.parametrize(
        ("soort", "verwacht"),
        [
            ("missing_bsn", ["999990019;0014"]),
            ("duplicate_bsn", ["999990019;0014", "999990020;0193", "999990020;0193"]),
            ("foreign_bsn", ["999990019;0014", "999990020;0193", "999999990;0193"]),
        ],
    )
    def test_rows_of_a_levering(self, bronnen, soort, verwacht):
        bronnen.beheer.storing("alleenverdieners", soort, endpoint="levering")
        assert len(bronnen.client.get("/belastingdienst/alleenverdieners").json()["leveringen"]) == 1
        inhoud = bronnen.client.get("/belastingdienst/alleenverdieners/avd_1").text
        assert inhoud.splitlines() == ["BSN;Gemeentecode", *verwacht]


class TestWelkeAanroepen:
    @pytest.mark.parametrize(
        ("opties", "verwacht"),
        [
            ({}, [503, 503, 503, 503]),
            ({"aantal": 1}, [503, 200, 200, 200]),
            ({"vanaf": 2, "aantal": 2}, [200, 503, 503, 200]),
            ({"vanaf": 4, "aantal": 1}, [200, 200, 200, 503]),
            ({"vanaf": 3}, [200, 200, 503, 503]),
        ],
    )
    def test_first_middle_or_last(self, bronnen, opties, verwacht):
        bronnen.beheer.storing("brp", 503, **opties)
        assert [vraag(bronnen).status_code for _ in verwacht] == verwacht

    def test_other_sources_and_endpoints_are_left_alone(self, bronnen):
        bronnen.beheer.storing("belastingdienst", 500, endpoint="vermogens")
        inhoud = {"burgerservicenummers": GEVRAAGD, "belastingjaar": 2025}
        statussen = {
            pad: bronnen.client.post(f"/belastingdienst/{pad}", json=inhoud).status_code
            for pad in ("vermogens", "heffingskortingen")
        }
        assert statussen == {"vermogens": 500, "heffingskortingen": 200}
        assert vraag(bronnen).status_code == 200

    def test_several_faults_in_turn(self, bronnen):
        reeks = [{"soort": "500", "aantal": 1}, {"soort": "missing_bsn", "vanaf": 2, "aantal": 1}]
        httpx.put(f"{bronnen.base_url}/beheer/storingen/brp", json=reeks).raise_for_status()
        assert vraag(bronnen).status_code == 500
        assert [sum(bsns(vraag(bronnen)).values()) for _ in range(2)] == [1, 2]

    def test_what_is_on_can_be_read_and_cleared(self, bronnen):
        bronnen.beheer.storing("brp", 500)
        bronnen.beheer.storing("uwv", "timeout")
        assert sorted(httpx.get(f"{bronnen.base_url}/beheer/storingen").json()) == ["brp", "uwv"]
        bronnen.beheer.herstel("brp")
        assert sorted(httpx.get(f"{bronnen.base_url}/beheer/storingen").json()) == ["uwv"]
        bronnen.beheer.herstel()
        assert httpx.get(f"{bronnen.base_url}/beheer/storingen").json() == {}

    @pytest.mark.parametrize(
        ("bron", "inhoud", "status"),
        [
            ("brp", {"soort": "ontploffing"}, 400),
            ("brp", {"soort": "302"}, 400),
            ("brp", {"soort": "500", "vanaf": 0}, 400),
            ("brp", {"soort": "500", "vnaaf": 1}, 400),
            ("kadaster", {"soort": "500"}, 404),
        ],
    )
    def test_a_fault_that_does_not_exist_is_refused(self, bronnen, bron, inhoud, status):
        antwoord = httpx.put(f"{bronnen.base_url}/beheer/storingen/{bron}", json=inhoud)
        assert antwoord.status_code == status


class TestLogboek:
    def test_a_call_as_the_source_saw_it(self, bronnen):
        vraag(bronnen)
        (aanroep,) = bronnen.beheer.aanroepen()
        assert aanroep.pop("duur") > 0
        assert aanroep == {
            "bron": "brp",
            "endpoint": "adresvragen",
            "aantal_bsns": 2,
            "request_id": "verzoek-1",
            "doelbinding": "bijzondere-bijstand",
            "status": 200,
            "storing": [],
        }

    def test_refused_and_disturbed_calls_are_there_too(self, bronnen):
        bronnen.client.post("/uwv/inkomstenverhoudingen", json={})
        bronnen.beheer.storing("brp", 429)
        vraag(bronnen)
        gezien = [(a["bron"], a["status"], a["storing"]) for a in bronnen.beheer.aanroepen()]
        assert gezien == [("uwv", 400, []), ("brp", 429, ["429"])]

    def test_the_log_holds_no_bsn_but_a_test_can_ask_for_them(self, bronnen):
        vraag(bronnen)
        bronnen.vraag("/rdw/voertuigen", [BRAM], peildatum="2026-09-26")
        assert "9999900" not in httpx.get(f"{bronnen.base_url}/beheer/aanroepen").text
        assert bronnen.beheer.bevraagd("brp") == [GEVRAAGD]
        assert bronnen.beheer.bevraagd("rdw", "voertuigen") == [[BRAM]]

    def test_reset(self, bronnen):
        vraag(bronnen)
        bronnen.beheer.wis_aanroepen()
        assert bronnen.beheer.aanroepen() == bronnen.beheer.bevraagd("brp") == []

    def test_the_client_can_be_a_context(self, bronnen):
        with Beheer(bronnen.base_url) as beheer:
            assert beheer.aanroepen("brp") == []
