"""Handing in a file in the portal: what is refused and how, what is kept, and what its pages say (manual 3.5-3.7)."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from lxml import html

from include.moments import day_of
from include.portaal.upload import VELDEN
from include.steps.audit import laatste_regels
from include.steps.portaal.oordelen import Oordelaar
from include.steps.registreren import meld_af
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen
from tests.dags.wereld import ALFA, BETA
from tests.portaal.conftest import Als
from tests.portaal.wereld import ADRES, ANNA, BB, BRAM, SETTINGS, Bezoeker
from tests.steps.hulp import Klok

TAB = "/bijzondere-bijstand/aanleveren"
GOED = b"0014;J;;999900018;;;;;;\r\n"
SLECHT = b"0014;J;;123456789;;;;;;\r\n"
GRENS = SETTINGS.max_upload


def stuur(wie: Bezoeker, inhoud: bytes, naam: str = "vraag.csv", **velden: str) -> httpx.Response:
    """Send the form of the page, as a browser does."""
    return wie.client.post(
        TAB,
        data={"token": wie.csrf(), **velden},
        files={"bestand": (naam, inhoud)},
        headers={"Origin": ADRES},
        follow_redirects=False,
    )


def aantal(opslag: Opslag) -> int:
    """How many deliveries the register holds for the ronde that is open on 5 November 2026."""
    with opslag.database.reading() as sessie:
        return len(find_leveringen(sessie, ronde="2026-11"))


def bewaard(opslag: Opslag) -> list[str]:
    """What lies in the file store of deliveries, also unfinished."""
    return [
        bestand.key for folder in ("leveringen", "onvoltooid") for bestand in opslag.bestanden.list(folder)
    ]


def tekst(antwoord: httpx.Response) -> str:
    return " ".join(html.fromstring(antwoord.text or "<p>").text_content().split())


def tabel(antwoord: httpx.Response, bijschrift: str) -> list[list[str]]:
    [gevonden] = html.fromstring(antwoord.text).xpath(f"//table[normalize-space(caption)='{bijschrift}']")
    rijen = gevonden.xpath(".//tbody/tr")
    return [[" ".join(cel.text_content().split()) for cel in rij.xpath("./td|./th")] for rij in rijen]


# -- the door ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stuk", "keer", "naam", "status", "zin"),
    [
        (GOED, 1, "vraag.csv", 303, ""),
        (b"niets goeds\r\n", 1, "vraag.csv", 303, ""),  # afgekeurd by its verslag, not at the door
        (b"", 0, "", 422, "Selecteer eerst een bestand"),
        (b"", 0, "leeg.csv", 422, "Het bestand is leeg"),
        (
            b"PK\x03\x04..[Content_Types].xml",
            1,
            "vraag.csv",
            422,
            "Dit is een Excel-bestand; sla het op als CSV",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1, "vraag.xls", 422, "Dit is een Excel-bestand"),
        (b"PK\x03\x04....vraag.csv", 1, "vraag.zip", 422, "Dit is een zip-bestand"),
        (b"%PDF-1.7\n", 1, "vraag.csv", 422, "Dit is een pdf-bestand"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><a/>', 1, "vraag.csv", 422, "Dit is een xml-bestand"),
        (b"0", GRENS, "vraag.csv", 303, ""),
        (b"0", GRENS + 1, "vraag.csv", 413, "hoogstens 1,0 MB"),
        (b"0", GRENS + 200_000, "vraag.csv", 413, "hoogstens 1,0 MB"),  # told by its length alone
    ],
)
def test_what_is_sent_is_kept_or_refused_with_what_to_do(
    als: Als, inhoud: Opslag, stuk: bytes, keer: int, naam: str, status: int, zin: str
) -> None:
    voor = bewaard(inhoud)
    antwoord = stuur(als(ANNA), stuk * keer, naam)
    assert (antwoord.status_code, zin in tekst(antwoord)) == (status, True)
    assert aantal(inhoud) == (status == 303)
    if status == 422:  # the summary leads to the field
        assert html.fromstring(antwoord.text).xpath("//*[@data-foutoverzicht]//a[@href='#bestand']")
    if status != 303:
        assert bewaard(inhoud) == voor


@pytest.mark.parametrize("token", [None, "", "vals"])
def test_a_form_that_is_not_ours_is_refused_before_a_byte_of_its_file_is_kept(
    als: Als, inhoud: Opslag, token: str | None
) -> None:
    wie, voor = als(ANNA), bewaard(inhoud)
    antwoord = wie.client.post(
        TAB,
        data={} if token is None else {"token": token},
        files={"bestand": ("vraag.csv", GOED)},
        headers={"Origin": ADRES},
    )
    assert (antwoord.status_code, antwoord.headers["connection"]) == (403, "close")
    assert bewaard(inhoud) == voor


def test_a_token_behind_the_file_comes_too_late(als: Als, inhoud: Opslag) -> None:
    wie = als(ANNA)
    delen = [("bestand", ("vraag.csv", GOED)), ("token", (None, wie.csrf()))]
    assert wie.client.post(TAB, files=delen, headers={"Origin": ADRES}).status_code == 403
    assert aantal(inhoud) == 0


@pytest.mark.parametrize(
    "lichaam",
    [
        b"",
        b"geen formulier",
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n' + VELDEN * b"0" + b"0\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="bestand"; filename="v"\r\n\r\n0014',  # never ended
    ],
)
def test_what_is_no_form_leaves_nothing_behind(als: Als, inhoud: Opslag, lichaam: bytes) -> None:
    koppen = {"Origin": ADRES, "Content-Type": "multipart/form-data; boundary=x"}
    assert als(ANNA).client.post(TAB, content=lichaam, headers=koppen).status_code in (400, 403)
    assert aantal(inhoud) == 0


def test_who_works_for_more_organisations_chooses_one_first(als: Als, inhoud: Opslag) -> None:
    bram = als(BRAM)
    antwoord = stuur(bram, GOED)
    assert (antwoord.status_code, "Kies eerst de organisatie" in tekst(antwoord)) == (422, True)
    # The page in another tab was made for Alfa: what is sent there is for Alfa, whatever was chosen since.
    bram.kies(BETA)
    assert stuur(bram, GOED, organisatie=ALFA).status_code == 303
    assert stuur(bram, GOED, organisatie="Gemeente Elders").status_code == 404
    assert [rij[0] for rij in tabel(bram.haal(TAB), "Uw aanleveringen")] == [
        "vraag.csv"
    ]  # of Beta, ronde 2026-10
    with inhoud.database.reading() as sessie:
        assert [lev.organisatie.naam for lev in find_leveringen(sessie, ronde="2026-11")] == [ALFA]


def test_who_is_not_registered_hears_what_to_do(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    meld_af(inhoud, ALFA, BB, per=day_of(inhoud.klok()))
    antwoord = stuur(anna, GOED)
    assert (antwoord.status_code, aantal(inhoud)) == (422, 0)
    assert "Stuur het mutatieformulier in" in tekst(antwoord)
    pagina = anna.haal(TAB)
    assert "niet aangemeld voor Bijzondere Bijstand" in tekst(pagina)
    assert not html.fromstring(pagina.text).xpath("//input[@type='file']")


# -- over a real connection ------------------------------------------------------------------------------------


@pytest.fixture
def verbinding(portaal: FastAPI) -> Iterator[Callable[[], http.client.HTTPConnection]]:
    """Connections to the portal as a process of its own would have them."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(portaal, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    draad = threading.Thread(target=server.run, daemon=True)
    draad.start()
    while not server.started:
        assert draad.is_alive()
        draad.join(0.01)
    poort = server.servers[0].sockets[0].getsockname()[1]
    yield lambda: http.client.HTTPConnection("127.0.0.1", poort, timeout=30)
    server.should_exit = True
    draad.join(10)


