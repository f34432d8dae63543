"""Drive a real headless Chromium and look at a page from inside (`probe.js`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

PROBE = Path(__file__).with_name("probe.js")
SIZE = {"width": 1440, "height": 900}
LIMIT_MS = 120_000
ARGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Return the browser's path, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a headless Chromium."""
    from playwright.sync_api import sync_playwright

    args = [*ARGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=args)
        try:
            yield found
        finally:
            found.close()


class Tab:
    """A tab that is watched from inside, with a cache of its own.

    Attributes:
        page: Playwright's page.
        complaints: what its console and its scripts said, and answers that were errors.
    """

    def __init__(self, browser: Any) -> None:
        self._context = browser.new_context(
            viewport=SIZE, reduced_motion="reduce", color_scheme="light"
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(LIMIT_MS)
        self.page.add_init_script(path=str(PROBE))
        self.complaints: list[str] = []
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._look)

    def _look(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def open(self, address: str) -> None:
        """Load a page anew, as a reader who typed its address."""
        self.page.goto("about:blank")
        self.page.goto(address, wait_until="commit")

    def ask(self, script: str, given: Any = None) -> Any:
        """Return what a function in the page returns; the page's policy forbids no such call."""
        return self.page.evaluate(script, given)
