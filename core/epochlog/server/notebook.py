"""``epochlog.ui()``: the UI inside of a notebook, or its address elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from epochlog.server.serve import Serving, prepare

_running: dict[str, Serving] = {}


class Shown:
    """The UI of a store; notebooks show it in a frame, ``url`` is where it is.

    Args:
        serving: its server, which runs in a thread of this process.
        path: which view, relative to ``url``.
        height: of the frame in pixels.
    """

    def __init__(self, serving: Serving, path: str, height: int) -> None:
        self._serving = serving
        self._height = height
        self.url = serving.url + path.lstrip("/")

    def stop(self) -> None:
        """End the server."""
        self._serving.stop()
        for store, serving in list(_running.items()):
            if serving is self._serving:
                del _running[store]

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{escape(self.url)}" width="100%" height="{self._height}" '
            'style="border: 1px solid #8884" title="epochlog"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<epochlog UI at {self.url}>"


def show(
    store: str | Path | None = None, *, path: str = "", port: int | None = None, height: int = 800
) -> Shown:
    """Serve a store in a thread of this process (once per store) and return what shows it."""
    key = "" if store is None else str(store)
    serving = _running.get(key)
    if serving is None:
        serving = prepare(key or None, port=port, framed=True)
        _running[key] = serving.start()
    return Shown(_running[key], path, height)
