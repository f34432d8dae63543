"""Serve the built pages of the UI; a plain page says what to do where they were not built."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from starlette.responses import HTMLResponse, Response

from epochlog.server.answers import Refused, error_answer

WEB = Path(__file__).parent / "_web"

_ABSENT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>epochlog: no pages</title>
<h1>The pages of the web UI are not part of this installation.</h1>
<p>They are built when epochlog is installed; this installation left that out
(<code>EPOCHLOG_WEB=skip</code>), or runs from a source tree where they were not built.</p>
<p>Build them: <code>pip install --force-reinstall --no-deps epochlog</code>, or in a source tree
<code>pip install -e .</code></p>
<p>Everything else works: the command line, Python, and this server's
<a href="api/info">API</a>.</p></html>
"""


def page_answer(path: str, *, packed: bool = False, folder: Path | None = None) -> Response:
    """Return a built file, or for the address of a view (which no file has) the UI's one page.

    Args:
        path: what comes after the UI's own address, without a leading slash.
        packed: whether who asks takes gzip.
        folder: where the built files are.
    """
    root = WEB if folder is None else folder
    index = root / "index.html"
    if not index.is_file():
        return HTMLResponse(_ABSENT, 503, {"Cache-Control": "no-store"})
    file = _inside(root, path)
    if file is not None:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        kind = "text/javascript" if file.suffix in (".js", ".mjs") else kind
        hashed = "assets" in file.relative_to(root).parts
        caching = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return _file_answer(file, kind, caching, packed)
    if "." in path.rsplit("/", 1)[-1] and path.startswith("assets/"):
        missing = Refused("there is no such file", status=404, kind="not_found")
        return error_answer(missing)
    return _file_answer(index, "text/html", "no-cache", packed)


def _file_answer(file: Path, kind: str, caching: str, packed: bool) -> Response:
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if packed and (kind.startswith("text/") or kind == "image/svg+xml"):
        headers["Content-Encoding"] = "gzip"
        content = _packed(file, file.stat().st_mtime_ns)
    else:
        content = file.read_bytes()
    return Response(content, media_type=kind, headers=headers)


@lru_cache(maxsize=128)
def _packed(file: Path, mtime_ns: int) -> bytes:
    """Return a file's content packed; `mtime_ns` tells whether it is still the same."""
    del mtime_ns
    return gzip.compress(file.read_bytes())


def _inside(root: Path, path: str) -> Path | None:
    """Return the file of this path, if it is one and lies inside of the folder."""
    if not path or "\0" in path or len(path) > 1_000:
        return None
    try:
        file = (root / path).resolve()
        inside = file.is_relative_to(root.resolve()) and file.is_file()
    except (OSError, ValueError):
        return None
    if not inside or any(part.startswith(".") for part in file.relative_to(root.resolve()).parts):
        return None
    return file