def _begin(wie: Bezoeker, verbinding: http.client.HTTPConnection, token: str, deel: bytes) -> None:
    """Send the beginning of a form, in pieces of unknown number."""
    kop = (
        f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="bestand"; filename="vraag.csv"\r\n\r\n'
    )
    verbinding.putrequest("POST", TAB)
    verbinding.putheader("Content-Type", "multipart/form-data; boundary=x")
    verbinding.putheader("Transfer-Encoding", "chunked")
    verbinding.putheader("Origin", f"http://127.0.0.1:{verbinding.port}")
    verbinding.putheader("Cookie", f"{SETTINGS.cookie}={wie.client.cookies[SETTINGS.cookie]}")
    verbinding.endheaders()
    for stuk in (kop.encode(), deel):
        verbinding.send(b"%x\r\n%s\r\n" % (len(stuk), stuk))


@pytest.mark.parametrize(
    ("token", "deel", "status"),
    [("vals", GOED, 403), (None, GOED + (GRENS + 1) * b"0", 413), (None, b"%PDF-1.7" + 5000 * b" ", 422)],
)
def test_who_is_refused_hears_it_while_still_sending(
    als: Als, inhoud: Opslag, verbinding: Callable, token: str | None, deel: bytes, status: int
) -> None:
    anna = als(ANNA)
    lijn = verbinding()
    _begin(anna, lijn, token or anna.csrf(), deel)
    antwoord = lijn.getresponse()  # the body was not ended
    assert (antwoord.status, antwoord.headers["connection"]) == (status, "close")
    lijn.close()
    assert aantal(inhoud) == 0


