"""A source that means harm, or is broken beyond recognition: whatever it answers, it ends as an error of ours.

Every field of every answer is replaced by anything JSON can hold, and by what it cannot. test_verkeer.py has what is
wrong with an answer as a whole.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from include.bronnen import alleenverdieners, belastingdienst, bijstand, brp, rdw, uwv
from include.bronnen.client import Endpoint, _lees_antwoord, _ontleed
from include.bronnen.traffic import Mislukt
from include.errors import BronAntwoordFout, BronFout, BronWeigering, GegevensFout
from tests.bronnen.hulp import BSNS, Verzoek, client, leeg, noemt_geen_bsn, stub, vraag_brp

BSN, ANDER = str(BSNS[0]), str(BSNS[1])
NAAM = "Kanariepiet"
DAG = "2026-08-01"
VOERTUIG = {
    "kenteken": "KNR123", "voertuigsoort": "Personenauto", "merk": NAAM, "handelsbenaming": NAAM,
    "massaLedigVoertuig": 1, "brandstofsoorten": [NAAM], "inrichting": NAAM, "bijzonderheden": [NAAM],
    "status": NAAM, "datumEersteToelating": DAG, "datumAanvangAansprakelijkheid": DAG,
    "datumEindeAansprakelijkheid": DAG,
}  # fmt: skip
PERSOON = {
    "burgerservicenummer": ANDER,
    "naam": {"voorvoegsel": NAAM, "geslachtsnaam": NAAM},
    "geboorte": {"datum": "1961-03-17"},
    "verblijfplaats": {"functieAdres": {"code": "W"}, "inOnderzoek": False},
    "partners": [{"burgerservicenummer": ANDER, "ontbindingHuwelijkPartnerschap": {"datum": DAG}}],
    "kinderen": [{"burgerservicenummer": ANDER}],
    "ouders": [{"burgerservicenummer": ANDER}],
    "opschortingBijhouding": {"reden": {"code": "O"}},
}
VERHOUDING = {
    "naamAdministratieveEenheid": NAAM,
    "loonheffingennummer": NAAM,
    "codeSoortInkomstenverhouding": "15",
    "inkomstenopgaven": [
        {"datumAanvang": DAG, "datumEinde": DAG, "lnLbPh": 1, "wrdPrGebrAut": 1, "ingLbPh": 1, "bijdrZvw": 1}
    ],
}
REKENING = {
    "rekeningnummer": NAAM,
    "saldo": 1,
    "rente": 1,
    "bank": NAAM,
    "product": NAAM,
    "tenaamstelling": NAAM,
}

ANTWOORDEN: dict[str, tuple[Endpoint, Callable[[Any], object], dict[str, Any]]] = {
    "brp": (
        brp.ADRESVRAGEN,
        brp.brp_frames,
        {"burgerservicenummer": BSN, "resultaat": {"letter": "A", "code": 0}, "personen": [PERSOON]},
    ),
    "uwv": (
        uwv.INKOMSTENVERHOUDINGEN,
        uwv.uwv_frames,
        {"burgerservicenummer": BSN, "inkomstenverhoudingen": [VERHOUDING]},
    ),
    "vermogens": (
        belastingdienst.VERMOGENS,
        belastingdienst.vermogen_frames,
        {"burgerservicenummer": BSN, "verificatie": "geslaagd", "rekeningen": [REKENING]},
    ),
    "heffingskortingen": (
        belastingdienst.HEFFINGSKORTINGEN,
        belastingdienst.heffingskorting_frames,
        {"burgerservicenummer": BSN, "heffingskortingen": [{"code": NAAM, "bedrag": 1}]},
    ),
    "rdw": (rdw.VOERTUIGEN, rdw.rdw_frames, {"burgerservicenummer": BSN, "voertuigen": [VOERTUIG]}),
    "bijstand": (
        bijstand.UITKERINGSVERHOUDINGEN,
        bijstand.bijstand_frames,
        {
            "burgerservicenummer": BSN,
            "uitkeringen": [{"regeling": "PW", "datumAanvang": DAG, "datumEinde": DAG}],
        },
    ),
}
AANKONDIGING = {
    "leveringen": [
        {"levering": NAAM, "lijstjaar": 2026, "aangemaakt": DAG, "aantal": 1, "sha256": "ab" * 32},
    ]
}

# JSON text that json.dumps does not make: put in place of a value.
RAUW = {
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "lists without an end": "[" * 100_000,
    "too large a number": "1e400",
    "an integer of a thousand digits": "9" * 1000,
    "an integer of a million digits": "9" * 1_000_000,
    "an integer that fits no column": str(2**63),
    "minus zero": "-0",
    "a fraction": "1.5",
    "one, as a fraction": "1.0",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "half a character": '"\\ud800"',
    "the other half": '"\\udfff x"',
    "a character that XML cannot hold": '"\\u0000\\u0008\\uffff"',
    "a text without an end": '"',
    "a comment": "/* */ 1",
    "nothing": "",
    "two values": "1, 2",
    "one key twice": '{"burgerservicenummer": "999900018", "burgerservicenummer": "999900031"}',
}
_LEEG = object()
troep = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", " ", BSN, ANDER, f" {BSN}", "٩٩٩٩٠٠٠١٨", "x" * 1001])
    | st.sampled_from(["2026-02-30", "0001-01-01", "9999-12-31", "-0001-01-01", "2026-08-01T00:00:00"]),
    lambda deel: st.lists(deel, max_size=3) | st.dictionaries(st.text(max_size=10), deel, max_size=3),
    max_leaves=5,
)


def _plekken(waarde: Any, pad: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an answer, from the whole of it down."""
    yield pad
    delen = (
        waarde.items() if isinstance(waarde, dict) else enumerate(waarde) if isinstance(waarde, list) else ()
    )
    for sleutel, deel in delen:
        yield from _plekken(deel, (*pad, sleutel))


