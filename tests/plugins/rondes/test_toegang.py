"""Who gets what from the page, asked of Airflow's own api-server with its simple auth manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from voorbeeld import GEHEIM, RONDE, RUN

from include.storage.database import Database

DATA = [
    "/bidn/rondes/gegevens/bijzondere_bijstand/periodes",
    f"/bidn/rondes/gegevens/bijzondere_bijstand/overzicht?periode={RONDE}",
    f"/bidn/rondes/gegevens/bijzondere_bijstand/run?run={RUN.replace('+', '%2B')}",
    "/bidn/rondes/gegevens/alleenverdieners/periodes",
]
SHELL = ["/bidn/rondes/", "/bidn/rondes/pagina/rondes.js", "/bidn/rondes/pagina/rondes.css"]
ROLES = ["viewer", "user", "op", "admin"]


@pytest.fixture(scope="module")
def airflow(airflow_db: str) -> Iterator[TestClient]:
    """Airflow's api-server, with the plugins it finds in our folder."""
    from airflow.api_fastapi.app import cached_app, purge_cached_app

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "of this test " * 8)
        purge_cached_app()
        # Follows no redirects: a login page is not an answer.
        yield TestClient(cached_app(apps="core"), follow_redirects=False, raise_server_exceptions=False)
        purge_cached_app()


def _get(airflow: TestClient, path: str, **user: Any) -> Any:
    """Ask as a user of a role (None: known, without rights); without ``role``, as nobody."""
    return airflow.get(path, headers=_headers(**user))


def _headers(**user: Any) -> dict[str, str]:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    if not user:
        return {}
    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="someone", **user))
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", [*DATA, *SHELL])
def test_nobody_gets_anything_without_logging_in(airflow: TestClient, database: Database, path: str) -> None:
    answer = _get(airflow, path)

    assert answer.status_code == 401
    assert answer.json() == {"detail": "Not authenticated"}


@pytest.mark.parametrize("path", [*DATA, *SHELL])
def test_a_forged_token_is_refused(airflow: TestClient, database: Database, path: str) -> None:
    assert airflow.get(path, headers={"Authorization": "Bearer x.y.z"}).status_code == 403


@pytest.mark.parametrize("path", DATA)
def test_figures_need_the_right_to_read_the_runs_of_the_dag(
    airflow: TestClient, database: Database, path: str
) -> None:
    assert _get(airflow, path, role=None).status_code == 403
    assert {role: _get(airflow, path, role=role).status_code for role in ROLES} == dict.fromkeys(ROLES, 200)


def test_the_cookie_of_the_ui_is_enough(airflow: TestClient, database: Database) -> None:
    token = _headers(role="viewer")["Authorization"].removeprefix("Bearer ")

    assert airflow.get(DATA[0], headers={"Cookie": f"_token={token}"}).status_code == 200


@pytest.mark.parametrize("path", ["/bidn/rondes/docs", "/bidn/rondes/redoc", "/bidn/rondes/openapi.json"])
def test_the_api_does_not_describe_itself(airflow: TestClient, path: str) -> None:
    assert _get(airflow, path, role="admin").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(airflow: TestClient, database: Database, method: str) -> None:
    statuses = {airflow.request(method, path, headers=_headers(role="admin")).status_code for path in DATA}

    assert statuses == {405}


@pytest.mark.parametrize("name", ["..%2Fapp.py", "app.py", "%2Fetc%2Fpasswd", ""])
def test_only_the_files_of_the_page_are_given(airflow: TestClient, name: str) -> None:
    assert _get(airflow, f"/bidn/rondes/pagina/{name}", role="admin").status_code == 404


def test_the_page_may_do_no_more_than_it_needs_and_data_is_not_kept(
    airflow: TestClient, database: Database
) -> None:
    page, data = (_get(airflow, path, role="viewer") for path in (SHELL[0], DATA[0]))

    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert data.headers["Cache-Control"] == "no-store"
    again = airflow.get(SHELL[0], headers=_headers(role="viewer") | {"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_figures_name_organisations_and_nobody_else(airflow: TestClient, database: Database) -> None:
    text = _get(airflow, DATA[1], role="viewer").text

    assert "Almere" in text
    assert GEHEIM not in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("bijzondere_bijstand/overzicht?periode=2031-01", 404, "ronde 2031-01 was not opened"),
        ("alleenverdieners/overzicht?periode=avd_x", 404, "levering avd_x is unknown"),
        ("bewaartermijn/periodes", 422, "bijzondere_bijstand"),
    ],
)
def test_what_is_not_there_says_so(
    airflow: TestClient, database: Database, path: str, status: int, words: str
) -> None:
    answer = _get(airflow, f"/bidn/rondes/gegevens/{path}", role="viewer")

    assert answer.status_code == status
    assert words in answer.text


def test_a_database_that_is_away_is_told_without_its_address(
    airflow: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIDN_DATABASE_URL", "postgresql+psycopg://rol:wachtwoord@127.0.0.1:1/bidn")
    answer = _get(airflow, DATA[0], role="viewer")

    assert answer.status_code == 503
    assert "cannot be reached" in answer.json()["detail"]
    assert "wachtwoord" not in answer.text
