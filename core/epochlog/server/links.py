"""How answers refer to runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from epochlog.query.loading import Page
from epochlog.query.opening import Reader
from epochlog.query.run_view import RunView
from epochlog.server.values import cut


def run_link(view: RunView) -> dict[str, Any]:
    """Return a `RunLink`."""
    return {"id": view.id, "name": cut(view.name), "kind": view.kind, "status": view.status}


def run_links(reader: Reader, pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return pk -> `RunLink` of the runs that there are."""
    page = Page(reader, list(pks))
    return {pk: run_link(RunView(page, pk)) for pk in page.pks if pk in page.runs}
