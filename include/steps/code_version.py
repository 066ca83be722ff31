"""Which code computed a report, for its manifest."""

from __future__ import annotations

import os
import subprocess
from functools import cache

from include.settings import PROJECT


@cache
def codeversie() -> str:
    """Return BIDN_CODEVERSIE (set when an image is built), else the commit of the checkout, else ``onbekend``."""
    gezet = os.environ.get("BIDN_CODEVERSIE")
    if gezet:
        return gezet
    try:
        uitkomst = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git the checkout was made with
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "onbekend"
    return uitkomst.stdout.strip()
