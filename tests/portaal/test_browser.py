"""The portal in a real browser: every page, with and without JavaScript, wide and narrow, for everybody.

With SCHERMEN=1 the pictures in docs/schermen are made anew.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from include.mock_sources.draaien import mock_inlogdienst
from include.mock_sources.inlogdienst import Gebruiker
from include.portaal.app import maak_app
from include.portaal.oidc import oidc_settings
from include.portaal.settings import portal_settings
from include.steps.leveren import ontvang
from include.steps.verwerking import Opslag
from include.storage.levering_voortgang import await_judgement, claim_next
from tests.dags.wereld import ALFA, ARM, BETA, RIJK
from tests.portaal.browser import CHROMIUM, Window, chromium, serve
from tests.portaal.wereld import ANNA, BRAM, NAMEN, bevolk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="needs Chromium to look at the portal (Debian: apt-get install chromium)"
    ),
    pytest.mark.xdist_group("portal-browser"),
]
SCHERMEN = Path(__file__).resolve().parents[2] / "docs" / "schermen"
PAGINAS = {
    "dashboard": "/",
    "aanleveren": "/bijzondere-bijstand/aanleveren",
    "instellingen": "/bijzondere-bijstand/instellingen",
    "ophalen": "/bijzondere-bijstand/ophalen",
    "detailrapport": "/bijzondere-bijstand/detailrapport",
    "notificaties": "/bijzondere-bijstand/notificaties",
    "ophalen-alleenverdieners": "/alleenverdieners/ophalen",
    "notificaties-alleenverdieners": "/alleenverdieners/notificaties",
    "toegankelijkheid": "/toegankelijkheid",
    "privacy": "/privacy",
    "niet-gevonden": "/bestaat-niet",
    "uitgelogd": "/inloggen?reden=uitgelogd",
}
WINDOWS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "wide-without-js": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    "narrow-without-js": {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "forced-colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
}
FOUT_BESTAND = (
    "0014;J;;999900043;;;;;;\r\n0014;X;;999900018;;;;;;\r\n"  # a good row, and one without J or N
    "0014;J;99;12345;;;;;;\r\n9999;J;;999900055;;;;;;\r\n"
)

Open = Callable[..., Window]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not longer than this module: while it lives its thread has an event loop, and other tests start their own.
    with chromium() as een:
        yield een


@pytest.fixture
def adres(gepubliceerd: Opslag, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal with its people, and the development identity provider that they log in with."""
    bevolk(gepubliceerd)
    people = [Gebruiker(f"sub-{email}", naam, email) for email, naam in NAMEN.items()]
    port = _free_port()
    adres = f"http://127.0.0.1:{port}"
    with mock_inlogdienst(people) as provider:
        monkeypatch.setenv("BIDN_OIDC_ISSUER", provider.issuer)
        settings = replace(portal_settings(url=adres), max_upload=1024 * 1024)
        with serve(maak_app(gepubliceerd, settings, oidc_settings(settings)), port):
            yield adres


@pytest.fixture
def open_(browser: Browser, adres: str) -> Iterator[Open]:
    """Open a window as somebody, who logs in the way everybody does."""
    windows: list[Window] = []

    def nieuw(email: str | None = ANNA, **options: object) -> Window:
        context = browser.new_context(locale="nl-NL", base_url=adres, **options)
        windows.append(Window.of(context))
        page = windows[-1].page
        if email:
            page.goto("/")
            page.get_by_role("button", name=NAMEN[email]).click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
        return windows[-1]

    yield nieuw
    for window in windows:
        window.context.close()


def _upload(window: Window, inhoud: str, naam: str = "vraagbestand-november.csv") -> None:
    page = window.page
    page.goto("/bijzondere-bijstand/aanleveren")
    bestand = {"name": naam, "mimeType": "text/csv", "buffer": inhoud.encode()}
    page.get_by_label("Selecteer bestand").set_input_files(bestand)
    page.get_by_role("button", name="Verstuur aanlevering").click()
    page.wait_for_url("**/aanleveringen/*")


def _picture(window: Window, naam: str) -> None:
    if os.environ.get("SCHERMEN"):
        window.page.screenshot(path=SCHERMEN / f"portaal_{naam}.png", full_page=True)


