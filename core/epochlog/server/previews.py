"""A safe look into an artifact: as text, as a table, or the address of what a browser can show."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from urllib.parse import quote

from epochlog.base.errors import StoreError
from epochlog.query.artifacts import ArtifactView
from epochlog.server.artifacts import find_version, media_type
from epochlog.server.library import Library
from epochlog.server.values import cell, cut

TEXT_MAX = 200_000
READ_MAX = 64 * 2**20
ROWS_MAX, COLUMNS_MAX = 500, 200


def preview(library: Library, id: str, file: str) -> dict[str, Any]:
    """Answer GET api/artifacts/{id}/preview."""
    view, _ = find_version(library.reader, id)
    name = file or view.name
    kind = media_type(name)
    size = view.files[file][1] if file in view.files else view.size
    answer: dict[str, Any] = {"kind": "binary", "media_type": kind, "size": size}
    if view.files and not file:
        return {**answer, "kind": "folder", "media_type": "", "size": view.size}
    try:
        digest = view.digest_of(file)
    except StoreError as error:
        return {**answer, "kind": "missing", "problem": str(error)}
    address = f"api/artifacts/{quote(id)}/content?v={digest[:12]}"
    address += f"&file={quote(file, safe='')}" if file else ""
    answer.update(content=address, download=f"{address}&download=1")
    shown = _shown_as(kind, name)
    if shown in ("image", "svg", "html", "audio", "video"):
        return {**answer, "kind": shown}
    if size is not None and size > READ_MAX:
        return {**answer, "problem": "too large to look into"}
    try:
        return {**answer, **_content(view, file, name)}
    except StoreError as error:
        return {**answer, "kind": "missing", "problem": str(error)}


def _shown_as(kind: str, name: str) -> str:
    if kind == "image/svg+xml":
        return "svg"
    if kind == "text/html":
        return "html"
    head = kind.split("/", maxsplit=1)[0]
    return head if head in ("image", "audio", "video") and "." in name else ""


def _content(view: ArtifactView, file: str, name: str) -> dict[str, Any]:
    raw = view.read_bytes(file)
    if name.endswith(".npy"):
        return _array(raw)
    if name.endswith(".npz"):
        return _arrays(raw)
    try:
        text = raw[: TEXT_MAX * 4].decode(
            "utf-8", "strict" if len(raw) <= TEXT_MAX * 4 else "ignore"
        )
    except UnicodeDecodeError:
        return {"kind": "binary"}
    if "\0" in text:
        return {"kind": "binary"}
    lowered = name.lower()
    truncated = len(raw) > TEXT_MAX * 4 or len(text) > TEXT_MAX
    if lowered.endswith((".csv", ".tsv")):
        return _table(text, "\t" if lowered.endswith(".tsv") else ",", truncated=truncated)
    if lowered.endswith((".json", ".ipynb")) and not truncated:
        try:
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
            return {"kind": "json", "text": cut(text, TEXT_MAX), "truncated": len(text) > TEXT_MAX}
        except (ValueError, RecursionError):
            pass
    return {"kind": "text", "text": cut(text, TEXT_MAX), "truncated": truncated}


def _array(raw: bytes) -> dict[str, Any]:
    """Look into a NumPy array: its rows if it has one or two dimensions; pickles are never read."""
    import numpy as np

    try:
        array = np.load(io.BytesIO(raw), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        return {"kind": "binary", "problem": cut(f"no array that is safe to read: {error}")}
    told = f"{array.dtype} array of shape {array.shape}"
    if array.ndim not in (1, 2) or array.dtype.names is not None:
        return {"kind": "binary", "text": told}
    rows = array if array.ndim == 2 else array[:, None]
    shown = rows[:ROWS_MAX, :COLUMNS_MAX].tolist()
    table = {
        "columns": [str(place) for place in range(min(rows.shape[1], COLUMNS_MAX))],
        "rows": [[cell(value) for value in row] for row in shown],
        "total": len(rows),
    }
    cut_off = rows.shape[0] > ROWS_MAX or rows.shape[1] > COLUMNS_MAX
    return {"kind": "table", "table": table, "text": told, "truncated": cut_off}


def _arrays(raw: bytes) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            found = [(each.filename.removesuffix(".npy"), each.file_size) for each in file.filelist]
    except zipfile.BadZipFile:
        return {"kind": "binary", "problem": "no archive of arrays"}
    rows = [[cut(name), size] for name, size in found[:ROWS_MAX]]
    table = {"columns": ["array", "bytes"], "rows": rows, "total": len(found)}
    return {"kind": "table", "table": table, "truncated": len(found) > ROWS_MAX}


def _table(text: str, delimiter: str, *, truncated: bool) -> dict[str, Any]:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return {"kind": "text", "text": cut(text, TEXT_MAX), "truncated": truncated}
    if truncated and rows:
        rows.pop()  # cut in the middle, perhaps
    head, body = (rows[0], rows[1:]) if rows else ([], [])
    shown = [[cell(value) for value in row[:COLUMNS_MAX]] for row in body[:ROWS_MAX]]
    table = {
        "columns": [cut(name) for name in head[:COLUMNS_MAX]],
        "rows": shown,
        "total": None if truncated else len(body),
    }
    return {"kind": "table", "table": table, "truncated": len(body) > len(shown)}
