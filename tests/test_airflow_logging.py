"""The log file of a task, as Airflow's supervisor writes it, with the filter in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

SUPERVISOR = """
    import logging
    from airflow.sdk.execution_time.supervisor import _configure_logging, process_log_messages_from_subprocess

    logger, bestand = _configure_logging("dag/run/task/attempt=1.log", client=None)
    lees = process_log_messages_from_subprocess((logger,))
    next(lees)
    lees.send(b'{"timestamp":"2026-11-21T22:30:33.046958Z","level":"info","event":"BRP asked about 999900018",'
              b'"logger":"task","bsn":999900018,"aantal":2}\\n')
    lees.send(b'{"timestamp":"2026-11-21T22:30:34.046958Z","level":"error","event":"Task failed","error_detail":'
              b'[{"exc_type":"KeyError","exc_value":"\\'999900018\\'","frames":[{"filename":"x.py","lineno":7}]}]}\\n')
    logger.info("printed: NL91ABNA0417164300, X999XX, rows 12, sha 1d999900018aaf")
    bestand.close()
"""

DRAAIEN = """
    import logging, structlog
    from airflow.sdk.log import configure_logging

    configure_logging(json_output=True)
    structlog.get_logger("taak").info("BRP asked about %s", "999900018")
    logging.getLogger("include.bronnen").warning("asked %s in %d batches", 999900018, 3)
    try:
        raise KeyError("999900018")
    except KeyError:
        logging.getLogger("include.bronnen").exception("failed")
"""


def _draai(programma: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    omgeving = os.environ | {
        "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": "include.airflow_logging.LOGGING_CONFIG",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(tmp_path),
        "PYTHONPATH": ".",
    }
    klaar = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(programma)], env=omgeving, capture_output=True, text=True
    )
    assert klaar.returncode == 0, klaar.stderr
    return klaar


def test_the_supervisor_writes_task_logs_without_bsns(tmp_path: Path):
    _draai(SUPERVISOR, tmp_path)
    tekst = (tmp_path / "dag/run/task/attempt=1.log").read_text(encoding="utf-8")
    gevraagd, mislukt, geprint = [json.loads(regel) for regel in tekst.splitlines()]
    assert gevraagd["event"] == "BRP asked about [BSN]"
    assert (gevraagd["bsn"], gevraagd["aantal"]) == ("[BSN]", 2)
    assert gevraagd["timestamp"] == "2026-11-21T22:30:33.046958Z"
    assert mislukt["error_detail"][0]["exc_value"] == "'[BSN]'"
    assert mislukt["error_detail"][0]["frames"][0]["lineno"] == 7
    assert geprint["event"] == "printed: [rekeningnummer], [kenteken], rows 12, sha 1d999900018aaf"


def test_what_a_process_of_airflow_logs_goes_through_the_filter_too(tmp_path: Path):
    klaar = _draai(DRAAIEN, tmp_path)
    assert "999900018" not in klaar.stdout + klaar.stderr
    assert klaar.stdout.count("[BSN]") >= 3
    assert "in 3 batches" in klaar.stdout
