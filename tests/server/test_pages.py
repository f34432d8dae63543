"""The built files of the UI."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

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
    if answer.status_code != 200:
        return answer.status_code
    return next(
        file.name for file in web.rglob("*") if file.is_file() and file.read_bytes() == answer.body
    )


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


def test_files_come_packed_to_those_who_take_it(web):
    """Scripts and styles are several times shorter; a new build of the same name is seen."""
    script = web / "assets" / "app.js"
    script.write_text("const one = 1;\n" * 100)
    answer = page_answer("assets/app.js", packed=True, folder=web)
    script.write_text("const two = 2;\n" * 100)
    os.utime(script, ns=(1, 1))
    again = page_answer("assets/app.js", packed=True, folder=web)

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.body) == b"const one = 1;\n" * 100
    assert len(answer.body) < 100
    assert gzip.decompress(again.body) == b"const two = 2;\n" * 100
