"""Show figures that users logged: each as the object of its own library, or as a picture."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from epochlog.base.errors import EpochlogError

_MIME = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "plotly": "application/vnd.plotly.v1+json",
    "vega-lite": "application/vnd.vegalite.v5+json",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A logged figure that notebooks show and `save` writes to a file.

    Attributes:
        format: svg, png, plotly or vega-lite.
        content: SVG text, PNG in base64, or a specification.
    """

    format: str
    content: Any

    def save(self, path: str | Path) -> Path:
        """Write the figure in its own format (.svg, .png; specifications as .json)."""
        target = Path(path)
        if self.format == "png":
            target.write_bytes(base64.b64decode(self.content))
        else:
            text = self.content if self.format == "svg" else json.dumps(self.content)
            target.write_text(text, encoding="utf-8")
        return target

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {_MIME[self.format]: self.content, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Picture {self.format}>"


def show(data: Mapping[str, Any]) -> Any:
    """Return a logged figure as a ``plotly`` figure, an ``altair`` chart, or a `Picture`.

    Plotly's and Altair's own objects are made if the library is installed.
    """
    kind, content = data["format"], data["content"]
    if kind == "plotly" and find_spec("plotly"):
        return import_module("plotly.io").from_json(json.dumps(content), skip_invalid=True)
    if kind == "vega-lite" and find_spec("altair"):
        return import_module("altair").Chart.from_dict(dict(content))
    return Picture(kind, content)


def specification(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Vega-Lite specification of a logged figure.

    Raises:
        EpochlogError: it was drawn with something else.
    """
    if data["format"] != "vega-lite":
        raise EpochlogError(f"a figure logged as {data['format']} has no Vega-Lite specification")
    return dict(data["content"])
