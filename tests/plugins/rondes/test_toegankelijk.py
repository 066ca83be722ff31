"""The page in Airflow's frame and theme, and for everybody: keyboard, screen reader, contrast."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import Page
from kijken import IN_FRAME, READY, focused, rows
from site_rondes import Site
from voorbeeld import ORGANISATIES, TOESTANDEN, taken

from include.storage.database import Database

pytestmark = pytest.mark.slow
AXE = Path(__file__).parents[2] / "portaal" / "derden" / "axe.min.js"

# -- inside Airflow ------------------------------------------------------------------------------------------


@pytest.fixture
def framed(page: Page, site: Site, database: Database) -> Page:
    """The page as Airflow shows it: in a frame that may not navigate."""
    site.tasks = taken(TOESTANDEN)
    page.open(f"{site.url}/outer?src=/bidn/rondes/")
    page.wait(f"{IN_FRAME}?.querySelector('#tabel tbody tr')")
    return page


def test_a_link_goes_to_airflow_and_out_of_the_frame(framed: Page, site: Site) -> None:
    framed.js(f"{IN_FRAME}.querySelector('#aandacht a').click()")

    framed.wait("location.pathname.startsWith('/dags/bijzondere_bijstand/runs/')")
    assert framed.js("location.pathname").endswith("/tasks/toetsing.uwv_ophalen/mapped/3")


def test_the_chosen_ronde_is_in_the_address_of_airflow_and_a_reload_comes_back_to_it(framed: Page) -> None:
    assert "periode=2026-09" in framed.js("location.search")
    framed.js(f"{IN_FRAME}.querySelector('[data-tile=afgekeurd]').click()")
    framed.js("location.reload()")
    framed.wait(f"{IN_FRAME}?.querySelector('[data-tile=afgekeurd][aria-pressed=true]')")
    assert "show=afgekeurd" in framed.js("location.search")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_falls_outside_its_card(page: Page, site: Site, database: Database, width: int) -> None:
    site.tasks = taken(TOESTANDEN)
    page.size(width, 900)
    page.open(site.page)
    page.wait(READY)
    assert page.js("document.documentElement.scrollWidth") <= width
    outside = (
        "[...document.querySelectorAll('.card:not([hidden])')].filter((card) => card.scrollWidth > card.clientWidth"
        " && getComputedStyle(card).overflowX === 'visible').map(({ id }) => id)"
    )
    assert page.js(outside) == []


def test_the_page_follows_the_theme_of_airflow(framed: Page) -> None:
    colours = f"(() => {{ const s = {IN_FRAME}.defaultView.getComputedStyle({IN_FRAME}.body);"
    colours += " return [s.backgroundColor, s.color] })()"
    assert framed.js(colours) == ["rgb(255, 255, 255)", "rgb(26, 32, 44)"]

    framed.js("document.documentElement.className = 'dark'")
    framed.wait(f"{IN_FRAME}.documentElement.dataset.theme === 'dark'")
    assert framed.js(colours) == ["rgb(16, 21, 31)", "rgb(240, 244, 250)"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_itself_the_page_follows_the_system(
    page: Page, site: Site, database: Database, scheme: str
) -> None:
    page.scheme(scheme)
    page.open(site.page)
    page.wait(READY)

    assert page.js("document.documentElement.dataset.theme") == scheme


# -- for everybody -------------------------------------------------------------------------------------------


def test_everything_can_be_reached_and_done_by_keyboard(rondes: Page) -> None:
    reached = []
    for _ in range(40):
        rondes.press("Tab")
        reached.append(focused(rondes))
    order = [
        "Skip to the organisations",
        "product",
        "periode",
        "6 In all",
        "zoek",
        "schuif",
        "Organisation",
    ]
    assert [reached.index(name) for name in order] == sorted(reached.index(name) for name in order)

    rondes.js("document.querySelector('[data-tile=afgekeurd]').focus()")
    rondes.press("Enter")
    assert list(rows(rondes)) == ["Cuijk"]
    assert rondes.js("document.activeElement.dataset.tile") == "afgekeurd"


def test_a_screen_reader_is_told_what_the_eye_sees(rondes: Page) -> None:
    assert {"Organisations", "Charts", "Rondes"} <= set(rondes.names("heading"))
    assert set(ORGANISATIES) <= set(rondes.names("rowheader"))
    assert "Verwerkingsverslag" in rondes.names("columnheader")
    assert rondes.names("progressbar") == ["3 of 6 organisations done, 1 failed"]
    # No two links to different tasks that sound the same.
    sounds = rondes.js(
        "[...document.querySelectorAll('main a')].map((link) => [link.textContent, link.href])"
    )
    assert len({text for text, _ in sounds}) == len({(text, href) for text, href in sounds})


CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const style = getComputedStyle(document.documentElement);
  const luminance = (name) => {
    canvas.fillStyle = style.getPropertyValue(name);
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
})()"""
TEXT = (
    "--fg",
    "--fg-muted",
    "--link",
    "--success",
    "--failed",
    "--running",
    "--retry",
    "--queued",
    "--skipped",
)
PAIRS = [
    *((text, ground, 4.5) for text in TEXT for ground in ("--bg", "--bg-subtle")),
    ("--on-accent", "--accent", 4.5),
]
BARS = [("--outcome-j", "--bg", 3.0), ("--outcome-n", "--bg", 3.0), ("--done", "--bg", 3.0)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_the_contrast_of_wcag_aa(
    page: Page, site: Site, database: Database, scheme: str
) -> None:
    page.scheme(scheme)
    page.open(site.page)
    page.wait(READY)
    pairs = [*PAIRS, *BARS]
    ratios = page.js(f"{json.dumps([pair[:2] for pair in pairs])}.map(([a, b]) => {CONTRAST}(a, b))")

    low = {pair[:2]: ratio for pair, ratio in zip(pairs, ratios, strict=True) if ratio < pair[2]}
    assert low == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, site: Site, database: Database, scheme: str) -> None:
    site.tasks = taken(TOESTANDEN)
    page.scheme(scheme)
    page.open(site.page)
    page.wait(READY)
    page.js(AXE.read_text(encoding="utf-8") + "; 0")
    violations = page.js("axe.run().then((found) => found.violations)")

    assert [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]]) for one in violations
    ] == []
