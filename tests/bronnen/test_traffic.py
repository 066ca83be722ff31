"""One request: what goes along, what is borne, and what a hostile or broken source cannot do."""

from __future__ import annotations

import gzip
import json
import uuid
from datetime import UTC, datetime

import pytest

from include.bronnen import alleenverdieners
from include.bronnen.client import Bronclient
from include.bronnen.traffic import Grenzen, wachttijd
from include.errors import BronAntwoordFout, BronFout, BronWeigering, InstallatieFout
from tests.bronnen.hulp import BSNS, TOKEN, Verzoek, Wachten, client, leeg, noemt_geen_bsn, stub, vraag_brp

NU = datetime(2026, 10, 5, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("17", 17.0),
        (" 17 ", 17.0),
        ("86401", 86400.0),
        ("99999999999999999999", 86400.0),
        ("9" * 400, 86400.0),
        ("0" * 400, 0.0),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("Fri, 99999999999999999999 Dec 2026 23:59:59 GMT", None),
        ("Fri, 31 Dec 2026 23:59:59 +99999999999999999999", None),
        ("-5", None),
        ("1.5", None),
        ("inf", None),
        ("١٧", None),
        ("soon", None),
        ("Mon, 05 Oct 2026 12:01:30 GMT", 90.0),
        ("Mon, 05 Oct 2026 12:01:30 -0000", 90.0),
        ("Mon, 05 Oct 2026 11:59:00 GMT", 0.0),
        ("Wed, 05 Oct 2095 12:00:00 GMT", 86400.0),
        ("Mon, 45 Oct 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert wachttijd(header, NU) == seconds


@pytest.mark.parametrize("header", ["Fri, 31 Dec 99999999999999999999 23:59:59 GMT", "soon"])
def test_an_outage_with_a_senseless_retry_after_is_waited_out_as_without(header: str) -> None:
    with stub(lambda verzoek: verzoek.geef(b"", 503, retry_after=header)) as server:
        wacht = Wachten()
        with pytest.raises(BronFout, match=r"HTTP 503 .* after 4 attempts \(X-Request-ID") as fout:
            vraag_brp(client(server.url, wacht=wacht, gelijktijdig=1), BSNS)
    assert type(fout.value) is BronFout
    assert fout.value.wachttijd is None
    assert len(server.verzoeken) == 4


@pytest.mark.parametrize(
    "naam",
    [b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\udfff x", b"\\ud800\\u0041"],
    ids=[
        "a byte that is not UTF-8",
        "a surrogate in UTF-8",
        "half a character",
        "the other half",
        "two halves",
    ],
)
def test_a_text_that_is_not_unicode_is_said_to_be_that(naam: bytes) -> None:
    def antwoord(verzoek: Verzoek) -> None:
        persoon = b'{"naam": {"geslachtsnaam": "Meer%s"}}' % naam
        verzoek.geef(leeg(verzoek.bsns).replace(b'"personen": []', b'"personen": [%s]' % persoon, 1))

    with stub(antwoord) as server, pytest.raises(BronAntwoordFout) as fout:
        vraag_brp(client(server.url), BSNS)
    assert "an answer with text that is not valid Unicode after 1 attempt" in str(fout.value)
    assert "Meer" not in str(fout.value)


def test_what_every_request_carries() -> None:
    answers = [500, 200, 200]

    def antwoord(verzoek: Verzoek) -> None:
        verzoek.geef(leeg(verzoek.bsns), answers.pop(0))

    with stub(antwoord) as server:
        vraag_brp(client(server.url + "/", batchgrootte=20, gelijktijdig=1), BSNS)
        koppen = [verzoek.headers for verzoek in server.verzoeken]
    assert [verzoek.path for verzoek in server.verzoeken] == ["/brp/adresvragen"] * 3
    assert {kop["Authorization"] for kop in koppen} == {f"Bearer {TOKEN}"}
    assert {kop["X-Doelbinding"] for kop in koppen} == {"bijzondere-bijstand"}
    assert {kop["Accept"] for kop in koppen} == {"application/json"}
    # Also a second attempt at the same batch is a request of its own.
    assert len({uuid.UUID(kop["X-Request-ID"]) for kop in koppen}) == 3
    assert [len(verzoek.bsns) for verzoek in server.verzoeken] == [20, 20, 3]


def test_a_path_in_the_address_is_kept() -> None:
    with stub(lambda verzoek: verzoek.geef(leeg(verzoek.bsns))) as server:
        vraag_brp(client(server.url + "/gateway/v1/"), BSNS[:1])
    assert server.verzoeken[0].path == "/gateway/v1/brp/adresvragen"


def test_no_proxy_of_the_machine_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for naam in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(naam, "http://127.0.0.1:9")
    with stub(lambda verzoek: verzoek.geef(leeg(verzoek.bsns))) as server:
        assert vraag_brp(client(server.url, pogingen=1), BSNS[:1]).num_rows == 1


def _eindeloos(verzoek: Verzoek) -> None:
    verzoek.send_response(200)
    verzoek.send_header("Content-Type", "application/json")
    verzoek.end_headers()
    while True:
        verzoek.wfile.write(b" " * 65536)


def _bom(verzoek: Verzoek) -> None:
    verzoek.geef(gzip.compress(b" " * 50_000_000), content_encoding="gzip")


def _diep(verzoek: Verzoek) -> None:
    antwoord = json.loads(leeg(verzoek.bsns))
    diep = b"[" * 100_000 + b"]" * 100_000
    verzoek.geef(json.dumps(antwoord).encode().replace(b'"personen": []', b'"personen": [], "x": ' + diep))


def _veel_fouten(verzoek: Verzoek) -> None:
    verzoek.geef(leeg(verzoek.bsns).replace(b'"personen": []', b'"personen": [' + b"1," * 400_000 + b"1]"))


def _veel_antwoorden(verzoek: Verzoek) -> None:
    verzoek.geef(b'{"antwoorden": [' + b"{}," * 300_000 + b"{}]}")


def _lange_naam(verzoek: Verzoek) -> None:
    persoon = {"burgerservicenummer": verzoek.bsns[0], "naam": {"geslachtsnaam": "x" * 1001}}
    verzoek.geef(
        leeg(verzoek.bsns).replace(b'"personen": []', b'"personen": [%s]' % json.dumps(persoon).encode())
    )


def _redirect(verzoek: Verzoek) -> None:
    verzoek.geef(b"", 302, location="http://127.0.0.1:9/elders")


HOSTILE = [
    pytest.param(_eindeloos, "more than 1,000,000 bytes", id="an answer without end"),
    pytest.param(_bom, "a compressed answer", id="a gzip bomb"),
    pytest.param(_diep, "not valid JSON", id="nested a hundred thousand deep"),
    pytest.param(_veel_fouten, r"antwoorden.\*.personen.\* dict_type \(1x\)", id="a million errors"),
    pytest.param(_veel_antwoorden, r"antwoorden too_long \(1x\)", id="a million entries"),
    pytest.param(_lange_naam, r"geslachtsnaam string_too_long \(1x\)", id="a name of a thousand letters"),
    pytest.param(_redirect, "HTTP 302 Found where 200 is due", id="a redirect"),
    pytest.param(lambda v: v.geef(leeg(v.bsns), 204), "HTTP 204 No Content", id="another success than 200"),
    pytest.param(lambda v: v.geef(b"[]"), r"body dict_type \(1x\)", id="a list"),
    pytest.param(lambda v: v.geef(b"{}"), r"antwoorden missing \(1x\)", id="an empty object"),
    pytest.param(lambda v: v.geef(b""), "not valid JSON", id="nothing"),
    pytest.param(lambda v: v.geef(b"\xff\xfe"), "not valid JSON", id="not UTF-8"),
    pytest.param(lambda v: v.geef(b"NaN"), "breaks the contract", id="not a number"),
    pytest.param(lambda v: v.geef(leeg(v.bsns), soort="text/plain"), "not application/json", id="text"),
]


@pytest.mark.parametrize(("antwoord", "words"), HOSTILE)
def test_a_hostile_answer_is_refused(antwoord: object, words: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with stub(antwoord) as server, pytest.raises(BronAntwoordFout, match=words) as fout:  # type: ignore[arg-type]
        vraag_brp(client(server.url, antwoord_max=1_000_000, pogingen=2), BSNS[:1])
    assert noemt_geen_bsn(str(fout.value), caplog.text)


def test_the_words_of_a_source_are_never_quoted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    canary = str(BSNS[0])

    def antwoord(verzoek: Verzoek) -> None:
        verzoek.geef(
            canary.encode(), 503, soort=f"application/{canary}", reden=f"Sorry {canary}", retry_after=canary
        )

    with stub(antwoord) as server, pytest.raises(BronFout, match="HTTP 503 Service Unavailable") as fout:
        vraag_brp(client(server.url, wachten_max=0), BSNS[:1])
    assert noemt_geen_bsn(str(fout.value), caplog.text)


def test_an_unknown_status_is_named_by_its_number() -> None:
    with stub(lambda v: v.geef(b"", 599)) as server, pytest.raises(BronFout, match=r"HTTP 599 after"):
        vraag_brp(client(server.url, pogingen=1), BSNS[:1])


def test_an_answer_that_drips_is_given_up() -> None:
    """Never silent for long, so only the time for the whole answer ends it."""

    def antwoord(verzoek: Verzoek) -> None:
        verzoek.send_response(200)
        verzoek.send_header("Content-Type", "application/json")
        verzoek.end_headers()
        while not verzoek.server.opgehangen.wait(0.01):
            verzoek.wfile.write(b" ")
            verzoek.wfile.flush()

    with (
        stub(antwoord) as server,
        pytest.raises(BronFout, match=r"no complete answer within 0.2 s after 1 att"),
    ):
        vraag_brp(client(server.url, antwoordtijd=0.2, pogingen=1), BSNS[:1])


def test_without_a_source_there_is_no_connection() -> None:
    with stub(_redirect) as server:
        url = server.url
    wacht = Wachten()
    with pytest.raises(BronFout, match=r"no connection \(ConnectionRefusedError\) after 4 attempts"):
        vraag_brp(client(url, wacht=wacht), BSNS[:1])
    assert len(wacht) == 3


def test_a_file_has_a_limit_of_its_own() -> None:
    with stub(lambda v: v.geef(b"x" * 101, soort="text/csv; charset=utf-8")) as server:
        bron = client(server.url)
        assert len(alleenverdieners.haal_levering(bron, "avd", max_bytes=101)) == 101
        with pytest.raises(BronAntwoordFout, match="more than 100 bytes"):
            alleenverdieners.haal_levering(bron, "avd", max_bytes=100)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8500", "ftp://bron", "http://", "http://u:p@bron", "http://b/?x=1"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InstallatieFout, match="Source brp: its address is not of the form"):
        client(url)


@pytest.mark.parametrize("token", ["", "met\nregel", "sleutel\u00eb"])
def test_a_token_that_is_none(token: str) -> None:
    with pytest.raises(InstallatieFout, match="no usable token"):
        Bronclient("http://bron", token, bron="brp", doelbinding="bijzondere-bijstand")


@pytest.mark.parametrize(
    "grenzen",
    [
        {"batchgrootte": 251}, {"batchgrootte": 0}, {"gelijktijdig": 0}, {"gelijktijdig": 33},
        {"pogingen": 0}, {"pogingen": 11}, {"lezen": 0}, {"verbinden": -1}, {"wachten_max": -1},
        {"antwoord_max": 0},
    ],
)  # fmt: skip
def test_limits_that_are_none(grenzen: dict[str, int]) -> None:
    with pytest.raises(InstallatieFout, match="batchgrootte 1-250"):
        Grenzen(**grenzen)  # type: ignore[arg-type]


def test_a_refusal_is_not_tried_again() -> None:
    with stub(lambda v: v.geef(b"{}", 422, soort="application/problem+json")) as server:
        with pytest.raises(BronWeigering, match=r"HTTP 422 .* after 1 attempt .* source's contract"):
            vraag_brp(client(server.url), BSNS[:1])
        assert len(server.verzoeken) == 1
