"""The first answer of the runbook, done by ops in a browser in a real Airflow: clear only what failed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from include.local import environment
from include.local.airflow_api import AirflowApi, wait_for
from include.local.config import Config
from tests.local.test_launcher import Demo, _launch, _runs, settings  # noqa: F401 - a fixture
from tests.portaal.browser import CHROMIUM, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium to click (Debian: apt-get install chromium)"),
]
PATIENCE = 180_000  # ms


def test_ops_clear_only_what_failed_and_the_run_ends_well(
    settings: Config,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    (tmp_path / "stuk").touch()

    def mend(where: Config) -> None:
        (tmp_path / "stuk").unlink()
        airflow = _api(where, "engineer")
        run = airflow.latest_runs("proef")[0]
        assert run.state == "failed"
        _clear_failed(where, f"{where.airflow_url}/dags/proef/runs/{quote(run.dag_run_id, safe='')}")
        wait_for(
            lambda: airflow.run("proef", run.dag_run_id).state == "success", lambda: None, 300, "not mended"
        )

    _launch(settings, Demo(mend), ends=1)
    assert len(_runs(settings)) == 3  # what succeeded was not done again


def _clear_failed(where: Config, address: str) -> None:
    """Click what the runbook says, as ops."""
    with chromium() as browser:
        page = browser.new_context(locale="en", viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{where.airflow_url}/auth/login/")
        page.locator("input[name=username]").fill("ops")
        page.locator("input[name=password]").fill(environment.load_secrets(where.secrets)["login_ops"])
        page.locator("button[type=submit]").click()
        page.wait_for_url(lambda url: "login" not in url)
        page.goto(address)
        page.get_by_label("Press shift+c to clear").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Clear only failed tasks").click()
        dialog.get_by_text("regels").first.wait_for()
        dialog.get_by_role("button", name="Confirm").click()
        dialog.wait_for(state="hidden")


def _api(where: Config, user: str) -> AirflowApi:
    airflow = AirflowApi(where.airflow_url, user, environment.load_secrets(where.secrets)[f"login_{user}"])
    airflow.log_in()
    return airflow
