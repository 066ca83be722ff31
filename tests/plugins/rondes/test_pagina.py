"""The page in Chromium: what it shows, by mouse, keyboard and screen reader, in light and dark."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from chromium import Page
from site_rondes import Site, run
from voorbeeld import EERDER, KLAAR, NU, ORGANISATIES, RONDE, RUN, TOESTANDEN, taak, taken, vul_groot

from include.opslag.database import Database
from include.opslag.modellen import Ronde

pytestmark = pytest.mark.slow

READY = "document.querySelector('#tabel tbody tr') && document.getElementById('inhoud').ariaBusy === 'false'"
AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What the page does when it comes into sight: read again, at once."""
IN_FRAME = "document.querySelector('iframe').contentDocument"


@pytest.fixture
def rondes(page: Page, site: Site, database: Database) -> Page:
    """The page on the ronde of voorbeeld.py, while its run is at work."""
    site.tasks = taken(TOESTANDEN)
    page.open(site.page)
    page.wait(READY)
    return page


def _rows(page: Page) -> dict[str, list[str]]:
    """The cells of every line by organisation."""
    rows = page.js(
        "[...document.querySelectorAll('#tabel tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return {first: rest for first, *rest in rows}


def _text(page: Page, selector: str) -> str:
    return str(page.js(f"document.querySelector({json.dumps(selector)}).innerText"))


def _click(page: Page, selector: str) -> None:
    page.js(f"document.querySelector({json.dumps(selector)}).click()")


def _tile(page: Page, name: str) -> None:
    _click(page, f"[data-tile={name}]")


def _focused(page: Page) -> Any:
    return page.js("document.activeElement.id || document.activeElement.textContent.trim()")


# -- what is shown -------------------------------------------------------------------------------------------


def test_every_organisation_has_a_line_with_all_that_is_known(rondes: Page) -> None:
    rows = _rows(rondes)

    assert list(rows) == list(ORGANISATIES)
    # stage, verslag, read, accepted, rejected, errors, publication, removal, mail, task
    assert rows["Almere"][1:5] == ["correct", "10", "10", "0"]
    assert "Published" in rows["Almere"][0]
    assert rows["Almere"][6].split("\n") == ["version 2 10 rows", "2026-10-14 11:00"]  # 09:00 UTC
    assert rows["Almere"][7:9] == ["2027-01-12", "1 sent\n1 opted out"]
    assert rows["Borne"][1:5] == ["deels incorrect", "8", "6", "2"]
    assert rows["Borne"][5].split("\n") == ["V041 2", "V052 1"]
    assert rows["Borne"][0].split("\n")[-1] == "3/10"
    assert "Afgekeurd" in rows["Cuijk"][0]
    assert "Failed: uwv_ophalen" in rows["Delft"][0]
    assert "1 in doubt" in rows["Ede"][8]
    assert "1 to send" in rows["Ede"][8]
    assert rows["Fryslân"][1] == "not judged yet"
    assert rondes.problems == []


def test_the_facts_of_the_ronde_and_its_progress_are_on_top(rondes: Page) -> None:
    assert _text(rondes, "#feiten").split("\n") == [
        *("Deelnamedatum", "2026-09-26", "Reports due", "2026-10-31", "Opened", "2026-10-01 12:00"),
        *("Run", "running"),
    ]
    # Almere, Cuijk and Ede.
    assert _text(rondes, "#meterlabel") == "3 of 6 organisations done, 1 failed"
    assert rondes.js("document.getElementById('meter').value") == 3
    assert [tile.strip() for tile in _text(rondes, "#tegels").split("\n") if tile.strip()] == [
        "6 In all",
        "2 Need attention",  # Delft failed; a mail of Ede is in doubt
        "2 In progress",  # Borne and Fryslân
        "2 Published",
        "1 Afgekeurd",
        "1 Mail in doubt",
    ]


def test_what_failed_is_named_on_top_with_a_link_to_its_task(rondes: Page, site: Site) -> None:
    assert _text(rondes, "#aandacht").startswith("Delft: failed in uwv_ophalen")
    # Delft is the fourth: map index 3.
    expected = (
        f"{site.url}/dags/bijzondere_bijstand/runs/{quote(RUN, safe='')}/tasks/toetsing.uwv_ophalen/mapped/3"
    )
    links = rondes.js("[...document.querySelectorAll('a[href*=uwv_ophalen]')].map((link) => link.href)")
    assert links.count(expected) == 2


def test_charts_are_tables_of_the_same_figures(rondes: Page) -> None:
    # Almere's current version 4 J, 5 N, 1 Niet getoetst; Ede 2 J, 2 N.
    figures = rondes.js(
        "[...document.querySelectorAll('#uitkomsten tbody tr')].map((row) =>"
        " [row.cells[0].innerText, ...[...row.querySelectorAll('.numeric')].map((cell) => cell.innerText)])"
    )
    assert figures == [
        [toets, "6", "7", "1"] for toets in ("Eindoordeel", "Inkomen", "Vermogen", "Huishouden")
    ]
    # Borne V041 2 and V052 1, Cuijk V041 3.
    assert rondes.js(
        "[...document.querySelectorAll('#fouten tbody tr')].map(({ cells }) =>"
        " [cells[0].innerText, cells[2].innerText])"
    ) == [["V041", "5"], ["V052", "1"]]
    widths = rondes.js(
        "[...document.querySelectorAll('#fouten .chart-bar span')].map((bar) => bar.style.inlineSize)"
    )
    assert widths == ["100%", "20%"]
    assert "intake" in _text(rondes, "#duren")


def test_durations_are_drawn_over_rondes_when_summaries_have_them(
    page: Page, site: Site, database: Database
) -> None:
    with database.transactie() as sessie:
        for ronde, seconds in (("2026-07", 60), ("2026-08", 90), (RONDE, 30)):
            samenvatting = {"duren": {"toetsing.uwv_ophalen": {"mediaan": seconds}}}
            vorige = sessie.get(Ronde, ronde) or Ronde(
                ronde=ronde, deelnamedatum=date.fromisoformat(f"{ronde}-26"), geopend_op=NU
            )
            vorige.samenvatting = samenvatting
            sessie.add(vorige)
    site.tasks = taken(TOESTANDEN)
    page.open(f"{site.page}?periode={RONDE}")
    page.wait(READY)

    [trend] = page.js("[...document.querySelectorAll('.trend')].map((line) => line.ariaLabel)")
    assert trend == "2026-07: 60 s, 2026-08: 90 s, 2026-09: 30 s"


def test_charts_follow_the_filter(rondes: Page) -> None:
    rondes.js("document.getElementById('zoek').focus()")
    rondes.type("ede")

    assert _text(rondes, "#uitkomsten tbody tr").split("\t")[-3:] == ["2", "2", "0"]
    assert _text(rondes, "#grafiekbereik") == "of the 1 organisation shown below"
    assert rondes.js("document.getElementById('fouten').hidden")


# -- search, filter, sort ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fry", ["Fryslân"]),
        ("uwv_ophalen", ["Borne", "Delft"]),
        ("v041", ["Borne", "Cuijk"]),
        ("deels", ["Borne"]),
        ("v041 afgekeurd", ["Cuijk"]),
        ("nobody", []),
    ],
)
def test_search_finds_names_tasks_and_codes(rondes: Page, words: str, found: list[str]) -> None:
    rondes.js("document.getElementById('zoek').focus()")
    rondes.type(words)

    assert list(_rows(rondes)) == found
    assert _text(rondes, "#getoond") == f"{len(found)} of 6 shown"
    if not found:
        _click(rondes, "#wis")
        assert len(_rows(rondes)) == 6