def _vervang(waarde: Any, pad: tuple[Any, ...], door: Any) -> Any:
    """``waarde`` with another value at one place, or without it."""
    if not pad:
        return door
    kopie = waarde.copy()
    if len(pad) == 1 and door is _LEEG:
        del kopie[pad[0]]
    else:
        kopie[pad[0]] = _vervang(waarde[pad[0]], pad[1:], door)
    return kopie


def _als_bytes(waarde: Any, rauw: str = "") -> bytes:
    return json.dumps(waarde).replace('"RAUW"', rauw).encode("utf-8", "surrogatepass")


def _oordeel(naam: str, inhoud: bytes) -> str:
    """What our side makes of a body: nothing, or the words of its error. Anything else fails the test."""
    endpoint, frames, _ = ANTWOORDEN[naam]
    try:
        batch = _lees_antwoord(inhoud, endpoint, np.array([int(BSN)]))
        frames(endpoint.schema.empty_table().from_batches([batch]))
    except Mislukt as fout:
        return fout.reden if issubclass(fout.soort, BronAntwoordFout) else f"not about {NAAM}"
    except (BronAntwoordFout, GegevensFout) as fout:
        return str(fout)
    return ""


PLEKKEN = [
    pytest.param(naam, pad, id=f"{naam}: {'.'.join(map(str, pad)) or 'all'}")
    for naam, (*_, antwoord) in ANTWOORDEN.items()
    for pad in _plekken({"antwoorden": [antwoord]})
]


@pytest.mark.parametrize("naam", ANTWOORDEN)
def test_the_answers_are_good_before_they_are_spoilt(naam: str) -> None:
    assert _oordeel(naam, _als_bytes({"antwoorden": [ANTWOORDEN[naam][2]]})) == ""


@pytest.mark.parametrize(("naam", "pad"), PLEKKEN)
def test_what_is_no_json_or_too_much_of_it_anywhere(naam: str, pad: tuple[Any, ...]) -> None:
    heel = {"antwoorden": [ANTWOORDEN[naam][2]]}
    for soort, rauw in RAUW.items():
        woorden = _oordeel(naam, _als_bytes(_vervang(heel, pad, "RAUW"), rauw))
        assert noemt_geen_bsn(woorden), soort
        assert NAAM not in woorden, soort
    if pad:
        _oordeel(naam, _als_bytes(_vervang(heel, pad, _LEEG)))


@pytest.mark.parametrize("naam", ANTWOORDEN)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_anywhere(naam: str, data: st.DataObject) -> None:
    heel: Any = {"antwoorden": [ANTWOORDEN[naam][2]]}
    for _ in range(data.draw(st.integers(1, 3))):
        pad = data.draw(st.sampled_from(list(_plekken(heel))))
        heel = _vervang(heel, pad, data.draw(troep))
    woorden = _oordeel(naam, _als_bytes(heel))
    assert noemt_geen_bsn(woorden)
    assert NAAM not in woorden


@settings(max_examples=300, deadline=None)
@given(inhoud=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"\xef\xbb\xbf{}")
@example('{"antwoorden": []}'.encode("utf-16"))
def test_any_bytes_at_all(inhoud: bytes) -> None:
    for naam in ANTWOORDEN:
        assert _oordeel(naam, inhoud) != ""


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_an_announcement_of_anything(data: st.DataObject) -> None:
    pad = data.draw(st.sampled_from(list(_plekken(AANKONDIGING))))
    rauw = data.draw(st.sampled_from(list(RAUW.values())) | st.none())
    door = data.draw(troep) if rauw is None else "RAUW"
    inhoud = _als_bytes(_vervang(AANKONDIGING, pad, door), rauw or "")
    try:
        gevonden = _ontleed(inhoud, alleenverdieners._AANKONDIGING)["leveringen"]
    except Mislukt as fout:
        gevonden, woorden = [], fout.reden
    else:
        woorden = ""
    assert NAAM not in woorden
    assert all(isinstance(levering["aantal"], int) and levering["aantal"] >= 0 for levering in gevonden)