@pytest.mark.parametrize("soort", WINDOWS)
def test_every_page_can_be_read_by_everybody(open_: Open, soort: str) -> None:
    window = open_(BRAM, **WINDOWS[soort])
    script = WINDOWS[soort].get("java_script_enabled", True)
    for naam, pad in PAGINAS.items():
        window.page.goto(pad)
        assert window.page.title().strip(), naam
        if script:
            assert (naam, window.violations()) == (naam, [])
            assert (naam, window.overflow()) == (naam, [])
            assert (naam, window.broken_words()) == (naam, [])
        if soort in ("wide", "narrow"):
            _picture(window, naam if soort == "wide" else f"{naam}_{soort}")
    assert [klacht for klacht in window.complaints if "404" not in klacht] == []


@pytest.mark.parametrize("soort", ["wide", "narrow", "wide-without-js"])
def test_a_municipality_hands_in_a_file_and_mends_it(open_: Open, soort: str) -> None:
    window = open_(ANNA, **WINDOWS[soort])
    page = window.page

    _upload(window, FOUT_BESTAND)

    if soort == "wide-without-js":
        page.wait_for_timeout(500)
        page.reload()
    verslag = page.get_by_role("main")
    expect(verslag).to_contain_text("deels incorrect", timeout=15_000)
    expect(verslag).to_contain_text("vraagbestand-november.csv")
    expect(verslag).to_contain_text("november 2026")
    with page.expect_download() as gehaald:
        page.get_by_role("link", name=re.compile("CSV|csv")).first.click()
    assert "Foutcode" in Path(gehaald.value.path()).read_text(encoding="utf-8-sig")
    if soort != "wide-without-js":
        assert window.violations() == []
        assert window.overflow() == []
    _picture(window, f"verwerkingsverslag_{soort}")

    _upload(window, "0014;J;;999900043;;;;;;\r\n", naam="verbeterd.csv")
    if soort == "wide-without-js":
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("main")).to_contain_text("correct", timeout=15_000)
    page.goto("/bijzondere-bijstand/aanleveren")

    def rij(naam: str) -> Locator:
        return page.get_by_role("table").get_by_role("row").filter(has=page.get_by_role("link", name=naam))

    expect(rij("verbeterd.csv")).to_contain_text("correct")
    expect(rij("vraagbestand-november.csv")).to_contain_text("vervangen")
    _picture(window, f"aanleveren-gevuld_{soort}")


@pytest.mark.parametrize("soort", ["wide", "narrow"])
def test_while_another_portal_judges_a_file_its_progress_shows(
    open_: Open, gepubliceerd: Opslag, soort: str
) -> None:
    inhoud, nu = FOUT_BESTAND.encode(), gepubliceerd.klok()
    levering = ontvang(
        gepubliceerd, organisatie=ALFA, bestandsnaam="november.csv", inhoud=inhoud, ontvangen=nu
    ).levering
    with gepubliceerd.database.transaction() as sessie:
        await_judgement(sessie, levering.id, nu=nu)
    assert claim_next(gepubliceerd.database, "elders", nu=nu) == levering.id

    window = open_(ANNA, **WINDOWS[soort])
    window.page.goto(f"/bijzondere-bijstand/aanleveringen/{levering.id}")

    expect(window.page.get_by_role("heading", name="Procesvoortgang")).to_be_visible()
    expect(window.page.get_by_role("main")).to_contain_text("Uw bestand is veilig ontvangen")
    assert (window.violations(), window.overflow()) == ([], [])
    _picture(window, "procesvoortgang" if soort == "wide" else f"procesvoortgang_{soort}")


def test_an_empty_upload_is_told_by_the_field(open_: Open) -> None:
    window = open_(ANNA, **WINDOWS["wide"])
    window.page.goto("/bijzondere-bijstand/aanleveren")
    window.page.get_by_role("button", name="Verstuur aanlevering").click()
    expect(window.page.get_by_role("main")).to_contain_text(re.compile("[Kk]ies|[Ss]electeer"))
    assert window.violations() == []
    _picture(window, "aanleveren-fout")