def test_a_tile_filters_and_a_reload_comes_back_to_it(rondes: Page) -> None:
    _tile(rondes, "attention")
    assert list(_rows(rondes)) == ["Delft", "Ede"]
    assert rondes.js("document.querySelector('[data-tile=attention]').ariaPressed") == "true"

    rondes.js("location.reload()")
    rondes.wait(f"!window.gone && {READY}")
    assert list(_rows(rondes)) == ["Delft", "Ede"]


def test_columns_sort_up_and_down(rondes: Page) -> None:
    header = "th[data-column=gelezen]"
    _click(rondes, f"{header} button")
    assert list(_rows(rondes)) == ["Fryslân", "Cuijk", "Ede", "Delft", "Borne", "Almere"]
    assert rondes.js(f"document.querySelector('{header}').ariaSort") == "ascending"

    _click(rondes, f"{header} button")
    assert next(iter(_rows(rondes))) == "Almere"
    assert rondes.js(f"document.querySelector('{header}').ariaSort") == "descending"
    assert rondes.js("document.querySelectorAll('[aria-sort]').length") == 1


def test_sorting_by_stage_puts_what_failed_first(rondes: Page) -> None:
    _click(rondes, "th[data-column=stage] button")

    assert list(_rows(rondes)) == ["Delft", "Fryslân", "Borne", "Cuijk", "Almere", "Ede"]