def test_a_browser_that_leaves_half_way_leaves_nothing_behind(
    als: Als, inhoud: Opslag, verbinding: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from include.portaal.paginas import aanleveren

    gestopt = threading.Event()
    echte = aanleveren.lever_aan

    def gevolgd(*argumenten: object, **opties: object) -> object:
        try:
            return echte(*argumenten, **opties)  # type: ignore[arg-type]
        finally:
            gestopt.set()

    monkeypatch.setattr(aanleveren, "lever_aan", gevolgd)
    voor = bewaard(inhoud)
    anna = als(ANNA)
    lijn = verbinding()
    _begin(anna, lijn, anna.csrf(), 300_000 * b"0")
    lijn.close()
    assert gestopt.wait(30)
    assert (aantal(inhoud), bewaard(inhoud)) == (0, voor)


# -- the pages ---------------------------------------------------------------------------------------------------


def test_a_file_is_followed_and_its_verslag_read(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    pad = stuur(anna, GOED + SLECHT + b"0014;J;;=1+1;;;;;;\r\n", "Vraag élf.csv").headers["location"]
    bezig = anna.haal(pad)
    assert "Procesvoortgang" in tekst(bezig)
    assert f'data-volg="{pad}/voortgang"' in anna.haal(f"{pad}/voortgang").text
    assert anna.haal(f"{pad}/csv").status_code == 404  # not yet

    Oordelaar(inhoud).werk_af()

    assert "data-klaar" in anna.haal(f"{pad}/voortgang").text
    pagina = anna.haal(pad)
    # 5 November 2026 is before 26 November; the report is there by the end of the month after.
    assert "Dit bestand telt mee voor de ronde van november 2026" in tekst(pagina)
    assert "uiterlijk op 31 december 2026" in tekst(pagina)
    assert "2 rijen zijn afgekeurd en komen niet in het rapport" in tekst(pagina)
    assert "deels incorrect" in tekst(pagina)
    assert [(rij[0], rij[1], rij[3], rij[4]) for rij in tabel(pagina, "Fouten per soort")] == [
        ("V052", "D (Aanvrager BSN)", "1", "3"),
        ("V053", "D (Aanvrager BSN)", "1", "2"),
    ]
    assert [(rij[0], rij[2], rij[4]) for rij in tabel(pagina, "Rijen met een fout")] == [
        ("2", "V053", "123456789"),
        ("3", "V052", "'=1+1"),
    ]
    assert len(tabel(anna.haal(pad, code="V053"), "Rijen met een fout")) == 1
    [rij] = [rij for rij in tabel(anna.haal(TAB), "Uw aanleveringen") if rij[0] == "Vraag élf.csv"]
    assert rij[1:] == [
        "5 november 2026, 10:00", "Anna de Vries", "november 2026", "deels incorrect", "3", "2", "ja", "31 maart 2027",
    ]  # fmt: skip

    for achter, naam, handeling in (
        ("csv", "verwerkingsverslag-2026-11-1.csv", "verslag-ophalen"),
        ("bestand", "Vraag%20%C3%A9lf-met-fouten.csv", "vraagbestand-ophalen"),
    ):
        antwoord = anna.haal(f"{pad}/{achter}")
        assert antwoord.headers["cache-control"] == "no-store"
        assert antwoord.headers["content-disposition"] == f"attachment; filename*=UTF-8''{naam}"
        assert antwoord.content.startswith(b"\xef\xbb\xbf")
        [regel] = laatste_regels(inhoud, organisatie=ALFA, handeling=handeling, aantal=1)
        assert regel.uitvoerder.startswith("gebruiker:")


def test_what_replaces_what_is_told_in_plain_sentences(als: Als, inhoud: Opslag, klok: Klok) -> None:
    anna = als(ANNA)
    paden = []
    for naam, bytes_ in (("een.csv", GOED), ("twee.csv", GOED + SLECHT), ("drie.csv", SLECHT)):
        paden.append(stuur(anna, bytes_, naam).headers["location"])
        Oordelaar(inhoud).werk_af()
        klok.verder(minutes=1)
    een, twee, drie = (tekst(anna.haal(pad)) for pad in paden)
    assert "telt niet meer mee voor de ronde van november 2026: het is vervangen door twee.csv" in een
    assert "Het vervangt wat u eerder voor deze ronde aanleverde: een.csv" in twee
    assert "1 rij is afgekeurd en komt niet in het rapport" in twee
    assert "telt niet mee voor de ronde van november 2026: er is geen enkele bruikbare rij" in drie
    assert "lever het opnieuw aan vóór 26 november 2026" in drie
    assert "Het vervangt een.csv en twee.csv niet" in drie
    assert [rij[7] for rij in tabel(anna.haal(TAB), "Uw aanleveringen")][:3] == [
        "nee, afgekeurd", "ja", "nee, vervangen door twee.csv",
    ]  # fmt: skip


def test_the_same_bytes_again_are_said_to_be_there_already(als: Als, inhoud: Opslag) -> None:
    anna = als(ANNA)
    eerste, tweede = (stuur(anna, GOED).headers["location"] for _ in range(2))
    assert tweede == f"{eerste}?gedaan=al-ingeleverd"
    assert aantal(inhoud) == 1
    assert "al precies zo aangeleverd" in tekst(anna.haal(eerste, gedaan="al-ingeleverd"))


def test_the_tab_says_what_a_file_counts_for_and_what_is_accepted(als: Als) -> None:
    pagina = als(ANNA).haal(TAB)
    assert "tot en met 25 november 2026 telt mee voor de ronde van november 2026" in tekst(pagina)
    assert "hoogstens 1,0 MB" in tekst(pagina)
    vorm = html.fromstring(pagina.text).xpath("//form[@data-voortgang]")[0]
    assert re.fullmatch(r"Selecteer bestand.*Verstuur aanlevering", " ".join(vorm.text_content().split()))
