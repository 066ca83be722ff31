"""How far an organisation is, as the page works it out from the states of its tasks: run in Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chromium import Page
from site_rondes import Site
from voorbeeld import KLAAR, STAPPEN, TOESTANDEN, taak, taken

pytestmark = pytest.mark.slow

VORM = {"groep": "toetsing", "stappen": STAPPEN}
AVD = {"groep": "verdeling", "stappen": ["verdeling.lijsten_maken", "verdeling.publiceren"]}


def _call(page: Page, function: str, *arguments: Any) -> Any:
    """Call a function of stand.js; Maps come back as lists of pairs."""
    given = ", ".join(json.dumps(argument) for argument in arguments)
    return page.js(
        "import('/bidn/rondes/pagina/stand.js').then((m) => {"
        " const plain = (v) => v instanceof Map ? [...v].map(([k, w]) => [k, plain(w)]) : v;"
        f" return plain(m.{function}({given})); }})"
    )


def _stage(
    page: Page, states: dict[str, str | None], status: str | None, *, active: bool
) -> tuple[str, str, int]:
    """The stage of an organisation whose tasks are in these states."""
    stage = page.js(
        "import('/bidn/rondes/pagina/stand.js').then((m) => {"
        f" const tasks = m.perOrganisatie({json.dumps(taken({'Almere': states}))}, {json.dumps(VORM)}, '2026-09');"
        f" const given = {json.dumps([STAPPEN, status, active])};"
        " return m.stage(tasks.get('Almere') ?? null, ...given); })"
    )
    return stage["soort"], stage["text"], stage["done"]


@pytest.fixture
def module(page: Page, site: Site) -> Page:
    page.open(f"{site.url}/dags/nothing")
    page.wait("document.readyState === 'complete' && location.pathname.startsWith('/dags')")
    return page


def _only(**states: str | None) -> dict[str, str | None]:
    """Intake done, and the tasks named in these states; the others have none yet."""
    named = {f"toetsing.{name}": state for name, state in states.items()}
    return {**dict.fromkeys(STAPPEN), "intake": "success", **named}


# (what is the case, states of the tasks, status in the database) -> (stage, words, tasks done)
STAGES = [
    ("nothing known", {}, "open", ("open", "Open", 0)),
    ("delivered", {}, "aangeleverd", ("delivered", "Delivered, waits for the ronde", 0)),
    ("published long ago", {}, "gepubliceerd", ("published", "Published", 0)),
    ("all done", KLAAR, "gepubliceerd", ("published", "Published", 10)),
    ("intake", {"intake": "running"}, None, ("running", "intake", 0)),
    ("waits for the other intakes", {"intake": "success"}, "open", ("waiting", "Waiting for the others", 1)),
    ("waits for its first task", _only(), "open", ("waiting", "Waiting: huishouden_brp", 1)),
    (
        "in a pool",
        _only(huishouden_brp="queued"),
        "open",
        ("waiting", "Queued: huishouden_brp", 1),
    ),
    (
        "two sources",
        TOESTANDEN["Borne"],
        "open",
        ("running", "uwv_ophalen, belastingdienst_ophalen, rdw_ophalen", 3),
    ),
    (
        "a source is away",
        _only(huishouden_brp="up_for_retry"),
        "open",
        ("retry", "Will be tried again: huishouden_brp", 1),
    ),
    (
        "a human is asked",
        {**KLAAR, "toetsing.publiceren": "awaiting_input", "toetsing.notificeren": None},
        "open",
        ("input", "Waits for an answer: publiceren", 8),
    ),
    ("one failed, two went well", TOESTANDEN["Delft"], "open", ("failed", "Failed: uwv_ophalen", 5)),
    (
        "failed counts for more than what still runs",
        _only(huishouden_brp="success", uwv_ophalen="failed", rdw_ophalen="running"),
        "open",
        ("failed", "Failed: uwv_ophalen", 2),
    ),
    (
        "stopped by the ronde itself",
        {"intake": "success", **dict.fromkeys(STAPPEN[1:], "upstream_failed")},
        "open",
        ("failed", "Stopped by a failure before its first task", 1),
    ),
    (
        "not one valid row",
        TOESTANDEN["Cuijk"],
        "afgekeurd",
        ("afgekeurd", "Afgekeurd: no valid row, no reports", 10),
    ),
    (
        "given up by hand",
        {"intake": "success", **dict.fromkeys(STAPPEN[1:], "skipped")},
        "open",
        ("open", "Skipped in this run, not published", 10),
    ),
    (
        "published, and the mail server is away",
        {**KLAAR, "toetsing.notificeren": "up_for_retry"},
        "gepubliceerd",
        ("retry", "Will be tried again: notificeren", 9),
    ),
]


@pytest.mark.parametrize(
    ("states", "status", "expected"), [row[1:] for row in STAGES], ids=[r[0] for r in STAGES]
)
def test_stage(
    module: Page, states: dict[str, str | None], status: str | None, expected: tuple[str, str, int]
) -> None:
    assert _stage(module, states, status, active=True) == expected


@pytest.mark.parametrize(
    ("states", "status", "expected"),
    [
        ({"intake": "success"}, "open", ("failed", "Stopped: the run ended first")),
        (_only(huishouden_brp="success"), "open", ("failed", "Stopped: the run ended first")),
        (KLAAR, "gepubliceerd", ("published", "Published")),
        ({}, "aangeleverd", ("delivered", "Delivered, waits for the ronde")),
        ({}, "niet aangemeld", ("open", "Not registered on the deelnamedatum: not in the ronde")),
    ],
)
def test_nothing_waits_for_a_run_that_ended(
    module: Page, states: dict[str, str | None], status: str, expected: tuple[str, str]
) -> None:
    assert _stage(module, states, status, active=False)[:2] == expected


MAIL = {"verzonden": 0, "onzeker": 0, "wachtend": 0, "afgemeld": 0}
HIER = {"vervangen_op": None, "verwijderd_op": None}


@pytest.mark.parametrize(
    ("publicatie", "expected"),
    [
        (None, False),  # nothing to tell of
        ({**HIER, "mail": MAIL}, True),  # no productbeheerder at all
        ({**HIER, "mail": MAIL | {"afgemeld": 2}}, True),  # everybody opted out
        ({**HIER, "mail": MAIL | {"verzonden": 1, "afgemeld": 1}}, False),
        ({**HIER, "mail": MAIL | {"wachtend": 1}}, False),
        ({**HIER, "mail": MAIL | {"onzeker": 1}}, False),  # shown as in doubt
        # It cannot be fetched any more.
        ({**HIER, "mail": MAIL, "vervangen_op": "2026-10-14T09:00:00Z"}, False),
        ({**HIER, "mail": MAIL, "verwijderd_op": "2027-01-12T09:00:00Z"}, False),
    ],
)
def test_a_publication_that_nobody_is_told_of_asks_for_attention(
    module: Page, publicatie: dict[str, Any] | None, expected: bool
) -> None:
    line = {"stage": {"soort": "published"}, "publicatie": publicatie}
    assert _call(module, "untold", line) is expected
    doubt = bool(publicatie and publicatie["mail"]["onzeker"])
    assert _call(module, "asksAttention", line) is (expected or doubt)


def test_a_task_without_a_name_is_known_by_its_place(module: Page) -> None:
    # Cuijk's tasks were skipped before they had a name.
    found = dict(_call(module, "perOrganisatie", taken(TOESTANDEN), VORM, "2026-09"))

    assert list(found) == list(TOESTANDEN)
    assert [name for name, _ in found["Cuijk"]] == list(STAPPEN)


def test_a_branch_of_another_levering_is_not_counted(module: Page) -> None:
    instances = [
        taak("verdeling.publiceren", 0, "Almere (avd_1)", "success", dag="alleenverdieners"),
        taak("verdeling.publiceren", 1, "Ede (avd_2)", "success", dag="alleenverdieners"),
    ]

    assert [name for name, _ in _call(module, "perOrganisatie", instances, AVD, "avd_2")] == ["Ede"]


def test_what_fails_outside_an_organisation_is_found(module: Page) -> None:
    instances = [*taken(TOESTANDEN), taak("ronde_samenstellen", -1, None, "failed")]

    assert [ti["task_id"] for ti in _call(module, "failedElsewhere", instances, VORM)] == [
        "ronde_samenstellen"
    ]


def test_errors_add_up_the_most_frequent_first(module: Page) -> None:
    leveringen = [{"fouten": {"V041": 2, "V052": 1}}, None, {"fouten": {"V041": 3, "V011": 1}}]

    assert _call(module, "errors", leveringen) == [["V041", 5], ["V011", 1], ["V052", 1]]


def test_durations_have_a_median_and_a_longest(module: Page) -> None:
    asked = ["toetsing.goedkeuren", {"state": "success", "duration": 90000}]  # it waited for a human
    lines = [
        {"taken": [["intake", {"state": "success", "duration": seconds}], asked]} for seconds in (4, 1, 3, 8)
    ] + [{"taken": [["intake", {"state": "running", "duration": None}]]}]
    steps = ["intake", "toetsing.goedkeuren", "toetsing.publiceren"]
    script = (
        "import('/bidn/rondes/pagina/stand.js').then((m) => m.durations("
        f"{json.dumps(lines)}.map((line) => ({{ taken: new Map(line.taken) }})), {json.dumps(steps)}))"
    )

    assert module.js(script) == [
        ["intake", {"median": 3.5, "longest": 8, "n": 4}],
        ["toetsing.goedkeuren", {"median": None, "longest": None, "n": 0}],
        ["toetsing.publiceren", {"median": None, "longest": None, "n": 0}],
    ]