# -- while it runs -------------------------------------------------------------------------------------------


def test_progress_is_shown_and_said_without_losing_the_place(rondes: Page, site: Site) -> None:
    assert _text(rondes, "#omgeroepen") == "2026-09: 3 of 6 organisations done, 1 failed."
    rondes.js("document.querySelector('#tabel a[href*=uwv_ophalen]').focus()")
    before = _focused(rondes)
    _tile(rondes, "all")
    rondes.js("document.querySelector('#tabel a[href*=uwv_ophalen]').focus()")
    for task in site.tasks:
        if task["task_id"] == "toetsing.uwv_ophalen" and task["map_index"] == 3:
            task |= {"state": "success", "changed": True}
    site.tasks.append(taak("toetsing.regels_toetsen", 3, "Delft", "failed") | {"changed": True})
    site.runs = [run("failed")]
    rondes.js(AGAIN)

    rondes.wait("document.getElementById('omgeroepen').textContent.includes('the run is failed')")
    assert "Failed: regels_toetsen" in _rows(rondes)["Delft"][0]
    assert before == "uwv_ophalen of Borne"
    # Borne's line did not change: the focus is where it was.
    assert _focused(rondes) == before


def test_only_what_changed_is_read_again(page: Page, site: Site, leeg: Database) -> None:
    vul_groot(leeg, 30)
    site.tasks = taken({f"Gemeente {number:03d}": KLAAR for number in range(30)})
    page.open(site.page)
    page.wait(READY)
    # 30 organisations of 10 tasks, and two others: four pages of at most 100.
    assert sorted(question["offset"] for question in site.asked) == [0, 100, 200, 300]
    assert {question["since"] for question in site.asked} == {None}

    site.asked.clear()
    page.js(AGAIN)
    page.wait(
        "performance.getEntriesByType('resource').filter((e) => e.name.includes('taskInst')).length > 4"
    )
    [question] = site.asked
    assert question["since"] is not None


def test_three_hundred_organisations_have_a_line_each(page: Page, site: Site, leeg: Database) -> None:
    vul_groot(leeg, 300)
    site.tasks = taken({f"Gemeente {number:03d}": KLAAR for number in range(300)})
    site.runs = [run("success")]
    page.open(site.page)
    page.wait(READY)

    assert len(_rows(page)) == 300
    assert _text(page, "#meterlabel") == "300 of 300 organisations done"
    page.js("document.getElementById('zoek').focus()")
    page.type("299")
    assert list(_rows(page)) == ["Gemeente 299"]


# -- one run, and the other product --------------------------------------------------------------------------


