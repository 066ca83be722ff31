"""The page in Chromium: what it shows, by mouse, keyboard and screen reader, in light and dark."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from chromium import Page
from kijken import AGAIN, READY, click, focused, rows, text, tile
from site_rondes import Site, run
from sqlalchemy import select
from voorbeeld import EERDER, KLAAR, NU, ORGANISATIES, RONDE, RUN, TOESTANDEN, taak, taken, vul_groot

from include.storage.database import Database
from include.storage.models import Organisatie, RondeRow
from include.storage.rondes import refuse

pytestmark = pytest.mark.slow

# -- what is shown -------------------------------------------------------------------------------------------


def test_every_organisation_has_a_line_with_all_that_is_known(rondes: Page) -> None:
    lines = rows(rondes)

    assert list(lines) == list(ORGANISATIES)
    # stage, verslag, read, accepted, rejected, errors, publication, removal, mail, task
    assert lines["Almere"][1:5] == ["correct", "10", "10", "0"]
    assert "Published" in lines["Almere"][0]
    assert lines["Almere"][6].split("\n") == ["version 2 10 rows", "2026-10-14 11:00"]  # 09:00 UTC
    assert lines["Almere"][7:9] == ["2027-01-12", "1 sent\n1 opted out"]
    assert lines["Borne"][1:5] == ["deels incorrect", "8", "6", "2"]
    assert lines["Borne"][5].split("\n") == ["V041 2", "V052 1"]
    assert lines["Borne"][0].split("\n")[-1] == "3/11"
    assert "Afgekeurd" in lines["Cuijk"][0]
    assert "Failed: uwv_ophalen" in lines["Delft"][0]
    assert "1 in doubt" in lines["Ede"][8]
    assert "1 to send" in lines["Ede"][8]
    assert lines["Fryslân"][1] == "not judged yet"
    assert rondes.problems == []


def test_the_facts_of_the_ronde_and_its_progress_are_on_top(rondes: Page) -> None:
    assert text(rondes, "#feiten").split("\n") == [
        *("Deelnamedatum", "2026-09-26", "Reports due", "2026-10-31", "Opened", "2026-10-01 12:00"),
        *("Run", "running"),
    ]
    # Almere, Cuijk and Ede.
    assert text(rondes, "#meterlabel") == "3 of 6 organisations done, 1 failed"
    assert rondes.js("document.getElementById('meter').value") == 3
    assert [line.strip() for line in text(rondes, "#tegels").split("\n") if line.strip()] == [
        "6 In all",
        "2 Need attention",  # Delft failed; a mail of Ede is in doubt
        "2 In progress",  # Borne and Fryslân
        "2 Published",
        "1 Afgekeurd",
        "1 Mail in doubt",
    ]


def test_what_failed_is_named_on_top_with_a_link_to_its_task(rondes: Page, site: Site) -> None:
    assert text(rondes, "#aandacht").startswith("Delft: failed in uwv_ophalen")
    # Delft is the fourth: map index 3.
    expected = (
        f"{site.url}/dags/bijzondere_bijstand/runs/{quote(RUN, safe='')}/tasks/toetsing.uwv_ophalen/mapped/3"
    )
    links = rondes.js("[...document.querySelectorAll('a[href*=uwv_ophalen]')].map((link) => link.href)")
    assert links.count(expected) == 2


def test_a_refused_publication_says_who_why_and_what_to_do(
    page: Page, site: Site, database: Database
) -> None:
    with database.transaction() as sessie:
        delft = sessie.scalars(select(Organisatie).where(Organisatie.naam == "Delft")).one()
        refuse(sessie, RONDE, delft, door="ops", reden="Inkomen: 45% J", nu=NU)
    site.tasks = taken(TOESTANDEN)
    page.open(f"{site.page}?periode={RONDE}")
    page.wait(READY)
    # 10:00 UTC is 12:00 in Amsterdam.
    assert text(page, "#aandacht").startswith(
        "Delft: Turned down by ops on 2026-10-14 12:00 (Inkomen: 45% J): mend the cause and start a new run of the "
        "ronde: uwv_ophalen"
    )


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
    assert "intake" in text(rondes, "#duren")


def test_durations_are_drawn_over_rondes_when_summaries_have_them(
    page: Page, site: Site, database: Database
) -> None:
    with database.transaction() as sessie:
        for ronde, seconds in (("2026-07", 60), ("2026-08", 90), (RONDE, 30)):
            samenvatting = {"duren": {"toetsing.uwv_ophalen": {"mediaan": seconds}}}
            vorige = sessie.get(RondeRow, ronde) or RondeRow(
                ronde=ronde, deelnamedatum=date.fromisoformat(f"{ronde}-26"), run=RUN, geopend_op=NU
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

    assert text(rondes, "#uitkomsten tbody tr").split("\t")[-3:] == ["2", "2", "0"]
    assert text(rondes, "#grafiekbereik") == "of the 1 organisation shown below"
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

    assert list(rows(rondes)) == found
    assert text(rondes, "#getoond") == f"{len(found)} of 6 shown"
    if not found:
        click(rondes, "#wis")
        assert len(rows(rondes)) == 6


def test_a_tile_filters_and_a_reload_comes_back_to_it(rondes: Page) -> None:
    tile(rondes, "attention")
    assert list(rows(rondes)) == ["Delft", "Ede"]
    assert rondes.js("document.querySelector('[data-tile=attention]').ariaPressed") == "true"

    rondes.js("location.reload()")
    rondes.wait(f"!window.gone && {READY}")
    assert list(rows(rondes)) == ["Delft", "Ede"]


def test_columns_sort_up_and_down(rondes: Page) -> None:
    header = "th[data-column=gelezen]"
    click(rondes, f"{header} button")
    assert list(rows(rondes)) == ["Fryslân", "Cuijk", "Ede", "Delft", "Borne", "Almere"]
    assert rondes.js(f"document.querySelector('{header}').ariaSort") == "ascending"

    click(rondes, f"{header} button")
    assert next(iter(rows(rondes))) == "Almere"
    assert rondes.js(f"document.querySelector('{header}').ariaSort") == "descending"
    assert rondes.js("document.querySelectorAll('[aria-sort]').length") == 1


def test_sorting_by_stage_puts_what_failed_first(rondes: Page) -> None:
    click(rondes, "th[data-column=stage] button")

    assert list(rows(rondes)) == ["Delft", "Fryslân", "Borne", "Cuijk", "Almere", "Ede"]


# -- while it runs -------------------------------------------------------------------------------------------


def test_progress_is_shown_and_said_without_losing_the_place(rondes: Page, site: Site) -> None:
    assert text(rondes, "#omgeroepen") == "2026-09: 3 of 6 organisations done, 1 failed."
    rondes.js("document.querySelector('#tabel a[href*=uwv_ophalen]').focus()")
    before = focused(rondes)
    tile(rondes, "all")
    rondes.js("document.querySelector('#tabel a[href*=uwv_ophalen]').focus()")
    for task in site.tasks:
        if task["task_id"] == "toetsing.uwv_ophalen" and task["map_index"] == 3:
            task |= {"state": "success", "changed": True}
    site.tasks.append(taak("toetsing.regels_toetsen", 3, "Delft", "failed") | {"changed": True})
    site.runs = [run("failed")]
    rondes.js(AGAIN)

    rondes.wait("document.getElementById('omgeroepen').textContent.includes('the run is failed')")
    assert "Failed: regels_toetsen" in rows(rondes)["Delft"][0]
    assert before == "uwv_ophalen of Borne"
    # Borne's line did not change: the focus is where it was.
    assert focused(rondes) == before


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

    assert len(rows(page)) == 300
    assert text(page, "#meterlabel") == "300 of 300 organisations done"
    page.js("document.getElementById('zoek').focus()")
    page.type("299")
    assert list(rows(page)) == ["Gemeente 299"]


# -- one run, and the other product --------------------------------------------------------------------------


def test_the_tab_of_a_run_shows_what_that_run_published(page: Page, site: Site, database: Database) -> None:
    site.runs = [run(), run("success", dag_run_id=EERDER)]
    page.open(f"{site.page}?dag=bijzondere_bijstand&run={quote(EERDER)}")
    page.wait(READY)

    assert text(page, "h1") == "Ronde 2026-09 in this run"
    assert rows(page)["Almere"][6].startswith("version 1 (replaced)")
    assert rows(page)["Ede"][6] == ""
    assert page.js("document.getElementById('product').checkVisibility()") is False


def test_alleenverdieners_has_its_leveringen_and_gemeenten(
    page: Page, site: Site, database: Database
) -> None:
    page.open(f"{site.page}?dag=alleenverdieners")
    page.wait(READY)

    assert text(page, "#periodenaam") == "Levering"
    assert text(page, "#meterlabel") == "2 of 2 lists done"
    assert [row[0] for row in rows(page).values()] == ["0034", "0228"]
    assert text(page, "#feiten").split("\n")[-6:] == ["Rows read", "31", "Accepted", "30", "Rejected", "1"]
    assert "S022" in text(page, "#fouten")


def test_another_dag_has_no_rondes(page: Page, site: Site, database: Database) -> None:
    site.runs = [run(partition_key=None)]
    page.open(f"{site.page}?dag=bewaartermijn&run={quote(RUN)}")
    page.wait("document.getElementById('meldingen').innerText")

    assert text(page, "#meldingen").strip() == "The DAG bewaartermijn has no rondes."


def test_without_any_ronde_the_page_says_what_it_waits_for(page: Page, site: Site, leeg: Database) -> None:
    page.open(site.page)
    page.wait("!document.getElementById('leeg').hidden")

    assert text(page, "#leeg").startswith("There is no ronde yet.")
    assert page.problems == []


# -- what goes wrong -----------------------------------------------------------------------------------------


def test_without_the_right_to_task_instances_the_database_tells(
    page: Page, site: Site, database: Database
) -> None:
    site.refuses = {"/taskInstances": 403}
    page.open(site.page)
    page.wait(READY)

    assert "stages are from the database" in text(page, "#meldingen")
    stages = {name: row[0].split("\n")[-1] for name, row in rows(page).items()}
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

    assert words in text(page, "#meldingen")


def test_an_outage_leaves_what_was_read_and_recovers(rondes: Page, site: Site) -> None:
    site.refuses = {"/gegevens/": 503}
    rondes.js(AGAIN)
    rondes.wait("document.getElementById('meldingen').innerText.includes('it is tried again')")
    assert len(rows(rondes)) == 6

    site.refuses = {}
    rondes.js(AGAIN)
    rondes.wait("!document.getElementById('meldingen').innerText")
