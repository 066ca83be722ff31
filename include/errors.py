"""The project's own exceptions: what went wrong decides what Airflow does next.

Three questions split them: is the *data* wrong (fail at once, a retry changes nothing), is a *source* or
other outside service unwell (retry, within the deadline), or is the *installation* wrong (fail, ops must act)?
Messages say what happened, to which organisation and ronde, and what to do. They never carry a BSN, name,
birth date, kenteken or account number: the text ends up in logs and alerts.
"""

from __future__ import annotations

import traceback
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1]
_ONZE = ("include", "plugins", "dags")


class BidnFout(Exception):
    """Root of every error this project raises on purpose."""


class GegevensFout(BidnFout):
    """The data handed in or stored is wrong or gone: fails at once, a retry would fail the same way."""


class BestandFout(GegevensFout):
    """A delivered file cannot be read as what it should be; ``reden`` is a Dutch sentence for the municipality."""

    def __init__(self, reden: str) -> None:
        super().__init__(reden)
        self.reden = reden


class RondeFout(GegevensFout):
    """The ronde asked for is not a ronde, or its rapportagemaand has not begun (besluit B3)."""


class NormFout(GegevensFout):
    """A dated norm is missing, overlaps or is malformed (besluit B9); names the file to mend."""


class ControleFout(GegevensFout):
    """A control total or cross-check does not hold; nothing was published."""


class BronFout(BidnFout):
    """A source did not answer, or not as its contract says: retried within the deadline.

    ``wachttijd`` is the number of seconds the source itself asked us to wait (Retry-After), if it did.
    """

    def __init__(self, melding: str, *, bron: str, wachttijd: float | None = None) -> None:
        super().__init__(melding)
        self.bron = bron
        self.wachttijd = wachttijd


class BronAntwoordFout(BronFout):
    """A source answered, but not what was asked: missing, duplicate or foreign BSNs, or a malformed body.

    No outage: tried a few times only.
    """


class BronWeigering(GegevensFout):
    """A source refused our request as such (HTTP 4xx other than 408/429): our fault or our rights, no retry."""


class MailFout(BidnFout):
    """The mail server did not take a notification; the publication stands, the task retries."""


class OpslagFout(BidnFout):
    """Storage or database is unavailable, full or read-only: retried."""


class InstallatieFout(BidnFout):
    """Something of this installation is missing or misconfigured; ops must act, a retry does not help."""


def soort_en_plaats(fout: BaseException) -> str:
    """Return the class of an error that is not ours, and the innermost line of ours that it came through.

    Its words are left out: they are by people who know nothing of ours, and may quote a person.
    """
    eigen = ""
    for regel in traceback.extract_tb(fout.__traceback__):
        pad = Path(regel.filename)
        if pad.is_relative_to(_PROJECT) and pad.relative_to(_PROJECT).parts[0] in _ONZE:
            eigen = f" in {pad.relative_to(_PROJECT)}, line {regel.lineno} ({regel.name})"
    return type(fout).__name__ + eigen
