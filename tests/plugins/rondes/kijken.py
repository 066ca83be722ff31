"""How the tests look at the page."""

from __future__ import annotations

import json
from typing import Any

from chromium import Page

READY = "document.querySelector('#tabel tbody tr') && document.getElementById('inhoud').ariaBusy === 'false'"
AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What the page does when it comes into sight: read again, at once."""
IN_FRAME = "document.querySelector('iframe').contentDocument"


def rows(page: Page) -> dict[str, list[str]]:
    """The cells of every line by organisation."""
    rows = page.js(
        "[...document.querySelectorAll('#tabel tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return {first: rest for first, *rest in rows}


def text(page: Page, selector: str) -> str:
    return str(page.js(f"document.querySelector({json.dumps(selector)}).innerText"))


def click(page: Page, selector: str) -> None:
    page.js(f"document.querySelector({json.dumps(selector)}).click()")


def tile(page: Page, name: str) -> None:
    click(page, f"[data-tile={name}]")


def focused(page: Page) -> Any:
    return page.js("document.activeElement.id || document.activeElement.textContent.trim()")