def test_the_tab_of_a_run_shows_what_that_run_published(page: Page, site: Site, database: Database) -> None:
    site.runs = [run(), run("success", dag_run_id=EERDER)]
    page.open(f"{site.page}?dag=bijzondere_bijstand&run={quote(EERDER)}")
    page.wait(READY)

    assert _text(page, "h1") == "Ronde 2026-09 in this run"
    assert _rows(page)["Almere"][6].startswith("version 1 (replaced)")
    assert _rows(page)["Ede"][6] == ""
    assert page.js("document.getElementById('product').checkVisibility()") is False


def test_alleenverdieners_has_its_leveringen_and_gemeenten(
    page: Page, site: Site, database: Database
) -> None:
    page.open(f"{site.page}?dag=alleenverdieners")
    page.wait(READY)

    assert _text(page, "#periodenaam") == "Levering"
    assert _text(page, "#meterlabel") == "2 of 2 lists done"
    assert [row[0] for row in _rows(page).values()] == ["0034", "0228"]
    assert _text(page, "#feiten").split("\n")[-6:] == ["Rows read", "31", "Accepted", "30", "Rejected", "1"]
    assert "S022" in _text(page, "#fouten")


def test_another_dag_has_no_rondes(page: Page, site: Site, database: Database) -> None:
    site.runs = [run(partition_key=None)]
    page.open(f"{site.page}?dag=bewaartermijn&run={quote(RUN)}")
    page.wait("document.getElementById('meldingen').innerText")

    assert _text(page, "#meldingen").strip() == "The DAG bewaartermijn has no rondes."


def test_without_any_ronde_the_page_says_what_it_waits_for(page: Page, site: Site, leeg: Database) -> None:
    page.open(site.page)
    page.wait("!document.getElementById('leeg').hidden")

    assert _text(page, "#leeg").startswith("There is no ronde yet.")
    assert page.problems == []


# -- what goes wrong -----------------------------------------------------------------------------------------


def test_without_the_right_to_task_instances_the_database_tells(
    page: Page, site: Site, database: Database
) -> None:
    site.refuses = {"/taskInstances": 403}
    page.open(site.page)
    page.wait(READY)

    assert "stages are from the database" in _text(page, "#meldingen")
    stages = {name: row[0].split("\n")[-1] for name, row in _rows(page).items()}
    assert stages["Almere"] == "Published"
    assert stages["Borne"] == "Open"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Your session has ended. Log in again"),
        (403, "You may not read the runs of the DAG bijzondere_bijstand."),
        (503, "refused"),
    ],
)
def test_a_refusal_is_told(page: Page, site: Site, database: Database, status: int, words: str) -> None:
    site.refuses = {"/gegevens/": status}
    page.open(site.page)
    page.wait("document.getElementById('meldingen').innerText")

    assert words in _text(page, "#meldingen")


def test_an_outage_leaves_what_was_read_and_recovers(rondes: Page, site: Site) -> None:
    site.refuses = {"/gegevens/": 503}
    rondes.js(AGAIN)
    rondes.wait("document.getElementById('meldingen').innerText.includes('it is tried again')")
    assert len(_rows(rondes)) == 6

    site.refuses = {}
    rondes.js(AGAIN)
    rondes.wait("!document.getElementById('meldingen').innerText")


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
        reached.append(_focused(rondes))
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
    assert list(_rows(rondes)) == ["Cuijk"]
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
    axe = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
    if not axe.is_file():
        pytest.skip("needs axe-core: npm install --no-save axe-core, or AXE_CORE=path/to/axe.min.js")
    site.tasks = taken(TOESTANDEN)
    page.scheme(scheme)
    page.open(site.page)
    page.wait(READY)
    page.js(axe.read_text(encoding="utf-8") + "; 0")
    violations = page.js("axe.run().then((found) => found.violations)")

    assert [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]]) for one in violations
    ] == []
