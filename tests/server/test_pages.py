"""The built files of the UI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.responses import FileResponse

from epochlog.server.pages import page_answer


@pytest.fixture
def web(tmp_path: Path) -> Path:
    root = tmp_path / "_web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<title>epochlog</title>")
    (root / "assets" / "app.js").write_text("1")
    (root / ".stamp").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    os.symlink(tmp_path / "outside.txt", root / "assets" / "link.txt")
    return root


def served(web: Path, path: str) -> str | int:
    """Return the name of the file that answers, or the status."""
    answer = page_answer(path, folder=web)
    return Path(answer.path).name if isinstance(answer, FileResponse) else answer.status_code


@pytest.mark.parametrize("path", ["", "runs/abc", "p/default/runs", "runs/a.b", "index.html"])
def test_every_view_is_the_one_page(web, path):
    """Deep links are answered by the page, which reads its address."""
    assert served(web, path) == "index.html"


def test_files_are_served_by_type(web):
    """Scripts come as scripts, and may be kept: their names change with their content."""
    answer = page_answer("assets/app.js", folder=web)

    assert answer.media_type == "text/javascript"
    assert "immutable" in answer.headers["cache-control"]
    assert page_answer("", folder=web).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["../outside.txt", "assets/../../outside.txt", "assets/link.txt", ".stamp", "/etc/passwd", "\0", "a" * 5000]
)  # fmt: skip
def test_nothing_else_is_served(web, path):
    """Not what lies outside, not through a link, not hidden files."""
    assert served(web, path) in ("index.html", 404)


def test_a_missing_script_is_missing(web):
    """A page instead of a script would only be a riddle in the console."""
    assert served(web, "assets/old.js") == 404


def test_without_the_built_pages_one_says_so(tmp_path):
    """The server answers with what to do."""
    answer = page_answer("", folder=tmp_path)

    assert answer.status_code == 503
    assert b"pip install" in answer.body