@pytest.mark.parametrize(
    "naam",
    [
        *("../../etc/passwd", "..", ".", "/etc/passwd", "a/b", "a\\b", "a%2fb", "a\nb", "a\0b"),
        *("", " ", "-rf", "x" * 101, "é", "a\n"),
    ],
)
def test_the_name_of_a_levering_leads_nowhere(naam: str) -> None:
    inhoud = _als_bytes(_vervang(AANKONDIGING, ("leveringen", 0, "levering"), naam))
    with pytest.raises(Mislukt, match=r"leveringen\.\*\.levering string_pattern_mismatch"):
        _ontleed(inhoud, alleenverdieners._AANKONDIGING)


# -- over the line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "soort", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, br", "x-unknown"]
)
def test_nothing_is_unpacked(soort: str) -> None:
    with (
        stub(lambda v: v.geef(leeg(v.bsns), content_encoding=soort)) as server,
        pytest.raises(BronAntwoordFout, match="a compressed answer, which was not asked for"),
    ):
        vraag_brp(client(server.url), BSNS[:1])


def test_gigabytes_are_cut_off_in_bounded_memory() -> None:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.send_response(200)
        verzoek.send_header("Content-Type", "application/json")
        verzoek.send_header("Content-Length", str(8 * 1024**3))
        verzoek.end_headers()
        blok = b'{"antwoorden": [' + b" " * 2**20
        while True:
            verzoek.wfile.write(blok)

    tracemalloc.start()
    try:
        with stub(antwoord) as server, pytest.raises(BronAntwoordFout, match="more than 5,000,000 bytes"):
            vraag_brp(client(server.url, antwoord_max=5_000_000), BSNS[:1])
        _, hoogste = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert hoogste < 25_000_000


def test_a_redirect_does_not_take_the_question_elsewhere() -> None:
    with stub(lambda v: v.geef(leeg(v.bsns))) as elders:
        for status in (301, 302, 303, 307, 308):
            with (
                stub(lambda v, s=status: v.geef(b"", s, location=f"{elders.url}/brp/adresvragen")) as server,
                pytest.raises(BronAntwoordFout, match="redirects are not followed"),
            ):
                vraag_brp(client(server.url), BSNS[:1])
        assert elders.verzoeken == []


def test_a_cookie_is_not_kept() -> None:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.geef(leeg(verzoek.bsns), set_cookie=f"wie={verzoek.bsns[0]}; Path=/")

    with stub(antwoord) as server:
        vraag_brp(client(server.url, batchgrootte=1, gelijktijdig=1), BSNS[:3])
    assert len(server.verzoeken) == 3
    assert [verzoek.headers["Cookie"] for verzoek in server.verzoeken] == [None] * 3


def _ruwe_kop(kop: bytes) -> Callable[[Verzoek], None]:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.wfile.write(kop)
        verzoek.wfile.flush()
        if not kop.endswith(b"\r\n\r\n"):
            verzoek.wacht_op_ophangen()

    return antwoord


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("kop", "woorden"),
    [
        pytest.param(OK + b"X-Lang: " + b"x" * 1_000_000, "the connection broke off", id="a header without an end"),
        pytest.param(OK + b"X: y\r\n" * 100_000 + b"\r\n", "the connection broke off", id="100,000 headers"),
        pytest.param(OK + b"Content-Length: -1\r\n\r\n", "the connection broke off", id="a length below zero"),
        pytest.param(
            OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "the connection broke off", id="two lengths",
        ),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n\r\n", "the connection broke off",
            id="a chunk of a zettabyte",
        ),
        pytest.param(b"HTTP/9.9 999999 \r\n\r\n", "the connection broke off", id="no HTTP"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", "the connection broke off", id="another protocol"),
        pytest.param(b"HTTP/1.1 200", "silent for 0.5 s", id="half a first line"),
    ],
)  # fmt: skip
def test_what_is_hardly_http_is_an_outage(kop: bytes, woorden: str) -> None:
    with stub(_ruwe_kop(kop)) as server, pytest.raises(BronFout, match=woorden) as fout:
        vraag_brp(client(server.url, pogingen=1, lezen=0.5), BSNS[:1])
    assert noemt_geen_bsn(str(fout.value))


def test_headers_that_drip_are_given_up() -> None:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.wfile.write(OK)
        while not verzoek.server.opgehangen.wait(0.01):
            verzoek.wfile.write(b"X: y\r\n")
            verzoek.wfile.flush()

    with stub(antwoord) as server, pytest.raises(BronFout, match=r"no complete answer within 0.3 s"):
        vraag_brp(client(server.url, antwoordtijd=0.3, pogingen=1), BSNS[:1])


def test_a_refusal_of_gigabytes_is_not_read() -> None:
    def antwoord(verzoek: Verzoek) -> None:
        verzoek.send_response(403)
        verzoek.end_headers()
        while True:
            verzoek.wfile.write(b"x" * 2**20)

    with stub(antwoord) as server:
        with pytest.raises(BronWeigering, match="HTTP 403 Forbidden"):
            vraag_brp(client(server.url), BSNS[:1])
        assert server.opgehangen.wait(10)
