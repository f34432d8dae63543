"""Real stores, the real server, a real browser; any complaint in the browser's console fails a test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import environment, run_python

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "core" / "epochlog" / "server" / "_web"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WAIT_MS = 60_000
"""Browsers are slow on a busy machine; nothing is asserted on how long things take."""
ARGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVE = "from epochlog.cli.main import main; main()"


def _missing() -> str:
    if CHROMIUM is None:
        return "needs Chromium: apt-get install chromium"
    if not (WEB / "index.html").exists():
        return "needs the built web UI: pip install -e ."
    try:
        import playwright.sync_api as api  # the driver that speaks with Chromium
    except ImportError:
        return "needs playwright: pip install -e '.[test]'"
    api.expect.set_options(timeout=WAIT_MS)
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip with the reason where there is no browser; with EPOCHLOG_UI_TESTS=1 that is an error."""
    ours = [item for item in items if Path(item.path).is_relative_to(HERE)]
    missing = _missing() if ours else ""
    if missing and os.environ.get("EPOCHLOG_UI_TESTS") == "1":
        raise pytest.UsageError(f"tests/ui {missing}")
    for item in ours if missing else ():
        item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], str]]:
    """Start a server on a store; the answer is its address, ending in "/"."""
    servers: list[subprocess.Popen[str]] = []

    def start(store: Path) -> str:
        command = [sys.executable, "-c", SERVE, "ui", "--no-browser", "--port", "0"]
        server = subprocess.Popen(
            [*command, "--store", str(store)],
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        found = re.search(r"http://\S+/", server.stdout.readline())
        assert found is not None
        return found[0]

    yield start
    for server in servers:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def ui(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[Path], str],
) -> str:
    """A server on a store that the module's script ``FILL`` has recorded."""
    store = tmp_path_factory.mktemp(request.module.__name__.rsplit(".", maxsplit=1)[-1]) / "store"
    done = run_python(request.module.FILL, EPOCHLOG_STORE=str(store))
    assert done.returncode == 0, done.stderr
    return serve(store)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a module: its driver's event loop must not outlast the browser tests."""
    from playwright.sync_api import sync_playwright

    args = [*ARGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield found
        found.close()


@pytest.fixture
def no_errors() -> list[str]:
    """What the console, scripts and dialogs said; tests take out what they provoke."""
    return []


@pytest.fixture
def page(chromium: Any, no_errors: list[str]) -> Iterator[Any]:
    """A new tab, wide enough for table and charts."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", color_scheme="light"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.on("console", lambda each: each.type == "error" and no_errors.append(each.text))
    page.on("pageerror", lambda each: no_errors.append(str(each)))
    page.on("dialog", lambda each: (no_errors.append(f"dialog {each.message}"), each.dismiss()))
    yield page
    context.close()
    assert no_errors == []