@pytest.mark.parametrize("soort", ["wide", "narrow", "wide-without-js"])
def test_reports_are_fetched_and_looked_into(open_: Open, soort: str) -> None:
    window = open_(ANNA, **WINDOWS[soort])
    page = window.page
    page.get_by_role("link", name="Bijzondere Bijstand").first.click()
    page.get_by_role("link", name="Ophalen", exact=True).first.click()
    with page.expect_download() as gehaald:
        page.get_by_role("link", name=re.compile("overzicht_v1.csv")).click()
    assert ARM in Path(gehaald.value.path()).read_text(encoding="utf-8-sig")
    page.reload()
    page.get_by_text("Samenvatting van deze rapportage").click()
    _picture(window, f"ophalen-samenvatting_{soort}")

    page.get_by_role("link", name="Detailrapport").click()
    page.get_by_label("BSN van de aanvrager").fill(RIJK)
    page.get_by_role("button", name="Zoeken").click()
    expect(page.get_by_role("main")).to_contain_text("Wij kunnen niet automatisch vaststellen")
    assert RIJK not in page.url
    assert RIJK not in page.title()
    if soort != "wide-without-js":
        assert window.violations() == []
        assert window.overflow() == []
    _picture(window, f"detailrapport-gevonden_{soort}")


def test_a_detail_report_prints_on_one_page(open_: Open) -> None:
    window = open_(ANNA, **WINDOWS["wide"])
    window.page.goto("/bijzondere-bijstand/detailrapport")
    window.page.get_by_label("BSN van de aanvrager").fill(ARM)
    window.page.get_by_role("button", name="Zoeken").click()
    pdf = window.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1


def test_settings_and_mails_are_chosen(open_: Open) -> None:
    window = open_(ANNA, **WINDOWS["wide"])
    page = window.page
    page.goto("/bijzondere-bijstand/instellingen")
    page.get_by_role("group", name="Toets op vermogen uitvoeren").get_by_label("Ja").check()
    page.get_by_label("Normpercentage inkomen").fill("1")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator("[data-foutoverzicht]")).to_be_focused()
    expect(page.get_by_label("Normpercentage inkomen")).to_have_attribute("aria-invalid", "true")
    assert window.violations() == []
    _picture(window, "instellingen-fout")
    page.get_by_label("Normpercentage inkomen").fill("110")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Uw wijziging is opgeslagen.")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("Anna de Vries")
    _picture(window, "instellingen-gewijzigd")

    page.goto("/bijzondere-bijstand/notificaties")
    page.get_by_label("Nee").check()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_label("Nee")).to_be_checked()


def test_the_choice_of_organisation_and_logging_out(open_: Open) -> None:
    window = open_(BRAM, **WINDOWS["wide"])
    page = window.page
    keuze = page.get_by_label("Organisatie", exact=True)
    assert "Alle organisaties" in keuze.inner_text()
    keuze.select_option(label=BETA)
    page.get_by_role("button", name="Kies").click()
    expect(page.get_by_role("main")).not_to_contain_text(ALFA)
    page.get_by_role("button", name="Uitloggen", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("uitgelogd")
    page.goto("/bijzondere-bijstand/ophalen")
    expect(page.get_by_role("main")).not_to_contain_text(BETA)


def test_everything_is_reached_by_keyboard_and_seen(open_: Open) -> None:
    window = open_(ANNA, **WINDOWS["wide"])
    page = window.page
    page.goto("/bijzondere-bijstand/instellingen")
    page.keyboard.press("Tab")
    assert "inhoud" in page.evaluate("document.activeElement.textContent").lower()
    names, unseen = [], []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(
            """() => { const a = document.activeElement, s = getComputedStyle(a);
              return [(a.innerText || a.name || a.value || '').trim(),
                a === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none'] }"""
        )
        names.append(name)
        if not seen:
            unseen.append(name)
    assert unseen == []
    for one in ("Uitloggen", "Bijzondere Bijstand", "Ophalen", "percentage", "Opslaan"):
        assert one in names, names


def test_in_forced_colours_the_current_tab_differs(open_: Open) -> None:
    window = open_(ANNA, **WINDOWS["forced-colours"])
    window.page.goto("/bijzondere-bijstand/ophalen")
    looks = window.page.evaluate(
        """() => { const look = (one) => { const s = getComputedStyle(one);
              return [s.borderBottomStyle, s.borderBottomWidth, s.borderBottomColor, s.textDecorationLine, s.fontWeight,
                      s.backgroundColor, s.color, s.outlineStyle].join() };
            const all = [...document.querySelectorAll('.bidn-tabs a')]
              .filter((a) => /^(Ophalen|Instellingen)$/.test(a.innerText.trim()));
            return all.map((a) => [a.innerText.trim(), a.getAttribute('aria-current'), look(a)]) }"""
    )
    tabs = {name: look for name, _, look in looks}
    assert [current for name, current, _ in looks if name == "Ophalen"][-1] == "page"
    assert tabs["Ophalen"] != tabs["Instellingen"]
