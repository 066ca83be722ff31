"""The portal and its identity provider over HTTP, and Debian's Chromium to look at it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

AXE = (Path(__file__).parent / "derden" / "axe.min.js").read_text(encoding="utf-8")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--lang=nl-NL",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def serve(app: FastAPI, port: int) -> Iterator[None]:
    """Serve an application until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the portal did not start"
        assert time.monotonic() < deadline, "the portal did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """One window, that remembers what a browser complains of."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> Window:
        window = cls(context, context.new_page())
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on(
            "console", lambda line: window.complaints.append(line.text) if line.type == "error" else None
        )
        return window

    def violations(self) -> list[str]:
        """What axe finds on the page as it stands: rule, and where."""
        # Evaluated in the page, past its own policy for scripts.
        self.page.evaluate(AXE)
        found = self.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)["violations"]
        return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]

    def overflow(self) -> list[str]:
        """What sticks out of the window at its right: the reader would have to scroll two ways."""
        return self.page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return [];
              return [...document.querySelectorAll('body *')]
                .filter((one) => one.getBoundingClientRect().right > width + 1)
                .map((one) => one.outerHTML.slice(0, 120));
            }"""
        )

    def broken_words(self) -> list[str]:
        """Table cells so narrow that a word stands in pieces: fewer than four letters fit beside each other."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('td, th')]
              .filter((cell) => cell.checkVisibility() && cell.innerText.trim().length > 6
                && cell.clientWidth - 8 < 4 * parseFloat(getComputedStyle(cell).fontSize) * 0.55)
              .map((cell) => cell.innerText.slice(0, 40))"""
        )
